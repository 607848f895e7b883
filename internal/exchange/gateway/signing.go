package gateway

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// label names our signature among those that a message may carry (RFC 9421, section 4).
const label = "dean06="

// maxNonce bounds what a peer may send.
const maxNonce = 64

func newNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// sign fills in who signs and when, and signs.
func (g *Gateway) sign(c *exchange.Commitment) *xroad.Error {
	id := g.identity.Load()
	c.Created, c.Nonce, c.KeyID = g.set.Clock.Now().Unix(), newNonce(), id.fingerprint
	if err := c.Sign(rand.Reader, id.signer); err != nil {
		return xroad.Errorf(xroad.ConsumerSuspended, "the gateway cannot sign").Because(err)
	}
	return nil
}

// writeSignature puts a signed commitment into the headers of a message.
func writeSignature(h http.Header, c exchange.Commitment) {
	h[exchange.HeaderContentDigest] = []string{c.ContentDigest()}
	h[exchange.HeaderHead] = []string{c.HeadHeader()}
	h[xroad.HeaderClient] = []string{c.Client.String()}
	h[xroad.HeaderService] = []string{c.Service.String()}
	h[xroad.HeaderID] = []string{c.MessageID}
	h[xroad.HeaderRequestID] = []string{c.RequestID}
	if c.Kind == exchange.Response {
		h[xroad.HeaderRequestHash] = []string{c.RequestHash}
	}
	h[exchange.HeaderSignatureInput] = []string{label + c.Input()}
	h[exchange.HeaderSignature] = []string{label + ":" + base64.StdEncoding.EncodeToString(c.Signature) + ":"}
}

// readSignature completes a commitment, of which the rest is known already, with
// what the peer says about its signature. ok is false when that is not exactly
// what we would have written.
func readSignature(h http.Header, c *exchange.Commitment) (ok bool) {
	input, ok1 := one(h, exchange.HeaderSignatureInput)
	signature, ok2 := one(h, exchange.HeaderSignature)
	if !ok1 || !ok2 {
		return false
	}
	_, params, ok := strings.Cut(input, ");created=")
	if !ok {
		return false
	}
	created, params, ok := strings.Cut(params, `;nonce="`)
	if !ok {
		return false
	}
	c.Nonce, params, ok = strings.Cut(params, `";alg="ecdsa-p256-sha256";keyid="`)
	if !ok || c.Nonce == "" || len(c.Nonce) > maxNonce {
		return false
	}
	c.KeyID, _, ok = strings.Cut(params, `"`)
	if !ok || len(c.KeyID) != 64 {
		return false
	}
	var err error
	if c.Created, err = strconv.ParseInt(created, 10, 64); err != nil {
		return false
	}
	if c.Signature, ok = sfBytes(signature, label); !ok || len(c.Signature) != 64 {
		return false
	}
	return input == label+c.Input()
}

// readDigests gives what a message says about its head and body.
func readDigests(h http.Header) (head, body exchange.Digest, ok bool) {
	text1, ok1 := one(h, exchange.HeaderHead)
	text2, ok2 := one(h, exchange.HeaderContentDigest)
	b1, ok3 := sfBytes(text1, "sha-256=")
	b2, ok4 := sfBytes(text2, "sha-256=")
	if !ok1 || !ok2 || !ok3 || !ok4 || len(b1) != len(head) || len(b2) != len(body) {
		return head, body, false
	}
	return exchange.Digest(b1), exchange.Digest(b2), true
}

// sfBytes reads a byte sequence of a structured field (RFC 8941, section 3.3.5).
func sfBytes(s, prefix string) ([]byte, bool) {
	s, ok := strings.CutPrefix(s, prefix+":")
	if !ok {
		return nil, false
	}
	s, ok = strings.CutSuffix(s, ":")
	if !ok {
		return nil, false
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	return b, err == nil
}

// one gives the value of a header that must come exactly once.
func one(h http.Header, name string) (string, bool) {
	if v := h[name]; len(v) == 1 {
		return v[0], true
	}
	return "", false
}
