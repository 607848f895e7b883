package gateway_test

import (
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"dean06/internal/exchange"
)

// TestCallsUnderWayOutliveANewCertificate: while a call waits for its answer, the gateway
// that asked joins anew with another key, and its old certificate is revoked. The answer
// still comes, and later calls go with the new one.
func TestCallsUnderWayOutliveANewCertificate(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority := c.join("G01-1", dancu, nil)
	province := c.join("H55-1", tthc, func(n *node) { n.settings.RefreshEvery = time.Hour })
	asked, release := make(chan struct{}), make(chan struct{})
	var first sync.Once
	authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first.Do(func() { close(asked) })
		if r.URL.Query().Has("slow") {
			<-release
		}
		_, _ = w.Write([]byte(`{"found":true}`))
	}))
	authority.give(t, exchange.Right{Subject: tthc, Service: match})

	answered := make(chan string, 1)
	go func() {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, province.local+matchPath+"?slow", nil)
		if err != nil {
			answered <- err.Error()
			return
		}
		r.Header.Set("X-Road-Client", tthc.String())
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		answered <- string(body)
	}()
	<-asked

	key := newKey(t)
	cert := c.leaf(key, "H55-1")
	old := exchange.Fingerprint(province.cert)
	if err := province.Adopt(t.Context(), key, cert, c.cfg.Authorities); err == nil {
		t.Errorf("a certificate that no configuration has is taken up")
	}
	c.publish(func(cfg *exchange.Configuration) {
		for i, g := range cfg.Gateways {
			if g.ID == "H55-1" {
				cfg.Gateways[i].Certificates = [][]byte{cert}
			}
		}
		cfg.Revoked = append(cfg.Revoked, exchange.Revocation{Fingerprint: old, At: c.clock.Now()})
	})
	if err := province.Adopt(t.Context(), key, cert, c.cfg.Authorities); err != nil {
		t.Fatal(err)
	}
	if got := exchange.Fingerprint(province.Certificate().Raw); got != exchange.Fingerprint(cert) {
		t.Errorf("certificate in use = %s", got)
	}
	province.wants(t, "")
	close(release)
	if got := <-answered; got != `{"found":true}` {
		t.Errorf("the call that was under way got %q", got)
	}
	if err := province.Adopt(t.Context(), key, c.leaf(newKey(t), "H55-1"), c.cfg.Authorities); err == nil {
		t.Errorf("a certificate of another key is taken up")
	}
}
