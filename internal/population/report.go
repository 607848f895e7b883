package population

import (
	"strconv"
	"strings"
)

// What a report of a load says is read by who may see no persons: of a file whose
// columns are shifted, a cell that should be a code holds a name.

// maxCode is how long the longest code of a list is.
const maxCode = 4

// withoutPersons takes out of bad rows what the file says of people.
func withoutPersons(bad []BadRow) {
	for i := range bad {
		for name, v := range bad[i].Args {
			if s, ok := v.(string); ok && !isCode(s) {
				bad[i].Args[name] = "…"
			}
		}
	}
}

// isCode says that a text is as short and plain as a code is.
func isCode(s string) bool {
	return len(s) <= maxCode && strings.IndexFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z')
	}) < 0
}

// columnName is a column that is not known, as its file calls it when that is a name of
// a column: the first line of a file without a header is about somebody. Else its place.
func columnName(name string, place int) string {
	name = strings.TrimSpace(name)
	if name != "" && len(name) <= 40 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") == "" {
		return name
	}
	return strconv.Itoa(place + 1)
}
