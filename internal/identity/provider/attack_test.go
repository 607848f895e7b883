package provider_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/oauth"
)

// Redirect tricks: only what was registered, letter by letter, is ever led to.
func TestRedirectTricks(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.client(nil)
	b := h.browser()
	for _, uri := range []string{
		back + "/", back + "?", back + "#", back + "/../evil", back + "%2f..", "https://rp.example.vn:443/back", "https://RP.example.vn/back",
		"https://rp.example.vn@evil.example/back", "https://rp.example.vn.evil.example/back", "http://rp.example.vn/back",
		"//rp.example.vn/back", "javascript:alert(1)", back + "?x=2", back + "\r\nSet-Cookie: a=b", "",
	} {
		p := b.get(c.address(map[string]string{"redirect_uri": uri}))
		if p.to != nil || p.status != 422 {
			t.Errorf("%q: %d, led to %v", uri, p.status, p.to)
		}
	}
	if p := b.get(c.address(map[string]string{"redirect_uri": back + "?x=1"})); p.values.Get("x") != "1" || p.values.Get("code") == "" {
		t.Errorf("the registered address with a query: %v", p.values)
	}
	// Errors go nowhere either, and nothing of the address is shown as it came.
	p := b.get(h.url + "/oauth/authorize?client_id=c-unknown&redirect_uri=https%3A%2F%2Fevil.example%2F%3Cscript%3E&prompt=none")
	if p.to != nil || p.status != 422 || strings.Contains(p.body, "<script>") {
		t.Errorf("%d %v", p.status, p.to)
	}
}

func TestParametersThatStandTwice(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.client(nil)
	b := h.browser()
	for _, more := range []string{"&redirect_uri=https://evil.example/", "&state=T", "&client_id=x", "&scope=openid", "&unknown=1&unknown=2"} {
		if p := b.get(c.address(nil) + more); p.to != nil || p.status != 422 {
			t.Errorf("%s: %d %v", more, p.status, p.to)
		}
	}
	form := url.Values{"grant_type": {"client_credentials", "refresh_token"}}
	if r := c.call("/oauth/token", form); r.text("error") != oauth.InvalidRequest {
		t.Errorf("%d %s", r.status, r.raw)
	}
}

// PKCE downgrade: neither the request nor the code's use gets along without it.
func TestPKCEDowngrade(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.client(nil)
	b := h.browser()
	for name, change := range map[string]map[string]string{
		"without":           {"code_challenge": "", "code_challenge_method": ""},
		"plain":             {"code_challenge": verifier, "code_challenge_method": "plain"},
		"method left out":   {"code_challenge_method": ""},
		"challenge of none": {"code_challenge": "x"},
	} {
		if p := b.get(c.address(change)); p.values.Get("error") != oauth.InvalidRequest || p.values.Get("code") != "" {
			t.Errorf("%s: %v", name, p.values)
		}
	}
	for name, v := range map[string]string{"none": "", "another": strings.Repeat("a", 43), "the challenge": oauth.Challenge(verifier)} {
		form := url.Values{"grant_type": {"authorization_code"}, "code": {c.code(b, nil)}, "redirect_uri": {back}}
		if v != "" {
			form.Set("code_verifier", v)
		}
		if r := c.call("/oauth/token", form); r.text("error") != oauth.InvalidGrant {
			t.Errorf("%s: %d %s", name, r.status, r.raw)
		}
	}
	// An old system of the field has none; then a verifier that comes is a code of elsewhere.
	old := h.client(func(c *identity.Client) { c.Contract, c.WithoutPKCE, c.Auth = identity.Portal, true, identity.AuthPost })
	without := map[string]string{"code_challenge": "", "code_challenge_method": ""}
	if r := old.redeem(old.code(b, without)); r.text("error") != oauth.InvalidGrant {
		t.Errorf("%d %s", r.status, r.raw)
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {old.code(b, without)}, "redirect_uri": {back}}
	if r := old.call("/oauth2/token", form); r.status != 200 {
		t.Errorf("%d %s", r.status, r.raw)
	}
}

