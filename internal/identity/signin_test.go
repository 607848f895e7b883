package identity_test

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dean06/internal/platform/opaque"

	"github.com/pquerna/otp/totp"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/fault"
)

const (
	good  = "con mèo trèo cây cau"
	other = "bưởi chua hơn khế ngọt"
)

// scene is a world with a mother who has an account, a password and a telephone with a key.
type scene struct {
	*identitytest.World
	t       *testing.T
	account identity.Account
	who     identity.Holder
	phone   *identitytest.Key
	browser identity.Browser // hers, which the account knows
	in      identity.SignedIn
	device  identity.Device
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{World: identitytest.NewWorld(nil), t: t}
	s.account = s.Give(t, identitytest.Mother, identity.Two)
	s.who = s.account.Holder
	s.browser = at("203.0.113.9")
	s.in = s.firstSignIn(&s.browser, s.account)
	out, err := s.SetPassword(t.Context(), s.in, good, s.browser)
	s.must(err)
	s.use(&s.browser, out)
	s.in = out.SignedIn
	s.phone = &identitytest.Key{ID: "phone", Account: s.account.ID}
	s.device = s.addDevice(s.phone, "Điện thoại của mẹ")
	return s
}

func at(address string) identity.Browser {
	return identity.Browser{ID: opaque.Hash("cookie " + address), Address: address, Agent: "Firefox", Lang: "vi"}
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// use lets a browser keep what it was given.
func (s *scene) use(b *identity.Browser, out identity.Entered) {
	b.Session, b.Known = out.Token, out.Known
}

// firstSignIn is that of somebody who enrolled a moment ago.
func (s *scene) firstSignIn(b *identity.Browser, a identity.Account) identity.SignedIn {
	s.t.Helper()
	var out identity.Entered
	s.must(s.Store.InTx(s.t.Context(), func(tx identity.Tx) error {
		var err error
		out, err = s.FirstSignIn(s.t.Context(), tx, a, *b)
		return err
	}))
	s.use(b, out)
	return out.SignedIn
}

func (s *scene) addDevice(k *identitytest.Key, name string) identity.Device {
	s.t.Helper()
	options, state, err := s.AskDevice(s.t.Context(), s.in, s.browser)
	s.must(err)
	d, err := s.AddDevice(s.t.Context(), s.in, name, state, k.Answer(options), s.browser)
	s.must(err)
	return d
}

func (s *scene) byKey(k *identitytest.Key, b *identity.Browser) (identity.Entered, error) {
	options, state, err := s.AskKey(*b)
	s.must(err)
	out, err := s.CheckKey(s.t.Context(), state, k.Answer(options), *b)
	if err == nil {
		s.use(b, out)
	}
	return out, err
}

// sent is the last code that was sent to an address.
func (s *scene) sent(a identity.Account) string {
	s.t.Helper()
	letters := s.Teller.Letters(a.Value(identity.FieldEmail))
	for i := len(letters) - 1; i >= 0; i-- {
		if code := letters[i].Args["code"]; code != "" {
			return code
		}
	}
	s.t.Fatal("no code was sent")
	return ""
}

func (s *scene) told(a identity.Account, text string) bool {
	for _, l := range s.Teller.Letters(a.Value(identity.FieldEmail)) {
		if l.Text == "identity.letter."+text {
			return true
		}
	}
	return false
}

func (s *scene) logged(a identity.Account, what string) int {
	s.t.Helper()
	list, err := s.Store.Entries(s.t.Context(), a.ID, 0, 500)
	s.must(err)
	n := 0
	for _, e := range list {
		if e.What == what {
			n++
		}
	}
	return n
}

func key(err error) string {
	if f := fault.As(err); f != nil {
		return f.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func wantKey(t *testing.T, what string, err error, want string) {
	t.Helper()
	if got := key(err); got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestPasswordSignIn(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ctx := t.Context()
	stranger := identity.NewHolder(identity.Citizen, "001199999999")
	for _, tt := range []struct {
		name  string
		who   identity.Holder
		given string
		want  string
	}{
		{"right", s.who, good, ""},
		{"in capitals", s.who, strings.ToUpper(good), "identity.sign_in.wrong"},
		{"wrong", s.who, "con mèo trèo cây mít", "identity.sign_in.wrong"},
		{"empty", s.who, "", "identity.sign_in.wrong"},
		{"unknown number", stranger, good, "identity.sign_in.wrong"},
		{"another kind with the number", identity.NewHolder(identity.Foreigner, s.who.Reveal()), good, "identity.sign_in.wrong"},
	} {
		out, err := s.CheckPassword(ctx, tt.who, tt.given, identity.One, at("198.51.100.7"))
		wantKey(t, tt.name, err, tt.want)
		if ok := out.Token != ""; ok != (tt.want == "") {
			t.Errorf("%s: a session: %v", tt.name, ok)
		}
		if tt.want == "" && (out.Session.Level != identity.One || !out.In()) {
			t.Errorf("a password alone reaches level %d", out.Session.Level)
		}
	}
	if !s.told(s.account, "signed_in") {
		t.Error("a sign-in at a browser that was not known was not told")
	}
}

func TestCodeThatIsSent(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ctx, b := t.Context(), at("198.51.100.7")
	out, err := s.CheckPassword(ctx, s.who, good, identity.Two, b)
	s.must(err)
	if out.In() || out.How != identity.CodeSent || out.Token != "" {
		t.Fatalf("got %+v, want a code to be asked for", out)
	}
	code := s.sent(s.account)
	if _, err := s.CheckCode(ctx, out.Code, code, at("192.0.2.1")); key(err) != "identity.sign_in.over" {
		t.Errorf("the code at another browser: %v", err)
	}
	if _, err := s.CheckCode(ctx, out.Code, wrongOf(code), b); key(err) != "identity.code.wrong" {
		t.Errorf("a wrong code: %v", err)
	}
	got, err := s.CheckCode(ctx, out.Code, code, b)
	s.must(err)
	if got.Session.Level != identity.Two {
		t.Errorf("password and code reach level %d", got.Session.Level)
	}
	_, err = s.CheckCode(ctx, out.Code, code, b)
	wantKey(t, "the code once more", err, "identity.sign_in.over")

	out, err = s.CheckPassword(ctx, s.who, good, identity.Two, b)
	s.must(err)
	for range 5 {
		_, err = s.CheckCode(ctx, out.Code, wrongOf(s.sent(s.account)), b)
		wantKey(t, "wrong", err, "identity.code.wrong")
	}
	s.Clock.Pass(time.Minute)
	_, err = s.CheckCode(ctx, out.Code, s.sent(s.account), b)
	wantKey(t, "the right code after five wrong ones", err, "identity.sign_in.over")

	out, err = s.CheckPassword(ctx, s.who, good, identity.Two, b)
	s.must(err)
	s.Clock.Pass(10 * time.Minute)
	_, err = s.CheckCode(ctx, out.Code, s.sent(s.account), b)
	wantKey(t, "too late", err, "identity.sign_in.over")
}

func wrongOf(code string) string {
	return string('0'+(code[0]-'0'+1)%10) + code[1:]
}

func TestCodesOfAnApplication(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ctx := t.Context()
	_, err := s.byKey(s.phone, &s.browser)
	s.must(err)
	address, err := s.BeginCode(ctx, s.in)
	s.must(err)
	u, err := url.Parse(address)
	s.must(err)
	if strings.Contains(address, s.who.Reveal()) {
		t.Errorf("the number stands in %s", address)
	}
	seed := u.Query().Get("secret")
	sec, err := s.Store.Secrets(ctx, s.account.ID)
	s.must(err)
	if strings.Contains(string(sec.CodeSeed), seed) {
		t.Error("the seed is kept as it is")
	}
	codeAt := func() string {
		code, err := totp.GenerateCode(seed, s.Clock.Now())
		s.must(err)
		return code
	}
	_, err = s.ConfirmCode(ctx, s.in, wrongOf(codeAt()), s.browser)
	wantKey(t, "a wrong first code", err, "identity.code.wrong")
	first := codeAt()
	recovery, err := s.ConfirmCode(ctx, s.in, first, s.browser)
	s.must(err)
	if len(recovery) != 10 || !s.told(s.account, "code_on") {
		t.Errorf("%d recovery codes", len(recovery))
	}

	b := at("198.51.100.7")
	begin := func() string {
		t.Helper()
		out, err := s.CheckPassword(ctx, s.who, good, identity.One, b)
		s.must(err)
		if out.In() || out.How != identity.CodeMade {
			t.Fatalf("got %+v, want a code of the application", out)
		}
		return out.Code
	}
	_, err = s.CheckCode(ctx, begin(), first, b)
	wantKey(t, "a code that was used", err, "identity.code.wrong")
	s.Clock.Pass(30 * time.Second)
	out, err := s.CheckCode(ctx, begin(), codeAt(), b)
	s.must(err)
	if out.Session.Level != identity.Two {
		t.Errorf("level %d", out.Session.Level)
	}
	// A recovery code stands for it, once, however it is typed.
	out, err = s.CheckCode(ctx, begin(), strings.ToUpper(strings.ReplaceAll(recovery[3], "-", " ")), b)
	s.must(err)
	if out.Session.Level != identity.Two {
		t.Errorf("level %d by a recovery code", out.Session.Level)
	}
	_, err = s.CheckCode(ctx, begin(), recovery[3], b)
	wantKey(t, "a recovery code twice", err, "identity.code.wrong")
	_, err = s.RecoverByCode(ctx, s.who, recovery[3], at("192.0.2.5"))
	wantKey(t, "the same as a way back", err, "identity.recovery.wrong")
	back, err := s.RecoverByCode(ctx, s.who, recovery[4], at("192.0.2.5"))
	s.must(err)
	if back.Session.Level != identity.One || s.MayChange(ctx, back.SignedIn) != nil || !s.told(s.account, "recovered") {
		t.Errorf("a way back: level %d, may change: %v", back.Session.Level, s.MayChange(ctx, back.SignedIn))
	}
}

func TestGuessingIsNotTurnedAgainstTheHolder(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ctx := t.Context()
	// Somebody guesses, from her address too, and from many others.
	for i := range 60 {
		b := at("203.0.113." + strconv.Itoa(9+i%7))
		_, err := s.CheckPassword(ctx, s.who, "con mèo số "+strconv.Itoa(i), identity.One, b)
		if k := key(err); k != "identity.sign_in.wrong" && k != "" && !strings.HasPrefix(k, "throttle.") {
			t.Fatal(err)
		}
	}
	if !s.told(s.account, "guessed") {
		t.Error("the holder was not told")
	}
	if n := s.logged(s.account, "guessed"); n == 0 || n > 3 {
		t.Errorf("%d lines in her log, want one or two", n)
	}
	out, err := s.CheckPassword(ctx, s.who, good, identity.One, s.browser)
	s.must(err)
	if !out.In() {
		t.Error("her own browser must do more than before")
	}
	// From elsewhere, the right and a wrong password get the same answer: a code is asked for.
	strange := at("198.51.100.7")
	right, err := s.CheckPassword(ctx, s.who, good, identity.One, strange)
	s.must(err)
	wrong, err := s.CheckPassword(ctx, s.who, other, identity.One, at("198.51.100.8"))
	s.must(err)
	if right.In() || wrong.In() || right.How != wrong.How || right.How != identity.CodeEither {
		t.Errorf("right: %+v, wrong: %+v", right, wrong)
	}
	_, err = s.CheckCode(ctx, wrong.Code, s.sent(s.account), at("198.51.100.8"))
	wantKey(t, "the code with a wrong password", err, "identity.code.wrong")
	in, err := s.CheckCode(ctx, right.Code, s.sent(s.account), strange)
	s.must(err)
	if in.Token == "" {
		t.Error("the holder did not get in elsewhere")
	}
	// One more of the office signs in at the address from which it was guessed.
	colleague := s.Give(t, identitytest.Father, identity.Two)
	b := at("203.0.113.9")
	first := s.firstSignIn(&b, colleague)
	_, err = s.SetPassword(ctx, first, other, b)
	s.must(err)
	there, err := s.CheckPassword(ctx, colleague.Holder, other, identity.One, at("203.0.113.9"))
	s.must(err)
	if !there.In() {
		t.Error("a colleague must do more than before")
	}
}

// TestUnderAttack: whatever an account has beside its password, the answers to a right and a wrong
// one are alike while somebody guesses; who has nothing else gets in by the password.
func TestUnderAttack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		give func(s *scene)
		in   bool // the right password does
	}{
		{"an address", func(*scene) {}, false},
		{"an application", func(s *scene) {
			address, err := s.BeginCode(s.t.Context(), s.in)
			s.must(err)
			u, err := url.Parse(address)
			s.must(err)
			code, err := totp.GenerateCode(u.Query().Get("secret"), s.Clock.Now())
			s.must(err)
			_, err = s.ConfirmCode(s.t.Context(), s.in, code, s.browser)
			s.must(err)
		}, false},
		{"recovery codes alone", func(s *scene) {
			_, err := s.NewRecoveryCodes(s.t.Context(), s.in, s.browser)
			s.must(err)
			s.withoutAddress()
		}, false},
		{"nothing", func(s *scene) { s.withoutAddress() }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			tt.give(s)
			for i := range 12 {
				_, _ = s.CheckPassword(t.Context(), s.who, other, identity.One, at("192.0.2."+strconv.Itoa(i)))
			}
			right, err := s.CheckPassword(t.Context(), s.who, good, identity.One, at("198.51.100.7"))
			s.must(err)
			wrong, err := s.CheckPassword(t.Context(), s.who, other, identity.One, at("198.51.100.7"))
			s.must(err)
			if right.In() != tt.in || wrong.In() {
				t.Fatalf("right: in %v, wrong: in %v", right.In(), wrong.In())
			}
			if !tt.in && (right.How != wrong.How || right.Token != "") {
				t.Errorf("right: %q, wrong: %q", right.How, wrong.How)
			}
		})
	}
}

// withoutAddress takes the confirmed addresses away.
func (s *scene) withoutAddress() {
	s.t.Helper()
	s.must(s.Store.InTx(s.t.Context(), func(tx identity.Tx) error {
		a, err := tx.Account(s.t.Context(), s.account.ID)
		if err != nil {
			return err
		}
		a.Attributes = slices.DeleteFunc(slices.Clone(a.Attributes), func(at identity.Attribute) bool { return at.Basis == identity.Confirmed })
		if err := tx.SaveAccount(s.t.Context(), a); err != nil {
			return err
		}
		return tx.AddEntry(s.t.Context(), identity.Entry{Account: a.ID, At: s.Clock.Now(), What: "opened", By: identitytest.Program})
	}))
}

func TestKeys(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ctx := t.Context()
	b := at("198.51.100.7")
	out, err := s.byKey(s.phone, &b)
	s.must(err)
	if out.Session.Level != identity.Two || out.Session.Device != s.device.ID {
		t.Errorf("level %d by device %q", out.Session.Level, out.Session.Device)
	}
	options, state, err := s.AskKey(b)
	s.must(err)
	answer := s.phone.Answer(options)
	if _, err := s.CheckKey(ctx, state, answer, at("192.0.2.1")); key(err) != "identity.sign_in.over" {
		t.Errorf("an answer from another browser: %v", err)
	}
	_, err = s.CheckKey(ctx, state, answer, b)
	s.must(err)
	_, err = s.CheckKey(ctx, state, s.phone.Answer(options), b)
	wantKey(t, "the same question twice", err, "identity.again")
	_, err = s.CheckKey(ctx, "abc", answer, b)
	wantKey(t, "a state that is none", err, "identity.sign_in.over")

	options, state, err = s.AskKey(b)
	s.must(err)
	s.Clock.Pass(5 * time.Minute)
	_, err = s.CheckKey(ctx, state, s.phone.Answer(options), b)
	wantKey(t, "too late", err, "identity.sign_in.over")
	_, err = s.byKey(&identitytest.Key{ID: "unknown", Account: s.account.ID}, &b)
	wantKey(t, "a key of nobody", err, "identity.key.wrong")

	// A copy of the key with an older counter.
	copied := &identitytest.Key{ID: "phone", Account: s.account.ID, Count: 0}
	_, err = s.byKey(copied, &b)
	wantKey(t, "a copy", err, "identity.key.copied")
	if !s.told(s.account, "key_copied") {
		t.Error("the holder was not told of the copy")
	}
	_, err = s.byKey(s.phone, &b)
	wantKey(t, "a key that was copied", err, "identity.key.wrong")
	if _, ok, err := s.Find(ctx, b.Session); ok || err != nil {
		t.Errorf("the sign-in by the copied key goes on: %v, %v", ok, err)
	}
}

func TestChangesAskAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ctx := t.Context()
	weak := at("198.51.100.7")
	low, err := s.CheckPassword(ctx, s.who, good, identity.One, weak)
	s.must(err)
	s.use(&weak, low.Entered)
	for name, change := range map[string]func(identity.SignedIn, identity.Browser) error{
		"password": func(in identity.SignedIn, b identity.Browser) error {
			_, err := s.SetPassword(ctx, in, other, b)
			return err
		},
		"no password": func(in identity.SignedIn, b identity.Browser) error { return s.DropPassword(ctx, in, b) },
		"code":        func(in identity.SignedIn, _ identity.Browser) error { _, err := s.BeginCode(ctx, in); return err },
		"device":      func(in identity.SignedIn, b identity.Browser) error { _, _, err := s.AskDevice(ctx, in, b); return err },
		"removal":     func(in identity.SignedIn, b identity.Browser) error { return s.RemoveDevice(ctx, in, s.device.ID, b) },
		"codes": func(in identity.SignedIn, b identity.Browser) error {
			_, err := s.NewRecoveryCodes(ctx, in, b)
			return err
		},
	} {
		wantKey(t, name+" with a password alone", change(low.SignedIn, weak), "identity.sign_in.stale")
	}
	s.Clock.Pass(11 * time.Minute)
	_, err = s.SetPassword(ctx, s.in, other, s.browser)
	wantKey(t, "eleven minutes later", err, "identity.sign_in.stale")

	before := s.browser.Session
	up, err := s.byKey(s.phone, &s.browser)
	s.must(err)
	if up.Session.ID != s.in.Session.ID || up.Token == before {
		t.Error("a step up keeps the session and changes its token")
	}
	if _, ok, err := s.Find(ctx, before); ok || err != nil {
		t.Errorf("the token from before the step up opens something: %v, %v", ok, err)
	}
	out, err := s.SetPassword(ctx, up.SignedIn, other, s.browser)
	s.must(err)
	if _, ok, err := s.Find(ctx, weak.Session); ok || err != nil {
		t.Errorf("another sign-in goes on after the password changed: %v, %v", ok, err)
	}
	if _, ok, err := s.Find(ctx, out.Token); !ok || err != nil {
		t.Errorf("the sign-in at hand ended: %v, %v", ok, err)
	}
	if !s.told(s.account, "password_set") {
		t.Error("nobody was told")
	}
	_, err = s.SetPassword(ctx, out.SignedIn, "Trần Thị Mẹ 1990", s.browser)
	wantKey(t, "one's name", err, "password.personal")
	s.must(s.DropPassword(ctx, out.SignedIn, s.browser))
	wantKey(t, "the last device", s.RemoveDevice(ctx, out.SignedIn, s.device.ID, s.browser), "identity.devices.last")
}

