package populationsql

import (
	"context"
	"errors"
	"strconv"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// AllowExport keeps an export that a second person approved, in the transaction of the
// approval. It fails with Denied when both are one.
func AllowExport(ctx context.Context, q sqldb.Queryer, e population.Export) error {
	if e.AskedBy == "" || e.ApprovedBy == "" || e.AskedBy == e.ApprovedBy {
		return fault.New(fault.Denied, "population.export.one", nil)
	}
	_, err := sqldb.Exec(ctx, q, `INSERT INTO population_export (id, purpose, province, until, asked_by, approved_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`,
		e.ID, e.Purpose, e.Province, e.Until, e.AskedBy, e.ApprovedBy, micros(e.ApprovedAt))
	return err
}

type exportRow struct {
	ID         string     `db:"id"`
	Purpose    string     `db:"purpose"`
	Province   string     `db:"province"`
	Until      clock.Date `db:"until"`
	AskedBy    string     `db:"asked_by"`
	ApprovedBy string     `db:"approved_by"`
	CreatedAt  time.Time  `db:"created_at"`
	UsedAt     time.Time  `db:"used_at"`
}

func (w exportRow) export() population.Export {
	return population.Export{
		ExportRequest: population.ExportRequest{Purpose: w.Purpose, Province: w.Province, Until: w.Until},
		ID:            w.ID, AskedBy: w.AskedBy, ApprovedBy: w.ApprovedBy, ApprovedAt: w.CreatedAt, UsedAt: w.UsedAt,
	}
}

const exportColumns = `id, purpose, province, until, asked_by, approved_by, created_at, used_at`

// UseExport takes an approved export, once.
func (s *Store) UseExport(ctx context.Context, id string, at time.Time) (population.Export, error) {
	var e population.Export
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `UPDATE population_export SET used_at = $1 WHERE id = $2 AND used_at IS NULL AND until >= $3`,
			micros(at), id, clock.DayOf(at))
		if err != nil {
			return err
		}
		w, err := sqldb.One[exportRow](ctx, tx, `SELECT `+exportColumns+` FROM population_export WHERE id = $1`, id)
		switch e = w.export(); {
		case errors.Is(err, sqldb.ErrNone):
			return fault.New(fault.NotFound, "population.export.not_approved", nil)
		case err != nil:
			return err
		case n == 0 && !e.UsedAt.IsZero():
			return fault.New(fault.Conflict, "population.export.used", nil)
		case n == 0:
			return fault.New(fault.Conflict, "population.export.late", fault.Args{"until": e.Until})
		}
		return nil
	})
	return e, err
}

// Exports are the approved ones, newest first.
func (s *Store) Exports(ctx context.Context, limit int) ([]population.Export, error) {
	rows, err := sqldb.All[exportRow](ctx, s.q, `SELECT `+exportColumns+` FROM population_export ORDER BY created_at DESC, id LIMIT $1`, limit)
	out := make([]population.Export, len(rows))
	for i, w := range rows {
		out[i] = w.export()
	}
	return out, err
}

// Exported notes that persons left as a file.
func (s *Store) Exported(ctx context.Context, a actor.Actor, e population.Export, persons int, at time.Time) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{
			At: at, Who: audit.Who{Actor: a}, Action: "population.export",
			Subject: audit.Subject{Type: "population", ID: "file"}, Purpose: e.Purpose, Details: map[string]string{
				"persons": strconv.Itoa(persons), "province": e.Province, "request": e.ID, "asked_by": e.AskedBy, "approved_by": e.ApprovedBy,
			},
		})
	})
}
