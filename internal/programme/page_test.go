package programme_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock/clocktest"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/programme"
	"dean06/internal/programme/programmesql"
)

// asked counts how often a store looked up cells, and how often it read in order.
type asked struct {
	programme.Store
	cells, inOrder int
}

func (a *asked) UnitTasks(ctx context.Context, f programme.Filter, c programme.Cursor, n int) ([]programme.UnitTask, error) {
	a.inOrder++
	return a.Store.UnitTasks(ctx, f, c, n)
}

func (a *asked) UnitTasksOf(ctx context.Context, cells []programme.Cell, c programme.Cursor, n int) ([]programme.UnitTask, error) {
	a.cells++
	return a.Store.UnitTasksOf(ctx, cells, c, n)
}

// crowd is unit tasks of which many are due on the same days, and some on none.
func crowd(r *rand.Rand, n int) []programme.UnitTask {
	out := make([]programme.UnitTask, n)
	for i := range out {
		u := programme.UnitTask{
			ID: fmt.Sprintf("u%05d", i), Task: fmt.Sprint("t", r.IntN(5)), Agency: fmt.Sprint("A", i), Version: 1,
			Origin: []string{"H55", "H03", "H26", "G01"}[min(3, r.IntN(12))], Level: programme.Levels[min(3, r.IntN(40))],
			State: programme.States[r.IntN(len(programme.States))], From: day("2026-01-01").AddDays(30 * r.IntN(3)),
		}
		if r.IntN(8) > 0 {
			u.Due = day("2026-10-01").AddDays(20 * r.IntN(9))
		}
		if u.State == programme.Done || u.State == programme.Reported {
			u.DoneOn = day("2026-10-15")
		}
		out[i] = u
	}
	return out
}

// TestEachPageOfAList: whatever a list is narrowed by, its pages together are all that is to
// be in it, in order, each once; what is rare is looked up and what is frequent is read in
// order; and what somebody else changed meanwhile is nowhere where it is no longer.
func TestEachPageOfAList(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		if err := errors.Join(audit.Migrate(t.Context(), db), programmesql.Migrate(t.Context(), db)); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(14, 6))
		store := &asked{Store: programmesql.New(db)}
		c := &clocktest.Clock{}
		c.Set("2026-12-01 09:00")
		var past programme.Past
		for _, u := range crowd(r, 3000) {
			past.Give(&u, day("2026-01-01"))
			past.Units = append(past.Units, u)
		}
		if err := programmesql.New(db).Load(t.Context(), past, c.Now()); err != nil {
			t.Fatal(err)
		}
		s := programme.New(programme.Parts{
			Store: store, Country: func() programme.Country { return vietnam() }, Lineage: func(context.Context) programme.Lineage { return vietnam().lineage },
			Clock: c, NewID: sqldb.NewID,
		})
		today := s.Today()
		some := func(list ...string) []string {
			if i := r.IntN(len(list) + 1); i < len(list) {
				return list[i : i+1]
			}
			return nil
		}
		for range 120 {
			f := programme.Filter{Tasks: some("t0", "t3"), Origins: some("H26", "G01")}
			f.Standing = slices.Concat(programme.Standings, []programme.Standing{""})[r.IntN(9)]
			f.Level = []programme.Level{"", "", programme.Commune, programme.Ministry, programme.Province}[r.IntN(5)]
			f.Month = []string{"", "", "", "2026-11"}[r.IntN(4)]
			var want []programme.UnitTask
			for _, u := range past.Units {
				if (f.Tasks == nil || f.Tasks[0] == u.Task) && (f.Origins == nil || f.Origins[0] == u.Origin) && (f.Level == "" || f.Level == u.Level) &&
					(f.Month == "" || !u.Due.IsZero() && u.Due.String()[:7] == f.Month) && (f.Standing == "" || u.Stands(today).Standing == f.Standing) {
					want = append(want, u)
				}
			}
			end := day("9999-12-31")
			slices.SortFunc(want, func(a, b programme.UnitTask) int {
				x, y := a.Due, b.Due
				if x.IsZero() {
					x = end
				}
				if y.IsZero() {
					y = end
				}
				return cmp.Or(x.Compare(y), cmp.Compare(a.ID, b.ID))
			})
			limit := 5 + r.IntN(60)
			var after programme.Cursor
			for {
				list, err := s.UnitTasks(t.Context(), leader, f, after, limit)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(list, want[:min(limit, len(want))]) {
					t.Fatalf("%+v after %+v: %d, want %d of %d", f, after, len(list), limit, len(want))
				}
				if want = want[len(list):]; len(list) < limit {
					break
				}
				after = programme.Cursor{Due: list[limit-1].Due, ID: list[limit-1].ID}
			}
			if len(want) > 0 {
				t.Errorf("%+v: %d are on no page", f, len(want))
			}
		}
		if store.cells < 50 || store.inOrder < 50 {
			t.Errorf("%d times looked up, %d times read in order", store.cells, store.inOrder)
		}
		f := programme.Filter{Tasks: []string{"t0"}, Level: programme.Ministry}
		list, err := s.UnitTasks(t.Context(), leader, f, programme.Cursor{}, 100)
		if err != nil || len(list) == 0 {
			t.Fatal(list, err)
		}
		i := slices.IndexFunc(list, func(u programme.UnitTask) bool { return u.State == programme.Given })
		_, err = programmesql.New(db).Change(t.Context(), list[i].ID, func(u programme.UnitTask) (programme.UnitTask, programme.Event, error) {
			return u.Do(thaiNguyen, programme.Change{Act: programme.Start}, c.Now())
		})
		if err != nil {
			t.Fatal(err)
		}
		f.States = []programme.State{programme.Given}
		again, err := s.UnitTasks(t.Context(), leader, f, programme.Cursor{}, 100)
		if err != nil || len(again) == 0 || slices.ContainsFunc(again, func(u programme.UnitTask) bool { return u.ID == list[i].ID || u.State != programme.Given }) {
			t.Errorf("a list tells what is no longer so: %+v, %v", again, err)
		}
	})
}
