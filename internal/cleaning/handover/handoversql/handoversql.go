// Package handoversql keeps what an agency handed in to be cleaned in its node's database. It
// decides nothing; handover does.
package handoversql

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/cleaning/handover"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
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
	return sqldb.Migrate(ctx, db, "handover", files)
}

// WorkJob does what is to be done for one file.
const WorkJob = "handover.work"

// Store is a handover.Store.
type Store struct{ db *sqldb.DB }

var _ handover.Store = (*Store)(nil)

// New makes it.
func New(db *sqldb.DB) *Store { return &Store{db} }

type row struct {
	ID     string                        `db:"id"`
	Agency string                        `db:"agency"`
	Live   *string                       `db:"live"`
	Copy   string                        `db:"copy"`
	State  string                        `db:"state"`
	Until  string                        `db:"until"`
	NextAt sql.NullTime                  `db:"next_at"`
	Doc    sqldb.JSON[handover.Handover] `db:"doc"`
}

func rowOf(h handover.Handover) row {
	w := row{
		ID: h.ID, Agency: h.Agency, State: string(h.State), Until: h.Offer.Until.String(), NextAt: sql.NullTime{Time: h.Next, Valid: !h.Next.IsZero()},
		Doc: sqldb.JSON[handover.Handover]{V: h},
	}
	if h.Kept {
		w.Copy = h.Offer.SHA256
	}
	if !h.Ends() {
		w.Live = &h.Offer.SHA256
	}
	return w
}

// Save adds one.
func (s *Store) Save(ctx context.Context, h handover.Handover, by actor.Actor) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := sqldb.Insert(ctx, tx, "handover", rowOf(h)); err != nil {
			return err
		}
		return record(ctx, tx, h, "handover.hand_in", by, h.At)
	})
	if sqldb.IsDuplicate(err) { // another was quicker
		return fault.New(fault.Conflict, "handover.moment", nil).At("file")
	}
	return err
}

func record(ctx context.Context, tx *sqldb.Tx, h handover.Handover, act string, by actor.Actor, at time.Time) error {
	return audit.Record(ctx, tx, audit.Entry{
		At: at, Who: audit.Who{Actor: by}, Action: act, Subject: audit.Subject{Type: "handover", ID: h.ID}, Purpose: h.Offer.Purpose,
		Details: map[string]string{"agency": h.Agency, "sha256": h.Offer.SHA256},
	})
}

// Handover gives one.
func (s *Store) Handover(ctx context.Context, id string) (handover.Handover, error) {
	return one(ctx, s.db, id)
}

