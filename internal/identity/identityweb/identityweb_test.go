package identityweb_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/identity/identityweb"
	"dean06/internal/identity/passkey"
	"dean06/internal/identity/provider"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/password"
	"dean06/internal/platform/throttle"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/web"
)

const (
	good  = "con mèo trèo cây cau"
	other = "bưởi chua hơn khế ngọt"
)

// house is the pages of a world, served.
type house struct {
	*identitytest.World
	t       *testing.T
	base    string // "http://localhost:…", for keys
	waiting *waiting
	mother  identity.Account
	routes  []web.Route
}

// waiting stands in for the provider.
type waiting struct {
	w    *identitytest.World
	want provider.Want
	id   string
}

// Waiting gives the request.
func (w *waiting) Waiting(r *http.Request, id string) (identity.Request, provider.Want, error) {
	if id != w.id || w.id == "" {
		return identity.Request{}, provider.Want{}, fault.New(fault.NotFound, "identity.unknown", nil)
	}
	req, err := w.w.Store.Request(r.Context(), id)
	return req, w.want, err
}

type looks struct{}

// Looked are two lines.
func (looks) Looked(context.Context, actor.Actor, citizen.Number) ([]identityweb.Look, error) {
	at := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	return []identityweb.Look{{At: at, Who: "UBND xã Đại Từ", Why: "Đăng ký khai sinh"}}, nil
}

type matters struct{}

// Common are two procedures.
func (matters) Common() []string { return []string{"1.001193", "1.004222"} }

// Called names what there is.
func (matters) Called(_ context.Context, code string) string {
	return map[string]string{
		"1.001193": "Đăng ký khai sinh", "1.004222": "Đăng ký thường trú", "1.010041": "Khai báo tạm vắng",
	}[code]
}

func build(t *testing.T) *house {
	t.Helper()
	h := &house{World: identitytest.NewWorld(nil), t: t}
	var handler http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	h.base = strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
	keys, err := passkey.New(h.base, "Định danh điện tử")
	h.must(err)
	h.Service.Keys, h.Service.Settings.Issuer = keys, h.base
	h.waiting = &waiting{w: h.World}
	pages := &identityweb.Pages{
		Service: h.Service, Waiting: h.waiting, Looks: looks{}, Matters: matters{},
		Frame: func(r *http.Request) ui.Frame {
			return ui.Frame{Node: ui.Node{Name: "Cơ quan quản lý định danh"}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
		},
		Address: func(r *http.Request) string { return "203.0.113.9" },
		Demo:    []identityweb.DemoHolder{{Number: identitytest.Mother.Number.Reveal(), Password: good, Name: identitytest.Mother.Name, At: nil}},
	}
	cat, err := i18n.Load(ui.Messages, web.Messages, password.Messages, throttle.Messages, citizen.Messages, identity.Messages, identityweb.Messages)
	h.must(err)
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: cat, Frame: pages.Frame})
	h.routes = pages.Routes()
	rt.Mount(h.routes...)
	rt.Handle("GET /oauth/continue/{id}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "service goes on with "+r.PathValue("id"))
	}))
	handler = rt.Handler()
	h.mother = h.Give(t, identitytest.Mother, identity.Two)
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// withPassword gives an account a password.
func (h *house) withPassword(a identity.Account, text string) {
	h.t.Helper()
	b := identity.Browser{ID: "enrolment", Address: "203.0.113.9"}
	var out identity.Entered
	h.must(h.Store.InTx(h.t.Context(), func(tx identity.Tx) error {
		var err error
		out, err = h.FirstSignIn(h.t.Context(), tx, a, b)
		return err
	}))
	set, err := h.SetPassword(h.t.Context(), out.SignedIn, text, b)
	h.must(err)
	h.must(h.EndSession(h.t.Context(), set.SignedIn, set.Session.ID, b))
}

// sent is the last code that was sent.
func (h *house) sent(a identity.Account) string {
	h.t.Helper()
	code := ""
	for _, l := range h.Teller.Letters(a.Value(identity.FieldEmail)) {
		if c := l.Args["code"]; c != "" {
			code = c
		}
	}
	if code == "" {
		h.t.Fatal("no code was sent")
	}
	return code
}

