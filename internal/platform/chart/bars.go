package chart

import (
	"fmt"
	"slices"

	"dean06/internal/platform/i18n"
)

// BarsInput is horizontal bars from zero, such as a funnel of stages.
type BarsInput struct {
	Head
	LabelHead string // heading of the labels in the table
	ValueHead string // heading of the values
	Bars      []Bar
	// Series names what segments of a series are; theirs are the colours of series.
	Series []string
	// Most is the length of the axis; the longest bar or the largest Of when zero.
	Most float64
}

// Bar is one bar. Of is the whole that it is part of: drawn as a track behind
// it and written beside it ("37/63"); 0 when there is none.
type Bar struct {
	Label    string
	Href     string
	Of       float64
	Segments []Segment
}

// Segment is a piece of a bar. Without a Status or Series it has the neutral colour.
type Segment struct {
	Status Status
	Value  float64
	Href   string
	Series int // of BarsInput.Series, from 1; also its colour
}

// Bars draws bars one under another.
func Bars(p *i18n.Printer, in BarsInput) *Chart {
	c := bars(p, in, false)
	in.ID += "-narrow"
	c.Narrow = bars(p, in, true)
	return c
}

// bars draws them with their labels beside them or, on a phone, above them.
func bars(p *i18n.Printer, in BarsInput, narrow bool) *Chart {
	const barH, size = 24.0, 13.5
	width, labelW, valueW, rowH := 720.0, 270.0, 84.0, 44.0
	if narrow {
		width, labelW, valueW, rowH = narrowWidth, 0, 64, 58
	}
	c := &Chart{Head: in.Head, Width: width}
	used, shown := map[Status]bool{}, make([]bool, len(in.Series))
	most := in.Most
	for _, b := range in.Bars {
		most = max(most, b.Of, sum(b))
		for _, s := range b.Segments {
			if s.Series > 0 && s.Value > 0 {
				shown[s.Series-1] = true
			}
			if s.Status != "" && s.Value > 0 {
				used[s.Status.known()] = true
			}
		}
	}
	most = max(most, 1)
	if narrow && slices.ContainsFunc(in.Bars, func(b Bar) bool { return len(wrap(b.Label, size, width, 2)) > 1 }) {
		rowH += size * 1.25
	}
	top := c.legend(p, used, 0, 0) + c.names(in.Series, shown)
	scale := (width - labelW - valueW) / most
	c.Table = Table{Caption: in.Title, Headers: []string{in.LabelHead}, Numeric: []bool{false}}
	var columns []Status
	for _, s := range Statuses {
		if used[s] {
			columns = append(columns, s)
			c.Table.Headers = append(c.Table.Headers, s.Name(p))
			c.Table.Numeric = append(c.Table.Numeric, true)
		}
	}
	for i, name := range in.Series {
		if shown[i] {
			c.Table.Headers = append(c.Table.Headers, name)
			c.Table.Numeric = append(c.Table.Numeric, true)
		}
	}
	if len(columns) == 0 && len(in.Series) == 0 {
		c.Table.Headers = append(c.Table.Headers, in.ValueHead)
		c.Table.Numeric = append(c.Table.Numeric, true)
	}
	whole := len(in.Series) == 0 || slices.ContainsFunc(in.Bars, func(b Bar) bool { return b.Of > 0 })
	if whole {
		c.Table.Headers = append(c.Table.Headers, p.T("chart.head.of"))
		c.Table.Numeric = append(c.Table.Numeric, true)
	}

	for i, b := range in.Bars {
		y, at := top+float64(i)*rowH, rowH/2 // of the bar's middle
		lines := wrap(b.Label, size, labelW-14, 2)
		first := y + at + 5 - float64(len(lines)-1)*8.5
		if narrow {
			at = rowH - barH/2 - 6
			lines = wrap(b.Label, size, width, 2)
			first = y + at - barH/2 - 8 - float64(len(lines)-1)*size*1.25
		}
		c.Groups = append(c.Groups, Group{Label: b.Label, Href: b.Href, Marks: label(lines, 0, first, size, Start, "ink", false)})
		if b.Of > 0 {
			c.add("", Mark{Shape: Rect, Class: "track", X: labelW, Y: y + at - barH/2, W: b.Of * scale, H: barH})
		}
		x := labelW
		for _, s := range b.Segments {
			w := s.Value * scale
			if s.Value <= 0 {
				continue
			}
			class, said := "bar", b.Label+": "+p.Float(s.Value, -1)
			switch {
			case s.Status != "":
				class, said = s.Status.class(), b.Label+", "+s.Status.Name(p)+": "+p.Float(s.Value, -1)
			case s.Series > 0:
				class, said = fmt.Sprintf("point-%d", (s.Series-1)%series+1), b.Label+", "+in.Series[s.Series-1]+": "+p.Float(s.Value, -1)
			}
			marks := []Mark{{Shape: Rect, Class: class, X: x, Y: y + at - barH/2, W: max(w-1, .5), H: barH}}
			if value := p.Float(s.Value, -1); len(b.Segments) > 1 && w > textWidth(value, 12.5, true)+6 && (s.Series > 0 || s.Status.known() != None) {
				marks = append(marks, Mark{
					Shape: Text, Class: "on", X: x + w/2, Y: y + at + 4.5, Size: 12.5, Anchor: Middle, Bold: true, Text: value,
				})
			}
			c.Groups = append(c.Groups, Group{Label: said, Href: s.Href, Marks: marks})
			x += w
		}
		value := p.Float(sum(b), -1)
		if len(b.Segments) > 1 && len(in.Series) == 0 {
			value = p.Float(b.Segments[0].Value, -1)
		}
		if b.Of > 0 {
			value += "/" + p.Float(b.Of, -1)
		}
		c.add("", Mark{Shape: Text, Class: "ink", X: max(x, labelW+b.Of*scale) + 8, Y: y + at + 5, Size: size, Bold: true, Text: value})
		c.Table.Rows = append(c.Table.Rows, barRow(p, b, columns, shown, whole))
	}
	c.Height = top + float64(len(in.Bars))*rowH + 4
	c.add("", Mark{Shape: Line, Class: "axis", Rings: [][]Point{{{labelW, top}, {labelW, c.Height - 2}}}})
	return c
}

