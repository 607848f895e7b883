package session

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/web"
)

// cookie is the name of the session's cookie. The prefix __Host- lets browsers
// take it from this host over TLS only. On a loopback address without TLS the
// port is no part of a cookie's scope, so the node's name keeps nodes apart.
func (s *Service) cookie() string {
	if s.opts.Secure {
		return "__Host-dean06-" + s.opts.Node
	}
	return "dean06-" + s.opts.Node
}

// SetToken hands the token of a session to the browser; an empty one takes it away.
func (s *Service) SetToken(w http.ResponseWriter, token string) {
	c := &http.Cookie{Name: s.cookie(), Value: token, Path: "/", HttpOnly: true, Secure: s.opts.Secure, SameSite: http.SameSiteLaxMode}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

func (s *Service) token(r *http.Request) string {
	c, err := r.Cookie(s.cookie())
	if err != nil {
		return ""
	}
	return c.Value
}

// Load finds who makes the request, by cookie or by "Authorization: Bearer", and puts
// identity and audit.Who into its context. It refuses nobody: Check and Require do.
func (s *Service) Load(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		st, ok := s.stateOf(ctx, r)
		if ok {
			ctx = put(ctx, st)
		}
		who := s.who(ctx, st.id, s.Client(r).Address)
		next.ServeHTTP(w, r.WithContext(audit.With(ctx, who)))
	})
}

func (s *Service) stateOf(ctx context.Context, r *http.Request) (st state, ok bool) {
	if bearer, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); found {
		st.id, ok, st.err = s.identifyToken(ctx, strings.TrimSpace(bearer))
		return st, ok || st.err != nil
	}
	if token := s.token(r); token != "" {
		st.id, st.step, ok, st.err = s.identify(ctx, token)
	}
	return st, ok || st.err != nil
}

// Require lets only those through who are signed in and hold one of the roles, if any are given.
func Require(h web.Handler, roles ...string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := Check(r.Context(), roles...); err != nil {
			return err
		}
		return h(w, r)
	}
}

// SignIn makes a session of a proof and hands it to the browser. The step says
// what is still lacking.
func (s *Service) SignIn(w http.ResponseWriter, r *http.Request, p Proof) (Step, error) {
	token, step, err := s.Start(r.Context(), p, s.Client(r), s.token(r))
	if err != nil {
		return "", err
	}
	s.SetToken(w, token)
	if p.Via == actor.Password && step != NeedCode {
		return step, s.Remember(w, r, p.AccountID)
	}
	return step, nil
}

// SignInAs makes a session for somebody of whom an issuer vouches, and hands it to the
// browser. It fails as SignInPerson does.
func (s *Service) SignInAs(w http.ResponseWriter, r *http.Request, p Person) error {
	token, err := s.SignInPerson(r.Context(), p, s.Client(r), s.token(r))
	if err != nil {
		return err
	}
	s.SetToken(w, token)
	return nil
}

// SignOut ends the session at hand, if there is one.
func (s *Service) SignOut(w http.ResponseWriter, r *http.Request) error {
	defer s.SetToken(w, "")
	id, _, ok := Unfinished(r.Context())
	if !ok || id.SessionID == "" {
		return nil
	}
	if err := s.End(r.Context(), id.SessionID); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// Client is the machine that makes the request. What X-Forwarded-For says is
// believed only of the proxies that were named, from the nearest outwards.
func (s *Service) Client(r *http.Request) Client {
	c := Client{Agent: r.UserAgent()}
	if known, err := r.Cookie(s.knownCookie()); err == nil {
		c.Known = known.Value
	}
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return c
	}
	addr := ap.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusts(addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap()
	}
	c.Address = addr.WithZone("").String()
	return c
}

func (s *Service) trusts(addr netip.Addr) bool {
	for _, p := range s.opts.Proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// Guard sends away whom ask does not let through, before a page reads what was sent; who
// decides asks it again. No cache keeps such pages: they are about people, or about what an
// agency has not said in public.
func Guard(h web.Handler, ask func(r *http.Request, by actor.Actor) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		if _, err := Check(r.Context()); err != nil {
			return err
		}
		if err := ask(r, Actor(r)); err != nil {
			return err
		}
		return h(w, r)
	}
}
