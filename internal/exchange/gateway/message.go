package gateway

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// target is what a request line names: a service, and the path below it as it was sent.
type target struct {
	raw     string // "/r1/VN/GOV/G01/DANCU/match/x?y=1"
	service xroad.ID
	path    string // "", or "/…"
	query   string // with its question mark, or ""
}

const prefixR1 = "/r1/"

// parseTarget splits a raw request target before it is decoded.
func parseTarget(raw string) (t target, err *xroad.Error) {
	bad := xroad.Errorf(xroad.BadRequest, "the path must be /r1/INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE[/path]")
	t.raw = raw
	path := raw
	if i := strings.IndexByte(raw, '?'); i >= 0 {
		path, t.query = raw[:i], raw[i:]
	}
	rest, ok := strings.CutPrefix(path, prefixR1)
	if !ok {
		return t, bad
	}
	end := len(rest)
	for i, parts := 0, 0; i < len(rest); i++ {
		if rest[i] == '/' {
			if parts++; parts == 5 {
				end = i
				break
			}
		}
	}
	id, e := xroad.ParseID(rest[:end], 5, 5)
	if e != nil {
		return t, bad // without the cause: whatever stands in a path stays out of the log
	}
	t.service, t.path = id, rest[end:]
	return t, nil
}

// rawTarget is the target of a request as the client wrote it.
func rawTarget(r *http.Request) string {
	raw := r.RequestURI
	if raw == "" {
		raw = r.URL.RequestURI()
	}
	if strings.HasPrefix(raw, "/") {
		return raw
	}
	if _, rest, ok := strings.Cut(raw, "://"); ok {
		if i := strings.IndexAny(rest, "/?"); i >= 0 {
			return rest[i:]
		}
	}
	return raw
}

// message is one half of a call as it goes between gateways.
type message struct {
	c      exchange.Commitment
	header http.Header // what travels; see requestHeader
	head   []byte      // its canonical form
	body   *spool
}

// request is what was asked for.
type request struct {
	message
	target target
	names  map[string]string // of headers, as the client wrote them, by net/http's form; see heard
	// The callers' words, for the log and for decisions.
	userID, issue, purpose, represented string
}

// reply is what is told to whoever asked: a client, or the gateway of one.
type reply struct {
	status  int
	header  http.Header
	body    *spool
	length  string // of an answer to HEAD: the Content-Length of the same answer to GET; "" when it is not known
	persons int64  // that a service says it answered about; 0 when it says nothing
	own     bool   // a service of this process
}

// words reads the headers that may come once and are looked at here.
func (r *request) words() *xroad.Error {
	for _, h := range []struct {
		name string
		to   *string
	}{
		{xroad.HeaderUserID, &r.userID},
		{xroad.HeaderIssue, &r.issue},
		{xroad.HeaderPurpose, &r.purpose},
		{xroad.HeaderRepresented, &r.represented},
		{xroad.HeaderServer, nil},
	} {
		values := r.header[h.name]
		switch {
		case len(values) == 0:
		case len(values) > 1 || !readable(values[0]):
			return badWord(h.name)
		case h.to != nil:
			*h.to = values[0]
		}
	}
	return nil
}

// maxWord bounds ids, officers, dossiers and purposes in headers.
const maxWord = 255

// readable says that a word can stand in the log and in a proof as it is.
func readable(s string) bool {
	return len(s) <= maxWord && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError })
}

func badWord(header string) *xroad.Error {
	return xroad.Errorf(
		xroad.BadRequest, "header %s must come once, in UTF-8 without control characters, and have at most %d bytes", header, maxWord,
	)
}

// wants says what the client would like to read.
func (r *request) accept() []string { return r.header["Accept"] }

// hash is X-Road's hash of a request.
func (r *request) hash() string { return exchange.RequestHash(r.head, r.body.sum512) }

// commitResponse begins the commitment of an answer to r.
func (r *request) commitResponse(status int) exchange.Commitment {
	return exchange.Commitment{
		Kind: exchange.Response, Status: status, Client: r.c.Client, Service: r.c.Service,
		MessageID: r.c.MessageID, RequestID: r.c.RequestID, RequestHash: r.hash(),
	}
}

// times are the moments of X-Road's operational monitoring.
type times struct{ requestIn, requestOut, responseIn, responseOut time.Time }

// requestRecord is the log's entry of a request.
func (r *request) requestRecord(side exchange.Side, peer, right string) exchange.Record {
	return exchange.Record{
		Side: side, Peer: peer, Commitment: r.c, UserID: r.userID, Issue: r.issue, Purpose: r.purpose, Represented: r.represented, RightID: right,
		Size: r.body.size,
	}
}

// responseRecord is the log's entry of an answer.
func (r *request) responseRecord(side exchange.Side, peer string, a *answer, t times) exchange.Record {
	rec := exchange.Record{
		Side: side, Peer: peer, Commitment: a.c, UserID: r.userID, Issue: r.issue, Purpose: r.purpose,
		Represented: r.represented, RightID: a.right, Size: a.body.size,
		RequestIn: t.requestIn, RequestOut: t.requestOut, ResponseIn: t.responseIn, ResponseOut: t.responseOut,
		RequestSize: r.body.size, ServiceType: a.serviceType,
	}
	if a.fault != nil {
		rec.Fault, rec.FaultText = a.fault.Code, a.fault.Text
	}
	return rec
}

// answer is the other half.
type answer struct {
	message
	fault              *xroad.Error // a gateway's refusal; nil when the service itself answered
	right, serviceType string
}

// seal completes an answer with its head and signature.
func (g *Gateway) seal(r *request, a *answer, status int) *xroad.Error {
	if bodyless(r.c.Method, status) && a.body.size > 0 {
		a.body.Close()
		a.body = spoolBytes(nil)
	}
	a.head = headText(strconv.Itoa(status), a.header)
	a.c = r.commitResponse(status)
	a.c.Head, a.c.Body = exchange.HeadDigest(a.head), a.body.sum256
	return g.sign(&a.c)
}

// bodyless says that HTTP carries no body in an answer.
func bodyless(method string, status int) bool {
	return method == http.MethodHead || status == http.StatusNoContent || status == http.StatusNotModified
}

// refuse makes a gateway's own signed answer. Between gateways it is always JSON
// with the older form of the code; the client's gateway tells it in the client's form.
// Its detail is the request's id, by which the log of either gateway finds it.
func (g *Gateway) refuse(r *request, e *xroad.Error) (*answer, *xroad.Error) {
	body, kind := writeError(refusal{Type: string(e.Code), Message: e.Text, Detail: r.c.RequestID}, nil)
	a := &answer{fault: e, message: message{
		header: http.Header{"Content-Type": {kind}, xroad.HeaderError: {string(e.Code)}, "Date": {g.date()}},
		body:   spoolBytes(body),
	}}
	return a, g.seal(r, a, errorStatus(e.Code))
}

func (g *Gateway) date() string { return g.now().UTC().Format(http.TimeFormat) }
