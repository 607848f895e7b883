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
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/population"
	"dean06/internal/xroad"
	"dean06/internal/xroad/ask"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// words are the first part of the keys of this package's messages.
const words ask.Words = "populationclient"

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
type Asker = ask.Asker

// Key finds one person. Name and birth beside the number must fit, or nobody is found.
type Key = population.Key

// Ask puts a question to another of the register's services and reads the answer into out.
// It fails as the client's own questions do.
func (c *Client) Ask(ctx context.Context, as Asker, service string, in, out any) error {
	a, err := c.do(ctx, as, http.MethodPost, service, "", in)
	if err != nil {
		return err
	}
	if a.status != http.StatusOK {
		return a.refusal()
	}
	return a.read(out)
}

// answer is what came back, read whole.
type answer struct {
	status int
	body   []byte
}

// do asks and gives the answer, when it is the register's own. in is nil for GET.
func (c *Client) do(ctx context.Context, as Asker, method, service, below string, in any) (answer, error) {
	q := ask.Question{Method: method, Service: service, Below: below}
	if in != nil {
		var err error
		if q, err = ask.JSON(method, service, below, in); err != nil {
			return answer{}, err
		}
	}
	got, err := ask.Client{Words: words, Call: c.Call, Provider: c.Register, Patience: c.Patience}.Do(ctx, as, q)
	return answer{got.Status, got.Body}, err
}

// untrue is an answer that cannot be believed. Why stands in the log.
func untrue(format string, args ...any) error { return words.Untrue(format, args...) }

// problem is an error of the register's services.
type problem struct {
	ask.Problem
	Found     *bool              `json:"found"`
	Fields    []population.Field `json:"fields"`
	Questions []Question         `json:"questions"`
}

// refusal is what the register says in place of what was asked.
func (a answer) refusal() error {
	if a.status >= http.StatusInternalServerError || a.status == http.StatusTooManyRequests {
		return words.Away("provider", fmt.Errorf("the register answers %d", a.status))
	}
	var p problem
	if err := a.read(&p); err != nil {
		return err
	}
	if p.Status != a.status || ask.Clean(p.Detail) == "" {
		return untrue("an answer with the status %d that is no problem of that status", a.status)
	}
	said := fault.Args{"said": p.Said()}
	switch a.status {
	case http.StatusForbidden:
		return fault.New(fault.Denied, "populationclient.denied.said", said)
	case http.StatusNotFound:
		if p.Found != nil && !*p.Found {
			return fault.New(fault.NotFound, "populationclient.nobody", nil)
		}
		return words.Away("service", errors.New("the service does not know the path"))
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

// read reads the body into v.
func (a answer) read(v any) error { return words.Read(a.body, v) }
