// Package readinessapi is the register's face to other agencies' programmes:
// figures, returns as they are stored, and handing in a return, as JSON over
// HTTP, described by OpenAPI 3.1, with a page to try it. Errors are RFC 9457
// problems in the caller's language.
//
// It decides nothing: who may do what is readiness.Permissions, what a return must hold
// is readiness.Check. All it adds is that a programme's token must carry the
// scope of the call.
package readinessapi

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/session"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of the API and of its page.
var Messages, _ = fs.Sub(messages, "messages")

// The scopes that a token may carry.
const (
	ReadReturns  = "returns:read"
	WriteReturns = "returns:write"
	ReadFigures  = "figures:read"
)

// Scopes lists the scopes.
var Scopes = []string{ReadReturns, WriteReturns, ReadFigures}

const (
	prefix  = "/api/v1"
	maxBody = 2 << 20
)

// Names says how people are called.
type Names interface {
	// NameOf is the name that a person had at a time; stored is the id of an account, or
	// the login that was stored before ids were.
	NameOf(ctx context.Context, stored string, at time.Time) string
}

// API is the remote face of a register.
type API struct {
	register *readiness.Register
	names    Names
	log      *slog.Logger

	huma   huma.API
	routes *routes
	ops    []operation
}

// New makes the API. Without names it shows what is stored.
func New(register *readiness.Register, names Names, log *slog.Logger) *API {
	a := &API{register: register, names: names, log: log, routes: &routes{ServeMux: http.NewServeMux(), may: map[string]string{}}}
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: decode}
	a.huma = humago.New(a.routes, huma.Config{
		OpenAPI:       document(english()),
		OpenAPIPath:   "/api/openapi",
		Formats:       map[string]huma.Format{"application/json": format, "json": format},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{inWords},
	})
	a.addAll()
	finish(a.huma.OpenAPI(), english())
	return a
}

// Mount adds the calls and the OpenAPI document, one pattern each, with who may have it
// (see web.Route.May).
func (a *API) Mount(handle func(pattern string, h http.Handler, may string)) {
	for _, pattern := range a.routes.patterns {
		handle(pattern, a.routes, cmp.Or(a.routes.may[pattern], "anyone"))
	}
}

// actor is who acts in a call. A programme acts as the focal point of its agency, there
// and nowhere else, and reads figures when its token carries the scope.
func (a *API) actor(ctx context.Context) actor.Actor {
	who := actor.From(ctx)
	id, ok := session.From(ctx)
	if !ok || !byToken(id) {
		return who
	}
	who.Roles = []string{readiness.FocalPoint}
	if id.May(ReadFigures) {
		who.Roles = append(who.Roles, readiness.FiguresReader)
	}
	return who
}

// routes notes the patterns beside serving them, so that each is a route of the
// node's own router, with its metrics and its 404.
type routes struct {
	*http.ServeMux
	patterns []string
	may      map[string]string // of the calls, by pattern
}

// HandleFunc adds a handler.
func (rs *routes) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	rs.patterns = append(rs.patterns, pattern)
	rs.ServeMux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Add("Vary", "Accept-Language, Authorization, Cookie")
		h(w, r)
	})
}

// operation is one call, as the page to try it shows it.
type operation struct {
	ID, Method, Path, Scope string
	Params                  []*huma.Param
	Body                    bool
}

// add registers a call, which the register lets those have who may do the action.
// scope is what a token must carry; "" for any token.
func add[I, O any](a *API, may readiness.Action, scope string, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	op.Path = prefix + op.Path
	a.routes.may[op.Method+" "+op.Path] = may.Name()
	op.MaxBodyBytes = maxBody
	op.Middlewares = huma.Middlewares{a.require(scope)}
	op.RejectUnknownQueryParameters = true
	op.Errors = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}
	if op.Method == http.MethodPut {
		op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge)
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
	item := a.huma.OpenAPI().Paths[op.Path]
	shown := item.Get
	if op.Method == http.MethodPut {
		shown = item.Put
	}
	a.ops = append(a.ops, operation{
		ID: op.OperationID, Method: op.Method, Path: op.Path, Scope: scope, Params: shown.Parameters,
		Body: shown.RequestBody != nil,
	})
}

// require lets those through who are signed in; a token must carry the scope.
func (a *API) require(scope string) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		id, err := session.Check(hc.Context())
		switch {
		case fault.Of(err) == fault.Unsigned:
			hc.SetHeader("WWW-Authenticate", `Bearer realm="dean06"`)
			err = fault.New(fault.Unsigned, "api.unsigned", nil)
		case err == nil && byToken(id) && scope != "" && !id.May(scope):
			err = fault.New(fault.Denied, "api.scope", fault.Args{"scope": scope})
		}
		if err == nil {
			next(hc)
			return
		}
		p := a.problem(hc.Context(), err)
		hc.SetHeader("Content-Type", p.ContentType(""))
		hc.SetStatus(p.Status)
		_ = json.NewEncoder(hc.BodyWriter()).Encode(p) // the caller may have gone
	}
}

func byToken(id session.Identity) bool { return id.Via == "token" }

// problem is web.Problem as huma wants an error to be.
type problem struct{ web.Problem }

func (p problem) Error() string             { return p.Detail }
func (p problem) GetStatus() int            { return p.Status }
func (p problem) ContentType(string) string { return "application/problem+json" }

// problem puts an error into words, and logs it when it is our own.
func (a *API) problem(ctx context.Context, err error) problem {
	f, status := fault.As(err), web.Status(err)
	if f == nil || status >= http.StatusInternalServerError {
		if !errors.Is(err, context.Canceled) {
			a.log.ErrorContext(ctx, "call failed", "request_id", web.RequestID(ctx), "status", status, "error", err.Error())
		}
		f = fault.New(fault.Internal, "web.internal", nil)
	}
	return problem{web.NewProblem(ctx, status, f, err)}
}
