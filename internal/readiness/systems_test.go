package readiness_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dean06/internal/readiness"
)

// rowsOf lists the answers of a return as "row key@system name".
func rowsOf(ret readiness.Return) []string {
	var out []string
	for _, a := range ret.Answers {
		out = append(out, a.Row+"@"+a.SystemID+" "+a.System)
	}
	return out
}

func TestSetSystems(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	procedure := readiness.System{ID: "p", Name: "Cổng", Kind: readiness.SystemProcedure, Unit: "Sở TTTT"}
	poor := readiness.System{ID: "q", Name: "Hộ nghèo", Kind: readiness.SystemOther}
	base := poor
	base.Kind = readiness.SystemDatabase
	steps := []struct {
		name    string
		kind    string
		systems []readiness.System
		want    []string
	}{
		{
			"the first gets its rows", readiness.Province,
			[]readiness.System{procedure},
			[]string{"1.1@p Cổng", "2@p ", "4.1@p ", "5.1-a@p Cổng", "5.1-b@p Cổng"},
		},
		{
			"another comes after it", readiness.Province,
			[]readiness.System{procedure, poor},
			[]string{
				"1.1@p Cổng", "1.2@q Hộ nghèo", "2@p ", "4.1@p ", "4.3@q Hộ nghèo", "5.1-a@p Cổng", "5.1-b@p Cổng", "5.2-a@q Hộ nghèo",
				"5.2-b@q Hộ nghèo",
			},
		},
		{
			"a new kind has another row", readiness.Ministry,
			[]readiness.System{procedure, base},
			[]string{
				"1.1@p Cổng", "1.2@q Hộ nghèo", "2@p ", "4.1@p ", "4.2@q Hộ nghèo", "5.1-a@p Cổng", "5.1-b@p Cổng", "5.2-a@q Hộ nghèo",
				"5.2-b@q Hộ nghèo",
			},
		},
		{
			"one that goes takes its rows and the rest close up", readiness.Ministry,
			[]readiness.System{base},
			[]string{"1.1@q Hộ nghèo", "2@ ", "4.1@ ", "4.2@q Hộ nghèo", "5.1-a@q Hộ nghèo", "5.1-b@q Hộ nghèo"},
		},
	}
	var ret readiness.Return
	for _, s := range steps {
		ret = readiness.SetSystems(tpl, ret, s.kind, s.systems)
		if d := cmp.Diff(s.want, rowsOf(ret)); d != "" {
			t.Errorf("%s: %s", s.name, d)
		}
	}
}

// TestSetSystemsKeeps: whatever is added and removed, each row of a system
// stands once, numbers have no gaps, and an answer that was given stays with
// its system.
func TestSetSystemsKeeps(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	rapid.Check(t, func(t *rapid.T) {
		var ret readiness.Return
		unit := map[string]string{} // what was answered, by system
		for range rapid.IntRange(1, 6).Draw(t, "edits") {
			var systems []readiness.System
			for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 0, 5, rapid.ID[int]).Draw(t, "systems") {
				kind := []string{readiness.SystemProcedure, readiness.SystemDatabase, readiness.SystemOther}[i%3]
				systems = append(systems, readiness.System{ID: fmt.Sprint("s", i), Name: fmt.Sprint("Hệ thống ", i), Kind: kind})
			}
			had := map[string]bool{}
			for _, s := range ret.Systems {
				had[s.ID] = true
			}
			ret = readiness.SetSystems(tpl, ret, readiness.Ministry, systems)
			seen := map[string]bool{}
			for i := range ret.Answers {
				a := &ret.Answers[i]
				slot := readiness.AnswerField(tpl, *a)
				if seen[slot] {
					t.Fatalf("%s stands twice in %v", slot, rowsOf(ret))
				}
				seen[slot] = true
				if a.Key != "1.n" || a.SystemID == "" {
					continue
				}
				if had[a.SystemID] && a.Unit != unit[a.SystemID] {
					t.Fatalf("the answer of %s moved: %q, want %q", a.SystemID, a.Unit, unit[a.SystemID])
				}
				a.Unit = rapid.StringN(1, 5, -1).Draw(t, "unit")
				unit[a.SystemID] = a.Unit
			}
			for i := range systems {
				if row := fmt.Sprintf("row.1.%d", i+1); !seen[row] {
					t.Fatalf("%s is missing in %v", row, rowsOf(ret))
				}
			}
			if !slices.EqualFunc(ret.Systems, systems, func(a, b readiness.System) bool { return a.ID == b.ID }) {
				t.Fatal("the systems are not those that were set")
			}
		}
	})
}
