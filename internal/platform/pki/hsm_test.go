//go:build cgo && conformance

package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ThalesGroup/crypto11"
)

func softHSM() string {
	for _, p := range []string{
		"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
		"/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib64/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so",
	} {
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	return ""
}

// It is not parallel: the library reads its setting from the environment.
func TestHSM(t *testing.T) {
	module := softHSM()
	if module == "" {
		t.Fatal("softhsm2 is not installed")
	}
	dir := t.TempDir()
	conf := filepath.Join(dir, "softhsm2.conf")
	if err := os.WriteFile(
		conf, []byte("directories.tokendir = "+dir+"\nobjectstore.backend = file\nlog.level = ERROR\n"), 0o600,
	); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	h := HSM{Module: module, Token: "cong-h55", PIN: "24680", Label: "gateway"}
	out, err := exec.CommandContext(
		t.Context(), "softhsm2-util", "--init-token", "--free", "--label", h.Token, "--pin", h.PIN, "--so-pin", "99999999",
	).CombinedOutput()
	if err != nil {
		t.Fatalf("softhsm2-util: %v: %s", err, out)
	}

	first, done, err := OpenHSM(h)
	if err != nil {
		t.Fatal(err)
	}
	public := first.Public().(*ecdsa.PublicKey)
	if err := done.Close(); err != nil {
		t.Fatal(err)
	}
	again, done, err := OpenHSM(h)
	if err != nil {
		t.Fatal(err)
	}
	defer done.Close() // a second time, which is nothing
	if !public.Equal(again.Public()) {
		t.Fatal("the second opening made another key")
	}

	sum := sha256.Sum256([]byte("a message"))
	signature, err := again.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil || !ecdsa.VerifyASN1(public, sum[:], signature) {
		t.Fatalf("the signature is none: %v", err)
	}
	// The key serves where a key in a file does: requests, and an authority's own.
	der, err := Request(again, "H55-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadRequest(der); err != nil {
		t.Fatal(err)
	}
	der, err = NewAuthority(again, "CA", now, 10)
	ca := Authority{Certificate: parse(t, der, err), Key: again}
	if err := CheckChain(ca.leaf(t, key(t).Public(), Gateway), [][]byte{der}, Gateway, now); err != nil {
		t.Fatal(err)
	}

	// Many sign at once, as calls do.
	failed := make(chan bool)
	for range 8 {
		go func() {
			signature, err := again.Sign(rand.Reader, sum[:], crypto.SHA256)
			failed <- err != nil || !ecdsa.VerifyASN1(public, sum[:], signature)
		}()
	}
	for range 8 {
		if <-failed {
			t.Error("a signature is none when many sign at once")
		}
	}

	// Somebody else's tool left keys that we must not guess about.
	token, err := crypto11.Configure(&crypto11.Config{Path: module, TokenLabel: h.Token, Pin: h.PIN})
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range []struct {
		label string
		curve elliptic.Curve
	}{{"twice", elliptic.P256()}, {"twice", elliptic.P256()}, {"other curve", elliptic.P384()}} {
		if _, err := token.GenerateECDSAKeyPairWithLabel([]byte{byte(i + 1)}, []byte(k.label), k.curve); err != nil {
			t.Fatal(err)
		}
	}
	for label, want := range map[string]string{"twice": "pki.hsm.several", "other curve": "pki.hsm.key"} {
		bad := h
		bad.Label = label
		if _, _, err := OpenHSM(bad); keyOf(err) != want {
			t.Errorf("%s: got %v, want %s", label, err, want)
		}
	}
	if err := token.Close(); err != nil {
		t.Fatal(err)
	}

	for name, spoil := range map[string]func(*HSM){
		"wrong token":  func(h *HSM) { h.Token = "other" },
		"wrong module": func(h *HSM) { h.Module = conf },
	} {
		bad := h
		spoil(&bad)
		if _, _, err := OpenHSM(bad); keyOf(err) != "pki.hsm.failed" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := done.Close(); err != nil { // a token that is open does not ask for the PIN again
		t.Fatal(err)
	}
	bad := h
	bad.PIN = "11111"
	if _, _, err := OpenHSM(bad); keyOf(err) != "pki.hsm.failed" {
		t.Errorf("wrong PIN: got %v", err)
	}
}
