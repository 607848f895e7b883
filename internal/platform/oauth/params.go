package oauth

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Params are the parameters of a request, each once. One without a value is as one that
// was not sent (RFC 6749, section 3.1).
type Params map[string]string

// Bounds of what anybody may send.
const (
	maxParams     = 64 << 10
	maxParamCount = 64
)

// ParseParams reads parameters as addresses and forms write them. It fails with *Error
// (invalid_request) when one stands twice or nothing can be made of them.
func ParseParams(raw string) (Params, error) {
	if len(raw) > maxParams {
		return nil, New(InvalidRequest, "the parameters are too long")
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, New(InvalidRequest, "the parameters cannot be read").Because(err)
	}
	if len(values) > maxParamCount {
		return nil, New(InvalidRequest, "there are too many parameters")
	}
	p := Params{}
	for name, list := range values {
		switch {
		case len(list) != 1:
			return nil, New(InvalidRequest, "a parameter stands twice: "+printable(name))
		case !utf8.ValidString(name), !utf8.ValidString(list[0]), strings.ContainsRune(list[0], 0):
			return nil, New(InvalidRequest, "a parameter is no text: "+printable(name))
		case list[0] != "":
			p[name] = list[0]
		}
	}
	return p, nil
}

// ReadForm reads the parameters of a form that was posted, by its kind and its body. It
// fails with *Error.
func ReadForm(contentType string, body io.Reader) (Params, error) {
	if kind, _, err := mime.ParseMediaType(contentType); err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, New(InvalidRequest, "the body must be application/x-www-form-urlencoded")
	}
	raw, err := io.ReadAll(io.LimitReader(body, maxParams+1))
	if err != nil {
		return nil, New(InvalidRequest, "the body broke off, or is too long").Because(err)
	}
	return ParseParams(string(raw))
}

// printable is what of a name may stand in an answer (RFC 6749, section 5.2).
func printable(name string) string {
	if len(name) > 40 {
		name = name[:40]
	}
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' {
			return '?'
		}
		return r
	}, name)
}

// Basic reads id and secret of a client from "Authorization: Basic" (RFC 6749, section
// 2.3.1: both are encoded as in forms). ok is false when the header is of another kind.
func Basic(header string) (id, secret string, ok bool, err error) {
	if len(header) < 6 || !strings.EqualFold(header[:6], "basic ") {
		return "", "", false, nil
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(header[6:]))
	id, secret, read := strings.Cut(string(raw), ":")
	if err != nil || !read {
		return "", "", true, New(InvalidClient, "the header Authorization cannot be read")
	}
	var err1, err2 error
	id, err1 = url.QueryUnescape(id)
	secret, err2 = url.QueryUnescape(secret)
	if err := errors.Join(err1, err2); err != nil {
		return "", "", true, New(InvalidClient, "id and secret must be encoded as in forms").Because(err)
	}
	return id, secret, true, nil
}

// Bearer reads an access token from the header Authorization: its scheme ("Bearer",
// "DPoP") and itself; "" for none.
func Bearer(header string) (scheme, token string) {
	name, rest, found := strings.Cut(header, " ")
	if !found {
		return "", ""
	}
	for _, scheme := range []string{"Bearer", "DPoP"} {
		if strings.EqualFold(name, scheme) {
			return scheme, strings.TrimSpace(rest)
		}
	}
	return "", ""
}

// Fields are the words of a parameter that is a list, such as scope.
func Fields(list string) []string { return strings.Fields(list) }
