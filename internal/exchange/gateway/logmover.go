package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/journal"
	"dean06/internal/platform/fault"
)

const (
	moveEvery   = 500 * time.Millisecond
	moveRecords = 2000   // in a transaction
	heldRecords = 16_384 // in memory; those before are read from the journal
	pauseTicks  = 1
	lastMove    = 5 * time.Second // when the gateway stops
)

var (
	errWaiting  = errors.New("the database does not take the message log, and as much waits in the journal as may")
	errDiverged = errors.New(
		"the message log in the database is not the one that this gateway wrote: it was changed, or belongs to another gateway; " +
			"nothing is written to it (see docs/operations.md, Message log)",
	)
	errLost = errors.New("the database has gone back to before what the journal holds; the gateway must start anew")
)

// mover brings records from the journal to the table, many in a transaction, and signs
// heads over what is there. It is the only one that writes to the table.
type mover struct {
	w     *logWriter
	store exchange.LogStore
	wake  chan struct{}

	mu     sync.Mutex
	held   []*entry // the newest, in order
	from   int64    // number of the first of held
	count  int      // records in held
	turn   chan struct{}
	fault  string
	headAt time.Time

	moved    atomic.Int64
	restored atomic.Int64 // records that the database had lost and got again
	lost     atomic.Int64 // records that it had lost and that could not be given back

	// Of the goroutine that moves.
	tree   *exchange.Tree
	cursor *journal.Cursor
	head   int64
}

func (m *mover) init(w *logWriter) {
	m.w, m.store = w, w.g.set.Store
	m.wake, m.turn = make(chan struct{}, 1), make(chan struct{})
}

// begin says where the table ends.
func (m *mover) begin(ctx context.Context, f exchange.Frontier) error {
	tree, err := exchange.NewTree(f)
	if err != nil {
		return fmt.Errorf("read where the log ends: %w", err)
	}
	h, ok, err := m.store.LastHead(ctx)
	if err != nil {
		return fmt.Errorf("read the last head of the log: %w", err)
	}
	m.tree, m.cursor, m.head = tree, nil, 0
	m.moved.Store(f.Size)
	if ok {
		m.head = h.Size
		m.mu.Lock()
		m.headAt = h.At
		m.mu.Unlock()
	}
	return nil
}

// forget leaves what was held to the journal.
func (m *mover) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held, m.count = nil, 0
}

// room says whether more may be written to the journal.
func (m *mover) room() error {
	if waiting := m.w.size.Load() - m.moved.Load(); waiting >= m.w.g.set.MaxWaiting {
		return fmt.Errorf("%w (%d records): %s", errWaiting, waiting, m.reason())
	}
	return nil
}

// add takes what is safe in the journal.
func (m *mover) add(list []*entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range list {
		if m.count > heldRecords {
			m.held, m.count = nil, 0
		}
		if len(m.held) == 0 {
			m.from = e.Records[0].Seq
		}
		m.held = append(m.held, e)
		m.count += len(e.Records)
	}
	if m.count >= moveRecords {
		m.ring()
	}
}

