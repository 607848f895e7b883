// Package reconcileweb is where programs such as OpenRefine ask an agency's node about the
// rows of a file, and the page that says how one connects them.
package reconcileweb

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/cleaning/reconcile"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/web"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// Scope is what a token must carry.
const Scope = "population:reconcile"

// Path is where the page is; programs ask below it.
const Path = "/reconcile"

const (
	below   = Path + "/{key}/{purpose}/{file}"
	maxBody = 1 << 20
	atOnce  = 4 // calls that wait for the register
)

// Asker is who asks, and why.
type Asker struct {
	Officer       string // by the token's name
	Purpose, File string
	Lang          i18n.Lang
}

// Shell is what the endpoint and its page need from the node around them.
type Shell struct {
	// Ask asks the register.
	Ask func(ctx context.Context, as Asker, ask reconcile.Ask) (reconcile.Answer, error)
	// Programme is whose token a key is. It fails with Unsigned.
	Programme func(ctx context.Context, key string) (session.Identity, error)
	Frame     web.FrameFunc
	// May says that a token may be made by whoever looks at the page.
	May    func(ctx context.Context) bool
	URL    string // under which people reach the node; "" for the one that they use
	Secure bool
	Log    *slog.Logger
}

// Endpoint answers programs, and people who want to connect one.
type Endpoint struct {
	Shell
	asking chan struct{}
}

// New makes it.
func New(s Shell) *Endpoint { return &Endpoint{s, make(chan struct{}, atOnce)} }

// Routes are its addresses. The key is in the address, as programs that reconcile know
// nothing else; who has it needs no cookie, so that pages of other sites may ask.
func (e *Endpoint) Routes() []web.Route {
	out := []web.Route{{Pattern: "GET " + Path, Handler: session.Require(e.page), May: "signed in"}}
	for _, pattern := range []string{
		"GET " + below, "POST " + below, "OPTIONS " + below, "GET " + below + reconcile.SuggestType, "GET " + below + reconcile.SuggestProperty,
	} {
		out = append(out, web.Route{Pattern: pattern, Handler: e.program, May: "anyone", FromOthers: true, MaxBody: maxBody})
	}
	return out
}

// program answers a program.
func (e *Endpoint) program(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // for JSONP
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // the address is a secret
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
		h.Set("Access-Control-Allow-Headers", "Accept, Content-Type")
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	body, err := e.answer(r)
	if err == nil {
		err = send(w, r, body)
	}
	if err != nil {
		e.fail(w, r, err)
	}
	return nil
}

// called is a token's name as the exchange takes names and people read them in the log of who
// looked them up: "Lan (OpenRefine)" is lan.openrefine.
func called(name string) string {
	words := strings.FieldsFunc(citizen.Fold(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if name = strings.Join(words, "."); name == "" {
		return "openrefine"
	}
	return name[:min(len(name), maxName)]
}

const maxName = 60

// word is what a purpose or a file is called by.
var word = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)

func (e *Endpoint) answer(r *http.Request) ([]byte, error) {
	id, err := e.Programme(r.Context(), r.PathValue("key"))
	switch {
	case fault.Of(err) == fault.Unsigned, err == nil && !id.May(Scope):
		return nil, fault.New(fault.NotFound, "reconcile.key", nil) // there is no such address
	case err != nil:
		return nil, err
	}
	as := Asker{Officer: called(id.Name), Purpose: r.PathValue("purpose"), File: r.PathValue("file"), Lang: i18n.From(r.Context()).Lang}
	if !word.MatchString(as.Purpose) || !word.MatchString(as.File) {
		return nil, fault.New(fault.Invalid, "reconcileweb.words", nil)
	}
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, fault.New(fault.TooLarge, "reconcile.batch.large", fault.Args{"max": reconcile.MostQuestions})
		}
		return nil, fault.New(fault.Invalid, "reconcile.batch.json", nil).Because(errors.New("the form cannot be read"))
	}
	p := i18n.From(r.Context())
	at := e.at(r) + Path + "/" + url.PathEscape(r.PathValue("key")) + "/" + as.Purpose + "/" + as.File
	switch {
	case r.Pattern == "GET "+below+reconcile.SuggestType:
		return json.Marshal(reconcile.Types(r.Form.Get("prefix"), p))
	case r.Pattern == "GET "+below+reconcile.SuggestProperty:
		return json.Marshal(reconcile.Properties(r.Form.Get("prefix"), p))
	case r.Form.Has("queries"):
		return e.ask(r.Context(), id.Account, as, r.Form.Get("queries"), p)
	case r.Method == http.MethodPost:
		return nil, fault.New(fault.Invalid, "reconcile.batch.json", nil)
	}
	return json.Marshal(reconcile.NewManifest(at, e.at(r)+Path, p))
}

// ask hands a batch on to the register.
func (e *Endpoint) ask(ctx context.Context, session string, as Asker, queries string, p *i18n.Printer) ([]byte, error) {
	batch, err := reconcile.ParseBatch(queries)
	if err != nil {
		return nil, err
	}
	var answer reconcile.Answer
	if len(batch.Questions) > 0 {
		select {
		case e.asking <- struct{}{}:
			defer func() { <-e.asking }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if answer, err = e.Ask(ctx, as, reconcile.Ask{Session: session, Questions: batch.Questions}); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	err = reconcile.WriteResults(&out, batch.Results(answer, p))
	return out.Bytes(), err
}

// at is the node's address for whoever asks.
func (e *Endpoint) at(r *http.Request) string {
	switch {
	case e.URL != "":
		return e.URL
	case e.Secure:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// callback is a name by which a page has itself called, for JSONP.
var callback = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$.]{0,99}$`)

// send answers with JSON, or for old programs with a script that hands it to a function.
func send(w http.ResponseWriter, r *http.Request, body []byte) error {
	name := r.Form.Get("callback")
	switch {
	case name == "":
		w.Header().Set("Content-Type", "application/json")
	case r.Method != http.MethodGet || !callback.MatchString(name):
		return fault.New(fault.Invalid, "reconcile.callback", nil)
	default: // the comment keeps the answer from being anything but a script
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		body = append([]byte("/**/"+name+"("), append(scriptSafe(body), ");"...)...)
	}
	_, _ = w.Write(body) // the program has gone
	return nil
}

// scriptSafe is JSON that is a script too: two line ends of Unicode were none in JSON alone.
func scriptSafe(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("\u2028"), []byte(`\u2028`))
	return bytes.ReplaceAll(b, []byte("\u2029"), []byte(`\u2029`))
}

func (e *Endpoint) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the program has gone
	}
	f, status := fault.As(err), web.Status(err)
	if f == nil || status >= http.StatusInternalServerError {
		e.Log.Error("reconciling failed", "request_id", web.RequestID(r.Context()), "error", err)
	}
	if f == nil {
		f = fault.New(fault.Internal, "web.internal", nil)
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "30")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(web.NewProblem(r.Context(), status, f, nil)) // the program has gone
}
