package org

import (
	"fmt"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
)

func TestLineage(t *testing.T) {
	t.Parallel()
	g := NewGraph(*mustReference(t))
	for _, c := range []struct {
		name, code, from, to string
		want                 string // units as "code relation[ ?][ main]"
		bases                string
	}{
		{"a province taken into another", "06", "2022-10-01", "2025-07-01", "19 merged main", "202/2025/QH15"},
		{"its committee", "H03", "2022-10-01", "2025-07-01", "H55 merged main", "202/2025/QH15 202/2025/QH15"},
		{"the committee that goes on", "H55", "2022-10-01", "2025-07-01", "H55 enlarged main", "202/2025/QH15 202/2025/QH15"},
		{"a province that stays", "01", "2022-10-01", "2026-11-21", "01 same main", ""},
		{"the same day", "19", "2022-10-01", "2022-10-01", "19 same main", ""},
		{"renamed before the reform", "46", "2022-10-01", "2025-07-01", "46 renamed main", "175/2024/QH15"},
		{"renamed after it", "75", "2025-07-01", "2026-11-21", "75 renamed main", "30/2026/QH16"},
		{"looking back", "19", "2025-07-01", "2022-10-01", "06 merged main, 19 merged main", "202/2025/QH15"},
		{"a ministry split", "G14", "2022-12-01", "2025-07-01", "G06 split ? main, G16 split ?", "176/2025/QH15"},
		{"a ministry that takes over", "G17", "2022-12-01", "2025-07-01", "G17 enlarged main", "176/2025/QH15"},
		{
			"a commune, two steps, the second a split", "00142", "2022-10-01", "2025-07-01",
			"00127 split ?, 00136 split ? main", "..1318/NQ-UBTVQH15 19/2025/QĐ-TTg",
		},
		{"a commune whole", "05869", "2022-10-01", "2025-07-01", "05860 merged main", "19/2025/QĐ-TTg"},
		{"a district split off", "474", "2022-10-01", "2025-06-30", "474 reduced main, 475 split ?", "..1318/NQ-UBTVQH15 ..1318/NQ-UBTVQH15"},
		{"a district ended", "001", "2022-10-01", "2025-07-01", "", "203/2025/QH15"},
		{"an island district", "471", "2022-10-01", "2025-07-01", "19742 renamed main", "19/2025/QĐ-TTg 203/2025/QH15"},
		{"a commune to a ward", "26116", "2025-07-01", "2026-11-21", "26116 renamed main", "237/NQ-UBTVQH16"},
	} {
		v, ok := g.ByCode(c.code, clock.MustDate(c.from))
		if !ok {
			t.Errorf("%s: no %s on %s", c.name, c.code, c.from)
			continue
		}
		l := g.Lineage(v.ID, clock.MustDate(c.from), clock.MustDate(c.to))
		var units, bases []string
		for _, k := range l.Units {
			s := k.Code + " " + string(k.Relation)
			if !k.ShareKnown {
				s += " ?"
			}
			if k.Main {
				s += " main"
			}
			units = append(units, s)
		}
		for _, e := range l.Events {
			bases = append(bases, e.Basis)
		}
		if got := strings.Join(units, ", "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if got := strings.Join(bases, " "); got != c.bases {
			t.Errorf("%s: bases %q, want %q", c.name, got, c.bases)
		}
	}
}

// Every commune of 2022 is in at least one of 2025, but the few whose source
// does not say where they went; and every one of 2025 comes from somewhere.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	h := mustReference(t)
	g := NewGraph(*h)
	first, last := clock.MustDate("2022-10-01"), clock.MustDate("2025-07-01")
	lost, split := []string{}, 0
	for _, v := range h.Versions {
		switch {
		case v.Level == Commune && v.On(first):
			l := g.Lineage(v.ID, first, last)
			if len(l.Units) == 0 {
				lost = append(lost, v.Code)
			}
			if len(l.Units) > 1 {
				split++
			}
		case v.Level == Commune && v.On(last):
			if l := g.Lineage(v.ID, last, clock.MustDate("2025-06-30")); len(l.Units) == 0 {
				t.Errorf("%s comes from nowhere", v.ID)
			}
		}
	}
	if got, want := fmt.Sprint(lost), "[04561 10774 17563 28825]"; got != want {
		t.Errorf("lost %s, want %s (the source's unresolved four)", got, want)
	}
	if split < 400 || split > 600 {
		t.Errorf("%d communes are split; the source has some 500", split)
	}
}
