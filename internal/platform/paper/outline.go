package paper

import (
	"encoding/binary"
	"fmt"

	"dean06/internal/platform/chart"
)

// outlines reads the shapes of letters from a TrueType font, for charts that
// become pictures. It reads just what the embedded fonts hold: a cmap of format
// 4, simple and composite glyphs; no hinting, no kerning.
type outlines struct {
	data             []byte
	cmap, glyf, loca int
	hmtx, metrics    int
	long             bool
	em               float64
}

func newOutlines(data []byte) (*outlines, error) {
	o := &outlines{data: data}
	tables := map[string]int{}
	for i := range int(o.u16(4)) {
		at := 12 + 16*i
		tables[string(data[at:at+4])] = int(binary.BigEndian.Uint32(data[at+8:]))
	}
	for _, need := range []string{"head", "hhea", "hmtx", "cmap", "loca", "glyf"} {
		if tables[need] == 0 {
			return nil, fmt.Errorf("read font: table %s is missing", need)
		}
	}
	o.em = float64(o.u16(tables["head"] + 18))
	o.long = o.u16(tables["head"]+50) == 1
	o.metrics = int(o.u16(tables["hhea"] + 34))
	o.hmtx, o.loca, o.glyf = tables["hmtx"], tables["loca"], tables["glyf"]
	for i := range int(o.u16(tables["cmap"] + 2)) {
		sub := tables["cmap"] + int(binary.BigEndian.Uint32(data[tables["cmap"]+8+8*i:]))
		if o.u16(sub) == 4 {
			o.cmap = sub
		}
	}
	if o.cmap == 0 {
		return nil, fmt.Errorf("read font: no cmap of format 4")
	}
	return o, nil
}

func (o *outlines) u16(at int) uint16 { return binary.BigEndian.Uint16(o.data[at:]) }
func (o *outlines) i16(at int) int    { return int(int16(o.u16(at))) }

// glyph finds the glyph of a letter; 0 is the sign for a missing one.
func (o *outlines) glyph(r rune) int {
	if r > 0xffff {
		return 0
	}
	c := int(r)
	segs := int(o.u16(o.cmap+6)) / 2
	ends := o.cmap + 14
	starts, deltas, offsets := ends+2*segs+2, ends+4*segs+2, ends+6*segs+2
	for i := range segs {
		if c > int(o.u16(ends+2*i)) {
			continue
		}
		start := int(o.u16(starts + 2*i))
		if c < start {
			return 0
		}
		offset := int(o.u16(offsets + 2*i))
		if offset == 0 {
			return (c + o.i16(deltas+2*i)) & 0xffff
		}
		g := int(o.u16(offsets + 2*i + offset + 2*(c-start)))
		if g == 0 {
			return 0
		}
		return (g + o.i16(deltas+2*i)) & 0xffff
	}
	return 0
}

func (o *outlines) advance(glyph int) float64 {
	return float64(o.u16(o.hmtx+4*min(glyph, o.metrics-1))) / o.em
}

// width is how wide a text is at size 1.
func (o *outlines) width(text string) float64 {
	var w float64
	for _, r := range text {
		w += o.advance(o.glyph(r))
	}
	return w
}

// text gives the outlines of a text whose baseline begins at x, y.
func (o *outlines) text(text string, x, y, size float64) [][]chart.Point {
	var rings [][]chart.Point
	for _, r := range text {
		g := o.glyph(r)
		for _, ring := range o.shape(g, 0) {
			for i, p := range ring {
				ring[i] = chart.Point{X: x + p.X/o.em*size, Y: y - p.Y/o.em*size}
			}
			rings = append(rings, ring)
		}
		x += o.advance(g) * size
	}
	return rings
}

// shape gives the contours of a glyph in font units.
func (o *outlines) shape(glyph, depth int) [][]chart.Point {
	var from, to int
	if o.long {
		from, to = int(binary.BigEndian.Uint32(o.data[o.loca+4*glyph:])), int(binary.BigEndian.Uint32(o.data[o.loca+4*glyph+4:]))
	} else {
		from, to = 2*int(o.u16(o.loca+2*glyph)), 2*int(o.u16(o.loca+2*glyph+2))
	}
	if from == to {
		return nil
	}
	at := o.glyf + from
	if n := o.i16(at); n >= 0 {
		return o.simple(at+10, n)
	}
	if depth > 4 {
		return nil
	}
	return o.composite(at+10, depth)
}

