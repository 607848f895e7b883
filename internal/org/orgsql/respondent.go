package orgsql

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"dean06/internal/org"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// Respondents lists the agencies of the levels that there were. The levels
// District and Commune stand for the committees of those units, which follow
// from the units: with all of 2022 there are 22 ministries and agencies of that
// rank, 63 provinces, 705 districts and 10,599 communes.
func (s *Store) Respondents(ctx context.Context, m Moment, levels ...org.Level) ([]org.Agency, error) {
	needed := append([]org.Level{org.Province, org.Committee}, levels...)
	if slices.Contains(levels, org.Commune) {
		needed = append(needed, org.District)
	}
	vs, err := s.Units(ctx, m, needed...)
	if err != nil {
		return nil, err
	}
	abbr, err := s.abbreviations(ctx)
	if err != nil {
		return nil, err
	}
	byID, committee := map[string]org.Version{}, map[string]string{}
	for _, v := range vs {
		byID[v.ID] = v
		if v.Level == org.Committee {
			committee[v.Parent] = v.Code
		}
	}
	var out []org.Agency
	for _, v := range vs {
		if !slices.Contains(levels, v.Level) || v.Level == org.Province {
			continue
		}
		if v.Level.IsAgency() {
			out = append(out, org.Agency{
				ID: v.ID, Code: v.Code, EDoc: org.EDocCode(v.Code), Name: v.Name, Abbr: abbr[v.ID], Level: v.Level,
				Province: byID[v.Parent].Code,
			})
			continue
		}
		above := lineAbove(v, byID)
		if len(above) == 0 {
			return nil, fmt.Errorf("list respondents: %s has no province above it", v.ID)
		}
		out = append(out, org.LocalAgency(committee[above[len(above)-1].ID], v, above...))
	}
	slices.SortStableFunc(out, func(a, b org.Agency) int {
		return cmp.Compare(rank(a.Level), rank(b.Level))
	})
	return out, nil
}

// Respondent is the agency with the code, local committees included. It fails
// with NotFound when there was none.
func (s *Store) Respondent(ctx context.Context, code string, m Moment) (org.Agency, error) {
	none := fault.New(fault.NotFound, "org.unknown_code", fault.Args{"code": code, "date": m.On}).At("code")
	committee, unit, local := org.ParseLocalCode(code)
	if !local {
		unit = code
		if top, whole, ok := org.ParseCode(code); ok && top == whole {
			unit = top
		}
	}
	v, err := s.Unit(ctx, unit, m)
	if err != nil {
		return org.Agency{}, err
	}
	byID := map[string]org.Version{}
	for at := v; at.Parent != ""; {
		up, err := s.unitByID(ctx, at.Parent, m)
		if err != nil {
			return org.Agency{}, err
		}
		byID[up.ID] = up
		at = up
	}
	if v.Level.IsAgency() {
		abbr, err := s.abbreviations(ctx)
		if err != nil {
			return org.Agency{}, err
		}
		return org.Agency{
			ID: v.ID, Code: v.Code, EDoc: org.EDocCode(v.Code), Name: v.Name, Abbr: abbr[v.ID], Level: v.Level,
			Province: byID[v.Parent].Code,
		}, nil
	}
	above := lineAbove(v, byID)
	if !local || len(above) == 0 {
		return org.Agency{}, none
	}
	top, err := s.Unit(ctx, committee, m)
	if err != nil {
		return org.Agency{}, err
	}
	if top.Parent != above[len(above)-1].ID { // the unit is in another province
		return org.Agency{}, none
	}
	return org.LocalAgency(top.Code, v, above...), nil
}

// LastRespondent is the agency as it was on the last day on which there was one with
// the code, local committees included. It fails with NotFound when there never was.
func (s *Store) LastRespondent(ctx context.Context, code string) (org.Agency, error) {
	_, unit, local := org.ParseLocalCode(code)
	if !local {
		unit = code
		if top, whole, ok := org.ParseCode(code); ok && top == whole {
			unit = top
		}
	}
	vs, err := sqldb.All[org.Version](ctx, s.db, `SELECT `+versionColumns+` FROM org_version
		WHERE code = $1 AND known_to IS NULL ORDER BY valid_from DESC`, unit)
	if err != nil {
		return org.Agency{}, fmt.Errorf("versions of %s: %w", unit, err)
	}
	for _, v := range vs { // a code of a commune may have been given to another, in another province
		day := v.From
		if !v.To.IsZero() {
			day = v.To.AddDays(-1)
		}
		a, err := s.Respondent(ctx, code, On(day))
		if fault.Of(err) != fault.NotFound {
			return a, err
		}
	}
	return org.Agency{}, fault.New(fault.NotFound, "org.edit.unknown_code", fault.Args{"code": code}).At("code")
}

func (s *Store) unitByID(ctx context.Context, id string, m Moment) (org.Version, error) {
	var a sqldb.Args
	v, err := sqldb.One[org.Version](ctx, s.db, `SELECT `+versionColumns+` FROM org_version
		WHERE id = `+a.Add(id)+` AND `+s.where(&a, m), a.Values()...)
	if err != nil {
		return v, fmt.Errorf("unit with id %s: %w", id, err)
	}
	return v, nil
}

func (s *Store) abbreviations(ctx context.Context) (map[string]string, error) {
	as, err := sqldb.All[org.Alias](ctx, s.db, `SELECT id, text, abbr FROM org_alias WHERE abbr = $1`, true)
	if err != nil {
		return nil, fmt.Errorf("load abbreviations: %w", err)
	}
	out := make(map[string]string, len(as))
	for _, a := range as {
		out[a.ID] = a.Text
	}
	return out, nil
}

// lineAbove gives the units above v, the nearest first.
func lineAbove(v org.Version, byID map[string]org.Version) []org.Version {
	var out []org.Version
	for {
		up, ok := byID[v.Parent]
		if !ok {
			return out
		}
		out = append(out, up)
		v = up
	}
}

// rank orders respondents: central agencies, provinces, districts, communes.
func rank(l org.Level) int {
	return slices.Index([]org.Level{org.Ministry, org.Ministerial, org.Government, org.Committee, org.District, org.Commune}, l)
}
