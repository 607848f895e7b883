package org

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold reduces text to what all ways of typing it share: lower case, no accent,
// đ as d, y as i (Lý and Lí), words of letters and digits with one space
// between. "ỦY BAN  NHÂN DÂN" and "uỷ ban nhân dân" fold to the same text.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range norm.NFKD.String(s) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		switch r = unicode.ToLower(r); r {
		case 'đ':
			r = 'd'
		case 'y':
			r = 'i'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// SameSpelling says that two names differ at most in case, in where a word
// carries its tone mark (Hòa and Hoà), and in how the characters are encoded.
func SameSpelling(a, b string) bool { return a == b || spelling(a) == spelling(b) }

func spelling(s string) string {
	var out strings.Builder
	for _, w := range strings.Fields(strings.ToLower(s)) {
		var tone []rune
		for _, r := range norm.NFD.String(w) {
			switch r {
			case '\u0300', '\u0301', '\u0303', '\u0309', '\u0323':
				tone = append(tone, r)
			default:
				out.WriteRune(r)
			}
		}
		out.WriteString(string(tone) + " ")
	}
	return out.String()
}
