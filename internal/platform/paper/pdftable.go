package paper

import (
	"strconv"

	"dean06/internal/platform/chart"
)

const cellPad = 1.3

// row is a row whose text has been broken into lines.
type row struct {
	cells  []Cell
	x, w   []float64
	lines  [][][]word
	height float64
}

func (w *pdf) table(t Table) {
	size := t.Size
	if size == 0 {
		size = 11
	}
	var caption [][]word
	if t.Caption != "" {
		caption = w.wrap([]Run{{Text: t.Caption, Bold: true}}, 13, w.width(), 0)
	}
	widths := scaled(t.Widths, w.width())
	var head *row
	before := float64(len(caption))*lineHeight(13) + 1
	if len(t.Head) > 0 {
		r := w.layRow(t.Head, widths, size)
		head = &r
		before += r.height
	}
	rows, height := make([]row, len(t.Rows)), before
	for i, cells := range t.Rows {
		rows[i] = w.layRow(cells, widths, size)
		height += rows[i].height
	}
	// A small table is kept on one page, a large one begins with its first row.
	if height > (w.bottom()-marginTop)*.5 {
		height = before
		if len(rows) > 0 {
			first := rows[0].height
			if first > w.whole(head)*movable {
				first = 30
			}
			height += first
		}
	}
	w.need(height)
	for _, l := range caption {
		w.draw(l, w.left(), w.y, w.width(), 13, center)
		w.y += lineHeight(13)
	}
	w.y++
	if head != nil {
		w.drawRow(*head, 0, -1, size)
	}
	for _, r := range rows {
		w.flow(r, head, size)
	}
	w.y += 3
}

// movable is the part of a page up to which a row that does not fit goes to the
// next page whole; a higher one is parted.
const movable = .6

// whole is the height of a page below the head of a table.
func (w *pdf) whole(head *row) float64 {
	h := w.bottom() - marginTop
	if head != nil {
		h -= head.height
	}
	return h
}

// flow draws a row where it has room; a row higher than a page is drawn in parts.
func (w *pdf) flow(r row, head *row, size float64) {
	turn := func() {
		w.page(w.landscape, false)
		if head != nil {
			w.drawRow(*head, 0, -1, size)
		}
	}
	if w.y+r.height > w.bottom() && r.height <= w.whole(head)*movable {
		turn()
	}
	lh := lineHeight(size)
	total := 0
	for _, l := range r.lines {
		total = max(total, len(l))
	}
	for from := 0; from < max(total, 1); {
		room := int((w.bottom() - w.y - 2*cellPad) / lh)
		if room < min(2, total-from) {
			turn()
			room = max(1, int((w.bottom()-w.y-2*cellPad)/lh))
		}
		n := min(room, max(total, 1)-from)
		w.drawRow(r, from, n, size)
		from += n
	}
}

func scaled(relative []float64, width float64) []float64 {
	var sum float64
	for _, r := range relative {
		sum += r
	}
	out := make([]float64, len(relative))
	for i, r := range relative {
		out[i] = r / sum * width
	}
	return out
}

func (w *pdf) layRow(cells []Cell, widths []float64, size float64) row {
	r := row{cells: cells}
	x, column := w.left(), 0
	deepest := 1
	for _, c := range cells {
		cw := 0.0
		for range max(1, c.Span) {
			if column < len(widths) {
				cw += widths[column]
			}
			column++
		}
		lines := w.wrap([]Run{{Text: c.Text, Bold: c.Bold, Italic: c.Italic}}, size, max(cw-2*cellPad, 4), 0)
		r.x, r.w, r.lines = append(r.x, x), append(r.w, cw), append(r.lines, lines)
		deepest = max(deepest, len(lines))
		x += cw
	}
	r.height = float64(deepest)*lineHeight(size) + 2*cellPad
	return r
}

// drawRow draws n lines of a row from one on (n < 0: all) and moves below it.
func (w *pdf) drawRow(r row, from, n int, size float64) {
	lh := lineHeight(size)
	height := r.height
	if n >= 0 {
		height = float64(n)*lh + 2*cellPad
	}
	for i, c := range r.cells {
		w.f.SetDrawColor(90, 90, 90)
		w.f.SetLineWidth(.2)
		style := "D"
		switch {
		case c.Status != "":
			w.fill(chart.PaintOf(chart.ClassOf(c.Status)).Fill)
			style = "DF"
		case c.Shade:
			w.f.SetFillColor(238, 236, 231)
			style = "DF"
		}
		w.f.Rect(r.x[i], w.y, r.w[i], height, style)
		if c.Status != "" {
			w.marks(chart.Sign(c.Status, 0, 0, 1.7), r.x[i]+r.w[i]/2, w.y+height/2, 1)
			continue
		}
		lines := r.lines[i][min(from, len(r.lines[i])):]
		if n >= 0 {
			lines = lines[:min(n, len(lines))]
		}
		a := left
		if c.Center {
			a = center
		} else if c.Right {
			a = right
		}
		y := w.y + cellPad
		if c.Center && c.Shade {
			y = w.y + (height-float64(len(lines))*lh)/2
		}
		for _, l := range lines {
			w.draw(l, r.x[i]+cellPad, y, r.w[i]-2*cellPad, size, a)
			y += lh
		}
	}
	w.y += height
}

// fill sets the colour of areas from #rrggbb.
func (w *pdf) fill(hex string) { w.f.SetFillColor(rgb(hex)) }

func rgb(hex string) (r, g, b int) {
	if len(hex) != 7 {
		return 0, 0, 0
	}
	v, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		return 0, 0, 0
	}
	return int(v >> 16), int(v >> 8 & 0xff), int(v & 0xff)
}
