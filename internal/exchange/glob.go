package exchange

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// A path is compared part by part after each part was percent-decoded. What a
// service might read in another way than we do is refused rather than guessed at:
// "." and ".." in any writing, empty parts, an encoded "/", "\", ";", a "%" that
// would be decoded twice, control characters, bytes that are no UTF-8.

// maxPath bounds a path that is compared.
const maxPath = 8 << 10

// climbs says that a path leaves its place, or may do so for a service that decodes
// it: no right is wide enough for that.
func climbs(raw string) bool {
	for range 3 { // decoded as often as a chain of proxies might
		for _, part := range strings.FieldsFunc(raw, func(r rune) bool { return r == '/' || r == '\\' }) {
			part, _, _ = strings.Cut(part, ";")
			if part == "." || part == ".." {
				return true
			}
		}
		next, err := url.PathUnescape(raw)
		if err != nil || next == raw {
			return false
		}
		raw = next
	}
	return false
}

// pathParts splits a path into decoded parts; ok is false when it is in doubt. The
// last part is empty when the path ends with "/".
func pathParts(raw string) (parts []string, ok bool) {
	if raw == "" {
		raw = "/"
	}
	if len(raw) > maxPath || raw[0] != '/' {
		return nil, false
	}
	parts = strings.Split(raw[1:], "/")
	for i, p := range parts {
		d, err := url.PathUnescape(p)
		if err != nil || d == "." || d == ".." || (d == "" && i < len(parts)-1) || !utf8.ValidString(d) {
			return nil, false
		}
		for _, r := range d {
			if r < ' ' || (r >= 0x7f && r < 0xa0) || strings.ContainsRune(`/\;%?#`, r) {
				return nil, false
			}
		}
		parts[i] = d
	}
	return parts, true
}

// globParts splits the glob of a right; ok is false when it is none.
func globParts(glob string) (parts []string, ok bool) {
	if len(glob) > 1000 || strings.Count(glob, "*") > 20 {
		return nil, false
	}
	parts, ok = pathParts(glob)
	if !ok || glob == "" {
		return nil, false
	}
	for _, p := range parts {
		if strings.Contains(p, "**") && p != "**" {
			return nil, false
		}
	}
	return parts, true
}

// pathFits says whether the path of a call is within the glob of a right. "*" stands
// for anything within a part, and alone for a whole part, never for an empty one;
// "**" for any number of parts, and at the end for at least one.
func pathFits(glob, path string) bool {
	if climbs(path) {
		return false
	}
	if glob == "" {
		return true
	}
	g, ok := globParts(glob)
	if !ok {
		return false
	}
	p, ok := pathParts(path)
	return ok && partsFit(g, p)
}

// partsFit goes through the path once for each part of the glob: at[j] says that
// what was read of the glob can stand for the first j parts.
func partsFit(glob, path []string) bool {
	at := make([]bool, len(path)+1)
	at[0] = true
	for i, g := range glob {
		next := make([]bool, len(path)+1)
		if g == "**" {
			open := false
			for j := range next {
				next[j] = open || (at[j] && i < len(glob)-1)
				open = open || at[j]
			}
		} else {
			for j, p := range path {
				next[j+1] = at[j] && partFits(g, p)
			}
		}
		at = next
	}
	return at[len(path)]
}

// partFits compares one part; it goes back only to the last "*".
func partFits(glob, s string) bool {
	if glob == "" || s == "" {
		return glob == s
	}
	i, j, star, mark := 0, 0, -1, 0
	for j < len(s) {
		switch {
		case i < len(glob) && glob[i] == '*':
			star, mark = i, j
			i++
		case i < len(glob) && glob[i] == s[j]:
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(glob[i:], "*") == ""
}
