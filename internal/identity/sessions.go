package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/platform/fault"
)

// Limits of sessions. Where the settings say nothing, these hold.
const (
	idleUsually     = 30 * time.Minute
	absoluteUsually = 12 * time.Hour
	seenEvery       = time.Minute // how finely the last use is kept
	sessionsMost    = 50          // of one account; the oldest ends
	// fresh is how long after the holder showed something they may change what they show.
	fresh = 10 * time.Minute
)

var (
	errWrong     = fault.New(fault.Invalid, "identity.sign_in.wrong", nil)
	errOver      = fault.New(fault.Invalid, "identity.sign_in.over", nil)
	errClosed    = fault.New(fault.Denied, "identity.sign_in.closed", nil)
	errSuspended = fault.New(fault.Denied, "identity.sign_in.suspended", nil)
	errUnsigned  = fault.New(fault.Unsigned, "identity.denied.unsigned", nil)

	// ErrStale says that the holder must sign in once more, or more surely, before this change.
	ErrStale = fault.New(fault.Denied, "identity.sign_in.stale", nil)
)

func (s *Service) idle() time.Duration {
	if s.Settings.Idle > 0 {
		return s.Settings.Idle
	}
	return idleUsually
}

func (s *Service) absolute() time.Duration {
	if s.Settings.Absolute > 0 {
		return s.Settings.Absolute
	}
	return absoluteUsually
}

// running says that a session goes on at a moment.
func (s *Service) running(v Session, now time.Time) bool {
	return v.Open(now) && now.Sub(v.SeenAt) < s.idle()
}

// Find gives the sign-in behind a cookie; ok is false when none goes on, or its account opens
// nothing.
func (s *Service) Find(ctx context.Context, token string) (in SignedIn, ok bool, err error) {
	if token == "" {
		return SignedIn{}, false, nil
	}
	now := s.Clock.Now()
	in.Session, err = s.Store.SessionByToken(ctx, opaque.Hash(token))
	switch {
	case fault.Of(err) == fault.NotFound:
		return SignedIn{}, false, nil
	case err != nil:
		return SignedIn{}, false, fmt.Errorf("find session: %w", err)
	case !s.running(in.Session, now):
		return SignedIn{}, false, nil
	}
	in.Account, err = s.Store.Account(ctx, in.Session.Account)
	if err != nil {
		return SignedIn{}, false, fmt.Errorf("account of a session: %w", err)
	}
	if !in.Account.Opens() {
		return SignedIn{}, false, nil
	}
	if now.Sub(in.Session.SeenAt) < min(seenEvery, s.idle()/4) {
		return in, true, nil
	}
	err = s.Store.InTx(ctx, func(tx Tx) error {
		v, err := tx.Session(ctx, in.Session.ID)
		if err != nil || !s.running(v, now) || v.Token != in.Session.Token {
			return err
		}
		v.SeenAt = now
		in.Session = v
		return tx.SaveSession(ctx, v)
	})
	switch {
	case errors.Is(err, ErrChanged): // it ended while we looked
		return SignedIn{}, false, nil
	case err != nil:
		return SignedIn{}, false, fmt.Errorf("touch session: %w", err)
	}
	return in, true, nil
}

// shown is what somebody showed to be a holder.
type shown struct {
	account Account
	methods []Method
	device  string // whose key it was; "" for none
}

