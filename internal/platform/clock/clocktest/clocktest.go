// Package clocktest is a clock that a test sets.
package clocktest

import (
	"sync"
	"time"

	"dean06/internal/platform/clock"
)

// Clock stands still until a test moves it.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now is the moment at which it stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at.UTC()
}

// Set sets it to "2026-11-24 09:00", in Vietnam.
func (c *Clock) Set(text string) {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, clock.Zone)
	if err != nil {
		panic(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = t
}

// Pass lets time pass.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
