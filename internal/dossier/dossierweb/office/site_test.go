package office_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/dossier/dossierweb/office"
	"dean06/internal/eform"
	"dean06/internal/eform/eformweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/web"
)

// site is the office of the world of invented people.
type site struct {
	t       *testing.T
	world   *dossiertest.World
	handler http.Handler
	routes  []web.Route
	uploads *uploads
}

var names = map[string]string{
	dossiertest.Commune: "UBND phường Phan Đình Phùng", dossiertest.Other: "UBND phường Quyết Thắng", dossiertest.Province: "UBND tỉnh Thái Nguyên",
}

func newSite(t *testing.T) *site {
	t.Helper()
	world := dossiertest.New()
	s := &site{t: t, world: world, uploads: &uploads{files: world.Files}}
	world.Units = places{}
	texts, err := i18n.Load(
		upload.Messages, citizen.Messages, ui.Messages, web.Messages, eform.Messages, eformweb.Messages, dossier.Messages, dossierweb.Messages,
		office.Messages,
	)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(r *http.Request) ui.Frame {
		return ui.Frame{Node: ui.Node{Name: "dean06"}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
	}
	pages := office.New(dossierweb.Shell{
		Service: s.world.Service, Frame: frame, Clock: s.world.Clock, Agency: func(code string) string { return names[code] },
	}, office.Needs{Uploads: s.uploads})
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: texts, Frame: frame, Within: []web.Middleware{signIn}})
	s.routes = pages.Routes()
	rt.Mount(s.routes...)
	s.handler = rt.Handler()
	return s
}

// signIn takes who acts from a header.
func signIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, a := range dossiertest.Everybody {
			if a.Account != "" && a.Account == r.Header.Get("X-Who") {
				r = r.WithContext(actor.With(r.Context(), a))
			}
		}
		next.ServeHTTP(w, r)
	})
}

type answer struct {
	code           int
	location, body string
	header         http.Header
}

func (s *site) do(who actor.Actor, r *http.Request) answer {
	s.t.Helper()
	r.Header.Set("X-Who", who.Account)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return answer{w.Code, w.Header().Get("Location"), w.Body.String(), w.Header()}
}

func (s *site) get(who actor.Actor, path string) answer {
	s.t.Helper()
	return s.do(who, httptest.NewRequestWithContext(s.t.Context(), http.MethodGet, path, nil))
}

func (s *site) post(who actor.Actor, path string, values ...string) answer {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		form.Add(values[i], values[i+1])
	}
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(who, r)
}
