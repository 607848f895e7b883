package app

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"dean06/internal/eform"
	"dean06/internal/org"
	"dean06/internal/platform/clock"
)

// formUnits answers as eform.Units of what org knows of the ground. It keeps the names folded
// until an edit makes another ground.
type formUnits struct {
	ground func() *org.Territory
	making sync.Mutex
	made   atomic.Pointer[unitNames]
}

// unitNames is a ground by the names of its communes. It never changes.
type unitNames struct {
	of        *org.Territory
	called    map[string][]eform.Unit
	provinces []org.Version
}

// unitsOf gives the units in which forms look addresses up. It works once org is open.
func unitsOf(ctx context.Context, o interface {
	Territory(ctx context.Context) (func() *org.Territory, error)
},
) (eform.Units, error) {
	ground, err := o.Territory(ctx)
	if err != nil {
		return nil, err
	}
	return &formUnits{ground: ground}, nil
}

func (u *formUnits) now() *unitNames {
	ground := u.ground()
	if m := u.made.Load(); m != nil && m.of == ground {
		return m
	}
	u.making.Lock()
	defer u.making.Unlock()
	if m := u.made.Load(); m != nil && m.of == ground {
		return m
	}
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
	u.made.Store(m)
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

// lazyUnits are the units as forms and dossiers ask them, of an org that is opened only
// later. What is asked before it can be read is not found, and read again the next time.
func lazyUnits(o interface {
	Territory(ctx context.Context) (func() *org.Territory, error)
},
) eform.Units {
	return &lazily{org: o}
}

type lazily struct {
	org interface {
		Territory(ctx context.Context) (func() *org.Territory, error)
	}
	mu    sync.Mutex
	units eform.Units
}

func (l *lazily) now() eform.Units {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.units == nil {
		if u, err := unitsOf(context.Background(), l.org); err == nil {
			l.units = u
		}
	}
	return l.units
}

// Called is eform.Units'.
func (l *lazily) Called(folded string) []eform.Unit {
	if u := l.now(); u != nil {
		return u.Called(folded)
	}
	return nil
}

// Commune is eform.Units'.
func (l *lazily) Commune(code string, on clock.Date) (eform.Unit, bool) {
	if u := l.now(); u != nil {
		return u.Commune(code, on)
	}
	return eform.Unit{}, false
}

// Province is eform.Units'.
func (l *lazily) Province(code string, on clock.Date) (eform.Unit, bool) {
	if u := l.now(); u != nil {
		return u.Province(code, on)
	}
	return eform.Unit{}, false
}

// Provinces is eform.Units'.
func (l *lazily) Provinces(on clock.Date) []eform.Unit {
	if u := l.now(); u != nil {
		return u.Provinces(on)
	}
	return nil
}

// Became is eform.Units'.
func (l *lazily) Became(unit eform.Unit, on clock.Date) []eform.Unit {
	if u := l.now(); u != nil {
		return u.Became(unit, on)
	}
	return nil
}
