// Package oauth is the values of OAuth 2.0 and OpenID Connect, for who gives tokens and
// for who takes them: signed tokens with the algorithms that are let in, proofs of
// possession (RFC 9449), proofs of the code's owner (RFC 7636), assertions by which a
// client says who it is (RFC 7523), parameters that stand once, and the errors.
//
// It decides nothing about clients, people and consents, and keeps nothing: what may be
// used once is asked of a function that the caller gives.
package oauth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"
)

// Once notes that something was used, until when it must be remembered. It fails with
// ErrAgain when it was used before.
type Once func(key string, until time.Time) error

// NewSecret makes 256 random bits as text: codes, refresh tokens, secrets of clients.
func NewSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// Hash is how a text of NewSecret is kept: SHA-256, hex. What has 256 random bits needs
// no slow hash.
func Hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
