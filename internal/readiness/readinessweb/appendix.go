package readinessweb

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/readiness"
)

// AppendixOptions say what stands beside the answers of an Appendix.
type AppendixOptions struct {
	Problems []readiness.Problem       // each is shown at what it is about
	Comments []readiness.Comment       // the same
	Marks    map[string]readiness.Mark // against the earlier round, see readiness.Marks
	Status   bool                      // the sign of how well each answer is met
	Readings bool                      // what stood on the paper, where the answer was read from one
	Masked   bool                      // the focal point is left out
	Prefix   string                    // before each id, where the page has the fields of the form too
	// Edit is the address where a field is changed; nil or "" is no link.
	Edit func(field string) string
	// Beside is more for an answer, such as a field for a comment; nil is nothing.
	Beside func(field string) templ.Component
}

// StatusOf is how a status of the register is shown.
func StatusOf(s readiness.Status) ui.Status {
	switch s {
	case readiness.Met:
		return ui.Met
	case readiness.PartiallyMet:
		return ui.Partial
	case readiness.NotMet:
		return ui.NotMet
	}
	return ui.Unknown
}

// ToneOf is the colour of a state.
func ToneOf(s readiness.State) ui.Tone {
	switch s {
	case readiness.Accepted:
		return ui.Good
	case readiness.Submitted:
		return ui.Info
	case readiness.SentBack, readiness.Withdrawn:
		return ui.Caution
	}
	return ui.Neutral
}

// appendix is an Appendix about to be shown.
type appendix struct {
	AppendixOptions
	view readiness.View
	ret  readiness.Return
	p    *i18n.Printer
}

// id is that of a field, or none where it has none.
func (a appendix) id(field string) string {
	if field == "" {
		return ""
	}
	return a.Prefix + field
}

// in gives a text of the form in the reader's language.
func (a appendix) in(t readiness.Text) string { return t.In(string(a.p.Lang)) }

// AppendixLine is one line of part 2: a heading, or an answer (nil: the row is
// asked and was not answered).
type AppendixLine struct {
	Row    readiness.Row
	Number string // as printed: "1.2", "a"
	System string // the system of a group's heading
	Answer *readiness.Answer
	Field  string // see readiness.AnswerField
}

// Heading says that the line carries a label only.
func (l AppendixLine) Heading() bool {
	return l.Row.Kind == readiness.Heading || l.Row.Kind == readiness.Group
}

// AppendixLines lays a return out as part 2 of the form prints it. Rows that
// are not for this kind of agency are there only when they were answered.
func AppendixLines(tpl *readiness.Template, ret readiness.Return, kind string) []AppendixLine {
	var out []AppendixLine
	for _, row := range tpl.Rows {
		answers := answersTo(ret, row.Key)
		if !row.IsFor(readiness.FormKind(kind)) && len(answers) == 0 {
			continue
		}
		switch row.Kind {
		case readiness.Heading:
			out = append(out, AppendixLine{Row: row, Number: row.Number})
		case readiness.Single, readiness.Repeat:
			if len(answers) == 0 {
				out = append(out, AppendixLine{Row: row, Number: row.Numbered(1), Field: readiness.FieldOf("row", row.Numbered(1))})
			}
			for _, a := range answers {
				out = append(out, AppendixLine{Row: row, Number: a.Row, Answer: &a, Field: readiness.AnswerField(tpl, a)})
			}
		case readiness.Group:
			out = append(out, groupLines(tpl, ret, row)...)
		}
	}
	return out
}

// groupLines lays out a group once for each system, with its items below.
func groupLines(tpl *readiness.Template, ret readiness.Return, group readiness.Row) []AppendixLine {
	items := tpl.Items(group.Key)
	by := map[string]map[string]readiness.Answer{}
	var order []string
	for _, a := range ret.Answers {
		if !slices.ContainsFunc(items, func(i readiness.Row) bool { return i.Key == a.Key }) {
			continue
		}
		n, _, _ := strings.Cut(a.Row, "-")
		if by[n] == nil {
			by[n] = map[string]readiness.Answer{}
			order = append(order, n)
		}
		by[n][a.Key] = a
	}
	if len(order) == 0 {
		order = []string{group.Numbered(1)}
	}
	var out []AppendixLine
	for _, n := range order {
		head := AppendixLine{Row: group, Number: n}
		for _, i := range items {
			if head.System = by[n][i.Key].System; head.System != "" {
				break
			}
		}
		out = append(out, head)
		for _, i := range items {
			_, suffix, _ := strings.Cut(i.Key, "-")
			l := AppendixLine{Row: i, Number: suffix, Field: readiness.FieldOf("row", n+"-"+suffix)}
			if a, ok := by[n][i.Key]; ok {
				l.Answer, l.Field = &a, readiness.AnswerField(tpl, a)
			}
			out = append(out, l)
		}
	}
	return out
}

