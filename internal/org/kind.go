package org

// Kind is the kind of an agency, as letters and forms tell them apart: a ministry
// and what has its rank are one kind, the committee of each rank of territory another.
type Kind string

// The kinds.
const (
	KindMinistry   Kind = "ministry"          // ministries and agencies of that rank
	KindGovernment Kind = "government_agency" // agencies of the Government
	KindProvince   Kind = "province"          // UBND cấp tỉnh
	KindDistrict   Kind = "district"          // UBND cấp huyện, until 1 July 2025
	KindCommune    Kind = "commune"           // UBND cấp xã
)

// Kinds lists the kinds, the highest first.
var Kinds = []Kind{KindMinistry, KindGovernment, KindProvince, KindDistrict, KindCommune}

var kindOf = map[Level]Kind{
	Ministry: KindMinistry, Ministerial: KindMinistry, Government: KindGovernment,
	Committee: KindProvince, Province: KindProvince, District: KindDistrict, Commune: KindCommune,
}

// Kind is the kind of the agencies of a level; of a territory, that of its committee.
func (l Level) Kind() Kind { return kindOf[l] }

// Kind is the kind of the agency.
func (a Agency) Kind() Kind { return a.Level.Kind() }

// FullName is the name with what tells it from others of the same name:
// "UBND xã Phú Thượng, huyện Võ Nhai, tỉnh Thái Nguyên".
func (a Agency) FullName() string {
	if a.Place == "" {
		return a.Name
	}
	return a.Name + ", " + a.Place
}
