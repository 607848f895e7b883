package gateway

import (
	"maps"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dean06/internal/xroad"
)

// cgi is what CGI, WSGI, Rack and their like make of a header's name: those of them
// that read most signs as one.
func cgi(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
}

// TestNobodyReadsAnotherHeader: whatever headers a client or a peer sends, a service
// that reads their names as CGI does sees of X-Road's and of ours what the gateway
// means, once.
func TestNobodyReadsAnotherHeader(t *testing.T) {
	t.Parallel()
	sep := rapid.SampledFrom([]string{"-", "_", ".", "~", "--", "'"})
	rapid.Check(t, func(t *rapid.T) {
		in := http.Header{}
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			words := rapid.SampledFrom([][]string{
				{"X", "Road", "Client"},
				{"x", "rOAD", "cLIENT"},
				{"X", "Road", "Service"},
				{"X", "Road", "UserId"},
				{"X", "Dean06", "Fields"},
				{"X", "Dean06", "Right"},
				{"X", "Dean06", "Own", "Cookie"},
				{"X", "Road", "Future"},
				{"X", "Govstack", "Client"},
				{"Accept"},
				{"Content", "Length"},
				{"Transfer", "Encoding"},
				{"X", "Roads"},
			}).Draw(t, "words")
			name := words[0]
			for _, w := range words[1:] {
				name += sep.Draw(t, "separator") + w
			}
			if rapid.Bool().Draw(t, "canonical") {
				name = textproto.CanonicalMIMEHeaderKey(name)
			}
			in[name] = append(in[name], "value")
		}
		_, refused := pretender(in)
		travels := requestHeader(in)
		for what, h := range map[string]http.Header{
			"of a client": unmistakable(maps.Clone(travels)), "of a peer": unmistakable(unwire(in, false)),
		} {
			seen := map[string]bool{}
			for name := range h {
				word := cgi(name)
				if seen[word] {
					t.Fatalf("%s: two headers are read as %s: %v", what, word, h)
				}
				seen[word] = true
				if (strings.HasPrefix(word, "X_ROAD_") || strings.HasPrefix(word, "X_DEAN06_") || strings.HasPrefix(word, "X_GOVSTACK_")) &&
					(!told[name] || name != textproto.CanonicalMIMEHeaderKey(name)) {
					t.Fatalf("%s: %q reaches the service", what, name)
				}
			}
		}
		for name := range in {
			if word := cgi(name); strings.HasPrefix(word, "X_ROAD_CLIENT") && name != xroad.HeaderClient && !refused {
				t.Fatalf("%q is not refused", name)
			}
		}
		for name := range responseHeader(in) {
			if word := cgi(name); strings.HasPrefix(word, "X_ROAD_") || strings.HasPrefix(word, "X_DEAN06_") {
				t.Fatalf("an answer carries %q", name)
			}
		}
	})
}

func TestReadingOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]reading{
		"Accept": plainName, "X-Requested-With": plainName, "X-Roads": plainName, "X-Road-Client": reservedName, "X-Dean06-Fields": reservedName,
		"X-Dean06-Own-Cookie": reservedName, "X-Road-Error": reservedName, "X_road_client": pretending, "X_Road_Client": pretending, "X.Road.Client": pretending,
		"X-Road_client": pretending, "X-Dean06-Field": pretending, "X-Road-Trust": pretending, "X_Dean06_Fields": pretending,
		"x-road-client": pretending, "X-Road-Client~": pretending, "X-Rоad-Client": pretending, "Foo_Bar": doubtful, "Content.Length": doubtful,
		"_x_road_client": pretending, "X_Govstack_Client": pretending, "X-Govstack-Client": reservedName,
	} {
		if got := readingOf(name); got != want {
			t.Errorf("%s is read as %d, want %d", name, got, want)
		}
	}
}
