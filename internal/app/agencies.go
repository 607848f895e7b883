package app

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/platform/clock"
	"dean06/internal/readiness"
)

// agencies gives the readiness register the agencies of the country. It holds
// the directory of ministries and provinces in memory, and the committees of
// districts and communes, of which there are thousands, once they are asked for.
type agencies struct {
	store *orgsql.Store
	dir   atomic.Pointer[org.Directory]

	mu        sync.Mutex
	local     map[clock.Date]*locals
	provinces map[clock.Date]map[string]string // the short names of a day, by code
}

// locals are the committees of districts and communes of one day. All are
// loaded at once: a round that asks them asks for thousands.
type locals struct {
	load   sync.Once
	list   []readiness.Agency
	byCode map[string]readiness.Agency
	err    error
}

// How many days are kept at most: a question may name any day.
const (
	maxLocalDays    = 3
	maxProvinceDays = 32
)

func newAgencies(ctx context.Context, store *orgsql.Store) (*agencies, error) {
	a := &agencies{store: store}
	return a, a.reload(ctx)
}

// reload takes a new directory after an edit.
func (a *agencies) reload(ctx context.Context) error {
	dir, err := a.store.Directory(ctx)
	if err != nil {
		return err
	}
	a.dir.Store(dir)
	a.mu.Lock()
	a.local, a.provinces = nil, nil
	a.mu.Unlock()
	return nil
}

var kinds = map[org.Level]string{
	org.Ministry: readiness.Ministry, org.Ministerial: readiness.Ministry, org.Government: readiness.GovernmentAgency,
	org.Committee: readiness.Province, org.Province: readiness.Province, org.District: readiness.District, org.Commune: readiness.Commune,
}

func toAgency(a org.Agency) readiness.Agency {
	return readiness.Agency{Code: a.Code, Name: a.Name, Kind: kinds[a.Level]}
}

// Find lists the agencies that a text may mean, and whether there is no doubt.
func (a *agencies) Find(text string, on clock.Date) ([]readiness.Agency, bool) {
	f := org.Find(a.dir.Load(), text, on)
	out := make([]readiness.Agency, 0, len(f.Matches))
	for _, m := range f.Matches {
		out = append(out, toAgency(m.Agency))
	}
	return out, f.Sure
}

// Agency gives the agency with a code on a day.
func (a *agencies) Agency(code string, on clock.Date) (readiness.Agency, bool) {
	if _, _, ok := org.ParseLocalCode(code); ok {
		found, ok := a.localsOf(on).byCode[code]
		return found, ok
	}
	found, ok := a.dir.Load().Agency(code, on)
	return toAgency(found), ok
}

// localsOf gives the local committees of a day. When the store is away there
// are none, and the next who asks tries again.
func (a *agencies) localsOf(on clock.Date) *locals {
	a.mu.Lock()
	l := a.local[on]
	if l == nil {
		if a.local == nil || len(a.local) >= maxLocalDays {
			a.local = map[clock.Date]*locals{}
		}
		l = &locals{}
		a.local[on] = l
	}
	a.mu.Unlock()
	l.load.Do(func() {
		var found []org.Agency
		found, l.err = a.store.Respondents(context.Background(), orgsql.On(on), org.District, org.Commune)
		l.byCode = make(map[string]readiness.Agency, len(found))
		for _, f := range found {
			r := toAgency(f)
			r.Name += ", " + f.Place
			l.list = append(l.list, r)
			l.byCode[r.Code] = r
		}
	})
	if l.err != nil {
		a.mu.Lock()
		if a.local[on] == l {
			delete(a.local, on)
		}
		a.mu.Unlock()
	}
	return l
}

// provincesOf gives the short names of the provinces of a day. Every page of
// the board asks.
func (a *agencies) provincesOf(on clock.Date) map[string]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if names, ok := a.provinces[on]; ok {
		return names
	}
	names := map[string]string{}
	for _, p := range a.dir.Load().Provinces(on) {
		names[p.Code] = p.Short()
	}
	if a.provinces == nil || len(a.provinces) >= maxProvinceDays {
		a.provinces = map[clock.Date]map[string]string{}
	}
	a.provinces[on] = names
	return names
}

// Of lists the agencies of these kinds on a day.
func (a *agencies) Of(want []string, on clock.Date) []readiness.Agency {
	var out []readiness.Agency
	for _, ag := range a.dir.Load().Agencies(on) {
		if slices.Contains(want, kinds[ag.Level]) {
			out = append(out, toAgency(ag))
		}
	}
	if slices.Contains(want, readiness.District) || slices.Contains(want, readiness.Commune) {
		for _, l := range a.localsOf(on).list {
			if slices.Contains(want, l.Kind) {
				out = append(out, l)
			}
		}
	}
	return out
}

// Geography says what became of the agencies of a day by another.
func (a *agencies) Geography(from, to clock.Date) readiness.Geography {
	return geography{a.dir.Load(), from, to}
}

type geography struct {
	dir      *org.Directory
	from, to clock.Date
}

// Successors lists the agencies into which one went.
func (g geography) Successors(code string) []readiness.Share {
	lineage, ok := g.dir.Trace(code, g.from, g.to)
	if !ok {
		return nil
	}
	var out []readiness.Share
	for _, kin := range lineage.Units {
		if !kin.Level.IsAgency() {
			continue
		}
		out = append(out, readiness.Share{Agency: kin.Code, Name: kin.Name, Kind: kinds[kin.Level]})
	}
	return out
}
