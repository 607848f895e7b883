package exchangeapi

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

// The files of a gateway's folder.
const (
	KeyFile   = "gateway.key"
	SavedFile = "gateway.json"
)

// Saved is what joining leaves in a gateway's folder, in one file, so that it is
// there whole or not at all.
type Saved struct {
	Hub      string   `json:"hub"`
	Instance string   `json:"instance"`
	Member   xroad.ID `json:"member"`
	Gateway  string   `json:"gateway"`
	Address  string   `json:"address"`
	Hosts    []string `json:"hosts,omitempty"`
	// Certificate and CA are PEM, for other programs to read too.
	Certificate string `json:"certificate"`
	CA          string `json:"authorities"`
	// Configuration is the one that came with the certificate.
	Configuration exchange.Signed `json:"configuration"`
}

func (s *Saved) set(j exchange.Joined, conf exchange.Configuration) {
	s.Certificate = string(pki.WriteCertificates(j.Certificate))
	s.CA = string(pki.WriteCertificates(conf.Authorities...))
	s.Configuration = j.Configuration
}

// Authorities are the CAs that counted when it was saved (DER).
func (s Saved) Authorities() [][]byte {
	list, _ := pki.ReadCertificates([]byte(s.CA)) // Load has checked
	return list
}

// DER is the certificate.
func (s Saved) DER() []byte {
	list, err := pki.ReadCertificates([]byte(s.Certificate))
	if err != nil || len(list) == 0 {
		return nil
	}
	return list[0]
}

// Fits fails when the certificate does not belong to a key.
func (s Saved) Fits(key crypto.Signer) error {
	leaf, err := s.Leaf()
	if err != nil {
		return err
	}
	public, ok := leaf.PublicKey.(*ecdsa.PublicKey)
	if !ok || !public.Equal(key.Public()) {
		return fault.New(fault.Invalid, "exchangeapi.other_key", fault.Args{"gateway": s.Gateway})
	}
	return nil
}

// Leaf is the certificate, read.
func (s Saved) Leaf() (*x509.Certificate, error) {
	cert, err := x509.ParseCertificate(s.DER())
	if err != nil {
		return nil, fmt.Errorf("read the gateway's certificate: %w", err)
	}
	return cert, nil
}

// Identity is with what the gateway speaks to the centre.
func (s Saved) Identity(key crypto.Signer) Identity {
	return Identity{Instance: s.Instance, Gateway: s.Gateway, Certificate: s.DER(), Key: key}
}

// Load reads what joining left. It fails with NotFound when the gateway has not
// joined, and with Invalid when the file was damaged.
func Load(dir string) (Saved, error) {
	path := filepath.Join(dir, SavedFile)
	body, err := os.ReadFile(path) //nolint:gosec // the operator names the folder
	if errors.Is(err, fs.ErrNotExist) {
		return Saved{}, fault.New(fault.NotFound, "exchangeapi.not_joined", fault.Args{"dir": dir})
	}
	if err != nil {
		return Saved{}, err
	}
	var s Saved
	broken := fault.New(fault.Invalid, "exchangeapi.broken", fault.Args{"file": path})
	if err := json.Unmarshal(body, &s); err != nil {
		return s, broken.Because(err)
	}
	if _, err := s.Leaf(); err != nil || len(s.Authorities()) == 0 || s.Gateway == "" {
		return s, broken.Because(err)
	}
	return s, nil
}

// write replaces the file so that after a power cut it is the old or the new one.
func (s Saved) write(dir string) error {
	body, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, SavedFile+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone after the rename
	_, err = f.Write(append(body, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", f.Name(), err)
	}
	if err := os.Rename(f.Name(), filepath.Join(dir, SavedFile)); err != nil {
		return err
	}
	folder, err := os.Open(dir) //nolint:gosec // the operator names the folder
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
