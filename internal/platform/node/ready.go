package node

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
)

const (
	// readyFor is how long what /readyz found counts: whoever asks often makes no work.
	readyFor = 2 * time.Second
	// readyWithin is how long somebody waits for it at most.
	readyWithin = 5 * time.Second
)

// readiness is what the last vital check found.
type readiness struct {
	mu    sync.Mutex
	at    time.Time
	found []health.Finding
	open  int           // alarms
	asked chan struct{} // closed when the check under way has ended; nil without one
}

// vital gives what the vital checks found within the last two seconds; ok is false when they
// do not come to an end.
func (n *Node) vital(ctx context.Context) (found []health.Finding, alarms int, ok bool) {
	r := &n.looked
	r.mu.Lock()
	if r.asked == nil {
		if age := n.Clock.Now().Sub(r.at); age >= 0 && age < readyFor {
			defer r.mu.Unlock()
			return r.found, r.open, true
		}
		asked := make(chan struct{})
		r.asked = asked
		go func() { // whoever asked first may go away; the others wait for it all the same
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyWithin)
			defer cancel()
			found := n.Examine(ctx, health.Vital)
			open, err := n.Alarms.Open(ctx)
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.found, r.at, r.asked = found, n.Clock.Now(), nil; err == nil {
				r.open = len(open)
			}
			close(asked)
		}()
	}
	asked := r.asked
	r.mu.Unlock()
	limit := time.NewTimer(readyWithin)
	defer limit.Stop()
	select {
	case <-asked:
	case <-ctx.Done():
		return nil, 0, false
	case <-limit.C:
		return nil, 0, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.found, r.open, true
}

// ready says whether the node can do its work, with the reasons when it cannot, in words
// that may be read by anybody.
func (n *Node) ready(ctx context.Context) (bool, []string) {
	p := i18n.From(ctx)
	found, alarms, ok := n.vital(ctx)
	if !ok {
		return false, []string{p.T("node.ready.slow", fault.Args{"seconds": int(readyWithin.Seconds())})}
	}
	var lines []string
	for _, f := range found {
		if !f.Stops || f.Level != health.Failing {
			continue
		}
		line := p.T("node.ready.other", fault.Args{"check": f.Check})
		if key := "node.ready." + f.Check; p.Has(key) {
			line = p.T(key)
		}
		if line = fmt.Sprintf("%s: %s", f.Check, line); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	ready := len(lines) == 0
	if alarms > 0 {
		lines = append(lines, p.T("node.ready.alarms", fault.Args{"n": alarms}))
	}
	return ready, lines
}
