package dossier

import (
	"maps"
	"slices"

	"dean06/internal/eform"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// facts are what is known around the form of the dossier, as the day of its filing has it.
func (a *applying) facts() eform.Facts {
	f := FactsOf(a.d)
	f.Units = a.units
	return f
}

// mend takes over what an officer answers, read and checked by the form as a citizen's
// answers are; may says which questions are theirs with this act. What became wrong or
// missing by it is refused, at its path.
func (a *applying) mend(may func(*eform.Question) bool) error {
	if len(a.act.Answers) == 0 {
		return nil
	}
	was := a.wrongs()
	var wrong fault.List
	for _, path := range inOrder(&a.p.Form, a.d.Answers, slices.Sorted(maps.Keys(a.act.Answers))) {
		_, q, _, ok := a.p.Form.Find(path)
		if !ok || !may(q) {
			return fault.New(fault.Invalid, "dossier.act.field_unknown", fault.Args{"field": path}).At(path)
		}
		facts := a.facts()
		if q.FilledBy == "officer" { // what is entered today, as the day of a registration, is of today
			facts.Today = clock.DayOf(a.now)
		}
		answers, err := a.p.Form.Put(a.d.Answers, facts, path, a.act.Answers[path], eform.Officer, a.now)
		if err != nil {
			wrong = append(wrong, faultsAt(err, path)...)
			continue
		}
		a.d.Answers = answers
		a.said.Changed = append(a.said.Changed, path)
	}
	slices.Sort(a.said.Changed)
	if len(wrong) > 0 {
		return wrong
	}
	a.follow()
	for _, f := range a.wrongs() {
		if !slices.ContainsFunc(was, func(x *fault.Error) bool { return x.Field == f.Field && x.Key == f.Key }) {
			wrong = append(wrong, f)
		}
	}
	return wrong.Err()
}

func (a *applying) wrongs() fault.List { return a.p.Form.Check(a.d.Answers, a.facts()) }

// follow brings up to date what follows from answers that changed: the case, what is
// computed, which answers count, and what is to be paid.
func (a *applying) follow() {
	d := &a.d
	d.Case = caseOf(a.p, a.p.Form.View(d.Answers, a.facts()), d.Case)
	d.Answers = a.p.Form.Effective(a.p.Form.Computed(d.Answers, a.facts(), a.now), a.facts())
	if d.Status != Done && d.Status != HandedOver {
		d.Fees = owed(d.Fees, fees(a.p, a.p.Form.View(d.Answers, a.facts()), d.Answers))
	}
}

// owed are the fees after what they hang on changed. What was paid, or need not be, stays;
// what is more than that is owed beside it.
func owed(have, want []FeeItem) []FeeItem {
	var out []FeeItem
	for _, f := range have {
		if f.Exempt != "" || !f.PaidAt.IsZero() {
			out = append(out, f)
		}
	}
	for _, w := range want {
		settled := false
		for _, f := range out {
			if f.ID == w.ID {
				settled = settled || f.Exempt != "" || w.Unknown
				w.Amount -= f.Amount
			}
		}
		if !settled && (w.Amount > 0 || w.Unknown) {
			out = append(out, w)
		}
	}
	return out
}

// caseOf is the case that the answers say; was, where they say none.
func caseOf(p *procedure.Package, view eform.View, was string) string {
	for _, c := range p.Cases {
		if !c.Adds && c.When != nil && c.When.Holds(view) {
			return c.ID
		}
	}
	return was
}

// answerable are the lines of a supplement: what was asked, and what its answers bring up
// that the dossier did not have.
func (d *Dossier) answerable(p *procedure.Package, answers eform.Answers, papers []Paper) []Asked {
	out := slices.Clone(d.asked())
	facts := FactsOf(*d)
	had := p.Form.Asked(d.Answers, facts)
	for _, q := range p.Form.Asked(answers, facts) {
		if q.Required && !slices.ContainsFunc(had, func(x eform.Asked) bool { return x.Path == q.Path }) {
			out = append(out, Asked{Field: q.Path})
		}
	}
	before := needs(p, p.Form.View(d.Answers, facts), d.Papers, d.Channel)
	for _, n := range needs(p, p.Form.View(answers, facts), d.Papers, d.Channel) {
		if n.Asked && !slices.ContainsFunc(before, func(x Need) bool { return x.Paper.ID == n.Paper.ID }) &&
			!slices.ContainsFunc(out, func(x Asked) bool { return x.Paper == n.Paper.ID }) {
			out = append(out, Asked{Paper: n.Paper.ID})
		}
	}
	return out
}
