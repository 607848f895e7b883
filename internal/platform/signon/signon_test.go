package signon_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/oauth"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/session"
	"dean06/internal/platform/session/sessionweb"
	"dean06/internal/platform/signon"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

const client = "tthc-thainguyen"

// provider is one that says what a test lets it say.
type provider struct {
	*httptest.Server

	t      *testing.T
	key    oauth.Key
	node   oauth.Keys // by which it knows the node
	pushed url.Values
	away   bool
	issuer string         // what it says to be; "" the truth
	change map[string]any // of the claims of its tokens
	signer oauth.Key      // of its tokens; its own when zero
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := oauth.NewKey(oauth.ES256)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.away {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	issuer := p.URL
	if p.issuer != "" {
		issuer = p.issuer
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		p.say(w, 200, map[string]string{
			"issuer": issuer, "authorization_endpoint": p.URL + "/authorize", "pushed_authorization_request_endpoint": p.URL + "/par",
			"token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/jwks", "end_session_endpoint": p.URL + "/logout",
		})
	case "/jwks":
		p.say(w, 200, oauth.Keys{p.key.Public()})
	case "/par", "/token":
		if err := r.ParseForm(); err != nil {
			p.t.Error(err)
		}
		_, err := oauth.CheckAssertion(r.PostForm.Get("client_assertion"), oauth.AssertionCheck{
			Client: client, Audiences: []string{p.URL}, Keys: p.node, Now: time.Now(),
		})
		if err != nil {
			p.say(w, 401, map[string]string{"error": oauth.InvalidClient})
			return
		}
		if r.URL.Path == "/par" {
			p.pushed = r.PostForm
			p.say(w, 201, map[string]any{"request_uri": "urn:ietf:params:oauth:request_uri:1", "expires_in": 60})
			return
		}
		if !oauth.Proves(r.PostForm.Get("code_verifier"), p.pushed.Get("code_challenge")) || r.PostForm.Get("code") != "code" {
			p.say(w, 400, map[string]string{"error": oauth.InvalidGrant})
			return
		}
		p.say(w, 200, map[string]string{"id_token": p.token(oauth.TypeToken, nil), "token_type": "Bearer"})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// token is an ID token that fits, but for what the test changed.
func (p *provider) token(typ string, more map[string]any) string {
	now := time.Now()
	c := map[string]any{
		"iss": p.URL, "sub": "sub-1", "aud": client, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "sid": "sid-1",
	}
	if typ == oauth.TypeToken {
		c["nonce"], c["acr"], c["name"], c["identity_number"] = p.pushed.Get("nonce"), "LoA2", "Nguyễn Thị Hoa", "019194000102"
	}
	for _, m := range []map[string]any{more, p.change} {
		for k, v := range m {
			c[k] = v
		}
	}
	key := p.signer
	if key.Signer == nil {
		key = p.key
	}
	token, err := key.Sign(typ, c)
	if err != nil {
		p.t.Fatal(err)
	}
	return token
}

func (p *provider) say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

// world is a node with a provider and a browser.
type world struct {
	t        *testing.T
	provider *provider
	node     *httptest.Server
	sessions *session.Service
	browser  *http.Client
}

func open(t *testing.T, db *sqldb.DB) *world {
	t.Helper()
	return openWith(t, db, session.Role{Code: "citizen", Bound: true})
}

func openWith(t *testing.T, db *sqldb.DB, roles ...session.Role) *world {
	t.Helper()
	ctx := context.Background()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, session.Migrate} {
		if err := migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
	}
	w := &world{t: t, provider: newProvider(t)}
	w.sessions = session.New(db, clock.System{}, session.Options{Node: "agency", Roles: roles})
	var h http.Handler
	w.node = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { h.ServeHTTP(rw, r) }))
	t.Cleanup(w.node.Close)
	key, err := oauth.NewKey(oauth.ES256)
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := pki.FileSealer(filepath.Join(t.TempDir(), "begun.key"))
	if err != nil {
		t.Fatal(err)
	}
	w.provider.node = oauth.Keys{key.Public()}
	door := signon.New(signon.Options{
		Issuer: w.provider.URL, Client: client, URL: w.node.URL, Node: "agency", Key: key, Sealer: sealer, Clock: clock.System{},
		Claims: []string{"name", "identity_number"},
	}, w.sessions)
	frame := func(r *http.Request) ui.Frame {
		f := ui.Frame{Node: ui.Node{Name: "Một cửa"}}
		if id, ok := session.From(r.Context()); ok {
			f.Viewer = ui.Viewer{SignedIn: true, Name: id.Name}
		}
		return f
	}
	pages := &sessionweb.Pages{Service: w.sessions, Frame: frame, Identity: door}
	catalogue, err := i18n.Load(session.Messages, ui.Messages, web.Messages, signon.Messages)
	if err != nil {
		t.Fatal(err)
	}
	rt := web.NewRouter(web.Config{
		Log: slog.New(slog.DiscardHandler), Messages: catalogue, Frame: frame, Metrics: web.NewMetrics(),
		Within: []web.Middleware{w.sessions.Load}, Leads: []string{door.Origin()},
		Known: func(ctx context.Context) bool { return !actor.From(ctx).Nobody() },
	})
	rt.Handle("POST "+signon.LogoutPath, door.Logout())
	rt.Mount(append(pages.Routes(), door.Routes()...)...)
	h = rt.Handler()
	w.browser = w.newBrowser()
	return w
}

