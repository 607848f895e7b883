package provider

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/oauth"
)

// Ways in which an answer goes back.
const (
	modeQuery = "query"
	modeForm  = "form_post"
)

// requestURI is how a pushed request is named.
const requestURI = "urn:ietf:params:oauth:request_uri:"

// wish is an authorization request that was read: what the client wants.
type wish struct {
	client   client
	params   oauth.Params
	redirect string // proven to be the client's; "" until it is
	mode     string
	prompts  []string
	maxAge   time.Duration // negative: none
	level    identity.Level
	must     identity.Level   // at least, or nothing
	as       []identity.Level // as one of which the sign-in must count; none: as any
	unmet    bool             // what must be met is nothing that we know
	asked    identity.Asked
	expects  string // subject of an id_token_hint; "" for none
}

func (w wish) prompt(p string) bool { return slices.Contains(w.prompts, p) }

func (w wish) state() string { return w.params["state"] }

// Faults that are shown on a page, as no client is proven to whom they could be told.
func refused(why string, args fault.Args) *fault.Error {
	return fault.New(fault.Invalid, "provider.refused."+why, args)
}

// wishOf reads a request. When the client and where it wants the answer are proven, the
// wish has a redirect, and a fault of the rest is an *oauth.Error that goes there; else the
// error is a fault for a page.
func (p *Provider) wishOf(ctx context.Context, params oauth.Params, pushed bool) (w wish, err error) {
	w = wish{params: params, maxAge: -1, mode: modeQuery}
	if w.client, err = p.client(ctx, params["client_id"]); oauth.As(err) != nil {
		return w, refused("client", nil).Because(err)
	} else if err != nil {
		return w, err
	}
	var object error
	if params["request"] != "" {
		w.params, object = p.readObject(w.client, params)
	} else if w.client.RequestAlg != "" && !pushed {
		object = oauth.New(oauth.InvalidRequest, "the client is registered to send signed request objects")
	}
	if uri := w.params["redirect_uri"]; uri == "" || !slices.Contains(w.client.RedirectURIs, uri) {
		if object != nil && oauth.As(object) != nil { // what stands beside the object may still say where to
			if uri := params["redirect_uri"]; slices.Contains(w.client.RedirectURIs, uri) {
				w.redirect, w.params = uri, params
				return w, object
			}
		}
		return w, refused("redirect", fault.Args{"client": w.client.Name.Vi})
	}
	w.redirect = w.params["redirect_uri"]
	if m := w.params["response_mode"]; m == modeQuery || m == modeForm {
		w.mode = m
	} else if m != "" {
		return w, oauth.New(oauth.InvalidRequest, "response_mode must be query or form_post")
	}
	if object != nil {
		return w, object
	}
	return w, p.readWish(ctx, &w)
}

func (p *Provider) readWish(ctx context.Context, w *wish) error {
	c, params := w.client, w.params
	switch {
	case params["request_uri"] != "":
		return oauth.New(oauth.NoRequestURI, "request_uri must be one of a pushed request")
	case params["response_type"] == "":
		return oauth.New(oauth.InvalidRequest, "response_type is missing")
	case params["response_type"] != "code":
		return oauth.New(oauth.UnsupportedResponse, "response_type must be code")
	case !slices.Contains(c.Grants, identity.GrantCode):
		return oauth.New(oauth.UnauthorizedClient, "the client is not registered to sign people in")
	case !slices.Contains(oauth.Fields(params["scope"]), identity.ScopeOpenID):
		return oauth.New(oauth.InvalidScope, "scope must contain openid")
	}
	challenge, method := params["code_challenge"], params["code_challenge_method"]
	switch {
	case challenge == "" && !c.WithoutPKCE:
		return oauth.New(oauth.InvalidRequest, "code_challenge is missing")
	case challenge == "" && method != "":
		return oauth.New(oauth.InvalidRequest, "code_challenge_method without code_challenge")
	case challenge != "" && (method != oauth.S256 || !oauth.IsChallenge(challenge)):
		return oauth.New(oauth.InvalidRequest, "code_challenge_method must be S256 and code_challenge one of it")
	}
	if err := w.readTimes(); err != nil {
		return err
	}
	var err error
	if w.asked, err = identity.ReadAsked(params); err != nil {
		return err
	}
	w.readLevels()
	if hint := params["id_token_hint"]; hint != "" {
		claims, err := p.readHint(ctx, hint)
		if err != nil {
			return err
		}
		if !claims.Audience.Has(c.ID) {
			return oauth.New(oauth.InvalidRequest, "id_token_hint is for another client")
		}
		w.expects = claims.Subject
	}
	return nil
}

func (w *wish) readTimes() error {
	w.prompts = oauth.Fields(w.params["prompt"])
	for _, p := range w.prompts {
		if !slices.Contains([]string{"none", "login", "consent", "select_account"}, p) {
			return oauth.New(oauth.InvalidRequest, "prompt has a value that is not known")
		}
	}
	if w.prompt("none") && len(w.prompts) > 1 {
		return oauth.New(oauth.InvalidRequest, "prompt none stands alone")
	}
	seconds := w.params["max_age"]
	if seconds == "" && w.client.DefaultMaxAge > 0 {
		seconds = strconv.Itoa(w.client.DefaultMaxAge)
	}
	if seconds != "" {
		n, err := strconv.Atoi(seconds)
		if err != nil || n < 0 || n > 1<<30 {
			return oauth.New(oauth.InvalidRequest, "max_age must be a number of seconds")
		}
		w.maxAge = time.Duration(n) * time.Second
	}
	return nil
}

