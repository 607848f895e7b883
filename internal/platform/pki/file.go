package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"dean06/internal/platform/fault"
)

// maxSecret is more than any key file needs.
const maxSecret = 64 << 10

// FileKey reads the P-256 key (PKCS#8, PEM) in a file that nobody else may read, and
// makes it when there is no such file. It fails with Denied when others may read the
// file, Invalid when it holds something else; it never replaces a file.
func FileKey(path string) (*ecdsa.PrivateKey, error) {
	text, err := secret(path, newKey)
	return parseKey(path, text, err)
}

// ReadKey reads what FileKey made, and makes nothing: it fails with fs.ErrNotExist.
func ReadKey(path string) (*ecdsa.PrivateKey, error) {
	text, err := readSecret(path)
	return parseKey(path, text, err)
}

func parseKey(path string, text []byte, err error) (*ecdsa.PrivateKey, error) {
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	bad := fault.New(fault.Invalid, "pki.key.bad", fault.Args{"path": path})
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, bad
	}
	v, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, bad // the cause could quote the key
	}
	key, ok := v.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, bad
	}
	return key, nil
}

func newKey() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// secret reads a file that only its owner may read, and makes it when it is not there.
func secret(path string, fresh func() ([]byte, error)) ([]byte, error) {
	text, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return text, err
	}
	if text, err = fresh(); err != nil {
		return nil, err
	}
	if err := writeSecret(path, text); err != nil {
		return nil, err
	}
	return readSecret(path) // perhaps of another process that was a moment faster
}

func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // before it is opened: a pipe would wait for ever
		return nil, fault.New(fault.Invalid, "pki.file.shape", fault.Args{"path": path})
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Denied, "pki.file.open", fault.Args{"path": path})
	}
	return io.ReadAll(io.LimitReader(f, maxSecret))
}

// writeSecret puts a new file in its place whole, on the disk, or not at all. A file
// that came there meanwhile stays.
func writeSecret(path string, text []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	// A link, as a rename would replace the key of a process that was faster.
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
