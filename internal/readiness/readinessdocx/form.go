package readinessdocx

import (
	"fmt"
	"slices"
	"strings"

	"dean06/internal/platform/i18n"
	"dean06/internal/readiness"
)

// formRow is a row of part 2 as it is printed.
type formRow struct {
	row      readiness.Row
	number   string
	label    string // printed; empty when the component is the system's name
	name     string // of the system
	unit     string
	choice   string
	stage    string
	when     string // expected time, printed after the stage
	note     string
	values   map[string]string // of the form's own columns, as they are printed
	answer   int               // index in Return.Answers; -1 for none
	answered bool
}

// words are the few words that stand on the form besides those of the template.
type words struct {
	tpl  *readiness.Template
	form *i18n.Printer
}

// formRows prints a return in the order of the form.
func formRows(w words, ret readiness.Return) []formRow {
	rows := w.tpl.FormRows(&ret)
	out := make([]formRow, len(rows))
	for i, r := range rows {
		out[i] = formRow{row: r.Row, number: r.Printed, label: r.Label.Vi, answer: -1}
		switch {
		case r.Kind == readiness.Group:
			out[i].label, out[i].name, out[i].answered = "", r.System, r.Answer >= 0
		case r.Answer >= 0:
			out[i] = w.answerRow(r, ret)
		case namesSystem(r.Row):
			out[i].label = ""
		}
	}
	return out
}

// namesSystem says that the component cell of a row is for the system's name
// alone, as in "1.1".
func namesSystem(row readiness.Row) bool {
	return row.Kind == readiness.Group || row.Kind == readiness.Repeat && strings.Contains(row.Number, "n")
}

// answerRow prints an answer. What a person has not yet decided is printed as it
// stood on the paper, so that printing never makes it sure.
func (w words) answerRow(row readiness.FormRow, ret readiness.Return) formRow {
	a := ret.Answers[row.Answer]
	r := formRow{row: row.Row, number: row.Printed, label: row.Label.Vi, name: row.System, unit: a.Unit, answer: row.Answer, answered: true}
	switch row.Kind {
	case readiness.Single:
		r.name = a.System
	case readiness.Repeat:
		if r.name != "" || namesSystem(row.Row) {
			r.label = "" // the name stands in its place
		}
	}
	if unsure, ok := open(a, readiness.ColCompliance); ok {
		r.choice = unsure
	} else {
		r.choice = w.option(row.Options, a.Compliance)
	}
	if unsure, ok := open(a, readiness.ColStage); ok {
		r.stage = unsure
	} else {
		r.stage, r.when = w.stage(a)
	}
	r.note = w.note(row.Row, a)
	r.values = map[string]string{}
	for _, c := range w.tpl.OwnColumns() {
		if unsure, ok := open(a, c.Key); ok {
			r.values[c.Key] = unsure
		} else {
			r.values[c.Key] = readiness.ShowValue(w.tpl, c, a.Values[c.Key]).Vi
		}
	}
	return r
}

// open is the text of a reading that nobody has decided yet.
func open(a readiness.Answer, column string) (string, bool) {
	r, ok := a.Readings[column]
	return r.Raw, ok && !r.IsSure()
}

func (w words) option(list, key string) string {
	if o, ok := w.tpl.Option(list, key); ok {
		return o.Vi
	}
	return key
}

func (w words) stage(a readiness.Answer) (stage, when string) {
	stage = w.option(readiness.StageList, a.Stage)
	if o, ok := w.tpl.Option(readiness.StageList, a.Stage); ok && o.Free || a.StageOther != "" {
		name, _, _ := strings.Cut(stage, ":")
		stage = strings.TrimSpace(name + ": " + a.StageOther)
	}
	return stage, w.when(a.ExpectedMonth, a.Precision)
}

// when is the expected time in the words of the form.
func (w words) when(m readiness.Month, p readiness.Precision) string {
	if m == "" {
		return ""
	}
	var y, mm int
	if n, err := fmt.Sscanf(string(m), "%d-%d", &y, &mm); n != 2 || err != nil {
		return string(m)
	}
	args := map[string]any{"year": fmt.Sprint(y), "month": fmt.Sprint(mm)}
	switch {
	case p == readiness.ByQuarter && mm%3 == 0:
		args["quarter"] = []string{"I", "II", "III", "IV"}[mm/3-1]
		return w.form.T("readiness.docx.quarter", args)
	case p == readiness.ByHalf && mm == 6:
		return w.form.T("readiness.docx.first_half", args)
	case p == readiness.ByHalf && mm == 12:
		return w.form.T("readiness.docx.second_half", args)
	case p == readiness.ByYear && mm == 12:
		return w.form.T("readiness.docx.year", args)
	}
	return w.form.T("readiness.docx.month", args)
}

// note is the note of an answer, with what its other fields hold that its words
// do not already say.
func (w words) note(row readiness.Row, a readiness.Answer) string {
	said := readiness.ReadNote(row, readiness.LinesOf(a.Note))
	lines := []string{}
	if a.Note != "" {
		lines = append(lines, a.Note)
	}
	add := func(key string, args map[string]any) { lines = append(lines, w.form.T(key, args)) }
	if len(a.Causes) > 0 && !slices.Equal(a.Causes, said.Causes) {
		add("readiness.docx.causes", map[string]any{"text": strings.Join(a.Causes, "; ")})
	}
	if len(a.Unmet) > 0 && !slices.Equal(a.Unmet, said.Unmet) {
		add("readiness.docx.unmet", map[string]any{"text": strings.Join(a.Unmet, "; ")})
	}
	if n := a.Counts; n != nil {
		old := readiness.Counts{}
		if said.Counts != nil {
			old = *said.Counts
		}
		w.count(add, "units", n.UnitsUnmet, n.UnitsTotal, old.UnitsUnmet, old.UnitsTotal)
		w.count(add, "devices", n.DevicesHave, n.DevicesNeed, old.DevicesHave, old.DevicesNeed)
	}
	if d := a.Decision; d != nil && (said.Decision == nil || *said.Decision != *d) {
		key := "readiness.docx.decision"
		if !d.Date.IsZero() {
			key = "readiness.docx.decision_dated"
		}
		add(key, map[string]any{"number": d.Number, "date": d.Date})
	}
	return strings.Join(lines, "\n")
}

func (w words) count(add func(string, map[string]any), what string, part, whole, saidPart, saidWhole *int) {
	if same(part, saidPart) && same(whole, saidWhole) {
		return
	}
	text := func(n *int) string { return fmt.Sprint(*n) }
	switch {
	case part != nil && whole != nil:
		add("readiness.docx."+what, map[string]any{"part": text(part), "whole": text(whole)})
	case part != nil:
		add("readiness.docx."+what+"_part", map[string]any{"part": text(part)})
	case whole != nil:
		add("readiness.docx."+what+"_whole", map[string]any{"whole": text(whole)})
	}
}

func same(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }
