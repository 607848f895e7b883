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
	"dean06/internal/exchange/journal"
)

const (
	queueLimit  = 4096
	batchLimit  = 512
	logTimeout  = 30 * time.Second
	headRecords = 10_000
	busy        = 16 // calls at once
	gatherFor   = 500 * time.Microsecond
	// looseFor is how long a record at most waits for a flush that it can share.
	looseFor   = 20 * time.Millisecond
	maxWaiting = 200_000 // records that the table has not taken
)

var (
	errLogClosed = errors.New("the gateway is stopping")
	errTwo       = errors.New(
		"another gateway process writes to the same message log; two of them must not run on one database, so this one stops",
	)
)

// entry is records that are written together, and whoever waits for that.
type entry struct {
	journal.Entry
	// loose: the next step may begin once the records outlive this process; a later entry
	// of the same call waits until they outlive a power cut, and cannot before these do.
	loose    bool
	released bool // somebody has gone on with it
	done     chan error
}

// logWriter writes the message log: one goroutine, as many waiting entries in a flush of
// the journal as there are. A message goes on its way only when its record is safe. From
// the journal the mover brings the records to the table.
type logWriter struct {
	g      *Gateway
	queue  chan *entry
	closed chan struct{}
	mover  mover

	// Of the goroutine that writes.
	journal *journal.Journal
	loose   []*entry // were released before a flush that then failed: they are written again
	written []*entry // since the last flush

	size   atomic.Int64 // records that are safe
	opened atomic.Bool  // size is known: the journal was held against the table, since the start
	mu     sync.Mutex
	fault  string
}

var doneChans = sync.Pool{New: func() any { return make(chan error, 1) }}

func newLogWriter(g *Gateway) *logWriter {
	w := &logWriter{g: g, queue: make(chan *entry, queueLimit), closed: make(chan struct{})}
	w.mover.init(w)
	return w
}

// write returns when all records are safe, or an error when none is.
func (w *logWriter) write(ctx context.Context, e entry) error {
	if w.g.set.Alone != nil {
		if err := w.g.set.Alone(ctx); err != nil {
			return err
		}
	}
	for i := range e.Records {
		e.Records[i].Leaf = e.Records[i].Commitment.Leaf()
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

// run writes until ctx ends, and then what still waits. It fails when the log turns out
// to have another writer.
func (w *logWriter) run(ctx context.Context) error {
	defer close(w.closed)
	for {
		opened, err := w.open(ctx)
		if !opened {
			return err
		}
		moving, stop := context.WithCancel(context.WithoutCancel(ctx))
		moved := make(chan error, 1)
		failed := make(chan struct{})
		go func() {
			err := w.mover.run(moving)
			close(failed)
			moved <- err
		}()
		w.serve(ctx, failed)
		stop()
		err = <-moved
		if cerr := w.journal.Close(); cerr != nil {
			w.g.set.Log.Warn("close the journal", "error", cerr)
		}
		w.journal = nil
		if ctx.Err() != nil || errors.Is(err, errTwo) {
			return err
		}
		w.setFault(err)
	}
}

// serve writes until ctx ends or the mover has failed.
func (w *logWriter) serve(ctx context.Context, failed <-chan struct{}) {
	batch := make([]*entry, 0, batchLimit)
	late := time.NewTimer(looseFor)
	defer late.Stop()
	again := time.NewTicker(reopenEvery)
	defer again.Stop()
	armed := true
	for {
		select {
		case e := <-w.queue:
			batch = append(batch[:0], e)
		case <-late.C:
			armed = false
			w.settle()
			continue
		case <-again.C:
			w.again()
			continue
		case <-failed:
			w.settle()
			return
		case <-ctx.Done():
			for {
				if batch = w.more(batch[:0]); len(batch) == 0 {
					w.settle()
					return
				}
				w.flush(batch)
			}
		}
		w.flush(w.gather(batch))
		if !armed && (len(w.written) > 0 || len(w.loose) > 0) {
			armed = true
			late.Reset(looseFor)
		}
	}
}

// gather takes what waits, and on a busy gateway a little of what is about to come: a
// flush of thirty records costs hardly more than one of three.
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

// flush writes entries and tells those who wait.
func (w *logWriter) flush(batch []*entry) {
	if err := w.mover.room(); err != nil {
		w.setFault(err)
		batch = slices.DeleteFunc(batch, func(e *entry) bool {
			if !e.begins() {
				return false
			}
			e.done <- err
			return true
		})
		if len(batch) == 0 {
			return
		}
	}
	if err := w.append(batch); err != nil {
		w.setFault(err)
		for _, e := range batch {
			e.done <- err
		}
		return
	}
	failing, _ := w.state()
	wait := failing != "" // what may go wrong is not begun
	for _, e := range batch {
		wait = wait || !e.loose
	}
	var err error
	if wait {
		if err = w.sync(); err != nil || w.mover.room() == nil {
			w.setFault(err)
		}
	}
	for _, e := range batch {
		e.released = !wait
		e.done <- err
	}
}

// begins says that nothing has been done yet of what is to be written: it may be refused.
func (e *entry) begins() bool { return e.Records[0].Commitment.Kind == exchange.Request }

// settle flushes what was released before.
func (w *logWriter) settle() {
	var err error
	if len(w.loose) > 0 {
		err = w.append(nil)
	}
	if err == nil && len(w.written) > 0 {
		err = w.sync()
	}
	if err != nil {
		w.setFault(err)
	}
}

// again looks, while the log cannot be written, whether it can: whoever asks whether the
// gateway is well may be who keeps calls away until it is.
func (w *logWriter) again() {
	if failing, _ := w.state(); failing == "" {
		return
	}
	w.settle()
	if len(w.loose)+len(w.written) > 0 {
		return
	}
	err := w.journal.Ready()
	if err == nil {
		err = w.mover.room()
	}
	w.setFault(err)
}

// append writes to the journal, first what a failed flush took back.
func (w *logWriter) append(batch []*entry) error {
	list := batch
	if len(w.loose) > 0 {
		list = slices.Concat(w.loose, batch)
	}
	now, seq := w.g.now(), w.journal.Size()
	entries := make([]*journal.Entry, len(list))
	for i, e := range list {
		again := i < len(w.loose)
		for k := range e.Records {
			r := &e.Records[k]
			if again {
				r.Leaf = r.Commitment.Leaf()
			}
			r.Seq, r.At = seq, now
			r.Leaf = exchange.LeafOver(r.Leaf, r.Details()) // until now that of the commitment
			seq++
		}
		entries[i] = &e.Entry
	}
	if err := w.journal.Append(entries); err != nil {
		w.takeBack()
		return fmt.Errorf("write the message log: %w", err)
	}
	w.written = append(w.written, list...)
	w.loose = nil
	return nil
}

// sync flushes the journal. After an error whoever waits is told so, and what was
// released is written again with the next.
func (w *logWriter) sync() error {
	if err := w.journal.Sync(); err != nil {
		w.takeBack()
		return fmt.Errorf("write the message log: %w", err)
	}
	w.size.Store(w.journal.Size())
	w.mover.add(w.written)
	w.written = nil
	return nil
}

// takeBack keeps of what the journal lost that which others have gone on with.
func (w *logWriter) takeBack() {
	for _, e := range w.written {
		if e.released {
			w.loose = append(w.loose, e)
		}
	}
	w.written = nil
}

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

// state says why the log cannot be written now; "" when it can.
func (w *logWriter) state() (fault string, lastHead time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fault, w.mover.lastHead()
}
