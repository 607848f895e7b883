package identity_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/fault"
)

// life is a world in which accounts are opened and closed.
type life struct {
	*identitytest.World
	t *testing.T
}

func newLife(t *testing.T) life { return life{identitytest.NewWorld(nil), t} }

func (l life) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l life) wants(what string, err error, kind fault.Kind, key string) {
	l.t.Helper()
	if f := fault.As(err); f == nil || f.Kind != kind || f.Key != key {
		l.t.Errorf("%s: %v, want %s %s", what, err, kind, key)
	}
}

// of is the account of somebody now; the zero one when they have none.
func (l life) of(p identity.Facts) identity.Account {
	l.t.Helper()
	a, _, err := l.Store.ByHolder(l.t.Context(), identity.OfCitizen(p.Number))
	l.must(err)
	return a
}

// signedIn signs the holder of an account in as surely as can be.
func (l life) signedIn(a identity.Account) identity.SignedIn {
	l.t.Helper()
	now := l.Clock.Now()
	s := identity.Session{
		ID: l.NewID(), Token: l.NewID(), Account: a.ID, Level: identity.Two, Methods: []identity.Method{identity.ByKey}, CreatedAt: now, AuthAt: now,
		SeenAt: now, ExpiresAt: now.Add(time.Hour),
	}
	l.must(l.Store.InTx(l.t.Context(), func(tx identity.Tx) error { return tx.SaveSession(l.t.Context(), s) }))
	return identity.SignedIn{Session: s, Account: a}
}

// device gives an account a device.
func (l life) device(a identity.Account) identity.Device {
	l.t.Helper()
	d := identity.Device{ID: l.NewID(), Account: a.ID, Name: "Điện thoại", Key: []byte(l.NewID()), AddedAt: l.Clock.Now()}
	l.must(l.Store.InTx(l.t.Context(), func(tx identity.Tx) error { return tx.SaveDevice(l.t.Context(), d) }))
	return d
}

// holds gives an account a grant that goes on without a session.
func (l life) holds(a identity.Account, whose string) identity.Grant {
	l.t.Helper()
	g := identity.Grant{ID: l.NewID(), Client: "c-1", Account: a.ID, For: whose, CreatedAt: l.Clock.Now(), ExpiresAt: l.Clock.Now().Add(time.Hour)}
	l.must(l.Store.InTx(l.t.Context(), func(tx identity.Tx) error { return tx.AddGrant(l.t.Context(), g) }))
	return g
}

// steps are what the log of an account tells, the oldest first.
func (l life) steps(account string) []string {
	l.t.Helper()
	list, err := l.Store.Entries(l.t.Context(), account, 0, 1000)
	l.must(err)
	var out []string
	for _, e := range slices.Backward(list) {
		if words["identity.entry."+e.What] == "" {
			l.t.Errorf("the step %q has no text", e.What)
		}
		out = append(out, e.What)
	}
	return out
}

// words are the texts of the module.
var words = func() map[string]string {
	raw, err := fs.ReadFile(identity.Messages, "vi.json")
	if err != nil {
		panic(err)
	}
	out := map[string]string{}
	if err := json.Unmarshal(raw, &out); err != nil {
		panic(err)
	}
	return out
}()

func (l life) last(account string) identity.Entry {
	l.t.Helper()
	list, err := l.Store.Entries(l.t.Context(), account, 0, 1)
	l.must(err)
	if len(list) == 0 {
		l.t.Fatal("no entry")
	}
	return list[0]
}

// shut fails unless nothing opens an account any more.
func (l life) shut(a identity.Account) {
	l.t.Helper()
	ctx, now := l.t.Context(), l.Clock.Now()
	sessions, err := l.Store.Sessions(ctx, a.ID, now)
	l.must(err)
	grants, err := l.Store.Grants(ctx, identity.GrantFilter{Account: a.ID, At: now})
	l.must(err)
	acted, err := l.Store.Grants(ctx, identity.GrantFilter{For: a.ID, At: now})
	l.must(err)
	if len(sessions)+len(grants)+len(acted) > 0 {
		l.t.Errorf("%d sessions, %d grants, %d of others for it go on", len(sessions), len(grants), len(acted))
	}
}

