package app

import (
	"log/slog"
	"sync"
	"testing"

	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// Four processes that start at once on an empty database: with PostgreSQL all come up, as
// several may share one; of an SQLite file one has it, and the others are told so.
func TestFourStartAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		c := config.Default(Shape().Sections...)
		c.DB.URL, c.Blob.Dir, c.Session.Dir = config.Secret(db.URL()), t.TempDir(), t.TempDir()
		var mu sync.Mutex
		var all sync.WaitGroup
		var nodes []*node.Node
		for range 4 {
			all.Go(func() {
				s := node.Settings{Config: c, Relaxed: true, Serving: true, Log: slog.New(slog.DiscardHandler)}
				n, _, err := Open(t.Context(), Board, s)
				mu.Lock()
				defer mu.Unlock()
				if f := fault.As(err); err != nil && (db.Engine() == sqldb.Postgres || f == nil || f.Key != "database.held.node") {
					t.Error(err)
				}
				if err == nil {
					nodes = append(nodes, n)
				}
			})
		}
		all.Wait()
		if want := map[sqldb.Engine]int{sqldb.SQLite: 1, sqldb.Postgres: 4}[db.Engine()]; len(nodes) != want {
			t.Errorf("%d came up, want %d", len(nodes), want)
		}
		for _, n := range nodes {
			if err := n.Close(); err != nil {
				t.Error(err)
			}
		}
		if n, err := sqldb.One[int](t.Context(), db, `SELECT COUNT(*) FROM lease`); err != nil || n != 0 {
			t.Errorf("%d leases left, %v", n, err)
		}
	})
}
