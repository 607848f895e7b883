package chart

import (
	"fmt"
	"strconv"
	"strings"

	"dean06/internal/platform/i18n"
)

// TileMapInput is a map in which each province is a tile of the same size.
type TileMapInput struct {
	Head
	Tiles []Tile
}

// Tile is a province at a place of the grid. A tile with PartOf is an
// archipelago: it is drawn with a dashed edge and takes the status of its province.
type Tile struct {
	Code, Name string
	Short      string // what is written in the tile when Name is too long
	Col, Row   int
	Status     Status
	Value      string // written beside the sign, such as "3/5"
	Note       string
	Href       string
	PartOf     string
}

// TileMap draws provinces as tiles. Quần đảo Hoàng Sa and Quần đảo Trường Sa are
// always shown: when the tiles do not hold them they are set to the right of the grid.
func TileMap(p *i18n.Printer, in TileMapInput) *Chart {
	c := tileMap(p, in, false)
	in.ID += "-narrow"
	c.Narrow = tileMap(p, in, true)
	return c
}

// tileMap draws them as wide as their names or, on a phone, as its width allows.
func tileMap(p *i18n.Printer, in TileMapInput, narrow bool) *Chart {
	const gap = 3.0
	w, h, size, rows, sign := 76.0, 52.0, 11.5, 2, 7.0
	tiles := withArchipelagos(p, in.Tiles)
	byCode := map[string]Tile{}
	minCol, minRow, maxCol, maxRow := 1<<30, 1<<30, 0, 0
	for _, t := range tiles {
		byCode[t.Code] = t
		minCol, minRow = min(minCol, t.Col), min(minRow, t.Row)
		maxCol, maxRow = max(maxCol, t.Col), max(maxRow, t.Row)
	}
	if narrow {
		w, h, size, rows, sign = narrowWidth/float64(maxCol-minCol+1)-gap, 70, 10, 4, 5
	}
	c := &Chart{Head: in.Head, Width: float64(maxCol-minCol+1) * (w + gap)}
	used := map[Status]bool{}
	for _, t := range tiles {
		used[statusOf(t, byCode).known()] = true
	}
	top := c.legend(p, used, 0, 0) + 4
	c.Height = top + float64(maxRow-minRow+1)*(h+gap)
	c.Table = placesTable(p, in.Title)
	for _, t := range tiles {
		s := statusOf(t, byCode)
		x, y := float64(t.Col-minCol)*(w+gap), top+float64(t.Row-minRow)*(h+gap)
		marks := []Mark{{Shape: Rect, Class: s.class(), X: x, Y: y, W: w, H: h}}
		text := "on"
		if s.known() == None {
			text = "ink"
		}
		if t.PartOf != "" {
			marks = append(marks, Mark{
				Shape: Line, Class: "islands",
				Rings: [][]Point{{{x - 1, y - 1}, {x + w + 1, y - 1}, {x + w + 1, y + h + 1}, {x - 1, y + h + 1}, {x - 1, y - 1}}},
			})
		}
		lines := wrap(t.Name, size, w-4, rows)
		if t.Short != "" && textWidth(t.Name, size, false) > float64(rows)*w-16 {
			lines = wrap(t.Short, size, w-4, rows)
		}
		marks = append(marks, label(lines, x+w/2, y+size+2.5, size, Middle, text, false)...)
		at := x + w/2
		if t.Value != "" {
			at = x + w/2 - textWidth(t.Value, size, true)/2 - sign/2
			marks = append(marks, Mark{Shape: Text, Class: text, X: at + sign + 3, Y: y + h - 6, Size: size, Bold: true, Text: t.Value})
		}
		marks = append(marks, s.sign(at, y+h-3-sign, sign)...)
		said := said(p, t.Name, s, t.Note)
		c.Groups = append(c.Groups, Group{Label: said, Href: t.Href, Marks: marks})
		if t.PartOf == "" {
			c.Table.Rows = append(c.Table.Rows, []Cell{{Text: t.Name, Href: t.Href}, {Text: s.Name(p)}, {Text: t.Note}})
		}
	}
	return c
}

func statusOf(t Tile, byCode map[string]Tile) Status {
	if of, ok := byCode[t.PartOf]; ok && t.PartOf != "" {
		return of.Status
	}
	return t.Status
}

func said(p *i18n.Printer, name string, s Status, note string) string {
	out := name + ": " + s.Name(p)
	if note != "" {
		out += " (" + note + ")"
	}
	return out
}

func placesTable(p *i18n.Printer, caption string) Table {
	return Table{Caption: caption, Headers: []string{p.T("chart.head.province"), p.T("chart.head.status"), p.T("chart.head.note")}}
}

