package contractsoap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"dean06/internal/platform/fault"
)

// Namespaces of the contract.
const (
	nsSOAP    = "http://schemas.xmlsoap.org/soap/envelope/"
	nsSOAP12  = "http://www.w3.org/2003/05/soap-envelope"
	nsDanCu   = "http://dancuquocgia.bca"
	nsQLDC    = "http://gtel.vn/qldc"
	nsAnswers = "http://www.mic.gov.vn/dancu/1.0"

	nsXOP       = "http://www.w3.org/2004/08/xop/include"
	nsEncrypted = "http://www.w3.org/2001/04/xmlenc#"
)

// Bounds of a message.
const (
	maxDepth  = 16
	maxFields = 100
	maxValue  = 1000 // bytes
)

var errXML = errors.New("not well formed")

// envelope is a call as it was read.
type envelope struct {
	element xml.Name // in the body
	fields  fields
	reply   addressing
}

// readEnvelope reads a SOAP call, 1.1 or 1.2, in UTF-8: the element in the body and its
// fields, by local name, in whatever order and with whatever prefixes. A document type, and
// with it every entity of the sender's own, is refused before anything of it is looked at.
func readEnvelope(text []byte) (envelope, *refusal) {
	p := newParser(text)
	e, err := p.envelope()
	var r *refusal
	switch {
	case errors.As(err, &r):
		return e, r
	case err != nil:
		line, _ := p.dec.InputPos()
		return e, client("xml", fault.Args{"line": line})
	}
	return e, nil
}

func newParser(text []byte) *parser {
	p := &parser{dec: xml.NewDecoder(bytes.NewReader(text))}
	p.dec.Strict = true
	p.dec.CharsetReader = func(label string, _ io.Reader) (io.Reader, error) { // the text is in UTF-8 already
		return nil, errors.New("encoding " + label)
	}
	return p
}

type parser struct {
	dec   *xml.Decoder
	depth int
}

// next is the next start, end or text, without comments; nothing but those and the
// declaration may be there.
func (p *parser) next() (xml.Token, error) {
	for {
		t, err := p.dec.Token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.Comment:
			continue
		case xml.ProcInst:
			if strings.EqualFold(t.Target, "xml") { // a declaration that is none, or not at the start
				return nil, errXML
			}
			return nil, client("doctype", nil)
		case xml.Directive:
			return nil, client("doctype", nil)
		case xml.StartElement:
			if p.depth++; p.depth > maxDepth || len(t.Attr) > 50 {
				return nil, errXML
			}
		case xml.EndElement:
			p.depth--
		}
		return t, nil
	}
}

// start is the next element; space before it is passed over. ok is false at the end of
// the one around it.
func (p *parser) start() (e xml.StartElement, ok bool, err error) {
	for {
		t, err := p.next()
		if err != nil {
			return e, false, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return t, true, nil
		case xml.EndElement:
			return e, false, nil
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return e, false, errXML
			}
		}
	}
}

func (p *parser) envelope() (env envelope, err error) {
	e, ok, err := p.start()
	if err != nil || !ok {
		return env, errors.Join(err, errXML)
	}
	space := e.Name.Space
	switch {
	case e.Name.Local != "Envelope":
		return env, client("no_envelope", nil)
	case space != nsSOAP && space != nsSOAP12:
		no := client("version", nil)
		no.who = versionMismatch
		return env, no
	}
	e, ok, err = p.start()
	if err == nil && ok && e.Name == (xml.Name{Space: space, Local: "Header"}) {
		if env.reply, err = p.header(space); err == nil {
			e, ok, err = p.start()
		}
	}
	if err != nil {
		return env, err
	}
	if !ok || e.Name != (xml.Name{Space: space, Local: "Body"}) {
		return env, client("no_body", nil)
	}
	e, ok, err = p.start()
	if err != nil {
		return env, err
	}
	if !ok {
		return env, client("no_body", nil)
	}
	if e.Name.Space == nsEncrypted {
		return env, client("security", nil)
	}
	env.element = e.Name
	if env.fields, err = p.fields(); err != nil {
		return env, err
	}
	return env, p.end()
}

func (p *parser) skip() error {
	for level := 1; level > 0; {
		t, err := p.next()
		if err != nil {
			return err
		}
		switch t.(type) {
		case xml.StartElement:
			level++
		case xml.EndElement:
			level--
		}
	}
	return nil
}

// fields reads the children of the call by their local names.
func (p *parser) fields() (fields, error) {
	f := fields{}
	for {
		e, ok, err := p.start()
		if err != nil || !ok {
			return f, err
		}
		name := e.Name.Local
		if _, twice := f[name]; twice {
			return nil, client("twice", fault.Args{"field": clip(name)})
		}
		if len(f) == maxFields {
			return nil, errXML
		}
		if f[name], err = p.value(e); err != nil {
			return nil, err
		}
	}
}

// value reads the text of a field, or of the parts that it is written in: a day as
// NgayThangNam or Nam, a name as Ho, ChuDem and Ten.
func (p *parser) value(e xml.StartElement) (string, error) {
	name := e.Name.Local
	if pointsAway(e) {
		return "", client("elsewhere", fault.Args{"field": clip(name)})
	}
	var text strings.Builder
	var parts []string
	for {
		t, err := p.next()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			text.Write(t)
			if text.Len() > maxValue {
				return "", badField(clip(name))
			}
		case xml.StartElement:
			if t.Name.Space == nsXOP {
				return "", client("elsewhere", fault.Args{"field": clip(name)})
			}
			part, err := p.value(t)
			if err != nil {
				return "", err
			}
			if part != "" {
				parts = append(parts, part)
			}
			if len(parts) > maxFields {
				return "", errXML
			}
		case xml.EndElement:
			s := strings.TrimSpace(text.String())
			switch {
			case len(parts) == 0:
				return s, nil
			case s != "" || name == "NgayThangNamSinh" && len(parts) > 1:
				return "", badField(clip(name))
			}
			if s = strings.Join(parts, " "); len(s) > maxValue {
				return "", badField(clip(name))
			}
			return s, nil
		}
	}
}

// pointsAway says that an element only names where its value is: in an attachment, or in
// another element, as SOAP's own encoding may.
func pointsAway(e xml.StartElement) bool {
	return slices.ContainsFunc(e.Attr, func(a xml.Attr) bool { return a.Name == (xml.Name{Local: "href"}) && a.Value != "" })
}

// end says that only the ends of the body and the envelope follow.
func (p *parser) end() error {
	for range 2 {
		if _, ok, err := p.start(); err != nil || ok {
			return errors.Join(err, errXML)
		}
	}
	_, _, err := p.start()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return errors.Join(err, errXML)
}

func clip(s string) string {
	if len(s) > 60 {
		s = s[:60] + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
