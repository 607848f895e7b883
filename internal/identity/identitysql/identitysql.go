// Package identitysql keeps identities in a database: each as it is now, what happened to it
// as a log that only grows and is chained by hash, and what is under way: sessions, requests,
// grants. It decides nothing; identity does.
package identitysql

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"dean06/internal/identity"
	"dean06/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// Migrate makes the tables.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "identity", files)
}

// Store is identities in a database. It implements identity.Store.
type Store struct {
	reader
	db *sqldb.DB
}

// New makes the store on a migrated database.
func New(db *sqldb.DB) *Store { return &Store{reader{q: db.Kept()}, db} }

var _ identity.Store = (*Store)(nil)

// InTx runs f in one transaction; of many at once, several are flushed together.
func (s *Store) InTx(ctx context.Context, f func(tx identity.Tx) error) error {
	return s.db.Together(ctx, func(tx *sqldb.Tx) error {
		w := &writer{reader: reader{q: tx}, saved: map[string]string{}}
		if err := f(w); err != nil {
			return err
		}
		for id := range w.saved {
			return fmt.Errorf("account %s: %w", id, identity.ErrNoEntry)
		}
		return nil
	})
}

// Within is the database of a transaction of this store, for what else is written in it.
func Within(tx identity.Tx) (sqldb.Queryer, bool) {
	w, ok := tx.(*writer)
	if !ok {
		return nil, false
	}
	return w.q, true
}

// swept is what Sweep takes away, by when it ended, and how long it stays after that.
var swept = []struct {
	table, key, column string
	kept               time.Duration
}{
	{"identity_request", "id", "expires_at", 0},
	{"identity_challenge", "id", "expires_at", 0},
	{"identity_once", "name", "until", 0},
	{"identity_failure", "name", "until", 0},
	{"identity_session", "id", "over_at", identity.KeepEnded},
	{"identity_grant", "id", "over_at", identity.KeepEnded},
	{"identity_recovery", "id", "over_at", identity.KeepEnded},
}

// Sweep takes away what ended before a moment.
func (s *Store) Sweep(ctx context.Context, before time.Time, limit int) (int, error) {
	n := 0
	for _, t := range swept {
		if n >= limit {
			break
		}
		gone, err := sqldb.Exec(ctx, s.db, `DELETE FROM `+t.table+` WHERE `+t.key+` IN (SELECT `+t.key+` FROM `+t.table+
			` WHERE `+t.column+` < $1 ORDER BY `+t.column+` LIMIT $2)`, micro(before.Add(-t.kept)), limit-n)
		if err != nil {
			return n, fmt.Errorf("sweep: %w", err)
		}
		n += int(gone)
	}
	return n, nil
}

// micro is a moment as both engines keep it.
func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// moment is a moment that may not have come; zero is NULL.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = micro(t)
	return &t
}

// over is when something ended: the first of two moments, zero being none.
func over(a, b time.Time) *time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return moment(b)
	}
	return moment(a)
}
