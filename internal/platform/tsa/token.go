package tsa

import (
	"bytes"
	"crypto"
	"crypto/sha1" // only to find a certificate by RFC 2634's attribute, which knows nothing else
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"dean06/internal/platform/fault"
)

// maxToken is more than a token with a long chain needs.
const maxToken = 64 << 10

// Verify checks a token without a network and tells its time: that it was given to
// the data, that the signature fits, and that the service's certificate counted at
// that time, as one of the authorities (DER) says: an authority over services, or the
// certificate of a service itself. It fails with Invalid: "tsa.token.bad",
// "tsa.token.other" or "tsa.token.stranger".
func Verify(token, data []byte, authorities [][]byte) (time.Time, error) {
	info, err := verify(token, data, authorities)
	return info.Time, err
}

func verify(token, data []byte, authorities [][]byte) (tstInfo, error) {
	t, err := readToken(token)
	if err != nil {
		return tstInfo{}, fault.New(fault.Invalid, "tsa.token.bad", nil).Because(err)
	}
	if sum := sha256.Sum256(data); !t.info.Imprint.Algorithm.Algorithm.Equal(oidSHA256) || !bytes.Equal(t.info.Imprint.Hash, sum[:]) {
		return tstInfo{}, fault.New(fault.Invalid, "tsa.token.other", nil)
	}
	stranger := fault.New(fault.Invalid, "tsa.token.stranger", nil)
	roots, inside := x509.NewCertPool(), x509.NewCertPool()
	known := t.certificates
	for _, der := range authorities {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return tstInfo{}, stranger.Because(err)
		}
		roots.AddCert(c)
		known = append(known, c)
	}
	for _, c := range t.certificates {
		inside.AddCert(c)
	}
	signer := t.signer(known)
	if signer == nil {
		return tstInfo{}, stranger.Because(errors.New("the certificate that signed is not there"))
	}
	if err := t.checkSignature(signer); err != nil {
		return tstInfo{}, fault.New(fault.Invalid, "tsa.token.bad", nil).Because(err)
	}
	if !stamps(signer) {
		return tstInfo{}, stranger.Because(errors.New("the certificate is not one for time stamps"))
	}
	options := x509.VerifyOptions{
		Roots: roots, Intermediates: inside, CurrentTime: t.info.Time,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	}
	if _, err := signer.Verify(options); err != nil {
		return tstInfo{}, stranger.Because(err)
	}
	return t.info, nil
}

// stamps says that a certificate is for time stamps and for nothing else (RFC 3161,
// section 2.3).
func stamps(c *x509.Certificate) bool {
	if c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return false
	}
	for _, e := range c.Extensions {
		if e.Id.Equal(oidExtendedUsage) {
			var list []asn1.ObjectIdentifier
			rest, err := asn1.Unmarshal(e.Value, &list)
			return err == nil && len(rest) == 0 && e.Critical && len(list) == 1 && list[0].Equal(oidTimeStamping)
		}
	}
	return false
}

