package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"slices"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// CheckChain says whether a certificate of ours counts at a moment: issued by one of
// the authorities (DER), in its time, and for this use and no other. It fails with
// Denied. It knows nothing of revocation.
func CheckChain(leaf *x509.Certificate, authorities [][]byte, use Use, at time.Time) error {
	name := clip(leaf.Subject.CommonName)
	if at.Before(leaf.NotBefore) {
		return fault.New(fault.Denied, "pki.certificate.early", fault.Args{"name": name, "from": moment(leaf.NotBefore)})
	}
	if at.After(leaf.NotAfter) {
		return fault.New(fault.Denied, "pki.certificate.expired", fault.Args{"name": name, "until": moment(leaf.NotAfter)})
	}
	if !goodFor(leaf, use) {
		return fault.New(fault.Denied, "pki.certificate.use", fault.Args{"name": name})
	}
	stranger := fault.New(fault.Denied, "pki.certificate.stranger", fault.Args{"name": name})
	roots := x509.NewCertPool()
	for _, der := range authorities {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return stranger.Because(err)
		}
		if bytes.Equal(c.Raw, leaf.Raw) { // an authority does not speak for itself
			return stranger
		}
		roots.AddCert(c)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{
		Roots: roots, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}); err != nil {
		return stranger.Because(err)
	}
	return nil
}

func goodFor(leaf *x509.Certificate, use Use) bool {
	if _, err := p256(leaf.PublicKey); err != nil || leaf.IsCA || leaf.KeyUsage != x509.KeyUsageDigitalSignature {
		return false
	}
	want := use.purposes()
	for _, e := range leaf.Extensions {
		if !e.Id.Equal(extendedKeyUsage) {
			continue
		}
		var got []asn1.ObjectIdentifier
		rest, err := asn1.Unmarshal(e.Value, &got)
		return err == nil && len(rest) == 0 && len(want) > 0 && e.Critical == (use != Gateway) &&
			slices.EqualFunc(got, want, asn1.ObjectIdentifier.Equal)
	}
	return false
}

func moment(t time.Time) string { return t.In(clock.Zone).Format("02/01/2006 15:04") }

// ReadCertificates reads certificates in PEM, as an authority hands them out, into
// DER. It fails with Invalid ("pki.certificates.bad").
func ReadCertificates(text []byte) ([][]byte, error) {
	bad := fault.New(fault.Invalid, "pki.certificates.bad", nil)
	var list [][]byte
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		if block.Type != "CERTIFICATE" {
			return nil, bad
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return nil, bad.Because(err)
		}
		list = append(list, block.Bytes)
	}
	if len(list) == 0 {
		return nil, bad
	}
	return list, nil
}

// WriteCertificates writes certificates (DER) as PEM, one after the other.
func WriteCertificates(list ...[]byte) []byte {
	var text []byte
	for _, der := range list {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return text
}
