package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

func open(t *testing.T, db *sqldb.DB) context.Context {
	t.Helper()
	if err := jobs.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	return t.Context()
}

// start runs a runner and gives the function that stops it and waits.
func start(t *testing.T, r jobs.Runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	if r.Poll == 0 {
		r.Poll = 5 * time.Millisecond
	}
	if r.Backoff == nil {
		r.Backoff = func(int) time.Duration { return 5 * time.Millisecond }
	}
	go func() { ended <- r.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func put(t *testing.T, db *sqldb.DB, kind string, payload any, o jobs.Options) string {
	t.Helper()
	id, err := jobs.Enqueue(t.Context(), db, kind, payload, o)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// wait waits until the job is in one of the states.
func wait(t *testing.T, db *sqldb.DB, id string, states ...jobs.State) jobs.Job {
	t.Helper()
	var j jobs.Job
	for range 12000 {
		var err error
		if j, err = jobs.Get(t.Context(), db, id); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(states, j.State) {
			return j
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("job %s is %s after a minute, want %v", id, j.State, states)
	return j
}

func TestManyWorkersRunEachJobOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := open(t, db)
		const n = 150
		if err := db.InTx(ctx, func(tx *sqldb.Tx) error {
			for i := range n {
				if _, err := jobs.Enqueue(ctx, tx, "count", i, jobs.Options{}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		ran, all := map[int]int{}, make(chan struct{})
		for range 4 { // four processes with two workers each
			start(t, jobs.Runner{DB: db, Workers: 2, Handlers: map[string]jobs.Handler{"count": func(ctx context.Context, task *jobs.Task) error {
				var i int
				if err := task.Decode(&i); err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				if ran[i]++; len(ran) == n {
					all <- struct{}{}
				}
				return nil
			}}})
		}
		<-all
		mu.Lock()
		defer mu.Unlock()
		for i, times := range ran {
			if times != 1 {
				t.Errorf("job %d ran %d times", i, times)
			}
		}
	})
}

func TestRetryDeathAndRevival(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := open(t, db)
		fail := true
		start(t, jobs.Runner{DB: db, Workers: 1, Handlers: map[string]jobs.Handler{
			"flaky": func(ctx context.Context, task *jobs.Task) error {
				if task.Tries < 3 {
					return fmt.Errorf("try %d", task.Tries)
				}
				return nil
			},
			"hopeless": func(ctx context.Context, task *jobs.Task) error {
				if fail {
					fail = false
					return jobs.Permanent(errors.New("no such address"))
				}
				return nil
			},
			"panics": func(ctx context.Context, task *jobs.Task) error { panic("ouch") },
		}})
		if j := wait(t, db, put(t, db, "flaky", nil, jobs.Options{}), jobs.Done); j.Tries != 3 || j.Error != "" || j.FinishedAt.IsZero() {
			t.Errorf("flaky: %+v", j)
		}
		if j := wait(t, db, put(t, db, "panics", nil, jobs.Options{MaxTries: 2}), jobs.Dead); j.Tries != 2 ||
			!strings.HasPrefix(j.Error, "panic: ouch") {
			t.Errorf("panics: %+v", j)
		}
		id := put(t, db, "hopeless", nil, jobs.Options{})
		if j := wait(t, db, id, jobs.Dead); j.Tries != 1 || j.Error != "no such address" {
			t.Errorf("hopeless: %+v", j)
		}
		reg := prometheus.NewRegistry()
		reg.MustRegister(jobs.Metrics(db))
		families, err := reg.Gather()
		if err != nil || len(families) != 1 || len(families[0].GetMetric()) != 2 {
			t.Errorf("metrics: %v, %v; want two dead jobs", families, err)
		}
		if err := jobs.Retry(ctx, db, id); err != nil {
			t.Fatal(err)
		}
		wait(t, db, id, jobs.Done)
		if err := jobs.Retry(ctx, db, id); fault.Of(err) != fault.Conflict {
			t.Errorf("retry a done job: %v", err)
		}
		for _, err := range []error{jobs.Retry(ctx, db, "none"), jobs.Cancel(ctx, db, "none")} {
			if fault.Of(err) != fault.NotFound {
				t.Errorf("unknown job: %v", err)
			}
		}
		dead, err := jobs.List(ctx, db, jobs.Filter{State: jobs.Dead})
		if err != nil || len(dead) != 1 || dead[0].Kind != "panics" {
			t.Errorf("dead jobs: %+v, %v", dead, err)
		}
	})
}

func TestAJobOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := open(t, db)
		id := put(t, db, "slow", nil, jobs.Options{MaxTries: 2})
		// A process took the job and died: nobody renews the lease.
		ends := clock.System{}.Now().Add(50 * time.Millisecond)
		if _, err := sqldb.Exec(
			ctx, db, `UPDATE job SET state = 'running', owner = 'dead process', tries = 1, lease_until = $1`, ends,
		); err != nil {
			t.Fatal(err)
		}
		start(t, jobs.Runner{DB: db, Handlers: map[string]jobs.Handler{"slow": func(context.Context, *jobs.Task) error { return nil }}})
		if j := wait(t, db, id, jobs.Done); j.Tries != 2 || (clock.System{}).Now().Before(ends) {
			t.Errorf("job: %+v, taken before its lease ended", j)
		}
		// One that kills its process each time ends as dead, not in a circle.
		id = put(t, db, "slow", nil, jobs.Options{RunAt: time.Now().Add(time.Hour), MaxTries: 2})
		if _, err := sqldb.Exec(
			ctx, db, `UPDATE job SET state = 'running', owner = 'dead process', tries = 2, lease_until = $1 WHERE id = $2`, clock.System{}.Now(), id,
		); err != nil {
			t.Fatal(err)
		}
		wait(t, db, id, jobs.Dead)
	})
}

// given is a clock that stands where it was put.
type given struct{ nanos atomic.Int64 }

func (c *given) Now() time.Time        { return time.Unix(0, c.nanos.Load()).UTC() }
func (c *given) goOn(by time.Duration) { c.nanos.Add(int64(by)) }

func TestALongJobKeepsItsLease(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := open(t, db)
		const lease = 300 * time.Millisecond // renewed three times as often, whatever the given clock says
		watch := &given{}
		watch.goOn(time.Hour)
		id := put(t, db, "long", nil, jobs.Options{RunAt: watch.Now()})
		renewed := func() bool {
			until, err := sqldb.One[time.Time](ctx, db, `SELECT lease_until FROM job WHERE id = $1`, id)
			if err != nil {
				t.Error(err)
				return true
			}
			return !until.Before(watch.Now().Add(lease))
		}
		var times atomic.Int32
		for range 2 {
			long := func(ctx context.Context, _ *jobs.Task) error {
				times.Add(1)
				for range 4 { // well beyond a lease
					for !renewed() && ctx.Err() == nil {
						time.Sleep(5 * time.Millisecond)
					}
					watch.goOn(lease * 9 / 10)
				}
				return ctx.Err()
			}
			start(t, jobs.Runner{DB: db, Clock: watch, Lease: lease, Handlers: map[string]jobs.Handler{"long": long}})
		}
		if j := wait(t, db, id, jobs.Done); times.Load() != 1 || j.Tries != 1 {
			t.Errorf("ran %d times, %d tries", times.Load(), j.Tries)
		}
	})
}

