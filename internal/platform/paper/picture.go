package paper

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strings"
	"sync"

	"dean06/internal/platform/chart"
)

// pictureWidth is how many pixels wide a chart becomes for Word: 165 mm at 185 dpi.
const pictureWidth = 1200

var letters = sync.OnceValues(func() ([2]*outlines, error) {
	regular, err := newOutlines(fontRegular)
	if err != nil {
		return [2]*outlines{}, err
	}
	bold, err := newOutlines(fontBold)
	return [2]*outlines{regular, bold}, err
})

// Picture draws a chart as PNG on white, for programs that take no vectors.
func Picture(c *chart.Chart) ([]byte, error) {
	fonts, err := letters()
	if err != nil {
		return nil, fmt.Errorf("draw chart %s: %w", c.ID, err)
	}
	if !(c.Width > 0 && c.Height > 0 && c.Height < 20*c.Width) {
		return nil, fmt.Errorf("draw chart %s: its size is %v × %v", c.ID, c.Width, c.Height)
	}
	scale := pictureWidth / c.Width
	cv := newCanvas(pictureWidth, int(math.Ceil(c.Height*scale)))
	for _, g := range c.Groups {
		for _, m := range g.Marks {
			cv.mark(m, scale, fonts)
		}
	}
	var out bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&out, cv.img); err != nil {
		return nil, fmt.Errorf("encode chart %s: %w", c.ID, err)
	}
	return out.Bytes(), nil
}

// canvas fills polygons with soft edges. Charts have few colours: with a palette
// they are drawn and packed three times as fast as in full colour.
type canvas struct {
	img   *image.Paletted
	cover []float32
	mixes map[mix]uint8

	// Room that fill uses again and again.
	edges, active []edge
	cross         []crossing
}

// mix is an ink over a ground at one of the levels of coverage.
type mix struct{ ground, ink, level uint8 }

const levels = 8

func newCanvas(w, h int) *canvas {
	return &canvas{
		img:   image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.RGBA{0xff, 0xff, 0xff, 0xff}}),
		cover: make([]float32, w+1),
		mixes: map[mix]uint8{},
	}
}

// index finds a colour in the palette, or adds it; in a full palette it is the
// nearest one.
func (cv *canvas) index(c color.RGBA) uint8 {
	i := cv.img.Palette.Index(c)
	if cv.img.Palette[i] != color.Color(c) && len(cv.img.Palette) < 256 {
		i = len(cv.img.Palette)
		cv.img.Palette = append(cv.img.Palette, c)
	}
	return uint8(i)
}

func (cv *canvas) mixed(m mix) uint8 {
	if i, ok := cv.mixes[m]; ok {
		return i
	}
	under, over := cv.img.Palette[m.ground].(color.RGBA), cv.img.Palette[m.ink].(color.RGBA)
	part := func(a, b uint8) uint8 {
		return uint8((int(a)*(levels-int(m.level)) + int(b)*int(m.level)) / levels)
	}
	i := cv.index(color.RGBA{part(under.R, over.R), part(under.G, over.G), part(under.B, over.B), 0xff})
	cv.mixes[m] = i
	return i
}

func (cv *canvas) mark(m chart.Mark, k float64, fonts [2]*outlines) {
	paint := chart.PaintOf(m.Class)
	var rings [][]chart.Point
	switch m.Shape {
	case chart.Rect:
		x, y, w, h := m.X*k, m.Y*k, m.W*k, m.H*k
		rings = [][]chart.Point{{{X: x, Y: y}, {X: x + w, Y: y}, {X: x + w, Y: y + h}, {X: x, Y: y + h}}}
	case chart.Circle:
		rings = [][]chart.Point{round(m.X*k, m.Y*k, m.R*k, 40)}
	case chart.Line, chart.Area:
		for _, r := range m.Rings {
			out := make([]chart.Point, len(r))
			for i, p := range r {
				out[i] = chart.Point{X: p.X * k, Y: p.Y * k}
			}
			rings = append(rings, out)
		}
	case chart.Text:
		font := fonts[0]
		if m.Bold {
			font = fonts[1]
		}
		x, size := m.X*k, m.Size*k
		text := clean(strings.ReplaceAll(m.Text, "\n", " "))
		switch m.Anchor {
		case chart.Middle:
			x -= font.width(text) * size / 2
		case chart.End:
			x -= font.width(text) * size
		}
		rings = font.text(text, x, m.Y*k, size)
	}
	if paint.Fill != "" {
		cv.fill(rings, paint.Fill)
	}
	if paint.Stroke != "" && m.Shape != chart.Text {
		for _, r := range rings {
			if m.Shape != chart.Line && len(r) > 0 {
				r = append(slices.Clone(r), r[0])
			}
			cv.stroke(r, paint.Width*k, paint.Stroke, paint.Dash)
		}
	}
}

