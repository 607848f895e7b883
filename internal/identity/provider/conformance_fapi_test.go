package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/oauth"
)

// fapi2-security-profile-final-test-plan, with private_key_jwt and DPoP.
func TestFAPI2SecurityProfile(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.keyed()
	second := h.keyed()
	fresh := func(t *testing.T) *browser { h.t = t; return h.browser() }
	refusedBy := func(t *testing.T, r reply, code string) {
		t.Helper()
		if r.text("error") != code {
			t.Errorf("%d %s, want %s", r.status, r.raw, code)
		}
	}
	t.Run("fapi2-security-profile-final-happy-flow", func(t *testing.T) {
		r := c.signIn(fresh(t), nil)
		access := h.claims(r.text("access_token"), oauth.TypeAccess)
		cnf, _ := access["cnf"].(map[string]any)
		if r.text("token_type") != "DPoP" || cnf["jkt"] != c.dpop.ID || access["client_id"] != c.id {
			t.Errorf("%v", access)
		}
		if u := c.userinfo(r.text("access_token")); u.status != 200 {
			t.Error(u.raw)
		}
	})
	t.Run("fapi2-security-profile-final-discovery-end-point-verification", func(t *testing.T) {
		_, doc := get(t, h.url+"/.well-known/openid-configuration")
		if doc["pushed_authorization_request_endpoint"] == nil || !has(doc["token_endpoint_auth_signing_alg_values_supported"], "PS256") {
			t.Errorf("%v", doc)
		}
	})
	t.Run("fapi2-security-profile-final-ensure-request-without-par-fails", func(t *testing.T) {
		if p := fresh(t).get(c.address(nil)); p.values.Get("error") != oauth.InvalidRequest {
			t.Errorf("%d %v", p.status, p.values)
		}
	})
	t.Run("fapi2-security-profile-final-par-attempt-reuse-request_uri", func(t *testing.T) {
		b := fresh(t)
		address := c.begin(nil)
		if p := b.get(address); p.values.Get("code") == "" {
			t.Fatal(p.body)
		}
		for _, b := range []*browser{b, h.browser()} {
			if p := b.get(address); p.to != nil || p.status != 422 {
				t.Errorf("%d %v", p.status, p.to)
			}
		}
	})
	t.Run("fapi2-security-profile-final-par-attempt-to-use-expired-request_uri", func(t *testing.T) {
		b := fresh(t)
		address := c.begin(nil)
		h.Clock.Pass(91 * time.Second)
		if p := b.get(address); p.to != nil || p.status != 422 {
			t.Errorf("%d %v", p.status, p.to)
		}
	})
	t.Run("fapi2-security-profile-final-par-attempt-to-use-request_uri-for-different-client", func(t *testing.T) {
		b := fresh(t)
		address := strings.Replace(c.begin(nil), "client_id="+c.id, "client_id="+second.id, 1)
		if p := b.get(address); p.to != nil || p.status != 422 {
			t.Errorf("%d %v", p.status, p.to)
		}
	})
	t.Run("fapi2-security-profile-final-par-authorization-request-containing-request_uri", func(t *testing.T) {
		h.t = t
		_, r := c.push(map[string]string{"request_uri": "urn:ietf:params:oauth:request_uri:x"})
		refusedBy(t, r, oauth.InvalidRequest)
	})
	t.Run("fapi2-security-profile-final-ensure-unsigned-or-plain-pkce-fails", func(t *testing.T) {
		h.t = t
		for name, change := range map[string]map[string]string{
			"none":      {"code_challenge": "", "code_challenge_method": ""},
			"plain":     {"code_challenge": verifier, "code_challenge_method": "plain"},
			"no method": {"code_challenge_method": ""},
		} {
			_, r := c.push(change)
			if r.status != 400 || r.text("error") != oauth.InvalidRequest {
				t.Errorf("%s: %d %s", name, r.status, r.raw)
			}
		}
	})
	t.Run("fapi2-security-profile-final-par-ensure-redirect-uri-registered", func(t *testing.T) {
		h.t = t
		_, r := c.push(map[string]string{"redirect_uri": "https://evil.example/"})
		refusedBy(t, r, oauth.InvalidRequest)
		_, r = c.push(map[string]string{"redirect_uri": ""})
		refusedBy(t, r, oauth.InvalidRequest)
	})
	t.Run("fapi2-security-profile-final-ensure-client-assertion-audience-is-issuer", func(t *testing.T) {
		h.t = t
		form := c.params(nil)
		now := h.Clock.Now()
		for name, aud := range map[string]oauth.Audience{
			"token endpoint": {h.url + "/oauth/token"}, "PAR endpoint": {h.url + "/oauth/par"}, "two": {h.url, h.url + "/oauth/token"}, "none": nil,
		} {
			a, err := c.key.Sign(oauth.TypeToken, oauth.Claims{
				Issuer: c.id, Subject: c.id, Audience: aud, ID: name, IssuedAt: oauth.At(now), Expires: oauth.At(now.Add(time.Minute)),
			})
			if err != nil {
				t.Fatal(err)
			}
			form.Set("client_assertion", a)
			form.Set("client_assertion_type", oauth.AssertionType)
			refusedBy(t, c.call("/oauth/par", form), oauth.InvalidClient)
		}
	})
	t.Run("fapi2-security-profile-final-ensure-signed-client-assertion-with-other-key-fails", func(t *testing.T) {
		h.t = t
		wrong := *c
		wrong.key = key(2)
		_, r := wrong.push(nil)
		refusedBy(t, r, oauth.InvalidClient)
		if r.status != 401 {
			t.Errorf("status %d", r.status)
		}
	})
	t.Run("fapi2-security-profile-final-ensure-authorization-code-is-bound-to-client", func(t *testing.T) {
		code := c.code(fresh(t), nil)
		refusedBy(t, second.redeem(code), oauth.InvalidGrant)
		if r := c.redeem(code); r.status != 200 {
			t.Errorf("the client's own code was lost by another's attempt: %s", r.raw)
		}
	})
	t.Run("fapi2-security-profile-final-ensure-dpop-auth-code-binding-success", func(t *testing.T) {
		b := fresh(t)
		address, _ := c.push(nil) // with a proof: the code is bound to its key
		code := b.get(address).values.Get("code")
		thief := *c
		k := key(2)
		thief.dpop = &k
		refusedBy(t, thief.redeem(code), oauth.InvalidGrant)
	})
	t.Run("fapi2-security-profile-final-ensure-mismatched-dpop-jkt-fails", func(t *testing.T) {
		h.t = t
		_, r := c.push(map[string]string{"dpop_jkt": strings.Repeat("a", 43)})
		refusedBy(t, r, oauth.InvalidProof)
	})
	t.Run("fapi2-security-profile-final-access-token-type-header-case-sensitivity", func(t *testing.T) {
		r := c.signIn(fresh(t), nil)
		token := r.text("access_token")
		proof, err := oauth.NewProof(*c.dpop, http.MethodGet, h.url+"/oauth/userinfo", c.nonce, token, h.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/oauth/userinfo", nil)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Authorization", "dpop "+token)
		q.Header.Set("DPoP", proof)
		if u := c.send(q); u.status != 200 {
			t.Errorf("%d %s", u.status, u.raw)
		}
	})
	t.Run("fapi2-security-profile-final-refresh-token", func(t *testing.T) {
		r := c.signIn(fresh(t), map[string]string{"scope": "openid offline_access", "prompt": "consent"})
		next := c.refresh(r.text("refresh_token"))
		if next.status != 200 || next.text("token_type") != "DPoP" {
			t.Fatalf("%d %s", next.status, next.raw)
		}
		refusedBy(t, second.refresh(next.text("refresh_token")), oauth.InvalidGrant)
	})
	t.Run("fapi2-security-profile-final-state-only-outside-request-object-not-used", func(t *testing.T) {
		b := fresh(t)
		p := b.get(c.begin(map[string]string{"state": ""}) + "&state=outside")
		if p.values.Get("state") != "" {
			t.Errorf("a state that was not pushed came back: %v", p.values)
		}
	})
	t.Run("fapi2-security-profile-final-user-rejects-authentication", func(t *testing.T) {
		h.door.set(func(d *door) { d.who = identity.Account{} })
		b := fresh(t)
		p := b.get(c.begin(nil))
		if p.body != "sign in" {
			t.Fatal(p.body)
		}
		h.door.set(func(d *door) { d.who = h.Give(t, identitytest.Father, identity.Two) })
		b.get(p.path[len(p.path)-1])                   // signs in and goes on
		h.door.set(func(d *door) { d.decline = true }) // before anybody is signed in
		if p := h.browser().get(c.begin(nil)); p.values.Get("error") != oauth.AccessDenied || p.values.Get("state") != "S" {
			t.Errorf("%d %v", p.status, p.values)
		}
		h.door.set(func(d *door) { d.decline = true })
		p = b.get(c.begin(map[string]string{"prompt": "consent"}))
		if p.values.Get("error") != oauth.AccessDenied {
			t.Errorf("%d %v", p.status, p.values)
		}
	})
}
