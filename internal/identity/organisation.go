package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// Registration is what an officer saw of an organisation's papers.
type Registration struct {
	Code string // identification code: of an enterprise, or of an agency
	Name string
	// Head is the legal representative, who stands at the desk and has level 2.
	Head    Holder
	Paper   string // what was seen: the decision or certificate, its number and day
	Purpose string
}

const longestPaper = 200

// Check is that of Desk; it gives whose account it would be.
func (d *Registration) Check() (Holder, error) {
	d.Name, d.Paper = citizen.Spell(d.Name), strings.TrimSpace(d.Paper)
	var wrong fault.List
	add := func(bad bool, key, field string) {
		if bad {
			wrong = append(wrong, fault.New(fault.Invalid, key, nil).At(field))
		}
	}
	h, err := ParseHolder(Organisation, d.Code)
	if f := fault.As(err); f != nil {
		wrong = append(wrong, f)
	}
	add(d.Name == "" || utf8.RuneCountInString(d.Name) > longestReason, "identity.organisation.name", "name")
	add(d.Paper == "" || utf8.RuneCountInString(d.Paper) > longestPaper, "identity.organisation.paper", "paper")
	if f := fault.As(reason(&d.Purpose, "purpose")); f != nil {
		wrong = append(wrong, f)
	}
	return h, wrong.Err()
}

// IdentifyOrganisation gives an organisation its one account, which has no level (Nghị định
// 69/2024, Điều 8), or takes over another name or another legal representative. Whoever was
// the representative before acts for it no more; what they gave to staff goes on until its
// term, and the new one can withdraw it. It fails as Identify does.
func (s *Service) IdentifyOrganisation(ctx context.Context, by actor.Actor, d Registration) (Account, error) {
	if err := Permissions.Can(by, Identify); err != nil {
		return Account{}, err
	}
	h, err := d.Check()
	if err != nil {
		return Account{}, err
	}
	now := s.Clock.Now()
	var a Account
	err = s.Store.InTx(ctx, func(tx Tx) error {
		head, has, err := tx.ByHolder(ctx, d.Head)
		switch {
		case err != nil:
			return fmt.Errorf("find account: %w", err)
		case !has || !head.Opens() || head.Level < Two || head.Holder.Kind == Organisation:
			return fault.New(fault.Invalid, "identity.organisation.head", nil).At("head")
		case accountOf(by) == head.ID:
			return fault.New(fault.Denied, "identity.recovery.own_desk", nil)
		}
		a, has, err = tx.ByHolder(ctx, h)
		if err != nil {
			return fmt.Errorf("find account: %w", err)
		}
		e := Entry{What: "identified", By: by, Args: map[string]string{"level": "0", "card": d.Paper, "purpose": d.Purpose}}
		if !has {
			a = s.newAccount(h, NoLevel)
			e.What = "opened"
			e.Args["how"] = "desk"
		} else if !a.Opens() {
			return mayEnter(a)
		}
		a.set(Attribute{Field: FieldName, Value: d.Name, Basis: FromRegistry, Since: now})
		if err := s.proved(ctx, tx, &a, Proofing{How: "desk", By: by, Card: d.Paper}, e, "identity.letter.opened"); err != nil {
			return err
		}
		return s.heads(ctx, tx, a, head, by)
	})
	return a, err
}

// heads makes somebody the one legal representative of an organisation.
func (s *Service) heads(ctx context.Context, tx Tx, a, head Account, by actor.Actor) error {
	list, err := tx.ActedFor(ctx, a.ID)
	if err != nil {
		return fmt.Errorf("who acts for an account: %w", err)
	}
	now := s.Clock.Now()
	for _, d := range list {
		switch {
		case d.Ground != AsHead || !d.EndedAt.IsZero():
		case d.By == head.ID:
			return nil
		default:
			if err := s.endDelegation(ctx, tx, d, now, "replaced", by); err != nil {
				return err
			}
		}
	}
	return s.give(ctx, tx, Delegation{For: a.ID, By: head.ID, Ground: AsHead, Scope: []string{"*"}, From: now, AcceptedAt: now}, by, a, head)
}

// isHead says that somebody is the legal representative of an organisation now.
func (s *Service) isHead(ctx context.Context, r Reader, account, organisation string) (bool, error) {
	list, err := r.ActedFor(ctx, organisation)
	if err != nil {
		return false, fmt.Errorf("who acts for an account: %w", err)
	}
	now := s.Clock.Now()
	return slices.ContainsFunc(list, func(d Delegation) bool { return d.Ground == AsHead && d.By == account && d.Holds(now) }), nil
}
