package spelling

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"dean06/internal/platform/oldcode"
)

// Encoding is an encoding in which Vietnamese was written before Unicode.
type Encoding string

// The encodings that ReadLegacy knows.
const (
	TCVN3       Encoding = "TCVN3" // of fonts such as .VnTime; also called ABC
	VNI         Encoding = "VNI"   // of fonts such as VNI-Times
	Windows1258 Encoding = "Windows-1258"
	Twice       Encoding = "UTF-8 × 2" // UTF-8 whose bytes were read as Windows-1252 and written again
)

// Legacy is a text that was written in an old encoding, whose bytes were taken for
// Windows-1252 (NguyÔn ThÞ, Nguyeãn Thò, Nguyá»…n).
type Legacy struct {
	Encoding Encoding // "" when it was one, and it is not certain which
	Text     string   // in Unicode; "" when it is not certain what the text was
}

// ReadLegacy says whether a text was written in an old encoding, and what it was. The
// text must be as it came: what is an invisible sign in Unicode (U+00AD) was a letter.
//
// It is sure of an encoding when, read by it and by no other, every word is a Vietnamese
// syllable, words that are none as they stand show that something is wrong, and there are
// letters that Vietnamese has not, or marks of VNI behind vowels. So names of the other
// peoples (Y Pôt Lê) and of other languages are not taken for one; a text of a single
// changed word is, only if it has signs that belong to no name.
func ReadLegacy(s string) (Legacy, bool) {
	if IsASCII(s) {
		return Legacy{}, false
	}
	if text, ok := readTwice(s); ok {
		if strings.IndexFunc(text, isOdd) >= 0 {
			text = "" // a part was lost
		}
		return Legacy{Twice, text}, true
	}
	odd := strings.IndexFunc(s, isOdd) >= 0
	if !odd && (allSyllables(s) || hasLetterAbove(s)) {
		return Legacy{}, false
	}
	var found []Legacy
	for _, e := range [...]struct {
		name Encoding
		read func(string) (string, bool)
	}{{TCVN3, readTCVN3}, {VNI, readVNI}, {Windows1258, readWindows1258}} {
		text, ok := e.read(s)
		if ok && allSyllables(text) && oneCase(text) && (odd || changedWords(s, text) > 1 && (e.name == VNI || isForeign(s))) {
			found = append(found, Legacy{e.name, text})
		}
	}
	switch {
	case len(found) == 1:
		return found[0], true
	case len(found) > 1 && found[0].Text == found[1].Text:
		return Legacy{Text: found[0].Text}, true
	case len(found) > 0 || odd:
		return Legacy{}, true
	}
	return Legacy{}, false
}

// IsASCII says that a text has nothing but the characters of ASCII.
func IsASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isOdd says that a character was a letter once: signs of Latin-1 that stand in no name.
// The acute accent and the middle dot are left out, people write names with them, and
// the soft hyphen, which comes with text from web pages.
func isOdd(r rune) bool {
	return r >= 0xA1 && r <= 0xBF && r != '´' && r != '·' && r != 0xAD || r == '×' || r == '÷' || r >= 0x80 && r < 0xA0 && r != 0x85
}

// hasLetterAbove says that there is a letter that no single byte of Windows-1252 is.
func hasLetterAbove(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		_, ok := byteOf(r)
		return !ok && unicode.IsLetter(r)
	})
}

func allSyllables(s string) bool {
	words := strings.Fields(s)
	for _, w := range words {
		if !IsSyllable(w) || strings.IndexFunc(w, isOdd) >= 0 {
			return false
		}
	}
	return len(words) > 0
}

// isForeign says that a text has a letter that the Vietnamese alphabet has not.
func isForeign(s string) bool {
	for _, l := range Letters(s) {
		if _, ok := l.vietnamese(); !ok || l.Tone != 0 && !strings.ContainsRune("aeiouy", l.Plain) {
			return true
		}
	}
	return false
}

