package populationsql_test

import (
	"slices"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
)

// TestAlike: whom something said may mean, and that a name of too many says so.
func TestAlike(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r, _ := register(t, db)
		many := crowd(250)
		for i := range many {
			many[i].Number, many[i].Name, many[i].Birth = citizen.NumberOf(1, 1970, citizen.Male, 300+i), "Nguyễn Văn Đông", citizen.MustDay("1970-02-03")
			many[i].OldNumbers = nil
		}
		load(t, r, append(thuFamily(), many...))
		for _, tt := range []struct {
			about   string
			said    population.Likeness
			want    bool
			crowded bool
		}{
			{"number", population.Likeness{Number: thu}, true, false},
			{"old number", population.Likeness{OldNumber: citizen.OldFromInt(12345678)}, true, false},
			{"name without accents, birth", population.Likeness{Name: "NGUYEN VAN THU", Birth: citizen.MustDay("1990-01-01")}, true, false},
			{"another year", population.Likeness{Name: "Nguyễn Văn Thử", Birth: citizen.MustDay("1991")}, true, false},
			{"the middle name left out", population.Likeness{Name: "Nguyễn Thử", Birth: citizen.MustDay("1990")}, true, false},
			{"in another order", population.Likeness{Name: "Thử Văn Nguyễn"}, true, false},
			{"somebody else", population.Likeness{Name: "Phan Thị Lạ", Birth: citizen.MustDay("1990")}, false, false},
			{"a number beside a crowd", population.Likeness{Number: thu, Name: "Nguyễn Văn Đông", Birth: citizen.MustDay("1970")}, true, true},
			{"nothing", population.Likeness{}, false, false},
		} {
			got, crowded, err := r.Alike(t.Context(), tt.said, []population.Field{population.FieldName, population.FieldBirth})
			has := slices.ContainsFunc(got, func(p population.Person) bool { return p.Number == thu && p.Name != "" })
			if err != nil || has != tt.want || crowded != tt.crowded || len(got) > 400 {
				t.Errorf("%s: %d people, has %v, crowded %v, %v", tt.about, len(got), has, crowded, err)
			}
		}
		looks, err := r.Store.Lookups(t.Context(), thu, population.Period{}, "", 10)
		if err != nil || len(looks) != 0 {
			t.Errorf("%d look-ups in the log, want none: %v", len(looks), err)
		}
	})
}
