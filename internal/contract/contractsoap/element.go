package contractsoap

import (
	"bytes"
	"encoding/json"
	"encoding/xml"

	"dean06/internal/contract"
)

// element is an element of an answer.
type element struct {
	name string
	text string
	kids []element
}

func leaf(name, text string) element             { return element{name: name, text: text} }
func group(name string, kids ...element) element { return element{name: name, kids: kids} }

const prefix = "ns1:"

// appendXML writes the element on one line, as the contract's answers have it: an empty
// one closes itself.
func (n element) appendXML(b *bytes.Buffer) {
	b.WriteString("<" + prefix + n.name)
	if n.text == "" && len(n.kids) == 0 {
		b.WriteString("/>")
		return
	}
	b.WriteByte('>')
	escape(b, n.text)
	for _, k := range n.kids {
		k.appendXML(b)
	}
	b.WriteString("</" + prefix + n.name + ">")
}

func escape(b *bytes.Buffer, s string) { _ = xml.EscapeText(b, []byte(s)) } // a buffer takes everything

// MarshalJSON writes an element with parts as an object, in the same order. Elements
// that may repeat are lists.
func (n element) MarshalJSON() ([]byte, error) {
	if len(n.kids) == 0 {
		if n.name == "CongdanCollection" || n.name == "GetRequestsResponse" {
			return []byte("{}"), nil
		}
		return json.Marshal(n.text)
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i := 0; i < len(n.kids); i++ {
		k := n.kids[i]
		if i > 0 {
			b.WriteByte(',')
		}
		value, err := json.Marshal(k)
		if err != nil {
			return nil, err
		}
		if repeats[k.name] {
			for ; i+1 < len(n.kids) && n.kids[i+1].name == k.name; i++ {
				next, err := json.Marshal(n.kids[i+1])
				if err != nil {
					return nil, err
				}
				value = append(append(value, ','), next...)
			}
			value = append(append([]byte{'['}, value...), ']')
		}
		b.WriteString(`"` + k.name + `":`)
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

var repeats = map[string]bool{"CongDan": true, "YeuCau": true, "LichSu": true}

const (
	envelopeStart = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="` + nsSOAP + `">
  <SOAP-ENV:Header/>
  <SOAP-ENV:Body>
`
	envelopeEnd = `  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>
`
)

// soap writes an answer. The bytes are those that systems of the field are used to:
// three levels on lines of their own, what is below on one line.
func soap(n element, namespace string) []byte {
	var b bytes.Buffer
	b.WriteString(envelopeStart + "    <" + prefix + n.name + ` xmlns:ns1="` + namespace + `"`)
	if len(n.kids) == 0 {
		b.WriteString("/>\n" + envelopeEnd)
		return b.Bytes()
	}
	b.WriteString(">\n")
	for _, k := range n.kids {
		b.WriteString("      ")
		if !repeats[k.name] || len(k.kids) == 0 {
			k.appendXML(&b)
			b.WriteByte('\n')
			continue
		}
		b.WriteString("<" + prefix + k.name + ">\n")
		for _, part := range k.kids {
			b.WriteString("        ")
			part.appendXML(&b)
			b.WriteByte('\n')
		}
		b.WriteString("      </" + prefix + k.name + ">\n")
	}
	b.WriteString("    </" + prefix + n.name + ">\n" + envelopeEnd)
	return b.Bytes()
}

// soapFault writes a refusal (SOAP 1.1, 4.4). The code of the systems in the field is in
// the detail.
func soapFault(r *refusal, vi, en string) []byte {
	var b bytes.Buffer
	b.WriteString(envelopeStart + "    <SOAP-ENV:Fault>\n      <faultcode>SOAP-ENV:" + r.who + "</faultcode>\n")
	b.WriteString("      <faultstring xml:lang=\"vi\">")
	if r.code == contract.NoProcedure || r.code == contract.NoRight {
		b.WriteString(r.code + ": ") // there where clients of the field look for it
	}
	escape(&b, vi)
	b.WriteString("</faultstring>\n      <detail>\n        <ns1:Loi xmlns:ns1=\"" + nsDanCu + "\"><ns1:MaLoi>")
	escape(&b, r.code)
	b.WriteString("</ns1:MaLoi><ns1:MoTa>")
	escape(&b, vi)
	b.WriteString("</ns1:MoTa><ns1:Description>")
	escape(&b, en)
	b.WriteString("</ns1:Description></ns1:Loi>\n      </detail>\n    </SOAP-ENV:Fault>\n" + envelopeEnd)
	return b.Bytes()
}
