package app

import (
	"context"
	"sync"
	"sync/atomic"

	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/platform/clock"
	"dean06/internal/readiness"
)

// agencies gives the readiness register the agencies of the country. It holds
// the directory of ministries and provinces in memory and asks the store for
// the committees of districts and communes, of which there are thousands.
type agencies struct {
	store *orgsql.Store
	dir   atomic.Pointer[org.Directory]
	local sync.Map // code + day → readiness.Agency
}

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
	a.local.Clear()
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
	if committee, unit, ok := org.ParseLocalCode(code); ok {
		return a.localAgency(code, committee, unit, on)
	}
	found, ok := a.dir.Load().Agency(code, on)
	return toAgency(found), ok
}

func (a *agencies) localAgency(code, committee, unit string, on clock.Date) (readiness.Agency, bool) {
	key := code + "|" + on.String()
	if v, ok := a.local.Load(key); ok {
		return v.(readiness.Agency), true
	}
	v, err := a.store.Unit(context.Background(), unit, orgsql.On(on))
	if err != nil {
		return readiness.Agency{}, false
	}
	found := toAgency(org.LocalAgency(committee, v))
	found.Code = code
	a.local.Store(key, found)
	return found, true
}

// Of lists the agencies of these kinds on a day.
func (a *agencies) Of(want []string, on clock.Date) []readiness.Agency {
	var out []readiness.Agency
	for _, ag := range a.dir.Load().Agencies(on) {
		for _, k := range want {
			if kinds[ag.Level] == k {
				out = append(out, toAgency(ag))
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
