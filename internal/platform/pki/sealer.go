package pki

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/pem"
	"fmt"

	"dean06/internal/platform/fault"
)

// Sealer encrypts what is kept with a key of the node's own. It is safe for use by
// many at once.
//
// A sealed text is a byte 1, a random nonce of 24 bytes, and the ciphertext of
// XAES-256-GCM (C2SP): AES-256-GCM under a key derived from half of the nonce, as
// plain AES-GCM with random nonces is worn out after 2³² texts, which is a busy month.
type Sealer struct {
	block cipher.Block
	k1    [aes.BlockSize]byte // the subkey of CMAC (NIST SP 800-38B)
}

const (
	sealVersion = 1
	sealNonce   = 24
	sealType    = "DEAN06 SEALING KEY"
)

// FileSealer uses the key in a file that nobody else may read, and makes it when
// there is no such file. It fails as FileKey does.
func FileSealer(path string) (*Sealer, error) {
	text, err := secret(path, func() ([]byte, error) {
		key := make([]byte, 32)
		_, _ = rand.Read(key) // never fails
		return pem.EncodeToMemory(&pem.Block{Type: sealType, Bytes: key}), nil
	})
	return parseSealer(path, text, err)
}

// ReadSealer reads what FileSealer made, and makes nothing: it fails with fs.ErrNotExist.
func ReadSealer(path string) (*Sealer, error) {
	text, err := readSecret(path)
	return parseSealer(path, text, err)
}

func parseSealer(path string, text []byte, err error) (*Sealer, error) {
	if err != nil {
		return nil, fmt.Errorf("sealing key: %w", err)
	}
	p, _ := pem.Decode(text)
	if p == nil || p.Type != sealType || len(p.Bytes) != 32 {
		return nil, fault.New(fault.Invalid, "pki.seal.bad_key", fault.Args{"path": path})
	}
	return newSealer(p.Bytes)
}

func newSealer(key []byte) (*Sealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	s := &Sealer{block: block}
	block.Encrypt(s.k1[:], s.k1[:])
	var carry byte
	for i := len(s.k1) - 1; i >= 0; i-- { // double in GF(2¹²⁸)
		s.k1[i], carry = s.k1[i]<<1|carry, s.k1[i]>>7
	}
	s.k1[len(s.k1)-1] ^= carry * 0x87
	return s, nil
}

// Seal encrypts. The context is not in the result, and Open must be given the same:
// it ties a sealed text to its place, such as a number in a log.
func (s *Sealer) Seal(plain, context []byte) ([]byte, error) {
	out := make([]byte, 1+sealNonce, 1+sealNonce+len(plain)+16)
	out[0] = sealVersion
	nonce := out[1:]
	_, _ = rand.Read(nonce) // never fails
	gcm, err := s.derive(nonce)
	if err != nil {
		return nil, err
	}
	return gcm.Seal(out, nonce[12:], plain, context), nil
}

// Open decrypts. It fails with Invalid ("pki.seal.broken") when anything is not as
// Seal left it.
func (s *Sealer) Open(sealed, context []byte) ([]byte, error) {
	broken := fault.New(fault.Invalid, "pki.seal.broken", nil)
	if len(sealed) < 1+sealNonce || sealed[0] != sealVersion {
		return nil, broken
	}
	nonce := sealed[1 : 1+sealNonce]
	gcm, err := s.derive(nonce)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nonce[12:], sealed[1+sealNonce:], context)
	if err != nil {
		return nil, broken.Because(err)
	}
	return plain, nil
}

// derive makes the key of one text: two blocks of CMAC over a counter, "X" and the
// first half of the nonce.
func (s *Sealer) derive(nonce []byte) (cipher.AEAD, error) {
	var key [32]byte
	for i := range 2 {
		half := key[16*i : 16*(i+1)]
		copy(half, []byte{0, byte(i + 1), 'X', 0})
		copy(half[4:], nonce[:12])
		subtle.XORBytes(half, half, s.k1[:])
		s.block.Encrypt(half, half)
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
