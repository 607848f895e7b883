package chart

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// SVG writes the chart for a page: colours and fonts come from CSS.
func (c *Chart) SVG() string { return c.write(false) }

// StandaloneSVG writes the chart as a file of its own, with its colours in it.
func (c *Chart) StandaloneSVG() string { return c.write(true) }

// HTML writes the chart for a page as it is drawn for a wide window and for a phone, of which
// the page shows one.
func (c *Chart) HTML() string {
	if c.Narrow == nil {
		return c.SVG()
	}
	return `<div class="app-chart__wide">` + c.SVG() + `</div><div class="app-chart__narrow">` + c.Narrow.SVG() + `</div>`
}

func (c *Chart) write(standalone bool) string {
	var b strings.Builder
	id := escape(c.ID)
	// A picture hides what is inside from a screen reader; a chart with links is
	// therefore a group.
	role := "img"
	for _, g := range c.Groups {
		if g.Href != "" {
			role = "group"
			break
		}
	}
	fmt.Fprintf(&b,
		`<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 %s %s" width="%s" height="%s" role="%s" `+
			`aria-labelledby="%s-title" aria-describedby="%s-desc"`,
		num(c.Width), num(c.Height), num(c.Width), num(c.Height), role, id, id)
	if standalone {
		b.WriteString(` font-family="'Be Vietnam Pro', 'Liberation Sans', Arial, sans-serif"`)
	}
	fmt.Fprintf(&b, `><title id="%s-title">%s</title><desc id="%s-desc">%s</desc>`, id, escape(c.Title), id, escape(c.Desc))
	for _, g := range c.Groups {
		switch {
		case g.Href != "":
			fmt.Fprintf(&b, `<a href="%s"%s><title>%s</title>`, escape(g.Href), g.name(), escape(g.Label))
		case g.Label != "":
			fmt.Fprintf(&b, `<g><title>%s</title>`, escape(g.Label))
		default: // what only adorns lets clicks through to what is below it
			b.WriteString(`<g pointer-events="none">`)
		}
		for _, m := range g.Marks {
			m.write(&b, standalone)
		}
		if g.Href != "" {
			b.WriteString(`</a>`)
		} else {
			b.WriteString(`</g>`)
		}
	}
	b.WriteString(`</svg>`)
	return b.String()
}

// name is the label of a link that holds no words. One that does is named by
// its title: a label that differs from the words in sight confuses those who
// speak to their computer (WCAG 2.5.3).
func (g Group) name() string {
	for _, m := range g.Marks {
		if m.Shape == Text {
			return ""
		}
	}
	return ` aria-label="` + escape(g.Label) + `"`
}

func (m Mark) write(b *strings.Builder, standalone bool) {
	attr := ` class="chart-` + m.Class + `"`
	if m.Shape == Line {
		attr = ` class="chart-line chart-` + m.Class + `"`
	}
	if standalone {
		attr += PaintOf(m.Class).attributes()
	}
	switch m.Shape {
	case Rect:
		fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s"%s/>`, num(m.X), num(m.Y), num(m.W), num(m.H), attr)
	case Circle:
		fmt.Fprintf(b, `<circle cx="%s" cy="%s" r="%s"%s/>`, num(m.X), num(m.Y), num(m.R), attr)
	case Line, Area:
		b.WriteString(`<path d="`)
		for _, ring := range m.Rings {
			for i, p := range ring {
				if i == 0 {
					b.WriteByte('M')
				} else {
					b.WriteByte(' ')
				}
				b.WriteString(num(p.X))
				b.WriteByte(' ')
				b.WriteString(num(p.Y))
			}
			if m.Shape == Area {
				b.WriteByte('Z')
			}
		}
		fmt.Fprintf(b, `"%s/>`, attr)
	case Text:
		anchor := [...]string{"", ` text-anchor="middle"`, ` text-anchor="end"`}[m.Anchor]
		if m.Bold {
			anchor += ` font-weight="600"`
		}
		fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s"%s%s>%s</text>`, num(m.X), num(m.Y), num(m.Size), anchor, attr, escape(m.Text))
	}
}

// num writes a coordinate with at most two decimals. What is no number is
// drawn at zero rather than breaking the picture.
func num(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "0"
	}
	return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64)
}

// escape makes text safe inside an element or attribute, and drops the control
// characters that XML does not allow.
func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return html.EscapeString(s)
}

func onCircle(x, y, r, degrees float64) Point {
	sin, cos := math.Sincos((degrees - 90) * math.Pi / 180)
	return Point{x + r*cos, y + r*sin}
}
