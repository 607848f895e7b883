package tsa

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"time"

	"github.com/digitorus/timestamp"

	"dean06/internal/platform/fault"
)

// patience bounds one question, whatever the caller's context says.
const patience = 20 * time.Second

// Client asks a time-stamping authority, ours or another.
type Client struct {
	URL         string
	HTTP        *http.Client // nil for an ordinary one
	Authorities [][]byte     // DER, as Verify takes them
}

// Stamp asks for a token over data and believes it only when Verify does and it
// answers this very question. It fails with Unavailable: "tsa.away", "tsa.refused",
// "tsa.reply.bad"; and as Verify does.
func (c Client) Stamp(ctx context.Context, data []byte) (token []byte, at time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	sum := sha256.Sum256(data)
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails
	nonce := new(big.Int).SetBytes(random)
	query, err := (&timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Certificates: true, Nonce: nonce}).Marshal()
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("ask for a time stamp: %w", err)
	}
	reply, err := c.ask(ctx, query)
	if err != nil {
		return nil, time.Time{}, c.fault("tsa.away").Because(err)
	}
	token, err = c.granted(reply)
	if err != nil {
		return nil, time.Time{}, err
	}
	info, err := verify(token, data, c.Authorities)
	if err != nil {
		return nil, time.Time{}, err
	}
	if info.Nonce == nil || info.Nonce.Cmp(nonce) != 0 {
		return nil, time.Time{}, c.fault("tsa.reply.bad").Because(errors.New("another nonce"))
	}
	return token, info.Time, nil
}

func (c Client) ask(ctx context.Context, query []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(query))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", queryType)
	r.Header.Set("Accept", replyType)
	var h http.Client
	if c.HTTP != nil {
		h = *c.HTTP
	}
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	w, err := h.Do(r)
	if err != nil {
		return nil, err
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", w.StatusCode)
	}
	return io.ReadAll(io.LimitReader(w.Body, maxToken+1))
}

// granted takes the token out of a reply (TimeStampResp, RFC 3161, section 2.4.2).
func (c Client) granted(reply []byte) ([]byte, error) {
	var v struct {
		Status struct {
			Status int
			Text   asn1.RawValue  `asn1:"optional"` // told or not, a sequence or, without it, the bits
			Why    asn1.BitString `asn1:"optional"`
		}
		Token asn1.RawValue `asn1:"optional"`
	}
	if len(reply) > maxToken {
		return nil, c.fault("tsa.reply.bad").Because(errors.New("too long"))
	}
	if err := whole(reply, &v); err != nil {
		return nil, c.fault("tsa.reply.bad").Because(err)
	}
	if v.Status.Status != int(timestamp.Granted) && v.Status.Status != int(timestamp.GrantedWithMods) {
		why := fmt.Errorf("status %d, text %x, bits %x", v.Status.Status, clip(v.Status.Text.FullBytes), clip(v.Status.Why.Bytes))
		return nil, c.fault("tsa.refused").Because(why)
	}
	return v.Token.FullBytes, nil
}

func clip(b []byte) []byte { return b[:min(len(b), 100)] }

// fault names the service by its host: an address can hold a password.
func (c Client) fault(key string) *fault.Error {
	host := "?"
	if u, err := url.Parse(c.URL); err == nil && u.Host != "" {
		host = u.Host
	}
	return fault.New(fault.Unavailable, key, fault.Args{"host": host})
}
