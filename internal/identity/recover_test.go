package identity_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/fault"
)

func TestQR(t *testing.T) {
	t.Parallel()
	ask := identity.QRAsk{Request: "r-1", Site: identity.Text{Vi: "Cổng dịch vụ công"}, Origin: "https://dichvucong.example.vn"}
	type round struct {
		*scene
		desk identity.Browser
		q    identity.QR
	}
	begin := func(t *testing.T) *round {
		t.Helper()
		r := &round{scene: newScene(t), desk: at("198.51.100.7")}
		var err error
		r.q, err = r.ShowQR(t.Context(), ask, r.desk)
		r.must(err)
		return r
	}
	confirm := func(ctx context.Context, r *round, number int) error {
		options, state, err := r.PickQR(ctx, r.in, r.q.ID, strconv.Itoa(number), r.browser)
		if err != nil {
			return err
		}
		return r.ConfirmQR(ctx, r.in, state, r.phone.Answer(options), r.browser)
	}
	t.Run("confirmed", func(t *testing.T) {
		t.Parallel()
		r, ctx := begin(t), t.Context()
		seen, err := r.ReadQR(ctx, r.in, r.q.ID)
		r.must(err)
		if seen.Number != 0 || seen.Site.Vi != ask.Site.Vi || seen.Origin != ask.Origin || seen.Address != "198.51.100.7" || len(seen.Choice) != 3 {
			t.Errorf("the holder sees %+v", seen)
		}
		_, err = r.TakeQR(ctx, r.q.ID, r.desk)
		wantKey(t, "before it was confirmed", err, "identity.sign_in.over")
		r.must(confirm(ctx, r, r.q.Number))
		_, err = r.TakeQR(ctx, r.q.ID, at("192.0.2.66"))
		wantKey(t, "another browser", err, "identity.sign_in.over")
		out, err := r.TakeQR(ctx, r.q.ID, r.desk)
		r.must(err)
		if out.Account.ID != r.account.ID || out.Session.Level != identity.Two || out.Session.Device != r.device.ID {
			t.Errorf("signed in: %+v", out.Session)
		}
		_, err = r.TakeQR(ctx, r.q.ID, r.desk)
		wantKey(t, "twice", err, "identity.sign_in.over")
	})
	t.Run("another number ends it", func(t *testing.T) {
		t.Parallel()
		r, ctx := begin(t), t.Context()
		wrong := r.q.Choice[0]
		if wrong == r.q.Number {
			wrong = r.q.Choice[1]
		}
		wantKey(t, "wrong", confirm(ctx, r, wrong), "identity.qr.other_number")
		wantKey(t, "right after wrong", confirm(ctx, r, r.q.Number), "identity.sign_in.over")
		q, err := r.QRShown(ctx, r.q.ID, r.desk)
		r.must(err)
		if q.State != identity.QRRefused || r.logged(r.account, "qr_refused") != 1 {
			t.Errorf("state %s", q.State)
		}
	})
	t.Run("a minute later", func(t *testing.T) {
		t.Parallel()
		r, ctx := begin(t), t.Context()
		r.Clock.Pass(time.Minute)
		_, err := r.ReadQR(ctx, r.in, r.q.ID)
		wantKey(t, "read", err, "identity.sign_in.over")
		wantKey(t, "confirm", confirm(ctx, r, r.q.Number), "identity.sign_in.over")
	})
	t.Run("the signature is of this QR", func(t *testing.T) {
		t.Parallel()
		r, ctx := begin(t), t.Context()
		second, err := r.ShowQR(ctx, ask, r.desk)
		r.must(err)
		options, _, err := r.PickQR(ctx, r.in, r.q.ID, strconv.Itoa(r.q.Number), r.browser)
		r.must(err)
		_, state, err := r.PickQR(ctx, r.in, second.ID, strconv.Itoa(second.Number), r.browser)
		r.must(err)
		wantKey(t, "the answer for another", r.ConfirmQR(ctx, r.in, state, r.phone.Answer(options), r.browser), "identity.key.wrong")
	})
	t.Run("by the key of another account", func(t *testing.T) {
		t.Parallel()
		r, ctx := begin(t), t.Context()
		options, state, err := r.PickQR(ctx, r.in, r.q.ID, strconv.Itoa(r.q.Number), r.browser)
		r.must(err)
		thief := &identitytest.Key{ID: "thief", Account: r.account.ID}
		wantKey(t, "a foreign key", r.ConfirmQR(ctx, r.in, state, thief.Answer(options), r.browser), "identity.key.wrong")
	})
	t.Run("ten of a request", func(t *testing.T) {
		t.Parallel()
		r, ctx := begin(t), t.Context()
		for i := range 10 {
			_, err := r.ShowQR(ctx, ask, r.desk)
			if want := i >= 9; (fault.Of(err) == fault.TooMany) != want || err != nil && !want {
				t.Errorf("QR %d: %v", i+2, err)
			}
		}
	})
	t.Run("a device that was removed meanwhile", func(t *testing.T) {
		t.Parallel()
		r, ctx := begin(t), t.Context()
		r.must(confirm(ctx, r, r.q.Number))
		r.must(r.RemoveDevice(ctx, r.in, r.device.ID, r.browser))
		_, err := r.TakeQR(ctx, r.q.ID, r.desk)
		wantKey(t, "taken", err, "identity.sign_in.over")
	})
}

