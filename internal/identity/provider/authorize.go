package provider

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/oauth"
	"dean06/internal/platform/web"
)

// How long a request waits.
const (
	pushedLife = 90 * time.Second
	openLife   = 20 * time.Minute // for its holder, who may have to look for a telephone
)

// push takes a request before the browser comes (RFC 9126).
func (p *Provider) push(w http.ResponseWriter, r *http.Request) error {
	c, err := p.authenticate(r, pathPAR)
	if err != nil {
		return err
	}
	if c.params["request_uri"] != "" {
		return oauth.New(oauth.InvalidRequest, "request_uri is not pushed")
	}
	if err := p.prove(r, c); err != nil {
		return err
	}
	c.params["client_id"] = c.ID
	want, err := p.wishOf(r.Context(), c.params, false)
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return oauth.New(oauth.InvalidRequest, "redirect_uri is not one that the client registered").Because(err)
	}
	if err != nil {
		return err
	}
	switch said := want.params["dpop_jkt"]; {
	case said == "" && c.key != "":
		want.params["dpop_jkt"] = c.key
	case said != "" && c.key != "" && said != c.key:
		return oauth.New(oauth.InvalidProof, "dpop_jkt names another key than the proof")
	}
	if c.Auth == identity.AuthNone && !p.strangers.lets(p.Address(r), p.Service.Clock.Now()) {
		return oauth.New(oauth.SlowDown, "too many requests")
	}
	uri, err := p.keep(r.Context(), want, c.uses())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, map[string]any{"request_uri": uri, "expires_in": int(pushedLife.Seconds())})
}

// keep keeps a request until a browser comes for it.
func (p *Provider) keep(ctx context.Context, want wish, use identity.Use) (uri string, err error) {
	now := p.Service.Clock.Now()
	req, err := p.kept(want, now)
	if err != nil {
		return "", err
	}
	secret := opaque.New()
	req.State, req.URI, req.ExpiresAt = identity.RequestPushed, opaque.Hash(secret), now.Add(pushedLife)
	err = p.Service.Store.InTx(ctx, func(tx identity.Tx) error {
		if use != nil {
			if err := use(ctx, tx); err != nil {
				return err
			}
		}
		return tx.AddRequest(ctx, req)
	})
	return requestURI + secret, err
}

// authorize is where a browser brings a request (RFC 6749, section 4.1.1). What waits for a
// page, and what should not stand in an address, is kept first; the browser comes again for
// it by a name that says nothing.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) error {
	noTrace(w)
	params, err := browserParams(r)
	if err != nil {
		return refused("params", nil).Because(err)
	}
	if uri := params["request_uri"]; len(uri) > len(requestURI) && uri[:len(requestURI)] == requestURI {
		return p.come(w, r, params["client_id"], uri[len(requestURI):])
	}
	want, err := p.wishOf(r.Context(), params, false)
	if err == nil && want.client.PushedOnly {
		err = oauth.New(oauth.InvalidRequest, "the client is registered to push its requests")
	}
	if err != nil {
		return p.fail(w, r, want, err)
	}
	if r.Method == http.MethodPost || want.params["login_hint"] != "" {
		// A post from another site brings no cookies; a hint must leave the address.
		if !p.strangers.lets(p.Address(r), p.Service.Clock.Now()) {
			return fault.New(fault.TooMany, "provider.too_many", nil)
		}
		uri, err := p.keep(r.Context(), want, nil)
		if err != nil {
			return err
		}
		next := url.Values{"client_id": {want.client.ID}, "request_uri": {uri}}
		http.Redirect(w, r, pathAuthorize+"?"+next.Encode(), http.StatusSeeOther)
		return nil
	}
	now := p.Service.Clock.Now()
	req, err := p.kept(want, now)
	if err != nil {
		return err
	}
	req.OpenedAt = now
	return p.decide(w, r, req, "", want)
}

