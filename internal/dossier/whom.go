package dossier

import (
	"cmp"
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dean06/internal/eform"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
	"dean06/internal/procedure"
)

// The kinds of those who apply, as packages name them.
const (
	OfCitizen      = "citizen"
	OfForeigner    = "foreigner"
	OfHousehold    = "household_business"
	OfOrganisation = "organisation"
)

// Organisation is a household business or an organisation, for which a person acts.
type Organisation struct {
	Code string `json:"code"` // tax code or number of the registration; of a household business often its owner's number
	Name string `json:"name"`
}

// Whom is who applies, and for whom by authorisation (Nghị định 61/2018, Điều 16.2).
type Whom struct {
	Kind         string // of the applicant; "" of who acts by authorisation: nobody asks
	Organisation *Organisation
	For          *Party // kind, name, number, and code and name of an organisation
}

// Called is what a party is called in a list: an organisation with the person who acts for it.
func (p *Party) Called() string {
	switch {
	case p == nil:
		return ""
	case p.Organisation == nil:
		return p.Name
	case p.Name == "":
		return p.Organisation.Name
	}
	return p.Organisation.Name + " (" + p.Name + ")"
}

// Said is the number of a person as it is known: proved, or only typed.
func (p *Party) Said() string { return cmp.Or(p.Number, p.Unproved) }

// whole says that it is known who a party is.
func (p *Party) whole() bool {
	switch {
	case organised(p.Kind):
		return p.Organisation != nil
	case p.Kind == OfForeigner:
		return p.Name != ""
	}
	return p.Kind != "" && p.Name != "" && p.Said() != ""
}

// organised says of a kind that a person acts for an organisation.
func organised(kind string) bool { return kind == OfHousehold || kind == OfOrganisation }

// Whole says that it is known who applies and for whom; false while somebody still owes it.
func (d *Draft) Whole() bool {
	if d.For != nil {
		return d.For.whole()
	}
	return !organised(d.Applicant.Kind) || d.Applicant.Organisation != nil
}

// Concerns says that a dossier is the matter of the person with a number, not of somebody for
// whom they acted.
func (d *Dossier) Concerns(number string) bool {
	switch {
	case number == "":
		return false
	case d.For != nil:
		return d.For.Number == number
	}
	return d.Applicant.Number == number && d.Applicant.Organisation == nil
}

// begin says who applies as far as it is known when a form begins: of an organisation, or of
// another person, the rest may come later.
func (s *Service) begin(ctx context.Context, who Who, d *Draft, p *procedure.Package, w Whom) error {
	d.Applicant.Kind, d.Applicant.Organisation, d.For = w.Kind, nil, nil
	later := w.For != nil && *w.For == (Party{}) || w.For == nil && organised(w.Kind) && w.Organisation == nil
	if !later {
		return s.stand(ctx, who, d, p, w)
	}
	if w.For != nil {
		d.Applicant.Kind, d.For = "", &Party{}
		if len(p.Who) == 1 {
			d.For.Kind = p.Who[0].Kind
		}
		return nil
	}
	if !mayApply(p, w.Kind) {
		return errNotWho
	}
	return nil
}

var errNotWho = fault.New(fault.Invalid, "dossier.draft.who", nil).At("as")

