package node

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dean06/internal/platform/config"
)

// writePair writes a certificate with a serial number of its own, and its key.
func writePair(t *testing.T, certFile, keyFile string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "dean06.example.vn"}, DNSNames: []string{"dean06.example.vn"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: raw}} {
		if name == "" {
			continue
		}
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheCertificateOfThePagesIsTakenUp: a renewed pair is in use without a restart; a half
// of one leaves the old in use; connections that are open go on.
func TestTheCertificateOfThePagesIsTakenUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writePair(t, certFile, keyFile, 1)
	ln, err := Listen(t.Context(), config.HTTP{Addr: "127.0.0.1:0", TLSCert: certFile, TLSKey: keyFile})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { // an echo
				defer conn.Close()
				b := make([]byte, 1)
				for {
					if _, err := conn.Read(b); err != nil {
						return
					}
					if _, err := conn.Write(b); err != nil {
						return
					}
				}
			}()
		}
	}()
	dial := func() *tls.Conn {
		t.Helper()
		d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // which certificate it is, is what is looked at
		conn, err := d.DialContext(t.Context(), "tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn.(*tls.Conn)
	}
	serial := func() int64 { return dial().ConnectionState().PeerCertificates[0].SerialNumber.Int64() }
	first := dial()
	if got := serial(); got != 1 {
		t.Fatalf("serial = %d", got)
	}
	writePair(t, certFile, "", 2) // the key is still the old one
	for end := time.Now().Add(2 * pairEvery); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if got := serial(); got != 1 {
			t.Fatalf("half a pair: serial = %d, want the old one", got)
		}
	}
	writePair(t, certFile, keyFile, 3)
	deadline := time.Now().Add(30 * time.Second)
	for serial() != 3 {
		if time.Now().After(deadline) {
			t.Fatal("the renewed pair is not taken up")
		}
		time.Sleep(50 * time.Millisecond)
	}
	echo(t, first)
}

func echo(t *testing.T, conn net.Conn) {
	t.Helper()
	b := []byte{'x'}
	if _, err := conn.Write(b); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(b); err != nil || b[0] != 'x' {
		t.Errorf("the connection from before: %q, %v", b, err)
	}
}
