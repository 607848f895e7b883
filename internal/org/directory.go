package org

import (
	"cmp"
	"maps"
	"slices"

	"dean06/internal/platform/clock"
)

// Agency is an agency as it was on a day.
type Agency struct {
	ID       string `json:"id"`
	Code     string `json:"code"`                // H55; our own for the few without, see ParseCode
	EDoc     string `json:"edoc_code,omitempty"` // 000.00.00.H55
	Name     string `json:"name"`
	Abbr     string `json:"abbr,omitempty"`
	Level    Level  `json:"level"`
	Province string `json:"province,omitempty"` // the code of the province that a committee governs
	Place    string `json:"place,omitempty"`    // what tells it from others of the same name: "huyện Võ Nhai, tỉnh Thái Nguyên"
}

// IsCentral says that the agency is a ministry or has the rank of one.
func (a Agency) IsCentral() bool { return a.Level == Ministry || a.Level == Ministerial }

// Directory is all agencies and provinces through time, held in memory: some
// two hundred versions. It never changes; after an edit a new one is loaded.
type Directory struct {
	*Graph
	coded map[string][]Version // code → those that had it
	abbr  map[string]string    // id → abbreviation
	names map[string][]string  // id → other ways of writing it
	index map[string][]entry
	keys  []string // of the index, in order
}

// NewDirectory builds the directory from the agencies and provinces of h and
// leaves out the rest.
func NewDirectory(h History) *Directory {
	kept := History{Events: h.Events}
	ids := map[string]bool{}
	for _, v := range h.Versions {
		if v.Level.IsAgency() || v.Level == Province {
			kept.Versions = append(kept.Versions, v)
			ids[v.ID] = true
		}
	}
	for _, l := range h.Links {
		if ids[l.From] && ids[l.To] {
			kept.Links = append(kept.Links, l)
		}
	}
	d := &Directory{
		Graph: NewGraph(kept), coded: map[string][]Version{}, abbr: map[string]string{}, names: map[string][]string{}, index: map[string][]entry{},
	}
	for _, id := range slices.Sorted(maps.Keys(d.versions)) {
		for _, v := range d.versions[id] {
			d.coded[v.Code] = append(d.coded[v.Code], v)
		}
	}
	for _, a := range h.Aliases {
		if a.Abbr {
			d.abbr[a.ID] = a.Text
			continue
		}
		d.names[a.ID] = append(d.names[a.ID], a.Text)
	}
	d.buildIndex(kept.Versions, h.Aliases)
	return d
}

// Agencies lists the agencies of a day: ministries, agencies of that rank,
// Government agencies, provinces; each group by code.
func (d *Directory) Agencies(on clock.Date) []Agency {
	var out []Agency
	for _, vs := range d.versions {
		for _, v := range vs {
			if v.Level.IsAgency() && v.On(on) {
				out = append(out, d.agency(v, on))
			}
		}
	}
	slices.SortFunc(out, byRank)
	return out
}

func byRank(a, b Agency) int {
	return cmp.Or(slices.Index(Levels, a.Level)-slices.Index(Levels, b.Level), cmp.Compare(a.Code, b.Code))
}

// ByCode is the agency or province that had the code on the day.
func (d *Directory) ByCode(code string, on clock.Date) (Version, bool) {
	for _, v := range d.coded[code] {
		if v.On(on) {
			return v, true
		}
	}
	return Version{}, false
}

// Agency is the agency that had the code, in either shape, on the day.
func (d *Directory) Agency(code string, on clock.Date) (Agency, bool) {
	if top, whole, ok := ParseCode(code); ok && top == whole {
		code = top
	}
	v, ok := d.ByCode(code, on)
	if !ok || !v.Level.IsAgency() {
		return Agency{}, false
	}
	return d.agency(v, on), true
}

