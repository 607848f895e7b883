package readinessdocx

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"dean06/internal/platform/docx"
	"dean06/internal/platform/spelling"
	"dean06/internal/readiness"
)

// What stands beside the text is told by where it stands.
//
//   - In or at an answer – any cell of the tables, and parts 1, 3 and 4 – it is for a
//     person, however well it was read: who reads the answer alone reads something else
//     than its writer wrote.
//   - Above part 1 and below the last text of part 4 stand letterheads, emblems, stamps
//     and signatures: pictures, drawings and text boxes there change no answer. A picture
//     is noted.
//   - In headers and footers stand page numbers, the agency's name, the form's title and
//     its letter. Anything else there speaks of answers that nobody can tell, and is for
//     a person.
//   - Comments, changes, hidden text, notes and files within the document are for a person
//     wherever they stand.

// noted is a trace with where it stands, until it is known what the row is that it is at.
type noted struct {
	readiness.Trace
	row      int    // index in paper.rows, -1 for none
	number   string // of a row of part 3
	severity readiness.Severity
}

// traceOf puts what the document's reader found into the register's words.
func traceOf(t docx.Trace) readiness.Trace {
	return readiness.Trace{Kind: readiness.TraceKind(t.Kind), Text: t.Text, Was: t.Was}
}

// harmless are the traces that letterheads, stamps and signatures leave.
var harmless = []readiness.TraceKind{
	readiness.TracePicture, readiness.TraceDrawing, readiness.TraceTextBox, readiness.TraceSymbol, readiness.TraceReformatted,
	readiness.TraceOldFont, readiness.TraceStruck, readiness.TraceField, readiness.TraceNestedTable,
}

// beside notes what stands beside a paragraph outside the form's tables.
func (p *paper) beside(t *docx.Text) {
	found := t.Traces
	if struck := struckOut(t.Lines()); struck != "" {
		found = append(found[:len(found):len(found)], docx.Trace{Kind: docx.TraceKind(readiness.TraceStruck), Text: struck})
	}
	for _, one := range found {
		tr := noted{Trace: traceOf(one), row: -1, severity: readiness.Reviews}
		tr.Where = p.place("")
		switch {
		case !slices.Contains(harmless, tr.Kind) || p.part != "" && p.part != "4":
		case p.part == "":
			tr.severity = readiness.Notes
		case tr.Kind == readiness.TracePicture || tr.Kind == readiness.TraceDrawing:
			// Whether it is below the last text of part 4 is known when that was read.
			p.below = append(p.below, tr)
			continue
		case p.ended:
			tr.severity = readiness.Notes
		}
		p.note(tr)
	}
}

// note keeps a trace to be told; ornaments of the letterhead are not worth a word.
func (p *paper) note(t noted) {
	if t.severity == readiness.Notes && t.Kind != readiness.TracePicture && t.Kind != readiness.TraceOldFont {
		return
	}
	p.traces = append(p.traces, t)
}

// aboveText says that text of part 4 follows on what was kept for the end: it is among
// the answers.
func (p *paper) aboveText() {
	p.traces = append(p.traces, p.below...)
	p.below = nil
}

// struckOut is what is struck out of lines.
func struckOut(lines []docx.Line) string {
	var out []string
	for _, l := range lines {
		var b strings.Builder
		for _, s := range l.Spans {
			if s.Struck && !s.Placeholder {
				b.WriteString(s.Text)
			}
		}
		if s := strings.TrimSpace(b.String()); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "; ")
}

// besideRow notes what stands beside the paragraphs of a row that holds no answers.
func (p *paper) besideRow(row docx.GridRow) {
	for _, c := range row.Cells {
		if c.Origin == nil {
			p.besideBlocks(c.Blocks)
		}
	}
}

func (p *paper) besideBlocks(blocks []docx.Block) {
	for _, b := range blocks {
		if b.Text != nil {
			p.beside(b.Text)
			continue
		}
		for _, row := range b.Grid.Rows {
			p.besideRow(row)
		}
	}
}

