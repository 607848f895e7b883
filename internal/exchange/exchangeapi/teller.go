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
	LastHead(ctx context.Context) (h ledger.Head, ok bool, err error)
	// Consistency shows that the log of size to begins with the log of size from. It fails
	// with Conflict when the log cannot show it.
	Consistency(ctx context.Context, from, to int64) ([]ledger.Digest, error)
}

// Reporter brings a report to the centre: a Membership.
type Reporter interface {
	Report(ctx context.Context, r exchange.Report) (a exchange.ReportAnswer, ok bool, err error)
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

// held is the size of the head that the centre holds of a chain, as far as is known.
func (t *Teller) held(chain string) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range t.said.Heads {
		if h.Of(chain) {
			return h.Size
		}
	}
	return 0
}

// tries is how often a report is sent until what has to be proved is known: the answer to
// the first one says it.
const tries = 3

// Tell reports, with the heads of logs at this moment. ok is false when the centre's
// program knows no witnesses.
func (t *Teller) Tell(ctx context.Context, to Reporter, r exchange.Report, logs []Log, now func() time.Time) (exchange.ReportAnswer, bool, error) {
	t.one.Lock()
	defer t.one.Unlock()
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
		r := exchange.ReportedHead{Head: head, From: t.held(log.Name())}
		r.Head.Chain = log.Name()
		switch {
		case r.From > head.Size:
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
