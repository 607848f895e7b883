package citizen

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// DoubtReason is why a text may not be somebody's name.
type DoubtReason string

// The reasons, in the order in which they are looked for.
const (
	DoubtLost      DoubtReason = "lost"      // ? or U+FFFD stands where letters were
	DoubtControl   DoubtReason = "control"   // it has a control character
	DoubtEncoding  DoubtReason = "encoding"  // it was written in an old encoding
	DoubtLetters   DoubtReason = "letters"   // it has no letter: digits or punctuation alone
	DoubtSigns     DoubtReason = "signs"     // it has a sign that no name has: = < @ …
	DoubtDigits    DoubtReason = "digits"    // it has a digit
	DoubtAlphabets DoubtReason = "alphabets" // Latin letters beside Cyrillic or Greek ones
)

// Doubt is why a person should look at a text before it is kept as a name.
type Doubt struct {
	Reason   DoubtReason
	Encoding string // for DoubtEncoding; "" when it is not certain which
	Reading  string // what the name is then; "" when that is not certain
}

// String hides the name.
func (d Doubt) String() string { return "citizen.Doubt(" + string(d.Reason) + ")" }

// GoString hides the name.
func (d Doubt) GoString() string { return d.String() }

// Fault is the doubt as an error of kind Invalid ("citizen.name.doubt.lost" and so on),
// for those who do not take such a name. The reading is an argument: it is about a
// person, as the name itself is, and goes to who wrote it.
func (d Doubt) Fault() *fault.Error {
	switch d.Reason {
	case DoubtLost:
		return fault.New(fault.Invalid, "citizen.name.doubt.lost", nil)
	case DoubtControl:
		return fault.New(fault.Invalid, "citizen.name.doubt.control", nil)
	case DoubtEncoding:
		switch {
		case d.Reading == "":
			return fault.New(fault.Invalid, "citizen.name.doubt.encoding", nil)
		case d.Encoding == "":
			return fault.New(fault.Invalid, "citizen.name.doubt.encoding_reading", fault.Args{"reading": d.Reading})
		}
		return fault.New(fault.Invalid, "citizen.name.doubt.encoding_named", fault.Args{"encoding": d.Encoding, "reading": d.Reading})
	case DoubtLetters:
		return fault.New(fault.Invalid, "citizen.name.doubt.letters", nil)
	case DoubtDigits:
		return fault.New(fault.Invalid, "citizen.name.doubt.digits", nil)
	case DoubtSigns:
		return fault.New(fault.Invalid, "citizen.name.doubt.signs", nil)
	}
	return fault.New(fault.Invalid, "citizen.name.doubt.alphabets", fault.Args{"reading": d.Reading})
}

// DoubtName says whether a text may not be a name, and why. The text must be as it came,
// before Spell. Nothing is converted: Reading is for a person to decide on, or for who
// is told that a whole file is in one encoding. An empty text gives no doubt.
func DoubtName(text string) (Doubt, bool) {
	if strings.ContainsFunc(text, func(r rune) bool { return r == '?' || r == '？' || r == utf8.RuneError }) {
		return Doubt{Reason: DoubtLost}, true
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < 0x80 && unicode.IsControl(r) && !unicode.IsSpace(r) }) {
		return Doubt{Reason: DoubtControl}, true
	}
	if l, ok := spelling.ReadLegacy(text); ok {
		return Doubt{DoubtEncoding, string(l.Encoding), l.Text}, true
	}
	var letter, digit, sign, latin, other bool
	for _, r := range text {
		switch {
		case unicode.IsControl(r) && !unicode.IsSpace(r):
			return Doubt{Reason: DoubtControl}, true
		case unicode.IsDigit(r), unicode.IsNumber(r):
			digit = true
		case unicode.IsLetter(r) && spelling.Plain(r) > 0:
			letter = true
			latin = latin || unicode.Is(unicode.Latin, r)
			other = other || unicode.In(r, unicode.Cyrillic, unicode.Greek)
		case isNameSign(r):
		default:
			sign = true
		}
	}
	switch {
	case text == "":
	case !letter:
		return Doubt{Reason: DoubtLetters}, true
	case sign:
		return Doubt{Reason: DoubtSigns}, true
	case digit:
		return Doubt{Reason: DoubtDigits}, true
	case latin && other:
		return Doubt{Reason: DoubtAlphabets, Reading: Spell(spelling.Latin(text))}, true
	}
	return Doubt{}, false
}

// ParseName reads a name by which somebody is asked about: Spell. It fails with Invalid
// for what cannot be compared, because it has no letter or digit, lost letters or is in an
// old encoding; a name in which only something is odd is compared as it stands.
func ParseName(text string) (string, error) {
	d, doubted := DoubtName(text)
	switch {
	case Fold(text) == "":
		return "", Doubt{Reason: DoubtLetters}.Fault()
	case doubted && (d.Reason == DoubtLost || d.Reason == DoubtControl || d.Reason == DoubtEncoding):
		return "", d.Fault()
	}
	return Spell(text), nil
}

// isNameSign says that a character that is no letter may stand in a name.
func isNameSign(r rune) bool {
	switch r {
	case '.', ',', '(', ')', '·':
		return true
	}
	p := spelling.Plain(r)
	return p == spelling.Mark || p == spelling.Hidden || p == spelling.Apostrophe || unicode.IsSpace(r) || unicode.Is(unicode.Pd, r)
}
