package identity_test

import (
	"sync"
	"testing"
	"time"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/fault"
)

func mailbox(to string) identity.Address {
	return identity.Address{Kind: identity.FieldEmail, To: to, Lang: "vi"}
}

// codeAt is the last code that was sent somewhere.
func (l life) codeAt(to string) string {
	l.t.Helper()
	code := ""
	for _, letter := range l.Teller.Letters(to) {
		if letter.Args["code"] != "" {
			code = letter.Args["code"]
		}
	}
	return code
}

func TestAddressChanges(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	ctx := t.Context()
	a := l.Give(t, identitytest.Mother, identity.Two)
	old, in, b := identitytest.EmailOf(identitytest.Mother), l.signedIn(a), browser("203.0.113.1")
	l.wants("the one that is there", func() error { _, err := l.BeginAddress(ctx, in, mailbox(old), b); return err }(), fault.Invalid, "identity.address.had")
	l.wants("the last one", l.RemoveAddress(ctx, in, identity.FieldEmail, b), fault.Conflict, "identity.address.last")
	l.wants("one that is not there", l.RemoveAddress(ctx, in, identity.FieldPhone, b), fault.NotFound, "identity.unknown")
	l.wants("a name", l.RemoveAddress(ctx, in, identity.FieldName, b), fault.NotFound, "identity.unknown")

	l.Clock.Pass(time.Minute)
	state, err := l.BeginAddress(ctx, in, mailbox("moi@example.vn"), b)
	l.must(err)
	if got := l.of(identitytest.Mother); got.Value(identity.FieldEmail) != old || len(l.Teller.Letters(old)) != 0 {
		t.Error("it changed before the code came back")
	}
	l.must(l.ConfirmAddress(ctx, in, state, " "+l.codeAt("moi@example.vn")+" ", b))
	at, _ := l.of(identitytest.Mother).Attribute(identity.FieldEmail)
	if at.Value != "moi@example.vn" || at.Basis != identity.Confirmed || !at.Since.Equal(l.Clock.Now()) {
		t.Errorf("%+v", at)
	}
	for _, to := range []string{old, "moi@example.vn"} {
		list := l.Teller.Letters(to)
		if last := list[len(list)-1]; last.Text != "identity.letter.address_changed" {
			t.Errorf("%s was told %+v", to, last)
		}
	}
	if e := l.last(a.ID); e.What != "address_changed" || e.State == "" || e.Args["field"] != "email" {
		t.Errorf("%+v", e)
	}
	l.wants("twice", l.ConfirmAddress(ctx, in, state, l.codeAt("moi@example.vn"), b), fault.Conflict, "identity.again")

	state, err = l.BeginAddress(ctx, in, identity.Address{Kind: identity.FieldPhone, To: "0912345678"}, b)
	l.must(err)
	l.must(l.ConfirmAddress(ctx, in, state, l.codeAt("0912345678"), b))
	l.must(l.RemoveAddress(ctx, in, identity.FieldEmail, b))
	got := l.of(identitytest.Mother)
	if got.Value(identity.FieldEmail) != "" || got.Value(identity.FieldPhone) != "0912345678" || l.last(a.ID).What != "address_removed" {
		t.Errorf("%+v", got.Attributes)
	}
	l.wants("the last of two", l.RemoveAddress(ctx, in, identity.FieldPhone, b), fault.Conflict, "identity.address.last")
	l.Service.Settings.Texts = false
	_, err = l.BeginAddress(ctx, in, identity.Address{Kind: identity.FieldPhone, To: "0912345679"}, b)
	l.wants("no texts", err, fault.Invalid, "identity.address.no_texts")
}

