package exchange

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"time"
)

// Text is what the signature on a head covers.
func (h Head) Text() []byte {
	return fmt.Appendf(nil, "dean06-exchange-log-1\n%d\n%s\n%s\n%s\n",
		h.Size, base64.StdEncoding.EncodeToString(h.Root[:]), h.At.UTC().Format(time.RFC3339Nano), h.KeyID)
}

// Stamped is what the time stamp covers: Text and Signature.
func (h Head) Stamped() []byte { return slices.Concat(h.Text(), h.Signature) }

// Sign fills in Signature. KeyID must be there.
func (h *Head) Sign(rand io.Reader, key crypto.Signer) error {
	sum := sha256.Sum256(h.Text())
	sig, err := key.Sign(rand, sum[:], crypto.SHA256)
	if err != nil {
		return fmt.Errorf("sign the head of a log: %w", err)
	}
	h.Signature = sig
	return nil
}

// Verify says whether Signature is by the key over Text. It fails with ErrSignature.
func (h Head) Verify(key *ecdsa.PublicKey) error {
	sum := sha256.Sum256(h.Text())
	if !ecdsa.VerifyASN1(key, sum[:], h.Signature) {
		return ErrSignature
	}
	return nil
}
