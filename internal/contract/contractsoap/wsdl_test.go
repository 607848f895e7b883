package contractsoap_test

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dean06/internal/contract"
)

// get asks for a description as a programmer's tool does, without a password.
func (c *country) get(t testing.TB, url string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	c.contract.ServeHTTP(w, r)
	return w
}

// The parts of XML Schema that the description uses.
type (
	xsdSchema struct {
		Namespace string `xml:"targetNamespace,attr"`
		Types     []struct {
			Name string `xml:"name,attr"`
			xsdType
		} `xml:"complexType"`
		Elements []xsdRoot `xml:"element"`
	}
	xsdRoot struct {
		Name string  `xml:"name,attr"`
		Type xsdType `xml:"complexType"`
	}
	xsdType struct {
		All      *xsdGroup `xml:"all"`
		Sequence *xsdGroup `xml:"sequence"`
		Choice   *xsdGroup `xml:"choice"`
	}
	xsdGroup struct {
		Min      string       `xml:"minOccurs,attr"`
		Elements []xsdElement `xml:"element"`
	}
	xsdElement struct {
		Name   string `xml:"name,attr"`
		Type   string `xml:"type,attr"`
		Min    string `xml:"minOccurs,attr"`
		Max    string `xml:"maxOccurs,attr"`
		Simple *struct {
			Restriction struct {
				Base      string `xml:"base,attr"`
				MaxLength struct {
					Value int `xml:"value,attr"`
				} `xml:"maxLength"`
			} `xml:"restriction"`
		} `xml:"simpleType"`
	}
	definitions struct {
		Namespace string        `xml:"targetNamespace,attr"`
		Schemas   []xsdSchema   `xml:"types>schema"`
		Messages  []wsdlMessage `xml:"message"`
		PortTypes []portType    `xml:"portType"`
		Bindings  []struct {
			Name       string `xml:"name,attr"`
			Type       string `xml:"type,attr"`
			Operations []struct {
				Name string `xml:"name,attr"`
			} `xml:"operation"`
		} `xml:"binding"`
		Ports []struct {
			Name    string `xml:"name,attr"`
			Binding string `xml:"binding,attr"`
			Address struct {
				XMLName  xml.Name
				Location string `xml:"location,attr"`
			} `xml:"address"`
		} `xml:"service>port"`
	}
	wsdlMessage struct {
		Name string `xml:"name,attr"`
		Part struct {
			Element string `xml:"element,attr"`
		} `xml:"part"`
	}
	portType struct {
		Name       string `xml:"name,attr"`
		Operations []struct {
			Name  string `xml:"name,attr"`
			Input struct {
				Message string `xml:"message,attr"`
			} `xml:"input"`
			Output struct {
				Message string `xml:"message,attr"`
			} `xml:"output"`
		} `xml:"operation"`
	}
	// node is an element of a message.
	node struct {
		XMLName xml.Name
		Text    string `xml:",chardata"`
		Kids    []node `xml:",any"`
	}
)

func readWSDL(t testing.TB, w *httptest.ResponseRecorder) definitions {
	t.Helper()
	var d definitions
	if err := xml.Unmarshal(w.Body.Bytes(), &d); err != nil || w.Code != 200 {
		t.Fatalf("%v: %d %s", err, w.Code, w.Body)
	}
	return d
}

// validate holds an element of a message against the schema of its namespace.
func (d definitions) validate(n node) error {
	for _, s := range d.Schemas {
		for _, e := range s.Elements {
			if s.Namespace == n.XMLName.Space && e.Name == n.XMLName.Local {
				return s.fits(n, e.Type)
			}
		}
	}
	return fmt.Errorf("%s is not described", n.XMLName)
}

