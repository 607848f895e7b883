package exchange

import "strings"

// Clip bounds what others wrote before it is shown or logged.
func Clip(s string) string {
	if len(s) > 120 {
		return strings.ToValidUTF8(s[:120], "") + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
