package approval_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// book is the accounts of a node, in memory.
type book struct {
	mu  sync.Mutex
	all []approval.Account
}

func (b *book) Holding(_ context.Context, _ sqldb.Queryer, roles ...string) ([]approval.Account, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []approval.Account
	for _, a := range b.all {
		if a.Active && a.Has(roles...) {
			out = append(out, a)
		}
	}
	return out, nil
}

func (b *book) ByID(_ context.Context, _ sqldb.Queryer, id string) (approval.Account, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.all {
		if a.ID == id {
			return a, nil
		}
	}
	return approval.Account{}, fault.New(fault.NotFound, "session.account.unknown", nil)
}

func (b *book) close(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.all {
		b.all[i].Active = b.all[i].Active && b.all[i].ID != id
	}
}

// hands is a clock that the test sets.
type hands struct {
	mu sync.Mutex
	at time.Time
}

func (h *hands) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hands) add(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// desk is one node of a test.
type desk struct {
	*approval.Service
	t       *testing.T
	db      *sqldb.DB
	book    *book
	clock   *hands
	applied []string // requests that took effect
	broken  error    // what the kind says instead
}

// the people of a node: two administrators, an auditor with a mailbox, and two others.
func people() []approval.Account {
	return []approval.Account{
		{ID: "an", Login: "an", Name: "Nguyễn Văn An", Roles: []string{"administrator"}, Active: true},
		{ID: "binh", Login: "binh", Name: "Trần Thị Bình", Roles: []string{"administrator"}, Active: true},
		{ID: "chi", Login: "chi", Name: "Lê Chi", Email: "chi@example.vn", Roles: []string{"auditor"}, Active: true},
		{ID: "dung", Login: "dung", Name: "Phạm Dũng", Email: "dung@@", Roles: []string{"leader"}, Active: true},
		{ID: "em", Login: "em", Name: "Vũ Em", Roles: []string{"clerk"}, Active: true},
	}
}

func catalogue(t *testing.T) *i18n.Catalogue {
	t.Helper()
	cat, err := i18n.Load(approval.Messages)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func newDesk(t *testing.T, db *sqldb.DB, who []approval.Account, o approval.Options) *desk {
	t.Helper()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, jobs.Migrate, approval.Migrate} {
		if err := migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	d := &desk{t: t, db: db, book: &book{all: who}, clock: &hands{at: noon}}
	o.Accounts, o.Messages = d.book, catalogue(t)
	d.Service = approval.New(db, d.clock, o)
	d.Register(approval.Kind{
		Code: "account.roles", Deciders: []string{"administrator"},
		Apply: func(_ context.Context, _ *sqldb.Tx, r approval.Request) error {
			if d.broken != nil {
				return d.broken
			}
			d.applied = append(d.applied, r.ID+" by "+r.Decider.Account)
			return nil
		},
		Told: func(context.Context, approval.Request) ([]string, error) { return []string{"dung", "nobody here"}, nil },
	})
	return d
}

func (d *desk) who(id string) actor.Actor {
	d.t.Helper()
	a, err := d.book.ByID(d.t.Context(), d.db, id)
	if err != nil {
		d.t.Fatal(err)
	}
	return actor.Actor{Account: a.ID, Login: a.Login, Name: a.Name, Roles: a.Roles, Via: actor.Password}
}

// ask asks that "em" gets a role.
func (d *desk) ask(by actor.Actor) approval.Request {
	d.t.Helper()
	var r approval.Request
	err := d.db.InTx(d.t.Context(), func(tx *sqldb.Tx) (err error) {
		r, err = d.Ask(d.t.Context(), tx, by, approval.Request{
			Kind: "account.roles", Subject: "em", Benefits: "em", SaysKey: "approval.says.prolong",
			SaysArgs: fault.Args{"name": "Vũ Em", "role": approval.Word("approval.state.open"), "hours": 24}, Reason: "thay người nghỉ",
			Payload: json.RawMessage(`{"roles":["registrar"]}`),
		})
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func (d *desk) state(id string) approval.State {
	d.t.Helper()
	r, err := d.Get(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return r.State
}

// logged are the actions in the log, the oldest first; the log must be whole.
func (d *desk) logged() []string {
	d.t.Helper()
	if _, err := audit.Verify(d.t.Context(), d.db); err != nil {
		d.t.Error(err)
	}
	entries, err := audit.Find(d.t.Context(), d.db, audit.Filter{})
	if err != nil {
		d.t.Fatal(err)
	}
	var out []string
	for _, e := range slices.Backward(entries) {
		out = append(out, strings.TrimPrefix(e.Action, "approval.")+" "+e.Who.Account)
	}
	return out
}

// told are the keys of an account's notices, the oldest first.
func (d *desk) told(account string) []string {
	d.t.Helper()
	list, err := d.Notices(d.t.Context(), account, "", 0)
	if err != nil {
		d.t.Fatal(err)
	}
	var out []string
	for _, n := range slices.Backward(list) {
		out = append(out, strings.TrimPrefix(n.Key, "approval.notice."))
	}
	return out
}

func (d *desk) mails() []jobs.Job {
	d.t.Helper()
	list, err := jobs.List(d.t.Context(), d.db, jobs.Filter{Kind: "outbox.mail"})
	if err != nil {
		d.t.Fatal(err)
	}
	return list
}

func TestWhatAnotherApprovesTakesEffect(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx, d := t.Context(), newDesk(t, db, people(), approval.Options{Name: "Nút mẫu", URL: "https://nut.example.vn"})
		r := d.ask(d.who("an"))
		if _, err := d.Approve(ctx, d.who("an"), r.ID); key(err) != "approval.denied.own_request" {
			t.Errorf("the asker approves: %v", err)
		}
		if _, err := d.Approve(ctx, d.who("dung"), r.ID); key(err) != "approval.denied.decide" {
			t.Errorf("a leader approves: %v", err)
		}
		if len(d.applied) > 0 || len(d.told("em")) > 0 {
			t.Fatalf("in effect before anybody approved: %v, %v", d.applied, d.told("em"))
		}
		for range 2 { // a second click gets the same answer
			got, err := d.Approve(ctx, d.who("binh"), r.ID)
			if err != nil || got.State != approval.Approved || got.Decider.Account != "binh" {
				t.Errorf("Approve = %s by %s, %v", got.State, got.Decider.Account, err)
			}
		}
		if diff := cmp.Diff([]string{r.ID + " by binh"}, d.applied); diff != "" {
			t.Error(diff)
		}
		want := []string{"ask an", "approve binh", "applied binh"}
		if diff := cmp.Diff(want, d.logged()); diff != "" {
			t.Error(diff)
		}
		for who, want := range map[string][]string{"em": {"gained"}, "an": {"applied"}, "chi": {"applied"}, "dung": {"applied"}, "binh": nil} {
			if diff := cmp.Diff(want, d.told(who)); diff != "" {
				t.Errorf("%s: %s", who, diff)
			}
		}
		mails := d.mails()
		if len(mails) != 1 || !strings.Contains(mails[0].Payload, "chi@example.vn") ||
			!strings.Contains(mails[0].Payload, "https://nut.example.vn/approvals/"+r.ID) {
			t.Errorf("letters: %+v", mails)
		}
		got, err := d.Get(ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(got.Payload) || got.Reason != "thay người nghỉ" ||
			!got.Until.Equal(noon.Add(14*24*time.Hour)) || !got.Decided.Equal(noon) {
			t.Errorf("stored: %+v", got)
		}
		p := catalogue(t).In(i18n.Vi)
		if text := got.Says().In(p); text != "Vũ Em giữ vai trò Chờ quyết định thêm 24 giờ sau khi dùng quyền khẩn cấp" {
			t.Errorf("says %q", text)
		}
		if _, n, err := d.Around(ctx, "em", d.clock.Now()); n != 1 || err != nil {
			t.Errorf("unread: %d, %v", n, err)
		}
		if err := d.MarkRead(ctx, "em"); err != nil {
			t.Fatal(err)
		}
		if _, n, err := d.Around(ctx, "em", d.clock.Now()); n != 0 || err != nil {
			t.Errorf("unread: %d, %v", n, err)
		}
	})
}

func TestARefusalIsTold(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx, d := t.Context(), newDesk(t, db, people(), approval.Options{})
		r := d.ask(d.who("an"))
		if _, err := d.Refuse(ctx, d.who("binh"), r.ID, " "); key(err) != "approval.why.missing" {
			t.Errorf("refused without a why: %v", err)
		}
		if _, err := d.Refuse(ctx, d.who("binh"), r.ID, "chưa có quyết định"); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Approve(ctx, d.who("binh"), r.ID); key(err) != "approval.closed.refused" {
			t.Errorf("approved what they refused: %v", err)
		}
		if diff := cmp.Diff([]string{"refused"}, d.told("an")); diff != "" {
			t.Error(diff)
		}
		list, err := d.Notices(ctx, "an", "", 0)
		if err != nil {
			t.Fatal(err)
		}
		if text := list[0].Text(catalogue(t).In(i18n.Vi)); !strings.HasSuffix(text, "Lý do: chưa có quyết định") {
			t.Errorf("notice: %s", text)
		}
		if len(d.applied) > 0 || len(d.told("em")) > 0 {
			t.Errorf("a refusal took effect: %v", d.applied)
		}
	})
}

func TestOfTwoAtOnceOneDecides(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		who := append(people(), approval.Account{ID: "hai", Name: "Hai", Roles: []string{"administrator"}, Active: true})
		d := newDesk(t, db, who, approval.Options{})
		for range 5 {
			r := d.ask(d.who("an"))
			var wg sync.WaitGroup
			var errs [2]error
			ctx := t.Context()
			wg.Go(func() { _, errs[0] = d.Approve(ctx, d.who("binh"), r.ID) })
			wg.Go(func() { _, errs[1] = d.Refuse(ctx, d.who("hai"), r.ID, "không") })
			wg.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("two decided: %v, %v", errs[0], errs[1])
			}
			for i, want := range []string{"approval.closed.refused", "approval.closed.approved"} {
				if errs[i] != nil && key(errs[i]) != want {
					t.Errorf("the other is told %v, want %s", errs[i], want)
				}
			}
		}
	})
}

