package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
)

// Handler does one job. Its context ends when the job is cancelled, when its
// lease is lost and when the process stops.
type Handler func(ctx context.Context, t *Task) error

// Runner runs the jobs of the kinds that it has handlers for. Several runners,
// in one process or in many, share the work. Fill the fields and call Run once.
type Runner struct {
	DB       *sqldb.DB
	Log      *slog.Logger
	Handlers map[string]Handler
	Periodic []Periodic
	Clock    clock.Clock                 // System when nil
	Workers  int                         // jobs at once; 4 when zero
	Lease    time.Duration               // after which a silent runner counts as dead; 1 minute when zero
	Poll     time.Duration               // how often to look for work; half a second when zero
	Keep     time.Duration               // how long finished jobs are kept; 30 days when zero
	Backoff  func(try int) time.Duration // pause after a failed try; doubles from 5 seconds to an hour when nil
}

// Task is a job while it runs.
type Task struct {
	Job
	r    *run
	last time.Time
}

// progressEvery bounds how often progress is written.
const progressEvery = 250 * time.Millisecond

// Progress says how far the job is, for the page that shows it. Calls in quick
// succession are left out, but never the one that says all is done.
func (t *Task) Progress(ctx context.Context, done, total int, note Note) error {
	now := t.r.Clock.Now()
	if now.Sub(t.last) < progressEvery && done < total {
		return nil
	}
	t.last = now
	_, err := sqldb.Exec(ctx, t.r.DB,
		`UPDATE job SET done = $1, total = $2, note = $3 WHERE id = $4 AND owner = $5 AND tries = $6 AND state = 'running'`,
		done, total, sqldb.JSON[Note]{V: note}, t.ID, t.r.owner, t.Tries)
	if err != nil {
		return fmt.Errorf("progress of job %s: %w", t.ID, err)
	}
	return nil
}

// run is one call of Run.
type run struct {
	*Runner
	owner string
	kinds []string
	mu    sync.Mutex
	live  map[*Task]context.CancelCauseFunc
}

var (
	errStopping  = errors.New("the runner is stopping")
	errLost      = errors.New("the lease was lost")
	errCancelled = errors.New("the job was cancelled")
)

// Run works until ctx ends and returns when every handler has returned. What was
// under way is put back into the queue without losing a try.
func (r *Runner) Run(ctx context.Context) error {
	c := *r
	c.Clock = cmp.Or[clock.Clock](c.Clock, clock.System{})
	c.Workers = cmp.Or(c.Workers, 4)
	c.Lease = cmp.Or(c.Lease, time.Minute)
	c.Poll = cmp.Or(c.Poll, 500*time.Millisecond)
	c.Keep = cmp.Or(c.Keep, 30*24*time.Hour)
	if c.Backoff == nil {
		c.Backoff = backoff
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	x := &run{Runner: &c, owner: sqldb.NewID(), kinds: slices.Sorted(maps.Keys(r.Handlers)), live: map[*Task]context.CancelCauseFunc{}}
	var wg sync.WaitGroup
	idle := make(chan struct{})
	wg.Go(func() { x.beat(ctx, idle) })
	wg.Go(func() { x.keepTime(ctx) })
	x.dispatch(ctx)
	close(idle)
	wg.Wait()
	return nil
}

func backoff(try int) time.Duration {
	d := min(time.Hour, 5*time.Second<<min(try-1, 12))
	return d + rand.N(d/4)
}

// dispatch claims work for free workers until ctx ends, then waits for them.
func (x *run) dispatch(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	free := make(chan struct{}, x.Workers)
	for range x.Workers {
		free <- struct{}{}
	}
	var beat time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-free:
		}
		n := 1
		for n < x.Workers && len(free) > 0 {
			<-free
			n++
		}
		tasks, err := x.claim(ctx, n)
		if err != nil && ctx.Err() == nil {
			x.Log.ErrorContext(ctx, "claim jobs failed", "error", err)
		}
		if now := x.Clock.Now(); err == nil && now.Sub(beat).Abs() > beatEvery {
			if err := beatOf(ctx, x.DB, beatRunner, now); err != nil && ctx.Err() == nil {
				x.Log.ErrorContext(ctx, "sign of life of the runner failed", "error", err)
			}
			beat = now
		}
		for range n - len(tasks) {
			free <- struct{}{}
		}
		for _, t := range tasks {
			wg.Go(func() {
				x.do(ctx, t)
				free <- struct{}{}
			})
		}
		if len(tasks) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(x.Poll):
		}
	}
}

