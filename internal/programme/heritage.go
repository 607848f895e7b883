package programme

import (
	"maps"
	"slices"

	"dean06/internal/org"
	"dean06/internal/platform/clock"
)

// Country is the agencies through time: *org.Agencies.
type Country interface {
	Agency(code string, on clock.Date) (org.Agency, bool)
	Of(on clock.Date, kinds ...org.Kind) []org.Agency
	NameOf(code string) string
	Knows(code string) bool
	Directory() *org.Directory
}

// Lineage tells what the unit that had a code on one day is on another, in either order.
type Lineage func(code string, from, to clock.Date) (org.Lineage, error)

// mainOf is the one of several that stands for a unit when one must: the main part, else
// what has all of it, else the first by code. None is false.
func mainOf(kin []org.Kin) (org.Kin, bool) {
	rank := func(k org.Kin) int {
		switch {
		case k.Main && k.ShareKnown:
			return 0
		case k.Main:
			return 1
		case k.ShareKnown:
			return 2
		}
		return 3
	}
	var best org.Kin
	for _, k := range kin {
		if best.ID == "" || rank(k) < rank(best) || rank(k) == rank(best) && k.Code < best.Code {
			best = k
		}
	}
	return best, best.ID != ""
}

// Geography allots agencies to those of one day: a province of 2022 to the one that has
// its ground today, a province of today to the main one of those from which it came.
// Each goes to exactly one, or to none, which is told by "" and counted too: so the sum
// of the parts is the whole in the geography of any year. It never changes.
type Geography struct {
	Day  clock.Date
	to   map[string]string
	from map[string][]string // the other way, those that are gone only, by code
}

// GeographyOf is the geography of a day.
func GeographyOf(c Country, day clock.Date) *Geography {
	g := &Geography{Day: day, to: map[string]string{}, from: map[string][]string{}}
	dir := c.Directory()
	for _, a := range dir.Ever(clock.MustDate("9999-12-31")) {
		g.to[a.Code] = allot(dir, a.Code, day)
	}
	for _, code := range slices.Sorted(maps.Keys(g.to)) {
		if heir := g.to[code]; heir != code {
			g.from[heir] = append(g.from[heir], code)
		}
	}
	return g
}

// Allot gives the agency of the day to which a ministry or the committee of a province
// belongs; "" when nobody has its ground.
func (g *Geography) Allot(code string) string { return g.to[code] }

func allot(dir *org.Directory, code string, day clock.Date) string {
	if _, ok := dir.Agency(code, day); ok {
		return code
	}
	last, ok := dir.Last(code, day)
	if !ok {
		return ""
	}
	versions := dir.Versions(last.ID)
	from := versions[0].From // it begins later: what was before it
	if !from.After(day) {
		from = versions[len(versions)-1].To.AddDays(-1)
	}
	kin := dir.Lineage(last.ID, from, day).Units
	main, _ := mainOf(slices.DeleteFunc(kin, func(k org.Kin) bool { return !k.Level.IsAgency() }))
	return main.Code
}

// Heritage lists the ministries and committees of provinces whose tasks an agency answers
// for on the day: its own code first, then those that are gone and of which it is the heir.
func (g *Geography) Heritage(code string) []string {
	return append([]string{code}, g.from[code]...)
}

// Heritage lists the codes of all agencies whose tasks one answers for on a day, its own
// first. Of a local committee they are those of the units of which its unit is the main
// heir, under each committee that its province came from: of these at most one had it.
func Heritage(g *Geography, lineage Lineage, code string) ([]string, error) {
	top, unit, local := org.ParseLocalCode(code)
	if !local {
		return g.Heritage(code), nil
	}
	now, err := lineage(unit, g.Day, org.Opening)
	if err != nil {
		return nil, err
	}
	days := []clock.Date{org.Opening}
	for _, e := range now.Events {
		if before := e.On.AddDays(-1); before.After(org.Opening) && before.Before(g.Day) {
			days = append(days, before)
		}
	}
	slices.SortFunc(days, clock.Date.Compare)
	out := []string{code}
	for _, day := range slices.Compact(days) {
		was, err := lineage(unit, g.Day, day)
		if err != nil {
			return nil, err
		}
		for _, k := range was.Units {
			heirs, err := lineage(k.Code, day, g.Day)
			if err != nil {
				return nil, err
			}
			if heir, ok := mainOf(heirs.Units); !ok || heir.Code != unit {
				continue
			}
			for _, committee := range g.Heritage(top) {
				if c := org.LocalCode(committee, k.Level, k.Code); !slices.Contains(out, c) {
					out = append(out, c)
				}
			}
		}
	}
	return out, nil
}

// Origin is the ministry of an agency, or the committee of its province. Since provinces
// only ever merged, that of a local committee is the one before the reform of 2025, from
// which every later geography follows.
func Origin(c Country, lineage Lineage, code string, day clock.Date) (string, error) {
	top, unit, local := org.ParseLocalCode(code)
	if !local || day.Before(org.Reform) {
		return committeeOf(code), nil
	}
	before := org.Reform.AddDays(-1)
	was, err := lineage(unit, day, before)
	if err != nil {
		return "", err
	}
	main, ok := mainOf(was.Units)
	if !ok {
		return top, nil
	}
	for _, a := range c.Directory().Agencies(before) {
		if a.Kind() != org.KindProvince {
			continue
		}
		// A commune of a merged province keeps its number, so the day is asked, not whether it ever was.
		if _, there := c.Agency(org.LocalCode(a.Code, main.Level, main.Code), before); there {
			return a.Code, nil
		}
	}
	return top, nil
}
