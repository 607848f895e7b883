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

// How many configurations that are shown the centre reads at once: of one machine one.
const showsAtOnce = 4

// places are taken by those whose body is being read.
type places struct {
	mu sync.Mutex
	of map[string]bool
}

func (p *places) enter(host string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of[host] || len(p.of) >= showsAtOnce {
		return false
	}
	if p.of == nil {
		p.of = map[string]bool{}
	}
	p.of[host] = true
	return true
}

func (p *places) leave(host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.of, host)
}

const (
	cacheFor  = 2 * time.Second
	mostCache = 1000 // gateways
)

// cache keeps what is told to anybody for a moment, so that asking without end costs little.
type cache struct {
	clock clock.Clock
	mu    sync.Mutex
	of    map[string]cached
}

type cached struct {
	body []byte
	at   time.Time
}

func (c *cache) get(key string, find func(key string) ([]byte, error)) ([]byte, error) {
	now := c.clock.Now()
	c.mu.Lock()
	if found, ok := c.of[key]; ok && now.Sub(found.at).Abs() < cacheFor {
		c.mu.Unlock()
		return found.body, nil
	}
	c.mu.Unlock()
	body, err := find(key)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil || len(c.of) >= mostCache {
		c.of = map[string]cached{}
	}
	c.of[key] = cached{body, now}
	return body, nil
}

// forget lets the next that asks hear what is new.
func (c *cache) forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.of, key)
}
