package population

import "dean06/internal/platform/clock"

// Unit is an administrative unit as it was called while it existed.
type Unit struct {
	Code     string // "00001"
	Name     string // "Phường Phúc Xá"
	District string // code, "" since 1 July 2025
	Province string // code
	Current  bool   // it exists today
}

// Units knows communes and provinces through time. NewUnits reads them.
type Units interface {
	// Commune gives the commune of a code, as it was on a day (zero: today, or when it
	// last existed).
	Commune(code string, on clock.Date) (Unit, bool)
	// Province gives a province in the same way.
	Province(code string, on clock.Date) (Unit, bool)
	// Successors are the codes of today's communes that took over the ground of an
	// old one; of a commune that only today has, none.
	Successors(code string) []string
	// Old are the codes of the communes before 1 July 2025 whose ground a commune of
	// today took over.
	Old(code string) []string
	// SameProvince are the codes of provinces, old and new, that share ground with one,
	// itself among them.
	SameProvince(code string) []string
	// Find gives the codes, old and new, of the communes whose folded name ("phuc xa",
	// "phuong phuc xa") this is.
	Find(folded string) []string
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
