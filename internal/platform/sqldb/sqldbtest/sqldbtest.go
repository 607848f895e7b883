// Package sqldbtest gives each test a database of its own, on every engine, so
// that one conformance suite holds a store to the same behaviour on all.
package sqldbtest

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dean06/internal/platform/sqldb"
)

// Run runs f once on SQLite and once on PostgreSQL, each time on an empty
// database, in parallel. Without TEST_POSTGRES the second is skipped and says so.
func Run(t *testing.T, f func(t *testing.T, db *sqldb.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, OpenSQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, OpenPostgres(t))
	})
}

// OpenSQLite opens a database in a file of the test's own.
func OpenSQLite(tb testing.TB) *sqldb.DB {
	tb.Helper()
	db, err := sqldb.Open(context.Background(), "sqlite:"+filepath.Join(tb.TempDir(), "test.db"), sqldb.Options{Relaxed: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

// OpenPostgres opens a schema of the test's own on the server that TEST_POSTGRES
// names, and drops it afterwards.
func OpenPostgres(tb testing.TB) *sqldb.DB {
	tb.Helper()
	server := os.Getenv("TEST_POSTGRES")
	if server == "" {
		tb.Skip("PostgreSQL skipped: set TEST_POSTGRES=postgres://user@host/database to run it")
	}
	ctx := context.Background()
	admin, err := sql.Open("pgx", server)
	if err != nil {
		tb.Fatal(err)
	}
	admin.SetMaxOpenConns(1)
	schema := "t_" + strings.ReplaceAll(sqldb.NewID(), "-", "")
	if _, err := admin.ExecContext(ctx, "CREATE SCHEMA "+schema); err != nil {
		tb.Fatalf("create schema on TEST_POSTGRES: %v", err)
	}
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	db, err := sqldb.Open(ctx, u.String(), sqldb.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
		if _, err := admin.ExecContext(ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			tb.Error(err)
		}
		_ = admin.Close()
	})
	return db
}
