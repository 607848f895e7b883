package contractsoap_test

import (
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
)

const (
	env11 = "http://schemas.xmlsoap.org/soap/envelope/"
	env12 = "http://www.w3.org/2003/05/soap-envelope"
)

func newer(s string) string { return strings.ReplaceAll(s, env11, env12) }

// faulty is a fault of SOAP 1.2.
type faulty struct {
	XMLName xml.Name
	Header  struct {
		NotUnderstood []struct {
			QName string `xml:"qname,attr"`
		} `xml:"http://www.w3.org/2003/05/soap-envelope NotUnderstood"`
		Upgrade *struct {
			SupportedEnvelope []struct {
				QName string `xml:"qname,attr"`
			}
		} `xml:"http://www.w3.org/2003/05/soap-envelope Upgrade"`
		RelatesTo string `xml:"http://www.w3.org/2005/08/addressing RelatesTo"`
		Action    string `xml:"http://www.w3.org/2005/08/addressing Action"`
	}
	Body struct {
		Fault struct {
			Code struct {
				Value string
			}
			Reason struct {
				Text []struct {
					Lang string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
					Text string `xml:",chardata"`
				}
			}
			Detail struct {
				Loi struct{ MaLoi, MoTa, Description string } `xml:"http://dancuquocgia.bca Loi"`
			}
			Code11 string `xml:"faultcode"`
		} `xml:"Fault"`
	}
}

// TestNewerSOAP: SOAP 1.2 is answered in 1.2, whatever the Content-Type says.
func TestNewerSOAP(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	request := newer(sample(t, "TraCuuThongTinCongDan-037.request.xml"))
	action := as(`application/soap+xml; charset=utf-8; action="http://dancuquocgia.bca/TraCuuThongTinCongDan"`)
	w := c.post(t, "037", request, action)
	if want := newer(sample(t, "TraCuuThongTinCongDan.response.xml")); w.Code != 200 || w.Body.String() != want {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/soap+xml; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
	w = newCountry(t).post(t, "037", request, as("text/xml"))
	if got := w.Header().Get("Content-Type"); w.Code != 200 || !strings.HasPrefix(got, "application/soap+xml") || !strings.Contains(w.Body.String(), env12) {
		t.Errorf("said to be text/xml: %d %q %s", w.Code, got, w.Body)
	}
	w = newCountry(t).post(t, "037", sample(t, "TraCuuThongTinCongDan-037.request.xml"), action)
	if got := w.Header().Get("Content-Type"); w.Code != 200 || !strings.HasPrefix(got, "text/xml") || !strings.Contains(w.Body.String(), env11) {
		t.Errorf("SOAP 1.1 said to be 1.2: %d %q %s", w.Code, got, w.Body)
	}
}

// TestNewerFaults: the shape and the status of what is refused in SOAP 1.2.
func TestNewerFaults(t *testing.T) {
	t.Parallel()
	good := newer(soap("TraCuuThongTinCongDan", head+person))
	must := func(block string) string {
		return strings.Replace(good, "<s:Body>", "<s:Header>"+block+"</s:Header><s:Body>", 1)
	}
	const security = `<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" s:mustUnderstand="true"/>`
	for _, tt := range []struct {
		name, body  string
		change      func(*country, *http.Request)
		status      int
		value, code string
	}{
		{"a field is missing", strings.ReplaceAll(good, "MaYeuCau", "MaKhac"), nil, 400, "Sender", "missing"},
		{"the officer may not", strings.Replace(good, "canbo.test", "canbo.none", 1), nil, 400, "Sender", "005"},
		{"no password", good, func(_ *country, r *http.Request) { r.Header.Del("Authorization") }, 401, "Sender", "401"},
		{"another method", good, func(_ *country, r *http.Request) { r.Method = "PUT" }, 405, "Sender", "method"},
		{"broken", strings.TrimSuffix(good, "</s:Envelope>"), nil, 400, "Sender", "xml"},
		{"not even an envelope", "hello", nil, 400, "Sender", "xml"},
		{"too large", strings.Replace(good, "<s:Body>", strings.Repeat(" ", 70<<10)+"<s:Body>", 1), nil, 400, "Sender", "too_large"},
		{"the register is away", good, func(c *country, _ *http.Request) { c.cut = true }, 500, "Receiver", "network"},
		{"no store", good, func(c *country, _ *http.Request) { c.down = true }, 500, "Receiver", "store"},
		{"packed in an unknown way", good, func(_ *country, r *http.Request) { r.Header.Set("Content-Encoding", "zstd") }, 415, "Sender", "coding"},
		{"a block", must(`<q:Route xmlns:q="urn:q" s:mustUnderstand="true"/>`), nil, 500, "MustUnderstand", "must_understand"},
		{"WS-Security", must(security), nil, 500, "MustUnderstand", "security"},
		{
			"an encrypted body", strings.Replace(good, "<s:Body>", `<s:Body><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"/>`, 1), nil,
			400, "Sender", "security",
		},
		{
			"an answer to elsewhere", must(`<a:ReplyTo xmlns:a="http://www.w3.org/2005/08/addressing"><a:Address>http://x.vn/</a:Address></a:ReplyTo>`), nil,
			400, "Sender", "reply_to",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCountry(t)
			w := c.post(t, "037", tt.body, as("application/soap+xml"), func(r *http.Request) {
				if tt.change != nil {
					tt.change(c, r)
				}
			})
			var f faulty
			if err := xml.Unmarshal(w.Body.Bytes(), &f); err != nil || f.XMLName.Space != env12 {
				t.Fatalf("%v: %s", err, w.Body)
			}
			got := f.Body.Fault
			if w.Code != tt.status || got.Code.Value != "SOAP-ENV:"+tt.value || got.Detail.Loi.MaLoi != tt.code {
				t.Errorf("%d %s %s, want %d %s %s\n%s", w.Code, got.Code.Value, got.Detail.Loi.MaLoi, tt.status, tt.value, tt.code, w.Body)
			}
			texts := got.Reason.Text
			if len(texts) != 2 || texts[0].Lang != "vi" || texts[1].Lang != "en" || texts[1].Text != got.Detail.Loi.Description || texts[1].Text == "" {
				t.Errorf("%+v", texts)
			}
			if not := f.Header.NotUnderstood; (tt.value == "MustUnderstand") != (len(not) == 1) {
				t.Errorf("not understood: %v", not)
			}
			if kind := w.Header().Get("Content-Type"); kind != "application/soap+xml; charset=utf-8" {
				t.Errorf("Content-Type %q", kind)
			}
		})
	}
	w := newCountry(t).post(t, "037", strings.ReplaceAll(good, env12, "urn:soap"))
	var f faulty
	if err := xml.Unmarshal(w.Body.Bytes(), &f); err != nil || w.Code != 500 || f.XMLName.Space != env11 ||
		f.Body.Fault.Code11 != "SOAP-ENV:VersionMismatch" || f.Header.Upgrade == nil || len(f.Header.Upgrade.SupportedEnvelope) != 2 {
		t.Errorf("%v: %d %s", err, w.Code, w.Body)
	}
}