// request lets a service wait for a sign-in.
func (h *house) request(want provider.Want) string {
	h.t.Helper()
	client := identity.Client{
		ID: "c-1", Owner: "H55", State: identity.ClientApproved, Name: identity.Text{Vi: "Cổng dịch vụ công Thái Nguyên", En: "Thái Nguyên public services"},
		RedirectURIs: []string{"https://dichvucong.example.vn/back"},
		Purposes: []identity.Purpose{
			{
				Code: "prefill", Text: identity.Text{Vi: "Điền sẵn hồ sơ", En: "Fill in your forms"}, Basis: "Nghị định 61/2018/NĐ-CP",
				Claims: []string{"name", "birthdate"}, Days: 180,
			},
			{
				Code: "notice", Text: identity.Text{Vi: "Báo kết quả", En: "Tell you of results"}, Basis: "Nghị định 61/2018/NĐ-CP",
				Claims: []string{"email"},
			},
		},
	}
	now := h.Clock.Now()
	id := h.NewID()
	h.must(h.Store.InTx(h.t.Context(), func(tx identity.Tx) error {
		if _, err := tx.Client(h.t.Context(), client.ID); fault.Of(err) == fault.NotFound {
			if err := tx.SaveClient(h.t.Context(), client); err != nil {
				return err
			}
		}
		return tx.AddRequest(h.t.Context(), identity.Request{
			ID: id, Client: client.ID, State: identity.RequestOpen, CreatedAt: now, OpenedAt: now, ExpiresAt: now.Add(20 * time.Minute),
			Params: map[string]string{"scope": "openid profile email", "redirect_uri": "https://dichvucong.example.vn/back"},
		})
	}))
	want.Client = client
	if want.Agree {
		want.Needs = client.Needs([]string{"name", "birthdate", "email"}, nil)
	}
	h.waiting.id, h.waiting.want = id, want
	return id
}

// agreeing lets the request that waits lack nothing but consents.
func (h *house) agreeing() {
	client := h.waiting.want.Client
	h.waiting.want = provider.Want{Agree: true, Client: client, Needs: client.Needs([]string{"name", "birthdate", "email"}, nil), Offline: true}
}

// browser keeps cookies, follows redirects and looks at every page. It runs no scripts.
type browser struct {
	t    *testing.T
	base string
	c    *http.Client
	at   string
	body string
	head http.Header
}

func (h *house) open() *browser {
	jar, err := cookiejar.New(nil)
	h.must(err)
	return &browser{t: h.t, base: h.base, c: &http.Client{Jar: jar}}
}

func (b *browser) do(status int, method, path string, fields ...string) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.c.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.at, b.body, b.head = res.Request.URL.RequestURI(), string(raw), res.Header
	if res.StatusCode != status {
		b.t.Fatalf("%s %s: status %d at %s, want %d\n%s", method, path, res.StatusCode, b.at, status, b.main())
	}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		for _, f := range uitest.Markup(b.body) {
			b.t.Errorf("%s %s: %s", method, path, f)
		}
		if n := identitytest.Mother.Number.Reveal(); strings.Contains(b.at, n) {
			b.t.Errorf("the number stands in the address %s", b.at)
		}
	}
}

func (b *browser) get(path string) { b.t.Helper(); b.do(200, http.MethodGet, path) }

func (b *browser) post(path string, fields ...string) {
	b.t.Helper()
	b.do(200, http.MethodPost, path, fields...)
}

var mainOf = regexp.MustCompile(`(?s)<main.*</main>`)

func (b *browser) main() string { return mainOf.FindString(b.body) }

func (b *browser) find(pattern string) string {
	b.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(b.body)
	if m == nil {
		b.t.Fatalf("%s: nothing fits %s\n%s", b.at, pattern, b.main())
	}
	return m[len(m)-1]
}

func (b *browser) isAt(want string) {
	b.t.Helper()
	if b.at != want {
		b.t.Fatalf("at %s, want %s\n%s", b.at, want, b.main())
	}
}

// sendSignIn types number and password.
func (b *browser) signIn(fields ...string) {
	b.t.Helper()
	b.post("/identity/sign-in", append([]string{"number", identitytest.Mother.Number.Reveal(), "password", good}, fields...)...)
}

