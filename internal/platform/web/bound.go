package web

import (
	"net"
	"net/netip"
	"slices"
	"sync"
)

// How many connections a port keeps open.
const (
	// MostConnections is in all: more cost memory and descriptors that the node needs for
	// its own work.
	MostConnections = 4096
	// MostOfOne is from one address: an office behind one address, and no more.
	MostOfOne = 512
)

// Bounds are how many connections a listener keeps open.
type Bounds struct {
	All, One int
	// Trusted are addresses that stand for many, as proxies do; this machine's own always
	// are. For them only All counts.
	Trusted []netip.Prefix
}

// Bound keeps to the bounds. What one address has too many of is closed as it comes. When
// there are too many in all, the newest of the address that has most gives way, so that
// no address shuts out another that has fewer.
func Bound(ln net.Listener, b Bounds) net.Listener {
	return &bounded{Listener: ln, b: b, of: map[netip.Addr][]*boundConn{}}
}

type bounded struct {
	net.Listener
	b   Bounds
	mu  sync.Mutex
	all int
	of  map[netip.Addr][]*boundConn
}

// Accept gives the next connection that is within the bounds.
func (l *bounded) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		kept, out := l.enter(c)
		if out != nil {
			_ = out.Close()
		}
		if kept != nil {
			return kept, nil
		}
	}
}

// enter counts a connection, and gives one to close: the new one, or another for it.
func (l *bounded) enter(c net.Conn) (kept *boundConn, out net.Conn) {
	from := addressOf(c)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.trusts(from) && len(l.of[from]) >= l.b.One {
		return nil, c
	}
	if l.all >= l.b.All {
		var most netip.Addr
		for a, list := range l.of {
			if len(list) > len(l.of[most]) {
				most = a
			}
		}
		if len(l.of[most]) <= len(l.of[from])+1 {
			return nil, c
		}
		last := l.of[most][len(l.of[most])-1]
		l.leave(last)
		out = last
	}
	kept = &boundConn{Conn: c, l: l, from: from}
	l.of[from] = append(l.of[from], kept)
	l.all++
	return kept, out
}

func (l *bounded) trusts(a netip.Addr) bool {
	return a.IsLoopback() || slices.ContainsFunc(l.b.Trusted, func(p netip.Prefix) bool { return p.Contains(a) })
}

// leave stops counting a connection; again does no harm. The lock is held.
func (l *bounded) leave(c *boundConn) {
	if c.left {
		return
	}
	c.left = true
	l.all--
	list := l.of[c.from]
	if i := slices.Index(list, c); i >= 0 {
		list = slices.Delete(list, i, i+1)
	}
	if l.of[c.from] = list; len(list) == 0 {
		delete(l.of, c.from)
	}
}

func addressOf(c net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Addr{} // a pipe: all are one
	}
	return at.Addr().Unmap().WithZone("")
}

// boundConn is a connection that is counted while it is open.
type boundConn struct {
	net.Conn
	l    *bounded
	from netip.Addr
	left bool // under the listener's lock
}

// Close closes it and makes room.
func (c *boundConn) Close() error {
	c.l.mu.Lock()
	c.l.leave(c)
	c.l.mu.Unlock()
	return c.Conn.Close()
}
