package uploadweb

import (
	"strings"
	"testing"
	"time"
)

// TestPaced: a sender may be silent for a while, and a piece may not take for ever.
func TestPaced(t *testing.T) {
	t.Parallel()
	var set []time.Time
	note := func(at time.Time) error {
		set = append(set, at)
		return nil
	}
	now := time.Now()
	p := &paced{r: strings.NewReader("abc"), set: note, until: now.Add(whole)}
	if n, err := p.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	p.until = now.Add(time.Second)
	if _, err := p.Read(make([]byte, 1)); err != nil {
		t.Error(err)
	}
	p.until = now.Add(-time.Second)
	if n, err := p.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("after its time: %d, %v", n, err)
	}
	if len(set) != 2 || set[0].Before(now.Add(idle)) || set[0].After(now.Add(whole)) || !set[1].Equal(now.Add(time.Second)) {
		t.Errorf("deadlines %v", set)
	}
}
