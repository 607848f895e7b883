package centre

import (
	"context"
	"fmt"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
)

// Key is a certificate of the centre's CA, or one that it issued.
type Key struct {
	exchange.KeyCertificate
	Use     string // UseCA, UseSigner, UseTimestamp or UseGateway
	Gateway string
	Reason  string // of a revocation
}

// UseGateway is the use of a gateway's certificate.
const UseGateway = useGateway

// Keys lists all certificates that the centre ever had or issued, by use, the newest first.
func (c *Centre) Keys(ctx context.Context, by actor.Actor) ([]Key, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return nil, err
	}
	cas, err := c.at.Store.CAs(ctx)
	if err != nil {
		return nil, err
	}
	list, err := c.at.Store.Certificates(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	now := c.at.Clock.Now()
	var out []Key
	add := func(der []byte, k Key, revoked time.Time) error {
		read, err := exchange.ReadKeyCertificate(der)
		if err != nil {
			return fmt.Errorf("read a certificate of the centre: %w", err)
		}
		k.KeyCertificate, k.RevokedAt = read, revoked
		switch {
		case !revoked.IsZero():
			k.State = exchange.KeyRevoked
		case now.After(k.Until):
			k.State = exchange.KeyEnded
		default:
			k.State = exchange.KeyCounts
		}
		out = append(out, k)
		return nil
	}
	for i, der := range cas {
		if err := add(der, Key{Use: UseCA}, time.Time{}); err != nil {
			return nil, err
		}
		if k := &out[len(out)-1]; i == 0 && k.State == exchange.KeyCounts {
			k.State = exchange.KeyInUse // the first issues now
		}
	}
	for _, use := range []string{UseSigner, UseTimestamp, UseGateway} {
		for _, cert := range list {
			if cert.Use != use {
				continue
			}
			if err := add(cert.DER, Key{Use: use, Gateway: cert.Gateway, Reason: cert.Reason}, cert.RevokedAt); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
