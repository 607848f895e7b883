package identity_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

func TestOrganisations(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	ctx := t.Context()
	father, mother := l.Give(t, identitytest.Father, identity.Two), l.Give(t, identitytest.Mother, identity.Two)
	other := l.Give(t, identitytest.Other, identity.Two)
	d := identity.Registration{
		Code: "0100100079", Name: "Công ty Thử Nghiệm", Head: father.Holder, Paper: "GCN 0100100079 ngày 01/02/2020",
		Purpose: "Cấp tài khoản",
	}
	org, err := l.IdentifyOrganisation(ctx, identitytest.Officer, d)
	l.must(err)
	if org.Level != identity.NoLevel || org.Holder.Kind != identity.Organisation || org.Value(identity.FieldName) != d.Name {
		t.Errorf("%+v", org)
	}
	b := browser("203.0.113.1")
	offer := identity.Offer{For: org.ID, By: other.Holder, Name: identitytest.Other.Name, Scope: []string{"1.001193"}, Until: l.Clock.Now().Add(24 * time.Hour)}
	_, err = l.Offer(ctx, l.signedIn(mother), offer, b)
	l.wants("who is not its head", err, fault.Denied, "identity.delegation.not_head")
	given, err := l.Offer(ctx, l.signedIn(father), offer, b)
	l.must(err)
	l.must(l.Accept(ctx, l.signedIn(other), given.ID, b))
	now := l.Clock.Now()
	staff, err := l.Store.Delegation(ctx, given.ID)
	if err != nil || staff.Ground != identity.AsStaff || !staff.Covers("1.001193", now) || staff.Covers("1.000656", now) || staff.For != org.ID {
		t.Errorf("%+v, %v", staff, err)
	}

	d.Head = mother.Holder
	if _, err := l.IdentifyOrganisation(ctx, identitytest.Officer, d); err != nil {
		t.Fatal(err)
	}
	_, err = l.Offer(ctx, l.signedIn(father), offer, b)
	l.wants("the head before", err, fault.Denied, "identity.delegation.not_head")
	l.wants("the head before withdraws", l.EndDelegation(ctx, l.signedIn(father), given.ID, b), fault.NotFound, "identity.unknown")
	grant := l.holds(other, org.ID)
	l.must(l.EndDelegation(ctx, l.signedIn(mother), given.ID, b))
	if g, err := l.Store.Grant(ctx, grant.ID); err != nil || g.Open(now) {
		t.Errorf("what staff signed in to goes on: %+v, %v", g, err)
	}
	heads, err := l.Store.ActedFor(ctx, org.ID)
	l.must(err)
	for _, h := range heads {
		if h.Ground == identity.AsHead && h.By == mother.ID {
			l.wants("a head gives it back", l.EndDelegation(ctx, l.signedIn(mother), h.ID, b), fault.Denied, "identity.delegation.by_law")
		}
	}
	low := l.Give(t, identitytest.Granny, identity.One)
	d.Head = low.Holder
	_, err = l.IdentifyOrganisation(ctx, identitytest.Officer, d)
	l.wants("a head of level 1", err, fault.Invalid, "identity.organisation.head")
	d.Code = "?"
	_, err = l.IdentifyOrganisation(ctx, identitytest.Officer, d)
	l.wants("no code", err, fault.Invalid, "identity.number.organisation")
}

// anything is an offer that somebody acts in all for a time.
func (l life) anything(by identity.Account, lasts time.Duration) identity.Offer {
	return identity.Offer{By: by.Holder, Name: by.Value(identity.FieldName), Scope: []string{"*"}, Until: l.Clock.Now().Add(lasts)}
}

