package readinessdocx

import (
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/docx"
	"dean06/internal/readiness"
)

// partGrid is a table of the form: which part it belongs to, and which column
// of the grid holds what.
type partGrid struct {
	part    string
	columns []columnAt
	width   int // columns of the grid
	// options are columns of their own for the options of an answer, to be marked with a cross.
	options []columnAt
}

type columnAt struct {
	key      string
	from, to int
}

// paperRow is a row of part 2 as it stands on the paper.
type paperRow struct {
	cells  readiness.Cells
	place  readiness.Place
	traces []noted
}

// table reads a table: of part 2, of part 3, the continuation of one of them, or
// a frame around other things.
func (p *paper) table(g *docx.Grid) {
	p.tables++
	p.shape(g)
	wide, start := width(g), -1
	if p.grid != nil && wide == p.grid.width && p.part == p.grid.part {
		start = 0 // the same table on the next page
	}
	for i := 0; start < 0 && i < min(len(g.Rows), 8); i++ {
		if found := p.headings(g.Rows[i], wide); found != nil {
			for _, row := range g.Rows[:i] {
				p.frameRow(row)
			}
			p.use(found)
			p.besideRow(g.Rows[i])
			start = i + 1
			if start < len(g.Rows) && p.subheadings(found, g.Rows[start]) {
				start++
			}
		}
	}
	switch {
	case start >= 0:
	case p.part == "2" && p.grid == nil && wide == len(p.tpl.Columns):
		// The headings are gone; the columns stand in the form's order.
		p.use(&partGrid{part: "2", columns: p.inOrder(), width: wide})
		p.problem(readiness.Notes, "", "", "", "readiness.problem.no_headings")
		start = 0
	default:
		for _, row := range g.Rows {
			p.frameRow(row)
		}
		return
	}
	for i, row := range g.Rows[start:] {
		if found := p.headings(row, wide); found != nil {
			p.use(found) // the heading repeated by hand
			p.besideRow(row)
			continue
		}
		cells := p.cells(row)
		if p.isIndexRow(cells) {
			p.besideRow(row)
			continue
		}
		place := readiness.Place{Part: p.grid.part, Table: p.tables, Line: start + i + 1}
		if whole, ok := onlyText(row); ok {
			if part := p.labels.part(whole); part != "" && part != p.grid.part {
				// The parts stand in one table from top to bottom.
				p.enter(part)
			}
		}
		if p.part != p.grid.part {
			p.frameRow(row)
			continue
		}
		if p.grid.part == "2" {
			p.rows = append(p.rows, paperRow{cells, place, p.ofRow(row, place, "")})
		} else {
			p.traces = append(p.traces, p.ofRow(row, place, "3."+strings.Trim(cells.Raw(readiness.ColNumber), ". "))...)
			p.proposal(cells, place)
		}
	}
}

// use goes on in a table whose headings were found.
func (p *paper) use(g *partGrid) {
	if p.part != g.part {
		p.enter(g.part)
	}
	p.grid = g
	p.asked = p.asked || g.part == "2"
}

func width(g *docx.Grid) int {
	n := 0
	for _, row := range g.Rows {
		for _, c := range row.Cells {
			n = max(n, c.From+c.Span)
		}
	}
	return n
}

func (p *paper) inOrder() []columnAt {
	var out []columnAt
	for i, c := range p.tpl.Columns {
		out = append(out, columnAt{c.Key, i, i + 1})
	}
	return out
}

// headings recognises a row of column headings of part 2 or 3.
func (p *paper) headings(row docx.GridRow, wide int) *partGrid {
	if len(row.Cells) < 2 {
		return nil
	}
	var texts []string
	possible := false // one heading names the component
	for _, c := range row.Cells {
		s := text(c.Lines())
		if len(s) > 400 {
			return nil
		}
		texts = append(texts, s)
		folded := readiness.Fold(s)
		possible = possible || slices.ContainsFunc(p.labels.starts, func(start string) bool { return strings.Contains(folded, start) })
	}
	if !possible {
		return nil
	}
	for part, labels := range map[string]map[string]string{"2": p.labels.columns, "3": p.labels.proposal} {
		g := &partGrid{part: part, width: wide}
		seen := map[string]bool{}
		for i, c := range row.Cells {
			if key := heading(labels, texts[i]); key != "" && !seen[key] {
				seen[key] = true
				g.columns = append(g.columns, columnAt{key, c.From, c.From + c.Span})
			}
		}
		if part == "2" && seen[readiness.ColComponent] && p.asksChoice() && !seen[readiness.ColCompliance] {
			p.apart(g, row, texts)
			seen[readiness.ColCompliance] = len(g.options) > 1
		}
		if part == "2" && seen[readiness.ColComponent] && p.isAnswerHead(seen) || part == "3" && seen["group"] && seen["text"] {
			return g
		}
	}
	return nil
}

// asksChoice says that the form has the column of compliance.
func (p *paper) asksChoice() bool {
	_, ok := p.tpl.Column(readiness.ColCompliance)
	return ok
}

