package signon

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/oauth"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// The addresses of a node.
const (
	Path         = ui.SignInPath + "/identity"
	callbackPath = Path + "/callback"
	LogoutPath   = Path + "/logout"
	KeysPath     = Path + "/keys"
)

// Options are what a node says of itself to the provider.
type Options struct {
	Issuer string // "https://…", without a slash at the end
	Client string // client_id
	// URL is the node's own address as people use it, without a slash at the end.
	URL    string
	Node   string // part of the cookie's name: nodes on one host share a cookie jar
	Secure bool
	Key    oauth.Key // says who the node is (private_key_jwt)
	Sealer *pki.Sealer
	Clock  clock.Clock
	// Claims are what the node asks to be told of who signs in, beside name and number.
	Claims []string
	// HTTP asks the provider; nil for one of its own that waits five seconds.
	HTTP *http.Client
}

// Door is the way in with an electronic identity.
type Door struct {
	o        Options
	sessions *session.Service
	remote   *remote
}

// New makes a door. Nothing is asked of the provider before somebody comes.
func New(o Options, s *session.Service) *Door {
	if o.HTTP == nil {
		o.HTTP = &http.Client{
			Timeout:       5 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return &Door{o: o, sessions: s, remote: &remote{issuer: o.Issuer, client: o.HTTP, now: o.Clock.Now}}
}

// Origin is where forms may lead from this node: to the provider.
func (d *Door) Origin() string {
	u, err := url.Parse(d.o.Issuer)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// redirect is the address at which the provider gives its answers.
func (d *Door) redirect() string { return d.o.URL + callbackPath }

// Registration is what the provider has to know of a node before it may ask, by the names of
// RFC 7591.
type Registration struct {
	Client      string // client_id
	Redirect    string // redirect_uris
	Left        string // post_logout_redirect_uris
	BackChannel string // backchannel_logout_uri
	Keys        oauth.Keys
}

// Registration is what has to be registered.
func (d *Door) Registration() Registration {
	return Registration{
		Client: d.o.Client, Redirect: d.redirect(), Left: d.o.URL + ui.SignInPath, BackChannel: d.o.URL + LogoutPath, Keys: oauth.Keys{d.o.Key.Public()},
	}
}

// Lead is where a request for the sign-in page belongs: see web.ByName.
func (d *Door) Lead(r *http.Request) string { return web.ByName(r, d.o.URL) }

// Routes are the pages.
func (d *Door) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + Path, Handler: d.begin, May: "anyone"},
		{Pattern: "GET " + callbackPath, Handler: d.callback, May: "anyone"},
	}
}

// flow is a sign-in that was begun, as it lies in the browser's cookie.
type flow struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Next     string `json:"x"`
	Level    int    `json:"l"`
	Acting   bool   `json:"a,omitempty"` // it may be for another
	Until    int64  `json:"u"`
}

// flowLife is how long somebody may be at the provider's pages.
const flowLife = 15 * time.Minute

var (
	errForgotten = fault.New(fault.Invalid, "signon.forgotten", nil)
	errUntrue    = fault.New(fault.Denied, "signon.untrue", nil)
	errRefused   = fault.New(fault.Denied, "signon.refused", nil)
	errLevel     = fault.New(fault.Denied, "signon.level", nil)
)

func (d *Door) cookie() string {
	if d.o.Secure {
		return "__Host-dean06-" + d.o.Node + "-begun"
	}
	return "dean06-" + d.o.Node + "-begun"
}

func (d *Door) keep(w http.ResponseWriter, f flow) error {
	raw, err := json.Marshal(f)
	if err != nil {
		return err
	}
	sealed, err := d.o.Sealer.Seal(raw, []byte(d.cookie()))
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{
		Name: d.cookie(), Value: base64.RawURLEncoding.EncodeToString(sealed), Path: "/", MaxAge: int(flowLife / time.Second),
		HttpOnly: true, Secure: d.o.Secure, SameSite: http.SameSiteLaxMode,
	})
	return nil
}

// kept takes what keep left, once.
func (d *Door) kept(w http.ResponseWriter, r *http.Request) (flow, error) {
	var f flow
	c, err := r.Cookie(d.cookie())
	if err != nil {
		return f, errForgotten
	}
	http.SetCookie(w, &http.Cookie{Name: d.cookie(), Path: "/", MaxAge: -1, HttpOnly: true, Secure: d.o.Secure, SameSite: http.SameSiteLaxMode})
	sealed, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return f, errForgotten.Because(err)
	}
	raw, err := d.o.Sealer.Open(sealed, []byte(d.cookie()))
	if err != nil {
		return f, errForgotten.Because(err)
	}
	if err := json.Unmarshal(raw, &f); err != nil || d.o.Clock.Now().Unix() > f.Until {
		return f, errForgotten
	}
	return f, nil
}

