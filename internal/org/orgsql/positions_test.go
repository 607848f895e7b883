package orgsql_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// desk is the positions of a node with its administrators, an officer and their agency.
type desk struct {
	*org.Positions
	roster *org.Roster
	store  *orgsql.Positions
	db     *sqldb.DB
	asked  []org.Proposal

	mu      sync.Mutex
	changed []string // accounts
}

var keeper = actor.Actor{Account: "acc-keeper", Login: "quantri", Name: "Quản trị", Roles: []string{org.Administrator}}

// ByLogin knows every login but "nobody".
func (d *desk) ByLogin(_ context.Context, login string) (string, bool, error) {
	return "acc-" + login, login != "nobody", nil
}

// Ask keeps what was asked.
func (d *desk) Ask(_ context.Context, _ actor.Actor, p org.Proposal) (string, error) {
	d.asked = append(d.asked, p)
	return "request", nil
}

func newDesk(t *testing.T, db *sqldb.DB) *desk {
	t.Helper()
	units := seeded(t, db)
	watch := newClock()
	agencies, err := org.NewAgencies(t.Context(), units, watch)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{store: units.Positions(), db: db}
	d.roster = org.NewRoster(d.store)
	d.Positions = org.NewPositions(org.PositionParts{
		Store: d.store, Agencies: agencies, Units: units, Accounts: d, Second: d, Clock: watch, NewID: sqldb.NewID,
		Changed: func(account string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.changed = append(d.changed, account)
		},
		Roles: func() []org.Role { return []org.Role{{Code: "reviewer"}, {Code: "registrar", Personal: true}} },
	})
	return d
}

func from(day string) org.Fact { return org.Fact{From: clock.MustDate(day), Basis: "QĐ 12"} }

