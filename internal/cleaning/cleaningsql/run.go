package cleaningsql

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/sqldb"
)

// Run is a file that was linked with the register on the command line.
type Run struct {
	ID      string    `db:"id"`
	SHA256  string    `db:"sha256"`
	Purpose string    `db:"purpose"`
	People  int64     `db:"people"` // who were matched
	At      time.Time `db:"at"`     // the register's moment
}

// RunOf is the last run that linked a file; false when none did.
func (s *Store) RunOf(ctx context.Context, sha256 string) (Run, bool, error) {
	r, err := sqldb.One[Run](ctx, s.db, `SELECT id, sha256, purpose, people, at FROM cleaning_run WHERE sha256 = $1 ORDER BY at DESC, id DESC LIMIT 1`, sha256)
	if errors.Is(err, sqldb.ErrNone) {
		return r, false, nil
	}
	return r, err == nil, err
}

// atOnce is how many people are logged in a transaction.
const atOnce = 2000

// LogRun logs the people whom a run matched, each once, and then that the run was. Killed
// and called again under the same id it goes on.
func (s *Store) LogRun(ctx context.Context, r Run, by actor.Actor, people []citizen.Number) error {
	b := cleaning.Batch{ID: r.ID, Purpose: r.Purpose}
	for chunk := range slices.Chunk(people, atOnce) {
		err := s.logged(actor.With(ctx, by), b, func(tx *sqldb.Tx) ([]citizen.Number, error) { return met(ctx, tx, r.ID, chunk) })
		if err != nil {
			return err
		}
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if _, err := sqldb.Exec(ctx, tx, `DELETE FROM cleaning_person WHERE batch = $1`, r.ID); err != nil {
			return err
		}
		if _, err := sqldb.Exec(ctx, tx, `DELETE FROM cleaning_run WHERE id = $1`, r.ID); err != nil {
			return err
		}
		r.People = int64(len(people))
		if err := sqldb.Insert(ctx, tx, "cleaning_run", r); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			At: r.At, Who: audit.Who{Actor: by}, Action: "cleaning.run", Subject: audit.Subject{Type: "cleaning_batch", ID: r.ID}, Purpose: r.Purpose,
			Details: map[string]string{"sha256": r.SHA256, "people": strconv.Itoa(len(people))},
		})
	})
}
