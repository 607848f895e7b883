package exchange

import (
	"crypto/ecdsa"
	"crypto/x509"
	"time"
)

// Report is what a gateway says of itself.
type Report struct {
	Gateway    string    `json:"-"`
	At         time.Time `json:"at"`
	Version    string    `json:"version"`
	Serial     int64     `json:"serial"` // of its configuration
	LogSize    int64     `json:"log_size"`
	Unstamped  int       `json:"unstamped"`
	OldestDebt time.Time `json:"oldest_debt,omitzero"`
	LogFault   string    `json:"log_fault,omitempty"`
	Head       *Head     `json:"head,omitempty"` // of its log, to be witnessed
}

// Report is what a gateway says of itself to the centre; head is the last of its
// log, nil when there is none.
func (s Status) Report(head *Head) Report {
	return Report{
		Version: s.Version, Serial: s.Serial, LogSize: s.LogSize, Unstamped: s.Unstamped, OldestDebt: s.OldestDebt, LogFault: Clip(s.LogFault),
		Head: head,
	}
}

// SignedBy says whether the head is signed with the key of a certificate.
func (h Head) SignedBy(der []byte) bool {
	cert, err := x509.ParseCertificate(der)
	if err != nil || h.KeyID != Fingerprint(der) {
		return false
	}
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	return ok && h.Verify(key) == nil
}
