package org

import (
	"cmp"
	"context"
	"slices"

	"dean06/internal/platform/clock"
)

// Reform is the first day of the 34 provinces and of communes without districts:
// 1 July 2025 (Nghị quyết 202/2025/QH15, 203/2025/QH15).
var Reform = reform2025

// Territory is the provinces, districts and communes through time, held in memory: some
// 16,000 versions, five megabytes. It never changes; after an edit a new one is loaded.
type Territory struct {
	*Graph
	codes map[string][]Version // by code, in the order of days
}

// NewTerritory builds the territory of h and leaves out the agencies.
func NewTerritory(h History) *Territory {
	kept := History{Events: h.Events, Versions: make([]Version, 0, len(h.Versions))}
	ids := make(map[string]bool, len(h.Versions))
	for _, v := range h.Versions {
		if v.Level.IsAgency() {
			continue
		}
		kept.Versions = append(kept.Versions, v)
		ids[v.ID] = true
	}
	for _, l := range h.Links {
		if ids[l.From] && ids[l.To] {
			kept.Links = append(kept.Links, l)
		}
	}
	t := &Territory{Graph: NewGraph(kept), codes: make(map[string][]Version, len(ids))}
	for _, vs := range t.versions { // mostly a unit keeps its code, and no other has it: the list is the unit's own
		for len(vs) > 0 {
			code := vs[0].Code
			n := slices.IndexFunc(vs, func(v Version) bool { return v.Code != code })
			if n < 0 {
				n = len(vs)
			}
			t.add(code, vs[:n:n])
			vs = vs[n:]
		}
	}
	return t
}

func (t *Territory) add(code string, vs []Version) {
	if others := t.codes[code]; len(others) > 0 {
		vs = slices.Concat(others, vs)
		slices.SortFunc(vs, func(a, b Version) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.ID, b.ID)) })
	}
	t.codes[code] = vs
}

// Coded lists every version that had the code, in the order of days: a code may have been
// of one unit, then of another. The caller does not change the list.
func (t *Territory) Coded(code string) []Version { return t.codes[code] }

// Codes lists the codes of all units that there are and were.
func (t *Territory) Codes() []string { return sortedKeys(t.codes) }

// ByCode is the unit that had the code on the day.
func (t *Territory) ByCode(code string, on clock.Date) (Version, bool) {
	for _, v := range t.codes[code] {
		if v.On(on) {
			return v, true
		}
	}
	return Version{}, false
}

// CodeOf is the code of a unit, which it keeps as long as it is; "" of an unknown one.
func (t *Territory) CodeOf(id string) string {
	if vs := t.versions[id]; len(vs) > 0 {
		return vs[0].Code
	}
	return ""
}

// ProvinceOf is the code of the province in which a version lies.
func (t *Territory) ProvinceOf(v Version) string {
	for range len(Levels) { // no unit is above itself, whatever a damaged table says
		if v.Level == Province {
			return v.Code
		}
		vs := t.versions[v.Parent]
		if len(vs) == 0 {
			return ""
		}
		v = vs[0]
	}
	return ""
}

// Became lists what has the ground of a version on a later day, the one that stands for
// it first. It is the unit itself while that goes on. None means that it ended without a
// known receiver.
func (t *Territory) Became(v Version, on clock.Date) []Version { return t.kin(v, v.lastDay(on), on) }

// Was lists what had the ground of a version on an earlier day, in the same order.
func (t *Territory) Was(v Version, on clock.Date) []Version { return t.kin(v, v.From, on) }

func (t *Territory) kin(v Version, from, to clock.Date) []Version {
	found := t.Lineage(v.ID, from, to).Units
	slices.SortStableFunc(found, func(a, b Kin) int { return rank(a.Main) - rank(b.Main) })
	var out []Version
	for _, k := range found {
		if at, ok := t.At(k.ID, to); ok {
			out = append(out, at)
		}
	}
	return out
}

// After lists the ids of all units into which ground of a unit went, at once or through
// others: first those that have all of it, then the one that stands for it. The unit itself
// is not among them.
func (t *Territory) After(id string) []string {
	return t.follow(id, func(id string) []Link { return t.out[id] }, func(l Link) string { return l.To }, 1)
}

// Before lists those from which the ground of a unit came, in the same order.
func (t *Territory) Before(id string) []string {
	return t.follow(id, func(id string) []Link { return t.in[id] }, func(l Link) string { return l.From }, -1)
}

// follow walks the links, never back in time: what a unit gave away before it took
// something in, it did not give of that.
func (t *Territory) follow(id string, links func(id string) []Link, end func(Link) string, order int) []string {
	type place struct {
		id  string
		day clock.Date
	}
	seen := map[string]clock.Date{id: {}}
	var out []string
	for edge := []place{{id: id}}; len(edge) > 0; {
		var next []place
		for _, from := range edge {
			ls := slices.Clone(links(from.id))
			slices.SortStableFunc(ls, func(a, b Link) int {
				return cmp.Or(rank(a.Whole)-rank(b.Whole), rank(a.Main)-rank(b.Main), cmp.Compare(end(a), end(b)))
			})
			for _, l := range ls {
				to, day := end(l), t.events[l.Event].On
				if !from.day.IsZero() && day.Compare(from.day)*order < 0 {
					continue
				}
				had, met := seen[to]
				if met && (had.IsZero() || had.Compare(day)*order <= 0) {
					continue
				}
				if seen[to] = day; !met {
					out = append(out, to)
				}
				next = append(next, place{to, day})
			}
		}
		edge = next
	}
	return out
}

func rank(first bool) int {
	if first {
		return 0
	}
	return 1
}

// Territory is the provinces, districts and communes through time, as known now. It is
// loaded when it is first asked for, and again after each edit: a node that asks for none
// keeps none.
func (a *Agencies) Territory(ctx context.Context) (*Territory, error) {
	if t := a.ground.Load(); t != nil {
		return t, nil
	}
	a.loading.Lock()
	defer a.loading.Unlock()
	if t := a.ground.Load(); t != nil {
		return t, nil
	}
	t, err := a.store.Territory(ctx)
	if err != nil {
		return nil, err
	}
	a.ground.Store(t)
	return t, nil
}

// Ground is the territory, nil until it was asked for with Territory.
func (a *Agencies) Ground() *Territory { return a.ground.Load() }
