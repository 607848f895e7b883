package eform

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/platform/fault"
)

// Put gives an answer by a person. A zero value says that a question is left empty on
// purpose. It fails with NotFound for a path of no question that is asked now, with Denied
// for what is locked or nobody is asked, and with Invalid, at the path, for what cannot be
// the answer. What stood there from the register stays visible.
func (f *Form) Put(a Answers, facts Facts, path string, v Value, by Source, at time.Time) (Answers, error) {
	fields := f.Fields(a, facts)
	i := slices.IndexFunc(fields, func(q Asked) bool { return q.Path == path })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "eform.path.unknown", nil).At(path)
	}
	asked := fields[i]
	q, was := asked.Question, asked.Answer
	switch {
	case was.Locked && was.Source != Typed:
		if was.Value.Same(v) {
			return a, nil
		}
		return nil, fault.New(fault.Denied, "eform.wrong.locked", fault.Args{"question": q.Label}).At(path)
	case q.FilledBy == "system" || q.FilledBy == "officer" && by != Officer:
		return nil, fault.New(fault.Denied, "eform.wrong.not_asked", fault.Args{"question": q.Label}).At(path)
	}
	next := Answer{Value: v, Source: by, At: at, Offered: was.Offered}
	trial := maps.Clone(a)
	if trial == nil {
		trial = Answers{}
	}
	if v.IsZero() && asked.Required {
		return nil, invalid(missingKey(asked), fault.Args{"question": q.Label}).At(path)
	}
	if !v.IsZero() {
		normal, wrong := v, (*fault.Error)(nil)
		if !was.Offers(v) {
			normal, wrong = q.Normal(v, facts)
		}
		if wrong != nil {
			return nil, wrong.At(path)
		}
		next.Value = normal
		trial[path] = next
		asked.Answer, asked.Has = next, true
		if wrong = f.answer(newState(f, trial, facts), asked, facts); wrong != nil {
			return nil, wrong.At(path)
		}
		if normal.IsZero() && asked.Required {
			return nil, invalid(missingKey(asked), fault.Args{"question": q.Label}).At(path)
		}
	}
	for _, o := range was.Offered {
		if o.Value.Same(next.Value) {
			next.Fact, next.AsOf = o.Fact, o.AsOf
		}
	}
	if was.Source == Register || was.Source == Card {
		if was.Value.Same(next.Value) {
			was.Seen = true
			trial[path] = was
			return trial, nil
		}
		next.Before = &Earlier{Value: was.Value, Source: was.Source, At: was.At, AsOf: was.AsOf, Fact: was.Fact}
	} else if was.Before != nil && was.Before.Source == Register {
		next.Before = was.Before
	}
	if was.Match != nil && was.Value.Same(next.Value) {
		next.Match = was.Match
	}
	trial[path] = next
	return trial, nil
}

// longClaim is how long a citizen may write about what is wrong.
const longClaim = 500

// MarkWrong records what a citizen says is right where the register is wrong. The
// register's value stays; an empty text takes the claim back. It fails with NotFound where
// nothing came from the register.
func (f *Form) MarkWrong(a Answers, path, says string) (Answers, error) {
	was, ok := a[path]
	if _, _, _, known := f.Find(path); !known || !ok || was.Source != Register || was.Value.IsZero() {
		return nil, fault.New(fault.NotFound, "eform.wrong.no_register", nil).At(path)
	}
	says = paragraphs(says)
	if _, wrong := (&Question{}).length(says, longClaim); wrong != nil {
		return nil, wrong.At(path)
	}
	if says != "" && !strings.ContainsFunc(says, func(r rune) bool { return r != utf8.RuneError && r > ' ' }) {
		says = ""
	}
	out := maps.Clone(a)
	was.Wrong = says
	out[path] = was
	return out, nil
}

// Wrongs lists the paths of all claims, in the order of the form.
func (f *Form) Wrongs(a Answers, facts Facts) []Asked {
	return slices.DeleteFunc(f.Fields(a, facts), func(q Asked) bool { return q.Answer.Wrong == "" })
}

// Look says that the citizen has looked over all that arrived filled.
func (f *Form) Look(a Answers, facts Facts) Answers {
	out := maps.Clone(a)
	for _, q := range f.Asked(a, facts) {
		if q.Arrived() && !q.Answer.Seen {
			q.Answer.Seen = true
			out[q.Path] = q.Answer
		}
	}
	return out
}

// AddRow adds a row to a repeated section and gives its number, above those that
// there are. It fails with NotFound when the form has no such section, with Invalid when it is
// full.
func (f *Form) AddRow(a Answers, section string, at time.Time) (Answers, int, error) {
	sec := f.section(section)
	if sec == nil || sec.Repeat == nil {
		return nil, 0, fault.New(fault.NotFound, "eform.path.unknown", nil).At(section)
	}
	rows := Rows(sec, a)
	row := 1
	if len(rows) > 0 {
		row = slices.Max(rows) + 1
	}
	rows = append(slices.Clone(rows), row)
	if wrong := sec.most(rows); wrong != nil {
		return nil, 0, wrong.At(section)
	}
	out := maps.Clone(a)
	if out == nil {
		out = Answers{}
	}
	out[section] = rowList(rows, at)
	return out, row, nil
}

func rowList(rows []int, at time.Time) Answer {
	return Answer{Value: Value{Text: writeRows(rows)}, Source: Typed, At: at}
}

// most checks that there are not too many rows.
func (sec *Section) most(rows []int) *fault.Error {
	most := sec.Repeat.Max
	if most == 0 {
		most = mostRows
	}
	if len(rows) > most || slices.Max(rows) > mostRows {
		return invalid("eform.rows.most", fault.Args{"n": len(rows), "most": most, "one": sec.Repeat.One})
	}
	return nil
}

// RemoveRow takes a row away with its answers; those of the others stay where they are. It
// fails with NotFound when there is no such row, with Invalid when no fewer may be.
func (f *Form) RemoveRow(a Answers, section string, row int, at time.Time) (Answers, error) {
	sec := f.section(section)
	if sec == nil || sec.Repeat == nil || !slices.Contains(Rows(sec, a), row) {
		return nil, fault.New(fault.NotFound, "eform.path.unknown", nil).At(section)
	}
	rows := Rows(sec, a)
	rows = slices.DeleteFunc(slices.Clone(rows), func(r int) bool { return r == row })
	if len(rows) < sec.Repeat.Min {
		return nil, invalid("eform.rows.least", fault.Args{"n": len(rows), "least": sec.Repeat.Min, "one": sec.Repeat.One}).At(section)
	}
	out := maps.Clone(a)
	for i := range sec.Questions {
		delete(out, PathOf(sec, &sec.Questions[i], row))
	}
	out[section] = rowList(rows, at)
	return out, nil
}

// EnoughRows says that a repeated section has all its rows, none too.
func (f *Form) EnoughRows(a Answers, section string, at time.Time) (Answers, error) {
	sec := f.section(section)
	if sec == nil || sec.Repeat == nil {
		return nil, fault.New(fault.NotFound, "eform.path.unknown", nil).At(section)
	}
	rows := Rows(sec, a)
	if wrong := sec.counts(rows); wrong != nil {
		return nil, wrong.At(section)
	}
	out := maps.Clone(a)
	if out == nil {
		out = Answers{}
	}
	out[section] = rowList(rows, at)
	return out, nil
}
