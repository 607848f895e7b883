package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/journal"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
)

const reopenEvery = time.Second

func (g *Gateway) journalDir() string { return filepath.Join(g.set.Dir, journal.Folder) }

// pendingRequests gives the request ids of a provider's requests that are in the journal
// and not in the table, of the last minutes: a gateway that was killed knows them again.
func (g *Gateway) pendingRequests(ctx context.Context, since time.Time) (ids []string, err error) {
	f, err := g.set.Store.Frontier(ctx)
	if err != nil {
		return nil, fmt.Errorf("read where the log ends: %w", err)
	}
	c, err := journal.From(g.journalDir(), f.Size)
	for err == nil {
		var e journal.Entry
		if e, err = c.Next(); err != nil {
			break
		}
		for i := range e.Records {
			r := &e.Records[i]
			if r.Side == exchange.Provider && r.Commitment.Kind == exchange.Request && !r.At.Before(since) {
				ids = append(ids, r.Commitment.RequestID)
			}
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, journal.ErrGone) || fault.Of(err) == fault.Conflict {
		err = nil // of a damaged one the writer tells, and takes no call
	}
	return ids, err
}

// open opens the journal and holds it against the table, until it succeeds or ctx ends;
// meanwhile what is to be written is refused. It fails with errTwo.
func (w *logWriter) open(ctx context.Context) (opened bool, err error) {
	for {
		err := w.tryOpen(context.WithValue(ctx, moving{}, true))
		if err == nil {
			w.setFault(nil)
			w.opened.Store(true)
			return true, nil
		}
		if w.journal != nil {
			err = errors.Join(err, w.journal.Close())
			w.journal = nil
		}
		if errors.Is(err, errTwo) {
			return false, err
		}
		w.setFault(err)
		again := time.NewTimer(reopenEvery)
		for waiting := true; waiting; {
			select {
			case e := <-w.queue:
				e.done <- err
			case <-again.C:
				waiting = false
			case <-ctx.Done():
				again.Stop()
				return false, nil
			}
		}
	}
}

func (w *logWriter) tryOpen(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, logTimeout)
	defer cancel()
	g := w.g
	j, err := journal.Open(g.journalDir(), g.set.Journal)
	if errors.Is(err, journal.ErrInUse) {
		return errTwo
	}
	if err != nil {
		return err
	}
	w.journal = j
	f, err := g.set.Store.Frontier(ctx)
	if err != nil {
		return fmt.Errorf("read where the log ends: %w", err)
	}
	end, err := w.meet(ctx, f)
	if errors.Is(err, errLost) {
		if err := w.rebase(f); err != nil {
			return err
		}
		return w.tryOpen(ctx)
	}
	if err != nil {
		return err
	}
	if err := w.mover.begin(ctx, f); err != nil {
		return err
	}
	if err := j.Begin(end); err != nil {
		return err
	}
	w.mover.forget()
	w.size.Store(end.Size)
	if had := journal.Moved(g.journalDir()); had > f.Size {
		back := min(had, end.Size) - f.Size
		g.wentBack(back, had-f.Size-back)
	}
	g.noteMoved(f.Size)
	return nil
}

// meet says where the log ends, when the table ends at f. It fails with errLost when the
// table has gone back to before the journal, and with errDiverged.
func (w *logWriter) meet(ctx context.Context, f exchange.Frontier) (end exchange.Frontier, err error) {
	dir := w.g.journalDir()
	end, ok, err := journal.Last(dir)
	if err != nil || !ok {
		return f, err
	}
	if f.Size > end.Size { // files were taken away, or the folder is an older one
		root, err := ledger.RootAt(ctx, w.g.set.Store, end.Size)
		if err != nil {
			return f, err
		}
		tree, err := exchange.NewTree(end)
		if err != nil || tree.Root() != root {
			return f, errDiverged
		}
		return f, nil
	}
	c, err := journal.From(dir, f.Size)
	switch {
	case errors.Is(err, journal.ErrGone):
		return end, errLost
	case err != nil:
		return end, err
	case !journal.Same(c.Frontier(), f):
		return end, errDiverged
	}
	return end, nil
}

// rebase puts what the journal has behind a table that has gone back to before it. What
// was between is lost, and said to be.
func (w *logWriter) rebase(f exchange.Frontier) error {
	if err := w.journal.Close(); err != nil {
		return err
	}
	w.journal = nil
	lost, err := journal.Rebase(w.g.journalDir(), f, w.g.set.Journal)
	if err != nil {
		return err
	}
	w.g.wentBack(0, lost)
	return nil
}

// noteMoved remembers how many records the table has.
func (g *Gateway) noteMoved(n int64) {
	if err := journal.NoteMoved(g.journalDir(), n); err != nil {
		g.set.Log.Debug("note where the table ends", "error", err)
	}
}

// wentBack tells that the database had lost records of the message log that it had
// acknowledged.
func (g *Gateway) wentBack(restored, lost int64) {
	g.log.mover.restored.Add(restored)
	g.log.mover.lost.Add(lost)
	if lost > 0 {
		g.set.Log.Error("the database has lost records of the message log, and they are not in the journal", "lost", lost, "restored", restored)
	} else {
		g.set.Log.Error("the database had lost records of the message log; they are put back from the journal", "restored", restored)
	}
	if g.set.WentBack != nil {
		g.set.WentBack(restored, lost)
	}
}
