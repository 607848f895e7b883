// Package jobs runs work in the background from a table in the node's own
// database: a job is put into the caller's transaction, is run at least once by
// some process, is tried again when it fails, and is left as dead, with its
// error, when it fails too often.
//
// A job whose process dies is run again when its lease ends, so handlers must
// bear being run twice. Jobs of one lane run one after another, in the order in
// which they were made; all others in no promised order.
package jobs

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// Migrate makes the table.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "jobs", files)
}

// State is where a job stands. "jobs.state.…" is its name for people.
type State string

// The states. The first two are unfinished; a job leaves the others only by Retry.
const (
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"
	Dead      State = "dead"
	Cancelled State = "cancelled"
)

// Job is a piece of work and how far it is.
type Job struct {
	ID         string           `db:"id"`
	Kind       string           `db:"kind"`
	Payload    string           `db:"payload"` // JSON
	State      State            `db:"state"`
	RunAt      time.Time        `db:"run_at"`
	Tries      int              `db:"tries"`
	MaxTries   int              `db:"max_tries"`
	Cancel     bool             `db:"cancel"` // somebody asked for it to stop
	Done       int              `db:"done"`
	Total      int              `db:"total"` // 0 while unknown
	Note       sqldb.JSON[Note] `db:"note"`
	Error      string           `db:"error"` // of the last try, for administrators
	CreatedAt  time.Time        `db:"created_at"`
	StartedAt  time.Time        `db:"started_at"` // of the last try; zero before
	FinishedAt time.Time        `db:"finished_at"`
}

const columns = `id, kind, payload, state, run_at, tries, max_tries, cancel, done, total, note, error, created_at, started_at, finished_at`

// Note is a sentence about the progress, as a message key with arguments.
type Note struct {
	Key  string     `json:"key,omitempty"`
	Args fault.Args `json:"args,omitempty"`
}

// Finished says that nothing more will happen by itself.
func (j Job) Finished() bool { return j.State != Queued && j.State != Running }

// Decode reads the payload into v.
func (j Job) Decode(v any) error {
	if err := json.Unmarshal([]byte(j.Payload), v); err != nil {
		return Permanent(fmt.Errorf("payload of job %s: %w", j.Kind, err))
	}
	return nil
}

// Options say how a job is to be run. The zero value is: now, eight tries.
type Options struct {
	ID        string    // chosen by the caller, so that the same job is never made twice
	RunAt     time.Time // not before
	UniqueKey string    // at most one unfinished job has it
	Lane      string
	MaxTries  int
}

const defaultTries = 8

// Enqueue adds a job in the caller's transaction and gives its id; when an
// unfinished job has the same unique key, or any job the same id, it gives that one's.
func Enqueue(ctx context.Context, q sqldb.Queryer, kind string, payload any, o Options) (string, error) {
	raw, err := json.Marshal(payload)
	if err != nil {
		return "", fmt.Errorf("enqueue %s: %w", kind, err)
	}
	now := clock.System{}.Now()
	if o.ID == "" {
		o.ID = sqldb.NewID()
	}
	if o.RunAt.IsZero() {
		o.RunAt = now
	}
	if o.MaxTries == 0 {
		o.MaxTries = defaultTries
	}
	var unique *string
	if o.UniqueKey != "" {
		unique = &o.UniqueKey
	}
	for range 3 {
		n, err := sqldb.Exec(ctx, q, `
			INSERT INTO job (id, kind, payload, state, lane, unique_key, run_at, tries, max_tries, owner, cancel,
				done, total, note, error, created_at)
			VALUES ($1, $2, $3, 'queued', $4, $5, $6, 0, $7, '', $8, 0, 0, '{}', '', $9) ON CONFLICT DO NOTHING`,
			o.ID, kind, string(raw), o.Lane, unique, o.RunAt.UTC().Truncate(time.Microsecond), o.MaxTries, false, now)
		if err != nil {
			return "", fmt.Errorf("enqueue %s: %w", kind, err)
		}
		if n == 1 {
			return o.ID, nil
		}
		id, err := sqldb.One[string](
			ctx, q, `SELECT id FROM job WHERE id = $1 OR unique_key = $2 AND state IN ('queued', 'running')`, o.ID, o.UniqueKey,
		)
		if !errors.Is(err, sqldb.ErrNone) {
			return id, err
		}
		// The job that was in the way has finished this very moment.
	}
	return "", fmt.Errorf("enqueue %s: jobs with key %q come and go", kind, o.UniqueKey)
}

