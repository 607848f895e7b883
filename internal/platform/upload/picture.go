package upload

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"math"

	"dean06/internal/platform/fault"
)

const (
	// mostPixels is more than any camera of a telephone makes. A picture beyond is made to
	// use up the memory of whoever opens it.
	mostPixels = 250_000_000
	// mostDecoded is how many bytes a decoded picture may take here: 50 million pixels of
	// an ordinary photograph. One that needs more is taken without a look at its sharpness.
	mostDecoded = 160 << 20
)

// picture is what the outside of a picture tells.
type picture struct {
	width, height int
	cost          int64 // bytes when decoded by the standard library
	located       bool  // it says where it was taken
	orientation   int   // of EXIF, 1 to 8; 0: not said
}

// errShort is of a picture that ends too early, or whose parts do not fit together.
var errShort = errors.New("the picture is not whole")

func scanPicture(t Type, r io.Reader) (picture, error) {
	if t == JPEG {
		return walkJPEG(r, nil)
	}
	return walkPNG(r, nil)
}

// WriteClean writes a JPEG or PNG without its metadata: the picture itself is the same,
// byte for byte. Which way up it is shown is kept.
func WriteClean(ctx context.Context, t Type, r io.ReaderAt, size int64, w io.Writer) error {
	src := bufio.NewReaderSize(io.NewSectionReader(ctxReaderAt{ctx, r}, 0, size), 64<<10)
	out := bufio.NewWriterSize(w, 64<<10)
	var err error
	switch t {
	case JPEG:
		var before picture
		// The way up stands in a part that may come after others that are kept.
		if before, err = walkJPEG(bufio.NewReaderSize(io.NewSectionReader(ctxReaderAt{ctx, r}, 0, size), 64<<10), nil); err == nil {
			_, err = walkJPEG(src, &cleanJPEG{w: out, orientation: before.orientation})
		}
	case PNG:
		_, err = walkPNG(src, out)
	default:
		err = fmt.Errorf("clean a file of type %q: only pictures are", t)
	}
	return errors.Join(err, out.Flush())
}

func (f *Found) inspectPicture(r io.ReaderAt, size int64, name string, p Policy) error {
	pic, err := scanPicture(f.Type, bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 64<<10))
	if err != nil {
		if errors.Is(err, errShort) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return refused("not_whole", name, fault.Args{"type": string(f.Type)}).Because(err)
		}
		return err
	}
	f.Width, f.Height, f.Clean = pic.width, pic.height, true
	if pic.located {
		f.Warnings = append(f.Warnings, Located)
	}
	if int64(pic.width)*int64(pic.height) > mostPixels {
		return refused("too_many_pixels", name, fault.Args{"width": pic.width, "height": pic.height})
	}
	if p.Paper {
		m := p.Photo()
		if min(pic.width, pic.height) < m.ShortSide {
			return refused("too_small", name, fault.Args{"width": pic.width, "height": pic.height, "least": m.ShortSide})
		}
	}
	if pic.cost > mostDecoded {
		f.Warnings = append(f.Warnings, Unchecked)
		return nil
	}
	img, err := decode(f.Type, io.NewSectionReader(r, 0, size))
	switch {
	case errors.As(err, new(jpeg.UnsupportedError)), errors.As(err, new(png.UnsupportedError)):
		f.Warnings = append(f.Warnings, Unchecked) // a rare kind that viewers know and we do not
		return nil
	case errors.As(err, new(jpeg.FormatError)), errors.As(err, new(png.FormatError)),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return refused("not_whole", name, fault.Args{"type": string(f.Type)}).Because(err)
	case err != nil && ourFault(err):
		return err
	case err != nil: // of the packing inside of a PNG
		return refused("not_whole", name, fault.Args{"type": string(f.Type)}).Because(err)
	}
	if p.Paper {
		f.Warnings = append(f.Warnings, judge(greyOf(img), p.Photo())...)
	}
	return nil
}

func ourFault(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.ErrClosedPipe)
}

func decode(t Type, r io.Reader) (image.Image, error) {
	r = bufio.NewReaderSize(r, 64<<10)
	if t == JPEG {
		return jpeg.Decode(r)
	}
	return png.Decode(r)
}

// grey is a picture in shades, 0 black to 255 white, small enough to be measured.
type grey struct {
	width, height int
	at            []float32
}

// longestGrey is to how many pixels the long side is brought before it is judged: an A4 page
// then has 5 a millimetre, at which print of 10 points is still told letter by letter.
const longestGrey = 1600

// greyOf averages blocks of pixels, so that the noise of a camera is not taken for detail.
func greyOf(img image.Image) grey {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	scale := max(1, float64(max(w, h))/longestGrey)
	g := grey{width: max(1, int(float64(w)/scale)), height: max(1, int(float64(h)/scale))}
	g.at = make([]float32, g.width*g.height)
	counts := make([]float32, g.width)
	columns := make([]int, w)
	for x := range columns {
		columns[x] = min(g.width-1, x*g.width/w)
	}
	row, shade := -1, shadeOf(img)
	end := func() {
		for x := range counts {
			if counts[x] > 0 {
				g.at[row*g.width+x] /= counts[x]
			}
			counts[x] = 0
		}
	}
	for y := range h {
		if to := min(g.height-1, y*g.height/h); to != row {
			if row >= 0 {
				end()
			}
			row = to
		}
		line := g.at[row*g.width : (row+1)*g.width]
		for x := range w {
			line[columns[x]] += shade(b.Min.X+x, b.Min.Y+y)
			counts[columns[x]]++
		}
	}
	end()
	return g
}

// shadeOf gives the shade of a pixel; what can be seen through lies on white.
func shadeOf(img image.Image) func(x, y int) float32 {
	switch m := img.(type) {
	case *image.YCbCr:
		return func(x, y int) float32 { return float32(m.Y[m.YOffset(x, y)]) }
	case *image.Gray:
		return func(x, y int) float32 { return float32(m.Pix[m.PixOffset(x, y)]) }
	case *image.NRGBA:
		return func(x, y int) float32 {
			p := m.Pix[m.PixOffset(x, y):]
			a := float32(p[3]) / math.MaxUint8
			return luma(float32(p[0]), float32(p[1]), float32(p[2]))*a + math.MaxUint8*(1-a)
		}
	case *image.RGBA:
		return func(x, y int) float32 {
			p := m.Pix[m.PixOffset(x, y):]
			return luma(float32(p[0]), float32(p[1]), float32(p[2])) + math.MaxUint8 - float32(p[3])
		}
	}
	return func(x, y int) float32 {
		r, g, b, a := img.At(x, y).RGBA()
		return luma(float32(r>>8), float32(g>>8), float32(b>>8)) + math.MaxUint8 - float32(a>>8)
	}
}

func luma(r, g, b float32) float32 { return 0.299*r + 0.587*g + 0.114*b }

// isPrefix says that a part begins with a text.
func isPrefix(b []byte, text string) bool { return bytes.HasPrefix(b, []byte(text)) }
