package uploadweb

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// ParseMetadata reads Upload-Metadata: "key base64,key base64,key". Keys are ASCII
// without spaces and commas, each once. It fails with Invalid.
func ParseMetadata(header string) (map[string]string, error) {
	out := map[string]string{}
	if header == "" {
		return out, nil
	}
	for pair := range strings.SplitSeq(header, ",") {
		key, text, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		_, twice := out[key]
		if key == "" || !ascii(key) || err != nil || twice || !utf8.Valid(value) {
			return nil, badHeader("Upload-Metadata")
		}
		out[key] = string(value)
	}
	return out, nil
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
