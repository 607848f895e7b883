package populationsql_test

import (
	"testing"

	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestLoadBesideAReader: somebody who has read the empty table and does not end the
// transaction keeps the indexes where they are, and does not keep a load waiting.
func TestLoadBesideAReader(t *testing.T) {
	t.Parallel()
	db := sqldbtest.OpenPostgres(t) // the one that locks readers
	r, _ := register(t, db)
	if err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		if _, err := sqldb.All[int64](t.Context(), tx, `SELECT number FROM population_person`); err != nil {
			return err
		}
		load(t, r, thuFamily()) // in transactions of its own
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got := load(t, r, thuFamily()); got.Loaded != 0 || got.Bad != 4 {
		t.Errorf("the second load took %d persons and refused %d, want 0 and 4", got.Loaded, got.Bad)
	}
	indexes, err := sqldb.One[int](t.Context(), db, `SELECT COUNT(*) FROM pg_indexes
		WHERE schemaname = CURRENT_SCHEMA AND tablename = 'population_person' AND indexname LIKE 'population_person_%'`)
	if err != nil || indexes < 8 {
		t.Errorf("%d indexes are left, %v", indexes, err)
	}
}
