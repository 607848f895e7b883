package exchangeapi_test

import (
	"crypto"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/platform/pki"
)

// TestMembershipIsUsedByMany reads, reports and applies while the certificate is renewed.
// It is for the race detector; and whoever speaks does so with a certificate that counts.
func TestMembershipIsUsedByMany(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	ctx, dir := t.Context(), t.TempDir()
	first, err := h.client().Join(ctx, dir, h.token(), "127.0.0.1:8038", nil, nil)
	must(t, err)
	key, err := pki.FileKey(filepath.Join(dir, exchangeapi.KeyFile))
	must(t, err)
	m := exchangeapi.NewMembership(first, dir, key, h.clock)
	h.clock.advance(61 * 24 * time.Hour)
	must(t, h.centre.Tend(ctx))

	var taken sync.Map
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := m.Renew(ctx, func(_ crypto.Signer, der []byte) error {
				taken.Store(exchange.Fingerprint(der), true)
				return nil
			}); err != nil {
				t.Errorf("renew: %v", err)
			}
		})
		wg.Go(func() {
			if err := reported(m.Report(ctx, exchange.Report{Version: "1.0", LogSize: int64(i)})); err != nil {
				t.Errorf("report: %v", err)
			}
		})
		wg.Go(func() {
			_, err := m.Apply(ctx, exchange.Application{ID: "a" + strconv.Itoa(i), Entry: exchange.Entry{
				Kind: exchange.ServiceOffered, Key: "VN/GOV/H55/TTHC/s" + strconv.Itoa(i), Name: "Dịch vụ", Type: "REST",
			}})
			if err != nil {
				t.Errorf("apply: %v", err)
			}
		})
		wg.Go(func() {
			if s := m.Saved(); s.Gateway != "H55-1" || len(s.Authorities()) == 0 {
				t.Errorf("saved: %+v", s)
			}
			if _, err := m.Configuration(ctx); err != nil {
				t.Errorf("configuration: %v", err)
			}
		})
	}
	wg.Wait()
	renewals := 0
	taken.Range(func(any, any) bool { renewals++; return true })
	loaded, err := exchangeapi.Load(dir)
	must(t, err)
	if now := m.Saved(); renewals != 1 || now.Certificate == first.Certificate || loaded.Certificate != now.Certificate {
		t.Errorf("%d renewals, want one that is in use and in the folder", renewals)
	}
}
