package chart

import (
	"fmt"

	"dean06/internal/platform/i18n"
)

// SlopeInput is the change of several values between two rounds.
type SlopeInput struct {
	Head
	From, To string // what the two ends are ("Đợt 1 (28/02/2023)")
	Lines    []Slope
	Most     float64 // upper end of the axis; the largest value when zero
}

// Slope is one value at both ends.
type Slope struct {
	Name     string
	From, To float64
	Href     string
}

// SlopeChart draws each value as a line from the earlier to the later round;
// better and worse differ by colour and by the written change.
func SlopeChart(p *i18n.Printer, in SlopeInput) *Chart {
	c := slope(p, in, false)
	in.ID += "-narrow"
	c.Narrow = slope(p, in, true)
	return c
}

// slope draws it with the names at both ends or, on a phone, at the first alone.
func slope(p *i18n.Printer, in SlopeInput, narrow bool) *Chart {
	const size = 13.0
	width, side, end := 720.0, 250.0, 250.0
	if narrow {
		width, side, end = narrowWidth, 190, 84
	}
	most := max(in.Most, 1)
	for _, l := range in.Lines {
		most = max(most, l.From, l.To)
	}
	height, top := max(220, float64(len(in.Lines))*30+60), 40.0
	was, now := []string{in.From}, []string{in.To}
	earlier, later, anchor := side, width-end, Start
	if narrow { // both ends beside each other, in lines
		was, now = wrap(in.From, size, width/2-30, 3), wrap(in.To, size, width/2-30, 3)
		earlier, later, anchor = width/2-10, width, End
		more := float64(max(len(was), len(now))-1) * size * 1.25
		height, top = height+more, top+more
	}
	c := &Chart{Head: in.Head, Width: width, Height: height}
	left, right, bottom := side, width-end, height-16
	y := func(v float64) float64 { return bottom - v/most*(bottom-top) }
	c.add("", append(append(label(was, earlier, 16, size, End, "muted", true), label(now, later, 16, size, anchor, "muted", true)...),
		Mark{Shape: Line, Class: "axis", Rings: [][]Point{{{left, top - 14}, {left, bottom + 6}}}},
		Mark{Shape: Line, Class: "axis", Rings: [][]Point{{{right, top - 14}, {right, bottom + 6}}}})...)
	from, to := make([]float64, len(in.Lines)), make([]float64, len(in.Lines))
	for i, l := range in.Lines {
		from[i], to[i] = y(l.From), y(l.To)
	}
	spread(from, size*1.35, top, bottom+4)
	spread(to, size*1.35, top, bottom+4)
	c.Table = Table{
		Caption: in.Title,
		Headers: []string{p.T("chart.head.name"), in.From, in.To, p.T("chart.head.change")},
		Numeric: []bool{false, true, true, true},
	}
	for i, l := range in.Lines {
		class := "same"
		if l.To > l.From {
			class = "better"
		} else if l.To < l.From {
			class = "worse"
		}
		change := signed(p, l.To-l.From)
		before, after := p.Float(l.From, -1), p.Float(l.To, -1)
		reached := after + "  (" + change + ")"
		if !narrow {
			reached += "  " + l.Name
		}
		c.Groups = append(c.Groups, Group{
			Label: l.Name + ": " + before + " → " + after + " (" + change + ")",
			Href:  l.Href,
			Marks: []Mark{
				{Shape: Line, Class: class, Rings: [][]Point{{{left, y(l.From)}, {right, y(l.To)}}}},
				{Shape: Circle, Class: "hollow", X: left, Y: y(l.From), R: 4},
				{Shape: Circle, Class: "dot", X: right, Y: y(l.To), R: 4},
				{Shape: Text, Class: "ink", X: left - 12, Y: from[i] + 4.5, Size: size, Anchor: End, Text: cut(l.Name, size, side-56) + "  " + before},
				{Shape: Text, Class: "ink", X: right + 12, Y: to[i] + 4.5, Size: size, Text: cut(reached, size, end-14)},
			},
		})
		c.Table.Rows = append(c.Table.Rows, []Cell{{Text: l.Name, Href: l.Href}, {Text: before}, {Text: after}, {Text: change}})
	}
	return c
}

func signed(p *i18n.Printer, x float64) string {
	switch {
	case x > 0:
		return "+" + p.Float(x, -1)
	case x < 0:
		return "−" + p.Float(-x, -1)
	}
	return "0"
}

// SlipInput is declared months beside what became of them.
type SlipInput struct {
	Head
	Items []Slip
}

