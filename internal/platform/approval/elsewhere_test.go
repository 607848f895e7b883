package approval_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

const (
	province = "VN/GOV/H55/TTHC"
	hub      = "VN/GOV/G06/TRUC"
)

// line is an exchange in memory: it carries calls to the hub's Remote, under the name of the caller.
type line struct {
	to     http.Handler
	away   bool
	calls  int
	change func(path string, answer []byte) []byte
}

type callerKey struct{}

func caller(r *http.Request) string { s, _ := r.Context().Value(callerKey{}).(string); return s }

func (l *line) as(from string) approval.Calls {
	return approval.Calls{Do: func(ctx context.Context, node, method, path string, body []byte) (int, []byte, error) {
		l.calls++
		if l.away || node != hub {
			return 0, nil, errors.New("no route to " + node)
		}
		req := httptest.NewRequest(method, path, strings.NewReader(string(body))).WithContext(context.WithValue(ctx, callerKey{}, from))
		w := httptest.NewRecorder()
		l.to.ServeHTTP(w, req)
		raw, _ := io.ReadAll(w.Body)
		if l.change != nil {
			raw = l.change(path, raw)
		}
		return w.Code, raw, nil
	}}
}

// two are a province with one administrator, and the hub whose operators decide for it.
func two(t *testing.T, home, away *sqldb.DB) (asks, decides *desk, l *line) {
	t.Helper()
	alone := people()[:1]
	alone = append(alone, people()[2:]...)
	asks = newDesk(t, home, alone, approval.Options{Name: "UBND tỉnh Thái Nguyên"})
	decides = newDesk(t, away, []approval.Account{
		{ID: "truc1", Login: "truc", Name: "Hoàng Trực", Roles: []string{"operator"}, Active: true},
		{ID: "ngoai", Login: "ngoai", Name: "Người Ngoài", Roles: []string{"auditor"}, Active: true},
	}, approval.Options{Remote: []string{"operator"}})
	l = &line{to: approval.Remote(decides.Service, caller)}
	asks.Elsewhere(approval.Deputy{Self: province, Node: hub}, l.as(province))
	decides.Elsewhere(approval.Deputy{Self: hub}, nil)
	return asks, decides, l
}

// run runs the jobs of a node that are due, once each.
func (d *desk) run() (faults []error) {
	d.t.Helper()
	list, err := jobs.List(d.t.Context(), d.db, jobs.Filter{State: jobs.Queued})
	if err != nil {
		d.t.Fatal(err)
	}
	handlers := d.Jobs()
	for _, j := range list {
		h := handlers[j.Kind]
		if h == nil || j.Kind == "approval.answers" && j.RunAt.After(d.clock.Now()) {
			continue // the outbox goes by the machine's clock, which is not the test's
		}
		if err := h(d.t.Context(), &jobs.Task{Job: j}); err != nil {
			faults = append(faults, err)
			continue
		}
		if _, err := sqldb.Exec(d.t.Context(), d.db, `UPDATE job SET state = 'done' WHERE id = $1`, j.ID); err != nil {
			d.t.Fatal(err)
		}
	}
	return faults
}

func (d *desk) get(id string) approval.Request {
	d.t.Helper()
	r, err := d.Get(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func eachPair(t *testing.T, f func(t *testing.T, home, away *sqldb.DB)) {
	t.Helper()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		if db.Engine() == sqldb.Postgres {
			f(t, db, sqldbtest.OpenPostgres(t))
			return
		}
		f(t, db, sqldbtest.OpenSQLite(t))
	})
}

