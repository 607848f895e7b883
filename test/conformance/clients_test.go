//go:build conformance

package conformance_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"

	"dean06/internal/platform/oauth"
)

// The addresses of clients that nobody answers at: the browser stops there.
const (
	back = "https://dich-vu.example.vn/sign-in"
	left = "https://dich-vu.example.vn/left"
)

// TestClientsOfNPM goes the whole way with openid-client and oauth4webapi: discovery, pushed
// request, sign-in, tokens bound to a key with the server's nonce, userinfo, refresh with
// rotation and reuse, introspection, revocation, end of the session.
func TestClientsOfNPM(t *testing.T) {
	t.Parallel()
	dir, h := installed(t), newHouse(t)
	key, err := oauth.NewKey(oauth.ES256)
	if err != nil {
		t.Fatal(err)
	}
	der, err := key.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"openid-client", "oauth4webapi"} {
		file := map[string]any{
			"client_id": name, "redirect_uris": []string{back}, "post_logout_redirect_uris": []string{left},
			"grant_types":                           []string{"authorization_code", "refresh_token", "client_credentials"},
			"require_pushed_authorization_requests": true, "dpop_bound_access_tokens": true,
		}
		me := map[string]string{"id": name, "redirect": back, "left": left}
		kind := "secret"
		if name == "openid-client" {
			kind = "fapi"
			file["token_endpoint_auth_method"], file["jwks"] = "private_key_jwt", oauth.Keys{key.Public()}
			me["key"], me["kid"] = base64.StdEncoding.EncodeToString(der), key.ID
		}
		me["secret"] = h.register(t, file)
		said, err := json.Marshal(map[string]any{
			"issuer": h.issuer, "number": h.number, "password": secret, "name": h.name, "clients": map[string]any{kind: me},
		})
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "node", name+".mjs", string(said))
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), name+": passed") {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}

// TestGoOIDC: coreos/go-oidc finds the provider, believes the ID token and reads userinfo.
func TestGoOIDC(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	given := h.register(t, map[string]any{"client_id": "go-oidc", "redirect_uris": []string{back}})
	b := newBrowser(t, h)
	verifier := strings.Repeat("v", 43)
	at := b.get(h.issuer + "/oauth/authorize?" + form("client_id", "go-oidc", "redirect_uri", back, "response_type", "code", "scope", "openid profile",
		"state", "S", "nonce", "N", "code_challenge", oauth.Challenge(verifier), "code_challenge_method", "S256").Encode())
	if at.Query().Get("state") != "S" || at.Query().Get("iss") != h.issuer {
		t.Fatalf("it came back to %s", at)
	}
	p, err := oidc.NewProvider(t.Context(), h.issuer)
	if err != nil {
		t.Fatal(err)
	}
	var tokens struct {
		Access string `json:"access_token"`
		ID     string `json:"id_token"`
	}
	r := request(t, http.MethodPost, p.Endpoint().TokenURL, form(
		"grant_type", "authorization_code", "code", at.Query().Get("code"), "redirect_uri", back, "code_verifier", verifier))
	r.SetBasicAuth("go-oidc", given)
	answered(t, r, &tokens)
	id, err := p.Verifier(&oidc.Config{ClientID: "go-oidc"}).Verify(t.Context(), tokens.ID)
	if err != nil || id.Nonce != "N" {
		t.Fatalf("%+v, %v", id, err)
	}
	if err := id.VerifyAccessToken(tokens.Access); err != nil {
		t.Error(err)
	}
	var told struct {
		Subject string `json:"sub"`
		Name    string `json:"name"`
	}
	r = request(t, http.MethodGet, p.UserInfoEndpoint(), nil)
	r.Header.Set("Authorization", "Bearer "+tokens.Access)
	answered(t, r, &told)
	if told.Name != h.name || told.Subject != id.Subject {
		t.Errorf("userinfo tells %+v of %s", told, id.Subject)
	}
}

func request(t *testing.T, method, address string, fields url.Values) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(fields.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

func answered(t *testing.T, r *http.Request, out any) {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", r.URL, answer.Status, err)
	}
}

// browser keeps cookies and fills in the page on which one signs in.
type browser struct {
	t *testing.T
	h *house
	*http.Client
	page string // the last one
}

func newBrowser(t *testing.T, h *house) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, h: h, Client: &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "dich-vu.example.vn" {
			return http.ErrUseLastResponse
		}
		return nil
	}}}
}
