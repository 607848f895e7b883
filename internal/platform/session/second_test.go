package session

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// office is a house of two administrators, a registrar and an auditor, with approvals.
type office struct {
	*house
	second *approval.Service
	lent   map[string][]string // by account
}

func openOffice(t *testing.T, db *sqldb.DB) *office {
	t.Helper()
	o := &office{house: open(t, db), lent: map[string][]string{}}
	if err := errors.Join(jobs.Migrate(o.ctx, db), approval.Migrate(o.ctx, db)); err != nil {
		t.Fatal(err)
	}
	o.opts.Roles = []Role{
		{Code: Administrator},
		{Code: "registrar", Personal: true},
		{Code: "auditor", ReadsLog: true},
		{Code: "citizen", Bound: true},
		{Code: "focal_point"},
		{Code: "reviewer"},
	}
	o.opts.PersonalScopes = []string{"persons:read"}
	o.second = approval.New(db, o.clock, approval.Options{Accounts: o.Service, SamePerson: o.SamePerson})
	o.Join(Needs{
		Approvals: o.second,
		RolesOf:   func(_ context.Context, account string, _ time.Time) ([]string, error) { return o.lent[account], nil },
	})
	var seeds []SeedAccount
	for login, role := range map[string]string{"quantri2": Administrator, "hotich": "registrar", "kiemtoan": "auditor"} {
		seeds = append(seeds, SeedAccount{Password: goodPassword, Draft: Draft{
			Login: login, Name: "Vũ Thị Mẫu", Email: login + "@example.vn", Agency: "G01", Roles: []string{role},
		}})
	}
	if err := o.Seed(o.ctx, seeds...); err != nil {
		t.Fatal(err)
	}
	o.admin = o.by("quantri")
	return o
}

// waiting are the open requests, the oldest first.
func (o *office) waiting() []approval.Request {
	o.t.Helper()
	list, err := o.second.Find(o.ctx, approval.Filter{State: approval.Open})
	if err != nil {
		o.t.Fatal(err)
	}
	slices.Reverse(list)
	return list
}

// approve lets somebody approve the oldest open request.
func (o *office) approve(login string) {
	o.t.Helper()
	list := o.waiting()
	if len(list) == 0 {
		o.t.Fatal("nothing waits")
	}
	ctx := o.by(login)
	if _, err := o.second.Approve(ctx, actor.From(ctx), list[0].ID); err != nil {
		o.t.Fatal(err)
	}
}

// told are the messages that an account got, the youngest first.
func (o *office) told(login string) string {
	o.t.Helper()
	list, err := o.second.Notices(o.ctx, o.byLogin(login).ID, "", 10)
	if err != nil {
		o.t.Fatal(err)
	}
	var keys []string
	for _, n := range list {
		keys = append(keys, n.Key)
	}
	return strings.Join(keys, " ")
}

// byLogin tells quantri from quantri2.
func (o *office) byLogin(login string) Account {
	o.t.Helper()
	id, err := sqldb.One[string](o.ctx, o.db, `SELECT id FROM account WHERE login = $1`, login)
	if err != nil {
		o.t.Fatal(err)
	}
	a, err := account(o.ctx, o.db, id)
	if err != nil {
		o.t.Fatal(err)
	}
	return a
}

func (o *office) by(login string) context.Context {
	o.t.Helper()
	return With(o.ctx, identityOf(o.byLogin(login), actor.Password))
}

func (o *office) roles(login string) string {
	o.t.Helper()
	return strings.Join(o.byLogin(login).Roles.V, ",")
}

// draftOf is an account as a form shows it.
func draftOf(a Account) Draft {
	return Draft{Name: a.Name, Email: a.Email, Agency: a.Agency, Roles: a.Roles.V, Active: a.Active, Reason: "Quyết định 12"}
}