// Mix-up: each answer says whose it is, errors too.
func TestMixUp(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.client(nil)
	for _, change := range []map[string]string{nil, {"prompt": "none"}, {"scope": "x"}} {
		if p := h.browser().get(c.address(change)); p.values.Get("iss") != h.url {
			t.Errorf("%v: %v", change, p.values)
		}
	}
}

func TestCodesOfOthers(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c, other := h.client(nil), h.client(nil)
	b := h.browser()
	code := c.code(b, nil)
	if r := other.redeem(code); r.text("error") != oauth.InvalidGrant {
		t.Errorf("%d %s", r.status, r.raw)
	}
	if r := c.call("/oauth/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {back + "?x=1"}, "code_verifier": {verifier},
	}); r.text("error") != oauth.InvalidGrant {
		t.Errorf("with another redirect_uri: %d %s", r.status, r.raw)
	}
	h.Clock.Pass(61 * time.Second)
	if r := c.redeem(code); r.text("error") != oauth.InvalidGrant {
		t.Errorf("after a minute: %d %s", r.status, r.raw)
	}
	code = c.code(b, nil)
	b.get(h.url + "/oauth/logout?" + url.Values{"id_token_hint": {c.signIn(b, nil).text("id_token")}}.Encode())
	if r := c.redeem(code); r.text("error") != oauth.InvalidGrant {
		t.Errorf("after the sign-out: %d %s", r.status, r.raw)
	}
}

// Two use one code, or one refresh token, at the same time: one gets tokens, and as nobody
// knows which, nobody keeps them.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.client(nil)
	b := h.browser()
	twice := func(f func() reply) []reply {
		var wg sync.WaitGroup
		out := make([]reply, 2)
		for i := range out {
			wg.Go(func() { out[i] = f() })
		}
		wg.Wait()
		slices.SortFunc(out, func(a, b reply) int { return a.status - b.status })
		return out
	}
	code := c.code(b, nil)
	got := twice(func() reply { return c.redeem(code) })
	if got[0].status != 200 || got[1].text("error") != oauth.InvalidGrant {
		t.Fatalf("code: %d %d", got[0].status, got[1].status)
	}
	if u := c.userinfo(got[0].text("access_token")); u.status != 401 {
		t.Errorf("the token still opens: %d", u.status)
	}
	r := c.signIn(b, nil)
	got = twice(func() reply { return c.refresh(r.text("refresh_token")) })
	if got[0].status != 200 || got[1].text("error") != oauth.InvalidGrant {
		t.Fatalf("refresh: %d %d", got[0].status, got[1].status)
	}
	if next := c.refresh(got[0].text("refresh_token")); next.text("error") != oauth.InvalidGrant {
		t.Errorf("the grant goes on: %d", next.status)
	}
}

// A refresh token that was stolen: its second use ends everything, and the holder sees it.
func TestStolenRefreshToken(t *testing.T) {
	t.Parallel()
	h, mother := home(t)
	c := h.client(nil)
	r := c.signIn(h.browser(), nil)
	first := r.text("refresh_token")
	second := c.refresh(first)
	if second.status != 200 || second.text("refresh_token") == first {
		t.Fatalf("%d %s", second.status, second.raw)
	}
	if again := c.refresh(first); again.text("error") != oauth.InvalidGrant {
		t.Errorf("%d %s", again.status, again.raw)
	}
	if next := c.refresh(second.text("refresh_token")); next.text("error") != oauth.InvalidGrant {
		t.Errorf("the grant goes on: %d %s", next.status, next.raw)
	}
	if u := c.userinfo(second.text("access_token")); u.status != 401 {
		t.Errorf("the access token still opens: %d", u.status)
	}
	if log := h.sees(mother); !slices.Contains(log, "client.copied") {
		t.Errorf("the holder sees %v", log)
	}
	// One that is bound to a key is worth nothing without it, though the thief is the client.
	k := h.keyed()
	r = k.signIn(h.browser(), nil)
	thief := *k
	another := key(2)
	thief.dpop = &another
	if stolen := thief.refresh(r.text("refresh_token")); stolen.text("error") != oauth.InvalidGrant {
		t.Errorf("%d %s", stolen.status, stolen.raw)
	}
	if kept := k.refresh(r.text("refresh_token")); kept.status != 200 {
		t.Errorf("the thief's attempt cost the client its token: %s", kept.raw)
	}
}

