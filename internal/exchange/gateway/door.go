package gateway

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/health"
	"dean06/internal/xroad"
)

// Door says who may come in by the port for local systems, and as whom. The zero Door
// lets nobody in without a registered certificate.
type Door struct {
	// Own is the code under which the node's own modules call; one of Inside.
	Own string
	// Inside are codes of the member's subsystems that this process is itself: its
	// modules call as them, and nobody on the port does.
	Inside []string
	// Plain are codes that a program of this machine may name without a certificate,
	// over plain HTTP; AnySubsystem is all but Inside.
	Plain []string
	// Hosts are names, beside localhost and the port's own address, under which systems
	// reach the port.
	Hosts []string
	// Monitoring are codes of the subsystems that may read operational monitoring, by
	// certificate or as Plain lets them; AnyLocal is any program of this machine.
	Monitoring []string
	// Looked is told of each look at operational monitoring before it is answered; when
	// it fails nothing is. May be nil.
	Looked func(ctx context.Context, l MonitoringLook) error
	// Certificate is the port's own for TLS; nil: the port speaks plain HTTP only.
	Certificate func() (*tls.Certificate, error)
}

// What Plain and Monitoring may hold beside codes.
const (
	AnySubsystem = "*"
	AnyLocal     = "loopback"
)

// MonitoringLook is a look at operational monitoring.
type MonitoringLook struct {
	By          string // the subsystem, or AnyLocal
	Address     string // where it came from
	From, Until time.Time
	Limit       int64
}

// caller is how a request came in by the local port.
type caller struct {
	remote    netip.Addr
	encrypted bool
	subsystem xroad.ID // whose certificate was shown; zero for none
}

type callerKey struct{}

// enterBy says who comes in, or why nobody does.
func (g *Gateway) enterBy(r *http.Request) (*caller, *xroad.Error) {
	denied := func(format string, args ...any) (*caller, *xroad.Error) {
		return nil, xroad.Errorf(xroad.ClientDenied, format, args...)
	}
	if !g.trusted(r.RemoteAddr) {
		return denied("this address may not use the gateway")
	}
	c := &caller{encrypted: r.TLS != nil}
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		c.remote = at.Addr().Unmap()
	}
	if !g.answersTo(r) {
		return denied("this gateway is not called %.60q: use localhost, its address, or a name in gateway.local_hosts", r.Host)
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "none" {
		return denied("the gateway answers programs; a page in a browser may not ask it")
	}
	if !c.encrypted {
		switch {
		case len(g.set.Door.Plain) == 0:
			return nil, xroad.Errorf(xroad.PeerCertificate, "this port speaks HTTPS, with the certificate of the asking subsystem (dean06 gateway certificate)")
		case !c.remote.IsLoopback() && len(g.set.TrustedLocal) == 0:
			return denied("plain HTTP is for programs of this machine; others use HTTPS with a certificate")
		}
		return c, nil
	}
	if len(r.TLS.PeerCertificates) == 0 {
		return c, nil
	}
	shown := exchange.Fingerprint(r.TLS.PeerCertificates[0].Raw)
	known, err := g.locals.find(r.Context(), g.set.Store, shown)
	switch {
	case err != nil:
		return nil, xroad.Errorf(xroad.ConsumerInternal, "the certificates of local systems cannot be read now").Because(err)
	case known == nil:
		return nil, xroad.Errorf(xroad.PeerCertificate, "certificate %s is not registered at this gateway, or was removed", shown)
	case !known.CountsAt(g.now()):
		return nil, xroad.Errorf(
			xroad.PeerCertificate, "the certificate of %s counts from %s until %s", known.Subsystem, moment(known.From), moment(known.Until),
		)
	}
	c.subsystem = known.Subsystem
	return c, nil
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// answersTo holds the name by which the port was asked for against its own: a page of
// somebody else's whose name was made to lead here (DNS rebinding) does not know them.
func (g *Gateway) answersTo(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if host == "localhost" || host == "" { // HTTP/1.0 names none, and no browser speaks it
		return true
	}
	if at, err := netip.ParseAddr(host); err == nil {
		if at.Unmap().IsLoopback() {
			return true
		}
		local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		if !ok {
			return false
		}
		own, err := netip.ParseAddrPort(local.String())
		return err == nil && own.Addr().Unmap() == at.Unmap() || slices.Contains(g.set.Door.Hosts, host)
	}
	return slices.ContainsFunc(g.set.Door.Hosts, func(name string) bool { return strings.EqualFold(name, host) })
}

// admit says whether whoever came in by the local port may speak as a client. What
// did not come by the port is this process itself.
func (g *Gateway) admit(ctx context.Context, client xroad.ID) *xroad.Error {
	c, outside := ctx.Value(callerKey{}).(*caller)
	if !outside {
		return nil
	}
	if v := g.view.Load(); v != nil {
		if self, ok := v.Gateway(g.set.ID); !ok || !speaksFor(self, client) {
			return nil // nobody may, which is told with that reason
		}
	}
	if client.MemberID() == g.set.Member && slices.Contains(g.set.Door.Inside, client.Subsystem) {
		return xroad.Errorf(xroad.ClientDenied, "%s is this node itself: only its own modules call as it, not a program on the local port", client)
	}
	switch {
	case c.encrypted && c.subsystem.IsZero():
		return xroad.Errorf(xroad.PeerCertificate, "%s has to show the certificate of its subsystem", client)
	case c.encrypted && c.subsystem != client:
		return xroad.Errorf(xroad.PeerCertificate, "the certificate is that of %s, not of %s", c.subsystem, client)
	case c.encrypted, slices.Contains(g.set.Door.Plain, AnySubsystem), slices.Contains(g.set.Door.Plain, client.Subsystem):
		return nil
	}
	return xroad.Errorf(xroad.PeerCertificate, "%s may ask over HTTPS with its certificate only (gateway.local_plain does not name it)", client)
}

// mayMonitor says who asks for operational monitoring, or that they may not.
func (g *Gateway) mayMonitor(r *http.Request) (who string, ok bool) {
	c, outside := r.Context().Value(callerKey{}).(*caller)
	if !outside {
		return "", false
	}
	list := g.set.Door.Monitoring
	if !c.subsystem.IsZero() {
		return c.subsystem.String(), slices.Contains(list, c.subsystem.Subsystem)
	}
	if client, err := xroad.ParseID(r.Header.Get(xroad.HeaderClient), 4, 4); err == nil && !c.encrypted && len(r.Header[xroad.HeaderClient]) == 1 {
		if slices.Contains(list, client.Subsystem) && client.MemberID() == g.set.Member && g.admit(r.Context(), client) == nil {
			return client.String(), true
		}
	}
	return AnyLocal, !c.encrypted && c.remote.IsLoopback() && slices.Contains(list, AnyLocal)
}

// localsFor is how long what was read of local certificates is believed.
const localsFor = time.Second

// locals are the certificates of local systems, as they were a moment ago.
type locals struct {
	mu     sync.Mutex
	readAt time.Time
	by     map[string]exchange.LocalCertificate
}

// find gives the certificate of a fingerprint; nil when there is none.
func (l *locals) find(ctx context.Context, store exchange.LocalStore, fingerprint string) (*exchange.LocalCertificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by == nil || time.Since(l.readAt) > localsFor {
		l.by = nil
		list, err := store.LocalCertificates(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the certificates of local systems: %w", err)
		}
		l.by, l.readAt = make(map[string]exchange.LocalCertificate, len(list)), time.Now() //nolint:forbidigo // how old what is kept is
		for _, c := range list {
			l.by[c.Fingerprint] = c
		}
	}
	if c, ok := l.by[fingerprint]; ok {
		return &c, nil
	}
	return nil, nil
}

// forget makes the next question read anew.
func (l *locals) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.by = nil
}

