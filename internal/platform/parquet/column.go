package parquet

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

const (
	mostHead = 1 << 16 // of a page
	mostPage = 256 << 20
	wordSize = 40 // bytes that a value of a dictionary takes beside its own
)

// column reads the values of one column of a row group, page by page.
type column struct {
	file  *File
	is    element
	chunk chunk
	r     *bufio.Reader
	rest  int64 // bytes of the chunk
	left  int64 // values of the chunk that no page has had yet
	raw   []byte
	head  header

	dictionary [][]byte // texts
	values     int      // of the page, that were not given yet
	levels     hybrid   // whether a value is there
	indexes    hybrid   // into the dictionary
	read       func() ([]byte, error)
	plain      []byte
	bit        int // of a byte of plain, for booleans
	held       int64
	heldWords  int64
	scratch    []byte
}

func (f *File) column(g *group, i int) *column {
	c := g.columns[i]
	return &column{
		file: f, is: f.schema[i], chunk: c, rest: c.size, left: c.values,
		r: bufio.NewReaderSize(io.NewSectionReader(f.r, c.start, c.size), mostHead),
	}
}

func (c *column) damaged(format string, args ...any) error {
	return &Refusal{Reason: Damaged, Column: c.is.name, Cause: fmt.Errorf(format, args...)}
}

func (c *column) unsupported(what string, n int32) error {
	return &Refusal{Reason: Unsupported, Column: c.is.name, Cause: fmt.Errorf("%s %d", what, n)}
}

func (c *column) tooMuch() error {
	return &Refusal{Reason: Bomb, Column: c.is.name, Cause: errors.New("pages that are larger than the limit together")}
}

// next gives the text of the next value, nil for none. It is the caller's until the next
// is asked for.
func (c *column) next() ([]byte, error) {
	for c.values == 0 {
		if c.left == 0 {
			return nil, c.damaged("no more values")
		}
		if err := c.page(); err != nil {
			return nil, err
		}
	}
	c.values--
	if c.is.optional {
		there, ok := c.levels.next()
		if !ok || there > 1 {
			return nil, c.damaged("levels")
		}
		if there == 0 {
			return nil, nil
		}
	}
	return c.read()
}

// word gives a value of the dictionary.
func (c *column) word() ([]byte, error) {
	i, ok := c.indexes.next()
	if !ok || int(i) >= len(c.dictionary) {
		return nil, c.damaged("an index beyond the dictionary")
	}
	return c.dictionary[i], nil
}

// header is the head of a page.
type header struct {
	kind, unpacked, packed   int32
	values, encoding, levels int32
	defined, repeated        int32
	packs                    bool
}

// page reads the next page that has something to say.
func (c *column) page() error {
	start, err := c.r.Peek(int(min(c.rest, mostHead)))
	if err != nil && !errors.Is(err, io.EOF) {
		return c.damaged("read: %w", err)
	}
	d := &decoder{b: start}
	h := d.header()
	if d.err != nil {
		return c.damaged("head of a page: %w", d.err)
	}
	_, _ = c.r.Discard(d.at)
	c.rest -= int64(d.at)
	if h.packed < 0 || int64(h.packed) > c.rest || h.unpacked < 0 || h.values < 0 || int64(h.values) > c.left && h.kind != pageDictionary {
		return c.damaged("a page of %d values and %d bytes", h.values, h.packed)
	}
	if h.unpacked > mostPage || h.packed > mostPage {
		return &Refusal{Reason: Bomb, Column: c.is.name, Cause: fmt.Errorf("a page of %d bytes", max(h.unpacked, h.packed))}
	}
	if c.file.limits.Held -= int64(h.unpacked) - c.held; c.file.limits.Held < 0 {
		return c.tooMuch()
	}
	c.held = int64(h.unpacked)
	if cap(c.raw) < int(h.packed) {
		c.raw = make([]byte, h.packed)
	}
	c.raw, c.head = c.raw[:h.packed], h
	if _, err := io.ReadFull(c.r, c.raw); err != nil {
		return c.damaged("a page is cut: %w", err)
	}
	c.rest -= int64(h.packed)
	switch h.kind {
	case pageData, pageDataV2:
		c.left -= int64(h.values)
		return c.data()
	case pageDictionary:
		return c.words()
	case pageIndex:
		return nil
	}
	return c.unsupported("a page of kind", h.kind)
}

