package reconcileweb_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/cleaning/reconcile"
	"dean06/internal/cleaning/reconcileweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// house is the endpoint on a node with tokens.
type house struct {
	h        http.Handler
	key      string // that may reconcile
	other    string // that may not
	as       []reconcileweb.Asker
	asked    []reconcile.Ask
	answer   reconcile.Answer
	fail     error
	sessions *session.Service
	admin    actor.Actor
}

const scopeOther = "figures:read"

func open(t *testing.T, db *sqldb.DB) *house {
	t.Helper()
	if err := errors.Join(audit.Migrate(t.Context(), db), session.Migrate(t.Context(), db)); err != nil {
		t.Fatal(err)
	}
	x := &house{sessions: session.New(db, clock.System{}, session.Options{})}
	if err := x.sessions.Seed(t.Context(), session.SeedAccount{Password: "khong-ai-biet-2026", Draft: session.Draft{
		Login: "quantri", Name: "Hoàng Thị Quản Trị", Agency: "G24", Email: "quantri@dean06.example.vn", Roles: []string{"administrator"},
	}}); err != nil {
		t.Fatal(err)
	}
	list, err := x.sessions.Accounts(actor.With(t.Context(), actor.OfSystem("administrator")), session.AccountFilter{})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d accounts, %v", len(list), err)
	}
	x.admin = actor.Actor{Account: list[0].ID, Agency: "G24", Roles: []string{"administrator"}}
	admin := actor.With(t.Context(), x.admin)
	for scope, key := range map[string]*string{reconcileweb.Scope: &x.key, scopeOther: &x.other} {
		made, err := x.sessions.CreateToken(admin, session.TokenDraft{
			Agency: "G24", Name: "Nguyễn Thị Lan (OpenRefine)", Scopes: []string{scope}, ExpiresAt: clock.System{}.Now().AddDate(0, 1, 0),
		})
		if err != nil {
			t.Fatal(err)
		}
		*key = made.Text
	}
	texts, err := i18n.Load(reconcile.Messages, reconcileweb.Messages, ui.Messages, web.Messages, cleaning.Messages, citizen.Messages)
	if err != nil {
		t.Fatal(err)
	}
	e := reconcileweb.New(reconcileweb.Shell{
		Programme: x.sessions.Programme, Log: slog.New(slog.DiscardHandler), URL: "https://bhxh.example.vn", May: func(context.Context) bool { return true },
		Frame: func(*http.Request) ui.Frame { return ui.Frame{} },
		Ask: func(_ context.Context, as reconcileweb.Asker, a reconcile.Ask) (reconcile.Answer, error) {
			x.as, x.asked = append(x.as, as), append(x.asked, a)
			return x.answer, x.fail
		},
	})
	rt := web.NewRouter(web.Config{
		Log: slog.New(slog.DiscardHandler), Messages: texts, Within: []web.Middleware{x.sessions.Load}, Metrics: web.NewMetrics(),
		Frame: func(*http.Request) ui.Frame { return ui.Frame{} }, Known: func(context.Context) bool { return false },
	})
	rt.Mount(e.Routes()...)
	x.h = rt.Handler()
	return x
}

func (x *house) at(key string) string { return "/reconcile/" + key + "/2.000986/BHXH-2026-11" }

func (x *house) do(r *http.Request) (*http.Response, string) {
	w := httptest.NewRecorder()
	x.h.ServeHTTP(w, r)
	resp := w.Result()
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body) // of memory
	return resp, string(b)
}

