package readiness

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold brings text to the form in which it is compared: lower case, without
// accents, đ as d, punctuation and runs of space as one space, "một" as 1.
// Officials write one label in many ways; what is left after folding is the same.
func Fold(s string) string {
	var b strings.Builder
	for _, w := range words(norm.NFC.String(s)) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.fold)
	}
	return b.String()
}

// word is a word of a text: its folded form, and where it stands.
type word struct {
	fold       string
	start, end int // bytes of the text
}

// words splits a composed (NFC) text at everything that is no letter or digit.
func words(s string) []word {
	var out []word
	start := -1
	flush := func(end int) {
		if start < 0 {
			return
		}
		if f := foldWord(s[start:end]); f != "" {
			out = append(out, word{f, start, end})
		}
		start = -1
	}
	for i, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) {
			if start < 0 {
				start = i
			}
			continue
		}
		flush(i)
	}
	flush(len(s))
	return out
}

func foldWord(s string) string {
	f := plain(s)
	if f == "mot" {
		return "1"
	}
	return f
}

// plain is lower-case text without accents; everything else stays in its place.
func plain(s string) string {
	ascii := true
	for i := range len(s) {
		if s[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFD.String(s) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		switch r = unicode.ToLower(r); r {
		case 'đ', 'ð':
			r = 'd'
		case '\u00a0', '\u202f', '\u2009':
			r = ' '
		case '–', '—', '\u2011', '−':
			r = '-'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// hasWords says whether folded text contains folded words in a row.
func hasWords(folded, phrase string) bool {
	return phrase != "" && strings.Contains(" "+folded+" ", " "+phrase+" ")
}

// startsWords says whether folded text begins with folded words.
func startsWords(folded, phrase string) bool {
	return phrase != "" && strings.HasPrefix(folded+" ", phrase+" ")
}