func one(ctx context.Context, q sqldb.Queryer, id string) (handover.Handover, error) {
	w, err := sqldb.One[sqldb.JSON[handover.Handover]](ctx, q, `SELECT doc FROM handover WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return w.V, fault.New(fault.NotFound, "handover.unknown", nil)
	}
	return w.V, err
}

// SameFile is the one that has a file and is not over.
func (s *Store) SameFile(ctx context.Context, sha256 string) (handover.Handover, bool, error) {
	w, err := sqldb.One[sqldb.JSON[handover.Handover]](ctx, s.db, `SELECT doc FROM handover WHERE live = $1`, sha256)
	if errors.Is(err, sqldb.ErrNone) {
		return w.V, false, nil
	}
	return w.V, err == nil, err
}

// Handovers are an agency's, the youngest first.
func (s *Store) Handovers(ctx context.Context, agency, before string, limit int) ([]handover.Handover, error) {
	return s.list(ctx, `SELECT doc FROM handover WHERE agency = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3`, agency, before, limit)
}

// Past are those whose last day is over and of which something may be here.
func (s *Store) Past(ctx context.Context, day clock.Date) ([]handover.Handover, error) {
	return s.list(ctx, `SELECT doc FROM handover WHERE until < $1 AND state <> $2 ORDER BY id LIMIT 1000`, day.String(), string(handover.Ended))
}

func (s *Store) list(ctx context.Context, query string, args ...any) ([]handover.Handover, error) {
	list, err := sqldb.All[sqldb.JSON[handover.Handover]](ctx, s.db, query, args...)
	out := make([]handover.Handover, len(list))
	for i, w := range list {
		out[i] = w.V
	}
	return out, err
}

// Update changes one; others who change it wait.
func (s *Store) Update(
	ctx context.Context, id, act string, by actor.Actor, change func(*handover.Handover) error,
) (h handover.Handover, err error) {
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		h, err = updateIn(ctx, tx, id, act, by, change)
		return err
	})
	return h, err
}

func updateIn(
	ctx context.Context, tx *sqldb.Tx, id, act string, by actor.Actor, change func(*handover.Handover) error,
) (handover.Handover, error) {
	if _, err := sqldb.Exec(ctx, tx, `UPDATE handover SET state = state WHERE id = $1`, id); err != nil {
		return handover.Handover{}, err
	}
	h, err := one(ctx, tx, id)
	if err != nil {
		return h, err
	}
	if err := change(&h); err != nil {
		return h, err
	}
	w := rowOf(h)
	if _, err := sqldb.Exec(
		ctx, tx, `UPDATE handover SET live = $1, copy = $2, state = $3, next_at = $4, doc = $5 WHERE id = $6`,
		w.Live, w.Copy, w.State, w.NextAt, w.Doc, id,
	); err != nil {
		return h, err
	}
	if err := kept(ctx, tx, h); err != nil || act == "" {
		return h, err
	}
	return h, record(ctx, tx, h, act, by, time.Time{})
}

// kept keeps which clean files are here. Of one whose term is over nothing stays.
func kept(ctx context.Context, tx *sqldb.Tx, h handover.Handover) error {
	if h.State == handover.Ended {
		for _, table := range []string{"handover_paper", "handover_change"} {
			if _, err := sqldb.Exec(ctx, tx, `DELETE FROM `+table+` WHERE handover = $1`, h.ID); err != nil {
				return err
			}
		}
		return nil
	}
	for _, p := range h.Papers {
		if _, err := sqldb.Exec(
			ctx, tx, `INSERT INTO handover_paper (handover, sha256) VALUES ($1, $2) ON CONFLICT DO NOTHING`, h.ID, p.File.SHA256,
		); err != nil {
			return err
		}
	}
	return nil
}

type change struct {
	Handover string                      `db:"handover"`
	Seq      int64                       `db:"seq"`
	Doc      sqldb.JSON[cleaning.Change] `db:"doc"`
}

// AddChanges adds those that are not there, in their order.
func (s *Store) AddChanges(ctx context.Context, id string, list []cleaning.Change) (h handover.Handover, err error) {
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		h, err = updateIn(ctx, tx, id, "", actor.Actor{}, func(h *handover.Handover) error {
			var add []change
			for _, c := range list {
				if c.Seq == h.Changes+1 {
					h.Changes = c.Seq
					add = append(add, change{id, c.Seq, sqldb.JSON[cleaning.Change]{V: c}})
				}
			}
			if len(add) == 0 {
				return nil
			}
			return sqldb.Insert(ctx, tx, "handover_change", add...)
		})
		return err
	})
	return h, err
}

// ChangesAfter are those behind one.
func (s *Store) ChangesAfter(ctx context.Context, id string, after int64, limit int) ([]cleaning.Change, error) {
	return s.changes(ctx, `SELECT doc FROM handover_change WHERE handover = $1 AND seq > $2 ORDER BY seq LIMIT $3`, id, after, limit)
}

// Changes are the newest first.
func (s *Store) Changes(ctx context.Context, id string, before int64, limit int) ([]cleaning.Change, error) {
	return s.changes(ctx, `SELECT doc FROM handover_change WHERE handover = $1 AND ($2 = 0 OR seq < $2) ORDER BY seq DESC LIMIT $3`, id, before, limit)
}

func (s *Store) changes(ctx context.Context, query string, args ...any) ([]cleaning.Change, error) {
	list, err := sqldb.All[sqldb.JSON[cleaning.Change]](ctx, s.db, query, args...)
	out := make([]cleaning.Change, len(list))
	for i, w := range list {
		out[i] = w.V
	}
	return out, err
}

// Used says that another has a file here.
func (s *Store) Used(ctx context.Context, sha256, beside string) (bool, error) {
	n, err := sqldb.One[int](ctx, s.db, `SELECT (SELECT COUNT(*) FROM handover WHERE copy = $1 AND id <> $2)
		+ (SELECT COUNT(*) FROM handover_paper WHERE sha256 = $1 AND handover <> $2)`, sha256, beside)
	return n > 0, err
}

// Due are those that are to be worked on.
func (s *Store) Due(ctx context.Context, at time.Time, limit int) ([]string, error) {
	return sqldb.All[string](ctx, s.db, `SELECT id FROM handover WHERE next_at <= $1 ORDER BY next_at LIMIT $2`, at, limit)
}

// Soon has one worked on now, unless it is being worked on.
func (s *Store) Soon(ctx context.Context, id string) error {
	_, err := jobs.Enqueue(ctx, s.db, WorkJob, id, jobs.Options{UniqueKey: WorkJob + " " + id})
	return err
}