func TestWhatCannotTakeEffectStaysOpen(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx, d := t.Context(), newDesk(t, db, people(), approval.Options{})
		r := d.ask(d.who("an"))
		for want, broken := range map[string]error{
			"approval.unknown":          fault.New(fault.NotFound, "approval.unknown", nil),
			"approval.trouble.internal": errors.New("disk full"),
		} {
			d.broken = broken
			if _, err := d.Approve(ctx, d.who("binh"), r.ID); !errors.Is(err, broken) {
				t.Errorf("Approve: %v, want %v", err, broken)
			}
			got, err := d.Get(ctx, r.ID)
			if err != nil || got.State != approval.Open || got.Trouble == nil || got.Trouble.Key != want {
				t.Errorf("after %v: %s, %+v, %v", broken, got.State, got.Trouble, err)
			}
		}
		before, err := d.Get(ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		d.broken = fault.New(fault.Denied, "approval.denied.hand", nil)
		if _, err := d.Approve(ctx, d.who("binh"), r.ID); !errors.Is(err, d.broken) {
			t.Errorf("Approve: %v, want %v", err, d.broken)
		}
		if got, err := d.Get(ctx, r.ID); err != nil || got.State != approval.Open || !cmp.Equal(got.Trouble, before.Trouble) {
			t.Errorf("what lies with the one who tried is noted at the request: %+v, %v", got.Trouble, err)
		}
		if diff := cmp.Diff([]string{"ask an"}, d.logged()); diff != "" {
			t.Error(diff)
		}
		if len(d.told("em")) > 0 {
			t.Error("told what did not happen")
		}
		d.broken = nil
		got, err := d.Approve(ctx, d.who("binh"), r.ID)
		if err != nil || got.Trouble != nil || got.State != approval.Approved {
			t.Errorf("mended: %+v, %v", got, err)
		}
	})
}

