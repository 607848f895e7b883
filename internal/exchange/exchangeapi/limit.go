package exchangeapi

import (
	"sync"
	"time"

	"dean06/internal/platform/clock"
)

// How often in a minute: a token that is proven may be used by its holder, and whoever
// proves nothing may try, from one machine and in all. What strangers do never counts
// against a holder, who may sit behind the same address.
const (
	joinsOfToken = 10
	triesOfOne   = 10
	triesOfAll   = 120
	showsOfOne   = 10
	showsOfAll   = 120
)

// limiter counts tries in the present minute.
type limiter struct {
	clock  clock.Clock
	one    int // of one
	most   int // of all; 0 is without end
	mu     sync.Mutex
	minute time.Time
	all    int
	of     map[string]int
}

func newLimiter(c clock.Clock, one, most int) *limiter {
	return &limiter{clock: c, one: one, most: most}
}

func (l *limiter) allow(who string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := l.clock.Now().Truncate(time.Minute); !m.Equal(l.minute) {
		l.minute, l.all, l.of = m, 0, map[string]int{}
	}
	if l.most > 0 && l.all >= l.most || l.of[who] >= l.one {
		return false
	}
	l.all++
	l.of[who]++
	return true
}

// A body is read before it is known whose it is, because what proves it stands in it. So
// small ones are read of anybody, and of large ones a few at once.
const (
	smallBody   = 64 << 10
	bodyTimeout = 20 * time.Second
)

// How many large bodies the centre reads at once, configurations that are shown and
// applications each: of one machine one.
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
