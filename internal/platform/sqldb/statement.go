package sqldb

import (
	"context"
	"database/sql"
	"sync"
)

// statements keeps the statements that the one writing connection of SQLite runs
// again and again, so that they are parsed once. PostgreSQL's driver does so by itself.
type statements struct {
	mu   sync.Mutex
	seen map[string]int
	kept map[string]*sql.Stmt
}

const (
	keepAfter = 20  // times that a statement was run
	keepMost  = 100 // statements; texts put together from parts are many and seldom the same
)

// get is the statement of a text, nil when it is not kept.
func (s *statements) get(query string) *sql.Stmt {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt := s.kept[query]; stmt != nil {
		return stmt
	}
	if len(s.seen) >= 10*keepMost {
		clear(s.seen)
	}
	if s.seen == nil {
		s.seen = map[string]int{}
	}
	s.seen[query]++
	return nil
}

// tend parses what was run often, between transactions: the connection must be free.
func (s *statements) tend(ctx context.Context, db *sql.DB) {
	var query string
	s.mu.Lock()
	for q, n := range s.seen {
		if n >= keepAfter && len(s.kept) < keepMost {
			query = q
			delete(s.seen, q)
			break
		}
	}
	s.mu.Unlock()
	if query == "" {
		return
	}
	stmt, err := db.PrepareContext(ctx, query)
	if err != nil {
		return // it is run unprepared, as before
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[string]*sql.Stmt{}
	}
	if s.kept[query] != nil {
		_ = stmt.Close() //nolint:sqlclosecheck // this one is not needed, another was first
		return
	}
	s.kept[query] = stmt
}

// own is under what a statement runs. One that is broken off in the middle undoes the whole
// transaction, so that where others share it whoever leaves does so between two statements.
func (tx *Tx) own(ctx context.Context) (context.Context, error) {
	if !tx.shared {
		return ctx, nil
	}
	return context.WithoutCancel(ctx), ctx.Err()
}

// ExecContext runs a statement in the transaction.
func (tx *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, err := tx.own(ctx)
	if err != nil {
		return nil, err
	}
	if tx.kept != nil {
		if stmt := tx.kept.get(query); stmt != nil {
			return tx.StmtContext(ctx, stmt).ExecContext(ctx, args...) //nolint:sqlclosecheck // ends with the transaction; the kept one stays
		}
	}
	return tx.Tx.ExecContext(ctx, query, args...)
}

// QueryContext runs a query in the transaction. Its rows are closed before the same text is
// asked again.
func (tx *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, err := tx.own(ctx)
	if err != nil {
		return nil, err
	}
	if tx.kept != nil {
		if stmt := tx.kept.get(query); stmt != nil {
			return tx.StmtContext(ctx, stmt).QueryContext(ctx, args...) //nolint:sqlclosecheck // as above
		}
	}
	return tx.Tx.QueryContext(ctx, query, args...)
}

// Kept is the database for queries of few texts that are asked very often: on SQLite each
// reading connection parses them once. PostgreSQL's driver does so by itself. A text beyond
// the first keepMost is parsed each time.
func (db *DB) Kept() Queryer {
	if db.engine == Postgres || db.read == db.write {
		return db
	}
	return kept{db}
}

type kept struct{ *DB }

// QueryContext runs a query by its kept statement.
func (k kept) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if !isRead(query) {
		return k.DB.QueryContext(ctx, query, args...)
	}
	stmt := k.asked.get(query) //nolint:sqlclosecheck // kept until the database is closed
	if stmt == nil {
		stmt = k.asked.prepare(ctx, k.read, query) //nolint:sqlclosecheck // as above
	}
	if stmt == nil {
		return k.DB.QueryContext(ctx, query, args...)
	}
	return stmt.QueryContext(ctx, args...)
}

// prepare keeps the statement of a text; nil when there are too many or it is wrong.
func (s *statements) prepare(ctx context.Context, db *sql.DB, query string) *sql.Stmt {
	s.mu.Lock()
	full := len(s.kept) >= keepMost
	s.mu.Unlock()
	if full {
		return nil
	}
	stmt, err := db.PrepareContext(ctx, query)
	if err != nil {
		return nil // run unprepared, it says what is wrong
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[string]*sql.Stmt{}
	}
	if first := s.kept[query]; first != nil {
		_ = stmt.Close() //nolint:sqlclosecheck // this one is not needed, another was first
		return first
	}
	s.kept[query] = stmt
	return stmt
}
