package docx

import "strings"

// File is a document that was read: its blocks in order.
type File struct {
	Blocks []Block
	Hidden []byte  // what Document.Hide put in, nil when there is none
	Edges  []Edge  // headers and footers of its pages
	Traces []Trace // comments and notes to which nothing in the text points
}

// Block is a paragraph (Text) or a table (Grid).
type Block struct {
	Text *Text
	Grid *Grid
}

// Text is a paragraph as it was read.
type Text struct {
	Spans  []Span
	Listed bool // numbered or bulleted by Word itself: the mark is not in the text
	Traces []Trace
}

// Span is a stretch of text in one look. A ticked box is "☒" and an empty one
// "☐", however the document draws them.
type Span struct {
	Text        string
	Struck      bool
	Bold        bool
	Italic      bool
	Underline   bool
	Highlight   bool
	Placeholder bool   // the grey text of a control that was not filled in
	Control     *Found // the innermost content control around the text
	Change      Change // in tracked changes; Lines leaves out what is deleted

	font string // an old font, until the paragraph is whole
}

// Found is a content control that was read.
type Found struct {
	Tag     string
	Title   string
	Choices []Choice // of a drop-down list
	box     string   // "☒" or "☐" of a check box, until it is written
	isBox   bool
	empty   bool // shows its placeholder
}

// Line is one line of text: a paragraph has as many as it has line breaks.
type Line struct {
	Spans  []Span
	Listed bool
}

// Text is the line's text without placeholders, struck-out words included.
func (l Line) Text() string {
	var b strings.Builder
	for _, s := range l.Spans {
		if !s.Placeholder {
			b.WriteString(s.Text)
		}
	}
	return Clean(b.String())
}

// Lines gives the lines of the paragraph, as they are when all tracked changes are
// accepted.
func (t *Text) Lines() []Line { return t.lines(Deleted) }

func (t *Text) lines(without Change) []Line {
	lines := []Line{{Listed: t.Listed}}
	for _, s := range t.Spans {
		if s.Change == without {
			continue
		}
		for i, piece := range strings.Split(s.Text, "\n") {
			if i > 0 {
				lines = append(lines, Line{})
			}
			if piece != "" {
				last := &lines[len(lines)-1]
				part := s
				part.Text = piece
				last.Spans = append(last.Spans, part)
			}
		}
	}
	return lines
}

// Grid is a table as it was read.
type Grid struct {
	Rows   []GridRow
	Gone   []GridRow // rows whose deletion nobody has accepted; they are not among Rows
	Traces []Trace   // of the table's shape
}

// GridRow is a row of a table.
type GridRow struct {
	Cells  []*GridCell
	Header bool // repeated on every page
	Traces []Trace
}

// GridCell is a cell. From and Span say which columns of the grid it takes.
type GridCell struct {
	From, Span int
	Blocks     []Block
	Traces     []Trace // of the cell's own shape; those of its text are in Blocks
	// Origin is the cell above with which this one is merged: its text stands
	// there. Nil for a cell of its own.
	Origin *GridCell
	merge  Down
}

// Lines gives the lines of the cell, of the cell it is merged with when it is,
// and of the tables inside it.
func (c *GridCell) Lines() []Line {
	if c.Origin != nil {
		c = c.Origin
	}
	return LinesOf(c.Blocks)
}

// Was gives the lines of the cell as they are when all tracked changes are refused.
func (c *GridCell) Was() []Line {
	if c.Origin != nil {
		c = c.Origin
	}
	return linesOf(c.Blocks, Inserted)
}

// LinesOf gives the lines of blocks, row by row and cell by cell for tables.
func LinesOf(blocks []Block) []Line { return linesOf(blocks, Deleted) }

func linesOf(blocks []Block, without Change) []Line {
	var lines []Line
	for _, b := range blocks {
		if b.Text != nil {
			lines = append(lines, b.Text.lines(without)...)
			continue
		}
		for _, row := range b.Grid.Rows {
			for _, c := range row.Cells {
				if c.Origin == nil {
					lines = append(lines, linesOf(c.Blocks, without)...)
				}
			}
		}
	}
	return lines
}

// merge finds for every cell of a vertical merge the cell that holds its text.
func (g *Grid) merge() {
	origin := map[int]*GridCell{}
	for _, row := range g.Rows {
		for _, c := range row.Cells {
			above := origin[c.From]
			switch {
			case c.merge == DownMore && above != nil:
				c.Origin = above
			case c.merge == DownNone:
				delete(origin, c.From)
			default:
				origin[c.From] = c
			}
		}
	}
}
