package session

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

const someNumber = "001090000001"

func TestBinding(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		// The administrator ticks "citizen" and types another's number as the login.
		made, err := o.Create(o.admin, Draft{Login: someNumber, Name: "Kẻ Mạo Danh", Roles: []string{"citizen"}, Active: true})
		if err != nil || made.Asked.ID != "" {
			t.Fatalf("create: %+v, %v", made, err)
		}
		bound := func(a Account) string {
			t.Helper()
			token, _, err := o.Start(o.ctx, Proof{a.ID, actor.OIDC}, home, "")
			if err != nil {
				t.Fatal(err)
			}
			return mustFrom(o.as(token)).Bound
		}
		a := made.Account
		if got := bound(a); got != "" {
			t.Errorf("bound by a login to %s", got)
		}
		holder, admin, officer := actor.From(o.by(someNumber)), actor.From(o.admin), actor.From(o.by("hotich"))
		for _, tt := range []struct {
			name          string
			by            actor.Actor
			number, proof string
			want          fault.Kind
		}{
			{"nobody", actor.Actor{}, someNumber, "card seen", fault.Unsigned},
			{"an administrator", admin, someNumber, "card seen", fault.Denied},
			{"the holder", holder, someNumber, "card seen", fault.Denied},
			{"the command line", actor.AtCommandLine(), someNumber, "card seen", fault.Denied},
			{"the program", actor.OfSystem("registrar"), someNumber, "card seen", fault.Denied},
			{"without a proof", officer, someNumber, " ", fault.Invalid},
			{"a proof with the number in it", officer, someNumber, "card " + someNumber, fault.Invalid},
			{"a number that is none", officer, "x", "card seen", fault.Invalid},
		} {
			wantKind(t, tt.name, o.Bind(o.ctx, tt.by, a.ID, tt.number, tt.proof), tt.want)
		}
		plain := o.byLogin("daumoi.h55").ID
		wantKind(t, "an account that needs none", o.Bind(o.ctx, officer, plain, someNumber, "card seen"), fault.Invalid)

		if err := o.Bind(o.ctx, officer, a.ID, someNumber, "card seen"); err != nil {
			t.Fatal(err)
		}
		if got := bound(a); got != someNumber {
			t.Errorf("bound = %q", got)
		}
		wantKind(t, "twice", o.Bind(o.ctx, officer, a.ID, "001090000002", "card seen"), fault.Conflict)

		// One number has one active account.
		second, err := o.Create(o.admin, Draft{Login: "nguoikhac", Name: "Nguyễn Văn Thử", Roles: []string{"citizen"}, Active: true})
		if err != nil {
			t.Fatal(err)
		}
		them := actor.From(o.by("nguoikhac"))
		wantKind(t, "a number that is taken", o.Bind(o.ctx, officer, them.Account, someNumber, "card seen"), fault.Conflict)
		d := draftOf(o.byLogin(someNumber))
		d.Active = false
		if _, err := o.Update(o.admin, a.ID, o.byLogin(someNumber).Version, d); err != nil {
			t.Fatal(err)
		}
		if err := o.Bind(o.ctx, officer, them.Account, someNumber, "card seen"); err != nil {
			t.Fatalf("after the other was locked: %v", err)
		}
		if same, err := o.SamePerson(o.ctx, db, a.ID, second.Account.ID); !same || err != nil {
			t.Errorf("SamePerson = %v, %v", same, err)
		}
		if same, err := o.SamePerson(o.ctx, db, a.ID, officer.Account); same || err != nil {
			t.Errorf("SamePerson of others = %v, %v", same, err)
		}
		_, err = o.BoundTo(o.ctx, a.ID)
		wantKind(t, "the one that was locked", err, fault.NotFound)
		b, err := o.BoundTo(o.ctx, them.Account)
		if err != nil || b.Masked() != "•••••••••001" || strings.Contains(fmt.Sprint(b.LogValue()), someNumber) {
			t.Errorf("binding %s, %v", b.Masked(), err)
		}
		wantKind(t, "unbind another's", o.Unbind(o.ctx, actor.From(o.by(someNumber)), them.Account), fault.Denied)
		if err := o.Unbind(o.ctx, them, them.Account); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "unbind again", o.Unbind(o.ctx, them, them.Account), fault.NotFound)
		if got := bound(second.Account); got != "" {
			t.Errorf("bound after the end to %q", got)
		}
		for _, e := range mustEntries(t, o.ctx, db, "account.") {
			if strings.Contains(fmt.Sprint(e.Details), someNumber) {
				t.Errorf("%s: the number is in the log", e.Action)
			}
		}
	})
}

