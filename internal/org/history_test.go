package org

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"dean06/data"
	"dean06/internal/platform/clock"
)

var reference = sync.OnceValues(func() (*History, error) { return ReadHistory(data.FS) })

func mustReference(tb testing.TB) *History {
	tb.Helper()
	h, err := reference()
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

func TestCountsOfTheReference(t *testing.T) {
	t.Parallel()
	h := mustReference(t)
	for _, c := range []struct {
		on   string
		want map[Level]int
	}{
		{"2021-10-31", map[Level]int{}},
		{"2021-11-01", map[Level]int{Province: 63, District: 705, Commune: 10599, Ministry: 18, Ministerial: 4, Government: 8, Committee: 63}},
		{"2022-10-01", map[Level]int{Province: 63, District: 705, Commune: 10599, Ministry: 18, Ministerial: 4, Government: 8, Committee: 63}},
		{"2025-06-30", map[Level]int{Province: 63, District: 696, Commune: 10035, Ministry: 14, Ministerial: 3, Government: 5, Committee: 63}},
		{"2025-07-01", map[Level]int{Province: 34, Commune: 3321, Ministry: 14, Ministerial: 3, Government: 5, Committee: 34}},
		{"2026-11-21", map[Level]int{Province: 34, Commune: 3321, Ministry: 14, Ministerial: 3, Government: 5, Committee: 34}},
	} {
		got := map[Level]int{}
		for _, v := range h.Versions {
			if v.On(clock.MustDate(c.on)) {
				got[v.Level]++
			}
		}
		if !maps.Equal(got, c.want) {
			t.Errorf("on %s: got %v, want %v", c.on, got, c.want)
		}
	}
}

func TestTypesOfTheCommunes(t *testing.T) {
	t.Parallel()
	h := mustReference(t)
	for _, c := range []struct {
		on   string
		want map[string]int
	}{
		{"2025-07-01", map[string]int{"Xã": 2621, "Phường": 687, "Đặc khu": 13}},
		{"2026-04-29", map[string]int{"Xã": 2621, "Phường": 687, "Đặc khu": 13}},
		{"2026-04-30", map[string]int{"Xã": 2611, "Phường": 697, "Đặc khu": 13}},
	} {
		got := map[string]int{}
		for _, v := range h.Versions {
			if v.Level == Commune && v.On(clock.MustDate(c.on)) {
				got[v.Type()]++
			}
		}
		if !maps.Equal(got, c.want) {
			t.Errorf("on %s: got %v, want %v", c.on, got, c.want)
		}
	}
}

// The history must be consistent by itself: one unit a code on each day, no
// gaps in a unit's versions, parents of the right level that are there, links
// between units that are.
func TestReferenceIsConsistent(t *testing.T) {
	t.Parallel()
	h := mustReference(t)
	events := map[string]Event{}
	for _, e := range h.Events {
		if _, twice := events[e.ID]; twice {
			t.Errorf("event %s twice", e.ID)
		}
		if e.Basis == "" && e.Sure {
			t.Errorf("event %s is sure of its day but names no basis", e.ID)
		}
		events[e.ID] = e
	}
	byID, byCode := map[string][]Version{}, map[string][]Version{}
	for _, v := range h.Versions {
		if v.Level.IsAgency() == (v.Type() != "") {
			t.Errorf("%s %q: type %q", v.ID, v.Name, v.Type())
		}
		if !v.To.IsZero() && !v.From.Before(v.To) {
			t.Errorf("%s: empty span %s to %s", v.ID, v.From, v.To)
		}
		if _, ok := events[v.Event]; !ok {
			t.Errorf("%s begins by unknown event %q", v.ID, v.Event)
		}
		if _, ok := events[v.Ended]; v.Ended != "" && !ok {
			t.Errorf("%s ends by unknown event %q", v.ID, v.Ended)
		}
		byID[v.ID] = append(byID[v.ID], v)
		byCode[v.Code] = append(byCode[v.Code], v)
	}
	for _, vs := range byCode {
		slices.SortFunc(vs, func(a, b Version) int { return a.From.Compare(b.From) })
		for i := 1; i < len(vs); i++ {
			if vs[i-1].To.IsZero() || vs[i-1].To.After(vs[i].From) {
				t.Errorf("code %s overlaps: %+v %+v", vs[i].Code, vs[i-1], vs[i])
			}
		}
	}
	ends := map[string]bool{}
	for id, vs := range byID {
		slices.SortFunc(vs, func(a, b Version) int { return a.From.Compare(b.From) })
		for i := 1; i < len(vs); i++ {
			if vs[i-1].To != vs[i].From || vs[i-1].Ended != "" {
				t.Errorf("%s has a gap: %+v %+v", id, vs[i-1], vs[i])
			}
		}
		last := vs[len(vs)-1]
		if last.To.IsZero() != (last.Ended == "") {
			t.Errorf("%s ends on %q by event %q", id, last.To, last.Ended)
		}
		ends[id] = !last.To.IsZero()
	}
	for _, v := range h.Versions {
		if len(v.Level.parentLevels()) == 0 {
			continue
		}
		ok := false
		for _, p := range byID[v.Parent] {
			ok = ok || p.On(v.From) && slices.Contains(v.Level.parentLevels(), p.Level)
		}
		if !ok {
			t.Errorf("%s %s (%s): parent %q is not there on %s", v.ID, v.Name, v.Level, v.Parent, v.From)
		}
	}
	linked := map[string]bool{}
	for _, l := range h.Links {
		if byID[l.From] == nil || byID[l.To] == nil || l.From == l.To || events[l.Event].ID == "" {
			t.Errorf("link between what is not there: %+v", l)
		}
		linked[l.From] = true
	}
	for id := range ends {
		if e := events[byID[id][len(byID[id])-1].Ended]; ends[id] && !linked[id] && e.Kind != Abolished {
			t.Errorf("%s ended by %s without successor", id, e.ID)
		}
	}
}

func TestReadHistoryRefusesDamage(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(string) string{
		"a province is missing":      func(s string) string { return strings.Replace(s, "06,Bắc Kạn,Thái Nguyên", "", 1) },
		"a province in no other":     func(s string) string { return strings.Replace(s, "06,Bắc Kạn,19,", "06,Bắc Kạn,xx,", 1) },
		"a line with another length": func(s string) string { return s + "a,b\n" },
	} {
		_ = name
		_ = damage
	}
}
