package population

import (
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"

	"dean06/internal/citizen"
	"dean06/internal/org"
	"dean06/internal/platform/clock"
)

// territory answers as Units of what org knows. It holds the names folded, and keeps what
// it once found: a load and a search ask tens of thousands of times a second.
type territory struct {
	ground func() *org.Territory
	clock  clock.Clock
	making sync.Mutex
	made   atomic.Pointer[gazetteer]
}

// UnitsOf gives the units of a territory, which may be another after an edit.
func UnitsOf(ground func() *org.Territory, c clock.Clock) Units {
	return &territory{ground: ground, clock: c}
}

// NewUnits gives the units of the reference data alone, read from the folder "admin", as
// they were called last: for tests and measurements, which have no register of units.
func NewUnits(data fs.FS) (Units, error) {
	h, err := org.ReadHistory(data)
	if err != nil {
		return nil, err
	}
	t := org.NewTerritory(*h)
	last := org.Opening
	for _, v := range h.Versions {
		if v.From.After(last) {
			last = v.From
		}
	}
	return UnitsOf(func() *org.Territory { return t }, clock.Fixed(last.Start())), nil
}

// gazetteer is a territory as it is seen from one day. It never changes.
type gazetteer struct {
	of     *org.Territory
	today  clock.Date
	units  map[string][]Unit   // by code, in the order of days
	names  map[string][]string // codes of communes, by folded name
	all    []UnitName
	before sync.Map // id → ids of what its ground was; found when it is asked for
	after  sync.Map
}

// now is the gazetteer of this day and of the last edit.
func (t *territory) now() *gazetteer {
	ground, today := t.ground(), clock.DayOf(t.clock.Now())
	if g := t.made.Load(); g != nil && g.of == ground && g.today == today {
		return g
	}
	t.making.Lock()
	defer t.making.Unlock()
	if g := t.made.Load(); g != nil && g.of == ground && g.today == today {
		return g
	}
	g := newGazetteer(ground, today)
	t.made.Store(g)
	return g
}

func newGazetteer(ground *org.Territory, today clock.Date) *gazetteer {
	g := &gazetteer{of: ground, today: today, units: map[string][]Unit{}, names: map[string][]string{}}
	for _, code := range ground.Codes() {
		for _, v := range ground.Coded(code) {
			u := g.unit(v)
			g.units[code] = append(g.units[code], u)
			if n := len(g.all); n == 0 || g.all[n-1].Code != code || g.all[n-1].Name != u.Name || g.all[n-1].District != u.District ||
				g.all[n-1].Current != u.Current {
				g.all = append(g.all, UnitName{levels[v.Level], u})
			}
			if v.Level != org.Commune {
				continue
			}
			folded := citizen.Fold(v.Name)
			g.names[folded] = addCode(g.names[folded], code)
			if bare := citizen.Fold(bareName(v.Name)); bare != folded {
				g.names[bare] = addCode(g.names[bare], code)
			}
		}
	}
	return g
}

func (g *gazetteer) unit(v org.Version) Unit {
	u := Unit{ID: v.ID, Code: v.Code, Name: v.Name, Province: g.of.ProvinceOf(v), From: v.From, To: v.To, Current: v.On(g.today)}
	switch above := g.of.Versions(v.Parent); {
	case v.Level == org.District:
		u.District = v.Code
	case v.Level == org.Commune && len(above) > 0 && above[0].Level == org.District:
		u.District = above[0].Code
	}
	return u
}

var levels = map[org.Level]UnitLevel{org.Province: ProvinceLevel, org.District: DistrictLevel, org.Commune: CommuneLevel}

func addCode(list []string, code string) []string {
	if slices.Contains(list, code) {
		return list
	}
	return append(list, code)
}

// on picks the unit of a day.
func (g *gazetteer) on(code string, on clock.Date) (Unit, bool) {
	all := g.units[code]
	if on.IsZero() {
		on = g.today
		if len(all) > 0 && !all[len(all)-1].On(on) { // it is gone: as it was last
			for _, u := range slices.Backward(all) {
				if !u.From.After(on) {
					return u, true
				}
			}
		}
	}
	for _, u := range all {
		if u.On(on) {
			return u, true
		}
	}
	return Unit{}, false
}

