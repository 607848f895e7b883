package populationweb

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
)

// handles name people in addresses without telling their number: one block of AES
// over the number and eight zero bytes, by which a handle that was made up is known.
type handles struct{ block cipher.Block }

func newHandles(key []byte) *handles {
	if len(key) == 0 {
		key = make([]byte, 32)
		_, _ = rand.Read(key) // never fails
	}
	sum := sha256.Sum256(append([]byte("people in addresses "), key...))
	block, err := aes.NewCipher(sum[:])
	if err != nil {
		panic(err) // a key of 32 bytes is one
	}
	return &handles{block}
}

func (h *handles) of(n citizen.Number) string {
	var b [aes.BlockSize]byte
	binary.BigEndian.PutUint64(b[:8], uint64(n.Int()))
	h.block.Encrypt(b[:], b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// number reads a handle. It fails with NotFound.
func (h *handles) number(s string) (citizen.Number, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err == nil && len(b) == aes.BlockSize {
		h.block.Decrypt(b, b)
		if v := binary.BigEndian.Uint64(b[:8]); binary.BigEndian.Uint64(b[8:]) == 0 && v > 0 && v < 1e12 {
			return citizen.FromInt(int64(v)), nil
		}
	}
	return citizen.Number{}, fault.New(fault.NotFound, "people.person.gone", nil)
}