var errUnknown = fault.New(fault.NotFound, "jobs.unknown", nil)

// Get reads a job. It fails with NotFound.
func Get(ctx context.Context, q sqldb.Queryer, id string) (Job, error) {
	j, err := sqldb.One[Job](ctx, q, `SELECT `+columns+` FROM job WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return j, errUnknown
	}
	if err != nil {
		return j, fmt.Errorf("read job %s: %w", id, err)
	}
	return j, nil
}

// Filter narrows what List gives. Zero fields do not narrow.
type Filter struct {
	Kind   string
	State  State
	Before string // id of the last job of the page before
	Limit  int    // 50 when zero
}

// List reads jobs, the youngest first.
func List(ctx context.Context, q sqldb.Queryer, f Filter) ([]Job, error) {
	var a sqldb.Args
	where := "1 = 1"
	if f.Kind != "" {
		where += " AND kind = " + a.Add(f.Kind)
	}
	if f.State != "" {
		where += " AND state = " + a.Add(f.State)
	}
	if f.Before != "" {
		where += " AND id < " + a.Add(f.Before)
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	out, err := sqldb.All[Job](ctx, q, `SELECT `+columns+` FROM job WHERE `+where+` ORDER BY id DESC LIMIT `+a.Add(f.Limit), a.Values()...)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return out, nil
}

// Cancel takes a waiting job off the queue and asks a running one to stop. A
// finished job is left as it is. It fails with NotFound.
func Cancel(ctx context.Context, q sqldb.Queryer, id string) error {
	n, err := sqldb.Exec(
		ctx, q, `UPDATE job SET state = 'cancelled', finished_at = $1 WHERE id = $2 AND state = 'queued'`, clock.System{}.Now(), id,
	)
	if err == nil && n == 0 {
		n, err = sqldb.Exec(ctx, q, `UPDATE job SET cancel = $1 WHERE id = $2 AND state = 'running'`, true, id)
	}
	if err != nil {
		return fmt.Errorf("cancel job %s: %w", id, err)
	}
	if n == 0 {
		_, err = Get(ctx, q, id)
	}
	return err
}

// Retry puts a dead or cancelled job back into the queue with all its tries. It
// fails with NotFound, and Conflict when the job is not dead.
func Retry(ctx context.Context, q sqldb.Queryer, id string) error {
	n, err := sqldb.Exec(ctx, q, `
		UPDATE job SET state = 'queued', tries = 0, cancel = $1, error = '', run_at = $2, finished_at = NULL
		WHERE id = $3 AND state IN ('dead', 'cancelled')`, false, clock.System{}.Now(), id)
	switch {
	case sqldb.IsDuplicate(err): // another of the same key is under way
		return fault.New(fault.Conflict, "jobs.not_dead", nil)
	case err != nil:
		return fmt.Errorf("retry job %s: %w", id, err)
	case n == 1:
		return nil
	}
	if _, err := Get(ctx, q, id); err != nil {
		return err
	}
	return fault.New(fault.Conflict, "jobs.not_dead", nil)
}

// Count is how many jobs of a kind are in a state.
type Count struct {
	Kind  string `db:"kind"`
	State State  `db:"state"`
	N     int    `db:"n"`
}

// Counts counts the jobs that are not done, for health and metrics.
func Counts(ctx context.Context, q sqldb.Queryer) ([]Count, error) {
	return sqldb.All[Count](ctx, q, `
		SELECT kind, state, COUNT(*) AS n FROM job WHERE state IN ('queued', 'running', 'dead') GROUP BY kind, state ORDER BY kind, state`)
}

// Prune deletes jobs that finished before the given moment; dead ones stay until somebody has seen to them.
func Prune(ctx context.Context, q sqldb.Queryer, before time.Time) error {
	if _, err := sqldb.Exec(ctx, q, `DELETE FROM job WHERE state IN ('done', 'cancelled') AND finished_at < $1`, before); err != nil {
		return fmt.Errorf("prune jobs: %w", err)
	}
	return nil
}

// Permanent marks an error that no further try can mend: the job is dead at once.
func Permanent(err error) error { return permanent{err} }

// IsPermanent says that an error was marked so.
func IsPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }
