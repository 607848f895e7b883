package gateway_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/health"
	"dean06/internal/xroad"
)

// cleared publishes that the province's system passes before a moment.
func (c *country) cleared(until time.Time, why exchange.Obstacle, detail string) {
	c.publish(func(cfg *exchange.Configuration) {
		cfg.Security = &exchange.Security{At: c.clock.Now(), Clearances: []exchange.Clearance{
			{ID: tthc, System: "Một cửa", Until: until, Why: why, Detail: detail},
		}}
	})
}

// gated is a province and an authority whose only right demands security.
func gated(t *testing.T, change func(*node)) (c *country, province, authority *node) {
	t.Helper()
	c = newCountry(t)
	authority = c.join("G01-1", dancu, change)
	province = c.join("H55-1", tthc, nil)
	authority.offer(t, exchange.LocalService{ID: match, Name: "match", OwnFields: true}, echo)
	authority.give(t, exchange.Right{Subject: tthc, Service: match, Security: true})
	return c, province, authority
}

func (n *node) asks(t *testing.T) answered {
	t.Helper()
	return n.call(t, http.MethodPost, matchPath, []byte("q"))
}

func TestTheGateSaysWhichAndHow(t *testing.T) {
	t.Parallel()
	c, province, _ := gated(t, nil)
	past := c.clock.Now().Add(-time.Hour)
	for _, x := range []struct {
		until  time.Time
		why    exchange.Obstacle
		detail string
		code   xroad.Code
		says   []string
	}{
		{time.Time{}, exchange.NoDossier, "", xroad.SecurityNoDossier, []string{"no dossier of security level", "hands one in", "VN/GOV/H55/TTHC (Một cửa)"}},
		{
			past, exchange.FindingOverdue, "PH-H55-001", xroad.SecurityFinding,
			[]string{"PH-H55-001", "good retest", "since " + past.In(clock.Zone).Format("2006-01-02 15:04")},
		},
		{past, exchange.CheckStale, "2025-11-01", xroad.SecurityCheckStale, []string{"2025-11-01", "enters a new one"}},
		{past, exchange.DossierEnded, "12/QĐ-UBND", xroad.SecurityDossierEnded, []string{"12/QĐ-UBND", "renews"}},
		{time.Time{}, "something of a later program", "", xroad.SecurityRefused, []string{"page of security"}},
	} {
		c.cleared(x.until, x.why, x.detail)
		c.spread()
		a := province.asks(t)
		if a.code() != string(x.code) {
			t.Errorf("%s: code %s, want %s", x.why, a.code(), x.code)
		}
		for _, text := range x.says {
			if !strings.Contains(a.message(), text) {
				t.Errorf("%s: %q lacks %q", x.why, a.message(), text)
			}
		}
	}
	c.cleared(c.clock.Now().Add(time.Hour), exchange.CheckStale, "")
	c.spread()
	if a := province.asks(t); a.StatusCode != http.StatusOK {
		t.Errorf("cleared: %s %s", a.code(), a.message())
	}
}

// Nothing said of any system, or not of this one, opens nothing.
func TestTheGateWithoutFacts(t *testing.T) {
	t.Parallel()
	c, province, authority := gated(t, nil)
	if a := province.asks(t); a.code() != string(xroad.SecurityNoFacts) {
		t.Errorf("no facts: %s", a.code())
	}
	c.publish(func(cfg *exchange.Configuration) { cfg.Security = &exchange.Security{At: c.clock.Now()} })
	c.spread()
	if a := province.asks(t); a.code() != string(xroad.SecurityNoSystem) {
		t.Errorf("no system: %s", a.code())
	}
	// A right that demands none is as it was.
	authority.give(t, exchange.Right{Subject: tthc, Service: match, Purposes: []string{"1.001193"}})
	if a := province.call(t, http.MethodPost, matchPath, nil, xroad.HeaderPurpose, "1.001193"); a.StatusCode != http.StatusOK {
		t.Errorf("a right without the demand: %s", a.message())
	}
}