// begin pushes a request to the provider and leads there. Passkeys and cookies belong to one
// host, so whoever came by another name of it is led to the one that people use first.
func (d *Door) begin(w http.ResponseWriter, r *http.Request) error {
	if home, err := url.Parse(d.o.URL); err == nil && home.Host != r.Host {
		return leave(w, r, d.o.URL+r.URL.RequestURI())
	}
	f := flow{
		State: opaque.New(), Nonce: opaque.New(), Verifier: opaque.New(), Next: web.Local(r.URL.Query().Get("next")), Level: 1,
		Until: d.o.Clock.Now().Add(flowLife).Unix(),
	}
	if r.URL.Query().Get("level") == "2" {
		f.Level = 2
	}
	scope := "openid profile"
	if id, ok := session.From(r.Context()); r.URL.Query().Has("acting") || ok && id.For != nil { // who steps up goes on for whom they act
		f.Acting, scope = true, scope+" acting"
	}
	m, err := d.remote.about(r.Context())
	if fault.Of(err) == fault.Unavailable { // the page says so, and local accounts still work
		return web.Redirect(w, r, ui.SignInPath+"?"+url.Values{"away": {"1"}, "next": {f.Next}}.Encode())
	}
	if err != nil {
		return err
	}
	form := url.Values{
		"response_type": {"code"}, "redirect_uri": {d.redirect()}, "scope": {scope},
		"state": {f.State}, "nonce": {f.Nonce}, "code_challenge": {oauth.Challenge(f.Verifier)}, "code_challenge_method": {oauth.S256},
		"acr_values": {oauth.ACR(f.Level)}, "ui_locales": {string(i18n.From(r.Context()).Lang)},
	}
	if d.o.Claims != nil {
		form.Set("claims", claims(d.o.Claims, f.Level))
	}
	var pushed struct {
		URI string `json:"request_uri"`
	}
	if err := d.ask(r.Context(), m.Push, m, form, http.StatusCreated, &pushed); err != nil {
		return fmt.Errorf("push a request: %w", err)
	}
	if err := d.keep(w, f); err != nil {
		return err
	}
	to := url.Values{"client_id": {d.o.Client}, "request_uri": {pushed.URI}}
	return leave(w, r, m.Authorize+"?"+to.Encode())
}

// claims asks for facts in the ID token, and for a level that must be reached (OpenID
// Connect Core, 5.5).
func claims(names []string, level int) string {
	in := map[string]any{"acr": map[string]any{"essential": true, "values": []string{oauth.ACR(level), oauth.ACR(2)}}}
	for _, n := range names {
		in[n] = map[string]any{"essential": true}
	}
	raw, err := json.Marshal(map[string]any{"id_token": in})
	if err != nil {
		panic(err) // texts alone
	}
	return string(raw)
}

// ask sends a form with the proof of who the node is.
func (d *Door) ask(ctx context.Context, address string, m metadata, form url.Values, status int, out any) error {
	assertion, err := oauth.NewAssertion(d.o.Key, d.o.Client, m.Issuer, d.o.Clock.Now())
	if err != nil {
		return err
	}
	form.Set("client_id", d.o.Client)
	form.Set("client_assertion_type", oauth.AssertionType)
	form.Set("client_assertion", assertion)
	return d.remote.post(ctx, address, form, status, out)
}

// told is what an ID token says.
type told struct {
	oauth.Claims

	Nonce   string `json:"nonce"`
	Azp     string `json:"azp"`
	ACR     string `json:"acr"`
	Session string `json:"sid"`
	Name    string `json:"name"`
	Number  string `json:"identity_number"`
	Kind    string `json:"account_kind"`
	Act     *struct {
		Subject string   `json:"sub"`
		Name    string   `json:"name"`
		Number  string   `json:"identity_number"`
		Ground  string   `json:"ground"`
		Scope   []string `json:"scope"`
	} `json:"act"`
}

// person is who signed in, and for whom they act: a token speaks of the one acted for (RFC
// 8693, 4.1), a session is whose who acts.
func (t told) person(issuer, token string) session.Person {
	p := session.Person{
		Issuer: issuer, Subject: t.Subject, Session: t.Session, Number: t.Number, Name: t.Name, Level: oauth.LevelOf(t.ACR), Token: token,
	}
	if t.Act != nil {
		p.For = &actor.Principal{Subject: t.Subject, Name: t.Name, Number: t.Number, Kind: t.Kind, Ground: t.Act.Ground, Scope: t.Act.Scope}
		p.Subject, p.Name, p.Number = t.Act.Subject, t.Act.Name, t.Act.Number
	}
	return p
}

