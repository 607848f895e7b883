package parquet

import (
	"encoding/binary"
	"errors"
	"math"
)

// The footer and the heads of pages are structures of Thrift's compact protocol
// (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).

const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

var errThrift = errors.New("a structure is broken")

// deepest bounds how deep structures lie in one another.
const deepest = 24

// decoder reads structures. After an error it reads nothing more.
type decoder struct {
	b     []byte
	at    int
	depth int
	err   error
}

func (d *decoder) fail() {
	if d.err == nil {
		d.err = errThrift
	}
	d.at = len(d.b)
}

func (d *decoder) byte() byte {
	if d.at >= len(d.b) {
		d.fail()
		return 0
	}
	d.at++
	return d.b[d.at-1]
}

func (d *decoder) varint() uint64 {
	v, n := binary.Uvarint(d.b[d.at:])
	if n <= 0 {
		d.fail()
		return 0
	}
	d.at += n
	return v
}

// int reads an integer of any width.
func (d *decoder) int() int64 {
	v := d.varint()
	return int64(v>>1) ^ -int64(v&1)
}

func (d *decoder) bytes() []byte {
	n := d.varint()
	if n > uint64(len(d.b)-d.at) {
		d.fail()
		return nil
	}
	d.at += int(n)
	return d.b[d.at-int(n) : d.at]
}

// fields reads a structure. each reads the field's value, or says that it does not know it.
func (d *decoder) fields(each func(id int16, kind byte) bool) {
	if d.depth++; d.depth > deepest {
		d.fail()
	}
	defer func() { d.depth-- }()
	id := int16(0)
	for d.err == nil {
		head := d.byte()
		kind := head & 15
		if head == 0 || d.err != nil {
			return
		}
		if delta := head >> 4; delta != 0 {
			id += int16(delta)
		} else {
			id = int16(d.int())
		}
		if !each(id, kind) {
			d.skip(kind)
		}
	}
}

// list reads the head of a list, and each element.
func (d *decoder) list(each func(kind byte)) {
	head := d.byte()
	n, kind := uint64(head>>4), head&15
	if n == 15 {
		n = d.varint()
	}
	if n > uint64(len(d.b)-d.at) { // no element is smaller than a byte
		d.fail()
		return
	}
	for range n {
		if d.err != nil {
			return
		}
		each(kind)
	}
}

func (d *decoder) skip(kind byte) {
	if d.depth++; d.depth > deepest {
		d.fail()
	}
	defer func() { d.depth-- }()
	switch kind {
	case thriftTrue, thriftFalse:
	case thriftByte:
		d.byte()
	case thriftI16, thriftI32, thriftI64:
		d.varint()
	case thriftDouble:
		if d.at+8 > len(d.b) {
			d.fail()
			return
		}
		d.at += 8
	case thriftBinary:
		d.bytes()
	case thriftList, thriftSet:
		d.list(func(kind byte) {
			if kind == thriftTrue || kind == thriftFalse { // in a list a boolean is a byte
				kind = thriftByte
			}
			d.skip(kind)
		})
	case thriftStruct:
		d.fields(func(int16, byte) bool { return false })
	case thriftMap:
		if d.varint() != 0 { // none of the structures here has one
			d.fail()
		}
	default:
		d.fail()
	}
}

// int32 reads an integer that must fit.
func (d *decoder) int32() int32 {
	v := d.int()
	if v < math.MinInt32 || v > math.MaxInt32 {
		d.fail()
	}
	return int32(v)
}

// encoder writes structures.
type encoder struct {
	b    []byte
	last []int16
}

func (e *encoder) varint(v uint64) { e.b = binary.AppendUvarint(e.b, v) }

func (e *encoder) int(v int64) { e.varint(uint64(v<<1) ^ uint64(v>>63)) }

func (e *encoder) begin() { e.last = append(e.last, 0) }

func (e *encoder) end() {
	e.b = append(e.b, 0)
	e.last = e.last[:len(e.last)-1]
}

// field writes the head of a field; fields come in the order of their numbers.
func (e *encoder) field(id int16, kind byte) {
	last := &e.last[len(e.last)-1]
	e.b = append(e.b, byte(id-*last)<<4|kind)
	*last = id
}

func (e *encoder) i32(id int16, v int) {
	e.field(id, thriftI32)
	e.int(int64(v))
}

func (e *encoder) i64(id int16, v int64) {
	e.field(id, thriftI64)
	e.int(v)
}

func (e *encoder) text(id int16, s string) {
	e.field(id, thriftBinary)
	e.string(s)
}

func (e *encoder) string(s string) {
	e.varint(uint64(len(s)))
	e.b = append(e.b, s...)
}

// list writes the head of a list.
func (e *encoder) list(id int16, kind byte, n int) {
	e.field(id, thriftList)
	if n < 15 {
		e.b = append(e.b, byte(n)<<4|kind)
		return
	}
	e.b = append(e.b, 15<<4|kind)
	e.varint(uint64(n))
}

// structure writes a field that is one.
func (e *encoder) structure(id int16, write func()) {
	e.field(id, thriftStruct)
	e.begin()
	write()
	e.end()
}