func (s xsdSchema) fits(n node, of xsdType) error {
	name := n.XMLName.Local
	if strings.TrimSpace(n.Text) != "" {
		return fmt.Errorf("%s holds text", name)
	}
	group := of.All
	switch {
	case of.Sequence != nil:
		group = of.Sequence
	case of.Choice != nil:
		group = of.Choice
		if len(n.Kids) > 1 || len(n.Kids) == 0 && group.Min != "0" {
			return fmt.Errorf("%s holds %d parts, of which one is to be chosen", name, len(n.Kids))
		}
	case group == nil:
		return fmt.Errorf("%s has no type", name)
	}
	seen, last := map[string]int{}, 0
	for _, k := range n.Kids {
		at := slices.IndexFunc(group.Elements, func(e xsdElement) bool { return e.Name == k.XMLName.Local })
		if at < 0 || k.XMLName.Space != s.Namespace {
			return fmt.Errorf("%s holds %s", name, k.XMLName)
		}
		e := group.Elements[at]
		if seen[e.Name]++; seen[e.Name] > 1 && e.Max != "unbounded" || of.Sequence != nil && at < last {
			return fmt.Errorf("%s holds %s too often or too late", name, e.Name)
		}
		last = at
		if err := s.fitsElement(k, e); err != nil {
			return err
		}
	}
	for _, e := range group.Elements {
		if seen[e.Name] == 0 && e.Min != "0" && of.Choice == nil {
			return fmt.Errorf("%s lacks %s", name, e.Name)
		}
	}
	return nil
}

func (s xsdSchema) fitsElement(n node, e xsdElement) error {
	kind := e.Type
	if e.Simple != nil {
		kind = e.Simple.Restriction.Base
		if most := e.Simple.Restriction.MaxLength.Value; len([]rune(n.Text)) > most {
			return fmt.Errorf("%s is longer than %d", e.Name, most)
		}
	}
	if local, ok := strings.CutPrefix(kind, "t:"); ok {
		for _, named := range s.Types {
			if named.Name == local {
				return s.fits(n, named.xsdType)
			}
		}
		return fmt.Errorf("there is no type %s", local)
	}
	if len(n.Kids) > 0 {
		return fmt.Errorf("%s holds elements", e.Name)
	}
	var err error
	switch kind {
	case "xs:int":
		_, err = strconv.ParseInt(n.Text, 10, 32)
	case "xs:boolean":
		_, err = strconv.ParseBool(n.Text)
	case "xs:base64Binary":
		_, err = base64.StdEncoding.DecodeString(n.Text)
	case "xs:string":
	default:
		err = fmt.Errorf("%s has the unknown type %q", e.Name, kind)
	}
	return err
}

// bodyOf is what stands in the body of an envelope, or in the detail of its fault.
func bodyOf(t testing.TB, b string) node {
	t.Helper()
	var e struct {
		Body node
	}
	if err := xml.Unmarshal([]byte(b), &e); err != nil || len(e.Body.Kids) != 1 {
		t.Fatalf("%v: %s", err, b)
	}
	n := e.Body.Kids[0]
	if n.XMLName.Local != "Fault" {
		return n
	}
	for _, k := range n.Kids {
		if strings.EqualFold(k.XMLName.Local, "detail") && len(k.Kids) == 1 {
			return k.Kids[0]
		}
	}
	t.Fatalf("a fault without a detail: %s", b)
	return n
}

// answers are calls of every operation, by its name.
func answers() map[string]string {
	who := strings.ReplaceAll(head, "</x:MaDVC>", "</x:MaDVC><x:MaDichVu>1.001193</x:MaDichVu>")
	list := "<x:IdYeuCau>l1</x:IdYeuCau>"
	out := map[string]string{}
	for _, name := range contract.Operations() {
		op, _ := contract.OperationNamed(name)
		inner := map[string]string{
			"place": "<x:MaTinhThanh>01</x:MaTinhThanh>", "age": "<x:TuTuoi>0</x:TuTuoi><x:DenTuoi>9</x:DenTuoi>",
		}[op.By]
		switch {
		case op.AboutPerson():
			inner = person + thuNamed
		case op.AboutList():
			inner = list
		case op.Value != "":
			inner = "<x:" + op.Value + ">1</x:" + op.Value + ">"
		}
		out[name] = soap(name, who+inner)
	}
	return out
}

func codeFor(name string) string {
	if op, _ := contract.OperationNamed(name); len(op.Codes) > 0 {
		return op.Codes[0]
	}
	return "099"
}

