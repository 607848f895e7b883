package gateway_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

// forgery is a message as a hostile or broken gateway could send it.
type forgery struct {
	c      exchange.Commitment
	target string
	body   string
	more   map[string]string // headers that are signed too
	header http.Header
}

// forge makes a good message of a gateway, to be spoilt; spoil happens before the
// signature, and may be nil.
func (n *node) forge(t testing.TB, spoil func(*forgery)) forgery {
	t.Helper()
	f := forgery{target: matchPath, body: `{"q":1}`, c: exchange.Commitment{
		Kind: exchange.Request, Method: http.MethodPost, Client: tthc, Service: match, MessageID: "m-1", RequestID: sqldb.NewID(),
		Created: n.clock.Now().Unix(), Nonce: rand.Text(), KeyID: exchange.Fingerprint(n.cert),
	}}
	if spoil != nil {
		spoil(&f)
	}
	f.header = http.Header{
		"Accept": {"application/json"}, "X-Road-Client": {f.c.Client.String()}, "X-Road-Id": {f.c.MessageID},
		"X-Road-Request-Id": {f.c.RequestID},
	}
	for name, v := range f.more {
		f.header[name] = []string{v}
	}
	var fields []exchange.HeadField
	for name, v := range f.header {
		fields = append(fields, exchange.HeadField{Name: strings.ToLower(name), Value: v[0]})
	}
	f.c.Head = exchange.HeadDigest(exchange.HeadText("POST "+f.target, fields))
	f.c.Body = sha256.Sum256([]byte(f.body))
	if err := f.c.Sign(rand.Reader, n.key); err != nil {
		t.Fatal(err)
	}
	f.header.Set("X-Road-Service", f.c.Service.String())
	f.header.Set("Content-Digest", f.c.ContentDigest())
	f.header.Set("X-Dean06-Head", f.c.HeadHeader())
	f.header.Set("Signature-Input", "dean06="+f.c.Input())
	f.header.Set("Signature", "dean06=:"+base64.StdEncoding.EncodeToString(f.c.Signature)+":")
	return f
}