func (d *desk) office(t *testing.T, agency, day, name string) string {
	t.Helper()
	id, err := d.OpenOffice(t.Context(), keeper, agency, org.Office{Fact: from(day), Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (d *desk) position(t *testing.T, p org.Position) string {
	t.Helper()
	if p.Title == "" {
		p.Title = "Vị trí"
	}
	id, err := d.CreatePosition(t.Context(), keeper, p)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (d *desk) appoint(t *testing.T, a org.Appointing) {
	t.Helper()
	a.Basis = "QĐ 13"
	if _, err := d.Appoint(t.Context(), keeper, a); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) roles(t *testing.T, account, day string) []string {
	t.Helper()
	roles, err := d.roster.RolesOf(t.Context(), account, clock.MustDate(day).Start())
	if err != nil {
		t.Fatal(err)
	}
	return roles
}

func TestPositions(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		d := newDesk(t, db)
		for _, part := range []struct {
			name string
			test func(*testing.T, *desk)
		}{
			{"through time", testThroughTime},
			{"a role ends with the position", testRoles},
			{"second person", testSecondPerson},
			{"communes", testCommunes},
			{"who may", testWhoMay},
			{"faults", testPositionFaults},
			{"two at once", testTwoAtOnce},
			{"an agency that ended", testEndedAgency},
		} {
			t.Run(part.name, func(t *testing.T) { part.test(t, d) }) // one after the other, in this order: they share accounts
		}
		if _, err := audit.Verify(t.Context(), db); err != nil {
			t.Error(err)
		}
	})
}

func testThroughTime(t *testing.T, d *desk) {
	ctx := t.Context()
	o := d.office(t, "H55", "2026-01-01", "Bộ phận một cửa")
	p := d.position(t, org.Position{Fact: from("2026-01-01"), Office: o, Duty: org.DutyDesk})
	d.appoint(t, org.Appointing{Position: p, Login: "an", From: clock.MustDate("2026-02-01")})
	before := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	b, err := d.Book(ctx, keeper, "H55")
	if err != nil {
		t.Fatal(err)
	}
	last := b.Appointments[len(b.Appointments)-1]
	d.appoint(t, org.Appointing{
		Position: p, Login: "binh", StandIn: true, From: clock.MustDate("2026-03-01"), To: clock.MustDate("2026-03-10"),
	})
	if err := d.End(ctx, keeper, last.ID, clock.MustDate("2026-03-05"), "QĐ 14"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		on             string
		known          time.Time
		holder, acting string
	}{
		{"2026-01-31", before, "", ""},
		{"2026-02-01", before, "acc-an", "acc-an"},
		{"2026-03-04", before, "acc-an", "acc-binh"},
		{"2026-03-05", before, "", ""}, // the stand-in ended with the holder
		{"2026-03-05", last.At, "acc-an", "acc-an"},
		{"2026-03-05", time.Time{}, "", ""},
		{"2026-03-05", last.At.Add(-time.Second), "", ""},
	} {
		m := org.Moment{On: clock.MustDate(tt.on), Known: tt.known}
		holder, _, err1 := d.roster.Holder(ctx, p, m)
		acting, _, err2 := d.roster.Acting(ctx, p, m)
		if err := errors.Join(err1, err2); err != nil || holder.Account != tt.holder || acting.Account != tt.acting {
			t.Errorf(
				"on %s as known %v: %q holds, %q acts, %v; want %q, %q", tt.on, tt.known, holder.Account,
				acting.Account, err, tt.holder, tt.acting,
			)
		}
	}
	entries, err := audit.Find(ctx, d.db, audit.Filter{Action: "org.", Limit: 1})
	if err != nil || entries[0].Action != "org.end" || entries[0].Who.Account != keeper.Account || entries[0].Details["agency"] != "H55" {
		t.Errorf("the log says %+v, %v", entries, err)
	}
}

func testRoles(t *testing.T, d *desk) {
	o := d.office(t, "H55", "2026-01-01", "Phòng thẩm tra")
	p := d.position(t, org.Position{Fact: from("2026-01-01"), Office: o, Duty: org.DutyReviewer, Roles: []string{"reviewer", "reviewer"}})
	d.appoint(t, org.Appointing{Position: p, Login: "chi", From: clock.MustDate("2027-01-01"), To: clock.MustDate("2028-01-01")})
	d.appoint(t, org.Appointing{
		Position: p, Login: "dung", StandIn: true, From: clock.MustDate("2027-06-01"), To: clock.MustDate("2027-07-01"),
	})
	d.changed = nil
	if err := d.End(t.Context(), keeper, p, clock.MustDate("2027-09-01"), "QĐ 15"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"acc-chi"}, d.changed); diff != "" { // the stand-in was over before
		t.Errorf("whose roles may have changed (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		account, day string
		want         []string
	}{
		{"acc-chi", "2026-12-31", nil},
		{"acc-chi", "2027-01-01", []string{"reviewer"}},
		{"acc-chi", "2027-08-31", []string{"reviewer"}},
		{"acc-chi", "2027-09-01", nil}, // the position ended
		{"acc-dung", "2027-06-30", []string{"reviewer"}},
		{"acc-dung", "2027-07-01", nil},
		{"acc-nobody", "2027-06-30", nil},
		{"", "2027-06-30", nil},
	} {
		if d := cmp.Diff(tt.want, d.roles(t, tt.account, tt.day)); d != "" {
			t.Errorf("%s on %s (-want +got):\n%s", tt.account, tt.day, d)
		}
	}
}

// What opens personal data takes effect with a second person, and not by oneself.
func testSecondPerson(t *testing.T, d *desk) {
	ctx := t.Context()
	o := d.office(t, "H55", "2026-01-01", "Phòng dân cư")
	p := d.position(t, org.Position{Fact: from("2026-01-01"), Office: o, Duty: org.DutyReviewer, Roles: []string{"registrar"}})
	a := org.Appointing{Position: p, Login: "em", From: clock.MustDate("2027-01-01"), Basis: "QĐ 16"}
	request, err := d.Appoint(ctx, keeper, a)
	if err != nil || request != "request" || len(d.asked) != 1 {
		t.Fatalf("asked %q, %v", request, err)
	}
	if got := d.roles(t, "acc-em", "2027-02-01"); got != nil {
		t.Errorf("has %v before anybody agreed", got)
	}
	own := a
	own.Login = "keeper"
	if _, err := d.Appoint(ctx, keeper, own); fault.Of(err) != fault.Denied {
		t.Errorf("appointed oneself: %v", err)
	}
	confirm := func(second actor.Actor) error {
		return d.db.InTx(ctx, func(tx *sqldb.Tx) error { return d.Confirm(ctx, d.store.In(tx), d.asked[0], request, second) })
	}
	for _, second := range []actor.Actor{{}, keeper, {Account: "acc-em"}} {
		if err := confirm(second); fault.Of(err) != fault.Denied {
			t.Errorf("%+v confirms: %v", second, err)
		}
	}
	if err := confirm(actor.Actor{Account: "acc-second", Roles: []string{org.Administrator}}); err != nil {
		t.Fatal(err)
	}
	if got := d.roles(t, "acc-em", "2027-02-01"); len(got) != 1 || got[0] != "registrar" {
		t.Errorf("has %v after a second person agreed", got)
	}
	b, err := d.BookOf(ctx, keeper, p)
	if err != nil {
		t.Fatal(err)
	}
	last := b.Appointments[len(b.Appointments)-1]
	if last.By != keeper.Account || last.Second != "acc-second" || last.Request != "request" {
		t.Errorf("recorded %+v", last)
	}
	if err := confirm(actor.Actor{Account: "acc-third"}); fault.Of(err) != fault.Conflict {
		t.Errorf("confirmed twice: %v", err)
	}
}

// A policeman of a commune that was merged is found by the commune that followed.
func testCommunes(t *testing.T, d *desk) {
	ctx := t.Context()
	o := d.office(t, "H55", "2022-01-01", "Công an tỉnh")
	old := d.position(t, org.Position{Fact: from("2022-01-01"), Office: o, Duty: org.DutyPolice, Area: "05860"})
	other := d.position(t, org.Position{Fact: from("2022-01-01"), Office: o, Duty: org.DutyPolice, Area: "05503"})
	lineage, err := d.Units.Lineage(ctx, "05860", clock.MustDate("2022-01-01"), clock.MustDate("2026-01-01"))
	if err != nil || len(lineage.Units) == 0 {
		t.Fatalf("%+v, %v", lineage, err)
	}
	for _, tt := range []struct{ commune, on, want string }{
		{"05860", "2022-06-01", old}, {lineage.Units[0].Code, "2026-01-01", old}, {"05503", "2022-06-01", other},
	} {
		held, err := d.roster.Doing(ctx, org.DutyPolice, tt.commune, org.Moment{On: clock.MustDate(tt.on)})
		if err != nil || len(held) != 1 || held[0].Position.ID != tt.want {
			t.Errorf("commune %s on %s: %+v, %v", tt.commune, tt.on, held, err)
		}
	}
	if held, err := d.roster.Doing(ctx, org.DutyPolice, "", org.Moment{On: clock.MustDate("2026-01-01")}); err != nil || len(held) != 2 {
		t.Errorf("all communes: %+v, %v", held, err)
	}
	if _, err := d.roster.Doing(ctx, org.DutyPolice, "19", org.Moment{On: clock.MustDate("2026-01-01")}); fault.Of(err) != fault.NotFound {
		t.Errorf("a province is a commune: %v", err)
	}
}

func testWhoMay(t *testing.T, d *desk) {
	ctx := t.Context()
	d.office(t, "H55", "2026-01-01", "Phòng Tổ chức") // an agency without an office is none that is kept
	day := clock.MustDate("2026-01-01")
	clerk := actor.Actor{Account: "c", Agency: "H55", Roles: []string{"focal_point"}}
	for name, act := range map[string]func(actor.Actor) error{
		"office": func(a actor.Actor) error {
			_, err := d.OpenOffice(ctx, a, "H55", org.Office{Fact: from("2026-01-01"), Name: "X"})
			return err
		},
		"position": func(a actor.Actor) error { _, err := d.CreatePosition(ctx, a, org.Position{}); return err },
		"appoint":  func(a actor.Actor) error { _, err := d.Appoint(ctx, a, org.Appointing{}); return err },
		"end":      func(a actor.Actor) error { return d.End(ctx, a, "x", day, "y") },
		"withdraw": func(a actor.Actor) error { return d.Withdraw(ctx, a, "x", "y") },
		"book":     func(a actor.Actor) error { _, err := d.Book(ctx, a, "H26"); return err },
	} {
		for _, tt := range []struct {
			who  actor.Actor
			want fault.Kind
		}{{actor.Actor{}, fault.Unsigned}, {clerk, fault.Denied}, {actor.AtCommandLine(), fault.Denied}} {
			if err := act(tt.who); fault.Of(err) != tt.want {
				t.Errorf("%s by %+v: %v", name, tt.who, err)
			}
		}
	}
	if _, err := d.Book(ctx, clerk, "H55"); err != nil {
		t.Errorf("cannot read their own agency's: %v", err)
	}
	if list, err := d.Keeping(ctx, clerk); err != nil || len(list) != 1 || list[0].Code != "H55" {
		t.Errorf("%+v, %v", list, err)
	}
	for _, who := range []actor.Actor{{}, {Account: "x", Agency: "H26"}} {
		if _, err := d.Keeping(ctx, who); who.Nobody() && fault.Of(err) != fault.Unsigned {
			t.Errorf("nobody: %v", err)
		}
	}
}

func testPositionFaults(t *testing.T, d *desk) {
	ctx := t.Context()
	o := d.office(t, "H55", "2026-01-01", "Văn phòng")
	p := d.position(t, org.Position{Fact: from("2026-01-01"), Office: o, Duty: org.DutyClerk})
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"agency that is none": {second(d.OpenOffice(ctx, keeper, "Z99", org.Office{Fact: from("2026-01-01"), Name: "A"})), "no_agency"},
		"agency that is gone": {second(d.OpenOffice(ctx, keeper, "H01", org.Office{Fact: from("2020-01-01"), Name: "A"})), "no_agency"},
		"no such role": {second(d.CreatePosition(ctx, keeper, org.Position{
			Fact: from("2026-01-01"), Office: o, Title: "A", Duty: org.DutyClerk, Roles: []string{"king"},
		})), "unknown_role"},
		"no such commune": {second(d.CreatePosition(ctx, keeper, org.Position{
			Fact: from("2026-01-01"), Office: o, Title: "A", Duty: org.DutyClerk, Area: "99999",
		})), "unknown_area"},
		"province for a commune": {second(d.CreatePosition(ctx, keeper, org.Position{
			Fact: from("2026-01-01"), Office: o, Title: "A", Duty: org.DutyClerk, Area: "19",
		})), "unknown_area"},
		"no such account": {second(d.Appoint(ctx, keeper, org.Appointing{
			Position: p, Login: "nobody", From: clock.MustDate("2026-02-01"), Basis: "x",
		})), "unknown_account"},
		"no such position": {second(d.Appoint(ctx, keeper, org.Appointing{Position: "x"})), "unknown"},
		"end of nothing":   {d.End(ctx, keeper, "x", clock.MustDate("2026-02-01"), "x"), "unknown"},
	} {
		if f := fault.As(tt.err); f == nil || f.Key != "org.position."+tt.want {
			t.Errorf("%s: %v, want %s", name, tt.err, tt.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func testTwoAtOnce(t *testing.T, d *desk) {
	o := d.office(t, "H55", "2026-01-01", "Phòng đông người")
	p := d.position(t, org.Position{Fact: from("2026-01-01"), Office: o, Duty: org.DutyClerk})
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = d.Appoint(t.Context(), keeper, org.Appointing{
				Position: p, Login: string(rune('a' + i)), From: clock.MustDate("2026-02-01"), Basis: "x",
			})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if fault.Of(err) != fault.Conflict {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d became the one holder", won)
	}
}

func testEndedAgency(t *testing.T, d *desk) {
	o := d.office(t, "H55.C05860", "2022-01-01", "Bộ phận một cửa xã")
	p := d.position(t, org.Position{Fact: from("2022-01-01"), Office: o, Duty: org.DutyDesk, Roles: []string{"reviewer"}})
	d.appoint(t, org.Appointing{Position: p, Login: "giang", From: clock.MustDate("2022-02-01")})
	for day, want := range map[string]bool{"2022-02-01": true, "2025-06-30": true, "2025-07-01": false, "2026-11-21": false} {
		_, ok, err := d.roster.Acting(t.Context(), p, org.Moment{On: clock.MustDate(day)})
		if err != nil || ok != want {
			t.Errorf("acts on %s: %v, %v; the commune ended on 1 July 2025", day, ok, err)
		}
	}
	if got := d.roles(t, "acc-giang", "2030-01-01"); got != nil {
		t.Errorf("has %v from a commune that is gone", got)
	}
}