func round(x, y, r float64, n int) []chart.Point {
	out := make([]chart.Point, n)
	for i := range out {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		out[i] = chart.Point{X: x + r*cos, Y: y + r*sin}
	}
	return out
}

// stroke fills a band along a line, with round joints where they would be seen.
func (cv *canvas) stroke(line []chart.Point, width float64, hex string, dash bool) {
	var bands [][]chart.Point
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		long := math.Hypot(b.X-a.X, b.Y-a.Y)
		if long == 0 || dash && i%2 == 0 && len(line) > 20 {
			continue
		}
		nx, ny := -(b.Y-a.Y)/long*width/2, (b.X-a.X)/long*width/2
		bands = append(bands, []chart.Point{
			{X: a.X - nx, Y: a.Y - ny}, {X: b.X - nx, Y: b.Y - ny}, {X: b.X + nx, Y: b.Y + ny}, {X: a.X + nx, Y: a.Y + ny},
		})
		if width > 2.5 {
			bands = append(bands, round(a.X, a.Y, width/2, 12), round(b.X, b.Y, width/2, 12))
		}
	}
	cv.fill(bands, hex)
}

type edge struct {
	x0, y0, x1, y1 float64
	down           int
}

type crossing struct {
	x    float64
	down int
}

// fill paints what the rings enclose (rule of the winding number), four lines
// of sampling to a pixel and exact coverage along each.
func (cv *canvas) fill(rings [][]chart.Point, hex string) {
	const sub = 4
	edges, active, cross := cv.edges[:0], cv.active[:0], cv.cross[:0]
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, r := range rings {
		for i, a := range r {
			b := r[(i+1)%len(r)]
			if a.Y == b.Y || math.IsNaN(a.X+a.Y+b.X+b.Y) {
				continue
			}
			e := edge{a.X, a.Y, b.X, b.Y, 1}
			if a.Y > b.Y {
				e = edge{b.X, b.Y, a.X, a.Y, -1}
			}
			edges = append(edges, e)
			lo, hi = min(lo, e.y0), max(hi, e.y1)
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Compare(a.y0, b.y0) })
	r, g, b := rgb(hex)
	ink := cv.index(color.RGBA{uint8(r), uint8(g), uint8(b), 0xff})
	size := cv.img.Bounds().Size()
	next := 0
	for y := max(0, int(lo)); y < size.Y && float64(y) < hi; y++ {
		left, right := size.X, -1
		for s := range sub {
			at := float64(y) + (float64(s)+.5)/sub
			for next < len(edges) && edges[next].y0 <= at {
				active = append(active, edges[next])
				next++
			}
			active = slices.DeleteFunc(active, func(e edge) bool { return e.y1 <= at })
			cross = cross[:0]
			for _, e := range active {
				cross = append(cross, crossing{e.x0 + (at-e.y0)/(e.y1-e.y0)*(e.x1-e.x0), e.down})
			}
			slices.SortFunc(cross, func(a, b crossing) int { return cmp.Compare(a.x, b.x) })
			wind := 0
			for i := 0; i+1 < len(cross); i++ {
				if wind += cross[i].down; wind != 0 {
					l, r := cv.span(cross[i].x, cross[i+1].x, 1.0/sub)
					left, right = min(left, l), max(right, r)
				}
			}
		}
		cv.blend(y, left, right, ink)
	}
	cv.edges, cv.active, cv.cross = edges, active, cross
}

// span adds the coverage of a stretch of a line and gives the pixels it touched.
func (cv *canvas) span(x0, x1 float64, weight float32) (left, right int) {
	limit := float64(cv.img.Bounds().Dx())
	x0, x1 = max(0, min(x0, limit)), max(0, min(x1, limit))
	if x1 <= x0 {
		return len(cv.cover), -1
	}
	a, b := int(x0), int(x1)
	if a == b {
		cv.cover[a] += weight * float32(x1-x0)
		return a, b
	}
	cv.cover[a] += weight * float32(float64(a+1)-x0)
	for i := a + 1; i < b; i++ {
		cv.cover[i] += weight
	}
	cv.cover[b] += weight * float32(x1-float64(b))
	return a, b
}

func (cv *canvas) blend(y, left, right int, ink uint8) {
	right = min(right, cv.img.Bounds().Dx()-1)
	line := cv.img.Pix[y*cv.img.Stride:]
	for x := left; x <= right; x++ {
		switch level := int(cv.cover[x]*levels + .5); {
		case level >= levels:
			line[x] = ink
		case level > 0:
			line[x] = cv.mixed(mix{line[x], ink, uint8(level)})
		}
		cv.cover[x] = 0
	}
	cv.cover[len(cv.cover)-1] = 0
}
