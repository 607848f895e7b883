package gateway

import (
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

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
	"Http2-Settings": dropped, headerGovStack: dropped,

	xroad.HeaderService: ours, xroad.HeaderRequestHash: ours, xroad.HeaderFields: ours,
	xroad.HeaderRight: ours, xroad.HeaderPersons: ours, exchange.HeaderHead: ours, headerHistory: ours,

	exchange.HeaderContentDigest: wrapped, exchange.HeaderSignature: wrapped, exchange.HeaderSignatureInput: wrapped, "Cookie": wrapped,
}

// headerHistory would let a peer say more than it signed; no gateway reads it.
const headerHistory = "X-Dean06-Via"

// headerGovStack is X-Road-Client for GovStack's paths on the local port; it goes no further.
const headerGovStack = "X-Govstack-Client"

// told are the headers of X-Road and of ours that a client may send on; a service
// hears of no others but those that its gateway sets.
var told = map[string]bool{
	xroad.HeaderClient: true, xroad.HeaderID: true, xroad.HeaderRequestID: true, xroad.HeaderUserID: true, xroad.HeaderIssue: true,
	xroad.HeaderServer: true, xroad.HeaderRepresented: true, xroad.HeaderPurpose: true,
}

// reading is what some receiver could make of a header's name: CGI, WSGI, Rack and
// Servlet containers read letters without their case and take "-", "_", "." and what
// else is neither letter nor digit for the same sign.
type reading int

const (
	plainName    reading = iota // letters, digits and dashes: means itself to every receiver
	doubtful                    // some receiver takes it for another name
	reservedName                // a header of X-Road or ours, written as it should be
	pretending                  // some receiver takes it for a header of X-Road or ours
)

// readingOf classifies a header's name.
func readingOf(name string) reading {
	clean := true
	for i := 0; i < len(name) && clean; i++ {
		c := name[i]
		clean = c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-'
	}
	if clean && (len(name) < 2 || name[0]|0x20 != 'x' || name[1] != '-') {
		return plainName // nearly all are
	}
	if reserved(name) {
		_, handled := handlings[name]
		if clean && (handled || told[name] || name == xroad.HeaderError || strings.HasPrefix(name, wrapper)) {
			return reservedName
		}
		return pretending
	}
	if !clean {
		return doubtful
	}
	return plainName
}

// reserved says whether a name can be read as one of X-Road's, of ours or of
// GovStack's client. Letters of other scripts that look like ours count as theirs.
func reserved(name string) bool {
	var folded []byte
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z':
			folded = append(folded, byte(r)-'a'+'A')
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			folded = append(folded, byte(r))
		case r >= utf8.RuneSelf:
			return true // no header's name has such a sign: whoever sends it wants it misread
		case len(folded) > 0 && folded[len(folded)-1] != '_':
			folded = append(folded, '_')
		}
	}
	word := strings.TrimRight(string(folded), "_")
	for _, prefix := range []string{"X_ROAD", "X_DEAN06", "X_GOVSTACK"} {
		if rest, ok := strings.CutPrefix(word, prefix); ok && (rest == "" || rest[0] == '_') {
			return true
		}
	}
	return false
}

// pretender finds a header that some receiver could take for one of X-Road's or ours
// and that is not written as those are. The first by name, so that the same request is
// refused with the same words.
func pretender(in http.Header) (name string, found bool) {
	for n := range in {
		if readingOf(n) == pretending && (!found || n < name) {
			name, found = n, true
		}
	}
	return name, found
}

// requestHeader gives the headers of a client that travel. What is in doubt does not;
// see also pretender.
func requestHeader(in http.Header) http.Header {
	out := make(http.Header, len(in)+3)
	hops := hops(in)
	for name, values := range in {
		switch {
		case handlings[name] == dropped, handlings[name] == ours, strings.HasPrefix(name, wrapper), slices.Contains(hops, name):
		case misread(name), name == xroad.HeaderError, name == headerMediator:
		default:
			out[name] = values
		}
	}
	return out
}

// misread says of a name that it must not reach anybody: some receiver could take it
// for another.
func misread(name string) bool {
	r := readingOf(name)
	return r == doubtful || r == pretending
}

// unmistakable takes out of headers what a receiver could take for others than they
// are, and what of X-Road's and ours is not passed on: the last thing before a service
// sees them, whatever a peer has signed.
func unmistakable(h http.Header) http.Header {
	delete(h, headerMediator) // an older gateway passes it on, and a service of GovStack's believes it
	for name := range h {
		if r := readingOf(name); r != plainName && (r != reservedName || !told[name]) {
			delete(h, name)
		}
	}
	return h
}

// responseHeader gives the headers of an answer that travel: of X-Road's and ours
// there are none that a service may set.
func responseHeader(in http.Header) http.Header {
	out := requestHeader(in)
	for name := range out {
		if readingOf(name) != plainName {
			delete(out, name)
		}
	}
	if dates := out["Date"]; len(dates) > 1 {
		out["Date"] = dates[:1]
	}
	return out
}

// lengthOf gives the length that a header of an answer to HEAD tells; "" when it tells none.
func lengthOf(method string, h http.Header, name string) string {
	if method != http.MethodHead {
		return ""
	}
	text, ok := one(h, name)
	if _, err := strconv.ParseUint(text, 10, 63); !ok || err != nil {
		return ""
	}
	return text
}

// hops are the names that a Connection header takes off the message; X-Road's and
// ours cannot be taken off that way.
func hops(in http.Header) []string {
	var list []string
	for _, v := range in["Connection"] {
		for name := range strings.SplitSeq(v, ",") {
			name = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))
			if !reserved(name) {
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
