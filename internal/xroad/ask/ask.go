// Package ask asks services of others through the exchange, for the clients of agencies' own
// modules. It believes nothing: an answer that is too long, late, or of another shape is no
// answer, and says that the service is away.
//
// What it tells are faults with messages of the module that asks: Words is the first part of
// their keys, and each module has ".away.joined", ".away.service", ".away.provider",
// ".away.answer", ".denied.right", ".denied.purpose", ".denied.quota", ".denied.named" and
// ".denied.security".
package ask

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/spelling"
	"dean06/internal/xroad"
)

const (
	// mostAnswer bounds what is read of an answer, where the client says nothing else.
	mostAnswer = 1 << 20
	// patience is how long an answer may take.
	patience = 20 * time.Second
	// mostSaid is how much of what a service says in words is shown, in characters.
	mostSaid = 600
)

// Client asks the services of one subsystem. It may be used by many at once.
type Client struct {
	Words Words
	// Call carries a request through the exchange; the node's gateway does.
	Call func(context.Context, *http.Request) (*http.Response, error)
	// Provider is the subsystem that is asked; false while it is not known, as before the
	// node has joined the exchange.
	Provider func() (xroad.ID, bool)
	Patience time.Duration // how long an answer may take; 20 seconds when zero
	Most     int64         // of an answer, in bytes; 1 MiB when zero
}

// Asker says for whom it is asked: who is asked about reads it.
type Asker struct {
	Officer string // account
	Dossier string // code
	Purpose string // code of the procedure
	Lang    i18n.Lang
}

// Question is one call. Body is nil where there is none.
type Question struct {
	Method, Service, Below string // Below is the path and query below the service: "/12?after=7"
	Type                   string // of the body
	Body                   []byte
	Header                 map[string]string
}

// Answer is what came back, read whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON is a question with v as its body.
func JSON(method, service, below string, v any) (Question, error) {
	body, err := json.Marshal(v)
	return Question{Method: method, Service: service, Below: below, Type: "application/json", Body: body}, err
}

// Do asks and gives the answer, when it is the service's own.
func (c Client) Do(ctx context.Context, as Asker, q Question) (Answer, error) {
	provider, ok := c.Provider()
	if !ok {
		return Answer{}, c.Words.Away("joined", nil)
	}
	limit, most := c.Patience, c.Most
	if limit == 0 {
		limit = patience
	}
	if most == 0 {
		most = mostAnswer
	}
	asked, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	url := "http://localhost/r1/" + provider.Of(q.Service).String() + q.Below
	r, err := http.NewRequestWithContext(asked, q.Method, url, bytes.NewReader(q.Body))
	if err != nil {
		return Answer{}, err
	}
	lang := as.Lang
	if lang == "" {
		lang = i18n.Vi
	}
	for name, value := range map[string]string{
		xroad.HeaderUserID: as.Officer, xroad.HeaderIssue: as.Dossier, xroad.HeaderPurpose: as.Purpose,
		xroad.HeaderID: "dean06-" + rand.Text(), "Accept-Language": string(lang), "Accept": "application/json", "Content-Type": q.Type,
	} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	for name, value := range q.Header {
		r.Header.Set(name, value)
	}
	resp, err := c.Call(asked, r)
	if err != nil {
		return Answer{}, c.unreached(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end or given up
	b, err := readBody(asked, resp.Body, most)
	switch {
	case err != nil:
		return Answer{}, c.unreached(ctx, err)
	case int64(len(b)) > most:
		return Answer{}, c.Words.Untrue("answer of more than %d bytes", most)
	}
	if code := resp.Header.Get(xroad.HeaderError); code != "" {
		return Answer{}, c.Words.refusedOnTheWay(xroad.ParseCode(code), b)
	}
	return Answer{resp.StatusCode, resp.Header, b}, nil
}

// readBody reads an answer within its bounds, also of somebody who sends it drop by drop and
// does not hear that nobody waits any more.
func readBody(ctx context.Context, body io.Reader, most int64) ([]byte, error) {
	type read struct {
		b   []byte
		err error
	}
	done := make(chan read, 1)
	go func() {
		b, err := io.ReadAll(io.LimitReader(body, most+1))
		done <- read{b, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case got := <-done:
		return got.b, got.err
	}
}

// unreached is a call that did not come through. Who has gone away themselves is told so.
func (c Client) unreached(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	if f := fault.As(err); f != nil && f.Kind == fault.Unavailable {
		return f
	}
	return c.Words.Away("provider", err)
}

// Words are the first part of the keys of a module's messages.
type Words string

// Away is that nobody can be asked now.
func (w Words) Away(key string, cause error) error {
	f := fault.New(fault.Unavailable, string(w)+".away."+key, nil)
	if cause != nil {
		f = f.Because(cause)
	}
	return f
}

// Untrue is an answer that cannot be believed. Why stands in the log.
func (w Words) Untrue(format string, args ...any) error {
	return w.Away("answer", fmt.Errorf(format, args...))
}

// refusedOnTheWay is what a gateway said instead of the service. Its words are for the log.
func (w Words) refusedOnTheWay(code xroad.Code, body []byte) error {
	var said struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(body, &said) // without words the code is left
	cause := xroad.Errorf(code, "%s", Clean(said.Message))
	if code.OfSecurity() {
		return fault.New(fault.Denied, string(w)+".denied.security", nil).Because(cause)
	}
	var key string
	switch code {
	case xroad.AccessDenied, xroad.ClientDenied, xroad.InvalidClient:
		key = ".denied.right"
	case xroad.PurposeRefused:
		key = ".denied.purpose"
	case xroad.QuotaExceeded:
		key = ".denied.quota"
	case xroad.NotNamed:
		key = ".denied.named"
	case xroad.UnknownService, xroad.ServiceDisabled, xroad.ServiceType:
		return w.Away("service", cause)
	default:
		return w.Away("provider", cause)
	}
	return fault.New(fault.Denied, string(w)+key, nil).Because(cause)
}

// Read reads the body into v: one JSON value and nothing behind it, in UTF-8.
func (w Words) Read(body []byte, v any) error {
	if !utf8.Valid(body) {
		return w.Untrue("an answer that is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(v); err != nil {
		return w.Untrue("an answer that cannot be read: %w", Unquoted(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return w.Untrue("an answer with something behind it")
	}
	return nil
}

// Unquoted is an error of reading JSON without what was read: it may be about a person.
func Unquoted(err error) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		return fmt.Errorf("%s is a %.20s", kind.Field, kind.Value)
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON at byte %d", syntax.Offset)
	}
	if f := fault.As(err); f != nil {
		return fault.New(f.Kind, f.Key, nil)
	}
	return errors.New("another shape")
}

// Problem is an error of a service (RFC 9457).
type Problem struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Errors []struct {
		Field  string `json:"field"`
		Key    string `json:"key"`
		Detail string `json:"detail"`
	} `json:"errors"`
}

// Said is what the service says to the person who asked: its sentence, and of each member of
// the question what is wrong with it.
func (p *Problem) Said() string {
	parts := []string{Clean(p.Detail)}
	for _, e := range p.Errors[:min(len(p.Errors), 10)] {
		if s := Clean(e.Detail); s != "" && s != parts[0] {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

// Clean is a sentence of somebody else's, on one line and not too long.
func Clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	s = spelling.Clean(strings.Join(strings.Fields(s), " "))
	if r := []rune(s); len(r) > mostSaid {
		s = string(r[:mostSaid]) + "…"
	}
	return s
}
