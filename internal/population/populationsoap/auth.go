package populationsoap

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// caller is who was recognised.
type caller struct {
	system population.ContractSystem
	// stamp is the timestamp of the password, by which a repeated call is recognised;
	// empty in the platform's variant, whose token has none.
	stamp string
	// key and pass are the officer's, of the platform's variant.
	key, pass string
}

// Headers of the contract.
const (
	headerTimestamp = "Timestamp"
	headerToken     = "Lgspaccesstoken"
	headerAuthHash  = "Authhash"
)

// maxHeader is how long a header of ours may be.
const maxHeader = 4096

// authenticate recognises the system. user is who it says it is, for the log.
func (c *Contract) authenticate(ctx context.Context, r *http.Request) (who caller, user string, no *refusal) {
	if token := r.Header.Get(headerToken); token != "" {
		return c.byToken(ctx, token, r.Header.Get(headerAuthHash))
	}
	user, password, ok := r.BasicAuth()
	if !ok || len(user) > 100 || len(password) > maxHeader {
		return caller{}, "", unauthorized("no_password")
	}
	stamp := strings.TrimSpace(r.Header.Get(headerTimestamp))
	system, no := c.system(ctx, user)
	if no != nil {
		return caller{}, user, no
	}
	// An unknown user costs what a known one does.
	good := c.passwordFits(r, user, stamp, system.Secret, password)
	if !good || system.Secret == "" || system.Off {
		return caller{}, user, unauthorized("password")
	}
	at, ok := moment(stamp)
	if !ok {
		return caller{}, user, unauthorized("timestamp")
	}
	if off := c.Clock.Now().Sub(at); off > c.Window || off < -c.Window {
		return caller{}, user, clockOff(int(off.Abs().Minutes()))
	}
	return caller{system: system, stamp: stamp}, user, nil
}

func (c *Contract) system(ctx context.Context, user string) (population.ContractSystem, *refusal) {
	system, err := c.Clients.System(ctx, user)
	if err != nil && fault.Of(err) != fault.NotFound {
		return system, server("store", err)
	}
	return system, nil
}

// passwordFits checks the rule of the contract,
//
//	password = lower-hex sha256(url + username + timestamp + secretKey)
//
// for each address under which the caller may know us. All are tried, so that the
// time taken tells nothing.
func (c *Contract) passwordFits(r *http.Request, user, stamp, secret, password string) bool {
	fits := 0
	for _, url := range c.addresses(r) {
		sum := sha256.Sum256([]byte(url + user + stamp + secret))
		fits |= subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(strings.ToLower(password)))
	}
	return fits == 1
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

// moment reads a timestamp in milliseconds or seconds.
func moment(s string) (time.Time, bool) {
	if len(s) < 9 || len(s) > 14 || strings.Trim(s, "0123456789") != "" {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	if len(s) > 11 {
		return time.UnixMilli(n).UTC(), true
	}
	return time.Unix(n, 0).UTC(), true
}

// byToken recognises the variant of a province's platform: the token names the system,
// AuthHash the officer.
func (c *Contract) byToken(ctx context.Context, token, authHash string) (who caller, user string, no *refusal) {
	var t struct{ AccessKey, SecretKey, AppName, PartnerCode, PartnerCodeCus string }
	raw, ok := decode64(token)
	if !ok || json.Unmarshal(raw, &t) != nil || t.AccessKey == "" || len(t.AccessKey) > 100 {
		return caller{}, "", unauthorized("token")
	}
	system, no := c.system(ctx, t.AccessKey)
	if no != nil {
		return caller{}, t.AccessKey, no
	}
	if !same(system.Secret, t.SecretKey) || system.Secret == "" || system.Off {
		return caller{}, t.AccessKey, unauthorized("token")
	}
	raw, ok = decode64(authHash)
	key, pass, cut := strings.Cut(string(raw), ":")
	if !ok || !cut || key == "" || pass == "" {
		return caller{}, t.AccessKey, unauthorized("auth_hash")
	}
	return caller{system: system, key: key, pass: pass}, t.AccessKey, nil
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

// same compares without telling by its time where two secrets differ.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