func TestNobodyIsTheirOwnSecondPerson(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx, d := t.Context(), newDesk(t, db, people(), approval.Options{
			SamePerson: func(_ context.Context, _ sqldb.Queryer, a, b string) (bool, error) {
				return a == "binh" && b == "em", nil
			},
		})
		r := d.ask(d.who("an"))
		if _, err := d.Approve(ctx, d.who("binh"), r.ID); key(err) != "approval.denied.own_gain" {
			t.Errorf("the person behind the account approves for themselves: %v", err)
		}
		err := d.db.InTx(ctx, func(tx *sqldb.Tx) error {
			_, err := d.Ask(ctx, tx, d.who("em"), approval.Request{Kind: "account.roles", Benefits: "em", Reason: "muốn"})
			return err
		})
		if key(err) != "approval.denied.own_gain" {
			t.Errorf("asked for themselves: %v", err)
		}
		// an and binh remain; without binh, an is alone and nobody can be the second.
		d.Join(func(o *approval.Options) { o.SamePerson = nil })
		d.book.close("an")
		if _, err := d.Approve(ctx, d.who("binh"), r.ID); key(err) != "approval.denied.alone" {
			t.Errorf("the last administrator approves alone: %v", err)
		}
		for _, via := range []actor.Via{actor.Token, actor.Command, actor.System, actor.Exchange} {
			who := d.who("binh")
			who.Via = via
			if _, err := d.Approve(ctx, who, r.ID); key(err) != "approval.denied.person" {
				t.Errorf("approved by way of %s: %v", via, err)
			}
		}
		closed := d.who("an")
		if _, err := d.Refuse(ctx, closed, r.ID, "x"); key(err) != "approval.denied.inactive" {
			t.Errorf("a closed account decides: %v", err)
		}
	})
}

