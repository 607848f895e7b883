package exchange

import (
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"dean06/internal/xroad"
)

// Directory answers what every call asks of a configuration, from maps. It never
// changes, so it may be used by many at once.
type Directory struct {
	c          Configuration
	gateways   map[string]Gateway
	speakers   map[string]Speaker
	revoked    map[string]time.Time
	bySub      map[xroad.ID][]Gateway
	members    map[xroad.ID]Member
	subsystems map[xroad.ID]Subsystem
	services   map[xroad.ID]ServiceEntry
	groups     map[string][]xroad.ID
	cleared    map[xroad.ID]Clearance
}

// Speaker is a certificate that counts, and whose it is.
type Speaker struct {
	KeyID       string // Fingerprint of the certificate
	Gateway     Gateway
	Certificate *x509.Certificate
	Key         *ecdsa.PublicKey
}

// Index makes the look-ups of a configuration that Open or Check has accepted; what
// cannot be read is left out.
func Index(c Configuration) *Directory {
	d := &Directory{
		c: c, gateways: map[string]Gateway{}, speakers: map[string]Speaker{}, revoked: map[string]time.Time{},
		bySub: map[xroad.ID][]Gateway{}, members: map[xroad.ID]Member{}, subsystems: map[xroad.ID]Subsystem{},
		services: map[xroad.ID]ServiceEntry{}, groups: map[string][]xroad.ID{}, cleared: map[xroad.ID]Clearance{},
	}
	for _, m := range c.Members {
		d.members[m.ID] = m
		for _, s := range m.Subsystems {
			d.subsystems[s.ID] = s
		}
	}
	for _, g := range c.Gateways {
		d.gateways[g.ID] = g
		for _, der := range g.Certificates {
			if cert, key, err := readCertificate(der); err == nil {
				name := Fingerprint(der)
				d.speakers[name] = Speaker{KeyID: name, Gateway: g, Certificate: cert, Key: key}
			}
		}
		for _, s := range g.Subsystems {
			if !g.Suspended {
				d.bySub[s] = append(d.bySub[s], g)
			}
		}
	}
	for _, s := range c.Services {
		d.services[s.ID] = s
	}
	for _, g := range c.Groups {
		d.groups[g.Code] = g.Members
	}
	if c.Security != nil {
		for _, x := range c.Security.Clearances {
			d.cleared[x.ID] = x
		}
	}
	for _, r := range c.Revoked {
		if at, ok := d.revoked[r.Fingerprint]; !ok || r.At.Before(at) {
			d.revoked[r.Fingerprint] = r.At
		}
	}
	return d
}

// Configuration is what the directory was made from.
func (d *Directory) Configuration() Configuration { return d.c }

// FreshAt says how the configuration stands at a moment.
func (d *Directory) FreshAt(t time.Time) Freshness { return d.c.FreshAt(t) }

// Gateway finds a gateway, a suspended one too.
func (d *Directory) Gateway(id string) (Gateway, bool) { g, ok := d.gateways[id]; return g, ok }

// GatewaysOf gives the gateways of a subsystem that are not suspended.
func (d *Directory) GatewaysOf(subsystem xroad.ID) []Gateway { return d.bySub[subsystem] }

// Speaker finds the certificate of that fingerprint, whether or not it counts now.
func (d *Directory) Speaker(keyID string) (Speaker, bool) { s, ok := d.speakers[keyID]; return s, ok }

// RevokedAt says since when a certificate is revoked.
func (d *Directory) RevokedAt(keyID string) (time.Time, bool) {
	at, ok := d.revoked[keyID]
	return at, ok
}

// Member finds a member.
func (d *Directory) Member(id xroad.ID) (Member, bool) { m, ok := d.members[id]; return m, ok }

// Subsystem finds a subsystem.
func (d *Directory) Subsystem(id xroad.ID) (Subsystem, bool) { s, ok := d.subsystems[id]; return s, ok }

// Service finds a service of the catalogue.
func (d *Directory) Service(id xroad.ID) (ServiceEntry, bool) { s, ok := d.services[id]; return s, ok }

// Groups are the centre's groups by code. The map is not to be changed.
func (d *Directory) Groups() map[string][]xroad.ID { return d.groups }

// Why a certificate does not speak. The text is for the programmer at the other end.
var (
	ErrUnknownKey = errors.New("the certificate is not in the configuration")
	ErrSuspended  = errors.New("the gateway is suspended")
	ErrRevoked    = errors.New("the certificate is revoked")
	ErrOutOfTime  = errors.New("the certificate has expired or is not valid yet")
	ErrNotForIt   = errors.New("the gateway does not speak for this subsystem")
)

// Counts finds a certificate and says whether it counts at a moment. It fails with
// ErrUnknownKey, ErrSuspended, ErrRevoked or ErrOutOfTime.
func (d *Directory) Counts(keyID string, at time.Time) (Speaker, error) {
	s, ok := d.speakers[keyID]
	if !ok {
		return s, ErrUnknownKey
	}
	if s.Gateway.Suspended {
		return s, fmt.Errorf("%s: %w", s.Gateway.ID, ErrSuspended)
	}
	if since, ok := d.revoked[keyID]; ok && !at.Before(since) {
		return s, fmt.Errorf("%s: %w", s.Gateway.ID, ErrRevoked)
	}
	if at.Before(s.Certificate.NotBefore) || at.After(s.Certificate.NotAfter) {
		return s, fmt.Errorf("%s: %w", s.Gateway.ID, ErrOutOfTime)
	}
	return s, nil
}

// Speaks is Counts for one who speaks for a subsystem (or for a member itself, as
// the one who runs the gateway). It fails with ErrNotForIt, too.
func (d *Directory) Speaks(keyID string, id xroad.ID, at time.Time) (Speaker, error) {
	s, err := d.Counts(keyID, at)
	if err != nil {
		return s, err
	}
	id = id.SubsystemID()
	if (id.Subsystem == "" && id == s.Gateway.Member) || slices.Contains(s.Gateway.Subsystems, id) {
		return s, nil
	}
	return s, fmt.Errorf("%s for %s: %w", s.Gateway.ID, id, ErrNotForIt)
}
