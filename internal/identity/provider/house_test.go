package provider_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/identity/provider"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/oauth"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// house is a provider that listens, with a scripted entrance.
type house struct {
	*identitytest.World
	*provider.Provider
	t       testing.TB
	url     string
	door    *door
	handler http.Handler
	more    http.HandlerFunc // answers what is below /rp/: a client's own address
}

func newHouse(t testing.TB) *house {
	t.Helper()
	return houseOn(t, nil)
}

// houseOn is a house on a store; nil is one in memory.
func houseOn(t testing.TB, store identity.Store) *house {
	t.Helper()
	h := &house{World: identitytest.NewWorld(store), t: t}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.handler.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	h.url = srv.URL
	h.World.Service.Settings.Issuer = srv.URL
	h.door = &door{h: h}
	h.Provider = provider.New(provider.Options{
		Service: h.World.Service, Entrance: h.door, Log: slog.New(slog.DiscardHandler),
		Address: func(r *http.Request) string { host, _, _ := strings.Cut(r.RemoteAddr, ":"); return host },
	})
	cat, err := i18n.Load(web.Messages, ui.Messages, provider.Messages, identity.Messages)
	if err != nil {
		t.Fatal(err)
	}
	rt := web.NewRouter(web.Config{
		Log: slog.New(slog.DiscardHandler), Messages: cat,
		Frame: func(r *http.Request) ui.Frame { return ui.Frame{Here: r.URL.RequestURI()} },
	})
	rt.Mount(h.Provider.Routes()...)
	rt.Mount(web.Route{Pattern: "GET /enter", Handler: h.door.enter, May: "anyone"})
	rt.Handle("/rp/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.more != nil {
			h.more(w, r)
		}
	}))
	h.handler = rt.Handler()
	return h
}

// door is an entrance that does at once what a holder would do on its pages.
type door struct {
	h *house

	mu       sync.Mutex
	who      identity.Account // who signs in when asked; nobody: the page stays
	level    identity.Level   // of the sign-in; 0: as much as the account has
	agree    func([]identity.Need) []string
	decline  bool
	actFor   string
	wants    []provider.Want // what was asked for
	leavings []provider.Leaving
}

const sessionCookie = "session"

// SignedIn finds the sign-in by its cookie.
func (d *door) SignedIn(r *http.Request) (identity.SignedIn, bool, error) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return identity.SignedIn{}, false, nil //nolint:nilerr // the browser holds none
	}
	s, err := d.h.Store.SessionByToken(r.Context(), opaque.Hash(c.Value))
	if err != nil {
		return identity.SignedIn{}, false, err
	}
	a, err := d.h.Store.Account(r.Context(), s.Account)
	return identity.SignedIn{Session: s, Account: a}, s.Open(d.h.Clock.Now()), err
}

// Ask leads to the page, whose address says nothing but the request.
func (d *door) Ask(w http.ResponseWriter, r *http.Request, req identity.Request, _ provider.Want) error {
	http.Redirect(w, r, "/enter?request="+req.ID, http.StatusSeeOther)
	return nil
}

func (d *door) enter(w http.ResponseWriter, r *http.Request) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	req, want, err := d.h.Waiting(r, r.URL.Query().Get("request"))
	if err != nil {
		return err
	}
	d.wants = append(d.wants, want)
	in, _, err := d.SignedIn(r)
	if err != nil {
		return err
	}
	session := in.Session
	switch {
	case d.decline:
		err = d.h.Decline(r.Context(), req.ID)
	case want.SignIn || want.Level != identity.NoLevel:
		if d.who.ID == "" {
			_, _ = io.WriteString(w, "sign in")
			return nil
		}
		d.signIn(r.Context(), w, d.who, max(want.Level, d.level))
	case want.For:
		err = d.h.Represent(r.Context(), session, req.ID, d.actFor)
	case want.Agree:
		var chosen []string
		if d.agree != nil {
			chosen = d.agree(want.Needs)
		} else {
			for _, n := range want.Needs {
				chosen = append(chosen, n.Purpose.Code)
			}
		}
		err = d.h.Agree(r.Context(), session, req.ID, chosen)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, provider.ContinuePath(req.ID), http.StatusSeeOther)
	return nil
}

