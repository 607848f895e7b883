package provider

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"dean06/internal/identity"
	"dean06/internal/platform/oauth"
)

// How long tokens hold. What an access token opens is held against its grant at each use,
// so that its life bounds only what a copy in another's hands would be believed elsewhere.
const (
	accessLife = 5 * time.Minute
	idLife     = 10 * time.Minute
)

// accessClaims are those of an access token (RFC 9068).
type accessClaims struct {
	oauth.Claims
	Client  string        `json:"client_id"`
	Scope   string        `json:"scope,omitempty"`
	Grant   string        `json:"grant_id,omitempty"`
	AuthAt  oauth.Seconds `json:"auth_time,omitempty"`
	ACR     string        `json:"acr,omitempty"`
	Confirm *confirmation `json:"cnf,omitempty"`
	Act     *act          `json:"act,omitempty"`
}

// confirmation names the key to which a token is bound (RFC 9449, section 6).
type confirmation struct {
	Key string `json:"jkt"`
}

// act is who acts for the subject (RFC 8693, section 4.1), by what right, and in what:
// codes of procedures, or "*" for all.
type act struct {
	Subject string   `json:"sub"`
	Ground  string   `json:"ground,omitempty"`
	Scope   []string `json:"scope,omitempty"`
	// Name and Number are told where the law lets the client be told them of whoever signs in:
	// that what is done shows both.
	Name   string `json:"name,omitempty"`
	Number string `json:"identity_number,omitempty"`
}

// bare is who acts without facts of theirs, as access tokens have it: others read these.
func (a *act) bare() *act {
	if a == nil {
		return nil
	}
	return &act{Subject: a.Subject, Ground: a.Ground, Scope: a.Scope}
}

// token gives tokens (RFC 6749, section 3.2).
func (p *Provider) token(w http.ResponseWriter, r *http.Request) error {
	c, err := p.authenticate(r, r.URL.Path)
	if err != nil {
		return err
	}
	grant := c.params["grant_type"]
	switch {
	case grant == "":
		return oauth.New(oauth.InvalidRequest, "grant_type is missing")
	case !slices.Contains([]string{identity.GrantCode, identity.GrantRefresh, identity.GrantClient}, grant):
		return oauth.New(oauth.UnsupportedGrant, "grant_type is none that is given here")
	case !slices.Contains(c.Grants, grant):
		return oauth.New(oauth.UnauthorizedClient, "the client is not registered for this grant_type")
	}
	if err := p.prove(r, c); err != nil {
		return err
	}
	if c.key == "" && c.DPoPOnly {
		return oauth.New(oauth.InvalidProof, "the client is registered to prove possession of its key")
	}
	switch grant {
	case identity.GrantCode:
		return p.tokenByCode(w, r, c)
	case identity.GrantRefresh:
		return p.tokenByRefresh(w, r, c)
	}
	return p.tokenOfClient(w, r, c)
}

func (p *Provider) tokenByCode(w http.ResponseWriter, r *http.Request, c *call) error {
	code := c.params["code"]
	if code == "" {
		return oauth.New(oauth.InvalidRequest, "code is missing")
	}
	issued, err := p.Service.Redeem(r.Context(), c.Client, code, c.uses(), func(req identity.Request) (string, error) {
		verifier, challenge := c.params["code_verifier"], req.Params["code_challenge"]
		switch {
		case c.params["redirect_uri"] != req.Params["redirect_uri"]:
			return "", oauth.New(oauth.InvalidGrant, "redirect_uri is not that of the request")
		case challenge == "" && verifier != "":
			return "", oauth.New(oauth.InvalidGrant, "code_verifier, but the request had no code_challenge")
		case challenge != "" && !oauth.Proves(verifier, challenge):
			return "", oauth.New(oauth.InvalidGrant, "code_verifier does not belong to code_challenge")
		case req.Key != "" && req.Key != c.key:
			return "", oauth.New(oauth.InvalidGrant, "the code is bound to another key")
		}
		return c.key, nil
	})
	if err != nil {
		return err
	}
	return p.give(w, c, issued, true)
}