func (w *world) newBrowser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// get gives the status, where it leads, and the page.
func (w *world) get(path string) (status int, to, page string) {
	w.t.Helper()
	res, err := w.browser.Get(w.node.URL + path)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.read(res)
}

func (w *world) read(res *http.Response) (int, string, string) {
	w.t.Helper()
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Location"), string(body)
}

// begin goes to the provider, and gives the answer that it would send the browser back with.
func (w *world) begin(path string) url.Values {
	w.t.Helper()
	status, to, page := w.get(path)
	if status != http.StatusSeeOther || !strings.HasPrefix(to, w.provider.URL+"/authorize?") {
		w.t.Fatalf("begin: %d %q\n%s", status, to, page)
	}
	if strings.Contains(to, "state") || strings.Contains(to, "nonce") {
		w.t.Errorf("%s says what was pushed", to)
	}
	return url.Values{"code": {"code"}, "state": {w.provider.pushed.Get("state")}, "iss": {w.provider.URL}}
}

func (w *world) back(answer url.Values) (int, string, string) {
	w.t.Helper()
	return w.get(signon.Path + "/callback?" + answer.Encode())
}

func (w *world) signedIn() bool {
	w.t.Helper()
	status, _, page := w.get(ui.AccountPath)
	return status == 200 && strings.Contains(page, "Nguyễn Thị Hoa")
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := open(t, db)
		answer := w.begin(signon.Path + "?level=2&next=" + url.QueryEscape("/account?x=1"))
		if got := w.provider.pushed; got.Get("acr_values") != "LoA2" || got.Get("redirect_uri") != w.node.URL+signon.Path+"/callback" ||
			!strings.Contains(got.Get("claims"), "identity_number") {
			t.Errorf("pushed %v", got)
		}
		status, to, page := w.back(answer)
		if status != http.StatusSeeOther || to != "/account?x=1" {
			t.Fatalf("back: %d %q\n%s", status, to, page)
		}
		if !w.signedIn() {
			t.Error("nobody is signed in")
		}
		status, _, page = w.back(answer)
		if status < 400 || !strings.Contains(page, "bắt đầu đăng nhập lại") && !strings.Contains(page, "đã dùng rồi") {
			t.Errorf("the answer again: %d\n%s", status, page)
		}

		// The same person again is the same account, by the subject, after their number changed.
		first := one(t, db, `SELECT account_id FROM account_session`)
		w.browser = w.newBrowser()
		w.provider.change = map[string]any{"identity_number": "019194000999", "sid": "sid-2"}
		if status, _, page := w.back(w.begin(signon.Path)); status != http.StatusSeeOther {
			t.Fatalf("again: %d\n%s", status, page)
		}
		if got := one(t, db, `SELECT account_id FROM account_session WHERE issuer_session = 'sid-2'`); got != first {
			t.Errorf("another account %s, want %s", got, first)
		}
		if got := one(t, db, `SELECT number FROM account_binding WHERE ended_at IS NULL`); got != "019194000999" {
			t.Errorf("bound to %s", got)
		}
	})
}

