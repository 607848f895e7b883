// Package dossierwebtest shows pages of dossiers to tests: in the world of invented people, to
// whomever the test names.
package dossierwebtest

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/eform"
	"dean06/internal/eform/eformweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/web"
)

// Site is a node with some pages of dossiers.
type Site struct {
	T       *testing.T
	World   *dossiertest.World
	Handler http.Handler
	Routes  []web.Route
}

var names = map[string]string{
	dossiertest.Commune: "UBND phường Phan Đình Phùng", dossiertest.Other: "UBND phường Quyết Thắng", dossiertest.Province: "UBND tỉnh Thái Nguyên",
}

// New makes a site with the pages that routes gives, and their texts beside those that all
// pages of dossiers have.
func New(t *testing.T, routes func(dossierweb.Shell, *dossiertest.World) []web.Route, texts ...fs.FS) *Site {
	t.Helper()
	s := &Site{T: t, World: dossiertest.New()}
	all, err := i18n.Load(append([]fs.FS{
		citizen.Messages, upload.Messages, ui.Messages, web.Messages, eform.Messages, eformweb.Messages, dossier.Messages, dossierweb.Messages,
	}, texts...)...)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(r *http.Request) ui.Frame {
		f := ui.Frame{Node: ui.Node{Name: "dean06"}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
		if r.Header.Get("X-Who") != "" { // with the long names that headers have
			f.Viewer = ui.Viewer{
				SignedIn: true, Name: "Cán Bộ Có Tên Dài", RoleLabel: "Cán bộ, Lãnh đạo duyệt", AgencyName: "UBND phường Phan Đình Phùng, tỉnh Thái Nguyên",
			}
		}
		return f
	}
	s.Routes = routes(dossierweb.Shell{
		Service: s.World.Service, Frame: frame, Clock: s.World.Clock, Agency: func(code string) string { return names[code] },
	}, s.World)
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: all, Frame: frame, Within: []web.Middleware{signIn}})
	rt.Mount(s.Routes...)
	s.Handler = rt.Handler()
	return s
}

// Who is the header that names who acts.
const Who = "X-Who"

// Level is the header that says how surely.
const Level = "X-Level"

// forKey is for whom somebody acts.
type forKey struct{}

// signIn takes who acts from a header.
func signIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, a := range dossiertest.Everybody {
			if a.Account != "" && a.Account == r.Header.Get(Who) {
				if level, err := strconv.Atoi(r.Header.Get(Level)); err == nil {
					a.Level = level
				}
				a.For, _ = r.Context().Value(forKey{}).(*actor.Principal)
				r = r.WithContext(actor.With(r.Context(), a))
			}
		}
		next.ServeHTTP(w, r)
	})
}

// Answer is what came back.
type Answer struct {
	Code           int
	Location, Body string
	Header         http.Header
}

// Do makes a request as somebody.
func (s *Site) Do(who actor.Actor, r *http.Request) Answer {
	s.T.Helper()
	r = r.WithContext(context.WithValue(r.Context(), forKey{}, who.For))
	r.Header.Set(Who, who.Account)
	r.Header.Set(Level, strconv.Itoa(who.Level))
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, r)
	return Answer{w.Code, w.Header().Get("Location"), w.Body.String(), w.Header()}
}

// Get asks for a page.
func (s *Site) Get(who actor.Actor, path string) Answer {
	s.T.Helper()
	return s.Do(who, httptest.NewRequestWithContext(s.T.Context(), http.MethodGet, path, nil))
}

// Post sends a form.
func (s *Site) Post(who actor.Actor, path string, form url.Values) Answer {
	s.T.Helper()
	r := httptest.NewRequestWithContext(s.T.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.Do(who, r)
}

// PostFile sends a form with a file, as a page without a script does.
func (s *Site) PostFile(who actor.Actor, path string, form url.Values, field, name, content string) Answer {
	s.T.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for k, values := range form {
		for _, v := range values {
			if err := m.WriteField(k, v); err != nil {
				s.T.Fatal(err)
			}
		}
	}
	w, err := m.CreateFormFile(field, name)
	if err != nil {
		s.T.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		s.T.Fatal(err)
	}
	if err := m.Close(); err != nil {
		s.T.Fatal(err)
	}
	r := httptest.NewRequestWithContext(s.T.Context(), http.MethodPost, path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.Do(who, r)
}
