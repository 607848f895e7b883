package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

const longestReason = 300

// Desk is what an officer saw of somebody who stands before them.
type Desk struct {
	// Number is whom the card names; QR fills it, where the card has one.
	Number citizen.Number
	Name   string
	Birth  citizen.Day
	Card   Card
	// Compared says that the officer compared the face with the card and the holder; for a
	// child who has no card, with the parent's card and the child's certificate of birth.
	Compared bool
	Purpose  string
	Level    Level // asked for
	// Guardian is the number of the parent or guardian who asks for a child.
	Guardian citizen.Number
	// Address is where the holder can be told something; it counts as said by them.
	Address Address
	// Knows is the address that the holder says is confirmed at the account that they opened
	// at home.
	Knows string
	// NotTheirs says that the holder knows of no such account: whoever opened it may have been
	// another who knew name and birth, and all that it opens with is closed.
	NotTheirs bool
}

// Card is the paper that an officer saw; nothing of the person.
type Card struct {
	Kind   string // "CC", "CCCD", "TCT" (residence card), "KS" (certificate of birth)
	Issued citizen.Day
}

// String is what is kept of it: kind, and day of issue.
func (c Card) String() string { return strings.TrimSpace(c.Kind + " " + c.Issued.String()) }

// deskCards are the papers by which somebody is identified.
var deskCards = []string{"CC", "CCCD", "TCT", "KS"}

func (c Card) check(now clock.Date) error {
	for _, k := range deskCards {
		if c.Kind == k && c.Issued.Whole() && !c.Issued.Date().After(now) {
			return nil
		}
	}
	return fault.New(fault.Invalid, "identity.desk.card", nil).At("card")
}

// ReadCard fills a page from a card's QR code. It fails with Invalid as citizen.ParseQR does.
func (s *Service) ReadCard(by actor.Actor, qr string) (Desk, error) {
	if err := Permissions.Can(by, Identify); err != nil {
		return Desk{}, err
	}
	c, err := citizen.ParseQR(qr)
	if err != nil {
		return Desk{}, err
	}
	kind := "CCCD"
	if c.Issued >= citizen.MustDay("2024-07-01") { // the new card's law
		kind = "CC"
	}
	return Desk{Number: c.Number, Name: c.Name, Birth: c.Birth, Card: Card{kind, c.Issued}, Level: Two}, nil
}

// Check holds what was typed against the rules that need no register, on a day. Each fault is
// Invalid at its field.
func (d *Desk) Check(now clock.Date) error {
	var wrong fault.List
	add := func(bad bool, key, field string) {
		if bad {
			wrong = append(wrong, fault.New(fault.Invalid, key, nil).At(field))
		}
	}
	add(d.Number.IsZero(), "identity.enrol.number", "number")
	add(strings.TrimSpace(d.Name) == "", "identity.enrol.name", "name")
	add(d.Birth == 0, "identity.enrol.birth", "birth")
	add(!d.Compared, "identity.desk.compare", "compared")
	add(d.Level != One && d.Level != Two, "identity.desk.level", "level")
	if f := fault.As(d.Card.check(now)); f != nil {
		wrong = append(wrong, f)
	}
	if f := fault.As(reason(&d.Purpose, "purpose")); f != nil {
		wrong = append(wrong, f)
	}
	return wrong.Err()
}

// reason reads why an officer does something.
func reason(text *string, field string) error {
	*text = strings.TrimSpace(*text)
	if *text == "" || utf8.RuneCountInString(*text) > longestReason {
		return fault.New(fault.Invalid, "identity.desk.purpose", nil).At(field)
	}
	return nil
}

// Identified is what came of it.
type Identified struct {
	Account Account
	New     bool // it was opened now
	Cleared bool // what it opened with was closed: it may have been another's
}

// errKnows says that the account was opened at home, and that the holder has not named its address.
var errKnows = fault.New(fault.Invalid, "identity.desk.knows", nil).At("knows")

