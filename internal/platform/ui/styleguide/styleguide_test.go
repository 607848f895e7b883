package styleguide_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/styleguide"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/web"
)

var pages = []string{"/ui", "/ui/form", "/ui/done", "/ui/board"}

func handler(t *testing.T) http.Handler {
	t.Helper()
	cat, err := i18n.Load(ui.Messages, web.Messages, styleguide.Messages)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(r *http.Request) ui.Frame {
		name := "Bảng theo dõi Đề án 06"
		if i18n.From(r.Context()).Lang == i18n.En {
			name = "Project 06 board"
		}
		return ui.Frame{
			Node:   ui.Node{Name: name, Notice: "Demo"},
			Viewer: ui.Viewer{Name: "Trần Thị Mẫu", RoleLabel: "Điều phối", AgencyName: "Bộ Thông tin và Truyền thông", SignedIn: true},
			Nav:    []ui.NavItem{{Label: "Board", Href: "/"}, {Label: "Returns", Href: "/returns", Count: 12}, {Label: "Guide", Href: "/ui"}},
			Here:   r.URL.RequestURI(),
		}
	}
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: cat, Frame: frame})
	rt.Mount(styleguide.Routes(frame)...)
	return rt.Handler()
}

// TestMarkup holds what every page owes: no message missing, one h1, unique ids,
// a label for each control, a caption for each table, nothing inline.
func TestMarkup(t *testing.T) {
	t.Parallel()
	h := handler(t)
	for _, page := range pages {
		for _, lang := range i18n.Langs {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", page+"?lang="+string(lang), nil))
			for _, fault := range uitest.Markup(w.Body.String()) {
				t.Errorf("%s %s: %s", page, lang, fault)
			}
		}
	}
}

func TestMarkupFindsFaults(t *testing.T) {
	t.Parallel()
	bad := `<html lang="vi"><h1>a</h1><h1>b</h1><input id="x"><p id="x" style="color:red">[ui.nothing]</p><table></table><a href="#gone">x</a>`
	got := strings.Join(uitest.Markup(bad), "\n")
	for _, want := range []string{"2 h1", "no label", "id x twice", "style", "[ui.nothing]", "caption", "#gone"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want a fault about %q", got, want)
		}
	}
	if _, err := html.Parse(strings.NewReader(bad)); err != nil {
		t.Fatal(err)
	}
}

// TestInBrowser looks at each page in both languages, wide and on a phone. With
// SCREENSHOTS set to a folder it leaves pictures there.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	ctx := uitest.Browser(t)
	srv := httptest.NewServer(handler(t))
	defer srv.Close()
	for _, page := range pages {
		for _, lang := range i18n.Langs {
			for _, width := range []int64{uitest.Desktop, uitest.Phone} {
				name := uitest.Slug(page, string(lang), width)
				t.Run(name, func(t *testing.T) {
					uitest.Open(t, ctx, srv.URL+page+"?lang="+string(lang), width)
					uitest.Check(t, ctx)
					if dir := os.Getenv("SCREENSHOTS"); dir != "" {
						uitest.Screenshot(t, ctx, filepath.Join(dir, name+".png"))
					}
				})
			}
		}
	}
}
