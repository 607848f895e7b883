package org

import (
	"cmp"
	"slices"

	"dean06/internal/platform/clock"
)

// Relation says what a unit of one day is to a unit of another.
type Relation string

// The relations, from the older unit to the later one.
const (
	RelSame     Relation = "same"
	RelRenamed  Relation = "renamed"  // another name, type or code, the same ground
	RelMoved    Relation = "moved"    // another parent
	RelEnlarged Relation = "enlarged" // the same unit, which took others in
	RelReduced  Relation = "reduced"  // the same unit, which gave a part away
	RelMerged   Relation = "merged"   // all of it is in the later unit, with others
	RelSplit    Relation = "split"    // only a part of it is in the later unit
)

// Relations lists the relations.
var Relations = []Relation{RelSame, RelRenamed, RelMoved, RelEnlarged, RelReduced, RelMerged, RelSplit}

// Kin is a unit at the other end of a lineage.
type Kin struct {
	ID         string   `json:"id"`
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Level      Level    `json:"level"`
	Relation   Relation `json:"relation"`
	ShareKnown bool     `json:"share_known"` // the older unit is wholly in the later one; of a part nobody tells how large
	Main       bool     `json:"main"`        // of several, the one that stands for the unit when one must; none may
}

// Lineage is what a unit of one day is on another day, and why.
type Lineage struct {
	Code   string     `json:"code"`
	From   clock.Date `json:"from"`
	To     clock.Date `json:"to"`
	Units  []Kin      `json:"units"`
	Events []Event    `json:"events"`
}

// Graph is some units with their versions and the links between them.
type Graph struct {
	versions map[string][]Version // by id, in the order of days
	out, in  map[string][]Link    // by id
	events   map[string]Event
}

// NewGraph builds a graph. It keeps no list of h. A country's is large, so versions and
// links lie in one array each, and an id that stands in many of them is one text.
func NewGraph(h History) *Graph {
	one := texts{}
	versions := slices.Clone(h.Versions)
	for i := range versions {
		v := &versions[i]
		v.ID, v.Parent, v.Event, v.Ended = one.of(v.ID), one.of(v.Parent), one.of(v.Event), one.of(v.Ended)
	}
	slices.SortStableFunc(versions, func(a, b Version) int { return a.From.Compare(b.From) })
	links := slices.Clone(h.Links)
	for i := range links {
		l := &links[i]
		l.Event, l.From, l.To = one.of(l.Event), one.of(l.From), one.of(l.To)
	}
	g := &Graph{
		versions: grouped(versions, func(v Version) string { return v.ID }),
		in:       grouped(slices.Clone(links), func(l Link) string { return l.To }),
		out:      grouped(links, func(l Link) string { return l.From }),
		events:   make(map[string]Event, len(h.Events)),
	}
	for _, e := range h.Events {
		g.events[e.ID] = e
	}
	return g
}

// grouped sorts a list by a key, and gives the part of each key in the order it had.
func grouped[T any](list []T, key func(T) string) map[string][]T {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
	n := 0
	for i := range list {
		if i == 0 || key(list[i]) != key(list[i-1]) {
			n++
		}
	}
	out := make(map[string][]T, n)
	for from := 0; from < len(list); {
		to := from + 1
		for to < len(list) && key(list[to]) == key(list[from]) {
			to++
		}
		out[key(list[from])] = list[from:to:to]
		from = to
	}
	return out
}

// texts gives one text for all that are equal.
type texts map[string]string

func (t texts) of(s string) string {
	if kept, ok := t[s]; ok {
		return kept
	}
	t[s] = s
	return s
}

// Versions lists what a unit was called, and where it lay, in the order of days. The
// caller does not change the list.
func (g *Graph) Versions(id string) []Version { return g.versions[id] }

// At is the unit as it was on the day.
func (g *Graph) At(id string, on clock.Date) (Version, bool) {
	for _, v := range g.versions[id] {
		if v.On(on) {
			return v, true
		}
	}
	return Version{}, false
}

