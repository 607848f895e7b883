// Package populationclient asks the population register through the exchange: it is the
// other side of populationapi, for agencies' own modules.
//
// It believes nothing: an answer that is too long, late, of another shape or about somebody
// else than asked is no answer, and says that the register is away. What it tells its caller
// are four things: Unavailable (nobody can be asked now, or what came cannot be believed:
// ask again later), Denied (the agency's right does not cover it: an administrator must
// act), NotFound (nobody fits) and what is wrong with the question itself (Invalid,
// Conflict, Questions: who wrote it must act).
package populationclient

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/population"
	"dean06/internal/xroad"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

const (
	// maxAnswer bounds what is read of an answer: a person with a large household has some
	// kilobytes, sixty questions with their facts some hundred.
	maxAnswer = 1 << 20
	// patience is how long an answer may take.
	patience = 20 * time.Second
	// maxSaid is how much of what the register says in words is shown, in characters.
	maxSaid = 600
)

// Client asks the register. It may be used by many at once.
type Client struct {
	// Call carries a request through the exchange; the node's gateway does.
	Call func(context.Context, *http.Request) (*http.Response, error)
	// Register is the register's subsystem; false while it is not known, as before the node
	// has joined the exchange.
	Register func() (xroad.ID, bool)
	// Patience is how long an answer may take; 20 seconds when zero.
	Patience time.Duration
}

// Asker says for whom it is asked: the person asked about reads it.
type Asker struct {
	Officer string // account
	Dossier string // code
	Purpose string // code of the procedure
	Lang    i18n.Lang
}

// Key finds one person. Name and birth beside the number must fit, or nobody is found.
type Key = population.Key

// answer is what came back, read whole.
type answer struct {
	status int
	body   []byte
}

