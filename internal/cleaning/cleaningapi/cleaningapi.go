// Package cleaningapi is the cleaning of files as other agencies use it through the exchange:
// they hand a file in by pieces, say what its columns hold, settle rows without seeing the
// register, and take the clean file by pieces. Errors are RFC 9457 problems in the caller's
// language.
//
// It decides nothing; cleaning.Counter does. Who calls is told by the headers that the
// register's gateway sets, never by what is sent; the handler must be reachable through that
// gateway only.
package cleaningapi

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/cleaning"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/strictjson"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// Code is the service's.
const Code = "cleaning"

// OpenAPI describes the service.
//
//go:embed cleaning.yaml
var OpenAPI []byte

// HeaderDigest holds the SHA-256 of a piece, in both directions (RFC 9530).
const HeaderDigest = "Content-Digest"

// HeaderOffset says where the piece begins that is answered.
const HeaderOffset = "Upload-Offset"

// API is the service.
type API struct {
	Counter *cleaning.Counter
	Texts   *i18n.Catalogue
	Log     *slog.Logger
}

// request is one call on its way.
type request struct {
	*http.Request
	w      http.ResponseWriter
	by     cleaning.Caller
	agency string
	id     string
	say    *i18n.Printer
}

// Handler answers what is below the service.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, do := range map[string]func(*API, *request) error{
		"POST /{$}":                 (*API).begin,
		"GET /{$}":                  (*API).list,
		"GET /{id}":                 (*API).show,
		"DELETE /{id}":              (*API).end,
		"PUT /{id}/content":         (*API).piece,
		"POST /{id}/finish":         (*API).finish,
		"POST /{id}/columns":        (*API).columns,
		"GET /{id}/rows":            (*API).rows,
		"GET /{id}/rows/{row}":      (*API).row,
		"POST /{id}/rows/{row}":     (*API).settle,
		"GET /{id}/papers/{format}": (*API).paper,
		"GET /{id}/changes":         (*API).changes,
		"/":                         func(*API, *request) error { return fault.New(fault.NotFound, "cleaningapi.no_path", nil) },
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, do) })
	}
	return mux
}

func (a *API) serve(w http.ResponseWriter, r *http.Request, do func(*API, *request) error) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept-Language")
	say := a.Texts.In(web.Preferred(r.Header.Get("Accept-Language")))
	q := &request{Request: r.WithContext(i18n.With(r.Context(), say)), w: w, id: r.PathValue("id"), say: say}
	err := q.caller()
	if err == nil {
		err = do(a, q)
	}
	if err != nil {
		a.fail(q, err)
	}
}

// caller reads who calls. It fails with Denied without a client: then this is not behind a
// gateway.
func (q *request) caller() error {
	q.by = cleaning.Caller{Client: q.Header.Get(xroad.HeaderClient), Officer: q.said(xroad.HeaderUserID), Dossier: q.said(xroad.HeaderIssue)}
	id, err := xroad.ParseID(q.by.Client, 4, 4)
	if err != nil {
		return fault.New(fault.Denied, "cleaningapi.no_client", nil)
	}
	if q.by.Officer == "" || q.by.Dossier == "" { // whom people read of, whatever the right asks
		return fault.New(fault.Denied, "cleaningapi.named", nil)
	}
	q.agency = id.Member
	return nil
}

// mostSaid is how many bytes of an officer or a reference are kept.
const mostSaid = 200

func (q *request) said(header string) string {
	s := strings.ToValidUTF8(strings.TrimSpace(q.Header.Get(header)), "?")
	return strings.ToValidUTF8(s[:min(len(s), mostSaid)], "")
}

