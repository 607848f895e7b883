package session

import (
	"strings"
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

func TestActingForAnother(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		h.opts.Roles = []Role{{Code: "citizen", Bound: true}, {Code: "desk"}}
		acting := hoa
		acting.For = &actor.Principal{Subject: "s-granny", Name: "Lê Thị Bà", Number: "019150000001", Kind: "citizen", Ground: "kin", Scope: []string{"1.001193"}}
		own := h.who(hoa)
		id := h.who(acting)
		if id.Account != own.Account || id.Bound != hoa.Number || id.For == nil || id.For.Name != "Lê Thị Bà" || id.For.Number != "019150000001" ||
			!id.For.Covers("1.001193") || id.For.Covers("1.004222") || id.ForName() != "Lê Thị Bà" {
			t.Errorf("%+v for %+v", id.Actor, id.For)
		}
		if own.For != nil || own.ForName() != "" {
			t.Errorf("for oneself: %+v", own.For)
		}
		details, err := sqldb.All[string](h.ctx, db, `SELECT details FROM audit_entry WHERE action = 'session.sign_in' ORDER BY seq`)
		if err != nil || len(details) < 2 {
			t.Fatal(details, err)
		}
		if last := details[len(details)-1]; !strings.Contains(last, "s-granny") || strings.Contains(last, "019150000001") {
			t.Errorf("the log of the sign-in says %s", last)
		}
		for name, p := range map[string]*actor.Principal{
			"no subject": {Name: "A B", Number: "019150000001"}, "no number": {Subject: "x", Name: "A B"},
			"oneself":          {Subject: "s1", Name: "A B", Number: "019150000001"},
			"one's own number": {Subject: "x", Name: "A B", Number: hoa.Number},
		} {
			bad := hoa
			bad.For = p
			if _, err := h.SignInPerson(h.ctx, bad, Client{}, ""); fault.Of(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}

		// When the right ends, what acts by it ends, and one's own session at the same sign-in goes on.
		if n, err := h.EndAt(h.ctx, hoa.Issuer, hoa.Session, "s-granny"); err != nil || n != 1 {
			t.Errorf("ended %d, %v; want 1", n, err)
		}
		left, err := sqldb.All[string](h.ctx, db, `SELECT acts_subject FROM account_session`)
		if err != nil || len(left) != 1 || left[0] != "" {
			t.Errorf("what goes on: %q, %v", left, err)
		}
		h.who(acting)
		if n, err := h.EndAt(h.ctx, hoa.Issuer, hoa.Session, "s1"); err != nil || n != 1 {
			t.Errorf("one's own: ended %d, %v; want 1", n, err)
		}
		if n, err := h.EndAt(h.ctx, hoa.Issuer, hoa.Session, ""); err != nil || n != 1 {
			t.Errorf("the rest of the sign-in: ended %d, %v; want 1", n, err)
		}
	})
}
