// Package dossiersql keeps drafts and dossiers in a database: each dossier as it is now,
// what happened to it and who looked at it as logs that only grow and are chained by hash,
// and what lists and searches need. It decides nothing; dossier does.
package dossiersql

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"

	"dean06/internal/dossier"
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
	return sqldb.Migrate(ctx, db, "dossier", worded{files, db.Engine()})
}

// worded serves the migrations with each engine's own words where they have no common one.
type worded struct {
	fs.FS
	engine sqldb.Engine
}

// Open serves a file with the words replaced.
func (w worded) Open(name string) (fs.File, error) {
	f, err := w.FS.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return f, err
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("read migration %s: %w", name, err)
	}
	if w.engine == sqldb.SQLite {
		raw = bytes.ReplaceAll(raw, []byte("BIGINT PRIMARY KEY"), []byte("INTEGER PRIMARY KEY"))
		raw = bytes.ReplaceAll(raw, []byte("/* narrow */"), []byte("WITHOUT ROWID"))
	} else { // whatever the language of the server, codes and ids are ordered by their bytes
		raw = bytes.ReplaceAll(raw, []byte("/* bytes */"), []byte(`COLLATE "C"`))
	}
	return &text{Reader: bytes.NewReader(raw), info: info}, nil
}

// ReadDir lists a folder.
func (w worded) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(w.FS, name) }

type text struct {
	*bytes.Reader
	info fs.FileInfo
}

func (t *text) Stat() (fs.FileInfo, error) { return t.info, nil }
func (t *text) Close() error               { return nil }

// Store is drafts and dossiers in a database. It implements dossier.Store.
type Store struct {
	reader
	db *sqldb.DB
}

// New makes the store on a migrated database.
func New(db *sqldb.DB) *Store { return &Store{reader{q: db.Kept(), engine: db.Engine()}, db} }

var _ dossier.Store = (*Store)(nil)

// InTx runs f in one transaction.
func (s *Store) InTx(ctx context.Context, f func(tx dossier.Tx) error) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error { return f(s.Within(tx)) })
}

// Within is the store in a transaction of the database that another began.
func (s *Store) Within(tx *sqldb.Tx) dossier.Tx {
	return &writer{reader{q: tx, engine: s.engine}}
}

// reader reads through a database or a transaction.
type reader struct {
	q      sqldb.Queryer
	engine sqldb.Engine
}

// writer is a transaction.
type writer struct{ reader }

var _ dossier.Tx = (*writer)(nil)
