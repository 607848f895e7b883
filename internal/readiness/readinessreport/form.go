package readinessreport

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/readiness"
)

// FormOptions says how a return is printed.
type FormOptions struct {
	AgencyName string // shown when the return has no heading of its own
	Kind       string // readiness.FormKind; rows for others are left out when set
	HideFocal  bool   // the reader may not see the focal point's name and numbers
	Proof      string // address of the return
}

// ReturnPDF prints a return as the form that it answers: A4 across, the same
// parts, rows and columns. A nil return prints the blank form.
func ReturnPDF(p *i18n.Printer, tpl *readiness.Template, ret *readiness.Return, opts FormOptions) ([]byte, error) {
	raw, err := paper.PDF(p, ReturnForm(p, tpl, ret, opts))
	if err != nil {
		return nil, fmt.Errorf("print return of %s: %w", opts.AgencyName, err)
	}
	return raw, nil
}

// ReturnForm lays a return out as ReturnPDF prints it.
func ReturnForm(p *i18n.Printer, tpl *readiness.Template, ret *readiness.Return, opts FormOptions) paper.Document {
	doc := paper.Document{Title: p.T("report.form.title.blank"), Landscape: true}
	var body []paper.Block
	if ret != nil {
		name := ret.Heading
		if name == "" {
			name = opts.AgencyName
		}
		doc.Title = p.T("report.form.title", args{"agency": name})
		if name != "" {
			body = append(body, paper.Para{Center: true, Runs: []paper.Run{{Text: strings.ToUpper(name), Bold: true}}})
		}
	}
	body = append(body, paper.Para{Center: true, Runs: []paper.Run{{Text: tpl.Title.In(lang(p)), Bold: true}}})
	if ret != nil && ret.EnteredFrom != "" {
		body = append(body, paper.Para{
			Center: true, Runs: []paper.Run{{Text: p.T("report.form.entered", args{"file": ret.EnteredFrom}), Italic: true}},
		})
	}
	if ret != nil && ret.Letter.Number != "" {
		body = append(body, paper.Para{
			Center: true,
			Runs:   []paper.Run{{Text: p.T("report.form.letter", args{"number": ret.Letter.Number, "date": ret.Letter.Date}), Italic: true}},
		})
	}
	doc.Body = append(body, formBody(p, tpl, ret, opts)...)
	if opts.Proof != "" {
		doc.Proof = paper.Proof{URL: opts.Proof, Text: p.T("report.form.proof")}
	}
	return doc
}

// form prints one return, or the blank form when ret is nil.
type form struct {
	p    *i18n.Printer
	tpl  *readiness.Template
	ret  *readiness.Return
	opts FormOptions
}

func formBody(p *i18n.Printer, tpl *readiness.Template, ret *readiness.Return, opts FormOptions) []paper.Block {
	f := form{p, tpl, ret, opts}
	l := lang(p)
	bold := func(t readiness.Text) paper.Block {
		return paper.Heading{Text: t.In(l)}
	}
	body := []paper.Block{bold(tpl.Part1)}
	body = append(body, f.contact()...)
	body = append(body, bold(tpl.Part2), f.part2())
	if len(tpl.Proposals) > 0 {
		body = append(body, bold(tpl.Part3))
		if ret == nil && tpl.Part3Intro.Vi != "" {
			body = append(body, paper.Text(tpl.Part3Intro.In(l)))
		}
		body = append(body, f.part3())
	}
	if tpl.HasPart4() {
		body = append(body, bold(tpl.Part4))
	}
	for _, l := range tpl.FormLists(ret) {
		switch {
		case l.Key != readiness.ExtraList:
			body = append(body, f.list(l.Label, l.Items)...)
		case len(l.Items) > 0:
			body = append(body, f.list(readiness.Text{Vi: p.T("report.form.extra")}, l.Items)...)
		}
	}
	return body
}

const dots = "………………………………………………"

func (f form) contact() []paper.Block {
	var out []paper.Block
	for _, field := range f.tpl.Contact {
		value := dots
		if f.ret != nil {
			value = ""
			if v := f.ret.Contact.Field(field.Key); v != nil {
				value = *v
			}
			if f.opts.HideFocal && field.Key != "organisation" && value != "" {
				value = f.p.T("report.form.hidden")
			}
		}
		out = append(out, paper.Text("- "+field.Label.In(lang(f.p))+": "+value))
	}
	return out
}

