package parquet

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/klauspost/compress/s2"
)

// Kind is what a written column holds.
type Kind uint8

// The kinds.
const (
	Text  Kind = iota // any text
	Whole             // whole numbers of 64 bits
	Real              // floating-point numbers
)

// Column is a column to be written. Every column may have gaps.
type Column struct {
	Name string
	Kind Kind
}

// Writer writes rows as a file, a group of rows at a time.
type Writer struct {
	w       io.Writer
	columns []Column
	at      int64
	pages   []page
	rows    int // of the group
	size    int // bytes of the group
	count   int64
	groups  []written
}

// page is what a column of a group has so far.
type page struct {
	there []byte // a bit for each row
	body  []byte
}

type written struct {
	rows   int
	chunks []place
}

type place struct {
	at           int64
	packed, full int
}

// A group is written when it has so many rows, or so many bytes.
const (
	groupRows = 1 << 17
	groupSize = 64 << 20
	longest   = 16 << 20 // of a cell
)

// NewWriter begins a file.
func NewWriter(w io.Writer, columns []Column) *Writer {
	return &Writer{w: w, columns: columns, pages: make([]page, len(columns))}
}

// Row writes a row; an empty cell is a gap.
func (w *Writer) Row(cells []string) error {
	if len(cells) != len(w.columns) {
		return fmt.Errorf("write parquet: %d cells for %d columns", len(cells), len(w.columns))
	}
	if w.count == 0 && w.rows == 0 && w.at == 0 {
		if err := w.put([]byte(magic)); err != nil {
			return err
		}
	}
	for i, cell := range cells {
		p := &w.pages[i]
		if w.rows%8 == 0 {
			p.there = append(p.there, 0)
		}
		before := len(p.body)
		switch kind := w.columns[i].Kind; {
		case cell == "":
			continue
		case kind == Text:
			if len(cell) > longest {
				return fmt.Errorf("write parquet: a text of %d bytes in column %s", len(cell), w.columns[i].Name)
			}
			p.body = binary.LittleEndian.AppendUint32(p.body, uint32(len(cell)))
			p.body = append(p.body, cell...)
		case kind == Whole:
			v, err := strconv.ParseInt(cell, 10, 64)
			if err != nil {
				return fmt.Errorf("write parquet: column %s: %w", w.columns[i].Name, err)
			}
			p.body = binary.LittleEndian.AppendUint64(p.body, uint64(v))
		default:
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				return fmt.Errorf("write parquet: column %s: %w", w.columns[i].Name, err)
			}
			p.body = binary.LittleEndian.AppendUint64(p.body, math.Float64bits(v))
		}
		p.there[w.rows/8] |= 1 << (w.rows % 8)
		w.size += len(p.body) - before
	}
	w.rows++
	if w.rows == groupRows || w.size >= groupSize {
		return w.flush()
	}
	return nil
}

func (w *Writer) put(b []byte) error {
	n, err := w.w.Write(b)
	w.at += int64(n)
	if err != nil {
		return fmt.Errorf("write parquet: %w", err)
	}
	return nil
}

// flush writes the group: a page for each column.
func (w *Writer) flush() error {
	if w.rows == 0 {
		return nil
	}
	g := written{rows: w.rows}
	for i := range w.pages {
		p := &w.pages[i]
		levels := binary.AppendUvarint(nil, uint64(len(p.there))<<1|1)
		levels = append(levels, p.there...)
		body := binary.LittleEndian.AppendUint32(make([]byte, 0, len(levels)+len(p.body)+4), uint32(len(levels)))
		body = append(append(body, levels...), p.body...)
		packed := s2.EncodeSnappy(nil, body)
		e := &encoder{}
		e.begin()
		e.i32(1, pageData)
		e.i32(2, len(body))
		e.i32(3, len(packed))
		e.structure(5, func() {
			e.i32(1, w.rows)
			e.i32(2, encodingPlain)
			e.i32(3, encodingRLE)
			e.i32(4, encodingRLE)
		})
		e.end()
		g.chunks = append(g.chunks, place{w.at, len(e.b) + len(packed), len(e.b) + len(body)})
		if err := w.put(e.b); err != nil {
			return err
		}
		if err := w.put(packed); err != nil {
			return err
		}
		p.there, p.body = p.there[:0], p.body[:0]
	}
	w.groups = append(w.groups, g)
	w.count += int64(w.rows)
	w.rows, w.size = 0, 0
	return nil
}

// Close writes the footer. It does not close what is written to.
func (w *Writer) Close() error {
	if w.at == 0 {
		if err := w.put([]byte(magic)); err != nil {
			return err
		}
	}
	if err := w.flush(); err != nil {
		return err
	}
	e := &encoder{}
	e.begin()
	e.i32(1, 1)
	e.list(2, thriftStruct, len(w.columns)+1)
	e.begin()
	e.text(4, "schema")
	e.i32(5, len(w.columns))
	e.end()
	for _, c := range w.columns {
		e.begin()
		e.i32(1, c.Kind.physical())
		e.i32(3, 1) // optional
		e.text(4, c.Name)
		if c.Kind == Text {
			e.i32(6, 0) // UTF8
			e.structure(10, func() { e.structure(1, func() {}) })
		}
		e.end()
	}
	e.i64(3, w.count)
	e.list(4, thriftStruct, len(w.groups))
	for _, g := range w.groups {
		w.group(e, g)
	}
	e.text(6, "dean06")
	e.end()
	e.b = binary.LittleEndian.AppendUint32(e.b, uint32(len(e.b)))
	return w.put(append(e.b, magic...))
}

func (w *Writer) group(e *encoder, g written) {
	total := 0
	e.begin()
	e.list(1, thriftStruct, len(g.chunks))
	for i, c := range g.chunks {
		total += c.full
		e.begin()
		e.i64(2, 0)
		e.structure(3, func() {
			e.i32(1, w.columns[i].Kind.physical())
			e.list(2, thriftI32, 2)
			e.int(encodingPlain)
			e.int(encodingRLE)
			e.list(3, thriftBinary, 1)
			e.string(w.columns[i].Name)
			e.i32(4, codecSnappy)
			e.i64(5, int64(g.rows))
			e.i64(6, int64(c.full))
			e.i64(7, int64(c.packed))
			e.i64(9, c.at)
		})
		e.end()
	}
	e.i64(2, int64(total))
	e.i64(3, int64(g.rows))
	e.end()
}

func (k Kind) physical() int {
	switch k {
	case Whole:
		return typeInt64
	case Real:
		return typeDouble
	}
	return typeBytes
}
