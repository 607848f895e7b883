package population

import (
	"strings"
)

// plainCards reads cards as an export writes them, many times as quickly as encoding/json:
// objects of texts without escapes. Of anything else it says that it cannot.
func plainCards(s string) ([]Card, bool) {
	rest, ok := strings.CutPrefix(s, "[")
	if !ok {
		return nil, false
	}
	var list []Card
	for more := true; more; {
		var c Card
		if rest, ok = c.plain(rest); !ok {
			return nil, false
		}
		list = append(list, c)
		rest, more = strings.CutPrefix(rest, ",")
	}
	return list, rest == "]"
}

// plain reads a card from the beginning of a text, and gives what is behind it.
func (c *Card) plain(s string) (rest string, ok bool) {
	if s, ok = strings.CutPrefix(s, "{"); !ok {
		return "", false
	}
	for {
		var member, value string
		if member, s, ok = plainText(s); !ok {
			return "", false
		}
		if s, ok = strings.CutPrefix(s, ":"); !ok {
			return "", false
		}
		if value, s, ok = plainText(s); !ok {
			return "", false
		}
		switch member {
		case "serial":
			c.Serial = value
		case "kind":
			c.Kind = value
		case "issued":
			ok = c.Issued.UnmarshalText([]byte(value)) == nil
		case "expires":
			ok = c.Expires.UnmarshalText([]byte(value)) == nil
		default:
			ok = false
		}
		if !ok || s == "" {
			return "", false
		}
		switch s[0] {
		case '}':
			return s[1:], true
		case ',':
			s = s[1:]
		default:
			return "", false
		}
	}
}

// plainText reads a text of ASCII without escapes.
func plainText(s string) (text, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", "", false
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[1:i], s[i+1:], true
		case c < ' ', c == '\\', c >= 0x7f:
			return "", "", false
		}
	}
	return "", "", false
}
