package exchange

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

// TokenText is a token as the operator hands it over: "id.secret.authority". The
// secret is the seed of an Ed25519 key of which the centre keeps the public half,
// so that neither the way nor the centre's tables hold what lets one join; the
// fingerprint lets the joiner trust the centre's CA and no other.
type TokenText struct {
	ID        string
	Secret    []byte `json:"-"` // 32 bytes
	Authority string // Fingerprint of the CA
}

var (
	tokenID    = regexp.MustCompile(`^[a-z0-9]{10,40}$`)
	hexDigest  = regexp.MustCompile(`^[0-9a-f]{64}$`)
	errBadText = fault.New(fault.Invalid, "exchange.token.bad", nil).At("token")
)

// ParseToken reads what the operator handed over. It fails with Invalid
// ("exchange.token.bad").
func ParseToken(s string) (TokenText, error) {
	parts := strings.Split(strings.TrimSpace(s), ".")
	if len(parts) != 3 || !tokenID.MatchString(parts[0]) || !hexDigest.MatchString(parts[2]) {
		return TokenText{}, errBadText
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(parts[1])
	if err != nil || len(secret) != ed25519.SeedSize {
		return TokenText{}, errBadText
	}
	return TokenText{parts[0], secret, parts[2]}, nil
}

// Text is the text to hand over.
func (t TokenText) Text() string {
	return t.ID + "." + base64.RawURLEncoding.EncodeToString(t.Secret) + "." + t.Authority
}

// String leaves out the secret.
func (t TokenText) String() string { return t.ID + ".…." + t.Authority }

// GoString leaves out the secret.
func (t TokenText) GoString() string { return t.String() }

// JoinRequest is what a gateway sends to join.
type JoinRequest struct {
	Token   string `json:"token"` // its id
	CSR     []byte `json:"csr"`
	Address string `json:"address"`
	Nonce   []byte `json:"nonce"`
	Proof   []byte `json:"proof"` // Ed25519 by the token's key over all of the above
}

func (r JoinRequest) text() []byte {
	sum := sha256.Sum256(r.CSR)
	return fmt.Appendf(nil, "dean06-join-1\n%s\n%x\n%s\n%x", r.Token, sum, r.Address, r.Nonce)
}

// ProvenBy says whether whoever made the request holds the secret of a token's key.
func (r JoinRequest) ProvenBy(token ed25519.PublicKey) bool {
	return len(r.Nonce) <= 64 && ed25519.Verify(token, r.text(), r.Proof)
}

// NewJoin makes the request of a gateway with a key.
func NewJoin(t TokenText, csr []byte, address string) JoinRequest {
	r := JoinRequest{Token: t.ID, CSR: csr, Address: address, Nonce: make([]byte, 16)}
	_, _ = rand.Read(r.Nonce) // never fails
	r.Proof = ed25519.Sign(ed25519.NewKeyFromSeed(t.Secret), r.text())
	return r
}

// Joined is the centre's answer.
type Joined struct {
	Instance      string   `json:"instance"`
	Member        xroad.ID `json:"member"`
	Gateway       string   `json:"gateway"`
	Certificate   []byte   `json:"certificate"` // DER
	Configuration Signed   `json:"configuration"`
}

// Check says whether the answer is from the centre that the token names, and for
// this key, and gives the configuration. It fails with Denied: with
// "exchange.join.stranger" when anything does not fit, or as Open does when only
// the clocks differ.
func (j Joined) Check(authority []byte, key crypto.PublicKey, now time.Time) (Configuration, error) {
	stranger := fault.New(fault.Denied, "exchange.join.stranger", nil)
	conf, err := Open(j.Configuration, [][]byte{authority}, now)
	if f := fault.As(err); f != nil && (f.Key == "exchange.configuration.early" || f.Key == keyExpired) {
		return conf, err // one of the two clocks is wrong
	}
	if err != nil {
		return conf, stranger.Because(err)
	}
	leaf, err := x509.ParseCertificate(j.Certificate)
	if err != nil || !pki.SamePublic(leaf.PublicKey, key) || conf.Instance != j.Instance {
		return conf, stranger.Because(err)
	}
	if err := pki.CheckChain(leaf, conf.Authorities, pki.Gateway, now); err != nil {
		return conf, stranger.Because(err)
	}
	return conf, nil
}

// Pinned finds the authority of a fingerprint among those that an answer brings.
// It fails with Denied ("exchange.join.stranger").
func Pinned(authorities [][]byte, fingerprint string) ([]byte, error) {
	for _, der := range authorities {
		if Fingerprint(der) == fingerprint {
			return der, nil
		}
	}
	return nil, fault.New(fault.Denied, "exchange.join.stranger", nil)
}

// Envelope is what a gateway that has joined tells the centre, signed with the
// key of its certificate.
type Envelope struct {
	Gateway   string `json:"gateway"`
	KeyID     string `json:"key_id"`  // Fingerprint of the certificate
	Purpose   string `json:"purpose"` // "renew", "apply" or "report"
	At        int64  `json:"at"`      // Unix seconds
	Body      []byte `json:"body"`
	Signature []byte `json:"signature"` // ECDSA P-256, ASN.1, over SHA-256 of the text
}

// The purposes of envelopes.
const (
	PurposeRenew  = "renew"
	PurposeApply  = "apply"
	PurposeReport = "report"
	// PurposeRestore is for the restore of a node's database that two people acknowledge.
	PurposeRestore = "restore"
	// PurposeSecurity is for what the ministry in charge says of the security of systems.
	PurposeSecurity = "security"
)

func (e Envelope) digest(instance string) []byte {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "dean06-centre-1\n%s\n%s\n%s\n%s\n%d\n", instance, e.Gateway, e.KeyID, e.Purpose, e.At)
	_, _ = h.Write(e.Body)
	return h.Sum(nil)
}

