package gateway

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"dean06/internal/xroad"
)

// X-Road has more ways to ask a security server than REST. Whoever tries one of them
// here is told, in a form that they read, what there is instead.

const useREST = "X-Road's SOAP protocol is not spoken here; X-Road's REST protocol is: " +
	"METHOD /r1/INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE with header X-Road-Client"

// otherWay answers what is no REST request of X-Road; nil for all else.
func (g *Gateway) otherWay(r *http.Request) *reply {
	if strings.HasPrefix(r.URL.Path, prefixR1) {
		return nil
	}
	var text string
	switch query := r.URL.Query(); {
	case r.URL.Path == "/verificationconf":
		text = "there is no /verificationconf: the signed configuration is at GET /exchange/v1/configuration of the hub, " +
			"and a proof file brings the certificates that it needs (dean06 proof verify)"
	case r.URL.Path == "/asic":
		text = "there is no /asic: `dean06 proof export --message ID`, or the page Gateway, Log, gives a proof file, and `dean06 proof verify FILE` checks it"
	case r.Method == http.MethodPost:
		if soap, newer := speaksSOAP(r); soap {
			return g.soapFault(newer)
		}
		return nil
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return nil
	case query.Has("wsdl"), query.Has("WSDL"), strings.HasSuffix(strings.ToLower(r.URL.Path), "/wsdl"):
		text = "there is no WSDL: " + useREST + ". What there is says GET …/SUBSYSTEM/listMethods and …/SUBSYSTEM/getOpenAPI?serviceCode=SERVICE"
	default:
		return nil
	}
	out := g.turnAway(xroad.Errorf(xroad.BadRequest, "%s", text), newDetail(), r.Header["Accept"])
	out.status = http.StatusNotFound
	return out
}

const soap12 = "application/soap+xml" // SOAP 1.2; its predecessor is text/xml

// soapSniffed is how much of a body is looked at for an envelope.
const soapSniffed = 4 << 10

// speaksSOAP says whether a request is one of SOAP, and whether of version 1.2.
func speaksSOAP(r *http.Request) (soap, newer bool) {
	head := make([]byte, soapSniffed)
	n, err := io.ReadFull(r.Body, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, false
	}
	head = bytes.ReplaceAll(head[:n], []byte{0}, nil) // UTF-16 too
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	newer = kind == soap12 || params["type"] == soap12 || bytes.Contains(head, []byte("http://www.w3.org/2003/05/soap-envelope"))
	// Compressed, or with attachments before the envelope, it is known by its kind.
	return newer || kind == "text/xml" || kind == "multipart/related" || r.Header.Get("Soapaction") != "" ||
		bytes.Contains(head, []byte("http://schemas.xmlsoap.org/soap/envelope/")), newer
}

// soapFault says that SOAP is not spoken, as SOAP says such things.
func (g *Gateway) soapFault(newer bool) *reply {
	code, detail := xroad.BadRequest.In(g.set.Style), newDetail()
	g.turnAway(xroad.Errorf(xroad.BadRequest, "%s", useREST), detail, nil).body.Close()
	var words bytes.Buffer
	_ = xml.EscapeText(&words, []byte(useREST)) // a buffer takes all
	kind, space := "text/xml;charset=utf-8", "http://schemas.xmlsoap.org/soap/envelope/"
	fault := "<faultcode>" + code + "</faultcode><faultstring>" + words.String() + "</faultstring><detail><faultDetail>" + detail +
		"</faultDetail></detail>"
	if newer {
		kind, space = "application/soap+xml;charset=utf-8", "http://www.w3.org/2003/05/soap-envelope"
		fault = `<env:Code><env:Value>env:Sender</env:Value></env:Code><env:Reason><env:Text xml:lang="en">` + words.String() + "</env:Text></env:Reason>" +
			"<env:Detail><faultDetail>" + detail + "</faultDetail></env:Detail>"
	}
	body := xml.Header + `<env:Envelope xmlns:env="` + space + `"><env:Body><env:Fault>` + fault + "</env:Fault></env:Body></env:Envelope>"
	return &reply{
		status: http.StatusInternalServerError, // as SOAP has it (SOAP 1.1, section 6.2)
		header: http.Header{"Content-Type": {kind}, xroad.HeaderError: {code}}, body: spoolBytes([]byte(body)),
	}
}
