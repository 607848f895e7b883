// Package cleaningsql keeps files that were handed in to be cleaned in a database: batches,
// their rows, what people said of them. It decides nothing; cleaning does.
package cleaningsql

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"strconv"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
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
	return sqldb.Migrate(ctx, db, "cleaning", files)
}

// The kinds of the jobs that a batch is given.
const (
	RunJob     = "cleaning.run"
	PublishJob = "cleaning.publish"
	AliveJob   = "cleaning.alive" // one for all that follow the register
)

// Logged runs do in a transaction and has the people that it gives written into the log of
// look-ups in the same one.
type Logged func(ctx context.Context, b cleaning.Batch, do func(tx *sqldb.Tx) ([]citizen.Number, error)) error

// Store is a cleaning.Store.
type Store struct {
	db           *sqldb.DB
	logged, told Logged
}

var _ cleaning.Store = (*Store)(nil)

// New makes it. Whom a batch met is logged by one, of whom it was told what became of them by the
// other.
func New(db *sqldb.DB, logged, told Logged) *Store { return &Store{db, logged, told} }

type batchRow struct {
	ID     string                     `db:"id"`
	SHA256 string                     `db:"sha256"`
	Live   *string                    `db:"live"` // the hash, while the file is here: no second one is taken
	State  string                     `db:"state"`
	Until  string                     `db:"until"`
	Agency string                     `db:"agency"`
	Doc    sqldb.JSON[cleaning.Batch] `db:"doc"`
}

func rowOf(b cleaning.Batch) batchRow {
	w := batchRow{b.ID, b.File.SHA256, nil, string(b.State), b.Until.String(), b.Agency, sqldb.JSON[cleaning.Batch]{V: b}}
	if b.State != cleaning.Deleted {
		w.Live = &w.SHA256
	}
	return w
}

// Save adds a batch.
func (s *Store) Save(ctx context.Context, b cleaning.Batch, by actor.Actor) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := sqldb.Insert(ctx, tx, "cleaning_batch", rowOf(b)); err != nil {
			return err
		}
		return record(ctx, tx, b, "cleaning.hand_in", by, b.At, nil)
	})
	if sqldb.IsDuplicate(err) { // another was quicker
		return fault.New(fault.Conflict, "cleaning.batch.twice", fault.Args{"file": b.Name, "at": b.At.In(clock.Zone).Format("15:04 02/01/2006")}).At("file")
	}
	return err
}

func record(
	ctx context.Context, tx *sqldb.Tx, b cleaning.Batch, act string, by actor.Actor, at time.Time, details map[string]string,
) error {
	if details == nil {
		details = map[string]string{}
	}
	details["agency"] = b.Agency
	return audit.Record(ctx, tx, audit.Entry{
		At: at, Who: audit.Who{Actor: by}, Action: act, Subject: audit.Subject{Type: "cleaning_batch", ID: b.ID}, Purpose: b.Purpose, Details: details,
	})
}

// Batch gives one.
func (s *Store) Batch(ctx context.Context, id string) (cleaning.Batch, error) {
	return batchOf(ctx, s.db, id)
}

