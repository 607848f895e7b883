package readinessdocx

import (
	"encoding/json"
	"fmt"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/docx"
	"dean06/internal/platform/i18n"
	"dean06/internal/readiness"
)

// Options say how a form is printed.
type Options struct {
	Heading string // the agency's name; the return's own heading when empty
	Kind    string // "ministry" or "province": rows that are not for it get no fields; empty is any
	Lang    string // of the prompts in empty fields; the form itself is in Vietnamese
}

// Write prints a return in the form of its template, or the blank form when ret
// is nil: choices as drop-down lists, the rest as fields to type in.
//
// The document also carries the return itself, out of sight. Read takes a value
// from there only where the paper still says exactly what Write printed for it,
// so that a person who changes the paper is always followed.
func Write(tpl *readiness.Template, ret *readiness.Return, opts Options) ([]byte, error) {
	form, err := formWords(tpl)
	if err != nil {
		return nil, err
	}
	w := writer{words: form, opts: opts, doc: docx.New(docx.Options{
		Title: strings.ReplaceAll(tpl.Title.Vi, "\n", " "), Landscape: true, PageNumbers: true,
		Margins: docx.Margins{Top: 20, Right: 15, Bottom: 15, Left: 15},
	})}
	w.filled = ret != nil
	carried := hiddenReturn{Template: tpl.Ref(), Options: opts, Blank: !w.filled}
	if w.filled {
		w.ret, carried.Return = *ret, *ret
	}
	hidden, err := json.Marshal(carried)
	if err != nil {
		return nil, fmt.Errorf("write return of %s: %w", w.ret.Agency, err)
	}
	w.doc.Hide(hidden)
	w.head()
	if w.ret.EnteredFrom != "" {
		mark := w.form.T(enteredMark, map[string]any{"file": w.ret.EnteredFrom})
		w.doc.Paragraph(docx.Para{Align: docx.Center, Runs: []docx.Run{docx.I(mark)}})
	}
	w.contact()
	w.table()
	w.proposals()
	w.difficulties()
	raw, err := w.doc.Bytes()
	if err != nil {
		return nil, fmt.Errorf("write return of %s: %w", w.ret.Agency, err)
	}
	return raw, nil
}

func formWords(tpl *readiness.Template) (words, error) {
	catalogue, err := i18n.Load(Messages)
	if err != nil {
		return words{}, fmt.Errorf("write form %s: %w", tpl.Ref(), err)
	}
	return words{tpl: tpl, form: catalogue.In(i18n.Vi)}, nil
}

type writer struct {
	words
	opts   Options
	doc    *docx.Document
	ret    readiness.Return
	filled bool
	fields int
}

// enteredMark says that the coordinator entered the return for its agency.
const enteredMark = "readiness.docx.entered"

// blank is what stands in an empty field: a line of dots to write on.
const blank = "…………"

// field is a place to type in.
func (w *writer) field(value, tag, prompt string) docx.Run {
	if prompt == "" {
		prompt = blank
	}
	return docx.Run{Text: value, Control: &docx.Control{Tag: tag, Placeholder: prompt}}
}

// choice is a drop-down list of options.
func (w *writer) choice(options []readiness.Option, value, tag, prompt string) docx.Run {
	if prompt = strings.TrimRight(prompt, ":"); prompt == "" {
		prompt = blank
	}
	c := &docx.Control{Tag: tag, Placeholder: prompt}
	for _, o := range options {
		c.Choices = append(c.Choices, docx.Choice{Value: o.Key, Text: o.Vi})
		c.Free = c.Free || o.Free
	}
	return docx.Run{Text: value, Control: c}
}

func (w *writer) head() {
	heading := w.opts.Heading
	if w.filled && w.ret.Heading != "" {
		heading = w.ret.Heading
	}
	w.doc.Paragraph(docx.P(docx.Run{Text: heading, Bold: true, Control: &docx.Control{Tag: "heading", Placeholder: blank}}))
	w.doc.Paragraph(docx.Para{Style: docx.Title, Runs: []docx.Run{docx.T(w.tpl.Title.Vi)}})
	before, rest, _ := strings.Cut(w.tpl.IssuedWith.Vi, "{number}")
	between, after, _ := strings.Cut(rest, "{date}")
	w.doc.Paragraph(docx.Para{Align: docx.Center, Runs: []docx.Run{
		docx.I(before), w.field(w.ret.Letter.Number, "letter-number", ""), docx.I(between), w.field(
			day(w.ret.Letter.Date), "letter-date", "…/…/……",
		), docx.I(after),
	}})
}

func day(d clock.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d/%02d/%d", d.Day(), d.Month(), d.Year())
}