func TestNobodyGivesThemselvesARole(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		me := o.byLogin("quantri")
		for name, change := range map[string]func(*Draft){
			"registrar":     func(d *Draft) { d.Roles = []string{Administrator, "registrar"} },
			"a plain one":   func(d *Draft) { d.Roles = []string{Administrator, "reviewer"} },
			"one less":      func(d *Draft) { d.Roles = []string{"reviewer"} },
			"another place": func(d *Draft) { d.Agency = "H55" },
		} {
			d := draftOf(me)
			change(&d)
			_, err := o.Update(o.admin, me.ID, me.Version, d)
			wantKind(t, name, err, fault.Denied)
		}
		d := draftOf(me)
		d.Name = "Trần Thị Mới"
		if _, err := o.Update(o.admin, me.ID, me.Version, d); err != nil {
			t.Errorf("own name: %v", err)
		}
		_, err := o.ResetPassword(o.admin, me.ID, true, "Quên")
		wantKind(t, "own reset", err, fault.Denied)
		if got := o.roles("quantri"); got != Administrator || len(o.waiting()) != 0 {
			t.Errorf("roles %s, %d requests", got, len(o.waiting()))
		}
	})
}

func TestRolesThatOpenPersonalDataNeedTwo(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		a := o.byLogin("daumoi.h55")
		d := draftOf(a)
		d.Roles, d.Name, d.Reason = []string{"registrar", "reviewer"}, "Nguyễn Văn Mới", ""
		_, err := o.Update(o.admin, a.ID, a.Version, d)
		wantKind(t, "without a reason", err, fault.Invalid)
		if o.byLogin("daumoi.h55").Name == d.Name {
			t.Error("half of the change was made")
		}
		d.Reason = "Quyết định 12"
		out, err := o.Update(o.admin, a.ID, a.Version, d)
		if err != nil || out.Asked.ID == "" || !out.Half {
			t.Fatalf("update: %+v, %v", out, err)
		}
		// The rest happens at once, and is told.
		if got := o.byLogin("daumoi.h55"); got.Name != d.Name || o.roles("daumoi.h55") != "reviewer" {
			t.Errorf("at once: %+v", got)
		}
		for _, login := range []string{"daumoi.h55", "kiemtoan"} {
			if got := o.told(login); got != "session.told.roles" {
				t.Errorf("%s was told %q", login, got)
			}
		}
		a = o.byLogin("daumoi.h55")
		d = draftOf(a)
		d.Roles = []string{"auditor", "reviewer"}
		_, err = o.Update(o.admin, a.ID, a.Version, d)
		wantKind(t, "a second request", err, fault.Conflict)
		_, err = o.ResetPassword(o.admin, a.ID, false, "Quên")
		wantKind(t, "a password meanwhile", err, fault.Conflict)

		token, _ := o.signIn("daumoi.h55", goodPassword)
		for _, login := range []string{"quantri", "daumoi.h55", "hotich", "kiemtoan"} {
			_, err := o.second.Approve(o.by(login), actor.From(o.by(login)), o.waiting()[0].ID)
			wantKind(t, "approved by "+login, err, fault.Denied)
		}
		o.approve("quantri2")
		for login, want := range map[string]string{"daumoi.h55": "approval.notice.gained ", "kiemtoan": "approval.notice.applied "} {
			if got := o.told(login); got != want+"session.told.roles" {
				t.Errorf("%s was told %q", login, got)
			}
		}
		if got := o.roles("daumoi.h55"); got != "registrar,reviewer" {
			t.Errorf("after the approval: %s", got)
		}
		if _, ok := From(o.as(token)); ok {
			t.Error("a session of before lives on")
		}
		_, err = o.CheckPassword(o.ctx, "daumoi.h55", goodPassword, home)
		wantKind(t, "the password that one person may know", err, fault.Invalid)
		o.twoHalves("daumoi.h55", out.Password)

		// Taking it away needs two as well.
		a = o.byLogin("daumoi.h55")
		d = draftOf(a)
		d.Roles = []string{"reviewer"}
		if out, err = o.Update(o.admin, a.ID, a.Version, d); err != nil || out.Asked.ID == "" || out.Half {
			t.Fatalf("take away: %+v, %v", out, err)
		}
		if o.roles("daumoi.h55") != "registrar,reviewer" {
			t.Error("taken by one")
		}
		o.approve("quantri2")
		if o.roles("daumoi.h55") != "reviewer" {
			t.Error("not taken by two")
		}
		if _, err := audit.Verify(o.ctx, db); err != nil {
			t.Error(err)
		}
	})
}