func answersTo(ret readiness.Return, key string) []readiness.Answer {
	var out []readiness.Answer
	for _, a := range ret.Answers {
		if a.Key == key {
			out = append(out, a)
		}
	}
	return out
}

// About says that a field of the form is, or lies within, another.
func About(field, within string) bool {
	return within != "" && (field == within || strings.HasPrefix(field, within+"."))
}

func (a appendix) problems(field, row string) []readiness.Problem {
	var out []readiness.Problem
	for _, p := range a.Problems {
		if About(p.Field, field) || p.Field == "" && p.Row != "" && p.Row == row {
			out = append(out, p)
		}
	}
	return out
}

// problemsOfFile are those about the return as a whole.
func (a appendix) problemsOfFile() []readiness.Problem {
	var out []readiness.Problem
	for _, p := range a.Problems {
		if p.Field == "" && p.Row == "" {
			out = append(out, p)
		}
	}
	return out
}

func (a appendix) comments(field string) []readiness.Comment {
	var out []readiness.Comment
	for _, c := range a.Comments {
		if About(c.Field, field) || field == "" && c.Field == "" {
			out = append(out, c)
		}
	}
	return out
}

func (a appendix) edit(field string) string {
	if a.Edit == nil {
		return ""
	}
	return a.Edit(field)
}

func (a appendix) beside(field string) templ.Component {
	if a.Beside == nil {
		return nil
	}
	return a.Beside(field)
}

// component is what the second column says.
func (a appendix) component(l AppendixLine) string {
	switch {
	case l.System != "":
		return l.System
	case l.Answer != nil && l.Answer.System != "" && l.Row.Kind == readiness.Repeat:
		return l.Answer.System
	case l.Row.Kind == readiness.Group:
		one, _ := a.view.Template.Things()
		return a.p.T("readinessweb.appendix.unnamed", map[string]any{"one": one})
	}
	return a.in(l.Row.Label)
}

// compliance is the chosen option, or what stood on the paper when it is none.
func (a appendix) compliance(l AppendixLine) string {
	if o, ok := a.view.Template.Option(l.Row.Options, l.Answer.Compliance); ok {
		return a.in(o.Text)
	}
	if r, ok := l.Answer.Readings[readiness.ColCompliance]; ok && r.Raw != "" {
		return r.Raw
	}
	return a.p.T("readinessweb.appendix.blank")
}

// own is what a line says in a column of the form's own.
func (a appendix) own(l AppendixLine, c readiness.Column) string {
	return a.in(a.view.Template.Shown(c, *l.Answer))
}

// remarksAt is the column of the form's own that holds remarks, where there is none of notes.
func (a appendix) remarksAt() string {
	columns := a.view.Template.OwnColumns()
	if _, notes := a.view.Template.Column(readiness.ColNote); notes || len(columns) == 0 {
		return ""
	}
	return columns[len(columns)-1].Key
}

func (a appendix) status(l AppendixLine) ui.Status {
	return StatusOf(readiness.AnswerStatus(a.view.Template, *l.Answer))
}

// StageWords is the stage and the expected month of an answer as the form writes them.
func StageWords(p *i18n.Printer, tpl *readiness.Template, a readiness.Answer) string {
	lang := string(p.Lang)
	var parts []string
	if o, ok := tpl.Option(readiness.StageList, a.Stage); ok {
		s := o.In(lang)
		if o.Free && a.StageOther != "" {
			s, _, _ = strings.Cut(s, ":")
			s += ": " + a.StageOther
		}
		parts = append(parts, s)
	} else if a.StageOther != "" {
		parts = append(parts, a.StageOther)
	}
	if a.ExpectedMonth != "" {
		parts = append(parts, tpl.Expected.In(lang)+" "+MonthWords(a.ExpectedMonth))
	}
	return strings.Join(parts, "; ")
}

