package gateway_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/health"
	"dean06/internal/xroad"
)

// TestAHubThatWasRestored gives an older configuration. The gateway keeps the newer one,
// says so, and shows it to the hub, which moves past it: a suspension that was made there
// meanwhile arrives at once.
func TestAHubThatWasRestored(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	var deaf atomic.Bool
	var shown atomic.Int64
	c.join("G01-1", dancu, nil)
	province := c.join("H55-1", tthc, func(n *node) {
		n.settings.RefreshEvery = time.Hour
		n.settings.Show = func(_ context.Context, s exchange.Signed, serial int64) error {
			if deaf.Load() {
				return errAway
			}
			c.mu.Lock()
			ca := c.cfg.Authorities
			c.mu.Unlock()
			if got, err := exchange.Authentic(s, ca); err != nil || got.Serial != serial {
				t.Errorf("shown: %v, number %d said to be %d", err, got.Serial, serial)
			}
			shown.Add(1)
			c.publish(func(cfg *exchange.Configuration) { cfg.Serial = serial })
			return nil
		}
	})
	backup := c.cfg
	for range 5 {
		c.publish(func(*exchange.Configuration) {})
	}
	c.spread()
	seen := province.status(t).Serial

	deaf.Store(true) // a hub of an earlier program, or one that is not the hub
	c.mu.Lock()
	c.cfg = backup
	c.mu.Unlock()
	c.publish(func(cfg *exchange.Configuration) { cfg.Gateways[0].Suspended = true })
	if err := province.Refresh(t.Context()); err == nil {
		t.Fatal("an older configuration was taken")
	}
	s := province.status(t)
	if s.Serial != seen || s.HubSerial == 0 || s.HubSerial >= seen || !strings.Contains(s.FetchFault, "older") {
		t.Errorf("status: number %d, the hub's %d, %q", s.Serial, s.HubSerial, s.FetchFault)
	}
	ahead := false
	for _, f := range province.Doctor(t.Context()) {
		ahead = ahead || f.Key == "gateway.doctor.configuration.ahead" && f.Level == health.Failing
	}
	if !ahead {
		t.Error("the doctor does not say so")
	}
	c.setAway(errAway, nil) // away, it is behind still
	if err := province.Refresh(t.Context()); err == nil || province.status(t).HubSerial == 0 {
		t.Errorf("while the hub is away: %v, %+v", err, province.status(t).HubSerial)
	}
	c.setAway(nil, nil)

	deaf.Store(false)
	if err := province.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	s = province.status(t)
	g, ok := province.Directory().Gateway("G01-1")
	if s.Serial <= seen || s.HubSerial != 0 || shown.Load() != 1 || !ok || !g.Suspended {
		t.Errorf("after it was shown: number %d, the hub's %d, shown %d times, %+v", s.Serial, s.HubSerial, shown.Load(), g)
	}
}

// TestTwoConfigurationsOfOneNumber come from a hub that was restored and went on.
func TestTwoConfigurationsOfOneNumber(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	province := c.join("H55-1", tthc, func(n *node) {
		n.settings.RefreshEvery = time.Hour
		n.settings.Show = func(_ context.Context, _ exchange.Signed, serial int64) error {
			c.publish(func(cfg *exchange.Configuration) { cfg.Serial = serial })
			return nil
		}
	})
	before := province.status(t).Serial
	c.publish(func(cfg *exchange.Configuration) {
		cfg.Serial--
		cfg.Members[0].Name = "Tỉnh khác"
	})
	if err := province.Refresh(t.Context()); err != nil || province.status(t).Serial != before+1 {
		t.Errorf("got %v, number %d after %d", err, province.status(t).Serial, before)
	}
}

// TestBackWithinTenSeconds has a configuration run out while the hub is away, at the pace
// of a real installation: a minute between refreshes.
func TestBackWithinTenSeconds(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	c.join("G01-1", dancu, nil)
	var asked atomic.Int64
	province := c.join("H55-1", tthc, func(n *node) {
		n.settings.RefreshEvery = time.Minute
		ask := n.settings.Configurations
		n.settings.Configurations = func(ctx context.Context) (exchange.Signed, error) { asked.Add(1); return ask(ctx) }
	})
	c.setAway(errAway, nil)
	c.clock.set(11 * 24 * time.Hour)
	if err := province.Refresh(t.Context()); err == nil {
		t.Fatal("the hub is away")
	}
	province.wants(t, xroad.ConfigurationOutdated)
	asked.Store(0)
	for range 50 { // calls that come meanwhile do not make it ask
		province.wants(t, xroad.ConfigurationOutdated)
	}
	if n := asked.Load(); n > 4 {
		t.Errorf("asked %d times while 50 calls came", n)
	}
	c.publish(func(*exchange.Configuration) {})
	c.setAway(nil, nil)
	eventually(t, "it is fresh again", func() bool { return province.status(t).Freshness == exchange.Fresh })
}

// TestClocksApart says which two clocks differ, and by how much.
func TestClocksApart(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	var off atomic.Int64
	province := c.join("H55-1", tthc, func(n *node) {
		n.settings.RefreshEvery = time.Hour
		n.settings.HubAhead = func() (time.Duration, bool) { return time.Duration(off.Load()), true }
	})
	off.Store(int64(3 * time.Hour))
	c.mu.Lock()
	c.cfg.Serial++
	c.cfg.IssuedAt = c.clock.Now().Add(3 * time.Hour)
	c.cfg.StaleAfter, c.cfg.ValidUntil = c.cfg.IssuedAt.Add(time.Hour), c.cfg.IssuedAt.Add(2*time.Hour)
	c.mu.Unlock()
	err := province.Refresh(t.Context())
	if err == nil || !strings.Contains(err.Error(), "3h0m0s ahead") || errors.Is(err, errAway) {
		t.Errorf("got %v, want the difference of the clocks", err)
	}
	told := false
	for _, f := range province.Doctor(t.Context()) {
		told = told || f.Key == "gateway.doctor.clock.hub" && f.Level == health.Failing
	}
	if !told || province.status(t).HubAhead != 3*time.Hour {
		t.Error("the doctor does not say so")
	}
}
