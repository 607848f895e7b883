package readiness

import (
	"context"
	"sync"
)

// cache keeps the last answers to questions. A key holds the revision of the
// campaign, so that what changed is asked anew; an error is not kept.
type cache[V any] struct {
	mu      sync.Mutex
	entries map[string]*cached[V]
	asked   int // grows with each question, and so tells old from new
}

type cached[V any] struct {
	once  sync.Once
	value V
	err   error
	used  int
}

const maxCached = 64

// get gives what make made for the key; many who ask at once wait for one, whose
// going away does not stop it.
func (c *cache[V]) get(ctx context.Context, key string, make func(context.Context) (V, error)) (V, error) {
	c.mu.Lock()
	e := c.entries[key]
	if e == nil {
		if c.entries == nil {
			c.entries = map[string]*cached[V]{}
		}
		if len(c.entries) >= maxCached {
			c.forgetOldest()
		}
		e = &cached[V]{}
		c.entries[key] = e
	}
	c.asked++
	e.used = c.asked
	c.mu.Unlock()
	e.once.Do(func() { e.value, e.err = make(context.WithoutCancel(ctx)) })
	if e.err != nil {
		c.mu.Lock()
		if c.entries[key] == e {
			delete(c.entries, key)
		}
		c.mu.Unlock()
	}
	return e.value, e.err
}

func (c *cache[V]) forgetOldest() {
	oldest := ""
	for k, e := range c.entries {
		if oldest == "" || e.used < c.entries[oldest].used {
			oldest = k
		}
	}
	delete(c.entries, oldest)
}
