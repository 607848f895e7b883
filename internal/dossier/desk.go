package dossier

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
	"dean06/internal/procedure"
)

// Seen is what came of the card that an officer held in the hand.
type Seen struct {
	Draft Draft
	// Matched says that number, name and birth are one person's in the register: only then
	// the register is asked for more of them.
	Matched bool
	// Away is a text of why nobody could say so now; "" when somebody did.
	Away string
}

// SeeCard fills in what an identity card says of the applicant at the desk, and holds it
// against the register. Another card than before takes away what had come of its holder.
// It fails with Invalid where the card says no number, name or birth.
func (s *Service) SeeCard(ctx context.Context, a actor.Actor, id string, version int, card Known) (Seen, error) {
	d, p, who, err := s.changes(ctx, a, id, version)
	if err != nil {
		return Seen{Draft: d}, err
	}
	if !d.Assisted || d.Supplies != "" {
		return Seen{Draft: d}, fault.New(fault.Denied, "dossier.card.desk", nil)
	}
	number, err := citizen.ParseNumber(card.Number)
	if err != nil {
		return Seen{Draft: d}, faultsAt(err, "number")[0].At("number")
	}
	card.Number, card.Source = number.Reveal(), eform.Card
	name, birth := spelling.Clean(card.Values["name"].Text), card.Values["birth"].Text
	if name == "" {
		return Seen{Draft: d}, fault.New(fault.Invalid, "dossier.card.name", nil).At("name")
	}
	if _, err := citizen.ParseDay(birth); err != nil {
		return Seen{Draft: d}, faultsAt(err, "birth")[0].At("birth")
	}
	seen := Seen{}
	in := Inquiry{Officer: who.Account, Dossier: d.ID, Procedure: d.Procedure}
	seen.Matched, err = s.Register.Match(ctx, in, card.Number, name, birth)
	if err != nil {
		f := fault.As(err)
		if f == nil || f.Kind != fault.Unavailable && f.Kind != fault.Denied {
			return Seen{Draft: d}, err
		}
		seen.Matched, seen.Away = false, f.Key
	}
	at := moment(s.Clock.Now())
	if d.Applicant.Number != card.Number || !seen.Matched {
		nobody := func(eform.Want) (Known, bool, error) { return Known{}, false, nil }
		if d.Answers, err = p.Form.Prefill(d.Answers, s.Facts(d), plan(p, ""), at, nobody, nil); err != nil {
			return seen, err
		}
		d.Papers = slices.DeleteFunc(slices.Clone(d.Papers), func(x Paper) bool { return x.How == ByRegister || x.How == ByDossier })
		d.Applicant.Account = ""
	}
	d.Answers = p.Form.Fill(d.Answers, s.Facts(d), plan(p, card.Number), eform.Applicant, card, at)
	d.Applicant.Name, d.Applicant.Number = name, ""
	if seen.Matched {
		d.Applicant.Number = card.Number
	}
	s.settle(&d, p)
	seen.Draft, err = s.saveDraft(ctx, d)
	return seen, err
}

// plan is how the people of a package are found, from the applicant's number.
func plan(p *procedure.Package, self string) eform.Plan {
	out := eform.Plan{Meanings: MeaningOf, Self: self}
	for _, person := range p.People {
		one := eform.Person{Owner: person.Owner}
		for _, by := range person.From {
			if by.Is == procedure.Principal {
				continue // what is known of them was said, and stands there already
			}
			one.From = append(one.From, eform.Way{When: by.When, Is: by.Is, Kin: by.Kin, Of: by.Of, Typed: by.Typed})
		}
		out.People = append(out.People, one)
	}
	return out
}

// Ties says that an answer decides whom the register is asked about: who the applicant is to
// the others, a number that was typed, and the name and birth beside it.
func Ties(p *procedure.Package, path string) bool {
	owner, _, _ := strings.Cut(path, ".")
	for _, person := range p.People {
		for _, by := range person.From {
			if by.When != nil && slices.Contains(by.When.Questions(), path) || by.Typed == path || by.Typed != "" && person.Owner == owner {
				return true
			}
		}
	}
	return false
}

