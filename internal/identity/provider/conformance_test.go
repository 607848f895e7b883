package provider_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/internal/identity"
	"dean06/internal/platform/oauth"
)

// The modules of the OpenID Foundation's conformance suite, by its names: each test does
// what the module does, on the provider's own addresses.

func get(t *testing.T, address string) (int, map[string]any) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	_ = json.Unmarshal(raw, &out)
	return answer.StatusCode, out
}

func has(list any, want string) bool {
	all, _ := list.([]any)
	return slices.Contains(all, any(want))
}

// oidcc-config-certification-test-plan.
func TestConfig(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"} {
		t.Run("oidcc-discovery-endpoint-verification"+path, func(t *testing.T) {
			status, doc := get(t, h.url+path)
			if status != 200 || doc["issuer"] != h.url {
				t.Fatalf("%d, issuer %v", status, doc["issuer"])
			}
			for _, name := range []string{
				"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint",
				"pushed_authorization_request_endpoint", "introspection_endpoint", "revocation_endpoint",
			} {
				at, _ := doc[name].(string)
				if !strings.HasPrefix(at, h.url+"/") {
					t.Errorf("%s is %q", name, at)
				}
			}
			for name, want := range map[string]string{
				"response_types_supported": "code", "subject_types_supported": "pairwise", "id_token_signing_alg_values_supported": "RS256",
				"scopes_supported": "openid", "claims_supported": "sub", "code_challenge_methods_supported": "S256",
				"token_endpoint_auth_methods_supported": "private_key_jwt", "dpop_signing_alg_values_supported": "ES256",
				"grant_types_supported": "refresh_token", "response_modes_supported": "form_post",
			} {
				if !has(doc[name], want) {
					t.Errorf("%s is %v, without %s", name, doc[name], want)
				}
			}
			if has(doc["code_challenge_methods_supported"], "plain") || has(doc["id_token_signing_alg_values_supported"], "none") {
				t.Error("it offers what proves nothing")
			}
			if doc["authorization_response_iss_parameter_supported"] != true || doc["claims_parameter_supported"] != true {
				t.Error("it does not say that it names itself in answers, or takes the claims parameter")
			}
		})
	}
	status, set := get(t, h.url+"/oauth/jwks")
	keys, _ := set["keys"].([]any)
	if status != 200 || len(keys) != 2 {
		t.Fatalf("%d: %d keys", status, len(keys))
	}
	for _, k := range keys {
		member, _ := k.(map[string]any)
		for _, private := range []string{"d", "p", "q", "k"} {
			if _, there := member[private]; there {
				t.Fatalf("the set holds the private member %q", private)
			}
		}
		if member["kid"] == "" || member["use"] != "sig" {
			t.Errorf("a key without id or use: %v", member)
		}
	}
}

