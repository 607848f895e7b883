package exchangesql

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"github.com/google/uuid"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// An entry is what a record holds and no query looks at, as bytes: a format
// number, then the fields in the order of putRecord. Words are kept byte for byte
// as they were signed; those that are hex, base64 or a UUID in shorter form.
const entryFormat = 1

const (
	textPlain = iota
	textHex
	textUUID
	textBase64
)

type writer struct{ b []byte }

func (w *writer) int(n int64)          { w.b = binary.AppendVarint(w.b, n) }
func (w *writer) byte(n byte)          { w.b = append(w.b, n) }
func (w *writer) bytes(p []byte)       { w.b = append(binary.AppendUvarint(w.b, uint64(len(p))), p...) }
func (w *writer) time(t time.Time)     { w.int(micros(t)) }
func (w *writer) fixed(p [32]byte)     { w.b = append(w.b, p[:]...) }
func (w *writer) raw(k byte, p []byte) { w.byte(k); w.bytes(p) }

// text writes a string in the shortest form that gives it back exactly.
func (w *writer) text(s string) {
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
	w.byte(textPlain)
	w.b = append(binary.AppendUvarint(w.b, uint64(len(s))), s...)
}

var errEntry = errors.New("a record of the message log cannot be read")

// reader reads what writer wrote; after the first mistake everything is zero.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail() { r.b, r.err = nil, errEntry }

func (r *reader) int() int64 {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.fail()
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *reader) bytes() []byte {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > uint64(len(r.b)-size) {
		r.fail()
		return nil
	}
	p := r.b[size : size+int(n)]
	r.b = r.b[size+int(n):]
	return p
}

func (r *reader) fixed() (p [32]byte) {
	if len(r.b) < len(p) {
		r.fail()
		return p
	}
	copy(p[:], r.b)
	r.b = r.b[len(p):]
	return p
}

func (r *reader) text() string {
	kind, p := r.byte(), r.bytes()
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
	r.fail()
	return ""
}

func (r *reader) time() time.Time { return moment(r.int()) }

// never stands for the zero time.
const never = -1 << 62

func micros(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return t.UnixMicro()
}

func moment(us int64) time.Time {
	if us == never {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

const (
	flagResponse = 1 << iota
	flagProvider
)

func putRecord(r *exchange.Record) []byte {
	c := &r.Commitment
	w := writer{make([]byte, 0, 512)}
	w.byte(entryFormat)
	var flags byte
	if c.Kind == exchange.Response {
		flags |= flagResponse
	}
	if r.Side == exchange.Provider {
		flags |= flagProvider
	}
	w.byte(flags)
	w.text(c.Method)
	w.int(int64(c.Status))
	w.text(c.MessageID)
	w.text(c.RequestID)
	w.fixed(c.Head)
	w.fixed(c.Body)
	w.text(c.RequestHash)
	w.int(c.Created)
	w.text(c.Nonce)
	w.text(c.KeyID)
	w.bytes(c.Signature)
	w.text(r.Peer)
	w.text(r.UserID)
	w.text(r.Issue)
	w.text(r.Purpose)
	w.text(r.RightID)
	w.int(r.Size)
	w.text(string(r.Fault))
	w.text(r.FaultText)
	w.time(r.RequestIn)
	w.time(r.RequestOut)
	w.time(r.ResponseIn)
	w.time(r.ResponseOut)
	w.int(r.RequestSize)
	w.text(r.ServiceType)
	return w.b
}

// takeRecord fills in all but Seq, At, Leaf, Client and Service.
func takeRecord(b []byte, out *exchange.Record) error {
	r := reader{b: b}
	if r.byte() != entryFormat {
		return errEntry
	}
	flags := r.byte()
	c := &out.Commitment
	c.Kind, out.Side = exchange.Request, exchange.Consumer
	if flags&flagResponse != 0 {
		c.Kind = exchange.Response
	}
	if flags&flagProvider != 0 {
		out.Side = exchange.Provider
	}
	c.Method = r.text()
	c.Status = int(r.int())
	c.MessageID = r.text()
	c.RequestID = r.text()
	c.Head = r.fixed()
	c.Body = r.fixed()
	c.RequestHash = r.text()
	c.Created = r.int()
	c.Nonce = r.text()
	c.KeyID = r.text()
	c.Signature = append([]byte(nil), r.bytes()...)
	out.Peer = r.text()
	out.UserID = r.text()
	out.Issue = r.text()
	out.Purpose = r.text()
	out.RightID = r.text()
	out.Size = r.int()
	out.Fault = xroad.Code(r.text())
	out.FaultText = r.text()
	out.RequestIn = r.time()
	out.RequestOut = r.time()
	out.ResponseIn = r.time()
	out.ResponseOut = r.time()
	out.RequestSize = r.int()
	out.ServiceType = r.text()
	if r.err == nil && len(r.b) > 0 {
		r.fail()
	}
	return r.err
}