// twoHalves hands over a password of which quantri holds the first half.
func (o *office) twoHalves(login, first string) {
	o.t.Helper()
	id := o.byLogin(login).ID
	_, err := o.CheckPassword(o.ctx, login, first, home)
	wantKind(o.t, "the first half alone", err, fault.Invalid)
	_, err = o.SecondHalf(o.admin, id)
	wantKind(o.t, "the second half for who holds the first", err, fault.Denied)
	if waits, err := o.HalfWaits(o.admin, id); !waits || err != nil {
		o.t.Errorf("HalfWaits = %v, %v", waits, err)
	}
	out, err := o.SecondHalf(o.by("quantri2"), id)
	if err != nil {
		o.t.Fatal(err)
	}
	_, err = o.SecondHalf(o.by("quantri2"), id)
	wantKind(o.t, "the second half again", err, fault.NotFound)
	for _, wrong := range []string{first, out.Password, out.Password + first} {
		_, err = o.CheckPassword(o.ctx, login, wrong, home)
		wantKind(o.t, "halves in disorder", err, fault.Invalid)
	}
	o.clock.move(time.Hour)
	token, step := o.signIn(login, strings.ToUpper(first)+" "+out.Password)
	if step != NeedPassword {
		o.t.Errorf("step = %q", step)
	}
	if _, err := o.ChangePassword(o.as(token), first+out.Password, "mật khẩu của riêng tôi", home); err != nil {
		o.t.Error(err)
	}
}

func TestPasswordOfARegistrarNeedsTwo(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		for _, login := range []string{"hotich", "kiemtoan", "quantri2"} {
			id := o.byLogin(login).ID
			_, err := o.ResetPassword(o.admin, id, true, "")
			wantKind(t, login+" without a reason", err, fault.Invalid)
		}
		id := o.byLogin("hotich").ID
		out, err := o.ResetPassword(o.admin, id, true, "Quên mật khẩu")
		if err != nil || out.Asked.ID == "" || !out.Half {
			t.Fatalf("reset: %+v, %v", out, err)
		}
		_, err = o.CheckPassword(o.ctx, "hotich", out.Password, home)
		wantKind(t, "before the approval", err, fault.Invalid)
		o.signIn("hotich", goodPassword) // the old one counts until then
		_, err = o.SecondHalf(o.by("quantri2"), id)
		wantKind(t, "second half before the approval", err, fault.NotFound)
		o.approve("quantri2")
		o.twoHalves("hotich", out.Password)

		// Of an account that opens nothing it is one person's work, as before.
		plain, err := o.ResetPassword(o.admin, o.byLogin("daumoi.h55").ID, false, "")
		if err != nil || plain.Half || plain.Asked.ID != "" {
			t.Fatalf("plain reset: %+v, %v", plain, err)
		}
		o.signIn("daumoi.h55", plain.Password)

		// A position that opens personal data counts like a role.
		o.lent[o.byLogin("daumoi.h55").ID] = []string{"registrar"}
		o.clock.move(time.Minute)
		_, err = o.ResetPassword(o.admin, o.byLogin("daumoi.h55").ID, false, "")
		wantKind(t, "by position", err, fault.Invalid)
	})
}

