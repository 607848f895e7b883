package gateway

import (
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// view is a configuration in use. It never changes.
type view struct {
	*exchange.Directory
	cfg       exchange.Configuration
	signed    exchange.Signed
	sum       [sha256.Size]byte // of its bytes
	fetchedAt time.Time
}

func newView(cfg exchange.Configuration, s exchange.Signed, fetchedAt time.Time) *view {
	return &view{exchange.Index(cfg), cfg, s, sha256.Sum256(s.Body), fetchedAt}
}

// again is the same view, fetched later.
func (v view) again(at time.Time) *view {
	v.fetchedAt = at
	return &v
}

// speaksFor says that a gateway may sign for a subsystem, or for its member.
func speaksFor(gw exchange.Gateway, id xroad.ID) bool {
	return id == gw.Member || id.Subsystem != "" && slices.Contains(gw.Subsystems, id)
}

// counts says whether a certificate counts at a moment, and if not, why, under a code.
func (v *view) counts(keyID string, c xroad.Code, now time.Time) *xroad.Error {
	_, err := v.Counts(keyID, now)
	if err == nil {
		return nil
	}
	sp, _ := v.Speaker(keyID)
	who := sp.Gateway.ID
	switch {
	case errors.Is(err, exchange.ErrSuspended):
		return xroad.Errorf(c, "gateway %s is suspended by the centre", who)
	case errors.Is(err, exchange.ErrRevoked):
		return xroad.Errorf(c, "the certificate of gateway %s is revoked", who)
	case errors.Is(err, exchange.ErrOutOfTime):
		return xroad.Errorf(c, "the certificate of gateway %s counts from %s until %s, and now is %s", who,
			sp.Certificate.NotBefore.UTC().Format(time.RFC3339), sp.Certificate.NotAfter.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	return xroad.Errorf(c, "the certificate is not in the configuration")
}

// Directory is the configuration in use; nil while there is none.
func (g *Gateway) Directory() *exchange.Directory {
	v := g.view.Load()
	if v == nil {
		return nil
	}
	return v.Directory
}
