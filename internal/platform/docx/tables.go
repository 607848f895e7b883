package docx

import (
	"encoding/xml"
	"strconv"
)

// table reads a table.
func (w *walker) table() (*Grid, error) {
	g := &Grid{}
	err := w.under(props{}, func() error { return w.rows(g) })
	g.merge()
	return g, err
}

func (w *walker) rows(g *Grid) error {
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "tr":
			return w.row(g)
		case "sdt":
			return w.control(func() error { return w.rows(g) })
		case "ins", "moveTo":
			return w.within(Inserted, func() error { return w.rows(g) })
		case "del", "moveFrom":
			return w.within(Deleted, func() error { return w.rows(g) })
		case "customXml":
			return w.rows(g)
		case "tblPr":
			return w.tableProperties(g)
		case "tblGrid":
			return w.children(func(e xml.StartElement) error {
				if e.Name.Local == "tblGridChange" {
					g.Traces = append(g.Traces, Trace{Kind: Reformatted})
				}
				return w.skip()
			})
		case "commentRangeStart":
			w.pending = append(w.pending, w.asides.take(Commented, attr(e, "id")))
		}
		return w.skip()
	})
}

// tableProperties reads the style of a table, whose properties its text has.
func (w *walker) tableProperties(g *Grid) error {
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "tblStyle":
			p, _ := w.looks.of(attr(e, "val"))
			w.base[len(w.base)-1] = w.around().over(p)
		case "tblPrChange":
			g.Traces = append(g.Traces, Trace{Kind: Reformatted})
		}
		return w.skip()
	})
}

func (w *walker) row(g *Grid) error {
	var row GridRow
	column, deleted := 0, w.change == Deleted
	var cells func(e xml.StartElement) error
	cells = func(e xml.StartElement) error {
		switch e.Name.Local {
		case "trPr":
			return w.children(func(e xml.StartElement) error {
				switch e.Name.Local {
				case "gridBefore":
					column = w.span(e, 0)
				case "tblHeader":
					row.Header = on(e)
				case "del", "moveFrom":
					deleted = true
				case "ins", "moveTo":
					row.Traces = append(row.Traces, Trace{Kind: Changed})
				case "trPrChange", "cnfStyleChange":
					row.Traces = append(row.Traces, Trace{Kind: Reformatted})
				case "hidden":
					if on(e) {
						row.Traces = append(row.Traces, Trace{Kind: Vanished})
					}
				}
				return w.skip()
			})
		case "tblPrExChange":
			row.Traces = append(row.Traces, Trace{Kind: Reformatted})
			return w.skip()
		case "tc":
			c, err := w.cell(column)
			if err == nil {
				row.Cells = append(row.Cells, c)
				column += c.Span
			}
			return err
		case "sdt":
			return w.control(func() error { return w.children(cells) })
		case "ins", "moveTo":
			return w.within(Inserted, func() error { return w.children(cells) })
		case "del", "moveFrom":
			return w.within(Deleted, func() error { return w.children(cells) })
		case "customXml":
			return w.children(cells)
		case "commentRangeStart":
			w.pending = append(w.pending, w.asides.take(Commented, attr(e, "id")))
		}
		return w.skip()
	}
	if err := w.children(cells); err != nil {
		return err
	}
	if deleted {
		row.Traces = append(row.Traces, Trace{Kind: Changed})
		g.Gone = append(g.Gone, row)
		return nil
	}
	g.Rows = append(g.Rows, row)
	return nil
}

func (w *walker) cell(from int) (*GridCell, error) {
	if w.cells++; w.cells > w.limits.Cells {
		return nil, TooComplex
	}
	c := &GridCell{From: from, Span: 1}
	err := w.children(func(e xml.StartElement) error {
		if e.Name.Local != "tcPr" {
			return w.block(e, &c.Blocks)
		}
		return w.children(func(e xml.StartElement) error {
			switch e.Name.Local {
			case "gridSpan":
				c.Span = w.span(e, 1)
			case "vMerge":
				c.merge = DownMore
				if attr(e, "val") == string(DownStart) {
					c.merge = DownStart
				}
			case "cellIns", "cellDel", "cellMerge":
				c.Traces = append(c.Traces, Trace{Kind: Changed})
			case "tcPrChange":
				c.Traces = append(c.Traces, Trace{Kind: Reformatted})
			}
			return w.skip()
		})
	})
	return c, err
}

// span is a number of columns, kept within what a table can have.
func (w *walker) span(e xml.StartElement, least int) int {
	n, err := strconv.Atoi(attr(e, "val"))
	if err != nil {
		return least
	}
	return min(max(n, least), 1000)
}
