package orgnode_test

import (
	"context"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"dean06/internal/org"
	"dean06/internal/org/orgnode"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
)

// thaiNguyen is the node of a province.
type thaiNguyen struct {
	*orgnode.Node
	part *node.Part
	base *node.Base
}

// Agency is whose node it is.
func (thaiNguyen) Agency() string { return "H55" }

// Roles are those of a node with the register.
func (thaiNguyen) Roles() []node.Role {
	return []node.Role{{Code: "administrator"}, {Code: "registrar", Personal: true}, {Code: "citizen", Personal: true, Bound: true}}
}

func open(t *testing.T, role string) *thaiNguyen {
	t.Helper()
	ctx := t.Context()
	n := &thaiNguyen{}
	n.Node = orgnode.New(orgnode.Needs{Owner: n, Roles: n})
	m := n.Module()
	db := sqldbtest.OpenSQLite(t)
	for _, err := range []error{audit.Migrate(ctx, db), session.Migrate(ctx, db), approval.Migrate(ctx, db), m.Migrate(ctx, db)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	watch := clock.Fixed(time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC))
	n.base = &node.Base{
		Role: role, DB: db, Clock: watch, Sessions: session.New(db, watch, session.Options{}),
		Approvals: approval.New(db, watch, approval.Options{}), Frame: func(*http.Request) ui.Frame { return ui.Frame{} },
	}
	var err error
	if n.part, err = m.Open(ctx, n.base); err != nil {
		t.Fatal(err)
	}
	n.base.Approvals.Register(n.part.Approvals...)
	return n
}

func TestTheBoardShowsTheCountryAndEveryNodeItsPositions(t *testing.T) {
	t.Parallel()
	official := actor.Actor{Account: "o", Agency: "H55", Roles: []string{org.Official}}
	administrator := actor.Actor{Account: "a", Roles: []string{org.Administrator}}
	leader := actor.Actor{Account: "l", Roles: []string{"leader"}}
	catalogue, err := i18n.Load(orgnode.Messages)
	if err != nil {
		t.Fatal(err)
	}
	p := catalogue.In(i18n.En)
	nodes := map[string]*thaiNguyen{"board": open(t, "board"), "agency": open(t, "agency")}
	for _, tt := range []struct {
		role  string
		who   actor.Actor
		home  string
		links int
	}{
		{"board", administrator, "/org", 2},
		{"board", leader, "", 1},
		{"board", actor.Actor{}, "", 0},
		{"agency", administrator, "", 1},
		{"agency", leader, "", 0},
		{"agency", official, "/org/positions", 1},
	} {
		n := nodes[tt.role]
		if home, nav := n.part.Home(tt.who), n.part.Nav(p, tt.who); home != tt.home || len(nav) != tt.links {
			t.Errorf("%s for %+v: home %q, %+v", tt.role, tt.who, home, nav)
		}
	}
}

func TestDemoIsFilledOnce(t *testing.T) {
	t.Parallel()
	n := open(t, "agency")
	for range 2 {
		if err := n.part.Demo(t.Context(), node.Demo{Subsystem: "VN/GOV/H55/TTHC"}); err != nil {
			t.Fatal(err)
		}
	}
	on := func(day string) org.Moment { return org.Moment{On: clock.MustDate(day)} }
	for _, tt := range []struct {
		duty         org.Duty
		commune, day string
		want         []string
	}{
		{org.DutyPolice, "05443", "2026-11-29", []string{"Dương Văn Địa Bàn", "Dương Văn Cư Trú"}},
		{org.DutyReviewer, "", "2026-11-29", []string{"Nông Thị Tiếp Nhận", "", "Ma Thị Hộ Tịch", "Lý Văn Tư Pháp"}},
		{org.DutyReviewer, "", "2026-11-01", []string{"Ma Văn Thụ Lý", "", "Ma Thị Hộ Tịch", "Lý Văn Tư Pháp"}},
		{org.DutyLeader, "05443", "2026-11-29", []string{"Trần Thị Đứng Đầu", "Hoàng Văn Trưởng Phường"}},
		{org.DutyPolice, "05443", "2025-07-01", []string{"Dương Văn Địa Bàn", "Dương Văn Cư Trú"}},
	} {
		held, err := n.Roster().Doing(t.Context(), tt.duty, tt.commune, on(tt.day))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range held {
			name := ""
			if h.Appointment.Account != "" {
				name = n.base.Sessions.NameOf(t.Context(), h.Appointment.Account, n.base.Clock.Now())
			}
			got = append(got, name)
		}
		if len(got) != len(tt.want) || !equalSets(got, tt.want) {
			t.Errorf("%s for %q on %s: %q, want %q", tt.duty, tt.commune, tt.day, got, tt.want)
		}
	}
	if err := n.part.Demo(t.Context(), node.Demo{Subsystem: "VN/GOV/G24/BHXH"}); err != nil {
		t.Error(err)
	}
}

