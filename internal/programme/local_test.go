package programme_test

import (
	"testing"

	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/programme"
)

// TestTheCommunesOfAProvince: in the geography of any day the communes of a province add up to
// what the roll-up tells of it; each counts what its list shows; a province sees its own.
func TestTheCommunesOfAProvince(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx := t.Context()
		h.give(t, programme.Task{Code: "LOC.1", Level: programme.Commune, Scope: programme.General, Due: h.Today().AddDays(40)},
			programme.Set{Kinds: []org.Kind{org.KindCommune}, Under: "H55"})
		for _, geography := range []string{"2022-08-09", "2024-12-31", "2025-06-30", "2026-12-01"} {
			for _, province := range []string{"H55", "H03"} {
				below, err := h.Below(ctx, leader, province, day(geography))
				if province == "H03" && geography == "2026-12-01" {
					if fault.Of(err) != fault.NotFound {
						t.Errorf("a province that is gone: %v", err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				a, err := h.RollUp(ctx, leader, programme.Question{By: programme.ByLevel, Narrow: programme.Narrow{Agency: province}, Geography: day(geography)})
				if err != nil {
					t.Fatal(err)
				}
				var want programme.Count
				for _, part := range a.Parts {
					if l := programme.Level(part.Key); l == programme.Commune || l == programme.District {
						want = want.Plus(part.Count)
					}
				}
				if got := below.Total(); got != want || got.All() == 0 {
					t.Errorf("%s in the geography of %s: %+v, want %+v", province, geography, got, want)
				}
				if below.Nowhere.All() > 0 {
					t.Errorf("%s in the geography of %s: %d nowhere", province, geography, below.Nowhere.All())
				}
			}
		}
		below, err := h.Below(ctx, thaiNguyen, "H55", clock.Date{})
		if err != nil || len(below.Agencies) < 90 {
			t.Fatalf("%d, %v", len(below.Agencies), err)
		}
		for _, a := range below.Agencies[:20] {
			list, err := h.UnitTasks(ctx, thaiNguyen, programme.Filter{Agencies: []string{a.Agency}}, programme.Cursor{}, 100)
			if err != nil || len(list) != a.All()+a.Withdrawn {
				t.Errorf("%s: %d in the list, %+v, %v", a.Agency, len(list), a.Count, err)
			}
		}
		u := h.find(t, "xa-3", "H55.C05443", "")
		seen, err := h.UnitTask(ctx, thaiNguyen, u.ID)
		if err != nil || len(seen.Acts) > 0 {
			t.Errorf("a province looks at its commune's: %v, %v", seen.Acts, err)
		}
		if _, err := h.Act(ctx, thaiNguyen, u.ID, u.Version, programme.Change{Act: programme.Start}); fault.Of(err) != fault.NotFound {
			t.Errorf("a province reports for its commune: %v", err)
		}
		if _, err := h.UnitTask(ctx, bacLieu, u.ID); fault.Of(err) != fault.NotFound {
			t.Errorf("another province looks at it: %v", err)
		}
		for _, who := range []struct{ agency, of string }{{"H26", "H55"}, {"H55.C05443", "H55"}, {"G01", "H55"}} {
			if _, err := h.Below(ctx, focal(who.agency), who.of, clock.Date{}); fault.Of(err) != fault.NotFound {
				t.Errorf("%s sees the communes of %s: %v", who.agency, who.of, err)
			}
		}
	})
}
