package contractsoap

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dean06/internal/contract"
)

// description is which description of the contract a request asks for; ok is false when it
// is no such request. Names of a query are written in any case by those who add them.
func description(r *http.Request) (wsdl, xsd string, ok bool) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return "", "", false
	}
	for name, values := range r.URL.Query() {
		switch strings.ToLower(name) {
		case "wsdl", "singlewsdl":
			return values[0], "", true
		case "xsd":
			return "", values[0], true
		}
	}
	return "", "", false
}

// describe answers ?wsdl and ?xsd=…: the operations of an integration code, or all of them
// where the address has none. Nobody has to say who they are: it tells of no person, and a
// programmer needs it before there is a password.
func (c *Contract) describe(w http.ResponseWriter, r *http.Request) {
	wsdl, name, _ := description(r)
	code := codeOf(r)
	if code != "" && (!wellFormed(code, 20) || strings.Contains(code, "/")) {
		http.NotFound(w, r)
		return
	}
	namespace := nsDanCu
	if wsdl == "qldc" || strings.HasPrefix(name, "qldc.") {
		namespace, name = nsQLDC, strings.TrimPrefix(name, "qldc.")
	}
	ops := operationsUnder(code)
	all := schemas(namespace, ops)
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if name != "" {
		s, ok := all[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		s.append(&b)
	} else {
		writeWSDL(&b, namespace, c.base(r), code, all)
	}
	send(w, http.StatusOK, typeSOAP+"; charset=utf-8", b.Bytes())
}

func operationsUnder(code string) (list []contract.Operation) {
	for _, name := range contract.Operations() {
		if op, ok := contract.OperationNamed(name); ok && (code == "" || op.AnswersUnder(code)) {
			list = append(list, op)
		}
	}
	return list
}

// base is the address of the contract, without an integration code, as the caller has it: a
// public one of the settings when they came by its name, else the one of this request.
func (c *Contract) base(r *http.Request) string {
	for _, host := range []string{r.Header.Get("X-Forwarded-Host"), r.Host} {
		for _, alias := range c.PublicURLs {
			u, err := url.Parse(alias)
			if err != nil || host == "" || !strings.EqualFold(u.Host, host) {
				continue
			}
			alias, _, _ = strings.Cut(alias, "?")
			if at := strings.LastIndex(alias, strings.TrimSuffix(Prefix, "/")); at >= 0 {
				alias = alias[:at]
			}
			return strings.TrimSuffix(alias, "/") + Prefix
		}
	}
	if r.TLS != nil {
		return "https://" + r.Host + Prefix
	}
	return "http://" + r.Host + Prefix
}

// otherCode stands in the address of operations that answer under any code that is not
// another's, where the caller's is not known.
const otherCode = "000"

// port is a group of operations with their address.
type port struct {
	name string
	code string
	ops  []contract.Operation
}

// ports are one for each integration code of the table, and one for all other codes; of an
// address with a code only that.
func ports(code string) []port {
	if code != "" {
		return []port{{"DanCu", code, operationsUnder(code)}}
	}
	var codes []string
	for _, op := range operationsUnder("") {
		codes = append(codes, op.Codes...)
	}
	list := []port{{"DanCu", otherCode, operationsUnder(otherCode)}}
	for _, c := range slices.Compact(slices.Sorted(slices.Values(codes))) {
		list = append(list, port{"DanCu" + c, c, operationsUnder(c)})
	}
	return list
}

func writeWSDL(b *bytes.Buffer, namespace, base, code string, all map[string]xsd) {
	w := func(parts ...string) {
		for _, p := range parts {
			b.WriteString(p)
		}
	}
	w(`<wsdl:definitions name="DanCu" targetNamespace="`, namespace, `" xmlns:tns="`, namespace, `" xmlns:cd="`, nsAnswers, `" xmlns:bca="`, nsDanCu,
		`" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" `,
		"xmlns:soap12=\"http://schemas.xmlsoap.org/wsdl/soap12/\">\n<wsdl:documentation>", wsdlAbout, "</wsdl:documentation>\n<wsdl:types>\n")
	for _, name := range []string{"call", "answer", "fault"} {
		if s, ok := all[name]; ok {
			s.append(b)
		}
	}
	w("</wsdl:types>\n<wsdl:message name=\"Loi\"><wsdl:part name=\"fault\" element=\"bca:Loi\"/></wsdl:message>\n")
	message := func(name, element string) {
		w(`<wsdl:message name="`, name, `"><wsdl:part name="parameters" element="`, element, "\"/></wsdl:message>\n")
	}
	for _, op := range operationsUnder(code) {
		message(op.Name, "tns:"+op.Name)
		answer, people := gives(op)
		if people {
			message(op.Name+"Response", "cd:"+answer.name)
		} else {
			message(op.Name+"Response", "tns:"+answer.name)
		}
	}
	list := ports(code)
	for _, p := range list {
		w(`<wsdl:portType name="`, p.name, "\">\n")
		for _, op := range p.ops {
			w(`  <wsdl:operation name="`, op.Name, `"><wsdl:input message="tns:`, op.Name, `"/><wsdl:output message="tns:`, op.Name,
				"Response\"/><wsdl:fault name=\"Loi\" message=\"tns:Loi\"/></wsdl:operation>\n")
		}
		w("</wsdl:portType>\n")
		for _, v := range []struct{ ending, soap string }{{"Soap", "soap"}, {"Soap12", "soap12"}} {
			w(`<wsdl:binding name="`, p.name, v.ending, `" type="tns:`, p.name, `"><`, v.soap,
				":binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n")
			for _, op := range p.ops {
				w(`  <wsdl:operation name="`, op.Name, `"><`, v.soap, `:operation soapAction="`, namespace, `/`, op.Name, `"/><wsdl:input><`, v.soap,
					`:body use="literal"/></wsdl:input><wsdl:output><`, v.soap, `:body use="literal"/></wsdl:output><wsdl:fault name="Loi"><`, v.soap,
					":fault name=\"Loi\" use=\"literal\"/></wsdl:fault></wsdl:operation>\n")
			}
			w("</wsdl:binding>\n")
		}
	}
	w("<wsdl:service name=\"DanCuService\">\n")
	for _, p := range list {
		var at bytes.Buffer
		escape(&at, base+url.PathEscape(p.code))
		for _, v := range []struct{ ending, soap string }{{"Soap", "soap"}, {"Soap12", "soap12"}} {
			w(`  <wsdl:port name="`, p.name, v.ending, `" binding="tns:`, p.name, v.ending, `"><`, v.soap, `:address location="`, at.String(), "\"/></wsdl:port>\n")
		}
	}
	w("</wsdl:service>\n</wsdl:definitions>\n")
}

// wsdlAbout is what a programmer reads first, in both languages.
const wsdlAbout = `Mỗi lệnh gọi cần Authorization: Basic (mật khẩu = sha256(url + username + timestamp + secretKey), chữ thường hệ 16) ` +
	`và tiêu đề Timestamp (mili giây). Mã tích hợp ở cuối địa chỉ: cổng DanCu có mã 000 thì thay bằng mã được cấp. ` +
	`Each call needs Authorization: Basic (password = lower-case hex sha256(url + username + timestamp + secretKey)) and the header Timestamp ` +
	`(milliseconds). The integration code ends the address: where the port DanCu has 000, put the code that was given to you.`