// TestWithoutScripts walks the holder's pages with nothing but forms.
func TestWithoutScripts(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.withPassword(h.mother, good)
	b := h.open()
	b.get("/identity/devices")
	b.isAt("/identity/sign-in?next=%2Fidentity%2Fdevices")
	b.do(422, "POST", "/identity/sign-in", "number", "123", "password", "x")
	b.find(`id="number-error"`)
	b.do(422, "POST", "/identity/sign-in", "number", identitytest.Mother.Number.Reveal(), "password", "sai")
	b.find(`Số hoặc mật khẩu không đúng`)
	b.signIn("next", "/identity/devices")
	b.isAt("/identity/devices")
	for _, lang := range []string{"vi", "en"} {
		for _, path := range []string{
			"/identity", "/identity/devices", "/identity/sessions", "/identity/security", "/identity/consents", "/identity/acting", "/identity/log", "/identity/vouch",
		} {
			b.get(path + "?lang=" + lang)
			if m := regexp.MustCompile(`identity\.[a-z_.]+`).FindString(b.main()); m != "" {
				t.Errorf("%s in %s shows the code %s", path, lang, m)
			}
		}
	}
	b.get("/identity?lang=vi")

	// A change asks for more than the password.
	b.get("/identity/security/password")
	b.isAt("/identity/again?next=%2Fidentity%2Fsecurity%2Fpassword")
	b.do(422, "POST", "/identity/sign-in", "again", "1", "next", "/identity/security/password", "password", "sai")
	b.post("/identity/sign-in", "again", "1", "next", "/identity/security/password", "password", good)
	answers := b.find(`name="answers" value="([^"]+)"`)
	b.do(422, "POST", "/identity/code", "answers", answers, "again", "1", "next", "/identity/security/password", "code", "000000x")
	b.post("/identity/code", "answers", answers, "again", "1", "next", "/identity/security/password", "code", h.sent(h.mother))
	b.isAt("/identity/security/password")
	b.do(422, "POST", "/identity/security/password", "new_password", "matkhau123456", "repeat_password", "matkhau123456")
	b.do(422, "POST", "/identity/security/password", "new_password", other, "repeat_password", good)
	b.post("/identity/security/password", "new_password", other, "repeat_password", other)
	b.isAt("/identity/security")
	b.post("/identity/security/recovery")
	code := b.find(`<strong>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</strong>`)
	b.post("/identity/security/code/begin")
	b.isAt("/identity/security/code")
	b.do(422, "POST", "/identity/security/code", "code", "123")
	h.Give(t, identitytest.Father, identity.Two)
	b.do(422, "POST", "/identity/security/trust", "number", "001099000001")
	b.post("/identity/security/trust", "number", identitytest.Father.Number.Reveal())
	b.find("Nguyễn Văn Cha")
	b.get("/identity/log")
	b.find("Đặt mật khẩu")
	b.find("UBND xã Đại Từ")
	b.post("/identity/sign-out")
	b.isAt("/identity/left")
	b.get("/identity")
	b.isAt("/identity/sign-in?next=%2Fidentity")

	// The way back by a code, at another browser.
	lost := h.open()
	lost.get("/identity/recover")
	lost.get("/identity/recover/code")
	lost.do(422, "POST", "/identity/recover/code", "kind", "citizen", "number", identitytest.Mother.Number.Reveal(), "code", "aaaa-bbbb-cccc")
	lost.post("/identity/recover/code", "kind", "citizen", "number", identitytest.Mother.Number.Reveal(), "code", code)
	lost.isAt("/identity/security")
	lost.get("/identity/recover/trust")
	lost.post("/identity/recover/trust", "kind", "citizen", "number", identitytest.Granny.Number.Reveal())
	lost.find(`<strong>[a-z2-9]{4}-[a-z2-9]{4}</strong>`)
	lost.do(409, "POST", "/identity/recover/trust/enter")
	for _, next := range []string{"https://evil.example", "//evil.example", "/identityevil", `/identity\evil`, "/oauth/authorize"} {
		lost.get("/identity/sign-in?next=" + url.QueryEscape(next))
		lost.isAt("/identity")
	}
}