func mustEntries(t *testing.T, ctx context.Context, db *sqldb.DB, action string) []audit.Entry {
	t.Helper()
	entries, err := audit.Find(ctx, db, audit.Filter{Action: action, Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// The people of the demo are bound from the start, also where their accounts were
// there before; whoever was unbound stays so.
func TestSeedBinds(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		seed := SeedAccount{Password: goodPassword, Draft: Draft{Login: someNumber, Name: "Nguyễn Văn Thử", Roles: []string{"citizen"}}}
		if err := o.Seed(o.ctx, seed); err != nil {
			t.Fatal(err)
		}
		a := o.byLogin(someNumber)
		_, err := o.BoundTo(o.ctx, a.ID)
		wantKind(t, "an account from before", err, fault.NotFound)
		seed.Bound = someNumber
		for range 2 {
			if err := o.Seed(o.ctx, seed); err != nil {
				t.Fatal(err)
			}
		}
		if b, err := o.BoundTo(o.ctx, a.ID); err != nil || b.Number != someNumber || b.How != BySeed {
			t.Errorf("binding %v, %v", b.How, err)
		}
		if err := o.Unbind(o.ctx, actor.From(o.by(someNumber)), a.ID); err != nil {
			t.Fatal(err)
		}
		if err := o.Seed(o.ctx, seed); err != nil {
			t.Fatal(err)
		}
		_, err = o.BoundTo(o.ctx, a.ID)
		wantKind(t, "after its end", err, fault.NotFound)
	})
}

// TestOpenBound: an account that an officer opens at the desk is its holder's from the first
// moment, or is not there at all.
func TestOpenBound(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		officer, admin := actor.From(o.by("hotich")), actor.From(o.admin)
		draft := func(login string, roles ...string) Draft {
			return Draft{Login: login, Name: "Nguyễn Thị Nhung", Email: "nhung@example.vn", Roles: roles}
		}
		for name, tt := range map[string]struct {
			by     actor.Actor
			d      Draft
			number string
			want   fault.Kind
		}{
			"nobody":           {actor.Actor{}, draft("nhung1", "citizen"), someNumber, fault.Unsigned},
			"an administrator": {admin, draft("nhung1", "citizen"), someNumber, fault.Denied},
			"the command line": {actor.AtCommandLine(), draft("nhung1", "citizen"), someNumber, fault.Denied},
			"another role":     {officer, draft("nhung1", "citizen", Administrator), someNumber, fault.Denied},
			"an unknown role":  {officer, draft("nhung1", "wizard"), someNumber, fault.Denied},
			"no role":          {officer, draft("nhung1"), someNumber, fault.Invalid},
			"a bad login":      {officer, draft("Nhung Nhung", "citizen"), someNumber, fault.Invalid},
			"no number":        {officer, draft("nhung1", "citizen"), "x", fault.Invalid},
			"a login in use":   {officer, draft("hotich", "citizen"), someNumber, fault.Conflict},
		} {
			_, err := o.OpenBound(o.ctx, tt.by, tt.d, tt.number, "card seen")
			wantKind(t, name, err, tt.want)
		}
		out, err := o.OpenBound(o.ctx, officer, draft("nhung1", "citizen"), someNumber, "card seen")
		if err != nil || out.Password == "" || !out.Account.MustChange || !out.Account.Active {
			t.Fatalf("%+v, %v", out.Account, err)
		}
		if b, err := o.BoundTo(o.ctx, out.Account.ID); err != nil || b.Number != someNumber || b.By != officer.Account || b.How != ByOfficer {
			t.Errorf("bound: %+v, %v", b, err)
		}
		// Another account for the same person is not there afterwards, nor half of it.
		_, err = o.OpenBound(o.ctx, officer, draft("nhung2", "citizen"), someNumber, "card seen")
		wantKind(t, "a second account", err, fault.Conflict)
		if _, err := o.BindLogin(o.ctx, officer, "nhung2", someNumber, "card seen"); fault.Of(err) != fault.NotFound {
			t.Errorf("half of it is left: %v", err)
		}
		if a, err := o.BindLogin(o.ctx, officer, " NHUNG1", someNumber, "card seen"); err != nil || a.ID != out.Account.ID {
			t.Errorf("bound once more: %v", err)
		}
		_, err = o.BindLogin(o.ctx, officer, "nhung1", "001090000002", "card seen")
		wantKind(t, "to another number", err, fault.Conflict)
		_, err = o.BindLogin(o.ctx, admin, "nhung1", someNumber, "card seen")
		wantKind(t, "by an administrator", err, fault.Denied)
	})
}
