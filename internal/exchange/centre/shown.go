package centre

import (
	"bytes"
	"context"
	"crypto/x509"
	"strconv"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
)

// mostAhead bounds how far a configuration that is shown may be ahead: a serial grows
// by one with each act, so no backup is older than that.
const mostAhead = 1 << 32

// Behind says whether a gateway that holds a configuration of a serial has to show it:
// the centre has published none as new, or another under the same number. That happens
// when the centre's database was restored from a backup.
func (c *Centre) Behind(ctx context.Context, serial int64) (bool, error) {
	last, err := c.at.Store.History(ctx, 0, 1)
	return len(last) > 0 && serial >= last[0].Serial, err
}

// Shown takes a configuration that a gateway holds and the centre does not know. When
// the centre's own CA let sign it, the centre moves past its serial and publishes anew,
// so that what it says now reaches everybody; and what that configuration says of
// certificates and of security counts again: those of gateways that are still entered,
// revocations, and what was said of systems later than what the centre knows.
// It does not matter who shows it, nor whether it has run out. It fails with Denied
// ("exchange.configuration.…") when it is not the centre's, and with Invalid when its
// serial cannot be.
func (c *Centre) Shown(ctx context.Context, s exchange.Signed) (Published, error) {
	cas, err := c.at.Store.CAs(ctx)
	if err != nil {
		return Published{}, err
	}
	shown, err := exchange.Authentic(s, cas)
	if err != nil {
		return Published{}, err
	}
	if shown.Instance != c.at.Instance {
		return Published{}, fault.New(fault.Denied, "exchange.configuration.signer", nil)
	}
	err = c.turn(ctx, system, func(t *turn) error {
		if shown.Serial < t.last.Serial || shown.Serial == t.last.Serial && bytes.Equal(s.Body, t.last.Body) {
			return nil // another was first
		}
		if shown.Serial-t.last.Serial > mostAhead {
			return fault.New(fault.Invalid, "exchange.configuration.ahead", fault.Args{"serial": shown.Serial, "newest": t.last.Serial})
		}
		certificates, revoked, err := c.takeIn(ctx, t, shown)
		if err != nil {
			return err
		}
		if err := remembered(ctx, t, shown); err != nil {
			return err
		}
		if err := t.PassSerial(ctx, shown.Serial+1); err != nil {
			return err
		}
		t.did("configuration.pass", "configuration", strconv.FormatInt(shown.Serial, 10), map[string]string{
			"newest": strconv.FormatInt(t.last.Serial, 10), "certificates": strconv.Itoa(certificates), "revoked": strconv.Itoa(revoked),
		})
		t.serial, t.publish = max(t.serial, shown.Serial+1), true
		return nil
	})
	if err != nil {
		return Published{}, err
	}
	return c.Configuration(ctx)
}

// takeIn lets count again what the centre forgot with its database: certificates of
// gateways that it knows, and what it had revoked. Members, rights and suspensions are
// for its operator, who sees them.
func (c *Centre) takeIn(ctx context.Context, t *turn, shown exchange.Configuration) (certificates, revoked int, err error) {
	for _, g := range shown.Gateways {
		e, ok, err := t.Entry(ctx, exchange.GatewayEntry, g.ID)
		if err != nil {
			return certificates, revoked, err
		}
		if !ok || e.State == exchange.Withdrawn || e.Member != g.Member {
			continue
		}
		for _, der := range g.Certificates {
			added, err := c.takeCertificate(ctx, t, g.ID, der)
			if err != nil {
				return certificates, revoked, err
			}
			if added {
				certificates++
			}
		}
	}
	for _, r := range shown.Revoked {
		cert, ok, err := t.Certificate(ctx, r.Fingerprint)
		if err != nil {
			return certificates, revoked, err
		}
		if !ok || cert.Use != useGateway || !cert.RevokedAt.IsZero() {
			continue
		}
		cert.RevokedAt, cert.Reason = r.At, r.Reason
		if err := t.SaveCertificate(ctx, cert); err != nil {
			return certificates, revoked, err
		}
		revoked++
	}
	return certificates, revoked, nil
}

func (c *Centre) takeCertificate(ctx context.Context, t *turn, gateway string, der []byte) (added bool, err error) {
	fingerprint := exchange.Fingerprint(der)
	if _, known, err := t.Certificate(ctx, fingerprint); known || err != nil {
		return false, err
	}
	cas, err := t.CAs(ctx)
	if err != nil {
		return false, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil || !t.now.Before(leaf.NotAfter) || pki.CheckChain(leaf, cas, pki.Gateway, t.now) != nil {
		return false, nil //nolint:nilerr // it counts for nobody
	}
	key, err := keyHash(leaf.PublicKey)
	if err != nil {
		return false, err
	}
	return true, t.SaveCertificate(ctx, Certificate{
		Fingerprint: fingerprint, Use: useGateway, Gateway: gateway, Key: key, DER: der, From: leaf.NotBefore, Until: leaf.NotAfter, CreatedAt: t.now,
	})
}