// callback takes the provider's answer.
func (d *Door) callback(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f, err := d.kept(w, r)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(f.State)) != 1 || q.Get("iss") != d.o.Issuer { // RFC 9207
		return errUntrue
	}
	switch code := q.Get("error"); code {
	case "":
	case oauth.AccessDenied, oauth.LoginRequired:
		return errRefused.Because(fmt.Errorf("the provider answers %.60q", code))
	case oauth.Unmet:
		return errLevel
	default:
		return errUntrue.Because(fmt.Errorf("the provider answers %.60q", code))
	}
	t, token, err := d.exchange(r.Context(), q.Get("code"), f)
	if err != nil {
		return err
	}
	if t.Act != nil && !f.Acting {
		return errUntrue.Because(errors.New("the ID token acts for another, which was not asked"))
	}
	before, known := session.From(r.Context())
	p := t.person(d.o.Issuer, token)
	if err := d.sessions.SignInAs(w, r, p); err != nil {
		return err
	}
	if known && before.Bound != "" && before.Bound != p.Number { // another person: what was open is not theirs
		return web.Redirect(w, r, "/")
	}
	return web.Redirect(w, r, web.Local(f.Next))
}

// exchange makes the code what it stands for, and holds the ID token against what was asked
// (OpenID Connect Core, 3.1.3.7).
func (d *Door) exchange(ctx context.Context, code string, f flow) (told, string, error) {
	var t told
	m, err := d.remote.about(ctx)
	if err != nil {
		return t, "", err
	}
	var answer struct {
		IDToken string `json:"id_token"`
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {d.redirect()}, "code_verifier": {f.Verifier}}
	if err := d.ask(ctx, m.Token, m, form, http.StatusOK, &answer); err != nil {
		var no *refused
		if errors.As(err, &no) {
			return t, "", errUntrue.Because(err)
		}
		return t, "", err
	}
	if err := d.remote.verify(ctx, answer.IDToken, oauth.TypeToken, &t); err != nil {
		if fault.Of(err) == fault.Unavailable {
			return t, "", err
		}
		return t, "", errUntrue.Because(err)
	}
	now := d.o.Clock.Now()
	var wrong string
	switch {
	case t.Issuer != d.o.Issuer:
		wrong = "iss"
	case !t.Audience.Has(d.o.Client) || len(t.Audience) > 1 && t.Azp != d.o.Client:
		wrong = "aud"
	case !now.Before(t.Expires.Time()) || t.IssuedAt.Time().After(now.Add(clocksOff)):
		wrong = "exp or iat"
	case subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(f.Nonce)) != 1:
		wrong = "nonce"
	case oauth.LevelOf(t.ACR) < f.Level:
		return t, "", errLevel
	}
	if wrong != "" {
		return t, "", errUntrue.Because(fmt.Errorf("the ID token has a wrong %s", wrong))
	}
	return t, answer.IDToken, nil
}

const clocksOff = 30 * time.Second

// Begin is where a sign-in begins that comes back to a page.
func (d *Door) Begin(next string) string {
	if next == "/" {
		return Path
	}
	return Path + "?" + url.Values{"next": {next}}.Encode()
}

// StepUp is where a sign-in of level 2 begins that comes back to a page.
func (d *Door) StepUp(next string) string {
	return Path + "?" + url.Values{"level": {"2"}, "next": {next}}.Encode()
}

// BeginFor is where a sign-in begins for another, or for an organisation.
func (d *Door) BeginFor(next string) string {
	return Path + "?" + url.Values{"acting": {"1"}, "next": {next}}.Encode()
}

// End is where the browser goes when a session that rests on the provider's ends here: to
// end it there too. "" when it is a local one, or the provider is away.
func (d *Door) End(ctx context.Context, sessionID string) string {
	issuer, token, err := d.sessions.SignedInAt(ctx, sessionID)
	if err != nil || issuer != d.o.Issuer {
		return ""
	}
	m, err := d.remote.about(ctx)
	if err != nil || m.Logout == "" {
		return ""
	}
	q := url.Values{"id_token_hint": {token}, "post_logout_redirect_uri": {d.Registration().Left}, "client_id": {d.o.Client}}
	return m.Logout + "?" + q.Encode()
}

// leave leads to another host, which web.Redirect does not.
func leave(w http.ResponseWriter, r *http.Request, to string) error {
	if !strings.HasPrefix(to, "https://") && !strings.HasPrefix(to, "http://") {
		return errUntrue
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