func TestALoneAdministratorAsksTheHub(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, home, away *sqldb.DB) {
		ctx := t.Context()
		asks, decides, l := two(t, home, away)
		r := asks.ask(asks.who("an"))
		if r.SentTo != hub || r.State != approval.Open {
			t.Fatalf("asked: %s to %q", r.State, r.SentTo)
		}
		if list, err := asks.Deciders(ctx, r); err != nil || len(list) > 0 {
			t.Errorf("may decide here: %v, %v", list, err)
		}
		// The hub is away: it waits, and says so.
		l.away = true
		if faults := asks.run(); len(faults) != 1 {
			t.Errorf("faults: %v", faults)
		}
		if got := asks.get(r.ID); got.State != approval.Open || !got.Trip.Arrived.IsZero() ||
			got.Trip.Tries != 1 || !got.Trip.Tried.Equal(noon) {
			t.Errorf("while the hub is away: %s, %+v", got.State, got.Trip)
		}
		// The outbox may have given up: the sweep goes on, some hours later.
		asks.clock.add(3 * time.Hour)
		if err := asks.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if got := asks.get(r.ID); got.Trip.Tries != 2 {
			t.Errorf("after the sweep: %+v", got.Trip)
		}
		l.away = false
		for range 2 { // sent twice is no harm
			asks.clock.add(3 * time.Hour)
			if err := asks.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			asks.run()
		}
		if got := asks.get(r.ID); got.Trip.Arrived.IsZero() || got.Trip.Tries != 0 {
			t.Errorf("when it has arrived: %+v", got.Trip)
		}
		// There it stands in the operator's list, in words, without the payload.
		waits, err := decides.Waiting(ctx, decides.who("truc1"))
		if err != nil || len(waits) != 1 || waits[0].ID != r.ID || waits[0].Origin != province || len(waits[0].Payload) > 0 {
			t.Fatalf("Waiting = %+v, %v", waits, err)
		}
		p := catalogue(t).In(i18n.Vi)
		if text := waits[0].Says().In(p); !strings.Contains(text, "Vũ Em giữ vai trò") || waits[0].NodeName(p) != "UBND tỉnh Thái Nguyên" {
			t.Errorf("says %q of %s", text, waits[0].NodeName(p))
		}
		if _, err := decides.Approve(ctx, decides.who("ngoai"), r.ID); key(err) != "approval.denied.decide" {
			t.Errorf("decided by another: %v", err)
		}
		asks.clock.add(time.Minute)
		if faults := asks.run(); len(faults) > 0 || asks.state(r.ID) != approval.Open {
			t.Errorf("before a decision: %v", faults)
		}
		if got, err := decides.Approve(ctx, decides.who("truc1"), r.ID); err != nil ||
			got.State != approval.Approved || len(decides.applied) > 0 {
			t.Fatalf("Approve = %s, %v", got.State, err)
		}
		// The decision comes back and is that of a person of the other node.
		l.away = true
		asks.clock.add(time.Minute)
		asks.run()
		if got := asks.get(r.ID); got.State != approval.Open || got.Trip.Tries != 1 {
			t.Errorf("the hub is away again: %s, %+v", got.State, got.Trip)
		}
		l.away = false
		asks.clock.add(time.Minute)
		asks.run()
		got := asks.get(r.ID)
		if got.State != approval.Approved || got.Decider.Account != hub+"#truc1" ||
			got.Decider.Name != "Hoàng Trực" || got.Decider.Via != "exchange" {
			t.Errorf("decided: %s by %+v", got.State, got.Decider)
		}
		if diff := cmp.Diff([]string{r.ID + " by " + hub + "#truc1"}, asks.applied); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"ask an", "approve " + hub + "#truc1", "applied " + hub + "#truc1"}, asks.logged()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"ask " + province + "#an", "approve truc1"}, decides.logged()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"gained"}, asks.told("em")); diff != "" {
			t.Error(diff)
		}
		calls := l.calls
		asks.clock.add(time.Hour)
		asks.run()
		if err := asks.Sweep(ctx); err != nil || l.calls != calls {
			t.Errorf("asked again when all is decided: %d calls, %v", l.calls-calls, err)
		}
	})
}