func (f form) part2() paper.Table {
	t := paper.Table{Size: 11}
	widths := f.tpl.Widths()
	for i, c := range f.tpl.Columns {
		t.Widths = append(t.Widths, float64(max(widths[i], 720)))
		t.Head = append(t.Head, paper.Cell{Text: c.Label.In(lang(f.p)), Bold: true, Center: true, Shade: true})
	}
	left := false // out, with the group that they belong to
	for _, row := range f.tpl.FormRows(f.ret) {
		if row.Kind != readiness.Item {
			left = f.opts.Kind != "" && !row.IsFor(f.opts.Kind) && row.Answer < 0
		}
		if !left {
			t.Rows = append(t.Rows, f.row(row))
		}
	}
	return t
}

// row prints a row of part 2: a heading or a group over all columns, an answer, or
// what the form asks.
func (f form) row(row readiness.FormRow) []paper.Cell {
	switch {
	case row.Kind == readiness.Heading:
		return f.across(row.Printed, strings.TrimSpace(f.label(row.Row)+" "+row.Reference.In(lang(f.p))))
	case row.Kind == readiness.Group:
		return f.across(row.Printed, cmp.Or(row.System, row.Label.In(lang(f.p))))
	case row.Answer < 0:
		return f.answer(row.Row, readiness.Answer{Row: row.Printed})
	}
	a := f.ret.Answers[row.Answer]
	a.Row, a.System = row.Printed, row.System
	return f.answer(row.Row, a)
}

func (f form) label(row readiness.Row) string {
	s := row.Label.In(lang(f.p))
	if h := row.Hint.In(lang(f.p)); h != "" {
		s += " " + h
	}
	return s
}

func (f form) answer(row readiness.Row, a readiness.Answer) []paper.Cell {
	l := lang(f.p)
	component := f.label(row)
	if a.System != "" && row.Kind == readiness.Repeat {
		component = a.System
	}
	values := map[string]string{readiness.ColNumber: a.Row, readiness.ColComponent: component, readiness.ColUnit: a.Unit}
	if f.ret == nil {
		if row.Options != "" {
			values[readiness.ColCompliance] = f.choices(f.tpl.Choose, f.tpl.Options[row.Options])
		}
		for _, c := range f.tpl.AskedOwn(row) {
			values[c.Key] = f.asked(c)
		}
		if row.Stage {
			values[readiness.ColStage] = f.choices(f.tpl.ChooseStage, f.tpl.Options[readiness.StageList])
		}
		values[readiness.ColNote] = joined(row.Reference.In(l), row.NoteHint.In(l))
		return f.cells(values)
	}
	if o, ok := f.tpl.Option(row.Options, a.Compliance); ok {
		values[readiness.ColCompliance] = o.In(l)
	} else if r, ok := a.Readings[readiness.ColCompliance]; ok {
		values[readiness.ColCompliance] = r.Raw // what could not be read, as it stood
	}
	for _, c := range f.tpl.OwnColumns() {
		values[c.Key] = f.tpl.Shown(c, a).In(l)
	}
	values[readiness.ColStage] = f.stage(a)
	values[readiness.ColNote] = joined(row.Reference.In(l), f.note(a))
	return f.cells(values)
}

// asked is what a column of the form's own asks for, on a blank form.
func (f form) asked(c readiness.Column) string {
	switch c.Kind {
	case readiness.ChoiceColumn, readiness.YesNoColumn:
		return f.choices(f.tpl.Choose, f.tpl.Choices(c))
	case readiness.DateColumn:
		return "…/…/……"
	case readiness.CountsColumn:
		return "……/……"
	case readiness.NumberColumn, readiness.TextColumn:
	}
	return strings.TrimSpace("…… " + c.Unit.In(lang(f.p)))
}

func (f form) choices(intro readiness.Text, options []readiness.Option) string {
	var lines []string
	if s := intro.In(lang(f.p)); s != "" {
		lines = append(lines, s)
	}
	for _, o := range options {
		lines = append(lines, "- "+o.In(lang(f.p)))
	}
	return strings.Join(lines, "\n")
}

