package org

import (
	"maps"
	"slices"
	"strings"

	"dean06/internal/platform/clock"
)

// reform2025 plays 1 July 2025: 63 provinces became 34, districts ended,
// communes were regrouped into 3,321. A unit that took over one whole old unit
// under the same code stays that unit; every other is a new one.
func (b *builder) reform2025() {
	b.provinces2025()
	b.communes2025()
	b.committees2025()
}

func (b *builder) provinces2025() {
	sources := map[string][]string{}
	for _, r := range b.rows("admin/map_province_63_to_34.csv") {
		sources[r.get("new_code")] = append(sources[r.get("new_code")], r.get("old_code"))
	}
	rows := b.rows("admin/provinces_2025.csv")
	ids := map[string]string{} // old code → id
	for _, r := range rows {
		for _, old := range sources[r.get("code")] {
			ids[old] = b.id(old)
		}
		if len(sources[r.get("code")]) > 1 {
			for _, old := range sources[r.get("code")] {
				b.end(old, reform2025, "E"+day(reform2025)+".P"+r.get("code"))
			}
		}
	}
	for code := range b.open {
		if v := b.current(code); v.Level == Province && ids[code] == "" {
			b.fail("province %s is in none of 2025", code)
			return
		}
	}
	for _, r := range rows {
		code := r.get("code")
		if len(sources[code]) == 1 {
			if sources[code][0] != code || !SameSpelling(b.current(code).Name, r.get("full_name_2025_07_01")) {
				b.fail("province %s has one source that is not itself", code)
			}
			continue
		}
		ev := b.event(Event{ID: "E" + day(reform2025) + ".P" + code, Kind: Merged, On: reform2025, Sure: true, Basis: basisProvinces2025})
		b.begin(Province, code, r.get("full_name_2025_07_01"), "", reform2025, ev)
		for _, old := range sources[code] {
			b.link(Link{Event: ev, From: ids[old], To: b.id(code), Whole: true, Main: true})
		}
	}
}

// source is an old unit, or a part of it, that went into a new commune.
type source struct {
	code, id    string
	whole, main bool
}

func (b *builder) communes2025() {
	sources := map[string][]source{}
	for _, r := range b.rows("admin/map_commune_2025h1_to_2025.csv") {
		old := r.get("old_commune_code")
		if old == "" {
			old = r.get("old_district_code") // an island district without communes
		}
		sources[r.get("new_commune_code")] = append(sources[r.get("new_commune_code")],
			source{old, b.id(old), r.get("kind") == "whole", r.get("is_default") == "1"})
	}
	abolish := b.event(Event{ID: "E" + day(reform2025) + ".districts", Kind: Abolished, On: reform2025, Sure: true, Basis: basisDistricts2025})
	rows := b.rows("admin/communes_2025.csv")
	stays := map[string]bool{}
	ended := map[string]string{} // id of an old commune → the event that ended it
	for _, r := range rows {
		s := sources[r.get("code")]
		if len(s) == 0 {
			b.fail("commune %s of 2025 has no source", r.get("code"))
			return
		}
		stays[r.get("code")] = len(s) == 1 && s[0].whole && s[0].code == r.get("code")
		for _, old := range s {
			ended[old.id] = "E" + day(reform2025) + ".K" + r.get("province_code")
		}
	}
	for _, code := range slices.Sorted(maps.Keys(b.open)) {
		switch v := *b.current(code); {
		case v.Level == District:
			b.end(code, reform2025, abolish)
		case v.Level == Commune && !stays[code]:
			b.end(code, reform2025, ended[v.ID])
		}
	}
	for _, r := range rows {
		code, parent := r.get("code"), b.id(r.get("province_code"))
		ev := b.event(Event{
			ID: "E" + day(reform2025) + ".K" + r.get("province_code"), Kind: Reorganised, On: reform2025, Sure: true,
			Basis: basisCommunes2025,
		})
		if stays[code] {
			b.change(code, reform2025, ev, func(v *Version) {
				v.Parent = parent
				if !SameSpelling(v.Name, r.get("full_name_2025_07_01")) {
					v.Name = r.get("full_name_2025_07_01")
				}
			})
			continue
		}
		b.begin(Commune, code, r.get("full_name_2025_07_01"), parent, reform2025, ev)
		for _, s := range sources[code] {
			if s.id == "" {
				b.fail("commune %s of 2025 comes from %s, which is not there", code, s.code)
				return
			}
			b.link(Link{Event: ev, From: s.id, To: b.id(code), Whole: s.whole, Main: s.main})
		}
	}
}

