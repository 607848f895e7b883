package gateway

import (
	"log/slog"
	"net/http"
	"time"
)

const maxHeader = 64 << 10

// PeerServer serves the port where gateways meet: HTTP/2 over mutual TLS. Start it
// with ServeTLS(listener, "", ""), or with Serve on a listener that has TLS.
func (g *Gateway) PeerServer() *http.Server {
	s := g.server(g.Peer())
	s.TLSConfig = g.TLS()
	s.IdleTimeout = 15 * time.Minute
	s.MaxHeaderBytes = 2 * maxHeader // those of a client, and a signature
	s.Protocols = new(http.Protocols)
	s.Protocols.SetHTTP2(true)
	s.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: max(1, g.set.MaxCalls/2), SendPingTimeout: 5 * time.Second, PingTimeout: 5 * time.Second}
	return s
}

// LocalServer serves the port for local systems on a LocalListener. h is Local.
func (g *Gateway) LocalServer(h http.Handler) *http.Server {
	s := g.server(h)
	hear(s)
	return s
}

func (g *Gateway) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: g.set.CallTimeout, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: maxHeader,
		ErrorLog:                     slog.NewLogLogger(g.set.Log.Handler(), slog.LevelDebug),
		DisableGeneralOptionsHandler: true, // "OPTIONS *" is answered as any other request is
	}
}