// ByCode is the unit that had the code on the day.
func (g *Graph) ByCode(code string, on clock.Date) (Version, bool) {
	for _, vs := range g.versions {
		for _, v := range vs {
			if v.Code == code && v.On(on) {
				return v, true
			}
		}
	}
	return Version{}, false
}

// Lineage says what the unit id, as it was on the day from, is on the day to.
// The days may be in either order. No unit in the answer means that it ended,
// or began, without kin; the events then say how.
func (g *Graph) Lineage(id string, from, to clock.Date) Lineage {
	start, _ := g.At(id, from)
	out := Lineage{Code: start.Code, From: from, To: to, Units: []Kin{}, Events: []Event{}}
	w := walk{g: g, forward: !to.Before(from), to: to, seen: map[string]*reached{}, events: map[string]bool{}}
	w.after, w.until = from, to
	if !w.forward {
		w.after, w.until = to, from
	}
	w.visit(id, true, true)
	for _, r := range w.order {
		v, ok := g.At(r.id, to)
		if !ok {
			continue
		}
		for _, l := range g.in[r.id] { // what else went into it explains it as well
			if w.forward && w.within(l.Event) {
				w.events[l.Event] = true
			}
		}
		out.Units = append(out.Units, Kin{
			ID: v.ID, Code: v.Code, Name: v.Name, Level: v.Level,
			Relation: w.relation(start, v, r.whole), ShareKnown: r.whole, Main: r.main,
		})
	}
	slices.SortFunc(out.Units, func(a, b Kin) int { return cmp.Compare(a.Code, b.Code) })
	for e := range w.events {
		out.Events = append(out.Events, g.events[e])
	}
	slices.SortFunc(out.Events, func(a, b Event) int {
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.ID, b.ID))
	})
	return out
}

type reached struct {
	id          string
	whole, main bool
}

// walk follows the links whose events lie after one day and until another.
type walk struct {
	g            *Graph
	forward      bool
	to           clock.Date
	after, until clock.Date
	seen         map[string]*reached
	order        []*reached
	events       map[string]bool
}

func (w *walk) within(event string) bool {
	on := w.g.events[event].On
	return on.After(w.after) && !on.After(w.until)
}

func (w *walk) visit(id string, whole, main bool) {
	if r, ok := w.seen[id]; ok { // met again by another way: parts of it came together
		r.whole = r.whole && whole
		r.main = r.main || main
		return
	}
	r := &reached{id, whole, main}
	w.seen[id] = r
	w.order = append(w.order, r)
	for _, v := range w.g.versions[id] {
		for _, e := range []string{v.Event, v.Ended} {
			if e != "" && w.within(e) {
				w.events[e] = true
			}
		}
	}
	links := w.g.out[id]
	if !w.forward {
		links = w.g.in[id]
	}
	for _, l := range links {
		if !w.within(l.Event) {
			continue
		}
		w.events[l.Event] = true
		next := l.To
		if !w.forward {
			next = l.From
		}
		w.visit(next, whole && l.Whole, main && l.Main)
	}
}

// relation names what the start is to the unit found. Looking back, the older
// of the two is the one found.
func (w *walk) relation(start, v Version, whole bool) Relation {
	older, later := start, v
	if !w.forward {
		older, later = v, start
	}
	if older.ID != later.ID {
		switch {
		case !whole:
			return RelSplit
		case w.sources(later.ID) > 1:
			return RelMerged
		}
		return RelRenamed
	}
	switch {
	case w.sources(later.ID) > 0:
		return RelEnlarged
	case slices.ContainsFunc(w.g.out[older.ID], func(l Link) bool { return w.within(l.Event) }):
		return RelReduced
	case older.Name != later.Name || older.Level != later.Level || older.Code != later.Code:
		return RelRenamed
	case older.Parent != later.Parent:
		return RelMoved
	}
	return RelSame
}

// sources counts what went into a unit in the span, itself included when it
// was there before.
func (w *walk) sources(id string) int {
	n := 0
	for _, l := range w.g.in[id] {
		if w.within(l.Event) {
			n++
		}
	}
	if first := w.g.versions[id][0]; n > 0 && !first.From.After(w.after) {
		n++
	}
	return n
}