// readLevels finds how sure the sign-in shall be. acr_values are a wish: the first that we
// know counts. What the claims parameter calls essential must be met (OpenID Connect Core,
// 5.5.1.1).
func (w *wish) readLevels() {
	w.must = w.client.Level
	for _, v := range oauth.Fields(w.params["acr_values"]) {
		if l, ok := identity.LevelOf(v); ok {
			w.level = l
			break
		}
	}
	acr, ok := w.asked.IDToken["acr"]
	if !ok {
		return
	}
	for _, v := range acr.Any() {
		if l, ok := identity.LevelOf(v); ok {
			w.as = append(w.as, l)
		}
	}
	switch {
	case acr.Essential && len(acr.Any()) > 0 && len(w.as) == 0:
		w.unmet = true
	case acr.Essential && len(w.as) > 0:
		w.must = max(w.must, slices.Min(w.as))
	case len(w.as) > 0:
		w.level, w.as = w.as[0], nil
	}
}

// counts is as what a sign-in of a level counts: as itself, or as the surest of those that
// the client must have that it reaches.
func (w wish) counts(reached identity.Level) identity.Level {
	if len(w.as) == 0 {
		return reached
	}
	best := identity.NoLevel
	for _, l := range w.as {
		if l <= reached {
			best = max(best, l)
		}
	}
	return best
}

// lang is the first language of ui_locales that we speak.
func (w wish) lang() string {
	for _, tag := range oauth.Fields(w.params["ui_locales"]) {
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if primary == "vi" || primary == "en" {
			return primary
		}
	}
	return ""
}

// readObject reads a signed request object (RFC 9101): what stands in it is the request, and
// what stands beside it does not count.
func (p *Provider) readObject(c client, beside oauth.Params) (oauth.Params, error) {
	if c.RequestAlg == "" {
		return beside, oauth.New(oauth.NoRequest, "the client is not registered to send request objects")
	}
	wrong := oauth.New(oauth.InvalidRequestObject, "the request object is not signed as registered, for this provider, by this client, for now")
	s, err := oauth.Parse(beside["request"], []string{c.RequestAlg}, oauth.TypeToken, oauth.TypeRequest)
	if err != nil {
		return beside, wrong.Because(err)
	}
	members := map[string]json.RawMessage{}
	if err := s.Verify(c.keys, &members); err != nil {
		return beside, wrong.Because(err)
	}
	var claims oauth.Claims
	if err := s.Verify(c.keys, &claims); err != nil {
		return beside, wrong.Because(err)
	}
	now := p.Service.Clock.Now()
	if claims.Issuer != c.ID || !claims.Audience.Has(p.issuer) ||
		claims.Expires != 0 && !now.Before(claims.Expires.Time().Add(clocksOff)) || claims.NotBefore.Time().After(now.Add(clocksOff)) {
		return beside, wrong
	}
	params := oauth.Params{}
	for name, raw := range members {
		if slices.Contains([]string{"iss", "aud", "exp", "nbf", "iat", "jti"}, name) {
			continue
		}
		var text string
		if err := json.Unmarshal(raw, &text); err != nil { // a number, or the object of claims
			text = string(raw)
		}
		if text != "" && text != "null" {
			params[name] = text
		}
	}
	switch {
	case params["request"] != "" || params["request_uri"] != "":
		return beside, oauth.New(oauth.InvalidRequestObject, "a request object holds no other")
	case params["client_id"] != c.ID:
		return beside, oauth.New(oauth.InvalidRequestObject, "client_id of the request object is another")
	case beside["response_type"] != "" && beside["response_type"] != params["response_type"]:
		return beside, oauth.New(oauth.InvalidRequestObject, "response_type of the request object is another")
	}
	return params, nil
}

// clocksOff is how far the clocks of clients may be off.
const clocksOff = 30 * time.Second

// hintClaims are those of an ID token that comes back.
type hintClaims struct {
	oauth.Claims
	Session string `json:"sid"`
}

// readHint reads an ID token of ours that comes back, expired or not. One that was not
// signed here is refused: it could make somebody sign out another.
func (p *Provider) readHint(ctx context.Context, token string) (hintClaims, error) {
	ring, err := p.theRing(ctx)
	if err != nil {
		return hintClaims{}, err
	}
	var claims hintClaims
	err = oauth.Verify(token, oauth.OurAlgs, ring.published(p.Service.Clock.Now()), &claims, oauth.TypeToken)
	if err != nil || claims.Issuer != p.issuer || claims.Subject == "" {
		return hintClaims{}, oauth.New(oauth.InvalidRequest, "id_token_hint is no ID token of this provider").Because(err)
	}
	return claims, nil
}

// kept is a request as it is kept: without login_hint, which is sealed, and without what
// was used up in reading it.
func (p *Provider) kept(w wish, now time.Time) (identity.Request, error) {
	r := identity.Request{ID: p.Service.NewID(), Client: w.client.ID, Params: map[string]string{}, CreatedAt: now, Key: w.params["dpop_jkt"]}
	for name, value := range w.params {
		switch name {
		case "login_hint", "request", "client_assertion", "client_assertion_type", "client_secret":
		default:
			r.Params[name] = value
		}
	}
	if hint := w.params["login_hint"]; hint != "" {
		sealed, err := p.Service.Sealer.Seal([]byte(hint), []byte("login_hint "+r.ID))
		if err != nil {
			return r, err
		}
		r.Hint = sealed
	}
	return r, nil
}

func (p *Provider) hintOf(r identity.Request) (string, error) {
	if r.Hint == nil {
		return "", nil
	}
	plain, err := p.Service.Sealer.Open(r.Hint, []byte("login_hint "+r.ID))
	return string(plain), err
}