// TestSurerSignIn: after a sign-in of level 1, somebody whose role asks for a second factor is
// led to one of level 2 and back, and nothing opens before.
func TestSurerSignIn(t *testing.T) {
	t.Parallel()
	w := openWith(t, sqldbtest.OpenSQLite(t), session.Role{Code: "citizen", Bound: true, Second: true})
	w.provider.change = map[string]any{"acr": "LoA1"}
	if status, to, page := w.back(w.begin(signon.Path + "?next=%2Faccount")); status != http.StatusSeeOther || to != "/account" {
		t.Fatalf("back: %d %q\n%s", status, to, page)
	}
	to := "/account"
	for _, want := range []string{"/sign-in?next=%2Faccount", "/sign-in/level?next=%2Faccount"} {
		var status int
		if status, to, _ = w.get(to); status != http.StatusSeeOther || to != want {
			t.Fatalf("%d %q, want %s", status, to, want)
		}
	}
	status, _, page := w.get(to)
	for _, want := range []string{`href="/sign-in/identity?level=2&amp;next=%2Faccount"`, `action="/sign-out"`, "mức 2"} {
		if status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("%d, no %s in\n%s", status, want, page)
		}
	}
	const surer = signon.Path + "?level=2&next=%2Faccount"
	if status, _, _ := w.back(w.begin(surer)); status != http.StatusForbidden || w.signedIn() {
		t.Errorf("level 1 again: %d", status)
	}
	w.provider.change = nil
	if status, to, _ := w.back(w.begin(surer)); status != http.StatusSeeOther || to != "/account" || !w.signedIn() {
		t.Errorf("level 2: %d %q", status, to)
	}
	if status, to, _ := w.get("/sign-in/level?next=%2Faccount"); status != http.StatusSeeOther || to != "/account" {
		t.Errorf("nothing lacks any more: %d %q", status, to)
	}
}

func one(t *testing.T, db *sqldb.DB, query string) string {
	t.Helper()
	got, err := sqldb.One[string](context.Background(), db, query)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// What does not fit what was asked signs nobody in.
func TestUntrueAnswers(t *testing.T) {
	t.Parallel()
	other, err := oauth.NewKey(oauth.ES256)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		answer func(a url.Values)
		change map[string]any
		signer oauth.Key
		begin  string
		other  bool // another browser brings the answer
		want   string
	}{
		"another state":   {answer: func(a url.Values) { a.Set("state", "x") }, want: "không phải của hệ thống định danh"},
		"no state":        {answer: func(a url.Values) { a.Del("state") }, want: "không phải của hệ thống định danh"},
		"another issuer":  {answer: func(a url.Values) { a.Set("iss", "https://evil.example") }, want: "không phải của hệ thống định danh"},
		"no issuer":       {answer: func(a url.Values) { a.Del("iss") }, want: "không phải của hệ thống định danh"},
		"another code":    {answer: func(a url.Values) { a.Set("code", "x") }, want: "không phải của hệ thống định danh"},
		"refused":         {answer: func(a url.Values) { a.Del("code"); a.Set("error", "access_denied") }, want: "Bạn đã dừng đăng nhập"},
		"level not met":   {answer: func(a url.Values) { a.Del("code"); a.Set("error", oauth.Unmet) }, want: "mức cao hơn"},
		"another browser": {other: true, want: "trình duyệt khác"},
		"nonce":           {change: map[string]any{"nonce": "x"}, want: "không phải của hệ thống định danh"},
		"no nonce":        {change: map[string]any{"nonce": nil}, want: "không phải của hệ thống định danh"},
		"audience":        {change: map[string]any{"aud": "another"}, want: "không phải của hệ thống định danh"},
		"two audiences":   {change: map[string]any{"aud": []string{"another", client}}, want: "không phải của hệ thống định danh"},
		"issuer in token": {change: map[string]any{"iss": "https://evil.example"}, want: "không phải của hệ thống định danh"},
		"expired":         {change: map[string]any{"exp": time.Now().Add(-time.Minute).Unix()}, want: "không phải của hệ thống định danh"},
		"of tomorrow":     {change: map[string]any{"iat": time.Now().Add(24 * time.Hour).Unix()}, want: "không phải của hệ thống định danh"},
		"another's key":   {signer: other, want: "không phải của hệ thống định danh"},
		"lower level":     {begin: "?level=2", change: map[string]any{"acr": "LoA1"}, want: "mức cao hơn"},
		"no level":        {change: map[string]any{"acr": nil}, want: "mức cao hơn"},
		"no number":       {change: map[string]any{"identity_number": ""}, want: "không nói rõ người đăng nhập"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, sqldbtest.OpenSQLite(t))
			answer := w.begin(signon.Path + c.begin)
			if c.answer != nil {
				c.answer(answer)
			}
			w.provider.change, w.provider.signer = c.change, c.signer
			if c.other {
				w.browser = w.newBrowser()
			}
			status, to, page := w.back(answer)
			if status < 400 || to != "" || !strings.Contains(page, c.want) {
				t.Errorf("got %d %q, want %q in\n%s", status, to, c.want, page)
			}
			if w.signedIn() {
				t.Error("somebody is signed in")
			}
		})
	}
}