func TestProgressAndCancel(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := open(t, db)
		told := make(chan struct{})
		imports := func(ctx context.Context, task *jobs.Task) error {
			if err := task.Progress(ctx, 3, 82, jobs.Note{Key: "readiness.import.reading", Args: fault.Args{"file": "H55.docx"}}); err != nil {
				return err
			}
			close(told)
			<-ctx.Done()
			return ctx.Err()
		}
		start(t, jobs.Runner{DB: db, Lease: 900 * time.Millisecond, Handlers: map[string]jobs.Handler{"import": imports}})
		id := put(t, db, "import", nil, jobs.Options{})
		<-told
		j := wait(t, db, id, jobs.Running)
		note := jobs.Note{Key: "readiness.import.reading", Args: fault.Args{"file": "H55.docx"}}
		if j.Done != 3 || j.Total != 82 || cmp.Diff(note, j.Note.V) != "" {
			t.Errorf("progress: %+v", j)
		}
		if err := jobs.Cancel(ctx, db, id); err != nil {
			t.Fatal(err)
		}
		wait(t, db, id, jobs.Cancelled)
		waiting := put(t, db, "import", nil, jobs.Options{RunAt: time.Now().Add(time.Hour)})
		if err := jobs.Cancel(ctx, db, waiting); err != nil {
			t.Fatal(err)
		}
		if j := wait(t, db, waiting, jobs.Cancelled); j.FinishedAt.IsZero() {
			t.Error("a cancelled job has no end")
		}
		if err := jobs.Cancel(ctx, db, waiting); err != nil {
			t.Errorf("cancel twice: %v", err)
		}
		if err := jobs.Prune(ctx, db, time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if left, _ := jobs.List(ctx, db, jobs.Filter{}); len(left) != 0 {
			t.Errorf("%d jobs after pruning", len(left))
		}
	})
}