func TestProofsOfPossession(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.keyed()
	token := c.signIn(h.browser(), nil).text("access_token")
	ask := func(scheme, proof string) reply {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/oauth/userinfo", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", scheme+" "+token)
		if proof != "" {
			r.Header.Set("DPoP", proof)
		}
		return c.send(r)
	}
	proof := func(k oauth.Key, method, url, nonce, of string) string {
		p, err := oauth.NewProof(k, method, url, nonce, of, h.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	at := h.url + "/oauth/userinfo"
	good := proof(*c.dpop, "GET", at, c.nonce, token)
	if r := ask("DPoP", good); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.raw)
	}
	for name, tt := range map[string]struct{ scheme, proof, code string }{
		"replayed":          {"DPoP", good, oauth.InvalidProof},
		"wrong method":      {"DPoP", proof(*c.dpop, "POST", at, c.nonce, token), oauth.InvalidProof},
		"wrong URL":         {"DPoP", proof(*c.dpop, "GET", h.url+"/oauth/token", c.nonce, token), oauth.InvalidProof},
		"for another token": {"DPoP", proof(*c.dpop, "GET", at, c.nonce, token+"x"), oauth.InvalidProof},
		"another key":       {"DPoP", proof(key(2), "GET", at, c.nonce, token), oauth.InvalidToken},
		"no nonce":          {"DPoP", proof(*c.dpop, "GET", at, "", token), oauth.UseNonce},
		"no proof":          {"DPoP", "", oauth.InvalidToken},
		"as bearer":         {"Bearer", "", oauth.InvalidToken},
		"as bearer, proof":  {"Bearer", proof(*c.dpop, "GET", at, c.nonce, token), oauth.InvalidToken},
	} {
		r := ask(tt.scheme, tt.proof)
		if r.status != 401 || !strings.Contains(r.header.Get("WWW-Authenticate"), tt.code) {
			t.Errorf("%s: %d %s", name, r.status, r.header.Get("WWW-Authenticate"))
		}
	}
	if r := ask("DPoP", ""); r.header.Get("DPoP-Nonce") == "" {
		t.Error("it does not say with which nonce to come again")
	}
	// Without any proof a client that is registered to bring one gets nothing.
	bare := *c
	bare.dpop = nil
	if r := bare.call("/oauth/token", url.Values{"grant_type": {"client_credentials"}}); r.text("error") != oauth.InvalidProof {
		t.Errorf("%d %s", r.status, r.raw)
	}
}

func TestAssertionsAreUsedOnce(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.client(func(c *identity.Client) { c.Auth, c.Keys = identity.AuthKey, jwks(key(0)) })
	a, err := oauth.NewAssertion(c.key, c.id, h.url, h.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_assertion": {a}, "client_assertion_type": {oauth.AssertionType}}
	if r := c.call("/oauth/token", form); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.raw)
	}
	if r := c.call("/oauth/token", form); r.status != 401 || r.text("error") != oauth.InvalidClient {
		t.Errorf("%d %s", r.status, r.raw)
	}
}

