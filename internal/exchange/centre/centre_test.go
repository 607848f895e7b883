package centre_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/exchange/centre/centretest"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

func TestCentre(t *testing.T) {
	t.Parallel()
	centretest.Exercise(t, func(*testing.T) (centre.Store, func() []string) {
		m := centretest.NewMemory()
		return m, m.Actions
	})
}

// TestNobodyGoesPastTheTable: each method asks who acts, also of those that only read.
func TestNobodyGoesPastTheTable(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	key := func() crypto.Signer {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	c := centre.New(centre.Parts{
		Store: centretest.NewMemory(), Clock: clock.Fixed(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)), NewID: func() string { return "x" },
		Instance: "VN", CA: key(), Signer: key(), Agencies: func() []centre.Agency { return []centre.Agency{{Code: "H55", Name: "Thái Nguyên"}} },
	})
	if err := c.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	as := func(roles ...string) actor.Actor { return actor.Actor{Account: "1", Roles: roles, Via: actor.Password} }
	operator, auditor := as(exchange.Operator), as(exchange.Auditor)
	member := exchange.Entry{
		Kind: exchange.MemberEntry, Key: c.MemberOf("H55").String(), Member: c.MemberOf("H55"), Name: c.Agencies()[0].Name,
	}
	for range 2 { // the second time it is there
		if err := c.Ensure(ctx, operator, member); err != nil {
			t.Fatal(err)
		}
	}
	err1 := func(_ any, err error) error { return err }
	for _, m := range []struct {
		name string
		call func(by actor.Actor) error
		who  actor.Actor // who may
		want fault.Kind  // of what they ask for here
	}{
		{"register", func(by actor.Actor) error { return err1(c.Register(ctx, by)) }, auditor, ""},
		{"entry", func(by actor.Actor) error { return err1(c.Entry(ctx, by, member.Kind, member.Key)) }, auditor, ""},
		{"no entry", func(by actor.Actor) error { return err1(c.Entry(ctx, by, member.Kind, "x")) }, auditor, fault.NotFound},
		{"application", func(by actor.Actor) error { return err1(c.Application(ctx, by, "x")) }, auditor, fault.NotFound},
		{"own certificates", func(by actor.Actor) error { return err1(c.Own(ctx, by, nil)) }, auditor, ""},
		{"tokens", func(by actor.Actor) error { return err1(c.Tokens(ctx, by, 10)) }, auditor, ""},
		{"history", func(by actor.Actor) error { return err1(c.History(ctx, by, 0, 10)) }, auditor, ""},
		{"witnessed", func(by actor.Actor) error { return err1(c.Witnessed(ctx, by, "H55-1", 10)) }, auditor, ""},
		{"ensure", func(by actor.Actor) error { return c.Ensure(ctx, by, member) }, operator, ""},
		{"enter", func(by actor.Actor) error { return c.Enter(ctx, by, member) }, operator, fault.Conflict},
		{"state", func(by actor.Actor) error { return c.SetState(ctx, by, member.Kind, "x", 0, exchange.Active, "") }, operator, fault.NotFound},
		{"settle", func(by actor.Actor) error { return c.Settle(ctx, by, "x", true, "") }, operator, fault.NotFound},
		{"withdraw token", func(by actor.Actor) error { return c.WithdrawToken(ctx, by, "x") }, operator, fault.NotFound},
		{"revoke", func(by actor.Actor) error { return c.Revoke(ctx, by, "x", "x") }, operator, fault.NotFound},
		{"invite", func(by actor.Actor) error {
			_, _, err := c.Invite(ctx, by, centre.Invitation{Days: 91})
			return err
		}, operator, fault.Invalid},
	} {
		t.Run(m.name, func(t *testing.T) {
			if got := fault.Of(m.call(actor.Actor{})); got != fault.Unsigned {
				t.Errorf("nobody: got %s", got)
			}
			if got := fault.Of(m.call(as("coordinator", exchange.Program))); got != fault.Denied {
				t.Errorf("a stranger: got %s", got)
			}
			if m.who.Has(exchange.Operator) {
				if got := fault.Of(m.call(auditor)); got != fault.Denied {
					t.Errorf("an auditor: got %s", got)
				}
			}
			err := m.call(m.who)
			if (err == nil) != (m.want == "") || err != nil && fault.Of(err) != m.want {
				t.Errorf("whoever may: got %v, want %q", err, m.want)
			}
		})
	}
	// A gateway is who was heard, not whoever holds its role or its name.
	for _, by := range []actor.Actor{
		operator,
		{Account: "gateway:H55-1", Roles: []string{exchange.Operator}, Via: actor.Exchange},
		{Account: "gateway:H55-1", Roles: []string{centre.TakesPart}, Via: actor.Password},
		{Account: "1", Roles: []string{centre.TakesPart}, Via: actor.Exchange},
	} {
		for _, err := range []error{
			err1(c.Renew(ctx, by, nil)), err1(c.Apply(ctx, by, exchange.Application{ID: "a"})), err1(c.Report(ctx, by, exchange.Report{})),
			c.Restore(ctx, by, exchange.Restore{}),
		} {
			if fault.Of(err) != fault.Denied {
				t.Errorf("%+v: got %v, want Denied", by, err)
			}
		}
	}
}
