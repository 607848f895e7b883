package provider

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/oauth"
	"dean06/internal/platform/web"
)

// clientKept is how long a client is remembered as it was read: what its owner or the
// authority changes counts a moment later, in every process.
const (
	clientKept    = 3 * time.Second
	clientsKept   = 4096
	unknownClient = "the client is not known, or may not ask"
)

// client is a client that may ask, with its keys read.
type client struct {
	identity.Client
	keys   oauth.Keys
	readAt time.Time
}

type clientCache struct {
	mu sync.Mutex
	of map[string]client
}

// client finds a client that may ask. It fails with *oauth.Error.
func (p *Provider) client(ctx context.Context, id string) (client, error) {
	unknown := oauth.New(oauth.InvalidClient, unknownClient)
	if id == "" || len(id) > 64 {
		return client{}, unknown
	}
	now := p.Service.Clock.Now()
	p.clients.mu.Lock()
	c, ok := p.clients.of[id]
	p.clients.mu.Unlock()
	if ok && now.Sub(c.readAt).Abs() < clientKept {
		return c, nil
	}
	kept, err := p.Service.Store.Client(ctx, id)
	if fault.Of(err) == fault.NotFound || err == nil && kept.State != identity.ClientApproved {
		return client{}, unknown
	}
	if err != nil {
		return client{}, fmt.Errorf("client %s: %w", id, err)
	}
	c = client{Client: kept, readAt: now}
	if len(kept.Keys) > 0 {
		if c.keys, err = oauth.ParseKeys(kept.Keys); err != nil {
			return client{}, fmt.Errorf("keys of client %s: %w", id, err)
		}
	}
	p.clients.mu.Lock()
	defer p.clients.mu.Unlock()
	if p.clients.of == nil || len(p.clients.of) >= clientsKept {
		p.clients.of = map[string]client{}
	}
	p.clients.of[id] = c
	return c, nil
}

// call is a machine's request: its parameters, who makes it, and what it uses up.
type call struct {
	client
	params oauth.Params
	ring   *ring
	once   []func(oauth.Once) error
	key    string // thumbprint of the key whose possession was proven; "" for none
}

// uses is what the call uses up, to be done in the transaction that gives something for it.
func (c *call) uses() identity.Use {
	return func(ctx context.Context, tx identity.Tx) error {
		once := func(key string, until time.Time) error {
			err := tx.Once(ctx, key, until)
			if fault.Of(err) == fault.Conflict {
				return oauth.ErrAgain
			}
			return err
		}
		for _, use := range c.once {
			if err := use(once); err != nil {
				return err
			}
		}
		return nil
	}
}

// authenticate finds out which client calls, in the way that its registration says and in
// no other (RFC 6749, section 2.3).
func (p *Provider) authenticate(r *http.Request, endpoint string) (*call, error) {
	params, err := oauth.ReadForm(r.Header.Get("Content-Type"), r.Body)
	if err != nil {
		return nil, err
	}
	basicID, basicSecret, basic, err := oauth.Basic(r.Header.Get("Authorization"))
	if err != nil {
		return nil, err
	}
	assertion, secret := params["client_assertion"], params["client_secret"]
	way, id := identity.AuthNone, params["client_id"]
	n := 0
	if basic {
		way, id, secret, n = identity.AuthBasic, basicID, basicSecret, n+1
	}
	if assertion != "" {
		if params["client_assertion_type"] != oauth.AssertionType {
			return nil, oauth.New(oauth.InvalidClient, "client_assertion_type is not "+oauth.AssertionType)
		}
		if id, err = oauth.AssertionClient(assertion); err != nil {
			return nil, err
		}
		way, n = identity.AuthKey, n+1
	}
	if params["client_secret"] != "" {
		way, n = identity.AuthPost, n+1
	}
	if said := params["client_id"]; n > 1 || said != "" && said != id {
		return nil, oauth.New(oauth.InvalidRequest, "the client says who it is in more than one way")
	}
	c := &call{params: params}
	if c.ring, err = p.theRing(r.Context()); err != nil {
		return nil, err
	}
	if c.client, err = p.client(r.Context(), id); err != nil {
		return nil, err
	}
	if way != c.Auth {
		return nil, oauth.New(oauth.InvalidClient, "the client is registered to say who it is by "+c.Auth)
	}
	switch way {
	case identity.AuthKey:
		a, err := oauth.CheckAssertion(assertion, oauth.AssertionCheck{
			Client: id, Audiences: p.audiences(endpoint, c.client), Alone: c.PushedOnly, Keys: c.keys, Now: p.Service.Clock.Now(),
		})
		if err != nil {
			return nil, err
		}
		c.once = append(c.once, a.Use)
	case identity.AuthBasic, identity.AuthPost:
		if c.Secret == "" || subtle.ConstantTimeCompare([]byte(opaque.Hash(secret)), []byte(c.Secret)) != 1 {
			return nil, oauth.New(oauth.InvalidClient, "the secret is wrong")
		}
	}
	return c, nil
}

