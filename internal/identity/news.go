package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// PersonChanged takes over what the register says of somebody now: a death closes the account
// and ends all that rests on it, a corrected name stands in it, a number that became part of
// another leaves one account, and who is a child's parent or guardian no more acts for it no
// more. It reads the register anew, so that news can come twice, late or in any order.
func (s *Service) PersonChanged(ctx context.Context, by actor.Actor, n citizen.Number) error {
	if err := Permissions.Can(by, Run); err != nil {
		return err
	}
	for range 3 {
		err := s.personChanged(ctx, by, n)
		if !errors.Is(err, ErrChanged) {
			return err
		}
	}
	return ErrChanged
}

// personChanged fails with ErrChanged when the account changed after the register was read:
// what was read may be older than that.
func (s *Service) personChanged(ctx context.Context, by actor.Actor, n citizen.Number) error {
	had, has, err := s.Store.ByHolder(ctx, OfCitizen(n))
	if err != nil {
		return fmt.Errorf("find account: %w", err)
	}
	if !has || had.Merged != "" {
		return nil // most people have none
	}
	f, err := s.Register.Facts(ctx, Inquiry{By: by, Purpose: ForNews}, n)
	known := fault.Of(err) != fault.NotFound
	if err != nil && known {
		return fmt.Errorf("facts: %w", err)
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		a, err := tx.Account(ctx, had.ID)
		switch {
		case err != nil:
			return err
		case a.Version != had.Version:
			return ErrChanged
		case !known:
			return s.unregistered(ctx, tx, by, a)
		case f.Number != n:
			if err := s.merge(ctx, tx, by, a, f); err != nil || f.Dead == 0 {
				return err
			}
			if a, _, err = tx.ByHolder(ctx, OfCitizen(f.Number)); err != nil {
				return err
			}
			return s.died(ctx, tx, by, a, f)
		case f.Dead != 0:
			return s.died(ctx, tx, by, a, f)
		}
		if err := s.kinChanged(ctx, tx, by, a, f); err != nil {
			return err
		}
		return s.corrected(ctx, tx, by, a, f)
	})
}

// died closes an account: sign-ins, devices, grants and what its holder did for others or
// others for them.
func (s *Service) died(ctx context.Context, tx Tx, by actor.Actor, a Account, f Facts) error {
	if a.State == Closed {
		return nil
	}
	if err := s.shut(ctx, tx, a.ID, "authority"); err != nil {
		return err
	}
	for _, of := range []func(context.Context, string) ([]Delegation, error){tx.ActingFor, tx.ActedFor} {
		list, err := of(ctx, a.ID)
		if err != nil {
			return fmt.Errorf("delegations of an account: %w", err)
		}
		for _, d := range list {
			if err := s.endDelegation(ctx, tx, d, s.Clock.Now(), WhyDeath, by); err != nil {
				return err
			}
		}
	}
	a.State, a.StateWhy, a.ByHolder = Closed, WhyDeath, false
	if _, err := s.learn(ctx, tx, &a, f); err != nil {
		return err
	}
	return s.alter(ctx, tx, &a, Entry{What: "closed", By: by, Args: map[string]string{"why": WhyDeath}})
}

// corrected takes over what the register says of a living person.
func (s *Service) corrected(ctx context.Context, tx Tx, by actor.Actor, a Account, f Facts) error {
	changed, err := s.learn(ctx, tx, &a, f)
	if err != nil {
		return err
	}
	e := Entry{What: "corrected", By: by, Args: map[string]string{}}
	letter := "identity.letter.corrected"
	switch {
	case a.State == Closed && a.StateWhy == WhyDeath:
		a.State, a.StateWhy, a.ByHolder = Suspended, WhyRevived, false
		e.What, e.Args["why"] = "suspended", WhyRevived
		letter = "identity.letter.suspended"
	case a.State == Suspended && a.StateWhy == WhyUnregistered:
		a.State, a.StateWhy = Active, ""
		e.What = "reopened"
		letter = "identity.letter.reopened"
	case len(changed) == 0:
		return nil
	}
	words := make([]string, len(changed))
	for i, c := range changed {
		words[i] = string(c)
	}
	e.Args["fields"] = strings.Join(words, " ")
	if err := s.tell(ctx, tx, a, letter, map[string]string{"when": s.when()}); err != nil {
		return err
	}
	return s.alter(ctx, tx, &a, e)
}

