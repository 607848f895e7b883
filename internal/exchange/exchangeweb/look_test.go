package exchangeweb_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"dean06/internal/platform/ui/uitest"
)

// look opens pages in a browser as one person. A usual run looks at the first
// three, each once, in turns of language and width; with SCREENSHOTS set to a
// folder all are looked at in both languages and widths, and pictures kept there.
func look(t *testing.T, s *site, who string, paths []string) {
	t.Helper()
	ctx := uitest.Browser(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Who", who)
		s.handler.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	dir := os.Getenv("SCREENSHOTS")
	for i, path := range paths {
		for j, lang := range []string{"vi", "en"} {
			for k, width := range []int64{uitest.Desktop, uitest.Phone} {
				if dir == "" && (i > 2 || 2*j+k != (i+1)%4) {
					continue
				}
				uitest.Open(t, ctx, srv.URL+path+"?lang="+lang, width)
				uitest.Check(t, ctx)
				if t.Failed() {
					t.Fatalf("at %s in %s, %d wide", path, lang, width)
				}
				if dir != "" {
					uitest.Screenshot(t, ctx, filepath.Join(dir, uitest.Slug(path, lang, width)+".png"))
				}
			}
		}
	}
}

func TestHubLook(t *testing.T) {
	t.Parallel()
	s, _ := hub(t)
	look(t, s, "operator", []string{"/exchange", "/exchange/applications/a1", "/exchange/members", "/exchange/tokens/new", "/exchange/entry/gateway/H55-1", "/exchange/entry/member/VN/GOV/H55", "/exchange/configuration", "/exchange/tokens"})
}