func TestDelegations(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	ctx := t.Context()
	granny, mother := l.Give(t, identitytest.Granny, identity.Two), l.Give(t, identitytest.Mother, identity.Two)
	other := l.Give(t, identitytest.Other, identity.One)
	b := browser("203.0.113.1")
	hers, mine := l.signedIn(granny), l.signedIn(mother)
	offer := identity.Offer{By: mother.Holder, Name: identitytest.Mother.Name, Scope: []string{"*"}, Until: l.Clock.Now().Add(48 * time.Hour)}
	for name, c := range map[string]struct {
		change func(*identity.Offer)
		key    string
	}{
		"herself":         {func(o *identity.Offer) { o.By = granny.Holder }, "identity.delegation.who"},
		"no name":         {func(o *identity.Offer) { o.Name = "  " }, "identity.delegation.name"},
		"no scope":        {func(o *identity.Offer) { o.Scope = nil }, "identity.delegation.scope"},
		"a strange scope": {func(o *identity.Offer) { o.Scope = []string{"a b"} }, "identity.delegation.scope"},
		"no end":          {func(o *identity.Offer) { o.Until = time.Time{} }, "identity.delegation.until"},
		"an end before":   {func(o *identity.Offer) { o.Until = l.Clock.Now().Add(-time.Hour) }, "identity.delegation.until"},
		"six years":       {func(o *identity.Offer) { o.Until = l.Clock.Now().AddDate(6, 0, 0) }, "identity.delegation.until"},
		"yesterday":       {func(o *identity.Offer) { o.From = l.Clock.Now().AddDate(0, 0, -1) }, "identity.delegation.from"},
	} {
		bad := offer
		c.change(&bad)
		_, err := l.Offer(ctx, hers, bad, b)
		l.wants(name, err, fault.Invalid, c.key)
	}
	_, err := l.Offer(ctx, l.signedIn(other), offer, b)
	l.wants("of level 1", err, fault.Denied, "identity.delegation.level")

	d, err := l.Offer(ctx, hers, offer, b)
	l.must(err)
	if d.Covers("x", l.Clock.Now()) {
		t.Error("it holds before anybody took it on")
	}
	l.wants("taken on by who offered", l.Accept(ctx, hers, d.ID, b), fault.NotFound, "identity.unknown")
	l.must(l.Accept(ctx, mine, d.ID, b))
	l.wants("twice", l.Accept(ctx, mine, d.ID, b), fault.Conflict, "identity.delegation.over")
	for _, a := range []identity.Account{granny, mother} {
		e := l.last(a.ID)
		if e.What != "delegation_accepted" || e.For != granny.ID || e.Args["for"] != identitytest.Granny.Name || e.Args["by"] != identitytest.Mother.Name {
			t.Errorf("both logs show both: %+v", e)
		}
	}
	list, err := l.ActingOf(ctx, mine)
	if err != nil || len(list) != 1 || list[0].ForName != identitytest.Granny.Name || list[0].ByName != identitytest.Mother.Name {
		t.Errorf("%+v, %v", list, err)
	}
	stranger := l.signedIn(l.Give(t, identitytest.Father, identity.Two))
	l.wants("withdrawn by another", l.EndDelegation(ctx, stranger, d.ID, b), fault.NotFound, "identity.unknown")
	grant := l.holds(mother, granny.ID)
	l.must(l.EndDelegation(ctx, hers, d.ID, b))
	l.must(l.EndDelegation(ctx, hers, d.ID, b))
	if g, err := l.Store.Grant(ctx, grant.ID); err != nil || g.Open(l.Clock.Now()) {
		t.Errorf("%+v, %v", g, err)
	}

	d, err = l.Offer(ctx, hers, offer, b)
	l.must(err)
	l.must(l.Accept(ctx, mine, d.ID, b))
	l.Clock.Pass(47*time.Hour + 30*time.Minute)
	grant = l.holds(mother, granny.ID)
	l.Clock.Pass(30 * time.Minute)
	n, err := l.EndTerms(ctx, identitytest.Program)
	if err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	ended, err := l.Store.Delegation(ctx, d.ID)
	if err != nil || !ended.EndedAt.Equal(d.Until) || ended.EndedBy != "term" {
		t.Errorf("%+v, %v", ended, err)
	}
	if n, err := l.EndTerms(ctx, identitytest.Program); err != nil || n != 0 {
		t.Errorf("noted twice: %d, %v", n, err)
	}
	if g, err := l.Store.Grant(ctx, grant.ID); err != nil || g.EndedAt.IsZero() {
		t.Errorf("what was signed in to by it goes on: %+v, %v", g, err)
	}
}

