package main

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// decompose parts a word into letters (with hat, breve or horn, as one) and tones.
func decompose(word string) []string {
	var out []string
	for _, r := range strings.ToLower(norm.NFD.String(word)) {
		switch r {
		case '̂', '̆', '̛': // belongs to the letter before it, which may have a tone between
			for i := len(out) - 1; i >= 0; i-- {
				if len(out[i]) == 1 {
					out[i] = norm.NFC.String(out[i] + string(r))
					break
				}
			}
		default:
			out = append(out, string(r))
		}
	}
	return out
}