// names writes the series in use and gives the height that it took.
func (c *Chart) names(list []string, shown []bool) float64 {
	x, y := 0.0, 0.0
	for i, name := range list {
		if !shown[i] {
			continue
		}
		w := 22 + textWidth(name, 13, false) + 20
		if x+w > c.Width+14 && x > 0 {
			x, y = 0, y+24
		}
		c.add("", Mark{Shape: Rect, Class: fmt.Sprintf("point-%d", i%series+1), X: x, Y: y, W: 16, H: 16},
			Mark{Shape: Text, Class: "ink", X: x + 22, Y: y + 13, Size: 13, Text: name})
		x += w
	}
	if x == 0 {
		return 0
	}
	return y + 28
}

func barRow(p *i18n.Printer, b Bar, columns []Status, shown []bool, whole bool) []Cell {
	row := []Cell{{Text: b.Label, Href: b.Href}}
	for _, s := range columns {
		cell := Cell{Text: p.Float(0, -1)}
		for _, seg := range b.Segments {
			if seg.Status.known() == s {
				cell = Cell{Text: p.Float(seg.Value, -1), Href: seg.Href}
			}
		}
		row = append(row, cell)
	}
	for i, used := range shown {
		if !used {
			continue
		}
		cell := Cell{Text: p.Float(0, -1)}
		for _, seg := range b.Segments {
			if seg.Series == i+1 {
				cell = Cell{Text: p.Float(seg.Value, -1), Href: seg.Href}
			}
		}
		row = append(row, cell)
	}
	if len(columns) == 0 && len(shown) == 0 {
		row = append(row, Cell{Text: p.Float(sum(b), -1), Href: b.Href})
	}
	if !whole {
		return row
	}
	of := ""
	if b.Of > 0 {
		of = p.Float(b.Of, -1)
	}
	return append(row, Cell{Text: of})
}

func sum(b Bar) float64 {
	var s float64
	for _, x := range b.Segments {
		s += max(x.Value, 0)
	}
	return s
}
