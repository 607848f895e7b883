//go:build cgo

package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"io"
	"sync"
	"time"

	"github.com/ThalesGroup/crypto11"

	"dean06/internal/platform/fault"
)

func openHSM(h HSM) (crypto.Signer, io.Closer, error) {
	failed := fault.New(fault.Unavailable, "pki.hsm.failed", fault.Args{"module": h.Module, "token": h.Token})
	token, err := crypto11.Configure(&crypto11.Config{Path: h.Module, TokenLabel: h.Token, Pin: h.PIN, PoolWaitTimeout: 10 * time.Second})
	if err != nil {
		return nil, nil, failed.Because(err)
	}
	key, err := keyPair(token, h)
	if err != nil {
		_ = token.Close()
		if fault.As(err) == nil {
			err = failed.Because(err)
		}
		return nil, nil, err
	}
	return key, &session{close: sync.OnceValue(token.Close)}, nil
}

// session is closed once, as the library panics at a second time.
type session struct{ close func() error }

// Close ends the session.
func (s *session) Close() error { return s.close() }

func keyPair(token *crypto11.Context, h HSM) (crypto.Signer, error) {
	found, err := token.FindKeyPairs(nil, []byte(h.Label))
	if err != nil {
		return nil, err
	}
	switch len(found) {
	case 0:
		id := make([]byte, 16)
		_, _ = rand.Read(id) // never fails
		return token.GenerateECDSAKeyPairWithLabel(id, []byte(h.Label), elliptic.P256())
	case 1:
		public, ok := found[0].Public().(*ecdsa.PublicKey)
		if !ok || public.Curve != elliptic.P256() {
			return nil, fault.New(fault.Invalid, "pki.hsm.key", fault.Args{"label": h.Label, "token": h.Token})
		}
		return found[0], nil
	}
	return nil, fault.New(fault.Invalid, "pki.hsm.several", fault.Args{"label": h.Label, "token": h.Token, "count": len(found)})
}