// ofRow gathers what stands in and beside the cells of a row of part 2 or 3.
func (p *paper) ofRow(row docx.GridRow, place readiness.Place, number string) []noted {
	var out []noted
	add := func(t docx.Trace, column string) {
		tr := noted{Trace: traceOf(t), row: -1, number: number, severity: readiness.Reviews}
		tr.Where = place
		tr.Where.Column = column
		out = append(out, tr)
	}
	for _, t := range row.Traces {
		t.Text = rowText(row)
		add(t, readiness.ColNumber)
	}
	for _, c := range row.Cells {
		key := p.columnOf(c)
		for _, t := range p.ofCell(c) {
			add(t, key)
		}
	}
	return out
}

func rowText(row docx.GridRow) string {
	var out []string
	for _, c := range row.Cells {
		if s := strings.TrimSpace(text(c.Lines())); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, " | ")
}

// ofCell gathers the traces of a cell; the changes of all its paragraphs are one.
func (p *paper) ofCell(c *docx.GridCell) []docx.Trace {
	if c.Origin != nil {
		c = c.Origin
	}
	var out []docx.Trace
	changed := false
	for _, t := range append(c.Traces[:len(c.Traces):len(c.Traces)], docx.TracesOf(c.Blocks, true)...) {
		at := slices.IndexFunc(out, func(o docx.Trace) bool { return o.Kind == t.Kind })
		switch {
		case t.Kind == docx.Changed:
			changed = true
		case at >= 0 && (t.Kind == docx.Signed || t.Kind == docx.Unknown || t.Kind == docx.OldCoded):
			out[at].Text += " " + t.Text
		default:
			out = append(out, t)
		}
	}
	lines := c.Lines()
	if changed {
		now, was := strings.TrimSpace(text(lines)), strings.TrimSpace(text(c.Was()))
		out = append([]docx.Trace{{Kind: docx.Changed, Text: now, Was: was}}, out...)
	}
	if struck := struckOut(lines); struck != "" {
		out = append(out, docx.Trace{Kind: docx.TraceKind(readiness.TraceStruck), Text: struck})
	}
	for _, l := range lines {
		if len(strings.Fields(l.Text())) < 2 {
			continue // a word alone may be another language's
		}
		if old, ok := spelling.ReadLegacy(l.Text()); ok && old.Text != "" {
			// The font that would show it rightly is gone.
			out = append(out, docx.Trace{Kind: docx.OldCoded, Text: old.Text, Was: l.Text()})
		}
	}
	for _, s := range p.leftAsPrompt(lines) {
		out = append(out, docx.Trace{Kind: docx.Alternative, Text: s})
	}
	return out
}

// leftAsPrompt are prompts of fields that say an option of the form: a program wrote an
// answer and left the mark of an empty field on it.
func (p *paper) leftAsPrompt(lines []docx.Line) []string {
	var out []string
	for _, l := range lines {
		for _, s := range l.Spans {
			if s.Placeholder && p.labels.options[readiness.Fold(s.Text)] {
				out = append(out, s.Text)
			}
		}
	}
	return out
}

func (p *paper) columnOf(c *docx.GridCell) string {
	for _, col := range p.grid.columns {
		if col.from <= c.From && c.From < col.to {
			return col.key
		}
	}
	return ""
}

// shape notes what was changed of a table as a whole, and the rows that are to go.
func (p *paper) shape(g *docx.Grid) {
	for _, t := range g.Traces {
		p.traces = append(p.traces, noted{Trace: traceOf(t), row: -1, severity: readiness.Reviews})
	}
	for _, row := range g.Gone {
		t := readiness.Trace{Kind: readiness.TraceChanged, Was: rowText(row), Where: readiness.Place{Table: p.tables}}
		p.traces = append(p.traces, noted{Trace: t, row: -1, severity: readiness.Reviews})
		for _, c := range row.Cells {
			for _, one := range docx.TracesOf(c.Blocks, false) {
				if one.Kind == docx.Commented {
					p.traces = append(p.traces, noted{Trace: traceOf(one), row: -1, severity: readiness.Reviews})
				}
			}
		}
	}
}

