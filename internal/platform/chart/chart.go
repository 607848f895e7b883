package chart

import (
	"embed"
	"io/fs"

	"dean06/internal/platform/i18n"
)

//go:embed messages
var messages embed.FS

// Messages are the words that charts write themselves: statuses, the names of
// the archipelagos, table heads.
var Messages fs.FS = must(fs.Sub(messages, "messages"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Head is what every chart says about itself. Title is its accessible name,
// Desc the sentence that someone who cannot see it should hear.
type Head struct {
	ID    string // unique in the page; the prefix of the chart's element ids
	Title string
	Desc  string
}

// Chart is a finished chart: its marks, laid out in a box of Width by Height,
// and the same data as a table.
type Chart struct {
	Head
	Width, Height float64
	Groups        []Group
	Table         Table
	// Narrow is the same drawn for a phone; nil where the one drawing serves both.
	Narrow *Chart
}

// narrowWidth is what a phone has.
const narrowWidth = 360.0

// Group is marks that belong together, such as a bar and its number. Label says
// in words what they show; with Href they are a link.
type Group struct {
	Label string
	Href  string
	Marks []Mark
}

// Shape is the kind of a mark.
type Shape uint8

// The shapes.
const (
	Rect   Shape = iota // X, Y, W, H
	Line                // open lines through Rings
	Area                // closed areas bounded by Rings
	Circle              // centre X, Y, radius R
	Text                // Text at X, Y (the baseline)
)

// Point is a place in the chart's box, from the upper left corner.
type Point struct{ X, Y float64 }

// Mark is one thing drawn. Class names its paint.
type Mark struct {
	Shape      Shape
	Class      string
	X, Y, W, H float64
	R          float64
	Rings      [][]Point
	Text       string
	Size       float64
	Anchor     Anchor
	Bold       bool
}

// Anchor says which end of a text stands at X.
type Anchor uint8

// The anchors.
const (
	Start Anchor = iota
	Middle
	End
)

// Table is the data of a chart in rows. Numeric marks the columns that are
// aligned as numbers.
type Table struct {
	Caption string
	Headers []string
	Numeric []bool
	Rows    [][]Cell
}

// Cell is a cell of a table; with Href it is a link to the rows behind it.
type Cell struct {
	Text string
	Href string
}

// Records gives the table as rows of text, the headers first, for CSV.
func (t Table) Records() [][]string {
	out := [][]string{t.Headers}
	for _, r := range t.Rows {
		line := make([]string, len(r))
		for i, c := range r {
			line[i] = c.Text
		}
		out = append(out, line)
	}
	return out
}

// Status is what a mark says about an agency. The values are those of the
// readiness rules and of the contradiction check.
type Status string

// The statuses.
const (
	Met          Status = "met"
	Partial      Status = "partially_met"
	NotMet       Status = "not_met"
	Unknown      Status = "unknown"
	Contradicted Status = "contradicted"
	None         Status = "none" // not asked; outside the set
)

// Statuses lists the statuses in the order of legends.
var Statuses = []Status{Met, Partial, NotMet, Unknown, Contradicted, None}

// Name is the status in words.
func (s Status) Name(p *i18n.Printer) string { return p.T("chart.status." + string(s.known())) }

func (s Status) known() Status {
	switch s {
	case Met, Partial, NotMet, Unknown, Contradicted:
		return s
	}
	return None
}

func (s Status) class() string {
	switch s.known() {
	case Met:
		return "met"
	case Partial:
		return "partial"
	case NotMet:
		return "not-met"
	case Unknown:
		return "unknown"
	case Contradicted:
		return "contradicted"
	}
	return "none"
}

// sign draws the status's sign about a centre, in a box of twice r.
func (s Status) sign(x, y, r float64) []Mark {
	line := func(pts ...Point) Mark {
		for i := range pts {
			pts[i] = Point{x + pts[i].X*r, y + pts[i].Y*r}
		}
		return Mark{Shape: Line, Class: "sign", Rings: [][]Point{pts}}
	}
	switch s.known() {
	case Met:
		return []Mark{line(Point{-.7, .05}, Point{-.2, .55}, Point{.75, -.55})}
	case Partial:
		half := []Point{{x, y - .75*r}}
		for i := range 13 {
			half = append(half, onCircle(x, y, .75*r, float64(i)*15))
		}
		return []Mark{
			{Shape: Circle, Class: "sign", X: x, Y: y, R: .75 * r},
			{Shape: Area, Class: "sign-fill", Rings: [][]Point{half}},
		}
	case NotMet:
		return []Mark{line(Point{-.55, -.55}, Point{.55, .55}), line(Point{-.55, .55}, Point{.55, -.55})}
	case Unknown:
		return []Mark{{Shape: Text, Class: "on", X: x, Y: y + .65*r, Size: 1.9 * r, Anchor: Middle, Bold: true, Text: "?"}}
	case Contradicted:
		return []Mark{
			line(Point{-.65, -.28}, Point{.65, -.28}), line(Point{-.65, .28}, Point{.65, .28}),
			line(Point{-.35, .75}, Point{.35, -.75}),
		}
	}
	return nil
}

// Sign draws a status's sign about a centre, for use outside of a chart.
func Sign(s Status, x, y, r float64) []Mark { return s.sign(x, y, r) }

// ClassOf is the class of the areas that show a status.
func ClassOf(s Status) string { return s.class() }

// add appends a group without a link.
func (c *Chart) add(label string, marks ...Mark) {
	c.Groups = append(c.Groups, Group{Label: label, Marks: marks})
}

// Legend is a chart that explains the colours and signs of statuses and shows
// nothing else, for tables that use them.
func Legend(p *i18n.Printer, head Head, statuses ...Status) *Chart {
	c := &Chart{Head: head, Width: 720, Table: Table{Caption: head.Title, Headers: []string{p.T("chart.head.status")}}}
	used := map[Status]bool{}
	for _, s := range statuses {
		used[s.known()] = true
		c.Table.Rows = append(c.Table.Rows, []Cell{{Text: s.Name(p)}})
	}
	c.Height = c.legend(p, used, 0, 0)
	return c
}

// legend writes the statuses in use from x on and gives the height it took.
func (c *Chart) legend(p *i18n.Printer, used map[Status]bool, x, y float64) float64 {
	at, top := x, y
	for _, s := range Statuses {
		if !used[s] {
			continue
		}
		name := s.Name(p)
		w := 22 + textWidth(name, 13, false) + 20
		if at+w > c.Width+14 && at > x {
			at, y = x, y+24
		}
		marks := []Mark{{Shape: Rect, Class: s.class(), X: at, Y: y, W: 16, H: 16}}
		marks = append(marks, s.sign(at+8, y+8, 6)...)
		marks = append(marks, Mark{Shape: Text, Class: "ink", X: at + 22, Y: y + 13, Size: 13, Text: name})
		c.add("", marks...)
		at += w
	}
	if at == x && y == top {
		return 0
	}
	return y - top + 28
}
