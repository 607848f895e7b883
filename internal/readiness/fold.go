package readiness

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold brings text to the form in which it is compared: lower case, without
// accents, đ as d, punctuation and runs of space as one space, "một" as 1.
// Officials write one label in many ways; what is left after folding is the same.
func Fold(s string) string {
	out := make([]byte, 0, len(s))
	start := 0 // of the word being written
	endWord := func() {
		if string(out[start:]) == "mot" {
			out = append(out[:start], '1')
		}
	}
	for _, r := range s {
		letter, ok := foldRune(r)
		switch {
		case ok && letter < 0x80:
			out = append(out, byte(letter))
		case ok && letter == mark: // an accent of its own belongs to its word
		case ok:
			out = utf8.AppendRune(out, letter)
		case len(out) > start:
			endWord()
			out = append(out, ' ')
			start = len(out)
		}
	}
	endWord()
	return string(bytes.TrimSuffix(out, []byte(" ")))
}

// mark stands for a combining accent, which folding drops.
const mark rune = 0x0300

// folded holds the plain letter of each letter of the Latin blocks.
var folded = func() (t [0x1F00]rune) {
	for r := range rune(len(t)) {
		switch base := []rune(norm.NFD.String(string(r)))[0]; {
		case r == 'đ' || r == 'Đ' || r == 'ð' || r == 'Ð':
			t[r] = 'd'
		case unicode.Is(unicode.Mn, r):
			t[r] = mark
		case unicode.IsLetter(base) || unicode.IsDigit(base):
			t[r] = unicode.ToLower(base)
		}
	}
	return t
}()

// foldRune gives the plain lower-case letter or digit, or mark. It is not ok
// for anything that parts words.
func foldRune(r rune) (rune, bool) {
	if int(r) < len(folded) {
		return folded[r], folded[r] != 0
	}
	if unicode.Is(unicode.Mn, r) {
		return mark, true
	}
	if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		return 0, false
	}
	lower := unicode.ToLower(r)
	if int(lower) < len(folded) { // the sign of Ångström is a capital of å
		return folded[lower], folded[lower] != 0
	}
	return lower, true
}

// word is a word of a text: its folded form, and where it stands.
type word struct {
	fold       string
	start, end int // bytes of the text
}

// words splits a text at everything that is no letter or digit.
func words(s string) []word {
	var out []word
	start := -1
	flush := func(end int) {
		if start >= 0 {
			if f := Fold(s[start:end]); f != "" {
				out = append(out, word{f, start, end})
			}
		}
		start = -1
	}
	for i, r := range s {
		if _, ok := foldRune(r); !ok {
			flush(i)
		} else if start < 0 {
			start = i
		}
	}
	flush(len(s))
	return out
}

// plain is lower-case text without accents; everything else stays in its place.
func plain(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		letter, ok := foldRune(r)
		switch {
		case ok && letter != mark:
			r = letter
		case ok:
			continue
		}
		switch r {
		case '\u00a0', '\u202f', '\u2009':
			r = ' '
		case '–', '—', '\u2011', '−':
			r = '-'
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

// hasWords says whether folded text contains folded words in a row.
func hasWords(folded, phrase string) bool {
	return phrase != "" && strings.Contains(" "+folded+" ", " "+phrase+" ")
}

// startsWords says whether folded text begins with folded words.
func startsWords(folded, phrase string) bool {
	return phrase != "" && strings.HasPrefix(folded+" ", phrase+" ")
}
