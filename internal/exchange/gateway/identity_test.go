package gateway_test

import (
	"bytes"
	"sync"
	"testing"

	"dean06/internal/exchange"
)

// TestRenewedByMany takes up a new certificate from several sides at once, while others
// look who the gateway is, as renewal, the refresh of the configuration and calls do. The
// configuration has forgotten the present certificate, so that each look may turn to the
// next one: two that did so at once stopped the program.
func TestRenewedByMany(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	n := c.join("G01-1", dancu, nil)
	next := c.leaf(n.key, n.id)
	c.publish(func(cfg *exchange.Configuration) { cfg.Gateways[0].Certificates = [][]byte{next} })
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3000 {
				if err := n.ReplaceCertificate(n.key, next); err != nil {
					t.Errorf("take the certificate: %v", err)
				}
			}
		})
		wg.Go(func() {
			for range 5 {
				if err := n.Refresh(t.Context()); err != nil {
					t.Errorf("refresh: %v", err)
				}
			}
		})
		wg.Go(func() {
			for range 20 {
				if _, err := n.Status(t.Context()); err != nil {
					t.Errorf("status: %v", err)
				}
				if d := n.Directory(); d == nil || d.Configuration().Instance != "VN" {
					t.Error("no directory")
				}
			}
		})
	}
	wg.Wait()
	got, err := n.TLS().GetCertificate(nil)
	if err != nil || !bytes.Equal(got.Certificate[0], next) {
		t.Errorf("the new certificate is not in use: %v", err)
	}
}
