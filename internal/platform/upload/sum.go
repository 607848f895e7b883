package upload

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // tus names it; it finds what the line spoilt, not what somebody forged
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"slices"
	"strings"

	"dean06/internal/platform/fault"
)

// Sum is what a piece is held against when it has come (tus, extension checksum).
type Sum struct {
	Algorithm string
	Want      []byte
}

// Sums are the names of the sums that are known.
var Sums = []string{"sha1", "sha256"}

// ParseSum reads "sha256 BASE64". It fails with Invalid.
func ParseSum(header string) (*Sum, error) {
	name, text, ok := strings.Cut(header, " ")
	want, err := base64.StdEncoding.DecodeString(text)
	s := &Sum{name, want}
	if !ok || err != nil || !slices.Contains(Sums, name) || len(want) != s.Hash().Size() {
		return nil, fault.New(fault.Invalid, "upload.header", fault.Args{"header": "Upload-Checksum"})
	}
	return s, nil
}

// Hash makes the sum of what is written to it.
func (s *Sum) Hash() hash.Hash {
	if s.Algorithm == "sha1" {
		return sha1.New() //nolint:gosec // as above
	}
	return sha256.New()
}

// Holds says that it is the sum.
func (s *Sum) Holds(h hash.Hash) bool { return bytes.Equal(h.Sum(nil), s.Want) }