// isAnswerHead says that the columns found are those of part 2: the answer's own in a form
// that has it, in any other one at least two besides the contents, or all that there are.
func (p *paper) isAnswerHead(seen map[string]bool) bool {
	if p.asksChoice() {
		return seen[readiness.ColCompliance]
	}
	return len(seen) >= min(3, len(p.tpl.Columns))
}

// cells gives the cells of a row by column. A cell that spans several columns
// belongs to the first.
func (p *paper) cells(row docx.GridRow) readiness.Cells {
	cells := readiness.Cells{}
	if marked := p.marked(row); marked != nil {
		cells[readiness.ColCompliance] = marked
	}
	for _, c := range row.Cells {
		lines := convert(c.Lines())
		if readiness.Raw(lines) == "" || p.optionAt(c) != "" {
			continue
		}
		key := "?" // a column that the form does not have
		for _, col := range p.grid.columns {
			if col.from <= c.From && c.From < col.to {
				key = col.key
			}
		}
		cells[key] = append(cells[key], lines...)
	}
	return cells
}

// isIndexRow says that a row numbers the columns: (1) (2) (3) …
func (p *paper) isIndexRow(cells readiness.Cells) bool {
	for i, c := range p.grid.columns {
		if readiness.Fold(cells.Raw(c.key)) != strconv.Itoa(i+1) {
			return false
		}
	}
	return true
}

// onlyText is the text of a row that has text in one cell only.
func onlyText(row docx.GridRow) (string, bool) {
	found := ""
	for _, c := range row.Cells {
		s := strings.TrimSpace(text(c.Lines()))
		if s == "" {
			continue
		}
		if found != "" {
			return "", false
		}
		found = s
	}
	return found, found != ""
}

// frameRow reads a row of a table that is not the form's own: in part 1 a label
// and its value stand side by side.
func (p *paper) frameRow(row docx.GridRow) {
	if p.part == "1" && len(row.Cells) >= 2 {
		if whole, ok := onlyText(row); !ok || p.labels.part(whole) == "" {
			p.contactRow(row)
			return
		}
	}
	for _, c := range row.Cells {
		if c.Origin == nil {
			p.blocks(c.Blocks)
		}
	}
}

func (p *paper) contactRow(row docx.GridRow) {
	p.lines++
	p.besideRow(row)
	p.field = ""
	for _, c := range row.Cells {
		s := strings.TrimSpace(readiness.Kept(convert(c.Lines())))
		if s == "" || c.Origin != nil || strings.Trim(s, "0123456789.)") == "" {
			continue
		}
		if !strings.Contains(s, ":") && p.field == "" {
			s += ":" // a label in a cell of its own needs no colon
		}
		for line := range strings.SplitSeq(s, "\n") {
			if p.field != "" && strings.Contains(line, ":") || p.field == "" {
				p.contactLine(line)
			} else {
				p.contactMore(line)
			}
		}
	}
}

// proposal reads a row of part 3.
func (p *paper) proposal(cells readiness.Cells, place readiness.Place) {
	label, value := bare(cells.Raw("group")), cells["text"]
	key, score := "", 0.0
	for i, g := range p.labels.groups {
		s := alike(label, readiness.Fold(g.Label.Vi))
		if readiness.Fold(cells.Raw(readiness.ColNumber)) == string(rune('1'+i)) {
			s += 0.25
		}
		if s > score {
			key, score = g.Key, s
		}
	}
	kept, example := ownText(readiness.Kept(value))
	if example != "" {
		p.problem(readiness.Reviews, "3."+cells.Raw(readiness.ColNumber), "text", readiness.Raw(value), readiness.ReasonExample)
	}
	if score < 0.6 {
		if kept != "" && !readiness.IsNothing(kept) {
			p.ret.Extra = append(p.ret.Extra, readiness.Extra{Where: place, Text: strings.TrimSpace(cells.Raw("group") + "\n" + kept)})
			p.problem(readiness.Reviews, "3."+cells.Raw(readiness.ColNumber), "group", cells.Raw("group"), "readiness.problem.row_extra")
		}
		return
	}
	if readiness.IsNothing(kept) {
		kept = ""
	}
	for i := range p.ret.Proposals {
		if p.ret.Proposals[i].Group == key { // a second row of the group
			p.ret.Proposals[i].Text = strings.TrimSpace(p.ret.Proposals[i].Text + "\n" + kept)
			return
		}
	}
	p.ret.Proposals = append(p.ret.Proposals, readiness.Proposal{Group: key, Text: kept})
}

// ownText parts a text from the example at its end. What follows "Ví dụ:" on a
// line of its own belongs to the example to the end of the cell.
func ownText(s string) (own, example string) {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if readiness.IsExample(line) {
			return strings.TrimSpace(strings.Join(lines[:i], "\n")), strings.Join(lines[i:], "\n")
		}
	}
	return s, ""
}