func (a appendix) stage(l AppendixLine) string {
	if l.Answer == nil {
		return ""
	}
	return StageWords(a.p, a.view.Template, *l.Answer)
}

// MonthWords writes a month as both languages do: 06/2023.
func MonthWords(m readiness.Month) string {
	if !m.Valid() {
		return string(m)
	}
	return string(m[5:] + "/" + m[:4])
}

// NoteWords is the note of an answer as written and, below it, what was
// answered in fields of its own and does not stand in it.
func NoteWords(p *i18n.Printer, a readiness.Answer) []string {
	var out []string
	if a.Note != "" {
		out = append(out, a.Note)
	}
	add := func(said, line string) {
		if said != "" && !strings.Contains(a.Note, said) {
			out = append(out, line)
		}
	}
	for _, c := range a.Causes {
		add(c, c)
	}
	for _, u := range a.Unmet {
		add(u, p.T("readinessweb.appendix.unmet", map[string]any{"text": u}))
	}
	pair := func(key string, part, whole *int) {
		if part != nil || whole != nil {
			plain, words := countWords(p, part)+"/"+countWords(p, whole), map[string]any{"part": countWords(p, part), "whole": countWords(p, whole)}
			if !strings.Contains(a.Note, strings.ReplaceAll(plain, ".", "")) {
				add(plain, p.T("readinessweb.appendix."+key, words))
			}
		}
	}
	if c := a.Counts; c != nil {
		pair("units", c.UnitsUnmet, c.UnitsTotal)
		pair("devices", c.DevicesHave, c.DevicesNeed)
	}
	if d := a.Decision; d != nil && d.Number != "" {
		key := "decision"
		if !d.Date.IsZero() {
			key = "decision_dated"
		}
		add(d.Number, p.T("readinessweb.appendix."+key, map[string]any{"number": d.Number, "date": d.Date}))
	}
	return out
}

func countWords(p *i18n.Printer, n *int) string {
	if n == nil {
		return "…"
	}
	return p.Int(int64(*n))
}

// reading is a value as it stood on the paper, named by its column.
type reading struct {
	Column string
	readiness.Reading
}

// readings lists what stood on the paper of an answer, in the form's order of columns.
func (a appendix) readings(l AppendixLine) []reading {
	var out []reading
	for _, c := range a.view.Template.Columns {
		if r, ok := l.Answer.Readings[c.Key]; ok && r.Raw != "" {
			out = append(out, reading{a.in(c.Label), r})
		}
	}
	return out
}

// contactValue is one field of the focal point.
func contactValue(c readiness.Contact, key string) string {
	if v := c.Field(key); v != nil {
		return *v
	}
	return ""
}

func (a appendix) proposal(group string) string {
	for _, p := range a.ret.Proposals {
		if p.Group == group && p.Text != "" {
			return p.Text
		}
	}
	return a.in(a.view.Template.Nothing)
}

func (a appendix) issuedWith() string {
	s := strings.ReplaceAll(a.in(a.view.Template.IssuedWith), "{number}", a.view.Campaign.Number)
	return strings.ReplaceAll(s, "{date}", a.p.Date(a.view.Campaign.Issued))
}

// where says where on the paper a reading stood.
func (a appendix) where(w readiness.Place) string {
	switch {
	case w.Column != "" && w.Line == 0 && w.Table == 0:
		return a.p.T("readinessweb.appendix.where.cell", map[string]any{"cell": w.Column})
	case w.Table > 0:
		return a.p.T("readinessweb.appendix.where.table", map[string]any{"table": w.Table, "line": w.Line})
	case w.Line > 0:
		return a.p.T("readinessweb.appendix.where.line", map[string]any{"line": w.Line})
	}
	return ""
}

// rowOf is the numbered row of a line, by which readers of files name problems.
func rowOf(l AppendixLine) string {
	if l.Answer != nil {
		return l.Answer.Row
	}
	return strings.TrimPrefix(l.Field, "row.")
}
