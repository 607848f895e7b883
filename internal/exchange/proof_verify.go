package exchange

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"strings"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/pki"
)

// Checks is what one who checks a proof brings along.
type Checks struct {
	// Stamp verifies a time-stamp token over data by one of the authorities (DER).
	Stamp func(token, data []byte, authorities [][]byte) (time.Time, error)
	// Authorities and Timestamps are the certificates (DER) that are trusted, as the
	// centre publishes them; nil takes those of the file, with a warning.
	Authorities [][]byte
	Timestamps  [][]byte
}

// Verify says what a proof proves, without a network: each finding a message in both
// languages. body and head (see HeadText), of the request or of the response, are
// nil when one has them not. It fails with Denied ("exchange.proof.…") at the first
// thing that does not hold; the findings until then are given, too.
func (p Proof) Verify(c Checks, body, head []byte) ([]health.Finding, error) {
	v := &proofCheck{Proof: p, checks: c, certificates: map[string]*x509.Certificate{}}
	for _, step := range []func() error{v.trust, v.signatures, v.log, v.stamp, func() error { return v.content(body, head) }} {
		if err := step(); err != nil {
			return v.found, err
		}
	}
	return v.found, nil
}

type proofCheck struct {
	Proof
	checks       Checks
	certificates map[string]*x509.Certificate
	found        []health.Finding
}

func (v *proofCheck) say(check string, level health.Level, key string, args map[string]any) {
	v.found = append(v.found, health.Finding{Check: check, Level: level, Key: "exchange.proof." + key, Args: args})
}

func disproved(key string, args fault.Args) *fault.Error {
	return fault.New(fault.Denied, "exchange.proof."+key, args)
}

func (v *proofCheck) trust() error {
	if len(v.Records) == 0 || len(v.Records) > maxProofRecords {
		return fault.New(fault.Invalid, "exchange.proof.unreadable", nil)
	}
	if v.checks.Authorities == nil || (v.checks.Timestamps == nil && len(v.Head.Token) > 0) {
		v.say("authority", health.Warning, "own_authorities", nil)
	}
	if v.checks.Authorities == nil {
		v.checks.Authorities = v.Authorities
	}
	if v.checks.Timestamps == nil {
		v.checks.Timestamps = v.Timestamps
	}
	for _, der := range v.Certificates {
		cert, _, err := readCertificate(der)
		if err != nil {
			return disproved("certificate", fault.Args{"name": ""}).Because(err)
		}
		v.certificates[Fingerprint(der)] = cert
	}
	return nil
}

// signer finds a certificate that counted at a moment.
func (v *proofCheck) signer(keyID string, at time.Time) (*x509.Certificate, error) {
	cert, ok := v.certificates[keyID]
	if !ok {
		return nil, disproved("certificate", fault.Args{"name": Clip(keyID)})
	}
	if err := pki.CheckChain(cert, v.checks.Authorities, pki.Gateway, at); err != nil {
		return nil, disproved("certificate", fault.Args{"name": Clip(cert.Subject.CommonName)}).Because(err)
	}
	return cert, nil
}

func (v *proofCheck) signatures() error {
	if len(v.Records) == 2 {
		a, b := v.Records[0], v.Records[1]
		if !(Record{Side: a.Side, Commitment: a.Commitment}).answers(Record{Side: b.Side, Commitment: b.Commitment}) {
			return disproved("not_a_pair", nil)
		}
	}
	for _, r := range v.Records {
		c := r.Commitment
		if err := c.Check(); err != nil {
			return disproved("signature", fault.Args{"seq": r.Seq}).Because(err)
		}
		at := time.Unix(c.Created, 0).UTC()
		cert, err := v.signer(c.KeyID, at)
		if err != nil {
			return err
		}
		_, key, err := readCertificate(cert.Raw)
		if err != nil || c.Verify(key) != nil {
			return disproved("signature", fault.Args{"seq": r.Seq})
		}
		args := map[string]any{
			"gateway": Clip(cert.Subject.CommonName), "client": c.Client.String(), "service": c.Service.String(),
			"message": Clip(c.MessageID), "request": Clip(c.RequestID), "at": at, "method": Clip(c.Method), "status": c.Status,
		}
		if c.Kind == Request {
			v.say("signature", health.Fine, "request_signed", args)
		} else {
			v.say("signature", health.Fine, "response_signed", args)
		}
	}
	return nil
}

