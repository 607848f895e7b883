package app

import (
	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/readiness"
)

// agencies gives the readiness register the agencies of the country in its own words.
type agencies struct{ *org.Agencies }

func toAgency(a org.Agency) readiness.Agency {
	return readiness.Agency{Code: a.Code, Name: a.FullName(), Kind: string(a.Kind())}
}

// Find lists the agencies that a text may mean, and whether there is no doubt.
func (a agencies) Find(text string, on clock.Date) ([]readiness.Agency, bool) {
	f := a.Agencies.Find(text, on)
	out := make([]readiness.Agency, 0, len(f.Matches))
	for _, m := range f.Matches {
		out = append(out, toAgency(m.Agency))
	}
	return out, f.Sure
}

// Agency gives the agency with a code on a day.
func (a agencies) Agency(code string, on clock.Date) (readiness.Agency, bool) {
	found, ok := a.Agencies.Agency(code, on)
	return toAgency(found), ok
}

// Of lists the agencies of these kinds on a day.
func (a agencies) Of(want []string, on clock.Date) []readiness.Agency {
	kinds := make([]org.Kind, len(want))
	for i, k := range want {
		kinds[i] = org.Kind(k)
	}
	var out []readiness.Agency
	for _, found := range a.Agencies.Of(on, kinds...) {
		out = append(out, toAgency(found))
	}
	return out
}

// Geography says what became of the agencies of a day by another.
func (a agencies) Geography(from, to clock.Date) readiness.Geography {
	return geography{a.Agencies, from, to}
}

type geography struct {
	agencies *org.Agencies
	from, to clock.Date
}

// Successors lists the agencies into which one went.
func (g geography) Successors(code string) []readiness.Share {
	var out []readiness.Share
	for _, kin := range g.agencies.Successors(code, g.from, g.to) {
		out = append(out, readiness.Share{Agency: kin.Code, Name: kin.Name, Kind: string(kin.Level.Kind())})
	}
	return out
}
