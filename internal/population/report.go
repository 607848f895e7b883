package population

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What a report of a load says is read by who may see no persons: of a file whose
// columns are shifted, a cell that should be a code holds a name.

// LoadReport is what became of a file. Each of its lines was loaded, or is bad, or was
// not read: Lines = Loaded + Bad + NotRead.
type LoadReport struct {
	Lines    int           `json:"lines"` // physical lines after the header
	Loaded   int           `json:"loaded"`
	Bad      int           `json:"bad"`
	NotRead  int           `json:"not_read"` // why, says the error of the load
	BadRows  []BadRow      `json:"bad_rows"` // the first of them: LoadOptions.MaxBad
	Warnings []Warning     `json:"warnings"`
	Took     time.Duration `json:"took"` // nanoseconds
}

// BadRow is a row that did not go in. It names no person.
type BadRow struct {
	Line   int            `json:"line"`   // of the file, the header is mostly 1
	Column string         `json:"column"` // "" when it is about the whole line
	Key    string         `json:"key"`    // of the message
	Args   map[string]any `json:"args,omitempty"`
	Reason string         `json:"reason,omitempty"` // the message, in the language of who prints the report
}

// Warning is what was odd in rows that were loaded.
type Warning struct {
	Key   string `json:"key"`            // of the message
	Text  string `json:"text,omitempty"` // the message, in the language of who prints the report
	Count int    `json:"count"`
	Lines []int  `json:"lines"` // the first hundred lines that it is about
}

// In names the lines for a person to read: "4, 9, 17", and "…" when there are more.
func (w Warning) In() string {
	var b strings.Builder
	for i, line := range w.Lines {
		if i == 20 {
			b.WriteString(", …")
			return b.String()
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(line))
	}
	return b.String()
}

// maxLines is how many lines a warning names.
const maxLines = 100

// oddities gathers warnings by their key.
type oddities map[string]*Warning

func (o oddities) add(key string, about ...int) {
	w := o[key]
	if w == nil {
		w = &Warning{Key: key}
		o[key] = w
	}
	w.Count++
	w.Lines = append(w.Lines, about[:min(len(about), maxLines-len(w.Lines))]...)
}

// take adds those of lines that come later in the file, and forgets them there.
func (o oddities) take(more oddities) {
	for key, m := range more {
		if w := o[key]; w == nil {
			o[key] = m
		} else {
			w.Count += m.Count
			w.Lines = append(w.Lines, m.Lines[:min(len(m.Lines), maxLines-len(w.Lines))]...)
		}
		delete(more, key)
	}
}

func (o oddities) list() []Warning {
	out := []Warning{}
	for _, key := range slices.Sorted(maps.Keys(o)) {
		out = append(out, *o[key])
	}
	return out
}

// withoutPersons takes out of a bad row what the file says of people.
func withoutPersons(bad *BadRow) {
	for name, v := range bad.Args {
		if s, ok := v.(string); ok && !isCode(s) {
			bad.Args[name] = "…"
		}
	}
}

// maxCode is how long the longest code of a list is.
const maxCode = 4

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
