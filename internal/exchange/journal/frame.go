package journal

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"dean06/internal/exchange"
	"dean06/internal/exchange/packed"
)

// Entry is what is written together: all of it or nothing.
type Entry struct {
	Records []exchange.Record // with Seq, At and Leaf, in order
	Sealed  [][]byte          // kept bodies of the records; nil, or nil in it, where none is kept
	Use     *exchange.Use
}

const (
	fileMark  = "dean06-journal-1\n"
	frameMark = "dj06"
	headSize  = 20
	maxFrame  = 1 << 30
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendFrame adds a frame whose payload is what fill appends.
func appendFrame(b []byte, safe int64, fill func([]byte) []byte) []byte {
	at := len(b)
	b = append(b, frameMark...)
	b = append(b, make([]byte, headSize-len(frameMark))...)
	binary.LittleEndian.PutUint64(b[at+12:], uint64(safe))
	b = fill(b)
	binary.LittleEndian.PutUint32(b[at+4:], uint32(len(b)-at-headSize))
	binary.LittleEndian.PutUint32(b[at+8:], crc32.Checksum(b[at+12:], castagnoli))
	return b
}

// frameAt reads the frame at a place of a file; ok is false when there is no whole one.
func frameAt(file []byte, at int) (payload []byte, safe int64, next int, ok bool) {
	b := file[at:]
	if len(b) < headSize || string(b[:4]) != frameMark {
		return nil, 0, 0, false
	}
	n := binary.LittleEndian.Uint32(b[4:])
	if n > maxFrame || int(n) > len(b)-headSize {
		return nil, 0, 0, false
	}
	end := headSize + int(n)
	if crc32.Checksum(b[12:end], castagnoli) != binary.LittleEndian.Uint32(b[8:]) {
		return nil, 0, 0, false
	}
	return b[headSize:end], int64(binary.LittleEndian.Uint64(b[12:])), at + end, true
}

// damagedAt says that what stands at a place was on the disk once: a later frame was
// written when more than that was known to be.
func damagedAt(file []byte, at int) bool {
	for from := at; ; from++ {
		i := bytes.Index(file[from:], []byte(frameMark))
		if i < 0 {
			return false
		}
		from += i
		if _, safe, _, ok := frameAt(file, from); ok && safe > int64(at) {
			return true
		}
	}
}

// appendEntry writes an entry.
func appendEntry(b []byte, e *Entry) []byte {
	w := packed.Writer{B: b}
	w.Int(int64(len(e.Records)))
	for i := range e.Records {
		r := &e.Records[i]
		w.Int(r.Seq)
		w.Time(r.At)
		w.Text(r.Commitment.Client.String())
		w.Text(r.Commitment.Service.String())
		w.Bytes(packed.Record(r))
		var sealed []byte
		if i < len(e.Sealed) {
			sealed = e.Sealed[i]
		}
		if sealed == nil {
			w.Byte(0)
			continue
		}
		w.Byte(1)
		w.Bytes(sealed)
	}
	if e.Use == nil {
		w.Byte(0)
		return w.B
	}
	w.Byte(1)
	w.Text(e.Use.RightID)
	w.Time(e.Use.Window)
	w.Int(e.Use.Calls)
	return w.B
}

// readEntry reads what appendEntry wrote.
func readEntry(payload []byte) (e Entry, err error) {
	r := packed.Reader{B: payload}
	n := r.Int()
	if n < 1 || n > int64(len(payload)) {
		return e, packed.ErrUnreadable
	}
	for range n {
		var rec exchange.Record
		rec.Seq, rec.At = r.Int(), r.Time()
		client, service, text := r.Text(), r.Text(), r.Bytes()
		if r.Err != nil {
			return e, r.Err
		}
		if err := packed.TakeRecord(text, &rec); err != nil {
			return e, err
		}
		if rec.Commitment.Client.UnmarshalText([]byte(client)) != nil || rec.Commitment.Service.UnmarshalText([]byte(service)) != nil {
			return e, packed.ErrUnreadable
		}
		rec.Leaf = rec.LogLeaf()
		var sealed []byte
		if r.Byte() == 1 {
			sealed = bytes.Clone(r.Bytes())
			if e.Sealed == nil {
				e.Sealed = make([][]byte, n)
			}
			e.Sealed[len(e.Records)] = sealed
		}
		e.Records = append(e.Records, rec)
	}
	if r.Byte() == 1 {
		e.Use = &exchange.Use{RightID: r.Text(), Window: r.Time(), Calls: r.Int()}
	}
	if r.Err == nil && len(r.B) > 0 {
		r.Fail()
	}
	return e, r.Err
}

// appendFrontier writes where the log stood.
func appendFrontier(b []byte, f exchange.Frontier) []byte {
	w := packed.Writer{B: b}
	w.Int(f.Size)
	w.Int(int64(len(f.Hashes)))
	for _, h := range f.Hashes {
		w.Fixed(h)
	}
	return w.B
}

// readFrontier reads what appendFrontier wrote.
func readFrontier(payload []byte) (f exchange.Frontier, err error) {
	r := packed.Reader{B: payload}
	f.Size = r.Int()
	n := r.Int()
	if n < 0 || n > 64 {
		return f, packed.ErrUnreadable
	}
	for range n {
		f.Hashes = append(f.Hashes, r.Fixed())
	}
	if r.Err == nil && len(r.B) > 0 {
		r.Fail()
	}
	return f, r.Err
}