// The hub is away, and so is whoever tells it: what was published goes on to count, and time
// closes by itself. After a restart, too.
func TestTheGateHoldsWhileTheHubIsAway(t *testing.T) {
	t.Parallel()
	c, province, authority := gated(t, nil)
	midnight := clock.DayOf(c.clock.Now().Add(3 * time.Second)).End()
	c.cleared(midnight, exchange.NoDossier, "")
	c.spread()
	c.setAway(errAway, errAway)
	if a := province.asks(t); a.StatusCode != http.StatusOK {
		t.Fatalf("before the end: %s", a.message())
	}
	authority.restart(t)
	authority.Provide(match, echo)
	if a := province.asks(t); a.StatusCode != http.StatusOK {
		t.Fatalf("after a restart: %s", a.message())
	}
	// The grace ends at midnight in Vietnam, to the second: asked of the configuration in
	// use, as two gateways whose clocks are hours apart do not speak.
	d := authority.Directory()
	if !d.Clearing(tthc, midnight.Add(-time.Second)).Open || d.Clearing(tthc, midnight).Open {
		t.Errorf("the end is not at %s", midnight)
	}
	if got := midnight.In(clock.Zone).Format("15:04:05"); got != "00:00:00" {
		t.Errorf("ends at %s", got)
	}
}

// A clock that was set back opens nothing that was closed when the configuration was made.
func TestTheGateAndAClockThatWasSetBack(t *testing.T) {
	t.Parallel()
	c, _, authority := gated(t, nil)
	issued := c.clock.Now()
	c.cleared(issued.Add(-time.Minute), exchange.FindingOverdue, "PH-H55-001")
	c.spread()
	for _, back := range []time.Duration{0, 2 * time.Minute, 48 * time.Hour} {
		if authority.Directory().Clearing(tthc, issued.Add(-back)).Open {
			t.Errorf("a clock %s back opens it", back)
		}
	}
}

// A configuration whose facts were changed on the way is not taken.
func TestTheGateAndAForgedFact(t *testing.T) {
	t.Parallel()
	var forge bool
	var mu sync.Mutex
	var honest func(context.Context) (exchange.Signed, error)
	c, province, authority := gated(t, func(n *node) {
		honest = n.settings.Configurations
		n.settings.RefreshEvery = time.Hour
		n.settings.Configurations = func(ctx context.Context) (exchange.Signed, error) {
			s, err := honest(ctx)
			mu.Lock()
			defer mu.Unlock()
			if forge {
				s.Body = bytes.Replace(s.Body, []byte(`"until":"1`), []byte(`"until":"9`), 1)
				s.Body = bytes.Replace(s.Body, []byte(`"until":"2`), []byte(`"until":"9`), 1)
			}
			return s, err
		}
	})
	c.cleared(c.clock.Now().Add(-time.Minute), exchange.FindingOverdue, "PH-H55-001")
	mu.Lock()
	forge = true
	mu.Unlock()
	if err := authority.Refresh(t.Context()); err == nil || !strings.Contains(err.Error(), "signature") {
		t.Fatalf("a forged fact was taken: %v", err)
	}
	mu.Lock()
	forge = false
	mu.Unlock()
	c.spread()
	if a := province.asks(t); a.code() != string(xroad.SecurityFinding) {
		t.Errorf("closed by %s", a.code())
	}
}

