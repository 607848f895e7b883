package assets

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

func get(t *testing.T, path, accept string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept-Encoding", accept)
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestHandler(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, path, accept        string
		status                    int
		kind, encoding, cachePart string
	}{
		{"brotli", URL("app.css"), "gzip, br", 200, "text/css; charset=utf-8", "br", "immutable"},
		{"gzip", URL("app.js"), "gzip", 200, "text/javascript; charset=utf-8", "gzip", "immutable"},
		{"plain", URL("htmx.js"), "", 200, "text/javascript; charset=utf-8", "", "immutable"},
		{"font is not compressed twice", URL("fonts/be-vietnam-pro-latin-400.woff2"), "br", 200, "font/woff2", "", "immutable"},
		{"another release's page", Prefix + "000000000000/app.css", "", 200, "text/css; charset=utf-8", "", "no-cache"},
		{"unknown", URL("nothing.css"), "", 404, "text/plain; charset=utf-8", "", ""},
		{"climbing out", Prefix + version + "/../assets.go", "", 404, "text/plain; charset=utf-8", "", ""},
	}
	for _, c := range cases {
		res := get(t, c.path, c.accept)
		if res.StatusCode != c.status {
			t.Errorf("%s: got status %d, want %d", c.name, res.StatusCode, c.status)
		}
		if got := res.Header.Get("Content-Type"); got != c.kind {
			t.Errorf("%s: got type %q, want %q", c.name, got, c.kind)
		}
		if got := res.Header.Get("Content-Encoding"); got != c.encoding {
			t.Errorf("%s: got encoding %q, want %q", c.name, got, c.encoding)
		}
		if got := res.Header.Get("Cache-Control"); !strings.Contains(got, c.cachePart) {
			t.Errorf("%s: got cache %q, want %q", c.name, got, c.cachePart)
		}
	}
}

func TestCompressedIsTheSame(t *testing.T) {
	t.Parallel()
	got, err := io.ReadAll(brotli.NewReader(get(t, URL("app.css"), "br").Body))
	if err != nil {
		t.Fatal(err)
	}
	if want := files["app.css"].plain; !bytes.Equal(got, want) {
		t.Errorf("got %d bytes after unpacking, want %d", len(got), len(want))
	}
}

// TestFirstPageIsLight holds the promise of 100 KB for the first page, of which
// 11 KB are left for the page itself, which has two to five.
func TestFirstPageIsLight(t *testing.T) {
	t.Parallel()
	total := 0
	for name, f := range files {
		if f.br == nil {
			total += len(f.plain)
			continue
		}
		if name != "icon.svg" && name != "upload.js" && name != "upload.css" { // which only pages with a file field load
			total += len(f.br())
		}
	}
	if limit := 89 << 10; total > limit {
		t.Errorf("got %d bytes of assets, want at most %d", total, limit)
	}
	t.Logf("all assets together: %d bytes", total)
}

// TestStyleSheetFindsItsFiles follows each url() of the style sheet.
func TestStyleSheetFindsItsFiles(t *testing.T) {
	t.Parallel()
	refs := regexp.MustCompile(`url\("?([^")]+)"?\)`).FindAllSubmatch(files["app.css"].plain, -1)
	if len(refs) == 0 {
		t.Fatal("got no references, want the fonts")
	}
	for _, m := range refs {
		name := string(m[1])
		if strings.HasPrefix(name, "data:") {
			continue
		}
		if _, ok := files[name]; !ok {
			t.Errorf("got a reference to %s, which is not there", name)
		}
	}
}