// later2026 plays what changed after the reform: Đồng Nai became a city with
// ten more wards on 30 April 2026. Where only the spelling of a tone mark moved
// nothing happened; one other name was corrected on a day that is not known.
func (b *builder) later2026() {
	unsure := Event{
		ID: "E" + day(later2026) + ".names", Kind: Renamed, On: later2026, Sure: false,
		Note: "org.note.name_corrected",
	}
	for _, r := range b.rows("admin/provinces_2025.csv") {
		if SameSpelling(r.get("full_name"), r.get("full_name_2025_07_01")) {
			continue
		}
		ev := b.event(Event{ID: "E" + day(later2026) + ".P" + r.get("code"), Kind: Renamed, On: later2026, Sure: true, Basis: basisDongNai2026})
		b.change(r.get("code"), later2026, ev, func(v *Version) { v.Name = r.get("full_name") })
		b.renameCommittee(r.get("code"), later2026, ev)
	}
	wards := b.id("75")
	for _, r := range b.rows("admin/communes_2025.csv") {
		if SameSpelling(r.get("full_name"), r.get("full_name_2025_07_01")) {
			continue
		}
		ev := unsure
		if v := b.current(r.get("code")); v != nil && v.Parent == wards {
			ev = Event{ID: "E" + day(later2026) + ".K75", Kind: Renamed, On: later2026, Sure: true, Basis: basisWards2026}
		}
		b.change(r.get("code"), later2026, b.event(ev), func(v *Version) { v.Name = r.get("full_name") })
	}
}

// agencies2022 loads the agencies of the term 2021-2026 with their codes. The
// six to which Quyết định 20/2020/QĐ-TTg gave no code get X01 to X06, our own.
func (b *builder) agencies2022() {
	ev := "E" + day(Opening)
	level := map[string]Level{"bo": Ministry, "ngang_bo": Ministerial, "thuoc_cp": Government, "tinh": Committee}
	own := 0
	for _, r := range b.rows("codes/agencies.csv") {
		code := r.get("code")
		if code == "" {
			own++
			code = "X0" + string(rune('0'+own))
		}
		name, parent := r.get("name_2023"), ""
		if r.get("province_code_2022") != "" {
			parent = b.id(r.get("province_code_2022"))
		}
		b.begin(level[r.get("kind")], code, name, parent, Opening, ev)
		if r.get("abbr") != "" {
			b.h.Aliases = append(b.h.Aliases, Alias{ID: b.id(code), Text: r.get("abbr"), Abbr: true})
		}
	}
	for _, r := range b.rows("codes/agency_aliases.csv") {
		if b.id(r.get("code")) == "" {
			b.fail("alias %q is of %s, which is no agency", r.get("alias"), r.get("code"))
			return
		}
		b.h.Aliases = append(b.h.Aliases, Alias{ID: b.id(r.get("code")), Text: r.get("alias")})
	}
}

// agencyEvents plays what happened to ministries and Government agencies.
func (b *builder) agencyEvents() {
	for _, r := range b.rows("codes/agency_events.csv") {
		on, err := clock.ParseDate(r.get("date"))
		if err != nil {
			b.fail("agency events: %w", err)
			return
		}
		ev := b.event(Event{
			ID: "E" + day(on) + ".A" + r.get("code"), Kind: EventKind(r.get("kind")), On: on,
			Sure: r.get("sure") == "1", Basis: r.get("basis"), Note: r.get("note"),
		})
		if r.get("kind") == string(Renamed) {
			b.change(r.get("code"), on, ev, func(v *Version) { v.Name, v.Level = r.get("name"), Level(r.get("level")) })
			continue
		}
		into := strings.FieldsFunc(r.get("into"), func(c rune) bool { return c == ';' })
		for i, code := range into {
			b.link(Link{Event: ev, From: b.id(r.get("code")), To: b.id(code), Whole: len(into) == 1, Main: i == 0})
		}
		b.end(r.get("code"), on, ev)
	}
}

// committees2025 merges the provincial committees: the one whose name survives
// keeps its code (vn-rules: all 34 do), the others become part of it.
func (b *builder) committees2025() {
	byName := map[string]string{}
	for code := range b.open {
		if v := b.current(code); v.Level == Committee {
			byName[v.Name] = code
		}
	}
	for _, r := range b.rows("codes/agencies.csv") {
		if r.get("kind") != "tinh" {
			continue
		}
		code, successor := r.get("code"), byName[r.get("successor_2025")]
		if successor == "" {
			b.fail("%s: its successor %q is no agency", code, r.get("successor_2025"))
			return
		}
		if successor == code {
			b.change(
				code, reform2025, "E"+day(reform2025)+".P"+r.get("province_code_2025"),
				func(v *Version) { v.Parent = b.id(r.get("province_code_2025")) },
			)
			continue
		}
		ev := b.event(Event{ID: "E" + day(reform2025) + ".A" + code, Kind: Merged, On: reform2025, Sure: true, Basis: basisProvinces2025})
		b.link(Link{Event: ev, From: b.id(code), To: b.id(successor), Whole: true, Main: true})
		b.end(code, reform2025, ev)
	}
}

// renameCommittee lets the committee follow the name of its province.
func (b *builder) renameCommittee(province string, on clock.Date, event string) {
	p := b.current(province)
	for code, i := range b.open {
		if v := b.h.Versions[i]; v.Level == Committee && v.Parent == p.ID {
			b.change(code, on, event, func(v *Version) { v.Name = committeeOf(p.Name) })
			return
		}
	}
	b.fail("province %s has no committee", province)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
