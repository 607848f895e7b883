package gateway

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"dean06/internal/xroad"
)

// refusal is the body of an error, in JSON and in XML.
type refusal struct {
	XMLName xml.Name `json:"-" xml:"error"`
	Type    string   `json:"type" xml:"type"`
	Message string   `json:"message" xml:"message"`
	Detail  string   `json:"detail" xml:"detail"`
}

// errorStatus is the status of an error of a gateway: the caller's mistakes are 400.
func errorStatus(c xroad.Code) int {
	if strings.HasPrefix(string(c), "Client.") {
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// errorReply is an error as a client sees it.
func (g *Gateway) errorReply(e *xroad.Error, detail string, accept []string) *reply {
	code := e.Code.In(g.set.Style)
	body, kind := writeError(refusal{Type: code, Message: e.Text, Detail: detail}, accept)
	return &reply{
		status: errorStatus(e.Code),
		header: http.Header{"Content-Type": {kind}, xroad.HeaderError: {code}},
		body:   spoolBytes(body),
	}
}

func newDetail() string { return uuid.NewString() }

func writeError(r refusal, accept []string) (body []byte, kind string) {
	var b bytes.Buffer
	if kind, ok := xmlType(accept); ok {
		b.WriteString(xml.Header)
		_ = xml.NewEncoder(&b).Encode(r) // strings always encode
		return b.Bytes(), kind + ";charset=utf-8"
	}
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(r) // strings always encode
	return b.Bytes(), "application/json;charset=utf-8"
}

// xmlType says whether an error is told in XML, and under which type: the first XML
// type in Accept. Weights are not looked at; X-Road does not either.
func xmlType(accept []string) (string, bool) {
	for _, line := range accept {
		for part := range strings.SplitSeq(line, ",") {
			kind, _, _ := strings.Cut(part, ";")
			switch strings.ToLower(strings.TrimSpace(kind)) {
			case "text/xml", "text/*":
				return "text/xml", true
			case "application/xml":
				return "application/xml", true
			}
		}
	}
	return "", false
}