// The forms of RFC 5652 (section 5) and RFC 3161 (section 2.4.2), in DER.
type (
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"explicit,tag:0"`
	}
	signedData struct {
		Version int
		Digests []pkix.AlgorithmIdentifier `asn1:"set"`
		Content struct {
			Type asn1.ObjectIdentifier
			Data []byte `asn1:"explicit,tag:0"`
		}
		Certificates asn1.RawValue `asn1:"optional,tag:0"`
		Revoked      asn1.RawValue `asn1:"optional,tag:1"`
		Signers      []signerInfo  `asn1:"set"`
	}
	signerInfo struct {
		Version    int
		Identifier asn1.RawValue // what counts is the signing-certificate attribute
		Digest     pkix.AlgorithmIdentifier
		Attributes asn1.RawValue `asn1:"tag:0"`
		Algorithm  pkix.AlgorithmIdentifier
		Signature  []byte
		Unsigned   asn1.RawValue `asn1:"optional,tag:1"`
	}
	attribute struct {
		Type   asn1.ObjectIdentifier
		Values asn1.RawValue
	}
	imprint struct {
		Algorithm pkix.AlgorithmIdentifier
		Hash      []byte
	}
	tstInfo struct {
		Version    int
		Policy     asn1.ObjectIdentifier
		Imprint    imprint
		Serial     *big.Int
		Time       time.Time        `asn1:"generalized"`
		Accuracy   accuracy         `asn1:"optional"`
		Ordering   bool             `asn1:"optional"`
		Nonce      *big.Int         `asn1:"optional"`
		Authority  asn1.RawValue    `asn1:"optional,tag:0"`
		Extensions []pkix.Extension `asn1:"optional,tag:1"`
	}
	accuracy struct {
		Seconds int `asn1:"optional"`
		Millis  int `asn1:"optional,tag:0"`
		Micros  int `asn1:"optional,tag:1"`
	}
	certID struct { // ESSCertID (RFC 2634) and ESSCertIDv2 (RFC 5035) without their issuers
		Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
		Hash      []byte
	}
)

// token is one that was read and not yet believed.
type token struct {
	info         tstInfo
	content      []byte
	certificates []*x509.Certificate
	by           signerInfo
	digest       crypto.Hash
	said         []byte // the digest of the content, as the attributes say
	id           certID
	old          bool // id is of RFC 2634: SHA-1
}

func readToken(der []byte) (*token, error) {
	if len(der) > maxToken {
		return nil, errors.New("the token is too long")
	}
	var outer contentInfo
	if err := whole(der, &outer); err != nil {
		return nil, err
	}
	if !outer.Type.Equal(oidSignedData) {
		return nil, errors.New("the token is not signed data")
	}
	var signed signedData
	if err := whole(outer.Content.Bytes, &signed); err != nil {
		return nil, err
	}
	if len(signed.Signers) != 1 || !signed.Content.Type.Equal(oidTSTInfo) {
		return nil, errors.New("the token is not a time stamp signed by one")
	}
	t := &token{content: signed.Content.Data, by: signed.Signers[0]}
	if err := whole(t.content, &t.info); err != nil {
		return nil, err
	}
	if t.info.Version != 1 {
		return nil, fmt.Errorf("a time stamp of version %d", t.info.Version)
	}
	for _, e := range t.info.Extensions {
		if e.Critical {
			return nil, fmt.Errorf("the time stamp has the unknown extension %s", e.Id)
		}
	}
	if t.digest = hashOf(t.by.Digest.Algorithm); t.digest == 0 {
		return nil, fmt.Errorf("digest algorithm %s", t.by.Digest.Algorithm)
	}
	var err error
	if t.certificates, err = x509.ParseCertificates(signed.Certificates.Bytes); err != nil {
		return nil, err
	}
	return t, t.readAttributes()
}

// whole reads one value and nothing after it.
func whole(der []byte, v any) error {
	rest, err := asn1.Unmarshal(der, v)
	if err == nil && len(rest) > 0 {
		err = errors.New("data after the end")
	}
	return err
}

func hashOf(id asn1.ObjectIdentifier) crypto.Hash {
	switch {
	case id.Equal(oidSHA256):
		return crypto.SHA256
	case id.Equal(oidSHA384):
		return crypto.SHA384
	case id.Equal(oidSHA512):
		return crypto.SHA512
	}
	return 0
}

// readAttributes reads what the signature covers. Each attribute stands there once
// with one value.
func (t *token) readAttributes() error {
	seen := map[string][]byte{}
	for rest := t.by.Attributes.Bytes; len(rest) > 0; {
		var a attribute
		var err error
		if rest, err = asn1.Unmarshal(rest, &a); err != nil {
			return err
		}
		if _, twice := seen[a.Type.String()]; twice || a.Values.Tag != asn1.TagSet || a.Values.Class != asn1.ClassUniversal {
			return fmt.Errorf("attribute %s stands twice or is no set", a.Type)
		}
		seen[a.Type.String()] = a.Values.Bytes
	}
	var kind asn1.ObjectIdentifier
	if err := whole(seen[oidContentType.String()], &kind); err != nil || !kind.Equal(oidTSTInfo) {
		return errors.New("the signature is not one on a time stamp")
	}
	if err := whole(seen[oidMessageDigest.String()], &t.said); err != nil {
		return fmt.Errorf("message digest: %w", err)
	}
	value, ok := seen[oidSigningCertV2.String()]
	if !ok {
		value, t.old = seen[oidSigningCert.String()], true
	}
	// The first certificate is the one that signed.
	var named struct{ List []asn1.RawValue }
	if err := whole(value, &named); err != nil || len(named.List) == 0 {
		return errors.New("the signature does not name its certificate")
	}
	return whole(named.List[0].FullBytes, &t.id)
}

// signer finds the certificate that the signature names by its hash.
func (t *token) signer(known []*x509.Certificate) *x509.Certificate {
	h := crypto.SHA256
	if len(t.id.Algorithm.Algorithm) > 0 {
		h = hashOf(t.id.Algorithm.Algorithm)
	}
	for _, c := range known {
		switch {
		case t.old:
			if sum := sha1.Sum(c.Raw); bytes.Equal(sum[:], t.id.Hash) {
				return c
			}
		case h != 0 && bytes.Equal(digest(h, c.Raw), t.id.Hash):
			return c
		}
	}
	return nil
}

func digest(h crypto.Hash, data []byte) []byte {
	w := h.New()
	w.Write(data)
	return w.Sum(nil)
}

func (t *token) checkSignature(by *x509.Certificate) error {
	if !bytes.Equal(digest(t.digest, t.content), t.said) {
		return errors.New("the digest does not fit the content")
	}
	algorithm, err := t.algorithm()
	if err != nil {
		return err
	}
	covered := bytes.Clone(t.by.Attributes.FullBytes)
	covered[0] = asn1.TagSet | 0x20 // RFC 5652, section 5.4: signed as SET OF, not as [0]
	return by.CheckSignature(algorithm, covered, t.by.Signature)
}

// algorithm knows the usual ones; SHA-1 is not among them.
func (t *token) algorithm() (x509.SignatureAlgorithm, error) {
	rsa := map[crypto.Hash]x509.SignatureAlgorithm{
		crypto.SHA256: x509.SHA256WithRSA, crypto.SHA384: x509.SHA384WithRSA, crypto.SHA512: x509.SHA512WithRSA,
	}
	ecdsa := map[crypto.Hash]x509.SignatureAlgorithm{
		crypto.SHA256: x509.ECDSAWithSHA256, crypto.SHA384: x509.ECDSAWithSHA384, crypto.SHA512: x509.ECDSAWithSHA512,
	}
	switch id := t.by.Algorithm.Algorithm.String(); id {
	case "1.2.840.113549.1.1.1": // rsaEncryption: the hash is that of the digest
		return rsa[t.digest], nil
	case "1.2.840.10045.2.1": // id-ecPublicKey
		return ecdsa[t.digest], nil
	case "1.2.840.113549.1.1.11":
		return x509.SHA256WithRSA, nil
	case "1.2.840.113549.1.1.12":
		return x509.SHA384WithRSA, nil
	case "1.2.840.113549.1.1.13":
		return x509.SHA512WithRSA, nil
	case "1.2.840.10045.4.3.2":
		return x509.ECDSAWithSHA256, nil
	case "1.2.840.10045.4.3.3":
		return x509.ECDSAWithSHA384, nil
	case "1.2.840.10045.4.3.4":
		return x509.ECDSAWithSHA512, nil
	default:
		return 0, fmt.Errorf("signature algorithm %s", id)
	}
}