// fail answers with an error. It is the only place where one is logged.
func (a *API) fail(q *request, err error) {
	if errors.Is(err, context.Canceled) && q.Context().Err() != nil {
		q.w.WriteHeader(499) // the caller has gone
		return
	}
	status, f := web.Status(err), fault.As(err)
	if f == nil || status >= http.StatusInternalServerError {
		a.Log.LogAttrs(q.Context(), slog.LevelError, "cleaning service failed",
			slog.String("request_id", q.Header.Get(xroad.HeaderRequestID)), slog.Int("status", status), slog.String("error", err.Error()))
	}
	if f == nil {
		f = fault.New(fault.Internal, "web.internal", nil)
	}
	body := struct {
		web.Problem
		Same string `json:"same,omitempty"` // the file that was handed in before
	}{Problem: web.NewProblem(q.Context(), status, f, err)}
	body.Instance = q.Header.Get(xroad.HeaderRequestID)
	var was cleaning.Twice
	if errors.As(err, &was) {
		body.Same = was.ID
	}
	h := q.w.Header()
	h.Set("Content-Type", "application/problem+json")
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		h.Set("Retry-After", "30")
	}
	q.w.WriteHeader(status)
	_ = json.NewEncoder(q.w).Encode(body) // the caller has gone
}

func (q *request) answer(status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	q.w.Header().Set("Content-Type", "application/json")
	q.w.WriteHeader(status)
	_, _ = q.w.Write(append(b, '\n')) // the caller has gone
	return nil
}

// mostBody is how large a question may be.
const mostBody = 256 << 10

// read reads a JSON body: what is not known there is refused.
func (q *request) read(v any) error {
	b, err := io.ReadAll(io.LimitReader(q.Body, mostBody+1))
	if err != nil {
		return fault.New(fault.Invalid, "cleaningapi.json", fault.Args{"line": 1, "at": "/"}).Because(err)
	}
	if len(b) > mostBody {
		return fault.New(fault.TooLarge, "cleaningapi.large", fault.Args{"kilobytes": mostBody >> 10})
	}
	err = strictjson.Read(b, v)
	var wrong *strictjson.Error
	if errors.As(err, &wrong) {
		at := wrong.At
		if at == "" {
			at = "/"
		}
		return fault.New(fault.Invalid, "cleaningapi.json", fault.Args{"line": wrong.Line, "at": at})
	}
	return err
}

// query gives the parameters of a call, and refuses others: what is said in an address and not
// read would be left out without a word.
func (q *request) query(known ...string) (url.Values, error) {
	values, err := url.ParseQuery(q.URL.RawQuery)
	if err != nil {
		return nil, fault.New(fault.Invalid, "cleaningapi.query", fault.Args{"name": "?"}).Because(err)
	}
	for name, list := range values {
		if !slices.Contains(known, name) || len(list) > 1 {
			return nil, fault.New(fault.Invalid, "cleaningapi.query", fault.Args{"name": name[:min(len(name), 40)]})
		}
	}
	return values, nil
}

// number is a parameter that is a whole number from 0; 0 when it is not there.
func (q *request) number(name string) (int64, error) {
	values, err := q.query(name)
	if err != nil || !values.Has(name) {
		return 0, err
	}
	n, err := strconv.ParseInt(values.Get(name), 10, 64)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Invalid, "cleaningapi.query", fault.Args{"name": name})
	}
	return n, nil
}

func (q *request) at() (int, error) {
	n, err := strconv.Atoi(q.PathValue("row"))
	if err != nil {
		return 0, fault.New(fault.NotFound, "cleaning.batch.no_row", nil)
	}
	return n, nil
}

func (a *API) begin(q *request) error {
	var o cleaning.Offer
	if err := q.read(&o); err != nil {
		return err
	}
	h, again, err := a.Counter.Begin(q.Context(), q.by, q.agency, o)
	if err != nil {
		return err
	}
	if again {
		return q.answer(http.StatusOK, h)
	}
	return q.answer(http.StatusCreated, h)
}

func (a *API) list(q *request) error {
	values, err := q.query("before")
	if err != nil {
		return err
	}
	list, err := a.Counter.List(q.Context(), q.by, q.agency, values.Get("before"), q.say)
	if err != nil {
		return err
	}
	return q.answer(http.StatusOK, struct {
		Files []cleaning.Handed `json:"files"`
	}{append([]cleaning.Handed{}, list...)})
}

func (a *API) show(q *request) error {
	h, err := a.Counter.Handed(q.Context(), q.by, q.agency, q.id, q.say)
	if err != nil {
		return err
	}
	return q.answer(http.StatusOK, h)
}

func (a *API) end(q *request) error {
	if err := a.Counter.End(q.Context(), q.by, q.agency, q.id); err != nil {
		return err
	}
	return a.show(q)
}

