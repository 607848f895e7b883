// Package fontcode says what text means in a font whose characters are not what Unicode
// says of them: the fonts of TCVN3 and VNI, and symbol fonts such as Wingdings. Readers
// of Word and Excel files ask it, with the name of the font, for every stretch of text.
package fontcode

import (
	"strings"
	"unicode"

	"dean06/internal/platform/oldcode"
	"dean06/internal/platform/spelling"
)

// Code is how a font's characters are to be read.
type Code string

// The codes. Text in any other font is Unicode.
const (
	Unicode Code = ""
	TCVN3   Code = "TCVN3"
	VNI     Code = "VNI"
	Symbols Code = "symbols"
)

// Of says how the characters of a font are to be read.
func Of(font string) Code {
	switch f := fold(font); {
	case strings.HasPrefix(f, ".vn"), strings.HasPrefix(f, "vntime"), strings.HasPrefix(f, "vnarial"):
		return TCVN3
	case strings.HasPrefix(f, "vni-"), strings.HasPrefix(f, "vni "), strings.HasPrefix(f, "vni_"):
		return VNI
	case symbolFonts[f] != nil:
		return Symbols
	}
	return Unicode
}

// fold brings names of fonts to one form; Excel and Word put an @ before the names of
// fonts turned upright.
func fold(font string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(font), "@"))
}

// AllCapitals says that a font of TCVN3 shows small letters as capitals: .VnTimeH,
// .VnArialH. No other font of the family has a name that ends so.
func AllCapitals(font string) bool {
	return Of(font) == TCVN3 && strings.HasSuffix(fold(font), "h")
}

// Decode reads text in a font of TCVN3 or VNI. It says false, and gives the text as it
// is, when the text is Unicode in spite of its font: there are letters that the old
// tables do not have, or the words are Vietnamese as they stand and are not as the
// tables read them.
func Decode(font, text string) (string, bool) {
	if spelling.IsASCII(text) && !AllCapitals(font) {
		return text, false
	}
	read, ok := text, false
	switch Of(font) {
	case TCVN3:
		read, ok = oldcode.FromTCVN3(text)
	case VNI:
		read, _, ok = oldcode.FromVNI(text)
	case Unicode, Symbols:
	}
	if !ok || syllables(text) > syllables(read) {
		return text, false
	}
	if AllCapitals(font) || Of(font) == TCVN3 && inCapitals(read) {
		read = strings.ToUpper(read)
	}
	return read, true
}

// inCapitals says that a text of TCVN3 is written in capitals: the table has none with a
// tone, so that "THÁI" is written "THáI". Words with one letter besides such ones
// ("Số") decide nothing.
func inCapitals(s string) bool {
	capitals := false
	for _, w := range strings.Fields(s) {
		upper, lower := 0, 0
		for i, r := range w {
			_, coded := oldcode.FromCapital(r)
			switch {
			case unicode.IsUpper(r) && i > 0:
				upper += 2
			case unicode.IsUpper(r):
				upper++
			case unicode.IsLower(r) && !coded:
				lower++
			}
		}
		if lower > 0 {
			return false
		}
		capitals = capitals || upper > 1
	}
	return capitals
}

// syllables counts the words with letters above ASCII that can be Vietnamese.
func syllables(s string) int {
	n := 0
	for _, w := range strings.Fields(s) {
		if w = strings.Trim(w, ".,;:()/-–\"“”?!"); !spelling.IsASCII(w) && spelling.IsSyllable(w) {
			n++
		}
	}
	return n
}

// TrimMarks takes the marks of VNI off the beginning of a text: they belong to the vowel
// before it.
func TrimMarks(text string) string { return strings.TrimLeftFunc(text, oldcode.IsVNIMark) }
