package identity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// kin is a parent or guardian whom the register names, with an account of level 2.
type kin struct {
	account Account
	ground  Ground
}

var errNotKin = fault.New(fault.Denied, "identity.child.not_kin", nil)

// groundOf is on which ground somebody acts for a child; ok is false when the register names
// them as neither.
func (f Facts) groundOf(n citizen.Number) (Ground, bool) {
	switch {
	case n.IsZero():
	case slices.Contains(f.Parents, n):
		return AsParent, true
	case slices.Contains(f.Guardians, n):
		return AsGuardian, true
	}
	return "", false
}

// mayAsk is the parent or guardian who asks for a child. It fails with Denied when the
// register does not name them, and Invalid at "guardian" when they have no level 2.
func (s *Service) mayAsk(ctx context.Context, r Reader, child Facts, n citizen.Number) (kin, error) {
	ground, ok := child.groundOf(n)
	if !ok {
		return kin{}, errNotKin.At("guardian")
	}
	a, has, err := r.ByHolder(ctx, OfCitizen(n))
	if err != nil {
		return kin{}, fmt.Errorf("find account: %w", err)
	}
	if !has || !a.Opens() || a.Level < Two {
		return kin{}, fault.New(fault.Invalid, "identity.child.kin_level", nil).At("guardian")
	}
	return kin{a, ground}, nil
}

// AskForChild opens an account of level 1 for a child below fourteen whom the register names
// as the holder's, and lets the holder act for it; where it has one, the other parent or the
// guardian comes to act for it, as for a child below eighteen. It fails with Denied
// ("identity.child.not_kin") for anybody else's number, whether there is such a person or not,
// and TooMany.
func (s *Service) AskForChild(ctx context.Context, in SignedIn, n citizen.Number, b Browser) (Account, error) {
	now := s.Clock.Now()
	err := s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.surely(ctx, tx, in); err != nil {
			return err
		}
		return s.Throttle.Limit(ctx, tx, "child", in.Account.ID, now, 20, day)
	})
	if err != nil {
		return Account{}, err
	}
	f, err := s.Register.Facts(ctx, Inquiry{By: in.Actor(), Purpose: ForChild}, n)
	if fault.Of(err) == fault.NotFound {
		return Account{}, errNotKin.At("number")
	}
	if err != nil {
		return Account{}, fmt.Errorf("facts: %w", err)
	}
	if _, ok := f.groundOf(in.Account.Holder.Citizen()); !ok || f.Number != n || f.Dead != 0 {
		return Account{}, errNotKin.At("number")
	}
	years := age(f.Birth, clock.DayOf(now))
	var a Account
	err = s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.surely(ctx, tx, in); err != nil {
			return err
		}
		asker, err := s.mayAsk(ctx, tx, f, in.Account.Holder.Citizen())
		if err != nil {
			return err
		}
		var has bool
		a, has, err = tx.ByHolder(ctx, OfCitizen(n))
		switch {
		case err != nil:
			return fmt.Errorf("find account: %w", err)
		case has && a.State == Closed:
			return errClosed
		case !has && years >= ownAge:
			return fault.New(fault.Invalid, "identity.child.own", nil).At("number")
		case years >= fullAge:
			return fault.New(fault.Invalid, "identity.child.of_age", nil).At("number")
		case !has:
			a = s.newAccount(OfCitizen(n), One)
			if _, err := s.learn(ctx, tx, &a, f); err != nil {
				return err
			}
			p := Proofing{Level: One, How: "match", By: in.Actor(), Guardian: asker.account.ID}
			e := Entry{By: in.Actor(), Address: b.net(), Args: map[string]string{"level": "1", "how": "guardian", "guardian": in.Account.Value(FieldName)}}
			if err := s.begin(ctx, tx, &a, p, e); err != nil {
				return err
			}
		}
		return s.represent(ctx, tx, a, asker, f, in.Actor())
	})
	return a, err
}

// surely fails unless a holder of level 2 is signed in as surely.
func (s *Service) surely(ctx context.Context, r Reader, in SignedIn) error {
	if err := Permissions.CanOwn(in.Actor(), ActFor, true); err != nil {
		return err
	}
	a, err := r.Account(ctx, in.Account.ID)
	if err != nil {
		return err
	}
	v, err := s.atHand(ctx, r, in)
	switch {
	case err != nil:
		return err
	case !a.Opens():
		return mayEnter(a)
	case a.Level < Two:
		return fault.New(fault.Denied, "identity.delegation.level", nil)
	case v.Level < Two:
		return ErrStale
	}
	return nil
}