func TestTrustees(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ctx := t.Context()
	father, granny := s.Give(t, identitytest.Father, identity.Two), s.Give(t, identitytest.Granny, identity.Two)
	stranger := s.Give(t, identitytest.Other, identity.Two)
	keys := map[string]*identitytest.Key{}
	trustee := func(a identity.Account, address string) (identity.SignedIn, identity.Browser) {
		b := at(address)
		if k := keys[a.ID]; k != nil {
			out, err := s.byKey(k, &b)
			s.must(err)
			return out.SignedIn, b
		}
		in := s.firstSignIn(&b, a)
		k := &identitytest.Key{ID: a.ID, Account: a.ID}
		keys[a.ID] = k
		options, state, err := s.AskDevice(ctx, in, b)
		s.must(err)
		_, err = s.AddDevice(ctx, in, "Điện thoại", state, k.Answer(options), b)
		s.must(err)
		out, err := s.byKey(k, &b)
		s.must(err)
		return out.SignedIn, b
	}
	wantKey(t, "oneself", s.NameTrustee(ctx, s.in, s.who, s.browser), "identity.trustee.unfit")
	wantKey(t, "nobody", s.NameTrustee(ctx, s.in, identity.OfCitizen(identitytest.Nobody.Number), s.browser), "identity.trustee.unfit")
	s.must(s.NameTrustee(ctx, s.in, father.Holder, s.browser))
	s.must(s.NameTrustee(ctx, s.in, granny.Holder, s.browser))
	wantKey(t, "twice", s.NameTrustee(ctx, s.in, father.Holder, s.browser), "identity.trustee.named")
	if !s.told(father, "trusted") || !s.told(s.account, "trustee_named") {
		t.Error("nobody was told of the naming")
	}

	thief := at("192.0.2.66")
	asked, err := s.AskTrustees(ctx, s.who, thief)
	s.must(err)
	hisIn, hisB := trustee(father, "192.0.2.7")
	_, err = s.Vouch(ctx, hisIn, asked.Ticket, hisB)
	wantKey(t, "named a moment ago", err, "identity.recovery.none")

	s.Clock.Pass(73 * time.Hour)
	new := at("198.51.100.7")
	asked, err = s.AskTrustees(ctx, s.who, new)
	s.must(err)
	nobody, err := s.AskTrustees(ctx, identity.OfCitizen(identitytest.Nobody.Number), at("198.51.100.8"))
	s.must(err)
	if nobody.Ticket == "" || nobody.Token == "" {
		t.Error("who asks for nobody's account learns it")
	}
	if s.told(s.account, "vouched") {
		t.Error("a stranger's asking troubles the holder")
	}
	hisIn, hisB = trustee(father, "192.0.2.7")
	herIn, herB := trustee(granny, "192.0.2.8")
	otherIn, otherB := trustee(stranger, "192.0.2.9")
	_, err = s.Vouch(ctx, otherIn, asked.Ticket, otherB)
	wantKey(t, "somebody who was not named", err, "identity.recovery.not_trusted")
	_, err = s.Vouch(ctx, hisIn, "aaaa-bbbb", hisB)
	wantKey(t, "a wrong ticket", err, "identity.recovery.none")
	_, err = s.Vouch(ctx, hisIn, asked.Ticket, hisB)
	s.must(err)
	if !s.told(s.account, "vouched") {
		t.Error("the holder was not told of the first one")
	}
	_, err = s.Vouch(ctx, hisIn, asked.Ticket, hisB)
	wantKey(t, "one person twice", err, "identity.recovery.none")
	_, err = s.Recover(ctx, asked, new)
	wantKey(t, "one alone", err, "identity.recovery.not_ready")
	for i := range 30 { // strangers ask too
		_, err := s.AskTrustees(ctx, s.who, at(fmt.Sprintf("192.0.2.%d", 100+i)))
		s.must(err)
	}
	_, err = s.Vouch(ctx, herIn, asked.Ticket, herB)
	s.must(err)
	if !s.told(s.account, "recovery_waits") {
		t.Error("the holder was not told of the wait")
	}
	s.Clock.Pass(24*time.Hour - time.Minute)
	_, err = s.Recover(ctx, asked, new)
	wantKey(t, "before the day is over", err, "identity.recovery.not_ready")
	s.Clock.Pass(time.Minute)
	_, err = s.Recover(ctx, identity.AskedRecovery{Ticket: asked.Ticket, Token: "another"}, new)
	wantKey(t, "a person of trust, with the ticket alone", err, "identity.recovery.not_ready")
	out, err := s.Recover(ctx, asked, new)
	s.must(err)
	if out.Account.ID != s.account.ID || s.MayChange(ctx, out.SignedIn) != nil {
		t.Errorf("recovered %+v", out.Session)
	}
	_, err = s.Recover(ctx, asked, new)
	wantKey(t, "twice", err, "identity.recovery.none")

	// And once more, which she stops from her telephone.
	asked, err = s.AskTrustees(ctx, s.who, at("198.51.100.9"))
	s.must(err)
	hisIn, hisB = trustee(father, "192.0.2.7")
	_, err = s.Vouch(ctx, hisIn, asked.Ticket, hisB)
	s.must(err)
	b := at("203.0.113.9")
	own, err := s.byKey(s.phone, &b)
	s.must(err)
	list, err := s.RecoveriesOf(ctx, own.SignedIn)
	s.must(err)
	if len(list) != 1 {
		t.Fatalf("her telephone shows %d ways back, want 1", len(list))
	}
	wantKey(t, "another stops it", s.StopRecovery(ctx, hisIn, list[0].ID, hisB), "identity.unknown")
	s.must(s.StopRecovery(ctx, own.SignedIn, list[0].ID, b))
	_, err = s.Recover(ctx, asked, new)
	wantKey(t, "a way back that was stopped", err, "identity.recovery.none")
}