// Who may close and open an account, in which state.
func TestSuspension(t *testing.T) {
	t.Parallel()
	b := browser("203.0.113.1")
	d := identity.Present{Holder: identity.OfCitizen(identitytest.Mother.Number), Card: seen(identitytest.Mother).Card, Compared: true, Purpose: "Mất điện thoại"}
	type act func(l life, a identity.Account) error
	acts := map[string]act{
		"holder": func(l life, a identity.Account) error { return l.Suspend(l.t.Context(), l.signedIn(a), b) },
		"desk":   func(l life, _ identity.Account) error { return l.SuspendAtDesk(l.t.Context(), identitytest.Officer, d) },
		"authority": func(l life, a identity.Account) error {
			return l.SuspendBy(l.t.Context(), identitytest.Operator, a.ID, "Nghi bị chiếm")
		},
		"desk reopens": func(l life, _ identity.Account) error { return l.ReopenAtDesk(l.t.Context(), identitytest.Officer, d) },
		"authority reopens": func(l life, a identity.Account) error {
			return l.ReopenBy(l.t.Context(), identitytest.Operator, a.ID, "Đã xác minh")
		},
	}
	states := map[string]func(l life, a identity.Account){
		"active":        func(life, identity.Account) {},
		"by the holder": func(l life, a identity.Account) { l.must(acts["holder"](l, a)) },
		"by authority":  func(l life, a identity.Account) { l.must(acts["authority"](l, a)) },
		"dead": func(l life, _ identity.Account) {
			l.Register.Change(identitytest.Mother.Number, func(f *identity.Facts) { f.Dead = citizen.MustDay("2026-11-23") })
			l.must(l.PersonChanged(l.t.Context(), identitytest.Program, identitytest.Mother.Number))
		},
	}
	for state, want := range map[string]map[string]string{
		"active": {
			"holder":            "suspended",
			"desk":              "suspended",
			"authority":         "suspended",
			"desk reopens":      "!identity.suspend.not_suspended",
			"authority reopens": "!identity.suspend.not_suspended",
		},
		"by the holder": {
			"holder":            "!identity.suspend.not_active",
			"desk":              "!identity.suspend.not_active",
			"authority":         "suspended",
			"desk reopens":      "active",
			"authority reopens": "active",
		},
		"by authority": {
			"holder":            "!identity.suspend.not_active",
			"desk":              "!identity.suspend.not_active",
			"authority":         "!identity.suspend.not_active",
			"desk reopens":      "!identity.suspend.by_authority",
			"authority reopens": "active",
		},
		"dead": {
			"holder":            "!identity.suspend.not_active",
			"desk":              "!identity.suspend.not_active",
			"authority":         "!identity.suspend.not_active",
			"desk reopens":      "!identity.suspend.not_suspended",
			"authority reopens": "!identity.suspend.not_suspended",
		},
	} {
		for name, do := range acts {
			l := newLife(t)
			a := l.Give(t, identitytest.Mother, identity.Two)
			l.holds(a, "")
			states[state](l, a)
			before := len(l.steps(a.ID))
			err := do(l, a)
			if key, refused := strings.CutPrefix(want[name], "!"); refused {
				if f := fault.As(err); f == nil || f.Key != key {
					t.Errorf("%s, %s: %v, want %s", state, name, err, key)
				}
				if len(l.steps(a.ID)) != before {
					t.Errorf("%s, %s: it was refused and noted", state, name)
				}
				continue
			}
			got := l.of(identitytest.Mother)
			if err != nil || string(got.State) != want[name] || len(l.steps(a.ID)) != before+1 {
				t.Errorf("%s, %s: %s, %v, %v", state, name, got.State, err, l.steps(a.ID))
			}
			if got.State == identity.Suspended {
				l.shut(got)
			}
		}
	}
}

// What was lost is closed at once: the device, the sign-ins on it, level 2.
func TestLost(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	b := browser("203.0.113.1")
	for name, c := range map[string]struct {
		lost   func(phone identity.Device) identity.Lost
		closed bool
	}{
		"the phone":   {func(d identity.Device) identity.Lost { return identity.Lost{Device: d.ID} }, true},
		"the card":    {func(identity.Device) identity.Lost { return identity.Lost{Card: true} }, false},
		"all devices": {func(identity.Device) identity.Lost { return identity.Lost{All: true} }, true},
	} {
		for _, desk := range []bool{false, true} {
			l := newLife(t)
			a := l.Give(t, identitytest.Mother, identity.Two)
			phone := l.device(a)
			thief, here := l.signedIn(a), l.signedIn(a)
			l.holds(a, "")
			var err error
			if desk {
				d := identity.Present{Holder: a.Holder, Compared: true, Purpose: "Mất túi"}
				err = l.ReportLostAtDesk(ctx, identitytest.Officer, d, c.lost(phone))
			} else {
				err = l.ReportLost(ctx, here, c.lost(phone), b)
			}
			l.must(err)
			got := l.of(identitytest.Mother)
			dev, err := l.Store.Device(ctx, phone.ID)
			l.must(err)
			if got.Level != identity.One || dev.Open() == c.closed || l.last(a.ID).What != "lost" {
				t.Errorf("%s, desk %v: level %d, device open %v, %v", name, desk, got.Level, dev.Open(), l.steps(a.ID))
			}
			sessions, err := l.Store.Sessions(ctx, a.ID, l.Clock.Now())
			l.must(err)
			if goOn := map[bool]int{true: 0, false: 1}[desk]; len(sessions) != goOn || goOn == 1 && sessions[0].ID != here.Session.ID {
				t.Errorf("%s, desk %v: %d sessions go on, and the thief's is %s", name, desk, len(sessions), thief.Session.ID)
			}
			grants, err := l.Store.Grants(ctx, identity.GrantFilter{Account: a.ID, At: l.Clock.Now()})
			if err != nil || len(grants) != 0 {
				t.Errorf("%s: %+v, %v", name, grants, err)
			}
			out, err := l.Identify(ctx, identitytest.Officer, func() identity.Desk {
				d := seen(identitytest.Mother)
				d.Knows = identitytest.EmailOf(identitytest.Mother)
				return d
			}())
			if err != nil || out.Account.Level != identity.Two || out.Cleared {
				t.Errorf("%s: seen again: %+v, %v", name, out, err)
			}
		}
	}
	l := newLife(t)
	a := l.Give(t, identitytest.Mother, identity.Two)
	l.wants("nothing", l.ReportLost(ctx, l.signedIn(a), identity.Lost{}, b), fault.Invalid, "identity.lost.what")
	foreign := l.device(l.Give(t, identitytest.Father, identity.Two))
	l.wants("another's device", l.ReportLost(ctx, l.signedIn(a), identity.Lost{Device: foreign.ID}, b), fault.NotFound, "identity.unknown")
}

