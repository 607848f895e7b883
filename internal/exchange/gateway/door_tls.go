package gateway

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

// LocalListener lets the local port speak TLS and plain HTTP at one address: a
// connection that begins as TLS does is TLS. Without a certificate of the port it
// speaks plain HTTP alone. Who may speak plainly the Door says, request by request, so that
// a program that does what it may not is told so in words. It fails when there is to be a
// certificate and none can be had.
func (g *Gateway) LocalListener(ln net.Listener) (net.Listener, error) {
	if g.set.Door.Certificate == nil {
		return hearingListener{ln}, nil
	}
	if _, err := g.set.Door.Certificate(); err != nil { // now, and not at the first connection
		return nil, err
	}
	l := &eitherListener{
		Listener: ln, conns: make(chan net.Conn), done: make(chan struct{}), places: make(chan struct{}, maxUndecided),
		config: &tls.Config{
			MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
			// Whose certificate it is, and whether it is registered, is told over HTTP in words.
			ClientAuth:     tls.RequestClientCert,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return g.set.Door.Certificate() },
		},
	}
	go l.accept()
	return l, nil
}

const (
	beginsTLS    = 0x16 // a handshake record (RFC 8446, section 5.1)
	decideWithin = 10 * time.Second
	maxUndecided = 256 // connections that have said nothing yet
)

// eitherListener accepts both.
type eitherListener struct {
	net.Listener
	config *tls.Config
	conns  chan net.Conn
	places chan struct{}
	once   sync.Once
	done   chan struct{}
	err    error // once done is closed
}

// Accept gives the next connection that has said what it speaks.
func (l *eitherListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, l.err
	}
}

// Close stops listening.
func (l *eitherListener) Close() error {
	err := l.Listener.Close()
	l.end(net.ErrClosed)
	return err
}

func (l *eitherListener) end(err error) {
	l.once.Do(func() { l.err = err; close(l.done) })
}

func (l *eitherListener) accept() {
	wait := 5 * time.Millisecond
	for {
		c, err := l.Listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			l.end(err)
			return
		}
		if err != nil { // too many open files, or a connection that has gone: it passes
			select {
			case <-l.done:
				return
			case <-time.After(wait):
			}
			wait = min(2*wait, time.Second)
			continue
		}
		wait = 5 * time.Millisecond
		select {
		case l.places <- struct{}{}:
			go l.decide(c)
		case <-l.done:
			_ = c.Close()
			return
		}
	}
}

// decide reads the first byte of a connection.
func (l *eitherListener) decide(c net.Conn) {
	first := make([]byte, 1)
	_ = c.SetReadDeadline(time.Now().Add(decideWithin)) //nolint:forbidigo // a deadline of the network
	n, err := c.Read(first)
	<-l.places
	if n == 0 || err != nil {
		_ = c.Close()
		return
	}
	_ = c.SetReadDeadline(time.Time{})
	var out net.Conn = &begun{Conn: c, first: first}
	if first[0] == beginsTLS {
		out = tls.Server(out, l.config)
	}
	select {
	case l.conns <- hearing(out):
	case <-l.done:
		_ = c.Close()
	}
}

// begun is a connection of which the first byte was read.
type begun struct {
	net.Conn
	first []byte
}

// Read gives the first byte again.
func (c *begun) Read(b []byte) (int, error) {
	if len(c.first) > 0 && len(b) > 0 {
		b[0] = c.first[0]
		c.first = nil
		return 1, nil
	}
	return c.Conn.Read(b)
}
