//go:build !cgo

package pki

import (
	"crypto"
	"io"

	"dean06/internal/platform/fault"
)

func openHSM(HSM) (crypto.Signer, io.Closer, error) {
	return nil, nil, fault.New(fault.Unavailable, "pki.hsm.none", nil)
}
