// Package oldcode holds the code tables in which Vietnamese was written before Unicode
// and that fonts of their own showed: TCVN3 (also called ABC; fonts such as .VnTime)
// and VNI for Windows (fonts such as VNI-Times). It decides nothing: whether a text is
// in one of them is for its callers to say.
package oldcode

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// tcvn3 are the letters of the bytes from 0xA0 (TCVN 5712:1993, set VN3); "·" is none.
// Capital letters with a tone are not among them: fonts of capitals, whose names end
// in H, show small letters as capitals.
var tcvn3 = []rune("·ĂÂÊÔƠƯĐăâêôơưđ······àảãáạ·ằẳẵắ·······ặầẩẫấậè·ẻẽéẹềểễếệìỉ···ĩíịò·ỏõóọồổỗốộờởỡớợù·ủũúụừửữứựỳỷỹýỵ·")

// TCVN3 gives the letter of a byte, which Latin-1 shows as the character r.
func TCVN3(r rune) (rune, bool) {
	if r < 0xA0 || r > 0xFF || tcvn3[r-0xA0] == '·' {
		return 0, false
	}
	return tcvn3[r-0xA0], true
}

// FromCapital says that a letter of TCVN3 may stand for its capital, of which the table
// has none: all letters with a tone.
func FromCapital(r rune) (rune, bool) {
	at := slices.Index(tcvn3, r)
	return unicode.ToUpper(r), at >= 0 && r != '·' && unicode.IsLower(r) && !slices.Contains(tcvn3, unicode.ToUpper(r))
}

// FromTCVN3 reads a text whose bytes were shown as Latin-1. Signs that the table does not
// have stay as they are. It fails when a character is none of a byte, such as ệ: the
// text is no TCVN3.
func FromTCVN3(s string) (string, bool) {
	var b strings.Builder
	for _, r := range s {
		switch letter, ok := TCVN3(r); {
		case ok:
			b.WriteRune(letter)
		case r > 0xFF && unicode.In(r, unicode.Letter, unicode.Mark):
			return s, false
		default:
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String()), true
}

// vniLetters are the letters that VNI writes with one byte above 0x7F, in small letters.
var vniLetters = map[rune]string{
	'ñ': "đ", 'ô': "ơ", 'ö': "ư", 'í': "í", 'ì': "ì", 'æ': "ỉ", 'ó': "ĩ", 'ò': "ị", 'î': "ỵ",
}

// vniMarks are the bytes that VNI writes behind a vowel for the marks on it.
var vniMarks = map[rune]string{
	'ù': "\u0301", 'ø': "\u0300", 'û': "\u0309", 'õ': "\u0303", 'ï': "\u0323",
	'â': "\u0302", 'á': "\u0302\u0301", 'à': "\u0302\u0300", 'å': "\u0302\u0309", 'ã': "\u0302\u0303", 'ä': "\u0302\u0323",
	'ê': "\u0306", 'é': "\u0306\u0301", 'è': "\u0306\u0300", 'ú': "\u0306\u0309", 'ü': "\u0306\u0303", 'ë': "\u0306\u0323",
}

// IsVNIMark says that a byte marks the vowel before it.
func IsVNIMark(r rune) bool { return vniMarks[unicode.ToLower(r)] != "" }

// FromVNI reads a text whose bytes were shown as Latin-1; marked says that a vowel had a
// byte for its marks. It fails when a mark stands behind no vowel that can bear it, or a
// character is none of a byte: the text is no VNI.
func FromVNI(s string) (text string, marked, ok bool) {
	var b strings.Builder
	before := ' '
	for _, r := range s {
		low := unicode.ToLower(r)
		letter, mark := vniLetters[low], vniMarks[low]
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case letter != "":
			if unicode.IsUpper(r) {
				letter = strings.ToUpper(letter)
			}
			b.WriteString(letter)
		case mark != "" && strings.ContainsRune(bears(mark), before):
			b.WriteString(mark)
			marked = true
		case unicode.In(r, unicode.Letter, unicode.Mark):
			return s, false, false
		default:
			b.WriteRune(r)
		}
		before = low
	}
	return norm.NFC.String(b.String()), marked, true
}

// bears are the vowels, as VNI writes them, on which marks can stand: a circumflex on
// three, a breve on one.
func bears(mark string) string {
	switch {
	case strings.HasPrefix(mark, "\u0302"):
		return "aeo"
	case strings.HasPrefix(mark, "\u0306"):
		return "a"
	}
	return "aeouyôö"
}
