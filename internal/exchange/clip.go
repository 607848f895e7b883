package exchange

import "strings"

// clip bounds what others wrote before it is shown or logged.
func clip(s string) string {
	if len(s) > 120 {
		return strings.ToValidUTF8(s[:120], "") + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