func TestDesk(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ctx := t.Context()
	d := identity.Present{Holder: s.who, Card: seen(identitytest.Mother).Card, Compared: true, Purpose: "Mất điện thoại"}
	_, err := s.RecoverAtDesk(ctx, identitytest.Auditor, d)
	wantKey(t, "an auditor", err, "identity.denied.identify")
	for key, change := range map[string]func(*identity.Present){
		"identity.desk.card":       func(d *identity.Present) { d.Card.Issued = 0 },
		"identity.desk.compare":    func(d *identity.Present) { d.Compared = false },
		"identity.desk.purpose":    func(d *identity.Present) { d.Purpose = " " },
		"identity.desk.no_account": func(d *identity.Present) { d.Holder = identity.OfCitizen(identitytest.Other.Number) },
	} {
		bad := d
		change(&bad)
		_, err = s.RecoverAtDesk(ctx, identitytest.Officer, bad)
		wantKey(t, key, err, key)
	}
	code, err := s.RecoverAtDesk(ctx, identitytest.Officer, d)
	s.must(err)
	if !s.told(s.account, "desk_recovery") || s.logged(s.account, "desk_recovery") != 1 {
		t.Error("the holder was not told")
	}
	b := at("198.51.100.7")
	_, err = s.RecoverByCode(ctx, identity.OfCitizen(identitytest.Other.Number), code, b)
	wantKey(t, "at another's account", err, "identity.recovery.wrong")
	out, err := s.RecoverByCode(ctx, s.who, code, b)
	s.must(err)
	if s.MayChange(ctx, out.SignedIn) != nil {
		t.Error("the holder cannot set a password")
	}
	_, err = s.RecoverByCode(ctx, s.who, code, b)
	wantKey(t, "twice", err, "identity.recovery.wrong")

	code, err = s.RecoverAtDesk(ctx, identitytest.Officer, d)
	s.must(err)
	s.Clock.Pass(30 * time.Minute)
	_, err = s.RecoverByCode(ctx, s.who, code, b)
	wantKey(t, "half an hour later", err, "identity.recovery.wrong")
}