func TestADecisionThatIsNotTheOne(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, home, away *sqldb.DB) {
		ctx := t.Context()
		asks, decides, _ := two(t, home, away)
		a, b := asks.ask(asks.who("an")), asks.ask(asks.who("an"))
		asks.run()
		if _, err := decides.Approve(ctx, decides.who("truc1"), a.ID); err != nil {
			t.Fatal(err)
		}
		d, ok, err := decides.DecisionFor(ctx, province, a.ID)
		if err != nil || !ok {
			t.Fatal(err)
		}
		if _, _, err := decides.DecisionFor(ctx, "VN/GOV/H01/TTHC", a.ID); key(err) != "approval.unknown" {
			t.Errorf("told to another node: %v", err)
		}
		tests := []struct {
			name   string
			node   string
			change func(*approval.Decision)
			want   string
		}{
			{name: "from a node that was not asked", node: "VN/GOV/H01/TTHC", want: "approval.answer.stranger"},
			{
				name: "made by another node", node: hub,
				change: func(d *approval.Decision) { d.Node = "VN/GOV/H01/TTHC" }, want: "approval.answer.stranger",
			},
			{
				name: "of another request, under this one's id", node: hub,
				change: func(d *approval.Decision) { d.ID = b.ID }, want: "approval.answer.other",
			},
			{
				name: "of a request with other words", node: hub,
				change: func(d *approval.Decision) { d.Digest = strings.Repeat("0", 64) }, want: "approval.answer.other",
			},
			{name: "without a digest", node: hub, change: func(d *approval.Decision) { d.Digest = "" }, want: "approval.answer.other"},
			{name: "that says neither", node: hub, change: func(d *approval.Decision) { d.State = approval.Open }, want: "approval.answer.none"},
			{name: "by nobody", node: hub, change: func(d *approval.Decision) { d.Account = "" }, want: "approval.answer.none"},
			{name: "on nothing", node: hub, change: func(d *approval.Decision) { d.ID = "none" }, want: "approval.unknown"},
		}
		for _, tt := range tests {
			wrong := d
			if tt.change != nil {
				tt.change(&wrong)
			}
			if _, err := asks.Accept(ctx, tt.node, wrong); key(err) != tt.want {
				t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
			}
		}
		for range 2 { // the right one, and the same again
			if _, err := asks.Accept(ctx, hub, d); err != nil {
				t.Error(err)
			}
		}
		if len(asks.applied) != 1 || asks.state(b.ID) != approval.Open {
			t.Errorf("applied %v, the other is %s", asks.applied, asks.state(b.ID))
		}
		turned := d
		turned.State, turned.Why = approval.Refused, "thôi"
		if _, err := asks.Accept(ctx, hub, turned); key(err) != "approval.closed.approved" {
			t.Errorf("turned round afterwards: %v", err)
		}
		// One that was withdrawn meanwhile.
		if _, err := decides.Approve(ctx, decides.who("truc1"), b.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := asks.Withdraw(ctx, asks.who("an"), b.ID); err != nil {
			t.Fatal(err)
		}
		d, _, err = decides.DecisionFor(ctx, province, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := asks.Accept(ctx, hub, d); key(err) != "approval.closed.withdrawn" {
			t.Errorf("approved what was withdrawn: %v", err)
		}
	})
}

func TestWhatAnotherNodeMaySend(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx, d := t.Context(), newDesk(t, db, people(), approval.Options{Remote: []string{"administrator"}})
		d.Elsewhere(approval.Deputy{Self: hub}, nil)
		words := map[i18n.Lang]approval.Words{i18n.Vi: {Kind: "Vai trò", Says: "Cấp vai trò"}, i18n.En: {Kind: "Roles", Says: "Give roles"}}
		good := approval.Parcel{
			ID: sqldb.NewID(), Node: province, To: hub, Kind: "account.roles", Words: words, Reason: "thay người", Account: "an", Name: "An",
			At: noon, Until: noon.Add(time.Hour), Needs: 1, State: approval.Open,
		}
		own := d.ask(d.who("an"))
		tests := []struct {
			name   string
			from   string
			change func(*approval.Parcel)
			want   string
		}{
			{name: "nobody", want: "approval.remote.stranger"},
			{name: "in another's name", from: "VN/GOV/H01/TTHC", want: "approval.remote.stranger"},
			{name: "to another", from: province, change: func(p *approval.Parcel) { p.To = "VN/GOV/G01/DANCU" }, want: "approval.remote.stranger"},
			{name: "without words", from: province, change: func(p *approval.Parcel) { p.Words = nil }, want: "approval.remote.broken"},
			{name: "without a reason", from: province, change: func(p *approval.Parcel) { p.Reason = "" }, want: "approval.remote.broken"},
			{
				name: "decided already", from: province,
				change: func(p *approval.Parcel) { p.State = approval.Approved }, want: "approval.remote.broken",
			},
			{
				name: "for ever", from: province,
				change: func(p *approval.Parcel) { p.Until = noon.AddDate(2, 0, 0) }, want: "approval.remote.broken",
			},
			{
				name: "a book", from: province,
				change: func(p *approval.Parcel) { p.Reason = strings.Repeat("a", 3000) }, want: "approval.remote.broken",
			},
			{
				name: "under the id of this node's own", from: province,
				change: func(p *approval.Parcel) { p.ID = own.ID }, want: "approval.remote.other",
			},
			{name: "good", from: province},
			{name: "again", from: province},
			{
				name: "again, with other words", from: province,
				change: func(p *approval.Parcel) { p.Reason = "khác" }, want: "approval.remote.other",
			},
			{
				name: "under another's id", from: "VN/GOV/H01/TTHC",
				change: func(p *approval.Parcel) { p.Node = "VN/GOV/H01/TTHC" }, want: "approval.remote.other",
			},
		}
		for _, tt := range tests {
			p := good
			if tt.change != nil {
				tt.change(&p)
			}
			if err := d.Receive(ctx, tt.from, p); key(err) != tt.want {
				t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
			}
		}
		if d.state(good.ID) != approval.Open || d.state(own.ID) != approval.Open {
			t.Error("a request changed its state")
		}
		good.State = approval.Taken
		for range 2 {
			if err := d.Receive(ctx, province, good); err != nil || d.state(good.ID) != approval.Taken {
				t.Errorf("withdrawn: %s, %v", d.state(good.ID), err)
			}
		}
		if _, err := d.Approve(ctx, d.who("binh"), good.ID); key(err) != "approval.closed.withdrawn" {
			t.Errorf("approved what was withdrawn: %v", err)
		}
	})
}