func TestDevices(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ctx := t.Context()
	laptop := &identitytest.Key{ID: "laptop", Account: s.account.ID}
	d := s.addDevice(laptop, "  Máy   tính ")
	if d.Name != "Máy tính" {
		t.Errorf("name %q", d.Name)
	}
	options, state, err := s.AskDevice(ctx, s.in, s.browser)
	s.must(err)
	_, err = s.AddDevice(ctx, s.in, "", state, laptop.Answer(options), s.browser)
	wantKey(t, "no name", err, "identity.devices.name")
	_, err = s.AddDevice(ctx, s.in, "Lại máy tính", state, laptop.Answer(options), s.browser)
	wantKey(t, "the same key again", err, "identity.key.wrong")

	stolen := at("192.0.2.1")
	_, err = s.byKey(laptop, &stolen)
	s.must(err)
	s.must(s.RenameDevice(ctx, s.in, d.ID, "Máy tính cũ", s.browser))
	s.must(s.RemoveDevice(ctx, s.in, d.ID, s.browser))
	if _, ok, err := s.Find(ctx, stolen.Session); ok || err != nil {
		t.Errorf("the sign-in by the removed device goes on: %v, %v", ok, err)
	}
	_, err = s.byKey(laptop, &stolen)
	wantKey(t, "the removed device", err, "identity.key.wrong")
	wantKey(t, "once more", s.RemoveDevice(ctx, s.in, d.ID, s.browser), "identity.unknown")

	father := s.Give(t, identitytest.Father, identity.Two)
	b := at("192.0.2.7")
	his := s.firstSignIn(&b, father)
	wantKey(t, "another's device", s.RenameDevice(ctx, his, s.device.ID, "Của tôi", b), "identity.unknown")
	if !s.told(s.account, "device_added") || !s.told(s.account, "device_removed") || s.told(father, "device_removed") {
		t.Error("the wrong people were told")
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ctx := t.Context()
	b := at("198.51.100.7")
	_, err := s.byKey(s.phone, &b)
	s.must(err)
	list, err := s.SessionsOf(ctx, s.in)
	s.must(err)
	if len(list) != 2 {
		t.Fatalf("%d sessions, want 2", len(list))
	}
	father := s.Give(t, identitytest.Father, identity.Two)
	fb := at("192.0.2.7")
	his := s.firstSignIn(&fb, father)
	wantKey(t, "another's session", s.EndSession(ctx, his, list[0].ID, fb), "identity.unknown")
	s.must(s.EndOthers(ctx, s.in, s.browser))
	for name, tt := range map[string]struct {
		token string
		want  bool
	}{"ended": {b.Session, false}, "own": {s.browser.Session, true}, "another's": {fb.Session, true}, "none": {"", false}, "made up": {"x", false}} {
		if _, ok, err := s.Find(ctx, tt.token); ok != tt.want || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
	// Somebody signs in where another was: the one before is out.
	_, err = s.byKey(s.phone, &fb)
	s.must(err)
	if list, err := s.SessionsOf(ctx, his); err != nil || len(list) != 0 {
		t.Errorf("the father is still signed in: %v, %v", list, err)
	}
	for range 20 { // used now and then, to the end of the day
		s.Clock.Pass(29 * time.Minute)
		if _, ok, err := s.Find(ctx, s.browser.Session); !ok || err != nil {
			t.Fatalf("idle for 29 minutes: %v, %v", ok, err)
		}
	}
	s.Clock.Pass(30 * time.Minute)
	if _, ok, err := s.Find(ctx, s.browser.Session); ok || err != nil {
		t.Errorf("idle for half an hour: %v, %v", ok, err)
	}
}

// TestFixation: a token that was in the browser before the sign-in opens nothing after it.
func TestFixation(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	attacker := at("192.0.2.66")
	a := s.Give(t, identitytest.Father, identity.Two)
	s.firstSignIn(&attacker, a)
	victim := at("198.51.100.7")
	victim.Session = attacker.Session // planted
	out, err := s.byKey(s.phone, &victim)
	s.must(err)
	if out.Token == attacker.Session {
		t.Error("the planted token is hers now")
	}
	if in, ok, err := s.Find(t.Context(), attacker.Session); ok || err != nil {
		t.Errorf("the planted token opens %v, %v", in.Account.ID, err)
	}
}
