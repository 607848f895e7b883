package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
)

const (
	queueLimit  = 4096
	batchLimit  = 512
	logTimeout  = 30 * time.Second
	headRecords = 10_000
	busy        = 16 // calls at once
	gatherFor   = 500 * time.Microsecond
)

var (
	errLogClosed = errors.New("the gateway is stopping")
	errTwo       = errors.New(
		"another gateway process writes to the same message log; two of them must not run on one database, so this one stops",
	)
)

// entry is records that are written together, and whoever waits for that.
type entry struct {
	records []exchange.Record
	sealed  [][]byte // kept bodies of the records; nil, or nil in it, where none is kept
	use     *exchange.Use
	done    chan error
}

// logWriter writes the message log: one goroutine, as many waiting entries in a
// transaction as there are. A message goes on its way only when its record is safe.
type logWriter struct {
	g      *Gateway
	store  exchange.LogStore
	queue  chan *entry
	closed chan struct{}

	// Of the goroutine that writes.
	tree   *exchange.Tree
	unsure bool              // the store may be ahead of tree
	wanted exchange.Frontier // where the last failed batch would have ended
	two    bool
	head   int64
	headAt time.Time

	size    atomic.Int64
	mu      sync.Mutex
	fault   string
	lastOne time.Time // head
}

var doneChans = sync.Pool{New: func() any { return make(chan error, 1) }}

func openLog(ctx context.Context, g *Gateway) (*logWriter, error) {
	w := &logWriter{g: g, store: g.set.Store, queue: make(chan *entry, queueLimit), closed: make(chan struct{})}
	if err := w.reload(ctx); err != nil {
		return nil, err
	}
	h, ok, err := w.store.LastHead(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the last head of the log: %w", err)
	}
	if ok {
		w.head, w.headAt, w.lastOne = h.Size, h.At, h.At
	}
	return w, nil
}

// reload goes on where the store is.
func (w *logWriter) reload(ctx context.Context) error {
	f, err := w.store.Frontier(ctx)
	if err != nil {
		return fmt.Errorf("read where the log ends: %w", err)
	}
	w.tree, err = exchange.NewTree(f)
	if err != nil {
		return fmt.Errorf("read where the log ends: %w", err)
	}
	w.size.Store(f.Size)
	w.unsure = false
	return nil
}

// write returns when all records are safe, or an error when none is.
func (w *logWriter) write(ctx context.Context, e entry) error {
	for i := range e.records {
		e.records[i].Leaf = e.records[i].Commitment.Leaf()
	}
	e.done = doneChans.Get().(chan error)
	select {
	case w.queue <- &e:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-w.closed:
		return errLogClosed
	}
	select {
	case err := <-e.done:
		doneChans.Put(e.done)
		return err
	case <-w.closed:
		// It may have been the last that was written.
		select {
		case err := <-e.done:
			return err
		default:
			return errLogClosed
		}
	}
}

// run writes until ctx ends, and then what still waits. It fails when the log turns
// out to have another writer.
func (w *logWriter) run(ctx context.Context) error {
	defer close(w.closed)
	tick := time.NewTicker(w.g.set.HeadEvery)
	defer tick.Stop()
	batch := make([]*entry, 0, batchLimit)
	for {
		select {
		case e := <-w.queue:
			batch = append(batch[:0], e)
		case <-tick.C:
			w.makeHead(context.WithoutCancel(ctx))
			continue
		case <-ctx.Done():
			for {
				if batch = w.more(batch[:0]); len(batch) == 0 {
					w.makeHead(context.WithoutCancel(ctx))
					return nil
				}
				w.flush(context.WithoutCancel(ctx), batch)
			}
		}
		w.flush(context.WithoutCancel(ctx), w.gather(batch))
		if w.two {
			return errTwo
		}
		if w.size.Load()-w.head >= headRecords && !w.g.stamps.failing() {
			w.makeHead(context.WithoutCancel(ctx))
		}
	}
}

// gather takes what waits, and on a busy gateway a little of what is about to come: a
// transaction of thirty records costs hardly more than one of three.
func (w *logWriter) gather(batch []*entry) []*entry {
	batch = w.more(batch)
	if running := len(w.g.calls) + len(w.g.serves); running > busy && len(batch) < running/4 {
		time.Sleep(gatherFor)
		batch = w.more(batch)
	}
	return batch
}

