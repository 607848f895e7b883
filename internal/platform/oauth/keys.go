package oauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"

	"dean06/internal/platform/strictjson"
)

// The algorithms of signatures. "none" and those with a shared secret are not among
// them, and no function here takes them.
const (
	ES256 = "ES256" // ours
	RS256 = "RS256" // ours for clients that know no other
	PS256 = "PS256"
	EdDSA = "EdDSA"
)

var (
	// OurAlgs are those with which the provider signs.
	OurAlgs = []string{ES256, RS256}
	// ClientAlgs are those with which clients sign.
	ClientAlgs = []string{ES256, PS256, EdDSA, RS256}
)

const rsaBits = 2048

// Key signs.
type Key struct {
	ID     string
	Alg    string
	Signer crypto.Signer
}

// NewKey makes a key for an algorithm of OurAlgs. Its id is its thumbprint.
func NewKey(alg string) (Key, error) {
	var signer crypto.Signer
	var err error
	switch alg {
	case ES256:
		signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case RS256:
		signer, err = rsa.GenerateKey(rand.Reader, rsaBits)
	default:
		return Key{}, fmt.Errorf("make a key: %q is no algorithm of ours", alg)
	}
	if err != nil {
		return Key{}, fmt.Errorf("make a key for %s: %w", alg, err)
	}
	return keyOf(alg, signer)
}

// KeyFrom reads what Marshal wrote.
func KeyFrom(alg string, der []byte) (Key, error) {
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return Key{}, fmt.Errorf("read a key: %w", err)
	}
	signer, ok := private.(crypto.Signer)
	if !ok || !fits(alg, signer.Public()) {
		return Key{}, fmt.Errorf("read a key: a %T is not for %s", private, alg)
	}
	return keyOf(alg, signer)
}

// KeyOf is a key that is kept elsewhere, for an algorithm.
func KeyOf(alg string, signer crypto.Signer) (Key, error) {
	if !fits(alg, signer.Public()) {
		return Key{}, fmt.Errorf("a %T is not for %s", signer, alg)
	}
	return keyOf(alg, signer)
}

func keyOf(alg string, signer crypto.Signer) (Key, error) {
	id, err := Thumbprint(signer.Public())
	return Key{ID: id, Alg: alg, Signer: signer}, err
}

// Marshal writes the private key (PKCS#8).
func (k Key) Marshal() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(k.Signer) }

// Public is what others verify with.
func (k Key) Public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: k.Signer.Public(), KeyID: k.ID, Algorithm: k.Alg, Use: "sig"}
}

// Sign makes a token of claims, of a type ("at+jwt").
func (k Key) Sign(typ string, claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("sign %s: %w", typ, err)
	}
	opts := (&jose.SignerOptions{}).WithType(jose.ContentType(typ)).WithHeader("kid", k.ID)
	return sign(k, opts, payload)
}

func sign(k Key, opts *jose.SignerOptions, payload []byte) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.Alg), Key: k.Signer}, opts)
	if err != nil {
		return "", fmt.Errorf("signer: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return signed.CompactSerialize()
}

// Thumbprint is the name of a public key (RFC 7638, SHA-256).
func Thumbprint(public crypto.PublicKey) (string, error) {
	jwk := jose.JSONWebKey{Key: public}
	sum, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", fmt.Errorf("thumbprint: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sum), nil
}

// Keys are public keys to verify with.
type Keys []jose.JSONWebKey

// MarshalJSON writes a JWK set (RFC 7517, section 5).
func (k Keys) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Keys []jose.JSONWebKey `json:"keys"`
	}{slices.Concat([]jose.JSONWebKey{}, k)})
}

// Bounds of the set of a client.
const (
	maxKeys     = 16
	maxKeysText = 32 << 10
)

// KeysError says what is wrong with a set of keys. Why is a code: "none", "many",
// "private", "kind", "short", "use", "twice", "broken".
type KeysError struct {
	Why   string
	At    int // which key, from 1; 0 the set itself
	Cause error
}

// Error is the code with the place.
func (e *KeysError) Error() string {
	return fmt.Sprintf("set of keys: key %d: %s: %v", e.At, e.Why, e.Cause)
}

// Unwrap gives the cause.
func (e *KeysError) Unwrap() error { return e.Cause }

// ParseKeys reads the set of public keys that a client registers. Each must be one that
// some algorithm of ClientAlgs takes, and no private one: who sends that has made it
// known. It fails with *KeysError.
func ParseKeys(raw []byte) (Keys, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if len(raw) > maxKeysText {
		return nil, &KeysError{Why: "many"}
	}
	if err := strictjson.Read(raw, &set); err != nil {
		return nil, &KeysError{Why: "broken", Cause: err}
	}
	switch n := len(set.Keys); {
	case n == 0:
		return nil, &KeysError{Why: "none"}
	case n > maxKeys:
		return nil, &KeysError{Why: "many"}
	}
	var keys Keys
	for i, one := range set.Keys {
		key, why, err := parseKey(one)
		if why == "" && slices.ContainsFunc(keys, func(k jose.JSONWebKey) bool { return k.KeyID == key.KeyID }) {
			why = "twice"
		}
		if why != "" {
			return nil, &KeysError{Why: why, At: i + 1, Cause: err}
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func parseKey(raw []byte) (key jose.JSONWebKey, why string, err error) {
	var kind struct {
		Kty string `json:"kty"`
	}
	if err := json.Unmarshal(raw, &kind); err != nil {
		return key, "broken", err
	}
	if kind.Kty == "oct" { // a shared secret is no public key
		return key, "private", nil
	}
	if err := key.UnmarshalJSON(raw); err != nil {
		return key, "broken", err
	}
	switch {
	case !key.IsPublic():
		return key, "private", nil
	case !key.Valid():
		return key, "broken", nil
	case key.Use != "" && key.Use != "sig":
		return key, "use", nil
	}
	if k, ok := key.Key.(*rsa.PublicKey); ok && k.N.BitLen() < rsaBits {
		return key, "short", nil
	}
	if !slices.ContainsFunc(ClientAlgs, func(alg string) bool {
		return fits(alg, key.Key) && (key.Algorithm == "" || key.Algorithm == alg)
	}) {
		return key, "kind", nil
	}
	return key, "", nil
}

// fits says that an algorithm takes a key. A key of another kind never reaches a
// signature's check.
func fits(alg string, public crypto.PublicKey) bool {
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		return alg == ES256 && key.Curve == elliptic.P256()
	case *rsa.PublicKey:
		return (alg == RS256 || alg == PS256) && key.N.BitLen() >= rsaBits
	case ed25519.PublicKey:
		return alg == EdDSA && len(key) == ed25519.PublicKeySize
	}
	return false
}

// halfOf is the left half of SHA-256, as at_hash has it (OpenID Connect Core, 3.1.3.6).
func halfOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// AccessTokenHash is the at_hash of an access token in an ID token that is signed with
// ES256 or RS256.
func AccessTokenHash(token string) string { return halfOf(token) }
