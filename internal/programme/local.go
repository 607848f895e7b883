package programme

import (
	"context"
	"slices"
	"time"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Below is how the local agencies of a province stand, in the geography of a day.
type Below struct {
	Day      clock.Date // of the geography
	Agencies []AgencyCount
	Nowhere  Count // what belongs to none that was there on that day
}

// Total is the sum of them all.
func (b *Below) Total() Count {
	out := b.Nowhere
	for _, a := range b.Agencies {
		out = out.Plus(a.Count)
	}
	return out
}

// HasCommunes says that an agency is the committee of a province of today.
func (s *Service) HasCommunes(code string) bool {
	a, ok := s.Country().Agency(code, s.Today())
	return ok && LevelOf(a.Kind()) == Province
}

// Below counts what the communes of a province have, and its districts while there were any,
// as it stands today in the geography of a day (zero is today): each unit task counts at the
// agency that was its heir, or its main predecessor, on that day. A province sees its own.
func (s *Service) Below(ctx context.Context, who actor.Actor, province string, geography clock.Date) (Below, error) {
	all, err := Sees(who)
	if err != nil {
		return Below{}, err
	}
	if !all && who.Agency != province {
		return Below{}, errHidden
	}
	g := s.geography(geography)
	c := s.Country()
	if a, ok := c.Agency(province, g.Day); !ok || LevelOf(a.Kind()) != Province {
		return Below{}, fault.New(fault.NotFound, "programme.no_province", fault.Args{"day": g.Day})
	}
	counts, err := s.Store.CountsBelow(ctx, g.Heritage(province), s.Today())
	if err != nil {
		return Below{}, err
	}
	codes := make([]string, len(counts))
	for i := range counts {
		codes[i] = counts[i].Agency
	}
	to, err := s.localities(ctx, g, codes)
	if err != nil {
		return Below{}, err
	}
	out := Below{Day: g.Day}
	at := map[string]int{}
	for _, a := range c.Of(g.Day, org.KindDistrict, org.KindCommune) {
		if committeeOf(a.Code) == province {
			at[a.Code] = len(out.Agencies)
			out.Agencies = append(out.Agencies, AgencyCount{Agency: a.Code})
		}
	}
	for _, n := range counts {
		if i, ok := at[to[n.Agency]]; ok {
			out.Agencies[i].Count = out.Agencies[i].Plus(n.Count)
		} else {
			out.Nowhere = out.Nowhere.Plus(n.Count)
		}
	}
	return out, nil
}

// localities allots local agencies to those of a geography: by each day on which one may have
// been there to what its unit is on the geography's day, or was.
func (s *Service) localities(ctx context.Context, g *Geography, codes []string) (map[string]string, error) {
	c, lineage := s.Country(), s.Lineage(ctx)
	there := map[string]string{} // by the code of the unit
	for _, a := range c.Of(g.Day, org.KindDistrict, org.KindCommune) {
		if _, unit, ok := org.ParseLocalCode(a.Code); ok {
			there[unit] = a.Code
		}
	}
	out := map[string]string{}
	rest := slices.DeleteFunc(slices.Clone(codes), func(code string) bool {
		if _, unit, _ := org.ParseLocalCode(code); there[unit] == code {
			out[code] = code
			return true
		}
		return false
	})
	days := []clock.Date{s.Today(), org.Reform.AddDays(-1)}
	for year := s.Today().Year(); year > org.Opening.Year(); year-- {
		days = append(days, clock.NewDate(year, time.January, 1))
	}
	for _, day := range days {
		var err error
		rest = slices.DeleteFunc(rest, func(code string) bool {
			if _, ok := c.Agency(code, day); !ok || err != nil {
				return false
			}
			_, unit, _ := org.ParseLocalCode(code)
			kin, failed := lineage(unit, day, g.Day)
			if failed != nil {
				err = failed
				return false
			}
			if main, ok := mainOf(kin.Units); ok {
				out[code] = there[main.Code]
			}
			return true
		})
		if err != nil || len(rest) == 0 {
			return out, err
		}
	}
	return out, nil
}
