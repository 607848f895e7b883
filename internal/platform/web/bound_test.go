package web

import (
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
)

// line is a connection of somebody.
type line struct {
	net.Conn
	from   net.Addr
	closed atomic.Bool
}

func (l *line) RemoteAddr() net.Addr { return l.from }
func (l *line) Close() error         { l.closed.Store(true); return nil }

// queue is a listener at which those stand who were put there.
type queue struct {
	net.Listener
	lines []*line
}

var errNobody = errors.New("nobody else comes")

func (q *queue) Accept() (net.Conn, error) {
	if len(q.lines) == 0 {
		return nil, errNobody
	}
	c := q.lines[0]
	q.lines = q.lines[1:]
	return c, nil
}

// TestBound: one address has its bound, a proxy and this machine only that of all, and
// when all is used up whoever has most gives way.
func TestBound(t *testing.T) {
	t.Parallel()
	q := &queue{}
	ln := Bound(q, Bounds{All: 8, One: 3, Trusted: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}})
	come := func(from string) (c net.Conn, raw *line) {
		t.Helper()
		raw = &line{from: net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(from), 1))}
		q.lines = append(q.lines, raw)
		c, err := ln.Accept()
		if (err != nil) != raw.closed.Load() {
			t.Fatalf("%s: %v, closed %v", from, err, raw.closed.Load())
		}
		return c, raw
	}
	var first net.Conn
	for i := range 4 {
		c, _ := come("192.0.2.1")
		if (c != nil) != (i < 3) {
			t.Errorf("connection %d of one address is let in: %v", i+1, c != nil)
		}
		if i == 0 {
			first = c
		}
	}
	_ = first.Close()
	_ = first.Close() // again makes no more room
	if c, _ := come("::ffff:192.0.2.1"); c == nil {
		t.Error("the room of a closed connection is not free")
	}
	if c, _ := come("192.0.2.1"); c != nil {
		t.Error("closing twice made room for two")
	}
	var proxied []*line
	for range 5 { // more than one may, and now there are 8
		c, raw := come("10.9.0.1")
		if c == nil {
			t.Fatal("a proxy is bounded as one address")
		}
		proxied = append(proxied, raw)
	}
	if c, _ := come("198.51.100.7"); c == nil || !proxied[4].closed.Load() {
		t.Error("whoever has most does not give way to somebody new")
	}
	if c, _ := come("10.9.0.1"); c != nil {
		t.Error("whoever has most takes the place of others")
	}
	if c, _ := come("127.0.0.1"); c == nil {
		t.Error("this machine finds no place")
	}
}
