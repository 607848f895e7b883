package upload

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
)

const pngSign = "\x89PNG\r\n\x1a\n"

// keptPNG are the parts that make the picture and what its colours mean (PNG, third
// edition, 11). Texts, times, EXIF, moving pictures and private parts are left out.
var keptPNG = map[string]bool{
	"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true, "gAMA": true, "cHRM": true, "sRGB": true,
	"iCCP": true, "sBIT": true, "bKGD": true, "pHYs": true,
}

// longestPart is how long a part of a PNG may be that is not the picture: a profile of colours.
const longestPart = 4 << 20

// walkPNG goes through the parts of a PNG up to its end, checks the sum of each, and
// writes those that make the picture to out, unless it is nil.
func walkPNG(r io.Reader, out io.Writer) (picture, error) {
	if out == nil {
		out = io.Discard
	}
	var p picture
	sign := make([]byte, len(pngSign))
	if _, err := io.ReadFull(r, sign); err != nil {
		return p, err
	}
	if string(sign) != pngSign {
		return p, errShort
	}
	if _, err := out.Write(sign); err != nil {
		return p, err
	}
	for first := true; ; first = false {
		kind, err := p.pngPart(r, out)
		switch {
		case err != nil:
			return p, err
		case first != (kind == "IHDR"):
			return p, fmt.Errorf("%w: %q is out of its place", errShort, kind)
		case kind == "IEND":
			return p, nil
		}
	}
}

func (p *picture) pngPart(r io.Reader, out io.Writer) (kind string, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return "", err
	}
	size := int64(binary.BigEndian.Uint32(head[:]))
	kind = string(head[4:])
	if size > 1<<31-1 || size > longestPart && kind != "IDAT" {
		return "", fmt.Errorf("%w: a part of %d bytes", errShort, size)
	}
	to := io.Discard
	if keptPNG[kind] {
		to = out
	}
	sum := crc32.NewIEEE()
	_, _ = sum.Write(head[4:])
	if _, err := to.Write(head[:]); err != nil {
		return "", err
	}
	var seen bytes.Buffer
	w := io.MultiWriter(sum, to)
	if kind != "IDAT" && (!keptPNG[kind] || kind == "IHDR") {
		w = io.MultiWriter(sum, to, &seen)
	}
	if n, err := io.CopyN(w, r, size); err != nil {
		return "", fmt.Errorf("%w: %d bytes of %d: %w", errShort, n, size, err)
	}
	var told [4]byte
	if _, err := io.ReadFull(r, told[:]); err != nil {
		return "", err
	}
	if binary.BigEndian.Uint32(told[:]) != sum.Sum32() {
		return "", fmt.Errorf("%w: the sum of %q", errShort, kind)
	}
	if _, err := to.Write(told[:]); err != nil {
		return "", err
	}
	return kind, p.readPNG(kind, seen.Bytes())
}

// readPNG takes from a part what is to be known of the picture.
func (p *picture) readPNG(kind string, part []byte) error {
	switch kind {
	case "IHDR":
		if len(part) != 13 {
			return fmt.Errorf("%w: its head has %d bytes", errShort, len(part))
		}
		w, h := binary.BigEndian.Uint32(part), binary.BigEndian.Uint32(part[4:])
		if w == 0 || h == 0 || w > 1<<30 || h > 1<<30 {
			return fmt.Errorf("%w: %d by %d pixels", errShort, w, h)
		}
		p.width, p.height = int(w), int(h)
		each := int64(4)
		if part[8] == 16 {
			each = 8
		}
		if int64(w)*int64(h) > mostPixels {
			each = 1 // the product would not fit; it is refused
		}
		p.cost = int64(w) * int64(h) * each
		if part[12] == 1 { // interlaced: seven smaller pictures are held as well
			p.cost *= 2
		}
	case "eXIf":
		p.readExif(part)
	case "iTXt", "tEXt", "zTXt":
		p.located = p.located || hasLocation(part)
	}
	return nil
}

// hasLocation finds a place in metadata that is text.
func hasLocation(part []byte) bool {
	return bytes.Contains(part, []byte("GPSLatitude")) || bytes.Contains(part, []byte("GPSLongitude"))
}
