package gateway

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"dean06/internal/exchange"
)

const (
	fetchTimeout    = 15 * time.Second
	strangerEvery   = 5 * time.Second // how often a certificate that nobody knows may make us ask the centre
	strangerTimeout = 3 * time.Second
	// While nothing new can be begun the centre is asked every few seconds, so that a
	// gateway is back within ten of its return: three to wait at most, and a try that may
	// hang. Each fourth try has the full time, for a slow line.
	urgentEvery   = 3 * time.Second
	urgentTimeout = 5 * time.Second
	fullTries     = 4
)

// refresher asks the centre for its configuration.
type refresher struct {
	mu       sync.Mutex // one asks at a time
	tries    int        // that failed, in a row
	fault    string
	behind   int64 // number of the centre's configuration, when it is behind ours; 0 when it is not
	lastTry  time.Time
	stateMu  sync.Mutex
	stranger time.Time
	soon     chan struct{} // somebody was refused who may have what they lacked by now
}

// openConfiguration takes what is stored, and asks the centre when there is nothing.
func (g *Gateway) openConfiguration(ctx context.Context) error {
	s, at, ok, err := g.set.Store.Configuration(ctx)
	if err != nil {
		return fmt.Errorf("read the stored configuration: %w", err)
	}
	if ok {
		// It was verified when it came; its signer's certificate may have expired since.
		cfg, err := exchange.Open(s, g.authorities(), at)
		if err != nil {
			g.set.Log.Error("stored configuration is not used", "error", err)
		} else {
			g.view.Store(newView(cfg, s, at))
		}
	}
	if g.view.Load() == nil {
		_ = g.Refresh(ctx) // it is asked again while Run runs
	}
	return nil
}

// authorities are the certificates that count for the next configuration: those of
// the present one too, so that the centre can change its own.
func (g *Gateway) authorities() [][]byte {
	list := *g.roots.Load()
	if v := g.view.Load(); v != nil {
		list = append(list[:len(list):len(list)], v.cfg.Authorities...)
	}
	return list
}

// Refresh asks the centre now. It fails when the centre does not answer, or with
// something that is not to be believed.
func (g *Gateway) Refresh(ctx context.Context) error {
	g.refresh.mu.Lock()
	defer g.refresh.mu.Unlock()
	limit := fetchTimeout
	if g.urgent() && g.refresh.tries%fullTries != fullTries-1 {
		limit = urgentTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	behind, err := g.fetch(ctx)
	if behind > 0 && g.show(ctx, behind) {
		behind, err = g.fetch(ctx)
	}
	if g.refresh.tries++; err == nil {
		g.refresh.tries = 0
	}
	g.refresh.stateMu.Lock()
	before, wasBehind := g.refresh.fault, g.refresh.behind
	g.refresh.lastTry, g.refresh.fault = g.now(), ""
	if off := g.hubAhead(); err != nil && off.Abs() > exchange.MaxSkew {
		err = fmt.Errorf("%w; the centre's clock is %s ahead of this machine's: one of the two is wrong", err, off)
	}
	if err != nil {
		g.refresh.fault = err.Error()
	}
	if behind > 0 || err == nil { // a centre that is away says nothing of how far it is
		g.refresh.behind = behind
	}
	g.refresh.stateMu.Unlock()
	switch {
	case behind > 0 && wasBehind == 0:
		g.set.Log.Error("the centre's configuration is behind the one that is here, which goes on to count: was the centre restored from a backup?",
			"centre", behind, "here", g.view.Load().cfg.Serial, "error", err)
	case err != nil && before == "":
		g.set.Log.Warn("configuration not refreshed", "error", err)
	case err == nil && before != "":
		g.set.Log.Info("configuration refreshed again", "serial", g.view.Load().cfg.Serial)
	}
	g.turnIdentity()
	return err
}

// urgent says that nothing new can be begun, or soon cannot.
func (g *Gateway) urgent() bool {
	v := g.view.Load()
	return v == nil || v.cfg.FreshAt(g.now()) != exchange.Fresh
}

// hubAhead is how far the centre's clock is ahead; 0 when that is not known.
func (g *Gateway) hubAhead() time.Duration {
	if g.set.HubAhead == nil {
		return 0
	}
	off, _ := g.set.HubAhead()
	return off
}

// show shows the centre what it forgot, and says whether it took it.
func (g *Gateway) show(ctx context.Context, behind int64) bool {
	v := g.view.Load()
	if g.set.Show == nil || v == nil {
		return false
	}
	if err := g.set.Show(ctx, v.signed, v.cfg.Serial); err != nil {
		g.set.Log.Warn("the centre does not take the configuration that it forgot", "centre", behind, "here", v.cfg.Serial, "error", err)
		return false
	}
	g.set.Log.Warn("showed the centre a configuration that it forgot", "centre", behind, "here", v.cfg.Serial)
	return true
}

// fetch asks once. behind is the number of what the centre gave when that is its own and
// behind what is here, 0 otherwise.
func (g *Gateway) fetch(ctx context.Context) (behind int64, err error) {
	s, err := g.set.Configurations(ctx)
	if err != nil {
		return 0, fmt.Errorf("ask the centre for the configuration: %w", err)
	}
	old := g.view.Load()
	now := g.now()
	if old != nil && sha256.Sum256(s.Body) == old.sum && old.cfg.FreshAt(now) != exchange.Expired {
		g.view.Store(old.again(now)) // verified when it came
		return 0, nil
	}
	cfg, err := exchange.Open(s, g.authorities(), now)
	if old != nil && err != nil {
		// What a restored centre gives at first may have run out too.
		if read, e := exchange.Authentic(s, g.authorities()); e == nil && read.Instance == old.cfg.Instance && read.Serial < old.cfg.Serial {
			behind = read.Serial
		}
	}
	if err != nil {
		return behind, fmt.Errorf("configuration of the centre: %w", err)
	}
	if old != nil {
		switch {
		case cfg.Instance != old.cfg.Instance:
			return 0, fmt.Errorf("configuration of the centre: it is for instance %s", cfg.Instance)
		case cfg.Serial < old.cfg.Serial:
			return cfg.Serial, fmt.Errorf(
				"configuration of the centre: number %d is older than number %d, which is here", cfg.Serial, old.cfg.Serial,
			)
		case cfg.Serial == old.cfg.Serial && sha256.Sum256(s.Body) != old.sum:
			return cfg.Serial, fmt.Errorf("configuration of the centre: there are two of number %d", cfg.Serial)
		}
	} else if cfg.Instance != g.set.Member.Instance {
		return 0, fmt.Errorf("configuration of the centre: it is for instance %s", cfg.Instance)
	}
	if cfg.FreshAt(now) == exchange.Expired {
		return 0, errors.New("configuration of the centre: it has expired")
	}
	if old != nil && cfg.Serial == old.cfg.Serial {
		g.view.Store(old.again(now))
		return 0, nil
	}
	if err := g.set.Store.SaveConfiguration(ctx, s, cfg.Serial, now); err != nil {
		g.set.Log.Error("configuration not stored", "error", err) // it counts all the same
	}
	g.view.Store(newView(cfg, s, now))
	return 0, nil
}

// refreshForStranger asks the centre because of a certificate that is not known:
// it may be a renewed one. Strangers cannot make this gateway ask without end.
func (g *Gateway) refreshForStranger() {
	if !g.mayAsk() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), strangerTimeout)
	defer cancel()
	_ = g.Refresh(ctx) // the state says what went wrong
}

