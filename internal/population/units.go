package population

import (
	"slices"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/org"
	"dean06/internal/platform/clock"
)

// Unit is an administrative unit as it was called over a span of days.
type Unit struct {
	ID       string     // of the unit, however it was called; codes are used again for others
	Code     string     // "00001"
	Name     string     // "Phường Phúc Xá"
	District string     // code, "" since 1 July 2025
	Province string     // code
	From, To clock.Date // the first day, and the day after the last; zero To is until further notice
	Current  bool       // it exists today
}

// On says that the unit was called so on a day. What was before the register of units
// begins is taken to have been as it was then.
func (u Unit) On(day clock.Date) bool {
	day = recorded(day)
	return !u.From.After(day) && (u.To.IsZero() || u.To.After(day))
}

// Within says that the unit was called so on a day of which a part may be unknown: on one
// of those that it can be.
func (u Unit) Within(on citizen.Day) bool {
	return !u.From.After(recorded(LastOf(on))) && (u.To.IsZero() || u.To.After(recorded(FirstOf(on))))
}

// FirstOf is the first day that a day of which a part is unknown can be; zero of none.
func FirstOf(d citizen.Day) clock.Date {
	if d == 0 {
		return clock.Date{}
	}
	return clock.NewDate(d.Year(), time.Month(max(1, d.Month())), max(1, d.DayOfMonth()))
}

// LastOf is the last one.
func LastOf(d citizen.Day) clock.Date {
	switch {
	case d == 0:
		return clock.Date{}
	case d.Whole():
		return d.Date()
	case d.Month() != 0:
		return clock.NewDate(d.Year(), time.Month(d.Month())+1, 0)
	}
	return clock.NewDate(d.Year(), time.December, 31)
}

// Last is the last day on which the unit was called so; zero while it is.
func (u Unit) Last() clock.Date {
	if u.To.IsZero() {
		return clock.Date{}
	}
	return u.To.AddDays(-1)
}

// recorded is a day of which the register of units knows.
func recorded(day clock.Date) clock.Date {
	if day.Before(org.Opening) {
		return org.Opening
	}
	return day
}

// LastOldDay is the last day on which there were 63 provinces, and districts.
var LastOldDay = org.Reform.AddDays(-1)

// Units knows communes and provinces through time. UnitsOf asks org for them.
type Units interface {
	// Commune gives the commune of a code, as it was on a day (zero: today, or when it
	// last existed).
	Commune(code string, on clock.Date) (Unit, bool)
	// Province and District give theirs in the same way.
	Province(code string, on clock.Date) (Unit, bool)
	District(code string, on clock.Date) (Unit, bool)
	// Coded lists what the code of a commune meant, in the order of days: under other
	// names, in other districts, and other communes that had it again.
	Coded(code string) []Unit
	// Called lists the communes that had a folded name ("phuc xa", "phuong phuc xa"), each
	// as it was then, by code and day.
	Called(folded string) []Unit
	// Became lists what has the ground of a unit on a day (zero: today), the likeliest
	// first; several when it was split. None: it ended without a known receiver.
	Became(u Unit, on clock.Date) []Unit
	// Kin says that two units are one, or that one got ground of the other.
	Kin(a, b Unit) bool
	// Successors are the codes of today's communes that took over the ground of an
	// old one; of a commune that only today has, none.
	Successors(code string) []string
	// Old are the codes of the communes before 1 July 2025 whose ground a commune of
	// today took over.
	Old(code string) []string
	// SameProvince are the codes of provinces, old and new, that share ground with one,
	// itself among them.
	SameProvince(code string) []string
	// Names are all names that communes, districts and provinces have or had since 2022,
	// in no promised order. The slice is not changed; another one comes when units did.
	Names() []UnitName
}

// UnitLevel is the rank of a unit.
type UnitLevel int8

// The levels. Districts ended on 1 July 2025.
const (
	ProvinceLevel UnitLevel = iota + 1
	DistrictLevel
	CommuneLevel
)

// UnitName is a name of a unit. A district has no District but its own code, a province
// no Province but its own.
type UnitName struct {
	Level UnitLevel
	Unit
}

// Meant lists what the codes of a place mean, in the order of days: those of old when it
// has a district, those since 1 July 2025 when it has none. A place that contradicts
// itself (a district in which the commune never was) means all that its code ever did.
func Meant(units Units, p Place) []Unit {
	all := units.Coded(p.Commune)
	for _, fits := range []func(Unit) bool{
		func(u Unit) bool { return u.District == p.District },
		func(u Unit) bool { return (u.District == "") == (p.District == "") },
	} {
		if some := slices.DeleteFunc(slices.Clone(all), func(u Unit) bool { return !fits(u) }); len(some) > 0 {
			return some
		}
	}
	return all
}

// Named lists how the commune of a place was called on a day: that of the nearest day when
// it had no such code on that one. When the day is not known, or a part of it, those of
// its names that it can be, one after the other.
func Named(units Units, p Place, on citizen.Day) []Unit {
	all := Meant(units, p)
	if on != 0 {
		if then := slices.DeleteFunc(slices.Clone(all), func(u Unit) bool { return !u.Within(on) }); len(then) > 0 {
			all = then
		} else {
			all = nearest(all, FirstOf(on))
		}
	}
	return slices.CompactFunc(all, func(a, b Unit) bool { return a.Name == b.Name })
}

// nearest is the first of those that were after a day, or else the last one.
func nearest(all []Unit, on clock.Date) []Unit {
	for i, u := range all {
		if u.From.After(on) || i == len(all)-1 {
			return all[i : i+1]
		}
	}
	return nil
}
