package pki

import (
	"crypto"
	"io"

	"dean06/internal/platform/fault"
)

// HSM says where a key lies that never leaves its hardware: a PKCS#11 token.
type HSM struct {
	Module string // the path of the maker's library
	Token  string // the label of the token
	PIN    string
	Label  string // of the key pair
}

// String leaves out the PIN.
func (h HSM) String() string { return h.Label + "@" + h.Token + " (" + h.Module + ")" }

// GoString leaves out the PIN.
func (h HSM) GoString() string { return "pki.HSM{" + h.String() + "}" }

// OpenHSM finds the P-256 key pair in a token, or makes it there. The closer ends the
// session; the key cannot sign after that. It fails with Invalid when the setting is
// wrong, Unavailable when the token does not answer or this build has no PKCS#11.
func OpenHSM(h HSM) (crypto.Signer, io.Closer, error) {
	if h.Module == "" || h.Token == "" || h.PIN == "" || h.Label == "" {
		return nil, nil, fault.New(fault.Invalid, "pki.hsm.setting", nil)
	}
	return openHSM(h)
}