// A client says who it is in the one way of its registration.
func TestHowClientsSayWhoTheyAre(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	basic := h.client(nil)
	open := h.client(func(c *identity.Client) { c.Auth, c.Grants = identity.AuthNone, []string{identity.GrantCode} })
	form := url.Values{"grant_type": {"client_credentials"}}
	as := func(c *rp, auth, secret string) *rp {
		other := *c
		other.c.Auth, other.secret = auth, secret
		return &other
	}
	if r := basic.call("/oauth/token", form); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.raw)
	}
	for name, c := range map[string]*rp{
		"a wrong secret":           as(basic, identity.AuthBasic, "x"),
		"no secret":                as(basic, identity.AuthBasic, ""),
		"the hash for the secret":  as(basic, identity.AuthBasic, opaque.Hash(basic.secret)),
		"the secret in the body":   as(basic, identity.AuthPost, basic.secret),
		"nothing":                  as(basic, identity.AuthNone, ""),
		"a key that is not its":    as(basic, identity.AuthKey, ""),
		"an open one, by a secret": as(open, identity.AuthPost, "x"),
	} {
		if r := c.call("/oauth/token", form); r.status != 401 || r.text("error") != oauth.InvalidClient {
			t.Errorf("%s: %d %s", name, r.status, r.raw)
		}
	}
	twice := url.Values{"grant_type": {"client_credentials"}, "client_secret": {basic.secret}, "client_id": {basic.id}}
	if r := basic.call("/oauth/token", twice); r.text("error") != oauth.InvalidRequest {
		t.Errorf("in two ways: %d %s", r.status, r.raw)
	}
	if r := open.call("/oauth/token", form); r.text("error") != oauth.UnauthorizedClient {
		t.Errorf("a grant that is not registered: %d %s", r.status, r.raw)
	}
	if r := open.redeem(open.code(h.browser(), nil)); r.status != 200 || r.text("refresh_token") != "" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	if err := h.StopClient(t.Context(), identitytest.Operator, basic.id, "thử"); err != nil {
		t.Fatal(err)
	}
	h.Clock.Pass(4 * time.Second) // as long as a client is remembered
	if r := basic.call("/oauth/token", form); r.text("error") != oauth.InvalidClient {
		t.Errorf("a client that was stopped: %d %s", r.status, r.raw)
	}
}

// Tokens with which nobody was signed in: none, another algorithm, another type.
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.client(nil)
	r := c.signIn(h.browser(), nil)
	token := r.text("access_token")
	parts := strings.Split(token, ".")
	forged := map[string]string{
		"none":                   b64(`{"alg":"none","typ":"at+jwt"}`) + "." + parts[1] + ".",
		"signed by another":      signedBy(t, key(2), token),
		"the ID token":           r.text("id_token"),
		"the refresh token":      r.text("refresh_token"),
		"another's payload":      parts[0] + "." + b64(`{"sub":"x"}`) + "." + parts[2],
		"nothing":                "",
		"a signature of nothing": parts[0] + "." + parts[1] + ".",
	}
	for name, token := range forged {
		if u := c.userinfo(token); u.status != 401 {
			t.Errorf("%s: %d", name, u.status)
		}
	}
	h.Clock.Pass(5 * time.Minute)
	if u := c.userinfo(token); u.status != 401 {
		t.Errorf("after its end: %d", u.status)
	}
	if p := h.browser().get(h.url + "/oauth/userinfo?access_token=" + token); p.status != 401 {
		t.Errorf("in the address: %d", p.status)
	}
}