// SealEnvelope signs a body for the centre of an instance.
func SealEnvelope(
	random io.Reader, instance, gateway, purpose string, body []byte, certificate []byte, key crypto.Signer, now time.Time,
) (Envelope, error) {
	e := Envelope{Gateway: gateway, KeyID: Fingerprint(certificate), Purpose: purpose, At: now.Unix(), Body: body}
	var err error
	if e.Signature, err = key.Sign(random, e.digest(instance), crypto.SHA256); err != nil {
		return e, fmt.Errorf("sign for the centre: %w", err)
	}
	return e, nil
}

// maxSkew is how far the clock of a gateway may be off when it speaks to the centre.
const maxSkew = 5 * time.Minute

// Check says whether the envelope is by the key of a certificate, and of now. It
// fails with Denied.
func (e Envelope) Check(instance string, certificate []byte, now time.Time) error {
	bad := fault.New(fault.Denied, "exchange.centre.signature", nil)
	cert, err := x509.ParseCertificate(certificate)
	if err != nil {
		return bad.Because(err)
	}
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok || !ecdsa.VerifyASN1(key, e.digest(instance), e.Signature) {
		return bad
	}
	if off := now.Sub(time.Unix(e.At, 0)); off.Abs() > maxSkew {
		return fault.New(fault.Denied, "exchange.centre.clock", fault.Args{"seconds": int(off.Abs().Seconds())})
	}
	return nil
}

// NewTokenText makes a token of a centre whose CA has that fingerprint.
func NewTokenText(authority string) TokenText {
	secret, id := make([]byte, ed25519.SeedSize), make([]byte, 8)
	_, _ = rand.Read(secret) // never fails
	_, _ = rand.Read(id)
	return TokenText{ID: hex.EncodeToString(id), Secret: secret, Authority: authority}
}

// RenewalDue says whether a third or less of a certificate's life is left.
func RenewalDue(from, until, now time.Time) bool { return until.Sub(now) <= until.Sub(from)/3 }

// IsFingerprint says whether a text has the form of a Fingerprint.
func IsFingerprint(s string) bool { return hexDigest.MatchString(s) }
