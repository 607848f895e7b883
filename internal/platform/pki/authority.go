package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"dean06/internal/platform/fault"
)

// Use is what a certificate is good for. One that is good for one use is good for
// none of the others.
type Use int

// The uses.
const (
	Gateway             Use = iota + 1 // both ends of TLS, and signatures on messages
	ConfigurationSigner                // signatures on the configuration
	TimeStamping                       // signatures on time stamps (RFC 3161, section 2.3)
	LocalPort                          // a gateway's port for the systems of its agency
	LocalSystem                        // a system that speaks on that port
)

// Object identifiers of extended key usage (RFC 5280, section 4.2.1.12). The one of
// the configuration lies in the arc of examples (ITU-T X.660), as we have none of our
// own; only our own programs read it.
var (
	extendedKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}
	serverAuth       = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}
	clientAuth       = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2}
	timeStamping     = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
	configuration    = asn1.ObjectIdentifier{2, 999, 6, 3, 1}
)

// purposes are the extended key usages of a use, all of them and no others.
func (u Use) purposes() []asn1.ObjectIdentifier {
	switch u {
	case Gateway:
		return []asn1.ObjectIdentifier{serverAuth, clientAuth}
	case ConfigurationSigner:
		return []asn1.ObjectIdentifier{configuration}
	case TimeStamping:
		return []asn1.ObjectIdentifier{timeStamping}
	case LocalPort:
		return []asn1.ObjectIdentifier{serverAuth}
	case LocalSystem:
		return []asn1.ObjectIdentifier{clientAuth}
	}
	return nil
}

// Authority issues certificates: it is the exchange's own.
type Authority struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
}

// NewAuthority gives the certificate (DER) of a new authority, signed by itself. It
// counts from an hour before now, as clocks differ.
func NewAuthority(key crypto.Signer, name string, now time.Time, years int) ([]byte, error) {
	public, err := p256(key.Public())
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.UTC().Add(-time.Hour), NotAfter: now.UTC().AddDate(years, 0, 0),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: keyID(public),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		SignatureAlgorithm: x509.ECDSAWithSHA256,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		return nil, fmt.Errorf("make the authority %q: %w", name, err)
	}
	return der, nil
}

// Leaf is what a certificate shall say.
type Leaf struct {
	Public      crypto.PublicKey // P-256
	Name        string           // the common name
	URI         string           // may be empty
	Hosts       []string         // names of machines and IP addresses, without ports
	From, Until time.Time
	Use         Use
}

// Issue gives a certificate (DER). It never counts longer than the authority's own.
// It fails with Invalid for a host that is none.
func (a Authority) Issue(l Leaf) ([]byte, error) {
	public, err := p256(l.Public)
	if err != nil {
		return nil, err
	}
	if l.Until.After(a.Certificate.NotAfter) {
		l.Until = a.Certificate.NotAfter
	}
	if !l.From.Before(l.Until) {
		return nil, fmt.Errorf("issue a certificate to %q: it would end (%s) before it begins", l.Name, l.Until)
	}
	usage, err := usageExtension(l.Use)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: l.Name},
		NotBefore:    l.From.UTC(), NotAfter: l.Until.UTC(),
		KeyUsage: x509.KeyUsageDigitalSignature, SubjectKeyId: keyID(public),
		BasicConstraintsValid: true,
		SignatureAlgorithm:    x509.ECDSAWithSHA256,
		ExtraExtensions:       []pkix.Extension{usage},
	}
	if template.DNSNames, template.IPAddresses, err = hosts(l.Hosts); err != nil {
		return nil, err
	}
	if l.URI != "" {
		u, err := url.Parse(l.URI)
		if err != nil || u.Scheme == "" {
			return nil, fmt.Errorf("issue a certificate to %q: %q is no whole URI", l.Name, l.URI)
		}
		template.URIs = []*url.URL{u}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.Certificate, public, a.Key)
	if err != nil {
		return nil, fmt.Errorf("issue a certificate to %q: %w", l.Name, err)
	}
	return der, nil
}

// usageExtension is critical where our own programs alone read the certificates.
func usageExtension(u Use) (pkix.Extension, error) {
	if u.purposes() == nil {
		return pkix.Extension{}, fmt.Errorf("a certificate for the unknown use %d", u)
	}
	value, err := asn1.Marshal(u.purposes())
	return pkix.Extension{Id: extendedKeyUsage, Critical: u == ConfigurationSigner || u == TimeStamping, Value: value}, err
}

// Request asks for a certificate (PKCS#10, DER).
func Request(key crypto.Signer, name string, names []string) ([]byte, error) {
	template := &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}, SignatureAlgorithm: x509.ECDSAWithSHA256}
	var err error
	if template.DNSNames, template.IPAddresses, err = hosts(names); err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		return nil, fmt.Errorf("ask for a certificate: %w", err)
	}
	return der, nil
}

// ReadRequest reads what Request made. It fails with Invalid ("pki.request.bad") when
// whoever sent it does not have the key, or the key is not P-256. What it says of
// names is only a wish.
func ReadRequest(der []byte) (*x509.CertificateRequest, error) {
	bad := fault.New(fault.Invalid, "pki.request.bad", nil)
	if len(der) > maxSecret {
		return nil, bad
	}
	r, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, bad.Because(err)
	}
	if _, err := p256(r.PublicKey); err != nil {
		return nil, bad.Because(err)
	}
	if err := r.CheckSignature(); err != nil {
		return nil, bad.Because(err)
	}
	return r, nil
}

func p256(public crypto.PublicKey) (*ecdsa.PublicKey, error) {
	key, ok := public.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("the key is not P-256")
	}
	return key, nil
}

// serial is 128 random bits, so that nobody can foretell it.
func serial() *big.Int {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return new(big.Int).SetBytes(b)
}

// keyID is RFC 7093's first method: the leftmost 160 bits of the key's SHA-256.
func keyID(key *ecdsa.PublicKey) []byte {
	point, err := key.Bytes()
	if err != nil {
		return nil // not a point; CreateCertificate refuses it
	}
	sum := sha256.Sum256(point)
	return sum[:20]
}

// hostName is one or more labels (RFC 1123, section 2.1), of which the last is no
// number: "300.1.1.1" is a mistyped address.
var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

func hosts(list []string) (names []string, ips []net.IP, err error) {
	for _, h := range list {
		if ip, err := netip.ParseAddr(h); err == nil && ip.Zone() == "" {
			ips = append(ips, net.IP(ip.Unmap().AsSlice()))
			continue
		}
		if h = strings.ToLower(h); len(h) > 253 || !hostName.MatchString(h) {
			return nil, nil, fault.New(fault.Invalid, "pki.host.bad", fault.Args{"host": clip(h)})
		}
		names = append(names, h)
	}
	return names, ips, nil
}

func clip(s string) string {
	if len(s) > 120 {
		s = s[:120] + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
