package populationnode

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
	"dean06/internal/population/populationsql"
)

var (
	testNow = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	admin   = actor.Actor{Account: "a-9", Name: "Phạm Thị Mẫu", Roles: []string{population.Administrator}}
	report  = population.LoadReport{
		Lines: 3, Loaded: 2, Bad: 1, BadRows: []population.BadRow{{Line: 3, Column: "birth", Key: "citizen.day.bad"}},
		Warnings: []population.Warning{{Key: "population.load.number_differs", Count: 1, Lines: []int{2}}}, Took: time.Second,
	}
)

// newLoads takes in every file but those that say that they are broken.
func newLoads(t *testing.T, db *sqldb.DB) *loads {
	t.Helper()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, jobs.Migrate, populationsql.Migrate} {
		if err := migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	files, err := blob.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	load := func(_ context.Context, file io.Reader, o population.LoadOptions) (population.LoadReport, error) {
		raw, err := io.ReadAll(file)
		if err != nil {
			return population.LoadReport{}, err
		}
		if strings.Contains(string(raw), "broken") {
			return population.LoadReport{}, fault.New(fault.Invalid, "population.load.column", fault.Args{"column": "2"})
		}
		o.Progress(2, 3)
		return report, nil
	}
	return &loads{db: db, files: files, clock: clock.Fixed(testNow), load: load}
}

// run runs the jobs until all that were named are finished.
func (l *loads) run(t *testing.T, ids ...string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	runner := &jobs.Runner{
		DB: l.db, Log: slog.New(slog.DiscardHandler), Handlers: map[string]jobs.Handler{loadKind: l.handle}, Poll: 5 * time.Millisecond,
	}
	done := make(chan error, 1)
	go func() { done <- runner.Run(ctx) }()
	defer func() {
		stop()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}()
	for range 3000 { // half a minute
		finished := 0
		for _, id := range ids {
			j, err := jobs.Get(t.Context(), l.db, id)
			if err != nil {
				t.Fatal(err)
			}
			if j.Finished() {
				finished++
			}
		}
		if finished == len(ids) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the jobs did not end")
}

// breaking is a file that breaks off.
type breaking struct{ io.ReadSeeker }

func (breaking) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestLoads(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		l := newLoads(t, db)
		registrar := actor.Actor{Account: "a-1", Roles: []string{population.Registrar}}
		_, start := l.Start(ctx, registrar, "x.csv", strings.NewReader("x"))
		_, get := l.Get(ctx, registrar, "x")
		_, recent := l.Recent(ctx, registrar)
		for name, err := range map[string]error{"start": start, "get": get, "recent": recent} {
			if fault.Of(err) != fault.Denied {
				t.Errorf("%s by somebody without the role: %v", name, err)
			}
		}
		if _, err := l.Start(ctx, admin, "x.csv", strings.NewReader("")); fault.Of(err) != fault.Invalid {
			t.Errorf("an empty file: %v", err)
		}
		if _, err := l.Start(ctx, admin, "x.csv", breaking{strings.NewReader("x")}); err == nil {
			t.Error("a file that broke off was taken")
		}
		good, err := l.Start(ctx, admin, "good.csv", strings.NewReader("number\n1\n2\n3\n"))
		if err != nil {
			t.Fatal(err)
		}
		again, err := l.Start(ctx, admin, "again.csv", strings.NewReader("number\n1\n2\n3\n")) // the same content
		if err != nil {
			t.Fatal(err)
		}
		bad, err := l.Start(ctx, admin, "bad.csv", strings.NewReader("broken"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := l.Get(ctx, admin, good); err != nil || got.Finished || got.Name != "good.csv" || got.By != admin.Name {
			t.Errorf("before it ran: %+v, %v", got, err)
		}
		l.run(t, good, again, bad)
		for _, id := range []string{good, again} {
			got, err := l.Get(ctx, admin, id)
			if err != nil || !got.Finished || got.Report == nil {
				t.Fatalf("%s: %+v, %v", id, got, err)
			}
			if diff := cmp.Diff(report, *got.Report); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
		}
		// A bad file of somebody's is no failure of the program's.
		other, err := l.Get(ctx, admin, bad)
		if err != nil || other.Failed != "" || other.Report != nil || other.Refused == nil ||
			other.Refused.Key != "population.load.column" || other.Refused.Args["column"] != "2" {
			t.Errorf("a broken file: %+v, %v", other, err)
		}
		if dead, err := jobs.List(ctx, db, jobs.Filter{State: jobs.Dead}); err != nil || len(dead) != 0 {
			t.Errorf("dead jobs: %+v, %v", dead, err)
		}
		if list, err := l.Recent(ctx, admin); err != nil || len(list) != 3 || list[0].ID != bad {
			t.Errorf("recent: %+v, %v", list, err)
		}
		if _, err := l.Get(ctx, admin, "none"); fault.Of(err) != fault.NotFound {
			t.Errorf("none: %v", err)
		}
	})
}

// TestReportOfBefore: what the program kept when reports were of another shape is read.
func TestReportOfBefore(t *testing.T) {
	t.Parallel()
	got, err := readReport([]byte(`{"rows":3,"loaded":2,"bad":[{"line":3,"column":"birth","key":"citizen.day.bad"}],"bad_count":1,
		"warnings":{"population.load.number_differs":2},"took":1000000000}`))
	if err != nil {
		t.Fatal(err)
	}
	want := &population.LoadReport{
		Lines: 3, Loaded: 2, Bad: 1, BadRows: []population.BadRow{{Line: 3, Column: "birth", Key: "citizen.day.bad"}},
		Warnings: []population.Warning{{Key: "population.load.number_differs", Count: 2}}, Took: time.Second,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFallBetween: the file was kept and the program fell before there was a job for it.
func TestFallBetween(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		l := newLoads(t, db)
		keep := func(text string, at time.Time) blob.Ref {
			t.Helper()
			l.clock = clock.Fixed(at)
			file := strings.NewReader(text)
			if _, err := l.note(ctx, file); err != nil {
				t.Fatal(err)
			}
			ref, err := l.files.Put(ctx, file, 1000)
			if err != nil {
				t.Fatal(err)
			}
			return ref
		}
		old := keep("left behind", testNow.Add(-2*time.Hour))
		young := keep("on its way", testNow)
		wanted := keep("wanted by a job", testNow.Add(-2*time.Hour))
		if _, err := jobs.Enqueue(ctx, db, loadKind, loadPayload{File: wanted}, jobs.Options{}); err != nil {
			t.Fatal(err)
		}
		l.clock = clock.Fixed(testNow)
		if err := l.sweep(ctx); err != nil {
			t.Fatal(err)
		}
		there := func(ref blob.Ref) bool {
			r, err := l.files.Open(ctx, ref)
			if err != nil {
				return false
			}
			defer r.Close()
			_, err = io.Copy(&bytes.Buffer{}, r)
			return err == nil
		}
		if there(old) || !there(young) || !there(wanted) {
			t.Errorf("old %v, young %v, wanted %v; want only the old one gone", there(old), there(young), there(wanted))
		}
		if left, err := populationsql.Uploads(ctx, db, testNow.Add(time.Second)); err != nil || len(left) != 1 {
			t.Errorf("notes = %+v, %v, want that of the young one", left, err)
		}
	})
}
