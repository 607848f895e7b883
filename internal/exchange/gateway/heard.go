package gateway

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"sync"
)

// net/http gives headers under names of its own writing ("X-Road-Userid"). A service may
// look for the name as its caller wrote it, so the port for local systems keeps the head
// of each request as it came beside what net/http makes of it, and nothing but the case
// of letters is ever taken from there.

// heard is a connection that keeps the head of the request which is under way on it.
type heard struct {
	net.Conn
	mu    sync.Mutex
	head  []byte
	whole bool // nothing more is kept until the next request
}

// heardTLS is heard over TLS. net/http asks it for the state of that.
type heardTLS struct {
	heard
	tls *tls.Conn
}

type heardKey struct{}

// keptHead is how large a buffer a connection keeps between two requests.
const keptHead = 4 << 10

// hearing wraps a connection of the local port, one of TLS too.
func hearing(c net.Conn) net.Conn {
	if t, ok := c.(*tls.Conn); ok {
		return &heardTLS{heard: heard{Conn: c}, tls: t}
	}
	return &heard{Conn: c}
}

// ConnectionState says what TLS has come to, and has it come to that first: net/http
// asks once, before it reads. A handshake that failed says so at the first read.
func (c *heardTLS) ConnectionState() tls.ConnectionState {
	ctx, cancel := context.WithTimeout(context.Background(), decideWithin)
	defer cancel()
	_ = c.tls.HandshakeContext(ctx)
	return c.tls.ConnectionState()
}

// Read reads, and keeps what belongs to a head.
func (c *heard) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.keep(b[:n])
	}
	return n, err
}

func (c *heard) keep(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.whole {
		return
	}
	from := max(0, len(c.head)-3)
	c.head = append(c.head, b...)
	end := -1
	for _, blank := range [][]byte{[]byte("\n\r\n"), []byte("\n\n")} {
		if i := bytes.Index(c.head[from:], blank); i >= 0 && (end < 0 || from+i < end) {
			end = from + i
		}
	}
	if end >= 0 {
		c.head, c.whole = c.head[:end+1], true
	} else if len(c.head) > 2*maxHeader { // net/http has given up before
		c.head, c.whole = nil, true
	}
}

// next begins to listen for another head.
func (c *heard) next() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.whole = false; cap(c.head) > keptHead {
		c.head = nil
	}
	c.head = c.head[:0]
}

// names gives the headers' names that were written otherwise than net/http has them,
// by the name that it has; the first writing of each. Of requests that were sent before
// the answer to the one before them there may be none.
func (c *heard) names() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out map[string]string
	_, lines, _ := bytes.Cut(c.head, []byte{'\n'})
	for line := range bytes.Lines(lines) {
		word, _, found := bytes.Cut(line, []byte{':'})
		name := string(word)
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		if !found || canonical == name || !strings.EqualFold(canonical, name) {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		if _, before := out[canonical]; !before {
			out[canonical] = name
		}
	}
	return out
}

// hear tells the handlers of a server of the connection that a request came on.
func hear(s *http.Server) {
	of := func(c net.Conn) *heard {
		switch c := c.(type) {
		case *heard:
			return c
		case *heardTLS:
			return &c.heard
		}
		return nil
	}
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if h := of(c); h != nil {
			return context.WithValue(ctx, heardKey{}, h)
		}
		return ctx
	}
	s.ConnState = func(c net.Conn, state http.ConnState) {
		if h := of(c); h != nil && state == http.StateIdle {
			h.next()
		}
	}
}

// namesHeard gives the names of a request's headers as its client wrote them.
func namesHeard(ctx context.Context) map[string]string {
	if h, ok := ctx.Value(heardKey{}).(*heard); ok {
		return h.names()
	}
	return nil
}

// hearingListener is a listener whose connections are heard.
type hearingListener struct{ net.Listener }

// Accept gives the next connection.
func (l hearingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return hearing(c), nil
}

// headerNames tells the other gateway how a client wrote the names of its headers. It
// stands outside of what is signed, which has names in lower case: no more than the case
// of letters in a signed name hangs on it. Gateways that do not know it leave it alone.
const headerNames = wrapper + "Names"

const maxNames = 16 << 10

// writeNames puts names into the headers of a message.
func writeNames(h http.Header, names map[string]string) {
	list := make([]string, 0, len(names))
	for canonical, name := range names {
		if _, there := h[canonical]; there {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	if text := strings.Join(list, ","); text != "" && len(text) <= maxNames {
		h[headerNames] = []string{text}
	}
}

// readNames reads what writeNames wrote, as far as it is about headers that are there.
func readNames(h, plain http.Header) map[string]string {
	text, ok := one(h, headerNames)
	if !ok || len(text) > maxNames {
		return nil
	}
	out := map[string]string{}
	for name := range strings.SplitSeq(text, ",") {
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		if _, there := plain[canonical]; there && strings.EqualFold(canonical, name) {
			out[canonical] = name
		}
	}
	return out
}

// spelled gives headers under the names that their client wrote.
func spelled(h http.Header, names map[string]string) http.Header {
	for canonical, name := range names {
		if values, there := h[canonical]; there {
			delete(h, canonical)
			h[name] = values
		}
	}
	return h
}
