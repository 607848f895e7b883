package oauth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"dean06/internal/platform/opaque"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
)

// How far the clock of who makes a proof may be off, and how long a nonce is taken.
const (
	proofAge   = 5 * time.Minute
	proofAhead = time.Minute
	nonceAge   = 5 * time.Minute
)

// Nonces makes and knows nonces of its own, without keeping any: each holds its moment,
// sealed with a secret. Those who share the secret know each other's.
type Nonces struct{ Secret []byte }

// New makes a nonce.
func (n Nonces) New(now time.Time) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(now.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b, n.mac(b)...))
}

// Fresh says that a nonce was made here, not long ago.
func (n Nonces) Fresh(nonce string, now time.Time) bool {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != 8+16 || !hmac.Equal(b[8:], n.mac(b[:8])) {
		return false
	}
	age := now.Sub(time.Unix(int64(binary.BigEndian.Uint64(b)), 0))
	return age >= -proofAhead && age <= nonceAge
}

func (n Nonces) mac(b []byte) []byte {
	m := hmac.New(sha256.New, n.Secret)
	m.Write([]byte("dpop nonce "))
	m.Write(b)
	return m.Sum(nil)[:16]
}

type proofClaims struct {
	ID       string  `json:"jti"`
	Method   string  `json:"htm"`
	URL      string  `json:"htu"`
	IssuedAt Seconds `json:"iat"`
	Nonce    string  `json:"nonce,omitempty"`
	Hash     string  `json:"ath,omitempty"`
}

// ProofCheck is what a proof of possession is held against.
type ProofCheck struct {
	Method string
	URL    string // of the endpoint, as its clients know it
	Token  string // the access token that comes with it; "" for none
	Nonces Nonces
	Now    time.Time
}

// Proof is a proof that holds, but for its being new, which Use says.
type Proof struct {
	Key   string // thumbprint
	once  string
	until time.Time
}

// ErrNonce says that a proof needs a nonce of ours, or a newer one.
var ErrNonce = New(UseNonce, "a proof needs the nonce of the header DPoP-Nonce")

// CheckProof verifies a proof of possession (RFC 9449, section 4.3). It fails with *Error:
// ErrNonce, or invalid_dpop_proof. The proof counts once Use has taken it.
func CheckProof(proof string, c ProofCheck) (Proof, error) {
	s, err := Parse(proof, ClientAlgs, TypeProof)
	if err != nil {
		return Proof{}, New(InvalidProof, "the proof is not a signed token of type dpop+jwt").Because(err)
	}
	k := s.embedded
	if k == nil || !k.IsPublic() || !fits(s.Alg, k.Key) {
		return Proof{}, New(InvalidProof, "the proof holds no public key that fits its algorithm")
	}
	var claims proofClaims
	if err := s.Verify(Keys{{Key: k.Key}}, &claims); err != nil {
		return Proof{}, New(InvalidProof, "the proof is not signed with its key").Because(err)
	}
	if err := claims.check(c); err != nil {
		return Proof{}, err
	}
	thumbprint, err := Thumbprint(k.Key)
	if err != nil {
		return Proof{}, New(InvalidProof, "the key has no thumbprint").Because(err)
	}
	return Proof{Key: thumbprint, once: "dpop:" + opaque.Hash(thumbprint+" "+claims.ID), until: claims.IssuedAt.Time().Add(proofAge)}, nil
}

func (p proofClaims) check(c ProofCheck) error {
	age := c.Now.Sub(p.IssuedAt.Time())
	switch {
	case p.ID == "" || len(p.ID) > 512:
		return New(InvalidProof, "the proof has no jti")
	case p.Method != c.Method:
		return New(InvalidProof, "htm is not the method of the request")
	case !sameEndpoint(p.URL, c.URL):
		return New(InvalidProof, "htu is not the address of the request")
	case age > proofAge || age < -proofAhead:
		return New(InvalidProof, "iat is too far from now")
	case c.Token != "" && p.Hash != tokenHash(c.Token):
		return New(InvalidProof, "ath is not the hash of the access token")
	case !c.Nonces.Fresh(p.Nonce, c.Now):
		return ErrNonce
	}
	return nil
}

// Use takes the proof, once. It fails with *Error when it was used before.
func (p Proof) Use(once Once) error {
	err := once(p.once, p.until)
	if errors.Is(err, ErrAgain) {
		return New(InvalidProof, "the proof was used before")
	}
	return err
}

// sameEndpoint compares addresses without query and fragment (RFC 9449, section 4.3, 9).
func sameEndpoint(got, want string) bool {
	a, err := url.Parse(got)
	if err != nil || a.Host == "" || a.User != nil {
		return false
	}
	b, err := url.Parse(want)
	return err == nil && strings.EqualFold(a.Scheme, b.Scheme) && hostOf(a) == hostOf(b) && a.EscapedPath() == b.EscapedPath()
}

// hostOf leaves out the port that goes without saying.
func hostOf(u *url.URL) string {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		return host
	}
	return host + ":" + port
}

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// NewProof makes a proof of possession for a request. nonce is the one that the server
// gave last, token the access token that goes with it; "" for none.
func NewProof(k Key, method, endpoint, nonce, token string, now time.Time) (string, error) {
	at, _, _ := strings.Cut(endpoint, "?")
	claims := proofClaims{ID: uuid.NewString(), Method: method, URL: at, IssuedAt: At(now), Nonce: nonce}
	if token != "" {
		claims.Hash = tokenHash(token)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	opts := (&jose.SignerOptions{}).WithType(TypeProof).WithHeader("jwk", jose.JSONWebKey{Key: k.Signer.Public()})
	return sign(k, opts, payload)
}