func (d *door) signIn(ctx context.Context, w http.ResponseWriter, a identity.Account, level identity.Level) {
	token, now := opaque.New(), d.h.Clock.Now()
	if level == identity.NoLevel {
		level = identity.Two
	}
	s := identity.Session{
		ID: d.h.NewID(), Token: opaque.Hash(token), Account: a.ID, Methods: []identity.Method{identity.ByKey}, Level: level,
		CreatedAt: now, AuthAt: now, SeenAt: now, ExpiresAt: now.Add(12 * time.Hour),
	}
	if err := d.h.Store.InTx(ctx, func(tx identity.Tx) error { return tx.SaveSession(ctx, s) }); err != nil {
		d.h.t.Error(err)
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: token, Path: "/", SameSite: http.SameSiteLaxMode})
}

// End ends the sign-in and what rests on it.
func (d *door) End(w http.ResponseWriter, r *http.Request, s identity.Session) error {
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1})
	return d.h.Store.InTx(r.Context(), func(tx identity.Tx) error {
		s.EndedAt = d.h.Clock.Now()
		if err := tx.SaveSession(r.Context(), s); err != nil {
			return err
		}
		return d.h.EndGrants(r.Context(), tx, identity.GrantFilter{Session: s.ID}, identity.EndedSignedOut)
	})
}

// AskLeave shows that it asks.
func (d *door) AskLeave(w http.ResponseWriter, _ *http.Request, l provider.Leaving) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.leavings = append(d.leavings, l)
	_, err := io.WriteString(w, "sign out?")
	return err
}

// Left shows the end.
func (d *door) Left(w http.ResponseWriter, _ *http.Request) error {
	_, err := io.WriteString(w, "signed out")
	return err
}

// take gives what was asked for since the last time.
func (d *door) take() []provider.Want {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.wants
	d.wants = nil
	return w
}

