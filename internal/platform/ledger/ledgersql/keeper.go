package ledgersql

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
)

const (
	keepEvery    = 10 * time.Second
	stampsAtOnce = 50
)

// Keeper grows the trees of a node's chains beside the logs, and signs where they stand:
// no writer of a log waits for it.
type Keeper struct {
	Chains []*Chain
	Sign   func(h *ledger.Head) error // fills in KeyID and Signature
	Stamp  func(ctx context.Context, data []byte) (token []byte, at time.Time, err error)
	Clock  clock.Clock
	Log    *slog.Logger
	// Broken is told once of a chain that does not go on from the last head that was seen.
	// No head is signed over it until the process starts again.
	Broken func(ctx context.Context, chain string, err error)
	Every  time.Duration // 10 seconds when zero

	mu     sync.Mutex
	last   map[string]ledger.Head
	broken map[string]bool
	owed   bool // a time stamp could not be had
}

// Run keeps the chains until ctx ends. What is written after that is for Step to sign,
// once nobody writes any more.
func (k *Keeper) Run(ctx context.Context) {
	every := k.Every
	if every == 0 {
		every = keepEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		k.Step(ctx)
		k.stamp(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Step grows and signs what is new.
func (k *Keeper) Step(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last == nil {
		k.last, k.broken = map[string]ledger.Head{}, map[string]bool{}
	}
	for _, c := range k.Chains {
		if k.broken[c.Name()] {
			continue
		}
		err := k.step(ctx, c)
		switch f := fault.As(err); {
		case err == nil || ctx.Err() != nil:
		case f != nil && f.Kind == fault.Conflict && f.Key != "ledger.moved":
			k.broken[c.Name()] = true
			k.Log.Error("a log does not go on from its last signed head", "chain", c.Name(), "error", err)
			if k.Broken != nil {
				k.Broken(ctx, c.Name(), err)
			}
		default:
			k.Log.Warn("the head of a log cannot be made", "chain", c.Name(), "error", err)
		}
	}
}

func (k *Keeper) step(ctx context.Context, c *Chain) error {
	size, err := c.Grow(ctx)
	if err != nil {
		return err
	}
	last, known := k.last[c.Name()]
	if !known {
		if last, known, err = c.LastHead(ctx); err != nil {
			return err
		}
	}
	if known && last.Size == size || size == 0 && !known {
		k.remember(last, known)
		return nil
	}
	if known {
		// What the database holds now must go on from what it held then.
		if err := ledger.GoesOn(ctx, c, last.Size, last.Root, size); err != nil {
			return err
		}
	}
	h := ledger.Head{Chain: c.Name(), Size: size, At: k.Clock.Now().UTC()}
	if h.Root, err = c.Root(ctx, size); err != nil {
		return err
	}
	if err := k.Sign(&h); err != nil {
		return err
	}
	if err := c.store.SaveHead(ctx, h); err != nil {
		return err
	}
	k.remember(h, true)
	return nil
}

func (k *Keeper) remember(h ledger.Head, known bool) {
	if known {
		k.last[h.Chain] = h
	}
}

// stamp has heads time-stamped; a stamp that cannot be had is owed.
func (k *Keeper) stamp(ctx context.Context) {
	if k.Stamp == nil || len(k.Chains) == 0 {
		return
	}
	store := k.Chains[0].store
	heads, err := store.Unstamped(ctx, stampsAtOnce)
	for _, h := range heads {
		if h.Token, h.StampedAt, err = k.Stamp(ctx, h.Stamped()); err == nil {
			err = store.SaveToken(ctx, h)
		}
		if err != nil {
			break
		}
	}
	if err != nil && !k.owed && ctx.Err() == nil {
		k.Log.Warn("no time stamp for the head of a log; it is owed", "error", err)
	}
	k.owed = err != nil
}