// What the desk says of a child below fourteen.
var (
	errGuardian  = fault.New(fault.Invalid, "identity.desk.guardian", nil).At("guardian")
	errNotTheirs = fault.New(fault.Denied, "identity.desk.not_kin", nil).At("guardian")
)

// knowsADay is how many addresses are tried at one number: who asks knows theirs.
const knowsADay = 10

// Identify gives somebody who stands at the desk their account, or raises it to level 2. The
// card must say what the register says. A child below six gets level 1, one below fourteen
// either, when a parent or guardian asks whom the register names and who has level 2; who is
// older asks for themselves. An account that was opened at home is raised once its holder names
// an address that was confirmed at it (Invalid at "knows" until then), or says that it is not
// theirs. It fails with Unsigned, Denied, Invalid at what does not fit, and TooMany.
func (s *Service) Identify(ctx context.Context, by actor.Actor, d Desk) (Identified, error) {
	if err := Permissions.Can(by, Identify); err != nil {
		return Identified{}, err
	}
	now := s.Clock.Now()
	today := clock.DayOf(now)
	if err := d.Check(today); err != nil {
		return Identified{}, err
	}
	f, err := s.Register.Facts(ctx, Inquiry{By: by, Purpose: d.Purpose}, d.Number)
	switch {
	case fault.Of(err) == fault.NotFound:
		return Identified{}, fault.New(fault.Invalid, "identity.desk.unknown", nil).At("number")
	case err != nil:
		return Identified{}, fmt.Errorf("facts: %w", err)
	case f.Number != d.Number:
		return Identified{}, fault.New(fault.Invalid, "identity.desk.merged", nil).At("number")
	case f.Dead != 0:
		return Identified{}, fault.New(fault.Invalid, "identity.desk.dead", nil).At("number")
	case !citizen.SameName(d.Name, f.Name):
		return Identified{}, fault.New(fault.Invalid, "identity.desk.name", nil).At("name")
	case !d.Birth.Fits(f.Birth):
		return Identified{}, fault.New(fault.Invalid, "identity.desk.birth", nil).At("birth")
	}
	years := age(f.Birth, today)
	if years < secondAge && d.Level == Two {
		return Identified{}, fault.New(fault.Invalid, "identity.desk.too_young", nil).At("level")
	}
	if d.Knows != "" {
		err := s.Store.InTx(ctx, func(tx Tx) error {
			return s.Throttle.Limit(ctx, tx, "desk.knows", d.Number.Reveal(), now, knowsADay, day)
		})
		if err != nil {
			return Identified{}, err
		}
	}
	var out Identified
	err = s.Store.InTx(ctx, func(tx Tx) error {
		out = Identified{}
		var guardian *kin
		if years < ownAge {
			g, err := s.mayAsk(ctx, tx, f, d.Guardian)
			switch f := fault.As(err); {
			case d.Guardian.IsZero():
				return errGuardian
			case f != nil && f.Key == errNotKin.Key:
				return errNotTheirs
			case err != nil:
				return err
			}
			guardian = &g
		}
		a, has, err := s.whoStands(ctx, tx, by, OfCitizen(d.Number), d.Level)
		if err != nil {
			return err
		}
		out.New = !has
		return s.identified(ctx, tx, by, &a, f, d, guardian, &out)
	})
	return out, err
}

// whoStands is the account of whoever stands at a desk, a new one when there is none. An officer
// is not identified by themselves, and what is closed is not opened by that.
func (s *Service) whoStands(ctx context.Context, tx Tx, by actor.Actor, h Holder, level Level) (a Account, has bool, err error) {
	a, has, err = tx.ByHolder(ctx, h)
	switch {
	case err != nil:
		return a, has, fmt.Errorf("find account: %w", err)
	case has && accountOf(by) == a.ID:
		return a, has, fault.New(fault.Denied, "identity.recovery.own_desk", nil)
	case has && !a.Opens():
		return a, has, mayEnter(a)
	case !has:
		a = s.newAccount(h, level)
	}
	return a, has, nil
}

