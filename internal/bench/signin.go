package bench

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/measure"
	"dean06/internal/platform/oauth"
	"dean06/internal/platform/opaque"
)

// The client that services in these measurements are.
const (
	clientID     = "do-tai"
	clientSecret = "mot-bi-mat-chi-de-do-tai-256-bit"
	clientBack   = "https://do-tai.example.vn/back"
)

// doors are the addresses of a provider.
type doors struct{ par, authorize, token, pages string }

// relying is a service that signs people in at a provider: with PKCE, pushed requests and
// proofs of possession, as FAPI 2.0 has it; by a secret, which is what both sides know.
type relying struct {
	doors
	http    *http.Client
	key     oauth.Key
	callers []*surfer
}

// surfer is one browser with its session, and the service's thread that works for it.
type surfer struct {
	cookies map[string]string
	nonce   string // the last one, of proofs
}

// newRelying makes a service whose callers have these cookies. All addresses lead to one
// place: what stands in them is what proofs name.
func newRelying(at string, d doors, visitors []*surfer) (*relying, error) {
	key, err := oauth.NewKey(oauth.ES256)
	if err != nil {
		return nil, err
	}
	dial := &net.Dialer{}
	transport := &http.Transport{
		MaxIdleConnsPerHost: len(visitors) + 1,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dial.DialContext(ctx, network, at)
		},
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &relying{
		doors: d, key: key, callers: visitors, http: &http.Client{Transport: transport, CheckRedirect: stay, Timeout: time.Minute},
	}, nil
}

func (r *relying) close() { r.http.CloseIdleConnections() }

// reply is what came back.
type reply struct {
	status int
	to     string
	body   []byte
}

// wrong says what was answered instead.
func (a reply) wrong(what string) error {
	return fmt.Errorf("%s: %d %s %.300s", what, a.status, a.to, a.body)
}

func (r *relying) do(req *http.Request, v *surfer) (reply, error) {
	resp, err := r.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if n := resp.Header.Get("DPoP-Nonce"); n != "" {
		v.nonce = n
	}
	return reply{resp.StatusCode, resp.Header.Get("Location"), body}, err
}

// ask posts a form with a proof, as the client; once more where the nonce was none or too old.
func (r *relying) ask(ctx context.Context, v *surfer, address string, form url.Values) (reply, error) {
	for again := false; ; again = true {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
		if err != nil {
			return reply{}, err
		}
		proof, err := oauth.NewProof(r.key, http.MethodPost, address, v.nonce, "", clock.System{}.Now())
		if err != nil {
			return reply{}, err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("DPoP", proof)
		req.SetBasicAuth(clientID, clientSecret)
		got, err := r.do(req, v)
		if err != nil || again || got.status != http.StatusBadRequest || !strings.Contains(string(got.body), oauth.UseNonce) {
			return got, err
		}
	}
}

// look brings a browser to an address.
func (r *relying) look(ctx context.Context, v *surfer, address string) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return reply{}, err
	}
	return r.browse(req, v)
}

// submit sends a form of a page at hand.
func (r *relying) submit(ctx context.Context, v *surfer, address string, form url.Values) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return r.browse(req, v)
}

// browse shows a browser's cookies, and keeps those that it is given.
func (r *relying) browse(req *http.Request, v *surfer) (reply, error) {
	for _, name := range slices.Sorted(maps.Keys(v.cookies)) {
		req.AddCookie(&http.Cookie{Name: name, Value: v.cookies[name]})
	}
	resp, err := r.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	for _, c := range resp.Cookies() {
		if c.MaxAge < 0 || c.Value == "" {
			delete(v.cookies, c.Name)
			continue
		}
		v.cookies[c.Name] = c.Value
	}
	body, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header.Get("Location"), body}, err
}

type issued struct {
	Access string `json:"access_token"`
	Type   string `json:"token_type"`
	ID     string `json:"id_token"`
}

// signIn is one sign-in: the request is pushed, the browser fetches a code by its session, the
// code becomes tokens.
func (r *relying) signIn(ctx context.Context, v *surfer) error {
	verifier, state, nonce := opaque.New(), opaque.Text(16), opaque.Text(16)
	pushed, err := r.ask(ctx, v, r.par, url.Values{
		"client_id": {clientID}, "response_type": {"code"}, "scope": {"openid"}, "redirect_uri": {clientBack}, "state": {state}, "nonce": {nonce},
		"code_challenge": {oauth.Challenge(verifier)}, "code_challenge_method": {oauth.S256},
	})
	if err != nil {
		return err
	}
	var request struct {
		URI string `json:"request_uri"`
	}
	if err := json.Unmarshal(pushed.body, &request); err != nil || request.URI == "" {
		return pushed.wrong("pushed request")
	}
	code, err := r.fetch(ctx, v, r.authorize+"?"+url.Values{"client_id": {clientID}, "request_uri": {request.URI}}.Encode(), state)
	if err != nil {
		return err
	}
	got, err := r.ask(ctx, v, r.token, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {clientBack}, "code_verifier": {verifier},
	})
	if err != nil {
		return err
	}
	var tokens issued
	if err := json.Unmarshal(got.body, &tokens); err != nil || tokens.Access == "" || tokens.Type != "DPoP" || nonceOf(tokens.ID) != nonce {
		return got.wrong("tokens")
	}
	return nil
}

// fetch follows a browser through the provider until it comes back with a code.
func (r *relying) fetch(ctx context.Context, v *surfer, address, state string) (string, error) {
	for range 8 { // the first sign-in leads through pages
		at, err := r.look(ctx, v, address)
		if err != nil {
			return "", err
		}
		from, err := url.Parse(address)
		if err != nil {
			return "", err
		}
		to, err := from.Parse(at.to)
		if err != nil || at.to == "" {
			return "", at.wrong("authorization")
		}
		if address = to.String(); !strings.HasPrefix(address, clientBack) {
			continue
		}
		if q := to.Query(); q.Get("code") != "" && q.Get("state") == state && q.Get("iss") != "" {
			return q.Get("code"), nil
		}
		return "", at.wrong("authorization")
	}
	return "", errors.New("authorization leads in circles")
}

// nonceOf is the nonce in an ID token, which is not verified here: that costs the client, and
// clients of others do it in test/conformance.
func nonceOf(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	var claims struct {
		Nonce string `json:"nonce"`
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	return claims.Nonce
}

// ownToken is a token of the client's own.
func (r *relying) ownToken(ctx context.Context, v *surfer) error {
	got, err := r.ask(ctx, v, r.token, url.Values{"grant_type": {"client_credentials"}})
	if err != nil {
		return err
	}
	var tokens issued
	if err := json.Unmarshal(got.body, &tokens); err != nil || tokens.Access == "" || tokens.Type != "DPoP" {
		return got.wrong("client credentials")
	}
	return nil
}

// drive makes calls of so many visitors against a provider of which cost tells what it took.
func (r *relying) drive(
	ctx context.Context, name string, callers int, during time.Duration, cost costs, do func(ctx context.Context, v *surfer, caller int) error,
) Section {
	l := measure.Load{Callers: callers, Warm: during / 5, For: during}
	return drive(ctx, name, l, map[string]costs{"server": cost}, func(ctx context.Context, caller, _ int) error {
		return do(ctx, r.callers[caller], caller)
	})
}