// askSoon lets the centre be asked at once, at most every few seconds, however many are
// refused.
func (g *Gateway) askSoon() {
	if !g.mayAsk() {
		return
	}
	select {
	case g.refresh.soon <- struct{}{}:
	default:
	}
}

// mayAsk says that the centre was not asked a moment ago because of somebody who was refused.
func (g *Gateway) mayAsk() bool {
	now := g.now()
	g.refresh.stateMu.Lock()
	defer g.refresh.stateMu.Unlock()
	if now.Sub(g.refresh.stranger) < strangerEvery && !now.Before(g.refresh.stranger) {
		return false
	}
	g.refresh.stranger = now
	return true
}

func (g *Gateway) runRefresh(ctx context.Context) {
	wait := time.Duration(0)
	for {
		if !g.rest(ctx, wait) {
			return
		}
		err := g.Refresh(ctx)
		wait = g.pause(wait, err)
		if err := g.ReloadRights(ctx); err != nil && ctx.Err() == nil { // somebody may have changed them from another process
			g.set.Log.Error("rights not reloaded", "error", err)
		}
	}
}

// rest waits, in short steps: a machine that was asleep, or whose clock was set, finds
// its configuration run out at once, even if that came between the last try and now.
// It says false when ctx has ended.
func (g *Gateway) rest(ctx context.Context, wait time.Duration) bool {
	for begun, calm := time.Now(), !g.urgent(); ; { //nolint:forbidigo // how long it waited, whatever the clock says
		left := wait - time.Since(begun)
		urgent := g.urgent()
		if urgent {
			left = min(wait, urgentEvery) - time.Since(begun)
		}
		if left <= 0 || calm && urgent {
			return ctx.Err() == nil
		}
		select {
		case <-ctx.Done():
			return false
		case <-g.refresh.soon:
			return ctx.Err() == nil
		case <-time.After(min(left, urgentEvery)):
		}
	}
}

// pause is how long to wait after a try: after one that failed first a quarter of the
// period, then twice as long each time up to the whole, so that what the centre decides
// arrives within a period of its return; a few seconds when nothing new can be begun.
// No two gateways keep step.
func (g *Gateway) pause(last time.Duration, err error) time.Duration {
	wait := g.set.RefreshEvery
	if err != nil {
		wait = min(max(2*last, g.set.RefreshEvery/4), g.set.RefreshEvery)
	}
	if g.urgent() {
		wait = min(wait, urgentEvery)
	}
	return wait - time.Duration(rand.Int64N(int64(wait/4)+1)) //nolint:gosec // only to spread them
}
