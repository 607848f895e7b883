package docx

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Clean is the text that a document can hold, in the one form that reading it
// back gives: composed letters (NFC), "\n" for every line end, and none of the
// characters that XML 1.0 forbids (section 2.2).
func Clean(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			return '\n'
		case r == '\t' || r == '\n':
			return r
		case r < 0x20, r >= 0x7F && r < 0xA0, r == utf8.RuneError, r == 0xFFFE, r == 0xFFFF, r >= 0xD800 && r <= 0xDFFF:
			return -1
		case r == '\u00AD' || r == '\u200B' || r == '\uFEFF': // invisible in Word
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(s)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;", "\n", "&#10;", "\t", "&#9;")

// esc makes text safe inside an element or an attribute.
func esc(s string) string { return escaper.Replace(Clean(s)) }
