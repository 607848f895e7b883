package exchange_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/xroad"
)

var (
	owner   = person("a-quan", exchange.Administrator)
	auditor = person("a-kiem", exchange.Auditor)
	program = actor.OfSystem(exchange.Administrator, exchange.Program)
)

func person(account string, roles ...string) actor.Actor {
	return actor.Actor{Account: account, Name: account, Roles: roles, Via: actor.Password}
}

// second is a second person who is only asked.
type second struct{ wishes []exchange.Wish }

func (s *second) Ask(_ context.Context, by actor.Actor, r exchange.Right, replaces string) (exchange.Wish, error) {
	w := exchange.Wish{ID: "w-" + r.ID, Right: r, Replaces: replaces, By: by}
	s.wishes = append(s.wishes, w)
	return w, nil
}

func (s *second) Wishes(context.Context) ([]exchange.Wish, error) { return s.wishes, nil }

type bureau struct {
	*exchange.Desk
	m      *ledger
	g      *running
	second *second
}

func newBureau(t *testing.T) *bureau {
	t.Helper()
	b := &bureau{m: newLedger(t, 300), g: &running{}, second: &second{}}
	dir, err := exchange.StoredDirectory(t.Context(), b.m)
	if err != nil {
		t.Fatal(err)
	}
	b.g.dir = dir
	b.Desk = exchange.NewDesk(exchange.DeskParts{
		Store: b.m, Log: b.m, Clock: clock.Fixed(noon), NewID: func() string { return "new" }, Second: b.second,
		Running: func() exchange.Running { return b.g },
		Stamp:   func([]byte, []byte, [][]byte) (time.Time, error) { return noon, nil },
		Fields:  func(xroad.ID) []string { return []string{"name", "birth"} },
	})
	if err := b.Provide(t.Context(), program, exchange.LocalService{ID: ofService, Name: "Đối khớp", Type: "REST"}); err != nil {
		t.Fatal(err)
	}
	return b
}

func someRight(id string) exchange.Right {
	return exchange.Right{
		ID: id, Subject: ofClient, Service: ofService, LegalBasis: "Nghị định 107/2021/NĐ-CP", Purposes: []string{"1.004222"},
		Fields: []string{"name", "birth"}, From: clock.DayOf(noon), Quota: exchange.Quota{Calls: 100, Per: exchange.Day},
	}
}

// TestDeskAsksTheTable: every method asks who acts, also of those that only read.
func TestDeskAsksTheTable(t *testing.T) {
	t.Parallel()
	b, ctx := newBureau(t), t.Context()
	e := func(_ any, err error) error { return err }
	service := exchange.LocalService{
		ID: ofService.SubsystemID().Of("photo"), Name: "Ảnh", Type: "REST", URL: "http://10.0.0.5/api", Timeout: time.Second,
	}
	for _, m := range []struct {
		name string
		by   actor.Actor // who may
		not  actor.Actor // who may not
		call func(by actor.Actor) error
	}{
		{"status", auditor, person("x", "coordinator"), func(by actor.Actor) error { return e(b.Status(ctx, by)) }},
		{"doctor", auditor, person("x", "coordinator"), func(by actor.Actor) error { return e(b.Doctor(ctx, by)) }},
		{"services", auditor, person("x", "coordinator"), func(by actor.Actor) error { return e(b.Services(ctx, by)) }},
		{"service", auditor, person("x", "coordinator"), func(by actor.Actor) error { return e(b.Service(ctx, by, "DANCU", "match")) }},
		{"subsystems", auditor, person("x", "coordinator"), func(by actor.Actor) error { return e(b.Subsystems(ctx, by)) }},
		{"groups", auditor, person("x", "coordinator"), func(by actor.Actor) error { return e(b.Groups(ctx, by)) }},
		{"rights", auditor, person("x", "coordinator"), func(by actor.Actor) error { return e(b.Rights(ctx, by, true)) }},
		{"wishes", auditor, person("x", "coordinator"), func(by actor.Actor) error { return e(b.Wishes(ctx, by)) }},
		{"used", auditor, person("x", "coordinator"), func(by actor.Actor) error { return e(b.Used(ctx, by, someRight("r"))) }},
		{"search", auditor, person("x", "coordinator"), func(by actor.Actor) error { return e(b.Search(ctx, by, exchange.Filter{Limit: 1})) }},
		{"record", auditor, person("x", "coordinator"), func(by actor.Actor) error { _, _, err := b.Record(ctx, by, 7); return err }},
		{"proof", actor.AtCommandLine(), person("x", "coordinator"), func(by actor.Actor) error { return e(b.Proof(ctx, by, 7)) }},
		{
			"proof of a message", actor.AtCommandLine(), person("x", "coordinator"),
			func(by actor.Actor) error { return e(b.ProofOf(ctx, by, "r-3")) },
		},
		{"check the log", actor.AtCommandLine(), person("x", "coordinator"), func(by actor.Actor) error { return e(b.CheckLog(ctx, by)) }},
		{"offer", owner, auditor, func(by actor.Actor) error { return b.Offer(ctx, by, service) }},
		{"save a service", owner, auditor, func(by actor.Actor) error { return b.SaveService(ctx, by, service) }},
		{"provide", program, auditor, func(by actor.Actor) error { return b.Provide(ctx, by, service) }},
		{"apply", owner, auditor, func(by actor.Actor) error { return e(b.Apply(ctx, by, exchange.Application{})) }},
		{"give", owner, auditor, func(by actor.Actor) error { _, _, err := b.Give(ctx, by, someRight("r"), ""); return err }},
		{"give", owner, actor.AtCommandLine(), func(by actor.Actor) error { _, _, err := b.Give(ctx, by, someRight("r"), ""); return err }},
		{"grant", program, auditor, func(by actor.Actor) error { return b.Grant(ctx, by, someRight("g")) }},
		{"end", owner, auditor, func(by actor.Actor) error { return b.End(ctx, by, "g") }},
		{"group", program, owner, func(by actor.Actor) error { return b.SetGroup(ctx, by, exchange.Group{Code: "all"}) }},
	} {
		if got := fault.Of(m.call(actor.Actor{})); got != fault.Unsigned {
			t.Errorf("%s, nobody: got %s", m.name, got)
		}
		if got := fault.Of(m.call(m.not)); got != fault.Denied {
			t.Errorf("%s, whoever may not: got %s", m.name, got)
		}
		if err := m.call(m.by); err != nil {
			t.Errorf("%s, whoever may: %v", m.name, err)
		}
	}
	if b.g.reloads < 5 {
		t.Errorf("the gateway took changes in %d times, want once a change", b.g.reloads)
	}
}

