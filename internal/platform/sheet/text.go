package sheet

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxText is the most characters (UTF-16 units) that a cell can hold.
const MaxText = 32767

// Length counts text as a cell does, in UTF-16 units after escaping.
func Length(s string) int {
	n := 0
	for _, r := range escape(s) {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// escape writes what XML cannot hold as _xHHHH_, as Excel itself does
// (ECMA-376 part 1, 22.9.2.19, ST_Xstring), so that no character is lost.
func escape(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < 0x20 && c != '\t' && c != '\n' || c == '_' || c >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		switch {
		case r == '_' && isEscape(s[i:]):
			b.WriteString("_x005F_")
		case r < 0x20 && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF:
			fmt.Fprintf(&b, "_x%04X_", r)
		default:
			b.WriteRune(r) // broken UTF-8 becomes U+FFFD
		}
	}
	return b.String()
}

// unescape is the reverse of escape.
func unescape(s string) string {
	i := strings.Index(s, "_x")
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		if s[0] != '_' || !isEscape(s) {
			n := 1 + strings.IndexByte(s[1:], '_')
			if n == 0 {
				n = len(s)
			}
			b.WriteString(s[:n])
			s = s[n:]
			continue
		}
		v, _ := strconv.ParseUint(s[2:6], 16, 16)
		if r := rune(v); utf8.ValidRune(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(s[:7]) // half of a pair: leave it as it stands
		}
		s = s[7:]
	}
	return b.String()
}

func isEscape(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	for _, c := range []byte(s[2:6]) {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return false
		}
	}
	return true
}

// Ref names a cell: column 5 (from 1) and row 7 are "E7".
func Ref(column, row int) string { return ColumnName(column) + strconv.Itoa(row) }

// ColumnName names a column (from 1): "A", "Z", "AA".
func ColumnName(column int) string {
	var b [4]byte
	i := len(b)
	for column > 0 && i > 0 {
		i--
		b[i] = byte('A' + (column-1)%26)
		column = (column - 1) / 26
	}
	return string(b[i:])
}

// parseRef reads "E7"; it fails beyond the last cell of a sheet, XFD1048576.
func parseRef(s []byte) (column, row int, ok bool) {
	i := 0
	for i < len(s) && i < 3 && s[i] >= 'A' && s[i] <= 'Z' {
		column = column*26 + int(s[i]-'A') + 1
		i++
	}
	if i == 0 || column > 16384 || len(s) == i || len(s) > i+7 {
		return 0, 0, false
	}
	for _, c := range s[i:] {
		if c < '0' || c > '9' {
			return 0, 0, false
		}
		row = row*10 + int(c-'0')
	}
	return column, row, row >= 1 && row <= 1048576
}
