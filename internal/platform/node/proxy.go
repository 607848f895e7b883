package node

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
)

// forwarded are the headers in which a proxy says for whom it asks (RFC 7239, and what was
// there before it).
var forwarded = []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "X-Forwarded-Proto", "X-Forwarded-Host"}

// relayed is what was seen of a proxy that nobody named.
type relayed struct{ peer, header string }

// relays notes who speaks for others without having been named in http.trusted_proxies.
type relays struct {
	once sync.Once
	seen atomic.Pointer[relayed]
}

// noteRelays looks at requests that say that they come from somebody else. What they say is not
// believed; that they say it means that a proxy was forgotten in the settings, for which
// everybody then is one address, or that somebody tries to pass for another. It is logged once.
func (n *Node) noteRelays(next http.Handler) http.Handler {
	trusted := n.Config.HTTP.Proxies()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.relays.seen.Load() == nil {
			n.noteRelay(r, trusted)
		}
		next.ServeHTTP(w, r)
	})
}

func (n *Node) noteRelay(r *http.Request, trusted []netip.Prefix) {
	i := slices.IndexFunc(forwarded, func(name string) bool { return r.Header.Get(name) != "" })
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if i < 0 || err != nil {
		return
	}
	addr := peer.Addr().Unmap()
	if slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(addr) }) {
		return
	}
	seen := relayed{addr.WithZone("").String(), forwarded[i]}
	n.relays.once.Do(func() {
		n.Log.Warn("a request says that it comes from somebody else; name the proxy in http.trusted_proxies, if it is one",
			"peer", seen.peer, "header", seen.header)
	})
	// A proxy stands near. What strangers send from afar is their own business, and doctor is not
	// to be made to speak of it.
	if addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() {
		n.relays.seen.Store(&seen)
	}
}

// askWay looks at the way from people to the node, as the settings and the requests have it.
func (n *Node) askWay(context.Context, health.Depth) []health.Finding {
	const check = "way"
	h := n.Config.HTTP
	var list []health.Finding
	switch {
	case h.Unnamed():
		list = append(list, warning(check, "way.unnamed", fault.Args{"url": h.PublicURL}))
	case !h.Secure() && !n.Demo:
		list = append(list, warning(check, "way.plain", fault.Args{"addr": h.Addr}))
	}
	if seen := n.relays.seen.Load(); seen != nil {
		f := warning(check, "way.relayed", fault.Args{"peer": seen.peer, "header": seen.header})
		f.Subject = seen.peer
		list = append(list, f)
	}
	return list
}

// sayWay says at the start what is wrong with the way to the node.
func (n *Node) sayWay(ctx context.Context) {
	for _, f := range n.askWay(ctx, health.Vital) {
		n.Log.Warn("how people reach the node", "found", n.Messages.In(i18n.En).T(f.Key, f.Args))
	}
}