// enter makes the session of who showed to be the holder, or makes the one at hand surer when
// it is theirs. The token is new in either case: one that was known before opens nothing
// (session fixation).
func (s *Service) enter(ctx context.Context, tx Tx, p shown, b Browser) (Entered, error) {
	now := s.Clock.Now()
	if err := mayEnter(p.account); err != nil {
		return Entered{}, err
	}
	v := Session{
		ID: s.NewID(), Account: p.account.ID, Address: b.net(), Agent: b.agent(), CreatedAt: now, ExpiresAt: now.Add(s.absolute()),
	}
	what := "signed_in"
	if b.Session != "" {
		old, err := tx.SessionByToken(ctx, opaque.Hash(b.Session))
		switch {
		case err == nil && s.running(old, now) && old.Account == p.account.ID:
			v, what = old, "stepped_up"
		case err == nil && old.EndedAt.IsZero():
			if err := s.endSession(ctx, tx, old); err != nil {
				return Entered{}, err
			}
		case err != nil && fault.Of(err) != fault.NotFound:
			return Entered{}, fmt.Errorf("session at hand: %w", err)
		}
	}
	token := opaque.Text(32)
	v.Token, v.AuthAt, v.SeenAt = opaque.Hash(token), now, now
	v.show(p.methods...)
	if p.device != "" {
		v.Device = p.device
	}
	if err := tx.SaveSession(ctx, v); err != nil {
		return Entered{}, fmt.Errorf("save session: %w", err)
	}
	if err := s.endOldest(ctx, tx, p.account.ID, now); err != nil {
		return Entered{}, err
	}
	if what == "signed_in" && s.knows(b, p.account.ID) == "" {
		if err := s.tell(ctx, tx, p.account, "identity.letter.signed_in", map[string]string{
			"when": s.when(), "address": v.Address, "agent": v.Agent,
		}); err != nil {
			return Entered{}, err
		}
	}
	mark, err := s.remember(b, p.account.ID)
	if err != nil {
		return Entered{}, err
	}
	if p.account, err = s.reads(ctx, tx, p.account, b.Lang); err != nil {
		return Entered{}, err
	}
	in := SignedIn{v, p.account}
	e := Entry{
		Account: p.account.ID, At: now, What: what, By: in.Actor(), Device: v.Device, Address: b.net(),
		Args: map[string]string{"methods": join(p.methods)},
	}
	if err := tx.AddEntry(ctx, e); err != nil {
		return Entered{}, fmt.Errorf("note sign-in: %w", err)
	}
	return Entered{in, token, mark}, nil
}

// reads keeps in which language a holder signed in. The letter of the sign-in itself is still in
// the one of before. The caller writes the entry.
func (s *Service) reads(ctx context.Context, tx Tx, a Account, lang string) (Account, error) {
	if lang == "" || a.Lang() == lang {
		return a, nil
	}
	now, err := tx.Account(ctx, a.ID)
	if err != nil {
		return a, fmt.Errorf("account of a sign-in: %w", err)
	}
	now.set(Attribute{Field: FieldLang, Value: lang, Basis: FromHolder, Since: s.Clock.Now()})
	now.UpdatedAt = s.Clock.Now()
	if err := tx.SaveAccount(ctx, now); err != nil {
		return a, fmt.Errorf("keep a holder's language: %w", err)
	}
	now.Version++
	return now, nil
}

// show notes methods that were shown in a session.
func (s *Session) show(methods ...Method) {
	for _, m := range methods {
		if !slices.Contains(s.Methods, m) {
			s.Methods = append(slices.Clone(s.Methods), m)
		}
	}
	s.Level = Surely(s.Methods)
}

func join(methods []Method) string {
	var out []string
	for _, m := range methods {
		out = append(out, string(m))
	}
	return strings.Join(out, " ")
}

// mayEnter fails with Denied for an account that opens nothing.
func mayEnter(a Account) error {
	switch a.State {
	case Active:
		return nil
	case Suspended:
		return errSuspended
	}
	return errClosed
}

// endOldest keeps the sessions of an account few.
func (s *Service) endOldest(ctx context.Context, tx Tx, account string, now time.Time) error {
	list, err := tx.Sessions(ctx, account, now)
	if err != nil {
		return fmt.Errorf("sessions of an account: %w", err)
	}
	for _, v := range list[min(len(list), sessionsMost):] {
		if err := s.endSession(ctx, tx, v); err != nil {
			return err
		}
	}
	return nil
}

// endSession ends a session and what rests on it.
func (s *Service) endSession(ctx context.Context, tx Tx, v Session) error {
	v.EndedAt = s.Clock.Now()
	if err := tx.SaveSession(ctx, v); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return s.EndGrants(ctx, tx, GrantFilter{Session: v.ID}, EndedSignedOut)
}