func TestStoppingPutsWorkBack(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		open(t, db)
		began := make(chan struct{})
		stop := start(t, jobs.Runner{DB: db, Handlers: map[string]jobs.Handler{"long": func(ctx context.Context, task *jobs.Task) error {
			close(began)
			<-ctx.Done()
			return ctx.Err()
		}}})
		id := put(t, db, "long", nil, jobs.Options{})
		<-began
		stop()
		if j := wait(t, db, id, jobs.Queued); j.Tries != 0 || j.Error != "" {
			t.Errorf("after stopping: %+v", j)
		}
	})
}

func TestUniqueKeyAndLater(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := open(t, db)
		later := jobs.Options{RunAt: time.Now().Add(time.Hour), UniqueKey: "remind H55"}
		var wg sync.WaitGroup
		ids := make([]string, 10)
		for i := range ids {
			wg.Go(func() {
				var err error
				if ids[i], err = jobs.Enqueue(ctx, db, "remind", i, later); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if slices.Sort(ids); ids[0] != ids[9] {
			t.Errorf("several jobs of one key: %v", ids)
		}
		start(t, jobs.Runner{DB: db, Handlers: map[string]jobs.Handler{"remind": func(context.Context, *jobs.Task) error { return nil }}})
		now := put(t, db, "remind", nil, jobs.Options{})
		wait(t, db, now, jobs.Done)
		wait(t, db, ids[0], jobs.Queued) // its hour has not come
		if err := jobs.Cancel(ctx, db, ids[0]); err != nil {
			t.Fatal(err)
		}
		if again := put(t, db, "remind", nil, later); again == ids[0] {
			t.Error("a finished job still holds the key")
		}
		if err := jobs.Retry(ctx, db, ids[0]); fault.Of(err) != fault.Conflict {
			t.Errorf("two jobs of one key: %v", err)
		}
		if _, err := jobs.Enqueue(ctx, db, "remind", nil, jobs.Options{ID: now, UniqueKey: "other"}); err != nil {
			t.Errorf("same id, other key: %v", err)
		}
	})
}

func TestPeriodicIsMadeOncePerSlot(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := open(t, db)
		at := time.Date(2025, 7, 1, 9, 30, 0, 0, clock.Zone)
		for range 3 {
			start(
				t,
				jobs.Runner{
					DB: db, Clock: clock.Fixed(at),
					Periodic: []jobs.Periodic{{Kind: "chase", Slot: jobs.Daily(7, 0)}, {Kind: "probe", Slot: jobs.Every(time.Hour)}},
				},
			)
		}
		var got []string
		for until := time.Now().Add(time.Minute); len(got) < 2 && time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
			list, err := jobs.List(ctx, db, jobs.Filter{})
			if err != nil {
				t.Fatal(err)
			}
			got = nil
			for _, j := range list {
				got = append(got, j.ID)
			}
		}
		if diff := cmp.Diff([]string{"probe@2025-07-01T02:00:00Z", "chase@2025-07-01T00:00:00Z"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDailySlots(t *testing.T) {
	t.Parallel()
	slot := jobs.Daily(7, 30)
	for _, tt := range []struct{ now, want string }{
		{"2025-07-01T07:30:00+07:00", "2025-07-01T07:30:00+07:00"},
		{"2025-07-01T07:29:59+07:00", "2025-06-30T07:30:00+07:00"},
		{"2025-06-30T20:00:00Z", "2025-06-30T07:30:00+07:00"},
	} {
		now, _ := time.Parse(time.RFC3339, tt.now)
		if got := slot(now).Format(time.RFC3339); got != tt.want {
			t.Errorf("slot(%s) = %s, want %s", tt.now, got, tt.want)
		}
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(jobs.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []jobs.State{jobs.Queued, jobs.Running, jobs.Done, jobs.Dead, jobs.Cancelled} {
		if !c.Has("jobs.state." + string(s)) {
			t.Errorf("no name for %s", s)
		}
	}
}