// maxTraces is how many traces of one paper are told one by one.
const maxTraces = 2000

// tell turns the traces into problems and keeps their words. It is the last thing that is
// done with a paper: the rows and systems have their numbers then.
func (p *paper) tell() {
	if n := len(p.traces) - maxTraces; n > 0 { // a paper made to keep us busy: a person looks
		last := p.traces[maxTraces]
		last.row, last.number, last.Where = -1, "", readiness.Place{}
		last.Text, last.Was = fmt.Sprintf("… (+%d)", n), ""
		p.traces = append(p.traces[:maxTraces:maxTraces], last)
	}
	p.oldFonts()
	for i := range p.below {
		p.below[i].severity = readiness.Notes // below the last text of part 4
		p.note(p.below[i])
	}
	for _, t := range p.traces {
		t.Row, t.Field = p.answerAt(t)
		column := t.Where.Column
		p.problems = append(p.problems, t.Problem(t.severity))
		if words := strings.TrimSpace(t.Words()); words != "" && t.severity != readiness.Notes {
			p.ret.Extra = append(p.ret.Extra, readiness.Extra{Where: t.Where, Text: words})
		}
		// What our own form carries does not know that it was struck out.
		if (t.Kind.Unsettles() || p.own && t.Kind == readiness.TraceStruck) && t.Field != "" {
			p.unsettle(t, column)
		}
	}
}

// oldFonts tells of text in old fonts once an answer, and once for all else: a paper is
// written in one font from end to end.
func (p *paper) oldFonts() {
	var out []noted
	rest := -1
	for _, t := range p.traces {
		if t.Kind != readiness.TraceOldFont {
			out = append(out, t)
			continue
		}
		number, field := p.answerAt(t)
		if field == "" {
			if rest < 0 {
				t.row, t.number, t.Where = -1, "", readiness.Place{}
				rest, out = len(out), append(out, t)
			} else {
				out[rest].Text += "\n" + t.Text
				out[rest].severity = worse(out[rest].severity, t.severity)
			}
			if number != "" { // a row of part 3, or one with a label only
				out[rest].severity = readiness.Reviews
			}
			continue
		}
		same := func(o noted) bool {
			return o.Kind == t.Kind && o.row == t.row && o.Where.Line == t.Where.Line && o.row >= 0
		}
		if i := slices.IndexFunc(out, same); i >= 0 {
			out[i].Text += "\n" + t.Text
			continue
		}
		if p.asksChoice() {
			t.Where.Column = readiness.ColCompliance
		}
		out = append(out, t)
	}
	p.traces = out
}

func worse(a, b readiness.Severity) readiness.Severity {
	if a == readiness.Reviews || b == readiness.Reviews {
		return readiness.Reviews
	}
	return a
}

// answerAt finds the answer of the row that a trace is at: its number and its field.
func (p *paper) answerAt(t noted) (number, field string) {
	if t.row < 0 {
		return t.number, ""
	}
	for _, a := range p.ret.Answers {
		for _, r := range a.Readings {
			if r.Where.Table == t.Where.Table && r.Where.Line == t.Where.Line {
				return a.Row, readiness.AnswerField(p.tpl, a, t.Where.Column)
			}
		}
	}
	if t.row < len(p.numbers) {
		return p.numbers[t.row], ""
	}
	return "", ""
}