// One holder of a role is a second person where they can neither ask nor make accounts.
func TestOneWhoStandsApartIsASecondPerson(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx, d := t.Context(), newDesk(t, db, people(), approval.Options{})
		nothing := func(context.Context, *sqldb.Tx, approval.Request) error { return nil }
		d.Register(
			approval.Kind{Code: "apart", Deciders: []string{"auditor"}, Apart: true, Apply: nothing},
			approval.Kind{Code: "near", Deciders: []string{"auditor"}, Apply: nothing},
		)
		for kind, want := range map[string]string{"apart": "", "near": "approval.denied.alone"} {
			var r approval.Request
			err := d.db.InTx(ctx, func(tx *sqldb.Tx) (err error) {
				r, err = d.Ask(ctx, tx, d.who("an"), approval.Request{Kind: kind, SaysKey: "approval.page.title", Reason: "bàn giao"})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Approve(ctx, d.who("chi"), r.ID); key(err) != want {
				t.Errorf("the only auditor decides on %s: %v, want %q", kind, err, want)
			}
		}
	})
}

func TestTheCommandLineNeedsTwo(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx, d := t.Context(), newDesk(t, db, people(), approval.Options{})
		r := d.ask(actor.Actor{Account: "os:lan", Name: "lan", Via: actor.Command})
		for range 2 {
			got, err := d.Approve(ctx, d.who("binh"), r.ID)
			if err != nil || got.State != approval.Open || len(got.Votes) != 1 {
				t.Errorf("after one: %s, %d votes, %v", got.State, len(got.Votes), err)
			}
		}
		if waits, err := d.Waiting(ctx, d.who("binh")); err != nil || len(waits) != 0 {
			t.Errorf("waits again for who has approved: %v, %v", waits, err)
		}
		if waits, err := d.Waiting(ctx, d.who("an")); err != nil || len(waits) != 1 {
			t.Errorf("does not wait for the other: %v, %v", waits, err)
		}
		if got, err := d.Approve(ctx, d.who("an"), r.ID); err != nil || got.State != approval.Approved {
			t.Errorf("after two: %s, %v", got.State, err)
		}
		if len(d.applied) != 1 {
			t.Errorf("applied %v", d.applied)
		}
	})
}

