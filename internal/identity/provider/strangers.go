package provider

import (
	"cmp"
	"sync"
	"time"

	"dean06/internal/platform/throttle"
)

// How much those may make us keep who have shown nothing yet, in a minute: from one address
// (an office behind one, too), and all together.
const (
	fromOne   = 600
	fromAll   = 12000
	addresses = 20000
)

// strangers counts what is kept for people who have shown nothing yet. It is bounded
// itself, and forgets everything each minute.
type strangers struct {
	mu    sync.Mutex
	since time.Time
	all   int
	of    map[string]int
}

func (s *strangers) lets(address string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil || now.Sub(s.since).Abs() >= time.Minute {
		s.since, s.all, s.of = now, 0, map[string]int{}
	}
	key := cmp.Or(throttle.Net(address), address)
	if _, known := s.of[key]; !known && len(s.of) >= addresses {
		key = "" // so many: the rest are counted as one
	}
	if s.all >= fromAll || s.of[key] >= fromOne {
		return false
	}
	s.all++
	s.of[key]++
	return true
}
