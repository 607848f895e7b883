package exchange

import (
	"cmp"
	"context"
	"crypto/x509"
	"strings"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

// LocalKind says where the certificate of a local system comes from.
type LocalKind string

// The kinds.
const (
	IssuedHere LocalKind = "issued" // by this gateway
	PinnedHere LocalKind = "pinned" // the system's own, known by its fingerprint alone
)

// LocalCertificate lets one of the agency's own systems speak on its gateway's local
// port as a subsystem. It counts as long as it is not removed and its days last;
// who signed it does not matter.
type LocalCertificate struct {
	Fingerprint string
	Subsystem   xroad.ID
	Kind        LocalKind
	DER         []byte
	Name        string // of the certificate
	From, Until time.Time
	AddedBy     string
	AddedAt     time.Time
}

// NewLocalCertificate reads a certificate (DER) that shall let a subsystem speak. It
// fails with Invalid (field "certificate") for one that is none or has ended.
func NewLocalCertificate(der []byte, subsystem xroad.ID, kind LocalKind, by string, now time.Time) (LocalCertificate, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return LocalCertificate{}, fault.New(fault.Invalid, "exchange.local.certificate.bad", nil).At("certificate").Because(err)
	}
	if now.After(cert.NotAfter) {
		return LocalCertificate{}, fault.New(fault.Invalid, "exchange.local.certificate.ended", fault.Args{"until": cert.NotAfter}).At("certificate")
	}
	return LocalCertificate{
		Fingerprint: Fingerprint(der), Subsystem: subsystem, Kind: kind, DER: der, Name: Clip(cmp.Or(cert.Subject.CommonName, cert.Subject.String())),
		From: cert.NotBefore.UTC(), Until: cert.NotAfter.UTC(), AddedBy: by, AddedAt: now.UTC(),
	}, nil
}

// CountsAt says whether a moment is in the certificate's days.
func (c LocalCertificate) CountsAt(now time.Time) bool {
	return !now.Before(c.From) && !now.After(c.Until)
}

// ReadLocalPEM takes the first certificate out of what somebody pasted. It fails with
// Invalid (field "certificate").
func ReadLocalPEM(text []byte) ([]byte, error) {
	list, err := pki.ReadCertificates(text)
	if err != nil || len(list) == 0 {
		return nil, fault.New(fault.Invalid, "exchange.local.certificate.bad", nil).At("certificate").Because(err)
	}
	return list[0], nil
}

// LocalStore keeps the certificates of local systems.
type LocalStore interface {
	// LocalCertificates lists those that were not removed, by subsystem.
	LocalCertificates(ctx context.Context) ([]LocalCertificate, error)
	// AddLocalCertificate adds one and records it in the audit log. It fails with
	// Conflict when it is there, or was and has been removed.
	AddLocalCertificate(ctx context.Context, c LocalCertificate) error
	// RemoveLocalCertificate takes one away for ever, in the audit log too. It fails
	// with NotFound.
	RemoveLocalCertificate(ctx context.Context, fingerprint, by string, at time.Time) error
}

// IsSubsystemCode says whether a text can be the code of a subsystem.
func IsSubsystemCode(s string) bool { return plainPart.MatchString(s) && !strings.Contains(s, "/") }
