package exchange

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"slices"
	"time"

	"dean06/internal/platform/actor"
)

// KnownCertificate is a certificate of some gateway that was once in a verified
// configuration, and when it was first seen there.
type KnownCertificate struct {
	DER    []byte
	SeenAt time.Time
}

// KeyState says how a certificate stands.
type KeyState string

// The states of a certificate.
const (
	KeyInUse   KeyState = "in_use"  // the gateway signs and speaks with it
	KeyWaits   KeyState = "waits"   // is taken up as soon as the others know it
	KeyCounts  KeyState = "counts"  // others still believe it
	KeyEnded   KeyState = "ended"   // its days are over
	KeyRevoked KeyState = "revoked" // by the hub, before its time
	KeyGone    KeyState = "gone"    // the configuration has it no longer
)

// KeyCertificate is a certificate as people read it.
type KeyCertificate struct {
	Fingerprint string // SHA-256, hex
	Name        string // of whom it is
	Issuer      string
	Serial      string // hex
	Algorithm   string // of the key, such as "ECDSA P-256"
	Key         string // SHA-256 of the public key, hex: the same for a renewed certificate of the same key
	From, Until time.Time
	SeenAt      time.Time // first in a configuration; zero when that is not known
	State       KeyState
	RevokedAt   time.Time
}

// ReadKeyCertificate reads a certificate (DER) but for its state.
func ReadKeyCertificate(der []byte) (KeyCertificate, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return KeyCertificate{}, err
	}
	out := KeyCertificate{
		Fingerprint: Fingerprint(der), Name: cmp.Or(cert.Subject.CommonName, cert.Subject.String()), Key: Fingerprint(cert.RawSubjectPublicKeyInfo),
		Issuer: cmp.Or(cert.Issuer.CommonName, cert.Issuer.String()), Serial: cert.SerialNumber.Text(16), Algorithm: cert.PublicKeyAlgorithm.String(),
		From: cert.NotBefore.UTC(), Until: cert.NotAfter.UTC(),
	}
	if public, ok := cert.PublicKey.(*ecdsa.PublicKey); ok {
		out.Algorithm += " " + public.Params().Name
	}
	return out, nil
}

// RenewalFrom is when the renewal of a certificate is due.
func (c KeyCertificate) RenewalFrom() time.Time { return c.Until.Add(-c.Until.Sub(c.From) / 3) }

// Keys are the keys and certificates of a gateway.
type Keys struct {
	Gateway string
	Own     []KeyCertificate // of the gateway, the newest first: also those that it had before
	Since   time.Time        // the gateway has used the present one since, or since its start
	Port    []KeyCertificate // of the port for local systems; none when that speaks plain HTTP
	Trusted []KeyCertificate // of the hub's authorities
	Stamps  []KeyCertificate // of the time-stamping authorities
}

// Keys tells of a gateway's keys and certificates, and of their history as far as its
// configurations had it. It fails with Unavailable before the node has joined.
func (d *Desk) Keys(ctx context.Context, by actor.Actor) (Keys, error) {
	s, err := d.Status(ctx, by)
	if err != nil {
		return Keys{}, err
	}
	known, err := d.at.Store.KnownCertificates(ctx)
	if err != nil {
		return Keys{}, err
	}
	out := Keys{Gateway: s.Gateway, Since: s.CertificateSince}
	present, waits := Fingerprint(s.Certificate), Fingerprint(s.NextCertificate)
	for _, der := range [][]byte{s.Certificate, s.NextCertificate} { // a configuration may not have them yet
		if len(der) > 0 && !slices.ContainsFunc(known, func(k KnownCertificate) bool { return slices.Equal(k.DER, der) }) {
			known = append(known, KnownCertificate{DER: der})
		}
	}
	dir := d.Directory()
	for _, k := range known {
		c, err := ReadKeyCertificate(k.DER)
		if err != nil || c.Name != s.Gateway {
			continue
		}
		c.SeenAt, c.State = k.SeenAt, KeyGone
		if dir != nil {
			if _, there := dir.Speaker(c.Fingerprint); there {
				c.State = KeyCounts
			}
			if at, ok := dir.RevokedAt(c.Fingerprint); ok {
				c.State, c.RevokedAt = KeyRevoked, at
			}
		}
		switch {
		case c.State == KeyRevoked:
		case s.At.After(c.Until):
			c.State = KeyEnded
		case c.Fingerprint == present:
			c.State = KeyInUse
		case c.Fingerprint == waits:
			c.State = KeyWaits
		}
		out.Own = append(out.Own, c)
	}
	slices.SortStableFunc(out.Own, func(a, b KeyCertificate) int { return b.From.Compare(a.From) })
	if len(s.PortCertificate) > 0 {
		out.Port = keysOf([][]byte{s.PortCertificate}, s.At)
	}
	if dir != nil {
		c := dir.Configuration()
		out.Trusted, out.Stamps = keysOf(c.Authorities, s.At), keysOf(c.Timestamps, s.At)
	}
	return out, nil
}

func keysOf(list [][]byte, now time.Time) []KeyCertificate {
	var out []KeyCertificate
	for _, der := range list {
		c, err := ReadKeyCertificate(der)
		if err != nil {
			continue // the configuration was verified: others are not there
		}
		if c.State = KeyCounts; now.After(c.Until) {
			c.State = KeyEnded
		}
		out = append(out, c)
	}
	return out
}

// RenewKey asks the hub for the next certificate when that is due, instead of waiting for
// the hourly try. renewed is false when it is not due. It fails as the hub does.
func (d *Desk) RenewKey(ctx context.Context, by actor.Actor) (renewed bool, err error) {
	if err := Permissions.Can(by, ActRenew); err != nil {
		return false, err
	}
	g, err := d.running()
	if err != nil {
		return false, err
	}
	return g.RenewNow(ctx)
}