func (w *writer) contact() {
	w.doc.Paragraph(docx.Para{Style: docx.Heading1, Runs: []docx.Run{docx.T(w.tpl.Part1.Vi)}})
	for _, f := range w.tpl.Contact {
		value := ""
		if v := w.ret.Contact.Field(f.Key); v != nil {
			value = *v
		}
		w.doc.Paragraph(docx.P(docx.T("- "+f.Label.Vi+": "), w.field(value, "contact-"+f.Key, "")))
	}
}

func (w *writer) table() {
	w.doc.Paragraph(docx.Para{Style: docx.Heading1, Runs: []docx.Run{docx.T(w.tpl.Part2.Vi)}})
	t := docx.Table{HeaderRows: 1}
	var head docx.Row
	widths := w.tpl.Widths()
	for i, c := range w.tpl.Columns {
		t.Widths = append(t.Widths, float64(widths[i])/20)
		head.Cells = append(head.Cells, docx.Cell{
			Mid: true, Shade: "EDEDED", Paras: []docx.Para{{Align: docx.Center, Runs: []docx.Run{docx.B(c.Label.Vi)}}},
		})
	}
	t.Rows = append(t.Rows, head)
	for _, r := range formRows(w.words, w.ret) {
		t.Rows = append(t.Rows, w.formRow(r))
	}
	w.doc.Table(t)
}

