// Package reconcileapi is the register's service that answers what agencies' programs ask,
// as their nodes call it through the exchange. It decides nothing: who asks is told by the
// headers that the authority's gateway sets, and the handler must be reachable through that
// gateway only.
package reconcileapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dean06/internal/cleaning/reconcile"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/strictjson"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

// maxBody is as much as the longest questions take.
const maxBody = 1 << 20

// API is the service.
type API struct {
	Answerer *reconcile.Answerer
	Texts    *i18n.Catalogue
	Log      *slog.Logger
}

// ServeHTTP answers POST.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	answer, persons, err := a.answer(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set(xroad.HeaderPersons, strconv.Itoa(max(1, persons)))
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // the caller has gone
}

func (a *API) answer(r *http.Request) (answer reconcile.Answer, persons int, err error) {
	if r.Method != http.MethodPost {
		return answer, 0, fault.New(fault.Invalid, "web.method", nil)
	}
	c, err := callerOf(r)
	if err != nil {
		return answer, 0, err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return answer, 0, fault.New(fault.Invalid, "reconcile.batch.json", nil).Because(err)
	}
	if len(body) > maxBody {
		return answer, 0, fault.New(fault.TooLarge, "reconcile.batch.large", fault.Args{"max": reconcile.MostQuestions})
	}
	var ask reconcile.Ask
	if err := strictjson.Read(body, &ask); err != nil {
		return answer, 0, fault.New(fault.Invalid, "reconcile.batch.json", nil) // the cause would quote what was said of somebody
	}
	answer, err = a.Answerer.Answer(r.Context(), c, ask)
	return answer, len(ask.Questions), err
}

// callerOf reads who asks.
func callerOf(r *http.Request) (reconcile.Caller, error) {
	client := r.Header.Get(xroad.HeaderClient)
	parts := strings.Split(client, "/")
	if len(parts) != 4 {
		return reconcile.Caller{}, fault.New(fault.Denied, "reconcile.client", nil)
	}
	agency, err := url.PathUnescape(parts[2])
	if err != nil {
		agency = parts[2]
	}
	said := func(header string) string {
		s := strings.TrimSpace(r.Header.Get(header))
		return strings.ToValidUTF8(s[:min(len(s), maxWord)], "?")
	}
	return reconcile.Caller{
		Client: client, Agency: agency, Officer: said(xroad.HeaderUserID), Purpose: said(xroad.HeaderPurpose), Dossier: said(xroad.HeaderIssue),
		RequestID: r.Header.Get(xroad.HeaderRequestID),
	}, nil
}

const maxWord = 200 // bytes of a word in a header

func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the caller has gone
	}
	lang := i18n.Vi
	if strings.HasPrefix(r.Header.Get("Accept-Language"), string(i18n.En)) {
		lang = i18n.En
	}
	f, status := fault.As(err), web.Status(err)
	if f == nil || status >= http.StatusInternalServerError {
		a.Log.Error("reconciling failed", "request_id", r.Header.Get(xroad.HeaderRequestID), "error", err)
	}
	if f == nil {
		f = fault.New(fault.Internal, "web.internal", nil)
	}
	body := web.NewProblem(i18n.With(r.Context(), a.Texts.In(lang)), status, f, nil)
	body.Instance = r.Header.Get(xroad.HeaderRequestID)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
