package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/sqldb"
)

const (
	beatEvery = 10 * time.Second
	// silentFor is how long nothing may be heard of a runner.
	silentFor = time.Minute
	// lateFor is how long work may wait that could be done.
	lateFor = 10 * time.Minute

	beatRunner = "runner"
	beatCheck  = "check"
)

// beatOf writes down that somebody was alive at a moment.
func beatOf(ctx context.Context, q sqldb.Queryer, name string, at time.Time) error {
	_, err := sqldb.Exec(ctx, q, `INSERT INTO job_beat (name, at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET at = excluded.at`, name, at)
	return err
}

// TryWrite writes a row to the database and reads it back: what a check of the node does
// to know that it can.
func TryWrite(ctx context.Context, db *sqldb.DB, now time.Time) error {
	if err := db.InTx(ctx, func(tx *sqldb.Tx) error { return beatOf(ctx, tx, beatCheck, now) }); err != nil {
		return err
	}
	at, err := sqldb.One[time.Time](ctx, db, `SELECT at FROM job_beat WHERE name = $1`, beatCheck)
	if err != nil {
		return err
	}
	if at.Before(now) { // another process may have written a later one
		return fmt.Errorf("what was written at %s was not read back", now.Format(time.RFC3339Nano))
	}
	return nil
}

// Examine finds what is wrong with the queue: nobody runs it, what is due waits too long,
// or jobs have failed for good. begun is when the node began to run its jobs.
func Examine(ctx context.Context, q sqldb.Queryer, now, begun time.Time) []health.Finding {
	const check = "jobs"
	found := func(level health.Level, key string, args fault.Args) health.Finding {
		// A job that failed for good waits for a person; the node goes on.
		stops := level == health.Failing && key != "dead"
		return health.Finding{Check: check, Subject: key, Level: level, Key: "jobs.health." + key, Args: args, Stops: stops}
	}
	s, err := look(ctx, q, now)
	if err != nil {
		return []health.Finding{found(health.Failing, "unreadable", fault.Args{"reason": err.Error()})}
	}
	heard := s.beat
	if heard.Before(begun) {
		heard = begun
	}
	var list []health.Finding
	late := !s.due.RunAt.IsZero() && now.Sub(s.due.RunAt) > lateFor
	args := fault.Args{"since": s.due.RunAt, "kind": s.due.Kind}
	switch {
	case now.Sub(heard) > silentFor && s.running == 0:
		list = append(list, found(health.Failing, "nobody", fault.Args{"since": heard}))
	case late && s.running == 0 && now.Sub(begun) > lateFor:
		list = append(list, found(health.Failing, "late", args))
	case late:
		list = append(list, found(health.Warning, "busy", args))
	}
	if s.dead > 0 {
		list = append(list, found(health.Failing, "dead", fault.Args{"n": s.dead}))
	}
	if len(list) == 0 {
		list = append(list, found(health.Fine, "fine", nil))
	}
	return list
}

// queue is how the queue stands.
type queue struct {
	beat          time.Time // of a runner
	running, dead int
	due           waiting // the job that has been due longest
}

type waiting struct {
	Kind  string    `db:"kind"`
	RunAt time.Time `db:"run_at"`
}

func look(ctx context.Context, q sqldb.Queryer, now time.Time) (s queue, err error) {
	none := func(err error) error {
		if errors.Is(err, sqldb.ErrNone) {
			return nil
		}
		return err
	}
	if s.beat, err = sqldb.One[time.Time](ctx, q, `SELECT at FROM job_beat WHERE name = $1`, beatRunner); none(err) != nil {
		return s, err
	}
	if s.running, err = sqldb.One[int](ctx, q, `SELECT COUNT(*) FROM job WHERE state = 'running' AND lease_until > $1`, now); err != nil {
		return s, err
	}
	if s.dead, err = sqldb.One[int](ctx, q, `SELECT COUNT(*) FROM job WHERE state = 'dead'`); err != nil {
		return s, err
	}
	s.due, err = sqldb.One[waiting](ctx, q, `
		SELECT j.kind, j.run_at FROM job j WHERE j.state = 'queued' AND j.run_at <= $1
			AND NOT EXISTS (SELECT 1 FROM job e WHERE j.lane <> '' AND e.lane = j.lane AND e.state IN ('queued', 'running') AND e.id < j.id)
		ORDER BY j.run_at LIMIT 1`, now)
	return s, none(err)
}