// posted is a batch as OpenRefine's server sends it: a form, with no word of a browser.
func (x *house) posted(key, queries string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, x.at(key), strings.NewReader(url.Values{"queries": {queries}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	r.Header.Set("User-Agent", "OpenRefine 3.8.7 [unknown]")
	return r
}

// fetched is what a page of OpenRefine in a browser asks, from its own address.
func fetched(target string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for name, value := range map[string]string{
		"Origin": "http://127.0.0.1:3333", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors",
		"Accept": "application/json, text/javascript, */*; q=0.01",
	} {
		r.Header.Set(name, value)
	}
	return r
}

// TestOpenRefine is a session as OpenRefine 3.8 holds it, by its source: the browser reads the
// manifest, the server guesses the type of the column and then sends batches of ten, the
// browser suggests properties.
func TestOpenRefine(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		x := open(t, db)
		resp, body := x.do(fetched(x.at(x.key)))
		var m struct {
			Versions []string
			Suggest  struct {
				Property struct {
					URL  string `json:"service_url"`
					Path string `json:"service_path"`
				}
			}
			DefaultTypes []struct{ ID string }
		}
		if err := json.Unmarshal([]byte(body), &m); err != nil || resp.StatusCode != http.StatusOK || len(m.Versions) != 2 || len(m.DefaultTypes) != 1 {
			t.Fatalf("%d %s: %v", resp.StatusCode, body, err)
		}
		if h := resp.Header; h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Allow-Credentials") != "" ||
			!strings.HasPrefix(h.Get("Content-Type"), "application/json") || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%v", h)
		}
		// The type of the column is guessed with names alone, three candidates each.
		x.answer = reconcile.Answer{Answers: [][]reconcile.Candidate{{}, {}}}
		resp, body = x.do(x.posted(x.key, `{"q0":{"query":"Nguyễn Văn Thử","limit":3},"q1":{"query":"TRẦN THỊ BÉ","limit":3}}`))
		if resp.StatusCode != http.StatusOK || strings.TrimSpace(body) != `{"q0":{"result":[]},"q1":{"result":[]}}` {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
		if as := x.as[0]; as.Purpose != "2.000986" || as.File != "BHXH-2026-11" || as.Officer != "nguyen.thi.lan.openrefine" || as.Lang != i18n.Vi ||
			!strings.HasPrefix(x.asked[0].Session, "token:") {
			t.Errorf("%+v %+v", as, x.asked[0])
		}
		at, ok := strings.CutPrefix(m.Suggest.Property.URL+m.Suggest.Property.Path, "https://bhxh.example.vn")
		if !ok {
			t.Errorf("suggests at %s", m.Suggest.Property.URL)
		}
		resp, body = x.do(fetched(at + "?" + url.Values{"prefix": {"Ngày sinh"}, "schema": {"person"}}.Encode()))
		if resp.StatusCode != http.StatusOK || !strings.Contains(body, `"id":"birth"`) {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
		// Jackson writes dates so, and what was matched before as an entity.
		x.answer = reconcile.Answer{Answers: [][]reconcile.Candidate{
			{{ID: "x-1", Share: .99999, Match: true, Name: "Nguyễn Văn Thử", Number: "001090000001", Fits: map[cleaning.Kind]bool{"name": true}}},
		}}
		resp, body = x.do(x.posted(x.key, `{"q0":{"query":"Nguyễn Văn Thử","type":"person","type_strict":"should","properties":[`+
			`{"pid":"birth","v":"1990-01-01T00:00:00Z"},{"pid":"number","v":1090000001},{"pid":"commune","v":{"id":"00001","name":"Phúc Xá"}}]}}`))
		if resp.StatusCode != http.StatusOK || !strings.Contains(body, `"id":"001090000001","name":"Nguyễn Văn Thử"`) || !strings.Contains(body, `"match":true`) {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
		if got := x.asked[1].Questions[0].Said; got["number"] != "1090000001" || got["birth"] != "1990-01-01T00:00:00Z" || got["commune"] != "Phúc Xá" {
			t.Errorf("%v", got)
		}
	})
}

// TestOtherWays: GET with queries, JSONP for old programs, the preflight of a browser.
func TestOtherWays(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		x := open(t, db)
		x.answer = reconcile.Answer{Answers: [][]reconcile.Candidate{{}}}
		queries := "queries=" + url.QueryEscape(`{"q0":{"query":"An"}}`)
		resp, body := x.do(fetched(x.at(x.key) + "?" + queries))
		if resp.StatusCode != http.StatusOK || body != `{"q0":{"result":[]}}` {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
		resp, body = x.do(fetched(x.at(x.key) + "?callback=jQuery1_2&" + queries))
		if body != `/**/jQuery1_2({"q0":{"result":[]}});` || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/javascript") {
			t.Errorf("%s as %s", body, resp.Header.Get("Content-Type"))
		}
		if _, body = x.do(fetched(x.at(x.key) + "?callback=a.b")); !strings.HasPrefix(body, `/**/a.b({"versions":`) {
			t.Errorf("%s", body)
		}
		for _, bad := range []string{"alert(1)", "a;b", "<script>", "1a", strings.Repeat("a", 200), "a b"} {
			resp, body = x.do(fetched(x.at(x.key) + "?callback=" + url.QueryEscape(bad)))
			if resp.StatusCode != http.StatusUnprocessableEntity || strings.ContainsAny(body, "<;(") {
				t.Errorf("%s: %d %s", bad, resp.StatusCode, body)
			}
		}
		r := fetched(x.at(x.key))
		r.Method = http.MethodOptions
		r.Header.Set("Access-Control-Request-Method", "POST")
		if resp, _ = x.do(r); resp.StatusCode != http.StatusNoContent || !strings.Contains(resp.Header.Get("Access-Control-Allow-Methods"), "POST") {
			t.Errorf("%d %v", resp.StatusCode, resp.Header)
		}
		r = x.posted(x.key, `{"q0":{"query":"An"}}`) // a page of another site, with the key
		r.Header.Set("Origin", "https://reconciliation-api.github.io")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if resp, body = x.do(r); resp.StatusCode != http.StatusOK {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
		if resp, body = x.do(x.posted(x.key, `{}`)); resp.StatusCode != http.StatusOK || body != `{}` {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
	})
}

// TestKeys: without a token that may, nothing is asked, whoever else is signed in.
func TestKeys(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		x := open(t, db)
		ended, err := x.sessions.CreateToken(actor.With(t.Context(), x.admin), session.TokenDraft{
			Agency: "G24", Name: "Đã thôi", Scopes: []string{reconcileweb.Scope}, ExpiresAt: clock.System{}.Now().AddDate(0, 1, 0),
		})
		if err == nil {
			err = x.sessions.RevokeToken(actor.With(t.Context(), x.admin), ended.Token.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		for about, key := range map[string]string{"unknown": "dean06_x", "another scope": x.other, "revoked": ended.Text, "no key": "%20"} {
			for _, r := range []*http.Request{fetched(x.at(key)), x.posted(key, `{"q0":{"query":"An"}}`), fetched(x.at(key) + reconcile.SuggestType)} {
				r.Header.Set("Authorization", "Bearer "+x.key) // counts for nothing here
				resp, body := x.do(r)
				if resp.StatusCode != http.StatusNotFound || !strings.Contains(body, "Khóa trong địa chỉ") {
					t.Errorf("%s: %s: %d %s", about, r.Method, resp.StatusCode, body)
				}
			}
		}
		if len(x.asked) != 0 {
			t.Errorf("asked %d times", len(x.asked))
		}
	})
}

// TestBad: what cannot be answered is said in words, with its status.
func TestBad(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		x := open(t, db)
		form := func(body string) *http.Request {
			r := x.posted(x.key, "")
			r.Body = io.NopCloser(strings.NewReader(body))
			return r
		}
		for about, tt := range map[string]struct {
			r      *http.Request
			status int
			says   string
		}{
			"no JSON":      {x.posted(x.key, `{`), http.StatusUnprocessableEntity, "queries"},
			"no form":      {form("%zz"), http.StatusUnprocessableEntity, "queries"},
			"no queries":   {form("x=1"), http.StatusUnprocessableEntity, "queries"},
			"a large form": {form("queries=" + strings.Repeat("a", 2<<20)), http.StatusRequestEntityTooLarge, "50"},
			"a purpose that is none": {
				fetched("/reconcile/" + x.key + "/%3Cb%3E/F-1"), http.StatusUnprocessableEntity, "Mục đích",
			},
			"a file that is none": {fetched("/reconcile/" + x.key + "/2.000986/a%20b"), http.StatusUnprocessableEntity, "Mục đích"},
		} {
			resp, body := x.do(tt.r)
			var p web.Problem
			if err := json.Unmarshal([]byte(body), &p); err != nil || resp.StatusCode != tt.status || !strings.Contains(p.Detail, tt.says) {
				t.Errorf("%s: %d %s", about, resp.StatusCode, body)
			}
			if resp.Header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s: the page of the program cannot read why", about)
			}
		}
		for _, tt := range []struct {
			fail   error
			status int
		}{
			{fault.New(fault.Unavailable, "reconcile.getting_ready", nil), http.StatusServiceUnavailable},
			{fault.New(fault.Denied, "reconcile.vain", fault.Args{"missed": 1, "asked": 2}), http.StatusForbidden},
			{errors.New("secret of the house"), http.StatusInternalServerError},
		} {
			x.fail = tt.fail
			resp, body := x.do(x.posted(x.key, `{"q0":{"query":"An"}}`))
			later := resp.Header.Get("Retry-After") != ""
			if resp.StatusCode != tt.status || strings.Contains(body, "secret") || (tt.status == http.StatusServiceUnavailable) != later {
				t.Errorf("%v: %d %s", tt.fail, resp.StatusCode, body)
			}
		}
	})
}