// The provinces that the archipelagos belong to: huyện Hoàng Sa to Đà Nẵng,
// huyện Trường Sa to Khánh Hòa, in the code list of every year.
const (
	hoangSaOf   = "48"
	truongSaOf  = "56"
	hoangSaKey  = "chart.hoang_sa"
	truongSaKey = "chart.truong_sa"
)

func withArchipelagos(p *i18n.Printer, tiles []Tile) []Tile {
	out := append([]Tile(nil), tiles...)
	maxCol, rows := 0, map[string]int{}
	has := map[string]bool{}
	for _, t := range tiles {
		maxCol = max(maxCol, t.Col)
		rows[t.Code] = t.Row
		has[t.PartOf] = true
	}
	for _, a := range []struct{ key, of string }{{hoangSaKey, hoangSaOf}, {truongSaKey, truongSaOf}} {
		if !has[a.of] {
			out = append(out, Tile{Code: a.key, Name: p.T(a.key), Col: maxCol + 2, Row: rows[a.of] + 1, PartOf: a.of})
		}
	}
	return out
}

// ShapeMapInput is a map with the outline of each province, in one box.
type ShapeMapInput struct {
	Head
	Width, Height float64 // of the shapes' coordinates
	Shapes        []Province
	// Archipelagos are where the names of Hoàng Sa and Trường Sa stand; the
	// places of the maps in data/map when empty.
	Archipelagos []Archipelago
}

// Province is a province's outline as the path data of an SVG file.
type Province struct {
	Code, Name string
	Path       string
	Status     Status
	Note       string
	Href       string
}

// Archipelago is a named place in the sea.
type Archipelago struct {
	Name string
	X, Y float64
	Of   string // the province that it belongs to
}

// ShapeMap draws provinces by their outlines and names Quần đảo Hoàng Sa and
// Quần đảo Trường Sa. It fails when an outline cannot be read, naming it.
func ShapeMap(p *i18n.Printer, in ShapeMapInput) (*Chart, error) {
	c, err := shapeMap(p, in, 1)
	if err != nil || in.Width <= narrowWidth {
		return c, err
	}
	in.ID += "-narrow"
	c.Narrow, err = shapeMap(p, in, narrowWidth/in.Width)
	return c, err
}

// shapeMap draws the land at a scale, and its signs and names as large as ever.
func shapeMap(p *i18n.Printer, in ShapeMapInput, scale float64) (*Chart, error) {
	in.Width, in.Height = in.Width*scale, in.Height*scale
	c := &Chart{Head: in.Head, Width: in.Width, Table: placesTable(p, in.Title)}
	used, status := map[Status]bool{}, map[string]Status{}
	for _, s := range in.Shapes {
		used[s.Status.known()] = true
		status[s.Code] = s.Status
	}
	top := c.legend(p, used, 0, 0)
	c.Height = top + in.Height
	least := 13.0
	if scale < 1 {
		least = 20 // where provinces are near each other
	}
	var signs []Mark // above all areas, so that no neighbour covers one
	for _, s := range in.Shapes {
		rings, err := parsePath(s.Path, scale, top)
		if err != nil {
			return nil, fmt.Errorf("draw map: province %s: %w", s.Code, err)
		}
		marks := []Mark{{Shape: Area, Class: s.Status.class(), Rings: rings}, {Shape: Line, Class: "border", Rings: closed(rings)}}
		// The sign goes into the middle of the largest part, when it has room.
		if at, room := middle(rings); room >= least {
			signs = append(signs, s.Status.sign(at.X, at.Y, min(8, room/2))...)
		}
		c.Groups = append(c.Groups, Group{Label: said(p, s.Name, s.Status, s.Note), Href: s.Href, Marks: marks})
		c.Table.Rows = append(c.Table.Rows, []Cell{{Text: s.Name, Href: s.Href}, {Text: s.Status.Name(p)}, {Text: s.Note}})
	}
	c.Groups = append(c.Groups, Group{Marks: signs})
	islands := in.Archipelagos
	if len(islands) == 0 {
		islands = []Archipelago{
			{Name: p.T(hoangSaKey), X: .675 * in.Width, Y: .427 * in.Height, Of: hoangSaOf},
			{Name: p.T(truongSaKey), X: .832 * in.Width, Y: .841 * in.Height, Of: truongSaOf},
		}
	}
	for _, a := range islands {
		if len(in.Archipelagos) > 0 {
			a.X, a.Y = a.X*scale, a.Y*scale
		}
		c.island(p, a, status[a.Of], top)
	}
	return c, nil
}

