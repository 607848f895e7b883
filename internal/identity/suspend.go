package identity

import (
	"context"
	"fmt"
	"slices"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Why an account is not active. "identity.why.…" are their names.
const (
	WhyHolder       = "holder"       // the holder suspended it
	WhyAuthority    = "authority"    // the authority did, with its reason
	WhyDeath        = "death"        // the register says that the holder died
	WhyRevived      = "revived"      // it said so and took it back: somebody has to look
	WhyUnregistered = "unregistered" // the register does not know the number any more
	WhyMerged       = "merged"       // the account became part of another
)

// Suspend closes the holder's account until somebody sees them at a desk: from any device on
// which they are signed in, with nothing more asked. Every sign-in ends, this one too.
func (s *Service) Suspend(ctx context.Context, in SignedIn, b Browser) error {
	if err := Permissions.CanOwn(in.Actor(), KeepOwn, true); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		v, err := s.atHand(ctx, tx, in)
		if err != nil {
			return err
		}
		return s.suspend(ctx, tx, in.Account.ID, true, WhyHolder, Entry{By: in.Actor(), Address: b.net(), Device: v.Device})
	})
}

// suspend closes an account; what it says already stays so.
func (s *Service) suspend(ctx context.Context, tx Tx, account string, byHolder bool, why string, e Entry) error {
	a, err := tx.Account(ctx, account)
	if err != nil {
		return err
	}
	if a.State != Active && !(a.State == Suspended && a.ByHolder && !byHolder) { // the authority's reason outweighs the holder's
		return fault.New(fault.Conflict, "identity.suspend.not_active", nil)
	}
	if err := s.signOut(ctx, tx, a.ID); err != nil {
		return err
	}
	a.State, a.StateWhy, a.ByHolder = Suspended, why, byHolder
	if err := s.tell(ctx, tx, a, "identity.letter.suspended", map[string]string{"when": s.when()}); err != nil {
		return err
	}
	e.What = "suspended"
	if e.Args == nil {
		e.Args = map[string]string{}
	}
	e.Args["why"] = why
	return s.alter(ctx, tx, &a, e)
}

// Present is a holder who stands before an officer, about an account that there is.
type Present struct {
	Holder   Holder
	Card     Card // what was seen
	Compared bool
	Purpose  string
}

// errNoAccount says that nobody has an account by a number.
var errNoAccount = fault.New(fault.NotFound, "identity.desk.no_account", nil).At("number")

func (s *Service) atDesk(ctx context.Context, tx Tx, by actor.Actor, d *Present) (Account, error) {
	a, has, err := tx.ByHolder(ctx, d.Holder)
	switch {
	case err != nil:
		return a, fmt.Errorf("find account: %w", err)
	case !has:
		return a, errNoAccount
	case accountOf(by) == a.ID:
		return a, fault.New(fault.Denied, "identity.recovery.own_desk", nil)
	}
	return a, nil
}

// Check is that of Desk. Where a card was lost, another paper was seen.
func (d *Present) Check(today clock.Date, withCard bool) error {
	var wrong fault.List
	if d.Holder.IsZero() {
		wrong = append(wrong, errNoAccount)
	}
	if f := fault.As(d.Card.check(today)); f != nil && withCard {
		wrong = append(wrong, f)
	}
	if !d.Compared {
		wrong = append(wrong, fault.New(fault.Invalid, "identity.desk.compare", nil).At("compared"))
	}
	if f := fault.As(reason(&d.Purpose, "purpose")); f != nil {
		wrong = append(wrong, f)
	}
	return wrong.Err()
}

// SuspendAtDesk is Suspend for a holder who stands at a desk.
func (s *Service) SuspendAtDesk(ctx context.Context, by actor.Actor, d Present) error {
	if err := Permissions.Can(by, Identify); err != nil {
		return err
	}
	if err := d.Check(clock.DayOf(s.Clock.Now()), false); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		a, err := s.atDesk(ctx, tx, by, &d)
		if err != nil {
			return err
		}
		return s.suspend(ctx, tx, a.ID, true, WhyHolder, Entry{By: by, Args: map[string]string{"purpose": d.Purpose, "card": d.Card.String()}})
	})
}

// ReopenAtDesk opens an account that its holder suspended, or that the register took for a
// dead person's, once an officer saw the holder with a card. What the authority suspended, the
// authority reopens. It fails with Denied for that, Conflict when it is not suspended.
func (s *Service) ReopenAtDesk(ctx context.Context, by actor.Actor, d Present) error {
	if err := Permissions.Can(by, Identify); err != nil {
		return err
	}
	if err := d.Check(clock.DayOf(s.Clock.Now()), true); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		a, err := s.atDesk(ctx, tx, by, &d)
		if err != nil {
			return err
		}
		if a.State == Suspended && !a.ByHolder && a.StateWhy != WhyRevived {
			return fault.New(fault.Denied, "identity.suspend.by_authority", nil)
		}
		return s.reopen(ctx, tx, a, Entry{By: by, Args: map[string]string{"purpose": d.Purpose, "card": d.Card.String()}})
	})
}

