package org

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

var recorded = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

// register is a small register in memory: what is known now.
type register struct{ known []Version }

func (r *register) state(e Edit) State {
	s := State{ByCode: map[string][]Version{}, ByID: map[string][]Version{}, Children: map[string][]Version{}}
	ids := map[string]bool{}
	for _, v := range r.known {
		if slices.Contains(e.CodesOf(), v.Code) {
			s.ByCode[v.Code] = append(s.ByCode[v.Code], v)
			ids[v.ID] = true
		}
	}
	for _, v := range r.known {
		if ids[v.ID] {
			s.ByID[v.ID] = append(s.ByID[v.ID], v)
		}
		if ids[v.Parent] && v.To.IsZero() && !v.Level.IsAgency() {
			s.Children[v.Parent] = append(s.Children[v.Parent], v)
		}
	}
	return s
}

func (r *register) apply(c Change) {
	r.known = slices.DeleteFunc(r.known, func(v Version) bool { return slices.Contains(c.Superseded, v) })
	r.known = append(r.known, c.Versions...)
}

// on is what is known of a day: "code name parent" in order.
func (r *register) on(day clock.Date) []string {
	out := []string{}
	for _, v := range r.known {
		if v.On(day) {
			out = append(out, fmt.Sprint(v.Code, " ", v.Name, " ", v.Parent))
		}
	}
	slices.Sort(out)
	return out
}

func ids() func() string {
	n := 0
	return func() string { n++; return fmt.Sprintf("n%d", n) }
}

