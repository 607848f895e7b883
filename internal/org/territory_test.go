package org

import (
	"maps"
	"slices"
	"sync"
	"testing"

	"dean06/data"
	"dean06/internal/platform/clock"
)

var ground = sync.OnceValue(func() *Territory {
	h, err := reference()
	if err != nil {
		panic(err)
	}
	return NewTerritory(*h)
})

// table reads a file of data/admin as it is, beside the history that was made of it.
func table(t *testing.T, name string) []row {
	t.Helper()
	b := &builder{fsys: data.FS}
	rows := b.rows("admin/" + name)
	if b.err != nil {
		t.Fatal(b.err)
	}
	return rows
}

func byCodeOf(rows []row) map[string]row {
	out := map[string]row{}
	for _, r := range rows {
		out[r.get("code")] = r
	}
	return out
}

// named says that the code was of a unit with the name on the day, but for its spelling.
func named(t *testing.T, code, on, name string) Version {
	t.Helper()
	v, ok := ground().ByCode(code, clock.MustDate(on))
	if !ok || !SameSpelling(v.Name, name) {
		t.Errorf("%s on %s: %q, want %q", code, on, v.Name, name)
	}
	return v
}

func codesOf(vs []Version) []string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = v.Code
	}
	slices.Sort(out)
	return out
}

// TestEveryCommuneRenamedUntilJune2025: a code that the lists of October 2022 and of June
// 2025 name otherwise has the one name then and the other later, and one day on which the
// first ended. 506 have another name or kind (xã, phường, thị trấn), 353 of them another
// name; a 354th, 19780, is named otherwise only in the column of short names ("Đúc", "Phường
// Đúc"): its full name stayed.
func TestEveryCommuneRenamedUntilJune2025(t *testing.T) {
	t.Parallel()
	g := ground()
	was, became := byCodeOf(table(t, "communes_2022.csv")), byCodeOf(table(t, "communes_2025h1.csv"))
	names, kinds := 0, 0
	for code, then := range was {
		later, ok := became[code]
		if ok && !SameSpelling(then.get("name"), later.get("name")) {
			names++
		}
		if !ok || SameSpelling(then.get("full_name"), later.get("full_name")) {
			continue
		}
		kinds++
		named(t, code, "2022-10-01", then.get("full_name"))
		named(t, code, "2025-06-30", later.get("full_name"))
		changes := 0
		for i, v := range g.Coded(code) {
			if i == 0 || v.From.After(clock.MustDate("2025-06-30")) || !v.From.After(clock.MustDate("2022-10-01")) {
				continue
			}
			before := g.Coded(code)[i-1]
			if changes++; before.To.After(v.From) {
				t.Errorf("%s has two names on %s", code, v.From)
			}
			if at, ok := g.ByCode(code, before.To.AddDays(-1)); !ok || at != before {
				t.Errorf("%s on its last day as %s: %+v", code, before.Name, at)
			}
			if at, ok := g.ByCode(code, v.From); !ok || at != v {
				t.Errorf("%s on its first day as %s: %+v", code, v.Name, at)
			}
		}
		if changes == 0 {
			t.Errorf("%s: no day on which %s became %s", code, then.get("full_name"), later.get("full_name"))
		}
	}
	if names != 354 || kinds != 506 {
		t.Errorf("%d names and %d names or kinds differ, want 354 and 506", names, kinds)
	}
}

// undone are changes that the last release of the source takes back and the list of June
// 2025 does not have: they are no events (SOURCES.md).
func undone(r row, june map[string]string) bool {
	return r.get("effective_date") == "2025-03-01" && june[r.get("code")] == r.get("old_full_name") &&
		june[r.get("code")] != r.get("new_full_name")
}