func browser(address string) identity.Browser {
	return identity.Browser{ID: opaque.Hash("cookie of " + address), Address: address, Agent: "Firefox", Lang: "vi"}
}

func claimOf(p identity.Facts, address string) identity.Claim {
	to, err := identity.ReadAddress(address, "vi")
	if err != nil {
		panic(err)
	}
	return identity.Claim{Number: p.Number, Name: p.Name, Birth: p.Birth, Address: to}
}

// code is the last that an address was sent.
func (l life) code(to string) string {
	l.t.Helper()
	list := l.Teller.Letters(to)
	for _, m := range slices.Backward(list) {
		if m.Text == "identity.letter.enrol" {
			return m.Args["code"]
		}
	}
	l.t.Fatalf("%s was sent no code: %+v", to, list)
	return ""
}

func (l life) enrol(c identity.Claim, b identity.Browser) (identity.Entered, error) {
	l.t.Helper()
	state, err := l.Enrol(l.t.Context(), c, b)
	if err != nil {
		return identity.Entered{}, err
	}
	return l.ConfirmEnrolment(l.t.Context(), state, l.code(c.Address.To), b)
}

func TestLevelOneAtHome(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	b := browser("203.0.113.1")
	c := claimOf(identitytest.Mother, "me@Example.vn")
	c.Name = "trần thị mẹ"
	state, err := l.Enrol(t.Context(), c, b)
	l.must(err)
	if l.Register.Matched+l.Register.Asked != 0 {
		t.Error("the register was asked before anybody proved an address")
	}
	code := l.code("me@example.vn")
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	_, err = l.ConfirmEnrolment(t.Context(), state, wrong, b)
	l.wants("a wrong code", err, fault.Invalid, "identity.enrol.code")
	_, err = l.ConfirmEnrolment(t.Context(), state, code, browser("203.0.113.2"))
	l.wants("another browser", err, fault.Invalid, "identity.sign_in.over")
	in, err := l.ConfirmEnrolment(t.Context(), state, " "+code+" ", b)
	l.must(err)
	_, err = l.ConfirmEnrolment(t.Context(), state, code, b)
	l.wants("the code again", err, fault.Conflict, "identity.again")

	a := l.of(identitytest.Mother)
	if a.Level != identity.One || !a.Opens() || in.Account.ID != a.ID || in.Session.Account != a.ID {
		t.Errorf("%+v", a)
	}
	for field, want := range map[identity.Field]identity.Attribute{
		identity.FieldName:  {Value: "Trần Thị Mẹ", Basis: identity.FromRegister},
		identity.FieldBirth: {Value: "1990-03-08", Basis: identity.FromRegister},
		identity.FieldEmail: {Value: "me@example.vn", Basis: identity.Confirmed},
	} {
		got, ok := a.Attribute(field)
		if !ok || got.Value != want.Value || got.Basis != want.Basis || !got.Since.Equal(l.Clock.Now()) {
			t.Errorf("%s: %+v, want %+v", field, got, want)
		}
	}
	proofs, err := l.Store.Proofings(t.Context(), a.ID)
	if err != nil || len(proofs) != 1 || proofs[0].How != "match" || proofs[0].Level != identity.One {
		t.Errorf("%+v, %v", proofs, err)
	}
	if got := l.steps(a.ID); !slices.Equal(got, []string{"opened", "signed_in"}) {
		t.Errorf("%v", got)
	}
	for _, i := range l.Register.Inquiries {
		if i.Purpose != identity.ForLevelOne {
			t.Errorf("%+v", i)
		}
	}
}

