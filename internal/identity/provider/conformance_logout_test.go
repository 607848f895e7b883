package provider_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"dean06/internal/identity"
	"dean06/internal/platform/oauth"
)

// oidcc-rp-initiated-logout-certification-test-plan.
func TestRpInitiatedLogout(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.client(nil)
	other := h.client(nil)
	const bye = "https://rp.example.vn/bye"
	type step struct {
		change map[string]string
		asked  bool // first, by a page
		page   int  // an error page; 0: none
		to     string
	}
	signed := func(t *testing.T, hint string) string { // with another signature
		t.Helper()
		parts := strings.Split(hint, ".")
		return parts[0] + "." + parts[1] + "." + b64(strings.Repeat("x", 64))
	}
	_, doc := get(t, h.url+"/.well-known/openid-configuration")
	if doc["end_session_endpoint"] != h.url+"/oauth/logout" {
		t.Errorf("oidcc-rp-initiated-logout-discovery-endpoint-verification: %v", doc["end_session_endpoint"])
	}
	tests := map[string]step{
		"oidcc-rp-initiated-logout":                              {to: bye + "?state=T"},
		"oidcc-rp-initiated-logout-bad-post-logout-redirect-uri": {change: map[string]string{"post_logout_redirect_uri": "https://evil.example/"}, page: 422},
		"oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri": {
			change: map[string]string{"post_logout_redirect_uri": bye + "?x=1"}, page: 422,
		},
		"oidcc-rp-initiated-logout-modified-id-token-hint": {change: map[string]string{"id_token_hint": "modified"}, page: 422},
		"oidcc-rp-initiated-logout-bad-id-token-hint":      {change: map[string]string{"id_token_hint": "not a token"}, page: 422},
		"oidcc-rp-initiated-logout-no-id-token-hint":       {change: map[string]string{"id_token_hint": ""}, page: 422},
		"oidcc-rp-initiated-logout-no-params": {
			change: map[string]string{"id_token_hint": "", "post_logout_redirect_uri": "", "state": ""}, asked: true,
		},
		"oidcc-rp-initiated-logout-no-post-logout-redirect-uri": {change: map[string]string{"post_logout_redirect_uri": ""}},
		"oidcc-rp-initiated-logout-no-state":                    {change: map[string]string{"state": ""}, to: bye},
		"oidcc-rp-initiated-logout-only-state":                  {change: map[string]string{"id_token_hint": "", "post_logout_redirect_uri": ""}, asked: true},
		"without a hint, with the client's id: it asks, then goes": {
			change: map[string]string{"id_token_hint": "", "client_id": c.id}, asked: true, to: bye + "?state=T",
		},
		"a hint for another client": {change: map[string]string{"client_id": other.id}, page: 422},
	}
	for name, tt := range tests {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			t.Run(name+" "+method, func(t *testing.T) {
				h.t = t
				b := h.browser()
				r := c.signIn(b, nil)
				params := url.Values{"id_token_hint": {r.text("id_token")}, "post_logout_redirect_uri": {bye}, "state": {"T"}}
				for name, value := range tt.change {
					switch {
					case value == "":
						params.Del(name)
					case value == "modified":
						params.Set(name, signed(t, r.text("id_token")))
					default:
						params.Set(name, value)
					}
				}
				leave := func(p url.Values) page {
					if method == http.MethodPost {
						return b.post(h.url+"/oauth/logout", p)
					}
					return b.get(h.url + "/oauth/logout?" + p.Encode())
				}
				p := leave(params)
				if tt.asked {
					if p.body != "sign out?" || !h.signedIn(c, b) {
						t.Fatalf("it did not ask: %d %s", p.status, p.body)
					}
					l := h.door.leavings[len(h.door.leavings)-1]
					form := url.Values{}
					for name, value := range l.Fields {
						form.Set(name, value)
					}
					forged := maps.Clone(form)
					forged.Set("confirm", "x")
					if p := b.post(h.url+l.Action, forged); p.body != "sign out?" {
						t.Errorf("a forged confirmation was taken: %s", p.body)
					}
					p = b.post(h.url+l.Action, form)
				}
				switch {
				case tt.page != 0:
					if p.status != tt.page || p.to != nil || !h.signedIn(c, b) {
						t.Errorf("%d to %v, signed in %v", p.status, p.to, h.signedIn(c, b))
					}
				case tt.to != "" && (p.to == nil || p.to.String() != tt.to), tt.to == "" && p.body != "signed out":
					t.Errorf("%d to %v %s", p.status, p.to, p.body)
				case h.signedIn(c, b):
					t.Error("still signed in")
				case c.userinfo(r.text("access_token")).status != 401:
					t.Error("the token still opens")
				}
			})
		}
	}
}

// signedIn says whether the browser gets a code without a page.
func (h *house) signedIn(c *rp, b *browser) bool {
	h.t.Helper()
	return b.get(c.address(map[string]string{"prompt": "none"})).values.Get("code") != ""
}

// oidcc-backchannel-rp-initiated-logout-certification-test-plan.
func TestBackchannelRpInitiatedLogout(t *testing.T) {
	t.Parallel()
	h, mother := home(t)
	var got []url.Values
	answers := http.StatusOK
	h.more = func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		got = append(got, r.PostForm)
		w.WriteHeader(answers)
	}
	c := h.client(func(c *identity.Client) { c.BackChannel = h.url + "/rp/logout" })
	quiet := h.client(nil)
	b := h.browser()
	r := c.signIn(b, nil)
	c.signIn(b, nil) // twice in one session: told once
	quiet.signIn(b, nil)
	id := h.claims(r.text("id_token"), oauth.TypeToken)
	h.Clock.Pass(time.Hour) // long after the access token's end
	if p := b.get(h.url + "/oauth/logout?" + url.Values{"id_token_hint": {r.text("id_token")}}.Encode()); p.body != "signed out" {
		t.Fatalf("%d %s", p.status, p.body)
	}
	byes := h.Goodbyes.Take()
	if len(byes) != 1 || byes[0] != (identity.Goodbye{Client: c.id, Account: mother.ID, Session: id["sid"].(string)}) {
		t.Fatalf("left for the outbox: %+v", byes)
	}
	if err := h.SayGoodbye(t.Context(), byes[0]); err != nil || len(got) != 1 {
		t.Fatalf("%v, %d posts", err, len(got))
	}
	token := h.claims(got[0].Get("logout_token"), oauth.TypeLogout)
	events, _ := token["events"].(map[string]any)
	if token["sub"] != id["sub"] || token["sid"] != id["sid"] || token["aud"] != c.id || token["iss"] != h.url || token["nonce"] != nil ||
		token["jti"] == nil || events["http://schemas.openid.net/event/backchannel-logout"] == nil {
		t.Errorf("logout token %v", token)
	}
	for status, permanent := range map[int]bool{400: true, 500: false, 503: false, 302: false} {
		answers = status
		err := h.SayGoodbye(t.Context(), byes[0])
		if err == nil || isPermanent(err) != permanent {
			t.Errorf("answered %d: %v", status, err)
		}
	}
}
