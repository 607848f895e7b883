package exchange

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/xroad"
)

// Kind says which half of a call a message is.
type Kind string

// The kinds.
const (
	Request  Kind = "request"
	Response Kind = "response"
)

// Tag is the application tag of our signatures (RFC 9421, section 2.3).
const Tag = "dean06-exchange-1"

// Commitment is what a signature on a message covers. It holds hashes of the head
// and of the body, and no word of either: it can be kept for ever, and whoever has
// the message can still prove with it what was said.
//
// A signature is ECDSA on P-256 with SHA-256, as 64 bytes r‖s (RFC 9421, section
// 3.3.4), over Base.
type Commitment struct {
	Kind        Kind     `json:"kind"`
	Method      string   `json:"method,omitempty"`       // of a request
	Status      int      `json:"status,omitempty"`       // of the response
	Client      xroad.ID `json:"client"`                 // a subsystem, or a member
	Service     xroad.ID `json:"service"`                // a service
	MessageID   string   `json:"message_id"`             // X-Road-Id, the caller's
	RequestID   string   `json:"request_id"`             // X-Road-Request-Id, of the consumer's gateway, unique
	Head        Digest   `json:"head"`                   // see HeadDigest
	Body        Digest   `json:"body"`                   // SHA-256 of the body; of nothing when there is none
	RequestHash string   `json:"request_hash,omitempty"` // of a response: X-Road-Request-Hash of its request
	Created     int64    `json:"created"`                // Unix seconds
	Nonce       string   `json:"nonce"`
	KeyID       string   `json:"key_id"`    // Fingerprint of the certificate that signed
	Signature   []byte   `json:"signature"` // 64 bytes
}

// covered are the components that every signature covers, in this order. A request's
// method comes before them; a response's status, and after them the hash of its request.
const covered = `"content-digest" "x-dean06-head" "x-road-client" "x-road-service" "x-road-id" "x-road-request-id"`

// Input is the value of Signature-Input without its label: the covered components
// and the parameters.
func (c Commitment) Input() string { return string(c.appendInput(make([]byte, 0, 384))) }

func (c *Commitment) appendInput(b []byte) []byte {
	if c.Kind == Request {
		b = append(b, `("@method" `+covered+`)`...)
	} else {
		b = append(b, `("@status" `+covered+` "x-road-request-hash")`...)
	}
	b = strconv.AppendInt(append(b, ";created="...), c.Created, 10)
	b = append(append(append(b, `;nonce="`...), c.Nonce...), `";alg="ecdsa-p256-sha256";keyid="`...)
	return append(append(b, c.KeyID...), `";tag="`+Tag+`"`...)
}

// Base is the signature base (RFC 9421, section 2.5): what is signed. Each message has
// it made several times, so it is made in one piece.
func (c Commitment) Base() []byte {
	b := make([]byte, 0, 1024)
	line := func(name, value string) {
		b = append(append(append(append(append(b, '"'), name...), `": `...), value...), '\n')
	}
	if c.Kind == Request {
		line("@method", c.Method)
	} else {
		line("@status", strconv.Itoa(c.Status))
	}
	line("content-digest", c.ContentDigest())
	line("x-dean06-head", c.HeadHeader())
	line("x-road-client", c.Client.String())
	line("x-road-service", c.Service.String())
	line("x-road-id", c.MessageID)
	line("x-road-request-id", c.RequestID)
	if c.Kind != Request {
		line("x-road-request-hash", c.RequestHash)
	}
	return c.appendInput(append(b, `"@signature-params": `...))
}

// ContentDigest is the value of the Content-Digest header.
func (c Commitment) ContentDigest() string { return digestField(&c.Body) }

// HeadHeader is the value of the X-Dean06-Head header.
func (c Commitment) HeadHeader() string { return digestField(&c.Head) }

// digestField writes a hash as RFC 9530 does.
func digestField(d *Digest) string {
	var b [64]byte
	return string(append(base64.StdEncoding.AppendEncode(append(b[:0], "sha-256=:"...), d[:]), ':'))
}

// sound says that every text keeps to its place in Base. Otherwise two commitments
// could have the same one.
func (c Commitment) sound() bool {
	if c.Kind != Request && c.Kind != Response {
		return false
	}
	for _, s := range []string{c.Method, c.MessageID, c.RequestID, c.RequestHash} {
		if strings.ContainsAny(s, "\r\n") {
			return false
		}
	}
	return !strings.ContainsFunc(c.Nonce+c.KeyID, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' })
}

// Sign fills in Signature with a P-256 key.
func (c *Commitment) Sign(rand io.Reader, key crypto.Signer) error {
	if !c.sound() {
		return errors.New("sign a message: its head cannot stand in a signature")
	}
	sum := sha256.Sum256(c.Base())
	der, err := key.Sign(rand, sum[:], crypto.SHA256)
	if err != nil {
		return fmt.Errorf("sign a message: %w", err)
	}
	c.Signature, err = fixed(der)
	return err
}

// ErrSignature is the error of a signature that does not fit.
var ErrSignature = errors.New("the signature does not fit the message")

// Verify says whether Signature is by the key over Base. It fails with ErrSignature.
func (c Commitment) Verify(key *ecdsa.PublicKey) error {
	if len(c.Signature) != 64 || !c.sound() {
		return ErrSignature
	}
	sum := sha256.Sum256(c.Base())
	if !ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(c.Signature[:32]), new(big.Int).SetBytes(c.Signature[32:])) {
		return ErrSignature
	}
	return nil
}

// Leaf is what the Merkle log holds of the message: the hash of a leaf (RFC 6962,
// section 2.1) over the signature base and the signature.
func (c Commitment) Leaf() Digest {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(c.Base())
	h.Write([]byte{'\n'})
	h.Write(c.Signature)
	return Digest(h.Sum(nil))
}

// Fingerprint names a certificate by the SHA-256 of its DER, in hex.
func Fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// HeadField is one header of a message, its name in lower case.
type HeadField struct{ Name, Value string }

// HeadText is the canonical form of what stands before a body. For a request the
// first line is "GET /r1/VN/GOV/G01/DANCU/match?x=1", path and query as the client
// sent them; for a response "200". Then the headers that travel, one a line as
// "name:value", names in lower case, in the order of names and then of arrival.
// It is X-Road's form but for the order, which Go's reader of headers does not keep.
func HeadText(first string, fields []HeadField) []byte {
	slices.SortStableFunc(fields, func(a, b HeadField) int { return strings.Compare(a.Name, b.Name) })
	n := len(first) + 2
	for _, f := range fields {
		n += len(f.Name) + len(f.Value) + 3
	}
	b := make([]byte, 0, n)
	b = append(append(b, first...), '\r', '\n')
	for _, f := range fields {
		b = append(append(append(append(b, f.Name...), ':'), f.Value...), '\r', '\n')
	}
	return b
}

// HeadDigest is the hash of HeadText.
func HeadDigest(head []byte) Digest { return sha256.Sum256(head) }

// RequestHash is X-Road's hash of a request: base64 of SHA-512 over the head, or
// over the hash of the head and the hash of the body. body is the SHA-512 of the
// body, nil when there is none.
func RequestHash(head, body []byte) string {
	sum := sha512.Sum512(head)
	if body != nil {
		sum = sha512.Sum512(append(sum[:], body...))
	}
	return base64.StdEncoding.EncodeToString(sum[:])
}