func (a *API) piece(q *request) error {
	offset, err := q.number("offset")
	if err != nil {
		return err
	}
	if q.ContentLength > cleaning.MaxPiece {
		return fault.New(fault.TooLarge, "cleaningapi.piece", fault.Args{"megabytes": cleaning.MaxPiece >> 20})
	}
	want, err := ParseDigest(q.Header.Get(HeaderDigest))
	if err != nil {
		return err
	}
	body := http.MaxBytesReader(q.w, q.Body, cleaning.MaxPiece)
	h, err := a.Counter.Append(q.Context(), q.by, q.agency, q.id, offset, &upload.Sum{Algorithm: "sha256", Want: want}, body)
	if err != nil {
		return err
	}
	return q.answer(http.StatusOK, h)
}

// Digest is the header's value for a piece.
func Digest(piece []byte) string {
	sum := sha256.Sum256(piece)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// ParseDigest reads the SHA-256 out of a digest header. It fails with Invalid.
func ParseDigest(header string) ([]byte, error) {
	for part := range strings.SplitSeq(header, ",") {
		text, ok := strings.CutPrefix(strings.TrimSpace(part), "sha-256=:")
		text, closed := strings.CutSuffix(text, ":")
		if sum, err := base64.StdEncoding.DecodeString(text); ok && closed && err == nil && len(sum) == sha256.Size {
			return sum, nil
		}
	}
	return nil, fault.New(fault.Invalid, "cleaningapi.digest", fault.Args{"header": HeaderDigest}).At(HeaderDigest)
}

func (a *API) finish(q *request) error {
	h, err := a.Counter.Finish(q.Context(), q.by, q.agency, q.id)
	if err != nil {
		return err
	}
	return q.answer(http.StatusAccepted, h)
}

func (a *API) columns(q *request) error {
	var in struct {
		Kinds      []cleaning.Kind `json:"kinds"`
		MonthFirst bool            `json:"month_first"`
	}
	if err := q.read(&in); err != nil {
		return err
	}
	if err := a.Counter.Confirm(q.Context(), q.by, q.agency, q.id, in.Kinds, in.MonthFirst); err != nil {
		return err
	}
	return a.show(q)
}

func (a *API) rows(q *request) error {
	after, err := q.number("after")
	if err != nil {
		return err
	}
	page, err := a.Counter.Unsettled(q.Context(), q.by, q.agency, q.id, int(after))
	if err != nil {
		return err
	}
	page.List = append([]cleaning.Unsettled{}, page.List...)
	return q.answer(http.StatusOK, page)
}

func (a *API) row(q *request) error {
	at, err := q.at()
	if err != nil {
		return err
	}
	question, err := a.Counter.Ask(q.Context(), q.by, q.agency, q.id, at, q.say)
	if err != nil {
		return err
	}
	return q.answer(http.StatusOK, question)
}

func (a *API) settle(q *request) error {
	at, err := q.at()
	if err != nil {
		return err
	}
	var v cleaning.Verdict
	if err := q.read(&v); err != nil {
		return err
	}
	decided, err := a.Counter.Settle(q.Context(), q.by, q.agency, q.id, at, v)
	if err != nil {
		return err
	}
	return q.answer(http.StatusOK, struct {
		Decided cleaning.Decided `json:"decided"` // "" while another candidate is to be asked about
	}{decided})
}

func (a *API) changes(q *request) error {
	after, err := q.number("after")
	if err != nil {
		return err
	}
	page, err := a.Counter.Changes(q.Context(), q.by, q.agency, q.id, after)
	if err != nil {
		return err
	}
	page.List = append([]cleaning.Change{}, page.List...)
	return q.answer(http.StatusOK, page)
}

func (a *API) paper(q *request) error {
	offset, err := q.number("offset")
	if err != nil {
		return err
	}
	paper, piece, err := a.Counter.Piece(q.Context(), q.by, q.agency, q.id, q.PathValue("format"), offset)
	if err != nil {
		return err
	}
	h := q.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set(HeaderDigest, Digest(piece))
	h.Set(HeaderOffset, strconv.FormatInt(offset, 10))
	h.Set("Upload-Length", strconv.FormatInt(paper.File.Size, 10))
	q.w.WriteHeader(http.StatusOK)
	_, _ = q.w.Write(piece) // the caller has gone
	return nil
}
