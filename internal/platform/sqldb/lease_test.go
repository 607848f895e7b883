package sqldb

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"dean06/internal/platform/fault"
)

var quick = leaseTimes{term: 900 * time.Millisecond, beat: 150 * time.Millisecond}

// elsewhere is a process of another machine.
var elsewhere = process{machine: "other", host: "other", started: "1", pid: 1}

func databases(t *testing.T, f func(t *testing.T, open func() *DB)) {
	t.Helper()
	run := func(name string, url func(t *testing.T) string) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := url(t)
			f(t, func() *DB {
				db, err := Open(context.Background(), u, Options{Relaxed: true})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = db.Close() })
				return db
			})
		})
	}
	run("sqlite", func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "a.db") })
	run("postgres", schemaURL)
}

func TestLeaseOfALiveHolder(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, open func() *DB) {
		ctx := t.Context()
		first, err := open().claim(ctx, "node", claiming{times: quick, self: elsewhere})
		if err != nil {
			t.Fatal(err)
		}
		keep, stop := context.WithCancel(ctx)
		var kept sync.WaitGroup
		kept.Go(func() { _ = first.Keep(keep) })
		told := 0
		_, err = open().claim(ctx, "node", claiming{times: quick, self: thisProcess(), wait: func(Holder) { told++ }})
		if f := fault.As(err); f == nil || f.Key != "database.held.node" || f.Args["host"] != "other" || told != 1 {
			t.Errorf("while it is renewed: %v, told %d times", err, told)
		}
		if err := first.Held(ctx); err != nil {
			t.Errorf("the rightful holder: %v", err)
		}
		stop()
		kept.Wait()
		// It is silent now: the next waits, and has it.
		second, err := open().claim(ctx, "node", claiming{times: quick, self: thisProcess()})
		if err != nil {
			t.Fatal(err)
		}
		if err := first.Held(ctx); !errors.Is(err, ErrLeaseLost) {
			t.Errorf("who lost it: %v", err)
		}
		if err := first.Keep(ctx); !errors.Is(err, ErrLeaseLost) {
			t.Errorf("who lost it goes on: %v", err)
		}
		if err := first.Release(ctx); err != nil {
			t.Error(err)
		}
		if err := second.Held(ctx); err != nil {
			t.Errorf("who has it: %v", err)
		}
		// This process lives, whether it renews or not.
		if _, err := open().claim(ctx, "node", claiming{times: quick, self: thisProcess()}); fault.Of(err) != fault.Conflict {
			t.Errorf("a second of the same machine: %v", err)
		}
		if err := second.Release(ctx); err != nil {
			t.Error(err)
		}
		if third, err := open().Claim(ctx, "node", nil); err != nil {
			t.Errorf("after it was given back: %v", err)
		} else if err := third.Release(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestLeaseOfADeadProcessIsFreeAtOnce(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, open func() *DB) {
		cmd := exec.Command("sleep", "60")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		holder := thisProcess()
		holder.pid = int64(cmd.Process.Pid)
		if _, holder.started = procStat(holder.pid); holder.started == "" {
			t.Fatal("no such process")
		}
		long := leaseTimes{term: time.Hour, beat: time.Minute}
		if _, err := open().claim(t.Context(), "node", claiming{times: long, self: holder}); err != nil {
			t.Fatal(err)
		}
		if _, err := open().claim(t.Context(), "node", claiming{times: long, self: thisProcess()}); fault.Of(err) != fault.Conflict {
			t.Errorf("while it lives: %v", err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if _, err := open().claim(ctx, "node", claiming{times: long, self: thisProcess()}); err != nil {
			t.Errorf("after it was killed: %v", err)
		}
	})
}

func TestLeaseWaitsNoLongerThanItsCaller(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, open func() *DB) {
		long := leaseTimes{term: time.Hour, beat: time.Minute}
		if _, err := open().claim(t.Context(), "node", claiming{times: long, self: elsewhere}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, err := open().claim(ctx, "node", claiming{times: long, self: thisProcess(), wait: func(Holder) { cancel() }})
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// Four processes that start at once on an empty database all come up.
func TestMigrateFourAtOnce(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"00001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE a (id TEXT PRIMARY KEY);\n")},
		"00002_b.sql": {Data: []byte("-- +goose Up\nINSERT INTO a (id) VALUES ('1');\nCREATE INDEX a_id ON a (id);\n")},
	}
	databases(t, func(t *testing.T, open func() *DB) {
		var all sync.WaitGroup
		for range 4 {
			db := open()
			all.Go(func() {
				if err := Migrate(t.Context(), db, "a", files); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n, err := One[int](t.Context(), open(), `SELECT COUNT(*) FROM a`); err != nil || n != 1 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
}

func schemaURL(t *testing.T) string {
	t.Helper()
	server := os.Getenv("TEST_POSTGRES")
	if server == "" {
		t.Skip("PostgreSQL skipped: set TEST_POSTGRES=postgres://user@host/database to run it")
	}
	return inSchema(t, server)
}