func (d *decoder) header() header {
	h := header{kind: -1, packs: true}
	part := func(values, encoding, levels int16) {
		d.fields(func(id int16, kind byte) bool {
			switch {
			case kind == thriftI32 && id == values:
				h.values = d.int32()
			case kind == thriftI32 && id == encoding:
				h.encoding = d.int32()
			case kind == thriftI32 && id == levels:
				h.levels = d.int32()
			case kind == thriftI32 && id == 5:
				h.defined = d.int32()
			case kind == thriftI32 && id == 6:
				h.repeated = d.int32()
			case kind == thriftFalse && id == 7:
				h.packs = false
				return true
			default:
				return false
			}
			return true
		})
	}
	d.fields(func(id int16, kind byte) bool {
		switch {
		case id == 1 && kind == thriftI32:
			h.kind = d.int32()
		case id == 2 && kind == thriftI32:
			h.unpacked = d.int32()
		case id == 3 && kind == thriftI32:
			h.packed = d.int32()
		case id == 5 && kind == thriftStruct:
			part(1, 2, 3)
		case id == 7 && kind == thriftStruct:
			part(1, 2, 0)
		case id == 8 && kind == thriftStruct:
			h.levels = encodingRLE
			part(1, 4, 0)
		default:
			return false
		}
		return true
	})
	return h
}

// data makes a page ready to be read.
func (c *column) data() error {
	h := c.head
	c.values = int(h.values)
	var levels, body []byte
	var err error
	if h.kind == pageDataV2 {
		n := int(h.defined)
		if h.repeated != 0 || n < 0 || n > len(c.raw) || int(h.unpacked) < n {
			return c.damaged("levels of %d bytes", n)
		}
		levels, body = c.raw[:n], c.raw[n:]
		if h.packs {
			body, err = c.unpack(body, int(h.unpacked)-n)
		}
	} else {
		body, err = c.unpack(c.raw, int(h.unpacked))
		if err == nil && c.is.optional {
			if h.levels != encodingRLE {
				return c.unsupported("levels in encoding", h.levels)
			}
			if len(body) < 4 || uint64(binary.LittleEndian.Uint32(body)) > uint64(len(body)-4) {
				return c.damaged("levels")
			}
			n := binary.LittleEndian.Uint32(body)
			levels, body = body[4:4+n], body[4+n:]
		}
	}
	if err != nil {
		return err
	}
	c.levels = hybrid{b: levels, width: 1}
	return c.encoded(body)
}

// encoded sets how the values of a page are read.
func (c *column) encoded(body []byte) (err error) {
	whole, text := c.is.physical == typeInt32 || c.is.physical == typeInt64, c.is.physical == typeBytes || c.is.physical == typeFixed
	switch h := c.head; {
	case h.encoding == encodingPlain:
		c.plain, c.bit, c.read = body, 0, c.plainValue
	case h.encoding == encodingPlainDictionary || h.encoding == encodingRLEDictionary:
		c.read, c.indexes = c.word, hybrid{}
		if len(body) > 0 { // a page of nothing but gaps may have no width
			if body[0] > 32 {
				return c.damaged("indexes of %d bits", body[0])
			}
			c.indexes = hybrid{b: body[1:], width: int(body[0])}
		}
	case h.encoding == encodingRLE && c.is.physical == typeBoolean:
		if len(body) < 4 {
			return c.damaged("booleans")
		}
		c.read, c.dictionary = c.word, [][]byte{[]byte("false"), []byte("true")}
		c.indexes = hybrid{b: body[4:], width: 1}
	case h.encoding == encodingDelta && whole:
		c.read, err = c.deltaNumbers(body)
	case h.encoding == encodingDeltaLength && c.is.physical == typeBytes && c.is.means != asDecimal:
		c.read, err = c.deltaTexts(body)
	case h.encoding == encodingDeltaBytes && text:
		c.read, err = c.deltaStarts(body)
	case h.encoding == encodingSplit:
		c.read, err = c.split(body)
	default:
		return c.unsupported("encoding", h.encoding)
	}
	return err
}