func TestWhatAnAccountOpensNeedsTwo(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		a := o.byLogin("hotich")
		d := draftOf(a)
		d.Agency, d.Email, d.Name = "H55", "toi@example.vn", "Vũ Thị Mới"
		out, err := o.Update(o.admin, a.ID, a.Version, d)
		if err != nil || out.Asked.ID == "" {
			t.Fatalf("update: %+v, %v", out, err)
		}
		if got := o.byLogin("hotich"); got.Agency != "G01" || got.Email != a.Email || got.Name != d.Name {
			t.Errorf("at once: %+v", got)
		}
		o.approve("quantri2")
		if got := o.byLogin("hotich"); got.Agency != "H55" || got.Email != d.Email || got.Version != a.Version+2 {
			t.Errorf("after the approval: %+v", got)
		}
		// Locking is one person's work; opening again is not.
		a = o.byLogin("hotich")
		d = draftOf(a)
		d.Active = false
		if out, err = o.Update(o.admin, a.ID, a.Version, d); err != nil || out.Asked.ID != "" || o.byLogin("hotich").Active {
			t.Fatalf("lock: %+v, %v", out, err)
		}
		if got := o.told("kiemtoan"); !strings.HasPrefix(got, "session.told.locked") {
			t.Errorf("the auditor was told %q", got)
		}
		d.Active = true
		if out, err = o.Update(o.admin, a.ID, a.Version+1, d); err != nil || out.Asked.ID == "" || o.byLogin("hotich").Active {
			t.Fatalf("open again: %+v, %v", out, err)
		}
		o.approve("quantri2")
		if !o.byLogin("hotich").Active {
			t.Error("not opened by two")
		}
		// A login stays.
		a = o.byLogin("hotich")
		d = draftOf(a)
		d.Login = "hotich2"
		_, err = o.Update(o.admin, a.ID, a.Version, d)
		wantKind(t, "rename a login", err, fault.Invalid)
	})
}

func TestNewAccountThatOpensPersonalDataNeedsTwo(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		out, err := o.Create(o.admin, Draft{
			Login: "hotich2", Name: "Lê Văn Mẫu", Agency: "G01", Active: true, Reason: "Tuyển mới",
			Roles: []string{"registrar", "reviewer"},
		})
		if err != nil || out.Asked.ID == "" || !out.Half {
			t.Fatalf("create: %+v, %v", out, err)
		}
		if o.roles("hotich2") != "reviewer" {
			t.Errorf("roles = %s", o.roles("hotich2"))
		}
		_, err = o.CheckPassword(o.ctx, "hotich2", out.Password, home)
		wantKind(t, "before the approval", err, fault.Invalid)
		_, err = o.ResetPassword(o.admin, out.Account.ID, false, "")
		wantKind(t, "a password meanwhile", err, fault.Conflict)
		o.approve("quantri2")
		if o.roles("hotich2") != "registrar,reviewer" {
			t.Errorf("roles = %s", o.roles("hotich2"))
		}
		o.twoHalves("hotich2", out.Password)
	})
}

func TestTokenThatOpensPersonalDataNeedsTwo(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		d := TokenDraft{
			Agency: "H55", Name: "Máy", Scopes: []string{"persons:read"}, ExpiresAt: o.clock.Now().Add(time.Hour), Reason: "Kết nối",
		}
		made, err := o.CreateToken(o.admin, d)
		if err != nil || made.Asked.ID == "" {
			t.Fatalf("create: %+v, %v", made, err)
		}
		if _, ok, err := o.identifyToken(o.ctx, made.Text); ok || err != nil {
			t.Errorf("before the approval: %v, %v", ok, err)
		}
		o.approve("quantri2")
		id, ok, err := o.identifyToken(o.ctx, made.Text)
		if !ok || err != nil || !id.May("persons:read") {
			t.Errorf("after the approval: %+v, %v, %v", id, ok, err)
		}
	})
}

func TestWithoutApprovalsNothingGuardedHappens(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		a := h.byLogin("daumoi.h55")
		d := draftOf(a)
		d.Roles = []string{Administrator}
		_, err := h.Update(h.admin, a.ID, a.Version, d)
		wantKind(t, "another administrator", err, fault.Unavailable)
	})
}