// Lengths of the codes of units.
const (
	provinceCode = 2
	districtCode = 3
	communeCode  = 5
)

func (t *territory) Commune(code string, on clock.Date) (Unit, bool) {
	if len(code) != communeCode {
		return Unit{}, false
	}
	return t.now().on(code, on)
}

func (t *territory) Province(code string, on clock.Date) (Unit, bool) {
	if len(code) != provinceCode {
		return Unit{}, false
	}
	return t.now().on(code, on)
}

func (t *territory) District(code string, on clock.Date) (Unit, bool) {
	if len(code) != districtCode {
		return Unit{}, false
	}
	return t.now().on(code, on)
}

func (t *territory) Coded(code string) []Unit {
	if len(code) != communeCode {
		return nil
	}
	return slices.Clone(t.now().units[code])
}

func (t *territory) Names() []UnitName { return t.now().all }

func (t *territory) Called(folded string) []Unit {
	g := t.now()
	var out []Unit
	for _, code := range g.names[folded] {
		for _, u := range g.units[code] {
			if citizen.Fold(u.Name) == folded || citizen.Fold(bareName(u.Name)) == folded {
				out = append(out, u)
			}
		}
	}
	return out
}

func (t *territory) Became(u Unit, on clock.Date) []Unit {
	g := t.now()
	if on.IsZero() {
		on = g.today
	}
	var out []Unit
	for _, v := range g.of.Versions(u.ID) {
		if v.From == u.From {
			for _, kin := range g.of.Became(v, recorded(on)) {
				out = append(out, g.unit(kin))
			}
		}
	}
	return out
}

func (t *territory) Kin(a, b Unit) bool {
	g := t.now()
	return a.ID == b.ID || slices.Contains(g.afterOf(a.ID), b.ID) || slices.Contains(g.afterOf(b.ID), a.ID)
}

func (g *gazetteer) afterOf(id string) []string  { return once(&g.after, id, g.of.After) }
func (g *gazetteer) beforeOf(id string) []string { return once(&g.before, id, g.of.Before) }

// once finds what is asked for, and keeps it.
func once(kept *sync.Map, id string, find func(string) []string) []string {
	if v, ok := kept.Load(id); ok {
		return v.([]string)
	}
	found := find(id)
	kept.Store(id, found)
	return found
}

// ids are the units that had a code and are as f says, each once, the latest first.
func (g *gazetteer) ids(code string, f func(u Unit) bool) []string {
	var out []string
	for _, u := range slices.Backward(g.units[code]) {
		if f(u) {
			out = addCode(out, u.ID)
		}
	}
	return out
}

// last is what a unit was called last.
func (g *gazetteer) last(id string) org.Version {
	vs := g.of.Versions(id)
	return vs[len(vs)-1]
}

func (t *territory) Successors(code string) []string {
	g := t.now()
	var out []string
	for _, id := range g.ids(code, func(u Unit) bool { return u.District != "" || !u.Current }) {
		for _, kin := range append([]string{id}, g.afterOf(id)...) {
			if v := g.last(kin); v.Level == org.Commune && v.On(g.today) {
				out = addCode(out, v.Code)
			}
		}
	}
	return out
}

func (t *territory) Old(code string) []string {
	g := t.now()
	var out []string
	for _, id := range g.ids(code, func(u Unit) bool { return u.Current }) {
		for _, kin := range append([]string{id}, g.beforeOf(id)...) {
			if v := g.of.Versions(kin)[0]; v.Level == org.Commune && v.From.Before(org.Reform) {
				out = addCode(out, v.Code)
			}
		}
	}
	return out
}

func (t *territory) SameProvince(code string) []string {
	if len(code) != provinceCode {
		return nil
	}
	g := t.now()
	var out []string
	for _, id := range g.ids(code, func(Unit) bool { return true }) {
		out = addCode(out, code)
		for _, kin := range slices.Concat(g.afterOf(id), g.beforeOf(id)) {
			if v := g.last(kin); v.Level == org.Province {
				out = addCode(out, v.Code)
			}
		}
	}
	return out
}
