package populationsql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/maphash"
	"path/filepath"
	"strconv"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/bigsort"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// loader takes the persons of a file, sorts them by number, and writes them in that order:
// so each page of the table is written once, and not each time somebody comes who belongs
// on it. PostgreSQL gets them by COPY, SQLite by statements of many rows. Into an empty
// register the indexes come last.
type loader struct {
	s       *Store
	seq     int64
	actor   actor.Actor
	name    string
	persons int
	bare    bool // nobody was there; the indexes are dropped
	rows    bigsort.Sorter
	values  []any // of the row that is being packed
	keys    population.KeyMaker
	packed  []byte
	seed    maphash.Seed
	named   map[int64]uint64 // the names of those who came last, as hashes: they need not be kept with their relatives
	before  map[int64]uint64
	burnt   map[int64]bool // numbers of persons whose registration was annulled
	pool    *sql.DB        // PostgreSQL only
}

// keptRows is how many bytes of rows are kept in memory: 100,000 people. More go through
// a file.
const keptRows = 32 << 20

// Loading begins a load.
func (s *Store) Loading(ctx context.Context, a actor.Actor, name string, at time.Time) (population.Loader, error) {
	l := &loader{s: s, actor: a, name: name, seed: maphash.MakeSeed(), named: map[int64]uint64{}}
	l.rows = bigsort.Sorter{Most: keptRows, Dir: l.Scratch()}
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		seq, err := sqldb.One[int64](ctx, tx, `INSERT INTO population_load (seq, name, by_account, by_name, agency, created_at, persons)
			SELECT COALESCE(MAX(seq), 0) + 1, CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), $5, 0
			FROM population_load RETURNING seq`,
			name, a.Account, a.Name, a.Agency, micros(at))
		l.seq = seq
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("begin a load: %w", err)
	}
	if l.burnt, err = s.burnt(ctx); err != nil {
		return nil, fmt.Errorf("begin a load: %w", err)
	}
	_, err = sqldb.One[int64](ctx, s.q, `SELECT number FROM population_person LIMIT 1`)
	if errors.Is(err, sqldb.ErrNone) {
		l.bare, err = dropIndexes(ctx, s.db)
	}
	if err != nil {
		return nil, fmt.Errorf("begin a load: %w", err)
	}
	if s.engine == sqldb.Postgres {
		if l.pool, err = sql.Open("pgx", s.db.URL()); err != nil {
			return nil, fmt.Errorf("begin a load: %w", err)
		}
		l.pool.SetMaxOpenConns(1)
		return l, nil
	}
	_, err = s.db.ExecContext(ctx, `PRAGMA cache_size = -65536`)
	return l, err
}

// burnt are the numbers that nobody gets again.
func (s *Store) burnt(ctx context.Context) (map[int64]bool, error) {
	numbers, err := sqldb.All[int64](ctx, s.q, `SELECT number FROM population_annulled`)
	out := map[int64]bool{}
	for _, n := range numbers {
		out[n] = true
	}
	return out, err
}

// Empty says that nobody was there before.
func (l *loader) Empty() bool { return l.bare }

// Scratch is the folder of the database where it is a file, as there is room for more
// than once what it holds.
func (l *loader) Scratch() string {
	if path, ok := sqldb.SQLitePath(l.s.db.URL()); ok && path != "" {
		return filepath.Dir(path)
	}
	return ""
}

// Add takes persons.
func (l *loader) Add(_ context.Context, persons []population.Person, lines []int) error {
	if len(l.named) > 200_000 {
		l.before, l.named = l.named, make(map[int64]uint64, 200_000)
	}
	for i := range persons {
		l.named[persons[i].Number.Int()] = maphash.String(l.seed, persons[i].Name)
	}
	kin := l.s.layout.fields.Kin()
	for i := range persons {
		p := &persons[i]
		for _, k := range kin {
			r := k.Data[0].Relative(p)
			if n := r.Number.Int(); n != 0 && r.Name != "" && l.isNamed(n, r.Name) {
				*r = population.Relative{Number: r.Number} // the register has the name
			}
		}
		p.Version = 1
		l.values = l.s.layout.appendValues(l.values[:0], p, l.keys.SearchKeys, nil, nil)
		l.packed = packRow(l.packed[:0], l.values, p.OldNumbers)
		if err := l.rows.Add(p.Number.Int(), int64(lines[i]), l.packed); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) isNamed(n int64, name string) bool {
	h, ok := l.named[n]
	if !ok {
		h, ok = l.before[n]
	}
	return ok && h == maphash.String(l.seed, name)
}

// Close makes the indexes and ends the load.
func (l *loader) Close(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	errs := []error{l.rows.Close()}
	if l.pool != nil {
		errs = append(errs, l.pool.Close())
	}
	if l.bare {
		errs = append(errs, makeIndexes(ctx, l.s.db))
	}
	if l.s.engine == sqldb.SQLite {
		_, err := l.s.db.ExecContext(ctx, `PRAGMA cache_size = -4000; PRAGMA shrink_memory`)
		errs = append(errs, err)
	} else {
		_, err := l.s.db.ExecContext(ctx, `ANALYZE population_person`)
		errs = append(errs, err)
	}
	errs = append(errs, l.s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		at, err := sqldb.One[time.Time](ctx, tx, `UPDATE population_load SET persons = $1, finished_at = created_at
			WHERE seq = $2 RETURNING created_at`, l.persons, l.seq)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			At: at, Who: audit.Who{Actor: l.actor}, Action: "population.load",
			Subject: audit.Subject{Type: "load", ID: strconv.FormatInt(l.seq, 10)}, Details: map[string]string{"persons": strconv.Itoa(l.persons)},
		})
	}))
	return errors.Join(errs...)
}
