package signon

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"dean06/internal/platform/oauth"
)

// logoutEvent is what a logout token is about (OpenID Connect Back-Channel Logout, 2.4).
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// logoutLife is how old a logout token may be. One that comes twice ends nothing more.
const logoutLife = 3 * time.Minute

type ended struct {
	oauth.Claims

	Session string                     `json:"sid"`
	Nonce   string                     `json:"nonce"`
	Events  map[string]json.RawMessage `json:"events"`
}

// Logout takes the provider's word that a sign-in is over, and ends what rests on it here.
func (d *Door) Logout() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, 32<<10)
		t, err := d.logoutToken(r)
		if err != nil {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": oauth.InvalidRequest})
			return
		}
		if _, err := d.sessions.EndAt(r.Context(), d.o.Issuer, t.Session, t.Subject); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable) // it is sent again
		}
	})
}

func (d *Door) logoutToken(r *http.Request) (ended, error) {
	var t ended
	if err := r.ParseForm(); err != nil {
		return t, err
	}
	if err := d.remote.verify(r.Context(), r.PostForm.Get("logout_token"), oauth.TypeLogout, &t); err != nil {
		return t, err
	}
	now := d.o.Clock.Now()
	_, is := t.Events[logoutEvent]
	switch {
	case t.Issuer != d.o.Issuer, !t.Audience.Has(d.o.Client):
		return t, errors.New("the logout token is another's")
	case t.IssuedAt.Time().After(now.Add(clocksOff)), now.Sub(t.IssuedAt.Time()) > logoutLife:
		return t, fmt.Errorf("the logout token is of %s", t.IssuedAt.Time())
	case !is, t.Nonce != "", t.Session == "" && t.Subject == "":
		return t, errors.New("the token ends nothing")
	}
	return t, nil
}

// Keys are the public keys by which the provider knows the node, as they are registered.
func (d *Door) Keys() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(oauth.Keys{d.o.Key.Public()})
	})
}