func (p *Provider) tokenByRefresh(w http.ResponseWriter, r *http.Request, c *call) error {
	token := c.params["refresh_token"]
	if token == "" {
		return oauth.New(oauth.InvalidRequest, "refresh_token is missing")
	}
	scope := oauth.Fields(c.params["scope"])
	issued, err := p.Service.Refresh(r.Context(), c.Client, token, c.uses(), func(g identity.Grant) error {
		if g.Key != "" && g.Key != c.key {
			return oauth.New(oauth.InvalidGrant, "the refresh token is bound to another key")
		}
		for _, s := range scope {
			if !slices.Contains(g.Scope, s) {
				return oauth.New(oauth.InvalidScope, "scope is more than was granted")
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(scope) > 0 {
		issued.Grant.Scope = scope
	}
	issued.Grant.Asked = "" // facts are told at the sign-in, and by userinfo, which looks at consents anew
	issued.Grant.Nonce = "" // OpenID Connect Core, 12.2: it was of the first one
	return p.give(w, c, issued, slices.Contains(issued.Grant.Scope, identity.ScopeOpenID))
}

// tokenOfClient gives a token of the client's own: of nobody, and to nobody's facts.
func (p *Provider) tokenOfClient(w http.ResponseWriter, r *http.Request, c *call) error {
	if err := p.usedUp(r.Context(), c); err != nil {
		return err
	}
	token, err := p.access(c, accessClaims{Claims: oauth.Claims{Subject: c.ID}, Confirm: confirm(c.key)})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, tokens{Access: token, Type: tokenType(c.key), Expires: int(accessLife.Seconds())})
}

type tokens struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"`
	Refresh string `json:"refresh_token,omitempty"`
	ID      string `json:"id_token,omitempty"`
	Scope   string `json:"scope,omitempty"`
}

func tokenType(key string) string {
	if key != "" {
		return "DPoP"
	}
	return "Bearer"
}

func confirm(key string) *confirmation {
	if key == "" {
		return nil
	}
	return &confirmation{key}
}

func (p *Provider) access(c *call, claims accessClaims) (string, error) {
	now := p.Service.Clock.Now()
	claims.Issuer, claims.Audience, claims.Client = p.issuer, oauth.Audience{p.issuer}, c.ID
	claims.IssuedAt, claims.Expires, claims.ID = oauth.At(now), oauth.At(now.Add(accessLife)), p.Service.NewID()
	key, err := c.ring.signer(oauth.ES256, now)
	if err != nil {
		return "", err
	}
	return key.Sign(oauth.TypeAccess, claims)
}

// give answers with the tokens of a grant.
func (p *Provider) give(w http.ResponseWriter, c *call, issued identity.Issued, withID bool) error {
	g := issued.Grant
	subject, acts := c.ring.people(c.Client, issued)
	access, err := p.access(c, accessClaims{
		Claims: oauth.Claims{Subject: subject}, Scope: strings.Join(g.Scope, " "), Grant: g.ID,
		AuthAt: oauth.At(g.AuthAt), ACR: g.ACR.ACR(), Confirm: confirm(g.Key), Act: acts.bare(),
	})
	if err != nil {
		return err
	}
	out := tokens{Access: access, Type: tokenType(g.Key), Expires: int(accessLife.Seconds()), Refresh: issued.Refresh, Scope: strings.Join(g.Scope, " ")}
	if withID {
		if out.ID, err = p.idToken(c, issued, access); err != nil {
			return err
		}
	}
	return writeJSON(w, http.StatusOK, out)
}

// people are the subject of a grant and who acts for it, as a client knows them.
func (r *ring) people(c identity.Client, i identity.Issued) (subject string, a *act) {
	subject = r.subject(c, i.Subject.ID)
	if i.Grant.For != "" {
		a = &act{Subject: r.subject(c, i.Holder.ID), Ground: string(i.Acts.Ground), Scope: i.Acts.Scope}
		told := i.ToldOfActor(c)
		if slices.Contains(told, identity.ClaimName) {
			a.Name = i.Holder.Value(identity.FieldName)
		}
		if slices.Contains(told, identity.ClaimNumber) {
			a.Number = i.Holder.Holder.Reveal()
		}
	}
	return subject, a
}

// idToken says who signed in, when and how (OpenID Connect Core, 2).
func (p *Provider) idToken(c *call, issued identity.Issued, access string) (string, error) {
	g, now := issued.Grant, p.Service.Clock.Now()
	subject, acts := c.ring.people(c.Client, issued)
	claims := map[string]any{
		"iss": p.issuer, "sub": subject, "aud": c.ID, "iat": now.Unix(), "exp": now.Add(idLife).Unix(), "jti": p.Service.NewID(),
		"auth_time": g.AuthAt.Unix(), "amr": g.Methods, "sid": g.Session, "at_hash": oauth.AccessTokenHash(access),
	}
	if acr := g.ACR.ACR(); acr != "" {
		claims["acr"] = acr
	}
	if g.Nonce != "" {
		claims["nonce"] = g.Nonce
	}
	if acts != nil {
		claims["act"] = acts
	}
	asked, err := askedOf(g)
	if err != nil {
		return "", err
	}
	for name := range asked.IDToken {
		if slices.Contains(g.Claims, name) {
			tell(claims, issued.Subject, name)
		}
	}
	key, err := c.ring.signer(algOr(c.IDTokenAlg), now)
	if err != nil {
		return "", err
	}
	return key.Sign(oauth.TypeToken, claims)
}

func algOr(alg string) string {
	if alg == "" {
		return oauth.ES256
	}
	return alg
}

func askedOf(g identity.Grant) (identity.Asked, error) {
	return identity.ReadAsked(map[string]string{"scope": strings.Join(g.Scope, " "), "claims": g.Asked})
}

// readAccess reads an access token of ours that has not expired.
func (p *Provider) readAccess(ctx context.Context, token string) (accessClaims, error) {
	wrong := oauth.New(oauth.InvalidToken, "the access token is not valid")
	ring, err := p.theRing(ctx)
	if err != nil {
		return accessClaims{}, err
	}
	now := p.Service.Clock.Now()
	var claims accessClaims
	if err := oauth.Verify(token, []string{oauth.ES256}, ring.published(now), &claims, oauth.TypeAccess); err != nil {
		return claims, wrong.Because(err)
	}
	if claims.Issuer != p.issuer || !claims.Audience.Has(p.issuer) || !now.Before(claims.Expires.Time()) {
		return claims, wrong
	}
	return claims, nil
}

// introspect says whether a token counts (RFC 7662): to the client that it was given to, and
// to clients of the same owner, whose services are called with it.
func (p *Provider) introspect(w http.ResponseWriter, r *http.Request) error {
	c, err := p.authenticate(r, pathIntrospect)
	if err != nil {
		return err
	}
	if c.Auth == identity.AuthNone {
		return oauth.New(oauth.InvalidClient, "a client that shows nothing cannot ask about tokens")
	}
	if err := p.usedUp(r.Context(), c); err != nil {
		return err
	}
	token := c.params["token"]
	if token == "" {
		return oauth.New(oauth.InvalidRequest, "token is missing")
	}
	answer, err := p.state(r.Context(), c, token)
	if err != nil && oauth.As(err) == nil {
		return err
	}
	if err != nil {
		answer = map[string]any{"active": false}
	}
	return writeJSON(w, http.StatusOK, answer)
}

// usedUp uses up what a call brings where nothing else is written.
func (p *Provider) usedUp(ctx context.Context, c *call) error {
	if len(c.once) == 0 {
		return nil
	}
	return p.Service.Store.InTx(ctx, func(tx identity.Tx) error { return c.uses()(ctx, tx) })
}

func (p *Provider) state(ctx context.Context, c *call, token string) (map[string]any, error) {
	if strings.Count(token, ".") != 2 {
		issued, err := p.Service.HoldsRefresh(ctx, c.Client, token)
		if err != nil {
			return nil, err
		}
		g := issued.Grant
		subject, _ := c.ring.people(c.Client, issued)
		return map[string]any{
			"active": true, "client_id": g.Client, "sub": subject, "scope": strings.Join(g.Scope, " "), "exp": g.ExpiresAt.Unix(),
			"iat": g.RotatedAt.Unix(), "iss": p.issuer,
		}, nil
	}
	claims, err := p.readAccess(ctx, token)
	if err != nil {
		return nil, err
	}
	of, err := p.client(ctx, claims.Client)
	if err != nil {
		return nil, err
	}
	if of.Owner != c.Owner {
		return nil, oauth.New(oauth.InvalidToken, "the token is another's")
	}
	answer := map[string]any{
		"active": true, "client_id": claims.Client, "token_type": "Bearer", "scope": claims.Scope, "sub": claims.Subject,
		"aud": claims.Audience, "iss": claims.Issuer, "exp": claims.Expires, "iat": claims.IssuedAt, "jti": claims.ID,
	}
	if claims.Confirm != nil {
		answer["cnf"], answer["token_type"] = claims.Confirm, "DPoP"
	}
	if claims.Grant == "" {
		return answer, nil
	}
	issued, err := p.Service.Holds(ctx, of.Client, claims.Grant)
	if err != nil {
		return nil, err
	}
	_, acts := c.ring.people(of.Client, issued)
	if acts != nil {
		answer["act"] = acts
	}
	answer["acr"], answer["auth_time"] = claims.ACR, claims.AuthAt
	return answer, nil
}

// revoke ends what a token is of (RFC 7009): the whole grant.
func (p *Provider) revoke(w http.ResponseWriter, r *http.Request) error {
	c, err := p.authenticate(r, pathRevoke)
	if err != nil {
		return err
	}
	token := c.params["token"]
	if token == "" {
		return oauth.New(oauth.InvalidRequest, "token is missing")
	}
	refresh, grant := token, ""
	if strings.Count(token, ".") == 2 {
		refresh = ""
		claims, err := p.readAccess(r.Context(), token)
		switch {
		case oauth.As(err) != nil, err == nil && claims.Client != c.ID: // not valid: nothing to end
			if err := p.usedUp(r.Context(), c); err != nil {
				return err
			}
			w.WriteHeader(http.StatusOK)
			return nil
		case err != nil:
			return err
		case claims.Grant == "":
			return oauth.New(oauth.UnsupportedTokenType, "a token of the client's own ends by itself, in minutes")
		}
		grant = claims.Grant
	}
	if err := p.Service.Revoke(r.Context(), c.Client, refresh, grant, c.uses()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}
