package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/assets"
	"dean06/internal/platform/web"
)

type site struct {
	handler http.Handler
	log     *bytes.Buffer
	metrics *web.Metrics
}

func newSite(t *testing.T, routes ...web.Route) *site {
	t.Helper()
	cat, err := i18n.Load(ui.Messages, web.Messages)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{log: new(bytes.Buffer), metrics: web.NewMetrics()}
	rt := web.NewRouter(web.Config{
		Log: slog.New(slog.NewJSONHandler(s.log, nil)), Messages: cat, Metrics: s.metrics,
		Frame: func(r *http.Request) ui.Frame {
			return ui.Frame{Node: ui.Node{Name: "Bảng thử"}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
		},
	})
	rt.Mount(routes...)
	s.handler = rt.Handler()
	return s
}

func (s *site) do(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w.Result()
}

func bodyOf(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func returning(err error) web.Handler {
	return func(http.ResponseWriter, *http.Request) error { return err }
}

func TestErrorsBecomePages(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		err    error
		status int
		text   string
	}{
		{"not found", fault.New(fault.NotFound, "web.not_found", nil), 404, "Không tìm thấy trang"},
		{"denied", fault.New(fault.Denied, "web.cross_origin", nil), 403, "Bạn không làm được việc này"},
		{"conflict", fault.New(fault.Conflict, "web.internal", nil), 409, "Hiện không làm được việc này"},
		{"unsigned", fault.New(fault.Unsigned, "web.internal", nil), 303, ""},
		{"wrapped", errors.Join(errors.New("x"), fault.New(fault.Invalid, "web.form.text", nil)), 422, "Có ký tự không đọc được"},
		{"internal", errors.New("secret: the password is 1234"), 500, "Mã tra cứu:"},
		{"too large", &http.MaxBytesError{Limit: 5 << 20}, 413, "5 MB"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, web.Route{Pattern: "GET /x", Handler: returning(c.err)})
			res := s.do(httptest.NewRequest("GET", "/x?secret=1", nil))
			got := bodyOf(t, res)
			if res.StatusCode != c.status {
				t.Errorf("got status %d, want %d", res.StatusCode, c.status)
			}
			if !strings.Contains(got, c.text) {
				t.Errorf("got page without %q: %s", c.text, got)
			}
			if strings.Contains(got, "secret: the") {
				t.Error("got an internal error shown to the reader")
			}
			if strings.Contains(s.log.String(), "secret=1") {
				t.Error("got the query in the log")
			}
		})
	}
}

func TestInternalErrorIsLoggedUnderItsReference(t *testing.T) {
	t.Parallel()
	s := newSite(t, web.Route{Pattern: "GET /x", Handler: returning(errors.New("disk gone"))})
	res := s.do(httptest.NewRequest("GET", "/x", nil))
	id := res.Header.Get("X-Request-Id")
	if page := bodyOf(t, res); id == "" || !strings.Contains(page, id) {
		t.Errorf("got page without the reference %q", id)
	}
	if log := s.log.String(); !strings.Contains(log, "disk gone") || !strings.Contains(log, id) {
		t.Errorf("got log %s, want the error and %s", log, id)
	}
}

func TestProblemJSON(t *testing.T) {
	t.Parallel()
	list := fault.List{fault.New(fault.Invalid, "web.form.text", nil).At("name"), fault.New(fault.Invalid, "web.form.broken", nil)}
	s := newSite(t, web.Route{Pattern: "POST /api/v1/x", Handler: returning(list)})
	r := httptest.NewRequest("POST", "/api/v1/x?lang=en", nil)
	res := s.do(r)
	if got, want := res.Header.Get("Content-Type"), "application/problem+json"; got != want {
		t.Errorf("got type %q, want %q", got, want)
	}
	var p web.Problem
	if err := json.Unmarshal([]byte(bodyOf(t, res)), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != 422 || len(p.Errors) != 2 || p.Errors[0].Field != "name" || p.Errors[0].Key != "web.form.text" {
		t.Errorf("got %+v, want both faults with status 422", p)
	}
	if want := "Something is not right"; p.Title != want {
		t.Errorf("got title %q, want %q", p.Title, want)
	}
}

func TestUnroutedRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t, web.Route{Pattern: "GET /only", Handler: returning(nil)})
	cases := []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/nowhere", 404, ""},
		{"POST", "/only", 405, "GET, HEAD"},
		{"GET", "/api/nowhere", 404, ""},
	}
	for _, c := range cases {
		res := s.do(httptest.NewRequest(c.method, c.path, nil))
		if res.StatusCode != c.status || res.Header.Get("Allow") != c.allow {
			t.Errorf("%s %s: got %d %q, want %d %q", c.method, c.path, res.StatusCode, res.Header.Get("Allow"), c.status, c.allow)
		}
		if bodyOf(t, res) == "" {
			t.Errorf("%s %s: got no body", c.method, c.path)
		}
	}
}

