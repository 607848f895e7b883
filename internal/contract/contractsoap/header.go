package contractsoap

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strings"

	"dean06/internal/platform/fault"
)

// Namespaces of what callers put into a message's header.
const (
	nsAddressing    = "http://www.w3.org/2005/08/addressing"
	nsAddressingOld = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
	nsSecurity      = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
)

// addressing is what WS-Addressing asks of an answer; the zero one asks nothing.
type addressing struct {
	space     string
	messageID string
}

const maxHeaders = 50

// header reads the header. WS-Addressing is understood as far as a call over HTTP needs it:
// the answer goes back the way the call came. All else is passed over, unless it must be
// understood by whoever answers.
func (p *parser) header(space string) (reply addressing, err error) {
	var unknown []xml.Name
	for n := 0; ; n++ {
		e, ok, err := p.start()
		if err != nil {
			return reply, err
		}
		if !ok {
			break
		}
		if n == maxHeaders {
			return reply, errXML
		}
		if e.Name.Space == nsAddressing || e.Name.Space == nsAddressingOld {
			if err := p.addressed(e, &reply); err != nil {
				return reply, err
			}
			continue
		}
		if mustUnderstand(space, e) {
			unknown = append(unknown, e.Name)
		}
		if err := p.skip(); err != nil {
			return reply, err
		}
	}
	if len(unknown) == 0 {
		return reply, nil
	}
	no := client("must_understand", fault.Args{"name": clip(unknown[0].Local)})
	if slices.ContainsFunc(unknown, func(n xml.Name) bool { return n.Space == nsSecurity }) {
		no = client("security", nil)
	}
	no.who, no.blocks = mustUnderstandFault, unknown
	return reply, no
}

// mustUnderstand says that a block is for us and must be understood. One for another on
// the way (actor, in 1.2 role) is not.
func mustUnderstand(space string, e xml.StartElement) bool {
	must, ours := false, true
	for _, a := range e.Attr {
		if a.Name.Space != space {
			continue
		}
		switch v := strings.TrimSpace(a.Value); a.Name.Local {
		case "mustUnderstand":
			must = v == "1" || v == "true"
		case "actor", "role":
			ours = v == "" || strings.HasSuffix(v, "/next") || strings.HasSuffix(v, "/ultimateReceiver")
		}
	}
	return must && ours
}

// addressed reads a block of WS-Addressing.
func (p *parser) addressed(e xml.StartElement, reply *addressing) error {
	text, err := p.value(e)
	if err != nil {
		return err
	}
	switch e.Name.Local {
	case "MessageID":
		*reply = addressing{e.Name.Space, text}
	case "ReplyTo", "FaultTo":
		// Its first part is the address; what else a caller wants back is not kept.
		to, _, _ := strings.Cut(text, " ")
		if to != "" && !strings.HasSuffix(to, "/anonymous") && !strings.HasSuffix(to, "/none") {
			return client("reply_to", fault.Args{"name": e.Name.Local})
		}
	}
	return nil
}

// appendHeader writes the header of an answer or refusal: what WS-Addressing asked for, and
// which blocks were not understood (SOAP 1.2, 5.4.8) or which versions are (5.4.7).
func appendHeader(b *bytes.Buffer, reply addressing, action string, no *refusal) {
	var in bytes.Buffer
	if reply.messageID != "" {
		in.WriteString(`<wsa:Action xmlns:wsa="` + reply.space + `">`)
		escape(&in, action)
		in.WriteString(`</wsa:Action><wsa:RelatesTo xmlns:wsa="` + reply.space + `">`)
		escape(&in, reply.messageID)
		in.WriteString("</wsa:RelatesTo>")
	}
	if no != nil {
		for _, name := range no.blocks {
			in.WriteString(`<env:NotUnderstood xmlns:env="` + nsSOAP12 + `" qname="b:` + name.Local + `" xmlns:b="`)
			escape(&in, name.Space)
			in.WriteString(`"/>`)
		}
		if no.who == versionMismatch {
			in.WriteString(`<env:Upgrade xmlns:env="` + nsSOAP12 + `"><env:SupportedEnvelope qname="a:Envelope" xmlns:a="` + nsSOAP12 +
				`"/><env:SupportedEnvelope qname="b:Envelope" xmlns:b="` + nsSOAP + `"/></env:Upgrade>`)
		}
	}
	if in.Len() == 0 {
		b.WriteString("  <SOAP-ENV:Header/>\n")
		return
	}
	b.WriteString("  <SOAP-ENV:Header>" + in.String() + "</SOAP-ENV:Header>\n")
}