func (v *proofCheck) log() error {
	cert, err := v.signer(v.Head.KeyID, v.Head.At)
	if err != nil {
		return err
	}
	_, key, err := readCertificate(cert.Raw)
	if err != nil || !v.Head.Of(ledger.Messages) || v.Head.Verify(key) != nil {
		return disproved("head", nil)
	}
	for _, r := range v.Records {
		root, err := ledger.RootFrom(r.leaf(), r.Seq, v.Head.Size, r.Path)
		if err != nil || root != v.Head.Root {
			return disproved("not_in_log", fault.Args{"seq": r.Seq})
		}
		v.say(
			"log", health.Fine, "in_log",
			map[string]any{"seq": r.Seq, "gateway": Clip(cert.Subject.CommonName), "size": v.Head.Size, "at": v.Head.At},
		)
	}
	return nil
}

// lateStamp is how long after the head a time stamp is no longer ordinary.
const lateStamp = 24 * time.Hour

func (v *proofCheck) stamp() error {
	switch {
	case len(v.Head.Token) == 0:
		v.say("timestamp", health.Warning, "not_stamped", nil)
		return nil
	case v.checks.Stamp == nil:
		v.say("timestamp", health.Warning, "stamp_unchecked", nil)
		return nil
	}
	at, err := v.checks.Stamp(v.Head.Token, v.Head.Stamped(), v.checks.Timestamps)
	if err != nil {
		return disproved("stamp", nil).Because(err)
	}
	v.say("timestamp", health.Fine, "stamped", map[string]any{"at": at})
	if at.After(v.Head.At.Add(lateStamp)) {
		v.say("timestamp", health.Warning, "late_stamp", map[string]any{"at": v.Head.At})
	}
	for _, r := range v.Records {
		if time.Unix(r.Commitment.Created, 0).After(at.Add(MaxSkew)) {
			v.say("clock", health.Warning, "after_stamp", map[string]any{"seq": r.Seq})
		}
	}
	return nil
}

// content compares what one has with the hashes that were signed.
func (v *proofCheck) content(body, head []byte) error {
	var ofBody, ofHead, request, response *Commitment
	for i := range v.Records {
		c := &v.Records[i].Commitment
		if c.Kind == Request {
			request = c
		} else {
			response = c
		}
		if body != nil && ofBody == nil && sha256.Sum256(body) == c.Body {
			ofBody = c
		}
		if head != nil && ofHead == nil && HeadDigest(head) == c.Head {
			ofHead = c
		}
	}
	switch {
	case body == nil:
		v.say("body", health.Warning, "no_body", nil)
	case ofBody == nil:
		return disproved("body_differs", nil)
	default:
		v.say("body", health.Fine, "body_of_"+string(ofBody.Kind), map[string]any{"size": len(body)})
	}
	switch {
	case head == nil:
		return nil
	case ofHead == nil:
		return disproved("head_differs", nil)
	}
	v.say("head", health.Fine, "head_of_"+string(ofHead.Kind), nil)
	if response == nil || ofHead != request {
		return nil
	}
	if request.Body == sha256.Sum256(nil) {
		return v.answers(*response, RequestHash(head, nil), RequestHash(head, sum512(nil)))
	}
	if body != nil && ofBody == request {
		return v.answers(*response, RequestHash(head, sum512(body)))
	}
	return nil
}

func sum512(body []byte) []byte {
	sum := sha512.Sum512(body)
	return sum[:]
}

// answers says whether the response was signed for this very request.
func (v *proofCheck) answers(response Commitment, hashes ...string) error {
	for _, h := range hashes {
		if response.RequestHash == h {
			v.say("head", health.Fine, "answers", nil)
			return nil
		}
	}
	return disproved("other_request", nil)
}

// Check says whether a commitment can be signed and read in one way only: no line
// breaks or quotes where the signature base has its own. It fails with ErrSignature.
func (c Commitment) Check() error {
	if c.Kind != Request && c.Kind != Response {
		return ErrSignature
	}
	for _, s := range []string{c.Method, c.MessageID, c.RequestID, c.RequestHash, c.Nonce, c.KeyID} {
		if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' }) {
			return ErrSignature
		}
	}
	if strings.ContainsAny(c.Nonce+c.KeyID, `"\`) || bytes.ContainsAny(c.Base(), "\r") {
		return ErrSignature
	}
	return nil
}