// oneCase says that capitals stand where they can: at the beginning of a word, or all
// through it.
func oneCase(s string) bool {
	for _, w := range strings.Fields(s) {
		_, first := utf8.DecodeRuneInString(w)
		if rest := w[first:]; rest != strings.ToLower(rest) && w != strings.ToUpper(w) {
			return false
		}
	}
	return true
}

func changedWords(a, b string) int {
	n, before := 0, strings.Fields(a)
	for i, w := range strings.Fields(b) {
		if i >= len(before) || norm.NFC.String(before[i]) != w {
			n++
		}
	}
	return n
}

// byteOf is the byte that Windows-1252 shows as a character. Bytes that it does not show
// come as control characters.
func byteOf(r rune) (byte, bool) {
	if r < 0x80 || r < 0xA0 && charmap.Windows1252.DecodeByte(byte(r)) == utf8.RuneError {
		return byte(r), true
	}
	if b, ok := charmap.Windows1252.EncodeRune(r); ok {
		return b, true
	}
	return byte(r), r < 0x100
}

// readTwice reads UTF-8 that was taken for Windows-1252, word by word: somebody may have
// mended one of them, or written more beside. It goes on when that happened twice.
func readTwice(s string) (string, bool) {
	done := false
	for range 3 {
		words := strings.Split(s, " ")
		changed := false
		for i, w := range words {
			if IsASCII(w) {
				continue
			}
			if text, ok := wordOfBytes(w); ok {
				words[i], changed = text, true
			}
		}
		if !changed {
			break
		}
		s, done = strings.Join(words, " "), true
	}
	return norm.NFC.String(s), done
}

func wordOfBytes(w string) (string, bool) {
	b := make([]byte, 0, len(w))
	for _, r := range w {
		c, ok := byteOf(r)
		if !ok {
			return "", false
		}
		b = append(b, c)
	}
	text := string(b)
	return text, utf8.Valid(b) && strings.IndexFunc(text, func(r rune) bool { return r < 0x20 }) < 0
}

// readBytes reads each character by a table of the bytes from 0x80; "·" is none.
func readBytes(s string, table []rune) (string, bool) {
	var b strings.Builder
	for _, r := range s {
		c, ok := byteOf(r)
		switch {
		case !ok:
			return "", false
		case c < 0x80:
			b.WriteByte(c)
		case table[c-0x80] == '·':
			return "", false
		default:
			b.WriteRune(table[c-0x80])
		}
	}
	return norm.NFC.String(b.String()), true
}

// w1258 are the letters and marks of the bytes from 0x80 in Windows-1258.
var w1258 = func() []rune {
	t := make([]rune, 128)
	for i := range t {
		if t[i] = charmap.Windows1258.DecodeByte(byte(0x80 + i)); !unicode.In(t[i], unicode.L, unicode.M) {
			t[i] = '·'
		}
	}
	return t
}()

// tcvn3 are the letters of the bytes from 0x80 in TCVN3.
var tcvn3 = func() []rune {
	t := make([]rune, 128)
	for i := range t {
		t[i] = '·'
		if letter, ok := oldcode.TCVN3(rune(0x80 + i)); ok {
			t[i] = letter
		}
	}
	return t
}()

func readTCVN3(s string) (string, bool) {
	text, ok := readBytes(s, tcvn3)
	// In a font of capitals small letters are shown as capitals.
	if ok && strings.IndexFunc(s, func(r rune) bool { return r >= 'a' && r <= 'z' }) < 0 && strings.Count(s, " ") > 0 {
		text = strings.ToUpper(text)
	}
	return text, ok
}

func readWindows1258(s string) (string, bool) { return readBytes(s, w1258) }

// readVNI reads letters that are followed by a byte for their marks, and letters that
// have one byte; a name in which no vowel is marked may as well be another's.
func readVNI(s string) (string, bool) {
	if strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 && !unicode.IsLetter(r) }) {
		return "", false
	}
	text, marked, ok := oldcode.FromVNI(s)
	return text, ok && marked
}
