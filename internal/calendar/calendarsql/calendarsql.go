// Package calendarsql keeps what administrators changed in the calendar of working time:
// one row for each change, with its line in the audit log. It decides nothing.
package calendarsql

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"dean06/internal/calendar"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Actions are the codes of what is written to the audit log.
var Actions = []string{"calendar.change"}

// Migrate makes the table.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "calendar", files)
}

// Store keeps the changes. It implements calendar.Store.
type Store struct {
	db   *sqldb.DB
	also func(ctx context.Context, tx *sqldb.Tx, version int) error
}

// New makes the store on a migrated database. What also does belongs to the change: it
// happens in the same transaction; nil is nothing.
func New(db *sqldb.DB, also func(ctx context.Context, tx *sqldb.Tx, version int) error) *Store {
	return &Store{db, also}
}

type row struct {
	Version int                         `db:"version"`
	Kind    string                      `db:"kind"`
	Details sqldb.JSON[calendar.Change] `db:"details"`
	At      time.Time                   `db:"recorded_at"`
	By      string                      `db:"recorded_by"`
}

// Version is how many changes there are.
func (s *Store) Version(ctx context.Context) (int, error) {
	n, err := sqldb.One[int](ctx, s.db, `SELECT COALESCE(MAX(version), 0) FROM calendar_change`)
	if err != nil {
		return 0, fmt.Errorf("version of the calendar: %w", err)
	}
	return n, nil
}

// Records are the changes, the oldest first.
func (s *Store) Records(ctx context.Context) ([]calendar.Record, error) {
	rows, err := sqldb.All[row](ctx, s.db, `SELECT version, kind, details, recorded_at, recorded_by FROM calendar_change ORDER BY version`)
	if err != nil {
		return nil, fmt.Errorf("changes of the calendar: %w", err)
	}
	out := make([]calendar.Record, len(rows))
	for i, r := range rows {
		out[i] = calendar.Record{Version: r.Version, Change: r.Details.V, At: r.At, By: r.By}
	}
	return out, nil
}

// Add records a change with its line in the audit log. It fails with Conflict when its
// version is there already.
func (s *Store) Add(ctx context.Context, by actor.Actor, r calendar.Record) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		added := row{Version: r.Version, Kind: string(r.Change.Kind), Details: sqldb.JSON[calendar.Change]{V: r.Change}, At: r.At, By: r.By}
		if err := sqldb.Insert(ctx, tx, "calendar_change", added); err != nil {
			return err
		}
		details := map[string]string{"kind": string(r.Change.Kind), "basis": r.Change.Basis}
		if r.Change.Kind.OfYear() {
			details["year"] = strconv.Itoa(r.Change.Year)
		} else {
			details["date"] = r.Change.Date.String()
		}
		if err := audit.Record(ctx, tx, audit.Entry{
			At: r.At, Who: audit.Who{Actor: by}, Action: "calendar.change",
			Subject: audit.Subject{Type: "calendar", ID: strconv.Itoa(r.Version)}, Details: details,
		}); err != nil {
			return err
		}
		if s.also == nil {
			return nil
		}
		return s.also(ctx, tx, r.Version)
	})
	switch {
	case sqldb.IsDuplicate(err):
		return fault.New(fault.Conflict, "calendar.change.meanwhile", nil).Because(err)
	case err != nil:
		return fmt.Errorf("change %d of the calendar: %w", r.Version, err)
	}
	return nil
}
