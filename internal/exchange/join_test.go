package exchange_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
)

func TestTokenText(t *testing.T) {
	t.Parallel()
	made := exchange.NewTokenText(strings.Repeat("ab", 32))
	read, err := exchange.ParseToken(" " + made.Text() + "\n")
	if err != nil || read.Text() != made.Text() {
		t.Fatalf("read %v, %v", read, err)
	}
	secret := strings.Split(made.Text(), ".")[1]
	for _, shown := range []string{made.String(), fmt.Sprintf("%v", made), fmt.Sprintf("%#v", made)} {
		if strings.Contains(shown, secret) {
			t.Errorf("%q shows the secret", shown)
		}
	}
	for _, bad := range []string{"", "a.b.c", made.ID + "." + secret, made.ID + ".x." + made.Authority, made.Text() + ".x"} {
		if _, err := exchange.ParseToken(bad); fault.Of(err) != fault.Invalid {
			t.Errorf("%q: got %v", bad, err)
		}
	}
	request := exchange.NewJoin(read, []byte("csr"), "127.0.0.1:8038")
	public := ed25519.NewKeyFromSeed(made.Secret).Public().(ed25519.PublicKey)
	if !request.ProvenBy(public) {
		t.Error("the request is not proven by its token")
	}
	for name, change := range map[string]func(r *exchange.JoinRequest){
		"another address": func(r *exchange.JoinRequest) { r.Address = "127.0.0.1:1" },
		"another key":     func(r *exchange.JoinRequest) { r.CSR = []byte("other") },
		"a long nonce":    func(r *exchange.JoinRequest) { r.Nonce = make([]byte, 65) },
	} {
		r := request
		if change(&r); r.ProvenBy(public) {
			t.Errorf("%s: still proven", name)
		}
	}
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	c, key := newCentre(t), newKey(t)
	cert := c.issue(t, key, pki.Gateway, noon.AddDate(0, 1, 0))
	seal := func() exchange.Envelope {
		e, err := exchange.SealEnvelope(rand.Reader, "VN", "H55-1", exchange.PurposeReport, []byte("{}"), cert, key, noon)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	if e := seal(); e.Check("VN", cert, noon.Add(4*time.Minute)) != nil || !exchange.IsFingerprint(e.KeyID) {
		t.Errorf("a good envelope is refused: %+v", e)
	}
	other := c.issue(t, newKey(t), pki.Gateway, noon.AddDate(0, 1, 0))
	for name, try := range map[string]func(e exchange.Envelope) error{
		"another instance":    func(e exchange.Envelope) error { return e.Check("LA", cert, noon) },
		"another certificate": func(e exchange.Envelope) error { return e.Check("VN", other, noon) },
		"no certificate":      func(e exchange.Envelope) error { return e.Check("VN", []byte("x"), noon) },
		"too late":            func(e exchange.Envelope) error { return e.Check("VN", cert, noon.Add(6*time.Minute)) },
		"another purpose":     func(e exchange.Envelope) error { e.Purpose = exchange.PurposeRenew; return e.Check("VN", cert, noon) },
		"another body":        func(e exchange.Envelope) error { e.Body = []byte("[]"); return e.Check("VN", cert, noon) },
	} {
		if err := try(seal()); fault.Of(err) != fault.Denied {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestJoined(t *testing.T) {
	t.Parallel()
	c, key := newCentre(t), newKey(t)
	conf := c.configuration(t)
	signed, err := exchange.Sign(conf, c.key, c.cert)
	if err != nil {
		t.Fatal(err)
	}
	good := exchange.Joined{
		Instance: "VN", Gateway: "H55-1", Certificate: c.issue(t, key, pki.Gateway, noon.AddDate(0, 1, 0)), Configuration: signed,
	}
	authority, err := exchange.Pinned(conf.Authorities, exchange.Fingerprint(conf.Authorities[0]))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := good.Check(authority, key.Public(), noon); err != nil || got.Serial != conf.Serial {
		t.Errorf("a good answer: %v, %v", got.Serial, err)
	}
	if _, err := exchange.Pinned(conf.Authorities, strings.Repeat("0", 64)); fault.Of(err) != fault.Denied {
		t.Errorf("another authority: %v", err)
	}
	if _, err := good.Check(authority, newKey(t).Public(), noon); fault.Of(err) != fault.Denied {
		t.Errorf("for another key: %v", err)
	}
	if _, err := good.Check(authority, key.Public(), noon.AddDate(0, 0, 20)); err == nil {
		t.Error("an answer of long ago is taken")
	}
	stranger := newCentre(t)
	if _, err := good.Check(stranger.authority.Certificate.Raw, key.Public(), noon); fault.Of(err) != fault.Denied {
		t.Errorf("from a stranger: %v", err)
	}
}
