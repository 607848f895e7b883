package populationsql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// loader writes persons batch by batch, each in a transaction: PostgreSQL by COPY,
// SQLite by statements of many rows. Into an empty register the indexes come last.
type loader struct {
	s       *Store
	seq     int64
	actor   actor.Actor
	name    string
	persons int
	bare    bool           // the indexes are dropped
	named   map[int64]bool // the last that were written: their names need not be kept with their relatives
	before  map[int64]bool
	burnt   map[int64]bool // numbers of persons whose registration was annulled
	pool    *sql.DB        // PostgreSQL only
}

// Loading begins a load.
func (s *Store) Loading(ctx context.Context, a actor.Actor, name string, at time.Time) (population.Loader, error) {
	l := &loader{s: s, actor: a, name: name, named: map[int64]bool{}}
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
		l.bare = true
		err = dropIndexes(ctx, s.db)
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
	// The pages of a random key are all in use at once: keep them.
	_, err = s.db.ExecContext(ctx, `PRAGMA cache_size = -262144`)
	return l, err
}

// Empty says that nobody was there before.
func (l *loader) Empty() bool { return l.bare }

// Add writes a batch.
func (l *loader) Add(ctx context.Context, persons []population.Person) ([]int, error) {
	if len(l.named) > 200_000 {
		l.before, l.named = l.named, make(map[int64]bool, 200_000)
	}
	rows := make([][]any, len(persons))
	order := make([]int, len(persons))
	for i := range persons {
		l.named[persons[i].Number.Int()] = true
		order[i] = i
	}
	kin := l.s.layout.fields.Kin()
	var p population.Person // one for all: the functions of columns would make each a new one
	for i := range persons {
		p = persons[i]
		for _, k := range kin {
			r := k.Data[0].Relative(&p)
			if n := r.Number.Int(); n != 0 && (l.named[n] || l.before[n]) {
				*r = population.Relative{Number: r.Number}
			}
		}
		p.Version = 1
		rows[i] = l.s.layout.values(&p, l.seq, nil)
	}
	slices.SortFunc(order, func(a, b int) int { return int(persons[a].Number.Int() - persons[b].Number.Int()) })
	var burnt []int
	if len(l.burnt) > 0 {
		order = slices.DeleteFunc(order, func(i int) bool {
			if !l.burnt[persons[i].Number.Int()] {
				return false
			}
			burnt = append(burnt, i)
			return true
		})
	}
	err := l.write(ctx, persons, rows, order)
	if err == nil {
		l.persons += len(order)
		return burnt, nil
	}
	if !sqldb.IsDuplicate(err) {
		return nil, err
	}
	taken, err := l.taken(ctx, persons, order)
	if err != nil {
		return nil, err
	}
	order = slices.DeleteFunc(order, func(i int) bool { return slices.Contains(taken, i) })
	if err := l.write(ctx, persons, rows, order); err != nil {
		return nil, err
	}
	l.persons += len(order)
	return taken, nil
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

// taken finds those of a batch who are in the register already, were annulled, or are twice in the batch:
// the first counts.
func (l *loader) taken(ctx context.Context, persons []population.Person, order []int) ([]int, error) {
	have := maps.Clone(l.burnt)
	for part := range slices.Chunk(order, perList) {
		list := make([]int64, len(part))
		for i, k := range part {
			list[i] = persons[k].Number.Int()
		}
		where, args := l.s.oneOf("number", list)
		found, err := sqldb.All[int64](ctx, l.s.q, `SELECT number FROM population_person WHERE `+where, args...)
		if err != nil {
			return nil, err
		}
		for _, n := range found {
			have[n] = true
		}
	}
	var taken []int
	for i := range persons {
		n := persons[i].Number.Int()
		if have[n] {
			taken = append(taken, i)
		}
		have[n] = true
	}
	return taken, nil
}

func (l *loader) write(ctx context.Context, persons []population.Person, rows [][]any, order []int) error {
	var more [][]any
	for _, i := range order {
		for k, old := range persons[i].OldNumbers {
			if k > 0 {
				more = append(more, []any{old.Int(), persons[i].Number.Int()})
			}
		}
	}
	if l.pool != nil {
		return l.copy(ctx, rows, order, more)
	}
	return l.s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		sorted := make([][]any, len(order))
		for i, k := range order {
			sorted[i] = rows[k]
		}
		if err := insertRows(ctx, tx, "population_person", l.s.layout.names, sorted); err != nil {
			return err
		}
		return insertRows(ctx, tx, "population_old_number", []string{"old_number", "number"}, more)
	})
}

// insertRows writes rows, many in each use of one prepared statement.
func insertRows(ctx context.Context, tx *sqldb.Tx, table string, cols []string, rows [][]any) error {
	per := max(1, 400/len(cols))
	statement := func(n int) string {
		one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(cols)), ",") + "),"
		return "INSERT INTO " + table + " (" + strings.Join(cols, ", ") + ") VALUES " + strings.TrimSuffix(strings.Repeat(one, n), ",")
	}
	args := make([]any, 0, per*len(cols))
	run := func(st *sql.Stmt, rows [][]any) error {
		args = args[:0]
		for _, r := range rows {
			args = append(args, r...)
		}
		_, err := st.ExecContext(ctx, args...)
		return err
	}
	if len(rows) >= per {
		st, err := tx.PrepareContext(ctx, statement(per))
		if err != nil {
			return fmt.Errorf("insert into %s: %w", table, err)
		}
		defer st.Close()
		for len(rows) >= per {
			if err := run(st, rows[:per]); err != nil {
				return fmt.Errorf("insert into %s: %w", table, err)
			}
			rows = rows[per:]
		}
	}
	if len(rows) == 0 {
		return nil
	}
	st, err := tx.PrepareContext(ctx, statement(len(rows)))
	if err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	defer st.Close()
	if err := run(st, rows); err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	return nil
}

func (l *loader) copy(ctx context.Context, rows [][]any, order []int, more [][]any) error {
	conn, err := l.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		return pgx.BeginFunc(ctx, driver.(*stdlib.Conn).Conn(), func(tx pgx.Tx) error {
			_, err := tx.CopyFrom(ctx, pgx.Identifier{"population_person"}, l.s.layout.names,
				pgx.CopyFromSlice(len(order), func(i int) ([]any, error) { return rows[order[i]], nil }))
			if err == nil && len(more) > 0 {
				_, err = tx.CopyFrom(ctx, pgx.Identifier{"population_old_number"}, []string{"old_number", "number"}, pgx.CopyFromRows(more))
			}
			return err
		})
	})
}

// Close makes the indexes and ends the load.
func (l *loader) Close(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var errs []error
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
