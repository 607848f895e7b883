package dossier

import (
	"context"
	"slices"
	"strings"

	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// RegisterSource is the subsystem of the population register.
const RegisterSource = "VN/GOV/G01/DANCU"

// prefillLevel is how surely somebody must be known for the register to tell them of themselves:
// at level 1 whoever knows number, name and birth could read on (Nghị định 69/2024, Điều 8).
const prefillLevel = 2

// Prefill fills in what the register knows: it needs an account that is bound to a number, of
// somebody who signed in at level 2, or an officer at the desk with the citizen. It shows oneself and those whom the register
// ties to oneself; others are matched, yes or no. It fails with Denied without proof, and
// with Unavailable while the register is away; the draft is then as before.
func (s *Service) Prefill(ctx context.Context, a actor.Actor, id string) (Draft, Prefilled, error) {
	d, p, who, err := s.draft(ctx, a, id)
	if err != nil {
		return d, Prefilled{}, err
	}
	if d.Sent != "" {
		return d, Prefilled{}, fault.New(fault.Conflict, "dossier.draft.sent", fault.Args{"code": d.Sent})
	}
	if d.Supplies != "" {
		return d, Prefilled{}, fault.New(fault.Denied, "dossier.draft.not_asked", nil)
	}
	in := Inquiry{Officer: SelfOfficer, Dossier: d.ID, Procedure: d.Procedure}
	self := who.Number
	if d.Assisted {
		in.Officer, self = who.Account, d.Applicant.Number
	}
	switch {
	case self == "":
		return d, Prefilled{}, fault.New(fault.Denied, "dossier.prefill.unbound", nil)
	case !d.Assisted && who.Level < prefillLevel:
		return d, Prefilled{}, s.refuse(ctx, a, Fill, d.ID, fault.New(fault.Denied, "dossier.prefill.level", nil))
	}
	f := filler{Service: s, ctx: ctx, in: in, draft: &d, p: p, known: map[string]Known{}, owners: map[string]string{}, self: self}
	if err := f.fill(); err != nil {
		return d, Prefilled{}, err
	}
	d, err = s.saveDraft(ctx, d)
	return d, f.out, err
}

// filler fills one draft from the register.
type filler struct {
	*Service
	ctx    context.Context
	in     Inquiry
	draft  *Draft
	p      *procedure.Package
	known  map[string]Known  // by number
	owners map[string]string // numbers of those of whom facts may be shown
	self   string
	out    Prefilled
}

func (f *filler) fill() error {
	d := f.draft
	at := moment(f.Clock.Now())
	answers, err := f.p.Form.Prefill(d.Answers, f.Facts(*d), plan(f.p, f.self), at, f.ask, f.match)
	if err != nil {
		return err
	}
	d.Answers = answers
	f.settle(d, f.p)
	if err := f.prove(); err != nil {
		return err
	}
	f.out.Available, f.out.Filled, _ = Filled(f.p, d.Answers, f.Facts(*d))
	return nil
}

// ask asks of one person what the form needs, and what papers about them would say.
func (f *filler) ask(w eform.Want) (Known, bool, error) {
	fields := slices.Clone(w.Fields)
	for _, paper := range f.p.Papers {
		for _, proof := range paper.Proved {
			self := proof.Of == eform.Applicant && w.Number == f.self
			if proof.By == string(ByRegister) && (proof.Of == w.Owner || self) {
				fields = append(fields, proof.Facts...)
			}
		}
	}
	slices.Sort(fields)
	k, ok, err := f.Register.Facts(f.ctx, f.in, w.Number, slices.Compact(fields))
	if err != nil || !ok {
		return k, ok, err
	}
	if had, again := f.known[w.Number]; again {
		for field, v := range had.Values {
			if _, told := k.Values[field]; !told && k.Values != nil {
				k.Values[field] = v
			}
		}
	}
	f.known[w.Number] = k
	f.owners[w.Owner] = w.Number
	if w.Number == f.self {
		f.owners[eform.Applicant] = w.Number
	}
	if k.AsOf.After(f.out.AsOf) {
		f.out.AsOf = k.AsOf
	}
	return k, true, nil
}

func (f *filler) match(w eform.Want) (bool, error) {
	same, err := f.Register.Match(f.ctx, f.in, w.Number, w.Name, w.Birth)
	if err == nil && !same && !slices.Contains(f.out.Unmatched, w.Owner) {
		f.out.Unmatched = append(f.out.Unmatched, w.Owner)
	}
	return same, err
}

// prove finds which papers the state already has.
func (f *filler) prove() error {
	d := f.draft
	now := moment(f.Clock.Now())
	d.Papers = slices.DeleteFunc(slices.Clone(d.Papers), func(p Paper) bool {
		return p.How == ByRegister || p.How == ByDossier
	})
	view := f.p.Form.View(d.Answers, f.Facts(*d))
	for _, paper := range f.p.Papers {
		if paper.When != nil && !paper.When.Holds(view) {
			continue
		}
		for _, proof := range paper.Proved {
			if proof.When != nil && !proof.When.Holds(view) {
				continue
			}
			found, ok, err := f.proved(paper, proof)
			if err != nil {
				return err
			}
			if ok {
				found.Requirement, found.At = paper.ID, now
				d.Papers = append(d.Papers, found)
				break
			}
		}
	}
	return nil
}

func (f *filler) proved(paper procedure.Paper, proof procedure.Proof) (Paper, bool, error) {
	number, tied := f.owners[proof.Of]
	switch How(proof.By) {
	case ByRegister:
		if !tied || len(proof.Facts) == 0 {
			return Paper{}, false, nil
		}
		for _, fact := range proof.Facts {
			if !tells(f.known[number], fact) {
				return Paper{}, false, nil
			}
		}
		return Paper{How: ByRegister, Source: RegisterSource, Reused: true}, true, nil
	case ByDossier:
		if !tied || paper.Result == "" {
			return Paper{}, false, nil
		}
		earlier, err := f.Store.EarlierResults(f.ctx, number, paper.Result, 1)
		if err != nil || len(earlier) == 0 {
			return Paper{}, false, err
		}
		for _, r := range earlier[0].Results {
			if r.Kind == PaperResult && r.Stands() {
				return Paper{How: ByDossier, Source: earlier[0].Code, File: r.File, Name: r.Number, Reused: true}, true, nil
			}
		}
	}
	return Paper{}, false, nil
}

// tells says that the register told a fact.
func tells(k Known, fact string) bool {
	if k.Kin[fact] != "" || fact == "number" && k.Number != "" {
		return true
	}
	v, ok := k.Values[fact]
	return ok && !v.IsZero()
}

// MeaningOf is a meaning of the procedures' list as a form is filled by it.
func MeaningOf(id string) (eform.Meaning, bool) {
	m, ok := procedure.Meanings().Of(id)
	return eform.Meaning{Owner: m.Owner.ID, Fields: m.Register}, ok
}

// Filled counts the facts of a form as it is now: those that the register has, those that
// arrived from it, and the questions that a person answered. Parts of an address and of an
// identity paper count singly.
func Filled(p *procedure.Package, answers eform.Answers, facts eform.Facts) (available, arrived, asked int) {
	seen := map[string]bool{}
	for _, q := range p.Form.Fields(answers, facts) {
		if q.Given() && q.Answer.Source == eform.Typed {
			asked++
		}
		m, ok := procedure.Meanings().Of(q.Question.Meaning)
		if !ok || seen[m.ID] && q.Row == 0 || !m.InRegister() {
			continue
		}
		seen[m.ID] = true
		for _, leaf := range m.Leaves() {
			if !leaf.InRegister() {
				continue
			}
			came := q.Given() && q.Answer.Source == eform.Register
			if came && !part(q.Answer.Value, leaf.Fact[strings.LastIndexByte(leaf.Fact, '.')+1:]) {
				continue // the register has no such part of it
			}
			available++
			if came {
				arrived++
			}
		}
	}
	return available, arrived, asked
}

// part says that a part of an address or of an identity paper is there.
func part(v eform.Value, name string) bool {
	switch {
	case v.Place != nil && name == "detail":
		return v.Place.Detail != ""
	case v.Card != nil && name == "kind":
		return v.Card.Kind != ""
	case v.Card != nil && name == "issued":
		return v.Card.Issued != ""
	}
	return !v.IsZero()
}
