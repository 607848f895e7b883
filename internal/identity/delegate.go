package identity

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// Offer is that somebody may act for the holder, or for an organisation that the holder heads.
type Offer struct {
	For   string // account of the organisation; "" for the holder
	By    Holder // who is to act
	Name  string // their name: who does not know it gives nobody anything
	Scope []string
	From  time.Time // zero: at once
	Until time.Time
}

const (
	longestTerm = 5 * 365 * 24 * time.Hour
	mostScope   = 20
	offersADay  = 20
	mostActing  = 200 // that one account can have given and that go on
)

var scopeShape = regexp.MustCompile(`^(\*|[a-zA-Z0-9][a-zA-Z0-9._-]{0,39})$`)

// Check brings an offer into shape. It fails with a fault.List of what is missing or wrong, each
// at its field ("by", "name", "scope", "from", "until").
func (o *Offer) Check(now time.Time) error {
	if o.From.IsZero() {
		o.From = now
	}
	var wrong fault.List
	add := func(bad bool, key, field string) {
		if bad {
			wrong = append(wrong, fault.New(fault.Invalid, key, nil).At(field))
		}
	}
	add(o.By.IsZero() || o.By.Kind == Organisation, "identity.delegation.who", "by")
	o.Name = citizen.Spell(o.Name)
	add(o.Name == "" || utf8.RuneCountInString(o.Name) > longestName, "identity.delegation.name", "name")
	add(len(o.Scope) == 0 || len(o.Scope) > mostScope || slices.ContainsFunc(o.Scope, func(c string) bool { return !scopeShape.MatchString(c) }),
		"identity.delegation.scope", "scope")
	add(o.From.Before(now.Add(-time.Minute)), "identity.delegation.from", "from")
	add(!o.Until.After(o.From) || !o.Until.After(now) || o.Until.Sub(o.From) > longestTerm, "identity.delegation.until", "until")
	return wrong.Err()
}

// Offer lets somebody act, from when they take it on: for the holder, who must be of full
// level, or for the organisation that the holder heads. Where number and name are not those of
// somebody with an account of level 2, the offer is kept as any other and reaches nobody: who
// offers learns of another's account only once they took it on. It fails with Denied, Invalid
// at what does not fit, and TooMany.
func (s *Service) Offer(ctx context.Context, in SignedIn, o Offer, b Browser) (Delegation, error) {
	now := s.Clock.Now()
	if err := o.Check(now); err != nil {
		return Delegation{}, err
	}
	err := s.Store.InTx(ctx, func(tx Tx) error { // a list of numbers is not tried by this
		if err := s.surely(ctx, tx, in); err != nil {
			return err
		}
		return s.Throttle.Limit(ctx, tx, "offer", in.Account.ID, now, offersADay, day)
	})
	if err != nil {
		return Delegation{}, err
	}
	var d Delegation
	err = s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.surely(ctx, tx, in); err != nil {
			return err
		}
		whose, ground := in.Account, AsKin
		if o.For != "" {
			is, err := s.isHead(ctx, tx, in.Account.ID, o.For)
			if err != nil {
				return err
			}
			if !is {
				return fault.New(fault.Denied, "identity.delegation.not_head", nil)
			}
			if whose, err = tx.Account(ctx, o.For); err != nil {
				return err
			}
			if err := mayEnter(whose); err != nil {
				return err
			}
			ground = AsStaff
		}
		if o.By == in.Account.Holder {
			return fault.New(fault.Invalid, "identity.delegation.who", nil).At("by")
		}
		by, has, err := tx.ByHolder(ctx, o.By)
		if err != nil {
			return fmt.Errorf("find account: %w", err)
		}
		if !has || !by.Opens() || by.Level < Two || !citizen.SameName(o.Name, by.Value(FieldName)) {
			by = Account{}
		}
		list, err := tx.ActedFor(ctx, whose.ID)
		if err != nil {
			return fmt.Errorf("who acts for an account: %w", err)
		}
		if len(slices.DeleteFunc(list, func(d Delegation) bool { return !d.EndedAt.IsZero() })) >= mostActing {
			return fault.New(fault.Conflict, "identity.delegation.too_many", fault.Args{"most": mostActing})
		}
		d = Delegation{For: whose.ID, By: by.ID, Ground: ground, Named: o.Name, Scope: slices.Clone(o.Scope), From: o.From, Until: o.Until}
		if err := s.give(ctx, tx, d, in.Actor(), whose, by); err != nil {
			return err
		}
		list, err = tx.ActedFor(ctx, whose.ID)
		if err != nil {
			return err
		}
		d = list[0]
		return nil
	})
	return d, err
}

