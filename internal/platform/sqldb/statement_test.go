package sqldb_test

import (
	"context"
	"errors"
	"testing"

	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestOftenRun runs one statement often enough to be kept, across a failed transaction
// and a change of its table.
func TestOftenRun(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		do := func(query string, args ...any) error {
			return db.InTx(ctx, func(tx *sqldb.Tx) error {
				_, err := sqldb.Exec(ctx, tx, query, args...)
				return err
			})
		}
		if err := do(`CREATE TABLE counter (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)`); err != nil {
			t.Fatal(err)
		}
		const add = `INSERT INTO counter (id, n) VALUES ($1, $2)`
		for i := range 100 {
			if err := do(add, i, i); err != nil {
				t.Fatal(err)
			}
			if i == 50 {
				if err := do(`ALTER TABLE counter ADD COLUMN note TEXT`); err != nil {
					t.Fatal(err)
				}
			}
			if i%10 == 9 {
				undone := errors.New("undone")
				if err := db.InTx(ctx, func(tx *sqldb.Tx) error {
					if _, err := sqldb.Exec(ctx, tx, add, 1000+i, i); err != nil {
						return err
					}
					return undone
				}); !errors.Is(err, undone) {
					t.Fatalf("a transaction that fails gave %v", err)
				}
				if err := do(add, i, i); !sqldb.IsDuplicate(err) {
					t.Fatalf("the same key again gave %v", err)
				}
			}
		}
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		if err := db.InTx(cancelled, func(tx *sqldb.Tx) error { _, err := sqldb.Exec(cancelled, tx, add, 2000, 0); return err }); err == nil {
			t.Error("a cancelled transaction went in")
		}
		n, err := sqldb.One[int](ctx, db, `SELECT COUNT(*) FROM counter`)
		if err != nil || n != 100 {
			t.Errorf("rows = %d, %v, want 100", n, err)
		}
	})
}