// represent lets a parent or guardian act for a child until it is eighteen; what goes on
// stays as it is.
func (s *Service) represent(ctx context.Context, tx Tx, child Account, by kin, f Facts, who actor.Actor) error {
	now := s.Clock.Now()
	list, err := tx.ActedFor(ctx, child.ID)
	if err != nil {
		return fmt.Errorf("who acts for an account: %w", err)
	}
	if slices.ContainsFunc(list, func(d Delegation) bool { return d.By == by.account.ID && d.Ground == by.ground && d.EndedAt.IsZero() }) {
		return nil
	}
	return s.give(ctx, tx, Delegation{
		For: child.ID, By: by.account.ID, Ground: by.ground, Scope: []string{"*"}, From: now, Until: turns(f.Birth, fullAge), AcceptedAt: now,
	}, who, child, by.account)
}

// give writes a new delegation and tells both.
func (s *Service) give(ctx context.Context, tx Tx, d Delegation, who actor.Actor, whose, by Account) error {
	d.ID, d.CreatedAt, d.CreatedBy = s.NewID(), s.Clock.Now(), who.Account
	if err := tx.SaveDelegation(ctx, d); err != nil {
		return fmt.Errorf("save delegation: %w", err)
	}
	what := "delegation_given"
	if d.AcceptedAt.IsZero() {
		what = "delegation_offered"
	}
	return s.toBoth(ctx, tx, d, who, whose, by, what)
}

// toBoth notes a step of a delegation in the logs of both, and tells both. An offer that reached
// nobody is told as one that did.
func (s *Service) toBoth(ctx context.Context, tx Tx, d Delegation, who actor.Actor, whose, by Account, what string) error {
	args := map[string]string{"for": whose.Value(FieldName), "by": d.called(by), "when": s.when(), "until": until(d)}
	both := []Account{whose, by}
	if d.By == "" {
		both = both[:1]
	}
	for _, a := range both {
		if err := s.tell(ctx, tx, a, "identity.letter."+what, args); err != nil {
			return err
		}
	}
	for _, a := range both {
		e := Entry{
			Account: a.ID, At: s.Clock.Now(), What: what, By: who, For: d.For,
			Args: map[string]string{"for": args["for"], "by": args["by"], "ground": string(d.Ground), "until": args["until"], "why": d.EndedBy},
		}
		if err := tx.AddEntry(ctx, e); err != nil {
			return fmt.Errorf("note %s: %w", what, err)
		}
	}
	return nil
}

// until is the end of a term as letters write it; "" for none.
func until(d Delegation) string {
	if d.Until.IsZero() {
		return ""
	}
	return d.Until.In(clock.Zone).Format("15:04 02/01/2006")
}

// endDelegation ends one, and what its actor signed in to by it.
func (s *Service) endDelegation(ctx context.Context, tx Tx, d Delegation, at time.Time, why string, who actor.Actor) error {
	if !d.EndedAt.IsZero() {
		return nil
	}
	whose, err := tx.Account(ctx, d.For)
	if err != nil {
		return fmt.Errorf("account acted for: %w", err)
	}
	d.EndedAt, d.EndedBy = at, why
	if err := tx.SaveDelegation(ctx, d); err != nil {
		return fmt.Errorf("end delegation: %w", err)
	}
	if d.By == "" {
		return s.toBoth(ctx, tx, d, who, whose, Account{}, "delegation_ended")
	}
	by, err := tx.Account(ctx, d.By)
	if err != nil {
		return fmt.Errorf("account that acts: %w", err)
	}
	left, err := tx.ActingFor(ctx, d.By)
	if err != nil {
		return fmt.Errorf("for whom an account acts: %w", err)
	}
	now := s.Clock.Now()
	if !slices.ContainsFunc(left, func(o Delegation) bool { return o.ID != d.ID && o.For == d.For && o.Holds(now) }) {
		if err := s.EndGrants(ctx, tx, GrantFilter{Account: d.By, For: d.For}, EndedDelegation); err != nil {
			return err
		}
	}
	return s.toBoth(ctx, tx, d, who, whose, by, "delegation_ended")
}