func (s *Service) reopen(ctx context.Context, tx Tx, a Account, e Entry) error {
	if a.State != Suspended {
		return fault.New(fault.Conflict, "identity.suspend.not_suspended", nil)
	}
	a.State, a.StateWhy, a.ByHolder = Active, "", false
	if err := s.tell(ctx, tx, a, "identity.letter.reopened", map[string]string{"when": s.when()}); err != nil {
		return err
	}
	e.What = "reopened"
	return s.alter(ctx, tx, &a, e)
}

// SuspendBy is the authority's decision on an account, with its reason, which the holder
// reads. One that the holder had suspended stays closed by it.
func (s *Service) SuspendBy(ctx context.Context, by actor.Actor, account, why string) error {
	if err := Permissions.Can(by, SuspendAny); err != nil {
		return err
	}
	if err := reason(&why, "purpose"); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		return s.suspend(ctx, tx, account, false, WhyAuthority, Entry{By: by, Args: map[string]string{"purpose": why}})
	})
}

// ReopenBy is the authority's decision that an account opens again.
func (s *Service) ReopenBy(ctx context.Context, by actor.Actor, account, why string) error {
	if err := Permissions.Can(by, SuspendAny); err != nil {
		return err
	}
	if err := reason(&why, "purpose"); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		a, err := tx.Account(ctx, account)
		if err != nil {
			return err
		}
		if accountOf(by) == a.ID {
			return fault.New(fault.Denied, "identity.recovery.own_desk", nil)
		}
		return s.reopen(ctx, tx, a, Entry{By: by, Args: map[string]string{"purpose": why}})
	})
}

// Lost is what somebody lost.
type Lost struct {
	Card   bool
	Device string // id; "" for none
	All    bool   // every device
}

// ReportLost closes what was lost, from any device on which the holder is signed in: the
// device with the sign-ins that rest on it and what it was to confirm, and level 2, until an
// officer sees the holder again. Nothing more is asked: whoever finds a phone is quick.
func (s *Service) ReportLost(ctx context.Context, in SignedIn, l Lost, b Browser) error {
	if err := Permissions.CanOwn(in.Actor(), KeepOwn, true); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		v, err := s.atHand(ctx, tx, in)
		if err != nil {
			return err
		}
		return s.lost(ctx, tx, in.Account.ID, l, v.ID, Entry{By: in.Actor(), Address: b.net()})
	})
}

// ReportLostAtDesk is ReportLost at any desk, by a holder who has no device any more.
func (s *Service) ReportLostAtDesk(ctx context.Context, by actor.Actor, d Present, l Lost) error {
	if err := Permissions.Can(by, Identify); err != nil {
		return err
	}
	if err := d.Check(clock.DayOf(s.Clock.Now()), false); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		a, err := s.atDesk(ctx, tx, by, &d)
		if err != nil {
			return err
		}
		return s.lost(ctx, tx, a.ID, l, "", Entry{By: by, Args: map[string]string{"purpose": d.Purpose, "card": d.Card.String()}})
	})
}

// lost closes what was lost. All sign-ins end but one.
func (s *Service) lost(ctx context.Context, tx Tx, account string, l Lost, but string, e Entry) error {
	a, err := tx.Account(ctx, account)
	if err != nil {
		return err
	}
	if a.State == Closed {
		return errClosed
	}
	devices, err := tx.Devices(ctx, a.ID)
	if err != nil {
		return fmt.Errorf("devices of an account: %w", err)
	}
	if l.Device != "" && !slices.ContainsFunc(devices, func(d Device) bool { return d.ID == l.Device && d.Open() }) {
		return ErrUnknown
	}
	if !l.Card && l.Device == "" && !l.All {
		return fault.New(fault.Invalid, "identity.lost.what", nil).At("what")
	}
	by := "holder"
	if but == "" {
		by = "desk"
	}
	for _, d := range devices {
		if d.Open() && (l.All || d.ID == l.Device) {
			if err := s.closeDevice(ctx, tx, d, by, but); err != nil {
				return err
			}
		}
	}
	if err := s.EndSessions(ctx, tx, a.ID, func(v Session) bool { return v.ID != but }); err != nil {
		return err
	}
	for _, f := range []GrantFilter{{Account: a.ID}, {For: a.ID}} {
		if err := s.EndGrants(ctx, tx, f, EndedSuspended); err != nil {
			return err
		}
	}
	if a.Level == Two {
		a.Level, a.LevelAt = One, s.Clock.Now()
	}
	what := "device"
	if l.Card {
		what = "card"
	}
	if err := s.tell(ctx, tx, a, "identity.letter.lost", map[string]string{"when": s.when()}); err != nil {
		return err
	}
	e.What, e.Device = "lost", l.Device
	if e.Args == nil {
		e.Args = map[string]string{}
	}
	e.Args["what"] = what
	return s.alter(ctx, tx, &a, e)
}
