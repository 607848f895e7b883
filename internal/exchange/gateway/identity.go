package gateway

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// identity is a certificate of this gateway with its key.
type identity struct {
	signer      crypto.Signer
	cert        *x509.Certificate
	fingerprint string
	tls         tls.Certificate
	knownSince  time.Time // when the configuration was first seen to have it
	usedSince   time.Time // when this process began to use it
}

func newIdentity(signer crypto.Signer, der []byte) (*identity, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("certificate of the gateway: %w", err)
	}
	public, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok || !public.Equal(signer.Public()) {
		return nil, errors.New("certificate of the gateway: it belongs to another key")
	}
	return &identity{
		signer: signer, cert: cert, fingerprint: exchange.Fingerprint(der),
		tls: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: signer, Leaf: cert},
	}, nil
}

func (g *Gateway) openIdentity() error {
	if len(g.set.Certificates) == 0 {
		return errors.New("the gateway has no certificate: it has to join first")
	}
	var first *identity
	for i := len(g.set.Certificates) - 1; i >= 0; i-- { // the newest last, so that it wins
		id, err := newIdentity(g.set.Signer, g.set.Certificates[i])
		if err != nil {
			return err
		}
		if first == nil || g.now().After(first.cert.NotAfter) || !g.now().Before(id.cert.NotBefore) {
			first = id
		}
	}
	g.use(first)
	return nil
}

// use begins to speak with a certificate. Connections that were made with another end
// when what is under way on them has: a peer judges a call by the certificate of its
// connection too.
func (g *Gateway) use(id *identity) {
	used := *id
	used.usedSince = g.now()
	before := g.identity.Swap(&used)
	if before != nil && before.fingerprint != id.fingerprint {
		g.peers.renew()
	}
}

// ReplaceCertificate begins the use of a renewed certificate: as soon as the
// configuration has had it for three refreshes, so that peers know it, or at once
// when the present one no longer counts.
func (g *Gateway) ReplaceCertificate(signer crypto.Signer, der []byte) error {
	id, err := newIdentity(signer, der)
	if err != nil {
		return err
	}
	g.next.Store(id)
	g.turnIdentity()
	return nil
}

// turnIdentity looks whether the next certificate can be used.
func (g *Gateway) turnIdentity() {
	next, now, v := g.next.Load(), g.now(), g.view.Load()
	if next == nil || v == nil {
		return
	}
	if _, known := v.Speaker(next.fingerprint); !known {
		return
	}
	present := g.identity.Load()
	if next.knownSince.IsZero() {
		seen := *next
		seen.knownSince = now
		if !g.next.CompareAndSwap(next, &seen) {
			return // somebody else has just looked, or brought a newer one
		}
		next = &seen
	}
	_, err := v.Counts(present.fingerprint, now)
	if err == nil && now.Sub(next.knownSince) < 3*g.set.RefreshEvery {
		return
	}
	if g.next.CompareAndSwap(next, nil) {
		g.use(next)
		g.set.Log.Info("new certificate in use", "gateway", g.set.ID, "key_id", next.fingerprint, "until", next.cert.NotAfter)
	}
}

// Adopt takes up what a join has left anew while the gateway runs: its certificate, the
// key, and the centre's authorities, which may be others. It fails while the configuration
// does not have the certificate, and can be called again.
func (g *Gateway) Adopt(ctx context.Context, signer crypto.Signer, der []byte, authorities [][]byte) error {
	id, err := newIdentity(signer, der)
	if err != nil {
		return err
	}
	if g.identity.Load().fingerprint == id.fingerprint {
		return nil
	}
	g.roots.Store(&authorities)
	if waits := g.next.Load(); waits == nil || waits.fingerprint != id.fingerprint {
		g.next.Store(id)
	}
	if err = g.Refresh(ctx); g.identity.Load().fingerprint == id.fingerprint {
		return nil // the configuration in use knows it, whether the centre answers now or not
	}
	if v := g.view.Load(); v != nil {
		if _, known := v.Speaker(id.fingerprint); known {
			return nil // the present one counts until peers know the other
		}
	}
	return errors.Join(errors.New("the configuration does not have the new certificate yet"), err)
}

// Certificate is the one that the gateway speaks with now.
func (g *Gateway) Certificate() *x509.Certificate { return g.identity.Load().cert }

// signHead signs where the log stands.
func (g *Gateway) signHead(h *exchange.Head) error {
	id := g.identity.Load()
	h.KeyID = id.fingerprint
	return h.Sign(rand.Reader, id.signer)
}

// SignHead signs where another log of the node stands: it fills in KeyID and Signature.
func (g *Gateway) SignHead(h *exchange.Head) error { return g.signHead(h) }

// TLS is for the port where gateways meet. Renewed certificates are taken up without
// a restart. Whoever is in the configuration may connect; each call is judged by
// itself, so that a gateway that is suspended is told so.
func (g *Gateway) TLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		NextProtos: []string{"h2"},
		ClientAuth: tls.RequireAnyClientCert,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return &g.identity.Load().tls, nil
		},
		VerifyConnection: func(s tls.ConnectionState) error {
			_, e := g.met(s)
			return e
		},
	}
}

// met finds who is at the other end. It asks the centre when the certificate is new.
func (g *Gateway) met(s tls.ConnectionState) (exchange.Speaker, error) {
	if len(s.PeerCertificates) == 0 {
		return exchange.Speaker{}, errors.New("no certificate")
	}
	fp := exchange.Fingerprint(s.PeerCertificates[0].Raw)
	if sp, ok := g.speaker(fp); ok {
		return sp, nil
	}
	return exchange.Speaker{}, xroad.Errorf(xroad.PeerCertificate, "the certificate of the other gateway is not in the configuration")
}

// speaker finds a certificate in the configuration, and in a newer one if this has none.
func (g *Gateway) speaker(fingerprint string) (sp exchange.Speaker, ok bool) {
	if v := g.view.Load(); v != nil {
		if sp, ok := v.Speaker(fingerprint); ok {
			return sp, true
		}
	}
	g.refreshForStranger()
	if v := g.view.Load(); v != nil {
		return v.Speaker(fingerprint)
	}
	return sp, false
}

// clientTLS is for connections to one gateway.
func (g *Gateway) clientTLS(peer string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		NextProtos: []string{"h2"},
		// Certificates are compared with those of the signed configuration, which says
		// more than a name in a certificate could.
		InsecureSkipVerify: true,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &g.identity.Load().tls, nil
		},
		VerifyConnection: func(s tls.ConnectionState) error {
			sp, err := g.met(s)
			if err != nil {
				return err
			}
			if sp.Gateway.ID != peer {
				return xroad.Errorf(xroad.PeerCertificate, "gateway %s answers at the address of %s", sp.Gateway.ID, peer)
			}
			e := g.view.Load().counts(sp.KeyID, xroad.PeerCertificate, g.now())
			if e == nil {
				return nil // not e, which is no error but a pointer
			}
			return e
		},
	}
}
