package chart

import (
	"strconv"

	"dean06/internal/platform/i18n"
)

// FlowInput is a way through steps, one below the other.
type FlowInput struct {
	Head
	Width float64 // 340 fits a phone
	Steps []FlowStep
	Ways  []FlowWay
	Table Table
}

// FlowStep is a box with a title and lines below it. End marks where a way ends.
type FlowStep struct {
	Title string
	Lines []string
	End   bool
}

// FlowWay leads from one step to another, both by their place in the list. Says is written
// beside the arrow to the next step; of other ways it stands in the box that they leave.
type FlowWay struct {
	From, To int
	Says     string
}

const (
	flowPad, flowTitle, flowLine = 12.0, 15.0, 13.0
	flowGap, flowLane            = 40.0, 12.0
)

// Flow draws steps as boxes, ways to the next step as arrows between them, and ways that skip
// steps or go back as lines beside them.
func Flow(_ *i18n.Printer, in FlowInput) *Chart {
	c := &Chart{Head: in.Head, Width: in.Width, Table: in.Table}
	beside := 0
	for _, w := range in.Ways {
		if w.To != w.From+1 {
			beside++
		}
	}
	left, width := 2.0, in.Width-4-flowLane*float64(beside+1)
	tops, bottoms := make([]float64, len(in.Steps)), make([]float64, len(in.Steps))
	y := 2.0
	for i, s := range in.Steps {
		tops[i] = y
		lines := wrap(strconv.Itoa(i+1)+". "+s.Title, flowTitle*1.06, width-2*flowPad, 0)
		marks := label(lines, left+flowPad, y+flowPad+flowTitle*.8, flowTitle, Start, "ink", true)
		at := y + flowPad + float64(len(lines))*flowTitle*1.25
		for _, text := range s.Lines {
			below := wrap(text, flowLine, width-2*flowPad, 0)
			marks = append(marks, label(below, left+flowPad, at+flowLine, flowLine, Start, "muted", false)...)
			at += float64(len(below)) * flowLine * 1.25
		}
		bottoms[i] = at + flowPad
		box := Mark{Shape: Rect, Class: "none", X: left, Y: y, W: width, H: bottoms[i] - y}
		edge := Mark{Shape: Rect, Class: "bar", X: left, Y: y, W: 4, H: bottoms[i] - y}
		if s.End {
			edge.Class = "met"
		}
		c.add(s.Title, append([]Mark{box, edge}, marks...)...)
		y = bottoms[i] + flowGap
	}
	lane := 0
	for _, w := range in.Ways {
		if w.To == w.From+1 {
			c.down(left+width/6, bottoms[w.From], tops[w.To], w.Says)
			continue
		}
		lane++
		c.round(left+width, left+width+flowLane*float64(lane), (tops[w.From]+bottoms[w.From])/2, (tops[w.To]+bottoms[w.To])/2-6*float64(lane))
	}
	c.Height = y - flowGap + 4
	return c
}

// down is an arrow to the next box, with what it says beside it.
func (c *Chart) down(x, from, to float64, says string) {
	marks := []Mark{
		{Shape: Line, Class: "axis", Rings: [][]Point{{{x, from}, {x, to - 8}}}},
		{Shape: Area, Class: "muted", Rings: [][]Point{{{x - 5, to - 9}, {x + 5, to - 9}, {x, to - 1}}}},
	}
	c.add(says, append(marks, label([]string{says}, x+12, (from+to)/2+4, flowLine, Start, "ink", false)...)...)
}

// round is a line beside the boxes.
func (c *Chart) round(edge, lane, from, to float64) {
	c.add("",
		Mark{Shape: Line, Class: "axis", Rings: [][]Point{{{edge, from}, {lane, from}, {lane, to}, {edge + 8, to}}}},
		Mark{Shape: Area, Class: "muted", Rings: [][]Point{{{edge + 9, to - 5}, {edge + 9, to + 5}, {edge + 1, to}}}},
	)
}