// island draws an archipelago as a dashed round with dots for its islands,
// which are far too small to be seen at this scale, and its name.
func (c *Chart) island(p *i18n.Printer, a Archipelago, s Status, top float64) {
	x, y := a.X, a.Y+top
	var round []Point
	for i := range 37 {
		q := onCircle(0, 0, 1, float64(i)*10)
		round = append(round, Point{x + 44*q.X, y + 30*q.Y})
	}
	marks := []Mark{{Shape: Line, Class: "islands", Rings: [][]Point{round}}}
	for _, d := range []Point{{-22, -6}, {-12, 8}, {2, -12}, {10, 4}, {22, -2}, {-2, 14}, {24, 12}} {
		marks = append(marks, Mark{Shape: Circle, Class: s.class(), X: x + d.X, Y: y + d.Y, R: 2.6})
	}
	marks = append(marks, label(wrap(a.Name, 14, min(160, c.Width/4), 2), min(x, c.Width-70), y+48, 14, Middle, "ink", true)...)
	c.add(said(p, a.Name, s, ""), marks...)
}

// parsePath reads the path data of an outline: M, L and Z, absolute or
// relative, the way that map tools pack it ("M149.8 90.8l-1.1 0-1.4-1.8z").
func parsePath(d string, scale, dy float64) ([][]Point, error) {
	var rings [][]Point
	var at, start Point
	var nums []float64
	cmd := byte(0)
	flush := func() error {
		if cmd == 0 || len(nums)%2 != 0 {
			return fmt.Errorf("%d numbers after %q", len(nums), cmd)
		}
		for i := 0; i < len(nums); i += 2 {
			to := Point{nums[i], nums[i+1]}
			if cmd == 'm' || cmd == 'l' {
				to = Point{at.X + to.X, at.Y + to.Y}
			}
			// Pairs after the first of an M are lines.
			if i == 0 && (cmd == 'M' || cmd == 'm') {
				start = to
				rings = append(rings, nil)
			}
			if len(rings) == 0 {
				return fmt.Errorf("a line before the first M")
			}
			at = to
			rings[len(rings)-1] = append(rings[len(rings)-1], Point{to.X * scale, to.Y*scale + dy})
		}
		nums = nums[:0]
		return nil
	}
	for i := 0; i < len(d); {
		switch ch := d[i]; {
		case ch == ' ' || ch == ',' || ch == '\n' || ch == '\t':
			i++
		case strings.IndexByte("MmLlZz", ch) >= 0:
			if len(nums) > 0 {
				if err := flush(); err != nil {
					return nil, err
				}
			}
			if ch == 'Z' || ch == 'z' {
				at = start
			}
			cmd = ch
			i++
		default:
			j := i + 1
			for j < len(d) && (d[j] >= '0' && d[j] <= '9' || d[j] == '.') {
				j++
			}
			v, err := strconv.ParseFloat(d[i:j], 64)
			if err != nil {
				return nil, fmt.Errorf("read coordinate: %w", err)
			}
			nums = append(nums, v)
			i = j
		}
	}
	if len(nums) > 0 {
		if err := flush(); err != nil {
			return nil, err
		}
	}
	return rings, nil
}

func closed(rings [][]Point) [][]Point {
	out := make([][]Point, len(rings))
	for i, r := range rings {
		out[i] = append(append([]Point(nil), r...), r[0])
	}
	return out
}

// middle gives the centroid of the largest ring and the narrower side of its box.
func middle(rings [][]Point) (Point, float64) {
	var best []Point
	var most float64
	for _, r := range rings {
		if a := area(r); abs(a) > most {
			most, best = abs(a), r
		}
	}
	if best == nil {
		return Point{}, 0
	}
	var at Point
	lo, hi := best[0], best[0]
	for i, a := range best {
		b := best[(i+1)%len(best)]
		k := a.X*b.Y - b.X*a.Y
		at.X += (a.X + b.X) * k
		at.Y += (a.Y + b.Y) * k
		lo = Point{min(lo.X, a.X), min(lo.Y, a.Y)}
		hi = Point{max(hi.X, a.X), max(hi.Y, a.Y)}
	}
	k := 6 * area(best)
	return Point{at.X / k, at.Y / k}, min(hi.X-lo.X, hi.Y-lo.Y)
}

func area(r []Point) float64 {
	var a float64
	for i, p := range r {
		q := r[(i+1)%len(r)]
		a += p.X*q.Y - q.X*p.Y
	}
	return a / 2
}

func abs(x float64) float64 { return max(x, -x) }
