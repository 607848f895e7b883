package gateway

import (
	"hash/maphash"
	"sync"
	"time"
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
}

func newReplayGuard(at time.Time) *replayGuard {
	return &replayGuard{seed: maphash.MakeSeed(), now: map[uint64]struct{}{}, old: map[uint64]struct{}{}, turn: at.Add(remembered)}
}

// meet says whether none of the words has been met, and remembers them.
func (g *replayGuard) meet(at time.Time, words ...string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !at.Before(g.turn) {
		g.old, g.now = g.now, make(map[uint64]struct{}, len(g.now)/2)
		g.turn = at.Add(remembered)
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