// Accounts keeps the accounts of the node.
type Accounts interface {
	// Open makes an account that is a citizen's and bound to a number, with a password that
	// works once. It fails with Invalid and Conflict at "login" or "email", and with Conflict
	// when somebody else's account is bound to the number.
	Open(ctx context.Context, by actor.Actor, in NewAccount) (OpenedAccount, error)
	// Bind binds an account that there is, by its login. It fails with NotFound and Conflict.
	Bind(ctx context.Context, by actor.Actor, login, number, proof string) (OpenedAccount, error)
}

// NewAccount is the account that a citizen gets at a desk.
type NewAccount struct {
	Login, Name, Email string
	Number             string // to which it is bound; personal data
	Proof              string // what was seen, without personal data
}

// OpenedAccount is an account that was made or bound.
type OpenedAccount struct {
	Account, Login string
	Password       string // shown once and kept nowhere; "" of one that there was
}

// Opening is what an officer enters to give the applicant at the desk an account.
type Opening struct {
	Version int
	Exists  bool // the citizen has one: it is bound
	Login   string
	Email   string
	Seen    bool // the officer saw the person and the card
}

// OpenAccount gives the applicant of a draft at the desk, whose card was seen and matched, an
// account with which they follow the dossier and file themselves; or binds the one that they
// have. It fails with Denied where the card was not matched, and as Accounts says.
func (s *Service) OpenAccount(ctx context.Context, a actor.Actor, id string, in Opening) (Draft, OpenedAccount, error) {
	if err := Permissions.CanOwn(a, OpenAccount, true); err != nil {
		return Draft{}, OpenedAccount{}, s.refuse(ctx, a, OpenAccount, id, err)
	}
	d, _, who, err := s.changes(ctx, a, id, in.Version)
	if err != nil {
		return d, OpenedAccount{}, err
	}
	if err := Permissions.CanOwn(a, OpenAccount, d.Assisted && deskOf(who, d.Desk)); err != nil {
		return d, OpenedAccount{}, s.refuse(ctx, a, OpenAccount, id, err)
	}
	switch {
	case s.Accounts == nil:
		return d, OpenedAccount{}, fault.New(fault.Unavailable, "dossier.account.none", nil)
	case d.Applicant.Number == "":
		return d, OpenedAccount{}, s.refuse(ctx, a, OpenAccount, id, fault.New(fault.Denied, "dossier.account.unmatched", nil))
	case d.Applicant.Account != "":
		return d, OpenedAccount{}, fault.New(fault.Conflict, "dossier.account.has", nil)
	case !in.Seen:
		return d, OpenedAccount{}, fault.New(fault.Invalid, "dossier.account.seen", nil).At("seen")
	}
	const proof = "card at the desk"
	var opened OpenedAccount
	if in.Exists {
		opened, err = s.Accounts.Bind(ctx, a, strings.TrimSpace(in.Login), d.Applicant.Number, proof)
	} else {
		opened, err = s.Accounts.Open(ctx, a, NewAccount{
			Login: in.Login, Name: d.Applicant.Name, Email: in.Email, Number: d.Applicant.Number, Proof: proof,
		})
	}
	if err != nil {
		return d, OpenedAccount{}, err
	}
	// The account is there, with a password that is shown once: that the draft was changed
	// meanwhile does not lose it.
	for range 3 {
		d.Applicant.Account = opened.Account
		d.Applicant.Email = cmp.Or(d.Applicant.Email, strings.TrimSpace(in.Email))
		if saved, err := s.saveDraft(ctx, d); err == nil {
			return saved, opened, nil
		}
		now, err := s.Store.Draft(ctx, id)
		if err != nil || now.Sent != "" || now.Applicant.Number != d.Applicant.Number {
			break
		}
		d = now
	}
	return d, opened, nil //nolint:nilerr // the account is what was asked for
}
