package readinessxlsx

import (
	"slices"
	"strings"

	"dean06/internal/platform/sheet"
	"dean06/internal/platform/spelling"
	"dean06/internal/readiness"
)

// What lies on a workbook besides its values is told by where it lies: at an answer, or on
// the workbook as a whole. A row, column or sheet of the form that was hidden holds
// answers that nobody saw when the form was signed.

// spot is where a row of a page stands in the workbook.
type spot struct {
	page string
	row  int // of the sheet
}

// lies notes what lies on a sheet, to be told when the answers are known.
func (rd *reader) lies(s *sheet.Sheet, page string) {
	for _, t := range s.Traces {
		rd.traces = append(rd.traces, onSheet{page, s.Name, t})
	}
}

// onSheet is a trace with the sheet that it is on.
type onSheet struct {
	page, name string
	sheet.Trace
}

// unseen notes the rows and columns of a page of the form that are hidden and hold
// something of the agency's own.
func (rd *reader) unseen(s *sheet.Sheet, page string) {
	columns := rd.form.columns[page]
	if s.Hidden && page != pageGuide {
		rd.tellFile(readiness.TraceHiddenSheet, s.Name, s.Name)
	}
	for _, row := range s.Rows {
		key := row.At(1).Text
		for _, c := range row.Cells {
			if c.Column < 2 || c.Column > len(columns) || strings.TrimSpace(c.Text) == "" || columns[c.Column-1].width == 0 {
				continue
			}
			base, n := splitKey(key)
			if n > 1 {
				base = rowKey(base, 1)
			} else {
				base = key
			}
			if _, printed := rd.form.labels[place{page, base, columns[c.Column-1].key}]; printed {
				continue
			}
			var kind sheet.TraceKind
			switch {
			case row.Hidden:
				kind = sheet.TraceKind(readiness.TraceHiddenRow)
			case s.HidesColumn(c.Column):
				kind = sheet.TraceKind(readiness.TraceHiddenCol)
			default:
				continue
			}
			rd.traces = append(rd.traces, onSheet{page, s.Name, sheet.Trace{Kind: kind, Row: row.Number, Column: c.Column, Text: c.Text}})
		}
	}
}

// tellFile tells of a trace that is at no answer.
func (rd *reader) tellFile(kind readiness.TraceKind, ref, text string) {
	t := readiness.Trace{Kind: kind, Where: readiness.Place{Column: ref}, Text: text}
	rd.problems = append(rd.problems, t.Problem(readiness.Reviews))
	if words := t.Words(); words != "" && kind != readiness.TraceOtherSheet && kind != readiness.TraceHiddenSheet {
		rd.extra = append(rd.extra, readiness.Extra{Where: t.Where, Text: words})
	}
}

// tell turns what lies on the sheets into problems, at the answers where it lies on one.
func (rd *reader) tell(ret *readiness.Return) {
	var told []readiness.Trace
	for _, t := range rd.traces {
		kind := readiness.TraceKind(t.Kind)
		ref := t.name
		if t.Row > 0 {
			ref += "!" + sheet.Ref(t.Column, t.Row)
		}
		at := rd.answersAt(ret, t)
		if len(at) == 0 {
			if kind == readiness.TracePicture || kind == readiness.TraceDrawing || kind == readiness.TraceTextBox || kind == readiness.TraceEmbedded {
				kind = readiness.TraceValidation
			}
			rd.tellFile(kind, ref, strings.TrimSpace(t.Text+" ("+ref+")"))
			continue
		}
		for _, i := range at {
			a := &ret.Answers[i]
			column := rd.columnAt(t)
			one := readiness.Trace{
				Kind: kind, Where: readiness.Place{Part: "2", Line: t.Row, Column: column}, Row: a.Row,
				Field: readiness.AnswerField(rd.tpl, *a, column), Text: t.Text, Was: t.Was,
			}
			same := func(o readiness.Trace) bool { return o.Kind == one.Kind && o.Field == one.Field && o.Text == one.Text }
			if slices.ContainsFunc(told, same) {
				continue
			}
			if hidden := kind == readiness.TraceHiddenRow; hidden {
				// All of the answer is hidden: that is said once.
				one.Where.Column, one.Field = readiness.ColCompliance, readiness.AnswerField(rd.tpl, *a, readiness.ColCompliance)
				whole := func(o readiness.Trace) bool { return o.Kind == kind && o.Field == one.Field }
				if n := slices.IndexFunc(told, whole); n >= 0 {
					told[n].Text += "\n" + one.Text
					continue
				}
			}
			told = append(told, one)
			if words := one.Words(); words != "" {
				ret.Extra = append(ret.Extra, readiness.Extra{Where: readiness.Place{Part: "2", Line: t.Row, Column: ref}, Text: words})
			}
			if r, ok := a.Readings[column]; ok && (kind == readiness.TraceStruck || kind == readiness.TraceFormat) {
				// What is read is not what is seen.
				r.Confidence, r.Reason = min(r.Confidence, 0.5), kind.Reason(a.Row)
				a.Readings[column] = r
			}
		}
	}
	for _, t := range told {
		rd.problems = append(rd.problems, t.Problem(readiness.Reviews))
	}
}

// answersAt are the answers on whose rows a trace lies.
func (rd *reader) answersAt(ret *readiness.Return, t onSheet) []int {
	if t.page != pageState || t.Row == 0 {
		return nil
	}
	var out []int
	for line := t.Row; line <= min(max(t.Row, t.LastRow), t.Row+maxRows); line++ {
		number, ok := rd.numbers[spot{t.page, line}]
		if !ok {
			continue
		}
		if i := slices.IndexFunc(ret.Answers, func(a readiness.Answer) bool { return a.Row == number && answerLine(a) == line }); i >= 0 {
			out = append(out, i)
		}
	}
	return out
}

func answerLine(a readiness.Answer) int {
	for _, r := range a.Readings {
		return r.Where.Line
	}
	return 0
}

// columnAt is the column of the form under which a cell of part 2 stands.
func (rd *reader) columnAt(t onSheet) string {
	columns := rd.form.columns[t.page]
	if t.Column < 1 || t.Column > len(columns) {
		return readiness.ColComponent
	}
	switch key := columns[t.Column-1].key; key {
	case readiness.ColUnit, readiness.ColCompliance, readiness.ColStage, readiness.ColNote:
		return key
	case colStageOther, colMonth:
		return readiness.ColStage
	case colRowKey, readiness.ColNumber, colLabel, colSystem:
		return readiness.ColComponent
	default:
		if c, ok := ownOf(rd.tpl, key); ok {
			return c.Key
		}
	}
	return readiness.ColNote
}

// garbled notes text whose old font is gone: it is shown by no font as it was meant.
func (rd *reader) garbled() {
	for p, c := range rd.cells {
		if _, printed := rd.form.labels[place{p.page, firstOf(p.row), p.col}]; printed || spelling.IsASCII(c.text) || len(strings.Fields(c.text)) < 2 {
			continue // a word alone may be another language's
		}
		if old, ok := spelling.ReadLegacy(c.text); ok && old.Text != "" {
			t := sheet.Trace{Kind: sheet.OldCoded, Row: c.line, Column: c.Column, Text: old.Text, Was: c.text}
			rd.traces = append(rd.traces, onSheet{p.page, rd.pages[p.page], t})
		}
	}
	slices.SortStableFunc(rd.traces, func(a, b onSheet) int {
		if n := strings.Compare(a.page, b.page); n != 0 {
			return n
		}
		return a.Row*1000 + a.Column - b.Row*1000 - b.Column
	})
}
