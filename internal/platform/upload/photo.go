package upload

import (
	"cmp"
	"slices"
)

// Marks say when a photograph of a paper is too small, too blurred or too dark. They are
// data: a policy may bring others.
type Marks struct {
	// ShortSide is the least number of pixels of the short side. 900 is an A4 page at
	// 110 dots an inch, below which print of 10 points runs together; the pictures that
	// messengers send on have 960.
	ShortSide int `json:"short_side"`
	// Sharp is the least sharpness of the writing: how much the brightness bends (variance
	// of the second derivative, the lesser of both directions, without the camera's noise) for how much it varies, in the places
	// where there is writing.
	Sharp float64 `json:"sharp"`
	// Light is how light the paper is to be, 0 to 255: nine tenths of the picture may be
	// darker (a table, a hand), the rest is the paper.
	Light float64 `json:"light"`
	// Contrast is by how many shades the brightness varies where there is writing (standard
	// deviation).
	Contrast float64 `json:"contrast"`
}

// DefaultMarks were found with pages of text, made sharp, blurred, dark, noisy and turned,
// as the tests do it.
var DefaultMarks = Marks{ShortSide: 900, Sharp: 0.03, Light: 90, Contrast: 6}

// tile is the side of the squares in which writing is looked for.
const tile = 32

// judge says what is wrong with the photograph of a paper.
func judge(g grey, m Marks) []Warning {
	var out []Warning
	paper := g.quantile(0.9)
	if paper < m.Light {
		out = append(out, Dark)
	}
	// In little light writing and paper differ less; that is darkness, not blur.
	contrast := m.Contrast * min(1, max(0.2, paper/220))
	if sharp, any := g.sharpness(contrast); !any || sharp < m.Sharp {
		if any || len(out) == 0 { // what is too dark to hold writing is only dark
			out = append(out, Blurred)
		}
	}
	return out
}

// sharpness is that of the sharper squares with writing: three quarters may be less sharp, as
// is the shadow of a hand, or a table out of focus. false when there is no writing.
func (g grey) sharpness(contrast float64) (float64, bool) {
	g = g.smooth()
	var all []square
	for y := 1; y+tile < g.height; y += tile {
		for x := 1; x+tile < g.width; x += tile {
			all = append(all, g.square(x, y))
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	// The plainest places of a picture bend by noise alone.
	slices.SortFunc(all, func(a, b square) int { return cmp.Compare(a.bend, b.bend) })
	noise := all[len(all)/20]
	var sharp []float64
	for _, q := range all {
		if varies := q.vary - noise.vary; varies >= contrast*contrast {
			sharp = append(sharp, max(0, q.bend-noise.bend)/varies)
		}
	}
	if len(sharp) == 0 {
		return 0, false
	}
	slices.Sort(sharp)
	return sharp[len(sharp)*3/4], true
}

// smooth takes the finest grain out: each pixel with its neighbours, 1-2-1 both ways.
func (g grey) smooth() grey {
	out := grey{g.width, g.height, slices.Clone(g.at)}
	for y := 1; y+1 < g.height; y++ {
		for x := 1; x+1 < g.width; x++ {
			i := y*g.width + x
			up, at, down := g.at[i-g.width-1:i-g.width+2], g.at[i-1:i+2], g.at[i+g.width-1:i+g.width+2]
			out.at[i] = (up[0] + 2*up[1] + up[2] + 2*at[0] + 4*at[1] + 2*at[2] + down[0] + 2*down[1] + down[2]) / 16
		}
	}
	return out
}

// square is a place of a picture: how much its brightness varies, and how much it bends in
// the direction in which it bends least. A hand that moved leaves one direction sharp.
type square struct{ vary, bend float64 }

func (g grey) square(x0, y0 int) square {
	var sum, squares, across, across2, down, down2 float64
	for y := y0; y < y0+tile; y++ {
		for x := x0; x < x0+tile; x++ {
			i := y*g.width + x
			v := float64(g.at[i])
			a, d := 2*v-float64(g.at[i-1]+g.at[i+1]), 2*v-float64(g.at[i-g.width]+g.at[i+g.width])
			sum, squares = sum+v, squares+v*v
			across, across2 = across+a, across2+a*a
			down, down2 = down+d, down2+d*d
		}
	}
	const n = tile * tile
	variance := func(sum, squares float64) float64 { return max(0, squares/n-sum/n*sum/n) }
	return square{variance(sum, squares), 2 * min(variance(across, across2), variance(down, down2))}
}

// quantile is the shade that a share of the pixels does not exceed.
func (g grey) quantile(share float64) float64 {
	var counts [256]int
	for _, v := range g.at {
		counts[min(255, max(0, int(v)))]++
	}
	left := int(share * float64(len(g.at)))
	for shade, n := range counts {
		if left -= n; left <= 0 {
			return float64(shade)
		}
	}
	return 255
}
