package population

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
)

// serials is how many last six digits there are; 000000 is not given.
const serials = 1_000_000

// allocate gives a number that nobody has. Nodes of one register share out the serials
// by slots, and a counter under each prefix goes through the node's own in an order
// that only the key knows. It fails with Conflict ("population.number.exhausted").
func (r *Register) allocate(ctx context.Context, tx Tx, province, year int, sex citizen.Sex) (citizen.Number, error) {
	first := citizen.NumberOf(province, year, sex, 0)
	prefix := int(first.Int() / serials)
	for {
		k, err := tx.NextSerial(ctx, prefix)
		if err != nil {
			return citizen.Number{}, err
		}
		size := (serials - r.Slot.Index + r.Slot.Of - 1) / r.Slot.Of
		if k >= size {
			return citizen.Number{}, fault.New(fault.Conflict, "population.number.exhausted", fault.Args{"province": first.Province(), "year": year})
		}
		serial := shuffle(r.NumberKey, prefix, k, size)*r.Slot.Of + r.Slot.Index
		if serial == 0 {
			continue
		}
		n := citizen.NumberOf(province, year, sex, serial)
		had, err := tx.Events(ctx, n)
		if err != nil {
			return citizen.Number{}, err
		}
		if len(had) == 0 { // a load may have brought it, and it may be of somebody who was annulled
			return n, nil
		}
	}
}

// shuffle is a permutation of 0 … size-1 that depends on the key and the prefix: a
// Feistel network over 20 bits, walked until it is in range (format-preserving
// encryption as in NIST SP 800-38G, here only against guessing).
func shuffle(key []byte, prefix, k, size int) int {
	x := uint32(k)
	for {
		left, right := x>>10, x&1023
		for round := range 6 {
			left, right = right, left^mix(key, prefix, round, right)
		}
		if x = left<<10 | right; int(x) < size {
			return int(x)
		}
	}
}

func mix(key []byte, prefix, round int, half uint32) uint32 {
	h := hmac.New(sha256.New, key)
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(prefix))
	binary.BigEndian.PutUint32(b[8:], uint32(round))
	binary.BigEndian.PutUint32(b[12:], half)
	_, _ = h.Write(b[:])
	return binary.BigEndian.Uint32(h.Sum(nil)) & 1023
}
