package org

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

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
	for _, c := range []struct{ name, file, old, new string }{
		{"a province in no other", "admin/map_province_63_to_34.csv", "06,Bắc Kạn,19,", "06,Bắc Kạn,xx,"},
		{"a change to a unit that is not there", "admin/changes_2021_2025h1.csv", "commune,01954,renamed", "commune,99999,renamed"},
		{"a unit that the snapshot lacks", "admin/communes_2025h1.csv", "00001,Phúc Xá,Phường Phúc Xá,Phường,001\n", ""},
		{"a code twice", "admin/provinces_2022.csv", "02,Hà Giang", "01,Hà Giang"},
		{"a commune without source", "admin/map_commune_2025h1_to_2025.csv", ",471,45,19742,44,whole,1\n", ""},
		{"a line of another length", "codes/agencies.csv", "H01,", "H01,x,"},
		{"an alias of nobody", "codes/agency_aliases.csv", "G10,", "G99,"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := ReadHistory(damaged{data.FS, c.file, c.old, c.new}); err == nil {
				t.Error("accepted")
			}
		})
	}
}

// damaged is the reference data with one text replaced in one file.
type damaged struct {
	fs.FS
	file, old, new string
}

func (d damaged) Open(name string) (fs.File, error) {
	if name != d.file {
		return d.FS.Open(name)
	}
	raw, err := fs.ReadFile(d.FS, name)
	if err != nil {
		return nil, err
	}
	return fstest.MapFS{name: {Data: []byte(strings.Replace(string(raw), d.old, d.new, 1))}}.Open(name)
}

func TestRecodedAndDoubtfulEvents(t *testing.T) {
	t.Parallel()
	h := mustReference(t)
	d := map[string]Version{}
	for _, v := range h.Versions {
		if v.On(clock.MustDate("2025-06-30")) {
			d[v.Code] = v
		}
	}
	// The source's last release takes this rename back, the snapshot after it does not.
	if got := d["682"].Name; got != "Huyện Đạ Huoai" {
		t.Errorf("district 682 is %q", got)
	}
	// A name that only the snapshot has is an event without a certain day.
	events := map[string]Event{}
	for _, e := range h.Events {
		events[e.ID] = e
	}
	if v := d["31246"]; v.Name != "Xã Thạnh Quới" || events[v.Event].Sure {
		t.Errorf("commune 31246 is %q by %+v", v.Name, events[v.Event])
	}
	if e := events["E20260430.K75"]; !e.Sure || e.Basis != "237/NQ-UBTVQH16" {
		t.Errorf("ten wards of Đồng Nai: %+v", e)
	}
	unsure := 0
	for _, e := range h.Events {
		if !e.Sure {
			unsure++
			if e.Note == "" {
				t.Errorf("%s is not sure and does not say why", e.ID)
			}
		}
	}
	if unsure == 0 || unsure > 40 {
		t.Errorf("%d events are not sure", unsure)
	}
}
