// Package provider is the OpenID Provider: the endpoints at which services learn who signed
// in, as OAuth 2.0 (RFC 6749, RFC 9700) and OpenID Connect have them, and under the
// addresses and names of the national portal's contract.
//
// It decides what a request lacks (a sign-in, a surer one, a consent) and leaves the pages
// on which that is got to the Entrance. Whether a code, a token or a consent holds is the
// module's root to say.
package provider

import (
	"embed"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"dean06/internal/identity"
	"dean06/internal/platform/web"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// Entrance is the pages before which a request waits.
type Entrance interface {
	// SignedIn is the sign-in that the browser holds, with its account; ok is false when none
	// goes on.
	SignedIn(r *http.Request) (in identity.SignedIn, ok bool, err error)
	// Ask leads the browser to the pages that get what is missing (sign-in, a surer one, for
	// whom, consent). They note it by identity.Service (Agree, Decline, Represent) and come back
	// to ContinuePath(req.ID). A page asks Provider.Waiting before it shows or notes anything.
	Ask(w http.ResponseWriter, r *http.Request, req identity.Request, want Want) error
	// End ends the sign-in of the browser, everywhere.
	End(w http.ResponseWriter, r *http.Request, s identity.Session) error
	// AskLeave shows a page that asks whether to sign out: a form that posts the fields.
	AskLeave(w http.ResponseWriter, r *http.Request, l Leaving) error
	// Left shows that nobody is signed in any more.
	Left(w http.ResponseWriter, r *http.Request) error
}

// Want is what a request lacks. Its members are got in their order.
type Want struct {
	SignIn bool
	Level  identity.Level // at least; NoLevel says nothing
	Hint   string         // who is expected, as the client wrote it; never in a URL or a log
	// For says that the holder chooses for whom: themselves, or somebody they act for.
	For bool
	// Agree says that the holder is asked whether the client may be told, for each purpose of
	// Needs; with none of them, whether to sign in at all. Offline says that the client wants
	// to go on when the holder has signed out.
	Agree   bool
	Needs   []identity.Need
	Offline bool
	Client  identity.Client
	Lang    string // "vi", "en", "" for whatever the browser speaks
}

// nothing says that nothing is lacking.
func (w Want) nothing() bool { return !w.SignIn && w.Level == identity.NoLevel && !w.For && !w.Agree }

// Leaving is a wish to sign out that the holder confirms.
type Leaving struct {
	Client identity.Client   // that led here; zero when none did
	Action string            // where the form goes
	Fields map[string]string // hidden
	Lang   string
}

// Options are what a provider is made of.
type Options struct {
	Service  *identity.Service
	Entrance Entrance
	Secure   bool // served over TLS
	Log      *slog.Logger
	// Address is where a request comes from; nil takes the other end of the connection, which
	// behind a proxy is the proxy.
	Address func(r *http.Request) string
	// HTTP calls clients for back-channel logout.
	HTTP *http.Client
}

// Provider answers.
type Provider struct {
	Options
	issuer    string
	clients   clientCache
	ringMu    sync.Mutex
	ringNow   *ring
	strangers strangers
}

// New makes a provider.
func New(o Options) *Provider {
	p := &Provider{Options: o, issuer: o.Service.Settings.Issuer}
	if p.Address == nil {
		p.Address = func(r *http.Request) string {
			host, _, err := net.SplitHostPort(r.RemoteAddr)
			if err != nil {
				return r.RemoteAddr
			}
			return host
		}
	}
	if p.HTTP == nil {
		p.HTTP = goodbyeClient()
	}
	return p
}

// The addresses below the issuer.
const (
	pathAuthorize  = "/oauth/authorize"
	pathPAR        = "/oauth/par"
	pathToken      = "/oauth/token"
	pathUserinfo   = "/oauth/userinfo"
	pathIntrospect = "/oauth/introspect"
	pathRevoke     = "/oauth/revoke"
	pathLogout     = "/oauth/logout"
	pathKeys       = "/oauth/jwks"
	pathContinue   = "/oauth/continue/"
	// portalPrefix is in the place of "/oauth" in the national portal's contract.
	portalPrefix = "/oauth2"
)

// ContinuePath is where a request goes on.
func ContinuePath(request string) string { return pathContinue + request }

// Routes are its pages and what machines call.
func (p *Provider) Routes() []web.Route {
	anyone := func(pattern string, h web.Handler) web.Route {
		return web.Route{Pattern: pattern, Handler: h, May: "anyone", MaxBody: 64 << 10}
	}
	routes := []web.Route{
		anyone("GET /.well-known/openid-configuration", p.discovery),
		anyone("GET /.well-known/oauth-authorization-server", p.discovery),
		anyone("GET "+pathKeys, p.keys),
		anyone("GET "+pathContinue+"{id}", p.goOn),
		anyone("POST "+pathPAR, p.machine(p.push)),
	}
	// An authorization request and a wish to sign out may come as a form of the client's page
	// (OpenID Connect Core, 3.1.2.1; RP-Initiated Logout, 2).
	fromOthers := func(pattern string, h web.Handler) web.Route {
		r := anyone(pattern, h)
		r.FromOthers = true
		return r
	}
	for _, prefix := range []string{"/oauth", portalPrefix} {
		routes = append(routes,
			anyone("GET "+prefix+"/authorize", p.authorize),
			fromOthers("POST "+prefix+"/authorize", p.authorize),
			anyone("POST "+prefix+"/token", p.machine(p.token)),
			anyone("GET "+prefix+"/userinfo", p.machine(p.userinfo)),
			anyone("POST "+prefix+"/userinfo", p.machine(p.userinfo)),
			anyone("POST "+prefix+"/introspect", p.machine(p.introspect)),
			anyone("POST "+prefix+"/revoke", p.machine(p.revoke)),
			anyone("GET "+prefix+"/logout", p.logout),
			fromOthers("POST "+prefix+"/logout", p.logout),
		)
	}
	return routes
}