// words reads the dictionary.
func (c *column) words() error {
	h := c.head
	if h.encoding != encodingPlain && h.encoding != encodingPlainDictionary {
		return c.unsupported("a dictionary in encoding", h.encoding)
	}
	if c.dictionary != nil {
		return c.damaged("two dictionaries")
	}
	body, err := c.unpack(c.raw, int(h.unpacked))
	if err != nil {
		return err
	}
	// The dictionary stays while pages come and go.
	c.heldWords, c.held = c.held+wordSize*int64(h.values), 0
	if c.file.limits.Held -= wordSize * int64(h.values); c.file.limits.Held < 0 {
		return c.tooMuch()
	}
	if c.is.physical == typeBoolean || int(h.values) > len(body) {
		return c.damaged("a dictionary of %d values in %d bytes", h.values, len(body))
	}
	c.plain, c.bit = body, 0
	c.dictionary = make([][]byte, 0, h.values)
	for range h.values {
		v, err := c.plainValue()
		if err != nil {
			return err
		}
		if c.is.physical != typeBytes && v != nil { // others are written into scratch
			v = bytes.Clone(v)
		}
		c.dictionary = append(c.dictionary, v)
	}
	c.plain = nil
	return nil
}

// close gives back what the column held.
func (c *column) close() { c.file.limits.Held += c.held + c.heldWords }

// unpack unpacks to exactly n bytes.
func (c *column) unpack(b []byte, n int) ([]byte, error) {
	bad := func(err error) ([]byte, error) { return nil, c.damaged("unpack: %w", err) }
	switch c.chunk.codec {
	case codecNone:
		if len(b) != n {
			return bad(errors.New("another size"))
		}
		return bytes.Clone(b), nil
	case codecSnappy:
		if size, err := s2.DecodedLen(b); err != nil || size != n {
			return bad(errors.New("another size"))
		}
		out, err := s2.Decode(make([]byte, n), b)
		if err != nil {
			return bad(err)
		}
		return out, nil
	case codecZstd:
		if err := c.file.unzstd(bytes.NewReader(b)); err != nil {
			return bad(err)
		}
		return c.exactly(c.file.zstd, n)
	case codecGzip:
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return bad(err)
		}
		return c.exactly(z, n)
	case codecBrotli:
		return c.exactly(brotli.NewReader(bytes.NewReader(b)), n)
	}
	return nil, c.unsupported("compression", c.chunk.codec)
}

// unzstd makes the one decoder of the file ready.
func (f *File) unzstd(r io.Reader) (err error) {
	if f.zstd != nil {
		return f.zstd.Reset(r)
	}
	f.zstd, err = zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(mostPage),
		zstd.WithDecoderMaxWindow(64<<20), zstd.WithDecoderLowmem(true))
	return err
}

// exactly reads n bytes, of which a broken file may have claimed too many.
func (c *column) exactly(r io.Reader, n int) ([]byte, error) {
	var out bytes.Buffer
	if n < 1<<20 {
		out.Grow(n + bytes.MinRead)
	}
	size, err := io.Copy(&out, io.LimitReader(r, int64(n)+1))
	if err != nil || size != int64(n) {
		return nil, c.damaged("unpack: %d bytes of %d: %w", size, n, errors.Join(err, io.ErrUnexpectedEOF))
	}
	return out.Bytes(), nil
}

// hybrid reads numbers in runs and packed in bits.
type hybrid struct {
	b      []byte
	width  int
	run    uint64 // how often value comes
	value  uint32
	packed uint64 // numbers that follow in bits
	bit    int
}

func (h *hybrid) next() (uint32, bool) {
	for h.run == 0 && h.packed == 0 {
		if h.bit > 0 { // what is left of the last byte fills up
			h.b, h.bit = h.b[1:], 0
		}
		if len(h.b) == 0 && h.width == 0 { // a dictionary of one
			return 0, true
		}
		head, n := binary.Uvarint(h.b)
		if n <= 0 {
			return 0, false
		}
		h.b = h.b[n:]
		if head&1 == 1 {
			h.packed = head >> 1
			if hi, groups := bits.Mul64(h.packed, 8); hi == 0 {
				h.packed = groups
			}
			continue
		}
		size := (h.width + 7) / 8
		if h.run = head >> 1; len(h.b) < size {
			return 0, false
		}
		h.value = 0
		for i := range size {
			h.value |= uint32(h.b[i]) << (8 * i)
		}
		h.b = h.b[size:]
	}
	if h.run > 0 {
		h.run--
		return h.value, true
	}
	h.packed--
	v := uint32(0)
	for got := 0; got < h.width; {
		if len(h.b) == 0 {
			return 0, false
		}
		take := min(8-h.bit, h.width-got)
		v |= uint32(h.b[0]>>h.bit&(1<<take-1)) << got
		got += take
		if h.bit += take; h.bit == 8 {
			h.b, h.bit = h.b[1:], 0
		}
	}
	return v, true
}
