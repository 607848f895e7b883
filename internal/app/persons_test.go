package app

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/identity/identitysql"
	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/node"
	"dean06/internal/population"
)

var registrar = actor.Actor{Account: "r-1", Login: "hotich", Name: "Lê Thị Hộ Tịch", Roles: []string{identity.Registrar}}

// withPeople is the authority's node with some invented people, whose jobs run.
func withPeople(t *testing.T, run bool) (*Modules, *node.Node) {
	t.Helper()
	s := settingsIn(filepath.Join(t.TempDir(), "authority.db"))
	n, m, err := Open(t.Context(), Authority, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	for _, p := range n.Parts() {
		if p.Self == m.Population {
			if err := p.Demo(t.Context(), node.Demo{People: 20}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if run {
		work(t, n)
	}
	return m, n
}

// work runs the node's jobs until the test ends.
func work(t *testing.T, n *node.Node) {
	t.Helper()
	handlers := map[string]jobs.Handler{}
	for _, p := range n.Parts() {
		for kind, h := range p.Jobs {
			if strings.HasPrefix(kind, "identity.") {
				handlers[kind] = h
			}
		}
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = (&jobs.Runner{DB: n.DB, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler), Handlers: handlers}).Run(ctx)
	}()
	t.Cleanup(func() { stop(); <-done })
}

// grown is somebody of the register who can have an account.
func grown(t *testing.T, r *population.Register) population.Person {
	t.Helper()
	list, err := r.Store.Select(t.Context(), population.Selection{BornUntil: citizen.MustDay("1995-01-01"), Living: true}, citizen.Number{}, 1)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d people, %v", len(list), err)
	}
	return list[0]
}

func seenAtDesk(p population.Person) identity.Desk {
	return identity.Desk{
		Number: p.Number, Name: p.Name, Birth: p.Birth, Card: identity.Card{Kind: "CC", Issued: citizen.MustDay("2025-01-02")}, Compared: true,
		Purpose: "Cấp định danh mức độ 2", Level: identity.Two,
	}
}

// eventually waits for something that a job does.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	const within = time.Minute
	for end := time.Now().Add(within); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %s", what, within)
		}
	}
}

