// Package opaque makes texts that nobody guesses: tokens, codes, cookies, secret parts of
// addresses; and the hash under which they are kept.
package opaque

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// New is 256 random bits as a text for addresses and cookies.
func New() string { return Text(32) }

// Text is n random bytes as such a text.
func Text(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// Hash is how they are kept: SHA-256, hex. They are random, so that it need not be slow.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
