package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Row collects the values of a row of a log, so that no two lists of values are the same
// bytes. The zero Row is empty.
type Row struct{ b []byte }

// Num adds whole numbers.
func (r *Row) Num(list ...int64) {
	for _, n := range list {
		r.b = binary.BigEndian.AppendUint64(r.b, uint64(n)) //nolint:gosec // the bits, whatever the sign
	}
}

// Yes adds a truth.
func (r *Row) Yes(b bool) {
	if b {
		r.Num(1)
	} else {
		r.Num(0)
	}
}

// Text adds texts.
func (r *Row) Text(list ...string) {
	for _, s := range list {
		r.Num(int64(len(s)))
		r.b = append(r.b, s...)
	}
}

// At adds moments; nil is none.
func (r *Row) At(list ...*time.Time) {
	for _, t := range list {
		if t == nil {
			r.Num(0)
			continue
		}
		r.Num(1, t.UnixMicro())
	}
}

// Sum is the hash of the row behind a row with the hash before: SHA-256 of both.
func (r *Row) Sum(before []byte) []byte {
	h := sha256.New()
	h.Write(before)
	h.Write(r.b)
	return h.Sum(nil)
}
