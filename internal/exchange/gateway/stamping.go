package gateway

import (
	"context"
	"fmt"
	"sync"
	"time"

	"dean06/internal/exchange"
)

const (
	stampTimeout = 15 * time.Second
	stampsAtOnce = 50
)

// stamps is how the time-stamping of the log's heads goes. A stamp that cannot be
// had is owed; nothing waits for it.
type stamps struct {
	once sync.Once
	bell chan struct{}

	mu    sync.Mutex
	fault string
	last  time.Time
}

func (s *stamps) ring() chan struct{} {
	s.once.Do(func() { s.bell = make(chan struct{}, 1) })
	return s.bell
}

// wake says that there is a head to stamp.
func (s *stamps) wake() {
	select {
	case s.ring() <- struct{}{}:
	default:
	}
}

func (s *stamps) failing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault != ""
}

func (s *stamps) state() (fault string, last time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault, s.last
}

func (g *Gateway) runStamps(ctx context.Context) {
	if g.set.Stamp == nil {
		return
	}
	tick := time.NewTicker(g.set.StampEvery)
	defer tick.Stop()
	for {
		for g.payStamps(ctx) {
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-g.stamps.ring():
			if g.stamps.failing() {
				select { // not at once again
				case <-ctx.Done():
					return
				case <-tick.C:
				}
			}
		}
	}
}

// payStamps has some heads stamped; more says that there are others, and that it goes well.
func (g *Gateway) payStamps(ctx context.Context) (more bool) {
	heads, err := g.set.Store.Unstamped(ctx, stampsAtOnce)
	for _, h := range heads {
		if err = g.stampHead(ctx, h); err != nil {
			break
		}
	}
	if ctx.Err() != nil {
		return false
	}
	g.stamps.mu.Lock()
	before := g.stamps.fault
	g.stamps.fault = ""
	if err != nil {
		g.stamps.fault = err.Error()
	} else if len(heads) > 0 {
		g.stamps.last = g.now()
	}
	g.stamps.mu.Unlock()
	if err != nil && before == "" {
		g.set.Log.Warn("no time stamp; it is owed", "error", err)
	}
	return err == nil && len(heads) == stampsAtOnce
}

func (g *Gateway) stampHead(ctx context.Context, h exchange.Head) error {
	ctx, cancel := context.WithTimeout(ctx, stampTimeout)
	defer cancel()
	token, at, err := g.set.Stamp(ctx, h.Stamped())
	if err != nil {
		return fmt.Errorf("ask for a time stamp: %w", err)
	}
	h.Token, h.StampedAt = token, at
	return g.set.Store.SaveHead(ctx, h)
}
