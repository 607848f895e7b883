package sqldb_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// again opens a database a second time, on either engine.
func again(t *testing.T, db *sqldb.DB, o sqldb.Options) *sqldb.DB {
	t.Helper()
	second, err := sqldb.Open(t.Context(), db.URL(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = second.Close() })
	return second
}

func keyOf(err error) string {
	if f := fault.As(err); f != nil {
		return f.Key
	}
	return ""
}

// newer is the schema of a program that is one release ahead.
var newer = fstest.MapFS{
	"00001_note.sql":  schema["00001_note.sql"],
	"00002_later.sql": {Data: []byte("-- +goose Up\nCREATE TABLE later (id TEXT PRIMARY KEY);\n")},
}

func TestReadOnlyWritesNothing(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		if err := sqldb.Migrate(ctx, db, "note", schema); err != nil {
			t.Fatal(err)
		}
		ro := again(t, db, sqldb.Options{ReadOnly: true})
		if err := sqldb.Migrate(ctx, ro, "other", schema); keyOf(err) != "database.foreign" {
			t.Errorf("tables that are not there: %v", err)
		}
		if err := sqldb.Migrate(ctx, ro, "note", schema); err != nil {
			t.Errorf("tables that are there: %v", err)
		}
		if err := sqldb.Migrate(ctx, ro, "note", newer); keyOf(err) != "database.older" {
			t.Errorf("tables of an older program: %v", err)
		}
		if err := sqldb.Insert(ctx, db, "note", note{ID: "1", Title: "x"}); err != nil {
			t.Fatal(err)
		}
		if err := sqldb.Insert(ctx, ro, "note", note{ID: "2", Title: "y"}); !errors.Is(err, sqldb.ErrReadOnly) {
			t.Errorf("insert: %v", err)
		}
		if err := ro.InTx(ctx, func(tx *sqldb.Tx) error { return sqldb.Insert(ctx, tx, "note", note{ID: "3", Title: "z"}) }); err == nil {
			t.Error("a transaction wrote")
		}
		if n, err := sqldb.One[int](ctx, ro, `SELECT COUNT(*) FROM note`); err != nil || n != 1 {
			t.Errorf("%d rows, %v, want 1", n, err)
		}
	})
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		if err := sqldb.Migrate(ctx, db, "note", newer); err != nil {
			t.Fatal(err)
		}
		for name, as := range map[string]*sqldb.DB{
			"writing": db, "examining": db.Examine(), "reading": again(t, db, sqldb.Options{ReadOnly: true}),
		} {
			if err := sqldb.Migrate(ctx, as, "note", schema); keyOf(err) != "database.newer" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := sqldb.Migrate(ctx, db.Examine(), "other", schema); err != nil {
			t.Errorf("examining made an error of tables that are not there: %v", err)
		}
		if n, err := sqldb.One[int](ctx, db.Examine(), `SELECT COUNT(*) FROM note`); err != nil || n != 0 {
			t.Errorf("%d, %v", n, err)
		}
	})
}

// What is only read leaves nothing beside it, and works where nothing may be written.
func TestReadOnlyFileStaysAlone(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := t.TempDir()
	url := "sqlite:" + filepath.Join(dir, "a.db")
	if _, err := sqldb.Open(ctx, url, sqldb.Options{ReadOnly: true}); fault.Of(err) != fault.NotFound {
		t.Errorf("a file that is not there: %v", err)
	}
	db, err := sqldb.Open(ctx, url, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(sqldb.Migrate(ctx, db, "note", schema), db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(filepath.Join(dir, "a.db"), 0o400), os.Chmod(dir, 0o500)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) }) //nolint:gosec // a folder
	ro, err := sqldb.Open(ctx, url, sqldb.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := sqldb.One[int](ctx, ro, `SELECT COUNT(*) FROM note`); err != nil || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
	out := filepath.Join(t.TempDir(), "copy.db")
	if err := ro.CopyTo(ctx, out); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("copy: %v, %v", info, err)
	}
	if err := ro.CopyTo(ctx, out); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
	if err := ro.Close(); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the database: %v, %v", entries, err)
	}
}

func TestMemory(t *testing.T) {
	t.Parallel()
	for range 2 {
		db, err := sqldb.Open(t.Context(), "sqlite:memory", sqldb.Options{Memory: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := sqldb.Migrate(t.Context(), db, "note", schema); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat("memory"); err == nil {
			t.Error("a file was made")
		}
	}
}
