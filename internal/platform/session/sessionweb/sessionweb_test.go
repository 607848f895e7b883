package sessionweb_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/password"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/session"
	"dean06/internal/platform/session/sessionweb"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/throttle"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/web"
)

const goodPassword = "con meo treo cay cau"

func handler(t *testing.T, db *sqldb.DB) http.Handler {
	t.Helper()
	return handlerWith(t, db, session.Options{Node: "board"}, nil)
}

// handlerWith lets a test prepare the accounts.
func handlerWith(t *testing.T, db *sqldb.DB, o session.Options, prepare func(*session.Service)) http.Handler {
	t.Helper()
	ctx := context.Background()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, session.Migrate} {
		if err := migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
	}
	key := filepath.Join(t.TempDir(), "seal.key")
	o.Sealer = func(bool) (session.Sealer, error) { return pki.FileSealer(key) }
	service := session.New(db, clock.System{}, o)
	if err := service.Seed(ctx,
		session.SeedAccount{Password: goodPassword, Draft: session.Draft{
			Login: "quantri", Name: "Trần Thị Mẫu", Roles: []string{"administrator"},
		}},
		session.SeedAccount{Password: goodPassword, Draft: session.Draft{
			Login: "daumoi", Name: "Nguyễn Văn Mẫu", Agency: "H55", Roles: []string{"focal_point"},
		}},
	); err != nil {
		t.Fatal(err)
	}
	if prepare != nil {
		prepare(service)
	}
	frame := func(r *http.Request) ui.Frame {
		f := ui.Frame{Node: ui.Node{Name: "Bảng theo dõi Đề án 06"}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
		if id, ok := session.From(r.Context()); ok {
			f.Viewer = ui.Viewer{SignedIn: true, Name: id.Name}
		}
		return f
	}
	pages := &sessionweb.Pages{
		Service: service, Frame: frame,
		Roles: []sessionweb.Choice{
			{Code: "administrator", Key: "session.page.accounts"},
			{Code: "focal_point", Key: "session.page.agency"},
			{Code: "registrar", Key: "session.page.tokens"},
			{Code: "citizen", Key: "session.page.name"},
		},
		Scopes: []sessionweb.Choice{{Code: "returns.read", Key: "session.page.tokens"}},
		Agencies: func(context.Context) ([]sessionweb.Agency, error) {
			return []sessionweb.Agency{{Code: "H55", Name: "Tỉnh Thái Nguyên"}, {Code: "G14", Name: "Bộ Tư pháp"}}, nil
		},
		Demo: []sessionweb.DemoAccount{{Login: "quantri", Password: goodPassword, RoleKey: "session.page.accounts"}},
	}
	cat, err := i18n.Load(ui.Messages, web.Messages, password.Messages, throttle.Messages, session.Messages)
	if err != nil {
		t.Fatal(err)
	}
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: cat, Frame: frame, Within: []web.Middleware{service.Load}})
	rt.Mount(pages.Routes()...)
	rt.Mount(web.Route{Pattern: "GET /{$}", Handler: session.Require(func(w http.ResponseWriter, r *http.Request) error {
		_, err := io.WriteString(w, "home of "+r.URL.Query().Get("x"))
		return err
	})})
	return rt.Handler()
}

// browser keeps cookies, follows redirects and looks at every page.
type browser struct {
	t    *testing.T
	base string
	c    *http.Client
	at   string // where it is
	body string
}

func open(t *testing.T, base string) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, base: base, c: &http.Client{Jar: jar}}
}

func (b *browser) do(status int, method, path string, fields ...string) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	req, err := http.NewRequest(method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == "POST" {
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
	b.at, b.body = res.Request.URL.RequestURI(), string(raw)
	if res.StatusCode != status {
		b.t.Fatalf("%s %s: status %d at %s, want %d\n%s", method, path, res.StatusCode, b.at, status, b.text())
	}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		for _, fault := range uitest.Markup(b.body) {
			b.t.Errorf("%s %s: %s", method, path, fault)
		}
	}
}

func (b *browser) get(path string) { b.t.Helper(); b.do(200, "GET", path) }
func (b *browser) post(path string, fields ...string) {
	b.t.Helper()
	b.do(200, "POST", path, fields...)
}

var main = regexp.MustCompile(`(?s)<main.*</main>`)

func (b *browser) text() string { return main.FindString(b.body) }

