package sqldb_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

var schema = fstest.MapFS{"00001_note.sql": {Data: []byte(`-- +goose Up
CREATE TABLE note (id TEXT PRIMARY KEY, title TEXT NOT NULL UNIQUE, done BOOLEAN NOT NULL, due TEXT, extra TEXT, n BIGINT, at TIMESTAMPTZ NOT NULL, raw BYTEA);
`)}}

type note struct {
	ID    string                     `db:"id"`
	Title string                     `db:"title"`
	Done  bool                       `db:"done"`
	Due   clock.Date                 `db:"due"`
	Extra sqldb.JSON[map[string]int] `db:"extra"`
	N     *int64                     `db:"n"`
	At    time.Time                  `db:"at"`
	Raw   []byte                     `db:"raw"`
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := context.Background()
		for range 2 { // the second run finds nothing to do
			if err := sqldb.Migrate(ctx, db, "note", schema); err != nil {
				t.Fatal(err)
			}
		}
		at := time.Date(2025, 7, 1, 3, 4, 5, 678901000, time.UTC)
		seven := int64(7)
		want := note{
			ID: sqldb.NewID(), Title: "Đắk Lắk", Due: clock.MustDate("2025-07-01"), N: &seven,
			Extra: sqldb.JSON[map[string]int]{V: map[string]int{"a": 1}}, At: at, Raw: []byte{0, 1, 2},
		}
		if err := sqldb.Insert(ctx, db, "note", want); err != nil {
			t.Fatal(err)
		}
		got, err := sqldb.One[note](ctx, db, `SELECT id, title, done, due, extra, n, at, raw FROM note WHERE due <= $1 AND at <= $2`,
			clock.MustDate("2025-07-01"), at)
		if err != nil {
			t.Fatal(err)
		}
		if got.Title != want.Title || got.Due != want.Due || got.Extra.V["a"] != 1 || *got.N != 7 || !got.At.Equal(at) ||
			string(got.Raw) != string(want.Raw) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if latest, err := sqldb.One[time.Time](ctx, db, `SELECT MAX(at) FROM note`); err != nil || !latest.Equal(at) {
			t.Errorf("MAX(at) = %v, %v; want %v", latest, err, at)
		}
		if err := sqldb.Insert(ctx, db, "note", want); !sqldb.IsDuplicate(err) {
			t.Errorf("second insert: %v, want a duplicate", err)
		}
		if _, err := sqldb.One[string](ctx, db, `SELECT id FROM note WHERE id = $1`, "none"); !errors.Is(err, sqldb.ErrNone) {
			t.Errorf("missing row: %v, want ErrNone", err)
		}
	})
}

func TestInTxRollsBackAndSerialises(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := context.Background()
		if err := sqldb.Migrate(ctx, db, "note", schema); err != nil {
			t.Fatal(err)
		}
		boom := errors.New("boom")
		err := db.InTx(ctx, func(tx *sqldb.Tx) error {
			if err := sqldb.Insert(ctx, tx, "note", note{ID: "1", Title: "x", At: time.Now()}); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatalf("got %v, want boom", err)
		}
		if n, _ := sqldb.One[int](ctx, db, `SELECT COUNT(*) FROM note`); n != 0 {
			t.Fatalf("%d rows after a rollback, want 0", n)
		}
		zero := int64(0)
		if err := sqldb.Insert(ctx, db, "note", note{ID: "1", Title: "x", At: time.Now(), N: &zero}); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 5 {
					if err := db.InTx(ctx, func(tx *sqldb.Tx) error {
						_, err := sqldb.Exec(ctx, tx, `UPDATE note SET n = n + 1 WHERE id = $1`, "1")
						return err
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n, _ := sqldb.One[int](ctx, db, `SELECT n FROM note WHERE id = $1`, "1"); n != 40 {
			t.Errorf("n = %d, want 40", n)
		}
	})
}

func TestInsertManyRows(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := context.Background()
		if err := sqldb.Migrate(ctx, db, "note", schema); err != nil {
			t.Fatal(err)
		}
		rows := make([]note, 1000)
		for i := range rows {
			id := sqldb.NewID()
			rows[i] = note{ID: id, Title: id, At: time.Now()}
		}
		if err := sqldb.Insert(ctx, db, "note", rows...); err != nil {
			t.Fatal(err)
		}
		var a sqldb.Args
		in := sqldb.In(&a, []string{rows[0].ID, rows[999].ID})
		got, err := sqldb.All[string](ctx, db, `SELECT title FROM note WHERE id IN `+in, a.Values()...)
		if err != nil || len(got) != 2 {
			t.Errorf("got %v, %v; want two rows", got, err)
		}
	})
}

func TestOpenSaysWhatItWants(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "board.db", "mysql://x", "sqlite:"} {
		if _, err := sqldb.Open(context.Background(), url, sqldb.Options{}); err == nil {
			t.Errorf("Open(%q) succeeded", url)
		}
	}
}

// What is kept parsed answers as what is not, also when tables change under it.
func TestKeptQueries(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		if err := sqldb.Migrate(ctx, db, "note", schema); err != nil {
			t.Fatal(err)
		}
		for n := range 5 {
			if err := sqldb.Insert(ctx, db, "note", note{ID: string(rune('a' + n)), Title: string(rune('a' + n))}); err != nil {
				t.Fatal(err)
			}
			if got, err := sqldb.One[int](ctx, db.Kept(), `SELECT COUNT(*) FROM note WHERE title <> $1`, "x"); err != nil || got != n+1 {
				t.Errorf("%d, %v, want %d", got, err, n+1)
			}
			if _, err := sqldb.Exec(ctx, db, `CREATE INDEX note_`+string(rune('a'+n))+` ON note (title)`); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := sqldb.One[int](ctx, db.Kept(), `SELECT COUNT(*) FROM nowhere`); err == nil {
			t.Error("a wrong query has no error")
		}
		ended, end := context.WithCancel(ctx)
		end()
		if _, err := sqldb.One[int](ended, db.Kept(), `SELECT COUNT(*) FROM note WHERE title <> $1`, "x"); err == nil {
			t.Error("a query of somebody who has left has no error")
		}
	})
}
