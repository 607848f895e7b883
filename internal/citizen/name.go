package citizen

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Spell gives a name its one spelling: composed characters, single spaces, nothing
// around it. Case is kept.
func Spell(name string) string {
	return strings.Join(strings.Fields(norm.NFC.String(name)), " ")
}

// Fold reduces a name to lower case without accents, đ as d, one space between
// words: what people type when they search.
func Fold(name string) string { return fold(name, true) }

// Squeeze is the name as the population contract carries it: upper case, no
// accents, no spaces (NGUYENVANTHU). Other signs, such as the apostrophe of K'Đăm,
// stay.
func Squeeze(name string) string { return strings.ToUpper(fold(name, false)) }

func fold(name string, spaced bool) string {
	var b strings.Builder
	b.Grow(len(name))
	gap := false
	for _, r := range norm.NFD.String(name) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsSpace(r):
			gap = true
			continue
		}
		if gap && spaced && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		if r == 'đ' || r == 'Đ' {
			r = 'd'
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
