package gateway

import (
	"context"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"dean06/internal/exchange"
)

// remembered is for how long at least a message is known again. A message is taken
// only within exchange.MaxSkew of its making, so twice that is enough.
const remembered = 5 * time.Minute

// replayGuard knows the request ids and nonces of the last minutes again: those of
// two generations, as hashes, so that a busy gateway spends little on it. A chance
// equality of hashes refuses a call in 10¹³.
type replayGuard struct {
	mu       sync.Mutex
	seed     maphash.Seed
	now, old map[uint64]struct{}
	turn     time.Time
	since    time.Time // everything met since then is known again
}

func newReplayGuard(at time.Time) *replayGuard {
	return &replayGuard{
		seed: maphash.MakeSeed(), now: map[uint64]struct{}{}, old: map[uint64]struct{}{}, turn: at.Add(remembered), since: at.Add(-remembered),
	}
}

// reaches says whether the memory goes back far enough for a message made at a moment.
// It always does, unless the clock was set back.
func (g *replayGuard) reaches(created time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !created.Add(-exchange.MaxSkew).Before(g.since)
}

// logged asks the log about a message that is older than the memory.
func (g *Gateway) logged(ctx context.Context, requestID string) (bool, error) {
	list, err := g.set.Store.Message(ctx, requestID)
	return slices.ContainsFunc(list, func(r exchange.Record) bool {
		return r.Side == exchange.Provider && r.Commitment.Kind == exchange.Request && r.Commitment.RequestID == requestID
	}), err
}

// meet says whether none of the words has been met, and remembers them.
func (g *replayGuard) meet(at time.Time, words ...string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !at.Before(g.turn) {
		g.old, g.now = g.now, make(map[uint64]struct{}, len(g.now)/2)
		g.since, g.turn = g.turn.Add(-remembered), at.Add(remembered)
	}
	for _, w := range words {
		k := maphash.String(g.seed, w)
		if _, met := g.now[k]; met {
			return false
		}
		if _, met := g.old[k]; met {
			return false
		}
	}
	for _, w := range words {
		g.now[maphash.String(g.seed, w)] = struct{}{}
	}
	return true
}