// speaksForOthers says that a subsystem of this gateway is another program than this.
func (g *Gateway) speaksForOthers() bool {
	v := g.view.Load()
	if v == nil {
		return true // nothing is known yet
	}
	self, _ := v.Gateway(g.set.ID)
	return slices.ContainsFunc(self.Subsystems, func(id xroad.ID) bool { return !slices.Contains(g.set.Door.Inside, id.Subsystem) })
}

// askLocal looks at who may speak on the local port.
func (g *Gateway) askLocal(ctx context.Context) (list []health.Finding) {
	const check = "local"
	own := g.set.Member
	own.Subsystem = g.set.Door.Own
	if v := g.view.Load(); v != nil && own.Subsystem != "" {
		if self, ok := v.Gateway(g.set.ID); ok && !speaksFor(self, own) && len(self.Subsystems) > 0 {
			list = append(list, health.Finding{Check: check, Level: health.Warning, Key: "exchange.own.missing", Args: map[string]any{
				"subsystem": own.String(), "code": own.Subsystem, "instead": self.Subsystems[0].String(),
			}})
		}
	}
	certificates, err := g.set.Store.LocalCertificates(ctx)
	if err != nil {
		return append(list, found(check, health.Failing, "local.unreadable", map[string]any{"reason": err.Error()}))
	}
	last := map[xroad.ID]exchange.LocalCertificate{}
	counting := 0
	for _, c := range certificates {
		if c.CountsAt(g.now()) {
			counting++
		}
		if c.Until.After(last[c.Subsystem].Until) {
			last[c.Subsystem] = c
		}
	}
	for id, c := range last {
		if c.Until.Sub(g.now()) < soon {
			list = append(list, found(check, health.Warning, "local.soon", map[string]any{"system": id.String(), "code": id.Subsystem, "until": c.Until}))
		}
	}
	slices.SortFunc(list, func(a, b health.Finding) int {
		return strings.Compare(fmt.Sprint(a.Args["system"]), fmt.Sprint(b.Args["system"]))
	})
	plain := g.set.Door.Plain
	switch {
	case slices.Contains(plain, AnySubsystem) && g.speaksForOthers():
		return append(list, found(check, health.Warning, "local.open", nil))
	case len(plain) > 0 && g.speaksForOthers():
		return append(list, found(check, health.Fine, "local.plain", map[string]any{"systems": strings.Join(plain, ", ")}))
	}
	return append(list, found(check, health.Fine, "local.fine", map[string]any{"count": counting}))
}
