package web

import (
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
