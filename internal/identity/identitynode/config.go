package identitynode

import (
	"net/netip"
	"net/url"
	"strings"
	"time"

	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
)

// Config is the section "identity": what the authority sets for electronic identities.
type Config struct {
	// Issuer is the address by which services know this authority; "" is the node's own.
	Issuer string `toml:"issuer"`
	// Dir holds the keys that seal what the database keeps; the same on all nodes of one
	// authority.
	Dir string `toml:"dir"`
	// Idle and Absolute are after how long a sign-in ends that is not used, or at all.
	Idle     time.Duration `toml:"idle"`
	Absolute time.Duration `toml:"absolute"`
}

const (
	usualIdle     = 30 * time.Minute
	usualAbsolute = 12 * time.Hour
	leastIdle     = time.Minute
	longestSignIn = 30 * 24 * time.Hour
)

// Section is the part of the configuration.
var Section = config.Section{
	Name: name,
	New:  func() any { return &Config{Dir: "var/identity", Idle: usualIdle, Absolute: usualAbsolute} },
	Check: func(v any, c *config.Check) {
		i := v.(*Config)
		if i.Issuer != "" && !usableIssuer(i.Issuer) {
			c.Problem("identity.issuer", "identity_issuer", fault.Args{"value": i.Issuer})
		}
		if i.Idle < leastIdle {
			c.Problem("identity.idle", "too_short", fault.Args{"min": leastIdle.String()})
		}
		if i.Absolute < i.Idle {
			c.Problem("identity.absolute", "less_than", fault.Args{"other": "identity.idle"})
		}
		if i.Absolute > longestSignIn {
			c.Problem("identity.absolute", "identity_long", fault.Args{"max": longestSignIn.String()})
		}
	},
	Try: func(v any, c *config.Check) {
		if c.Role() == roleAuthority {
			c.Folder("identity.dir", v.(*Config).Dir)
		}
	},
}

// usableIssuer says that an address can be an issuer: over TLS, or on this machine by name or
// number; nothing behind the host.
func usableIssuer(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.RawQuery != "" || u.Path != "" || strings.HasSuffix(address, "/") {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && here
}
