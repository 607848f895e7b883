package chart

import "dean06/internal/platform/i18n"

// MatrixInput is agencies down and components across, a status in each cell.
type MatrixInput struct {
	Head
	RowHead string // heading of the rows ("Bộ, ngành, địa phương")
	Columns []string
	Rows    []MatrixRow
	// Panels sets the rows side by side in so many panels (1 when zero), so that
	// a long matrix fits on a screen or a page.
	Panels int
}

// MatrixRow is one row. A Section is written above the row that begins it.
type MatrixRow struct {
	Section string
	Label   string
	Href    string
	Cells   []MatrixCell
}

// MatrixCell is one status; Note is added to what the cell says of itself.
type MatrixCell struct {
	Status Status
	Note   string
	Href   string
}

// Matrix draws the statuses of agencies by component.
func Matrix(p *i18n.Printer, in MatrixInput) *Chart {
	const labelW, cellW, rowH, gap, size = 232.0, 74.0, 26.0, 28.0, 13.0
	panels := max(1, in.Panels)
	panelW := labelW + cellW*float64(len(in.Columns))
	c := &Chart{Head: in.Head, Width: float64(panels)*panelW + float64(panels-1)*gap}

	heads, deepest := make([][]string, len(in.Columns)), 1
	for i, col := range in.Columns {
		heads[i] = wrap(col, 12, cellW-6, 4)
		deepest = max(deepest, len(heads[i]))
	}
	headH := float64(deepest)*15 + 10
	used := map[Status]bool{}
	for _, r := range in.Rows {
		for _, cell := range r.Cells {
			used[cell.Status.known()] = true
		}
	}
	top := c.legend(p, used, 0, 0) + 6

	// Lines are rows and section heads; they are dealt out evenly to the panels.
	lines := len(in.Rows)
	for _, r := range in.Rows {
		if r.Section != "" {
			lines++
		}
	}
	perPanel := max(1, (lines+panels-1)/panels)
	at := 0
	place := func() (x, y float64) {
		panel := min(at/perPanel, panels-1)
		x, y = float64(panel)*(panelW+gap), top+headH+float64(at-panel*perPanel)*rowH
		at++
		c.Height = max(c.Height, y+rowH+2)
		return x, y
	}
	for i := range panels {
		x := float64(i) * (panelW + gap)
		c.add("", label([]string{cut(in.RowHead, 12, labelW-8)}, x, top+headH-8, 12, Start, "muted", true)...)
		for j, lines := range heads {
			c.add("", label(lines, x+labelW+(float64(j)+.5)*cellW, top+headH-8-float64(len(lines)-1)*15, 12, Middle, "muted", true)...)
		}
		c.add("", Mark{Shape: Line, Class: "axis", Rings: [][]Point{{{x, top + headH}, {x + panelW, top + headH}}}})
	}
	c.Table = Table{Caption: in.Title, Headers: append([]string{in.RowHead}, in.Columns...)}
	for _, r := range in.Rows {
		if r.Section != "" {
			x, y := place()
			c.add("", label([]string{r.Section}, x, y+18, size, Start, "ink", true)...)
		}
		x, y := place()
		c.Groups = append(c.Groups, Group{Label: r.Label, Href: r.Href, Marks: label([]string{cut(r.Label, size, labelW-10)}, x, y+18, size, Start, "ink", false)})
		line := []Cell{{Text: r.Label, Href: r.Href}}
		for j, cell := range r.Cells {
			name := cell.Status.Name(p)
			said := r.Label
			if j < len(in.Columns) {
				said += ", " + in.Columns[j]
			}
			said += ": " + name
			if cell.Note != "" {
				said += " (" + cell.Note + ")"
			}
			cx := x + labelW + float64(j)*cellW
			marks := []Mark{{Shape: Rect, Class: cell.Status.class(), X: cx + 1, Y: y + 1, W: cellW - 2, H: rowH - 2}}
			marks = append(marks, cell.Status.sign(cx+cellW/2, y+rowH/2, 8)...)
			c.Groups = append(c.Groups, Group{Label: said, Href: cell.Href, Marks: marks})
			line = append(line, Cell{Text: name, Href: cell.Href})
		}
		c.Table.Rows = append(c.Table.Rows, line)
	}
	return c
}
