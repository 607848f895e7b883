package gateway

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// handling is what becomes of a header on its way from a client to a service or back.
type handling int

const (
	travels handling = iota
	dropped          // between two neighbours only
	ours             // set by gateways, never taken from outside
	wrapped          // travels under another name, because gateways use the name between them
)

// wrapper is put before the names of headers that are wrapped. Cookies are, because
// HTTP/2 cuts them up and puts them together again in another form.
const wrapper = "X-Dean06-Own-"

var handlings = map[string]handling{
	"Transfer-Encoding": dropped, "Keep-Alive": dropped, "Proxy-Authenticate": dropped, "Proxy-Authorization": dropped,
	"Te": dropped, "Trailer": dropped, "Upgrade": dropped, "Connection": dropped, "Proxy-Connection": dropped,
	"User-Agent": dropped, "Host": dropped, "Content-Length": dropped, "Server": dropped, "Expect": dropped,
	"Http2-Settings": dropped,

	xroad.HeaderService: ours, xroad.HeaderRequestHash: ours, xroad.HeaderFields: ours,
	xroad.HeaderRight: ours, exchange.HeaderHead: ours, headerHistory: ours,

	exchange.HeaderContentDigest: wrapped, exchange.HeaderSignature: wrapped, exchange.HeaderSignatureInput: wrapped, "Cookie": wrapped,
}

// headerHistory would let a peer say more than it signed; no gateway reads it.
const headerHistory = "X-Dean06-Via"

// requestHeader gives the headers of a client that travel.
func requestHeader(in http.Header) http.Header {
	out := make(http.Header, len(in)+3)
	hops := hops(in)
	for name, values := range in {
		switch {
		case handlings[name] == dropped, handlings[name] == ours, strings.HasPrefix(name, wrapper), slices.Contains(hops, name):
		default:
			out[name] = values
		}
	}
	return out
}

// responseHeader gives the headers of a service's answer that travel.
func responseHeader(in http.Header) http.Header {
	out := requestHeader(in)
	for _, name := range []string{xroad.HeaderClient, xroad.HeaderID, xroad.HeaderRequestID, xroad.HeaderError} {
		delete(out, name)
	}
	if dates := out["Date"]; len(dates) > 1 {
		out["Date"] = dates[:1]
	}
	return out
}

// hops are the names that a Connection header takes off the message; X-Road's and
// ours cannot be taken off that way.
func hops(in http.Header) []string {
	var list []string
	for _, v := range in["Connection"] {
		for name := range strings.SplitSeq(v, ",") {
			name = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))
			if !strings.HasPrefix(name, "X-Road-") && !strings.HasPrefix(name, "X-Dean06-") {
				list = append(list, name)
			}
		}
	}
	return list
}

// wire gives headers as they stand between two gateways, with room for more.
func wire(plain http.Header) http.Header {
	out := make(http.Header, len(plain)+12)
	for name, values := range plain {
		if handlings[name] == wrapped {
			name = wrapper + name
		}
		out[name] = values
	}
	return out
}

// unwire is the way back; what gateways set themselves is left out.
func unwire(in http.Header, response bool) http.Header {
	out := make(http.Header, len(in))
	for name, values := range in {
		if own, ok := strings.CutPrefix(name, wrapper); ok {
			if handlings[own] == wrapped {
				out[own] = values
			}
			continue
		}
		if handlings[name] != travels {
			continue
		}
		if response && (name == xroad.HeaderClient || name == xroad.HeaderID || name == xroad.HeaderRequestID) {
			continue
		}
		out[name] = values
	}
	return out
}

// lowerNames saves the making of small strings for the headers that come always.
var lowerNames = func() map[string]string {
	m := map[string]string{}
	for _, name := range []string{
		"Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Content-Type", "Content-Encoding", "Cookie", "Date",
		"Etag", "Last-Modified", "Location", "Vary",
		xroad.HeaderClient, xroad.HeaderID, xroad.HeaderRequestID, xroad.HeaderUserID, xroad.HeaderIssue, xroad.HeaderPurpose,
		xroad.HeaderServer, xroad.HeaderRepresented, xroad.HeaderError,
	} {
		m[name] = strings.ToLower(name)
	}
	return m
}()

// headText is the canonical form of a message's head; see exchange.HeadText.
func headText(first string, plain http.Header) []byte {
	fields := make([]exchange.HeadField, 0, len(plain)+2)
	for name, values := range plain {
		lower, ok := lowerNames[name]
		if !ok {
			lower = strings.ToLower(name)
		}
		for _, v := range values {
			fields = append(fields, exchange.HeadField{Name: lower, Value: v})
		}
	}
	return exchange.HeadText(first, fields)
}
