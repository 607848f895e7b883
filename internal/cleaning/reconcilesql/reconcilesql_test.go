package reconcilesql_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/cleaning/reconcile"
	"dean06/internal/cleaning/reconcilesql"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestTally: what a client asked adds up by day and number, and a session meets somebody once
// a day.
func TestTally(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		if err := reconcilesql.Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		var logged []citizen.Number
		var failed error
		s := reconcilesql.New(db, func(ctx context.Context, _ reconcile.Caller, _ int, do func(tx *sqldb.Tx) ([]citizen.Number, error)) error {
			var met []citizen.Number
			err := db.InTx(ctx, func(tx *sqldb.Tx) (err error) {
				if met, err = do(tx); err != nil {
					return err
				}
				return failed
			})
			if err == nil {
				logged = append(logged, met...)
			}
			return err
		})
		one, two := citizen.MustNumber("001090000001"), citizen.MustNumber("001090000002")
		day := clock.MustDate("2026-11-30")
		note := func(day clock.Date, client, session string, n reconcile.Noted) {
			t.Helper()
			if err := s.Note(t.Context(), day, reconcile.Caller{Client: client, Session: session}, n); err != nil {
				t.Fatal(err)
			}
		}
		expect := func(day clock.Date, client string, asked, missed, ofOne, ofTwo int) {
			t.Helper()
			c, err := s.Counted(t.Context(), day, client, []citizen.Number{one, two, one})
			if err != nil || c.Asked != asked || c.Missed != missed || c.About[one] != ofOne || c.About[two] != ofTwo {
				t.Errorf("%s %s: %+v, %v", day, client, c, err)
			}
		}
		expect(day, "a", 0, 0, 0, 0)
		note(day, "a", "s", reconcile.Noted{Asked: 3, Missed: 1, About: []citizen.Number{one, one, two}, Met: []citizen.Number{one, one, two}})
		note(day, "a", "s", reconcile.Noted{Asked: 2, Missed: 2, About: []citizen.Number{one}, Met: []citizen.Number{one}})
		note(day, "a", "s", reconcile.Noted{}) // nothing that meant anybody
		expect(day, "a", 5, 3, 3, 1)
		expect(day, "b", 0, 0, 0, 0)
		if want := []citizen.Number{one, two}; !slices.Equal(logged, want) {
			t.Errorf("logged %d, want each once", len(logged))
		}
		note(day, "a", "other", reconcile.Noted{Asked: 1, Met: []citizen.Number{one}})
		note(day.AddDays(1), "a", "s", reconcile.Noted{Asked: 1, Met: []citizen.Number{one}})
		if want := []citizen.Number{one, two, one, one}; !slices.Equal(logged, want) {
			t.Errorf("logged %d, want once more for another session and another day", len(logged))
		}
		failed = errors.New("no log")
		if err := s.Note(t.Context(), day, reconcile.Caller{Client: "a"}, reconcile.Noted{Asked: 9}); !errors.Is(err, failed) {
			t.Errorf("%v, want the log's fault", err)
		}
		expect(day, "a", 6, 3, 3, 1) // it was not counted either
		if err := s.Forget(t.Context(), day.AddDays(1)); err != nil {
			t.Fatal(err)
		}
		expect(day, "a", 0, 0, 0, 0)
		expect(day.AddDays(1), "a", 1, 0, 0, 0)
	})
}
