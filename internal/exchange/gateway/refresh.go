package gateway

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"dean06/internal/exchange"
)

const (
	fetchTimeout    = 15 * time.Second
	strangerEvery   = 5 * time.Second // how often a certificate that nobody knows may make us ask the centre
	strangerTimeout = 3 * time.Second
	slowest         = 4 // at most so many refresh periods between tries while the centre is away
)

// refresher asks the centre for its configuration.
type refresher struct {
	mu       sync.Mutex // one asks at a time
	fault    string
	lastTry  time.Time
	stateMu  sync.Mutex
	stranger time.Time
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
	list := g.set.Authorities
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
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	err := g.fetch(ctx)
	g.refresh.stateMu.Lock()
	before := g.refresh.fault
	g.refresh.lastTry, g.refresh.fault = g.now(), ""
	if err != nil {
		g.refresh.fault = err.Error()
	}
	g.refresh.stateMu.Unlock()
	if err != nil && before == "" {
		g.set.Log.Warn("configuration not refreshed", "error", err)
	}
	g.turnIdentity()
	return err
}

func (g *Gateway) fetch(ctx context.Context) error {
	s, err := g.set.Configurations(ctx)
	if err != nil {
		return fmt.Errorf("ask the centre for the configuration: %w", err)
	}
	now := g.now()
	cfg, err := exchange.Open(s, g.authorities(), now)
	if err != nil {
		return fmt.Errorf("configuration of the centre: %w", err)
	}
	old := g.view.Load()
	if old != nil {
		switch {
		case cfg.Instance != old.cfg.Instance:
			return fmt.Errorf("configuration of the centre: it is for instance %s", cfg.Instance)
		case cfg.Serial < old.cfg.Serial:
			return fmt.Errorf("configuration of the centre: number %d is older than number %d, which is here", cfg.Serial, old.cfg.Serial)
		case cfg.Serial == old.cfg.Serial && sha256.Sum256(s.Body) != old.sum:
			return fmt.Errorf("configuration of the centre: there are two of number %d", cfg.Serial)
		}
	} else if cfg.Instance != g.set.Member.Instance {
		return fmt.Errorf("configuration of the centre: it is for instance %s", cfg.Instance)
	}
	if cfg.FreshAt(now) == exchange.Expired {
		return errors.New("configuration of the centre: it has expired")
	}
	if old != nil && cfg.Serial == old.cfg.Serial {
		g.view.Store(old.again(now))
		return nil
	}
	if err := g.set.Store.SaveConfiguration(ctx, s, cfg.Serial, now); err != nil {
		g.set.Log.Error("configuration not stored", "error", err) // it counts all the same
	}
	g.view.Store(newView(cfg, s, now))
	return nil
}

// refreshForStranger asks the centre because of a certificate that is not known:
// it may be a renewed one. Strangers cannot make this gateway ask without end.
func (g *Gateway) refreshForStranger() {
	now := g.now()
	g.refresh.stateMu.Lock()
	soon := now.Sub(g.refresh.stranger) < strangerEvery && !now.Before(g.refresh.stranger)
	if !soon {
		g.refresh.stranger = now
	}
	g.refresh.stateMu.Unlock()
	if soon {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), strangerTimeout)
	defer cancel()
	_ = g.Refresh(ctx) // the state says what went wrong
}

func (g *Gateway) runRefresh(ctx context.Context) {
	wait := time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if err := g.Refresh(ctx); err != nil {
			wait = min(max(2*wait, g.set.RefreshEvery/4), slowest*g.set.RefreshEvery)
		} else {
			wait = g.set.RefreshEvery
		}
		if err := g.ReloadRights(ctx); err != nil && ctx.Err() == nil { // somebody may have changed them from another process
			g.set.Log.Error("rights not reloaded", "error", err)
		}
	}
}
