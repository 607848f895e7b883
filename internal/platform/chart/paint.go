package chart

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Paint is how a class of marks looks: colours as #rrggbb, "" for none.
type Paint struct {
	Fill, Stroke string
	Width        float64
	Dash         bool
}

// paints are the tokens of the product's look (see platform/ui) as the charts use them.
var paints = map[string]Paint{
	"met":          {Fill: "#1c7a4a"},
	"partial":      {Fill: "#a85f00"},
	"not-met":      {Fill: "#b3261e"},
	"unknown":      {Fill: "#6b7280"},
	"contradicted": {Fill: "#6b3fa0"},
	"none":         {Fill: "#f6f4f0", Stroke: "#d9d5ce", Width: 1},
	"bar":          {Fill: "#1a5fa8"},
	"track":        {Fill: "#ece9e3"},
	"sign":         {Stroke: "#ffffff", Width: 1.8},
	"sign-fill":    {Fill: "#ffffff"},
	"ink":          {Fill: "#1b1b1f"},
	"muted":        {Fill: "#55565c"},
	"on":           {Fill: "#ffffff"},
	"axis":         {Stroke: "#55565c", Width: 1},
	"grid":         {Stroke: "#d9d5ce", Width: 1},
	"border":       {Stroke: "#ffffff", Width: .8},
	"islands":      {Stroke: "#55565c", Width: 1, Dash: true},
	"better":       {Stroke: "#1c7a4a", Width: 2},
	"worse":        {Stroke: "#b3261e", Width: 2},
	"same":         {Stroke: "#6b7280", Width: 1.2},
	"dot":          {Fill: "#1b1b1f"},
	"hollow":       {Fill: "#ffffff", Stroke: "#1b1b1f", Width: 1.6},
	"series-1":     {Stroke: "#a01722", Width: 2.4},
	"series-2":     {Stroke: "#1a5fa8", Width: 2.4},
	"series-3":     {Stroke: "#1c7a4a", Width: 2.4},
	"series-4":     {Stroke: "#a85f00", Width: 2.4},
	"series-5":     {Stroke: "#6b3fa0", Width: 2.4},
	"series-6":     {Stroke: "#55565c", Width: 2.4},
	"point-1":      {Fill: "#a01722"},
	"point-2":      {Fill: "#1a5fa8"},
	"point-3":      {Fill: "#1c7a4a"},
	"point-4":      {Fill: "#a85f00"},
	"point-5":      {Fill: "#6b3fa0"},
	"point-6":      {Fill: "#55565c"},
}

// series is the number of series that have a colour of their own.
const series = 6

// PaintOf gives the paint of a mark's class, for drawing elsewhere than in a page.
func PaintOf(class string) Paint { return paints[class] }

func (p Paint) attributes() string {
	s := fmt.Sprintf(` fill="%s"`, cmp.Or(p.Fill, "none"))
	if p.Stroke != "" {
		s += fmt.Sprintf(` stroke="%s" stroke-width="%s"`, p.Stroke, num(p.Width))
	}
	if p.Dash {
		s += ` stroke-dasharray="4 3"`
	}
	return s
}

// CSS is the text that the stylesheet of pages includes: the paints as classes
// chart-met, chart-partial and so on, and how a chart behaves in a page.
var CSS = stylesheet()

func stylesheet() string {
	var b strings.Builder
	b.WriteString(".chart{display:block;max-width:100%;height:auto;font-family:inherit;font-variant-numeric:tabular-nums}\n" +
		".chart-scroll{overflow-x:auto}.chart-scroll .chart{max-width:none}\n" +
		".chart a{cursor:pointer}.chart a:hover rect,.chart a:hover path,.chart a:hover circle{opacity:.8}" +
		".chart a:hover text{text-decoration:underline}\n" +
		".chart a:focus{outline:none}" +
		".chart a:focus-visible rect,.chart a:focus-visible path,.chart a:focus-visible circle{stroke:#f2b705;stroke-width:4}" +
		".chart a:focus-visible text{text-decoration:underline;text-decoration-thickness:3px}\n" +
		".chart-line{stroke-linecap:round;stroke-linejoin:round}\n" +
		"@media print{.chart{max-height:17cm}.chart *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n")
	for _, class := range slices.Sorted(maps.Keys(paints)) {
		p := paints[class]
		fmt.Fprintf(&b, ".chart-%s{fill:%s", class, cmp.Or(p.Fill, "none"))
		if p.Stroke != "" {
			fmt.Fprintf(&b, ";stroke:%s;stroke-width:%s", p.Stroke, num(p.Width))
		}
		if p.Dash {
			b.WriteString(";stroke-dasharray:4 3")
		}
		b.WriteString("}\n")
	}
	return b.String()
}
