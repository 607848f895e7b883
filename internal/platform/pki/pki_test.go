package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/fault"
)

var now = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)

func key(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func parse(t testing.TB, der []byte, err error) *x509.Certificate {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func authority(t testing.TB, name string) Authority {
	t.Helper()
	k := key(t)
	der, err := NewAuthority(k, name, now, 10)
	return Authority{Certificate: parse(t, der, err), Key: k}
}

func (a Authority) leaf(t testing.TB, public crypto.PublicKey, use Use) *x509.Certificate {
	t.Helper()
	der, err := a.Issue(Leaf{
		Public: public, Name: "H55-1", URI: "dean06:gateway/H55-1", Hosts: []string{"127.0.0.1", "Cong.ThaiNguyen.gov.vn", "::1"},
		From: now, Until: now.AddDate(0, 3, 0), Use: use,
	})
	return parse(t, der, err)
}

func keyOf(err error) string {
	if f := fault.As(err); f != nil {
		return f.Key
	}
	if err != nil {
		return "not a fault: " + err.Error()
	}
	return ""
}

func TestCheckChain(t *testing.T) {
	t.Parallel()
	ours, theirs, next := authority(t, "CA"), authority(t, "CA"), authority(t, "CA 2")
	k := key(t)
	gateway, signer, stamper := ours.leaf(t, k.Public(), Gateway), ours.leaf(
		t, k.Public(), ConfigurationSigner,
	), ours.leaf(t, k.Public(), TimeStamping)
	forged := *gateway // another's certificate with our names in it
	forged.Raw, forged.RawTBSCertificate, forged.Signature = theirs.leaf(
		t, k.Public(), Gateway,
	).Raw, theirs.leaf(t, k.Public(), Gateway).RawTBSCertificate, theirs.leaf(t, k.Public(), Gateway).Signature
	roots := [][]byte{next.Certificate.Raw, ours.Certificate.Raw}
	tests := []struct {
		name  string
		leaf  *x509.Certificate
		roots [][]byte
		use   Use
		at    time.Time
		want  string
	}{
		{"a gateway", gateway, roots, Gateway, now, ""},
		{"a signer", signer, roots, ConfigurationSigner, now, ""},
		{"a stamper", stamper, roots, TimeStamping, now, ""},
		{"the last moment", gateway, roots, Gateway, gateway.NotAfter, ""},
		{"a second later", gateway, roots, Gateway, gateway.NotAfter.Add(time.Second), "pki.certificate.expired"},
		{"a second early", gateway, roots, Gateway, now.Add(-time.Second), "pki.certificate.early"},
		{"a gateway is no signer", gateway, roots, ConfigurationSigner, now, "pki.certificate.use"},
		{"a gateway is no stamper", gateway, roots, TimeStamping, now, "pki.certificate.use"},
		{"a signer is no gateway", signer, roots, Gateway, now, "pki.certificate.use"},
		{"a stamper is no gateway", stamper, roots, Gateway, now, "pki.certificate.use"},
		{"no use at all", gateway, roots, 0, now, "pki.certificate.use"},
		{"the authority itself", ours.Certificate, roots, Gateway, now, "pki.certificate.use"},
		{"an authority of the same name", theirs.leaf(t, k.Public(), Gateway), roots, Gateway, now, "pki.certificate.stranger"},
		{"forged", &forged, roots, Gateway, now, "pki.certificate.stranger"},
		{"nobody counts", gateway, nil, Gateway, now, "pki.certificate.stranger"},
		{"rubbish counts", gateway, [][]byte{{1, 2}}, Gateway, now, "pki.certificate.stranger"},
		{"it vouches for itself", gateway, [][]byte{gateway.Raw}, Gateway, now, "pki.certificate.stranger"},
		{"after the authority", gateway, roots, Gateway, now.AddDate(11, 0, 0), "pki.certificate.expired"},
	}
	for _, tt := range tests {
		if got := keyOf(CheckChain(tt.leaf, tt.roots, tt.use, tt.at)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestIssue(t *testing.T) {
	t.Parallel()
	a := authority(t, "CA")
	if c := a.Certificate; !c.IsCA || !c.MaxPathLenZero || c.MaxPathLen != 0 || len(c.SubjectKeyId) != 20 ||
		c.KeyUsage&x509.KeyUsageCertSign == 0 ||
		!c.NotBefore.Before(now) {
		t.Errorf("the authority's certificate is not as it should be: %+v", c)
	}
	c := a.leaf(t, key(t).Public(), Gateway)
	if got, want := c.DNSNames, []string{"cong.thainguyen.gov.vn"}; !cmp.Equal(got, want) {
		t.Errorf("names: got %v, want %v", got, want)
	}
	if got := len(c.IPAddresses); got != 2 || c.URIs[0].String() != "dean06:gateway/H55-1" {
		t.Errorf("addresses %v, URIs %v", c.IPAddresses, c.URIs)
	}
	if c.SerialNumber.BitLen() < 90 || c.SerialNumber.Cmp(a.leaf(t, key(t).Public(), Gateway).SerialNumber) == 0 {
		t.Errorf("serial %x can be guessed", c.SerialNumber)
	}
	long := Leaf{Public: key(t).Public(), Name: "x", From: now, Until: now.AddDate(20, 0, 0), Use: Gateway}
	der, err := a.Issue(long)
	if got := parse(t, der, err); !got.NotAfter.Equal(a.Certificate.NotAfter) {
		t.Errorf("a leaf ends at %s, after its authority", got.NotAfter)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string]func(*Leaf){
		"another curve":     func(l *Leaf) { l.Public = p384.Public() },
		"no key":            func(l *Leaf) { l.Public = nil },
		"no use":            func(l *Leaf) { l.Use = 0 },
		"no time":           func(l *Leaf) { l.Until = l.From },
		"a port":            func(l *Leaf) { l.Hosts = []string{"a.vn:80"} },
		"a star":            func(l *Leaf) { l.Hosts = []string{"*.gov.vn"} },
		"an empty host":     func(l *Leaf) { l.Hosts = []string{""} },
		"a host's new line": func(l *Leaf) { l.Hosts = []string{"a\n.vn"} },
		"a bad address":     func(l *Leaf) { l.Hosts = []string{"300.1.1.1"} },
		"half a URI":        func(l *Leaf) { l.URI = "gateway" },
		"a zone":            func(l *Leaf) { l.Hosts = []string{"fe80::1%eth0"} },
	}
	for name, spoil := range bad {
		l := long
		spoil(&l)
		if _, err := a.Issue(l); err == nil {
			t.Errorf("%s: issued", name)
		}
	}
}

func TestReadRequest(t *testing.T) {
	t.Parallel()
	k := key(t)
	der, err := Request(k, "H55-1", []string{"127.0.0.1", "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadRequest(der)
	if err != nil {
		t.Fatal(err)
	}
	if !k.PublicKey.Equal(r.PublicKey) || r.Subject.CommonName != "H55-1" || len(r.DNSNames) != 1 || len(r.IPAddresses) != 1 {
		t.Errorf("got %v %v %v", r.Subject, r.DNSNames, r.IPAddresses)
	}
	other := bytes.Clone(der)
	other[bytes.Index(der, []byte("H55-1"))] = 'X'
	rk, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaDER, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, rk)
	if err != nil {
		t.Fatal(err)
	}
	for name, der := range map[string][]byte{
		"changed": other, "RSA": rsaDER, "empty": nil, "cut": der[:len(der)-1], "longer": append(bytes.Clone(der), 0),
		"huge": make([]byte, 1<<20),
	} {
		if _, err := ReadRequest(der); keyOf(err) != "pki.request.bad" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestCertificatesAsText(t *testing.T) {
	t.Parallel()
	a, b := authority(t, "a").Certificate.Raw, authority(t, "b").Certificate.Raw
	got, err := ReadCertificates(append([]byte("subject=CN = a\n"), WriteCertificates(a, b)...))
	if err != nil || !cmp.Equal(got, [][]byte{a, b}) {
		t.Errorf("got %d certificates, %v", len(got), err)
	}
	for _, text := range []string{"", "abc", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		if _, err := ReadCertificates([]byte(text)); keyOf(err) != "pki.certificates.bad" {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestFileKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys", "gateway.pem")
	if _, err := ReadKey(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read what is not there: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(path)); err == nil {
		t.Error("reading made a folder")
	}
	// Two starts at once get the same key.
	type made struct {
		key *ecdsa.PrivateKey
		err error
	}
	results := make(chan made)
	for range 4 {
		go func() {
			k, err := FileKey(path)
			results <- made{k, err}
		}()
	}
	first := <-results
	for range 3 {
		if next := <-results; first.err != nil || next.err != nil || !first.key.Equal(next.key) {
			t.Fatalf("keys differ: %v %v", first.err, next.err)
		}
	}
	for p, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700 | os.ModeDir} {
		info, err := os.Stat(p)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: mode %v, %v, want %v", p, info.Mode(), err, want)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}

	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o602, 0o611} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := FileKey(path); keyOf(err) != "pki.file.open" || fault.Of(err) != fault.Denied {
			t.Errorf("mode %o: got %v", mode, err)
		}
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"empty": nil, "cut": whole[:len(whole)/2], "words": []byte("secret"),
		"certificate": WriteCertificates(authority(t, "a").Certificate.Raw),
	} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := FileKey(path)
		if keyOf(err) != "pki.key.bad" {
			t.Errorf("%s: got %v", name, err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, text) {
			t.Errorf("%s: the file was changed", name)
		}
		if _, err := FileSealer(path); keyOf(err) != "pki.seal.bad_key" {
			t.Errorf("%s, as a sealing key: got %v", name, err)
		}
	}
	if _, err := FileKey(t.TempDir()); keyOf(err) != "pki.file.shape" {
		t.Errorf("a folder: got %v", err)
	}
	if _, err := FileKey(filepath.Join(path, "below")); err == nil {
		t.Error("a file was taken for a folder")
	}
}

func TestSealer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "seal.pem")
	s, err := FileSealer(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := FileSealer(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, plain := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("thân "), 1000)} {
		sealed, err := s.Seal(plain, []byte("7"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.Open(sealed, []byte("7")); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("open %d bytes: %v", len(plain), err)
		}
		if _, err := again.Open(sealed, []byte("8")); keyOf(err) != "pki.seal.broken" {
			t.Errorf("in another place: got %v", err)
		}
		for i := 0; i < len(sealed); i += 1 + len(sealed)/50 {
			c := bytes.Clone(sealed)
			c[i] ^= 1
			if _, err := s.Open(c, []byte("7")); keyOf(err) != "pki.seal.broken" {
				t.Errorf("byte %d changed: got %v", i, err)
			}
			if _, err := s.Open(sealed[:i], []byte("7")); keyOf(err) != "pki.seal.broken" {
				t.Errorf("cut at %d: got %v", i, err)
			}
		}
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := FileSealer(path); keyOf(err) != "pki.file.open" {
		t.Errorf("an open key: got %v", err)
	}
}

// The vectors are those of the specification, c2sp.org/XAES-256-GCM.
func TestSealerIsXAES(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key           byte
		context, want string
	}{
		{1, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
		{3, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
	}
	for _, tt := range tests {
		s, err := newSealer(bytes.Repeat([]byte{tt.key}, 32))
		if err != nil {
			t.Fatal(err)
		}
		sealed := append([]byte{sealVersion}, "ABCDEFGHIJKLMNOPQRSTUVWX"...)
		sealed = append(sealed, unhex(t, tt.want)...)
		got, err := s.Open(sealed, []byte(tt.context))
		if err != nil || string(got) != "XAES-256-GCM" {
			t.Errorf("key %d: got %q, %v", tt.key, got, err)
		}
	}
}

func TestNoSecretsInWords(t *testing.T) {
	t.Parallel()
	h := HSM{Module: "/lib/none.so", Token: "t", PIN: "13579", Label: "k"}
	_, _, err := OpenHSM(h)
	if fault.Of(err) != fault.Unavailable {
		t.Errorf("a module that is not there: got %v", err)
	}
	if s := sprint(h, &h, err, errors.Unwrap(err)); bytes.Contains([]byte(s), []byte("13579")) {
		t.Errorf("the PIN is told: %s", s)
	}
	if _, _, err := OpenHSM(HSM{Module: "m", Token: "t", Label: "k"}); keyOf(err) != "pki.hsm.setting" {
		t.Errorf("no PIN: got %v", err)
	}
}
