package eform

import (
	"cmp"
	"slices"
	"time"
)

// Vietnam is the code of the country.
const Vietnam = "VN"

// Source says where an answer came from.
type Source string

// The sources.
const (
	Typed    Source = "typed"    // by the citizen, or the officer with them
	Register Source = "register" // the population register, through the exchange
	Card     Source = "card"     // the QR code or chip of the identity card
	System   Source = "system"   // computed here
	Stated   Source = "stated"   // said before the form, of the one for whom somebody applies
	Officer  Source = "officer"  // entered by the officer who decides
)

// Place is an address by the units of a day, and what was typed when no unit was found.
type Place struct {
	Country  string `json:"country,omitempty"` // "VN"
	Province string `json:"province,omitempty"`
	District string `json:"district,omitempty"` // until 30 June 2025
	Commune  string `json:"commune,omitempty"`
	Detail   string `json:"detail,omitempty"`
}

// CardPaper is an identity paper.
type CardPaper struct {
	Kind   string `json:"kind,omitempty"` // "CCCD", "CC", "CMND", "passport", …
	Serial string `json:"serial,omitempty"`
	Issued string `json:"issued,omitempty"`
	By     string `json:"by,omitempty"`
}

// Value is an answer. Text holds everything that one line can say: a name, a code, a day
// (2026-11-20, 2026-11, 2026), digits, "yes".
type Value struct {
	Text  string     `json:"text,omitempty"`
	Place *Place     `json:"place,omitempty"`
	Card  *CardPaper `json:"card,omitempty"`
	Files []string   `json:"files,omitempty"` // ids of uploads
}

// IsZero says that nothing is said.
func (v Value) IsZero() bool {
	return v.Text == "" && (v.Place == nil || *v.Place == Place{}) && (v.Card == nil || *v.Card == CardPaper{}) && len(v.Files) == 0
}

// Same says that two values say the same.
func (v Value) Same(o Value) bool {
	place := func(v Value) Place {
		if v.Place == nil {
			return Place{}
		}
		p := *v.Place
		p.Country = cmp.Or(p.Country, Vietnam)
		if p == (Place{Country: Vietnam}) {
			return Place{}
		}
		return p
	}
	card := func(v Value) CardPaper {
		if v.Card == nil {
			return CardPaper{}
		}
		return *v.Card
	}
	return v.Text == o.Text && place(v) == place(o) && card(v) == card(o) && slices.Equal(v.Files, o.Files)
}

// Clone is a copy that shares nothing.
func (v Value) Clone() Value {
	if v.Place != nil {
		place := *v.Place
		v.Place = &place
	}
	if v.Card != nil {
		card := *v.Card
		v.Card = &card
	}
	v.Files = slices.Clone(v.Files)
	return v
}

// Answer is an answer with where it came from.
type Answer struct {
	Value  Value     `json:"value"`
	Source Source    `json:"source"`
	At     time.Time `json:"at"`               // when it was given or read
	AsOf   time.Time `json:"as_of,omitzero"`   // of Register: as of when the register said so
	Fact   string    `json:"fact,omitempty"`   // of Register: which field
	Locked bool      `json:"locked,omitempty"` // cannot be typed over
	// Wrong is what the citizen says is right where the register is wrong: it is sent to the
	// register as a request for correction, and does not change Value.
	Wrong string `json:"wrong,omitempty"`
	// Seen says that the citizen looked over what had arrived.
	Seen bool `json:"seen,omitempty"`
	// Offered are the values of which one is to be taken: of a child's ethnicity, the
	// mother's and the father's where they differ.
	Offered []Offer `json:"offered,omitempty"`
	// Person is the number of whom the register told it.
	Person string `json:"person,omitempty"`
	// Match is what the register said of a person who was only typed. It stands at the
	// answer with the person's number.
	Match *Match `json:"match,omitempty"`
	// Before is what stood here from elsewhere: what a person had typed before the
	// register's value took its place, or what the register says where a person typed
	// something else.
	Before *Earlier `json:"before,omitempty"`
}

// Offers says that a value is one of which one is to be taken.
func (a Answer) Offers(v Value) bool {
	return !v.IsZero() && slices.ContainsFunc(a.Offered, func(o Offer) bool { return o.Value.Same(v) })
}

// Match says whether number, name and birth are one person's.
type Match struct {
	Is  bool      `json:"is"`
	For string    `json:"for"` // what was asked, as a digest: of something else it says nothing
	At  time.Time `json:"at"`
}

// Earlier is a value that is not the answer any more, or not yet.
type Earlier struct {
	Value  Value     `json:"value"`
	Source Source    `json:"source"`
	At     time.Time `json:"at"`
	AsOf   time.Time `json:"as_of,omitzero"`
	Fact   string    `json:"fact,omitempty"`
}

// Offer is one value that may be taken, with whose it is.
type Offer struct {
	Value Value     `json:"value"`
	Of    []string  `json:"of"` // owners: "mother", "father"
	Fact  string    `json:"fact,omitempty"`
	AsOf  time.Time `json:"as_of,omitzero"`
}

// Given says that something is said.
func (a Answer) Given() bool { return !a.Value.IsZero() }

// Answers are the answers of one form by the path of the question: "mother.name",
// "members.1.name" in a repeated section.
type Answers map[string]Answer