// unsettle makes the reading of a cell that says two things a proposal.
func (p *paper) unsettle(t noted, column string) {
	for i, a := range p.ret.Answers {
		r, ok := a.Readings[column]
		if !ok && a.Row == t.Row && p.isAnswerColumn(column) {
			r, ok = readiness.Reading{Where: t.Where}, true
		}
		if !ok || r.Where.Table != t.Where.Table || r.Where.Line != t.Where.Line {
			continue
		}
		r.Confidence, r.Reason = min(r.Confidence, 0.5), t.Kind.Reason(t.Row)
		p.ret.Answers[i].Readings[column] = r
	}
}

// isAnswerColumn says that a column holds the answer itself, not words beside it.
func (p *paper) isAnswerColumn(column string) bool {
	c, ok := p.tpl.Column(column)
	return column == readiness.ColCompliance || ok && c.Own()
}

// edges reads headers and footers of pages.
func (p *paper) edges(file *docx.File) {
	seen := map[string]bool{}
	for _, e := range file.Edges {
		var other []string
		for _, l := range docx.LinesOf(e.Blocks) {
			s := strings.Join(strings.Fields(l.Text()), " ")
			switch {
			case s == "" || p.isEdgeText(s):
			case agencyRe.MatchString(readiness.Fold(s)):
				p.edgeNames = append(p.edgeNames, s)
			default:
				other = append(other, s)
			}
		}
		if words := strings.Join(other, "\n"); words != "" && !seen[words] {
			seen[words] = true
			p.traces = append(p.traces, noted{Trace: readiness.Trace{Kind: readiness.TraceEdge, Text: words}, row: -1, severity: readiness.Reviews})
		}
		for _, t := range docx.TracesOf(e.Blocks, false) {
			tr := noted{Trace: traceOf(t), row: -1, severity: readiness.Reviews}
			draft := tr.Kind == readiness.TraceDrawing && isDraftMark(t.Text)
			if key := string(t.Kind) + t.Text; (draft || !slices.Contains(harmless, tr.Kind)) && !seen[key] {
				seen[key] = true
				p.traces = append(p.traces, tr)
			}
		}
	}
	for _, t := range file.Traces {
		p.traces = append(p.traces, noted{Trace: traceOf(t), row: -1, severity: readiness.Reviews})
	}
}

// isDraftMark says that letters across the page call the paper a draft.
func isDraftMark(s string) bool {
	folded := readiness.Fold(s)
	return strings.Contains(folded, "du thao") || strings.Contains(folded, "nhap") || strings.Contains(folded, "draft")
}

var (
	pageNumber = regexp.MustCompile(`^(?:trang|page|tr)?\s*(?:so)?\s*\d*\s*(?:/|tren|of)?\s*\d*$`)
	secrecy    = regexp.MustCompile(`^(mat|tuyet mat|toi mat|luu hanh noi bo|hoa toc|khan|thuong khan)$`)
)

// isEdgeText says that a line of a header or footer is what stands on any paper: a page
// number, the form's title, the agency's letter, the motto.
func (p *paper) isEdgeText(s string) bool {
	folded := readiness.Fold(s)
	if pageNumber.MatchString(folded) || motto.MatchString(folded) || secrecy.MatchString(folded) || readiness.IsDots(s) || p.labels.isPrinted(s) {
		return true
	}
	if strings.HasPrefix(folded, "phu luc") && len(strings.Fields(folded)) <= 40 && !saysMore(folded) {
		return true
	}
	for line := range strings.SplitSeq(p.tpl.Title.Vi, "\n") {
		if readiness.Fold(line) == folded {
			return true
		}
	}
	letter := ownNumber.MatchString(folded) && (strings.ContainsAny(s, "/:") || strings.Contains(folded, "kem theo"))
	return (letter || placeDay.MatchString(folded)) && len(strings.Fields(folded)) <= 20 && !saysMore(folded)
}

// saysMore says that a line speaks of the answers.
func saysMore(folded string) bool {
	for _, w := range []string{"dap ung", "hoan thanh", "nghiem thu", "so lieu", "ghi chu", "muc ", "chua", "da "} {
		if strings.Contains(" "+folded+" ", " "+w) {
			return true
		}
	}
	return false
}