// stand says who applies and for whom. It fails with a fault.List of what is wrong, each at its
// field ("as", "organisation.code", "for.number"), with TooMany after too many wrong numbers.
func (s *Service) stand(ctx context.Context, who Who, d *Draft, p *procedure.Package, w Whom) error {
	if w.For == nil {
		if !mayApply(p, w.Kind) {
			return errNotWho
		}
		o, wrong := organisation(w.Kind, w.Organisation, "organisation.")
		if err := wrong.Err(); err != nil {
			return err
		}
		d.Applicant.Kind, d.Applicant.Organisation, d.For = w.Kind, o, nil
		return nil
	}
	if !mayApply(p, w.For.Kind) {
		return fault.New(fault.Invalid, "dossier.draft.who", nil).At("for.kind")
	}
	other := Party{Kind: w.For.Kind}
	var wrong fault.List
	if organised(other.Kind) {
		other.Organisation, wrong = organisation(other.Kind, w.For.Organisation, "for.")
	} else {
		other.Name, other.Unproved, wrong = person(w.For)
		if other.Unproved != "" && other.Unproved == d.Applicant.Number {
			wrong = append(wrong, errSelf)
		}
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	if was := d.For; was != nil && was.Number != "" && was.Number == other.Unproved && was.Name == other.Name {
		other.Number, other.Unproved = was.Number, "" // it was held against the register
	}
	if err := s.match(ctx, who, d.ID, d.Procedure, &other); err != nil {
		return err
	}
	d.Applicant.Kind, d.Applicant.Organisation, d.For = "", nil, &other
	return nil
}

var errSelf = fault.New(fault.Invalid, "dossier.for.self", nil).At("for.number")

// person reads name and number of somebody for whom is applied. A foreigner may have no number.
func person(in *Party) (name, number string, wrong fault.List) {
	read := func(kind eform.Kind, text, missing, at string) string {
		if strings.TrimSpace(text) == "" {
			if missing != "" {
				wrong = append(wrong, fault.New(fault.Invalid, missing, nil).At(at))
			}
			return ""
		}
		out, err := plain(kind, text)
		if err != nil {
			wrong = append(wrong, faultsAt(err, at)[0].At(at))
		}
		return out
	}
	name = read(eform.KindName, in.Name, "dossier.for.name", "for.name")
	needed := "dossier.for.number"
	if in.Kind == OfForeigner {
		needed = ""
	}
	return name, read(eform.KindNumber, in.Number, needed, "for.number"), wrong
}

// codeShape is the code of an organisation: ten digits, with three more of a branch; of a
// household business also the twelve of its owner.
var codeShape = regexp.MustCompile(`^[0-9]{10}(-[0-9]{3})?$|^[0-9]{12}$`)

// longestName bounds the name of an organisation, in characters.
const longestName = 250

// organisation reads code and name of an organisation; of another kind there is none.
func organisation(kind string, in *Organisation, at string) (*Organisation, fault.List) {
	if !organised(kind) {
		return nil, nil
	}
	if in == nil {
		in = &Organisation{}
	}
	out := &Organisation{Code: strings.Join(strings.Fields(in.Code), ""), Name: spelling.Clean(in.Name)}
	var wrong fault.List
	if !strings.ContainsFunc(out.Name, unicode.IsLetter) || utf8.RuneCountInString(out.Name) > longestName {
		wrong = append(wrong, fault.New(fault.Invalid, "dossier.organisation.name", fault.Args{"most": longestName}).At(at+"name"))
	}
	if !codeShape.MatchString(out.Code) || len(out.Code) == 12 && kind != OfHousehold {
		wrong = append(wrong, fault.New(fault.Invalid, "dossier.organisation.code", nil).At(at+"code"))
	}
	return out, wrong
}

// mostWrong is how many wrong numbers of others an account may try within guessWithin: whoever
// has a number sees what was filed for them, and nobody learns here whose a number is.
const mostWrong = 10

// match holds name and number of the one for whom is applied against the register: yes or no,
// nothing else is told. What it does not confirm is not kept. While it is away the number stays
// Unproved, by which nobody is shown anything.
func (s *Service) match(ctx context.Context, who Who, dossier, procedure string, other *Party) error {
	if other.Unproved == "" {
		return nil
	}
	tries, now := []Guess{{Key: "for:" + who.Account, Most: mostWrong, Within: guessWithin}}, moment(s.Clock.Now())
	if err := s.Store.NoteTry(ctx, tries, now); err != nil {
		if fault.Of(err) == fault.TooMany {
			err = s.refuse(ctx, who.Actor, Fill, dossier, fault.New(fault.TooMany, "dossier.for.too_many", nil))
		}
		return err
	}
	in := Inquiry{Officer: SelfOfficer, Dossier: dossier, Procedure: procedure}
	if len(who.Posts) > 0 {
		in.Officer = who.Account
	}
	same, err := s.Register.Match(ctx, in, other.Unproved, other.Name, "")
	switch kind := fault.Of(err); {
	case err != nil && kind != fault.Unavailable && kind != fault.Denied:
		return err
	case err == nil && !same:
		return fault.New(fault.Invalid, "dossier.for.unmatched", nil).At("for.number")
	case err == nil:
		other.Number, other.Unproved = other.Unproved, ""
	}
	return s.Store.TakeTry(ctx, tries, now) // nothing was learned that was not known
}

// plain reads a text as a form reads the answer to a question of a kind.
func plain(kind eform.Kind, text string) (string, error) {
	v, wrong := (&eform.Question{Kind: kind}).Normal(eform.Value{Text: text}, eform.Facts{})
	if wrong != nil {
		return "", wrong
	}
	return v.Text, nil
}

// unsaid is what is still owed of who applies and for whom.
func (d *Draft) unsaid(p *procedure.Package) fault.List {
	kind := d.Applicant.Kind
	if d.For != nil {
		kind = d.For.Kind
	}
	switch {
	case !d.Whole() && d.For != nil:
		return fault.List{fault.New(fault.Invalid, "dossier.for.owed", nil).At("whom")}
	case !d.Whole():
		return fault.List{fault.New(fault.Invalid, "dossier.organisation.owed", nil).At("whom")}
	case !mayApply(p, kind):
		return fault.List{errNotWho.At("whom")}
	case d.For != nil && d.For.Said() != "" && d.For.Said() == d.Applicant.Number:
		return fault.List{errSelf.At("whom")}
	}
	return nil
}

// seal is the digest of what a citizen at the desk confirms: the answers, and who applies for
// whom.
func (d *Draft) seal(answers eform.Answers) string {
	if d.For == nil && d.Applicant.Organisation == nil {
		return sum(answers)
	}
	parts := []any{answers, d.Applicant.Kind, d.Applicant.Organisation}
	if d.For != nil {
		parts = append(parts, d.For.Kind, d.For.Name, d.For.Said(), d.For.Organisation)
	}
	return sum(parts)
}

// standIn answers name and number of those whom the package takes for the one for whom is
// applied, where nobody answered yet; what was answered so of somebody else goes.
func (s *Service) standIn(d *Draft, p *procedure.Package) {
	facts := s.Facts(*d)
	view := p.Form.View(d.Answers, facts)
	known := map[string]bool{}
	for _, person := range p.People {
		for _, by := range person.From {
			if by.Is == procedure.Principal && d.For != nil && d.For.Name != "" && (by.When == nil || by.When.Holds(view)) {
				known[person.Owner] = true
			}
		}
	}
	answers := maps.Clone(d.Answers)
	if answers == nil {
		answers = eform.Answers{}
	}
	for _, q := range p.Form.Fields(d.Answers, facts) {
		m, ok := MeaningOf(q.Question.Meaning)
		if !ok || q.Row > 0 {
			continue
		}
		text := ""
		switch {
		case !known[m.Owner]:
		case slices.Contains(m.Fields, "name"):
			text = d.For.Name
		case slices.Contains(m.Fields, "number"):
			text = d.For.Said()
		}
		ours := q.Answer.Source == eform.Stated
		switch {
		case ours && q.Answer.Value.Text != text:
			delete(answers, q.Path)
		case ours || q.Given():
			continue
		}
		if text != "" {
			answers[q.Path] = eform.Answer{Value: eform.Value{Text: text}, Source: eform.Stated, At: moment(s.Clock.Now())}
		}
	}
	d.Answers = answers
}
