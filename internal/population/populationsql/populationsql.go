// Package populationsql keeps the population register in a database: persons as they
// are now, the events from which that follows, the log of look-ups, lists, objections.
// It decides nothing; population does.
package populationsql

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"maps"

	"dean06/internal/platform/archive/archivesql"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate makes the tables, those indexes that a load which was cut short left out, and
// the search keys when they were made by an older rule.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	if db.Engine() == sqldb.SQLite {
		files = keyed{files}
	}
	if err := archivesql.Migrate(ctx, db); err != nil {
		return err
	}
	if err := sqldb.Migrate(ctx, db, "population", files); err != nil {
		return err
	}
	if !db.Migrates() {
		return nil
	}
	if err := makeKeys(ctx, db); err != nil {
		return err
	}
	return makeIndexes(ctx, db)
}

// personIndexes are made after a load into an empty register, which is far quicker
// than keeping them up row by row.
var personIndexes = map[string]string{
	"population_person_name":      "(name_key, permanent)",
	"population_person_pair":      "(pair_key, permanent)",
	"population_person_household": "(household) WHERE household IS NOT NULL",
	"population_person_father":    "(father) WHERE father IS NOT NULL",
	"population_person_mother":    "(mother) WHERE mother IS NOT NULL",
	"population_person_old":       "(old_number) WHERE old_number IS NOT NULL",
}

// cardSerials are the serials of somebody's newest two cards, as each engine reads them
// out of what is stored; older ones are found no more.
func cardSerials(e sqldb.Engine) [2]string {
	if e == sqldb.SQLite {
		return [2]string{"json_extract(rest, '$.c[0].s')", "json_extract(rest, '$.c[1].s')"}
	}
	return [2]string{"(rest::jsonb #>> '{c,0,s}')", "(rest::jsonb #>> '{c,1,s}')"}
}

// indexesOf are all indexes of persons.
func indexesOf(e sqldb.Engine) map[string]string {
	out := maps.Clone(personIndexes)
	serials := cardSerials(e)
	out["population_person_card"] = "(" + serials[0] + ") WHERE " + serials[0] + " IS NOT NULL"
	out["population_person_card_before"] = "(" + serials[1] + ") WHERE " + serials[1] + " IS NOT NULL"
	return out
}

func makeIndexes(ctx context.Context, db *sqldb.DB) error {
	for name, on := range indexesOf(db.Engine()) {
		if _, err := sqldb.Exec(ctx, db, "CREATE INDEX IF NOT EXISTS "+name+" ON population_person "+on); err != nil {
			return err
		}
	}
	return nil
}

// dropIndexes takes the indexes away, all or none. PostgreSQL does that when nobody else
// reads the table, and lets no new reader in while it waits for the old ones: so it is
// tried for a short while, and false says that somebody would not let go.
func dropIndexes(ctx context.Context, db *sqldb.DB) (dropped bool, err error) {
	err = db.InTx(ctx, func(tx *sqldb.Tx) error {
		if db.Engine() == sqldb.Postgres {
			if _, err := sqldb.Exec(ctx, tx, "SET LOCAL lock_timeout = '2s'"); err != nil {
				return err
			}
		}
		for name := range indexesOf(db.Engine()) {
			if _, err := sqldb.Exec(ctx, tx, "DROP INDEX IF EXISTS "+name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && sqldb.IsLocked(err) {
		return false, nil
	}
	return err == nil, err
}

// keyed serves the migrations to SQLite with its own words for a table that is stored
// by its key, without a second tree beside it.
type keyed struct{ fs.FS }

// Open serves a file with the words replaced.
func (k keyed) Open(name string) (fs.File, error) {
	f, err := k.FS.Open(name)
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
	raw = bytes.ReplaceAll(raw, []byte("BIGINT PRIMARY KEY"), []byte("INTEGER PRIMARY KEY"))
	raw = bytes.ReplaceAll(raw, []byte("/* narrow */"), []byte("WITHOUT ROWID"))
	raw = bytes.ReplaceAll(raw, []byte(`substring(doc FROM '"household":"([0-9]+)"')`), []byte("json_extract(doc, '$.f.household')"))
	return &text{Reader: bytes.NewReader(raw), info: info}, nil
}

// ReadDir lists a folder.
func (k keyed) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(k.FS, name) }

type text struct {
	*bytes.Reader
	info fs.FileInfo
}

func (t *text) Stat() (fs.FileInfo, error) { return t.info, nil }
func (t *text) Close() error               { return nil }

// Topic is the outbox topic under which changes leave for the feed.
const Topic = "population.change"

// Feed takes the changes of an event in the transaction that records it.
type Feed func(ctx context.Context, q sqldb.Queryer, changes []population.Change) error

// Outbox is a feed that puts each change into the outbox under Topic, in order for each
// person.
func Outbox(ctx context.Context, q sqldb.Queryer, changes []population.Change) error {
	for _, c := range changes {
		if _, err := outbox.Put(ctx, q, Topic, laneOf(c), c); err != nil {
			return err
		}
	}
	return nil
}

// Store is the register in a database. It implements population.Store.
type Store struct {
	reader
	db      *sqldb.DB
	feed    Feed
	journal journal
}

// New makes the store on a migrated database. Changes are handed to feed; nil has none.
func New(db *sqldb.DB, feed Feed) *Store {
	s := &Store{reader: reader{q: db, engine: db.Engine(), layout: standard()}, db: db, feed: feed}
	s.journal.db = db
	return s
}

// Keep makes the store keep the fields of another table, for whose data there are columns.
// It is called before the store is used.
func (s *Store) Keep(fields *population.FieldTable) { s.layout = layoutOf(fields) }

var _ population.Store = (*Store)(nil)

// InTx runs f in one transaction.
func (s *Store) InTx(ctx context.Context, f func(tx population.Tx) error) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		return f(s.Within(tx))
	})
}

// Within is the register in a transaction of the database that another began: what a
// second person approves happens there.
func (s *Store) Within(tx *sqldb.Tx) population.Tx {
	return &writer{reader: reader{q: tx, engine: s.engine, layout: s.layout}, feed: s.feed}
}

// reader reads through a database or a transaction.
type reader struct {
	q      sqldb.Queryer
	engine sqldb.Engine
	layout *layout
}

// writer is a transaction.
type writer struct {
	reader
	feed Feed
}