// TestEveryChangeOnItsDay: of each line of the changes from 2022 to June 2025, the name, the
// kind and what the unit lies in on the day before and on the day itself; of what ended, what
// has its ground.
func TestEveryChangeOnItsDay(t *testing.T) {
	t.Parallel()
	g := ground()
	june := map[string]string{}
	for _, f := range []string{"provinces", "districts", "communes"} {
		for _, r := range table(t, f+"_2025h1.csv") {
			june[r.get("code")] = r.get("full_name")
		}
	}
	rows := table(t, "changes_2021_2025h1.csv")
	again := map[string]bool{} // codes that end and begin on one day
	for _, r := range rows {
		if r.get("change") == "added" || r.get("change") == "removed" {
			key := r.get("code") + r.get("effective_date")
			if _, met := again[key]; met {
				again[key] = true
			} else {
				again[key] = false
			}
		}
	}
	parent := func(v Version, day clock.Date) string {
		p, _ := g.At(v.Parent, day)
		return p.Code
	}
	seen, slips, orphans := map[string]int{}, 0, 0
	for _, r := range rows {
		code, change, on := r.get("code"), r.get("change"), clock.MustDate(r.get("effective_date"))
		eve := on.AddDays(-1)
		before, stood := g.ByCode(code, eve)
		after, stands := g.ByCode(code, on)
		seen[change]++
		if undone(r, june) {
			slips++
			continue
		}
		if change != "added" {
			if !stood || !SameSpelling(before.Name, r.get("old_full_name")) || parent(before, eve) != r.get("old_parent") && r.get("level") != "province" {
				t.Errorf("%s %s on %s: the day before %+v, want %q in %q", code, change, on, before, r.get("old_full_name"), r.get("old_parent"))
			}
		}
		switch change {
		case "added":
			if stood && !again[code+on.String()] || !stands || !SameSpelling(after.Name, r.get("new_full_name")) || parent(after, on) != r.get("new_parent") {
				t.Errorf("%s added on %s: before %+v, then %+v", code, on, before, after)
			}
		case "removed":
			if stands && after.ID == before.ID {
				t.Errorf("%s removed on %s: still %+v", code, on, after)
			}
			if kin := g.Became(before, clock.MustDate("2026-11-30")); len(kin) == 0 && before.Level == Commune {
				orphans++
			}
		default:
			if !stands || !SameSpelling(after.Name, r.get("new_full_name")) && !SameSpelling(after.Name, june[code]) ||
				r.get("new_parent") != "" && parent(after, on) != r.get("new_parent") || after.ID != before.ID {
				t.Errorf("%s %s on %s: %+v, want %q in %q", code, change, on, after, r.get("new_full_name"), r.get("new_parent"))
			}
		}
	}
	want := map[string]int{"renamed": 515, "removed": 598, "moved": 124, "renamed+moved": 24, "added": 25}
	if !maps.Equal(seen, want) || slips != 1 || orphans != 16 {
		t.Errorf("changes %v, want %v; %d taken back, %d communes without a receiver", seen, want, slips, orphans)
	}
}