func TestCommandLineMakesTheFirstTwoAdministratorsOnly(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		for _, table := range []string{"account_name", "account"} { // a fresh database
			if _, err := sqldb.Exec(o.ctx, db, `DELETE FROM `+table); err != nil {
				t.Fatal(err)
			}
		}
		shell := actor.With(o.ctx, actor.AtCommandLine())
		draft := func(login string, roles ...string) Draft {
			return Draft{Login: login, Name: "Lê Văn Mẫu", Roles: roles, Active: true}
		}
		_, err := o.Create(shell, draft("canbo", "registrar"))
		wantKind(t, "a registrar on a fresh database", err, fault.Denied)
		for _, login := range []string{"mot", "hai"} {
			out, err := o.Create(shell, draft(login, Administrator))
			if err != nil || out.Half || out.Asked.ID != "" {
				t.Fatalf("%s: %+v, %v", login, out, err)
			}
			o.signIn(login, out.Password)
		}
		_, err = o.Create(shell, draft("bac", Administrator))
		wantKind(t, "a third", err, fault.Denied)

		// Later it asks, for any role.
		d := draft("canbo", "reviewer")
		d.Reason = "Máy chủ mới"
		out, err := o.Create(shell, d)
		if err != nil || out.Asked.ID == "" || !out.Half || o.roles("canbo") != "" {
			t.Fatalf("with a reason: %+v, %v", out, err)
		}
		o.approve("mot") // nobody knows who sat at the machine: two must approve
		if o.roles("canbo") != "" {
			t.Error("approved by one")
		}
		o.approve("hai")
		if o.roles("canbo") != "reviewer" {
			t.Errorf("roles = %s", o.roles("canbo"))
		}
		// It acts as the operating system's user, in the log.
		entries, err := audit.Find(o.ctx, db, audit.Filter{Action: "account.create", Actors: []string{actor.AtCommandLine().Account}})
		if err != nil || len(entries) != 3 {
			t.Errorf("%d entries, %v; want three", len(entries), err)
		}

		// Locking one makes no room for another.
		a := o.byLogin("hai")
		if _, err := o.Update(o.by("mot"), a.ID, a.Version, Draft{Name: a.Name, Roles: a.Roles.V}); err != nil {
			t.Fatal(err)
		}
		_, err = o.Create(shell, draft("bac", Administrator))
		wantKind(t, "a third in place of one that was locked", err, fault.Denied)
	})
}

func TestRolesOfPositionsEndWithThem(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		a := o.byLogin("daumoi.h55")
		token, _ := o.signIn(a.Login, goodPassword)
		o.lent[a.ID] = []string{"desk", "focal_point"}
		o.clock.move(time.Minute)
		if diff := cmp.Diff([]string{"focal_point", "desk"}, mustFrom(o.as(token)).Roles); diff != "" {
			t.Errorf("in the position: -want +got\n%s", diff)
		}
		o.lent[a.ID] = nil
		o.clock.move(time.Minute)
		if mustFrom(o.as(token)).Has("desk") {
			t.Error("a minute after the position")
		}
		o.lent[a.ID] = []string{"desk"}
		o.Forget(a.ID)
		if !mustFrom(o.as(token)).Has("desk") {
			t.Error("at once, when told")
		}
	})
}

func TestEmergencyRoleIsHeldAndEnds(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		o.second.Allow(approval.Emergency{Role: "registrar", By: []string{"reviewer", "focal_point"}})
		token, _ := o.signIn("daumoi.h55", goodPassword)
		who := actor.From(o.by("daumoi.h55"))
		if _, err := o.second.BreakGlass(o.ctx, who, "registrar", "Mất điện ở trung tâm", 10*time.Minute); err != nil {
			t.Fatal(err)
		}
		if !mustFrom(o.as(token)).Has("registrar") {
			t.Error("not held")
		}
		o.clock.move(11 * time.Minute)
		if mustFrom(o.as(token)).Has("registrar") {
			t.Error("held after its end")
		}
	})
}

// With two administrators, one of whom lost the password, nobody here is a third.
func TestWhoAsksTakesBothHalvesOnlyWhenNobodyElseCan(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		id := o.byLogin("quantri2").ID
		if _, err := o.ResetPassword(o.admin, id, false, "Quên"); err != nil {
			t.Fatal(err)
		}
		r := o.waiting()[0]
		if list, err := o.second.Deciders(o.ctx, r); err != nil || len(list) != 0 {
			t.Errorf("deciders: %v, %v", list, err)
		}
		if err := db.InTx(o.ctx, func(tx *sqldb.Tx) error { return o.applyReset(o.ctx, tx, r) }); err != nil { // as another node decided
			t.Fatal(err)
		}
		_, err := o.SecondHalf(o.by("quantri2"), id)
		wantKind(t, "the holder", err, fault.Denied)
		if _, err := o.SecondHalf(o.admin, id); err != nil {
			t.Error(err)
		}
	})
}