func TestWhatTheOtherNodeLostIsSentAgain(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, home, away *sqldb.DB) {
		asks, decides, _ := two(t, home, away)
		r := asks.ask(asks.who("an"))
		asks.run()
		if _, err := sqldb.Exec(t.Context(), away, `DELETE FROM approval_request`); err != nil {
			t.Fatal(err)
		}
		for range 2 { // asks for the decision, then sends
			asks.clock.add(time.Minute)
			asks.run()
		}
		if got := decides.state(r.ID); got != approval.Open || asks.get(r.ID).Trip.Arrived.IsZero() {
			t.Errorf("there it is %s", got)
		}
	})
}

func TestOneNodeCannotFillTheListOfAnother(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		d := newDesk(t, db, people(), approval.Options{Remote: []string{"administrator"}})
		words := map[i18n.Lang]approval.Words{i18n.Vi: {Kind: "a", Says: "b"}, i18n.En: {Kind: "a", Says: "b"}}
		var err error
		n := 0
		for ; n < 1000 && err == nil; n++ {
			err = d.Receive(t.Context(), province, approval.Parcel{
				ID: sqldb.NewID(), Node: province, To: hub, Kind: "k", Words: words, Reason: "r", Account: "an", Name: "An",
				At: noon, Until: noon.Add(time.Hour), State: approval.Open,
			})
		}
		if key(err) != "approval.remote.many" || n != 201 {
			t.Errorf("after %d: %v", n, err)
		}
	})
}

func TestWithdrawnAtHomeIsWithdrawnThere(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, home, away *sqldb.DB) {
		ctx := t.Context()
		asks, decides, _ := two(t, home, away)
		r := asks.ask(asks.who("an"))
		asks.run()
		if _, err := asks.Withdraw(ctx, asks.who("an"), r.ID); err != nil {
			t.Fatal(err)
		}
		asks.run()
		if got := decides.state(r.ID); got != approval.Taken {
			t.Errorf("there it is %s", got)
		}
		if waits, err := decides.Waiting(ctx, decides.who("truc1")); err != nil || len(waits) > 0 {
			t.Errorf("still waits: %v, %v", waits, err)
		}
	})
}

func TestASecondAdministratorDecidesAtHome(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, home, away *sqldb.DB) {
		ctx := t.Context()
		asks, _, _ := two(t, home, away)
		asks.book.all = people()
		r := asks.ask(asks.who("an"))
		if r.SentTo != "" {
			t.Errorf("sent to %s although two are here", r.SentTo)
		}
		// The second one leaves before deciding: the request goes away by itself.
		asks.book.close("binh")
		if err := asks.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if got := asks.get(r.ID); got.SentTo != hub {
			t.Errorf("sent to %q, want the hub", got.SentTo)
		}
	})
}

func TestADecisionThatCannotTakeEffectIsTriedAgain(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, home, away *sqldb.DB) {
		ctx := t.Context()
		asks, decides, _ := two(t, home, away)
		asks.broken = fault.New(fault.Conflict, "approval.unknown", nil)
		r := asks.ask(asks.who("an"))
		asks.run()
		if _, err := decides.Approve(ctx, decides.who("truc1"), r.ID); err != nil {
			t.Fatal(err)
		}
		asks.clock.add(time.Minute)
		asks.run()
		if got := asks.get(r.ID); got.State != approval.Open || got.Trouble == nil || got.Trouble.Key != "approval.unknown" {
			t.Errorf("%s, %+v", got.State, got.Trouble)
		}
		asks.broken = nil
		asks.clock.add(time.Minute)
		asks.run()
		if got := asks.get(r.ID); got.State != approval.Approved {
			t.Errorf("%s, %+v", got.State, got.Trip)
		}
	})
}
