package org

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"dean06/internal/platform/clock"
)

// Opening is the first day of the register. The reference data says nothing
// about the days before it.
var Opening = clock.MustDate("2021-11-01")

var (
	snapshot2022 = clock.MustDate("2022-10-01")
	snapshot2025 = clock.MustDate("2025-03-01")
	reform2025   = clock.MustDate("2025-07-01")
	later2026    = clock.MustDate("2026-04-30")
)

// Always is the moment from which reference data counts as known: it comes with
// the program, and when somebody learned it is not part of it.
var Always = time.Unix(0, 0).UTC()

// The legal bases of 1 July 2025 and after.
const (
	basisProvinces2025 = "202/2025/QH15"
	basisDistricts2025 = "203/2025/QH15"
	basisCommunes2025  = "19/2025/QĐ-TTg"
	basisHue2025       = "175/2024/QH15"
	basisDongNai2026   = "30/2026/QH16"
	basisWards2026     = "237/NQ-UBTVQH16"
)

// History is everything that the reference data tells: the versions of all
// units, the links between them, and the events.
type History struct {
	Versions []Version
	Links    []Link
	Events   []Event
	Aliases  []Alias
}

// ReadHistory builds the history from the reference data (data/admin and
// data/codes): two snapshots, the dated changes between them, and the maps to
// the units of 1 July 2025. It fails when the files contradict each other, so
// that a damaged file is never half loaded.
func ReadHistory(fsys fs.FS) (*History, error) {
	b := &builder{fsys: fsys, open: map[string]int{}, events: map[string]bool{}}
	b.units2022()
	b.agencies2022()
	b.changesTo2025()
	b.check2025()
	b.agencyEvents()
	b.reform2025()
	b.later2026()
	if b.err != nil {
		return nil, fmt.Errorf("read history: %w", b.err)
	}
	return &b.h, nil
}

// builder plays the events in the order of their days. Its first error stops
// every later step.
type builder struct {
	fsys   fs.FS
	h      History
	open   map[string]int // code → index in h.Versions of the version that has no end yet
	events map[string]bool
	// names2025 are the names of the last snapshot with districts, by code.
	names2025 map[string]string
	// later are links to units that begin after the event; To is still a code.
	later []Link
	err   error
}

func (b *builder) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf(format, args...)
	}
}

// row is a line of a CSV file.
type row struct {
	columns map[string]int
	fields  []string
}

// get is the field under a heading; "" of the zero row.
func (r row) get(column string) string {
	if i, ok := r.columns[column]; ok {
		return r.fields[i]
	}
	return ""
}

// rows reads a CSV file.
func (b *builder) rows(path string) []row {
	if b.err != nil {
		return nil
	}
	f, err := b.fsys.Open(path)
	if err != nil {
		b.fail("%w", err)
		return nil
	}
	defer f.Close()
	r := csv.NewReader(f)
	head, err := r.Read()
	if err != nil {
		b.fail("%s: %w", path, err)
		return nil
	}
	recs, err := r.ReadAll()
	if err != nil {
		b.fail("%s: %w", path, err)
		return nil
	}
	columns := make(map[string]int, len(head))
	for i, h := range head {
		columns[h] = i
	}
	out := make([]row, len(recs))
	for i, rec := range recs {
		out[i] = row{columns, rec}
	}
	return out
}

func (b *builder) event(e Event) string {
	if !b.events[e.ID] {
		b.events[e.ID] = true
		e.RecordedAt = Always
		b.h.Events = append(b.h.Events, e)
	}
	return e.ID
}

// current is the version of the code that has no end yet.
func (b *builder) current(code string) *Version {
	i, ok := b.open[code]
	if !ok {
		return nil
	}
	return &b.h.Versions[i]
}

// id is the id of the unit that has the code now; "" when there is none.
func (b *builder) id(code string) string {
	if v := b.current(code); v != nil {
		return v.ID
	}
	return ""
}

var idLetter = map[Level]string{Province: "P", District: "D", Commune: "C"}

// begin adds a unit. Units of the opening have ids such as C05869, later ones
// carry their first day, because codes are used again.
func (b *builder) begin(level Level, code, name, parent string, on clock.Date, event string) {
	if b.current(code) != nil {
		b.fail("%s begins on %s but is there already", code, on)
		return
	}
	id := idLetter[level] + code
	if level.IsAgency() {
		id = "A" + code
	}
	if on.After(Opening) {
		id += "." + strings.ReplaceAll(on.String(), "-", "")
	}
	b.open[code] = len(b.h.Versions)
	b.h.Versions = append(b.h.Versions, Version{ID: id, Level: level, Code: code, Name: name, Parent: parent, From: on, Event: event})
}

