package app

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"dean06/internal/eform"
	"dean06/internal/org"
	"dean06/internal/platform/clock"
)

// territories tells of the ground as it is known after the last edit.
type territories interface {
	Territory(ctx context.Context) (func() *org.Territory, error)
}

// formUnits answers as eform.Units of what org knows of the ground. It keeps the names folded
// until an edit makes another ground. Org may be opened later: what is asked before its
// ground can be read is not found.
type formUnits struct {
	org territories

	mu     sync.Mutex
	ground func() *org.Territory
	made   *unitNames
}

// unitNames is a ground by the names of its communes. It never changes.
type unitNames struct {
	of        *org.Territory
	called    map[string][]eform.Unit
	provinces []org.Version
}

func (u *formUnits) now() *unitNames {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ground == nil {
		ground, err := u.org.Territory(context.Background())
		if err != nil {
			return namesOf(org.NewTerritory(org.History{}))
		}
		u.ground = ground
	}
	if ground := u.ground(); u.made == nil || u.made.of != ground {
		u.made = namesOf(ground)
	}
	return u.made
}

func namesOf(ground *org.Territory) *unitNames {
	m := &unitNames{of: ground, called: map[string][]eform.Unit{}}
	for _, code := range ground.Codes() {
		for _, v := range ground.Coded(code) {
			switch v.Level {
			case org.Province:
				m.provinces = append(m.provinces, v)
			case org.Commune:
				full := eform.FoldUnit(v.Name)
				one := m.unit(v)
				m.called[full] = append(m.called[full], one)
				if bare := eform.BareUnit(full); bare != full {
					m.called[bare] = append(m.called[bare], one)
				}
			}
		}
	}
	return m
}

// unit is a commune or a province with what it lay in as it was called then.
func (m *unitNames) unit(v org.Version) eform.Unit {
	out := eform.Unit{Code: v.Code, Name: v.Name, From: v.From, To: v.To}
	for range len(org.Levels) {
		switch v.Level {
		case org.Province:
			out.Province, out.ProvinceName = v.Code, v.Name
			return out
		case org.District:
			out.District, out.DistrictName = v.Code, v.Name
		}
		above := m.of.Versions(v.Parent)
		if len(above) == 0 {
			return out
		}
		v = above[len(above)-1]
		for _, a := range slices.Backward(above) {
			if !a.From.After(out.From) {
				v = a
				break
			}
		}
	}
	return out
}

// Called lists the communes that have or had a folded name.
func (u *formUnits) Called(folded string) []eform.Unit { return slices.Clone(u.now().called[folded]) }

// Commune is the commune of a code on a day, or as it was last.
func (u *formUnits) Commune(code string, on clock.Date) (eform.Unit, bool) {
	return u.now().on(code, org.Commune, on)
}

// Province is a province in the same way.
func (u *formUnits) Province(code string, on clock.Date) (eform.Unit, bool) {
	return u.now().on(code, org.Province, on)
}

func (m *unitNames) on(code string, level org.Level, on clock.Date) (eform.Unit, bool) {
	var last *org.Version
	for _, v := range m.of.Coded(code) {
		if v.Level != level {
			continue
		}
		if v.On(on) {
			return m.unit(v), true
		}
		if last == nil || !v.From.After(on) {
			last = &v
		}
	}
	if last == nil {
		return eform.Unit{}, false
	}
	return m.unit(*last), true
}

// Provinces are those of a day, by name.
func (u *formUnits) Provinces(on clock.Date) []eform.Unit {
	m := u.now()
	var out []eform.Unit
	for _, v := range m.provinces {
		if v.On(on) {
			out = append(out, m.unit(v))
		}
	}
	slices.SortFunc(out, func(a, b eform.Unit) int {
		bare := func(u eform.Unit) string { return eform.BareUnit(eform.FoldUnit(u.Name)) }
		return cmp.Compare(bare(a), bare(b))
	})
	return out
}

// Became lists the communes that have the ground of one on a day.
func (u *formUnits) Became(of eform.Unit, on clock.Date) []eform.Unit {
	m := u.now()
	for _, v := range m.of.Coded(of.Code) {
		if v.From != of.From || v.Name != of.Name {
			continue
		}
		var out []eform.Unit
		for _, kin := range m.of.Became(v, on) {
			if kin.Level == org.Commune {
				out = append(out, m.unit(kin))
			}
		}
		return out
	}
	return nil
}
