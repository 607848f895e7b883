package upload

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Markers of a JPEG file (ITU-T T.81, table B.1).
const (
	jpegSOI  = 0xd8
	jpegEOI  = 0xd9
	jpegSOS  = 0xda
	jpegAPP0 = 0xe0
	jpegAPP1 = 0xe1
	jpegICC  = 0xe2
	jpegAPPE = 0xee
	jpegAPPF = 0xef
	jpegCOM  = 0xfe
)

// cleanJPEG receives the parts that are kept.
type cleanJPEG struct {
	w           *bufio.Writer
	orientation int
	told        bool
}

// walkJPEG goes through the parts of a JPEG up to its end, and hands those that make the
// picture to out, unless it is nil. What follows the end (a film, a second picture, an
// archive) is no part of it.
func walkJPEG(r io.Reader, out *cleanJPEG) (picture, error) {
	br, ok := r.(*bufio.Reader)
	if !ok {
		br = bufio.NewReader(r)
	}
	var p picture
	var start [2]byte
	if _, err := io.ReadFull(br, start[:]); err != nil {
		return p, err
	}
	if start != [2]byte{0xff, jpegSOI} {
		return p, errShort
	}
	out.bytes(start[:])
	marker, err := nextMarker(br)
	for err == nil && marker != jpegEOI {
		var part []byte
		if part, err = jpegPart(br); err != nil {
			break
		}
		p.read(marker, part)
		if keepsJPEG(marker, part) {
			out.orient(marker)
			out.part(marker, part)
		}
		if marker == jpegSOS {
			marker, err = copyScan(br, out)
			continue
		}
		marker, err = nextMarker(br)
	}
	if err != nil {
		return p, err
	}
	if p.width == 0 || p.height == 0 {
		return p, fmt.Errorf("%w: it has no size", errShort)
	}
	out.bytes([]byte{0xff, jpegEOI})
	return p, nil
}

// nextMarker reads a marker; any number of 0xff may stand before it.
func nextMarker(r *bufio.Reader) (byte, error) {
	c, err := r.ReadByte()
	if err != nil {
		return 0, err
	}
	if c != 0xff {
		return 0, fmt.Errorf("%w: no marker where one is due", errShort)
	}
	for c == 0xff && err == nil {
		c, err = r.ReadByte()
	}
	if err == nil && (c == 0 || c == jpegSOI || c >= 0xd0 && c <= 0xd7) {
		err = fmt.Errorf("%w: marker %x between parts", errShort, c)
	}
	return c, err
}

// jpegPart reads a part, whose length stands before it; at most 64 KiB.
func jpegPart(r *bufio.Reader) ([]byte, error) {
	var size [2]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(size[:]))
	if n < 2 {
		return nil, fmt.Errorf("%w: a part of length %d", errShort, n)
	}
	part := make([]byte, n-2)
	_, err := io.ReadFull(r, part)
	return part, err
}

// copyScan passes the packed picture on, up to the next marker that is not part of it.
func copyScan(r *bufio.Reader, out *cleanJPEG) (byte, error) {
	for {
		c, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		if c != 0xff {
			out.byte(c)
			continue
		}
		next, err := r.ReadByte()
		for err == nil && next == 0xff { // filling
			next, err = r.ReadByte()
		}
		if err != nil {
			return 0, err
		}
		if next != 0 && (next < 0xd0 || next > 0xd7) {
			if next == jpegSOI || next == 1 {
				return 0, fmt.Errorf("%w: marker %x inside the picture", errShort, next)
			}
			return next, nil
		}
		out.bytes([]byte{0xff, next})
	}
}

// keepsJPEG says that a part makes the picture: tables, its frame, what its colours mean.
// Metadata, previews and comments are left out.
func keepsJPEG(marker byte, part []byte) bool {
	switch {
	case marker == jpegAPP0:
		return isPrefix(part, "JFIF\x00")
	case marker == jpegICC:
		return isPrefix(part, "ICC_PROFILE\x00")
	case marker == jpegAPPE:
		return isPrefix(part, "Adobe")
	}
	return (marker < jpegAPP0 || marker > jpegAPPF) && marker != jpegCOM
}

// read takes from a part what is to be known of the picture.
func (p *picture) read(marker byte, part []byte) {
	switch {
	case marker == jpegAPP1 && isPrefix(part, "Exif\x00\x00"):
		p.readExif(part[6:])
	case marker == jpegAPP1 && isPrefix(part, "http://ns.adobe.com/xap/1.0/\x00"):
		p.located = p.located || hasLocation(part)
	case isFrame(marker) && len(part) >= 6 && p.width == 0:
		p.height, p.width = int(binary.BigEndian.Uint16(part[1:])), int(binary.BigEndian.Uint16(part[3:]))
		pixels := int64(p.width) * int64(p.height)
		each := int64(1) // bytes a pixel when decoded
		if part[5] > 1 {
			each = 3
		}
		if part[5] > 3 {
			each = 4
		}
		p.cost = pixels * each
		if marker == 0xc2 { // progressive: all coefficients are held as well, four bytes each
			p.cost += pixels * each * 4
		}
	}
}

// isFrame is of the markers that begin a picture (SOF0 to SOF15 without DHT, JPG, DAC).
func isFrame(m byte) bool { return m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc }

// The methods of a nil *cleanJPEG write nothing. Errors stay in the writer until Flush.

func (c *cleanJPEG) bytes(b []byte) {
	if c != nil {
		_, _ = c.w.Write(b)
	}
}

func (c *cleanJPEG) byte(b byte) {
	if c != nil {
		_ = c.w.WriteByte(b)
	}
}

func (c *cleanJPEG) part(marker byte, part []byte) {
	if c == nil {
		return
	}
	head := []byte{0xff, marker, 0, 0}
	binary.BigEndian.PutUint16(head[2:], uint16(len(part)+2)) //nolint:gosec // as it was read
	c.bytes(head)
	c.bytes(part)
}

// orient says which way up the picture is, after the part that says how it is written.
func (c *cleanJPEG) orient(next byte) {
	if c == nil || c.told || next == jpegAPP0 {
		return
	}
	c.told = true
	if c.orientation < 2 || c.orientation > 8 {
		return
	}
	c.part(jpegAPP1, []byte{
		'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, // big endian, the list begins at 8
		0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, byte(c.orientation), 0, 0, 0, 0, 0, 0, // one entry, no further list
	})
}

// errExif is of metadata that cannot be read; it is left out all the same.
var errExif = errors.New("EXIF is damaged")

// Tags of EXIF.
const (
	tagOrientation = 0x0112
	tagGPS         = 0x8825
)

// readExif reads the first list of EXIF (a TIFF inside of the picture).
func (p *picture) readExif(b []byte) {
	entries, order, err := exifEntries(b)
	if err != nil {
		return
	}
	for _, e := range entries {
		switch order.Uint16(e) {
		case tagGPS:
			p.located = true
		case tagOrientation:
			if o := int(order.Uint16(e[8:])); o >= 1 && o <= 8 {
				p.orientation = o
			}
		}
	}
}

func exifEntries(b []byte) ([][]byte, binary.ByteOrder, error) {
	if len(b) < 8 {
		return nil, nil, errExif
	}
	var order binary.ByteOrder = binary.BigEndian
	if b[0] == 'I' {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return nil, nil, errExif
	}
	n := int(order.Uint16(b[at:]))
	var out [][]byte
	for i := range n {
		from := at + 2 + uint64(i)*12 //nolint:gosec // a small number
		if from+12 > uint64(len(b)) {
			break
		}
		out = append(out, b[from:from+12])
	}
	return out, order, nil
}
