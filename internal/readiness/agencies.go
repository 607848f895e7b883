package readiness

import (
	"slices"

	"dean06/internal/org"
	"dean06/internal/platform/clock"
)

// Org is what the register needs of the agencies of the country through time:
// *org.Agencies.
type Org interface {
	// Find lists the agencies that a text may mean on a day, the likeliest first.
	Find(text string, on clock.Date) org.Finding
	// Agency is the agency with a code on a day, a local committee too.
	Agency(code string, on clock.Date) (org.Agency, bool)
	// Of lists the agencies of these kinds on a day.
	Of(on clock.Date, kinds ...org.Kind) []org.Agency
	// Successors lists the agencies into which one of the day from had gone by the day to.
	Successors(code string, from, to clock.Date) []org.Kin
	// ProvinceNames are the short names of the provinces of a day, by their codes.
	ProvinceNames(on clock.Date) map[string]string
}

// AgenciesOf sees the agencies of package org as the register does.
func AgenciesOf(o Org) Agencies { return ofOrg{o} }

type ofOrg struct{ org Org }

// agencyOf calls an agency as letters do: a local committee with what it lies in, for
// many are called the same.
func agencyOf(a org.Agency) Agency {
	return Agency{Code: a.Code, Name: a.FullName(), Kind: string(a.Kind())}
}

// Find lists the agencies that a text may mean, with all that org says of its certainty.
func (o ofOrg) Find(text string, on clock.Date) Finding {
	f := o.org.Find(text, on)
	out := Finding{Sure: f.Sure, Matches: make([]Match, 0, len(f.Matches))}
	for _, m := range f.Matches {
		out.Matches = append(out.Matches, Match{Agency: agencyOf(m.Agency), Part: m.Part, Ended: m.Relation != org.RelSame, Like: m.Like})
	}
	return out
}

// Agency gives the agency with this code as it was called on a day.
func (o ofOrg) Agency(code string, on clock.Date) (Agency, bool) {
	a, ok := o.org.Agency(code, on)
	return agencyOf(a), ok
}

// Of lists the agencies of these kinds on a day.
func (o ofOrg) Of(kinds []string, on clock.Date) []Agency {
	var want []org.Kind
	for _, k := range org.Kinds {
		if slices.Contains(kinds, string(k)) {
			want = append(want, k)
		}
	}
	found := o.org.Of(on, want...)
	out := make([]Agency, len(found))
	for i, a := range found {
		out[i] = agencyOf(a)
	}
	return out
}

// Geography says what became of the agencies of a day by another.
func (o ofOrg) Geography(from, to clock.Date) Geography { return lineage{o.org, from, to} }

type lineage struct {
	org      Org
	from, to clock.Date
}

// Successors lists the agencies into which one went.
func (l lineage) Successors(code string) []Share {
	var out []Share
	for _, kin := range l.org.Successors(code, l.from, l.to) {
		out = append(out, Share{Agency: kin.Code, Name: kin.Name, Kind: string(kin.Level.Kind())})
	}
	return out
}