// claim takes up to n jobs in one statement, so that no two runners take the
// same: the embedded engine has one writer, the other locks and skips.
func (x *run) claim(ctx context.Context, n int) ([]*Task, error) {
	now := x.Clock.Now()
	due := func(a *sqldb.Args) string {
		kinds, at := sqldb.In(a, x.kinds), a.Add(now)
		return `j.kind IN ` + kinds + ` AND (j.state = 'queued' AND j.run_at <= ` + at + ` OR j.state = 'running' AND j.lease_until < ` + at + `)`
	}
	// Looking first keeps an idle runner from writing.
	var look sqldb.Args
	switch _, err := sqldb.One[string](ctx, x.DB, `SELECT j.id FROM job j WHERE `+due(&look)+` LIMIT 1`, look.Values()...); {
	case errors.Is(err, sqldb.ErrNone):
		return nil, nil
	case err != nil:
		return nil, err
	}
	var a sqldb.Args
	lock := ""
	if x.DB.Engine() == sqldb.Postgres {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	jobs, err := sqldb.All[Job](ctx, x.DB, `
		UPDATE job SET state = 'running', owner = `+a.Add(x.owner)+`, lease_until = `+a.Add(now.Add(x.Lease))+`,
			started_at = `+a.Add(now)+`, tries = tries + 1
		WHERE id IN (
			SELECT j.id FROM job j WHERE `+due(&a)+`
			AND NOT EXISTS (SELECT 1 FROM job e WHERE j.lane <> '' AND e.lane = j.lane AND e.state IN ('queued', 'running') AND e.id < j.id)
			ORDER BY j.run_at, j.id LIMIT `+a.Add(n)+lock+`)
		RETURNING `+columns, a.Values()...)
	if err != nil {
		return nil, err
	}
	tasks := make([]*Task, len(jobs))
	for i, j := range jobs {
		tasks[i] = &Task{Job: j, r: x}
	}
	return tasks, nil
}

// do runs a handler and writes down how it ended.
func (x *run) do(ctx context.Context, t *Task) {
	jobCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	x.mu.Lock()
	x.live[t] = cancel
	x.mu.Unlock()
	err := x.call(jobCtx, t)
	x.mu.Lock()
	delete(x.live, t)
	x.mu.Unlock()
	if ctx.Err() != nil && err != nil {
		err = errStopping
	} else if cause := context.Cause(jobCtx); cause != nil && err != nil {
		err = cause
	}
	// The end is written even while the process stops.
	end, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer stop()
	if err := x.finish(end, t, err); err != nil {
		x.Log.ErrorContext(ctx, "finish job failed", "job_id", t.ID, "kind", t.Kind, "error", err)
	}
}

func (x *run) call(ctx context.Context, t *Task) (err error) {
	switch {
	case t.Cancel: // its process died before it could stop
		return errCancelled
	case t.Tries > t.MaxTries: // it took its process with it each time
		return Permanent(errors.New("the process ended during the last try"))
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return x.Handlers[t.Kind](ctx, t)
}

// finish moves the job to its next state, unless another runner has it by now.
func (x *run) finish(ctx context.Context, t *Task, err error) error {
	now := x.Clock.Now()
	state, text, runAt, tries, finished := Done, "", t.RunAt, t.Tries, &now
	switch {
	case err == nil:
	case errors.Is(err, errLost):
		return nil
	case errors.Is(err, errStopping):
		state, tries, finished = Queued, t.Tries-1, nil
	case errors.Is(err, errCancelled):
		state = Cancelled
	case IsPermanent(err), t.Tries >= t.MaxTries:
		state, text = Dead, err.Error()
		x.Log.ErrorContext(ctx, "job is dead", "job_id", t.ID, "kind", t.Kind, "tries", t.Tries, "error", text)
	default:
		state, text, runAt, finished = Queued, err.Error(), now.Add(x.Backoff(t.Tries)), nil
		x.Log.WarnContext(ctx, "job failed, will be tried again", "job_id", t.ID, "kind", t.Kind, "tries", t.Tries, "error", text)
	}
	_, execErr := sqldb.Exec(ctx, x.DB, `
		UPDATE job SET state = $1, error = $2, run_at = $3, tries = $4, finished_at = $5, owner = '', lease_until = NULL
		WHERE id = $6 AND owner = $7 AND tries = $8 AND state = 'running'`, state, text, runAt, tries, finished, t.ID, x.owner, t.Tries)
	return execErr
}

// beat renews the leases of what is under way and passes on what others ask,
// until all handlers have returned: also while the process stops.
func (x *run) beat(ctx context.Context, idle <-chan struct{}) {
	tick := time.NewTicker(x.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-idle:
			return
		case <-tick.C:
		}
		x.mu.Lock()
		live := maps.Clone(x.live)
		x.mu.Unlock()
		if len(live) == 0 {
			continue
		}
		type lease struct {
			ID     string `db:"id"`
			Tries  int    `db:"tries"`
			Cancel bool   `db:"cancel"`
		}
		held, err := sqldb.All[lease](context.WithoutCancel(ctx), x.DB, `
			UPDATE job SET lease_until = $1 WHERE owner = $2 AND state = 'running' RETURNING id, tries, cancel`, x.Clock.Now().Add(x.Lease), x.owner)
		if err != nil {
			x.Log.ErrorContext(ctx, "renew leases failed", "error", err)
			continue
		}
		for t, cancel := range live {
			i := slices.IndexFunc(held, func(l lease) bool { return l.ID == t.ID && l.Tries == t.Tries })
			switch {
			case i < 0:
				cancel(errLost)
			case held[i].Cancel:
				cancel(errCancelled)
			}
		}
	}
}

// Periodic makes a job again and again. However many runners there are, each slot's job is
// made once; slots missed while nothing ran are made up for by the last one.
type Periodic struct {
	Kind string
	Slot func(now time.Time) time.Time // the last slot that is not after now
}

// Every has a slot at each whole multiple of d.
func Every(d time.Duration) func(time.Time) time.Time {
	return func(now time.Time) time.Time { return now.Truncate(d) }
}

// Daily has a slot each day at that time in Vietnam.
func Daily(hour, minute int) func(time.Time) time.Time {
	return func(now time.Time) time.Time {
		slot := clock.DayOf(now).Start().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
		if slot.After(now) {
			slot = slot.AddDate(0, 0, -1)
		}
		return slot
	}
}

// keepTime makes the periodic jobs and deletes old ones.
func (x *run) keepTime(ctx context.Context) {
	made := map[string]time.Time{}
	var pruned time.Time
	for {
		now := x.Clock.Now()
		for _, p := range x.Periodic {
			slot := p.Slot(now).UTC()
			if made[p.Kind].Equal(slot) {
				continue
			}
			_, err := Enqueue(ctx, x.DB, p.Kind, struct{}{}, Options{ID: p.Kind + "@" + slot.Format(time.RFC3339), UniqueKey: "periodic " + p.Kind})
			if err != nil && ctx.Err() == nil {
				x.Log.ErrorContext(ctx, "make periodic job failed", "kind", p.Kind, "error", err)
				continue
			}
			made[p.Kind] = slot
		}
		if now.Sub(pruned) > time.Hour {
			pruned = now
			if err := Prune(ctx, x.DB, now.Add(-x.Keep)); err != nil && ctx.Err() == nil {
				x.Log.ErrorContext(ctx, "prune jobs failed", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(x.Poll):
		}
	}
}