func TestGiving(t *testing.T) {
	t.Parallel()
	b, ctx := newBureau(t), t.Context()
	_, wish, err := b.Give(ctx, owner, someRight("r1"), "")
	if err != nil || wish.ID != "w-r1" || len(b.m.rights) != 0 {
		t.Fatalf("ask: %+v, %v, %d rights", wish, err, len(b.m.rights))
	}
	if _, again, err := b.Give(ctx, owner, someRight("r1"), ""); err != nil || again.ID != wish.ID || len(b.second.wishes) != 1 {
		t.Errorf("the second click: %+v, %v", again, err)
	}
	if r, w, err := b.Give(ctx, program, someRight("r2"), ""); err != nil || w.ID != "" || r.GivenBy != program.Account {
		t.Errorf("the program: %+v, %+v, %v", r, w, err)
	}
	if _, _, err := b.Give(ctx, owner, someRight("r9"), "none"); fault.Of(err) != fault.NotFound {
		t.Errorf("in place of nothing: %v", err)
	}
	bad := someRight("r3")
	bad.Fields = []string{"secret"}
	if _, _, err := b.Give(ctx, owner, bad, ""); err == nil {
		t.Error("a field that the service does not have was taken")
	}
	strange := someRight("r4")
	strange.Service = ofService.SubsystemID().Of("none")
	if _, _, err := b.Give(ctx, owner, strange, ""); fault.Of(err) != fault.NotFound {
		t.Errorf("no such service: %v", err)
	}
	narrow := someRight("r5")
	narrow.Quota.Calls = 10
	if _, w, err := b.Give(ctx, owner, narrow, "r2"); err != nil || w.ID != "" {
		t.Errorf("narrow: %+v, %v", w, err)
	}
	for range 2 { // that it has ended is what was wanted
		if err := b.End(ctx, owner, "r5"); err != nil {
			t.Error(err)
		}
	}
	if i := slices.IndexFunc(b.m.rights, func(r exchange.Right) bool { return r.ID == "r5" }); b.m.rights[i].EndedBy != owner.Account {
		t.Errorf("ended by %q, want the account", b.m.rights[i].EndedBy)
	}
	alone := exchange.NewDesk(exchange.DeskParts{Store: b.m, Log: b.m, Clock: clock.Fixed(noon), NewID: func() string { return "new" }})
	if _, _, err := alone.Give(ctx, owner, someRight("r6"), ""); fault.Of(err) != fault.Unavailable {
		t.Errorf("without a second person: %v", err)
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	old := someRight("old")
	old.Path, old.Until = "/people/*", clock.DayOf(noon).AddDays(30)
	for _, c := range []struct {
		name   string
		change func(r *exchange.Right)
		want   bool
	}{
		{"the same", func(*exchange.Right) {}, true},
		{"fewer fields", func(r *exchange.Right) { r.Fields = []string{"name"} }, true},
		{"all fields", func(r *exchange.Right) { r.Fields = []string{"*"} }, false},
		{"another purpose", func(r *exchange.Right) { r.Purposes = []string{"1.000656"} }, false},
		{"any purpose", func(r *exchange.Right) { r.Purposes = nil }, false},
		{"a case of its procedure", func(r *exchange.Right) { r.Purposes = []string{r.Purposes[0] + ".01"} }, true},
		{"a purpose that begins alike", func(r *exchange.Right) { r.Purposes = []string{r.Purposes[0] + "0"} }, false},
		{"one method", func(r *exchange.Right) { r.Method = "GET" }, true},
		{"one person", func(r *exchange.Right) { r.Path = "/people/1" }, true},
		{"another path", func(r *exchange.Right) { r.Path = "/dossiers/1" }, false},
		{"another glob", func(r *exchange.Right) { r.Path = "/people/**" }, false},
		{"any path", func(r *exchange.Right) { r.Path = "" }, false},
		{"longer", func(r *exchange.Right) { r.Until = clock.Date{} }, false},
		{"shorter", func(r *exchange.Right) { r.Until = clock.DayOf(noon) }, true},
		{"earlier", func(r *exchange.Right) { r.From = r.From.AddDays(-1) }, false},
		{"less often", func(r *exchange.Right) { r.Quota.Calls = 1 }, true},
		{"more often", func(r *exchange.Right) { r.Quota.Calls = 101 }, false},
		{"per hour", func(r *exchange.Right) { r.Quota.Per = exchange.Hour }, false},
		{"as often as one likes", func(r *exchange.Right) { r.Quota = exchange.Quota{} }, false},
		{"so many persons", func(r *exchange.Right) { r.Quota.Of = exchange.OfPersons }, true},
		{"an officer must be named", func(r *exchange.Right) { r.Officer = true }, true},
		{"a dossier must be named", func(r *exchange.Right) { r.Dossier = true }, true},
		{"another subject", func(r *exchange.Right) { r.Subject.Subsystem = "X" }, false},
		{"another service", func(r *exchange.Right) { r.Service.Service = "facts" }, false},
	} {
		r := old
		if c.change(&r); r.Within(old) != c.want {
			t.Errorf("%s: within = %v, want %v", c.name, !c.want, c.want)
		}
	}
	for name, tighten := range map[string]func(*exchange.Right){
		"an officer need not be named": func(r *exchange.Right) { r.Officer = true },
		"a dossier need not be named":  func(r *exchange.Right) { r.Dossier = true },
		"so many calls, not persons":   func(r *exchange.Right) { r.Quota.Of = exchange.OfPersons },
	} {
		before := old
		if tighten(&before); old.Within(before) {
			t.Errorf("%s: is taken for no wider", name)
		}
	}
}

func TestOffering(t *testing.T) {
	t.Parallel()
	b, ctx := newBureau(t), t.Context()
	good := exchange.LocalService{
		ID: ofService.SubsystemID().Of("photo"), Name: "Ảnh", Type: "REST", URL: "http://10.0.0.5/api", Timeout: time.Second,
	}
	for _, c := range []struct {
		field  string
		change func(s *exchange.LocalService)
	}{
		{"name", func(s *exchange.LocalService) { s.Name = "" }},
		{"url", func(s *exchange.LocalService) { s.URL = "ftp://x" }},
		{"url", func(s *exchange.LocalService) { s.URL = "" }},
		{"url", func(s *exchange.LocalService) { s.URL = "http://u:p@x/" }},
		{"timeout", func(s *exchange.LocalService) { s.Timeout = 0 }},
		{"timeout", func(s *exchange.LocalService) { s.Timeout = time.Hour }},
		{"type", func(s *exchange.LocalService) { s.Type = "SOAP" }},
		{"openapi", func(s *exchange.LocalService) { s.Type = "OPENAPI" }},
		{"notice", func(s *exchange.LocalService) { s.Disabled = true }},
		{"subsystem", func(s *exchange.LocalService) { s.ID.Subsystem = "X" }},
		{"key", func(s *exchange.LocalService) { s.ID.Service = "a b" }},
		{"key", func(s *exchange.LocalService) { s.ID.Service = "match" }},
	} {
		s := good
		c.change(&s)
		if f := fault.As(b.Offer(ctx, owner, s)); f == nil || f.Field != c.field {
			t.Errorf("%s: got %v", c.field, f)
		}
	}
	if err := b.SaveService(ctx, owner, good); fault.Of(err) != fault.NotFound {
		t.Errorf("a change of what is not there: %v", err)
	}
	if err := b.Offer(ctx, owner, good); err != nil {
		t.Fatal(err)
	}
	builtIn := good
	builtIn.URL = ""
	if err := b.SaveService(ctx, owner, builtIn); err == nil {
		t.Error("a service of the agency became one of the program's")
	}
	off, err := b.Service(ctx, owner, "DANCU", "match")
	if err != nil {
		t.Fatal(err)
	}
	off.Disabled, off.Notice = true, "Bảo trì"
	if err := b.SaveService(ctx, owner, off); err != nil {
		t.Fatal(err)
	}
	if err := b.Provide(ctx, program, exchange.LocalService{ID: ofService, Name: "Tên khác", Type: "REST"}); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Service(ctx, owner, "DANCU", "match"); err != nil || !got.Disabled || got.Name != "Tên khác" {
		t.Errorf("the program switched a service on that its owner switched off: %+v, %v", got, err)
	}
}

// TestProving takes a proof out of the log and verifies it, and notices what was changed.
func TestProving(t *testing.T) {
	t.Parallel()
	b, ctx := newBureau(t), t.Context()
	p, err := b.Proof(ctx, auditor, 7)
	if err != nil {
		t.Fatal(err)
	}
	file, err := p.File()
	if err != nil {
		t.Fatal(err)
	}
	read, err := exchange.ReadProof(file)
	if err != nil {
		t.Fatal(err)
	}
	found, err := b.Verify(read)
	if err != nil || health.Worst(found) == health.Failing || len(found) < 4 {
		t.Errorf("a good proof: %+v, %v", found, err)
	}
	if _, err := exchange.ReadProof([]byte(`{"format":"other"}`)); fault.Of(err) != fault.Invalid {
		t.Errorf("no proof: %v", err)
	}
	read.Records[0].Commitment.Method = "GET"
	if _, err := b.Verify(read); fault.Of(err) != fault.Denied {
		t.Errorf("a changed proof: %v", err)
	}
	read.Records[0].Commitment.Method = "POST"
	read.Head.Size++
	if _, err := b.Verify(read); fault.Of(err) != fault.Denied {
		t.Errorf("a changed head: %v", err)
	}
	if r, call, err := b.Record(ctx, auditor, 7); err != nil || r.Seq != 7 || len(call) != 2 {
		t.Errorf("record: %v, %d halves, %v", r.Seq, len(call), err)
	}
	if _, _, err := b.Record(ctx, auditor, 999); fault.Of(err) != fault.NotFound {
		t.Errorf("no record: %v", err)
	}
	if _, err := b.ProofOf(ctx, auditor, "none"); fault.Of(err) != fault.NotFound {
		t.Errorf("no message: %v", err)
	}
	if r, err := b.CheckLog(ctx, auditor); err != nil || r.Records != 300 || r.Stamped != 300 {
		t.Errorf("a good log: %+v, %v", r, err)
	}
	b.m.records[41].UserID = "nguoi-khac"
	if _, err := b.CheckLog(ctx, auditor); fault.Of(err) != fault.Conflict || !strings.Contains(err.Error(), "seq=41") {
		t.Errorf("a changed record: %v", err)
	}
}

// TestBeforeJoining: a desk without a gateway says so, and works on what is stored.
func TestBeforeJoining(t *testing.T) {
	t.Parallel()
	b, ctx := newBureau(t), t.Context()
	d := exchange.NewDesk(exchange.DeskParts{Store: b.m, Log: b.m, Clock: clock.Fixed(noon), NewID: func() string { return "new" }})
	if _, err := d.Status(ctx, owner); fault.Of(err) != fault.Unavailable {
		t.Errorf("status: %v", err)
	}
	if _, err := d.Apply(ctx, owner, exchange.Application{}); fault.Of(err) != fault.Unavailable {
		t.Errorf("apply: %v", err)
	}
	if found, err := d.Doctor(ctx, owner); err != nil || health.Worst(found) != health.Failing {
		t.Errorf("doctor: %v, %v", found, err)
	}
	if _, err := d.Proof(ctx, actor.AtCommandLine(), 7); err != nil {
		t.Errorf("a proof with the stored configuration: %v", err)
	}
	b.m.signed = exchange.Signed{}
	if _, err := d.Proof(ctx, actor.AtCommandLine(), 7); fault.Of(err) != fault.Unavailable {
		t.Errorf("a proof without one: %v", err)
	}
	if d.Directory() != nil {
		t.Error("a directory before a join")
	}
}