func (w *writer) formRow(r formRow) docx.Row {
	w.fields++
	tag := fmt.Sprintf("%d-%s-", w.fields, r.row.Key)
	byKey := map[string]docx.Cell{
		readiness.ColNumber:    docx.C(docx.T(r.number)),
		readiness.ColComponent: w.component(r, tag),
	}
	if w.asks(r) {
		if r.unit != "" || w.tpl.AsksFor(r.row, readiness.ColUnit) {
			byKey[readiness.ColUnit] = docx.C(w.field(r.unit, tag+readiness.ColUnit, ""))
		}
		if r.choice != "" || w.tpl.AsksFor(r.row, readiness.ColCompliance) {
			options := w.tpl.Options[r.row.Options]
			byKey[readiness.ColCompliance] = docx.C(w.choice(options, r.choice, tag+readiness.ColCompliance, w.tpl.Choose.In(w.opts.Lang)))
		}
		for _, c := range w.tpl.OwnColumns() {
			if r.values[c.Key] != "" || w.tpl.AsksFor(r.row, c.Key) {
				byKey[c.Key] = docx.C(w.value(c, r.values[c.Key], tag+c.Key)...)
			}
		}
		if r.row.Stage || r.stage != "" || r.when != "" {
			byKey[readiness.ColStage] = w.stageCell(r, tag)
		}
	}
	byKey[readiness.ColNote] = w.noteCell(r, tag)
	row := docx.Row{Whole: true}
	wide := r.row.Kind == readiness.Heading || r.row.Kind == readiness.Group
	for _, c := range w.tpl.Columns {
		cell := byKey[c.Key]
		switch {
		case wide && c.Key == readiness.ColComponent:
			cell.Span = w.wide()
		case wide && c.Key != readiness.ColNumber && c.Key != readiness.ColNote:
			continue
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// wide is how many columns the text of a heading runs over: all up to the note.
func (w *writer) wide() int {
	n := 0
	for _, c := range w.tpl.Columns {
		if c.Key != readiness.ColNumber && c.Key != readiness.ColNote {
			n++
		}
	}
	return n
}

// value is the field of one of the form's own columns: a list to choose from, or a place to
// type in that says what is wanted. What is counted stands behind a number.
func (w *writer) value(c readiness.Column, value, tag string) []docx.Run {
	switch c.Kind {
	case readiness.ChoiceColumn, readiness.YesNoColumn:
		return []docx.Run{w.choice(w.tpl.Choices(c), value, tag, w.tpl.Choose.In(w.opts.Lang))}
	case readiness.DateColumn:
		return []docx.Run{w.field(value, tag, "…/…/……")}
	case readiness.CountsColumn:
		return []docx.Run{w.field(value, tag, "……/……")}
	case readiness.NumberColumn:
		if c.Unit.Vi != "" {
			return []docx.Run{w.field(value, tag, ""), docx.T(" " + c.Unit.Vi)}
		}
	case readiness.TextColumn:
	}
	return []docx.Run{w.field(value, tag, "")}
}

// asks says that the row has fields: it is answered, or the agency is to.
func (w *writer) asks(r formRow) bool {
	return r.row.Answered() && (r.answered || w.opts.Kind == "" || r.row.IsFor(w.opts.Kind))
}

func (w *writer) component(r formRow, tag string) docx.Cell {
	if r.label == "" {
		prompt := strings.TrimSpace(r.row.Example.In(w.opts.Lang))
		return docx.C(w.field(r.name, tag+readiness.ColComponent, prompt))
	}
	bold := r.row.Kind == readiness.Heading
	paras := []docx.Para{docx.P(docx.Run{Text: r.label, Bold: bold})}
	if r.row.Hint.Vi != "" {
		paras = append(paras, docx.P(docx.I(r.row.Hint.Vi)))
	}
	return docx.Cell{Paras: paras}
}

// stageCell prints the stage and the expected time as one sentence, each in a
// field of its own.
func (w *writer) stageCell(r formRow, tag string) docx.Cell {
	prompt := w.tpl.ChooseStage.In(w.opts.Lang)
	if r.answered {
		prompt = blank
	}
	stage := w.choice(w.tpl.Options[readiness.StageList], r.stage, tag+readiness.ColStage, prompt)
	if r.answered && r.when == "" {
		return docx.C(stage)
	}
	expected := strings.TrimSuffix(w.tpl.Expected.Vi, "tháng")
	if r.stage == "" {
		return docx.Cell{Paras: []docx.Para{docx.P(stage), docx.P(docx.T(expected), w.field(r.when, tag+"expected", blank))}}
	}
	return docx.C(stage, docx.T("; "+expected), w.field(r.when, tag+"expected", blank))
}

// noteCell prints what the note is to hold only while nothing is answered.
func (w *writer) noteCell(r formRow, tag string) docx.Cell {
	var paras []docx.Para
	if !r.answered {
		for _, hint := range []string{r.row.Reference.Vi, r.row.NoteHint.Vi} {
			for line := range strings.SplitSeq(hint, "\n") {
				if line != "" {
					paras = append(paras, docx.P(docx.I(line)))
				}
			}
		}
	}
	if w.asks(r) && (r.note != "" || w.tpl.AsksFor(r.row, readiness.ColNote)) {
		paras = append(paras, docx.P(w.field(r.note, tag+readiness.ColNote, "")))
	}
	return docx.Cell{Paras: paras}
}

func (w *writer) proposals() {
	if len(w.tpl.Proposals) == 0 {
		return
	}
	w.doc.Paragraph(docx.Para{Style: docx.Heading1, Runs: []docx.Run{docx.T(w.tpl.Part3.Vi)}})
	if w.tpl.Part3Intro.Vi != "" {
		w.doc.Paragraph(docx.Para{Align: docx.Justify, Runs: []docx.Run{docx.T(w.tpl.Part3Intro.Vi)}})
	}
	t := docx.Table{HeaderRows: 1, Widths: []float64{30, 290, 436}}
	var head docx.Row
	for _, c := range w.tpl.ProposalColumns {
		head.Cells = append(head.Cells, docx.Cell{
			Mid: true, Shade: "EDEDED", Paras: []docx.Para{{Align: docx.Center, Runs: []docx.Run{docx.B(c.Label.Vi)}}},
		})
	}
	t.Rows = append(t.Rows, head)
	for i, g := range w.tpl.Proposals {
		text, given := w.ret.Proposed(g.Key)
		if text == "" && given {
			text = w.tpl.Nothing.Vi
		}
		t.Rows = append(t.Rows, docx.Row{
			Cells: []docx.Cell{docx.C(docx.T(fmt.Sprint(i + 1))), docx.C(docx.T(g.Label.Vi)), docx.C(w.field(text, "proposal-"+g.Key, ""))},
		})
	}
	w.doc.Table(t)
}

func (w *writer) difficulties() {
	if !w.tpl.HasPart4() && len(w.ret.Extra) == 0 {
		return
	}
	if w.tpl.Part4.Vi != "" {
		w.doc.Paragraph(docx.Para{Style: docx.Heading1, Runs: []docx.Run{docx.T(w.tpl.Part4.Vi)}})
	}
	for _, l := range w.tpl.FormLists(&w.ret) {
		switch {
		case l.Key != readiness.ExtraList:
			w.list(l.Label.Vi, l.Key, l.Items)
		case len(l.Items) > 0:
			w.list(w.form.T("readiness.docx.extra"), l.Key, l.Items)
		}
	}
}

func (w *writer) list(label, tag string, items []string) {
	w.doc.Paragraph(docx.Para{KeepNext: true, Runs: []docx.Run{docx.B(label)}})
	if len(items) == 0 {
		value := ""
		if w.filled {
			value = w.tpl.Nothing.Vi
		}
		items = []string{value}
	}
	for i, item := range items {
		w.doc.Paragraph(docx.P(docx.T("- "), w.field(item, fmt.Sprintf("%s-%d", tag, i+1), "")))
	}
}