// small is two provinces, one with a commune; a province that is gone; one that
// begins in 2030; a ministry; a committee.
func small() *register {
	d := clock.MustDate
	return &register{[]Version{
		{ID: "p1", Level: Province, Code: "01", Name: "Tỉnh Một", From: Opening, Event: "e"},
		{ID: "p2", Level: Province, Code: "02", Name: "Tỉnh Hai", From: Opening, Event: "e"},
		{ID: "p3", Level: Province, Code: "03", Name: "Tỉnh Ba", From: Opening, To: d("2025-07-01"), Event: "e", Ended: "x"},
		{ID: "p4", Level: Province, Code: "04", Name: "Tỉnh Bốn", From: d("2030-01-01"), Event: "e"},
		{ID: "c1", Level: Commune, Code: "00001", Name: "Xã Nhất", Parent: "p1", From: Opening, Event: "e"},
		{ID: "g1", Level: Ministry, Code: "G01", Name: "Bộ Một", From: Opening, Event: "e"},
		{ID: "h1", Level: Committee, Code: "H01", Name: "UBND tỉnh Một", Parent: "p1", From: Opening, Event: "e"},
	}}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	on := clock.MustDate("2027-01-01")
	for _, c := range []struct {
		name string
		e    Edit
		want []string // the register on that day
		fail string   // or the key of the fault
	}{
		{
			name: "create", e: Edit{Kind: Created, New: []NewUnit{{Level: Commune, Code: "00002", Name: "Phường Nhì", Parent: "02"}}},
			want: []string{"00001 Xã Nhất p1", "00002 Phường Nhì p2", "01 Tỉnh Một ", "02 Tỉnh Hai ", "G01 Bộ Một ", "H01 UBND tỉnh Một p1"},
		},
		{
			name: "rename", e: Edit{Kind: Renamed, Codes: []string{"01"}, Name: "Thành phố Một"},
			want: []string{"00001 Xã Nhất p1", "01 Thành phố Một ", "02 Tỉnh Hai ", "G01 Bộ Một ", "H01 UBND tỉnh Một p1"},
		},
		{
			name: "move", e: Edit{Kind: Moved, Codes: []string{"00001"}, Parent: "02"},
			want: []string{"00001 Xã Nhất p2", "01 Tỉnh Một ", "02 Tỉnh Hai ", "G01 Bộ Một ", "H01 UBND tỉnh Một p1"},
		},
		{
			name: "merge into another takes the communes along", e: Edit{Kind: Merged, Codes: []string{"01"}, Into: []string{"02"}},
			want: []string{"00001 Xã Nhất p2", "02 Tỉnh Hai ", "G01 Bộ Một ", "H01 UBND tỉnh Một p1"},
		},
		{
			name: "merge into a new unit under an old code", e: Edit{
				Kind: Merged, Codes: []string{"01", "02"},
				New: []NewUnit{{Level: Province, Code: "02", Name: "Tỉnh Hai Mới"}},
			},
			want: []string{"00001 Xã Nhất n2", "02 Tỉnh Hai Mới ", "G01 Bộ Một ", "H01 UBND tỉnh Một p1"},
		},
		{
			name: "split", e: Edit{
				Kind: Split, Codes: []string{"02"},
				New: []NewUnit{{Level: Province, Code: "05", Name: "Tỉnh Năm"}, {Level: Province, Code: "06", Name: "Tỉnh Sáu"}},
			},
			want: []string{"00001 Xã Nhất p1", "01 Tỉnh Một ", "05 Tỉnh Năm ", "06 Tỉnh Sáu ", "G01 Bộ Một ", "H01 UBND tỉnh Một p1"},
		},
		{
			name: "split a part off", e: Edit{
				Kind: Split, Keep: true, Codes: []string{"G01"},
				New: []NewUnit{{Level: Ministerial, Code: "G30", Name: "Ủy ban Mới"}},
			},
			want: []string{"00001 Xã Nhất p1", "01 Tỉnh Một ", "02 Tỉnh Hai ", "G01 Bộ Một ", "G30 Ủy ban Mới ", "H01 UBND tỉnh Một p1"},
		},
		{
			name: "abolish", e: Edit{Kind: Abolished, Codes: []string{"G01"}},
			want: []string{"00001 Xã Nhất p1", "01 Tỉnh Một ", "02 Tỉnh Hai ", "H01 UBND tỉnh Một p1"},
		},

		{name: "unknown code", e: Edit{Kind: Abolished, Codes: []string{"99"}}, fail: "org.edit.unknown_code"},
		{name: "already abolished", e: Edit{Kind: Renamed, Codes: []string{"03"}, Name: "Tỉnh X"}, fail: "org.edit.gone"},
		{name: "not there yet", e: Edit{Kind: Renamed, Codes: []string{"04"}, Name: "Tỉnh X"}, fail: "org.edit.not_yet"},
		{name: "into itself", e: Edit{Kind: Merged, Codes: []string{"01"}, Into: []string{"01"}}, fail: "org.edit.into_itself"},
		{name: "the same twice", e: Edit{Kind: Merged, Codes: []string{"01", "01"}, Into: []string{"02"}}, fail: "org.edit.into_itself"},
		{name: "into a unit that is gone", e: Edit{Kind: Merged, Codes: []string{"01"}, Into: []string{"03"}}, fail: "org.edit.gone"},
		{name: "into another level", e: Edit{Kind: Merged, Codes: []string{"01"}, Into: []string{"G01"}}, fail: "org.edit.unlike_levels"},
		{name: "abolish with communes", e: Edit{Kind: Abolished, Codes: []string{"01"}}, fail: "org.edit.has_children"},
		{
			name: "split with communes",
			e:    Edit{Kind: Split, Codes: []string{"01"}, Into: []string{"02"}, New: []NewUnit{{Level: Province, Code: "05", Name: "Tỉnh Năm"}}},
			fail: "org.edit.has_children",
		},
		{name: "code taken", e: Edit{Kind: Created, New: []NewUnit{{Level: Province, Code: "01", Name: "Tỉnh X"}}}, fail: "org.edit.code_taken"},
		{
			name: "code taken later",
			e:    Edit{Kind: Created, New: []NewUnit{{Level: Province, Code: "04", Name: "Tỉnh X"}}},
			fail: "org.edit.code_taken",
		},
		{
			name: "code of the wrong shape",
			e:    Edit{Kind: Created, New: []NewUnit{{Level: Province, Code: "1", Name: "Tỉnh X"}}},
			fail: "org.edit.bad_code",
		},
		{
			name: "agency code of the wrong shape",
			e:    Edit{Kind: Created, New: []NewUnit{{Level: Ministry, Code: "g 1", Name: "Bộ X"}}},
			fail: "org.edit.bad_code",
		},
		{name: "no such level", e: Edit{Kind: Created, New: []NewUnit{{Level: "county", Code: "07", Name: "X"}}}, fail: "org.edit.unknown_level"},
		{name: "no name", e: Edit{Kind: Created, New: []NewUnit{{Level: Province, Code: "07", Name: " "}}}, fail: "org.edit.no_name"},
		{name: "name without type", e: Edit{Kind: Created, New: []NewUnit{{Level: Province, Code: "07", Name: "Bảy"}}}, fail: "org.edit.no_type"},
		{name: "no parent", e: Edit{Kind: Created, New: []NewUnit{{Level: Commune, Code: "00007", Name: "Xã X"}}}, fail: "org.edit.no_parent"},
		{
			name: "parent of the wrong level",
			e:    Edit{Kind: Created, New: []NewUnit{{Level: Commune, Code: "00007", Name: "Xã X", Parent: "00001"}}},
			fail: "org.edit.bad_parent",
		},
		{name: "parent that is gone", e: Edit{Kind: Moved, Codes: []string{"00001"}, Parent: "03"}, fail: "org.edit.bad_parent"},
		{name: "a ministry has no parent", e: Edit{Kind: Moved, Codes: []string{"G01"}, Parent: "01"}, fail: "org.edit.bad_parent"},
		{name: "nothing changes", e: Edit{Kind: Renamed, Codes: []string{"01"}, Name: "Tỉnh Một"}, fail: "org.edit.no_change"},
		{
			name: "a province becomes no ministry",
			e:    Edit{Kind: Renamed, Codes: []string{"01"}, Name: "Tỉnh Một", Level: Ministry},
			fail: "org.edit.unlike_levels",
		},
		{name: "no basis", e: Edit{Kind: Abolished, Codes: []string{"G01"}, Basis: " "}, fail: "org.edit.no_basis"},
		{name: "before the register", e: Edit{Kind: Abolished, Codes: []string{"G01"}, On: Opening}, fail: "org.edit.before_opening"},
		{name: "no unit", e: Edit{Kind: Abolished}, fail: "org.edit.incomplete"},
		{name: "no kind", e: Edit{Codes: []string{"01"}}, fail: "org.edit.incomplete"},
		{
			name: "split into one",
			e:    Edit{Kind: Split, Codes: []string{"G01"}, New: []NewUnit{{Level: Ministry, Code: "G30", Name: "Bộ X"}}},
			fail: "org.edit.incomplete",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.e.On.IsZero() {
				c.e.On = on
			}
			if c.e.Basis == "" {
				c.e.Basis = "1/2026/QH16"
			}
			r := small()
			before := r.on(on.AddDays(-1))
			change, err := Plan(c.e, r.state(c.e), recorded, ids())
			if c.fail != "" {
				if f := fault.As(err); f == nil || f.Key != c.fail {
					t.Fatalf("got %v, want %s", err, c.fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			r.apply(change)
			if d := cmp.Diff(c.want, r.on(on)); d != "" {
				t.Errorf("on the day (-want +got):\n%s", d)
			}
			if d := cmp.Diff(before, r.on(on.AddDays(-1))); d != "" {
				t.Errorf("the day before changed (-before +after):\n%s", d)
			}
			// A second change of the same unit may not begin before the first.
			if len(c.e.Codes) == 1 && !c.e.Keep {
				again := Edit{Kind: Renamed, On: on, Basis: "x", Codes: c.e.Codes, Name: "Tỉnh Khác"}
				if _, err := Plan(again, r.state(again), recorded, ids()); fault.Of(err) != fault.Conflict {
					t.Errorf("another change on the same day: %v", err)
				}
			}
		})
	}
}

// Whatever is edited, in whatever order: a code names one unit on each day, a
// unit has one version on each day, and the days before an edit stay as they were.
func TestPlanKeepsThePast(t *testing.T) {
	t.Parallel()
	codes := []string{"01", "02", "03", "05", "06"}
	rapid.Check(t, func(t *rapid.T) {
		r, newID := small(), ids()
		for range rapid.IntRange(1, 12).Draw(t, "edits") {
			on := Opening.AddDays(rapid.IntRange(1, 40).Draw(t, "on"))
			e := Edit{
				Kind: rapid.SampledFrom([]EventKind{Created, Renamed, Merged, Split, Abolished}).Draw(t, "kind"), On: on, Basis: "x",
				Name: "Tỉnh " + rapid.StringMatching(`[A-Z]`).Draw(t, "name"), Keep: rapid.Bool().Draw(t, "keep"),
			}
			if e.Kind != Created {
				e.Codes = rapid.SliceOfNDistinct(rapid.SampledFrom(codes), 1, 2, rapid.ID[string]).Draw(t, "codes")
			}
			for _, code := range rapid.SliceOfNDistinct(rapid.SampledFrom(codes), 0, 2, rapid.ID[string]).Draw(t, "new") {
				e.New = append(e.New, NewUnit{Level: Province, Code: code, Name: e.Name})
			}
			if e.Kind == Merged || e.Kind == Split {
				e.Into = rapid.SliceOfNDistinct(rapid.SampledFrom(codes), 0, 1, rapid.ID[string]).Draw(t, "into")
			}
			before := r.on(on.AddDays(-1))
			c, err := Plan(e, r.state(e), recorded, newID)
			if err != nil {
				if fault.Of(err) == fault.Internal {
					t.Fatalf("%+v: %v", e, err)
				}
				continue
			}
			r.apply(c)
			if d := cmp.Diff(before, r.on(on.AddDays(-1))); d != "" {
				t.Fatalf("%+v changed the day before:\n%s", e, d)
			}
			for i := range 45 {
				day := Opening.AddDays(i)
				code, id := map[string]bool{}, map[string]bool{}
				for _, v := range r.known {
					if !v.On(day) {
						continue
					}
					if code[v.Code] || id[v.ID] {
						t.Fatalf("%+v: %s (%s) twice on %s", e, v.Code, v.ID, day)
					}
					code[v.Code], id[v.ID] = true, true
				}
			}
		}
	})
}