// deliver sends it to a gateway with the certificate of another.
func (f forgery) deliver(t testing.TB, as *node, to *node) (answered, error) {
	t.Helper()
	tr := &http.Transport{ForceAttemptHTTP2: true, DisableCompression: true, TLSClientConfig: &tls.Config{
		InsecureSkipVerify: true, MinVersion: tls.VersionTLS13,
		Certificates: []tls.Certificate{{Certificate: [][]byte{as.cert}, PrivateKey: as.key}},
	}}
	defer tr.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+to.peerAddr+"/x1/call"+f.target, strings.NewReader(f.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = f.header.Clone()
	resp, err := tr.RoundTrip(r)
	if err != nil {
		return answered{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answered{resp, body}, err
}

func TestForgedMessages(t *testing.T) {
	t.Parallel()
	c, province, authority := pair(t)
	other := c.join("G24-1", bhxh, nil)
	tests := []struct {
		name   string
		spoil  func(*forgery) // before the signature
		mar    func(*forgery) // after it
		as, by *node
		want   xroad.Code
	}{
		{name: "good", want: ""},
		{name: "tampered body", mar: func(f *forgery) { f.body = `{"q":2}` }, want: xroad.ProviderSignature},
		{name: "tampered body and digest", mar: func(f *forgery) {
			f.body = `{"q":2}`
			f.c.Body = sha256.Sum256([]byte(f.body))
			f.header.Set("Content-Digest", f.c.ContentDigest())
		}, want: xroad.ProviderSignature},
		{name: "header added", mar: func(f *forgery) { f.header.Set("X-Dean06-Purpose", "1.1") }, want: xroad.ProviderSignature},
		{name: "header taken away", mar: func(f *forgery) { f.header.Del("Accept") }, want: xroad.ProviderSignature},
		{name: "path changed", mar: func(f *forgery) { f.target += "/all" }, want: xroad.ProviderSignature},
		{name: "query added", mar: func(f *forgery) { f.target += "?all=1" }, want: xroad.ProviderSignature},
		{name: "tampered signature", mar: func(f *forgery) {
			f.c.Signature[10] ^= 1
			f.header.Set("Signature", "dean06=:"+base64.StdEncoding.EncodeToString(f.c.Signature)+":")
		}, want: xroad.ProviderSignature},
		{name: "no signature", mar: func(f *forgery) { f.header.Del("Signature") }, want: xroad.ProviderSignature},
		{name: "fewer components", mar: func(f *forgery) {
			f.header.Set("Signature-Input", strings.Replace(f.header.Get("Signature-Input"), `"content-digest" `, "", 1))
		}, want: xroad.ProviderSignature},
		{name: "two signatures", mar: func(f *forgery) { f.header.Add("Signature", f.header.Get("Signature")) }, want: xroad.ProviderSignature},
		{name: "too old", spoil: func(f *forgery) { f.c.Created -= 600 }, want: xroad.ClockSkew},
		{name: "too early", spoil: func(f *forgery) { f.c.Created += 600 }, want: xroad.ClockSkew},
		{name: "another member's gateway", as: other, by: other, want: xroad.ProviderSignature},
		{name: "signed by another than who sends", as: other, by: province, want: xroad.ProviderSignature},
		{name: "client of nobody", spoil: func(f *forgery) { f.c.Client = xroad.MustID("VN/GOV/X1/Y") }, want: xroad.ProviderSignature},
		{name: "a signed header that reads as another", spoil: func(f *forgery) {
			f.more = map[string]string{"X_road_client": "VN/GOV/G01/DANCU"}
		}, want: xroad.ProviderBadMessage},
		{name: "a signed header in doubt, of an older gateway", spoil: func(f *forgery) { f.more = map[string]string{"My_word": "1"} }, want: ""},
		{name: "the gateway's member itself has no right", spoil: func(f *forgery) { f.c.Client = tthc.MemberID() }, want: xroad.AccessDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			as, by := tt.as, tt.by
			if as == nil {
				as, by = province, province
			}
			f := by.forge(t, tt.spoil)
			if tt.mar != nil {
				tt.mar(&f)
			}
			requests := len(authority.requests(t))
			a, err := f.deliver(t, as, authority)
			if err != nil {
				t.Fatal(err)
			}
			if a.code() != string(tt.want) || a.Header.Get("Signature") == "" {
				t.Errorf("got %d %q %s, want %q, signed", a.StatusCode, a.code(), a.body, tt.want)
			}
			believed := tt.want == "" || tt.want == xroad.AccessDenied
			if got := len(authority.requests(t)) - requests; believed != (got == 1) {
				t.Errorf("%d requests more in the log, believed %v", got, believed)
			}
			if r := authority.last(t); r.Fault != tt.want || r.Commitment.RequestID != f.c.RequestID {
				t.Errorf("last record %s %s, want %s", r.Fault, r.Commitment.RequestID, tt.want)
			}
		})
	}
	authority.check(t)
}

// TestStrangersBodyIsNotWaitedFor: who sent a message is known before its body is read,
// so that a forged one is refused while the body still comes.
func TestStrangersBodyIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	f := province.forge(t, nil)
	f.c.Signature[10] ^= 1
	f.header.Set("Signature", "dean06=:"+base64.StdEncoding.EncodeToString(f.c.Signature)+":")
	tr := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{
		InsecureSkipVerify: true, MinVersion: tls.VersionTLS13,
		Certificates: []tls.Certificate{{Certificate: [][]byte{province.cert}, PrivateKey: province.key}},
	}}
	defer tr.CloseIdleConnections()
	body, more := io.Pipe() // never ends
	defer more.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+authority.peerAddr+"/x1/call"+f.target, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = f.header.Clone()
	resp, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get(xroad.HeaderError); got != string(xroad.ProviderSignature) {
		t.Errorf("got %d %q, want %q", resp.StatusCode, got, xroad.ProviderSignature)
	}
}

// requests are the requests in a gateway's log.
func (n *node) requests(t testing.TB) (list []exchange.Record) {
	t.Helper()
	for _, r := range n.records(t) {
		if r.Commitment.Kind == exchange.Request {
			list = append(list, r)
		}
	}
	return list
}

func TestReplay(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	f := province.forge(t, nil)
	deliver := func(want xroad.Code) {
		t.Helper()
		a, err := f.deliver(t, province, authority)
		if err != nil || a.code() != string(want) {
			t.Errorf("got %v %q, want %q", err, a.code(), want)
		}
	}
	deliver("")
	deliver(xroad.Replayed)
	authority.restart(t)
	authority.Provide(match, echo)
	deliver(xroad.Replayed)
	nonce := f.c.Nonce
	f = province.forge(t, nil)
	deliver("")
	f = province.forge(t, func(f *forgery) { f.c.Nonce = nonce })
	deliver("") // the store keeps request ids; nonces are known since the start only
	deliver(xroad.Replayed)
	if got := len(authority.requests(t)); got != 3 {
		t.Errorf("%d requests in the log, want 3", got)
	}
}