// Last is the agency that has the code on the day, or failing that the one that had it
// last before, as it was on its last day; and failing that the first that gets it after.
func (d *Directory) Last(code string, on clock.Date) (Agency, bool) {
	if top, whole, ok := ParseCode(code); ok && top == whole {
		code = top
	}
	var last Version
	for _, v := range d.coded[code] {
		if v.Level.IsAgency() && (last.ID == "" || nearer(v, last, on)) {
			last = v
		}
	}
	if last.ID == "" {
		return Agency{}, false
	}
	return d.agency(last, last.lastDay(on)), true
}

// nearer says that of two versions v is rather the one that a code means on a day: the
// later of those begun, or the earlier of those that have not.
func nearer(v, than Version, on clock.Date) bool {
	if begun := !v.From.After(on); begun != !than.From.After(on) {
		return begun
	} else if begun {
		return v.From.After(than.From)
	}
	return v.From.Before(than.From)
}

// lastDay is the day itself when the version is valid on it, or the last or first
// day on which it was.
func (v Version) lastDay(on clock.Date) clock.Date {
	switch {
	case v.From.After(on):
		return v.From
	case v.On(on):
		return on
	}
	return v.To.AddDays(-1)
}

// Ever lists the agencies of the day and after them those that were gone by it, as they
// were called last; both in the order of Agencies.
func (d *Directory) Ever(on clock.Date) []Agency {
	var gone []Agency
	for _, vs := range d.versions {
		if v := vs[len(vs)-1]; v.Level.IsAgency() && !v.To.IsZero() && !v.To.After(on) {
			gone = append(gone, d.agency(v, v.To.AddDays(-1)))
		}
	}
	slices.SortFunc(gone, byRank)
	there := d.Agencies(on)
	taken := map[string]bool{}
	for _, a := range there {
		taken[a.Code] = true
	}
	for _, a := range gone {
		if !taken[a.Code] {
			taken[a.Code] = true
			there = append(there, a)
		}
	}
	return there
}

// AgencyByID is the agency as it was on the day.
func (d *Directory) AgencyByID(id string, on clock.Date) (Agency, bool) {
	v, ok := d.At(id, on)
	if !ok || !v.Level.IsAgency() {
		return Agency{}, false
	}
	return d.agency(v, on), true
}

// Aliases lists other ways in which an agency is written, beside its
// abbreviation and what Find understands by itself.
func (d *Directory) Aliases(id string) []string { return slices.Clone(d.names[id]) }

// Provinces lists the provinces of a day by code.
func (d *Directory) Provinces(on clock.Date) []Version {
	var out []Version
	for _, vs := range d.versions {
		for _, v := range vs {
			if v.Level == Province && v.On(on) {
				out = append(out, v)
			}
		}
	}
	slices.SortFunc(out, func(a, b Version) int { return cmp.Compare(a.Code, b.Code) })
	return out
}

// Trace is the lineage of the agency or province that had the code on the day
// from. It reports false when there was none.
func (d *Directory) Trace(code string, from, to clock.Date) (Lineage, bool) {
	v, ok := d.ByCode(code, from)
	if !ok {
		return Lineage{}, false
	}
	return d.Lineage(v.ID, from, to), true
}

func (d *Directory) agency(v Version, on clock.Date) Agency {
	a := Agency{ID: v.ID, Code: v.Code, EDoc: EDocCode(v.Code), Name: v.Name, Abbr: d.abbr[v.ID], Level: v.Level}
	if p, ok := d.At(v.Parent, on); ok {
		a.Province = p.Code
	}
	return a
}

// LocalAgency is the committee of a district or commune, which has no entry of
// its own: it follows from the unit. above are the units over it, the nearest
// first, the last being the province; committee is the code of the province's.
func LocalAgency(committee string, unit Version, above ...Version) Agency {
	a := Agency{ID: unit.ID, Code: LocalCode(committee, unit.Level, unit.Code), Name: committeeOf(unit.Name), Level: unit.Level}
	for i, u := range above {
		if i > 0 {
			a.Place += ", "
		}
		a.Place += lowerFirst(u.Name)
		if u.Level == Province {
			a.Province = u.Code
		}
	}
	return a
}