// Slip is one promise: the month that was declared and the month expected now,
// both as Month(year, month) and 0 when there is none.
type Slip struct {
	Name          string
	Declared, Now int
	Done          bool // what was promised is there
	Href          string
}

// Month counts months, so that they subtract: Month(2023, 6) - Month(2023, 2) is 4.
func Month(year, month int) int { return year*12 + month - 1 }

// SlipChart draws a line from the declared month to the month expected now.
func SlipChart(p *i18n.Printer, in SlipInput) *Chart {
	c := slip(p, in, false)
	in.ID += "-narrow"
	c.Narrow = slip(p, in, true)
	return c
}

// slip draws it with names and notes beside the lines or, on a phone, above them.
func slip(p *i18n.Printer, in SlipInput, narrow bool) *Chart {
	const size = 13.0
	width, labelW, noteW, rowH, months := 720.0, 230.0, 130.0, 28.0, 6
	if narrow {
		width, labelW, noteW, rowH, months = narrowWidth, 20, 20, 52, 4
	}
	c := &Chart{Head: in.Head, Width: width, Height: float64(len(in.Items))*rowH + 44}
	first, last := 0, 0
	for _, it := range in.Items {
		for _, m := range []int{it.Declared, it.Now} {
			if m == 0 {
				continue
			}
			if first == 0 || m < first {
				first = m
			}
			last = max(last, m)
		}
	}
	span := float64(max(1, last-first))
	x := func(m int) float64 { return labelW + 8 + float64(m-first)/span*(width-labelW-noteW-16) }
	bottom := c.Height - 30
	if first > 0 {
		every := max(1, (last-first+months-1)/months)
		for m := first; m <= last; m += every {
			c.add("", Mark{Shape: Line, Class: "grid", Rings: [][]Point{{{x(m), 4}, {x(m), bottom}}}},
				Mark{Shape: Text, Class: "muted", X: x(m), Y: bottom + 18, Size: 12, Anchor: Middle, Text: monthName(m)})
		}
	}
	c.Table = Table{
		Caption: in.Title,
		Headers: []string{p.T("chart.head.name"), p.T("chart.head.declared"), p.T("chart.head.now"), p.T("chart.head.slip")},
		Numeric: []bool{false, false, false, true},
	}
	for i, it := range in.Items {
		y := float64(i)*rowH + rowH/2 + 4
		if narrow {
			y = float64(i+1)*rowH - 12
		}
		now, note, late := monthName(it.Now), "", ""
		if it.Declared > 0 && it.Now > 0 {
			late = p.Float(float64(it.Now-it.Declared), -1)
			if it.Now > it.Declared {
				note = p.T("chart.slip.months", map[string]any{"n": it.Now - it.Declared})
			}
		}
		if it.Done {
			note = p.T("chart.slip.done")
		} else if it.Now == 0 {
			now, note = p.T("chart.slip.none"), p.T("chart.slip.none")
		}
		marks := label([]string{cut(it.Name, size, labelW-8)}, 0, y+4.5, size, Start, "ink", false)
		if narrow {
			marks = label([]string{cut(it.Name, size, width-textWidth(note, 12, false)-10)}, 0, y-18, size, Start, "ink", false)
		}
		if it.Declared > 0 && it.Now > 0 {
			class := "same"
			if it.Now > it.Declared {
				class = "worse"
			} else if it.Done {
				class = "better"
			}
			marks = append(marks, Mark{Shape: Line, Class: class, Rings: [][]Point{{{x(it.Declared), y}, {x(it.Now), y}}}})
		}
		if it.Declared > 0 {
			marks = append(marks, Mark{Shape: Circle, Class: "hollow", X: x(it.Declared), Y: y, R: 5})
		}
		if it.Now > 0 {
			marks = append(marks, Mark{Shape: Circle, Class: "dot", X: x(it.Now), Y: y, R: 5})
		}
		said := Mark{Shape: Text, Class: "muted", X: width - noteW + 12, Y: y + 4.5, Size: 12, Text: note}
		if narrow {
			said.X, said.Y, said.Anchor = width, y-18, End
		}
		marks = append(marks, said)
		words := p.T("chart.slip.said", map[string]any{"name": it.Name, "declared": monthName(it.Declared), "now": now})
		c.Groups = append(c.Groups, Group{Label: words, Href: it.Href, Marks: marks})
		c.Table.Rows = append(c.Table.Rows, []Cell{{Text: it.Name, Href: it.Href}, {Text: monthName(it.Declared)}, {Text: now}, {Text: late}})
	}
	return c
}

func monthName(m int) string {
	if m == 0 {
		return "–"
	}
	return fmt.Sprintf("%02d/%04d", m%12+1, m/12)
}
