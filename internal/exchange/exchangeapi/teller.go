package exchangeapi

import (
	"context"
	"fmt"
	"sync"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
)

// Log is a log whose heads are shown to the centre.
type Log interface {
	Name() string
	Size(ctx context.Context) (int64, error)
	Root(ctx context.Context, size int64) (ledger.Digest, error)
	LastHead(ctx context.Context) (h ledger.Head, ok bool, err error)
	// Consistency shows that the log of size to begins with the log of size from. It fails
	// with Conflict when the log cannot show it.
	Consistency(ctx context.Context, from, to int64) ([]ledger.Digest, error)
}

// Reporter brings a report to the centre: a Membership.
type Reporter interface {
	Report(ctx context.Context, r exchange.Report) (a exchange.ReportAnswer, ok bool, err error)
	// Witness says what the centre holds.
	Witness(ctx context.Context) (exchange.Witness, error)
}

// Teller shows the centre the heads of a node's logs, each with the proof that it goes on
// from the one that the centre holds, and remembers what the centre said. Many may use it
// at once.
type Teller struct {
	one sync.Mutex // one tells at a time

	mu   sync.Mutex
	said exchange.ReportAnswer
	at   time.Time // of the last answer; zero while there was none
}

// Said is what the centre answered last, and when; at is zero while it has not.
func (t *Teller) Said() (a exchange.ReportAnswer, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.said, t.at
}

// held is the head that the centre holds of a chain, as far as is known; the zero one when
// it holds none.
func (t *Teller) held(chain string) exchange.SeenHead {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range t.said.Heads {
		if h.Of(chain) {
			return h
		}
	}
	return exchange.SeenHead{}
}

// learn asks what the centre holds before the first report: what it is shown then is what
// it has to be shown. When it does not say, the answer to the report does.
func (t *Teller) learn(ctx context.Context, from Reporter) {
	if _, at := t.Said(); !at.IsZero() {
		return
	}
	if w, err := from.Witness(ctx); err == nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.said.Heads = w.Heads
	}
}

// tries is how often a report is sent until what has to be proved is known: the answer to
// the first one says it.
const tries = 3

// Tell reports, with the heads of logs at this moment. ok is false when the centre's
// program knows no witnesses.
func (t *Teller) Tell(ctx context.Context, to Reporter, r exchange.Report, logs []Log, now func() time.Time) (exchange.ReportAnswer, bool, error) {
	t.one.Lock()
	defer t.one.Unlock()
	t.learn(ctx, to)
	for try := 1; ; try++ {
		r.At = now()
		var err error
		if r.Heads, err = t.heads(ctx, logs); err != nil {
			return exchange.ReportAnswer{}, false, err
		}
		r.Head = nil
		for i, h := range r.Heads {
			if h.Head.Of(ledger.Messages) {
				r.Head = &r.Heads[i].Head // for a centre of an earlier program
			}
		}
		a, ok, err := to.Report(ctx, r)
		if err != nil || !ok {
			return a, ok, err
		}
		t.mu.Lock()
		t.said, t.at = a, r.At
		t.mu.Unlock()
		if try == tries || !missed(r.Heads, a.Heads) {
			return a, true, nil
		}
	}
}

// missed says that a head was sent without the proof that the centre wants.
func missed(sent []exchange.ReportedHead, held []exchange.SeenHead) bool {
	for _, s := range sent {
		for _, h := range held {
			if h.Of(s.Head.Chain) && h.Size > 0 && h.Size < s.Head.Size && h.Size != s.From {
				return true
			}
		}
	}
	return false
}

func (t *Teller) heads(ctx context.Context, logs []Log) ([]exchange.ReportedHead, error) {
	out := []exchange.ReportedHead{}
	for _, log := range logs {
		head, ok, err := log.LastHead(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the last head of %s: %w", log.Name(), err)
		}
		if !ok || len(out) == exchange.MaxChains {
			continue // the centre says when one is missing that it has seen
		}
		held := t.held(log.Name())
		r := exchange.ReportedHead{Head: head, From: held.Size}
		r.Head.Chain = log.Name()
		switch {
		case r.From > head.Size:
			has, err := reaches(ctx, log, held)
			if err != nil {
				return nil, err
			}
			if has {
				continue // its next head will say so: records were put back after a failover
			}
			r.From = 0 // there is nothing to prove: the log is shorter
		case r.From > 0 && r.From < head.Size:
			r.Proof, err = log.Consistency(ctx, r.From, head.Size)
			if err != nil && fault.Of(err) != fault.Conflict {
				return nil, fmt.Errorf("prove that %s goes on: %w", log.Name(), err)
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// reaches says whether a log has all that the centre saw of it, whatever its last head.
func reaches(ctx context.Context, log Log, held exchange.SeenHead) (bool, error) {
	size, err := log.Size(ctx)
	if err != nil || size < held.Size {
		return false, err
	}
	root, err := log.Root(ctx, held.Size)
	if fault.Of(err) == fault.Conflict {
		return false, nil // it cannot be computed any more
	}
	return err == nil && root == held.Root, err
}