func TestWithdrawnAndExpired(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx, d := t.Context(), newDesk(t, db, people(), approval.Options{})
		back, late := d.ask(d.who("an")), d.ask(d.who("an"))
		if _, err := d.Withdraw(ctx, d.who("binh"), back.ID); key(err) != "approval.denied.withdraw" {
			t.Errorf("withdrawn by another: %v", err)
		}
		for range 2 {
			if _, err := d.Withdraw(ctx, d.who("an"), back.ID); err != nil {
				t.Error(err)
			}
		}
		if _, err := d.Approve(ctx, d.who("binh"), back.ID); key(err) != "approval.closed.withdrawn" {
			t.Errorf("approved what was withdrawn: %v", err)
		}
		d.clock.add(14 * 24 * time.Hour)
		// Expired by the time itself, before any job has run.
		if _, err := d.Approve(ctx, d.who("binh"), late.ID); key(err) != "approval.closed.expired" || d.state(late.ID) != approval.Expired {
			t.Errorf("approved what has expired: %v", err)
		}
		for range 2 {
			if err := d.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]string{"ask an", "ask an", "withdraw an", "expire system:dean06"}, d.logged()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"expired"}, d.told("an")); diff != "" {
			t.Error(diff)
		}
		for state, want := range map[approval.State]string{approval.Taken: back.ID, approval.Expired: late.ID} {
			got, err := d.Find(ctx, approval.Filter{State: state})
			if err != nil || len(got) != 1 || got[0].ID != want {
				t.Errorf("Find(%s) = %v, %v", state, got, err)
			}
		}
	})
}

func TestFind(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx, d := t.Context(), newDesk(t, db, people(), approval.Options{})
		a, b, c := d.ask(d.who("an")), d.ask(d.who("binh")), d.ask(d.who("an"))
		if _, err := d.Approve(ctx, d.who("binh"), c.ID); err != nil {
			t.Fatal(err)
		}
		for name, tt := range map[string]struct {
			f    approval.Filter
			want []string
		}{
			"all":            {approval.Filter{}, []string{c.ID, b.ID, a.ID}},
			"open":           {approval.Filter{State: approval.Open}, []string{b.ID, a.ID}},
			"another kind":   {approval.Filter{Kind: "exchange.right"}, nil},
			"by":             {approval.Filter{By: "an"}, []string{c.ID, a.ID}},
			"for the asker":  {approval.Filter{For: "binh"}, []string{c.ID, b.ID}},
			"for who gains":  {approval.Filter{For: "em", State: approval.Approved}, []string{c.ID}},
			"about":          {approval.Filter{About: "em", Limit: 1}, []string{c.ID}},
			"the page after": {approval.Filter{Below: b.ID}, []string{a.ID}},
			"other nodes'":   {approval.Filter{Origin: "VN/GOV/H55/TTHC"}, nil},
		} {
			got, err := d.Find(ctx, tt.f)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, r := range got {
				ids = append(ids, r.ID)
			}
			if diff := cmp.Diff(tt.want, ids); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		waits, err := d.Waiting(ctx, d.who("binh"))
		if err != nil || len(waits) != 1 || waits[0].ID != a.ID {
			t.Errorf("Waiting(binh) = %v, %v", waits, err)
		}
		for _, who := range []string{"chi", "em"} {
			if waits, err := d.Waiting(ctx, d.who(who)); err != nil || len(waits) != 0 {
				t.Errorf("Waiting(%s) = %v, %v", who, waits, err)
			}
		}
		for who, want := range map[string]string{"an": "", "em": "", "binh": "", "chi": "", "dung": "approval.denied.read"} {
			if _, err := d.See(ctx, d.who(who), a.ID); key(err) != want {
				t.Errorf("See by %s: %v, want %q", who, err, want)
			}
		}
		if _, err := d.See(ctx, d.who("an"), "none"); key(err) != "approval.unknown" {
			t.Errorf("See what is not there: %v", err)
		}
	})
}