func (f form) stage(a readiness.Answer) string {
	s := ""
	if o, ok := f.tpl.Option(readiness.StageList, a.Stage); ok {
		s = o.In(lang(f.p))
		if o.Free && a.StageOther != "" {
			head, _, _ := strings.Cut(s, ":")
			s = head + ": " + a.StageOther
		}
	} else if r, ok := a.Readings[readiness.ColStage]; ok {
		return r.Raw
	}
	if a.ExpectedMonth != "" {
		if s != "" {
			s += "; "
		}
		s += f.tpl.Expected.In(lang(f.p)) + " " + month(f.p, a.ExpectedMonth)
	}
	return s
}

// note is the note as written, and below it what was answered in fields of its
// own and does not stand in it.
func (f form) note(a readiness.Answer) string {
	lines := []string{strings.TrimSpace(a.Note)}
	add := func(line string, said ...string) {
		for _, s := range said {
			if strings.Contains(a.Note, s) {
				return
			}
		}
		lines = append(lines, line)
	}
	for _, c := range append(slices.Clone(a.Causes), a.Unmet...) {
		add("- "+c, c)
	}
	pair := func(key string, part, whole *int) {
		if part != nil || whole != nil {
			short := f.count(part) + "/" + f.count(whole)
			add(f.p.T("report.form."+key, args{"part": f.count(part), "whole": f.count(whole)}), short, strings.ReplaceAll(short, ".", ""))
		}
	}
	if c := a.Counts; c != nil {
		pair("units", c.UnitsUnmet, c.UnitsTotal)
		pair("devices", c.DevicesHave, c.DevicesNeed)
	}
	if d := a.Decision; d != nil && d.Number != "" {
		key := "decision"
		if !d.Date.IsZero() {
			key = "decision.dated"
		}
		add(f.p.T("report.form."+key, args{"number": d.Number, "date": d.Date}), d.Number)
	}
	return joined(lines...)
}

func (f form) count(n *int) string {
	if n == nil {
		return "…"
	}
	return f.p.Int(int64(*n))
}

func joined(parts ...string) string {
	var out []string
	for _, s := range parts {
		if strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n")
}

// cells puts values into the columns in the template's order.
func (f form) cells(values map[string]string) []paper.Cell {
	out := make([]paper.Cell, len(f.tpl.Columns))
	for i, c := range f.tpl.Columns {
		out[i] = paper.Cell{Text: values[c.Key], Center: c.Key == readiness.ColNumber}
	}
	return out
}

// across is a heading row: its number, and its text over all other columns.
func (f form) across(number, text string) []paper.Cell {
	return []paper.Cell{{Text: number, Center: true, Bold: true}, {Text: text, Bold: true, Span: len(f.tpl.Columns) - 1}}
}

func (f form) part3() paper.Table {
	t := paper.Table{Widths: []float64{720, 5000, 9000}, Size: 11}
	for _, c := range f.tpl.ProposalColumns {
		t.Head = append(t.Head, paper.Cell{Text: c.Label.In(lang(f.p)), Bold: true, Center: true, Shade: true})
	}
	for i, g := range f.tpl.Proposals {
		text := ""
		if f.ret != nil {
			proposed, _ := f.ret.Proposed(g.Key)
			text = cmp.Or(proposed, f.tpl.Nothing.In(lang(f.p)))
		}
		t.Rows = append(t.Rows, []paper.Cell{{Text: f.p.Int(int64(i + 1)), Center: true}, {Text: g.Label.In(lang(f.p))}, {Text: text}})
	}
	return t
}

func (f form) list(head readiness.Text, items []string) []paper.Block {
	out := []paper.Block{paper.Text(head.In(lang(f.p)))}
	if len(items) == 0 {
		text := dots
		if f.ret != nil {
			text = f.tpl.Nothing.In(lang(f.p))
		}
		items = []string{text}
	}
	for _, it := range items {
		out = append(out, paper.Text("- "+strings.TrimPrefix(it, "- ")))
	}
	return out
}
