package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// together lets transactions of SQLite share a commit. The engine has one writer: of those
// that wait for it each does its part within one transaction, behind a savepoint of its own,
// and the last flushes for all. Nobody is told that they are done before that.
type together struct {
	waiting atomic.Int64
	turn    sync.Mutex // one does its part at a time
	now     *shared    // that goes on; nil when none does
}

// shared is a transaction with the parts of several.
type shared struct {
	*sql.Tx
	parts int
	done  chan struct{}
	err   error // of the commit, once it is done
}

// partsMost bounds how long the first waits for the commit.
const partsMost = 64

// errUndone says that a part was undone with those of others: it is done again.
var errUndone = errors.New("the transaction was undone with another's part")

// Together is InTx for short transactions of which many come at once. A part that fails is
// undone alone. PostgreSQL's server shares flushes by itself.
func (db *DB) Together(ctx context.Context, f func(tx *Tx) error) error {
	if db.shared == nil || db.ReadOnly() {
		return db.InTx(ctx, f)
	}
	for try := (tries{}); ; {
		err := db.shared.do(ctx, db, f)
		if err == nil || !try.again(ctx, db, err) {
			return err
		}
	}
}

func (g *together) do(ctx context.Context, db *DB, f func(tx *Tx) error) error {
	s, err := g.join(ctx, db, f)
	if err != nil {
		return err
	}
	<-s.done
	return s.err
}

// join does f's part, and commits for all when nobody waits. Its error is of f, or says that
// nothing was done.
func (g *together) join(ctx context.Context, db *DB, f func(tx *Tx) error) (*shared, error) {
	g.waiting.Add(1)
	g.turn.Lock()
	defer g.turn.Unlock()
	g.waiting.Add(-1)
	s := g.now
	if s == nil {
		tx, err := db.write.BeginTx(context.WithoutCancel(ctx), nil) // it is not this caller's alone
		if err != nil {
			return nil, fmt.Errorf("begin: %w", err)
		}
		s = &shared{Tx: tx, done: make(chan struct{})}
		g.now = s
	}
	// Whoever is alone needs no savepoint: their part is the whole.
	alone := s.parts == 0 && g.waiting.Load() == 0
	whole := false
	defer func() {
		switch {
		case !whole: // the engine undid it, or f panicked
			_ = s.Rollback()
			g.end(s, errUndone)
		case !alone && g.waiting.Load() > 0 && s.parts < partsMost: // whoever comes next commits, or the one after
		case s.parts == 0:
			g.end(s, s.Rollback())
		default:
			g.end(s, s.Commit())
			db.kept.tend(context.WithoutCancel(ctx), db.write)
		}
	}()
	var err error
	whole, err = s.part(ctx, &Tx{s.Tx, db.kept, true}, alone, f)
	return s, err
}

// end tells those whose parts are in a transaction how it ended.
func (g *together) end(s *shared, err error) {
	if s.err = err; err != nil && !errors.Is(err, errUndone) {
		s.err = fmt.Errorf("commit: %w", err)
	}
	g.now = nil
	close(s.done)
}

// part does what one caller wants. whole is false when the engine undid the parts of others too.
func (s *shared) part(ctx context.Context, tx *Tx, alone bool, f func(tx *Tx) error) (whole bool, err error) {
	if err := ctx.Err(); err != nil {
		return true, err
	}
	if alone {
		if err = f(tx); err == nil {
			s.parts++
		}
		return true, err
	}
	ctx = context.WithoutCancel(ctx)
	if _, err := tx.ExecContext(ctx, `SAVEPOINT part`); err != nil {
		return false, errors.Join(errUndone, err)
	}
	if err = f(tx); err != nil {
		if _, undone := tx.ExecContext(ctx, `ROLLBACK TO part`); undone != nil {
			return false, err
		}
	}
	if _, undone := tx.ExecContext(ctx, `RELEASE part`); undone != nil {
		return false, errors.Join(err, errUndone)
	}
	if err == nil {
		s.parts++
	}
	return true, err
}
