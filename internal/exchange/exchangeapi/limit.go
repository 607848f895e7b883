package exchangeapi

import (
	"sync"
	"time"

	"dean06/internal/platform/clock"
)

// How often the centre lets anybody try to join in a minute: from one machine,
// and in all.
const (
	joinsOfOne = 10
	joinsOfAll = 120
)

// limiter counts tries in the present minute.
type limiter struct {
	clock  clock.Clock
	mu     sync.Mutex
	minute time.Time
	all    int
	of     map[string]int
}

func newLimiter(c clock.Clock) *limiter { return &limiter{clock: c} }

func (l *limiter) allow(host string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := l.clock.Now().Truncate(time.Minute); !m.Equal(l.minute) {
		l.minute, l.all, l.of = m, 0, map[string]int{}
	}
	if l.all >= joinsOfAll || l.of[host] >= joinsOfOne {
		return false
	}
	l.all++
	l.of[host]++
	return true
}
