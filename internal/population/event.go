package population

import (
	"time"

	"dean06/internal/citizen"
)

// Kind names a life event.
type Kind string

// The kinds of events.
const (
	Registration Kind = "registration" // a person whom the register did not have; a bulk load says it of each
	Birth        Kind = "birth"        // allocates a number
	Death        Kind = "death"
	GoneMissing  Kind = "missing"
	FoundAgain   Kind = "found"
	Marriage     Kind = "marriage"
	Divorce      Kind = "divorce"
	MovePerm     Kind = "move_permanent" // đăng ký thường trú
	MoveTemp     Kind = "move_temporary" // đăng ký tạm trú
	MovePresent  Kind = "move_present"   // khai báo nơi ở hiện tại
	Split        Kind = "household_split"
	Join         Kind = "household_join"
	Correction   Kind = "correction"
	NewCard      Kind = "card"
	NameChange   Kind = "name_change"
	Guardianship Kind = "guardian"
	Annulment    Kind = "annulment" // hủy bỏ đăng ký: asked by one person, decided by another, see Register.Annul
)

// Kinds lists the kinds that a clerk registers, in the order in which pages offer them.
var Kinds = []Kind{
	Birth, Death, GoneMissing, FoundAgain, Marriage, Divorce, MovePerm, MoveTemp, MovePresent,
	Split, Join, NameChange, Guardianship, NewCard, Correction,
}

// Event is a life event: what becomes true of somebody, from which day, and when
// the register learnt it. Events are never changed; a correction is an event that
// names another.
//
// What is meant by Number, Other, Members and Facts follows from the kind:
//
//	registration    Facts is the person, with the number
//	birth           Facts is the child without a number; Facts.Mother, Facts.Father; Facts.Household is the household that
//	                it joins; Facts.Birthplace gives the province of the number
//	death, missing  Number; On is the day of death, or since when missing
//	found           Number
//	marriage        Number and Other
//	divorce         Number and Other
//	move_*          Number and Members who move along; Facts.Permanent, .Temporary or .Present is where to; zero ends a
//	                temporary residence. Facts.Household and .Relation when Number joins a household there by the same paper
//	household_split Number becomes the head of a new household, Members go along; Relations says what they are to the new head
//	household_join  Number, and Members who come along, join Facts.Household; Facts.Relation and Relations are what they are to its head
//	correction      Corrects is the event, Fields what it said wrongly, Facts the right values
//	card            Number; Facts.Cards[0]
//	name_change     Number; Facts.Name
//	guardian        Number; Facts.Guardian, zero when it ends
//	annulment       Annuls are the events that no longer count; Parts are what is true since, of each person whom one of them concerns
type Event struct {
	// ID is made by who asks, so that a second click records nothing twice; empty
	// makes a new one.
	ID         string                    `json:"id"`
	Kind       Kind                      `json:"kind"`
	On         citizen.Day               `json:"on"`
	RecordedAt time.Time                 `json:"recorded_at"` // given by the register
	By         string                    `json:"by"`          // given by the register: the actor's account
	ByName     string                    `json:"by_name"`
	Agency     string                    `json:"agency"`
	Basis      string                    `json:"basis,omitempty"` // the paper that it follows from: number, date, issuer
	Number     citizen.Number            `json:"number,omitzero"`
	Other      citizen.Number            `json:"other,omitzero"`
	Members    []citizen.Number          `json:"members,omitempty"`
	Relations  map[citizen.Number]string `json:"relations,omitempty"`
	Facts      Person                    `json:"facts,omitzero"`
	Corrects   string                    `json:"corrects,omitempty"`
	Fields     []Field                   `json:"fields,omitempty"`
	// Answers are the reasons why it is written though the register asked, by the codes of
	// the questions (Question.Code); what was not asked is left out when it is recorded.
	Answers map[string]string `json:"answers,omitempty"`
	// Said is what the author said where the register added to it what followed at the time
	// (a birth, a correction, a household that was made): from it the event is decided again. Nil is Facts.
	Said *Person `json:"said,omitempty"`
	// Annuls are the events that an annulment takes away, Approver is the account of the
	// second person who decided on it.
	Annuls []string `json:"annuls,omitempty"`
	// Gone and Back are the events that count no longer, or again, since an annulment: those
	// that it names and all that follows from that, so that it says so by itself.
	Gone         []string `json:"gone,omitempty"`
	Back         []string `json:"back,omitempty"`
	Approver     string   `json:"approver,omitempty"`
	ApproverName string   `json:"approver_name,omitempty"`
	// Reported says who reported it through the exchange; nil is recorded here.
	Reported *Reported `json:"reported,omitempty"`
	// Versions are the versions of persons that the author saw. Of a person who is
	// named here and has another by now, nothing is recorded (Conflict).
	Versions map[citizen.Number]int64 `json:"-"`
	// Parts are what follows for each person, given by the register.
	Parts []Part `json:"parts,omitempty"`
	// Virtual says that the event follows from a load and is not stored by itself.
	Virtual bool `json:"-"`
	// Reads is on what the event was decided beside the persons of Parts.
	Reads Reads `json:"-"`
}

// Reads are those whom the rules of an event looked at: who else changes by an event of
// another day may change what follows from this one.
type Reads struct {
	Persons    []citizen.Number
	Households []string
}

// Part is what an event makes true of one person: the fields, and in Facts their values.
type Part struct {
	Number citizen.Number `json:"number"`
	Fields []Field        `json:"fields"`
	Facts  Person         `json:"facts"`
	// HouseholdFrom is from when the household of the facts is true, where that is after
	// the day of an event that was recorded late: somebody came into it meanwhile.
	HouseholdFrom citizen.Day `json:"household_from,omitzero"`
	// Restated are, in an annulment, the events of this person from which something else
	// follows since.
	Restated []Restated `json:"restated,omitempty"`
}

// Restated is what an event makes true of a person since an annulment took away something
// on which it had been decided. Without Fields it concerns the person no longer.
type Restated struct {
	Event      string           `json:"event"`
	Kind       Kind             `json:"kind"`
	On         citizen.Day      `json:"on"`
	RecordedAt time.Time        `json:"recorded_at"`
	Number     citizen.Number   `json:"number,omitzero"`
	Other      citizen.Number   `json:"other,omitzero"`
	Members    []citizen.Number `json:"members,omitempty"`
	Fields     []Field          `json:"fields,omitempty"`
	Facts      Person           `json:"facts,omitzero"`
	// HouseholdFrom is as in a Part.
	HouseholdFrom citizen.Day `json:"household_from,omitzero"`
}

// Recorded is an event that was recorded and what the persons are now.
type Recorded struct {
	Event   Event
	Persons []Person // in the order of Event.Parts
	Again   bool     // the event was recorded before, by the same id
	// Annulled says of an event that was recorded before that it counts no longer.
	Annulled bool
	// Questions are all that was asked, with the answers there are; Preview gives them,
	// Record fails with them while one is open.
	Questions Questions
}

// Change is what subscribers of the feed are told of a recorded event: one for each
// person whom it concerns.
type Change struct {
	Event      string         `json:"event"`
	Kind       Kind           `json:"kind"`         // a correction has its own; Of is the kind that it corrects
	Of         Kind           `json:"of,omitempty"` // an annulment has it too: the kind that it takes away
	Number     citizen.Number `json:"number"`
	On         citizen.Day    `json:"on"`
	RecordedAt time.Time      `json:"recorded_at"`
	Fields     []Field        `json:"fields"` // that changed
	Facts      Person         `json:"facts"`  // their values now, the rest is zero
	Version    int64          `json:"version"`
}