func TestPanicAndHalfPageAreNever200(t *testing.T) {
	t.Parallel()
	half := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, "<p>half")
		return errors.New("template broke")
	})
	s := newSite(t,
		web.Route{Pattern: "GET /half", Handler: func(w http.ResponseWriter, r *http.Request) error { return web.Render(w, r, 200, half) }},
		web.Route{Pattern: "GET /panic", Handler: func(http.ResponseWriter, *http.Request) error { panic("boom") }},
	)
	for _, path := range []string{"/half", "/panic"} {
		res := s.do(httptest.NewRequest("GET", path, nil))
		if got := bodyOf(t, res); res.StatusCode != 500 || strings.Contains(got, "<p>half") || strings.Contains(got, "boom") {
			t.Errorf("%s: got %d %s, want a clean error page", path, res.StatusCode, got)
		}
	}
}

func TestFailingSessionIsAnErrorPage(t *testing.T) {
	t.Parallel()
	cat, err := i18n.Load(ui.Messages, web.Messages)
	if err != nil {
		t.Fatal(err)
	}
	rt := web.NewRouter(web.Config{
		Log: slog.New(slog.DiscardHandler), Messages: cat,
		Frame: func(*http.Request) ui.Frame { panic("no session in context") },
		Within: []web.Middleware{func(http.Handler) http.Handler {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("store gone") })
		}},
	})
	w := httptest.NewRecorder()
	rt.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || !strings.Contains(w.Body.String(), "Mã tra cứu") {
		t.Errorf("got %d %s, want an error page", w.Code, w.Body)
	}
}

func TestMiddlewareWithinRunsInOrder(t *testing.T) {
	t.Parallel()
	cat, err := i18n.Load(ui.Messages, web.Messages)
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	mark := func(name string) web.Middleware {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				order = append(order, name+string(i18n.From(r.Context()).Lang))
				next.ServeHTTP(w, r)
			})
		}
	}
	rt := web.NewRouter(web.Config{
		Log: slog.New(slog.DiscardHandler), Messages: cat,
		Frame: func(*http.Request) ui.Frame { return ui.Frame{} }, Within: []web.Middleware{mark("session-"), mark("account-")},
	})
	rt.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/?lang=en", nil))
	if got, want := strings.Join(order, " "), "session-en account-en"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestErrorAfterTheAnswerBeganCutsTheConnection(t *testing.T) {
	t.Parallel()
	s := newSite(t, web.Route{Pattern: "GET /file", Handler: func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "first rows")
		return errors.New("second rows failed")
	}})
	srv := httptest.NewServer(s.handler)
	defer srv.Close()
	res, err := http.Get(srv.URL + "/file")
	if err == nil {
		_, err = io.ReadAll(res.Body)
		res.Body.Close()
	}
	if err == nil {
		t.Error("got a whole answer, want a cut connection")
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.do(httptest.NewRequest("GET", "/", nil)).Header
	if csp := h.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("got policy %q, want a strict one", csp)
	}
	if got := h.Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("got %q, want nosniff", got)
	}
}

func TestCrossOriginPostIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, web.Route{Pattern: "POST /x", Handler: func(w http.ResponseWriter, r *http.Request) error {
		return web.Redirect(w, r, "/")
	}})
	for site, want := range map[string]int{"cross-site": 403, "same-site": 403, "same-origin": 303, "none": 303} {
		r := httptest.NewRequest("POST", "/x", nil)
		r.Header.Set("Sec-Fetch-Site", site)
		if got := s.do(r).StatusCode; got != want {
			t.Errorf("%s: got %d, want %d", site, got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cases := []struct{ name, query, cookie, accept, want string }{
		{"nothing said", "", "", "", "vi"},
		{"browser English", "", "", "en-GB,en;q=0.9", "en"},
		{"browser French then Vietnamese", "", "", "fr, vi;q=0.8, en;q=0.5", "vi"},
		{"cookie beats browser", "", "vi", "en", "vi"},
		{"query beats cookie", "?lang=en", "vi", "", "en"},
		{"unknown query", "?lang=fr", "", "", "vi"},
	}
	for _, c := range cases {
		r := httptest.NewRequest("GET", "/nowhere"+c.query, nil)
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: "lang", Value: c.cookie})
		}
		r.Header.Set("Accept-Language", c.accept)
		if got := s.do(r).Header.Get("Content-Language"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFlashIsSaidOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, web.Route{Pattern: "POST /x", Handler: func(w http.ResponseWriter, r *http.Request) error {
		return web.RedirectWith(w, r, "/nowhere", "web.form.number", fault.Args{"text": "ba"})
	}})
	res := s.do(httptest.NewRequest("POST", "/x", nil))
	r := httptest.NewRequest("GET", "/nowhere", nil)
	for _, c := range res.Cookies() {
		r.AddCookie(c)
	}
	res = s.do(r)
	if got := bodyOf(t, res); !strings.Contains(got, "“ba” không phải là số nguyên") {
		t.Errorf("got page without the sentence: %s", got)
	}
	if c := res.Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("got cookies %v, want the flash removed", c)
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	read := func(w http.ResponseWriter, r *http.Request) error {
		if _, err := web.ReadForm(r); err != nil {
			return err
		}
		return web.Redirect(w, r, "/")
	}
	s := newSite(t, web.Route{Pattern: "POST /x", Handler: read, MaxBody: 100})
	for n, want := range map[int]int{10: 303, 500: 413} {
		r := httptest.NewRequest("POST", "/x", strings.NewReader(url.Values{"a": {strings.Repeat("x", n)}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if got := s.do(r).StatusCode; got != want {
			t.Errorf("%d bytes: got %d, want %d", n, got, want)
		}
	}
}

func TestMetricsUseRoutes(t *testing.T) {
	t.Parallel()
	s := newSite(t, web.Route{Pattern: "GET /people/{id}", Handler: returning(fault.New(fault.NotFound, "web.not_found", nil))})
	s.do(httptest.NewRequest("GET", "/people/079200000001", nil))
	w := httptest.NewRecorder()
	s.metrics.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	got := w.Body.String()
	if want := `http_request_seconds_count{method="GET",route="GET /people/{id}",status="404"} 1`; !strings.Contains(got, want) {
		t.Errorf("got metrics without %s", want)
	}
	if strings.Contains(got+s.log.String(), "079200000001") {
		t.Error("got a person's number in metrics or log")
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cases := []struct{ name, path, encoding, vary string }{
		{"page", "/nowhere", "gzip", "Accept-Encoding Accept-Language, Cookie"},
		{"asset, which every reader shares", assets.URL("app.css"), "br", "Accept-Encoding"},
	}
	for _, c := range cases {
		r := httptest.NewRequest("GET", c.path, nil)
		r.Header.Set("Accept-Encoding", "gzip, br")
		h := s.do(r).Header
		if got := h.Get("Content-Encoding"); got != c.encoding {
			t.Errorf("%s: got encoding %q, want %q", c.name, got, c.encoding)
		}
		vary := slices.Compact(slices.Sorted(slices.Values(h.Values("Vary"))))
		if got := strings.Join(vary, " "); got != c.vary {
			t.Errorf("%s: got Vary %q, want %q", c.name, got, c.vary)
		}
	}
}
