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

// laid is a table whose rows have been broken into lines. Need is the height
// that must be free where it begins: all of a small table, the first row of a
// large one.
type laid struct {
	size    float64
	caption [][]word
	head    *row
	rows    []row
	need    float64
}

func (w *pdf) layTable(t Table) laid {
	l := laid{size: t.Size}
	if l.size == 0 {
		l.size = 11
	}
	if t.Caption != "" {
		l.caption = w.wrap([]Run{{Text: t.Caption, Bold: true}}, 13, w.width(), 0)
	}
	widths := scaled(t.Widths, w.width())
	l.need = float64(len(l.caption))*lineHeight(13) + 1
	if len(t.Head) > 0 {
		r := w.layRow(t.Head, widths, l.size)
		l.head = &r
		l.need += r.height
	}
	all := l.need
	for _, cells := range t.Rows {
		r := w.layRow(cells, widths, l.size)
		l.rows = append(l.rows, r)
		all += r.height
	}
	switch {
	case all <= (w.bottom()-marginTop)*.5:
		l.need = all
	case len(l.rows) > 0 && l.rows[0].height <= w.whole(l.head)*movable:
		l.need += l.rows[0].height
	case len(l.rows) > 0:
		l.need += 30
	}
	return l
}

func (w *pdf) table(t Table) {
	l := w.layTable(t)
	w.need(l.need)
	for _, line := range l.caption {
		w.draw(line, w.left(), w.y, w.width(), 13, center)
		w.y += lineHeight(13)
	}
	w.y++
	if l.head != nil {
		w.drawRow(*l.head, 0, -1, l.size)
	}
	for _, r := range l.rows {
		w.flow(r, l.head, l.size)
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