func batchOf(ctx context.Context, q sqldb.Queryer, id string) (cleaning.Batch, error) {
	w, err := sqldb.One[sqldb.JSON[cleaning.Batch]](ctx, q, `SELECT doc FROM cleaning_batch WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return w.V, fault.New(fault.NotFound, "cleaning.batch.unknown", nil)
	}
	return w.V, err
}

func docs[T any](list []sqldb.JSON[T]) []T {
	out := make([]T, len(list))
	for i, w := range list {
		out[i] = w.V
	}
	return out
}

// Batches are the youngest first.
func (s *Store) Batches(ctx context.Context, commune, before string, limit int) ([]cleaning.Batch, error) {
	list, err := sqldb.All[sqldb.JSON[cleaning.Batch]](ctx, s.db, `SELECT doc FROM cleaning_batch b
		WHERE ($1 = '' OR id < $1) AND ($2 = '' OR EXISTS (SELECT 1 FROM cleaning_row r WHERE r.batch = b.id AND r.commune = $2))
		ORDER BY id DESC LIMIT $3`, before, commune, limit)
	return docs(list), err
}

// SameFile is the batch that has a file.
func (s *Store) SameFile(ctx context.Context, sha256 string) (cleaning.Batch, bool, error) {
	w, err := sqldb.One[sqldb.JSON[cleaning.Batch]](ctx, s.db, `SELECT doc FROM cleaning_batch WHERE live = $1`, sha256)
	if errors.Is(err, sqldb.ErrNone) {
		return w.V, false, nil
	}
	return w.V, err == nil, err
}

// Used says that another batch has a file: what was handed in, or what it gave out. There
// are few batches, and it is asked when one ends.
func (s *Store) Used(ctx context.Context, f cleaning.File, beside string) (bool, error) {
	n, err := sqldb.One[int](ctx, s.db, `SELECT COUNT(*) FROM cleaning_batch WHERE id <> $1 AND state <> $2 AND doc LIKE $3`,
		beside, string(cleaning.Deleted), `%"`+f.SHA256+`"%`)
	return n > 0, err
}

// Ended are batches whose last day has passed.
func (s *Store) Ended(ctx context.Context, day clock.Date) ([]cleaning.Batch, error) {
	list, err := sqldb.All[sqldb.JSON[cleaning.Batch]](ctx, s.db, `SELECT doc FROM cleaning_batch
		WHERE state <> $1 AND until < $2 ORDER BY id`, string(cleaning.Deleted), day.String())
	return docs(list), err
}

// Update changes a batch; others who change it wait.
func (s *Store) Update(
	ctx context.Context, id, act string, by actor.Actor, change func(*cleaning.Batch) error,
) (b cleaning.Batch, err error) {
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		b, err = UpdateIn(ctx, tx, id, act, by, change)
		return err
	})
	return b, err
}

// UpdateIn is Update in somebody's transaction.
func UpdateIn(
	ctx context.Context, tx *sqldb.Tx, id, act string, by actor.Actor, change func(*cleaning.Batch) error,
) (cleaning.Batch, error) {
	if _, err := sqldb.Exec(ctx, tx, `UPDATE cleaning_batch SET state = state WHERE id = $1`, id); err != nil {
		return cleaning.Batch{}, err
	}
	b, err := batchOf(ctx, tx, id)
	if err != nil {
		return b, err
	}
	was := b.State
	if err := change(&b); err != nil {
		return b, err
	}
	w := rowOf(b)
	if _, err := sqldb.Exec(ctx, tx, `UPDATE cleaning_batch SET live = $1, state = $2, doc = $3 WHERE id = $4`, w.Live, w.State, w.Doc, id); err != nil {
		return b, err
	}
	if b.State == cleaning.Released && was != b.State {
		if err := begin(ctx, tx, b); err != nil {
			return b, err
		}
	}
	kind := map[cleaning.State]string{cleaning.Waiting: RunJob, cleaning.Approved: PublishJob, cleaning.Released: AliveJob}[b.State]
	if kind != "" && was != b.State {
		lane := RunJob
		if kind == AliveJob {
			lane = AliveJob
		}
		if _, err := jobs.Enqueue(ctx, tx, kind, id, jobs.Options{UniqueKey: kind + " " + id, Lane: lane}); err != nil {
			return b, err
		}
	}
	if act == "" {
		return b, nil
	}
	return b, record(ctx, tx, b, act, by, time.Time{}, nil)
}

// Clear deletes what is kept of a batch but its figures.
func (s *Store) Clear(ctx context.Context, b cleaning.Batch, proof cleaning.Proof, by actor.Actor) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		for _, table := range []string{"cleaning_row", "cleaning_label", "cleaning_person", "cleaning_change", "cleaning_follow"} {
			if _, err := sqldb.Exec(ctx, tx, `DELETE FROM `+table+` WHERE batch = $1`, b.ID); err != nil {
				return err
			}
		}
		b, err := UpdateIn(ctx, tx, b.ID, "", by, func(b *cleaning.Batch) error {
			b.State, b.Proof, b.Examples, b.Papers, b.Result = cleaning.Deleted, &proof, nil, nil, cleaning.File{}
			b.Weights = cleaning.File{}
			return nil
		})
		if err != nil {
			return err
		}
		return record(ctx, tx, b, "cleaning.delete", by, proof.At, map[string]string{
			"rows": strconv.Itoa(proof.Rows), "changes": strconv.Itoa(proof.Changes), "sha256": b.File.SHA256, "ground": proof.Why,
		})
	})
}
