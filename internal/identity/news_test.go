package identity_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/fault"
)

// news tells of somebody twice, and fails unless the second time changes nothing.
func (l life) news(p identity.Facts) {
	l.t.Helper()
	l.must(l.PersonChanged(l.t.Context(), identitytest.Program, p.Number))
	a := l.of(p)
	steps := l.steps(a.ID)
	l.must(l.PersonChanged(l.t.Context(), identitytest.Program, p.Number))
	if again := l.steps(a.ID); !slices.Equal(steps, again) || l.of(p).Version != a.Version {
		l.t.Errorf("told twice, done twice: %v, %v", steps, again)
	}
}

func TestNewsOfADeath(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	ctx := t.Context()
	a, child := l.Give(t, identitytest.Mother, identity.Two), l.Give(t, identitytest.Pupil, identity.One)
	in := l.signedIn(a)
	_, err := l.AskForChild(ctx, in, identitytest.Pupil.Number, browser("203.0.113.1"))
	l.must(err)
	phone := l.device(a)
	l.holds(a, "")
	l.holds(a, child.ID)
	l.Register.Change(identitytest.Mother.Number, func(f *identity.Facts) { f.Dead = citizen.MustDay("2026-11-23") })
	l.news(identitytest.Mother)
	got := l.of(identitytest.Mother)
	dev, err := l.Store.Device(ctx, phone.ID)
	l.must(err)
	if got.State != identity.Closed || got.StateWhy != identity.WhyDeath || dev.Open() {
		t.Errorf("%+v, device open %v", got, dev.Open())
	}
	l.shut(got)
	acted, err := l.Store.ActedFor(ctx, child.ID)
	if err != nil || len(acted) != 1 || acted[0].EndedAt.IsZero() {
		t.Errorf("she still acts for her child: %+v, %v", acted, err)
	}
	if e := l.last(child.ID); e.What != "delegation_ended" || e.Args["why"] != identity.WhyDeath {
		t.Errorf("%+v", e)
	}

	l.Register.Change(identitytest.Mother.Number, func(f *identity.Facts) { f.Dead = 0 })
	l.news(identitytest.Mother)
	got = l.of(identitytest.Mother)
	if got.State != identity.Suspended || got.StateWhy != identity.WhyRevived {
		t.Errorf("a death that was taken back: %+v", got)
	}
	d := identity.Present{Holder: got.Holder, Card: seen(identitytest.Mother).Card, Compared: true, Purpose: "Đính chính khai tử"}
	l.must(l.ReopenAtDesk(ctx, identitytest.Officer, d))
	if !l.of(identitytest.Mother).Opens() {
		t.Error("she cannot get back")
	}
}

func TestNewsOfAName(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	a := l.Give(t, identitytest.Mother, identity.Two)
	birth, _ := a.Attribute(identity.FieldBirth)
	l.Clock.Pass(time.Hour)
	l.Register.Change(identitytest.Mother.Number, func(f *identity.Facts) { f.Name = "Trần Thị Mẹ Mới" })
	l.news(identitytest.Mother)
	got := l.of(identitytest.Mother)
	name, _ := got.Attribute(identity.FieldName)
	if name.Value != "Trần Thị Mẹ Mới" || !name.Since.Equal(l.Clock.Now()) || name.Basis != identity.FromRegister {
		t.Errorf("%+v", name)
	}
	if same, _ := got.Attribute(identity.FieldBirth); same != birth {
		t.Errorf("what did not change has another day: %+v, %+v", same, birth)
	}
	if e := l.last(a.ID); e.What != "corrected" || e.Args["fields"] != "name" {
		t.Errorf("%+v", e)
	}
	before := l.steps(a.ID)
	l.Register.Change(identitytest.Mother.Number, func(*identity.Facts) {}) // a marriage: nothing that an account says
	l.news(identitytest.Mother)
	if !slices.Equal(before, l.steps(a.ID)) {
		t.Errorf("%v", l.steps(a.ID))
	}
	l.must(l.PersonChanged(t.Context(), identitytest.Program, identitytest.Nobody.Number))
	l.Register.Away = fault.New(fault.Unavailable, "identity.unknown", nil)
	if err := l.PersonChanged(t.Context(), identitytest.Program, identitytest.Mother.Number); fault.Of(err) != fault.Unavailable {
		t.Errorf("while the register is away: %v", err)
	}
}

