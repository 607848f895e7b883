package chart

import "dean06/internal/platform/i18n"

// WaterfallInput is what adds up to a sum, step by step: each bar begins where the one before
// it ended.
type WaterfallInput struct {
	Head
	LabelHead string // heading of the labels in the table
	ValueHead string // heading of the values
	SumHead   string // heading of what they add up to so far
	Steps     []Fall
	Sum       string // label of the last bar, from zero
}

// Fall is one step, up or down.
type Fall struct {
	Label string
	Value float64
}

// Waterfall draws the steps one under another, and what they come to.
func Waterfall(p *i18n.Printer, in WaterfallInput) *Chart {
	c := waterfall(p, in, false)
	in.ID += "-narrow"
	c.Narrow = waterfall(p, in, true)
	return c
}

// waterfall draws them with their labels beside them or, on a phone, above them.
func waterfall(p *i18n.Printer, in WaterfallInput, narrow bool) *Chart {
	const barH, size, gap = 16.0, 13.5, 8.0
	width, labelW, valueW, rowH := 720.0, 290.0, 58.0, 30.0
	if narrow {
		width, labelW, valueW, rowH = narrowWidth, 0, 58, 44
	}
	c := &Chart{Head: in.Head, Width: width, Height: rowH * float64(len(in.Steps)+1)}
	c.Table = Table{Caption: in.Title, Headers: []string{in.LabelHead, in.ValueHead, in.SumHead}, Numeric: []bool{false, true, true}}
	var least, most, at float64
	for _, s := range in.Steps {
		at += s.Value
		least, most = min(least, at), max(most, at)
	}
	scale := (width - labelW - valueW - gap) / max(most-least, 1)
	x := func(v float64) float64 { return labelW + (v-least)*scale }
	signed := func(v float64) string {
		switch {
		case v >= .05:
			return "+" + p.Float(v, 1)
		case v > -.05: // no sign before a zero
			v = 0
		}
		return p.Float(v, 1)
	}
	row := func(i int, said, class, value string, from, to float64, bold bool) {
		y := float64(i) * rowH
		middle, first, room := y+rowH/2, y+rowH/2+5, labelW-14
		if narrow {
			middle, first, room = y+rowH-barH/2-4, y+size+2, width
		}
		c.add(said+": "+value,
			Mark{Shape: Text, Class: "ink", Y: first, Size: size, Bold: bold, Text: cut(said, size, room)},
			Mark{Shape: Rect, Class: class, X: x(min(from, to)), Y: middle - barH/2, W: max(x(max(from, to))-x(min(from, to)), 1), H: barH},
			Mark{Shape: Text, Class: "ink", X: width, Y: middle + 5, Size: size, Anchor: End, Bold: bold, Text: value},
		)
	}
	at = 0
	for i, s := range in.Steps {
		class := "met"
		if s.Value < 0 {
			class = "not-met"
		}
		row(i, s.Label, class, signed(s.Value), at, at+s.Value, false)
		at += s.Value
		y := float64(i+1)*rowH - (rowH-barH)/2 // a thread to the next bar, which begins there
		if narrow {
			y = float64(i+1)*rowH - 4
		}
		c.add("", Mark{Shape: Line, Class: "grid", Rings: [][]Point{{{x(at), y}, {x(at), y + rowH - barH}}}})
		c.Table.Rows = append(c.Table.Rows, []Cell{{Text: s.Label}, {Text: signed(s.Value)}, {Text: p.Float(at, 1)}})
	}
	axis := Mark{Shape: Line, Class: "axis"}
	for i := range len(in.Steps) + 1 { // not through the labels of a phone
		y := float64(i+1) * rowH
		axis.Rings = append(axis.Rings, []Point{{x(0), max(y-barH-8, y-rowH)}, {x(0), y}})
	}
	if !narrow {
		axis.Rings = [][]Point{{{x(0), 0}, {x(0), c.Height}}}
	}
	c.add("", axis)
	row(len(in.Steps), in.Sum, "bar", p.Float(at, 1), 0, at, true)
	c.Table.Rows = append(c.Table.Rows, []Cell{{Text: in.Sum}, {Text: ""}, {Text: p.Float(at, 1)}})
	return c
}