func (b *browser) find(pattern string) string {
	b.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(b.body)
	if m == nil {
		b.t.Fatalf("%s: nothing fits %s\n%s", b.at, pattern, b.text())
	}
	return m[len(m)-1]
}

func (b *browser) isAt(want string) {
	b.t.Helper()
	if b.at != want {
		b.t.Fatalf("at %s, want %s\n%s", b.at, want, b.text())
	}
}

func TestJourney(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		srv := httptest.NewServer(handler(t, db))
		t.Cleanup(srv.Close)
		admin := open(t, srv.URL)
		admin.get("/?x=1&lang=vi")
		admin.isAt("/sign-in?next=%2F%3Fx%3D1%26lang%3Dvi")
		admin.do(422, "POST", "/sign-in", "login", "quantri", "password", "sai", "next", "/?x=1")
		got := admin.find(`id="login"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*id="login"`)
		if got == "" && !strings.Contains(admin.body, `value="quantri"`) {
			t.Error("the login is lost")
		}
		admin.find(`Tên đăng nhập hoặc mật khẩu không đúng`)
		admin.post("/sign-in", "login", "quantri", "password", goodPassword, "next", "/?x=1")
		admin.isAt("/?x=1")
		admin.get("/sign-in?next=/account")
		admin.isAt("/account")
		for _, page := range []string{
			"/account", "/account/password", "/account/code/off", "/accounts", "/accounts?q=mau", "/accounts?q=khongco", "/accounts/new",
			"/accounts/tokens", "/account?lang=en", "/accounts/new?lang=en", "/accounts/tokens?lang=en", "/account?lang=vi",
		} {
			admin.get(page)
		}

		// A new account, refused first, then made; its password is shown once.
		admin.do(422, "POST", "/accounts/new", "login", "Có dấu", "name", "", "email", "x", "agency", "H55")
		for _, want := range []string{"#login", "#name", "#email", "#roles", `value="có dấu"|value="Có dấu"`, `value="H55" selected`} {
			admin.find(want)
		}
		admin.do(422, "POST", "/accounts/new", "login", "canbo", "name", "Lê Thị Mẫu", "agency", "X99", "roles", "focal_point")
		admin.do(422, "POST", "/accounts/new", "login", "canbo", "name", "Lê Thị Mẫu", "roles", "king")
		admin.do(409, "POST", "/accounts/new", "login", "daumoi", "name", "Lê Thị Mẫu", "roles", "focal_point")
		admin.post("/accounts/new", "login", "canbo", "name", "Lê Thị Mẫu", "agency", "G14", "roles", "focal_point")
		once := admin.find(`<code[^>]*>([^<]+)</code>`)

		user := open(t, srv.URL)
		user.post("/sign-in", "login", "canbo", "password", once, "next", "https://evil.example/")
		user.isAt("/account/password")
		user.do(200, "GET", "/accounts") // leads back to the step that is missing
		user.isAt("/account/password?next=%2Faccounts")
		user.do(422, "POST", "/account/password", "current_password", once, "new_password", "ngắn", "repeat_password", "ngắn")
		user.do(422, "POST", "/account/password", "current_password", once, "new_password", goodPassword, "repeat_password", "khác")
		user.post("/account/password", "current_password", once, "new_password", goodPassword, "repeat_password", goodPassword, "next", "/?x=2")
		user.isAt("/?x=2")
		for _, path := range []string{"/accounts", "/accounts/new", "/accounts/tokens", "/accounts/none"} {
			user.do(403, "GET", path)
		}
		for _, path := range []string{
			"/accounts/new", "/accounts/none", "/accounts/none/reset", "/accounts/tokens", "/accounts/tokens/none/revoke",
		} {
			user.do(403, "POST", path, "login", "x")
			open(t, srv.URL).do(401, "POST", path, "login", "x")
		}

		// Editing: a stale form is told so.
		admin.get("/accounts?q=canbo")
		edit := admin.find(`href="(/accounts/[0-9a-f-]{36})"`)
		admin.get(edit)
		version := admin.find(`name="version" value="(\d+)"`)
		admin.post(edit, "version", version, "login", "canbo", "name", "Lê Thị Mẫu", "agency", "H55", "roles", "focal_point", "active", "yes")
		admin.find("Đã lưu tài khoản canbo")
		admin.do(409, "POST", edit, "version", version, "login", "canbo", "name", "Lê Thị Mẫu", "roles", "focal_point", "active", "yes")
		user.do(200, "GET", "/account") // the agency changed: signed out
		user.isAt("/sign-in?next=%2Faccount")

		// The second factor.
		user.post("/sign-in", "login", "canbo", "password", goodPassword)
		user.get("/account/code/begin")
		user.do(422, "POST", "/account/code/begin", "password", "sai")
		user.post("/account/code/begin", "password", goodPassword)
		user.isAt("/account/code?next=%2Faccount")
		secret := strings.ReplaceAll(user.find(`<strong>([A-Z2-7 ]{20,})</strong>`), " ", "")
		user.get("/account/code.png")
		user.do(422, "POST", "/account/code", "code", "000000x")
		code, err := totp.GenerateCode(secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		user.post("/account/code", "code", code)
		recovery := user.find(`<strong>([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</strong>`)
		user.post("/sign-out")
		user.isAt("/sign-in")
		user.post("/sign-in", "login", "canbo", "password", goodPassword, "next", "/account")
		user.isAt("/sign-in/code?next=%2Faccount")
		user.get("/account/password")
		user.isAt("/sign-in/code?next=%2Faccount%2Fpassword")
		user.do(422, "POST", "/sign-in/code", "code", code, "next", "/account") // used already
		user.post("/sign-in/code", "code", recovery, "next", "/account")
		user.isAt("/account")
		user.find("Còn 9 mã")
		user.get("/account/code/recovery")
		user.do(422, "POST", "/account/code/recovery", "password", "sai")
		user.post("/account/code/recovery", "password", goodPassword)
		user.find(`<strong>([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</strong>`)
		user.get("/account")
		user.find("Còn 10 mã")
		user.do(422, "POST", "/account/code/off", "password", "sai")
		user.post("/account/code/off", "password", goodPassword)
		user.find("Đã tắt xác thực hai bước")
		user.post("/account/sessions/end-others")
		admin.post(edit + "/reset")
		admin.find(`<code[^>]*>([^<]+)</code>`)
		user.do(200, "GET", "/account")
		user.isAt("/sign-in?next=%2Faccount")

		// A token.
		admin.do(422, "POST", "/accounts/tokens", "name", "Cổng", "expires-day", "31", "expires-month", "2", "expires-year", "2026")
		admin.find("#expires")
		day := time.Now().AddDate(0, 1, 0)
		admin.post("/accounts/tokens", "name", "Cổng dịch vụ công", "agency", "H55", "scopes", "returns.read",
			"expires-day", day.Format("2"), "expires-month", day.Format("1"), "expires-year", day.Format("2006"))
		admin.find(`<code[^>]*>(dean06_[^<]+)</code>`)
		admin.get("/accounts/tokens")
		admin.post(admin.find(`action="(/accounts/tokens/[^"]+/revoke)"`))
		admin.isAt("/accounts/tokens")
		if _, err := audit.Verify(t.Context(), db); err != nil {
			t.Error(err)
		}
	})
}