// do asks and gives the answer, when it is the register's own. in is nil for GET.
func (c *Client) do(ctx context.Context, as Asker, method, service, below string, in any) (answer, error) {
	register, ok := c.Register()
	if !ok {
		return answer{}, away("populationclient.away.joined", nil)
	}
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return answer{}, err
		}
	}
	limit := c.Patience
	if limit == 0 {
		limit = patience
	}
	asked, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	url := "http://localhost/r1/" + register.Of(service).String() + below
	r, err := http.NewRequestWithContext(asked, method, url, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	lang := as.Lang
	if lang == "" {
		lang = i18n.Vi
	}
	for name, value := range map[string]string{
		xroad.HeaderUserID: as.Officer, xroad.HeaderIssue: as.Dossier, xroad.HeaderPurpose: as.Purpose,
		xroad.HeaderID: "dean06-" + rand.Text(), "Accept-Language": string(lang), "Accept": "application/json",
	} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.Call(asked, r)
	if err != nil {
		return answer{}, unreached(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end or given up
	b, err := readBody(asked, resp.Body)
	switch {
	case err != nil:
		return answer{}, unreached(ctx, err)
	case len(b) > maxAnswer:
		return answer{}, untrue("answer of more than %d bytes", maxAnswer)
	}
	if code := resp.Header.Get(xroad.HeaderError); code != "" {
		return answer{}, refusedOnTheWay(xroad.ParseCode(code), b)
	}
	return answer{resp.StatusCode, b}, nil
}

// readBody reads an answer within its bounds, also of somebody who sends it drop by drop and
// does not hear that nobody waits any more.
func readBody(ctx context.Context, body io.Reader) ([]byte, error) {
	type read struct {
		b   []byte
		err error
	}
	done := make(chan read, 1)
	go func() {
		b, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
		done <- read{b, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case got := <-done:
		return got.b, got.err
	}
}

// away is that nobody can be asked now.
func away(key string, cause error) error {
	f := fault.New(fault.Unavailable, key, nil)
	if cause != nil {
		f = f.Because(cause)
	}
	return f
}

// unreached is a call that did not come through. Who has gone away themselves is told so.
func unreached(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	if f := fault.As(err); f != nil && f.Kind == fault.Unavailable {
		return f
	}
	return away("populationclient.away.register", err)
}

// untrue is an answer that cannot be believed. Why stands in the log.
func untrue(format string, args ...any) error {
	return away("populationclient.away.answer", fmt.Errorf(format, args...))
}

// refusedOnTheWay is what a gateway said instead of the register. Its words are for the log.
func refusedOnTheWay(code xroad.Code, body []byte) error {
	var said struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(body, &said) // without words the code is left
	cause := xroad.Errorf(code, "%s", clean(said.Message))
	var key string
	switch code {
	case xroad.AccessDenied, xroad.ClientDenied, xroad.InvalidClient:
		key = "populationclient.denied.right"
	case xroad.PurposeRefused:
		key = "populationclient.denied.purpose"
	case xroad.QuotaExceeded:
		key = "populationclient.denied.quota"
	case xroad.NotNamed:
		key = "populationclient.denied.named"
	case xroad.UnknownService, xroad.ServiceDisabled, xroad.ServiceType:
		return away("populationclient.away.service", cause)
	default:
		return away("populationclient.away.register", cause)
	}
	return fault.New(fault.Denied, key, nil).Because(cause)
}

// problem is an error of the register's services.
type problem struct {
	Status int                `json:"status"`
	Title  string             `json:"title"`
	Detail string             `json:"detail"`
	Found  *bool              `json:"found"`
	Fields []population.Field `json:"fields"`
	Errors []struct {
		Field  string `json:"field"`
		Key    string `json:"key"`
		Detail string `json:"detail"`
	} `json:"errors"`
	Questions []Question `json:"questions"`
}

// refusal is what the register says in place of what was asked.
func (a answer) refusal() error {
	if a.status >= http.StatusInternalServerError || a.status == http.StatusTooManyRequests {
		return away("populationclient.away.register", fmt.Errorf("the register answers %d", a.status))
	}
	var p problem
	if err := a.read(&p); err != nil {
		return err
	}
	if p.Status != a.status || clean(p.Detail) == "" {
		return untrue("an answer with the status %d that is no problem of that status", a.status)
	}
	said := fault.Args{"said": p.words()}
	switch a.status {
	case http.StatusForbidden:
		return fault.New(fault.Denied, "populationclient.denied.said", said)
	case http.StatusNotFound:
		if p.Found != nil && !*p.Found {
			return fault.New(fault.NotFound, "populationclient.nobody", nil)
		}
		return away("populationclient.away.service", errors.New("the service does not know the path"))
	case http.StatusConflict:
		if len(p.Questions) > 0 {
			if err := sound(p.Questions); err != nil {
				return err
			}
			return Questions(p.Questions)
		}
		return fault.New(fault.Conflict, "populationclient.refused", said)
	case http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusMethodNotAllowed:
		return fault.New(fault.Invalid, "populationclient.refused", said)
	}
	return untrue("an answer with the status %d", a.status)
}

// words are what the register says to the person who asked: its sentence, and of each member
// of the question what is wrong with it.
func (p *problem) words() string {
	parts := []string{clean(p.Detail)}
	for _, e := range p.Errors[:min(len(p.Errors), 10)] {
		if s := clean(e.Detail); s != "" && s != parts[0] {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

// read reads the body into v: one JSON value and nothing behind it, in UTF-8.
func (a answer) read(v any) error {
	if !utf8.Valid(a.body) {
		return untrue("an answer that is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(a.body))
	if err := d.Decode(v); err != nil {
		return untrue("an answer that cannot be read: %w", unquoted(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return untrue("an answer with something behind it")
	}
	return nil
}

// unquoted is an error of reading JSON without what was read: it may be about a person.
func unquoted(err error) error {
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

// clean is a sentence of somebody else's, on one line and not too long.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	s = citizen.Spell(strings.Join(strings.Fields(s), " "))
	if r := []rune(s); len(r) > maxSaid {
		s = string(r[:maxSaid]) + "…"
	}
	return s
}
