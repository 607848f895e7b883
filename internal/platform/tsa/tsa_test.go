package tsa

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/pki"
)

var now = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)

// service is a time-stamping service of a test.
type service struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	ca   []byte
}

func newService(t testing.TB, use pki.Use, days int) service {
	t.Helper()
	caKey, key := newKey(t), newKey(t)
	ca, err := pki.NewAuthority(caKey, "CA", now, 10)
	if err != nil {
		t.Fatal(err)
	}
	a := pki.Authority{Certificate: parse(t, ca), Key: caKey}
	der, err := a.Issue(pki.Leaf{Public: key.Public(), Name: "TSA", From: now.Add(-time.Minute), Until: now.AddDate(0, 0, days), Use: use})
	if err != nil {
		t.Fatal(err)
	}
	return service{key, parse(t, der), ca}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func parse(t testing.TB, der []byte) *x509.Certificate {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// at serves with a clock that stands, and gives a client for it.
func (s service) at(t testing.TB, at time.Time) Client {
	t.Helper()
	return serve(t, NewServer(s.key, s.cert, []*x509.Certificate{parse(t, s.ca)}, clock.Fixed(at)), s.ca)
}

func serve(t testing.TB, h http.Handler, authorities ...[]byte) Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return Client{URL: srv.URL, HTTP: srv.Client(), Authorities: authorities}
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

func TestStampAndVerify(t *testing.T) {
	t.Parallel()
	s, other := newService(t, pki.TimeStamping, 30), newService(t, pki.TimeStamping, 30)
	data := []byte("head of a log")
	token, at, err := s.at(t, now.Add(123*time.Millisecond)).Stamp(t.Context(), data)
	if err != nil || !at.Equal(now) {
		t.Fatalf("stamped at %s, %v", at, err)
	}
	gateway := newService(t, pki.Gateway, 30)
	wrongUse, err := serverToken(gateway, now)
	if err != nil {
		t.Fatal(err)
	}
	late, err := serverToken(s, now.AddDate(0, 0, 31))
	if err != nil {
		t.Fatal(err)
	}
	early, err := serverToken(s, now.AddDate(0, 0, -1))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name        string
		token, data []byte
		authorities [][]byte
		want        string
	}{
		{"its authority", token, data, [][]byte{other.ca, s.ca}, ""},
		{"its own certificate", token, data, [][]byte{s.cert.Raw}, ""},
		{"other data", token, []byte("head of a lag"), [][]byte{s.ca}, "tsa.token.other"},
		{"no data", token, nil, [][]byte{s.ca}, "tsa.token.other"},
		{"another authority of the same name", token, data, [][]byte{other.ca}, "tsa.token.stranger"},
		{"nobody counts", token, data, nil, "tsa.token.stranger"},
		{"rubbish counts", token, data, [][]byte{{1}}, "tsa.token.stranger"},
		{"a certificate for another use", wrongUse, data, [][]byte{gateway.ca}, "tsa.token.stranger"},
		{"another use, its own certificate", wrongUse, data, [][]byte{gateway.cert.Raw}, "tsa.token.stranger"},
		{"after the certificate", late, data, [][]byte{s.ca}, "tsa.token.stranger"},
		{"before the certificate", early, data, [][]byte{s.ca}, "tsa.token.stranger"},
		{"nothing", nil, data, [][]byte{s.ca}, "tsa.token.bad"},
		{"cut", token[:len(token)-1], data, [][]byte{s.ca}, "tsa.token.bad"},
		{"longer", append(bytes.Clone(token), 0), data, [][]byte{s.ca}, "tsa.token.bad"},
		{"huge", make([]byte, 1<<20), data, [][]byte{s.ca}, "tsa.token.bad"},
	}
	for _, tt := range tests {
		at, err := Verify(tt.token, tt.data, tt.authorities)
		if got := keyOf(err); got != tt.want {
			t.Errorf("%s: got %q, want %q (%v)", tt.name, got, tt.want, err)
		}
		if err == nil != at.Equal(now) {
			t.Errorf("%s: time %s", tt.name, at)
		}
	}
}

// serverToken makes a token as the server would if it did not look at its certificate.
func serverToken(s service, at time.Time) ([]byte, error) {
	sum := sha256.Sum256([]byte("head of a log"))
	stamp := &timestamp.Timestamp{HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Time: at, Policy: Policy, AddTSACertificate: true}
	reply, err := stamp.CreateResponseWithOpts(s.cert, s.key, crypto.SHA256)
	if err != nil {
		return nil, err
	}
	return Client{}.granted(reply)
}

// Wherever a bit of a token is changed, it is refused, but for the few places that
// nobody signed and that say nothing.
func TestEveryBitOfATokenCounts(t *testing.T) {
	t.Parallel()
	s := newService(t, pki.TimeStamping, 30)
	data := []byte("head of a log")
	token, err := serverToken(s, now)
	if err != nil {
		t.Fatal(err)
	}
	var outer contentInfo
	var signed signedData
	if err := errors.Join(whole(token, &outer), whole(outer.Content.Bytes, &signed)); err != nil {
		t.Fatal(err)
	}
	by := signed.Signers[0]
	for name, part := range map[string][]byte{
		"content": signed.Content.Data, "attributes": by.Attributes.FullBytes, "signature": by.Signature,
	} {
		start := bytes.Index(token, part)
		for i := range part {
			c := bytes.Clone(token)
			c[start+i] ^= 1 << (i % 8)
			if _, err := Verify(c, data, [][]byte{s.ca}); err == nil {
				t.Fatalf("%s: byte %d changed, and nobody saw it", name, i)
			}
		}
	}
	for i := range token { // elsewhere: whatever it says, the time is the same
		c := bytes.Clone(token)
		c[i] ^= 1
		if at, err := Verify(c, data, [][]byte{s.ca}); err == nil && !at.Equal(now) {
			t.Fatalf("byte %d changed the time to %s", i, at)
		}
	}
}

func TestServerRefuses(t *testing.T) {
	t.Parallel()
	s := newService(t, pki.TimeStamping, 30)
	good := question{Version: 1, Imprint: imprint{Hash: make([]byte, 32)}}
	good.Imprint.Algorithm.Algorithm = oidSHA256
	ask := func(change func(*question)) []byte {
		q := good
		change(&q)
		der, err := asn1.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	tests := []struct {
		name  string
		query []byte
		at    time.Time
		want  string
	}{
		{
			"SHA-1", ask(func(q *question) { q.Imprint.Algorithm.Algorithm = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26} }), now,
			timestamp.BadAlgorithm.String(),
		},
		{"SHA-512", ask(func(q *question) { q.Imprint.Algorithm.Algorithm = oidSHA512 }), now, timestamp.BadAlgorithm.String()},
		{"a short hash", ask(func(q *question) { q.Imprint.Hash = q.Imprint.Hash[:20] }), now, timestamp.BadDataFormat.String()},
		{"another version", ask(func(q *question) { q.Version = 2 }), now, timestamp.BadRequest.String()},
		{"another policy", ask(func(q *question) { q.Policy = asn1.ObjectIdentifier{1, 2, 3} }), now, timestamp.UnacceptedPolicy.String()},
		{"rubbish", []byte("hello"), now, timestamp.BadDataFormat.String()},
		{"nothing", nil, now, timestamp.BadDataFormat.String()},
		{"after its certificate", ask(func(*question) {}), now.AddDate(1, 0, 0), timestamp.TimeNotAvailable.String()},
	}
	for _, tt := range tests {
		c := s.at(t, tt.at)
		reply, err := c.ask(t.Context(), tt.query)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if _, err := timestamp.ParseResponse(reply); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
		if _, err := c.granted(reply); keyOf(err) != "tsa.refused" {
			t.Errorf("%s: the client says %v", tt.name, err)
		}
	}

	h := NewServer(s.key, s.cert, nil, clock.Fixed(now))
	for _, tt := range []struct {
		method, kind string
		body         io.Reader
		want         int
	}{
		{http.MethodGet, "", nil, http.StatusMethodNotAllowed},
		{http.MethodPost, "text/plain", strings.NewReader("x"), http.StatusUnsupportedMediaType},
		{http.MethodPost, queryType, bytes.NewReader(make([]byte, maxQuery+1)), http.StatusBadRequest},
	} {
		r := httptest.NewRequestWithContext(t.Context(), tt.method, "/", tt.body)
		r.Header.Set("Content-Type", tt.kind)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s %s: got %d, want %d", tt.method, tt.kind, w.Code, tt.want)
		}
	}
}

func TestCertificatesOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	s := newService(t, pki.TimeStamping, 30)
	srv := &server{s.key, s.cert, nil, clock.Fixed(now)}
	for _, want := range []bool{true, false} {
		sum := sha256.Sum256([]byte("x"))
		query, err := (&timestamp.Request{
			HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Certificates: want, Nonce: big.NewInt(7),
		}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		reply, err := srv.answer(query)
		if err != nil {
			t.Fatal(err)
		}
		token, err := Client{}.granted(reply)
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(token, s.cert.Raw); got != want {
			t.Errorf("certificate in the token: %v, want %v", got, want)
		}
		// Without it the token is checked with the certificate that one has.
		info, err := verify(token, []byte("x"), [][]byte{s.cert.Raw})
		if err != nil || info.Nonce.Int64() != 7 || !info.Policy.Equal(Policy) {
			t.Errorf("got nonce %v, policy %v, %v", info.Nonce, info.Policy, err)
		}
	}
}

func TestHostileServers(t *testing.T) {
	t.Parallel()
	s := newService(t, pki.TimeStamping, 30)
	data := []byte("head of a log")
	replay := func() []byte {
		sum := sha256.Sum256(data)
		stamp := &timestamp.Timestamp{
			HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Time: now, Policy: Policy, AddTSACertificate: true,
			Nonce: big.NewInt(1),
		}
		reply, err := stamp.CreateResponseWithOpts(s.cert, s.key, crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}()
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"an old answer", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(replay) }, "tsa.reply.bad"},
		{"rubbish", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }, "tsa.reply.bad"},
		{"nothing", func(http.ResponseWriter, *http.Request) {}, "tsa.reply.bad"},
		{"an error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadGateway) }, "tsa.away"},
		{"elsewhere", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusTemporaryRedirect) }, "tsa.away"},
		{"without end", func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 1<<15)); err != nil {
					return
				}
			}
		}, "tsa.reply.bad"},
		{"granted, and no token", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte{0x30, 5, 0x30, 3, 2, 1, 0})
		}, "tsa.token.bad"},
	}
	for _, tt := range tests {
		if _, _, err := serve(t, tt.answer, s.ca).Stamp(t.Context(), data); keyOf(err) != tt.want {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	gone := Client{URL: "http://user:secret@127.0.0.1:1/", Authorities: [][]byte{s.ca}}
	if _, _, err := gone.Stamp(t.Context(), data); keyOf(err) != "tsa.away" || strings.Contains(err.Error(), "secret") {
		t.Errorf("nobody there: got %v", err)
	}
}

// kept is a token of long ago: what was once given must be readable for ever.
func kept(t testing.TB) (token []byte, authorities [][]byte) {
	t.Helper()
	token, err := os.ReadFile("testdata/token.tst")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	authorities, err = pki.ReadCertificates(text)
	if err != nil {
		t.Fatal(err)
	}
	return token, authorities
}

func TestKeptToken(t *testing.T) {
	t.Parallel()
	token, authorities := kept(t)
	if at, err := Verify(token, []byte("head of a log"), authorities); err != nil || !at.Equal(now) {
		t.Errorf("got %s, %v", at, err)
	}
}

func FuzzVerify(f *testing.F) {
	token, authorities := kept(f)
	f.Add(token)
	f.Fuzz(func(t *testing.T, token []byte) {
		if at, err := Verify(token, []byte("head of a log"), authorities); err == nil && !at.Equal(now) {
			t.Errorf("the time became %s", at)
		}
	})
}

func FuzzServer(f *testing.F) {
	s := newService(f, pki.TimeStamping, 30)
	srv := &server{s.key, s.cert, nil, clock.Fixed(now)}
	query, err := (&timestamp.Request{
		HashAlgorithm: crypto.SHA256, HashedMessage: make([]byte, 32), Certificates: true, Nonce: big.NewInt(7),
	}).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(query)
	f.Fuzz(func(t *testing.T, query []byte) {
		if _, err := srv.answer(query); err != nil {
			t.Error(err)
		}
	})
}

func TestMessages(t *testing.T) {
	t.Parallel()
	if _, err := i18n.Load(Messages, pki.Messages); err != nil {
		t.Error(err)
	}
}