// Whatever it is that keeps an account from opening, the answer is the same, and so is the
// work: what the register and the store are asked.
func TestLevelOneTellsNothingButNo(t *testing.T) {
	t.Parallel()
	with := func(p identity.Facts, change func(*identity.Claim)) identity.Claim {
		c := claimOf(p, "ai@example.vn")
		change(&c)
		return c
	}
	same := func(*identity.Claim) {}
	for name, c := range map[string]identity.Claim{
		"no such number":   with(identitytest.Nobody, same),
		"another name":     with(identitytest.Other, func(c *identity.Claim) { c.Name = "Hoàng Văn Lạ" }),
		"another birth":    with(identitytest.Other, func(c *identity.Claim) { c.Birth = citizen.MustDay("1992-12-11") }),
		"part of a birth":  with(identitytest.Other, func(c *identity.Claim) { c.Birth = citizen.MustDay("1992") }),
		"dead":             with(identitytest.Dead, same),
		"a child":          with(identitytest.Pupil, same),
		"has one":          with(identitytest.Mother, same),
		"has a closed one": with(identitytest.Granny, same),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLife(t)
			l.Give(t, identitytest.Mother, identity.Two)
			gone := l.Give(t, identitytest.Granny, identity.Two)
			l.must(l.SuspendBy(t.Context(), identitytest.Operator, gone.ID, "thử"))
			before, err := l.Store.Counts(t.Context())
			l.must(err)
			_, err = l.enrol(c, browser("203.0.113.1"))
			l.wants("the answer", err, fault.Invalid, "identity.enrol.no")
			if f := fault.As(err); f.Field != "" || len(f.Args) != 0 {
				t.Errorf("it says more: %+v", f)
			}
			after, err := l.Store.Counts(t.Context())
			if err != nil || !slices.Equal(before, after) || l.Register.Matched != 1 || l.Register.Asked != 1 {
				t.Errorf("%v, %v, matched %d times, asked %d times, %v", before, after, l.Register.Matched, l.Register.Asked, err)
			}
			if list := l.Teller.Letters(identitytest.EmailOf(identitytest.Mother)); len(list) != 0 {
				t.Errorf("somebody else heard of it: %+v", list)
			}
		})
	}
}

// Guessing at a number is bounded, and costs only whoever guesses.
func TestLevelOneGuessing(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	guess := func(address, to string) error {
		c := claimOf(identitytest.Other, to)
		c.Birth = citizen.MustDay("1992-01-01")
		_, err := l.enrol(c, browser(address))
		return err
	}
	for i := range 5 {
		l.wants(fmt.Sprint("guess ", i), guess("203.0.113.1", fmt.Sprintf("k%d@example.vn", i)), fault.Invalid, "identity.enrol.no")
	}
	if err := guess("203.0.113.1", "k9@example.vn"); fault.Of(err) != fault.TooMany {
		t.Errorf("a sixth guess from there: %v", err)
	}
	matched := l.Register.Matched
	for i := range 5 {
		l.wants(fmt.Sprint("from elsewhere ", i), guess("203.0.113.2", fmt.Sprintf("m%d@example.vn", i)), fault.Invalid, "identity.enrol.no")
	}
	l.wants("after so many, a mailbox is not enough", guess("203.0.113.3", "n@example.vn"), fault.Invalid, "identity.enrol.phone")
	if got := l.Register.Matched - matched; got != 5 {
		t.Errorf("the register was asked %d times more", got)
	}
	in, err := l.enrol(claimOf(identitytest.Other, "0912 345 678"), browser("198.51.100.7"))
	l.must(err)
	if in.Account.Value(identity.FieldPhone) != "0912345678" {
		t.Errorf("the one whom it is about: %+v", in.Account)
	}

	letters := 0
	for range 20 {
		if _, err := l.Enrol(t.Context(), claimOf(identitytest.Mother, "nan-nhan@example.vn"), browser("198.51.100.8")); err == nil {
			letters++
		} else if fault.Of(err) != fault.TooMany {
			t.Error(err)
		}
	}
	if letters != 5 {
		t.Errorf("somebody's mailbox got %d codes that they did not ask for", letters)
	}
}

