package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/blob"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
	"dean06/internal/population/populationweb"
)

func TestJobLoads(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx, stop := context.WithCancel(t.Context())
		if err := jobs.Migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
		blobs, err := blob.NewDir(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		want := population.LoadReport{Rows: 3, Loaded: 2, BadCount: 1, Bad: []population.BadRow{{Line: 3, Column: "birth", Key: "citizen.day.bad"}}, Took: time.Second}
		loads := &fileLoads{DB: db, Blobs: blobs, Load: func(_ context.Context, file io.Reader, o population.LoadOptions) (population.LoadReport, error) {
			raw, err := io.ReadAll(file)
			if err != nil {
				return population.LoadReport{}, err
			}
			if strings.Contains(string(raw), "broken") {
				return population.LoadReport{}, fault.New(fault.Invalid, "population.load.header", nil)
			}
			o.Progress(2)
			return want, nil
		}}
		admin := population.Actor{Name: "Phạm Thị Mẫu", Roles: []population.Role{population.Administrator}}
		if _, err := loads.Start(ctx, population.Actor{}, "x.csv", strings.NewReader("x")); fault.Of(err) != fault.Denied {
			t.Errorf("started by somebody without the role: %v", err)
		}
		if _, err := loads.Start(ctx, admin, "x.csv", strings.NewReader("")); fault.Of(err) != fault.Invalid {
			t.Errorf("an empty file: %v", err)
		}
		if _, err := loads.Start(ctx, admin, "x.csv", iotest.ErrReader(io.ErrUnexpectedEOF)); err == nil {
			t.Error("a file that broke off was taken")
		}
		good, err := loads.Start(ctx, admin, "good.csv", strings.NewReader("number\n1\n2\n3\n"))
		if err != nil {
			t.Fatal(err)
		}
		bad, err := loads.Start(ctx, admin, "bad.csv", strings.NewReader("broken"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := loads.Get(ctx, good); err != nil || got.Finished || got.Name != "good.csv" || got.By != admin.Name {
			t.Errorf("before it ran: %+v, %v", got, err)
		}
		runner := &jobs.Runner{DB: db, Log: slog.New(slog.DiscardHandler), Handlers: map[string]jobs.Handler{loadKind: loads.Handle}, Poll: 5 * time.Millisecond}
		done := make(chan error, 1)
		go func() { done <- runner.Run(ctx) }()
		defer func() {
			stop()
			if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}()
		var one, other populationweb.Load
		for range 1500 { // half a minute
			one, err = loads.Get(ctx, good)
			if err == nil {
				other, err = loads.Get(ctx, bad)
			}
			if err != nil {
				t.Fatal(err)
			}
			if one.Finished && other.Finished {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if !one.Finished || one.Report == nil {
			t.Fatalf("not done: %+v", one)
		}
		if diff := cmp.Diff(want, *one.Report); diff != "" {
			t.Errorf("report (-want +got):\n%s", diff)
		}
		if other.Failed == "" || other.Report != nil {
			t.Errorf("a broken file: %+v", other)
		}
		if list, err := loads.Recent(ctx); err != nil || len(list) != 2 || list[0].ID != bad {
			t.Errorf("recent: %+v, %v", list, err)
		}
		if _, err := loads.Get(ctx, "none"); fault.Of(err) != fault.NotFound {
			t.Errorf("none: %v", err)
		}
	})
}
