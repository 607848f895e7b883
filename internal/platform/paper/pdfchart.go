package paper

import (
	"strings"

	"dean06/internal/platform/chart"
)

// figureSize is the scale of a figure and the height that it takes with its caption.
func (w *pdf) figureSize(b Figure) (scale, height float64) {
	if b.Chart == nil || b.Chart.Width <= 0 || b.Chart.Height <= 0 {
		return 0, 0
	}
	wide := w.width()
	if b.Width > 0 {
		wide *= b.Width
	}
	part := b.High
	if part == 0 {
		part = .85
	}
	scale = min(wide/b.Chart.Width, (w.bottom()-marginTop)*part/b.Chart.Height)
	height = b.Chart.Height*scale + 4
	if b.Caption != "" {
		height += float64(len(w.caption(b))) * lineHeight(12)
	}
	return scale, height
}

func (w *pdf) caption(b Figure) [][]word {
	return w.wrap([]Run{{Text: b.Caption, Italic: true}}, 12, w.width(), 0)
}

func (w *pdf) figure(b Figure) {
	scale, height := w.figureSize(b)
	if scale == 0 {
		return
	}
	w.need(height)
	x := w.left() + (w.width()-b.Chart.Width*scale)/2
	for _, g := range b.Chart.Groups {
		w.marks(g.Marks, x, w.y, scale)
		w.link(g, x, w.y, scale)
	}
	w.y += b.Chart.Height*scale + 1.5
	if b.Caption != "" {
		for _, l := range w.caption(b) {
			w.draw(l, w.left(), w.y, w.width(), 12, center)
			w.y += lineHeight(12)
		}
	}
	w.y += 2.5
}

// marks draws the marks of a chart with its corner at x, y.
func (w *pdf) marks(marks []chart.Mark, x, y, scale float64) {
	for _, m := range marks {
		paint := chart.PaintOf(m.Class)
		style := ""
		if paint.Stroke != "" {
			w.f.SetDrawColor(rgb(paint.Stroke))
			// A chart counts in pixels, a sign in a table in millimetres.
			w.f.SetLineWidth(max(.1, paint.Width*min(scale, .25)))
			style = "D"
		}
		if paint.Fill != "" {
			w.fill(paint.Fill)
			style += "F"
		}
		if paint.Dash {
			w.f.SetDashPattern([]float64{1, .8}, 0)
		}
		switch m.Shape {
		case chart.Rect:
			w.f.Rect(x+m.X*scale, y+m.Y*scale, m.W*scale, m.H*scale, style)
		case chart.Circle:
			w.f.Circle(x+m.X*scale, y+m.Y*scale, m.R*scale, style)
		case chart.Line, chart.Area:
			w.path(m, x, y, scale, style)
		case chart.Text:
			w.chartText(m, x, y, scale, paint.Fill)
		}
		if paint.Dash {
			w.f.SetDashPattern(nil, 0)
		}
	}
}

func (w *pdf) path(m chart.Mark, x, y, scale float64, style string) {
	for _, ring := range m.Rings {
		for i, p := range ring {
			if i == 0 {
				w.f.MoveTo(x+p.X*scale, y+p.Y*scale)
			} else {
				w.f.LineTo(x+p.X*scale, y+p.Y*scale)
			}
		}
		if m.Shape == chart.Area && len(ring) > 0 {
			w.f.ClosePath()
		}
	}
	if len(m.Rings) > 0 && style != "" {
		w.f.DrawPath(style)
	}
}

func (w *pdf) chartText(m chart.Mark, x, y, scale float64, color string) {
	size := m.Size * scale / mmPerPt
	style := ""
	if m.Bold {
		style = "B"
	}
	text := clean(strings.ReplaceAll(m.Text, "\n", " "))
	w.setFont(style, size)
	at := x + m.X*scale
	switch m.Anchor {
	case chart.Middle:
		at -= w.f.GetStringWidth(text) / 2
	case chart.End:
		at -= w.f.GetStringWidth(text)
	}
	w.f.SetTextColor(rgb(color))
	w.f.Text(at, y+m.Y*scale, text)
	w.f.SetTextColor(0, 0, 0)
}

// link makes the boxes of a group a link when it leads somewhere by itself; an
// address inside a page means nothing on paper.
func (w *pdf) link(g chart.Group, x, y, scale float64) {
	if !strings.HasPrefix(g.Href, "http") {
		return
	}
	for _, m := range g.Marks {
		if m.Shape == chart.Rect {
			w.f.LinkString(x+m.X*scale, y+m.Y*scale, m.W*scale, m.H*scale, g.Href)
		}
	}
}
