package readinessapi

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever is sent, what is taken in is clean text, or nothing is taken in.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"answers":[{
		"row":"1.1",
		"note":" x "}]}`, `{"a":"\u0000"}`, `[[[1e999]]]`, "{\"a\":\"\xff\"}", `null`, `{"counts":{"units_total":1.5}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s Submission
		if decode(data, &s) != nil {
			return
		}
		for _, a := range s.Answers {
			if !utf8.ValidString(a.Note) || strings.ContainsRune(a.Note, 0) || strings.TrimSpace(a.Note) != a.Note {
				t.Errorf("note %q", a.Note)
			}
		}
	})
}