// more takes what waits.
func (w *logWriter) more(batch []*entry) []*entry {
	for len(batch) < batchLimit {
		select {
		case e := <-w.queue:
			batch = append(batch, e)
		default:
			return batch
		}
	}
	return batch
}

func (w *logWriter) flush(ctx context.Context, batch []*entry) {
	err := w.append(ctx, batch)
	w.setFault(err)
	for _, e := range batch {
		e.done <- err
	}
}

func (w *logWriter) append(ctx context.Context, batch []*entry) error {
	ctx, cancel := context.WithTimeout(ctx, logTimeout)
	defer cancel()
	if w.unsure {
		if err := w.reload(ctx); err != nil {
			return err
		}
	}
	before := w.tree.Frontier()
	b := exchange.Batch{Records: make([]exchange.Record, 0, len(batch)+len(batch)/4)}
	now := w.g.now()
	for _, e := range batch {
		for i := range e.records {
			r := e.records[i]
			r.Seq, r.At = before.Size+int64(len(b.Records)), now
			r.Leaf = exchange.LeafOver(r.Leaf, r.Details()) // until now that of the commitment
			b.Tiles = append(b.Tiles, w.tree.Append(r.Leaf)...)
			b.Records = append(b.Records, r)
			if i < len(e.sealed) && e.sealed[i] != nil {
				b.Bodies = append(b.Bodies, exchange.Body{Seq: r.Seq, Sealed: e.sealed[i]})
			}
		}
		if e.use != nil {
			b.Uses = append(b.Uses, *e.use)
		}
	}
	b.Frontier = w.tree.Frontier()
	b.Uses = sumUses(b.Uses)
	err := w.store.Append(ctx, b)
	if err == nil {
		w.size.Store(b.Frontier.Size)
		return nil
	}
	// A commit whose answer was lost is a success: the log ends where we wanted it to.
	w.unsure = true
	again, cancel := context.WithTimeout(context.WithoutCancel(ctx), logTimeout)
	defer cancel()
	if w.reload(again) != nil {
		w.wanted = b.Frontier
		return fmt.Errorf("write the message log: %w", err)
	}
	switch now := w.tree.Frontier(); {
	case same(now, b.Frontier):
		return nil
	case fault.Of(err) == fault.Conflict && !same(now, before) && !same(now, w.wanted): // nor is it a batch of ours that came through late
		w.two = true
		return errTwo
	}
	w.wanted = b.Frontier
	return fmt.Errorf("write the message log: %w", err)
}

func same(a, b exchange.Frontier) bool { return a.Size == b.Size && slices.Equal(a.Hashes, b.Hashes) }

// sumUses adds up what concerns the same right and window.
func sumUses(list []exchange.Use) []exchange.Use {
	out := list[:0]
next:
	for _, u := range list {
		for i := range out {
			if out[i].RightID == u.RightID && out[i].Window.Equal(u.Window) {
				out[i].Calls += u.Calls
				continue next
			}
		}
		out = append(out, u)
	}
	return out
}

func (w *logWriter) setFault(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	w.mu.Lock()
	changed := (text == "") != (w.fault == "")
	w.fault = text
	w.mu.Unlock()
	if changed && err != nil {
		w.g.set.Log.Error("message log cannot be written; calls are refused", "error", err)
	}
	if changed && err == nil {
		w.g.set.Log.Info("message log can be written again")
	}
}

func (w *logWriter) state() (fault string, lastHead time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fault, w.lastOne
}

// makeHead signs where the log stands now, when it has grown. While stamps are owed
// heads are made more seldom: a later stamp covers all that is before it.
func (w *logWriter) makeHead(ctx context.Context) {
	now := w.g.now()
	if w.unsure || w.size.Load() == w.head || w.g.stamps.failing() && now.Sub(w.headAt) < 60*w.g.set.HeadEvery && now.After(w.headAt) {
		return
	}
	h := exchange.Head{Size: w.size.Load(), Root: w.tree.Root(), At: now}
	err := w.g.signHead(&h)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, logTimeout)
		defer cancel()
		err = w.store.SaveHead(ctx, h)
	}
	if err != nil {
		w.g.set.Log.Error("head of the message log cannot be written", "error", err)
		return
	}
	w.head, w.headAt = h.Size, now
	w.mu.Lock()
	w.lastOne = now
	w.mu.Unlock()
	w.g.stamps.wake()
}