func (m *mover) ring() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// catchUp returns when what was safe before is in the table, or an error that says why
// it cannot be.
func (m *mover) catchUp(ctx context.Context) error {
	if ctx.Value(moving{}) != nil {
		return nil
	}
	for want := m.w.size.Load(); m.moved.Load() < want; {
		m.mu.Lock()
		turn := m.turn
		m.mu.Unlock()
		if m.moved.Load() >= want {
			break
		}
		m.ring()
		select {
		case <-turn:
			if reason := m.reason(); reason != "" {
				return fault.New(fault.Unavailable, "exchange.log.behind", fault.Args{"reason": reason})
			}
		case <-m.w.closed:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// moving marks the mover's own reads.
type moving struct{}

// run moves until ctx ends, and then once more.
func (m *mover) run(ctx context.Context) error {
	own := context.WithValue(context.WithoutCancel(ctx), moving{}, true)
	move, head := time.NewTicker(moveEvery), time.NewTicker(m.w.g.set.HeadEvery)
	defer move.Stop()
	defer head.Stop()
	pause := 0 // ticks, after a failure
	for {
		due, asked := false, false
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(own, lastMove)
			defer cancel()
			err := m.move(last)
			m.done(err)
			if err != nil {
				m.w.g.set.Log.Warn("records of the message log stay in the journal; the next start moves them", "records",
					m.w.size.Load()-m.moved.Load(), "error", err)
			}
			m.makeHead(last, true)
			return m.fatal(err)
		case <-m.wake:
			asked = true
		case <-move.C:
		case <-head.C:
			due = true
		}
		if !asked && pause > 0 {
			pause--
			continue
		}
		err := m.look(own, due)
		if err != nil {
			pause = pauseTicks
		}
		m.done(err)
		if fatal := m.fatal(err); fatal != nil {
			return fatal
		}
		if due && err == nil {
			if err := m.w.journal.Drop(m.moved.Load()); err != nil {
				m.w.g.set.Log.Warn("old files of the journal stay", "error", err)
			}
		}
		if err == nil && (due || m.moved.Load()-m.head >= headRecords && !m.w.g.stamps.failing()) {
			m.makeHead(own, false)
		}
	}
}

// look moves what there is. Now and then it looks whether the table is where it was left.
func (m *mover) look(ctx context.Context, check bool) error {
	ctx, cancel := context.WithTimeout(ctx, logTimeout)
	defer cancel()
	if check {
		f, err := m.store.Frontier(ctx)
		if err != nil {
			return fmt.Errorf("read where the log ends: %w", err)
		}
		if err := m.goOn(ctx, f); err != nil {
			return err
		}
	}
	return m.move(ctx)
}

// fatal is an error that the gateway cannot go on with.
func (m *mover) fatal(err error) error {
	if errors.Is(err, errTwo) || errors.Is(err, errDiverged) || errors.Is(err, errLost) || fault.Of(err) == fault.Conflict {
		return err
	}
	return nil
}

// done tells those who wait how it went.
func (m *mover) done(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	m.mu.Lock()
	before := m.fault
	m.fault = text
	close(m.turn)
	m.turn = make(chan struct{})
	m.mu.Unlock()
	switch log := m.w.g.set.Log; {
	case before == "" && err != nil:
		log.Error("the database does not take the message log; records wait in the journal", "error", err)
	case before != "" && err == nil:
		log.Info("the database takes the message log again")
	}
}

func (m *mover) reason() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.fault
}

// move brings to the table what is in the journal.
func (m *mover) move(ctx context.Context) error {
	for end := m.w.size.Load(); m.moved.Load() < end; {
		list, err := m.next()
		if err != nil {
			return err
		}
		if err := m.put(ctx, list); err != nil {
			return err
		}
	}
	return nil
}

// next gives the entries that come next, from memory or else from the journal.
func (m *mover) next() (list []*entry, err error) {
	at := m.tree.Size()
	m.mu.Lock()
	for len(m.held) > 0 && m.from < at { // the table has them already
		m.from += int64(len(m.held[0].Records))
		m.count -= len(m.held[0].Records)
		m.held = m.held[1:]
	}
	if len(m.held) > 0 && m.from == at {
		n := 0
		for i := 0; i < len(m.held) && n < moveRecords; i++ {
			n += len(m.held[i].Records)
			list = append(list, m.held[i])
		}
		m.mu.Unlock()
		m.cursor = nil
		return list, nil
	}
	m.mu.Unlock()
	if m.cursor == nil || m.cursor.Frontier().Size != at {
		if m.cursor, err = journal.From(m.w.g.journalDir(), at); err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
	}
	for n := 0; n < moveRecords && at+int64(n) < m.w.size.Load(); {
		e, err := m.cursor.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		list = append(list, &entry{Entry: e})
		n += len(e.Records)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("read the journal: record %d: %w", at, journal.ErrGone)
	}
	return list, nil
}

// put writes entries to the table.
func (m *mover) put(ctx context.Context, list []*entry) error {
	before := m.tree.Frontier()
	tree, err := exchange.NewTree(before)
	if err != nil {
		return err
	}
	var b exchange.Batch
	for _, e := range list {
		for i := range e.Records {
			r := &e.Records[i]
			b.Tiles = append(b.Tiles, tree.Append(r.Leaf)...)
			b.Records = append(b.Records, *r)
			if i < len(e.Sealed) && e.Sealed[i] != nil {
				b.Bodies = append(b.Bodies, exchange.Body{Seq: r.Seq, Sealed: e.Sealed[i]})
			}
		}
		if e.Use != nil {
			b.Uses = append(b.Uses, *e.Use)
		}
	}
	b.Frontier = tree.Frontier()
	b.Uses = sumUses(b.Uses)
	err = m.store.Append(ctx, b)
	if err == nil {
		m.advance(tree)
		return nil
	}
	// A commit whose answer was lost is a success: the log ends where we wanted it to.
	again, cancel := context.WithTimeout(context.WithoutCancel(ctx), logTimeout)
	defer cancel()
	f, ferr := m.store.Frontier(again)
	if ferr != nil || journal.Same(f, before) {
		return fmt.Errorf("write the message log: %w", err)
	}
	return m.goOn(again, f)
}

// advance notes that the table has what a tree has.
func (m *mover) advance(tree *exchange.Tree) {
	m.tree = tree
	m.moved.Store(tree.Size())
	m.w.g.noteMoved(tree.Size())
}

// goOn goes on where the table ends, when that is a place where the journal was: behind
// ours a failover has lost what was committed, before ours a commit came through late.
func (m *mover) goOn(ctx context.Context, f exchange.Frontier) error {
	own := m.tree.Frontier()
	if journal.Same(f, own) {
		return nil
	}
	if f.Size > m.w.size.Load() {
		return errTwo
	}
	c, err := journal.From(m.w.g.journalDir(), f.Size)
	switch {
	case errors.Is(err, journal.ErrGone) && f.Size < own.Size:
		return errLost
	case err != nil:
		return fmt.Errorf("read the journal: %w", err)
	case !journal.Same(c.Frontier(), f) && f.Size >= own.Size:
		return errTwo
	case !journal.Same(c.Frontier(), f):
		return errDiverged
	}
	if f.Size > own.Size {
		tree, err := exchange.NewTree(f)
		if err == nil {
			m.advance(tree)
		}
		return err
	}
	if err := m.begin(ctx, f); err != nil {
		return err
	}
	m.w.g.wentBack(own.Size-f.Size, 0)
	return nil
}

// makeHead signs where the table ends, when it has grown. While stamps are owed heads
// are made more seldom: a later stamp covers all that is before it. The last one of a
// process is made in any case, so that nothing can be taken from the end after it.
func (m *mover) makeHead(ctx context.Context, last bool) {
	g, size := m.w.g, m.tree.Size()
	now, before := g.now(), m.lastHead()
	if size == m.head || !last && g.stamps.failing() && now.Sub(before) < 60*g.set.HeadEvery && now.After(before) {
		return
	}
	h := exchange.Head{Size: size, Root: m.tree.Root(), At: now}
	err := g.signHead(&h)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, logTimeout)
		defer cancel()
		err = m.store.SaveHead(ctx, h)
	}
	if err != nil {
		g.set.Log.Error("head of the message log cannot be written", "error", err)
		return
	}
	m.head = size
	m.mu.Lock()
	m.headAt = now
	m.mu.Unlock()
	g.stamps.wake()
}

func (m *mover) lastHead() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.headAt
}
