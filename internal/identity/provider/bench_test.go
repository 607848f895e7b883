package provider_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/oauth"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// BenchmarkSignIn is a sign-in by a session that goes on: pushed request, code, tokens, with
// PKCE and DPoP, durable in SQLite, without the network and without what the client itself
// has to sign.
func BenchmarkSignIn(b *testing.B) {
	h := houseOn(b, storeOn(b, sqldbtest.OpenSQLite(b)))
	mother := h.Give(b, identitytest.Mother, identity.Two)
	c := h.keyed()
	h.door.set(func(d *door) { d.agree = nil })
	w := httptest.NewRecorder()
	h.door.signIn(b.Context(), w, mother, identity.Two)
	cookie := w.Result().Cookies()[0]
	post := func(path string, form url.Values) map[string]any {
		b.StopTimer()
		now := h.Clock.Now()
		assertion, err := oauth.NewAssertion(c.key, c.id, h.url, now)
		if err != nil {
			b.Fatal(err)
		}
		form.Set("client_assertion", assertion)
		form.Set("client_assertion_type", oauth.AssertionType)
		r := httptest.NewRequest(http.MethodPost, h.url+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		proof, err := oauth.NewProof(*c.dpop, http.MethodPost, h.url+path, c.nonce, "", now)
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("DPoP", proof)
		w := httptest.NewRecorder()
		b.StartTimer()
		h.handler.ServeHTTP(w, r)
		b.StopTimer()
		c.nonce = w.Header().Get("DPoP-Nonce")
		out := map[string]any{}
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			b.Fatal(w.Body.String())
		}
		b.StartTimer()
		return out
	}
	post("/oauth/token", url.Values{"grant_type": {"client_credentials"}}) // the nonce
	for b.Loop() {
		pushed := post("/oauth/par", c.params(map[string]string{"client_id": ""}))
		uri, _ := pushed["request_uri"].(string)
		r := httptest.NewRequest(http.MethodGet, h.url+"/oauth/authorize?client_id="+c.id+"&request_uri="+url.QueryEscape(uri), nil)
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		to, err := url.Parse(w.Header().Get("Location"))
		if err != nil || to.Query().Get("code") == "" {
			b.Fatalf("%v: %s %s", err, w.Header().Get("Location"), w.Body.String())
		}
		got := post("/oauth/token", url.Values{
			"grant_type": {"authorization_code"}, "code": {to.Query().Get("code")}, "redirect_uri": {back}, "code_verifier": {verifier},
		})
		if got["id_token"] == nil {
			b.Fatal(got)
		}
	}
}