// TestAnswersFitTheirDescription: what every operation answers, and what it refuses, is what
// its schema says, in both namespaces and versions.
func TestAnswersFitTheirDescription(t *testing.T) {
	t.Parallel()
	for query, namespace := range map[string]string{"wsdl": "http://dancuquocgia.bca", "wsdl=qldc": "http://gtel.vn/qldc"} {
		for name, call := range answers() {
			for _, version := range []string{env11, env12} {
				c := newCountry(t)
				code := codeFor(name)
				d := readWSDL(t, c.get(t, "http://gw.local/csdlqgdc/"+code+"?"+query))
				call = strings.ReplaceAll(strings.ReplaceAll(call, "http://dancuquocgia.bca", namespace), env11, version)
				w := c.post(t, code, call)
				if w.Code != 200 {
					t.Fatalf("%s: %d %s", name, w.Code, w.Body)
				}
				if err := d.validate(bodyOf(t, w.Body.String())); err != nil {
					t.Errorf("%s: %v: %s", name, err, w.Body)
				}
				w = c.post(t, code, strings.Replace(call, "canbo.test", "ai.do", 1))
				if err := d.validate(bodyOf(t, w.Body.String())); err != nil || w.Code == 200 {
					t.Errorf("%s, refused: %v: %s", name, err, w.Body)
				}
			}
		}
	}
	c := newCountry(t)
	d := readWSDL(t, c.get(t, "http://gw.local/csdlqgdc/037?wsdl"))
	for _, number := range []string{"001090000002", "001145000009", "001190000033"} {
		w := c.post(t, "037", soap("TraCuuThongTinCongDan", strings.Replace(head, ">1<", ">"+number+"<", 1)+"<x:SoDinhDanh>"+number+"</x:SoDinhDanh>"))
		if err := d.validate(bodyOf(t, w.Body.String())); err != nil || w.Code != 200 {
			t.Errorf("%s: %v: %s", number, err, w.Body)
		}
	}
	if err := d.validate(bodyOf(t, sample(t, "TraCuuThongTinCongDan-037.request.xml"))); err != nil {
		t.Errorf("the sample's call: %v", err)
	}
	if err := d.validate(node{XMLName: xml.Name{Space: "http://www.mic.gov.vn/dancu/1.0", Local: "CongdanCollection"}, Text: "x"}); err == nil {
		t.Error("the check of this test lets everything pass")
	}
}

// TestDescribedFields: what the schema says must be there is what a call is refused without,
// and nothing else of it has to be.
func TestDescribedFields(t *testing.T) {
	t.Parallel()
	for name := range answers() {
		code := codeFor(name)
		d := readWSDL(t, newCountry(t).get(t, "http://gw.local/csdlqgdc/"+code+"?wsdl"))
		i := slices.IndexFunc(d.Schemas[0].Elements, func(e xsdRoot) bool { return e.Name == name })
		if i < 0 {
			t.Fatalf("%s is not described", name)
		}
		values := map[string]string{
			"MaYeuCau": "1", "MaDVC": "1.001193", "MaDichVu": "1.001193", "MaCanBo": "canbo.test", "MaTichHop": code, "IdYeuCau": "l1",
			"TuTuoi": "1", "DenTuoi": "2", "DanToc": "01", "TonGiao": "00", "GioiTinh": "1", "NhomMau": "00",
		}
		op, _ := contract.OperationNamed(name)
		var must []string
		for _, e := range d.Schemas[0].Elements[i].Type.All.Elements {
			if e.Min != "0" {
				must = append(must, e.Name)
			}
		}
		call := func(without string) *httptest.ResponseRecorder {
			var inner strings.Builder
			for _, f := range must {
				if f != without {
					inner.WriteString("<x:" + f + ">" + values[f] + "</x:" + f + ">")
				}
			}
			if op.AboutPerson() {
				inner.WriteString(person + thuNamed)
			}
			if op.By == "place" {
				inner.WriteString("<x:MaDiaPhuong>01</x:MaDiaPhuong>")
			}
			return newCountry(t).post(t, code, soap(name, inner.String()))
		}
		if w := call(""); w.Code != 200 {
			t.Errorf("%s with %v: %s", name, must, w.Body)
		}
		for _, f := range must {
			if w := call(f); !strings.Contains(w.Body.String(), "<ns1:MaLoi>missing<") || !strings.Contains(w.Body.String(), f) {
				t.Errorf("%s without %s: %s", name, f, w.Body)
			}
		}
	}
}

