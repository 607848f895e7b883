package centre

import (
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/pki"
)

// The uses of the centre's own certificates, as Own names them.
const (
	UseCA        = "ca"
	UseSigner    = useSigner
	UseTimestamp = useTimestamp
)

// Standing says how long one of the centre's own certificates counts.
type Standing struct {
	Use   string
	Until time.Time // zero when there is none that has not ended
	// Fits says that the certificate is that of the key that was asked with.
	Fits bool
}

// Own says of each of the centre's own certificates how it stands. keys are by use; one that
// is nil fits nothing. It writes nothing.
func (c *Centre) Own(ctx context.Context, by actor.Actor, keys map[string]crypto.PublicKey) ([]Standing, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return nil, err
	}
	ca := Standing{Use: UseCA}
	cas, err := c.at.Store.CAs(ctx)
	if err != nil {
		return nil, err
	}
	if len(cas) > 0 {
		cert, err := x509.ParseCertificate(cas[0])
		if err != nil {
			return nil, fmt.Errorf("read the centre's CA: %w", err)
		}
		ca.Until, ca.Fits = cert.NotAfter, keys[UseCA] != nil && pki.SamePublic(cert.PublicKey, keys[UseCA])
	}
	list, err := c.at.Store.Certificates(ctx, c.at.Clock.Now())
	if err != nil {
		return nil, err
	}
	out := []Standing{ca}
	for _, use := range []string{UseSigner, UseTimestamp} {
		s := Standing{Use: use}
		key := ""
		if keys[use] != nil {
			if key, err = keyHash(keys[use]); err != nil {
				return nil, err
			}
		}
		for _, cert := range list {
			if cert.Use == use && cert.Key == key && cert.RevokedAt.IsZero() && cert.Until.After(s.Until) {
				s.Until, s.Fits = cert.Until, true
			}
		}
		out = append(out, s)
	}
	return out, nil
}