// set changes what the holder does.
func (d *door) set(change func(*door)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

// browser keeps cookies and follows addresses as long as they are the provider's.
type browser struct {
	h *house
	*http.Client
}

func (h *house) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &browser{h, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// page is where a browser ended: at a page of the provider, or at the client.
type page struct {
	status int
	body   string
	header http.Header
	to     *url.URL   // the client's address, when it got there
	values url.Values // what stood in it
	path   []string   // the addresses on the way
}

func (b *browser) get(address string) page { return b.do(http.MethodGet, address, nil) }

func (b *browser) post(address string, form url.Values) page {
	return b.do(http.MethodPost, address, form)
}

func (b *browser) do(method, address string, form url.Values) page {
	b.h.t.Helper()
	var p page
	for range 12 {
		var body io.Reader
		if method == http.MethodPost {
			body = strings.NewReader(form.Encode())
		}
		r, err := http.NewRequestWithContext(b.h.t.Context(), method, address, body)
		if err != nil {
			b.h.t.Fatal(err)
		}
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		answer, err := b.Do(r)
		if err != nil {
			b.h.t.Fatal(err)
		}
		raw, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil {
			b.h.t.Fatal(err)
		}
		p.path = append(p.path, address)
		p.status, p.body, p.header = answer.StatusCode, string(raw), answer.Header
		next := answer.Header.Get("Location")
		if next == "" {
			return p
		}
		to, err := answer.Location()
		if err != nil {
			b.h.t.Fatal(err)
		}
		if !strings.HasPrefix(to.String(), b.h.url) || strings.HasPrefix(to.Path, "/rp/") {
			p.to, p.values = to, to.Query()
			return p
		}
		method, address = http.MethodGet, to.String()
	}
	b.h.t.Fatalf("it leads in circles: %v", p.path)
	return p
}

// rp is a client as it lives at an agency.
type rp struct {
	h      *house
	id     string
	c      identity.Client
	secret string
	key    oauth.Key // by which it says who it is
	dpop   *oauth.Key
	nonce  string // the last one
}

const back = "https://rp.example.vn/back"

var clientKeys = sync.OnceValue(func() [3]oauth.Key {
	var out [3]oauth.Key
	for i := range out {
		k, err := oauth.NewKey(oauth.ES256)
		if err != nil {
			panic(err)
		}
		out[i] = k
	}
	return out
})

func key(i int) oauth.Key { return clientKeys()[i] }

func jwks(k oauth.Key) json.RawMessage {
	raw, err := json.Marshal(oauth.Keys{k.Public()})
	if err != nil {
		panic(err)
	}
	return raw
}

// purposes of the tests' clients: the law lets the name be told, the rest is asked for.
var purposes = []identity.Purpose{
	{
		Code: "so-dang-ky", Text: identity.Text{Vi: "Ghi sổ đăng ký", En: "The register"}, Basis: "Nghị định 61/2018/NĐ-CP, Điều 10",
		Claims: []string{identity.ClaimName}, Law: true,
	},
	{
		Code: "dien-san", Text: identity.Text{Vi: "Điền sẵn tờ khai", En: "Forms that come filled in"}, Basis: "Luật Căn cước 2023, Điều 33",
		Claims: []string{identity.ClaimBirth, identity.ClaimSex, identity.ClaimNumber}, Days: 30,
	},
	{
		Code: "bao-tin", Text: identity.Text{Vi: "Báo tin", En: "Notices"}, Basis: "Nghị định 61/2018/NĐ-CP, Điều 21",
		Claims: []string{identity.ClaimEmail, identity.ClaimPhone},
	},
}

// client registers a client and has it approved.
func (h *house) client(change func(*identity.Client)) *rp {
	h.t.Helper()
	c := identity.Client{
		Owner: identitytest.Keeper.Agency, Name: identity.Text{Vi: "Dịch vụ thử", En: "A service"},
		RedirectURIs: []string{back, "https://rp.example.vn/back?x=1"}, LogoutURIs: []string{"https://rp.example.vn/bye"},
		Grants: []string{identity.GrantCode, identity.GrantRefresh, identity.GrantClient}, Auth: identity.AuthBasic, Purposes: purposes,
	}
	if change != nil {
		change(&c)
	}
	kept, secret, err := h.RegisterClient(h.t.Context(), identitytest.Keeper, c)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.ApproveClient(h.t.Context(), identitytest.Operator, kept.ID); err != nil {
		h.t.Fatal(err)
	}
	return &rp{h: h, id: kept.ID, c: kept, secret: secret, key: key(0)}
}

// keyed is a client that keeps to FAPI 2.0: it pushes, signs and proves possession.
func (h *house) keyed() *rp {
	c := h.client(func(c *identity.Client) {
		c.Auth, c.Keys, c.PushedOnly, c.DPoPOnly = identity.AuthKey, jwks(key(0)), true, true
	})
	k := key(1)
	c.dpop = &k
	return c
}

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

// params are those of a usual request; what change says "" of is left out.
func (c *rp) params(change map[string]string) url.Values {
	all := map[string]string{
		"client_id": c.id, "response_type": "code", "redirect_uri": back, "scope": "openid", "state": "S", "nonce": "N",
		"code_challenge": oauth.Challenge(verifier), "code_challenge_method": oauth.S256,
	}
	maps.Copy(all, change)
	v := url.Values{}
	for name, value := range all {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

func (c *rp) address(change map[string]string) string {
	return c.h.url + "/oauth/authorize?" + c.params(change).Encode()
}

// reply is what a machine is answered.
type reply struct {
	status int
	body   map[string]any
	header http.Header
	raw    string
}

func (r reply) text(name string) string { s, _ := r.body[name].(string); return s }

// call posts a form as the client, saying who it is in its way, and again with the nonce
// that it is told to use.
func (c *rp) call(path string, form url.Values) reply {
	c.h.t.Helper()
	r := c.once(path, form)
	if c.dpop != nil && r.text("error") == oauth.UseNonce {
		r = c.once(path, form)
	}
	return r
}

func (c *rp) once(path string, form url.Values) reply {
	c.h.t.Helper()
	form = maps.Clone(form)
	now := c.h.Clock.Now()
	if c.c.Auth == identity.AuthKey && form.Get("client_assertion") == "" {
		a, err := oauth.NewAssertion(c.key, c.id, c.h.url, now)
		if err != nil {
			c.h.t.Fatal(err)
		}
		form.Set("client_assertion", a)
		form.Set("client_assertion_type", oauth.AssertionType)
	}
	switch c.c.Auth {
	case identity.AuthPost:
		form.Set("client_id", c.id)
		form.Set("client_secret", c.secret)
	case identity.AuthNone:
		form.Set("client_id", c.id)
	}
	r, err := http.NewRequestWithContext(c.h.t.Context(), http.MethodPost, c.h.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if c.c.Auth == identity.AuthBasic {
		r.SetBasicAuth(url.QueryEscape(c.id), url.QueryEscape(c.secret))
	}
	if c.dpop != nil {
		proof, err := oauth.NewProof(*c.dpop, http.MethodPost, c.h.url+path, c.nonce, "", now)
		if err != nil {
			c.h.t.Fatal(err)
		}
		r.Header.Set("DPoP", proof)
	}
	return c.send(r)
}

func (c *rp) send(r *http.Request) reply {
	c.h.t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.h.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		c.h.t.Fatal(err)
	}
	if n := answer.Header.Get("DPoP-Nonce"); n != "" {
		c.nonce = n
	}
	out := reply{status: answer.StatusCode, header: answer.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &out.body)
	return out
}

// push pushes a request and gives the address for the browser.
func (c *rp) push(change map[string]string) (string, reply) {
	c.h.t.Helper()
	r := c.call("/oauth/par", c.params(change))
	return c.h.url + "/oauth/authorize?" + url.Values{"client_id": {c.id}, "request_uri": {r.text("request_uri")}}.Encode(), r
}

// begin gives the address of a request: pushed where the client does so.
func (c *rp) begin(change map[string]string) string {
	c.h.t.Helper()
	if !c.c.PushedOnly {
		return c.address(change)
	}
	address, r := c.push(change)
	if r.status != http.StatusCreated {
		c.h.t.Fatalf("the request was not taken: %d %s", r.status, r.raw)
	}
	return address
}

// code has a browser fetch a code.
func (c *rp) code(b *browser, change map[string]string) string {
	c.h.t.Helper()
	p := b.get(c.begin(change))
	if p.values.Get("code") == "" {
		c.h.t.Fatalf("no code: %d %v %v %.300s", p.status, p.path, p.values, p.body)
	}
	return p.values.Get("code")
}

func (c *rp) redeem(code string) reply {
	c.h.t.Helper()
	return c.call("/oauth/token", url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {back}, "code_verifier": {verifier}})
}

func (c *rp) refresh(token string) reply {
	c.h.t.Helper()
	return c.call("/oauth/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

// signIn walks a browser through and gives the tokens.
func (c *rp) signIn(b *browser, change map[string]string) reply {
	c.h.t.Helper()
	r := c.redeem(c.code(b, change))
	if r.status != http.StatusOK {
		c.h.t.Fatalf("no tokens: %d %s", r.status, r.raw)
	}
	return r
}

// userinfo asks with an access token; with a proof when the client has a key.
func (c *rp) userinfo(token string) reply {
	c.h.t.Helper()
	r := c.userinfoOnce(token, http.MethodGet)
	if c.dpop != nil && strings.Contains(r.header.Get("WWW-Authenticate"), oauth.UseNonce) {
		r = c.userinfoOnce(token, http.MethodGet)
	}
	return r
}

func (c *rp) userinfoOnce(token, method string) reply {
	c.h.t.Helper()
	const path = "/oauth/userinfo"
	r, err := http.NewRequestWithContext(c.h.t.Context(), method, c.h.url+path, nil)
	if err != nil {
		c.h.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if c.dpop != nil {
		proof, err := oauth.NewProof(*c.dpop, method, c.h.url+path, c.nonce, token, c.h.Clock.Now())
		if err != nil {
			c.h.t.Fatal(err)
		}
		r.Header.Set("Authorization", "DPoP "+token)
		r.Header.Set("DPoP", proof)
	}
	return c.send(r)
}

// claims reads a token of the provider by its published keys.
func (h *house) claims(token, typ string) map[string]any {
	h.t.Helper()
	out := map[string]any{}
	if err := oauth.Verify(token, oauth.OurAlgs, h.published(), &out, typ); err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h *house) published() oauth.Keys {
	h.t.Helper()
	answer, err := http.Get(h.url + "/oauth/jwks")
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	keys, err := oauth.ParseKeys(raw)
	if err != nil {
		h.t.Fatal(err)
	}
	return keys
}

// home is a house with a mother at level 2 who signs in when asked.
func home(t testing.TB) (h *house, mother identity.Account) {
	t.Helper()
	h = newHouse(t)
	mother = h.Give(t, identitytest.Mother, identity.Two)
	h.door.who = mother
	return h, mother
}

// sees lists what the holder's log says.
func (h *house) sees(a identity.Account) []string {
	h.t.Helper()
	entries, err := h.Store.Entries(h.t.Context(), a.ID, 0, 100)
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.What)
	}
	return out
}
