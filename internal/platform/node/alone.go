package node

import (
	"context"
	"errors"
	"sync"
	"time"

	"dean06/internal/platform/sqldb"
)

// wholeNode is the lease of a node that nobody else may run: that of an SQLite file.
const wholeNode = "node"

// leases are what this process has to itself, renewed until the node is closed.
type leases struct {
	mu    sync.Mutex
	held  map[string]*sqldb.Lease
	stop  context.CancelFunc
	keep  context.Context //nolint:containedctx // of the node, between Open and Close
	kept  sync.WaitGroup
	ended chan error // the first that was lost
}

// Alone takes what one process at a time may do, such as writing the message log, until
// the node is closed; a second time it gives what is held already. It fails with
// Conflict when another process has it. When it is lost later, Serve ends.
func (b *Base) Alone(ctx context.Context, name string) (*sqldb.Lease, error) {
	s := &b.leases
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.held[name]; l != nil {
		return l, nil
	}
	l, err := b.DB.Claim(ctx, name, func(h sqldb.Holder) {
		b.Log.Warn("another process had this database and is silent; waiting until its lease lapses",
			"lease", name, "host", h.Host, "pid", h.PID)
	})
	if err != nil {
		return nil, err
	}
	if s.held == nil {
		s.held = map[string]*sqldb.Lease{}
		s.keep, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	}
	s.held[name] = l
	ended := s.end()
	s.kept.Go(func() {
		if err := l.Keep(s.keep); err != nil {
			select {
			case ended <- err:
			default:
			}
		}
	})
	return l, nil
}

func (s *leases) end() chan error {
	if s.ended == nil {
		s.ended = make(chan error, 1)
	}
	return s.ended
}

// lost waits until a lease is lost or ctx ends.
func (s *leases) lost(ctx context.Context) error {
	s.mu.Lock()
	ended := s.end()
	s.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		return err
	}
}

// release gives everything back.
func (s *leases) release() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop == nil {
		return nil
	}
	s.stop()
	s.kept.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.keep), 3*time.Second)
	defer cancel()
	var all error
	for _, l := range s.held {
		all = errors.Join(all, l.Release(ctx))
	}
	s.held, s.stop = nil, nil
	return all
}