// identified writes what the desk found.
func (s *Service) identified(ctx context.Context, tx Tx, by actor.Actor, a *Account, f Facts, d Desk, guardian *kin, out *Identified) error {
	now := s.Clock.Now()
	if !out.New && a.Level < Two && !knows(*a, d.Knows) {
		if !d.NotTheirs {
			return errKnows
		}
		if err := s.clear(ctx, tx, a, "desk"); err != nil {
			return err
		}
		out.Cleared = true
	}
	if _, err := s.learn(ctx, tx, a, f); err != nil {
		return err
	}
	if d.Address.To != "" && a.Value(d.Address.Kind) != d.Address.To {
		a.set(Attribute{Field: d.Address.Kind, Value: d.Address.To, Basis: FromHolder, Since: now})
	}
	if d.Level > a.Level {
		a.Level, a.LevelAt = d.Level, now
	}
	p := Proofing{Level: d.Level, How: "desk", By: by, Compared: by.Account, Card: d.Card.String()}
	e := Entry{What: "identified", By: by, Args: map[string]string{"level": d.Level.number(), "card": d.Card.String(), "purpose": d.Purpose}}
	if guardian != nil {
		p.Guardian = guardian.account.ID
		e.Args["guardian"] = guardian.account.Value(FieldName)
	}
	letter := "identity.letter.identified"
	if out.New {
		e.What, letter = "opened", "identity.letter.opened"
		e.Args["how"] = p.How
	}
	if err := s.proved(ctx, tx, a, p, e, letter); err != nil {
		return err
	}
	if guardian != nil {
		if err := s.represent(ctx, tx, *a, *guardian, f, by); err != nil {
			return err
		}
	}
	out.Account = *a
	return nil
}

// knows says that no address was confirmed at an account, as at one that was opened at a desk
// or for a child, or that somebody knows one that was.
func knows(a Account, address string) bool {
	confirmed := a.Confirmed("")
	if len(confirmed) == 0 {
		return true
	}
	for _, c := range confirmed {
		if to, err := ReadAddress(address, ""); err == nil && to.To == c.To {
			return true
		}
	}
	return false
}

// clear closes all that an account opens with, and forgets the addresses that were confirmed.
// It does not save the account.
func (s *Service) clear(ctx context.Context, tx Tx, a *Account, by string) error {
	if err := s.tell(ctx, tx, *a, "identity.letter.cleared", map[string]string{"when": s.when()}); err != nil {
		return err
	}
	for _, c := range a.Confirmed("") {
		a.set(Attribute{Field: c.Kind})
	}
	if err := s.shut(ctx, tx, a.ID, by); err != nil {
		return err
	}
	had, err := tx.Secrets(ctx, a.ID)
	if err != nil {
		return fmt.Errorf("secrets of an account: %w", err)
	}
	if had.Version > 0 {
		if err := tx.SaveSecrets(ctx, Secrets{Account: a.ID, Version: had.Version}); err != nil {
			return fmt.Errorf("forget secrets: %w", err)
		}
	}
	return nil
}

// shut closes devices, ends sessions and grants, and stops ways back.
func (s *Service) shut(ctx context.Context, tx Tx, account, by string) error {
	if err := s.CloseDevices(ctx, tx, account, by); err != nil {
		return err
	}
	return s.signOut(ctx, tx, account)
}

// signOut ends sessions and grants of an account, also those by which others act for it, and
// stops the ways back that were begun.
func (s *Service) signOut(ctx context.Context, tx Tx, account string) error {
	return errors.Join(
		s.EndSessions(ctx, tx, account, nil), s.EndGrants(ctx, tx, GrantFilter{Account: account}, EndedSuspended),
		s.EndGrants(ctx, tx, GrantFilter{For: account}, EndedSuspended), s.stopOpen(ctx, tx, account, "suspended"),
	)
}
