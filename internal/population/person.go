package population

import (
	"time"

	"dean06/internal/citizen"
)

// Person is a person as the register knows them at one moment.
type Person struct {
	Number      citizen.Number      `json:"number"`
	OldNumbers  []citizen.OldNumber `json:"old_numbers,omitempty"` // of earlier cards, newest first
	Name        string              `json:"name"`                  // "Nguyễn Văn Thử"
	OtherNames  []string            `json:"other_names,omitempty"`
	Birth       citizen.Day         `json:"birth"`
	Sex         citizen.Sex         `json:"sex"`
	Ethnicity   string              `json:"ethnicity"`           // code of DanToc, "01"
	Religion    string              `json:"religion"`            // code of TonGiao, "00"
	Nationality string              `json:"nationality"`         // "VN"
	Blood       string              `json:"blood"`               // code of NhomMau, "00"
	Marital     string              `json:"marital"`             // code of TinhTrangHonNhan, "1"
	Birthplace  Place               `json:"birthplace,omitzero"` // where the birth is registered
	Origin      Place               `json:"origin,omitzero"`     // quê quán
	Permanent   Place               `json:"permanent,omitzero"`  // thường trú
	Temporary   Place               `json:"temporary,omitzero"`  // tạm trú
	// PermanentSince and TemporarySince are from when; zero when the register does not know.
	PermanentSince citizen.Day `json:"permanent_since,omitzero"`
	TemporarySince citizen.Day `json:"temporary_since,omitzero"`
	Present        Place       `json:"present,omitzero"`    // nơi ở hiện tại
	Household      string      `json:"household,omitempty"` // its number, "000000001"
	Relation       string      `json:"relation,omitempty"`  // to the head of household: "CH01" is the head
	Father         Relative    `json:"father,omitzero"`
	Mother         Relative    `json:"mother,omitzero"`
	Spouse         Relative    `json:"spouse,omitzero"`
	Guardian       Relative    `json:"guardian,omitzero"` // người đại diện
	Cards          []Card      `json:"cards,omitempty"`   // newest first
	Life           Life        `json:"life"`
	Ended          citizen.Day `json:"ended,omitzero"` // of death, or since when missing
	// Version counts the events that were applied; an event is recorded against
	// the version that its author saw.
	Version   int64     `json:"version"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Place is an address. Codes are those of the administrative units that were in
// force when it was recorded: with a district until 30 June 2025, without since.
type Place struct {
	Province string `json:"province,omitempty"` // "01"
	District string `json:"district,omitempty"` // "001"
	Commune  string `json:"commune,omitempty"`  // "00001"
	Detail   string `json:"detail,omitempty"`   // "Số 1 phố Thử"
	Country  string `json:"country,omitempty"`  // "VN"
}

// IsZero says that nothing is known of the place.
func (p Place) IsZero() bool { return p == Place{} }

// Relative is another person, with what is known when they are not in the register.
type Relative struct {
	Number      citizen.Number    `json:"number,omitzero"`
	OldNumber   citizen.OldNumber `json:"old_number,omitzero"`
	Name        string            `json:"name,omitempty"`
	Nationality string            `json:"nationality,omitempty"`
}

// IsZero says that nobody is meant.
func (r Relative) IsZero() bool { return r == Relative{} }

// Card is an identity card.
type Card struct {
	Serial  string      `json:"serial"` // empty for cards before 2016
	Kind    string      `json:"kind"`   // "CMND", "CCCD", "CC"
	Issued  citizen.Day `json:"issued"`
	Expires citizen.Day `json:"expires,omitzero"` // zero is without end
}

// cardKinds are the kinds of a Card.
var cardKinds = []string{"CMND", "CCCD", "CC"}

// Life says whether somebody is alive.
type Life string

// The states of life.
const (
	Alive   Life = "alive"
	Dead    Life = "dead"
	Missing Life = "missing"
	// Annulled is said of somebody whose birth or registration was annulled. The register
	// has no such person, only the record of it, and the number is not given again.
	Annulled Life = "annulled"
)

// The codes of TinhTrangHonNhan.
const (
	Single  = "1"
	Married = "2"
	Alone   = "3" // divorced or widowed
)

// HeadOfHousehold is the relation of the head to themselves.
const HeadOfHousehold = "CH01"
