package chart

import (
	"math"
	"slices"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
)

// TrendInput is values over time.
type TrendInput struct {
	Head
	Series []Series
	Step   bool    // a value holds until the next one, as the figures of a round do
	Most   float64 // upper end of the axis; the largest value when zero
}

// Series is one line.
type Series struct {
	Name   string
	Points []At
}

// At is the value on a day.
type At struct {
	On    clock.Date
	Value float64
	Href  string
}

// Trend draws lines over time. The axis of values begins at zero.
func Trend(p *i18n.Printer, in TrendInput) *Chart {
	c := &Chart{Head: in.Head, Width: 720, Height: 320}
	c.Table = seriesTable(p, in.Title)
	c.trend(p, in, box{0, 0, 720, 320}, 13)
	c.seriesRows(p, in.Series, "")

	// On a phone the names of the lines stand below them.
	const size, below, row = 13.0, 250.0, 24.0
	n := &Chart{Head: in.Head, Width: narrowWidth, Height: below}
	n.ID += "-narrow"
	narrow := in
	narrow.Series = slices.Clone(in.Series)
	for i, s := range in.Series {
		k := string(rune('1' + i%series))
		narrow.Series[i].Name = ""
		if s.Name == "" {
			continue
		}
		n.add("", Mark{Shape: Line, Class: "series-" + k, Rings: [][]Point{{{0, n.Height + 8}, {22, n.Height + 8}}}},
			Mark{Shape: Text, Class: "point-" + k, X: 30, Y: n.Height + 8 + size*.35, Size: size, Bold: true, Text: cut(s.Name, size, narrowWidth-40)})
		n.Height += row
	}
	n.trend(p, narrow, box{0, 0, narrowWidth, below}, size)
	c.Narrow = n
	return c
}

type box struct{ x, y, w, h float64 }

func seriesTable(p *i18n.Printer, caption string) Table {
	return Table{
		Caption: caption,
		Headers: []string{p.T("chart.head.series"), p.T("chart.head.as_of"), p.T("chart.head.value")},
		Numeric: []bool{false, false, true},
	}
}

func (c *Chart) seriesRows(p *i18n.Printer, all []Series, panel string) {
	for _, s := range all {
		name := s.Name
		if name == "" {
			name = panel
		} else if panel != "" {
			name = panel + ": " + name
		}
		for _, at := range s.Points {
			c.Table.Rows = append(c.Table.Rows, []Cell{{Text: name}, {Text: p.Date(at.On)}, {Text: p.Float(at.Value, -1), Href: at.Href}})
		}
	}
}

func highest(all []Series) float64 {
	var most float64
	for _, s := range all {
		for _, at := range s.Points {
			most = max(most, at.Value)
		}
	}
	return most
}

func (c *Chart) trend(p *i18n.Printer, in TrendInput, b box, size float64) {
	most := max(in.Most, highest(in.Series), 1)
	step := niceStep(most / 4)
	if in.Most < most {
		most = math.Ceil(most/step) * step
	}
	left := b.x + textWidth(p.Float(most, -1), size, false) + 10
	nameW := 0.0
	for _, s := range in.Series {
		nameW = max(nameW, textWidth(s.Name, size, true))
	}
	if nameW > 0 {
		nameW = min(nameW+12, b.w*.3)
	}
	right, top, bottom := b.x+b.w-nameW-8, b.y+size, b.y+b.h-size*2.2

	var first, last clock.Date
	for _, s := range in.Series {
		for _, at := range s.Points {
			if first.IsZero() || at.On.Before(first) {
				first = at.On
			}
			if last.IsZero() || at.On.After(last) {
				last = at.On
			}
		}
	}
	days := float64(max(1, first.DaysUntil(last)))
	px := func(d clock.Date) float64 { return left + float64(first.DaysUntil(d))/days*(right-left) }
	py := func(v float64) float64 { return bottom - v/most*(bottom-top) }

	for v := 0.0; v <= most; v += step {
		class := "grid"
		if v == 0 {
			class = "axis"
		}
		c.add("", Mark{Shape: Line, Class: class, Rings: [][]Point{{{left, py(v)}, {right, py(v)}}}},
			Mark{Shape: Text, Class: "muted", X: left - 6, Y: py(v) + size*.35, Size: size, Anchor: End, Text: p.Float(v, -1)})
	}
	if first.IsZero() {
		return
	}
	c.add("", Mark{Shape: Text, Class: "muted", X: left, Y: bottom + size*1.5, Size: size, Text: p.Date(first)})
	if first != last {
		c.add("", Mark{Shape: Text, Class: "muted", X: right, Y: bottom + size*1.5, Size: size, Anchor: End, Text: p.Date(last)})
	}
	ends := make([]float64, len(in.Series))
	for i, s := range in.Series {
		if n := len(s.Points); n > 0 {
			ends[i] = py(s.Points[n-1].Value)
		}
	}
	spread(ends, size*1.25, top, bottom)
	for i, s := range in.Series {
		k := string(rune('1' + i%series))
		var line []Point
		for j, at := range s.Points {
			if in.Step && j > 0 {
				line = append(line, Point{px(at.On), py(s.Points[j-1].Value)})
			}
			line = append(line, Point{px(at.On), py(at.Value)})
		}
		c.add(s.Name, Mark{Shape: Line, Class: "series-" + k, Rings: [][]Point{line}})
		for _, at := range s.Points {
			said := p.Date(at.On) + ": " + p.Float(at.Value, -1)
			if s.Name != "" {
				said = s.Name + ", " + said
			}
			c.Groups = append(c.Groups, Group{
				Label: said, Href: at.Href,
				Marks: []Mark{{Shape: Circle, Class: "point-" + k, X: px(at.On), Y: py(at.Value), R: size / 3}},
			})
		}
		if s.Name != "" && len(line) > 0 {
			c.add("", Mark{
				Shape: Text, Class: "point-" + k, X: right + 10, Y: ends[i] + size*.35, Size: size, Bold: true,
				Text: cut(s.Name, size, nameW),
			})
		}
	}
}

// niceStep rounds up to 1, 2 or 5 times a power of ten, at least 1.
func niceStep(x float64) float64 {
	if x <= 1 {
		return 1
	}
	mag := math.Pow(10, math.Floor(math.Log10(x)))
	for _, k := range []float64{1, 2, 5} {
		if x <= k*mag {
			return k * mag
		}
	}
	return 10 * mag
}

// spread moves labels apart until none is nearer than gap to the next.
func spread(ys []float64, gap, lo, hi float64) {
	order := make([]int, len(ys))
	for i := range order {
		order[i] = i
	}
	for range ys {
		for i := 1; i < len(order); i++ {
			if ys[order[i]] < ys[order[i-1]] {
				order[i], order[i-1] = order[i-1], order[i]
			}
		}
	}
	for i := 1; i < len(order); i++ {
		ys[order[i]] = max(ys[order[i]], ys[order[i-1]]+gap)
	}
	if n := len(order); n > 0 {
		if over := ys[order[n-1]] - hi; over > 0 {
			for i := n - 1; i >= 0; i-- {
				limit := hi - float64(n-1-i)*gap
				ys[order[i]] = max(lo, min(ys[order[i]], limit))
			}
		}
	}
}