// Every method asks first whether whoever acts may.
func TestPermissionsOfAccounts(t *testing.T) {
	t.Parallel()
	b := browser("203.0.113.1")
	holder := func(l life) actor.Actor { return identitytest.Holder(l.of(identitytest.Mother)) }
	present := identity.Present{Holder: identity.OfCitizen(identitytest.Father.Number), Card: seen(identitytest.Father).Card, Compared: true, Purpose: "x"}
	for name, c := range map[string]struct {
		may []string
		do  func(ctx context.Context, l life, by actor.Actor) error
	}{
		"read a card": {[]string{"officer"}, func(_ context.Context, l life, by actor.Actor) error { _, err := l.ReadCard(by, ""); return err }},
		"identify": {[]string{"officer"}, func(ctx context.Context, l life, by actor.Actor) error {
			_, err := l.Identify(ctx, by, seen(identitytest.Other))
			return err
		}},
		"a foreigner": {[]string{"officer"}, func(ctx context.Context, l life, by actor.Actor) error {
			_, err := l.IdentifyForeigner(ctx, by, identity.Residence{})
			return err
		}},
		"an organisation": {[]string{"officer"}, func(ctx context.Context, l life, by actor.Actor) error {
			_, err := l.IdentifyOrganisation(ctx, by, identity.Registration{})
			return err
		}},
		"suspend at a desk": {[]string{"officer"}, func(ctx context.Context, l life, by actor.Actor) error { return l.SuspendAtDesk(ctx, by, present) }},
		"reopen at a desk":  {[]string{"officer"}, func(ctx context.Context, l life, by actor.Actor) error { return l.ReopenAtDesk(ctx, by, present) }},
		"lost at a desk": {[]string{"officer"}, func(ctx context.Context, l life, by actor.Actor) error {
			return l.ReportLostAtDesk(ctx, by, present, identity.Lost{Card: true})
		}},
		"suspend": {[]string{"operator"}, func(ctx context.Context, l life, by actor.Actor) error {
			return l.SuspendBy(ctx, by, l.of(identitytest.Father).ID, "x")
		}},
		"reopen": {[]string{"operator"}, func(ctx context.Context, l life, by actor.Actor) error {
			return l.ReopenBy(ctx, by, l.of(identitytest.Father).ID, "x")
		}},
		"count": {[]string{"operator", "auditor"}, func(ctx context.Context, l life, by actor.Actor) error { _, err := l.Counts(ctx, by); return err }},
		"inspect": {[]string{"operator"}, func(ctx context.Context, l life, by actor.Actor) error {
			_, err := l.Inspect(ctx, by, l.of(identitytest.Father).ID, "x")
			return err
		}},
		"news": {[]string{"program"}, func(ctx context.Context, l life, by actor.Actor) error {
			return l.PersonChanged(ctx, by, identitytest.Father.Number)
		}},
		"terms": {[]string{"program"}, func(ctx context.Context, l life, by actor.Actor) error { _, err := l.EndTerms(ctx, by); return err }},
		"sweep": {[]string{"program"}, func(ctx context.Context, l life, by actor.Actor) error { _, err := l.Sweep(ctx, by); return err }},
	} {
		for who, by := range map[string]func(life) actor.Actor{
			"nobody":   func(life) actor.Actor { return actor.Actor{} },
			"officer":  func(life) actor.Actor { return identitytest.Officer },
			"operator": func(life) actor.Actor { return identitytest.Operator },
			"auditor":  func(life) actor.Actor { return identitytest.Auditor },
			"keeper":   func(life) actor.Actor { return identitytest.Keeper },
			"program":  func(life) actor.Actor { return identitytest.Program },
			"holder":   holder,
		} {
			l := newLife(t)
			l.Give(t, identitytest.Mother, identity.Two)
			l.Give(t, identitytest.Father, identity.Two)
			err := c.do(t.Context(), l, by(l))
			kind := fault.Of(err)
			refused := err != nil && (kind == fault.Denied && strings.HasPrefix(fault.As(err).Key, "identity.denied.") || kind == fault.Unsigned)
			if refused == slices.Contains(c.may, who) {
				t.Errorf("%s, %s: %v", name, who, err)
			}
		}
	}
	// What a holder does is done by the sign-in at hand: another's, or one that ended, does nothing.
	for name, do := range map[string]func(ctx context.Context, l life, in identity.SignedIn) error{
		"suspend": func(ctx context.Context, l life, in identity.SignedIn) error { return l.Suspend(ctx, in, b) },
		"lost": func(ctx context.Context, l life, in identity.SignedIn) error {
			return l.ReportLost(ctx, in, identity.Lost{Card: true}, b)
		},
		"offer": func(ctx context.Context, l life, in identity.SignedIn) error {
			_, err := l.Offer(ctx, in, l.anything(l.of(identitytest.Father), time.Hour), b)
			return err
		},
		"child": func(ctx context.Context, l life, in identity.SignedIn) error {
			_, err := l.AskForChild(ctx, in, identitytest.Baby.Number, b)
			return err
		},
		"withdraw": func(ctx context.Context, l life, in identity.SignedIn) error { return l.EndDelegation(ctx, in, "x", b) },
		"accept":   func(ctx context.Context, l life, in identity.SignedIn) error { return l.Accept(ctx, in, "x", b) },
	} {
		l := newLife(t)
		mother, father := l.Give(t, identitytest.Mother, identity.Two), l.Give(t, identitytest.Father, identity.Two)
		ended := l.signedIn(mother)
		l.must(l.EndSession(t.Context(), ended, ended.Session.ID, b))
		swapped := l.signedIn(father)
		swapped.Account = mother
		for what, in := range map[string]identity.SignedIn{"one that ended": ended, "another's": swapped} {
			if err := do(t.Context(), l, in); fault.Of(err) != fault.Unsigned {
				t.Errorf("%s by %s: %v", name, what, err)
			}
		}
	}
}