// Flags of composite glyphs.
const (
	wordArgs   = 0x0001
	argsAreXY  = 0x0002
	oneScale   = 0x0008
	moreToCome = 0x0020
	twoScales  = 0x0040
	fourScales = 0x0080
)

func (o *outlines) composite(at, depth int) [][]chart.Point {
	var out [][]chart.Point
	for {
		flags, part := int(o.u16(at)), int(o.u16(at+2))
		at += 4
		var dx, dy int
		if flags&wordArgs != 0 {
			dx, dy = o.i16(at), o.i16(at+2)
			at += 4
		} else {
			dx, dy = int(int8(o.data[at])), int(int8(o.data[at+1]))
			at += 2
		}
		if flags&argsAreXY == 0 {
			dx, dy = 0, 0
		}
		m := [4]float64{1, 0, 0, 1}
		scale := func(i int) float64 { return float64(o.i16(at+2*i)) / 16384 }
		switch {
		case flags&oneScale != 0:
			m[0], m[3] = scale(0), scale(0)
			at += 2
		case flags&twoScales != 0:
			m[0], m[3] = scale(0), scale(1)
			at += 4
		case flags&fourScales != 0:
			m = [4]float64{scale(0), scale(1), scale(2), scale(3)}
			at += 8
		}
		for _, ring := range o.shape(part, depth+1) {
			for i, p := range ring {
				ring[i] = chart.Point{X: m[0]*p.X + m[2]*p.Y + float64(dx), Y: m[1]*p.X + m[3]*p.Y + float64(dy)}
			}
			out = append(out, ring)
		}
		if flags&moreToCome == 0 {
			return out
		}
	}
}

// simple reads contours of quadratic curves and flattens them.
func (o *outlines) simple(at, contours int) [][]chart.Point {
	ends := make([]int, contours)
	for i := range ends {
		ends[i] = int(o.u16(at + 2*i))
	}
	if contours == 0 {
		return nil
	}
	at += 2 * contours
	at += 2 + int(o.u16(at)) // instructions
	total := ends[contours-1] + 1
	flags := make([]byte, 0, total)
	for len(flags) < total {
		f := o.data[at]
		at++
		flags = append(flags, f)
		if f&8 != 0 {
			for range o.data[at] {
				flags = append(flags, f)
			}
			at++
		}
	}
	read := func(short, same byte) []float64 {
		out := make([]float64, total)
		v := 0
		for i := range out {
			switch f := flags[i]; {
			case f&short != 0:
				d := int(o.data[at])
				at++
				if f&same == 0 {
					d = -d
				}
				v += d
			case f&same == 0:
				v += o.i16(at)
				at += 2
			}
			out[i] = float64(v)
		}
		return out
	}
	xs := read(2, 16)
	ys := read(4, 32)
	rings := make([][]chart.Point, 0, contours)
	start := 0
	for _, end := range ends {
		rings = append(rings, flatten(xs[start:end+1], ys[start:end+1], flags[start:end+1]))
		start = end + 1
	}
	return rings
}

// flatten turns a contour with points on and off the curve into a polygon.
func flatten(xs, ys []float64, flags []byte) []chart.Point {
	n := len(xs)
	pt := func(i int) chart.Point { return chart.Point{X: xs[i%n], Y: ys[i%n]} }
	on := func(i int) bool { return flags[i%n]&1 != 0 }
	mid := func(a, b chart.Point) chart.Point { return chart.Point{X: (a.X + b.X) / 2, Y: (a.Y + b.Y) / 2} }
	first := 0
	for first < n && !on(first) {
		first++
	}
	at := mid(pt(0), pt(n-1))
	if first < n {
		at = pt(first)
	} else {
		first = n - 1
	}
	ring := []chart.Point{at}
	for k := 1; k <= n; k++ {
		i := first + k
		if on(i) {
			at = pt(i)
			ring = append(ring, at)
			continue
		}
		c, to := pt(i), pt(i+1)
		if !on(i + 1) {
			to = mid(c, to)
		}
		for s := 1; s <= 4; s++ {
			t := float64(s) / 4
			ring = append(ring, chart.Point{
				X: (1-t)*(1-t)*at.X + 2*t*(1-t)*c.X + t*t*to.X,
				Y: (1-t)*(1-t)*at.Y + 2*t*(1-t)*c.Y + t*t*to.Y,
			})
		}
		at = to
	}
	return ring
}