func browserParams(r *http.Request) (oauth.Params, error) {
	if r.Method == http.MethodPost {
		return oauth.ReadForm(r.Header.Get("Content-Type"), r.Body)
	}
	return oauth.ParseParams(r.URL.RawQuery)
}

// noTrace keeps what stands in addresses from other sites and from the browser's memory.
func noTrace(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
}

// come opens a pushed request, once: for the browser that came first.
func (p *Provider) come(w http.ResponseWriter, r *http.Request, clientID, secret string) error {
	now := p.Service.Clock.Now()
	req, err := p.Service.Store.RequestByURI(r.Context(), opaque.Hash(secret))
	if fault.Of(err) == fault.NotFound || err == nil && req.Client != clientID {
		return refused("request_uri", nil)
	}
	if err != nil {
		return err
	}
	if req.State == identity.RequestOpen && req.Browser != "" && req.Browser == p.browserHash(r) {
		http.Redirect(w, r, ContinuePath(req.ID), http.StatusSeeOther) // the page was loaded again
		return nil
	}
	if req.State != identity.RequestPushed || !now.Before(req.ExpiresAt) {
		return refused("request_uri", nil)
	}
	want, err := p.wishOf(r.Context(), req.Params, true)
	if err != nil {
		return p.fail(w, r, want, err)
	}
	req.OpenedAt = now
	return p.decide(w, r, req, identity.RequestPushed, want)
}

