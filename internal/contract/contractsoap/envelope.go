package contractsoap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
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
)

// Bounds of a message.
const (
	maxDepth  = 16
	maxFields = 100
	maxValue  = 1000 // bytes
)

var errXML = errors.New("not well formed")

// readEnvelope reads a SOAP 1.1 call: the element in the body and its fields, by local
// name, in whatever order and with whatever prefixes. A document type, and with it
// every entity of the sender's own, is refused before anything of it is looked at.
func readEnvelope(b []byte) (element xml.Name, f fields, no *refusal) {
	p := parser{dec: xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))))}
	p.dec.Strict = true
	p.dec.CharsetReader = func(label string, _ io.Reader) (io.Reader, error) {
		return nil, errors.New("encoding " + label)
	}
	element, f, err := p.envelope()
	var r *refusal
	switch {
	case errors.As(err, &r):
		return element, nil, r
	case err != nil:
		line, _ := p.dec.InputPos()
		return element, nil, client("xml", fault.Args{"line": line})
	}
	return element, f, nil
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
			if t.Target != "xml" {
				return nil, client("doctype", nil)
			}
			continue
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

func (p *parser) envelope() (element xml.Name, f fields, err error) {
	e, ok, err := p.start()
	if err != nil || !ok {
		return element, nil, errors.Join(err, errXML)
	}
	switch {
	case e.Name.Local != "Envelope":
		return element, nil, client("no_envelope", nil)
	case e.Name.Space != nsSOAP:
		no := client("version", nil)
		no.who = "VersionMismatch"
		return element, nil, no
	}
	e, ok, err = p.start()
	if err == nil && ok && e.Name == (xml.Name{Space: nsSOAP, Local: "Header"}) {
		if err = p.header(); err == nil {
			e, ok, err = p.start()
		}
	}
	if err != nil {
		return element, nil, err
	}
	if !ok || e.Name != (xml.Name{Space: nsSOAP, Local: "Body"}) {
		return element, nil, client("no_body", nil)
	}
	e, ok, err = p.start()
	if err != nil {
		return element, nil, err
	}
	if !ok {
		return element, nil, client("no_body", nil)
	}
	element = e.Name
	if f, err = p.fields(); err != nil {
		return element, nil, err
	}
	return element, f, p.end()
}

// header passes the header over, unless something in it must be understood.
func (p *parser) header() error {
	for {
		e, ok, err := p.start()
		if err != nil || !ok {
			return err
		}
		for _, a := range e.Attr {
			if a.Name == (xml.Name{Space: nsSOAP, Local: "mustUnderstand"}) && (a.Value == "1" || a.Value == "true") {
				no := client("must_understand", fault.Args{"name": clip(e.Name.Local)})
				no.who = "MustUnderstand"
				return no
			}
		}
		if err := p.skip(); err != nil {
			return err
		}
	}
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
		if f[name], err = p.value(name); err != nil {
			return nil, err
		}
	}
}

// value reads the text of a field, or of the parts that it is written in: a day as
// NgayThangNam or Nam, a name as Ho, ChuDem and Ten.
func (p *parser) value(name string) (string, error) {
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
			part, err := p.value(t.Name.Local)
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