// The provider is away, or says to be another: local accounts still work, and the page says so.
func TestAway(t *testing.T) {
	t.Parallel()
	w := open(t, sqldbtest.OpenSQLite(t))
	w.provider.away = true
	status, to, _ := w.get(signon.Path + "?next=/account")
	if status != http.StatusSeeOther || !strings.HasPrefix(to, ui.SignInPath+"?") {
		t.Fatalf("away: %d %q", status, to)
	}
	_, _, page := w.get(to)
	for _, want := range []string{"đang không trả lời", `name="login"`, signon.Path + "?next=%2Faccount"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}

	w = open(t, sqldbtest.OpenSQLite(t))
	w.provider.issuer = "https://evil.example"
	if status, to, _ := w.get(signon.Path); status != http.StatusSeeOther || !strings.HasPrefix(to, ui.SignInPath+"?") {
		t.Errorf("another's word: %d %q", status, to)
	}
}

// A way back leads to this node alone.
func TestNextIsLocal(t *testing.T) {
	t.Parallel()
	w := open(t, sqldbtest.OpenSQLite(t))
	if _, to, _ := w.back(w.begin(signon.Path + "?next=" + url.QueryEscape("https://evil.example/"))); to != "/" {
		t.Errorf("it leads to %q", to)
	}
}

