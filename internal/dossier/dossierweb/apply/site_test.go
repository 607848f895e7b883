package apply_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/dossier/dossierweb/apply"
	"dean06/internal/eform"
	"dean06/internal/eform/eformweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
)

// site is the citizen's pages of the world of invented people.
type site struct {
	t       *testing.T
	world   *dossiertest.World
	handler http.Handler
	routes  []web.Route
}

var names = map[string]string{
	dossiertest.Commune: "UBND phường Phan Đình Phùng", dossiertest.Other: "UBND phường Quyết Thắng", dossiertest.Province: "UBND tỉnh Thái Nguyên",
}

// uploads takes files at once and puts them where the world's dossiers look.
type uploads struct {
	upload.Service
	world *dossiertest.World
}

func (u uploads) Take(ctx context.Context, _ string, n upload.New, r io.Reader) (upload.File, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return upload.File{}, err
	}
	if !bytes.HasPrefix(raw, []byte("%PDF")) {
		return upload.File{}, fault.New(fault.Invalid, "upload.refused.type", fault.Args{"name": n.Name})
	}
	if _, _, err := u.world.Files.Put(ctx, bytes.NewReader(raw)); err != nil {
		return upload.File{}, err
	}
	sum := sha256.Sum256(raw)
	return upload.File{SHA256: hex.EncodeToString(sum[:]), Size: int64(len(raw)), Type: upload.PDF, Name: n.Name, For: n.For}, nil
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, world: dossiertest.New()}
	s.world.Units = country{}
	texts, err := i18n.Load(
		ui.Messages, web.Messages, eform.Messages, eformweb.Messages, dossier.Messages, dossierweb.Messages, apply.Messages, upload.Messages,
	)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(r *http.Request) ui.Frame {
		return ui.Frame{Node: ui.Node{Name: "dean06"}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
	}
	pages := apply.New(dossierweb.Shell{
		Service: s.world.Service, Frame: frame, Clock: s.world.Clock, Agency: func(code string) string { return names[code] },
	}, apply.Needs{
		Catalogue: func(context.Context) (*procedure.Catalogue, error) { return procedure.Builtin(), nil },
		Uploads:   uploads{world: s.world}, Address: func(r *http.Request) string { return r.RemoteAddr },
	})
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

func (s *site) post(who actor.Actor, path string, form url.Values) answer {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(who, r)
}

// sends posts a form with a file, as a page without a script does.
func (s *site) sends(who actor.Actor, path string, form url.Values, field, name, content string) answer {
	s.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for k, v := range form {
		for _, one := range v {
			if err := m.WriteField(k, one); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	w, err := m.CreateFormFile(field, name)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		s.t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		s.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(who, r)
}
