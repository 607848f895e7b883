package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
)

var statusOf = map[fault.Kind]int{
	fault.Invalid:     http.StatusUnprocessableEntity,
	fault.NotFound:    http.StatusNotFound,
	fault.Unsigned:    http.StatusUnauthorized,
	fault.Denied:      http.StatusForbidden,
	fault.Conflict:    http.StatusConflict,
	fault.TooLarge:    http.StatusRequestEntityTooLarge,
	fault.TooMany:     http.StatusTooManyRequests,
	fault.Unavailable: http.StatusServiceUnavailable,
	fault.Internal:    http.StatusInternalServerError,
}

// Status is the HTTP status of an error.
func Status(err error) int { return statusOf[fault.Of(err)] }

// fail answers with an error. It is the only place where an error is logged
// and becomes something that people read.
func (rt *Router) fail(w http.ResponseWriter, r *http.Request, err error) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		err = fault.New(fault.TooLarge, "web.too_large", fault.Args{"megabytes": (large.Limit + 1<<20 - 1) >> 20}).Because(err)
	}
	if fault.As(err) == nil && rt.cfg.Full != nil && rt.cfg.Full(err) {
		err = fault.New(fault.Unavailable, "web.disk_full", nil).Because(err)
	}
	// The reader has gone: there is nobody to answer and nothing to repair.
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		w.WriteHeader(499)
		return
	}
	rt.failWith(w, r, Status(err), err)
}

func (rt *Router) failWith(w http.ResponseWriter, r *http.Request, status int, err error) {
	f := fault.As(err)
	if f == nil || status >= http.StatusInternalServerError {
		rt.cfg.Log.LogAttrs(r.Context(), slog.LevelError, "request failed",
			slog.String("request_id", RequestID(r.Context())), slog.Int("status", status), slog.String("error", err.Error()))
	}
	if f == nil {
		f = fault.New(fault.Internal, "web.internal", nil)
	}
	if begun(w) {
		// The answer has begun: cut it, so that nobody takes half a page for a whole one.
		panic(http.ErrAbortHandler)
	}
	h := w.Header()
	h.Del("Content-Length")
	h.Del("Content-Disposition")
	h.Del("ETag")
	h.Set("Cache-Control", "no-store")
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		h.Set("Retry-After", "30")
	}
	if wantsJSON(r) {
		rt.problem(w, r, status, f, err)
		return
	}
	if f.Kind == fault.Unsigned && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		http.Redirect(w, r, ui.SignInPath+"?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	rt.errorPage(w, r, status, f)
}

func (rt *Router) errorPage(w http.ResponseWriter, r *http.Request, status int, f *fault.Error) {
	p := i18n.From(r.Context())
	page := rt.frame(r).Page(p.T("web.title." + string(f.Kind)))
	view := errorView{Page: page, Text: p.T(f.Key, f.Args), Next: p.T("web.next." + string(f.Kind))}
	if status >= http.StatusInternalServerError {
		view.Reference = RequestID(r.Context())
	}
	if err := Render(w, r, status, errorBody(view)); err != nil {
		rt.cfg.Log.ErrorContext(r.Context(), "error page failed", "request_id", RequestID(r.Context()), "error", err.Error())
		http.Error(w, view.Text, status)
	}
}

// frame asks for the frame, but does without when the session behind it is what failed.
func (rt *Router) frame(r *http.Request) (f ui.Frame) {
	defer func() {
		if recover() != nil {
			f = ui.Frame{Here: r.URL.RequestURI()}
		}
	}()
	return rt.cfg.Frame(r)
}

// Problem is an error as RFC 9457 writes it.
type Problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail,omitempty"`
	Instance string         `json:"instance,omitempty"` // the reference number
	Errors   []ProblemField `json:"errors,omitempty"`
}

// ProblemField is one fault of several.
type ProblemField struct {
	Field  string `json:"field,omitempty"`
	Key    string `json:"key"`
	Detail string `json:"detail"`
}

func (rt *Router) problem(w http.ResponseWriter, r *http.Request, status int, f *fault.Error, err error) {
	body := NewProblem(r.Context(), status, f, err)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_ = json.NewEncoder(w).Encode(body)
	}
}

// NewProblem writes a fault, and all faults of err when it is a list, in the
// language of the request. APIs use it for their own answers.
func NewProblem(ctx context.Context, status int, f *fault.Error, err error) Problem {
	p := i18n.From(ctx)
	body := Problem{
		Type: "about:blank", Title: p.T("web.title." + string(f.Kind)), Status: status,
		Detail: p.T(f.Key, f.Args), Instance: RequestID(ctx),
	}
	for _, e := range FormErrors(err) {
		body.Errors = append(body.Errors, ProblemField{Field: e.Field, Key: e.Key, Detail: p.T(e.Key, e.Args)})
	}
	return body
}

func wantsJSON(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return true
	}
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}

// FormErrors gives the faults with which a form is shown again: all of a list,
// or the one, when they are Invalid or Conflict. It is nil for any other error.
func FormErrors(err error) fault.List {
	var list fault.List
	if errors.As(err, &list) {
		for _, e := range list {
			if e.Kind != fault.Invalid && e.Kind != fault.Conflict {
				return nil
			}
		}
		return list
	}
	if e := fault.As(err); e != nil && (e.Kind == fault.Invalid || e.Kind == fault.Conflict) {
		return fault.List{e}
	}
	return nil
}

// NotOffered says that an address asks for a choice that a list does not have.
func NotOffered(field, label, value string) *fault.Error {
	value = strings.ToValidUTF8(value, "")
	if r := []rune(value); len(r) > 40 {
		value = string(r[:40]) + "…"
	}
	return fault.New(fault.Invalid, "web.not_offered", fault.Args{"label": label, "value": value}).At(field)
}