func TestNewsOfANumberThatIsGone(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	a := l.Give(t, identitytest.Mother, identity.Two)
	l.signedIn(a)
	l.Register.Remove(identitytest.Mother.Number)
	l.news(identitytest.Mother)
	got := l.of(identitytest.Mother)
	if got.State != identity.Suspended || got.StateWhy != identity.WhyUnregistered {
		t.Errorf("%+v", got)
	}
	l.shut(got)
	l.Register.Put(identitytest.Mother)
	l.news(identitytest.Mother)
	if got := l.of(identitytest.Mother); !got.Opens() {
		t.Errorf("the number is back: %+v", got)
	}
}

// Of two numbers of one person one account is left: that of the number which stays.
func TestNewsOfAMerger(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	t.Run("both have one", func(t *testing.T) {
		t.Parallel()
		l := newLife(t)
		old, stays := l.Give(t, identitytest.Mother, identity.Two), l.Give(t, identitytest.Other, identity.One)
		granny := l.Give(t, identitytest.Granny, identity.Two)
		b := browser("203.0.113.1")
		d, err := l.Offer(ctx, l.signedIn(granny), l.anything(old, time.Hour), b)
		l.must(err)
		l.must(l.Accept(ctx, l.signedIn(old), d.ID, b))
		phone := l.device(old)
		l.Register.Merge(identitytest.Mother.Number, identitytest.Other.Number)
		l.news(identitytest.Mother)
		was, is := l.of(identitytest.Mother), l.of(identitytest.Other)
		if was.State != identity.Closed || was.Merged != stays.ID || is.ID != stays.ID || is.Level != identity.Two || !is.Opens() {
			t.Errorf("%+v, %+v", was, is)
		}
		l.shut(was)
		dev, err := l.Store.Device(ctx, phone.ID)
		l.must(err)
		moved, err := l.Store.Delegation(ctx, d.ID)
		if err != nil || dev.Open() || moved.By != stays.ID || !moved.Holds(l.Clock.Now()) {
			t.Errorf("device open %v, %+v, %v", dev.Open(), moved, err)
		}
		if e := l.last(stays.ID); e.What != "merged" || e.Args["from"] != old.ID {
			t.Errorf("%+v", e)
		}
	})
	t.Run("one has", func(t *testing.T) {
		t.Parallel()
		l := newLife(t)
		old := l.Give(t, identitytest.Mother, identity.Two)
		phone := l.device(old)
		l.Register.Merge(identitytest.Mother.Number, identitytest.Other.Number)
		l.news(identitytest.Mother)
		is := l.of(identitytest.Other)
		dev, err := l.Store.Device(ctx, phone.ID)
		l.must(err)
		if is.ID != old.ID || is.Level != identity.Two || is.Value(identity.FieldName) != identitytest.Other.Name || !dev.Open() {
			t.Errorf("%+v, device open %v", is, dev.Open())
		}
		if gone := l.of(identitytest.Mother); gone.ID != "" {
			t.Errorf("the old number still opens it: %+v", gone)
		}
	})
	t.Run("who acted for themselves by it", func(t *testing.T) {
		t.Parallel()
		l := newLife(t)
		old, stays := l.Give(t, identitytest.Mother, identity.Two), l.Give(t, identitytest.Other, identity.Two)
		d, err := l.Offer(ctx, l.signedIn(stays), l.anything(old, time.Hour), browser("203.0.113.1"))
		l.must(err)
		l.Register.Merge(identitytest.Mother.Number, identitytest.Other.Number)
		l.news(identitytest.Mother)
		if got, err := l.Store.Delegation(ctx, d.ID); err != nil || got.EndedAt.IsZero() {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// Parents and guardians act as long as the register names them, and until the eighteenth
// birthday.
func TestNewsOfKin(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	l := newLife(t)
	granny := l.Give(t, identitytest.Granny, identity.Two)
	child, err := l.AskForChild(ctx, l.signedIn(granny), identitytest.Orphan.Number, browser("203.0.113.1"))
	l.must(err)
	act := func() identity.Delegation {
		list, err := l.Store.ActedFor(ctx, child.ID)
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		return list[0]
	}
	if d := act(); d.Ground != identity.AsGuardian || !d.Until.Equal(time.Date(2035, 2, 27, 17, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", d)
	}
	l.Register.Change(identitytest.Orphan.Number, func(f *identity.Facts) { f.Birth = citizen.MustDay("2017-03-02") })
	l.news(identitytest.Orphan)
	if d := act(); !d.Until.Equal(time.Date(2035, 3, 1, 17, 0, 0, 0, time.UTC)) || !d.Holds(l.Clock.Now()) {
		t.Errorf("another day of birth: %+v", d)
	}
	l.Register.Change(identitytest.Orphan.Number, func(f *identity.Facts) { f.Guardians = []citizen.Number{identitytest.Other.Number} })
	l.news(identitytest.Orphan)
	if d := act(); d.EndedBy != "register" || d.Holds(l.Clock.Now()) {
		t.Errorf("another guardian: %+v", d)
	}

	mother := l.Give(t, identitytest.Mother, identity.Two)
	teen := l.Give(t, identitytest.Teen, identity.Two)
	_, err = l.AskForChild(ctx, l.signedIn(mother), identitytest.Teen.Number, browser("203.0.113.1"))
	l.must(err)
	l.Clock.Set("2029-01-15 00:00")
	list, err := l.Store.ActedFor(ctx, teen.ID)
	if err != nil || len(list) != 1 || list[0].Holds(l.Clock.Now()) {
		t.Errorf("of eighteen years: %+v, %v", list, err)
	}
	if n, err := l.EndTerms(ctx, identitytest.Program); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if e := l.last(mother.ID); e.What != "delegation_ended" || e.Args["why"] != "term" {
		t.Errorf("%+v", e)
	}
}

// TestLives: whatever happens to accounts, in whatever order, what must hold holds.
func TestLives(t *testing.T) {
	t.Parallel()
	people := []identity.Facts{identitytest.Mother, identitytest.Father, identitytest.Pupil, identitytest.Teen, identitytest.Granny, identitytest.Orphan}
	rapid.Check(t, func(r *rapid.T) {
		l := life{identitytest.NewWorld(nil), t}
		ctx, b := t.Context(), browser("203.0.113.1")
		who := func() identity.Facts { return rapid.SampledFrom(people).Draw(r, "who") }
		present := func(p identity.Facts) identity.Present {
			return identity.Present{Holder: identity.OfCitizen(p.Number), Card: seen(p).Card, Compared: true, Purpose: "x"}
		}
		// in is a sign-in of somebody, if they can sign in.
		in := func(p identity.Facts) (identity.SignedIn, bool) {
			a := l.of(p)
			return identity.SignedIn{Account: a}, a.Opens()
		}
		try := func(f func(identity.SignedIn) error) {
			if s, ok := in(who()); ok {
				err := f(l.signedIn(s.Account))
				if err != nil && fault.As(err) == nil {
					r.Fatal(err)
				}
			}
		}
		desk := func(err error) {
			if err != nil && fault.As(err) == nil {
				r.Fatal(err)
			}
		}
		dead := map[citizen.Number]bool{}
		r.Repeat(map[string]func(*rapid.T){
			"identify": func(r *rapid.T) {
				d := seen(who())
				d.Level = rapid.SampledFrom([]identity.Level{identity.One, identity.Two}).Draw(r, "level")
				d.Guardian = who().Number
				_, err := l.Identify(ctx, identitytest.Officer, d)
				desk(err)
			},
			"suspend":   func(*rapid.T) { try(func(s identity.SignedIn) error { return l.Suspend(ctx, s, b) }) },
			"reopen":    func(*rapid.T) { desk(l.ReopenAtDesk(ctx, identitytest.Officer, present(who()))) },
			"authority": func(*rapid.T) { desk(l.SuspendBy(ctx, identitytest.Operator, l.of(who()).ID, "x")) },
			"allow":     func(*rapid.T) { desk(l.ReopenBy(ctx, identitytest.Operator, l.of(who()).ID, "x")) },
			"lost": func(*rapid.T) {
				try(func(s identity.SignedIn) error { return l.ReportLost(ctx, s, identity.Lost{All: true}, b) })
			},
			"device": func(*rapid.T) {
				try(func(s identity.SignedIn) error {
					l.device(s.Account)
					l.holds(s.Account, "")
					return nil
				})
			},
			"child": func(*rapid.T) {
				try(func(s identity.SignedIn) error { _, err := l.AskForChild(ctx, s, who().Number, b); return err })
			},
			"offer": func(*rapid.T) {
				try(func(s identity.SignedIn) error {
					to := who()
					o := identity.Offer{By: identity.OfCitizen(to.Number), Name: to.Name, Scope: []string{"*"}, Until: l.Clock.Now().Add(20 * 24 * time.Hour)}
					d, err := l.Offer(ctx, s, o, b)
					if err == nil {
						for _, p := range people {
							if a := l.of(p); a.ID != "" && a.ID == d.By {
								err = l.Accept(ctx, l.signedIn(a), d.ID, b)
							}
						}
					}
					return err
				})
			},
			"die": func(*rapid.T) {
				p := who()
				dead[p.Number] = true
				l.Register.Change(p.Number, func(f *identity.Facts) { f.Dead = citizen.MustDay("2026-11-24") })
				l.must(l.PersonChanged(ctx, identitytest.Program, p.Number))
			},
			"live": func(*rapid.T) {
				p := who()
				delete(dead, p.Number)
				l.Register.Change(p.Number, func(f *identity.Facts) { f.Dead = 0 })
				l.must(l.PersonChanged(ctx, identitytest.Program, p.Number))
			},
			"days": func(r *rapid.T) {
				l.Clock.Pass(time.Duration(rapid.IntRange(1, 900).Draw(r, "days")) * 24 * time.Hour)
				_, err := l.EndTerms(ctx, identitytest.Program)
				l.must(err)
			},
			"": func(r *rapid.T) {
				now := l.Clock.Now()
				for _, p := range people {
					a := l.of(p)
					if a.ID == "" {
						continue
					}
					if dead[p.Number] && a.State != identity.Closed {
						r.Fatalf("%s is dead and %s", p.Name, a.State)
					}
					if !a.Opens() {
						l.shut(a)
					}
					l.coherent(r, a, now)
				}
			},
		})
	})
}

// coherent fails unless an account fits what is kept beside it.
func (l life) coherent(r *rapid.T, a identity.Account, now time.Time) {
	ctx := l.t.Context()
	devices, err := l.Store.Devices(ctx, a.ID)
	l.must(err)
	if a.State == identity.Closed && slices.ContainsFunc(devices, identity.Device.Open) {
		r.Fatal("a device opens a closed account")
	}
	proofs, err := l.Store.Proofings(ctx, a.ID)
	l.must(err)
	if a.Level == identity.Two && !slices.ContainsFunc(proofs, func(p identity.Proofing) bool { return p.Level == identity.Two && p.Compared != "" }) {
		r.Fatal("level 2 without anybody who compared the face")
	}
	acted, err := l.Store.ActedFor(ctx, a.ID)
	l.must(err)
	for _, d := range acted {
		if d.By == "" { // an offer that reached nobody
			if d.Holds(now) {
				r.Fatal("an offer that reached nobody holds")
			}
			continue
		}
		by, err := l.Store.Account(ctx, d.By)
		l.must(err)
		switch {
		case d.By == d.For:
			r.Fatal("somebody acts for themselves")
		case !d.Holds(now):
		case by.State == identity.Closed, a.State == identity.Closed:
			r.Fatalf("%s holds between %s and %s", d.Ground, by.State, a.State)
		case d.Until.IsZero():
			r.Fatalf("%s without an end", d.Ground)
		}
	}
	list, err := l.Store.Entries(ctx, a.ID, 0, 1000)
	l.must(err)
	i := slices.IndexFunc(list, func(e identity.Entry) bool { return e.State != "" })
	if i < 0 || list[i].State != a.Sum() {
		r.Fatal(fmt.Sprint("the account is not as its last entry left it: ", l.steps(a.ID)))
	}
}