// oidcc-basic-certification-test-plan.
func TestBasic(t *testing.T) {
	t.Parallel()
	h, mother := home(t)
	c := h.client(nil)
	other := h.client(nil)
	post := h.client(func(c *identity.Client) { c.Auth = identity.AuthPost })
	rs := h.client(func(c *identity.Client) { c.IDTokenAlg = oauth.RS256 })
	objects := h.client(func(c *identity.Client) { c.RequestAlg, c.Keys = oauth.ES256, jwks(key(0)) })
	fresh := func(t *testing.T) *browser {
		h.t = t
		h.door.take()
		return h.browser()
	}
	idToken := func(t *testing.T, r reply) map[string]any {
		t.Helper()
		claims := h.claims(r.text("id_token"), oauth.TypeToken)
		if claims["iss"] != h.url || claims["aud"] != c.id && claims["aud"] != post.id || claims["nonce"] != "N" {
			t.Errorf("ID token: %v", claims)
		}
		return claims
	}
	run := func(name string, f func(t *testing.T)) { t.Run(name, f) }

	run("oidcc-server", func(t *testing.T) {
		b := fresh(t)
		p := b.get(c.address(nil))
		if p.values.Get("state") != "S" || p.values.Get("iss") != h.url || p.values.Get("code") == "" || p.to.Fragment != "" {
			t.Fatalf("answer: %v", p.values)
		}
		r := c.redeem(p.values.Get("code"))
		claims := idToken(t, r)
		if r.text("token_type") != "Bearer" || r.header.Get("Cache-Control") != "no-store" || claims["sub"] == "" || claims["acr"] != "LoA1" {
			t.Errorf("%v %v", r.body, claims)
		}
		if claims["sub"] == mother.ID || strings.Contains(r.raw, mother.Holder.Reveal()) {
			t.Error("the subject is the same for everybody, or the number is told to a client that did not ask for it")
		}
	})
	run("oidcc-response-type-missing", func(t *testing.T) {
		p := fresh(t).get(c.address(map[string]string{"response_type": ""}))
		if p.values.Get("error") != oauth.InvalidRequest || p.values.Get("state") != "S" {
			t.Errorf("%d %v", p.status, p.values)
		}
		p = fresh(t).get(c.address(map[string]string{"response_type": "token"}))
		if p.values.Get("error") != oauth.UnsupportedResponse {
			t.Errorf("%d %v", p.status, p.values)
		}
	})
	run("oidcc-idtoken-signature", func(t *testing.T) {
		r := c.signIn(fresh(t), nil)
		s, err := oauth.Parse(r.text("id_token"), []string{oauth.ES256}, oauth.TypeToken)
		if err != nil || s.KeyID == "" {
			t.Error(err)
		}
		r = rs.signIn(fresh(t), nil)
		s, err = oauth.Parse(r.text("id_token"), []string{oauth.RS256}, oauth.TypeToken)
		if err != nil || s.KeyID == "" {
			t.Error(err)
		}
		h.claims(r.text("id_token"), oauth.TypeToken) // fails when no published key signed it
	})
	run("oidcc-userinfo-get", func(t *testing.T) {
		r := c.signIn(fresh(t), nil)
		u := c.userinfo(r.text("access_token"))
		if u.status != 200 || u.body["sub"] != idToken(t, r)["sub"] || len(u.body) != 1 {
			t.Errorf("%d %s", u.status, u.raw)
		}
	})
	run("oidcc-userinfo-post-header", func(t *testing.T) {
		r := c.signIn(fresh(t), nil)
		if u := c.userinfoOnce(r.text("access_token"), http.MethodPost); u.status != 200 || u.body["sub"] != idToken(t, r)["sub"] {
			t.Errorf("%d %s", u.status, u.raw)
		}
	})
	run("oidcc-userinfo-post-body", func(t *testing.T) {
		r := c.signIn(fresh(t), nil)
		p := fresh(t).post(h.url+"/oauth/userinfo", url.Values{"access_token": {r.text("access_token")}})
		var body map[string]any
		if err := json.Unmarshal([]byte(p.body), &body); err != nil || body["sub"] != idToken(t, r)["sub"] {
			t.Errorf("%d %s", p.status, p.body)
		}
	})
	run("oidcc-ensure-request-without-nonce-succeeds-for-code-flow", func(t *testing.T) {
		r := c.signIn(fresh(t), map[string]string{"nonce": ""})
		if claims := h.claims(r.text("id_token"), oauth.TypeToken); claims["nonce"] != nil {
			t.Errorf("a nonce from nowhere: %v", claims["nonce"])
		}
	})
	for scope, want := range map[string][]string{
		"profile":                     {"name", "birthdate", "gender"},
		"email":                       {"email", "email_verified"},
		"phone":                       {},
		"address":                     {},
		"profile email phone address": {"name", "birthdate", "gender", "email", "email_verified"},
	} {
		run("oidcc-scope-"+strings.ReplaceAll(scope, " ", "-"), func(t *testing.T) {
			r := c.signIn(fresh(t), map[string]string{"scope": "openid " + scope})
			u := c.userinfo(r.text("access_token"))
			delete(u.body, "sub")
			delete(u.body, "updated_at")
			got := slices.Sorted(maps.Keys(u.body))
			if slices.Sort(want); !slices.Equal(got, want) {
				t.Errorf("told %v, want %v", got, want)
			}
		})
	}
	for _, display := range []string{"page", "popup"} {
		run("oidcc-display-"+display, func(t *testing.T) { c.signIn(fresh(t), map[string]string{"display": display}) })
	}
	run("oidcc-prompt-login", func(t *testing.T) {
		b := fresh(t)
		first := idToken(t, c.signIn(b, nil))
		h.Clock.Pass(2 * time.Second)
		second := idToken(t, c.signIn(b, map[string]string{"prompt": "login"}))
		if number(second["auth_time"]) <= number(first["auth_time"]) || len(h.door.take()) != 2 {
			t.Errorf("signed in at %v and %v: it was not asked again", first["auth_time"], second["auth_time"])
		}
	})
	run("oidcc-prompt-none-not-logged-in", func(t *testing.T) {
		p := fresh(t).get(c.address(map[string]string{"prompt": "none"}))
		if p.values.Get("error") != oauth.LoginRequired || p.values.Get("iss") != h.url {
			t.Errorf("%d %v", p.status, p.values)
		}
	})
	run("oidcc-prompt-none-logged-in", func(t *testing.T) {
		b := fresh(t)
		first := idToken(t, c.signIn(b, nil))
		h.Clock.Pass(2 * time.Second)
		second := idToken(t, c.signIn(b, map[string]string{"prompt": "none"}))
		if first["sub"] != second["sub"] || first["auth_time"] != second["auth_time"] {
			t.Errorf("%v, then %v", first, second)
		}
	})
	run("oidcc-max-age-1", func(t *testing.T) {
		b := fresh(t)
		first := idToken(t, c.signIn(b, nil))
		h.Clock.Pass(2 * time.Second)
		second := idToken(t, c.signIn(b, map[string]string{"max_age": "1"}))
		if number(second["auth_time"]) <= number(first["auth_time"]) {
			t.Error("a sign-in of two seconds ago was taken for one of at most one")
		}
	})
	run("oidcc-max-age-10000", func(t *testing.T) {
		b := fresh(t)
		first := idToken(t, c.signIn(b, nil))
		h.Clock.Pass(2 * time.Second)
		second := idToken(t, c.signIn(b, map[string]string{"max_age": "10000"}))
		if first["auth_time"] != second["auth_time"] || second["auth_time"] == nil {
			t.Error("it was asked again though the sign-in is young")
		}
	})
	run("oidcc-id-token-hint", func(t *testing.T) {
		b := fresh(t)
		r := c.signIn(b, nil)
		again := idToken(t, c.signIn(b, map[string]string{"prompt": "none", "id_token_hint": r.text("id_token")}))
		if again["sub"] != idToken(t, r)["sub"] {
			t.Error("another subject")
		}
	})
	run("oidcc-login-hint", func(t *testing.T) {
		p := fresh(t).get(c.address(map[string]string{"login_hint": "001190000011"}))
		if p.values.Get("code") == "" || len(p.path) < 3 {
			t.Fatalf("%d %v", p.status, p.path)
		}
		for _, at := range p.path[1:] {
			if strings.Contains(at, "001190000011") {
				t.Errorf("the hint stands in %s", at)
			}
		}
		if wants := h.door.take(); len(wants) == 0 || wants[0].Hint != "001190000011" {
			t.Errorf("the page was not told who is expected: %+v", wants)
		}
	})
	for locales, lang := range map[string]string{"se": "", "vi-VN": "vi", "se en": "en"} {
		run("oidcc-ui-locales-"+locales, func(t *testing.T) {
			c.signIn(fresh(t), map[string]string{"ui_locales": locales})
			if wants := h.door.take(); len(wants) == 0 || wants[0].Lang != lang {
				t.Errorf("asked in %+v, want %q", wants, lang)
			}
		})
	}
	run("oidcc-claims-locales", func(t *testing.T) { c.signIn(fresh(t), map[string]string{"claims_locales": "se"}) })
	run("oidcc-ensure-request-with-acr-values-succeeds", func(t *testing.T) {
		for _, values := range []string{"1 2", "LoA1", "unknown LoA2"} {
			if got := idToken(t, c.signIn(fresh(t), map[string]string{"acr_values": values})); got["acr"] == nil {
				t.Errorf("%s: no acr", values)
			}
		}
	})
	run("oidcc-codereuse", func(t *testing.T) {
		code := c.code(fresh(t), nil)
		r := c.redeem(code)
		if u := c.userinfo(r.text("access_token")); u.status != 200 {
			t.Fatal(u.raw)
		}
		if again := c.redeem(code); again.status != 400 || again.text("error") != oauth.InvalidGrant {
			t.Errorf("%d %s", again.status, again.raw)
		}
		if u := c.userinfo(r.text("access_token")); u.status != 401 {
			t.Errorf("the token of a code that came twice still opens: %d", u.status)
		}
		if again := c.refresh(r.text("refresh_token")); again.status != 400 {
			t.Errorf("its refresh token too: %d", again.status)
		}
		if log := h.sees(mother); log[0] != "client.copied" && !slices.Contains(log, "client.copied") {
			t.Errorf("the holder does not see it: %v", log)
		}
	})
	run("oidcc-codereuse-30seconds", func(t *testing.T) {
		code := c.code(fresh(t), nil)
		r := c.redeem(code)
		h.Clock.Pass(30 * time.Second)
		if again := c.redeem(code); again.text("error") != oauth.InvalidGrant {
			t.Errorf("%d %s", again.status, again.raw)
		}
		if u := c.userinfo(r.text("access_token")); u.status != 401 {
			t.Errorf("the token still opens: %d", u.status)
		}
	})
	run("oidcc-ensure-registered-redirect-uri", func(t *testing.T) {
		p := fresh(t).get(c.address(map[string]string{"redirect_uri": "https://rp.example.vn/other"}))
		if p.to != nil || p.status != 422 || !strings.Contains(p.body, "redirect_uri") {
			t.Errorf("%d, led to %v", p.status, p.to)
		}
	})
	run("oidcc-ensure-post-request-succeeds", func(t *testing.T) {
		p := fresh(t).post(h.url+"/oauth/authorize", c.params(nil))
		if p.values.Get("code") == "" {
			t.Errorf("%d %v %s", p.status, p.path, p.body)
		}
	})
	run("oidcc-server-client-secret-post", func(t *testing.T) { idToken(t, post.signIn(fresh(t), nil)) })
	run("oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported", func(t *testing.T) {
		none := b64(`{"alg":"none"}`) + "." + b64(`{"client_id":"`+c.id+`"}`) + "."
		if p := fresh(t).get(c.address(map[string]string{"request": none})); p.values.Get("error") != oauth.NoRequest {
			t.Errorf("%d %v", p.status, p.values)
		}
		if p := fresh(t).get(objects.address(map[string]string{"request": none})); p.values.Get("error") != oauth.InvalidRequestObject {
			t.Errorf("%d %v", p.status, p.values)
		}
	})
	run("oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported", func(t *testing.T) {
		p := fresh(t).get(c.address(map[string]string{"request_uri": "https://rp.example.vn/request.jwt"}))
		if p.values.Get("error") != oauth.NoRequestURI {
			t.Errorf("%d %v", p.status, p.values)
		}
	})
	run("oidcc-claims-essential", func(t *testing.T) {
		r := c.signIn(fresh(t), map[string]string{"claims": `{"userinfo":{"name":{"essential":true}},"id_token":{"gender":null}}`})
		if u := c.userinfo(r.text("access_token")); u.body["name"] != "Trần Thị Mẹ" || u.body["gender"] != nil {
			t.Errorf("%s", u.raw)
		}
		if got := idToken(t, r); got["gender"] != "female" || got["name"] != nil {
			t.Errorf("ID token: %v", got)
		}
	})
	run("oidcc-ensure-other-scope-order-succeeds", func(t *testing.T) { c.signIn(fresh(t), map[string]string{"scope": "email openid"}) })
	run("oidcc-ensure-request-with-unknown-parameter-succeeds", func(t *testing.T) {
		c.signIn(fresh(t), map[string]string{"extra": "foobar"})
	})
	run("oidcc-ensure-request-object-with-redirect-uri", func(t *testing.T) {
		p := fresh(t).get(objects.address(map[string]string{"request": objects.object(nil), "redirect_uri": "https://evil.example/"}))
		if p.values.Get("code") == "" || !strings.HasPrefix(p.to.String(), back) {
			t.Errorf("what stands in the object must count: %d %v", p.status, p.values)
		}
	})
	run("oidcc-refresh-token", func(t *testing.T) {
		r := c.signIn(fresh(t), map[string]string{
			"scope": "openid offline_access", "prompt": "consent", "claims": `{"id_token":{"birthdate":null}}`,
		})
		first := idToken(t, r)
		next := c.refresh(r.text("refresh_token"))
		claims := h.claims(next.text("id_token"), oauth.TypeToken)
		if claims["sub"] != first["sub"] || claims["iss"] != first["iss"] || claims["auth_time"] != first["auth_time"] || claims["nonce"] != nil ||
			first["birthdate"] == nil || claims["birthdate"] != nil {
			t.Errorf("%v, then %v", first, claims)
		}
		if u := c.userinfo(next.text("access_token")); u.status != 200 {
			t.Error(u.raw)
		}
		if wrong := other.refresh(next.text("refresh_token")); wrong.text("error") != oauth.InvalidGrant {
			t.Errorf("another client may use it: %s", wrong.raw)
		}
	})
	run("oidcc-ensure-request-with-valid-pkce-succeeds", func(t *testing.T) {
		code := c.code(fresh(t), nil)
		wrong := c.call("/oauth/token", url.Values{
			"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {back}, "code_verifier": {strings.Repeat("x", 43)},
		})
		if wrong.text("error") != oauth.InvalidGrant {
			t.Errorf("%d %s", wrong.status, wrong.raw)
		}
		if r := c.redeem(code); r.status != 200 {
			t.Errorf("%d %s", r.status, r.raw)
		}
	})
	run("oidcc-server-form-post", func(t *testing.T) {
		p := fresh(t).get(c.address(map[string]string{"response_mode": "form_post", "state": `"><script>`}))
		if p.status != 200 || !strings.Contains(p.body, `action="`+back+`"`) || !strings.Contains(p.body, `name="code"`) ||
			!strings.Contains(p.body, `name="iss"`) || strings.Contains(p.body, `"><script>`) {
			t.Errorf("%d %s", p.status, p.body)
		}
		if csp := p.header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("policy %q", csp)
		}
	})
}

// object is the client's request as a signed object.
func (c *rp) object(change func(map[string]any)) string {
	c.h.t.Helper()
	now := c.h.Clock.Now()
	claims := map[string]any{"iss": c.id, "aud": c.h.url, "exp": now.Add(time.Minute).Unix(), "max_age": 10000, "claims": map[string]any{}}
	for name, value := range c.params(nil) {
		claims[name] = value[0]
	}
	if change != nil {
		change(claims)
	}
	token, err := c.key.Sign(oauth.TypeRequest, claims)
	if err != nil {
		c.h.t.Fatal(err)
	}
	return token
}

func number(v any) float64 { n, _ := v.(float64); return n }