// TestHeaders: what a header holds that need not be understood, or that is.
func TestHeaders(t *testing.T) {
	t.Parallel()
	const addressed = `<a:Action xmlns:a="http://www.w3.org/2005/08/addressing" s:mustUnderstand="1">urn:x</a:Action>` +
		`<a:MessageID xmlns:a="http://www.w3.org/2005/08/addressing">urn:uuid:&lt;1&gt;</a:MessageID>` +
		`<a:ReplyTo xmlns:a="http://www.w3.org/2005/08/addressing"><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>` +
		`<a:To xmlns:a="http://www.w3.org/2005/08/addressing" s:mustUnderstand="1">http://gw.local/csdlqgdc/037</a:To>`
	for _, tt := range []struct{ name, header, want string }{
		{"optional", `<q:A xmlns:q="urn:q"/><q:A xmlns:q="urn:q" s:mustUnderstand="0"/>`, ""},
		{"for another on the way", `<q:A xmlns:q="urn:q" s:mustUnderstand="1" s:ACTOR="urn:proxy"/>`, ""},
		{"for us by another name", `<q:A xmlns:q="urn:q" s:mustUnderstand="1" s:ACTOR=""/>`, "must_understand"},
		{"for the next", `<q:A xmlns:q="urn:q" s:mustUnderstand="1" s:ACTOR="http://schemas.xmlsoap.org/soap/actor/next"/>`, "must_understand"},
		{"another version's", `<q:A xmlns:q="urn:q" xmlns:o="urn:o" o:mustUnderstand="1"/>`, ""},
		{"security that need not be understood", `<q:Security xmlns:q="urn:q"/>`, ""},
		{"addressing", addressed, ""},
		{"many", strings.Repeat(`<q:A xmlns:q="urn:q"/>`, 60), "xml"},
	} {
		for version, name := range map[string]string{env11: "actor", env12: "role"} {
			body := strings.ReplaceAll(soap("TraCuuThongTinCongDan", head+person), env11, version)
			body = strings.Replace(body, "<s:Body>", "<s:Header>"+strings.ReplaceAll(tt.header, "ACTOR", name)+"</s:Header><s:Body>", 1)
			w := newCountry(t).post(t, "037", body)
			if ok := tt.want == ""; ok != (w.Code == 200) || !ok && !strings.Contains(w.Body.String(), "<ns1:MaLoi>"+tt.want+"<") {
				t.Errorf("%s, %s: %d %s", tt.name, version, w.Code, w.Body)
			}
			var f faulty
			if err := xml.Unmarshal(w.Body.Bytes(), &f); err != nil {
				t.Fatal(err)
			}
			if related := f.Header.RelatesTo; tt.name == "addressing" &&
				(related != "urn:uuid:<1>" || f.Header.Action != "http://dancuquocgia.bca/TraCuuThongTinCongDanResponse") {
				t.Errorf("related to %q by %q", related, f.Header.Action)
			}
		}
	}
	c := newCountry(t)
	c.post(t, "037", soap("TraCuuThongTinCongDan", head+person), as("application/soap+xml"))
	if got := c.lastCall(t); got.Outcome != "answered" || got.System != "test-user" || got.Operation != "TraCuuThongTinCongDan" {
		t.Errorf("logged %+v", got)
	}
}
