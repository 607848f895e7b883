package session

import (
	"context"
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

var hoa = Person{Issuer: "https://dinhdanh.example.vn", Subject: "s1", Session: "sid1", Number: "019194000102", Name: "Nguyễn Thị Hoa", Level: 2, Token: "t"}

// who opens a session and gives the identity that it has.
func (h *house) who(p Person) Identity {
	h.t.Helper()
	token, err := h.SignInPerson(h.ctx, p, Client{}, "")
	if err != nil {
		h.t.Fatal(err)
	}
	id, step, ok, err := h.identify(h.ctx, token)
	if err != nil || !ok || step != Complete {
		h.t.Fatalf("session: %v %q %t", err, step, ok)
	}
	return id
}

func TestSignInPerson(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		if _, err := h.SignInPerson(h.ctx, hoa, Client{}, ""); fault.Of(err) != fault.Denied {
			t.Errorf("a node without citizens: %v, want Denied", err)
		}
		h.opts.Roles = []Role{{Code: "citizen", Bound: true}}
		id := h.who(hoa)
		if id.Via != actor.OIDC || id.Level != 2 || id.Bound != hoa.Number || !id.Has("citizen") || id.Issuer != hoa.Issuer {
			t.Errorf("signed in as %+v", id.Actor)
		}
		low := hoa
		low.Level = 1
		if got := h.who(low); got.Level != 1 || got.Account != id.Account {
			t.Errorf("at level 1: %+v", got.Actor)
		}
		again := hoa
		again.Number, again.Session = "019194000999", "sid2"
		if other := h.who(again); other.Account != id.Account || other.Bound != again.Number {
			t.Error("after the number became another, it is another account, or bound to the old one")
		}
		if _, err := h.ResetPassword(h.admin, id.Account, false, "x"); fault.Of(err) != fault.Denied {
			t.Errorf("a password for it: %v, want Denied", err)
		}
		stranger := hoa
		stranger.Subject, stranger.Number = "s2", "019091000101"
		if other := h.who(stranger); other.Account == id.Account {
			t.Error("two people have one account")
		}
		for name, p := range map[string]Person{
			"no number":  {Issuer: "i", Subject: "s", Level: 1, Name: "A B"},
			"no level":   {Issuer: "i", Subject: "s", Number: hoa.Number, Name: "A B"},
			"no subject": {Issuer: "i", Number: hoa.Number, Level: 1, Name: "A B"},
		} {
			if _, err := h.SignInPerson(h.ctx, p, Client{}, ""); fault.Of(err) != fault.Invalid {
				t.Errorf("%s: %v, want Invalid", name, err)
			}
		}
		n, err := h.EndAt(h.ctx, hoa.Issuer, "sid2", "")
		if err != nil || n != 1 {
			t.Errorf("ended %d sessions, %v; want 1", n, err)
		}
		if n, err := h.EndAt(h.ctx, hoa.Issuer, "", "s1"); err != nil || n != 2 {
			t.Errorf("ended %d sessions of the subject, %v; want 2", n, err)
		}
		if n, err := h.EndAt(h.ctx, "https://other.example.vn", "", "s2"); err != nil || n != 0 {
			t.Errorf("another issuer ended %d sessions, %v", n, err)
		}
	})
}

// An administrator gives a role to a number. Whoever signs in as its person has it, nobody
// opens it with a password, and it ends with the account.
func TestRoleForANumber(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		h.opts.Roles = []Role{{Code: "focal_point"}, {Code: "citizen", Bound: true}}
		made, err := h.Create(h.admin, Draft{Number: hoa.Number, Name: "Nguyễn Thị Hoa", Agency: "H55", Roles: []string{"focal_point"}, Active: true})
		if err != nil || made.Password != "" || made.Half {
			t.Fatalf("made %+v, %v", made, err)
		}
		if _, err := h.CheckPassword(h.ctx, made.Account.Login, "", Client{}); fault.Of(err) != fault.Invalid {
			t.Errorf("an empty password: %v, want Invalid", err)
		}
		id := h.who(hoa)
		if id.Account != made.Account.ID || !id.Has("focal_point") || id.Agency != "H55" {
			t.Errorf("signed in as %+v", id.Actor)
		}
		if _, err := h.Create(h.admin, Draft{Number: hoa.Number, Name: "Khác", Roles: []string{"focal_point"}, Active: true}); fault.Of(err) != fault.Conflict {
			t.Errorf("the number again: %v, want Conflict", err)
		}
		if _, err := h.Create(h.admin, Draft{Number: "12", Name: "Khác", Roles: []string{"focal_point"}, Active: true}); fault.Of(err) != fault.Invalid {
			t.Errorf("no number: %v, want Invalid", err)
		}
		a, err := account(context.Background(), db, made.Account.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Update(h.admin, a.ID, a.Version, Draft{Name: a.Name, Agency: a.Agency, Roles: a.Roles.V}); err != nil {
			t.Fatal(err)
		}
		if n, err := sqldb.One[int](h.ctx, db, `SELECT COUNT(*) FROM account_session WHERE account_id = $1`, a.ID); err != nil || n != 0 {
			t.Errorf("%d sessions after it was locked, %v", n, err)
		}
		if _, err := h.SignInPerson(h.ctx, hoa, Client{}, ""); fault.Of(err) != fault.Denied {
			t.Errorf("a locked account: %v, want Denied", err)
		}
		if h.NameOf(h.ctx, a.ID, time.Time{}) == "" {
			t.Error("its name is lost")
		}
	})
}