// signedBy is a token with the same payload, signed with another key under the same name.
func signedBy(t *testing.T, k oauth.Key, token string) string {
	t.Helper()
	s, err := oauth.Parse(token, oauth.OurAlgs, oauth.TypeAccess, oauth.TypeToken)
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{}
	if err := s.Unverified(&claims); err != nil {
		t.Fatal(err)
	}
	k.ID = s.KeyID
	out, err := k.Sign(s.Type, claims)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestForgedIDTokenHint(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c, other := h.client(nil), h.client(nil)
	b := h.browser()
	hint := c.signIn(b, nil).text("id_token")
	for name, forged := range map[string]string{
		"signed by another":    signedBy(t, key(2), hint),
		"none":                 b64(`{"alg":"none"}`) + "." + strings.Split(hint, ".")[1] + ".",
		"an access token":      c.signIn(b, nil).text("access_token"),
		"of another client":    other.signIn(b, nil).text("id_token"),
		"not a token":          "x",
		"one that was changed": strings.Replace(hint, "a", "b", 1),
	} {
		p := b.get(c.address(map[string]string{"id_token_hint": forged}))
		if p.values.Get("error") != oauth.InvalidRequest || p.values.Get("code") != "" {
			t.Errorf("%s: %d %v", name, p.status, p.values)
		}
	}
	// Somebody else is signed in than the client expects: asked, and refused where it may not ask.
	h.door.set(func(d *door) { d.who = h.Give(t, identitytest.Father, identity.Two) })
	b2 := h.browser()
	c.signIn(b2, nil)
	if p := b2.get(c.address(map[string]string{"id_token_hint": hint, "prompt": "none"})); p.values.Get("error") != oauth.LoginRequired {
		t.Errorf("%d %v", p.status, p.values)
	}
}

func TestRequestObjectOfAnother(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.client(func(c *identity.Client) { c.RequestAlg, c.Keys = oauth.ES256, jwks(key(0)) })
	b := h.browser()
	ask := func(object string) page { return b.get(c.address(map[string]string{"request": object})) }
	if p := ask(c.object(nil)); p.values.Get("code") == "" {
		t.Fatalf("%d %v %s", p.status, p.values, p.body)
	}
	foreign := *c
	foreign.key = key(2)
	rsaKey, err := oauth.NewKey(oauth.RS256)
	if err != nil {
		t.Fatal(err)
	}
	another := *c
	another.key = rsaKey
	for name, object := range map[string]string{
		"a foreign key":      foreign.object(nil),
		"another algorithm":  another.object(nil),
		"for another":        c.object(func(m map[string]any) { m["aud"] = "https://b.example.vn" }),
		"from another":       c.object(func(m map[string]any) { m["iss"] = "c-2" }),
		"over":               c.object(func(m map[string]any) { m["exp"] = h.Clock.Now().Add(-time.Hour).Unix() }),
		"not yet":            c.object(func(m map[string]any) { m["nbf"] = h.Clock.Now().Add(time.Hour).Unix() }),
		"for another client": c.object(func(m map[string]any) { m["client_id"] = "c-2" }),
		"one within another": c.object(func(m map[string]any) { m["request"] = "x" }),
		"no token":           "x",
	} {
		if p := ask(object); p.values.Get("error") != oauth.InvalidRequestObject || p.values.Get("code") != "" {
			t.Errorf("%s: %d %v", name, p.status, p.values)
		}
	}
	if p := b.get(c.address(nil)); p.values.Get("error") != oauth.InvalidRequest {
		t.Errorf("unsigned, though registered to sign: %d %v", p.status, p.values)
	}
	if p := ask(c.object(func(m map[string]any) { m["redirect_uri"] = "https://evil.example/" })); p.to != nil {
		t.Errorf("an address that is not registered: %v", p.to)
	}
}

// A request that waits goes on in the browser that began it, and in no other: who is sent
// its link can neither sign in for another nor agree to anything.
func TestRequestOfAnotherBrowser(t *testing.T) {
	t.Parallel()
	h, mother := home(t)
	c := h.client(nil)
	h.door.set(func(d *door) { d.who = identity.Account{} })
	attacker, victim := h.browser(), h.browser()
	p := attacker.get(c.address(map[string]string{"scope": "openid profile"}))
	if p.body != "sign in" {
		t.Fatalf("%d %s", p.status, p.body)
	}
	page := p.path[len(p.path)-1]
	id := page[strings.LastIndex(page, "=")+1:]
	h.door.set(func(d *door) { d.who = mother })
	for _, at := range []string{page, h.url + "/oauth/continue/" + id} {
		if p := victim.get(at); p.to != nil || p.status != 404 {
			t.Errorf("%s in another browser: %d %v", at, p.status, p.to)
		}
	}
	victim.get(c.address(map[string]string{"scope": "openid"})) // has a cookie of her own now
	if p := victim.get(h.url + "/oauth/continue/" + id); p.to != nil || p.status != 404 {
		t.Errorf("with a cookie of another request: %d %v", p.status, p.to)
	}
	if p := attacker.get(page); p.values.Get("code") == "" {
		t.Errorf("the browser that began it cannot go on: %d %s", p.status, p.body)
	}
}

// Consent is not given by a link, a frame or a script: the request asks anew until the page
// was answered, for what it asks and no more, in the holder's own session.
func TestConsentThatNobodyGave(t *testing.T) {
	t.Parallel()
	h, mother := home(t)
	c := h.client(nil)
	b := h.browser()
	h.door.set(func(d *door) { d.agree = func([]identity.Need) []string { return nil } })
	r := c.signIn(b, map[string]string{"scope": "openid profile email"})
	if u := c.userinfo(r.text("access_token")); u.body["name"] == nil || u.body["birthdate"] != nil || u.body["email"] != nil {
		t.Errorf("told without consent: %s", u.raw)
	}
	if p := b.get(c.address(map[string]string{"scope": "openid email", "prompt": "none"})); p.values.Get("error") != oauth.ConsentRequired {
		t.Errorf("%d %v", p.status, p.values)
	}
	// A purpose that the request does not ask for cannot be slipped in.
	var tried error
	h.door.set(func(d *door) { d.agree = func([]identity.Need) []string { return []string{"bao-tin", "dien-san"} } })
	p := b.get(c.address(map[string]string{"scope": "openid email"}))
	if p.to != nil || p.status != 422 {
		t.Errorf("%d %v", p.status, p.to)
	}
	page := p.path[len(p.path)-1]
	id := page[strings.LastIndex(page, "=")+1:]
	father := h.Give(t, identitytest.Father, identity.Two)
	tried = h.Agree(t.Context(), identity.Session{Account: father.ID, ID: "s"}, "none", nil)
	if fault.Of(tried) != fault.NotFound {
		t.Errorf("a request that is not there: %v", tried)
	}
	// Another holder's yes is theirs: the mother's sign-in asks anew.
	if err := h.Agree(t.Context(), identity.Session{Account: father.ID, ID: "s"}, id, []string{"bao-tin"}); err != nil {
		t.Fatal(err)
	}
	h.door.take()
	h.door.set(func(d *door) { d.agree = nil })
	if p := b.get(h.url + "/oauth/continue/" + id); p.values.Get("code") == "" || len(h.door.take()) == 0 {
		t.Errorf("another's consent counted for her: %v", p.values)
	}
	consents, err := h.ConsentsOf(t.Context(), identitytest.Holder(mother), mother.ID)
	if err != nil || len(consents) != 1 || consents[0].Purpose != "bao-tin" {
		t.Errorf("%+v %v", consents, err)
	}
	if _, err := h.ConsentsOf(t.Context(), identitytest.Holder(father), mother.ID); fault.Of(err) != fault.Denied {
		t.Errorf("another reads her consents: %v", err)
	}
}

func TestStrangersAreBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.client(nil)
	b := h.browser()
	last := page{}
	for range 601 {
		last = b.do(http.MethodPost, h.url+"/oauth/authorize", c.params(nil))
		if last.status == http.StatusTooManyRequests {
			break
		}
	}
	if last.status != http.StatusTooManyRequests {
		t.Errorf("a stranger may keep what they like: %d", last.status)
	}
	h.Clock.Pass(time.Minute)
	if p := b.do(http.MethodPost, h.url+"/oauth/authorize", c.params(nil)); p.status == http.StatusTooManyRequests {
		t.Error("a minute later, still")
	}
}

