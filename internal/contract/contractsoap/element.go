package contractsoap

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"slices"

	"dean06/internal/contract"
)

// element is an element of an answer: text, or parts, also when there are none.
type element struct {
	name  string
	text  string
	parts bool
	kids  []element
}

func leaf(name, text string) element             { return element{name: name, text: text} }
func group(name string, kids ...element) element { return element{name: name, parts: true, kids: kids} }

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

// MarshalJSON writes an element with parts as an object, in the same order, and what is not
// known as an empty one; text as a string. Elements that may repeat are lists, of one and of
// none too.
func (n element) MarshalJSON() ([]byte, error) {
	if !n.parts {
		return json.Marshal(n.text)
	}
	var b bytes.Buffer
	b.WriteByte('{')
	begin := func(name string) {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + name + `":`)
	}
	for i := 0; i < len(n.kids); i++ {
		k := n.kids[i]
		begin(k.name)
		if !repeats[k.name] {
			value, err := json.Marshal(k)
			if err != nil {
				return nil, err
			}
			b.Write(value)
			continue
		}
		same := 1
		for i+same < len(n.kids) && n.kids[i+same].name == k.name {
			same++
		}
		list, err := json.Marshal(n.kids[i : i+same])
		if err != nil {
			return nil, err
		}
		b.Write(list)
		i += same - 1
	}
	if row := rows[n.name]; row != "" && !slices.ContainsFunc(n.kids, func(k element) bool { return k.name == row }) {
		begin(row)
		b.WriteString("[]")
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// rows are the elements that hold a list, and what it is of; repeats are those of lists.
var (
	rows    = map[string]string{"CongdanCollection": "CongDan", "GetRequestsResponse": "YeuCau", "GetRequestHistoryResponse": "LichSu"}
	repeats = map[string]bool{"CongDan": true, "YeuCau": true, "LichSu": true}
)

// writer writes the envelopes of one call's answer: in the version of the call, with the
// header that it asked for.
type writer struct {
	newer  bool // SOAP 1.2
	reply  addressing
	action string // of WS-Addressing
}

func (w writer) kind() string {
	if w.newer {
		return typeSOAP12 + "; charset=utf-8"
	}
	return typeSOAP + "; charset=utf-8"
}

func (w writer) begin(b *bytes.Buffer, no *refusal) {
	space := nsSOAP
	if w.newer {
		space = nsSOAP12
	}
	b.WriteString(xml.Header + `<SOAP-ENV:Envelope xmlns:SOAP-ENV="` + space + "\">\n")
	appendHeader(b, w.reply, w.action, no)
	b.WriteString("  <SOAP-ENV:Body>\n")
}

const envelopeEnd = `  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>
`

// answer writes an answer. The bytes are those that systems of the field are used to:
// three levels on lines of their own, what is below on one line.
func (w writer) answer(n element, namespace string) []byte {
	var b bytes.Buffer
	w.begin(&b, nil)
	b.WriteString("    <" + prefix + n.name + ` xmlns:ns1="` + namespace + `"`)
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

// fault writes a refusal (SOAP 1.1, 4.4; SOAP 1.2, 5.4). The code of the systems in the field
// is in the detail.
func (w writer) fault(r *refusal, vi, en string) []byte {
	var text, b bytes.Buffer
	if r.code == contract.NoProcedure || r.code == contract.NoRight {
		text.WriteString(r.code + ": ") // there where clients of the field look for it
	}
	escape(&text, vi)
	w.begin(&b, r)
	b.WriteString("    <SOAP-ENV:Fault>\n")
	detail := "detail"
	if w.newer {
		detail = "SOAP-ENV:Detail"
		who := map[string]string{"Client": "Sender", "Server": "Receiver"}[r.who]
		b.WriteString("      <SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:" + cmp.Or(who, r.who) + "</SOAP-ENV:Value></SOAP-ENV:Code>\n")
		b.WriteString("      <SOAP-ENV:Reason><SOAP-ENV:Text xml:lang=\"vi\">" + text.String() + "</SOAP-ENV:Text><SOAP-ENV:Text xml:lang=\"en\">")
		escape(&b, en)
		b.WriteString("</SOAP-ENV:Text></SOAP-ENV:Reason>\n")
	} else {
		b.WriteString("      <faultcode>SOAP-ENV:" + r.who + "</faultcode>\n      <faultstring xml:lang=\"vi\">" + text.String() + "</faultstring>\n")
	}
	b.WriteString("      <" + detail + ">\n        <ns1:Loi xmlns:ns1=\"" + nsDanCu + "\"><ns1:MaLoi>")
	escape(&b, r.code)
	b.WriteString("</ns1:MaLoi><ns1:MoTa>")
	escape(&b, vi)
	b.WriteString("</ns1:MoTa><ns1:Description>")
	escape(&b, en)
	b.WriteString("</ns1:Description></ns1:Loi>\n      </" + detail + ">\n")
	b.WriteString("    </SOAP-ENV:Fault>\n" + envelopeEnd)
	return b.Bytes()
}
