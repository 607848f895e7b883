package journeys

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"

	"github.com/chromedp/chromedp"
)

// The bounds of a picture in docs/screenshots.
const (
	maxHeight = 1500
	maxBytes  = 150 << 10
)

// picture renews a picture of the open page in docs/screenshots when
// UPDATE_SCREENSHOTS is set: cut at a height, in the 256 colours it has most of.
func (p *person) picture(name string) {
	p.t.Helper()
	p.pictureTo(name, maxHeight)
}

// pictureTo is one that is cut at another height.
func (p *person) pictureTo(name string, most int64) {
	p.t.Helper()
	if os.Getenv("UPDATE_SCREENSHOTS") == "" {
		return
	}
	// A window as high as the page, so that bars that stay stand where they belong.
	high := min(eval[int64](p, `document.documentElement.scrollHeight`), most)
	p.do(
		"picture "+name, chromedp.EmulateViewport(p.width, high),
		chromedp.Evaluate[chromedp.Void](`document.activeElement?.blur(); scrollTo(0, 0)`),
	)
	raw, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatalf("picture %s: %v", name, err)
	}
	p.do("picture "+name, chromedp.EmulateViewport(p.width, windowHeight))
	full, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		p.t.Fatalf("picture %s: %v", name, err)
	}
	var out bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&out, reduce(full)); err != nil {
		p.t.Fatalf("picture %s: %v", name, err)
	}
	if out.Len() > maxBytes {
		p.t.Errorf("picture %s has %d bytes, at most %d are allowed", name, out.Len(), maxBytes)
	}
	if err := os.WriteFile(filepath.Join("..", "..", "docs", "screenshots", name+".png"), out.Bytes(), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// reduce keeps the most frequent colours of a picture; the others become the
// nearest of these.
func reduce(from image.Image) *image.Paletted {
	r := from.Bounds()
	count := map[color.RGBA]int{}
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(from.At(x, y)).(color.RGBA) }
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	colours := make([]color.RGBA, 0, len(count))
	for c := range count {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int {
		if d := count[b] - count[a]; d != 0 {
			return d
		}
		return int(a.R)<<16 + int(a.G)<<8 + int(a.B) - int(b.R)<<16 - int(b.G)<<8 - int(b.B)
	})
	palette := color.Palette{}
	for _, c := range colours[:min(len(colours), 256)] {
		palette = append(palette, c)
	}
	index := map[color.RGBA]uint8{}
	for _, c := range colours {
		index[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(r, palette)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			out.SetColorIndex(x, y, index[at(x, y)])
		}
	}
	return out
}
