package identity

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/oauth"
)

// How a client says who it is (RFC 7591, section 2).
const (
	AuthKey   = "private_key_jwt"
	AuthBasic = "client_secret_basic"
	AuthPost  = "client_secret_post"
	AuthNone  = "none"
)

// The grants.
const (
	GrantCode    = "authorization_code"
	GrantRefresh = "refresh_token"
	GrantClient  = "client_credentials"
)

// Who sees the same subject.
const (
	Pairwise = "pairwise"
	Public   = "public"
)

// Bounds of a registration.
const (
	maxURIs      = 20
	maxURI       = 1000
	maxName      = 120
	maxPurposes  = 20
	maxDays      = 3650
	maxOwnerCode = 35 // Quyết định 20/2020/QĐ-TTg
)

var (
	clientID    = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{2,63}$`)
	purposeCode = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
)

// Tidy fills in what RFC 7591 says where nothing is said.
func (c *Client) Tidy() {
	if len(c.Grants) == 0 {
		c.Grants = []string{GrantCode}
	}
	if c.Auth == "" {
		c.Auth = AuthBasic
	}
	if c.Subject == "" {
		c.Subject = Pairwise
	}
	if c.Contract == "" {
		c.Contract = Standard
	}
	if c.IDTokenAlg == "" {
		c.IDTokenAlg = oauth.ES256
	}
	if c.Level == NoLevel {
		c.Level = One
	}
}

// Check holds a registration against the rules. Each fault is Invalid, at the name that
// RFC 7591 has for the member.
func (c Client) Check() error {
	var faults fault.List
	bad := func(field, why string, args fault.Args) {
		all := fault.Args{"field": field}
		for k, v := range args {
			all[k] = v
		}
		faults = append(faults, fault.New(fault.Invalid, "identity.client.bad."+why, all).At(field))
	}
	oneOf := func(field, value string, among ...string) {
		if !slices.Contains(among, value) {
			bad(field, "choice", fault.Args{"value": value, "among": strings.Join(among, ", ")})
		}
	}
	if !clientID.MatchString(c.ID) {
		bad("client_id", "id", nil)
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(c.Name.Vi)); n == 0 || n > maxName || utf8.RuneCountInString(c.Name.En) > maxName {
		bad("client_name", "name", fault.Args{"max": maxName})
	}
	if c.Owner == "" || len(c.Owner) > maxOwnerCode {
		bad("owner", "owner", nil)
	}
	oneOf("contract", string(c.Contract), string(Standard), string(Portal), string(VNeID))
	oneOf("token_endpoint_auth_method", c.Auth, AuthKey, AuthBasic, AuthPost, AuthNone)
	oneOf("subject_type", c.Subject, Pairwise, Public)
	oneOf("id_token_signed_response_alg", c.IDTokenAlg, oauth.OurAlgs...)
	if c.UserinfoAlg != "" {
		oneOf("userinfo_signed_response_alg", c.UserinfoAlg, oauth.OurAlgs...)
	}
	if c.RequestAlg != "" {
		oneOf("request_object_signing_alg", c.RequestAlg, oauth.ClientAlgs...)
	}
	for _, g := range c.Grants {
		oneOf("grant_types", g, GrantCode, GrantRefresh, GrantClient)
	}
	signsIn := slices.Contains(c.Grants, GrantCode)
	if slices.Contains(c.Grants, GrantRefresh) && !signsIn {
		bad("grant_types", "refresh_alone", nil)
	}
	if slices.Contains(c.Grants, GrantClient) && c.Auth == AuthNone {
		bad("grant_types", "credentials_of_none", nil)
	}
	c.checkURIs(signsIn, bad)
	c.checkKeys(bad)
	if c.WithoutPKCE && (c.Contract == Standard || c.Auth == AuthNone) {
		bad("without_pkce", "without_pkce", nil)
	}
	if c.DefaultMaxAge < 0 {
		bad("default_max_age", "max_age", nil)
	}
	if c.Level != One && c.Level != Two {
		bad("level", "level", nil)
	}
	c.checkPurposes(signsIn, bad)
	return faults.Err()
}

type badFunc func(field, why string, args fault.Args)

func (c Client) checkURIs(signsIn bool, bad badFunc) {
	if signsIn && len(c.RedirectURIs) == 0 {
		bad("redirect_uris", "no_redirect", nil)
	}
	hosts := map[string]bool{}
	for field, list := range map[string][]string{"redirect_uris": c.RedirectURIs, "post_logout_redirect_uris": c.LogoutURIs} {
		if len(list) > maxURIs {
			bad(field, "many", fault.Args{"max": maxURIs})
		}
		for _, raw := range list {
			u, why := checkURI(raw)
			if why != "" {
				bad(field, why, fault.Args{"value": clip(raw)})
				continue
			}
			if field == "redirect_uris" {
				hosts[u.Hostname()] = true
			}
		}
	}
	if c.BackChannel != "" {
		if _, why := checkURI(c.BackChannel); why != "" {
			bad("backchannel_logout_uri", why, fault.Args{"value": clip(c.BackChannel)})
		}
	}
	if c.Sector != "" {
		if _, why := checkURI(c.Sector); why != "" {
			bad("sector_identifier_uri", why, fault.Args{"value": clip(c.Sector)})
		}
	} else if c.Subject == Pairwise && len(hosts) > 1 { // OpenID Connect Core, 8.1
		bad("sector_identifier_uri", "sector", nil)
	}
}

// checkURI takes https, and http to the machine at hand (RFC 8252, section 7.3): an
// address that is compared as text, so whole, and without what browsers drop.
func checkURI(raw string) (u *url.URL, why string) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || len(raw) > maxURI || u.Host == "" || u.Opaque != "" || strings.ContainsAny(raw, "*\\ \t\r\n"):
		return nil, "uri"
	case u.Fragment != "" || strings.HasSuffix(raw, "#"):
		return nil, "uri_fragment"
	case u.User != nil:
		return nil, "uri"
	case u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()):
		return u, ""
	}
	return nil, "uri_scheme"
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func (c Client) checkKeys(bad badFunc) {
	needed := c.Auth == AuthKey || c.RequestAlg != ""
	if len(c.Keys) == 0 {
		if needed {
			bad("jwks", "jwks.none", nil)
		}
		return
	}
	_, err := oauth.ParseKeys(c.Keys)
	var wrong *oauth.KeysError
	if errors.As(err, &wrong) {
		bad("jwks", "jwks."+wrong.Why, fault.Args{"at": wrong.At})
	}
}

func (c Client) checkPurposes(signsIn bool, bad badFunc) {
	if signsIn && len(c.Purposes) == 0 {
		bad("purposes", "no_purpose", nil)
	}
	if len(c.Purposes) > maxPurposes {
		bad("purposes", "many", fault.Args{"max": maxPurposes})
	}
	seen := map[string]bool{}
	for i, p := range c.Purposes {
		at := fault.Args{"at": i + 1}
		switch {
		case !purposeCode.MatchString(p.Code):
			bad("purposes", "purpose_code", at)
		case seen[p.Code]:
			bad("purposes", "purpose_twice", fault.Args{"at": i + 1, "value": p.Code})
		}
		seen[p.Code] = true
		if strings.TrimSpace(p.Text.Vi) == "" || utf8.RuneCountInString(p.Text.Vi) > 300 || utf8.RuneCountInString(p.Text.En) > 300 {
			bad("purposes", "purpose_text", at)
		}
		if strings.TrimSpace(p.Basis) == "" || utf8.RuneCountInString(p.Basis) > 300 {
			bad("purposes", "purpose_basis", at)
		}
		if p.Days < 0 || p.Days > maxDays {
			bad("purposes", "purpose_days", fault.Args{"at": i + 1, "max": maxDays})
		}
		for _, claim := range p.Claims {
			if !slices.Contains(Claims, claim) {
				bad("purposes", "claim", fault.Args{"at": i + 1, "value": clip(claim), "among": strings.Join(Claims, ", ")})
			}
		}
	}
}

// SectorOf is whose subjects are the same as the client's (OpenID Connect Core, 8.1).
func (c Client) SectorOf() string {
	from := c.Sector
	if from == "" && len(c.RedirectURIs) > 0 {
		from = c.RedirectURIs[0]
	}
	if u, err := url.Parse(from); err == nil && u.Host != "" {
		return u.Hostname()
	}
	return "client:" + c.ID // it signs nobody in
}

func clip(s string) string {
	if utf8.RuneCountInString(s) > 120 {
		return fmt.Sprintf("%s…", string([]rune(s)[:120]))
	}
	return s
}
