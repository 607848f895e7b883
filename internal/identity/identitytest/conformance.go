package identitytest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dean06/internal/identity"
	"dean06/internal/platform/actor"
)

// Conformance holds a store to what identity.Store says. open gives an empty one.
func Conformance(t *testing.T, open func(t *testing.T) identity.Store) {
	t.Helper()
	for name, test := range map[string]func(t *testing.T, s identity.Store){
		"accounts": accounts, "entries": entries, "rollback": rollback, "secrets": secrets, "devices": keys, "sessions": signIns,
		"delegations": given, "clients": services, "consents": consents, "requests": asked, "grants": held, "challenges": waiting, "ring": ring,
		"once": once, "failures": failed, "sweep": swept, "counts": counted, "together": together,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// noon is the moment from which the suite tells.
var noon = time.Date(2026, 11, 24, 5, 0, 0, 123456000, time.UTC)

var same = cmp.Options{cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(0), cmp.AllowUnexported(identity.Holder{})}

func equal[T any](t *testing.T, what string, want, got T, err error) {
	t.Helper()
	if d := cmp.Diff(want, got, same); err != nil || d != "" {
		t.Errorf("%s: %v (-want +got):\n%s", what, err, d)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func within(t *testing.T, s identity.Store, f func(ctx context.Context, tx identity.Tx) error) error {
	t.Helper()
	return s.InTx(t.Context(), func(tx identity.Tx) error { return f(t.Context(), tx) })
}

// save writes one thing in a transaction of its own.
func save[T any](t *testing.T, s identity.Store, write func(identity.Tx, context.Context, T) error, v T) error {
	t.Helper()
	return within(t, s, func(ctx context.Context, tx identity.Tx) error { return write(tx, ctx, v) })
}

// Sample is the nth account of the suite.
func Sample(n int) identity.Account {
	at := noon.Add(time.Duration(n) * time.Minute)
	return identity.Account{
		ID: fmt.Sprintf("019e0000-0000-7000-8000-%012d", n), Holder: identity.NewHolder(identity.Citizen, fmt.Sprintf("001190%06d", n)),
		Level: identity.One, LevelAt: at, State: identity.Active, Person: 3, CreatedAt: at, UpdatedAt: at,
		Attributes: []identity.Attribute{
			{Field: identity.FieldName, Value: "Nguyễn Thị Mẫu", Basis: identity.FromRegister, Since: at},
			{Field: identity.FieldEmail, Value: "mau@example.vn", Basis: identity.Confirmed, Since: at},
		},
	}
}

// SampleEntry tells that something happened to an account.
func SampleEntry(account, what string) identity.Entry {
	return identity.Entry{
		Account: account, At: noon, What: what, By: actor.Actor{Account: "identity:" + account, Name: "Nguyễn Thị Mẫu", Via: actor.OIDC},
		For: "another", Client: "c-1", Device: "d-1", Address: "192.0.2.1", Args: map[string]string{"b": "2", "a": "1"},
	}
}

func added(t *testing.T, s identity.Store, a identity.Account) {
	t.Helper()
	must(t, keep(t, s, a))
}

func keep(t *testing.T, s identity.Store, a identity.Account) error {
	t.Helper()
	return within(t, s, func(ctx context.Context, tx identity.Tx) error {
		if err := tx.SaveAccount(ctx, a); err != nil {
			return err
		}
		return tx.AddEntry(ctx, SampleEntry(a.ID, "saved"))
	})
}

func accounts(t *testing.T, s identity.Store) {
	ctx := t.Context()
	_, err := s.Account(ctx, "none")
	wantErr(t, "none", err, identity.ErrUnknown)
	a := Sample(1)
	if _, ok, err := s.ByHolder(ctx, a.Holder); ok || err != nil {
		t.Errorf("before: %v, %v", ok, err)
	}
	added(t, s, a)
	wantErr(t, "made twice", keep(t, s, a), identity.ErrChanged)
	again := Sample(2)
	again.Holder = a.Holder
	wantErr(t, "another account of the holder", keep(t, s, again), identity.ErrChanged)
	again.Holder = identity.NewHolder(identity.Organisation, a.Holder.Reveal())
	added(t, s, again) // the same number of another kind is another's

	a.Version = 1
	got, err := s.Account(ctx, a.ID)
	equal(t, "as saved", a, got, err)
	a.Level, a.State, a.StateWhy, a.ByHolder, a.Merged = identity.Two, identity.Suspended, "lost", true, again.ID
	a.Attributes, a.Person, a.LevelAt, a.UpdatedAt = a.Attributes[:1], 4, noon.Add(time.Hour), noon.Add(2*time.Hour)
	added(t, s, a)
	wantErr(t, "an older page", keep(t, s, a), identity.ErrChanged)
	a.Version = 2
	got, ok, err := s.ByHolder(ctx, a.Holder)
	if !ok {
		t.Error("not found by its holder")
	}
	equal(t, "changed", a, got, err)
	got.Attributes[0].Value = "another"
	got, err = s.Account(ctx, a.ID)
	equal(t, "what is read is the reader's own", a, got, err)
	moved := a
	moved.Version, moved.Holder = 2, again.Holder
	wantErr(t, "another's number", keep(t, s, moved), identity.ErrChanged)
	moved.Holder = identity.NewHolder(identity.Citizen, "001190999999")
	added(t, s, moved)
	moved.Version = 3
	got, ok, err = s.ByHolder(ctx, moved.Holder)
	if !ok {
		t.Error("not found by the number that it took over")
	}
	equal(t, "of another number", moved, got, err)
	if _, ok, err := s.ByHolder(ctx, a.Holder); ok || err != nil {
		t.Errorf("by the number before: %v, %v", ok, err)
	}

	p := identity.Proofing{ID: "p-1", Account: a.ID, Level: identity.Two, How: "desk", At: noon, By: Officer, Compared: "o-1", Card: "CC", Guardian: "g"}
	must(t, save(t, s, identity.Tx.AddProofing, p))
	list, err := s.Proofings(ctx, a.ID)
	equal(t, "proofings", []identity.Proofing{p}, list, err)
}

func entries(t *testing.T, s identity.Store) {
	ctx := t.Context()
	added(t, s, Sample(1))
	added(t, s, Sample(2))
	must(t, within(t, s, func(ctx context.Context, tx identity.Tx) error {
		for i := range 3 {
			e := SampleEntry(Sample(1).ID, fmt.Sprint("step ", i))
			e.Seq, e.Before, e.Hash, e.State = 77, "x", "y", "z" // the store knows better
			if err := tx.AddEntry(ctx, e); err != nil {
				return err
			}
		}
		return nil
	}))
	list, err := s.Entries(ctx, Sample(1).ID, 0, 10)
	must(t, err)
	if len(list) != 4 {
		t.Fatalf("%d entries, want 4", len(list))
	}
	want := SampleEntry(Sample(1).ID, "step 2")
	want.Seq, want.Before = 5, list[1].Hash
	want.Hash, err = want.Sum()
	equal(t, "the youngest", want, list[0], err)
	first := list[3]
	a := Sample(1)
	a.Version = 1
	if first.Seq != 1 || first.Before != "" || first.State != a.Sum() || list[0].State != "" {
		t.Errorf("the first: %+v, want the state %s", first, a.Sum())
	}
	for _, e := range list {
		if sum, err := e.Sum(); err != nil || sum != e.Hash || e.Hash == "" {
			t.Errorf("%d: %s, %v, want %s", e.Seq, e.Hash, err, sum)
		}
	}
	if list[2].Before == first.Hash {
		t.Error("the chain goes by account, and not through all of them")
	}
	page, err := s.Entries(ctx, a.ID, 4, 1)
	if err != nil || len(page) != 1 || page[0].Seq != 3 {
		t.Errorf("the next page: %+v, %v", page, err)
	}
	wantErr(t, "an account without an entry", save(t, s, identity.Tx.SaveAccount, Sample(3)), identity.ErrNoEntry)
	if _, ok, err := s.ByHolder(ctx, Sample(3).Holder); ok || err != nil {
		t.Errorf("it is there: %v, %v", ok, err)
	}
}

var errPower = errors.New("power")

func rollback(t *testing.T, s identity.Store) {
	ctx := t.Context()
	a := Sample(1)
	err := within(t, s, func(ctx context.Context, tx identity.Tx) error {
		if err := tx.SaveAccount(ctx, a); err != nil {
			return err
		}
		if got, err := tx.Account(ctx, a.ID); err != nil || got.Version != 1 {
			t.Errorf("within the transaction: %+v, %v", got, err)
		}
		if err := tx.AddEntry(ctx, SampleEntry(a.ID, "opened")); err != nil {
			return err
		}
		if _, err := tx.Count(ctx, "key", noon, time.Hour); err != nil {
			return err
		}
		return errPower
	})
	wantErr(t, "failed", err, errPower)
	_, err = s.Account(ctx, a.ID)
	wantErr(t, "what was undone", err, identity.ErrUnknown)
	added(t, s, a)
	list, err := s.Entries(ctx, a.ID, 0, 10)
	if err != nil || len(list) != 1 || list[0].Seq != 1 || list[0].Before != "" {
		t.Errorf("the chain begins with what is kept: %+v, %v", list, err)
	}
}

func secrets(t *testing.T, s identity.Store) {
	ctx := t.Context()
	got, err := s.Secrets(ctx, "a-1")
	equal(t, "none", identity.Secrets{Account: "a-1"}, got, err)
	v := identity.Secrets{
		Account: "a-1", Password: "$argon2id$x", PasswordAt: noon, CodeSeed: []byte{1, 2}, CodeOn: true, CodeStep: 7, Recovery: []string{"x", "y"},
	}
	must(t, save(t, s, identity.Tx.SaveSecrets, v))
	wantErr(t, "made twice", save(t, s, identity.Tx.SaveSecrets, v), identity.ErrChanged)
	v.Version, v.Recovery, v.CodeSeed = 1, []string{"y"}, nil
	must(t, save(t, s, identity.Tx.SaveSecrets, v))
	wantErr(t, "an older page", save(t, s, identity.Tx.SaveSecrets, v), identity.ErrChanged)
	v.Version = 2
	got, err = s.Secrets(ctx, "a-1")
	equal(t, "as saved", v, got, err)
}

func keys(t *testing.T, s identity.Store) {
	ctx := t.Context()
	d := identity.Device{ID: "d-1", Account: "a-1", Name: "Điện thoại", Key: []byte{0, 255, 1}, Credential: []byte(`{"n":1}`), Agent: "Firefox", AddedAt: noon}
	_, err := s.DeviceByKey(ctx, nil)
	wantErr(t, "no key", err, identity.ErrUnknown)
	must(t, save(t, s, identity.Tx.SaveDevice, d))
	later := d
	later.ID, later.Key, later.AddedAt = "d-0", []byte{2}, noon.Add(time.Second)
	must(t, save(t, s, identity.Tx.SaveDevice, later))
	stolen := d
	stolen.ID, stolen.Account = "d-2", "a-2"
	wantErr(t, "another's key", save(t, s, identity.Tx.SaveDevice, stolen), identity.ErrChanged)
	stolen.ID, stolen.Key = "d-1", []byte{3}
	wantErr(t, "another's device", save(t, s, identity.Tx.SaveDevice, stolen), identity.ErrChanged)

	d.Name, d.Credential, d.UsedAt, d.ClosedAt, d.ClosedBy = "Máy cũ", []byte(`{"n":2}`), noon.Add(time.Hour), noon.Add(2*time.Hour), "holder"
	must(t, save(t, s, identity.Tx.SaveDevice, d))
	got, err := s.Device(ctx, "d-1")
	equal(t, "by its id", d, got, err)
	got, err = s.DeviceByKey(ctx, []byte{0, 255, 1})
	equal(t, "by its key", d, got, err)
	list, err := s.Devices(ctx, "a-1")
	equal(t, "all", []identity.Device{later, d}, list, err)
	reopened := d
	reopened.ClosedAt, reopened.ClosedBy = time.Time{}, ""
	wantErr(t, "a closed one used by who read it before", save(t, s, identity.Tx.SaveDevice, reopened), identity.ErrChanged)
}

func signIns(t *testing.T, s identity.Store) {
	ctx := t.Context()
	v := identity.Session{
		ID: "s-1", Token: "t-1", Account: "a-1", Methods: []identity.Method{identity.ByPassword, identity.ByCode}, Level: identity.Two, Device: "d-1",
		Address: "192.0.2.1", Agent: "Firefox", CreatedAt: noon, AuthAt: noon, SeenAt: noon, ExpiresAt: noon.Add(time.Hour),
	}
	must(t, save(t, s, identity.Tx.SaveSession, v))
	second := v
	second.ID, second.Token, second.CreatedAt = "s-2", "t-2", noon.Add(time.Second)
	must(t, save(t, s, identity.Tx.SaveSession, second))
	foreign := v
	foreign.Account = "a-2"
	wantErr(t, "another's session", save(t, s, identity.Tx.SaveSession, foreign), identity.ErrChanged)
	list, err := s.Sessions(ctx, "a-1", noon)
	equal(t, "all", []identity.Session{second, v}, list, err)

	seen := v
	seen.SeenAt, seen.Level, seen.Token = noon.Add(time.Minute), identity.One, "t-3"
	must(t, save(t, s, identity.Tx.SaveSession, seen))
	got, err := s.SessionByToken(ctx, "t-3")
	equal(t, "by its cookie", seen, got, err)
	_, err = s.SessionByToken(ctx, "t-1")
	wantErr(t, "by the cookie before", err, identity.ErrUnknown)
	_, err = s.SessionByToken(ctx, "")
	wantErr(t, "by none", err, identity.ErrUnknown)
	ended := seen
	ended.EndedAt = noon.Add(2 * time.Minute)
	must(t, save(t, s, identity.Tx.SaveSession, ended))
	wantErr(t, "an ended one is not woken by who read it before", save(t, s, identity.Tx.SaveSession, seen), identity.ErrChanged)
	got, err = s.Session(ctx, "s-1")
	equal(t, "ended", ended, got, err)
	list, err = s.Sessions(ctx, "a-1", noon)
	equal(t, "those that go on", []identity.Session{second}, list, err)
	list, err = s.Sessions(ctx, "a-1", noon.Add(time.Hour))
	equal(t, "none any more", nil, list, err)
}

func given(t *testing.T, s identity.Store) {
	ctx := t.Context()
	d := identity.Delegation{
		ID: "g-1", For: "a-1", By: "a-2", Ground: identity.AsKin, Scope: []string{"1.001193", "*"}, From: noon, Until: noon.Add(time.Hour),
		CreatedAt: noon, CreatedBy: "a-1",
	}
	must(t, save(t, s, identity.Tx.SaveDelegation, d))
	wantErr(t, "made twice", save(t, s, identity.Tx.SaveDelegation, d), identity.ErrChanged)
	d.Version, d.AcceptedAt = 1, noon.Add(time.Minute)
	must(t, save(t, s, identity.Tx.SaveDelegation, d))
	d.Version = 2
	got, err := s.Delegation(ctx, "g-1")
	equal(t, "as saved", d, got, err)
	endless := identity.Delegation{ID: "g-2", For: "a-3", By: "a-2", Ground: identity.AsParent, CreatedAt: noon.Add(time.Second)}
	must(t, save(t, s, identity.Tx.SaveDelegation, endless))
	endless.Version = 1
	list, err := s.ActingFor(ctx, "a-2")
	equal(t, "acting for", []identity.Delegation{endless, d}, list, err)
	list, err = s.ActedFor(ctx, "a-1")
	equal(t, "acted for", []identity.Delegation{d}, list, err)
	list, err = s.DelegationsOver(ctx, d.Until.Add(-time.Second), 10)
	equal(t, "before the term", nil, list, err)
	list, err = s.DelegationsOver(ctx, d.Until, 10)
	equal(t, "at the term", []identity.Delegation{d}, list, err)
	d.EndedAt, d.EndedBy = d.Until, "term"
	must(t, save(t, s, identity.Tx.SaveDelegation, d))
	list, err = s.DelegationsOver(ctx, d.Until.Add(time.Hour), 10)
	equal(t, "noted", nil, list, err)
}

func services(t *testing.T, s identity.Store) {
	ctx := t.Context()
	c := identity.Client{
		ID: "c-1", Owner: "H55", State: identity.ClientAsked, Contract: identity.Portal, Name: identity.Text{Vi: "Cổng tỉnh", En: "Portal"},
		RedirectURIs: []string{"https://a.example.vn/back"}, LogoutURIs: []string{"https://a.example.vn/bye"}, BackChannel: "https://a.example.vn/out",
		Grants: []string{"authorization_code"}, Auth: "private_key_jwt", Keys: []byte(`{"keys":[]}`), Secret: "$argon2id$x", Subject: "pairwise",
		Sector: "https://a.example.vn/sector", UserinfoAlg: "ES256", RequestAlg: "ES256", PushedOnly: true, DPoPOnly: true, WithoutPKCE: true,
		DefaultMaxAge: 60, Level: identity.Two, CreatedAt: noon, ApprovedBy: "o-2",
		Purposes: []identity.Purpose{{Code: "birth", Text: identity.Text{Vi: "Khai sinh"}, Basis: "Luật Hộ tịch", Claims: []string{"name"}, Days: 30, Law: true}},
	}
	must(t, save(t, s, identity.Tx.SaveClient, c))
	wantErr(t, "made twice", save(t, s, identity.Tx.SaveClient, c), identity.ErrChanged)
	c.Version, c.State = 1, identity.ClientApproved
	must(t, save(t, s, identity.Tx.SaveClient, c))
	c.Version = 2
	got, err := s.Client(ctx, "c-1")
	equal(t, "as saved", c, got, err)
	other := identity.Client{ID: "c-2", Owner: "H56", Name: identity.Text{Vi: "Bộ"}, CreatedAt: noon}
	must(t, save(t, s, identity.Tx.SaveClient, other))
	other.Version = 1
	list, err := s.Clients(ctx, "")
	equal(t, "all", []identity.Client{other, c}, list, err)
	list, err = s.Clients(ctx, "H55")
	equal(t, "of an owner", []identity.Client{c}, list, err)
}

func consents(t *testing.T, s identity.Store) {
	ctx := t.Context()
	c := identity.Consent{ID: "k-1", Account: "a-1", Client: "c-1", Purpose: "birth", Claims: []string{"name", "birth"}, At: noon, Until: noon.Add(time.Hour)}
	must(t, save(t, s, identity.Tx.SaveConsent, c))
	longer := c
	longer.Claims = append(longer.Claims, "sex")
	must(t, save(t, s, identity.Tx.SaveConsent, longer))
	ended := longer
	ended.EndedAt = noon.Add(time.Minute)
	must(t, save(t, s, identity.Tx.SaveConsent, ended))
	wantErr(t, "withdrawn, and given again by who read it before", save(t, s, identity.Tx.SaveConsent, longer), identity.ErrChanged)
	foreign := ended
	foreign.Account = "a-2"
	wantErr(t, "another's", save(t, s, identity.Tx.SaveConsent, foreign), identity.ErrChanged)
	second := c
	second.ID, second.At = "k-2", noon.Add(time.Second)
	must(t, save(t, s, identity.Tx.SaveConsent, second))
	list, err := s.Consents(ctx, "a-1")
	equal(t, "all", []identity.Consent{second, ended}, list, err)
}

func asked(t *testing.T, s identity.Store) {
	ctx := t.Context()
	r := identity.Request{
		ID: "r-1", Client: "c-1", State: identity.RequestPushed, URI: "u", Params: map[string]string{"scope": "openid"}, Key: "k", Session: "s-1",
		Account: "a-1", For: "a-2", CreatedAt: noon, ExpiresAt: noon.Add(time.Minute),
	}
	must(t, save(t, s, identity.Tx.AddRequest, r))
	wantErr(t, "made twice", save(t, s, identity.Tx.AddRequest, r), identity.ErrChanged)
	move := func(r identity.Request, from identity.RequestState) error {
		return within(t, s, func(ctx context.Context, tx identity.Tx) error { return tx.MoveRequest(ctx, r, from) })
	}
	got, err := s.RequestByURI(ctx, "u")
	equal(t, "by its address", r, got, err)
	r.State, r.URI, r.Browser = identity.RequestOpen, "", "b"
	must(t, move(r, identity.RequestPushed))
	wantErr(t, "opened twice", move(r, identity.RequestPushed), identity.ErrChanged)
	_, err = s.RequestByURI(ctx, "u")
	wantErr(t, "the address opens it once", err, identity.ErrUnknown)
	_, err = s.RequestByURI(ctx, "")
	wantErr(t, "no address", err, identity.ErrUnknown)
	r.State, r.Code = identity.RequestCoded, "c"
	must(t, move(r, identity.RequestOpen))
	r.State, r.Grant = identity.RequestUsed, "g-1"
	must(t, move(r, identity.RequestCoded))
	wantErr(t, "the code used twice", move(r, identity.RequestCoded), identity.ErrChanged)
	got, err = s.RequestByCode(ctx, "c")
	equal(t, "by its code", r, got, err)
	got, err = s.Request(ctx, "r-1")
	equal(t, "by its id", r, got, err)
	r.ID = "r-2"
	wantErr(t, "none such", move(r, identity.RequestUsed), identity.ErrChanged)
	_, err = s.Request(ctx, "r-2")
	wantErr(t, "it was not made", err, identity.ErrUnknown)
}

func waiting(t *testing.T, s identity.Store) {
	ctx := t.Context()
	c := identity.Challenge{
		ID: "h-1", Kind: identity.ForQR, Account: "a-1", Session: "s-1", Request: "r-1", Browser: "b", Data: []byte(`{}`), Secret: "x", Tries: 1,
		Answer: "a-1", CreatedAt: noon, ExpiresAt: noon.Add(time.Minute),
	}
	must(t, save(t, s, identity.Tx.SaveChallenge, c))
	c.Version, c.UsedAt, c.Tries = 1, noon.Add(time.Second), 2
	must(t, save(t, s, identity.Tx.SaveChallenge, c))
	wantErr(t, "answered twice", save(t, s, identity.Tx.SaveChallenge, c), identity.ErrChanged)
	c.Version = 2
	got, err := s.Challenge(ctx, "h-1")
	equal(t, "as saved", c, got, err)
	_, err = s.Challenge(ctx, "h-2")
	wantErr(t, "none", err, identity.ErrUnknown)

	r := identity.Recovery{
		ID: "v-1", Account: "a-1", How: identity.WithTrustees, Token: "t", Vouched: []string{"a-2"}, Trustees: []string{"a-2", "a-3"}, AskedAt: noon,
		ReadyAt: noon.Add(identity.RecoveryWait), DoneAt: noon.Add(25 * time.Hour), StopAt: noon.Add(26 * time.Hour), StopWhy: "holder",
		Address: "192.0.2.1", Agent: "Firefox",
	}
	must(t, save(t, s, identity.Tx.SaveRecovery, r))
	wantErr(t, "made twice", save(t, s, identity.Tx.SaveRecovery, r), identity.ErrChanged)
	r.Version = 1
	back, err := s.Recovery(ctx, "v-1")
	equal(t, "recovery", r, back, err)
	list, err := s.Recoveries(ctx, "a-1")
	equal(t, "recoveries", []identity.Recovery{r}, list, err)
}

func once(t *testing.T, s identity.Store) {
	use := func(key string) error {
		return within(t, s, func(ctx context.Context, tx identity.Tx) error { return tx.Once(ctx, key, noon.Add(time.Minute)) })
	}
	must(t, use("a"))
	must(t, use("b"))
	wantErr(t, "twice", use("a"), identity.ErrAgain)
	n, err := s.Sweep(t.Context(), noon.Add(time.Hour), 100)
	if err != nil || n != 2 {
		t.Errorf("swept: %d, %v", n, err)
	}
	must(t, use("a"))
}

func failed(t *testing.T, s identity.Store) {
	count := func(key string, after time.Duration) (n int) {
		t.Helper()
		must(t, within(t, s, func(ctx context.Context, tx identity.Tx) (err error) {
			n, err = tx.Count(ctx, key, noon.Add(after), time.Hour)
			return err
		}))
		return n
	}
	look := func(key string, since time.Duration) (n int, last time.Time) {
		t.Helper()
		must(t, within(t, s, func(ctx context.Context, tx identity.Tx) (err error) {
			n, last, err = tx.Failures(ctx, key, noon.Add(since))
			return err
		}))
		return n, last
	}
	for i, after := range []time.Duration{0, time.Minute, 59 * time.Minute} {
		if n := count("a", after); n != i+1 {
			t.Errorf("after %s: %d", after, n)
		}
	}
	if n := count("b", 0); n != 1 {
		t.Errorf("another's key: %d", n)
	}
	if n, last := look("a", 59*time.Minute); n != 3 || !last.Equal(noon.Add(59*time.Minute)) {
		t.Errorf("seen: %d, %s", n, last)
	}
	if n, last := look("a", 60*time.Minute); n != 0 || !last.IsZero() {
		t.Errorf("none since: %d, %s", n, last)
	}
	if n := count("a", 60*time.Minute); n != 1 {
		t.Errorf("the window is over: %d", n)
	}
	must(t, within(t, s, func(ctx context.Context, tx identity.Tx) error { return tx.Forgive(ctx, "a") }))
	if n, _ := look("a", 0); n != 0 {
		t.Errorf("forgiven: %d", n)
	}
	if n := count("a", 61*time.Minute); n != 1 {
		t.Errorf("it begins anew: %d", n)
	}
}

func swept(t *testing.T, s identity.Store) {
	ctx := t.Context()
	long := noon.Add(-identity.KeepEnded - time.Hour)
	must(t, within(t, s, func(ctx context.Context, tx identity.Tx) error {
		return errors.Join(
			tx.AddRequest(ctx, identity.Request{ID: "r-old", State: identity.RequestOpen, ExpiresAt: noon.Add(-time.Second)}),
			tx.AddRequest(ctx, identity.Request{ID: "r-new", State: identity.RequestOpen, ExpiresAt: noon}),
			tx.SaveChallenge(ctx, identity.Challenge{ID: "h-old", ExpiresAt: noon.Add(-time.Second)}),
			tx.SaveChallenge(ctx, identity.Challenge{ID: "h-new", ExpiresAt: noon}),
			tx.SaveSession(ctx, identity.Session{ID: "s-old", Token: "1", ExpiresAt: long}),
			tx.SaveSession(ctx, identity.Session{ID: "s-ended", Token: "2", ExpiresAt: noon, EndedAt: long}),
			tx.SaveSession(ctx, identity.Session{ID: "s-new", Token: "3", ExpiresAt: noon.Add(-time.Hour)}),
			tx.AddGrant(ctx, identity.Grant{ID: "g-old", ExpiresAt: long}),
			tx.AddGrant(ctx, identity.Grant{ID: "g-ended", ExpiresAt: noon, EndedAt: long}),
			tx.AddGrant(ctx, identity.Grant{ID: "g-new", ExpiresAt: noon}),
			tx.SaveRecovery(ctx, identity.Recovery{ID: "v-old", StopAt: long}),
			tx.SaveRecovery(ctx, identity.Recovery{ID: "v-new", AskedAt: long}),
			tx.Once(ctx, "old", noon.Add(-time.Second)), tx.Once(ctx, "new", noon),
		)
	}))
	must(t, within(t, s, func(ctx context.Context, tx identity.Tx) error {
		_, err := tx.Count(ctx, "old", noon.Add(-2*time.Hour), time.Hour)
		return err
	}))
	total := 0
	for range 9 {
		n, err := s.Sweep(ctx, noon, 2)
		if err != nil || n > 2 {
			t.Fatalf("%d, %v", n, err)
		}
		total += n
	}
	if total != 9 {
		t.Errorf("%d went, want 9", total)
	}
	for id, err := range map[string]error{
		"r-new": third(s.Request(ctx, "r-new")), "h-new": third(s.Challenge(ctx, "h-new")), "s-new": third(s.Session(ctx, "s-new")),
		"g-new": third(s.Grant(ctx, "g-new")), "v-new": third(s.Recovery(ctx, "v-new")),
	} {
		if err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	for id, err := range map[string]error{
		"r-old": third(s.Request(ctx, "r-old")), "h-old": third(s.Challenge(ctx, "h-old")), "s-old": third(s.Session(ctx, "s-old")),
		"s-ended": third(s.Session(ctx, "s-ended")), "g-old": third(s.Grant(ctx, "g-old")), "g-ended": third(s.Grant(ctx, "g-ended")),
		"v-old": third(s.Recovery(ctx, "v-old")),
	} {
		wantErr(t, id, err, identity.ErrUnknown)
	}
}

func third[T any](_ T, err error) error { return err }

func counted(t *testing.T, s identity.Store) {
	for n := range 4 {
		a := Sample(n)
		if n > 1 {
			a.Level = identity.Two
		}
		if n > 2 {
			a.State = identity.Suspended
		}
		added(t, s, a)
	}
	want := []identity.Count{
		{Kind: identity.Citizen, Level: identity.One, State: identity.Active, N: 2},
		{Kind: identity.Citizen, Level: identity.Two, State: identity.Active, N: 1},
		{Kind: identity.Citizen, Level: identity.Two, State: identity.Suspended, N: 1},
	}
	got, err := s.Counts(t.Context())
	equal(t, "counts", want, got, err)

	for n, commune := range []string{"adm-2", "adm-1", "adm-1"} { // of the fourth nobody knows
		must(t, s.InTx(t.Context(), func(tx identity.Tx) error {
			if err := tx.SavePlace(t.Context(), Sample(n).ID, "adm-9"); err != nil {
				return err
			}
			return tx.SavePlace(t.Context(), Sample(n).ID, commune)
		}))
	}
	places, err := s.Places(t.Context())
	equal(t, "places", []identity.PlaceCount{
		{Commune: "", Level: identity.Two, State: identity.Suspended, N: 1},
		{Commune: "adm-1", Level: identity.One, State: identity.Active, N: 1},
		{Commune: "adm-1", Level: identity.Two, State: identity.Active, N: 1},
		{Commune: "adm-2", Level: identity.One, State: identity.Active, N: 1},
	}, places, err)
}

// together: of many that do the same at once one wins, and the chain has no gap.
func together(t *testing.T, s identity.Store) {
	ctx := t.Context()
	added(t, s, Sample(1))
	r := identity.Request{ID: "r-1", State: identity.RequestCoded, Code: "c", CreatedAt: noon, ExpiresAt: noon}
	must(t, save(t, s, identity.Tx.AddRequest, r))
	const many = 8
	var wait sync.WaitGroup
	results := make(chan error, many)
	for n := range many {
		wait.Go(func() {
			results <- s.InTx(ctx, func(tx identity.Tx) error {
				q := r
				q.State, q.Grant = identity.RequestUsed, fmt.Sprint("g-", n)
				if err := tx.MoveRequest(ctx, q, identity.RequestCoded); err != nil {
					return err
				}
				if err := tx.AddGrant(ctx, identity.Grant{ID: q.Grant, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}); err != nil {
					return err
				}
				return tx.AddEntry(ctx, SampleEntry(Sample(1).ID, "signed_in"))
			})
		})
	}
	wait.Wait()
	won := 0
	for range many {
		switch err := <-results; {
		case err == nil:
			won++
		case !errors.Is(err, identity.ErrChanged):
			t.Error(err)
		}
	}
	held, err := s.Grants(ctx, identity.GrantFilter{At: noon})
	if err != nil || won != 1 || len(held) != 1 {
		t.Errorf("%d won, %d grants, %v", won, len(held), err)
	}
	for range many {
		wait.Go(func() {
			results <- s.InTx(ctx, func(tx identity.Tx) error { return tx.AddEntry(ctx, SampleEntry(Sample(1).ID, "again")) })
		})
	}
	wait.Wait()
	for range many {
		must(t, <-results)
	}
	list, err := s.Entries(ctx, Sample(1).ID, 0, 100)
	if err != nil || len(list) != 2+many {
		t.Fatalf("%d entries, %v", len(list), err)
	}
	for i, e := range list[:len(list)-1] {
		if e.Seq != list[i+1].Seq+1 || e.Before != list[i+1].Hash || strings.TrimSpace(e.Hash) == "" {
			t.Errorf("%d does not follow %d", e.Seq, list[i+1].Seq)
		}
	}
}
