package populationapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/web"
	"dean06/internal/population"
	"dean06/internal/xroad"
)

// problem is an error as RFC 9457 writes it, with two members of ours.
type problem struct {
	web.Problem
	// Found is false when nobody fits, and absent otherwise.
	Found *bool `json:"found,omitempty"`
	// Fields are those that the right does not grant.
	Fields []population.Field `json:"fields,omitempty"`
	// Questions are asked before a reported event is recorded.
	Questions []questionAnswer `json:"questions,omitempty"`
}

// errRefused are fields that were asked for beyond the right, with what the register
// said.
type errRefused struct {
	fields []population.Field
	error
}

// Unwrap gives what the register said.
func (e errRefused) Unwrap() error { return e.error }

// denied adds the fields to a refusal for fields.
func denied(in population.Inquiry, asked []population.Field, err error) error {
	if no := refused(in, asked); err != nil && len(no) > 0 && fault.Of(err) == fault.Denied {
		return errRefused{no, err}
	}
	return err
}

// fail answers with an error. It is the only place where one is logged.
func (a *API) fail(q *request, err error) {
	ctx := q.r.Context()
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		q.w.WriteHeader(499) // the caller has gone
		return
	}
	status, f := web.Status(err), fault.As(err)
	body := problem{Problem: web.Problem{Type: "about:blank", Instance: q.r.Header.Get(xroad.HeaderRequestID)}}
	var method errMethod
	var refusal errRefused
	switch {
	case errors.As(err, &method):
		q.w.Header().Set("Allow", method.allow)
		status, f = http.StatusMethodNotAllowed, fault.New(fault.Invalid, "populationapi.method", fault.Args{"allow": method.allow})
	case errors.As(err, &errType{}):
		status, f = http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "populationapi.content_type", nil)
	case errors.As(err, &refusal):
		body.Fields = refusal.fields
	case f != nil && f.Kind == fault.NotFound && strings.HasPrefix(f.Key, "population.person."):
		body.Found = new(bool)
	}
	if f == nil || status >= http.StatusInternalServerError {
		a.Log.LogAttrs(ctx, slog.LevelError, "register service failed",
			slog.String("request_id", body.Instance), slog.Int("status", status), slog.String("error", err.Error()))
	}
	if f == nil {
		f = fault.New(fault.Internal, "populationapi.internal", nil)
	}
	open, ask := asked(err)
	title := "populationapi.title." + string(f.Kind)
	switch {
	case ask:
		title = "populationapi.title.questions"
		body.Questions = a.questionsOf(q, open)
	case f.Kind == fault.Conflict && q.in.Service == population.ServiceEvents:
		title = "populationapi.title.contradicts"
	}
	body.Status, body.Title, body.Detail = status, q.text.T(title), q.text.T(f.Key, f.Args)
	for _, e := range web.FormErrors(err) {
		body.Errors = append(body.Errors, web.ProblemField{Field: e.Field, Key: e.Key, Detail: q.text.T(e.Key, e.Args)})
	}
	h := q.w.Header()
	h.Set("Content-Type", "application/problem+json")
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		h.Set("Retry-After", "30")
	}
	q.w.WriteHeader(status)
	if q.r.Method != http.MethodHead {
		_ = json.NewEncoder(q.w).Encode(body) // the caller has gone
	}
}
