// Package contractsoap is the contract that older systems speak to the population
// database: SOAP 1.1 and 1.2 in the namespace http://dancuquocgia.bca with answers as
// CongdanCollection, its platform variant and its plain JSON variant. It stands at the
// agency's own gateway, so that an old system changes one address and nothing else.
//
// It knows the caller and the officer, asks the register through the exchange, and
// writes the answer in the old words. What may be told is decided by the register's
// right, not here. Each call is logged, refused ones too, without personal data.
package contractsoap

import (
	"context"
	"embed"
	"encoding/json"
	"encoding/xml"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"dean06/internal/contract"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// Exchange carries a question to the register; the agency's gateway is one. Refusals
// of gateways are answers (X-Road-Error), not errors.
type Exchange interface {
	Call(ctx context.Context, r *http.Request) (*http.Response, error)
}

// Parts are what the contract stands on.
type Parts struct {
	Rules    *contract.Service
	Exchange Exchange
	// Register is the register's subsystem, "VN/GOV/G01/DANCU"; it is known once the
	// node has joined.
	Register func() string
	Clock    clock.Clock
	NewID    func() string   // makes time-ordered ids, for the log
	Texts    *i18n.Catalogue // holds Messages
	Logger   *slog.Logger
	// PublicURLs are other addresses under which old systems know us, without or with
	// the integration code at the end: "https://lgsp.example.vn/csdlqgdc".
	PublicURLs []string
}

// Contract is the handler.
type Contract struct{ Parts }

// Prefix is the path under which the contract is served; the integration code follows
// it. All requests below it are the Contract's.
const Prefix = "/csdlqgdc/"

// codeOf is the integration code of an address. Some old systems end it with a slash.
func codeOf(r *http.Request) string {
	_, code, _ := strings.Cut(r.URL.Path, Prefix)
	return strings.TrimSuffix(code, "/")
}

// New makes the handler.
func New(p Parts) *Contract { return &Contract{Parts: p} }

// Face answers the contract's paths and leaves all others to next. It is no ServeMux:
// that would answer an unclean path with a redirect, and paths of calls go on as they
// came.
func (c *Contract) Face(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, Prefix) {
			c.ServeHTTP(w, r)
			return
		}
		if _, _, ok := description(r); ok && r.URL.Path == strings.TrimSuffix(Prefix, "/") {
			c.describe(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// call is one call on its way.
type call struct {
	message  message
	question question
	reply    addressing
	log      contract.Call
}

// ServeHTTP answers a call, or describes the contract (?wsdl).
func (c *Contract) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, _, ok := description(r); ok {
		c.describe(w, r)
		return
	}
	begun := c.Clock.Now()
	k := &call{log: contract.Call{ID: c.NewID(), At: begun, Code: clip(codeOf(r))}}
	answer, no := c.serve(r, k)
	if no != nil {
		k.log.Outcome = no.outcome
		if no.cause != nil {
			c.Logger.ErrorContext(r.Context(), "contract call failed", "call", k.log.ID, "code", no.code, "error", no.cause.Error())
		}
	}
	k.log.Took = c.Clock.Now().Sub(begun)
	// What cannot be logged is not answered. A caller who has gone is logged all the same.
	if err := c.Rules.Log(context.WithoutCancel(r.Context()), k.log); err != nil {
		c.Logger.ErrorContext(r.Context(), "contract call not logged", "call", k.log.ID, "error", err.Error())
		no = server("store", err)
	}
	if no != nil {
		c.refuse(w, k, no)
		return
	}
	c.answer(w, k, answer)
}

func (c *Contract) serve(r *http.Request, k *call) (element, *refusal) {
	ctx := r.Context()
	// What the caller sent is opened before they are known, so that a refusal comes in their
	// version of SOAP; it is read only when they are.
	var unread *refusal
	k.message, unread = open(r)
	if r.Method != http.MethodPost {
		no := client("method", nil)
		no.status = http.StatusMethodNotAllowed
		return element{}, no
	}
	who, user, no := c.authenticate(ctx, r)
	k.log.System = clip(user)
	if no != nil {
		return element{}, no
	}
	k.log.Subsystem = who.Subsystem()
	if unread != nil {
		return element{}, unread
	}
	if k.question, no = read(r, k); no != nil {
		return element{}, no
	}
	q := k.question
	err := c.Rules.Admit(ctx, who, contract.Question{
		Operation: q.op.Name, Code: q.code, Officer: q.officer, Purpose: q.purpose, Request: q.request,
	})
	if err != nil {
		return element{}, refused(err, q)
	}
	return c.ask(ctx, who, k)
}

// read reads the call, and notes for the log what can be read of a broken one too.
func read(r *http.Request, k *call) (question, *refusal) {
	code := codeOf(r)
	if code == "" || !wellFormed(code, 20) || strings.Contains(code, "/") {
		return question{}, badField("MaTichHop")
	}
	var op contract.Operation
	var f fields
	var no *refusal
	var element xml.Name
	var ok bool
	if k.message.plain {
		if f, no = readPlain(k.message.text); no != nil {
			return question{}, no
		}
		if op, ok = contract.OperationOf(code); !ok {
			return question{}, client("plain_code", fault.Args{"code": code})
		}
	} else {
		env, no := readEnvelope(k.message.text)
		element, f, k.reply = env.element, env.fields, env.reply
		if no != nil {
			return question{}, no
		}
		if element.Space != nsDanCu && element.Space != nsQLDC {
			return question{}, client("namespace", nil)
		}
		if op, ok = contract.OperationNamed(element.Local); !ok {
			return question{}, client("no_operation", fault.Args{"operation": clip(element.Local)})
		}
	}
	q, no := asked(op, code, f)
	q.namespace = element.Space
	k.log.Operation, k.log.Officer, k.log.Office = op.Name, clip(q.officer), clip(q.office)
	k.log.Purpose, k.log.Dossier, k.log.Request = clip(q.purpose), clip(q.dossier), clip(q.request)
	return q, no
}

// writer writes what a call is answered.
func (k *call) writer() writer {
	return writer{newer: k.message.newer, reply: k.reply, action: nsDanCu + "/" + k.log.Operation + "Response"}
}

func (c *Contract) answer(w http.ResponseWriter, k *call, n element) {
	namespace := nsAnswers
	if n.name != "CongdanCollection" {
		namespace = k.question.namespace
	}
	if !k.message.plain {
		out := k.writer()
		send(w, http.StatusOK, out.kind(), out.answer(n, namespace))
		return
	}
	b, err := json.Marshal(map[string]element{n.name: n})
	if err != nil {
		c.refuse(w, k, server("store", err))
		return
	}
	send(w, http.StatusOK, "application/json; charset=utf-8", append(b, '\n'))
}

func (c *Contract) refuse(w http.ResponseWriter, k *call, no *refusal) {
	switch no.status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Basic realm="csdlqgdc", charset="UTF-8"`)
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	case http.StatusUnsupportedMediaType:
		w.Header().Set("Accept-Encoding", "gzip, deflate") // RFC 9110, 12.5.3
	}
	vi, en := no.texts(c.Texts)
	if k.message.plain {
		b, err := json.Marshal(struct {
			Code        string `json:"maLoi"`
			Text        string `json:"moTa"`
			Description string `json:"description"`
		}{no.code, vi, en})
		if err == nil {
			send(w, no.status, "application/json; charset=utf-8", append(b, '\n'))
		}
		return
	}
	out := k.writer()
	out.action = nsAddressing + "/soap/fault"
	send(w, no.soapStatus(out.newer), out.kind(), out.fault(no, vi, en))
}

func send(w http.ResponseWriter, status int, kind string, b []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(b)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b) // the caller has gone
}