// The authority finds an account by its holder's number; that there is none is noted, too.
func TestInspectionByNumber(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	a := l.Give(t, identitytest.Mother, identity.Two)
	v, err := l.InspectHolder(t.Context(), identitytest.Operator, a.Holder, "Khiếu nại số 6")
	l.must(err)
	if v.Account.ID != a.ID || len(v.Account.Attributes) != 0 || l.last(a.ID).What != "inspected" {
		t.Errorf("%+v", v)
	}
	_, err = l.InspectHolder(t.Context(), identitytest.Operator, identity.OfCitizen(identitytest.Other.Number), "Khiếu nại số 7")
	l.wants("somebody without", err, fault.NotFound, "identity.desk.no_account")
	if e := l.last(""); e.What != "inspected" || e.Args["purpose"] != "Khiếu nại số 7" {
		t.Errorf("%+v", e)
	}
	for name, by := range map[string]actor.Actor{"an officer": identitytest.Officer, "an auditor": identitytest.Auditor} {
		_, err := l.InspectHolder(t.Context(), by, a.Holder, "x")
		l.wants(name, err, fault.Denied, "identity.denied.inspect")
	}
}

// The authority sees how an account stands, and none of its facts; its holder sees that.
func TestInspection(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	a := l.Give(t, identitytest.Mother, identity.Two)
	l.device(a)
	_, err := l.Inspect(t.Context(), identitytest.Operator, a.ID, " ")
	l.wants("without a reason", err, fault.Invalid, "identity.desk.purpose")
	v, err := l.Inspect(t.Context(), identitytest.Operator, a.ID, "Khiếu nại số 5")
	l.must(err)
	if v.Account.ID != a.ID || len(v.Account.Attributes) != 0 || v.Devices != 1 || len(v.Entries) != 1 || v.Entries[0].By.Name != "" {
		t.Errorf("%+v", v)
	}
	if e := l.last(a.ID); e.What != "inspected" || e.By.Account != identitytest.Operator.Account || e.Args["purpose"] != "Khiếu nại số 5" {
		t.Errorf("%+v", e)
	}
}