// A call that is under way when the gate closes ends as it began; the next is refused.
func TestTheGateAndACallInFlight(t *testing.T) {
	t.Parallel()
	c, province, authority := gated(t, nil)
	inside, goOn := make(chan struct{}), make(chan struct{})
	authority.offer(t, exchange.LocalService{ID: match, Name: "match", OwnFields: true}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(inside)
		<-goOn
		_, _ = w.Write([]byte("done"))
	}))
	c.cleared(c.clock.Now().Add(time.Hour), exchange.CheckStale, "")
	c.spread()
	var first answered
	var err error
	var wg sync.WaitGroup
	wg.Go(func() { first, err = province.try(t.Context(), http.MethodPost, matchPath, nil) })
	<-inside
	c.cleared(time.Time{}, exchange.NoDossier, "")
	c.spread()
	if a := province.asks(t); a.code() != string(xroad.SecurityNoDossier) {
		t.Errorf("the next call: %s", a.code())
	}
	close(goOn)
	wg.Wait()
	if err != nil || first.StatusCode != http.StatusOK || string(first.body) != "done" {
		t.Errorf("the call under way: %v, %s", err, first.body)
	}
}

// Whoever is refused lets the gateway ask the hub at once: what was mended opens at the next
// try, and not only at the next minute.
func TestTheGateOpensSoonAfterTheMending(t *testing.T) {
	t.Parallel()
	own := &watch{}
	c, province, _ := gated(t, func(n *node) { n.settings.RefreshEvery, n.clock = time.Hour, own })
	c.cleared(time.Time{}, exchange.NoDossier, "")
	c.spread()
	if a := province.asks(t); a.code() != string(xroad.SecurityNoDossier) {
		t.Fatalf("closed by %q", a.code())
	}
	c.cleared(c.clock.Now().Add(time.Hour), exchange.CheckStale, "")
	own.set(10 * time.Second) // at most every five seconds, whoever is refused
	eventually(t, "it opens", func() bool { return province.asks(t).StatusCode == http.StatusOK })
}

// The doctor says where a right demands security and nothing is known, or nothing new.
func TestTheDoctorOnTheGate(t *testing.T) {
	t.Parallel()
	own := &watch{}
	c, province, authority := gated(t, func(n *node) { n.clock, n.settings.RefreshEvery = own, time.Hour })
	says := func(n *node) (keys []string) {
		for _, f := range n.Examine(t.Context(), health.Regular) {
			if f.Check == "security" {
				keys = append(keys, f.Key)
			}
		}
		return keys
	}
	one := func(want string) {
		t.Helper()
		if got := says(authority); len(got) != 1 || got[0] != want {
			t.Errorf("the doctor says %v, want %s", got, want)
		}
	}
	if got := says(province); got != nil {
		t.Errorf("where nothing demands it: %v", got)
	}
	one("gateway.doctor.security.none")
	c.cleared(c.clock.Now().Add(time.Hour), exchange.CheckStale, "")
	c.spread()
	one("gateway.doctor.security.fine")
	beside := authority.give(t, exchange.Right{Subject: tthc, Service: match, Purposes: []string{"1.001193"}})
	one("gateway.doctor.security.beside")
	if err := authority.store.EndRight(t.Context(), beside.ID, "an", own.Now()); err != nil {
		t.Fatal(err)
	}
	authority.reload(t)
	one("gateway.doctor.security.fine")
	own.set(25 * time.Hour)
	one("gateway.doctor.security.stale")
}

// BenchmarkGate is what a call pays for the gate: a look-up in the configuration in use, of a
// country with 20,000 subsystems.
func BenchmarkGate(b *testing.B) {
	cfg := exchange.Configuration{IssuedAt: time.Now(), Security: &exchange.Security{At: time.Now()}}
	for i := range 20_000 {
		id := tthc
		id.Subsystem = "S" + strings.Repeat("X", i%7) + time.Duration(i).String()
		cfg.Security.Clearances = append(cfg.Security.Clearances, exchange.Clearance{ID: id, Until: time.Now().Add(time.Hour)})
	}
	cfg.Security.Clearances = append(cfg.Security.Clearances, exchange.Clearance{ID: tthc, Until: time.Now().Add(time.Hour)})
	d := exchange.Index(cfg)
	now := time.Now()
	for b.Loop() {
		if !d.Clearing(tthc, now).Open {
			b.Fatal("closed")
		}
	}
}