// kinChanged ends what parents and guardians do for somebody whom the register does not name
// as such any more, and whoever is of age.
func (s *Service) kinChanged(ctx context.Context, tx Tx, by actor.Actor, a Account, f Facts) error {
	list, err := tx.ActedFor(ctx, a.ID)
	if err != nil {
		return fmt.Errorf("who acts for an account: %w", err)
	}
	now := s.Clock.Now()
	grown := age(f.Birth, clock.DayOf(now)) >= fullAge
	for _, d := range list {
		if d.Ground != AsParent && d.Ground != AsGuardian || !d.EndedAt.IsZero() {
			continue
		}
		who, err := tx.Account(ctx, d.By)
		if err != nil {
			return err
		}
		ground, ok := f.groundOf(who.Holder.Citizen())
		switch {
		case grown:
			err = s.endDelegation(ctx, tx, d, now, "of_age", by)
		case !ok || ground != d.Ground:
			err = s.endDelegation(ctx, tx, d, now, "register", by)
		case !grown && !d.Until.Equal(turns(f.Birth, fullAge)): // another day of birth
			d.Until = turns(f.Birth, fullAge)
			err = tx.SaveDelegation(ctx, d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unregistered closes the account of a number that the register does not know any more, until
// it does: an annulment can be taken back.
func (s *Service) unregistered(ctx context.Context, tx Tx, by actor.Actor, a Account) error {
	if a.State == Closed || a.State == Suspended && a.StateWhy == WhyUnregistered {
		return nil
	}
	if err := s.signOut(ctx, tx, a.ID); err != nil {
		return err
	}
	a.State, a.StateWhy, a.ByHolder = Suspended, WhyUnregistered, false
	return s.alter(ctx, tx, &a, Entry{What: "suspended", By: by, Args: map[string]string{"why": WhyUnregistered}})
}

// merge leaves one account of two numbers that are one person's: that of the number which
// stays. Where that has none, the other takes the number over, and nothing else changes. Else
// the other becomes part of it: who acts for whom goes over, and so do level and addresses
// where they are the surer ones; its devices and sign-ins end, as a key is made for one
// account.
func (s *Service) merge(ctx context.Context, tx Tx, by actor.Actor, old Account, f Facts) error {
	stays, both, err := tx.ByHolder(ctx, OfCitizen(f.Number))
	if err != nil {
		return fmt.Errorf("find account: %w", err)
	}
	now := s.Clock.Now()
	if !both {
		old.Holder = OfCitizen(f.Number)
		if _, err := s.learn(ctx, tx, &old, f); err != nil {
			return err
		}
		return s.alter(ctx, tx, &old, Entry{What: "renumbered", By: by})
	}
	if err := s.shut(ctx, tx, old.ID, "authority"); err != nil {
		return err
	}
	if err := s.moveDelegations(ctx, tx, old, stays, now, by); err != nil {
		return err
	}
	if old.State == Active && old.Level > stays.Level {
		stays.Level, stays.LevelAt = old.Level, now
	}
	if len(stays.Confirmed("")) == 0 && old.State == Active {
		for _, c := range old.Confirmed("") {
			stays.set(Attribute{Field: c.Kind, Value: c.To, Basis: Confirmed, Since: now})
		}
	}
	if _, err := s.learn(ctx, tx, &stays, f); err != nil {
		return err
	}
	old.State, old.StateWhy, old.ByHolder, old.Merged = Closed, WhyMerged, false, stays.ID
	if err := s.tell(ctx, tx, stays, "identity.letter.merged", map[string]string{"when": s.when()}); err != nil {
		return err
	}
	if err := s.alter(ctx, tx, &old, Entry{What: "closed", By: by, For: stays.ID, Args: map[string]string{"why": WhyMerged}}); err != nil {
		return err
	}
	return s.alter(ctx, tx, &stays, Entry{What: "merged", By: by, Args: map[string]string{"from": old.ID}})
}

// moveDelegations hands what an account did for others, and others for it, to another; what
// would let somebody act for themselves, or what is there already, ends.
func (s *Service) moveDelegations(ctx context.Context, tx Tx, from, to Account, now time.Time, by actor.Actor) error {
	acting, err := tx.ActingFor(ctx, from.ID)
	if err != nil {
		return fmt.Errorf("delegations of an account: %w", err)
	}
	acted, err := tx.ActedFor(ctx, from.ID)
	if err != nil {
		return fmt.Errorf("delegations of an account: %w", err)
	}
	have, err := tx.ActingFor(ctx, to.ID)
	if err != nil {
		return fmt.Errorf("delegations of an account: %w", err)
	}
	more, err := tx.ActedFor(ctx, to.ID)
	if err != nil {
		return fmt.Errorf("delegations of an account: %w", err)
	}
	have = append(have, more...)
	for _, d := range append(acting, acted...) {
		if !d.EndedAt.IsZero() {
			continue
		}
		moved := d
		if moved.By == from.ID {
			moved.By = to.ID
		}
		if moved.For == from.ID {
			moved.For = to.ID
		}
		again := slices.ContainsFunc(have, func(o Delegation) bool {
			return o.By == moved.By && o.For == moved.For && o.Ground == moved.Ground && o.EndedAt.IsZero() && o.Ground != AsKin && o.Ground != AsStaff
		})
		if moved.By == moved.For || again {
			err = s.endDelegation(ctx, tx, d, now, WhyMerged, by)
		} else {
			err = tx.SaveDelegation(ctx, moved)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
