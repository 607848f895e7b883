package org

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"dean06/internal/platform/clock"
)

// AgencyStore is where the agencies come from; orgsql keeps them in a database.
type AgencyStore interface {
	// Directory loads the ministries and provinces through time, as known now.
	Directory(ctx context.Context) (*Directory, error)
	// Territory loads the provinces, districts and communes through time, as known now.
	Territory(ctx context.Context) (*Territory, error)
	// Respondents lists the agencies of the levels, the committees of districts and
	// communes included.
	Respondents(ctx context.Context, m Moment, levels ...Level) ([]Agency, error)
	// LastRespondent is the agency as it was on the last day on which there was one
	// with the code. It fails with NotFound when there never was.
	LastRespondent(ctx context.Context, code string) (Agency, error)
}

// Agencies answers for every module which agencies there are, were, and how they are
// called. It holds the ministries and provinces in memory, and the committees of
// districts and communes, of which there are thousands, once they are asked for.
type Agencies struct {
	store AgencyStore
	clock clock.Clock
	dir   atomic.Pointer[Directory]

	loading sync.Mutex                // of the territory: what was read before an edit does not replace what was read after
	ground  atomic.Pointer[Territory] // nil until somebody asks for it

	mu        sync.Mutex
	local     map[clock.Date]*locals
	provinces map[clock.Date]map[string]string // the short names of a day, by code
	last      map[string]string                // the last names of local committees that are gone
}

// locals are the committees of districts and communes of one day. All are loaded at
// once: a round that asks them asks for thousands.
type locals struct {
	load   sync.Once
	list   []Agency
	byCode map[string]Agency
	err    error
}

// How much is kept at most: a question may name any day, and any code.
const (
	maxLocalDays    = 3
	maxProvinceDays = 32
	maxLastNames    = 10_000
)

// NewAgencies loads the agencies.
func NewAgencies(ctx context.Context, store AgencyStore, c clock.Clock) (*Agencies, error) {
	a := &Agencies{store: store, clock: c}
	return a, a.Reload(ctx)
}

// Reload takes in what an edit has changed.
func (a *Agencies) Reload(ctx context.Context) error {
	dir, err := a.store.Directory(ctx)
	if err != nil {
		return err
	}
	a.loading.Lock()
	defer a.loading.Unlock()
	if a.ground.Load() != nil {
		ground, err := a.store.Territory(ctx)
		if err != nil {
			return err
		}
		a.ground.Store(ground)
	}
	a.dir.Store(dir)
	a.mu.Lock()
	a.local, a.provinces, a.last = nil, nil, nil
	a.mu.Unlock()
	return nil
}

// Directory is the ministries and provinces through time, as known now.
func (a *Agencies) Directory() *Directory { return a.dir.Load() }

// Find lists the agencies that a text may mean, and whether there is no doubt.
func (a *Agencies) Find(text string, on clock.Date) Finding { return Find(a.Directory(), text, on) }

// Agency is the agency with a code on a day, a local committee too.
func (a *Agencies) Agency(code string, on clock.Date) (Agency, bool) {
	if committee, commune, police := ParsePoliceCode(code); police {
		found, ok := a.Agency(LocalCode(committee, Commune, commune), on)
		return policeOf(found), ok
	}
	if committee, unit, local := ParseLocalCode(code); local {
		if right, wrong := mistaken[unit]; wrong {
			code = LocalCode(committee, Commune, right)
		}
		found, ok := a.localsOf(on).byCode[code]
		return found, ok
	}
	return a.Directory().Agency(code, on)
}

// Of lists the agencies of these kinds on a day, the highest first, each kind by code.
func (a *Agencies) Of(on clock.Date, kinds ...Kind) []Agency {
	var out []Agency
	for _, found := range a.Directory().Agencies(on) {
		if slices.Contains(kinds, found.Kind()) {
			out = append(out, found)
		}
	}
	if !slices.Contains(kinds, KindDistrict) && !slices.Contains(kinds, KindCommune) {
		return out
	}
	for _, l := range a.localsOf(on).list {
		if slices.Contains(kinds, l.Kind()) {
			out = append(out, l)
		}
	}
	return out
}

// Ever lists the ministries and provinces of today, and after them those that are gone,
// as they were called last: their accounts, rounds and systems go on under the old codes.
func (a *Agencies) Ever() []Agency { return a.Directory().Ever(a.today()) }

// Knows says that there is or was an agency with the code.
func (a *Agencies) Knows(code string) bool {
	if committee, commune, police := ParsePoliceCode(code); police {
		code = LocalCode(committee, Commune, commune)
	}
	if _, _, local := ParseLocalCode(code); !local {
		_, ok := a.Directory().Last(code, a.today())
		return ok
	}
	if _, ok := a.Agency(code, a.today()); ok {
		return true
	}
	_, err := a.store.LastRespondent(context.Background(), code)
	return err == nil
}

// NameOf is what an agency is called today, or was called last when it is gone; the
// code itself when there never was one.
func (a *Agencies) NameOf(code string) string {
	if committee, commune, police := ParsePoliceCode(code); police {
		of := LocalCode(committee, Commune, commune)
		if name := a.NameOf(of); name != of {
			return policeName(name)
		}
		return code
	}
	if _, _, local := ParseLocalCode(code); local {
		return a.localName(code)
	}
	if found, ok := a.Directory().Last(code, a.today()); ok {
		return found.Name
	}
	return code
}

func (a *Agencies) localName(code string) string {
	if found, ok := a.Agency(code, a.today()); ok {
		return found.FullName()
	}
	a.mu.Lock()
	name, ok := a.last[code]
	a.mu.Unlock()
	if ok {
		return name
	}
	found, err := a.store.LastRespondent(context.Background(), code)
	if err != nil {
		return code // asked again the next time: the store may have been away
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.last == nil || len(a.last) >= maxLastNames {
		a.last = map[string]string{}
	}
	a.last[code] = found.FullName()
	return found.FullName()
}

// Successors lists the agencies into which the one of the day from had gone by the day to.
func (a *Agencies) Successors(code string, from, to clock.Date) []Kin {
	lineage, ok := a.Directory().Trace(code, from, to)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(lineage.Units, func(k Kin) bool { return !k.Level.IsAgency() })
}

// ProvinceNames are the short names of the provinces of a day, by their codes. Every
// page with a map asks.
func (a *Agencies) ProvinceNames(on clock.Date) map[string]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if names, ok := a.provinces[on]; ok {
		return names
	}
	names := map[string]string{}
	for _, p := range a.Directory().Provinces(on) {
		names[p.Code] = p.Short()
	}
	if a.provinces == nil || len(a.provinces) >= maxProvinceDays {
		a.provinces = map[clock.Date]map[string]string{}
	}
	a.provinces[on] = names
	return names
}

// localsOf gives the local committees of a day. When the store is away there are none,
// and the next who asks tries again.
func (a *Agencies) localsOf(on clock.Date) *locals {
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
		// Many may wait for this one load: it does not end with the request of the first.
		l.list, l.err = a.store.Respondents(context.Background(), Moment{On: on}, District, Commune)
		l.byCode = make(map[string]Agency, len(l.list))
		for _, found := range l.list {
			l.byCode[found.Code] = found
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

func (a *Agencies) today() clock.Date { return clock.DayOf(a.clock.Now()) }