// TestEntrance leads through what a service may want.
func TestEntrance(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.withPassword(h.mother, good)
	b := h.open()
	id := h.request(provider.Want{SignIn: true, Level: identity.Two})
	b.get("/identity/sign-in?for=" + id)
	b.find("Cổng dịch vụ công Thái Nguyên")
	b.find("dichvucong.example.vn")
	b.signIn("for", id)
	b.post("/identity/code", "answers", b.find(`name="answers" value="([^"]+)"`), "for", id, "code", h.sent(h.mother))
	if got := b.head.Get("Refresh"); got != "0;url=/oauth/continue/"+id {
		t.Errorf("onward by %q", got)
	}
	b.get("/oauth/continue/" + id)

	h.agreeing()
	b.get("/identity/agree?for=" + id)
	b.find("họ và tên, ngày sinh")
	if csp := b.head.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("the page of consents can be framed: %s", csp)
	}
	b.post("/identity/agree", "for", id, "do", "yes", "purpose", "prefill")
	req, err := h.Store.Request(t.Context(), id)
	h.must(err)
	if !req.Decided || len(req.Purposes) != 1 || req.Purposes[0] != "prefill" {
		t.Errorf("agreed to %v", req.Purposes)
	}
	b.get("/identity/consents")
	b.find("Điền sẵn hồ sơ")
	b.post("/identity/consents/withdraw", "consent", b.find(`name="consent" value="([^"]+)"`))
	b.find("Đã rút lại")

	second := h.request(provider.Want{Agree: true})
	b.post("/identity/agree", "for", second, "do", "no")
	if req, err = h.Store.Request(t.Context(), second); err != nil || !req.Refused {
		t.Errorf("declined: %v, %v", req.Refused, err)
	}
	b.do(404, "GET", "/identity/agree?for=another")
	b.do(404, "POST", "/identity/agree", "for", "another", "do", "yes")
	b.do(404, "GET", "/identity/sign-in?for=another")

	// A form on another site.
	evil, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.base+"/identity/agree", strings.NewReader("for="+second+"&do=yes"))
	h.must(err)
	evil.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	evil.Header.Set("Origin", "https://evil.example")
	evil.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := b.c.Do(evil)
	h.must(err)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("a form on another site: status %d", res.StatusCode)
	}
}

// TestEnrolAndSuspend opens an account at home, and closes it.
func TestEnrolAndSuspend(t *testing.T) {
	t.Parallel()
	h := build(t)
	b := h.open()
	b.get("/identity/sign-in")
	b.find(`href="/identity/enrol`)
	b.get("/identity/enrol")
	b.do(422, "POST", "/identity/enrol", "number", "12", "name", "", "birth-year", "x", "address", "nowhere")
	for _, field := range []string{"number", "birth", "address"} {
		b.find(`id="` + field + `-error"`)
	}
	claim := func(p identity.Facts, year string) []string {
		return []string{
			"number", p.Number.Reveal(), "name", p.Name, "birth-day", "12", "birth-month", "12", "birth-year", year, "address", "khac@example.vn",
		}
	}
	open := func(year string) string {
		t.Helper()
		b.post("/identity/enrol", claim(identitytest.Other, year)...)
		letters := h.Teller.Letters("khac@example.vn")
		return letters[len(letters)-1].Args["code"]
	}
	code := open("1991") // not the year of the register
	b.do(422, "POST", "/identity/enrol/code", "state", b.find(`name="state" value="([^"]+)"`), "to", "khac@example.vn", "code", code)
	b.find("Chưa mở được tài khoản")
	code = open("1992")
	state := b.find(`name="state" value="([^"]+)"`)
	b.do(422, "POST", "/identity/enrol/code", "state", state, "code", "x")
	b.post("/identity/enrol/code", "state", state, "code", code)
	b.isAt("/identity/devices")
	b.find("Đã mở tài khoản mức độ 1")
	b.post("/identity/security/password", "new_password", good, "repeat_password", good)
	b.isAt("/identity/security")
	a, _, err := h.Store.ByHolder(t.Context(), identity.OfCitizen(identitytest.Other.Number))
	h.must(err)
	_, err = h.Inspect(t.Context(), identitytest.Operator, a.ID, "Khiếu nại số 5")
	h.must(err)
	b.get("/identity/log")
	b.find("xem tình trạng tài khoản: Khiếu nại số 5")
	b.find("UBND xã Đại Từ")
	b.do(422, "POST", "/identity/lost")
	b.find("Hãy chọn đã mất gì")
	b.do(404, "POST", "/identity/lost", "what", "another")
	b.post("/identity/lost", "what", "card")
	b.find("Thứ bị mất không mở được gì nữa")
	b.get("/identity/log")
	b.find("Báo mất thẻ hoặc thiết bị")
	b.post("/identity/suspend")
	b.find("Đã tạm khóa tài khoản")
	b.get("/identity")
	b.isAt("/identity/sign-in?next=%2Fidentity")
	b.do(403, "POST", "/identity/sign-in", "number", identitytest.Other.Number.Reveal(), "password", good)
	b.find("đang tạm khóa")
}
