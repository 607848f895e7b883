// Package populationapi is the register's services as other agencies call them
// through the exchange: match, facts, household, residence and the others, each with
// its own OpenAPI document. Errors are RFC 9457 problems in the caller's language.
//
// It decides nothing about persons: it reads a question strictly, hands it to the
// register with who asks, why, and what their right lets it answer, and writes the
// answer. Who asks is told by the headers that the authority's gateway sets; the
// handlers must be reachable through that gateway only.
package populationapi

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/population"
	"dean06/internal/xroad"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// Register answers the questions; population.Register is one.
type Register interface {
	Match(ctx context.Context, in population.Inquiry, claims []population.Claim) ([]population.Verdict, error)
	Facts(ctx context.Context, in population.Inquiry, key population.Key, fields []population.Field) (population.Facts, error)
	Household(ctx context.Context, in population.Inquiry, key population.Key) (population.Household, error)
	Residence(ctx context.Context, in population.Inquiry, key population.Key) (population.Residence, error)

	RequestList(ctx context.Context, in population.Inquiry, q population.ListQuery) (population.List, error)
	Lists(ctx context.Context, in population.Inquiry, before string, limit int) ([]population.List, error)
	ListStatus(ctx context.Context, in population.Inquiry, id string) (population.List, error)
	ListRecords(ctx context.Context, in population.Inquiry, id string, after citizen.Number, limit int) (population.ListPage, error)
	ListFile(ctx context.Context, in population.Inquiry, id string, w io.Writer) error
	DeleteList(ctx context.Context, in population.Inquiry, id string) error

	Report(ctx context.Context, in population.Inquiry, p population.Report) (population.Recorded, error)
	ReportsOf(ctx context.Context, in population.Inquiry, dossier string) ([]population.Recorded, error)

	ClaimMistake(
		ctx context.Context, in population.Inquiry, key population.Key, field population.Field, says, why string,
	) (m population.Mistake, again bool, err error)
	MistakeOf(ctx context.Context, in population.Inquiry, id string) (population.Mistake, error)

	Usage(
		ctx context.Context, in population.Inquiry, n citizen.Number, p population.Period, before string, limit int,
	) ([]population.Lookup, error)
	UsagePeriod(ctx context.Context, in population.Inquiry) (population.Period, error)
	Heartbeat(ctx context.Context) error
}

// Parts are what the services stand on.
type Parts struct {
	Register Register
	Texts    *i18n.Catalogue // holds Messages and those of the register
	Clock    clock.Clock
	Log      *slog.Logger
	// Agency gives the name of an agency by its code, for findUsage; nil gives none.
	Agency func(code string) string
	// Fields are what a person consists of, as the register has it; nil is its own table.
	Fields *population.FieldTable
	// CursorKey seals the places at which pages of a list go on, 32 bytes, the same on
	// all nodes of one register. Without it a key is made that lives as long as the
	// process.
	CursorKey []byte
}

// API is the services.
type API struct {
	Parts
	order      []population.Field // in which verdicts carry them
	components []byte             // of all OpenAPI documents
}

// New makes the services.
func New(p Parts) *API {
	if p.Fields == nil {
		p.Fields = population.PersonFields
	}
	if len(p.CursorKey) != cursorKeySize {
		p.CursorKey = make([]byte, cursorKeySize)
		_, _ = rand.Read(p.CursorKey) // never fails, says crypto/rand
	}
	return &API{p, p.Fields.All(), components(p.Fields)}
}

// Service is one service as the gateway provides it.
type Service struct {
	Code    string // "match"
	Handler http.Handler
	OpenAPI []byte // YAML
}

// Services are all services. A gateway must register them as answering for the fields
// of a right themselves.
func (a *API) Services() []Service {
	list := make([]Service, len(services))
	for i, s := range services {
		list[i] = Service{Code: s.code, Handler: a.handler(s), OpenAPI: append(withCommon(document(s.code)), a.components...)}
	}
	return list
}

// Service gives one service by its code.
func (a *API) Service(code string) (Service, bool) {
	for _, s := range a.Services() {
		if s.Code == code {
			return s, true
		}
	}
	return Service{}, false
}

// service is a service's table of calls.
type service struct {
	code  string
	calls []call
}

// call is one line of it. Path is below the service; "{id}" is any one part.
type call struct {
	method, path string
	do           func(*API, *request) error
	max          int64    // bytes of the body, 0 for none
	query        []string // the parameters that it knows
}

const (
	smallBody = 16 << 10
	matchBody = 2 << 20
)

var services = []service{
	{population.ServiceMatch, []call{{"POST", "/", (*API).match, matchBody, nil}}},
	{population.ServiceFacts, []call{{"POST", "/", (*API).facts, smallBody, nil}}},
	{population.ServiceHousehold, []call{{"POST", "/", (*API).household, smallBody, nil}}},
	{population.ServiceResidence, []call{{"POST", "/", (*API).residence, smallBody, nil}}},
	{population.ServiceMarital, []call{{"POST", "/", (*API).marital, smallBody, nil}}},
	{population.ServiceLife, []call{{"POST", "/", (*API).life, smallBody, nil}}},
	{population.ServiceGuardian, []call{{"POST", "/", (*API).guardian, smallBody, nil}}},
	{"lists", []call{
		{"POST", "/", (*API).requestList, smallBody, nil},
		{"GET", "/", (*API).lists, 0, []string{"before", "limit"}},
		{"GET", "/{id}", (*API).list, 0, nil},
		{"DELETE", "/{id}", (*API).deleteList, 0, nil},
		{"GET", "/{id}/records", (*API).listRecords, 0, []string{"after", "limit"}},
		{"GET", "/{id}/file", (*API).listFile, 0, nil},
		{"GET", "/{id}/history", (*API).listHistory, 0, nil},
	}},
	{population.ServiceEvents, []call{
		{"POST", "/", (*API).reportEvent, smallBody, nil},
		{"GET", "/{id}", (*API).events, 0, nil},
	}},
	{population.ServiceCorrections, []call{
		{"POST", "/", (*API).claimMistake, smallBody, nil},
		{"GET", "/{id}", (*API).mistake, 0, nil},
	}},
	{"usage", []call{
		{"GET", "/findUsage", (*API).findUsage, 0, []string{"userCode", "periodStart", "periodEnd", "offset", "limit"}},
		{"POST", "/findUsage", (*API).findUsagePosted, smallBody, nil},
		{"GET", "/usagePeriod", (*API).usagePeriod, 0, nil},
		{"GET", "/heartbeat", (*API).heartbeat, 0, nil},
	}},
}