// end closes the unit of a code.
func (b *builder) end(code string, on clock.Date, event string) {
	v := b.current(code)
	if v == nil {
		b.fail("%s ends on %s but is not there", code, on)
		return
	}
	v.To, v.Ended = on, event
	delete(b.open, code)
}

// change begins a new version of the same unit.
func (b *builder) change(code string, on clock.Date, event string, set func(v *Version)) {
	v := b.current(code)
	if v == nil {
		b.fail("%s changes on %s but is not there", code, on)
		return
	}
	next := *v
	set(&next)
	if next == *v {
		return
	}
	next.Event = event
	if v.From == on {
		*v = next
		return
	}
	v.To = on
	next.From = on
	b.open[code] = len(b.h.Versions)
	b.h.Versions = append(b.h.Versions, next)
}

func (b *builder) link(l Link) { b.h.Links = append(b.h.Links, l) }

func day(d clock.Date) string { return strings.ReplaceAll(d.String(), "-", "") }

// units2022 loads the snapshot of 1 October 2022 and takes back the renames
// between the opening and that day, which are all that the changes hold for it.
func (b *builder) units2022() {
	ev := b.event(Event{
		ID: "E" + day(Opening), Kind: Registered, On: Opening, Sure: false,
		Note: "org.note.opening",
	})
	for _, r := range b.rows("admin/provinces_2022.csv") {
		b.begin(Province, r.get("code"), r.get("full_name"), "", Opening, ev)
	}
	for _, r := range b.rows("admin/districts_2022.csv") {
		b.begin(District, r.get("code"), r.get("full_name"), b.id(r.get("province_code")), Opening, ev)
	}
	for _, r := range b.rows("admin/communes_2022.csv") {
		b.begin(Commune, r.get("code"), r.get("full_name"), b.id(r.get("district_code")), Opening, ev)
	}
	for _, r := range b.rows("admin/changes_2021_2025h1.csv") {
		if r.get("effective_date") > snapshot2022.String() {
			continue
		}
		v := b.current(r.get("code"))
		if r.get("change") != "renamed" || v == nil || v.Name != r.get("new_full_name") {
			b.fail("changes: %s of %s cannot be taken back", r.get("code"), r.get("effective_date"))
			return
		}
		v.Name = r.get("old_full_name")
	}
}

// changesTo2025 plays the dated changes up to the last snapshot with districts.
func (b *builder) changesTo2025() {
	into := map[string]row{} // commune of 2022 → row of the map
	for _, r := range b.rows("admin/map_commune_2022_to_2025.csv") {
		into[r.get("commune_2022")] = r
	}
	b.names2025 = b.snapshot2025()
	all := b.rows("admin/changes_2021_2025h1.csv")
	for start := 0; start < len(all) && b.err == nil; {
		end := start
		for end < len(all) && all[end].get("effective_date") == all[start].get("effective_date") {
			end++
		}
		b.changesOfDay(all[start:end], into)
		start = end
	}
	for _, l := range b.later {
		l.To = b.id(l.To)
		b.link(l)
	}
}

func (b *builder) changesOfDay(rows []row, into map[string]row) {
	on, err := clock.ParseDate(rows[0].get("effective_date"))
	if err != nil {
		b.fail("changes: %w", err)
		return
	}
	// What a district gave to which other is read from the communes that moved.
	followed := map[string]map[string]bool{}
	for _, r := range rows {
		if r.get("level") == "commune" && r.get("old_parent") != r.get("new_parent") && r.get("new_parent") != "" && r.get("old_parent") != "" {
			if followed[r.get("old_parent")] == nil {
				followed[r.get("old_parent")] = map[string]bool{}
			}
			followed[r.get("old_parent")][r.get("new_parent")] = true
		}
	}
	b.addedOn(on, rows, followed)
	for _, r := range rows {
		if strings.HasPrefix(r.get("change"), "renamed") || r.get("change") == "moved" {
			// The source's last release undid a rename that the snapshot after it
			// still has; that is a slip of the source, not an event.
			if on == snapshot2025 && b.names2025[r.get("code")] == r.get("old_full_name") && b.names2025[r.get("code")] != r.get("new_full_name") {
				continue
			}
			b.changedOn(on, r)
		}
	}
	for _, r := range rows {
		if r.get("change") == "removed" {
			b.removedOn(on, r, into[r.get("code")], followed[r.get("code")])
		}
	}
}

