package oauth

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
)

// The types of tokens (the header "typ"). One of a type is never taken for another.
const (
	TypeToken       = "JWT"                       // ID tokens, userinfo; also none at all
	TypeAccess      = "at+jwt"                    // RFC 9068
	TypeProof       = "dpop+jwt"                  // RFC 9449
	TypeLogout      = "logout+jwt"                // OpenID Connect Back-Channel Logout
	TypeRequest     = "oauth-authz-req+jwt"       // RFC 9101
	TypeAssertion   = "client-authentication+jwt" // of newer clients
	maxToken        = 16 << 10
	maxTimeInTokens = 1 << 40
)

// Seconds is a moment in a token (RFC 7519, NumericDate).
type Seconds int64

// At is the moment in a token.
func At(t time.Time) Seconds { return Seconds(t.Unix()) }

// Time is the moment.
func (s Seconds) Time() time.Time { return time.Unix(int64(s), 0).UTC() }

// UnmarshalJSON reads a number, with or without a fraction, which is dropped.
func (s *Seconds) UnmarshalJSON(raw []byte) error {
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > maxTimeInTokens {
		return fmt.Errorf("%.20q is no moment", raw)
	}
	*s = Seconds(f)
	return nil
}

// Audience is for whom a token is.
type Audience []string

// UnmarshalJSON reads a text or a list of texts.
func (a *Audience) UnmarshalJSON(raw []byte) error {
	var one string
	if err := json.Unmarshal(raw, &one); err == nil {
		*a = Audience{one}
		return nil
	}
	var list []string
	if err := json.Unmarshal(raw, &list); err != nil {
		return fmt.Errorf("aud: %w", err)
	}
	*a = list
	return nil
}

// MarshalJSON writes a text when it is for one.
func (a Audience) MarshalJSON() ([]byte, error) {
	if len(a) == 1 {
		return json.Marshal(a[0])
	}
	return json.Marshal([]string(a))
}

// Has says that the token is for somebody.
func (a Audience) Has(who string) bool { return slices.Contains(a, who) }

// Claims are those that all tokens have.
type Claims struct {
	Issuer    string   `json:"iss,omitempty"`
	Subject   string   `json:"sub,omitempty"`
	Audience  Audience `json:"aud,omitempty"`
	Expires   Seconds  `json:"exp,omitempty"`
	NotBefore Seconds  `json:"nbf,omitempty"`
	IssuedAt  Seconds  `json:"iat,omitempty"`
	ID        string   `json:"jti,omitempty"`
}

// Signed is a token that was read and not yet verified: only its key's name may be used.
type Signed struct {
	Alg, Type, KeyID string
	jws              *jose.JSONWebSignature
	embedded         *jose.JSONWebKey
}

// Parse reads a compact token that is signed with one of the algorithms and is of one of
// the types; TypeToken stands for none at all too. It verifies nothing.
func Parse(token string, algs []string, types ...string) (Signed, error) {
	if len(token) > maxToken {
		return Signed{}, fmt.Errorf("read token: it has %d bytes", len(token))
	}
	allowed := make([]jose.SignatureAlgorithm, len(algs))
	for i, a := range algs {
		allowed[i] = jose.SignatureAlgorithm(a)
	}
	jws, err := jose.ParseSignedCompact(token, allowed)
	if err != nil {
		return Signed{}, fmt.Errorf("read token: %w", err)
	}
	h := jws.Signatures[0].Protected
	s := Signed{Alg: h.Algorithm, KeyID: h.KeyID, jws: jws, embedded: h.JSONWebKey}
	s.Type, _ = h.ExtraHeaders[jose.HeaderType].(string)
	if !slices.ContainsFunc(types, func(t string) bool { return sameType(t, s.Type) }) {
		return Signed{}, fmt.Errorf("read token: its type is %.40q, not one of %q", s.Type, types)
	}
	return s, nil
}

// sameType compares as media types are (RFC 7515, section 4.1.9).
func sameType(want, got string) bool {
	got = strings.ToLower(got)
	if len(got) > 12 {
		got = strings.TrimPrefix(got, "application/")
	}
	return got == strings.ToLower(want) || want == TypeToken && got == ""
}

// Verify gives the claims of a token that one of the keys signed, in out. Only keys that
// fit the algorithm are tried, by their name where the token has one.
func (s Signed) Verify(keys Keys, out any) error {
	for _, k := range keys {
		if s.KeyID != "" && k.KeyID != "" && k.KeyID != s.KeyID || !fits(s.Alg, k.Key) || k.Algorithm != "" && k.Algorithm != s.Alg {
			continue
		}
		payload, err := s.jws.Verify(k.Key)
		if err != nil {
			continue
		}
		return readClaims(payload, out)
	}
	return fmt.Errorf("verify token: none of %d keys signed it", len(keys))
}

// Unverified reads the claims without any proof: for finding out whose keys to ask.
func (s Signed) Unverified(out any) error {
	return readClaims(s.jws.UnsafePayloadWithoutVerification(), out)
}

// readClaims refuses a member that stands twice: two readers would read two tokens.
func readClaims(payload []byte, out any) error {
	if err := json.Unmarshal(payload, out); err != nil {
		return fmt.Errorf("read claims: %w", err)
	}
	return nil
}

// Verify is Parse and Signed.Verify in one.
func Verify(token string, algs []string, keys Keys, out any, types ...string) error {
	s, err := Parse(token, algs, types...)
	if err != nil {
		return err
	}
	return s.Verify(keys, out)
}
