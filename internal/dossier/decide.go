package dossier

import (
	"slices"
	"strings"

	"dean06/internal/eform"
	"dean06/internal/platform/fault"
)

// approve decides. What the register hears of is done when it has recorded it; until then
// the dossier stays in process.
func (a *applying) approve(to string) error {
	if err := a.fillIn(); err != nil {
		return err
	}
	for _, q := range a.p.Form.Fields(a.d.Answers, FactsOf(a.d)) {
		if q.Question.FilledBy == "officer" && q.Required && !q.Given() {
			return fault.New(fault.Invalid, "dossier.act.entry_missing", fault.Args{"field": q.Question.Label}).At(q.Path)
		}
	}
	a.d.Decided = &Decision{By: a.who.Account, Name: a.who.Name, Title: a.post().Title, At: a.now}
	if err := a.enter(to); err != nil {
		return err
	}
	if a.p.Effect != nil {
		a.d.Effect = &EffectState{State: EffectWaiting, Event: a.p.Effect.Event}
		a.work = append(a.work, Work{Kind: TellEvent, Dossier: a.d.ID})
		return nil
	}
	if w, ok := (&scene{d: a.d, p: a.p}).way(Registered); ok && a.d.Duty == "" {
		if err := a.enter(w.To); err != nil {
			return err
		}
	}
	a.results()
	return nil
}

// results adds those of the package, once it is done.
func (a *applying) results() {
	if a.d.Status != Done && a.d.Status != HandedOver {
		return
	}
	for _, r := range a.p.Results {
		a.issue(PaperResult, r.ID, a.number())
	}
}

// number is that of the entry in the book, which the officer enters; "" where there is no
// book: then a result is numbered in the order of its making.
func (a *applying) number() string {
	for _, q := range a.p.Form.Fields(a.d.Answers, FactsOf(a.d)) {
		if q.Question.FilledBy == "officer" && strings.HasSuffix(q.Question.Meaning, ".entry") && q.Given() {
			return q.Answer.Value.Text
		}
	}
	return ""
}

// fillIn takes what the officer enters: questions that are theirs.
func (a *applying) fillIn() error {
	return a.mend(func(q *eform.Question) bool { return q.FilledBy == "officer" })
}

// redo replaces or revokes a result that is wrong (Điều 21); the old one stays and says so.
func (a *applying) redo() error {
	i := slices.IndexFunc(a.d.Results, func(r ResultPaper) bool { return r.ID == a.said.Result && r.Kind == PaperResult && r.Stands() })
	if i < 0 {
		return fault.New(fault.Invalid, "dossier.act.result_unknown", nil).At("result")
	}
	if err := a.want(a.said.Note != "", "dossier.act.note_missing", "note"); err != nil {
		return err
	}
	if err := a.want(strings.TrimSpace(a.said.Basis) != "", "dossier.act.basis_missing", "basis"); err != nil {
		return err
	}
	if a.act.Verb == Revoke {
		r := &a.d.Results[i]
		r.Revoked, r.Reason, r.Basis = a.now, a.said.Note, a.said.Basis
		return nil
	}
	if err := a.mend(func(q *eform.Question) bool { return q.FilledBy != "system" }); err != nil {
		return err
	}
	old := a.d.Results[i]
	number := a.number()
	if number == "" {
		number = old.Number
	}
	fresh := a.issue(PaperResult, old.Result, number)
	r := &a.d.Results[i]
	r.Replaced, r.Reason, r.Basis = fresh.ID, a.said.Note, a.said.Basis
	return nil
}
