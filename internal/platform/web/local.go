package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"dean06/internal/platform/ui"
)

// Local keeps a way back only when it leads to a page of this node: an address
// with a host of its own would send people who have just signed in elsewhere.
func Local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(u.Path, ui.SignInPath) || u.Path == ui.SignOutPath {
		return "/"
	}
	return next
}

// ByName is where a request goes that came by this machine's number (127.0.0.1) in the place of
// the name in home: keys of devices and cookies belong to a name (WebAuthn, section 5.1.2). ""
// is for nowhere else.
func ByName(r *http.Request, home string) string {
	u, err := url.Parse(home)
	host := r.Host
	if h, _, err := net.SplitHostPort(r.Host); err == nil {
		host = h
	}
	ip, bad := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil || bad != nil || u.Hostname() != "localhost" || !ip.IsLoopback() {
		return ""
	}
	return strings.TrimSuffix(home, "/") + r.URL.RequestURI()
}