func TestNobodyIsSentElsewhere(t *testing.T) {
	t.Parallel()
	h := handler(t, sqldbtest.OpenSQLite(t))
	for _, next := range []string{
		"https://evil.example/", "//evil.example/", `/\evil.example`, "javascript:alert(1)", "/\tx", "%2F%2Fevil", "evil",
		"/sign-in?next=/", "", "///evil",
	} {
		w := httptest.NewRecorder()
		form := url.Values{"login": {"quantri"}, "password": {goodPassword}, "next": {next}}
		r := httptest.NewRequest("POST", "/sign-in", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Location"); w.Code != 303 || got != "/" {
			t.Errorf("next=%q leads to %q (%d)", next, got, w.Code)
		}
	}
}

func TestPausedSignInKeepsTheForm(t *testing.T) {
	t.Parallel()
	h := handler(t, sqldbtest.OpenSQLite(t))
	var w *httptest.ResponseRecorder
	for range 6 {
		w = httptest.NewRecorder()
		r := httptest.NewRequest("POST", "/sign-in", strings.NewReader("login=khongco&password=x"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		h.ServeHTTP(w, r)
	}
	if w.Code != 429 || !strings.Contains(w.Body.String(), `value="khongco"`) || !strings.Contains(w.Body.String(), "nhập sai nhiều lần") {
		t.Errorf("status %d\n%s", w.Code, w.Body.String())
	}
}