// Crash at any write: nothing that was half done counts.
func TestCrashAtAnyWrite(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.client(nil)
	b := h.browser()
	r := c.signIn(b, map[string]string{"scope": "openid email"})
	store, ok := h.Store.(*identitytest.Store)
	if !ok {
		t.Fatal("the world is not in memory")
	}
	for n := 1; ; n++ {
		code := c.code(b, nil)
		count := 0
		store.Fail = func(string) error {
			if count++; count == n {
				return http.ErrAbortHandler
			}
			return nil
		}
		broken := c.redeem(code)
		store.Fail = nil
		if broken.status == http.StatusOK {
			if n < 4 {
				t.Errorf("only %d writes were tried", n)
			}
			break
		}
		if again := c.redeem(code); again.status != http.StatusOK {
			t.Errorf("after a crash at write %d the code is lost: %d %s", n, again.status, again.raw)
		}
	}
	for n := 1; ; n++ {
		count := 0
		store.Fail = func(string) error {
			if count++; count == n {
				return http.ErrAbortHandler
			}
			return nil
		}
		broken := c.refresh(r.text("refresh_token"))
		store.Fail = nil
		if broken.status == http.StatusOK {
			break
		}
		if again := c.refresh(r.text("refresh_token")); again.status != http.StatusOK {
			t.Fatalf("after a crash at write %d the refresh token is lost: %s", n, again.raw)
		} else {
			r = again
		}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
