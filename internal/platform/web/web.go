// Package web is what every page and every remote call passes through: routing,
// errors turned into pages or problem+json, security headers, compression,
// language, request ids, access log, metrics and an orderly end. It knows no
// subject, no account and no session; those come in as middleware.
//
// A module lists its routes in one table and returns errors:
//
//	func (p *Pages) Routes() []web.Route {
//		return []web.Route{
//			{Pattern: "GET /returns/{id}", Handler: p.show},
//			{Pattern: "POST /returns/{id}/file", Handler: p.upload, MaxBody: 20 << 20},
//		}
//	}
package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/assets"
)

// Handler answers a request or returns why it can't.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one line of a module's table of pages.
type Route struct {
	Pattern string // as http.ServeMux takes it: "GET /returns/{id}"
	Handler Handler
	// ByBody says that who speaks shows in the body, which is signed: it is read before
	// anybody is known. Of all other routes the bodies of those who are not known are small.
	ByBody bool
	// FromOthers says that pages of other sites may post here: where a protocol has it so,
	// and such a post does nothing that a link could not do.
	FromOthers bool
	MaxBody    int64 // the largest body in bytes; 0 is DefaultMaxBody
	// May names who may have it: an action of a module's table ("population.record"),
	// "signed in", or "anyone". The method behind it asks the table; this is for
	// docs/permissions.md and the test that walks every page with every role.
	May string
}

// DefaultMaxBody is enough for every form without a file.
const DefaultMaxBody = 1 << 20

// What is read of somebody who is not known: a form to sign in with, and not for long.
const (
	strangersBody = 64 << 10
	strangersTime = 20 * time.Second
)

// FrameFunc gives the frame around the pages of a request.
type FrameFunc func(*http.Request) ui.Frame

// Middleware wraps a handler.
type Middleware func(http.Handler) http.Handler

// Config is what a router needs.
type Config struct {
	Log      *slog.Logger
	Messages *i18n.Catalogue
	Frame    FrameFunc // for the error pages
	Metrics  *Metrics  // optional
	// Full says that an error is that of a full disk, of the database too; nil knows of none.
	Full func(error) bool
	// Known says whether who makes the request is known by now, of requests to routes that
	// are not for anyone; nil takes everybody for known.
	Known   func(context.Context) bool
	Within  []Middleware // run inside the language and around the routes, the first outermost: session, sign-in
	Secure  bool         // served over TLS, also behind a proxy: HSTS and Secure cookies
	Trusted []string     // other origins that may post here, "https://host"
	Leads   []string     // other origins to which a form of ours may lead on
}

// Router holds the routes of one node.
type Router struct {
	cfg    Config
	mux    *http.ServeMux
	others []string // patterns to which other sites may post
}

// NewRouter makes a router that serves the assets and nothing else yet.
func NewRouter(cfg Config) *Router {
	rt := &Router{cfg: cfg, mux: http.NewServeMux()}
	rt.mux.Handle("GET "+assets.Prefix, assets.Handler())
	return rt
}

// Mount adds the routes of a module.
func (rt *Router) Mount(routes ...Route) {
	for _, route := range routes {
		if route.FromOthers {
			rt.others = append(rt.others, route.Pattern)
		}
		limit := route.MaxBody
		if limit == 0 {
			limit = DefaultMaxBody
		}
		rt.mux.Handle(route.Pattern, rt.adapt(route, limit))
	}
}

// Handle adds a handler that answers for its own errors and limits its own
// body, such as an API or the metrics.
func (rt *Router) Handle(pattern string, h http.Handler) { rt.mux.Handle(pattern, h) }

// adapt turns a Handler into an http.Handler.
func (rt *Router) adapt(route Route, limit int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most := limit
		if rt.cfg.Known != nil && !route.ByBody && !rt.cfg.Known(r.Context()) {
			if route.May != anyone {
				most = min(most, strangersBody)
			}
			if hasBody(r) { // what knows no deadlines is no connection
				_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(strangersTime)) //nolint:forbidigo // a deadline of the network
			}
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		// The server forgets the files of a request that was passed on as a copy.
		defer func() {
			if r.MultipartForm != nil {
				_ = r.MultipartForm.RemoveAll()
			}
		}()
		if err := route.Handler(w, r); err != nil {
			rt.fail(w, r, err)
		}
	})
}

// anyone is what May says of a route for which nobody need be known.
const anyone = "anyone"

func hasBody(r *http.Request) bool {
	return r.Body != nil && r.Body != http.NoBody && r.ContentLength != 0
}

// route finds the handler; what no route takes is a fault like any other.
func (rt *Router) route(w http.ResponseWriter, r *http.Request) {
	_, pattern := rt.mux.Handler(r)
	noteRoute(r.Context(), pattern)
	if pattern == "" {
		rt.unrouted(w, r)
		return
	}
	rt.mux.ServeHTTP(w, r)
}

// unrouted asks the mux for its answer without letting it write a body: it
// knows 404 from 405 (with Allow) and from the redirect of an untidy address.
func (rt *Router) unrouted(w http.ResponseWriter, r *http.Request) {
	probe := &probeWriter{header: http.Header{}}
	rt.mux.ServeHTTP(probe, r)
	switch {
	case probe.status >= 300 && probe.status < 400:
		http.Redirect(w, r, probe.header.Get("Location"), probe.status)
	case probe.status == http.StatusMethodNotAllowed:
		w.Header().Set("Allow", probe.header.Get("Allow"))
		rt.failWith(w, r, http.StatusMethodNotAllowed, fault.New(fault.NotFound, "web.method", nil))
	default:
		rt.fail(w, r, fault.New(fault.NotFound, "web.not_found", nil))
	}
}

type probeWriter struct {
	header http.Header
	status int
}

func (p *probeWriter) Header() http.Header         { return p.header }
func (p *probeWriter) WriteHeader(status int)      { p.status = status }
func (p *probeWriter) Write(b []byte) (int, error) { return len(b), nil }

// Handler is the whole chain, ready to serve.
func (rt *Router) Handler() http.Handler {
	var h http.Handler = http.HandlerFunc(rt.route)
	h = rt.sameOrigin(h)
	h = rt.recoverPanic(h) // here, so that the error page has the session's frame
	for i := len(rt.cfg.Within) - 1; i >= 0; i-- {
		h = rt.cfg.Within[i](h)
	}
	h = rt.recoverPanic(h) // and here for a panic of that middleware itself
	h = rt.language(h)
	h = rt.securityHeaders(h)
	h = compress(h)
	h = rt.observe(h)
	return requestID(h)
}
