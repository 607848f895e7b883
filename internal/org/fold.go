package org

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"dean06/internal/platform/spelling"
)

// Fold reduces text to what all ways of typing it share: spelling.Fold, and y as i
// (Lý and Lí). "ỦY BAN  NHÂN DÂN" and "uỷ ban nhân dân" fold to the same text.
func Fold(s string) string { return strings.ReplaceAll(spelling.Fold(s), "y", "i") }

// SameSpelling says that two names differ at most in case, in where a word
// carries its tone mark (Hòa and Hoà), and in how the characters are encoded.
func SameSpelling(a, b string) bool { return a == b || spelled(a) == spelled(b) }

func spelled(s string) string {
	var out strings.Builder
	for _, w := range strings.Fields(strings.ToLower(spelling.Clean(s))) {
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
