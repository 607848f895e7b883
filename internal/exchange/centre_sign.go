package exchange

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
)

func signConfiguration(c Configuration, key crypto.Signer, cert []byte) (Signed, error) {
	body, err := json.Marshal(c)
	if err != nil {
		return Signed{}, err
	}
	sum := sha256.Sum256(body)
	sig, err := key.Sign(rand.Reader, sum[:], crypto.SHA256)
	return Signed{Body: body, Signature: sig, Certificate: cert}, err
}

func openConfiguration(s Signed, authorities [][]byte, now time.Time) (c Configuration, err error) {
	bad := fault.New(fault.Denied, "exchange.join.stranger", nil)
	cert, err := x509.ParseCertificate(s.Certificate)
	if err != nil {
		return c, bad.Because(err)
	}
	if err := pki.CheckChain(cert, authorities, pki.ConfigurationSigner, now); err != nil {
		return c, err
	}
	sum := sha256.Sum256(s.Body)
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok || !ecdsa.VerifyASN1(key, sum[:], s.Signature) {
		return c, bad
	}
	return c, json.Unmarshal(s.Body, &c)
}

func headSignedBy(h Head, der []byte) bool {
	cert, err := x509.ParseCertificate(der)
	if err != nil || h.KeyID != Fingerprint(der) {
		return false
	}
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	return ok && h.Verify(key) == nil
}