// goOn is where the pages send the browser back to.
func (p *Provider) goOn(w http.ResponseWriter, r *http.Request) error {
	noTrace(w)
	req, err := p.waiting(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	want, err := p.wishOf(r.Context(), req.Params, true)
	if err != nil {
		return p.fail(w, r, want, err)
	}
	return p.decide(w, r, req, identity.RequestOpen, want)
}

// waiting finds a request that waits in the browser at hand. That of another browser is not
// there: who was sent a link goes on with nobody's request.
func (p *Provider) waiting(r *http.Request, id string) (identity.Request, error) {
	gone := fault.New(fault.NotFound, "provider.refused.over", nil)
	req, err := p.Service.Store.Request(r.Context(), id)
	if fault.Of(err) == fault.NotFound {
		return req, gone
	}
	if err != nil {
		return req, err
	}
	if req.State != identity.RequestOpen || req.Browser == "" || req.Browser != p.browserHash(r) || !p.Service.Clock.Now().Before(req.ExpiresAt) {
		return req, gone
	}
	return req, nil
}

// Waiting gives a request that waits in the browser at hand, and what it still lacks. It
// fails with NotFound.
func (p *Provider) Waiting(r *http.Request, id string) (identity.Request, Want, error) {
	req, err := p.waiting(r, id)
	if err != nil {
		return req, Want{}, err
	}
	w, err := p.wishOf(r.Context(), req.Params, true)
	if err != nil {
		return req, Want{}, err
	}
	d, err := p.lacks(r, &req, w)
	return req, d.want, err
}

// decision is what comes of a request now: an error of the protocol, something that lacks,
// or, with neither, a code.
type decision struct {
	err  *oauth.Error
	want Want
}

// decide ends a request, or leads to the pages. from is the state in which it was read.
func (p *Provider) decide(w http.ResponseWriter, r *http.Request, req identity.Request, from identity.RequestState, want wish) error {
	d, err := p.lacks(r, &req, want)
	if err != nil {
		return err
	}
	switch {
	case d.err != nil:
		return p.over(w, r, req, from, want, d.err)
	case !d.want.nothing():
		return p.ask(w, r, req, from, d.want)
	}
	code, err := p.Service.Answer(r.Context(), req, from)
	if fault.Of(err) == fault.Conflict { // another tab was faster
		return refused("over", nil).Because(err)
	}
	if err != nil {
		return err
	}
	return p.answer(w, r, want, url.Values{"code": {code}})
}

// over ends a request with an error.
func (p *Provider) over(w http.ResponseWriter, r *http.Request, req identity.Request, from identity.RequestState, want wish, e *oauth.Error) error {
	if from != "" {
		req.State = identity.RequestOver
		err := p.Service.Store.InTx(r.Context(), func(tx identity.Tx) error { return tx.MoveRequest(r.Context(), req, from) })
		if fault.Of(err) == fault.Conflict {
			return refused("over", nil).Because(err)
		}
		if err != nil {
			return err
		}
	}
	return p.fail(w, r, want, e)
}

// ask keeps the request for the browser and leads it to the pages.
func (p *Provider) ask(w http.ResponseWriter, r *http.Request, req identity.Request, from identity.RequestState, want Want) error {
	if from == identity.RequestOpen {
		return p.Entrance.Ask(w, r, req, want)
	}
	now := p.Service.Clock.Now()
	if from == "" && !p.strangers.lets(p.Address(r), now) {
		return fault.New(fault.TooMany, "provider.too_many", nil)
	}
	req.State, req.Browser, req.ExpiresAt = identity.RequestOpen, p.browser(w, r), now.Add(openLife)
	err := p.Service.Store.InTx(r.Context(), func(tx identity.Tx) error {
		if from == "" {
			return tx.AddRequest(r.Context(), req)
		}
		return tx.MoveRequest(r.Context(), req, from)
	})
	if fault.Of(err) == fault.Conflict {
		return refused("request_uri", nil).Because(err)
	}
	if err != nil {
		return err
	}
	return p.Entrance.Ask(w, r, req, want)
}

// lacks decides what a request lacks now, and writes into it who signs in, as what that
// counts and for what the client may be told.
func (p *Provider) lacks(r *http.Request, req *identity.Request, w wish) (decision, error) {
	ctx := r.Context()
	base := Want{Client: w.client.Client, Lang: w.lang()}
	var err error
	if base.Hint, err = p.hintOf(*req); err != nil {
		return decision{}, err
	}
	if req.Refused {
		return decision{err: oauth.New(oauth.AccessDenied, "the holder gave up")}, nil
	}
	if w.unmet {
		return decision{err: oauth.New(oauth.Unmet, "an acr that is essential is not known here")}, nil
	}
	session, account, ok, err := p.signedIn(r)
	if err != nil {
		return decision{}, err
	}
	ring, err := p.theRing(ctx)
	if err != nil {
		return decision{}, err
	}
	now := p.Service.Clock.Now()
	fresh := ok && !session.AuthAt.Before(req.OpenedAt)
	switch {
	case !ok,
		!fresh && (w.prompt("login") || w.prompt("select_account")),
		!fresh && w.maxAge >= 0 && now.Sub(session.AuthAt) > w.maxAge,
		w.expects != "" && w.expects != ring.subject(w.client.Client, whose(account.ID, req.For)) && w.expects != ring.subject(w.client.Client, account.ID):
		if w.prompt("none") {
			return decision{err: oauth.New(oauth.LoginRequired, "nobody is signed in, or not whom the client expects, or too long ago")}, nil
		}
		base.SignIn, base.Level = true, max(w.must, w.level)
		return decision{want: base}, nil
	}
	if req.Account != account.ID {
		req.Account, req.For, req.Chosen, req.Decided, req.Purposes = account.ID, "", false, false, nil
	}
	req.Session = session.ID
	if d, done := w.lacksLevel(base, session, account); done {
		return d, nil
	}
	req.ACR = w.counts(session.Reaches(account))
	if slices.Contains(w.asked.Scope, identity.ScopeActing) && !req.Chosen && !w.prompt("none") {
		acts, err := p.Service.Store.ActingFor(ctx, account.ID)
		if err != nil {
			return decision{}, err
		}
		if slices.ContainsFunc(acts, func(d identity.Delegation) bool { return d.Holds(now) }) {
			base.For = true
			return decision{want: base}, nil
		}
	}
	return p.lacksConsent(ctx, base, req, w, now)
}

func whose(account, other string) string {
	if other != "" {
		return other
	}
	return account
}

// signedIn is who is signed in at the browser, with an account that opens doors.
func (p *Provider) signedIn(r *http.Request) (identity.Session, identity.Account, bool, error) {
	in, ok, err := p.Entrance.SignedIn(r)
	if err != nil {
		return identity.Session{}, identity.Account{}, false, fmt.Errorf("sign-in at the browser: %w", err)
	}
	return in.Session, in.Account, ok && in.Account.Opens() && in.Session.Open(p.Service.Clock.Now()), nil
}

// lacksLevel decides whether the sign-in is sure enough.
func (w wish) lacksLevel(base Want, session identity.Session, account identity.Account) (decision, bool) {
	reached := session.Reaches(account)
	could := session // what a surer sign-in would reach
	could.Level = identity.Two
	reachable := could.Reaches(account)
	switch {
	case reached >= max(w.must, w.level):
		return decision{}, false
	case reached < w.must && (reachable < w.must || w.prompt("none")):
		return decision{err: oauth.New(oauth.Unmet, "the holder does not reach the level that the client must have")}, true
	case reached < w.must:
		base.Level = w.must
	case reachable < w.level || w.prompt("none"): // it was a wish
		return decision{}, false
	default:
		base.Level = w.level
	}
	return decision{want: base}, true
}

// lacksConsent decides whether the holder must be asked, and for what the client may be told.
func (p *Provider) lacksConsent(ctx context.Context, base Want, req *identity.Request, w wish, now time.Time) (decision, error) {
	needs := w.asked.Needs(w.client.Client)
	var consents []identity.Consent
	if slices.ContainsFunc(needs, func(n identity.Need) bool { return !n.Purpose.Law }) {
		var err error
		if consents, err = p.Service.Store.Consents(ctx, whose(req.Account, req.For)); err != nil {
			return decision{}, err
		}
	}
	missing := identity.Missing(needs, consents, w.client.ID, func(c identity.Consent) bool { return c.Holds(now) })
	anew := w.prompt("consent")
	if !req.Decided && (anew || len(missing) > 0) {
		if w.prompt("none") {
			return decision{err: oauth.New(oauth.ConsentRequired, "the holder has not agreed")}, nil
		}
		base.Agree, base.Needs = true, missing
		if anew {
			base.Needs = slices.DeleteFunc(slices.Clone(needs), func(n identity.Need) bool { return n.Purpose.Law })
		}
		base.Offline = slices.Contains(identity.GrantedScope(w.client.Client, w.params), identity.ScopeOffline)
		return decision{want: base}, nil
	}
	chosen := req.Purposes
	req.Purposes = nil
	for _, n := range needs {
		agreed := !slices.ContainsFunc(missing, func(m identity.Need) bool { return m.Purpose.Code == n.Purpose.Code })
		if n.Purpose.Law || agreed && (!anew || slices.Contains(chosen, n.Purpose.Code)) {
			req.Purposes = append(req.Purposes, n.Purpose.Code)
		}
	}
	return decision{}, nil
}

// The cookie that ties requests to the browser at which they wait.
func (p *Provider) cookieName() string {
	if p.Secure {
		return "__Host-dean06-request"
	}
	return "dean06-request"
}

func (p *Provider) browserHash(r *http.Request) string {
	c, err := r.Cookie(p.cookieName())
	if err != nil || len(c.Value) < 40 {
		return ""
	}
	return opaque.Hash(c.Value)
}

func (p *Provider) browser(w http.ResponseWriter, r *http.Request) string {
	if hash := p.browserHash(r); hash != "" {
		return hash
	}
	secret := opaque.New()
	http.SetCookie(w, &http.Cookie{
		Name: p.cookieName(), Value: secret, Path: "/", HttpOnly: true, Secure: p.Secure, SameSite: http.SameSiteLaxMode,
	})
	return opaque.Hash(secret)
}

var _ web.Handler = (*Provider)(nil).authorize