// audiences are for whom an assertion may be. Of clients that keep to FAPI 2.0 (pushed
// requests only) it is the issuer alone (section 5.3.2.1).
func (p *Provider) audiences(endpoint string, c client) []string {
	if c.PushedOnly {
		return []string{p.issuer}
	}
	return []string{p.issuer, p.issuer + pathToken, p.issuer + portalPrefix + "/token", p.issuer + endpoint}
}

// proof takes the proof of possession of a request; "" when it brings none. token is the
// access token that it goes with.
func (p *Provider) proof(r *http.Request, ring *ring, token string) (key string, use func(oauth.Once) error, err error) {
	headers := r.Header.Values("DPoP")
	switch {
	case len(headers) == 0:
		return "", nil, nil
	case len(headers) > 1:
		return "", nil, oauth.New(oauth.InvalidProof, "there is more than one proof")
	}
	proof, err := oauth.CheckProof(headers[0], oauth.ProofCheck{
		Method: r.Method, URL: p.issuer + r.URL.Path, Token: token, Nonces: ring.nonces(), Now: p.Service.Clock.Now(),
	})
	if err != nil {
		return "", nil, err
	}
	return proof.Key, proof.Use, nil
}

// prove adds the proof of possession to a call.
func (p *Provider) prove(r *http.Request, c *call) error {
	key, use, err := p.proof(r, c.ring, "")
	if err != nil {
		return err
	}
	if c.key = key; key != "" && len(c.once) == 0 {
		// With an assertion, which counts once, the whole call counts once: who repeats the
		// proof would need the client's own key.
		c.once = append(c.once, use)
	}
	return nil
}

// machine answers errors as the protocols have them: JSON, and a header where a token or a
// client was refused. What is no error of the protocol is the frame's to log and to show.
func (p *Provider) machine(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		web.Uncompressed(w)
		ring, err := p.theRing(r.Context())
		if err != nil {
			return err
		}
		w.Header().Set("DPoP-Nonce", ring.nonces().New(p.Service.Clock.Now()))
		err = h(w, r)
		e := oauth.As(err)
		if e == nil {
			return p.storeFault(err)
		}
		status := e.Status()
		resource := isUserinfo(r)
		switch {
		case resource:
			if e.Code != oauth.InsufficientScope && e.Code != oauth.InvalidRequest {
				status = http.StatusUnauthorized
			}
			w.Header().Set("WWW-Authenticate", challenge(r, e))
		case e.Code == oauth.InvalidClient && r.Header.Get("Authorization") != "":
			w.Header().Set("WWW-Authenticate", `Basic realm="dean06"`)
		}
		p.Log.DebugContext(r.Context(), "refused", "request_id", web.RequestID(r.Context()), "error", e.Error())
		return writeJSON(w, status, map[string]string{"error": e.Code, "error_description": e.Text})
	}
}

// storeFault keeps what a store says from being read as a page's fault: to a machine a
// conflict in the store is a reason to try again.
func (p *Provider) storeFault(err error) error {
	if fault.Of(err) == fault.Conflict {
		return fault.New(fault.Unavailable, "provider.busy", nil).Because(err)
	}
	return err
}

// challenge is the header of a resource (RFC 6750, section 3; RFC 9449, section 7.1).
func challenge(r *http.Request, e *oauth.Error) string {
	scheme, _ := oauth.Bearer(r.Header.Get("Authorization"))
	more := ""
	if scheme == "DPoP" || e.Code == oauth.UseNonce || e.Code == oauth.InvalidProof {
		scheme, more = "DPoP", `, algs="ES256 PS256 EdDSA RS256"`
	} else {
		scheme = "Bearer"
	}
	if errors.Is(e, errNoToken) { // nothing was shown: nothing is wrong with it
		return scheme + ` realm="dean06"` + more
	}
	return fmt.Sprintf(`%s realm="dean06", error=%q, error_description=%q%s`, scheme, e.Code, e.Text, more)
}
