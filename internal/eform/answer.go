package eform

import (
	"time"
)

// Source says where an answer came from.
type Source string

// The sources.
const (
	Typed    Source = "typed"    // by the citizen, or the officer with them
	Register Source = "register" // the population register, through the exchange
	Card     Source = "card"     // the QR code or chip of the identity card
	System   Source = "system"   // computed here
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
}

// Answers are the answers of one form by the path of the question: "mother.name",
// "members.1.name" in a repeated section.
type Answers map[string]Answer
