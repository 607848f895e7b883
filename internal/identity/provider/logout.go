package provider

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/oauth"
)

// logout ends the sign-in of the browser, asked for by a client (OpenID Connect
// RP-Initiated Logout). Where the client does not prove whom it means, the holder is asked
// first; where it does not prove that an address is its own, nobody is led there.
func (p *Provider) logout(w http.ResponseWriter, r *http.Request) error {
	noTrace(w)
	params, err := browserParams(r)
	if err != nil {
		return refused("params", nil).Because(err)
	}
	leave, err := p.readLeave(r.Context(), params)
	if err != nil {
		return err
	}
	session, _, ok, err := p.signedIn(r)
	if err != nil {
		return err
	}
	if !ok {
		return p.left(w, r, leave)
	}
	ring, err := p.theRing(r.Context())
	if err != nil {
		return err
	}
	token := leaveToken(ring, session)
	confirmed := r.Method == http.MethodPost && hmac.Equal([]byte(params["confirm"]), []byte(token))
	if !confirmed && leave.session != session.ID {
		fields := map[string]string{"confirm": token}
		for _, name := range []string{"id_token_hint", "client_id", "post_logout_redirect_uri", "state"} {
			if v := params[name]; v != "" {
				fields[name] = v
			}
		}
		lang := wish{params: params}.lang()
		return p.Entrance.AskLeave(w, r, Leaving{Client: leave.client.Client, Action: pathLogout, Fields: fields, Lang: lang})
	}
	if err := p.Entrance.End(w, r, session); err != nil {
		return err
	}
	return p.left(w, r, leave)
}

// leave is a wish to sign out that was read.
type leave struct {
	client  client
	session string // that the hint proves; "" for none
	to      string // proven to be the client's; "" for none
}

func (p *Provider) readLeave(ctx context.Context, params oauth.Params) (leave, error) {
	var l leave
	id := params["client_id"]
	if hint := params["id_token_hint"]; hint != "" {
		claims, err := p.readHint(ctx, hint)
		if oauth.As(err) != nil {
			return l, refused("hint", nil).Because(err)
		}
		if err != nil {
			return l, err
		}
		if len(claims.Audience) != 1 || id != "" && id != claims.Audience[0] {
			return l, refused("hint", nil)
		}
		id, l.session = claims.Audience[0], claims.Session
	}
	if id != "" {
		c, err := p.client(ctx, id)
		if oauth.As(err) != nil {
			return l, refused("client", nil).Because(err)
		}
		if err != nil {
			return l, err
		}
		l.client = c
	}
	if to := params["post_logout_redirect_uri"]; to != "" {
		if id == "" || !slices.Contains(l.client.LogoutURIs, to) {
			return l, refused("logout_uri", fault.Args{"client": l.client.Name.Vi})
		}
		if l.to = to; params["state"] != "" {
			sep := "?"
			if strings.Contains(to, "?") {
				sep = "&"
			}
			l.to += sep + url.Values{"state": {params["state"]}}.Encode()
		}
	}
	return l, nil
}

func (p *Provider) left(w http.ResponseWriter, r *http.Request, l leave) error {
	if l.to == "" {
		return p.Entrance.Left(w, r)
	}
	http.Redirect(w, r, l.to, http.StatusSeeOther)
	return nil
}

// leaveToken shows that the form which confirms is ours, shown in this session.
func leaveToken(r *ring, s identity.Session) string {
	m := hmac.New(sha256.New, r.Nonces)
	m.Write([]byte("sign out " + s.ID))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// logoutEvent is the event that a logout token tells of.
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// goodbyeClient calls clients: not for long, and to no other address than the registered one.
func goodbyeClient() *http.Client {
	return &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// SayGoodbye tells a client that a sign-in ended (OpenID Connect Back-Channel Logout). The
// outbox calls it until it succeeds; what no repetition can mend is jobs.Permanent.
func (p *Provider) SayGoodbye(ctx context.Context, g identity.Goodbye) error {
	c, err := p.client(ctx, g.Client)
	if oauth.As(err) != nil {
		return jobs.Permanent(err)
	}
	if err != nil {
		return err
	}
	if c.BackChannel == "" {
		return nil
	}
	ring, err := p.theRing(ctx)
	if err != nil {
		return err
	}
	now := p.Service.Clock.Now()
	key, err := ring.signer(algOr(c.IDTokenAlg), now)
	if err != nil {
		return err
	}
	token, err := key.Sign(oauth.TypeLogout, map[string]any{
		"iss": p.issuer, "sub": ring.subject(c.Client, g.Account), "aud": c.ID, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(),
		"jti": p.Service.NewID(), "sid": g.Session, "events": map[string]any{logoutEvent: struct{}{}},
	})
	if err != nil {
		return err
	}
	body := url.Values{"logout_token": {token}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.BackChannel, bytes.NewReader([]byte(body)))
	if err != nil {
		return jobs.Permanent(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := p.HTTP.Do(r)
	if err != nil {
		return fmt.Errorf("goodbye to %s: %w", c.ID, err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 4<<10))
	switch {
	case answer.StatusCode == http.StatusOK, answer.StatusCode == http.StatusNoContent:
		return nil
	case answer.StatusCode == http.StatusBadRequest:
		return jobs.Permanent(fmt.Errorf("goodbye to %s: it refused the logout token", c.ID))
	}
	return fmt.Errorf("goodbye to %s: it answered %d", c.ID, answer.StatusCode)
}
