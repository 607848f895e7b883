package identity

import (
	"encoding/hex"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/oauth"
)

// Kind is what an account is the identity of (Nghị định 69/2024, Điều 7).
type Kind string

// The kinds. "identity.kind.…" are their names.
const (
	Citizen      Kind = "citizen"
	Foreigner    Kind = "foreigner"    // with a residence card
	Organisation Kind = "organisation" // has no levels
)

// Level is how its holder was identified (Nghị định 69/2024, Điều 8). The greater is the
// surer one.
type Level int

// The levels.
const (
	NoLevel Level = 0 // an organisation's; of a session: not signed in
	One     Level = 1 // the facts fit the register
	Two     Level = 2 // an officer compared the face with card and holder
)

// ACR is the level in a token; "" for none.
func (l Level) ACR() string { return oauth.ACR(int(l)) }

// number is the level in letters and entries.
func (l Level) number() string { return strconv.Itoa(int(l)) }

// LevelOf reads what ACR writes.
func LevelOf(acr string) (Level, bool) {
	l := Level(oauth.LevelOf(acr))
	return l, l != NoLevel
}

// Holder is who an account belongs to: a kind, and the number by which the state knows
// such: the personal number, the number of the residence card, the organisation's
// identification code (Nghị định 69/2024, Điều 5). It masks itself; Reveal is called where
// it is needed.
type Holder struct {
	Kind   Kind
	number string
}

// NewHolder is the holder of a kind with a number in its one spelling. ParseHolder reads
// what people type.
func NewHolder(kind Kind, number string) Holder { return Holder{kind, number} }

// OfCitizen is the person with a personal number.
func OfCitizen(n citizen.Number) Holder { return Holder{Citizen, n.Reveal()} }

// Reveal is the number. It is personal data.
func (h Holder) Reveal() string { return h.number }

// Citizen is the personal number of a citizen; zero for another kind.
func (h Holder) Citizen() citizen.Number {
	if h.Kind != Citizen {
		return citizen.Number{}
	}
	n, _ := citizen.ParseNumber(h.number) // it was read before it was kept
	return n
}

// IsZero says that it is nobody.
func (h Holder) IsZero() bool { return h.number == "" }

// String shows the last three characters.
func (h Holder) String() string {
	if len(h.number) <= 3 {
		return "•••"
	}
	return strings.Repeat("•", len(h.number)-3) + h.number[len(h.number)-3:]
}

// GoString hides the number.
func (h Holder) GoString() string { return h.String() }

// LogValue hides the number.
func (h Holder) LogValue() slog.Value { return slog.StringValue(string(h.Kind)) }

// State is whether an account opens anything.
type State string

// The states. "identity.state.…" are their names.
const (
	Active    State = "active"
	Suspended State = "suspended" // by its holder or by the authority; can be reopened
	Closed    State = "closed"    // the holder died, or the account became part of another
)

// Field is a fact that an account says of its holder.
type Field string

// The fields. "identity.field.…" are their names.
const (
	FieldName        Field = "name"
	FieldBirth       Field = "birth"
	FieldSex         Field = "sex"
	FieldNationality Field = "nationality"
	FieldEmail       Field = "email"
	FieldPhone       Field = "phone"
	FieldLang        Field = "lang" // in which the holder last signed in: letters are written in it
)

// Basis is what a fact rests on.
type Basis string

// What a fact rests on. "identity.basis.…" are their names.
const (
	FromRegister Basis = "register"  // the population register says so
	FromCard     Basis = "card"      // an officer read it off the card
	FromHolder   Basis = "holder"    // the holder says so
	Confirmed    Basis = "confirmed" // a code that was sent there came back
	FromRegistry Basis = "registry"  // of organisations: what the officer was shown
)

// Attribute is a fact of an account, what it rests on, since when.
type Attribute struct {
	Field Field     `json:"field"`
	Value string    `json:"value"` // a birth as citizen.Day writes it, a sex by its code
	Basis Basis     `json:"basis"`
	Since time.Time `json:"since"`
}

// Account is one electronic identity.
type Account struct {
	ID       string // the public subject: says nothing of its holder
	Holder   Holder
	Level    Level
	LevelAt  time.Time // since when
	State    State
	StateWhy string // a reason's code while it is not active: "identity.why.…" is its name
	// ByHolder says that the holder suspended it and may reopen it.
	ByHolder   bool
	Attributes []Attribute
	// Person is the version of the register's record that the facts are from.
	Person int64
	// Merged is the account that this one became a part of, when two numbers were one person's.
	Merged    string
	Version   int64 // grows by one with each change
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Value is a fact of the account; "" when it says none.
func (a Account) Value(f Field) string { return a.attribute(f).Value }

// Attribute is a fact with what it rests on; the zero one when there is none.
func (a Account) attribute(f Field) Attribute {
	for _, at := range a.Attributes {
		if at.Field == f {
			return at
		}
	}
	return Attribute{}
}

// Lang is the language in which the holder reads letters; "" while that is not known.
func (a Account) Lang() string { return a.Value(FieldLang) }

// Attribute is a fact with what it rests on; ok is false when the account says none.
func (a Account) Attribute(f Field) (at Attribute, ok bool) {
	at = a.attribute(f)
	return at, at.Field != ""
}

// Opens says that the account opens doors.
func (a Account) Opens() bool { return a.State == Active }

// Sum is the digest of all that the account says, hex: entries carry it.
func (a Account) Sum() string {
	var r ledger.Row
	r.Text("dean06 identity account 1", a.ID, string(a.Holder.Kind), a.Holder.number, string(a.State), a.StateWhy, a.Merged)
	r.Num(int64(a.Level), a.Person, a.Version, int64(len(a.Attributes)))
	r.Yes(a.ByHolder)
	r.At(&a.LevelAt, &a.CreatedAt, &a.UpdatedAt)
	for _, at := range a.Attributes {
		r.Text(string(at.Field), at.Value, string(at.Basis))
		r.At(&at.Since)
	}
	return hex.EncodeToString(r.Sum(nil))
}

// LogValue keeps facts out of logs.
func (a Account) LogValue() slog.Value { return slog.StringValue(a.ID) }

// Proofing is how the holder was identified for a level. It is kept for good.
type Proofing struct {
	ID      string
	Account string
	Level   Level
	How     string // "match": facts fit the register; "desk": an officer saw the card
	At      time.Time
	By      actor.Actor // the holder's own for a match
	// Compared is the account of the officer who compared the face with the holder.
	Compared string
	Card     string // what was seen: the kind of card and its day of issue, nothing of the person
	Guardian string // account of the parent or guardian who asked for a child
}
