package tsa

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"mime"
	"net/http"
	"time"

	"github.com/digitorus/timestamp"

	"dean06/internal/platform/clock"
)

const (
	queryType = "application/timestamp-query"
	replyType = "application/timestamp-reply"
	maxQuery  = 16 << 10
)

// server answers questions for time stamps over HTTP (RFC 3161, section 3.4).
type server struct {
	key   crypto.Signer
	cert  *x509.Certificate
	chain []*x509.Certificate
	clock clock.Clock
}

// NewServer stamps with a key whose certificate is one for time stamps only
// (pki.TimeStamping). The chain, from the certificate's issuer up, is sent along to
// whoever asks for certificates; it may be empty.
func NewServer(key crypto.Signer, cert *x509.Certificate, chain []*x509.Certificate, c clock.Clock) http.Handler {
	return &server{key: key, cert: cert, chain: chain, clock: c}
}

// ServeHTTP answers one question. What is wrong with it is said in the reply, as the
// protocol has it.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "a time stamp is asked for with POST", http.StatusMethodNotAllowed)
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != queryType {
		http.Error(w, "the body must be "+queryType, http.StatusUnsupportedMediaType)
		return
	}
	query, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQuery))
	if err != nil {
		http.Error(w, "the question cannot be read or is too long", http.StatusBadRequest)
		return
	}
	reply, err := s.answer(query)
	if err != nil {
		http.Error(w, "the reply could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", replyType)
	_, _ = w.Write(reply)
}

// question is TimeStampReq (RFC 3161, section 2.4.1).
type question struct {
	Version      int
	Imprint      imprint
	Policy       asn1.ObjectIdentifier `asn1:"optional"`
	Nonce        *big.Int              `asn1:"optional"`
	Certificates bool                  `asn1:"optional"`
	Extensions   []pkix.Extension      `asn1:"optional,tag:0"`
}

func (s *server) answer(query []byte) ([]byte, error) {
	refuse := func(why timestamp.FailureInfo) ([]byte, error) {
		return timestamp.CreateErrorResponse(timestamp.Rejection, why)
	}
	now := s.clock.Now().UTC()
	var q question
	switch err := whole(query, &q); {
	case err != nil:
		return refuse(timestamp.BadDataFormat)
	case q.Version != 1:
		return refuse(timestamp.BadRequest)
	case !q.Imprint.Algorithm.Algorithm.Equal(oidSHA256):
		return refuse(timestamp.BadAlgorithm)
	case len(q.Imprint.Hash) != crypto.SHA256.Size():
		return refuse(timestamp.BadDataFormat)
	case len(q.Policy) > 0 && !q.Policy.Equal(Policy):
		return refuse(timestamp.UnacceptedPolicy)
	case len(q.Extensions) > 0:
		return refuse(timestamp.UnacceptedExtension)
	case now.Before(s.cert.NotBefore) || now.After(s.cert.NotAfter):
		return refuse(timestamp.TimeNotAvailable)
	}
	stamp := &timestamp.Timestamp{
		HashAlgorithm: crypto.SHA256, HashedMessage: q.Imprint.Hash,
		Time: now, Accuracy: time.Second, Nonce: q.Nonce, Policy: Policy,
		AddTSACertificate: q.Certificates, Certificates: s.chain,
	}
	reply, err := stamp.CreateResponseWithOpts(s.cert, s.key, crypto.SHA256)
	if err != nil { // the key's hardware is away
		return refuse(timestamp.SystemFailure)
	}
	return reply, nil
}
