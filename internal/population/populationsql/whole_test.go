package populationsql_test

import (
	"cmp"
	"errors"
	"slices"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
)

// TestWhole holds that everybody is read as of one moment, whatever is written meanwhile.
func TestWhole(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r, store := register(t, db)
		all := crowd(10_050) // more than are read at once
		load(t, r, all)
		last := slices.MaxFunc(all, func(a, b population.Person) int { return cmp.Compare(a.Number.Int(), b.Number.Int()) })
		read, there := 0, false
		_, err := store.Whole(t.Context(), now, []population.Field{population.FieldName}, func(list []population.Person) error {
			if read == 0 { // somebody whom it has not come to is taken out
				if _, err := sqldb.Exec(t.Context(), db, `DELETE FROM population_person WHERE number = $1`, last.Number.Int()); err != nil {
					return err
				}
			}
			read += len(list)
			there = there || slices.ContainsFunc(list, func(p population.Person) bool { return p.Number == last.Number && p.Name == last.Name })
			return nil
		})
		if err != nil || read != len(all) || !there {
			t.Errorf("%d of %d read, %v, %v", read, len(all), there, err)
		}
		if left, err := store.Persons(t.Context(), []citizen.Number{last.Number}, nil); err != nil || len(left) != 0 {
			t.Errorf("outside of the moment: %v, %v", left, err)
		}
	})
}

// TestLogWith holds that a look-up stands in the log with what it was for, or neither does.
func TestLogWith(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r, store := register(t, db)
		fell := errors.New("fell")
		e := population.Entry{Lookup: population.Lookup{
			At: now, Officer: "a-1", Service: population.ServiceClean, Purpose: "other: Bổ sung số định danh", Outcome: population.Answered,
		}}
		had, err := store.Lookups(t.Context(), wife, population.Period{}, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, give := range []error{fell, nil} {
			err := store.LogWith(t.Context(), e, func(tx *sqldb.Tx) ([]citizen.Number, error) { return []citizen.Number{thu, wife}, give })
			if !errors.Is(err, give) {
				t.Fatal(err)
			}
		}
		if err := store.LogWith(t.Context(), e, func(*sqldb.Tx) ([]citizen.Number, error) { return nil, nil }); err != nil {
			t.Fatal(err)
		}
		got, err := store.Lookups(t.Context(), wife, population.Period{}, "", 100)
		if err != nil || len(got) != len(had)+1 || got[0].Persons != 2 || got[0].Service != population.ServiceClean {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := r.VerifyLog(t.Context(), clerk); err != nil {
			t.Error(err)
		}
	})
}