func equalSets(a, b []string) bool {
	count := map[string]int{}
	for i := range a {
		count[a[i]]++
		count[b[i]]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestOffersOfAgencies(t *testing.T) {
	t.Parallel()
	n := open(t, "hub")
	if got := n.NameOf("G14"); got != "Bộ Thông tin và Truyền thông" {
		t.Errorf("G14 is called %q", got)
	}
	choices, err := n.Choices(context.Background())
	if err != nil || len(choices) != 93 {
		t.Errorf("%d choices, %v; want 93", len(choices), err)
	}
	if roles, err := n.RolesOf(t.Context(), "x", n.base.Clock.Now()); err != nil || roles != nil {
		t.Errorf("%v, %v", roles, err)
	}
}

// registers is a module with a role that opens personal data.
func registers() node.Module {
	return node.Module{
		Name: "registers", Roles: []node.Role{{Code: "registrar", Personal: true}},
		Open: func(context.Context, *node.Base) (*node.Part, error) { return &node.Part{}, nil },
	}
}

// The administrator who would open personal data by giving somebody a position cannot do
// it alone; and the role that was given ends with the position.
func TestAPositionGivesItsRolesWithASecondPersonAndUntilItEnds(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	module := orgnode.New(orgnode.Needs{Roles: &thaiNguyen{}})
	c := config.Default()
	c.Node.Role = "agency"
	c.DB.URL = config.Secret("sqlite:" + filepath.Join(t.TempDir(), "node.db"))
	watch := &moving{now: time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)}
	n, err := node.Open(ctx, []node.Module{module.Module(), registers()}, node.Settings{Config: c, Clock: watch, Relaxed: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	var seed []session.SeedAccount
	for login, role := range map[string]string{"mot": "administrator", "hai": "administrator", "canbo": org.Official} {
		seed = append(seed, session.SeedAccount{
			Password: "mot-mat-khau-dai-06", Draft: session.Draft{Login: login, Name: login, Roles: []string{role}},
		})
	}
	if err := n.Sessions.Seed(ctx, seed...); err != nil {
		t.Fatal(err)
	}
	as := func(login string) (actor.Actor, context.Context) {
		who := actor.Actor{
			Account: n.Sessions.FoundBy(ctx, login)[0], Login: login, Name: login, Via: actor.Password,
			Roles: []string{org.Administrator},
		}
		return who, session.With(ctx, session.Identity{Actor: who})
	}
	first, firstCtx := as("mot")
	second, secondCtx := as("hai")
	officer, _ := as("canbo")
	day := clock.MustDate("2026-11-01")
	fact := org.Fact{From: day, Basis: "QĐ 7"}
	p := module.Positions()
	office, err := p.OpenOffice(firstCtx, first, "H55", org.Office{Fact: fact, Name: "Phòng hộ tịch"})
	if err != nil {
		t.Fatal(err)
	}
	position, err := p.CreatePosition(firstCtx, first, org.Position{
		Fact: fact, Office: office, Title: "Hộ tịch viên", Duty: org.DutyReviewer, Roles: []string{"registrar"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Appoint(firstCtx, first, org.Appointing{
		Position: position, Login: "mot", From: day, Basis: "QĐ 8",
	}); fault.Of(err) != fault.Denied {
		t.Errorf("the administrator gives himself the position: %v", err)
	}
	request, err := p.Appoint(firstCtx, first, org.Appointing{Position: position, Login: "canbo", From: day, Basis: "QĐ 8"})
	if err != nil || request == "" {
		t.Fatalf("asked %q, %v", request, err)
	}
	has := func() []string {
		t.Helper()
		roles, err := module.RolesOf(ctx, officer.Account, watch.Now())
		if err != nil {
			t.Fatal(err)
		}
		return roles
	}
	if got := has(); got != nil {
		t.Errorf("has %v before anybody approved", got)
	}
	if _, err := n.Approvals.Approve(firstCtx, first, request); fault.Of(err) != fault.Denied {
		t.Errorf("who asked approves: %v", err)
	}
	if r, err := n.Approvals.Approve(secondCtx, second, request); err != nil || r.State != approval.Approved {
		t.Fatalf("%+v, %v", r.Trouble, err)
	}
	if got := has(); len(got) != 1 || got[0] != "registrar" {
		t.Errorf("has %v after the second person approved", got)
	}
	if err := p.End(firstCtx, first, position, clock.DayOf(watch.Now()), "QĐ 9"); err != nil {
		t.Fatal(err)
	}
	if got := has(); got != nil {
		t.Errorf("has %v after the position ended", got)
	}
}

// moving is a clock that moves on each time it is read.
type moving struct {
	mu  sync.Mutex
	now time.Time
}

// Now is a second later than before.
func (m *moving) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(time.Second)
	return m.now
}