func (b *builder) addedOn(on clock.Date, rows []row, followed map[string]map[string]bool) {
	ending := map[string]bool{}
	for _, r := range rows {
		ending[r.get("code")] = ending[r.get("code")] || r.get("change") == "removed"
	}
	for _, level := range []Level{District, Commune} {
		for _, r := range rows {
			if r.get("change") != "added" || r.get("level") != string(level) {
				continue
			}
			ev := b.event(Event{
				ID: "E" + day(on) + ".C" + r.get("code"), Kind: Created, On: on, Sure: true,
				Basis: r.get("resolutions"), Note: manyResolutions(r.get("resolutions")),
			})
			b.begin(level, r.get("code"), r.get("new_full_name"), b.id(r.get("new_parent")), on, ev)
			for _, from := range sortedKeys(followed) {
				if followed[from][r.get("code")] && !ending[from] { // those that end are linked when they end
					b.link(Link{Event: ev, From: b.id(from), To: b.id(r.get("code"))})
				}
			}
		}
	}
}

func (b *builder) changedOn(on clock.Date, r row) {
	kind, basis := Renamed, r.get("resolutions")
	if r.get("change") == "moved" {
		kind = Moved
	}
	if r.get("level") == string(Province) {
		basis = basisHue2025 // the only province renamed before July 2025; a matter of the National Assembly
	}
	ev := b.event(Event{ID: "E" + day(on) + ".R" + r.get("code"), Kind: kind, On: on, Sure: true, Basis: basis, Note: manyResolutions(basis)})
	b.change(r.get("code"), on, ev, func(v *Version) {
		v.Name = r.get("new_full_name")
		if r.get("new_parent") != "" {
			v.Parent = b.id(r.get("new_parent"))
		}
	})
	if r.get("level") == string(Province) {
		b.renameCommittee(r.get("code"), on, ev)
	}
}

// removedOn ends a unit and says what it became: a commune by the map, a
// district by where its communes went.
func (b *builder) removedOn(on clock.Date, r, to row, followed map[string]bool) {
	from := b.id(r.get("code"))
	ev := Event{
		ID: "E" + day(on) + ".X" + r.get("code"), Kind: Merged, On: on, Sure: true, Basis: r.get("resolutions"),
		Note: manyResolutions(r.get("resolutions")),
	}
	var targets []string
	switch {
	case len(followed) > 0:
		for _, code := range sortedKeys(followed) {
			targets = append(targets, b.id(code))
		}
		if len(targets) > 1 {
			ev.Kind = Split
		}
	case to.get("commune_2025h1") != "":
		target := b.id(to.get("commune_2025h1"))
		if target == "" || target == from {
			// It begins later than this unit ends: the source's dates do not meet.
			ev.Sure, ev.Note = false, "org.note.receiver_later"
			b.later = append(b.later, Link{Event: b.event(ev), From: from, To: to.get("commune_2025h1"), Whole: true, Main: true})
			b.end(r.get("code"), on, ev.ID)
			return
		}
		targets = []string{target}
		if to.get("method") == "inferred" {
			ev.Sure, ev.Note = false, "org.note.inferred"
		}
	}
	if len(targets) == 0 {
		ev.Kind = Abolished
		ev.Sure, ev.Note = false, "org.note.no_receiver"
	}
	id := b.event(ev)
	for i, t := range targets {
		b.link(Link{Event: id, From: from, To: t, Whole: len(targets) == 1, Main: i == 0 && len(targets) == 1})
	}
	b.end(r.get("code"), on, id)
}

// manyResolutions notes that the source gives a day's resolutions together, as
// "721..730" or "..1318": which of them it was is not told.
func manyResolutions(basis string) string {
	if strings.Contains(basis, "..") {
		return "org.note.many_resolutions"
	}
	return ""
}

// snapshot2025 gives the names of the last snapshot before the reform.
func (b *builder) snapshot2025() map[string]string {
	names := map[string]string{}
	for _, f := range []string{"provinces", "districts", "communes"} {
		for _, r := range b.rows("admin/" + f + "_2025h1.csv") {
			names[r.get("code")] = r.get("full_name")
		}
	}
	return names
}

// check2025 holds the changes against the last snapshot: the same units, and a
// name that differs in more than spelling is an event whose day is not known.
func (b *builder) check2025() {
	names := b.names2025
	ev := Event{
		ID: "E" + day(snapshot2025) + ".names", Kind: Renamed, On: snapshot2025, Sure: false,
		Note: "org.note.name_differs",
	}
	n := 0
	for _, code := range sortedKeys(b.open) {
		v := b.current(code)
		if v.Level.IsAgency() {
			continue
		}
		n++
		name, ok := names[code]
		if !ok {
			b.fail("%s is in the changes but not in the snapshot of %s", code, snapshot2025)
			return
		}
		if SameSpelling(name, v.Name) {
			continue
		}
		b.change(code, snapshot2025, b.event(ev), func(v *Version) { v.Name = name })
	}
	if n != len(names) && b.err == nil {
		b.fail("%d units after the changes, %d in the snapshot of %s", n, len(names), snapshot2025)
	}
}