// TestDescription: each operation is described once for each address, with what its binding,
// messages and addresses name.
func TestDescription(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	d := readWSDL(t, c.get(t, "http://gw.local:8037/csdlqgdc/?WSDL"))
	described := map[string]bool{}
	for _, p := range d.PortTypes {
		for _, op := range p.Operations {
			described[op.Name] = true
			for _, m := range []string{op.Input.Message, op.Output.Message} {
				i := slices.IndexFunc(d.Messages, func(x wsdlMessage) bool { return "tns:"+x.Name == m })
				if i < 0 {
					t.Fatalf("%s: there is no message %s", op.Name, m)
				}
				space, local, _ := strings.Cut(d.Messages[i].Part.Element, ":")
				n := node{XMLName: xml.Name{Space: map[string]string{"tns": d.Namespace, "cd": "http://www.mic.gov.vn/dancu/1.0"}[space], Local: local}}
				if err := d.validate(n); err != nil && strings.Contains(err.Error(), "not described") {
					t.Errorf("%s: %v", op.Name, err)
				}
			}
		}
	}
	for _, name := range contract.Operations() {
		if !described[name] {
			t.Errorf("%s is not described", name)
		}
	}
	for _, b := range d.Bindings {
		p := slices.IndexFunc(d.PortTypes, func(p portType) bool { return "tns:"+p.Name == b.Type })
		if p < 0 || len(b.Operations) != len(d.PortTypes[p].Operations) {
			t.Errorf("binding %s of %s", b.Name, b.Type)
		}
	}
	for _, tt := range []struct{ url, host, forwarded, want string }{
		{"http://gw.local:8037/csdlqgdc/037?wsdl", "", "", "http://gw.local:8037/csdlqgdc/037"},
		{"https://gw.local/csdlqgdc/037/?wsdl", "", "", "https://gw.local/csdlqgdc/037"},
		{"http://10.0.0.5:8037/csdlqgdc/033?singleWsdl", "lgsp.example.vn", "", "https://lgsp.example.vn/csdlqgdc/033"},
		{"http://10.0.0.5:8037/csdlqgdc/033?wsdl", "", "lgsp.example.vn", "https://lgsp.example.vn/csdlqgdc/033"},
		{"http://10.0.0.5:8037/csdlqgdc/033?wsdl", "", "evil.example", "http://10.0.0.5:8037/csdlqgdc/033"},
		{`http://gw.local/csdlqgdc/099?wsdl`, `a"><b`, "", `http://a"><b/csdlqgdc/099`},
	} {
		d := readWSDL(t, c.get(t, tt.url, func(r *http.Request) {
			if tt.host != "" {
				r.Host = tt.host
			}
			r.Header.Set("X-Forwarded-Host", tt.forwarded)
		}))
		if len(d.Ports) != 2 || d.Ports[0].Address.Location != tt.want || d.Ports[1].Address.Location != tt.want {
			t.Errorf("%s: %+v, want %s", tt.url, d.Ports, tt.want)
		}
		if v := d.Ports[1].Address.XMLName.Space; !strings.Contains(v, "soap12") {
			t.Errorf("the second port is of %s", v)
		}
	}
	for url, want := range map[string]int{
		"http://gw.local/csdlqgdc/?xsd=call": 200, "http://gw.local/csdlqgdc/037?xsd=answer": 200, "http://gw.local/csdlqgdc/?xsd=qldc.fault": 200,
		"http://gw.local/csdlqgdc/?xsd=other": 404, "http://gw.local/csdlqgdc/a/b?wsdl": 404, "http://gw.local/csdlqgdc/037": 405,
		"http://gw.local/csdlqgdc/037?x": 405,
	} {
		w := c.get(t, url)
		if w.Code != want || want == 200 && wellFormed(w.Body.Bytes()) != nil {
			t.Errorf("%s: %d %s", url, w.Code, w.Body)
		}
	}
	if len(c.asked) > 0 || len(c.calls) != 2 {
		t.Errorf("asked %d times, %d calls in the log, want the two that are none of a description", len(c.asked), len(c.calls))
	}
	if w := c.post(t, "037", soap("TraCuuThongTinCongDan", head+person), func(r *http.Request) { r.URL.RawQuery = "wsdl" }); w.Code != 200 {
		t.Errorf("a call at the address of its description: %d %s", w.Code, w.Body)
	}
}