// TestNewsReachTheAccount: what the register records reaches the account of whom it is about:
// a name, and a death, which closes it.
func TestNewsReachTheAccount(t *testing.T) {
	t.Parallel()
	m, n := withPeople(t, true)
	ctx := t.Context()
	r, s := m.Population.Register(), m.Identity.Service()
	p := grown(t, r)
	out, err := s.Identify(ctx, registrar, seenAtDesk(p))
	if err != nil || out.Account.Level != identity.Two {
		t.Fatalf("%+v, %v", out.Account, err)
	}
	account := func() identity.Account {
		a, err := m.Identity.Store().Account(ctx, out.Account.ID)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	record := func(e population.Event) {
		t.Helper()
		if e.Basis == "" {
			e.Basis = "Quyết định số 1 ngày 01/11/2026"
		}
		if _, err := r.Record(ctx, registrar, e); err != nil {
			t.Fatal(err)
		}
	}
	today := citizen.DayFrom(clock.DayOf(time.Now()))
	record(population.Event{Kind: population.NameChange, Number: p.Number, On: today, Facts: population.Person{Name: "Nguyễn Tên Mới"}})
	eventually(t, "the corrected name", func() bool { return account().Value(identity.FieldName) == "Nguyễn Tên Mới" })
	record(population.Event{Kind: population.Death, Number: p.Number, On: today})
	eventually(t, "the death", func() bool { return account().State == identity.Closed })

	looks, err := r.Store.Lookups(ctx, p.Number, population.Period{}, "", 50)
	if err != nil {
		t.Fatal(err)
	}
	var purposes []string
	for _, l := range looks {
		if l.Service == population.ServiceIdentity {
			purposes = append(purposes, l.Purpose)
		}
	}
	if !strings.Contains(strings.Join(purposes, "|"), "identity_news") || !strings.Contains(strings.Join(purposes, "|"), "Cấp định danh mức độ 2") {
		t.Errorf("what identities asked does not stand in the person's log: %v", purposes)
	}
	for _, c := range identitysql.Chains(n.DB) {
		if got, err := c.Check(ctx, ledger.Checks{}); err != nil || got.State != ledger.Whole || got.Rows == 0 {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// TestNoNewsAreLost: an event and the word of it are there together or not at all.
func TestNoNewsAreLost(t *testing.T) {
	t.Parallel()
	m, n := withPeople(t, false)
	ctx := t.Context()
	r := m.Population.Register()
	p := grown(t, r)
	news := func() int {
		t.Helper()
		list, err := jobs.List(ctx, n.DB, jobs.Filter{Kind: "identity.news"})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	before := news()
	undone := errors.New("undone")
	e := population.Change{Event: "e-1", Kind: population.Death, Number: p.Number}
	err := r.Store.InTx(ctx, func(tx population.Tx) error {
		if err := tx.Publish(ctx, []population.Change{e}); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) || news() != before {
		t.Errorf("%v: word of what did not happen: %d", err, news()-before)
	}
	if err := r.Store.InTx(ctx, func(tx population.Tx) error { return tx.Publish(ctx, []population.Change{e}) }); err != nil {
		t.Fatal(err)
	}
	if got := news(); got != before+1 {
		t.Errorf("%d words of one event", got-before)
	}
}

// TestPersonsForIdentities: the register answers identities yes or no, and what they rest on.
func TestPersonsForIdentities(t *testing.T) {
	t.Parallel()
	m, n := withPeople(t, false)
	ctx := t.Context()
	r := m.Population.Register()
	p := grown(t, r)
	ask := persons{m.Population.Register}
	own := identity.Inquiry{By: actor.Actor{Account: "identity:?", Via: actor.OIDC}, Purpose: identity.ForLevelOne}
	for name, c := range map[string]struct {
		n     citizen.Number
		name  string
		birth citizen.Day
		want  bool
	}{
		"as it is":       {p.Number, strings.ToUpper(p.Name), p.Birth, true},
		"another name":   {p.Number, "Trần Văn Khác", p.Birth, false},
		"another birth":  {p.Number, p.Name, citizen.MustDay("1901-01-01"), false},
		"another number": {citizen.MustNumber("001190999999"), p.Name, p.Birth, false},
	} {
		got, err := ask.Match(ctx, own, c.n, c.name, c.birth)
		if err != nil || got != c.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	f, err := ask.Facts(ctx, own, p.Number)
	if err != nil || f.Name != p.Name || f.Birth != p.Birth || f.Sex != p.Sex || f.Nationality != p.Nationality || f.Dead != 0 || f.Number != p.Number {
		t.Errorf("%+v, %v", f, err)
	}
	ground, err := m.Org.Territory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if lives := ground().Versions(f.Commune); len(lives) == 0 || lives[len(lives)-1].Level != org.Commune ||
		!lives[len(lives)-1].On(clock.DayOf(time.Now())) {
		t.Errorf("%s of %+v is no commune of today: %+v", f.Commune, p.Permanent, lives)
	}
	if _, err := ask.Facts(ctx, own, citizen.MustNumber("001190999999")); fault.Of(err) != fault.NotFound {
		t.Errorf("nobody: %v", err)
	}
	// Whoever was looked up reads it in their own log.
	reads := i18n.With(ctx, n.Messages.In(i18n.Vi))
	looks, err := looked{m.Population}.Looked(reads, actor.Actor{Account: "identity:a-1", Via: actor.OIDC, Roles: []string{identity.Bearer}}, p.Number)
	if err != nil || len(looks) == 0 || looks[0].Who == "" || looks[0].Why == "" || looks[0].At.IsZero() {
		t.Errorf("%+v, %v", looks, err)
	}
	list, err := r.Store.Select(ctx, population.Selection{BornFrom: citizen.MustDay("2012-01-01"), Living: true}, citizen.Number{}, 20)
	if err != nil {
		t.Fatal(err)
	}
	parents := 0
	for _, child := range list {
		f, err := ask.Facts(ctx, own, child.Number)
		if err != nil {
			t.Fatal(err)
		}
		parents += len(f.Parents)
	}
	if parents == 0 {
		t.Error("no child of the register has a parent")
	}
	clerk := identity.Inquiry{By: actor.Actor{Account: "a-1", Roles: []string{population.Administrator}}, Purpose: "x"}
	if _, err := ask.Facts(ctx, clerk, p.Number); fault.Of(err) != fault.Denied {
		t.Errorf("an administrator: %v", err)
	}
}
