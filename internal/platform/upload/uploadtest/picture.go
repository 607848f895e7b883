// Package uploadtest makes what tests of uploads need: photographs of pages as telephones
// make them well and badly, documents with and without what acts by itself, and a stand-in
// for the virus scanner. It is for tests only.
package uploadtest

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
)

// letters are drawn of bars, five wide and seven high.
var letters = []string{
	"01110100011000111111100011000110001", "11110100011000111110100011000111110", "11111100001000011110100001000011111",
	"10001100011000111111100011000110001", "01110001000010000100001000010001110", "10000100001000010000100001000011111",
	"10001110111010110001100011000110001", "01110100011000110001100011000101110", "11111001000010000100001000010000100",
	"10001100011000110001100011000101110",
}

// Page draws a page of print, black on white: lines of words with margins. Print is about as
// high as 11 points are on a page of A4.
func Page(width, height int, seed uint64) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.Gray{Y: 244}), image.Point{}, draw.Src)
	r := rand.New(rand.NewPCG(seed, 1))
	dot := float64(max(width, height)) / 1100 // of a letter; 7 are 1.9 mm of 297
	margin := float64(width) / 12
	for y := margin; y+8*dot < float64(height)-margin; y += 14 * dot {
		x := margin
		for x < float64(width)-margin-6*dot {
			for range 2 + r.IntN(6) {
				letter(img, x, y, dot, letters[r.IntN(len(letters))])
				if x += 6 * dot; x > float64(width)-margin-6*dot {
					break
				}
			}
			x += 4 * dot
		}
	}
	return img
}

func letter(img *image.Gray, x, y, dot float64, bits string) {
	for i, b := range bits {
		if b == '1' {
			x0, y0 := x+float64(i%5)*dot, y+float64(i/5)*dot
			r := image.Rect(int(x0), int(y0), int(math.Ceil(x0+dot)), int(math.Ceil(y0+dot)))
			draw.Draw(img, r, image.NewUniform(color.Gray{Y: 30}), image.Point{}, draw.Src)
		}
	}
}

// Blur is a lens out of focus: a Gaussian of that many pixels, of three boxes.
func Blur(img *image.Gray, sigma float64) *image.Gray {
	out := image.NewGray(img.Bounds())
	copy(out.Pix, img.Pix)
	box := int(math.Round(math.Sqrt(4*sigma*sigma + 1))) // three boxes of this width have about this sigma
	for range 3 {
		along(out.Pix, img.Rect.Dx(), img.Rect.Dy(), 1, img.Stride, box)
		along(out.Pix, img.Rect.Dy(), img.Rect.Dx(), img.Stride, 1, box)
	}
	return out
}

// Shake is a hand that moved: sideways over that many pixels.
func Shake(img *image.Gray, pixels int) *image.Gray {
	out := image.NewGray(img.Bounds())
	copy(out.Pix, img.Pix)
	along(out.Pix, img.Rect.Dx(), img.Rect.Dy(), 1, img.Stride, pixels)
	return out
}

// along averages lines of n pixels that are step apart, in windows of box.
func along(pix []byte, n, lines, step, next, box int) {
	line := make([]int, n)
	for l := range lines {
		for i := range n {
			line[i] = int(pix[l*next+i*step])
		}
		sum, count := 0, 0
		for i := range min(n, box/2) {
			sum, count = sum+line[i], count+1
		}
		for i := range n {
			if in := i + box/2; in < n {
				sum, count = sum+line[in], count+1
			}
			if gone := i - box/2 - 1; gone >= 0 {
				sum, count = sum-line[gone], count-1
			}
			pix[l*next+i*step] = byte(sum / max(1, count))
		}
	}
}

// Light multiplies the brightness, as little light does.
func Light(img *image.Gray, by float64) *image.Gray {
	out := image.NewGray(img.Bounds())
	for i, v := range img.Pix {
		out.Pix[i] = byte(min(255, float64(v)*by))
	}
	return out
}

// Noise is what a camera adds in little light.
func Noise(img *image.Gray, most int, seed uint64) *image.Gray {
	r := rand.New(rand.NewPCG(seed, 2))
	out := image.NewGray(img.Bounds())
	for i, v := range img.Pix {
		out.Pix[i] = byte(min(255, max(0, int(v)+r.IntN(2*most+1)-most)))
	}
	return out
}

// OnTable lays a page on a table of a shade, with that much of the picture around it.
func OnTable(img *image.Gray, around float64, shade uint8) *image.Gray {
	dx, dy := int(around*float64(img.Rect.Dx())), int(around*float64(img.Rect.Dy()))
	out := image.NewGray(image.Rect(0, 0, img.Rect.Dx()+2*dx, img.Rect.Dy()+2*dy))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.Gray{Y: shade}), image.Point{}, draw.Src)
	draw.Draw(out, img.Rect.Add(image.Pt(dx, dy)), img, image.Point{}, draw.Src)
	return out
}

// JPEG packs a picture.
func JPEG(img image.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// PNG packs a picture.
func PNG(img image.Image) []byte {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Located puts into a JPEG what telephones do: where it was taken, which way up it is,
// a comment, and after its end another file.
func Located(picture []byte, orientation byte) []byte {
	exif := []byte{
		'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0, 2, 0,
		0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0,
		0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0, 0, 0, 0, 0,
		1, 0, 1, 0, 2, 0, 2, 0, 0, 0, 'N', 0, 0, 0, 0, 0, 0, 0,
	}
	out := append([]byte{}, picture[:2]...)
	out = append(out, 0xff, 0xe1, 0, byte(len(exif)+2))
	out = append(out, exif...)
	comment := "chụp ở nhà, 21.5942, 105.8482"
	out = append(out, 0xff, 0xfe, 0, byte(len(comment)+2))
	out = append(out, comment...)
	out = append(out, picture[2:]...)
	return append(out, "\x00\x00\x00\x18ftypmp42 a film of what was before"...)
}

// PNGPart puts a part into a PNG, before its picture.
func PNGPart(pic []byte, kind, text string) []byte {
	i := bytes.Index(pic, []byte("IDAT")) - 4
	part := binary.BigEndian.AppendUint32(nil, uint32(len(text))) //nolint:gosec // short
	part = append(append(part, kind...), text...)
	part = binary.BigEndian.AppendUint32(part, crc32.ChecksumIEEE(part[4:]))
	return append(append(append([]byte{}, pic[:i]...), part...), pic[i:]...)
}

// Resized lets a PNG say another size than it has.
func Resized(pic []byte, width, height uint32) []byte {
	out := bytes.Clone(pic)
	binary.BigEndian.PutUint32(out[16:], width)
	binary.BigEndian.PutUint32(out[20:], height)
	binary.BigEndian.PutUint32(out[29:], crc32.ChecksumIEEE(out[12:29]))
	return out
}
