// Package reconcilesql counts, at the register's node, what agencies' programs asked on a
// day, and notes whom they met.
package reconcilesql

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"dean06/internal/citizen"
	"dean06/internal/cleaning/reconcile"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate makes the tables.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "reconcile", files)
}

// Logged logs those whom do gives as met by a caller, in the transaction in which do works.
type Logged func(ctx context.Context, c reconcile.Caller, missed int, do func(tx *sqldb.Tx) ([]citizen.Number, error)) error

// Store is a reconcile.Tally.
type Store struct {
	db     *sqldb.DB
	logged Logged
}

// New makes it on a migrated database.
func New(db *sqldb.DB, logged Logged) *Store { return &Store{db, logged} }

type count struct {
	Person int64 `db:"person"`
	Asked  int   `db:"asked"`
	Missed int   `db:"missed"`
}

// Counted is what a client asked on a day, and how often about each of some numbers.
func (s *Store) Counted(ctx context.Context, day clock.Date, client string, about []citizen.Number) (reconcile.Counted, error) {
	out := reconcile.Counted{About: map[citizen.Number]int{}}
	all, err := sqldb.One[count](ctx, s.db,
		`SELECT CAST(0 AS BIGINT) AS person, asked, missed FROM reconcile_day WHERE day = $1 AND client = $2`, day.String(), client)
	if err != nil && !errors.Is(err, sqldb.ErrNone) {
		return out, fmt.Errorf("what %s asked: %w", client, err)
	}
	out.Asked, out.Missed = all.Asked, all.Missed
	for _, n := range sorted(about) {
		c, err := sqldb.One[count](ctx, s.db, `SELECT person, asked, CAST(0 AS BIGINT) AS missed FROM reconcile_about
			WHERE day = $1 AND client = $2 AND person = $3`, day.String(), client, n.Int())
		switch {
		case errors.Is(err, sqldb.ErrNone):
		case err != nil:
			return out, fmt.Errorf("what %s asked about somebody: %w", client, err)
		default:
			out.About[n] = c.Asked
		}
	}
	return out, nil
}

// Note counts, and logs those whom the session had not met that day.
func (s *Store) Note(ctx context.Context, day clock.Date, c reconcile.Caller, n reconcile.Noted) error {
	if n.Asked == 0 {
		return nil
	}
	return s.logged(ctx, c, n.Missed, func(tx *sqldb.Tx) ([]citizen.Number, error) {
		if _, err := sqldb.Exec(ctx, tx, `INSERT INTO reconcile_day (day, client, asked, missed) VALUES ($1, $2, $3, $4)
			ON CONFLICT (day, client) DO UPDATE SET asked = reconcile_day.asked + excluded.asked, missed = reconcile_day.missed + excluded.missed`,
			day.String(), c.Client, n.Asked, n.Missed); err != nil {
			return nil, err
		}
		times := map[citizen.Number]int{}
		for _, who := range n.About {
			times[who]++
		}
		for _, who := range sorted(n.About) {
			if _, err := sqldb.Exec(ctx, tx, `INSERT INTO reconcile_about (day, client, person, asked) VALUES ($1, $2, $3, $4)
				ON CONFLICT (day, client, person) DO UPDATE SET asked = reconcile_about.asked + excluded.asked`,
				day.String(), c.Client, who.Int(), times[who]); err != nil {
				return nil, err
			}
		}
		var met []citizen.Number
		for _, who := range sorted(n.Met) {
			added, err := sqldb.Exec(ctx, tx, `INSERT INTO reconcile_met (day, client, session, person) VALUES ($1, $2, $3, $4)
				ON CONFLICT (day, client, session, person) DO NOTHING`, day.String(), c.Client, c.Session, who.Int())
			if err != nil {
				return nil, err
			}
			if added > 0 {
				met = append(met, who)
			}
		}
		return met, nil
	})
}

// sorted are numbers, each once, in one order for all transactions.
func sorted(list []citizen.Number) []citizen.Number {
	out := slices.Clone(list)
	slices.SortFunc(out, func(a, b citizen.Number) int { return cmp.Compare(a.Int(), b.Int()) })
	return slices.Compact(out)
}

// Forget takes out the days before one.
func (s *Store) Forget(ctx context.Context, before clock.Date) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		for _, table := range []string{"reconcile_day", "reconcile_about", "reconcile_met"} {
			if _, err := sqldb.Exec(ctx, tx, `DELETE FROM `+table+` WHERE day < $1`, before.String()); err != nil {
				return err
			}
		}
		return nil
	})
}
