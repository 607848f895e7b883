package sqldb_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestTogether: of many at once each part is in or, where it failed, out alone; and whoever is
// told that it is in finds it there.
func TestTogether(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		if err := sqldb.Migrate(ctx, db, "note", schema); err != nil {
			t.Fatal(err)
		}
		boom := errors.New("boom")
		left, leave := context.WithCancel(ctx)
		leave()
		const each = 40
		var all sync.WaitGroup
		for who := range 8 {
			all.Go(func() {
				for n := range each {
					id := string(rune('a'+who)) + "-" + string(rune('A'+n))
					in, want := ctx, error(nil)
					switch n % 4 {
					case 1:
						want = boom
					case 2:
						in, want = left, context.Canceled
					}
					err := db.Together(in, func(tx *sqldb.Tx) error {
						if err := sqldb.Insert(in, tx, "note", note{ID: id, Title: id}); err != nil {
							return err
						}
						if n%4 == 1 {
							return boom
						}
						return nil
					})
					if !errors.Is(err, want) {
						t.Errorf("%s: %v, want %v", id, err, want)
					}
					found, err := sqldb.One[int](ctx, db, `SELECT COUNT(*) FROM note WHERE id = $1`, id)
					if err != nil || (found == 1) != (want == nil) {
						t.Errorf("%s: %d rows, %v", id, found, err)
					}
				}
			})
		}
		all.Wait()
		if n, err := sqldb.One[int](ctx, db, `SELECT COUNT(*) FROM note`); err != nil || n != 8*each/2 {
			t.Errorf("%d rows, %v, want %d", n, err, 8*each/2)
		}
	})
}

// TestTogetherUndone: when the engine undoes the whole because of one part, or a part panics,
// those of others are done again, and none is lost or there twice.
func TestTogetherUndone(t *testing.T) {
	t.Parallel()
	db := sqldbtest.OpenSQLite(t)
	ctx := t.Context()
	if err := sqldb.Migrate(ctx, db, "note", schema); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, `CREATE TRIGGER all_of_it BEFORE INSERT ON note WHEN new.title LIKE 'bad%' BEGIN SELECT RAISE(ROLLBACK, 'all'); END`); err != nil {
		t.Fatal(err)
	}
	add := func(id, title string, panics bool) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = errors.New("panic")
			}
		}()
		return db.Together(ctx, func(tx *sqldb.Tx) error {
			if err := sqldb.Insert(ctx, tx, "note", note{ID: id, Title: title}); err != nil {
				return err
			}
			if panics {
				panic("it does")
			}
			return nil
		})
	}
	var all sync.WaitGroup
	for who := range 6 {
		all.Go(func() {
			for n := range 20 {
				id := string(rune('a'+who)) + "-" + string(rune('A'+n))
				title, panics := id, false
				switch {
				case who == 0 && n%5 == 0:
					title = "bad " + id
				case who == 1 && n%5 == 0:
					panics = true
				}
				if err := add(id, title, panics); (err != nil) != (title != id || panics) {
					t.Errorf("%s: %v", id, err)
				}
			}
		})
	}
	all.Wait()
	if n, err := sqldb.One[int](ctx, db, `SELECT COUNT(*) FROM note`); err != nil || n != 6*20-8 {
		t.Errorf("%d rows, %v, want %d", n, err, 6*20-8)
	}
	if err := add("last", "last", false); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