// EndSessions ends all sessions of an account that which chooses; nil all of them.
func (s *Service) EndSessions(ctx context.Context, tx Tx, account string, which func(Session) bool) error {
	list, err := tx.Sessions(ctx, account, s.Clock.Now())
	if err != nil {
		return fmt.Errorf("sessions of an account: %w", err)
	}
	for _, v := range list {
		if which == nil || which(v) {
			if err := s.endSession(ctx, tx, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// atHand is the session at hand as it is now; it may have ended since the page asked. It fails
// with Unsigned.
func (s *Service) atHand(ctx context.Context, r Reader, in SignedIn) (Session, error) {
	v, err := r.Session(ctx, in.Session.ID)
	switch {
	case err != nil:
		return v, fmt.Errorf("session at hand: %w", err)
	case v.Account != in.Account.ID || !s.running(v, s.Clock.Now()):
		return v, errUnsigned
	}
	return v, nil
}

// mayChange says whether a holder may change what they sign in with, now: they showed what
// they have a moment ago, and as much of it as their account knows. Who got in by recovery
// has nothing else to show; who has an account without a password or key, neither.
func (s *Service) mayChange(ctx context.Context, r Reader, in SignedIn) error {
	if err := Permissions.CanOwn(in.Actor(), KeepOwn, true); err != nil {
		return err
	}
	v, err := s.atHand(ctx, r, in)
	if err != nil {
		return err
	}
	switch {
	case s.Clock.Now().Sub(v.AuthAt) >= fresh:
		return ErrStale
	case v.Level >= Two, slices.Contains(v.Methods, ByRecovery):
		return nil
	}
	has, err := s.hasSecrets(ctx, r, in.Account.ID)
	if err != nil {
		return err
	}
	if has {
		return ErrStale
	}
	return nil
}

// hasSecrets says that an account can show a password or a key.
func (s *Service) hasSecrets(ctx context.Context, r Reader, account string) (bool, error) {
	sec, err := r.Secrets(ctx, account)
	if err != nil {
		return false, fmt.Errorf("secrets of an account: %w", err)
	}
	devices, err := r.Devices(ctx, account)
	if err != nil {
		return false, fmt.Errorf("devices of an account: %w", err)
	}
	return sec.Password != "" || slices.ContainsFunc(devices, Device.Open), nil
}

// MayChange says whether a holder may change what they sign in with, for pages that show a
// form first. It fails with ErrStale when they have to sign in once more.
func (s *Service) MayChange(ctx context.Context, in SignedIn) error {
	return s.mayChange(ctx, s.Store, in)
}

// SessionsOf are the sign-ins of a holder that go on, the youngest first.
func (s *Service) SessionsOf(ctx context.Context, in SignedIn) ([]Session, error) {
	if err := Permissions.CanOwn(in.Actor(), SeeOwn, true); err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	list, err := s.Store.Sessions(ctx, in.Account.ID, now)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return slices.DeleteFunc(list, func(v Session) bool { return !s.running(v, now) }), nil
}

// EndSession ends one session of a holder, which may be the one at hand: signing out. It ends
// sign-ins at services that rest on it.
func (s *Service) EndSession(ctx context.Context, in SignedIn, id string, b Browser) error {
	if err := Permissions.CanOwn(in.Actor(), SeeOwn, true); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		v, err := tx.Session(ctx, id)
		if err != nil {
			return err
		}
		if v.Account != in.Account.ID {
			return ErrUnknown
		}
		if !v.EndedAt.IsZero() {
			return nil
		}
		if err := s.endSession(ctx, tx, v); err != nil {
			return err
		}
		return s.note(ctx, tx, in.Account, in.Actor(), b, "session_ended", nil)
	})
}

// EndOthers ends all sessions of a holder but the one at hand.
func (s *Service) EndOthers(ctx context.Context, in SignedIn, b Browser) error {
	if err := Permissions.CanOwn(in.Actor(), SeeOwn, true); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.EndSessions(ctx, tx, in.Account.ID, func(v Session) bool { return v.ID != in.Session.ID }); err != nil {
			return err
		}
		return s.note(ctx, tx, in.Account, in.Actor(), b, "others_ended", nil)
	})
}

// FirstSignIn signs in whoever opened an account a moment ago, by the code that came back from
// the address that they confirmed: in the transaction that opens it.
func (s *Service) FirstSignIn(ctx context.Context, tx Tx, a Account, b Browser) (Entered, error) {
	return s.enter(ctx, tx, shown{account: a, methods: []Method{ByCode}}, b)
}

// EntriesOf are the entries of a holder's log, the youngest first; before is the Seq of the
// last one of the page before, 0 for the first page.
func (s *Service) EntriesOf(ctx context.Context, in SignedIn, before int64, limit int) ([]Entry, error) {
	if err := Permissions.CanOwn(in.Actor(), SeeOwn, true); err != nil {
		return nil, err
	}
	return s.Store.Entries(ctx, in.Account.ID, before, limit)
}