func TestStrangersOnThePeerPort(t *testing.T) {
	t.Parallel()
	c, province, authority := pair(t)
	now := c.clock.Now()
	for name, der := range map[string]func(n *node) []byte{
		"self-signed": func(n *node) []byte {
			der, err := pki.NewAuthority(n.key, "H55-1", now, 1)
			if err != nil {
				t.Fatal(err)
			}
			return der
		},
		"of the centre, but in no configuration": func(n *node) []byte {
			return c.issue(pki.Leaf{Public: n.key.Public(), Name: "H55-1", From: now.Add(-time.Minute), Until: now.Add(time.Hour), Use: pki.Gateway})
		},
	} {
		rogue := &node{key: newKey(t), clock: c.clock}
		rogue.cert = der(rogue)
		if a, err := rogue.forge(t, nil).deliver(t, rogue, authority); err == nil {
			t.Errorf("%s: got %d %s, want no connection", name, a.StatusCode, a.body)
		}
	}
	if n := len(authority.records(t)); n != 0 {
		t.Errorf("%d records, want none", n)
	}
	// Nobody in the place of the provider, either.
	authority.stop()
	rogue := httptest.NewUnstartedServer(echo)
	rogue.EnableHTTP2 = true
	rogue.Listener.Close()
	eventually(t, "the port is free", func() bool {
		var err error
		rogue.Listener, err = listenAt(authority.peerAddr)
		return err == nil
	})
	rogue.StartTLS()
	t.Cleanup(rogue.Close)
	province.wants(t, xroad.PeerCertificate)
}

func TestForgedAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]func(h http.Header, body []byte) []byte{
		"body":   func(_ http.Header, b []byte) []byte { return bytes.Replace(b, []byte("GET"), []byte("PUT"), 1) },
		"header": func(h http.Header, b []byte) []byte { h.Set("X-More", "1"); return b },
		"signature": func(h http.Header, b []byte) []byte {
			h.Set("Signature", "dean06=:"+strings.Repeat("A", 86)+"==:")
			return b
		},
		"unsigned": func(h http.Header, b []byte) []byte { h.Del("Signature"); return b },
		"request":  func(h http.Header, b []byte) []byte { h.Set("X-Road-Request-Id", "1"); return b },
		"hash":     func(h http.Header, b []byte) []byte { h.Set("X-Road-Request-Hash", "1"); return b },
		"refusal": func(h http.Header, b []byte) []byte {
			h.Set("X-Road-Error", "Server.ServerProxy.AccessDenied")
			return b
		},
	}
	for name, tamper := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCountry(t)
			authority := c.join("G01-1", dancu, func(n *node) {
				n.wrap = func(h http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						rec := httptest.NewRecorder()
						h.ServeHTTP(rec, r)
						body := tamper(rec.Header(), rec.Body.Bytes())
						for k, v := range rec.Header() {
							w.Header()[k] = v
						}
						w.Header().Del("Content-Length")
						w.WriteHeader(rec.Code)
						_, _ = w.Write(body)
					})
				}
			})
			province := c.join("H55-1", tthc, nil)
			authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, echo)
			authority.give(t, exchange.Right{Subject: tthc, Service: match})
			province.wants(t, xroad.ConsumerSignature)
			if r := province.last(t); r.Fault != xroad.ConsumerSignature {
				t.Errorf("last record %+v", r)
			}
		})
	}
}

func TestOnePeerCannotTakeAllPlaces(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority := c.join("G01-1", dancu, func(n *node) { n.settings.MaxCalls = 4 })
	province, other := c.join("H55-1", tthc, nil), c.join("G24-1", bhxh, nil)
	release := make(chan struct{})
	authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Road-Client") == tthc.String() {
			<-release
		}
	}))
	authority.give(t, exchange.Right{Subject: tthc, Service: match})
	authority.give(t, exchange.Right{Subject: bhxh, Service: match})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { _, _ = province.try(t.Context(), http.MethodGet, matchPath, nil) })
	}
	eventually(t, "two calls hang", func() bool { return authority.status(t).CallsRunning == 2 })
	province.wants(t, xroad.ServiceFailed)
	if a := other.call(t, http.MethodGet, matchPath, nil, "X-Road-Client", bhxh.String()); a.StatusCode != http.StatusOK {
		t.Errorf("the other gateway gets %d %s", a.StatusCode, a.body)
	}
	close(release)
	wg.Wait()
}