// Accept takes on what was offered. It fails with NotFound for what was not offered to the
// holder, and Conflict when it was taken on, ended or ran out.
func (s *Service) Accept(ctx context.Context, in SignedIn, id string, b Browser) error {
	return s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.surely(ctx, tx, in); err != nil {
			return err
		}
		d, err := tx.Delegation(ctx, id)
		now := s.Clock.Now()
		switch {
		case err != nil:
			return err
		case d.By != in.Account.ID:
			return ErrUnknown
		case !d.AcceptedAt.IsZero() || !d.EndedAt.IsZero() || !d.Until.IsZero() && !now.Before(d.Until):
			return fault.New(fault.Conflict, "identity.delegation.over", nil)
		}
		whose, err := tx.Account(ctx, d.For)
		if err != nil {
			return err
		}
		if err := mayEnter(whose); err != nil {
			return err
		}
		d.AcceptedAt = now
		if err := tx.SaveDelegation(ctx, d); err != nil {
			return fmt.Errorf("accept delegation: %w", err)
		}
		return s.toBoth(ctx, tx, d, in.Actor(), whose, in.Account, "delegation_accepted")
	})
}

// EndDelegation withdraws what the holder, or the organisation that they head, gave, or gives
// back, or declines, what was given to them. Parents, guardians and legal representatives
// act by law: what the register or the desk says ends that. It fails with NotFound for what is
// another's, and Denied.
func (s *Service) EndDelegation(ctx context.Context, in SignedIn, id string, b Browser) error {
	if err := Permissions.CanOwn(in.Actor(), ActFor, true); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		if _, err := s.atHand(ctx, tx, in); err != nil {
			return err
		}
		d, err := tx.Delegation(ctx, id)
		if err != nil {
			return err
		}
		mine := d.By == in.Account.ID || d.For == in.Account.ID
		if !mine {
			if mine, err = s.isHead(ctx, tx, in.Account.ID, d.For); err != nil {
				return err
			}
		}
		switch {
		case !mine:
			return ErrUnknown
		case !d.Withdrawable():
			return fault.New(fault.Denied, "identity.delegation.by_law", nil)
		case !d.EndedAt.IsZero():
			return nil
		}
		why := "withdrawn"
		if d.By == in.Account.ID {
			why = "given_back"
		}
		return s.endDelegation(ctx, tx, d, s.Clock.Now(), why, in.Actor())
	})
}

// Acting is a delegation with whom it is about.
type Acting struct {
	Delegation
	ForName, ByName string
}

// ActingOf are those by which the holder acts for others, and by which others act for
// them or for an organisation that they head; those that ended, too.
func (s *Service) ActingOf(ctx context.Context, in SignedIn) ([]Acting, error) {
	if err := Permissions.CanOwn(in.Actor(), SeeOwn, true); err != nil {
		return nil, err
	}
	list, err := s.Store.ActingFor(ctx, in.Account.ID)
	if err != nil {
		return nil, fmt.Errorf("for whom an account acts: %w", err)
	}
	now := s.Clock.Now()
	whose := []string{in.Account.ID}
	for _, d := range list {
		if d.Ground == AsHead && d.Holds(now) {
			whose = append(whose, d.For)
		}
	}
	for _, id := range whose {
		more, err := s.Store.ActedFor(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("who acts for an account: %w", err)
		}
		list = append(list, slices.DeleteFunc(more, func(d Delegation) bool { return d.By == in.Account.ID })...)
	}
	known := map[string]Account{"": {}}
	find := func(id string) (Account, error) {
		a, ok := known[id]
		if !ok {
			if a, err = s.Store.Account(ctx, id); err != nil {
				return a, fmt.Errorf("account of a delegation: %w", err)
			}
			known[id] = a
		}
		return a, nil
	}
	out := make([]Acting, len(list))
	for i, d := range list {
		whose, err := find(d.For)
		if err != nil {
			return nil, err
		}
		by, err := find(d.By)
		if err != nil {
			return nil, err
		}
		out[i] = Acting{Delegation: d, ForName: whose.Value(FieldName), ByName: d.called(by)}
		if d.By == in.Account.ID {
			out[i].ByName = in.Account.Value(FieldName)
		} else { // whether it reached somebody is not told
			out[i].By = ""
		}
	}
	return out, nil
}

// MayAct says whether a holder may name who acts for them, and take on to act, now, for pages
// that show a form first. It fails with Denied for an account of level 1, and with ErrStale
// when they have to sign in more surely.
func (s *Service) MayAct(ctx context.Context, in SignedIn) error { return s.surely(ctx, s.Store, in) }

// EndTerms notes the delegations whose term ended, with what was signed in to by them, and
// says how many there were. Nobody acts by one a moment longer, whether it was noted or not.
func (s *Service) EndTerms(ctx context.Context, by actor.Actor) (int, error) {
	if err := Permissions.Can(by, Run); err != nil {
		return 0, err
	}
	const atOnce = 100
	n := 0
	for {
		list, err := s.Store.DelegationsOver(ctx, s.Clock.Now(), atOnce)
		if err != nil {
			return n, fmt.Errorf("delegations whose term ended: %w", err)
		}
		for _, d := range list {
			err := s.Store.InTx(ctx, func(tx Tx) error {
				d, err := tx.Delegation(ctx, d.ID)
				if err != nil {
					return err
				}
				return s.endDelegation(ctx, tx, d, d.Until, "term", by)
			})
			if err != nil {
				return n, err
			}
			n++
		}
		if len(list) < atOnce {
			return n, nil
		}
	}
}
