package contractsoap

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"dean06/internal/citizen"
	"dean06/internal/contract"
	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 16 << 20

// ask puts the question to the register and writes its answer in the contract's words.
func (c *Contract) ask(ctx context.Context, who contract.Caller, k *call) (element, *refusal) {
	k.log.Outcome = "answered"
	switch k.question.op.Kind {
	case contract.KindFacts:
		return c.askFacts(ctx, who, k)
	case contract.KindMatch:
		return c.askMatch(ctx, who, k)
	case contract.KindHousehold:
		var h household
		no := c.call(ctx, who, k, "POST", "household", keyOf(k.question), &h)
		if isNobody(no) {
			return c.nobody(k), nil
		}
		return collection(householdElements(h)...), no
	}
	return c.askList(ctx, who, k)
}

// key is how the register's services name a person.
type key struct {
	Number    citizen.Number    `json:"number,omitzero"`
	OldNumber citizen.OldNumber `json:"old_number,omitzero"`
	Name      string            `json:"name,omitempty"`
	Birth     citizen.Day       `json:"birth,omitzero"`
}

func keyOf(q question) key { return key{q.number, q.old, q.name, q.birth} }

// nobody is the answer when nobody fits: an empty collection, as the contract has it.
func (c *Contract) nobody(k *call) element {
	k.log.Outcome = "not_found"
	return collection()
}

// askFacts asks for the operation's fields, as far as the right grants them at this moment;
// without the one that the operation is about there is no answer.
func (c *Contract) askFacts(ctx context.Context, who contract.Caller, k *call) (element, *refusal) {
	q := k.question
	ask := struct {
		key
		Fields []string `json:"fields,omitempty"`
		Also   []string `json:"also"`
	}{key: keyOf(q), Also: q.op.Fields}
	if q.op.About != "" {
		ask.Fields = []string{q.op.About}
	}
	var f facts
	switch no := c.call(ctx, who, k, "POST", "facts", ask, &f); {
	case isNobody(no):
		return c.nobody(k), nil
	case no != nil && no.code == "denied":
		no.args = fault.Args{"service": q.op.Name}
		return element{}, no
	case no != nil:
		return element{}, no
	}
	one, err := citizenElement(f)
	if err != nil {
		return element{}, server("answer", err)
	}
	return collection(one), nil
}

// askMatch says whether somebody is as claimed, in all that was claimed.
func (c *Contract) askMatch(ctx context.Context, who contract.Caller, k *call) (element, *refusal) {
	var v struct {
		Found  bool            `json:"found"`
		Fields map[string]bool `json:"fields"`
	}
	if no := c.call(ctx, who, k, "POST", "match", keyOf(k.question), &v); no != nil && !isNobody(no) {
		return element{}, no
	}
	for _, fits := range v.Fields {
		v.Found = v.Found && fits
	}
	answer := "false"
	if v.Found {
		answer = "true"
	} else {
		k.log.Outcome = "not_found"
	}
	return group("KetQuaXacThucResponse", leaf("TonTai", answer)), nil
}

func isNobody(no *refusal) bool { return no != nil && no.code == "nobody" }

// call puts one question to a service of the register through the exchange.
func (c *Contract) call(ctx context.Context, who contract.Caller, k *call, method, service string, body, to any) *refusal {
	b, no := c.send(ctx, who, k, method, service, body)
	if no != nil {
		return no
	}
	if to == nil {
		return nil
	}
	if err := json.Unmarshal(b, to); err != nil {
		return server("answer", errors.New("the register's answer cannot be read"))
	}
	return nil
}

func (c *Contract) send(ctx context.Context, who contract.Caller, k *call, method, service string, body any) ([]byte, *refusal) {
	q := k.question
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, server("answer", err)
		}
		in = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://localhost/r1/"+c.Register()+"/"+service, in)
	if err != nil {
		return nil, server("network", err)
	}
	h := r.Header
	h.Set(xroad.HeaderClient, who.Subsystem())
	h.Set(xroad.HeaderUserID, header(q.officer))
	h.Set(xroad.HeaderID, header(q.request))
	h.Set(xroad.HeaderPurpose, header(q.purpose))
	h.Set("Accept", "application/json")
	h.Set("Accept-Language", "vi")
	if q.dossier != "" {
		h.Set(xroad.HeaderIssue, header(q.dossier))
	}
	if body != nil {
		h.Set("Content-Type", "application/json")
	}
	res, err := c.Exchange.Call(ctx, r)
	if err != nil {
		return nil, server("network", err)
	}
	defer res.Body.Close()
	k.log.RequestID = clip(res.Header.Get(xroad.HeaderRequestID))
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, server("network", err)
	case len(b) > maxAnswer:
		return nil, server("answer", errors.New("the register's answer is too large"))
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return b, nil
	}
	return nil, refusedBy(q, service, res, b)
}

// header makes a value fit for a header: what is not printable ASCII is percent-encoded.
func header(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return url.PathEscape(s)
		}
	}
	return s
}

// refusedBy says in the contract's words why a gateway or the register did not answer.
func refusedBy(q question, service string, res *http.Response, body []byte) *refusal {
	var p struct {
		Detail string `json:"detail"`
		Found  *bool  `json:"found"`
	}
	_ = json.Unmarshal(body, &p) // then all of it is empty
	code := res.Header.Get(xroad.HeaderError)
	if code == "" {
		return fromRegister(service, res.StatusCode, p.Found, p.Detail)
	}
	cause := fmt.Errorf("exchange refused: %s", clip(code))
	parsed := xroad.ParseCode(code)
	if parsed.OfSecurity() {
		parsed = xroad.AccessDenied
	}
	switch parsed {
	case xroad.PurposeRefused:
		return noProcedure(q)
	case xroad.AccessDenied, xroad.NotNamed, xroad.ClientDenied, xroad.PeerCertificate, xroad.UnknownService, xroad.ServiceDisabled:
		no := forbidden("denied", "contractsoap.denied", fault.Args{"service": q.op.Name})
		no.cause = cause
		return no
	case xroad.QuotaExceeded:
		no := forbidden("quota", "contractsoap.quota", nil)
		no.status = http.StatusTooManyRequests
		return no
	}
	return server("network", cause)
}

func fromRegister(service string, status int, found *bool, detail string) *refusal {
	switch {
	case status == http.StatusNotFound && found != nil:
		return &refusal{who: "Client", status: http.StatusNotFound, code: "nobody", key: "contractsoap.nobody", outcome: "not_found"}
	case status == http.StatusNotFound:
		return client("no_list", nil)
	case status == http.StatusForbidden:
		return forbidden("denied", "contractsoap.denied", fault.Args{"service": service})
	case status >= 400 && status < 500:
		no := client("refused", fault.Args{"text": detail})
		no.status = status
		return no
	}
	return server("answer", fmt.Errorf("the register answered %d", status))
}
