package board

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestShelfIsBounded puts more on the shelf than it holds, from many at once.
func TestShelfIsBounded(t *testing.T) {
	t.Parallel()
	var s shelf
	page := strings.Repeat("x", shelfSize/32)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 16 {
				key := fmt.Sprint(i, "/", j)
				s.put(key, page)
				if got, ok := s.get(key); ok && got != page {
					t.Errorf("got another page for %s", key)
				}
			}
		})
	}
	wg.Wait()
	if s.size > shelfSize || s.size != len(s.bodies)*len(page) || s.order.Len() != len(s.bodies) {
		t.Errorf("got %d bytes in %d pages, want at most %d", s.size, len(s.bodies), shelfSize)
	}
	s.put("last", page)
	if _, ok := s.get("last"); !ok {
		t.Error("got no page that was just put there")
	}
	s.put("huge", strings.Repeat("x", shelfSize))
	if _, ok := s.get("huge"); ok {
		t.Error("got a page kept that would push out all others")
	}
}
