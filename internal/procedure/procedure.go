package procedure

import (
	"regexp"

	"dean06/internal/platform/spelling"
)

// Procedure is one administrative procedure as the catalogue lists it.
type Procedure struct {
	Code   string // "1.001193"; of a flawed one as the file has it, spaces too
	Name   string
	Agency Agency // that made it known
	Field  Agency // to which it belongs: code and name of the field
	// Levels are where it is carried out: B ministry, T province, X commune, N vertical
	// agencies, K elsewhere (abroad, institutions); "TX" is province and commune.
	Levels   string
	Type     Type
	Subjects string // who may ask, parted by "|"
	Channels Channels
	Time     Time
	Cost     Cost
	Handlers string // who carries it out, in the catalogue's words, parted by "|"
	Decision string // that made it known
	State    string // as the portal has it: ACTIVE, UPDATED
	Event    string // of life, to which the portal puts it
	// Flaw says what is wrong with the code; "" when it is well formed. A flawed one is
	// found by its name, and governs no dossier.
	Flaw Flaw
}

// Agency is an agency, or a field, by code and name.
type Agency struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Type says for whom a procedure is.
type Type string

// The types. A type that the file does not name is "".
const (
	Standard Type = "STANDARD"          // of the whole country
	Specific Type = "SPECIFIC"          // of one province
	Internal Type = "STANDARD_INTERNAL" // between agencies
)

// Channels are the ways in which one may apply. What the file does not say is not known,
// which is not no.
type Channels struct{ Online, Desk, Post, Full Answer }

// Answer is yes, no, or not said.
type Answer int8

// The answers.
const (
	NotSaid Answer = iota
	Yes
	No
)

// Time is how long a procedure takes, as the catalogue has it.
type Time struct {
	Value int // 0: not said
	Unit  string
}

// IsDuration says that the value is a length of time: with the unit OTHER it is a number
// without meaning.
func (t Time) IsDuration() bool {
	switch t.Unit {
	case "HOUR", "DAY", "WORKING_DAY", "MONTH", "YEAR":
		return t.Value > 0
	}
	return false
}

// Cost is the least and the most that is asked, in đồng. The catalogue writes 0 for free,
// for "see the note" and for "the province says"; so 0 tells nothing, and is Open.
type Cost struct {
	Min, Max int64
	Said     bool // the file has numbers
}

// Open says that the catalogue does not tell what it costs: it has no number, or one
// that is 0.
func (f Cost) Open() bool { return !f.Said || f.Max == 0 }

// Flaw is what is wrong with a row of a catalogue. "procedure.flaw.…" are its names.
type Flaw string

// The flaws. With the first four the row is kept, and found by its name.
const (
	FlawSpace   Flaw = "space"   // spaces or invisible signs around the code
	FlawDigits  Flaw = "digits"  // not one digit, a dot, six digits
	FlawRemoved Flaw = "removed" // the code ends in "-Xoa": taken out
	FlawTwice   Flaw = "twice"   // the code was there before

	FlawNoCode  Flaw = "no_code"
	FlawNoName  Flaw = "no_name"
	FlawColumns Flaw = "columns" // more or fewer cells than the heading
	FlawQuote   Flaw = "quote"   // a quotation mark out of place
	FlawText    Flaw = "text"    // not UTF-8, or control characters
	FlawLong    Flaw = "long"
)

// Kept says that the row is in the catalogue all the same.
func (f Flaw) Kept() bool {
	return f == "" || f == FlawSpace || f == FlawDigits || f == FlawRemoved || f == FlawTwice
}

var (
	wellFormed = regexp.MustCompile(`^\d\.\d{6}$`)
	removed    = regexp.MustCompile(`(?i)[-_ ]x[oó]a$`)
)

// flawOf is what is wrong with a code as it stands in a file.
func flawOf(raw string) Flaw {
	code := spelling.Clean(raw)
	switch {
	case code == "":
		return FlawNoCode
	case removed.MatchString(code):
		return FlawRemoved
	case !wellFormed.MatchString(code):
		return FlawDigits
	case code != raw:
		return FlawSpace
	}
	return ""
}

// cutCase takes the number of a case off its code, and leaves that of its procedure.
func cutCase(s string) (code string, isCase bool) {
	if len(s) > 9 && s[8] == '.' {
		return s[:8], true
	}
	return s, false
}