// TestEveryUnitThroughTheReform: each of the 10,035 communes, 696 districts and 63 provinces
// of 30 June 2025, and each of the 3,321 communes and 34 provinces after.
func TestEveryUnitThroughTheReform(t *testing.T) {
	t.Parallel()
	g := ground()
	eve, first := LastDay(), Reform
	into := map[string]map[string]bool{}
	whole := map[string]bool{}
	for _, r := range table(t, "map_commune_2025h1_to_2025.csv") {
		old := r.get("old_commune_code")
		if old == "" {
			old = r.get("old_district_code")
		}
		if into[old] == nil {
			into[old] = map[string]bool{}
		}
		into[old][r.get("new_commune_code")] = true
		whole[old] = r.get("kind") == "whole"
	}
	old, split, parts := table(t, "communes_2025h1.csv"), 0, 0
	for _, r := range old {
		v := named(t, r.get("code"), eve.String(), r.get("full_name"))
		became := g.Became(v, first)
		if got, want := codesOf(became), sortedKeys(into[v.Code]); !slices.Equal(got, want) {
			t.Errorf("%s became %v, want %v", v.Code, got, want)
		}
		if len(into[v.Code]) > 1 {
			parts++
		}
		if len(became) > 1 {
			split++
		} else if whole[v.Code] != (len(g.Before(became[0].ID)) == 0 || allOf(g, v.ID, became[0].ID)) {
			t.Errorf("%s went whole to %s: %v", v.Code, became[0].Code, whole[v.Code])
		}
	}
	again, same := 0, 0
	for _, r := range table(t, "communes_2025.csv") {
		v := named(t, r.get("code"), first.String(), r.get("full_name_2025_07_01"))
		named(t, r.get("code"), "2026-11-30", r.get("full_name"))
		if g.ProvinceOf(v) != r.get("province_code") {
			t.Errorf("%s lies in %s", v.Code, g.ProvinceOf(v))
		}
		if was, ok := g.ByCode(v.Code, eve); ok && was.ID != v.ID {
			again++
		} else if ok {
			same++
		}
		if len(g.Was(v, eve)) == 0 {
			t.Errorf("%s came of nothing", v.Code)
		}
	}
	for _, r := range table(t, "districts_2025h1.csv") {
		named(t, r.get("code"), eve.String(), r.get("full_name"))
		if v, ok := g.ByCode(r.get("code"), first); ok {
			t.Errorf("district %+v goes on", v)
		}
	}
	june := map[string]string{}
	for _, r := range table(t, "provinces_2025h1.csv") {
		june[r.get("code")] = r.get("full_name")
	}
	provinces := table(t, "map_province_63_to_34.csv")
	for _, r := range provinces {
		v, _ := g.ByCode(r.get("old_code"), eve)
		if got := codesOf(g.Became(v, first)); !slices.Equal(got, []string{r.get("new_code")}) || !SameSpelling(v.Name, june[v.Code]) {
			t.Errorf("province %s (%s) became %v", r.get("old_code"), v.Name, got)
		}
	}
	if len(old) != 10035 || len(provinces) != 63 || split != parts || again != 3184 || same != 132 {
		t.Errorf("%d communes and %d provinces; %d split, %d in the map, %d codes used again, %d as they were", len(old), len(provinces), split, parts, again, same)
	}
}

// LastDay is the last day before the reform.
func LastDay() clock.Date { return Reform.AddDays(-1) }

// allOf says that all of a unit went to another.
func allOf(g *Territory, from, to string) bool {
	return from == to || slices.ContainsFunc(g.out[from], func(l Link) bool { return l.To == to && l.Whole })
}

// TestEveryEventHasItsDay: what an event of the calendar began begins on its day, what it
// ended ends the day before, and no event stands alone.
func TestEveryEventHasItsDay(t *testing.T) {
	t.Parallel()
	h := mustReference(t)
	on, met := map[string]clock.Date{}, map[string]bool{}
	for _, e := range h.Events {
		on[e.ID] = e.On
	}
	for _, v := range h.Versions {
		met[v.Event], met[v.Ended] = true, true
		if v.From != on[v.Event] || v.Ended != "" && v.To != on[v.Ended] {
			t.Errorf("%s from %s by %s, to %s by %s", v.ID, v.From, v.Event, v.To, v.Ended)
		}
	}
	for _, l := range h.Links {
		met[l.Event] = true
	}
	for _, e := range h.Events {
		if !met[e.ID] {
			t.Errorf("%s did nothing", e.ID)
		}
	}
	if len(h.Events) != 1387 {
		t.Errorf("%d events", len(h.Events))
	}
}

// TestGroundNeverGoesBackInTime: what a unit gave away before it took something in is not of
// that, and After and Before are one relation seen from both ends.
func TestGroundNeverGoesBackInTime(t *testing.T) {
	t.Parallel()
	day := clock.MustDate
	v := func(id string) Version {
		return Version{ID: id, Level: Commune, Code: id, Name: "Xã " + id, From: Opening, Event: "e"}
	}
	g := NewTerritory(History{
		Versions: []Version{v("A"), v("B"), v("C")},
		Links:    []Link{{Event: "first", From: "B", To: "C"}, {Event: "second", From: "A", To: "B", Whole: true}},
		Events:   []Event{{ID: "first", On: day("2023-01-01")}, {ID: "second", On: day("2024-01-01")}},
	})
	if got := g.After("A"); !slices.Equal(got, []string{"B"}) {
		t.Errorf("after A: %v", got)
	}
	all := ground()
	for _, code := range all.Codes() {
		for _, v := range all.Coded(code) {
			for _, to := range all.After(v.ID) {
				if !slices.Contains(all.Before(to), v.ID) {
					t.Fatalf("%s went to %s, which did not come of it", v.ID, to)
				}
			}
		}
	}
}