func TestAddressAttacks(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	b := browser("203.0.113.1")
	t.Run("a session that is not fresh, or not sure", func(t *testing.T) {
		t.Parallel()
		l := newLife(t)
		a := l.Give(t, identitytest.Mother, identity.Two)
		in := l.signedIn(a)
		l.device(a)
		l.Clock.Pass(11 * time.Minute)
		_, err := l.BeginAddress(ctx, in, mailbox("ke@example.vn"), b)
		l.wants("not fresh", err, fault.Denied, identity.ErrStale.Key)
		l.wants("remove, not fresh", l.RemoveAddress(ctx, in, identity.FieldEmail, b), fault.Denied, identity.ErrStale.Key)
		weak := l.signedIn(a)
		weak.Session.Level, weak.Session.Methods = identity.One, []identity.Method{identity.ByPassword}
		l.must(l.Store.InTx(ctx, func(tx identity.Tx) error { return tx.SaveSession(ctx, weak.Session) }))
		_, err = l.BeginAddress(ctx, weak, mailbox("ke@example.vn"), b)
		l.wants("a password alone", err, fault.Denied, identity.ErrStale.Key)
		if len(l.Teller.Letters("ke@example.vn")) != 0 {
			t.Error("a code was sent")
		}
	})
	t.Run("a session that ended meanwhile, another's, another browser's", func(t *testing.T) {
		t.Parallel()
		l := newLife(t)
		a := l.Give(t, identitytest.Mother, identity.Two)
		in := l.signedIn(a)
		state, err := l.BeginAddress(ctx, in, mailbox("ke@example.vn"), b)
		l.must(err)
		code := l.codeAt("ke@example.vn")
		other := l.signedIn(l.Give(t, identitytest.Father, identity.Two))
		l.wants("another account", l.ConfirmAddress(ctx, other, state, code, b), fault.Invalid, "identity.sign_in.over")
		l.wants("another sign-in", l.ConfirmAddress(ctx, l.signedIn(a), state, code, b), fault.Invalid, "identity.sign_in.over")
		l.wants("another browser", l.ConfirmAddress(ctx, in, state, code, browser("203.0.113.7")), fault.Invalid, "identity.sign_in.over")
		l.must(l.EndSession(ctx, in, in.Session.ID, b))
		l.wants("signed out", l.ConfirmAddress(ctx, in, state, code, b), fault.Unsigned, "identity.denied.unsigned")
		l.Clock.Pass(11 * time.Minute)
		l.wants("late", l.ConfirmAddress(ctx, in, state, code, b), fault.Invalid, "identity.sign_in.over")
	})
	t.Run("guesses", func(t *testing.T) {
		t.Parallel()
		l := newLife(t)
		in := l.signedIn(l.Give(t, identitytest.Mother, identity.Two))
		state, err := l.BeginAddress(ctx, in, mailbox("ke@example.vn"), b)
		l.must(err)
		code := l.codeAt("ke@example.vn")
		wrong := "000000"
		if code == wrong {
			wrong = "000001"
		}
		for range 5 {
			l.wants("a guess", l.ConfirmAddress(ctx, in, state, wrong, b), fault.Invalid, "identity.address.code")
		}
		if err := l.ConfirmAddress(ctx, in, state, code, b); fault.Of(err) != fault.TooMany {
			t.Errorf("the right code after five guesses: %v", err)
		}
		for range 9 {
			in = l.signedIn(l.of(identitytest.Mother))
			_, err = l.BeginAddress(ctx, in, mailbox(l.NewID()+"@example.vn"), b)
			l.must(err)
		}
		if _, err = l.BeginAddress(ctx, in, mailbox("nua@example.vn"), b); fault.Of(err) != fault.TooMany {
			t.Errorf("ten codes in a day: %v", err)
		}
	})
	t.Run("two at once", func(t *testing.T) {
		t.Parallel()
		l := newLife(t)
		in := l.signedIn(l.Give(t, identitytest.Mother, identity.Two))
		states := map[string]string{}
		for _, to := range []string{"mot@example.vn", "hai@example.vn"} {
			var err error
			states[to], err = l.BeginAddress(ctx, in, mailbox(to), b)
			l.must(err)
		}
		var mu sync.Mutex
		var done []string
		var wait sync.WaitGroup
		for to, state := range states {
			for range 2 {
				wait.Go(func() {
					err := l.ConfirmAddress(ctx, in, state, l.codeAt(to), b)
					if fault.As(err) == nil && err != nil {
						t.Error(err)
					}
					if err == nil {
						mu.Lock()
						done = append(done, to)
						mu.Unlock()
					}
				})
			}
		}
		wait.Wait()
		if len(done) != 1 || l.of(identitytest.Mother).Value(identity.FieldEmail) != done[0] {
			t.Errorf("%v came about, the account has %s", done, l.of(identitytest.Mother).Value(identity.FieldEmail))
		}
	})
}

// TestAddressOfLevelOne: whoever has nothing but the mailbox changes it by the sign-in that it
// opened; once there is a password, that and a code.
func TestAddressOfLevelOne(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	ctx, b := t.Context(), browser("203.0.113.1")
	a := l.Give(t, identitytest.Mother, identity.One)
	var out identity.Entered
	l.must(l.Store.InTx(ctx, func(tx identity.Tx) error {
		var err error
		out, err = l.FirstSignIn(ctx, tx, a, b)
		return err
	}))
	state, err := l.BeginAddress(ctx, out.SignedIn, mailbox("moi@example.vn"), b)
	l.must(err)
	l.must(l.ConfirmAddress(ctx, out.SignedIn, state, l.codeAt("moi@example.vn"), b))
	l.device(a)
	_, err = l.BeginAddress(ctx, out.SignedIn, mailbox("nua@example.vn"), b)
	l.wants("with a key that was not shown", err, fault.Denied, identity.ErrStale.Key)
}

// TestLettersAreInTheHoldersLanguage: that of their last sign-in; the letter that tells of a
// sign-in is in the one before, so that a stranger does not choose it.
func TestLettersAreInTheHoldersLanguage(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	ctx := t.Context()
	a := l.Give(t, identitytest.Mother, identity.Two)
	to := identitytest.EmailOf(identitytest.Mother)
	enter := func(lang string) identity.SignedIn {
		b := browser("203.0.113.1")
		b.Lang = lang
		holder := l.of(identitytest.Mother)
		var out identity.Entered
		l.must(l.Store.InTx(ctx, func(tx identity.Tx) error {
			var err error
			out, err = l.FirstSignIn(ctx, tx, holder, b)
			return err
		}))
		return out.SignedIn
	}
	last := func() string {
		list := l.Teller.Letters(to)
		return list[len(list)-1].To.Lang
	}
	in := enter("en")
	if got := last(); got != "" {
		t.Errorf("nothing was known of their language: %q", got)
	}
	l.must(l.EndOthers(ctx, in, browser("203.0.113.1")))
	if got := l.of(identitytest.Mother); got.Lang() != "en" || in.Account.Version != got.Version || l.last(a.ID).What != "others_ended" {
		t.Errorf("%+v", got)
	}
	enter("vi")
	if got := last(); got != "en" {
		t.Errorf("the letter of a sign-in in Vietnamese: %q", got)
	}
	if got := l.of(identitytest.Mother); got.Lang() != "vi" {
		t.Errorf("%+v", got)
	}
	version := l.of(identitytest.Mother).Version
	enter("vi")
	if got := l.of(identitytest.Mother); got.Version != version {
		t.Error("the account changed for nothing")
	}
}