func TestLevelOneWantsEverything(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	_, err := l.Enrol(t.Context(), identity.Claim{}, browser("203.0.113.1"))
	var list fault.List
	if !errors.As(err, &list) || len(list) != 4 {
		t.Fatalf("%v", err)
	}
	for i, field := range []string{"number", "name", "birth", "address"} {
		if list[i].Field != field {
			t.Errorf("%s: %v", field, list[i])
		}
	}
	if len(l.Teller.Letters("")) != 0 {
		t.Error("a letter went out")
	}
	for text, want := range map[string]string{
		"0912.345.678": "0912345678", "+84 912345678": "0912345678", "+4915112345678": "+4915112345678", "a@B.vn": "a@b.vn",
		"": "", "0212345678": "", "a@b": "", "a b@c.vn": "", "a@c.vn\nBcc: x@y.vn": "", "12": "", "Tên <a@b.vn>": "",
	} {
		got, err := identity.ReadAddress(text, "vi")
		if (err == nil) != (want != "") || got.To != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func seen(p identity.Facts) identity.Desk {
	return identity.Desk{
		Number: p.Number, Name: p.Name, Birth: p.Birth, Card: identity.Card{Kind: "CC", Issued: citizen.MustDay("2024-08-01")}, Compared: true,
		Purpose: "Định danh mức độ 2", Level: identity.Two,
	}
}

func TestLevelTwoAtTheDesk(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	d, err := l.ReadCard(identitytest.Officer, "001190000011||Trần Thị Mẹ|08031990|Nữ|Số 1 phố Thử|01082024")
	l.must(err)
	if d.Number != identitytest.Mother.Number || d.Name != "Trần Thị Mẹ" || d.Birth != identitytest.Mother.Birth || d.Card.String() != "CC 2024-08-01" {
		t.Errorf("%+v", d)
	}
	d.Purpose = "Định danh"
	_, err = l.Identify(t.Context(), identitytest.Officer, d)
	l.wants("nobody compared the face", err, fault.Invalid, "identity.desk.compare")
	d.Compared = true
	out, err := l.Identify(t.Context(), identitytest.Officer, d)
	l.must(err)
	if a := l.of(identitytest.Mother); !out.New || out.Cleared || a.Level != identity.Two || a.ID != out.Account.ID || a.Version != out.Account.Version {
		t.Errorf("%+v, %+v", out, a)
	}
	proofs, err := l.Store.Proofings(t.Context(), out.Account.ID)
	if err != nil || len(proofs) != 1 || proofs[0].Compared != identitytest.Officer.Account || proofs[0].Card != "CC 2024-08-01" || proofs[0].How != "desk" {
		t.Errorf("%+v, %v", proofs, err)
	}
	e := l.last(out.Account.ID)
	if e.What != "opened" || e.By.Account != identitytest.Officer.Account || e.Args["purpose"] != "Định danh" || e.Args["level"] != "2" {
		t.Errorf("%+v", e)
	}
	if i := l.Register.Inquiries[0]; i.By.Account != identitytest.Officer.Account || i.Purpose != "Định danh" {
		t.Errorf("the register was not told why: %+v", i)
	}
}

func TestTheDeskRefuses(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	for name, c := range map[string]struct {
		d          identity.Desk
		kind       fault.Kind
		key, field string
	}{
		"no such number": {seen(identitytest.Nobody), fault.Invalid, "identity.desk.unknown", "number"},
		"a dead one":     {seen(identitytest.Dead), fault.Invalid, "identity.desk.dead", "number"},
		"another name":   {func() identity.Desk { d := seen(identitytest.Other); d.Name = "Hoàng Văn Lạ"; return d }(), fault.Invalid, "identity.desk.name", "name"},
		"another birth":  {func() identity.Desk { d := seen(identitytest.Other); d.Birth--; return d }(), fault.Invalid, "identity.desk.birth", "birth"},
		"no paper":       {func() identity.Desk { d := seen(identitytest.Other); d.Card.Kind = "X"; return d }(), fault.Invalid, "identity.desk.card", "card"},
		"a paper to come": {func() identity.Desk {
			d := seen(identitytest.Other)
			d.Card.Issued = citizen.MustDay("2026-11-25")
			return d
		}(), fault.Invalid, "identity.desk.card", "card"},
		"no reason":     {func() identity.Desk { d := seen(identitytest.Other); d.Purpose = " "; return d }(), fault.Invalid, "identity.desk.purpose", "purpose"},
		"no level":      {func() identity.Desk { d := seen(identitytest.Other); d.Level = 0; return d }(), fault.Invalid, "identity.desk.level", "level"},
		"a pupil alone": {seen(identitytest.Pupil), fault.Invalid, "identity.desk.guardian", "guardian"},
		"another's mother": {
			func() identity.Desk { d := seen(identitytest.Pupil); d.Guardian = identitytest.Granny.Number; return d }(),
			fault.Denied, "identity.desk.not_kin", "guardian",
		},
		"a father without": {
			func() identity.Desk { d := seen(identitytest.Pupil); d.Guardian = identitytest.Father.Number; return d }(),
			fault.Invalid, "identity.child.kin_level", "guardian",
		},
		"a baby of two": {
			func() identity.Desk { d := seen(identitytest.Baby); d.Guardian = identitytest.Mother.Number; return d }(),
			fault.Invalid, "identity.desk.too_young", "level",
		},
	} {
		_, err := l.Identify(t.Context(), identitytest.Officer, c.d)
		l.wants(name, err, c.kind, c.key)
		if f := fault.As(err); f != nil && f.Field != c.field {
			t.Errorf("%s: at %q, want %q", name, f.Field, c.field)
		}
	}
	counts, err := l.Store.Counts(t.Context())
	if err != nil || len(counts) != 0 {
		t.Errorf("%+v, %v", counts, err)
	}
	own := l.Give(t, identitytest.Other, identity.One)
	officer := identitytest.Officer
	officer.Account = "identity:" + own.ID
	_, err = l.Identify(t.Context(), officer, seen(identitytest.Other))
	l.wants("an officer themselves", err, fault.Denied, "identity.recovery.own_desk")
}

// Who opened an account at home may have been somebody who knew name and birth: unless the
// holder knows its address, all that it opens with is closed.
func TestTheDeskClearsAnImpostorsAccount(t *testing.T) {
	t.Parallel()
	for _, knows := range []bool{true, false} {
		l := newLife(t)
		in, err := l.enrol(claimOf(identitytest.Mother, "ke-khac@example.vn"), browser("203.0.113.1"))
		l.must(err)
		dev := l.device(in.Account)
		l.must(l.Store.InTx(t.Context(), func(tx identity.Tx) error {
			return tx.SaveSecrets(t.Context(), identity.Secrets{Account: in.Account.ID, Password: "$x", Recovery: []string{"y"}})
		}))
		d := seen(identitytest.Mother)
		if knows {
			d.Knows = "ke-khac@EXAMPLE.vn"
		} else {
			_, err := l.Identify(t.Context(), identitytest.Officer, d)
			l.wants("nobody was asked", err, fault.Invalid, "identity.desk.knows")
			d.Knows = "mot-dia-chi-khac@example.vn"
			_, err = l.Identify(t.Context(), identitytest.Officer, d)
			l.wants("a wrong address closes nothing yet", err, fault.Invalid, "identity.desk.knows")
			if dev, err := l.Store.Device(t.Context(), dev.ID); err != nil || !dev.Open() {
				t.Errorf("%+v, %v", dev, err)
			}
			d.NotTheirs = true
		}
		out, err := l.Identify(t.Context(), identitytest.Officer, d)
		l.must(err)
		a := l.of(identitytest.Mother)
		got, err := l.Store.Device(t.Context(), dev.ID)
		l.must(err)
		sec, err := l.Store.Secrets(t.Context(), a.ID)
		l.must(err)
		if a.Level != identity.Two || out.Cleared == knows || got.Open() != knows || (sec.Password != "") != knows || (a.Value(identity.FieldEmail) != "") != knows {
			t.Errorf("knows %v: %+v, device open %v, %+v", knows, a, got.Open(), sec.Password)
		}
		_, ok, err := l.Find(t.Context(), in.Token)
		if err != nil || ok != knows {
			t.Errorf("knows %v: the sign-in goes on: %v, %v", knows, ok, err)
		}
	}
}

// A desk does not try addresses until one fits.
func TestTheDeskGuessesNoAddress(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	_, err := l.enrol(claimOf(identitytest.Mother, "me@example.vn"), browser("203.0.113.1"))
	l.must(err)
	d := seen(identitytest.Mother)
	for n := range 10 {
		d.Knows = fmt.Sprintf("doan%d@example.vn", n)
		_, err := l.Identify(t.Context(), identitytest.Officer, d)
		l.wants(d.Knows, err, fault.Invalid, "identity.desk.knows")
	}
	d.Knows = "me@example.vn"
	if _, err := l.Identify(t.Context(), identitytest.Officer, d); fault.Of(err) != fault.TooMany {
		t.Errorf("the eleventh: %v", err)
	}
}

// The ages of the law count on the day.
func TestChildren(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		on    string
		level identity.Level
		asks  bool
		kind  fault.Kind
		key   string
	}{
		"the day before six, level 2":    {"2028-04-30 12:00", identity.Two, true, fault.Invalid, "identity.desk.too_young"},
		"the day before six, level 1":    {"2028-04-30 12:00", identity.One, true, "", ""},
		"six":                            {"2028-05-01 00:30", identity.Two, true, "", ""},
		"the day before fourteen, alone": {"2036-04-30 12:00", identity.Two, false, fault.Invalid, "identity.desk.guardian"},
		"the day before fourteen, asked": {"2036-04-30 12:00", identity.Two, true, "", ""},
		"fourteen, alone":                {"2036-05-01 00:30", identity.Two, false, "", ""},
	} {
		l := newLife(t)
		l.Clock.Set(c.on)
		mother := l.Give(t, identitytest.Mother, identity.Two)
		d := seen(identitytest.Baby)
		d.Level, d.Card = c.level, identity.Card{Kind: "KS", Issued: citizen.MustDay("2022-05-10")}
		if c.asks {
			d.Guardian = identitytest.Mother.Number
		}
		out, err := l.Identify(t.Context(), identitytest.Officer, d)
		if c.key != "" {
			l.wants(name, err, c.kind, c.key)
			continue
		}
		l.must(err)
		acts, err := l.Store.ActingFor(t.Context(), mother.ID)
		if err != nil || (len(acts) == 1) != c.asks {
			t.Errorf("%s: %+v, %v", name, acts, err)
			continue
		}
		if c.asks {
			want := time.Date(2040, 4, 30, 17, 0, 0, 0, time.UTC) // midnight of the eighteenth birthday in Vietnam
			if d := acts[0]; d.For != out.Account.ID || d.Ground != identity.AsParent || !d.Until.Equal(want) || !d.Covers("1.001193", l.Clock.Now()) {
				t.Errorf("%s: %+v", name, d)
			}
		}
	}
}

func TestAParentAsksAtHome(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	ctx := t.Context()
	mother, father := l.Give(t, identitytest.Mother, identity.Two), l.Give(t, identitytest.Father, identity.Two)
	in := l.signedIn(mother)
	b := browser("203.0.113.1")
	for name, c := range map[string]struct {
		n    citizen.Number
		kind fault.Kind
		key  string
	}{
		"no such number":   {identitytest.Nobody.Number, fault.Denied, "identity.child.not_kin"},
		"another's child":  {identitytest.Orphan.Number, fault.Denied, "identity.child.not_kin"},
		"a grown stranger": {identitytest.Other.Number, fault.Denied, "identity.child.not_kin"},
		"fifteen":          {identitytest.Teen.Number, fault.Invalid, "identity.child.own"},
	} {
		_, err := l.AskForChild(ctx, in, c.n, b)
		l.wants(name, err, c.kind, c.key)
	}
	child, err := l.AskForChild(ctx, in, identitytest.Pupil.Number, b)
	l.must(err)
	if child.Level != identity.One || child.Value(identity.FieldName) != identitytest.Pupil.Name {
		t.Errorf("%+v", child)
	}
	if _, err := l.AskForChild(ctx, in, identitytest.Pupil.Number, b); err != nil {
		t.Errorf("asked twice: %v", err)
	}
	if _, err := l.AskForChild(ctx, l.signedIn(father), identitytest.Pupil.Number, b); err != nil {
		t.Errorf("the other parent: %v", err)
	}
	acted, err := l.Store.ActedFor(ctx, child.ID)
	if err != nil || len(acted) != 2 {
		t.Errorf("%+v, %v", acted, err)
	}
	low := l.Give(t, identitytest.Granny, identity.One)
	_, err = l.AskForChild(ctx, l.signedIn(low), identitytest.Orphan.Number, b)
	l.wants("a guardian of level 1", err, fault.Denied, "identity.delegation.level")
	weak := l.signedIn(mother)
	weak.Session.Level = identity.One
	l.must(l.Store.InTx(ctx, func(tx identity.Tx) error { return tx.SaveSession(ctx, weak.Session) }))
	_, err = l.AskForChild(ctx, weak, identitytest.Baby.Number, b)
	l.wants("a sign-in that is not sure", err, fault.Denied, "identity.sign_in.stale")
	for range 30 {
		if _, err = l.AskForChild(ctx, in, identitytest.Orphan.Number, b); fault.Of(err) == fault.TooMany {
			break
		}
	}
	if fault.Of(err) != fault.TooMany {
		t.Errorf("numbers can be tried without end: %v", err)
	}
}

func TestForeigners(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	d := identity.Residence{
		Number: "tr 123456", Name: "Kim Min-jun", Birth: citizen.MustDay("1985-04-02"), Sex: citizen.Male, Nationality: "kr",
		Card: identity.Card{Kind: "TCT", Issued: citizen.MustDay("2025-01-02")}, Expires: citizen.MustDay("2027-01-02"), Compared: true,
		Purpose: "Cấp tài khoản", Level: identity.Two,
	}
	a, err := l.IdentifyForeigner(t.Context(), identitytest.Officer, d)
	l.must(err)
	name, _ := a.Attribute(identity.FieldName)
	if a.Holder != identity.NewHolder(identity.Foreigner, "TR123456") || a.Level != identity.Two || name.Basis != identity.FromCard {
		t.Errorf("%+v", a)
	}
	again, err := l.IdentifyForeigner(t.Context(), identitytest.Officer, d)
	if err != nil || again.ID != a.ID {
		t.Errorf("a second time: %+v, %v", again, err)
	}
	if l.Register.Asked+l.Register.Matched != 0 {
		t.Error("the register of persons was asked for a foreigner")
	}
	for name, c := range map[string]struct {
		change     func(*identity.Residence)
		key, field string
	}{
		"expired":    {func(d *identity.Residence) { d.Expires = citizen.MustDay("2026-11-24") }, "identity.foreigner.expired", "expires"},
		"Vietnamese": {func(d *identity.Residence) { d.Nationality = "VN" }, "identity.foreigner.nationality", "nationality"},
		"no number":  {func(d *identity.Residence) { d.Number = "12" }, "identity.number.card", "number"},
		"no face":    {func(d *identity.Residence) { d.Compared = false }, "identity.desk.compare", "compared"},
		"a baby":     {func(d *identity.Residence) { d.Birth = citizen.MustDay("2024-01-01") }, "identity.desk.too_young", "level"},
		"a child":    {func(d *identity.Residence) { d.Number, d.Birth = "TR999999", citizen.MustDay("2016-01-01") }, "identity.child.kin_level", "guardian"},
	} {
		bad := d
		c.change(&bad)
		_, err := l.IdentifyForeigner(t.Context(), identitytest.Officer, bad)
		l.wants(name, err, fault.Invalid, c.key)
		if f := fault.As(err); f != nil && f.Field != c.field {
			t.Errorf("%s: at %q", name, f.Field)
		}
	}
	d.Number, d.Birth, d.Guardian = "TR999999", citizen.MustDay("2016-01-01"), a.Holder
	child, err := l.IdentifyForeigner(t.Context(), identitytest.Officer, d)
	l.must(err)
	acts, err := l.Store.ActingFor(t.Context(), a.ID)
	if err != nil || len(acts) != 1 || acts[0].For != child.ID || acts[0].Ground != identity.AsGuardian {
		t.Errorf("%+v, %v", acts, err)
	}
}
