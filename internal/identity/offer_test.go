package identity_test

import (
	"slices"
	"testing"
	"time"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/fault"
)

// TestOffersTellNothing: whoever offers learns from nothing that they see whether a number has
// an account: not from the answer, the list, their log or their letters, nor when it ends.
func TestOffersTellNothing(t *testing.T) {
	t.Parallel()
	type seen struct {
		acting  []identity.Acting
		entries []identity.Entry
		letters []identitytest.Letter
	}
	var first *seen
	for _, name := range []string{"an account of level 2", "of level 1", "another's name", "no account"} {
		l := newLife(t)
		granny := l.Give(t, identitytest.Granny, identity.Two)
		in := l.signedIn(granny)
		o := identity.Offer{
			By: identity.OfCitizen(identitytest.Mother.Number), Name: "tran thi me", Scope: []string{"*"}, Until: l.Clock.Now().Add(48 * time.Hour),
		}
		switch name {
		case "an account of level 2":
			l.Give(t, identitytest.Mother, identity.Two)
		case "of level 1":
			l.Give(t, identitytest.Mother, identity.One)
		case "another's name":
			held := identitytest.Mother
			held.Name = "Hoàng Thị Khác"
			l.Give(t, held, identity.Two)
		}
		d, err := l.Offer(t.Context(), in, o, browser("203.0.113.1"))
		l.must(err)
		if reached := d.By != ""; reached != (name == "an account of level 2") {
			t.Errorf("%s: it reached %q", name, d.By)
		}
		l.Clock.Pass(time.Hour)
		in = l.signedIn(granny)
		l.must(l.EndDelegation(t.Context(), in, d.ID, browser("203.0.113.1")))
		var s seen
		s.acting, err = l.ActingOf(t.Context(), in)
		l.must(err)
		s.entries, err = l.Store.Entries(t.Context(), granny.ID, 0, 100)
		l.must(err)
		s.letters = l.Teller.Letters(identitytest.EmailOf(identitytest.Granny))
		for i := range s.acting {
			s.acting[i].ID, s.acting[i].For, s.acting[i].EndedAt, s.acting[i].Version, s.acting[i].CreatedBy = "", "", time.Time{}, 0, ""
		}
		for i := range s.entries {
			s.entries[i] = identity.Entry{What: s.entries[i].What, Args: s.entries[i].Args}
		}
		if len(s.acting) != 1 || len(s.letters) != 2 || len(s.entries) != 3 {
			t.Fatalf("%s: %+v", name, s)
		}
		if first == nil {
			first = &s
			continue
		}
		same := slices.EqualFunc(first.letters, s.letters, func(a, b identitytest.Letter) bool { return a.Text == b.Text && equal(a.Args, b.Args) }) &&
			slices.EqualFunc(first.entries, s.entries, func(a, b identity.Entry) bool { return a.What == b.What && equal(a.Args, b.Args) })
		a, b := first.acting[0], s.acting[0]
		if !same || a.ByName != b.ByName || a.By != b.By || a.ForName != b.ForName || a.EndedBy != b.EndedBy {
			t.Errorf("%s: it shows\n%+v\n%+v", name, *first, s)
		}
	}
}

func equal(a, b map[string]string) bool {
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return len(a) == len(b)
}

// TestDelegationEndsWhereItWasUsed: services that were signed in to by it are told to end what
// they keep open, unless another right to act for the same person goes on.
func TestDelegationEndsWhereItWasUsed(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	ctx := t.Context()
	granny, mother := l.Give(t, identitytest.Granny, identity.Two), l.Give(t, identitytest.Mother, identity.Two)
	l.must(l.Store.InTx(ctx, func(tx identity.Tx) error {
		return tx.SaveClient(ctx, identity.Client{ID: "c-1", Owner: "H55", State: identity.ClientApproved, BackChannel: "https://dvc.example.vn/bye"})
	}))
	hers, mine, b := l.signedIn(granny), l.signedIn(mother), browser("203.0.113.1")
	give := func() identity.Delegation {
		d, err := l.Offer(ctx, hers, identity.Offer{
			By: mother.Holder, Name: identitytest.Mother.Name, Scope: []string{"*"}, Until: l.Clock.Now().Add(48 * time.Hour),
		}, b)
		l.must(err)
		l.must(l.Accept(ctx, mine, d.ID, b))
		return d
	}
	one, two := give(), give()
	open := func(whose string) {
		g := identity.Grant{
			ID: l.NewID(), Client: "c-1", Account: mother.ID, For: whose, Session: mine.Session.ID, CreatedAt: l.Clock.Now(),
			ExpiresAt: l.Clock.Now().Add(time.Hour),
		}
		l.must(l.Store.InTx(ctx, func(tx identity.Tx) error { return tx.AddGrant(ctx, g) }))
	}
	open(granny.ID)
	open("")
	l.must(l.EndDelegation(ctx, hers, one.ID, b))
	if told := l.Goodbyes.Take(); len(told) != 0 {
		t.Errorf("another right goes on: %+v", told)
	}
	l.must(l.EndDelegation(ctx, mine, two.ID, b))
	if told := l.Goodbyes.Take(); len(told) != 1 || told[0] != (identity.Goodbye{Client: "c-1", Account: granny.ID, Session: mine.Session.ID}) {
		t.Errorf("%+v", told)
	}
	l.wants("taken on once more", l.Accept(ctx, mine, two.ID, b), fault.Conflict, "identity.delegation.over")
}