// Whoever comes by another name of the node is led to the one that cookies belong to.
func TestAnotherName(t *testing.T) {
	t.Parallel()
	w := open(t, sqldbtest.OpenSQLite(t))
	req, err := http.NewRequest(http.MethodGet, w.node.URL+signon.Path+"?next=/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "localhost:1"
	res, err := w.browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if status, to, _ := w.read(res); status != http.StatusSeeOther || to != w.node.URL+signon.Path+"?next=/x" {
		t.Errorf("got %d %q", status, to)
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	w := open(t, sqldbtest.OpenSQLite(t))
	w.back(w.begin(signon.Path))
	if !w.signedIn() {
		t.Fatal("nobody is signed in")
	}
	res, err := w.browser.PostForm(w.node.URL+ui.SignOutPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, to, _ := w.read(res)
	at, err := url.Parse(to)
	if err != nil || !strings.HasPrefix(to, w.provider.URL+"/logout?") || at.Query().Get("id_token_hint") == "" ||
		at.Query().Get("post_logout_redirect_uri") != w.node.URL+ui.SignInPath {
		t.Errorf("signing out leads to %q", to)
	}
	if policy := res.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' "+w.provider.URL) {
		t.Errorf("a form may not lead there: %s", policy)
	}
	if w.signedIn() {
		t.Error("somebody is still signed in")
	}
}

// The provider's word ends sessions; nobody else's does.
func TestEndedElsewhere(t *testing.T) {
	t.Parallel()
	other, err := oauth.NewKey(oauth.ES256)
	if err != nil {
		t.Fatal(err)
	}
	event := map[string]any{"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}}
	for name, c := range map[string]struct {
		typ    string
		change map[string]any
		signer oauth.Key
		ends   bool
	}{
		"its session":      {ends: true},
		"of its subject":   {change: map[string]any{"sid": nil}, ends: true},
		"another session":  {change: map[string]any{"sid": "x"}},
		"another subject":  {change: map[string]any{"sid": nil, "sub": "x"}},
		"another's key":    {signer: other},
		"another audience": {change: map[string]any{"aud": "x"}},
		"another issuer":   {change: map[string]any{"iss": "x"}},
		"an ID token":      {typ: oauth.TypeToken},
		"no event":         {change: map[string]any{"events": nil}},
		"with a nonce":     {change: map[string]any{"nonce": "x"}},
		"an old one":       {change: map[string]any{"iat": time.Now().Add(-time.Hour).Unix()}},
		"nobody's":         {change: map[string]any{"sid": nil, "sub": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, sqldbtest.OpenSQLite(t))
			w.back(w.begin(signon.Path))
			w.provider.change, w.provider.signer = c.change, c.signer
			typ := c.typ
			if typ == "" {
				typ = oauth.TypeLogout
			}
			res, err := http.PostForm(w.node.URL+signon.LogoutPath, url.Values{"logout_token": {w.provider.token(typ, event)}})
			if err != nil {
				t.Fatal(err)
			}
			status, _, _ := w.read(res)
			if ended := !w.signedIn(); ended != c.ends {
				t.Errorf("ended: %t, want %t (status %d)", ended, c.ends, status)
			}
			if refused := status == http.StatusBadRequest; refused && c.ends {
				t.Errorf("refused with %d", status)
			}
		})
	}
}

// A token that speaks of another makes a session of who acts, which shows both, and only where
// that was asked.
func TestSignInForAnother(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := open(t, db)
		act := map[string]any{"sub": "sub-1", "name": "Nguyễn Thị Hoa", "identity_number": "019194000102", "ground": "kin", "scope": []string{"1.001193"}}
		w.provider.change = map[string]any{"sub": "sub-granny", "name": "Lê Thị Bà", "identity_number": "019150000001", "account_kind": "citizen", "act": act}
		if status, _, page := w.back(w.begin(signon.Path)); status != http.StatusForbidden || w.signedIn() {
			t.Errorf("where it was not asked: %d\n%s", status, page)
		}
		answer := w.begin(signon.Path + "?acting=1&next=/account")
		if scope := w.provider.pushed.Get("scope"); !strings.Contains(scope, "acting") {
			t.Errorf("pushed the scope %q", scope)
		}
		if status, to, page := w.back(answer); status != http.StatusSeeOther || to != "/account" {
			t.Fatalf("back: %d %q\n%s", status, to, page)
		}
		if got := one(t, db, `SELECT b.number FROM account_session s JOIN account_binding b ON b.account_id = s.account_id WHERE s.acts_subject = 'sub-granny'`); got != "019194000102" {
			t.Errorf("the session is of %s", got)
		}
		if !w.signedIn() {
			t.Error("nobody is signed in")
		}

		// Who steps up goes on for whom they act.
		w.begin(signon.Path + "?level=2&next=/account")
		if scope := w.provider.pushed.Get("scope"); !strings.Contains(scope, "acting") {
			t.Errorf("the step up pushed the scope %q", scope)
		}
		for name, bad := range map[string]map[string]any{
			"no number of who acts":   {"sub": "sub-1", "name": "Nguyễn Thị Hoa", "ground": "kin", "scope": []string{"*"}},
			"who acts for themselves": {"sub": "sub-granny", "name": "Lê Thị Bà", "identity_number": "019150000001", "ground": "kin", "scope": []string{"*"}},
		} {
			w.provider.change["act"] = bad
			if status, _, _ := w.back(w.begin(signon.Path + "?acting=1")); status < 400 {
				t.Errorf("%s: %d", name, status)
			}
		}

		// Another person at the step up does not come to what was open.
		w.provider.change = map[string]any{"sub": "sub-2", "name": "Trần Văn Bình", "identity_number": "019091000101", "sid": "sid-2"}
		if status, to, _ := w.back(w.begin(signon.Path + "?level=2&next=/account")); status != http.StatusSeeOther || to != "/" {
			t.Errorf("another person: %d %q", status, to)
		}
	})
}
