package contractsoap

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"dean06/internal/contract"
)

// Headers of the contract.
const (
	headerTimestamp = "Timestamp"
	headerToken     = "Lgspaccesstoken"
	headerAuthHash  = "Authhash"
)

const (
	maxUser   = 100
	maxHeader = 4096 // of ours
)

// authenticate recognises the system. user is who it says it is, for the log.
func (c *Contract) authenticate(ctx context.Context, r *http.Request) (who contract.Caller, user string, no *refusal) {
	if token := r.Header.Get(headerToken); token != "" {
		return c.byToken(ctx, token, r.Header.Get(headerAuthHash))
	}
	user, password, ok := r.BasicAuth()
	if !ok || len(user) > maxUser || len(password) > maxHeader {
		return who, "", unauthorized("no_password")
	}
	who, err := c.Rules.Recognise(ctx, contract.Proof{
		User: user, Password: password, Stamp: strings.TrimSpace(r.Header.Get(headerTimestamp)), Addresses: c.addresses(r),
	})
	if err != nil {
		return who, user, refused(err, question{})
	}
	return who, user, nil
}

// addresses are the URLs that the caller may have called: the one of this request, over
// TLS or not (a proxy may stand before us), and the public ones of the settings. With
// and without a query or a last slash, as libraries differ.
func (c *Contract) addresses(r *http.Request) []string {
	path := r.URL.EscapedPath()
	code := codeOf(r)
	bases := []string{"http://" + r.Host + path, "https://" + r.Host + path}
	for _, alias := range c.PublicURLs {
		alias = strings.TrimSuffix(alias, "/")
		bases = append(bases, alias, alias+path, alias+"/"+code)
	}
	var list []string
	for _, b := range bases {
		b = strings.TrimSuffix(b, "/")
		for _, u := range []string{b, b + "/", b + "?" + r.URL.RawQuery} {
			if !slices.Contains(list, u) {
				list = append(list, u)
			}
		}
	}
	return list
}

// byToken recognises the variant of a province's platform: the token names the system,
// AuthHash the officer.
func (c *Contract) byToken(ctx context.Context, token, authHash string) (who contract.Caller, user string, no *refusal) {
	var t struct{ AccessKey, SecretKey, AppName, PartnerCode, PartnerCodeCus string }
	raw, ok := decode64(token)
	if !ok || json.Unmarshal(raw, &t) != nil || t.AccessKey == "" || len(t.AccessKey) > maxUser {
		return who, "", unauthorized(contract.BadToken)
	}
	proof := contract.Token{AccessKey: t.AccessKey, SecretKey: t.SecretKey}
	if raw, ok = decode64(authHash); ok {
		proof.Key, proof.Pass, _ = strings.Cut(string(raw), ":")
	}
	who, err := c.Rules.RecogniseToken(ctx, proof)
	if err != nil {
		return who, t.AccessKey, refused(err, question{})
	}
	return who, t.AccessKey, nil
}

func decode64(s string) ([]byte, bool) {
	if s = strings.TrimSpace(s); s == "" || len(s) > maxHeader {
		return nil, false
	}
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if b, err := e.DecodeString(s); err == nil {
			return b, true
		}
	}
	return nil, false
}
