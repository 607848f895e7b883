// Package packed writes what a record of the message log holds as bytes, for the
// table and for the journal before it: as few as give every word back exactly.
package packed

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"github.com/google/uuid"
)

const (
	textPlain = iota
	textHex
	textUUID
	textBase64
)

// Writer gathers bytes.
type Writer struct{ B []byte }

// Int writes a number, small ones in few bytes.
func (w *Writer) Int(n int64) { w.B = binary.AppendVarint(w.B, n) }

// Byte writes one.
func (w *Writer) Byte(n byte) { w.B = append(w.B, n) }

// Bytes writes how many there are and then them.
func (w *Writer) Bytes(p []byte) { w.B = append(binary.AppendUvarint(w.B, uint64(len(p))), p...) }

// Time writes a moment to the microsecond.
func (w *Writer) Time(t time.Time) { w.Int(Micros(t)) }

// Fixed writes a hash.
func (w *Writer) Fixed(p [32]byte)     { w.B = append(w.B, p[:]...) }
func (w *Writer) raw(k byte, p []byte) { w.Byte(k); w.Bytes(p) }

// Text writes a string in the shortest form that gives it back exactly.
func (w *Writer) Text(s string) {
	switch {
	case len(s) == 36:
		if id, err := uuid.Parse(s); err == nil && id.String() == s {
			w.raw(textUUID, id[:])
			return
		}
	case len(s) == 64:
		if p, err := hex.DecodeString(s); err == nil && hex.EncodeToString(p) == s {
			w.raw(textHex, p)
			return
		}
	case len(s) > 20 && len(s)%4 == 0:
		if p, err := base64.StdEncoding.DecodeString(s); err == nil && base64.StdEncoding.EncodeToString(p) == s {
			w.raw(textBase64, p)
			return
		}
	}
	w.Byte(textPlain)
	w.B = append(binary.AppendUvarint(w.B, uint64(len(s))), s...)
}

// ErrUnreadable is the error of bytes that nobody wrote like that.
var ErrUnreadable = errors.New("a record of the message log cannot be read")

// Reader reads what Writer wrote; after the first mistake everything is zero.
type Reader struct {
	B   []byte
	Err error
}

// Fail says that what was read cannot be.
func (r *Reader) Fail() { r.B, r.Err = nil, ErrUnreadable }

// Int reads what Writer.Int wrote.
func (r *Reader) Int() int64 {
	n, size := binary.Varint(r.B)
	if size <= 0 {
		r.Fail()
		return 0
	}
	r.B = r.B[size:]
	return n
}

// Byte reads one.
func (r *Reader) Byte() byte {
	if len(r.B) == 0 {
		r.Fail()
		return 0
	}
	c := r.B[0]
	r.B = r.B[1:]
	return c
}

// Bytes reads what Writer.Bytes wrote; it is a part of B, not a copy.
func (r *Reader) Bytes() []byte {
	n, size := binary.Uvarint(r.B)
	if size <= 0 || n > uint64(len(r.B)-size) {
		r.Fail()
		return nil
	}
	p := r.B[size : size+int(n)]
	r.B = r.B[size+int(n):]
	return p
}

// Fixed reads a hash.
func (r *Reader) Fixed() (p [32]byte) {
	if len(r.B) < len(p) {
		r.Fail()
		return p
	}
	copy(p[:], r.B)
	r.B = r.B[len(p):]
	return p
}

// Text reads what Writer.Text wrote.
func (r *Reader) Text() string {
	kind, p := r.Byte(), r.Bytes()
	switch kind {
	case textPlain:
		return string(p)
	case textHex:
		return hex.EncodeToString(p)
	case textBase64:
		return base64.StdEncoding.EncodeToString(p)
	case textUUID:
		if id, err := uuid.FromBytes(p); err == nil {
			return id.String()
		}
	}
	r.Fail()
	return ""
}

// Time reads what Writer.Time wrote.
func (r *Reader) Time() time.Time { return Moment(r.Int()) }

// never stands for the zero time.
const never = -1 << 62

// Micros is a moment in microseconds since 1970.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return t.UnixMicro()
}

// Moment is the moment of Micros.
func Moment(us int64) time.Time {
	if us == never {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
