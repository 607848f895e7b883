package signon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/oauth"
)

// metadata is what a provider says of itself (OpenID Connect Discovery, section 3), as far
// as it is used.
type metadata struct {
	Issuer    string `json:"issuer"`
	Authorize string `json:"authorization_endpoint"`
	Push      string `json:"pushed_authorization_request_endpoint"`
	Token     string `json:"token_endpoint"`
	Keys      string `json:"jwks_uri"`
	Logout    string `json:"end_session_endpoint"`
}

// How long what a provider says of itself is believed, and how often its keys are fetched
// anew at most: a token with an unknown key costs the provider nothing.
const (
	metadataKept = 15 * time.Minute
	keysEvery    = 10 * time.Second
	awayFor      = 3 * time.Second // who comes meanwhile does not wait for another try
	answerMost   = 1 << 20
)

var errAway = fault.New(fault.Unavailable, "signon.away", nil)

// remote asks the provider.
type remote struct {
	issuer string
	client *http.Client
	now    func() time.Time

	mu      sync.Mutex
	meta    metadata
	metaAt  time.Time
	awayAt  time.Time
	keys    oauth.Keys
	keysAt  time.Time
	keysFor string
}

// about is what the provider says of itself. It fails with Unavailable when it is away.
func (r *remote) about(ctx context.Context) (metadata, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.metaAt.IsZero() && r.now().Sub(r.metaAt) < metadataKept {
		return r.meta, nil
	}
	if !r.awayAt.IsZero() && r.now().Sub(r.awayAt) < awayFor {
		return metadata{}, errAway
	}
	var m metadata
	if err := r.get(ctx, r.issuer+"/.well-known/openid-configuration", &m); err != nil {
		r.awayAt = r.now()
		return metadata{}, err
	}
	r.awayAt = time.Time{}
	switch {
	case m.Issuer != r.issuer: // another's document (OpenID Connect Discovery, section 4.3)
		return metadata{}, errAway.Because(fmt.Errorf("%s says that it is %q", r.issuer, m.Issuer))
	case m.Authorize == "" || m.Push == "" || m.Token == "" || m.Keys == "":
		return metadata{}, errAway.Because(fmt.Errorf("%s does not say all addresses", r.issuer))
	}
	r.meta, r.metaAt = m, r.now()
	return m, nil
}

// verify verifies a token of the provider's; its keys are fetched again when none fits.
func (r *remote) verify(ctx context.Context, token, typ string, out any) error {
	m, err := r.about(ctx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keysFor == m.Keys {
		if err = oauth.Verify(token, []string{oauth.ES256}, r.keys, out, typ); err == nil {
			return nil
		}
		if r.now().Sub(r.keysAt) < keysEvery {
			return err
		}
	}
	var raw json.RawMessage
	if err := r.get(ctx, m.Keys, &raw); err != nil {
		return err
	}
	keys, err := oauth.ParseKeys(raw)
	if err != nil {
		return fmt.Errorf("keys of %s: %w", r.issuer, err)
	}
	r.keys, r.keysAt, r.keysFor = keys, r.now(), m.Keys
	return oauth.Verify(token, []string{oauth.ES256}, r.keys, out, typ)
}

func (r *remote) get(ctx context.Context, address string, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	return r.do(req, http.StatusOK, out)
}

// post sends a form and reads the answer.
func (r *remote) post(ctx context.Context, address string, form url.Values, status int, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.do(req, status, out)
}

// refused is what the provider answered in the place of what was asked.
type refused struct {
	Code string `json:"error"`
	Text string `json:"error_description"`
}

func (e *refused) Error() string {
	return fmt.Sprintf("the provider refuses: %s (%.200s)", e.Code, e.Text)
}

func (r *remote) do(req *http.Request, status int, out any) error {
	req.Header.Set("Accept", "application/json")
	res, err := r.client.Do(req)
	if err != nil {
		if ctx := req.Context(); errors.Is(ctx.Err(), context.Canceled) {
			return ctx.Err()
		}
		return errAway.Because(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, answerMost))
	if err != nil {
		return errAway.Because(err)
	}
	if res.StatusCode != status {
		no := &refused{}
		if res.StatusCode >= http.StatusInternalServerError || json.Unmarshal(raw, no) != nil || no.Code == "" {
			return errAway.Because(fmt.Errorf("%s answers %s", req.URL.Redacted(), res.Status))
		}
		return no
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return errAway.Because(fmt.Errorf("answer of %s: %w", req.URL.Redacted(), err))
	}
	return nil
}
