package identity

import (
	"context"
	"slices"
	"strings"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
)

// PlaceLine is how many accounts citizens have who live in a province or a commune of today.
type PlaceLine struct {
	Code, Name string // both "": the register does not say where
	One, Two   int    // active, by level
	Shut       int    // suspended or closed
}

// All counts them together.
func (l PlaceLine) All() int { return l.One + l.Two + l.Shut }

// rounded is to what the counts of communes are rounded: in a commune are few enough people for
// one to be known by a small number, and for two exact ones to tell a third.
const rounded = 5

// Rounded is a count of a commune as it is told: to fives, and -1 for one to four.
func Rounded(n int) int {
	if n > 0 && n < rounded {
		return -1
	}
	return (n + rounded/2) / rounded * rounded
}

// CountsByPlace are the accounts of citizens by province of today, or by commune of one
// province, by code. Where somebody lives is what the register says of their permanent
// residence; a commune that is no more counts as the one that took over its ground, the
// likelier one of several.
func (s *Service) CountsByPlace(ctx context.Context, by actor.Actor, province string) ([]PlaceLine, error) {
	if err := Permissions.Can(by, CountAll); err != nil {
		return nil, err
	}
	counts, err := s.Store.Places(ctx)
	if err != nil {
		return nil, err
	}
	var ground *org.Territory
	if s.Territory != nil {
		ground = s.Territory()
	}
	return byPlace(counts, ground, province, clock.DayOf(s.Clock.Now())), nil
}

// byPlace counts in the geography of a day.
func byPlace(counts []PlaceCount, ground *org.Territory, province string, on clock.Date) []PlaceLine {
	lines := map[string]*PlaceLine{}
	for _, c := range counts {
		unit, of := unitOn(ground, c.Commune, on)
		if province != "" && of.Code != province {
			continue
		}
		if province == "" {
			unit = of
		}
		l := lines[unit.Code]
		if l == nil {
			l = &PlaceLine{Code: unit.Code, Name: unit.Name}
			lines[unit.Code] = l
		}
		switch {
		case c.State != Active:
			l.Shut += c.N
		case c.Level == Two:
			l.Two += c.N
		default:
			l.One += c.N
		}
	}
	out := make([]PlaceLine, 0, len(lines))
	for _, l := range lines {
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b PlaceLine) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// unitOn is what has the ground of a commune on a day, and the province in which that lies.
func unitOn(ground *org.Territory, id string, on clock.Date) (commune, province org.Version) {
	if ground == nil {
		return commune, province
	}
	versions := ground.Versions(id)
	if len(versions) == 0 {
		return commune, province
	}
	commune = versions[len(versions)-1]
	if !commune.On(on) {
		became := ground.Became(commune, on)
		if len(became) == 0 {
			return org.Version{}, province
		}
		commune = became[0]
	}
	province, _ = ground.ByCode(ground.ProvinceOf(commune), on)
	return commune, province
}