// request is one call on its way.
type request struct {
	w    http.ResponseWriter
	r    *http.Request
	in   population.Inquiry
	id   string // the part of the path that is "{id}"
	body []byte
	text *i18n.Printer
}

// about tells the gateway, which counts by it, about how many persons the answer is.
func (q *request) about(persons int) {
	q.w.Header().Set(xroad.HeaderPersons, strconv.Itoa(max(1, persons)))
}

func (a *API) handler(s service) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &request{w: w, r: r, text: a.Texts.In(language(r))}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Add("Vary", "Accept-Language")
		if err := a.serve(s, q); err != nil {
			a.fail(q, err)
		}
	})
}

func (a *API) serve(s service, q *request) error {
	c, id, err := find(s, q.r.Method, below(q.r.URL.Path))
	if err != nil {
		return err
	}
	q.id = id
	if q.in, err = a.inquiry(q.r, s.code); err != nil {
		return err
	}
	if err := checkQuery(q.r, c.query); err != nil {
		return err
	}
	if c.max > 0 {
		if err := readBody(q, c.max); err != nil {
			return err
		}
	}
	return c.do(a, q)
}

// below is the path below the service, whether the gateway hands on the whole path
// of the exchange or only what is below.
func below(path string) string {
	if rest, ok := strings.CutPrefix(path, "/r1/"); ok {
		parts := strings.SplitN(rest, "/", 6)
		path = "/"
		if len(parts) == 6 {
			path += parts[5]
		}
	}
	if path = strings.TrimSuffix(path, "/"); path == "" {
		return "/"
	}
	return path
}

// errMethod is a path that is there for other methods.
type errMethod struct{ allow string }

// Error is for the log.
func (e errMethod) Error() string { return "method not allowed, only " + e.allow }

func find(s service, method, path string) (c call, id string, err error) {
	var allow []string
	for _, c := range s.calls {
		id, ok := fits(c.path, path)
		switch {
		case !ok:
		case c.method == method || c.method == http.MethodGet && method == http.MethodHead:
			return c, id, nil
		default:
			allow = append(allow, c.method)
		}
	}
	if allow != nil {
		return call{}, "", errMethod{strings.Join(allow, ", ")}
	}
	return call{}, "", fault.New(fault.NotFound, "populationapi.no_path", nil)
}

func fits(pattern, path string) (id string, ok bool) {
	head, tail, has := strings.Cut(pattern, "{id}")
	if !has {
		return "", pattern == path
	}
	if !strings.HasPrefix(path, head) || !strings.HasSuffix(path, tail) || len(path) < len(head)+len(tail) {
		return "", false
	}
	id = path[len(head) : len(path)-len(tail)]
	return id, id != "" && len(id) <= 64 && !strings.Contains(id, "/")
}

func checkQuery(r *http.Request, known []string) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil { // what cannot be read would be left out without a word
		return fault.New(fault.Invalid, "populationapi.query", nil).Because(err)
	}
	for name, values := range query {
		ok := false
		for _, k := range known {
			ok = ok || k == name
		}
		if !ok {
			// Personal data do not belong into addresses, which others keep in their logs.
			return fault.New(fault.Invalid, "populationapi.query", nil).At(clip(name))
		}
		if len(values) > 1 {
			return fault.New(fault.Invalid, "populationapi.twice", fault.Args{"name": clip(name)}).At(clip(name))
		}
	}
	return nil
}

// readBody reads a JSON body within its limit.
func readBody(q *request, limit int64) error {
	if t := q.r.Header.Get("Content-Type"); t != "" && !isJSON(t) {
		return errType{}
	}
	size := q.r.ContentLength
	if size > limit {
		return fault.New(fault.TooLarge, "populationapi.too_large", fault.Args{"kilobytes": limit >> 10})
	}
	var b []byte
	if size > 0 {
		b = make([]byte, 0, size+1)
	}
	b, err := readAll(b, io.LimitReader(q.r.Body, limit+1))
	switch {
	case err != nil:
		return fault.New(fault.Invalid, "populationapi.json", fault.Args{"at": len(b)}).Because(err)
	case int64(len(b)) > limit:
		return fault.New(fault.TooLarge, "populationapi.too_large", fault.Args{"kilobytes": limit >> 10})
	}
	q.body = b
	return nil
}

func readAll(b []byte, r io.Reader) ([]byte, error) {
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}

func isJSON(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	// curl -d and old clients call everything a form; the body itself is judged then.
	switch kind {
	case "application/json", "", "application/x-www-form-urlencoded":
		return true
	}
	return strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")
}

// errType is a body that is no JSON by its own word.
type errType struct{}

// Error is for the log.
func (errType) Error() string { return "content type is not JSON" }