// TestGuessedCodes: recovery codes are not guessed for ever, and the holder of one gets in from
// elsewhere while somebody tries.
func TestGuessedCodes(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ctx := t.Context()
	codes, err := s.NewRecoveryCodes(ctx, s.in, s.browser)
	s.must(err)
	b := at("192.0.2.66")
	waited := 0
	for range 20 {
		if _, err := s.RecoverByCode(ctx, s.who, "aaaa-bbbb-cccc", b); strings.HasPrefix(key(err), "throttle.") {
			waited++
		}
	}
	if waited != 15 {
		t.Errorf("%d of 20 tries had to wait, want 15", waited)
	}
	_, err = s.RecoverByCode(ctx, s.who, codes[0], at("198.51.100.7"))
	wantKey(t, "the holder", err, "")
}

// TestCrash: whichever write fails, nobody is half in.
func TestCrash(t *testing.T) {
	t.Parallel()
	store := identitytest.NewStore()
	w := identitytest.NewWorld(store)
	s := &scene{World: w, t: t}
	s.account = s.Give(t, identitytest.Mother, identity.Two)
	s.browser = at("203.0.113.9")
	s.in = s.firstSignIn(&s.browser, s.account)
	ctx := t.Context()
	for n := 0; ; n++ {
		left := n
		store.Fail = func(string) error {
			if left == 0 {
				return context.DeadlineExceeded
			}
			left--
			return nil
		}
		_, err := s.SetPassword(ctx, s.in, good, s.browser)
		store.Fail = nil
		sec, err2 := s.Store.Secrets(ctx, s.account.ID)
		s.must(err2)
		if _, ok, err := s.Find(ctx, s.browser.Session); err != nil || ok == (sec.Password != "") {
			t.Fatalf("write %d: password set: %v, old token opens: %v, %v", n, sec.Password != "", ok, err)
		}
		if err == nil {
			break
		}
		if sec.Password != "" || s.told(s.account, "password_set") {
			t.Fatalf("write %d failed and the password is set, or was told", n)
		}
		if n > 50 {
			t.Fatal("no end of writes")
		}
	}
}
