package exchange

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

const (
	// MaxConfiguration bounds a configuration that is read.
	MaxConfiguration = 64 << 20
	// MaxSkew is how far the clocks of two gateways may be apart.
	MaxSkew = 2 * time.Minute
)

// Sign makes a configuration ready to travel. cert (DER) is that of the key. It
// fails when the configuration does not hold together.
func Sign(c Configuration, key crypto.Signer, cert []byte) (Signed, error) {
	if err := c.Check(c.IssuedAt); err != nil {
		return Signed{}, err
	}
	body, err := json.Marshal(c)
	if err != nil {
		return Signed{}, fmt.Errorf("write configuration %d: %w", c.Serial, err)
	}
	sum := sha256.Sum256(body)
	sig, err := key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		return Signed{}, fmt.Errorf("sign configuration %d: %w", c.Serial, err)
	}
	return Signed{Body: body, Signature: sig, Certificate: cert}, nil
}

// Open verifies a configuration: signed by a key of one of the authorities (DER),
// whole, and in its time. It fails with Denied ("exchange.configuration.…"); one that
// only has run out is given back beside the error, so that it can be shown.
func Open(s Signed, authorities [][]byte, now time.Time) (Configuration, error) {
	read, err := Authentic(s, authorities)
	if err != nil {
		return Configuration{}, err
	}
	if err := read.Check(now); err != nil {
		if f := fault.As(err); f != nil && f.Key == keyExpired {
			return read, err
		}
		return Configuration{}, err
	}
	return read, nil
}

// Authentic verifies that a key of one of the authorities (DER) signed a configuration,
// whenever that was, and reads it. Whether it counts now, Open says. It fails as Open does.
func Authentic(s Signed, authorities [][]byte) (Configuration, error) {
	var c Configuration
	if len(s.Body) > MaxConfiguration {
		return c, badConfiguration("exchange.configuration.unreadable", nil)
	}
	cert, err := x509.ParseCertificate(s.Certificate)
	if err != nil {
		return c, badConfiguration("exchange.configuration.unreadable", nil).Because(err)
	}
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	sum := sha256.Sum256(s.Body)
	if !ok || !ecdsa.VerifyASN1(key, sum[:], s.Signature) {
		return c, badConfiguration("exchange.configuration.signature", nil)
	}
	read, err := s.Read()
	if err != nil {
		return c, badConfiguration("exchange.configuration.unreadable", nil).Because(err)
	}
	// The signer's certificate must have counted when it signed; that it ends later
	// does not undo what it signed.
	if err := pki.CheckChain(cert, authorities, pki.ConfigurationSigner, read.IssuedAt); err != nil {
		return c, badConfiguration("exchange.configuration.signer", nil).Because(err)
	}
	return read, nil
}

const keyExpired = "exchange.configuration.expired"

func badConfiguration(key string, args fault.Args) *fault.Error {
	return fault.New(fault.Denied, key, args)
}

// Check says whether the configuration holds together and counts at a moment. Its
// faults are those of Open.
func (c Configuration) Check(now time.Time) error {
	wrong := func(what string) error {
		return badConfiguration("exchange.configuration.inconsistent", fault.Args{"what": what})
	}
	if c.Instance == "" || c.Serial <= 0 || len(c.Authorities) == 0 {
		return wrong("instance, serial, authorities")
	}
	if c.StaleAfter.Before(c.IssuedAt) || c.ValidUntil.Before(c.StaleAfter) {
		return wrong("issued_at, stale_after, valid_until")
	}
	for _, der := range c.Authorities {
		if a, err := x509.ParseCertificate(der); err != nil || !a.IsCA {
			return wrong("authorities")
		}
	}
	for _, der := range c.Timestamps {
		if _, err := x509.ParseCertificate(der); err != nil {
			return wrong("timestamps")
		}
	}
	known := map[xroad.ID]bool{}
	if what := c.checkMembers(known); what != "" {
		return wrong(what)
	}
	if what := c.checkGateways(known); what != "" {
		return wrong(what)
	}
	if what := c.checkRest(known); what != "" {
		return wrong(what)
	}
	if c.IssuedAt.After(now.Add(MaxSkew)) {
		return badConfiguration("exchange.configuration.early", fault.Args{"serial": c.Serial, "at": c.IssuedAt})
	}
	if c.FreshAt(now) == Expired {
		return badConfiguration(keyExpired, fault.Args{"serial": c.Serial, "at": c.ValidUntil})
	}
	return nil
}

// checkMembers names what is wrong; known becomes all members and subsystems.
func (c Configuration) checkMembers(known map[xroad.ID]bool) string {
	for _, m := range c.Members {
		if m.ID != m.ID.MemberID() || m.ID.Member == "" || m.ID.Class == "" || m.ID.Instance != c.Instance || known[m.ID] {
			return m.ID.String()
		}
		known[m.ID] = true
		for _, s := range m.Subsystems {
			if s.ID.Subsystem == "" || s.ID.Service != "" || s.ID.MemberID() != m.ID || known[s.ID] {
				return s.ID.String()
			}
			known[s.ID] = true
		}
	}
	return ""
}

func (c Configuration) checkGateways(known map[xroad.ID]bool) string {
	ids, certificates := map[string]bool{}, map[string]bool{}
	for _, g := range c.Gateways {
		if _, _, err := net.SplitHostPort(g.Address); g.ID == "" || ids[g.ID] || err != nil || !known[g.Member] || g.Member.Subsystem != "" {
			return g.ID
		}
		ids[g.ID] = true
		for _, s := range g.Subsystems {
			if !known[s] || s.Subsystem == "" || s.MemberID() != g.Member {
				return g.ID + " " + s.String()
			}
		}
		for _, der := range g.Certificates {
			name := Fingerprint(der)
			if _, _, err := readCertificate(der); err != nil || certificates[name] {
				return g.ID + " " + name
			}
			certificates[name] = true
		}
	}
	return ""
}

func (c Configuration) checkRest(known map[xroad.ID]bool) string {
	services := map[xroad.ID]bool{}
	for _, s := range c.Services {
		if s.ID.Service == "" || !known[s.ID.SubsystemID()] || services[s.ID] {
			return s.ID.String()
		}
		services[s.ID] = true
	}
	groups := map[string]bool{}
	for _, g := range c.Groups {
		if g.Code == "" || groups[g.Code] {
			return g.Code
		}
		groups[g.Code] = true
		for _, id := range g.Members {
			if !known[id] || id.Subsystem == "" {
				return g.Code + " " + id.String()
			}
		}
	}
	if c.Security != nil {
		// When it was said is held against the centre's clock when it comes there, not here.
		if err := c.Security.Check(c.Security.At); err != nil {
			return "security"
		}
	}
	for _, r := range c.Revoked {
		if len(r.Fingerprint) != 2*sha256.Size {
			return r.Fingerprint
		}
	}
	return ""
}

func readCertificate(der []byte) (*x509.Certificate, *ecdsa.PublicKey, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, fmt.Errorf("read a certificate: %w", err)
	}
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, nil, fmt.Errorf("certificate %s: its key is not of P-256", Fingerprint(der))
	}
	return cert, key, nil
}
