package ledger

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// The chains of a node that the program knows; modules may bring others.
const (
	Audit    = "audit"    // who did what
	Lookups  = "lookups"  // who looked at whose data
	Messages = "messages" // what went through the gateway
	Dossiers = "dossiers" // what happened to dossiers
	// DossierLooks is who looked at them.
	DossierLooks = "dossier_looks"
	Identities   = "identities" // what happened to electronic identities
)

// Head is the state of a chain at one moment, signed by the node's gateway.
type Head struct {
	// Chain is which one; "" is Messages, as in proofs that were made when there was
	// only that.
	Chain     string    `json:"chain,omitempty"`
	Size      int64     `json:"size"`
	Root      Digest    `json:"root"` // RFC 6962, section 2.1
	At        time.Time `json:"at"`
	KeyID     string    `json:"key_id"`    // SHA-256 of the certificate, in hex
	Signature []byte    `json:"signature"` // ECDSA P-256 (ASN.1) over SHA-256 of Text
	// Token is an RFC 3161 time-stamp token over SHA-256 of Text and Signature;
	// empty while the time-stamping authority has not answered.
	Token     []byte    `json:"token,omitempty"`
	StampedAt time.Time `json:"stamped_at,omitzero"`
}

// ErrSignature is the error of a signature that does not fit.
var ErrSignature = errors.New("the signature does not fit the head")

// Of says whether the head is one of a chain.
func (h Head) Of(chain string) bool {
	return h.Chain == chain || h.Chain == "" && chain == Messages
}

// Text is what the signature on a head covers. That of messages has no name in it: it is
// as it was when there was no other chain.
func (h Head) Text() []byte {
	if h.Of(Messages) {
		return fmt.Appendf(nil, "dean06-exchange-log-1\n%d\n%s\n%s\n%s\n",
			h.Size, base64.StdEncoding.EncodeToString(h.Root[:]), h.At.UTC().Format(time.RFC3339Nano), h.KeyID)
	}
	return fmt.Appendf(nil, "dean06-log-head-1\n%s\n%d\n%s\n%s\n%s\n", h.Chain,
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

// SignedBy says whether the head is signed with the key of a certificate (DER).
func (h Head) SignedBy(der []byte) bool {
	cert, err := x509.ParseCertificate(der)
	sum := sha256.Sum256(der)
	if err != nil || h.KeyID != hex.EncodeToString(sum[:]) {
		return false
	}
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	return ok && h.Verify(key) == nil
}
