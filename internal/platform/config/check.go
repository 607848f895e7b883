package config

import (
	"crypto/tls"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/mail/mailaddress"

	"dean06/internal/platform/fault"
)

// What some settings may be.
var (
	accents  = []string{"board", "authority", "hub", "agency"}
	policies = []string{"required", "implicit", "opportunistic", "none"}
	levels   = []string{"debug", "info", "warn", "error"}
	formats  = []string{"text", "json"}
)

// check holds the settings against each other and against the machine.
func (l *loader) check() {
	c := l.cfg
	if strings.TrimSpace(c.Node.Name) == "" {
		l.problem("node.name", "empty", nil)
	}
	l.oneOf("node.role", c.Node.Role, l.shape.Roles)
	if c.Node.Accent == "" && slices.Contains(accents, c.Node.Role) {
		c.Node.Accent = c.Node.Role
	}
	if c.Node.Accent != "" {
		l.oneOf("node.accent", c.Node.Accent, accents)
	}
	l.checkHTTP(&c.HTTP)
	if scheme, rest, _ := strings.Cut(c.DB.URL.Reveal(), ":"); rest == "" ||
		!slices.Contains([]string{"sqlite", "postgres", "postgresql"}, scheme) {
		l.problem("db.url", "db_url", nil)
	}
	l.checkBlob(&c.Blob)
	l.checkUpload(c.Upload)
	l.checkMail(&c.Mail)
	l.checkSignIn(c.SignIn)
	if c.Session.Idle < time.Minute {
		l.problem("session.idle", "too_short", fault.Args{"min": "1m"})
	}
	if c.Session.Absolute < c.Session.Idle {
		l.problem("session.absolute", "less_than", fault.Args{"other": "session.idle"})
	}
	if c.Session.Dir == "" {
		l.problem("session.dir", "empty", nil)
	}
	for _, role := range c.Session.SecondFactor {
		l.oneOf("session.second_factor", role, append([]string{UsualRoles}, l.shape.AccountRoles...))
	}
	l.oneOf("log.level", c.Log.Level, levels)
	l.oneOf("log.format", c.Log.Format, formats)
	l.between("jobs.workers", c.Jobs.Workers, 1, 64)
	for _, section := range l.shape.Sections {
		if section.Check != nil {
			section.Check(c.Sections[section.Name], &Check{l: l})
		}
	}
}

// checkSignIn: whoever can answer in the place of the provider can be anybody here.
func (l *loader) checkSignIn(s SignIn) {
	if s.Issuer == "" {
		return
	}
	u, err := url.Parse(s.Issuer)
	plain := err == nil && u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1")
	if err != nil || u.Host == "" || u.Scheme != "https" && !plain || strings.HasSuffix(s.Issuer, "/") || u.RawQuery != "" || u.Fragment != "" {
		l.problem("sign_in.issuer", "issuer", fault.Args{"value": s.Issuer})
	}
	if s.Client == "" {
		l.problem("sign_in.client_id", "issuer_client", nil)
	}
}

// address reads HOST:PORT; what is none is a problem.
func (l *loader) address(key, value string) (host string, ok bool) {
	host, port, err := net.SplitHostPort(value)
	if err != nil || port == "" {
		l.problem(key, "addr", fault.Args{"value": value})
		return "", false
	}
	return host, true
}

func (l *loader) httpURL(key, value string) {
	if value == "" {
		return
	}
	if u, err := url.Parse(value); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		l.problem(key, "public_url", fault.Args{"value": value})
	}
}

func (l *loader) oneOf(key, value string, list []string) {
	if !slices.Contains(list, value) {
		l.problem(key, "one_of", fault.Args{"value": value, "list": strings.Join(list, ", ")})
	}
}

func (l *loader) between(key string, value, low, high int) {
	if value < low || value > high {
		l.problem(key, "between", fault.Args{"value": value, "low": low, "high": high})
	}
}

func (l *loader) checkHTTP(h *HTTP) {
	host, ok := l.address("http.addr", h.Addr)
	if !ok {
		return
	}
	if h.PublicURL != "" {
		u, err := url.Parse(h.PublicURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
			l.problem("http.public_url", "public_url", fault.Args{"value": h.PublicURL})
		}
		h.PublicURL = strings.TrimSuffix(h.PublicURL, "/")
	}
	switch {
	case (h.TLSCert == "") != (h.TLSKey == ""):
		key, other := "http.tls_cert", "http.tls_key"
		if h.TLSCert == "" {
			key, other = other, key
		}
		l.problem(key, "needs", fault.Args{"other": other})
	case h.TLSCert != "":
		if l.readable("http.tls_cert", h.TLSCert) && l.readable("http.tls_key", h.TLSKey) {
			if _, err := tls.LoadX509KeyPair(h.TLSCert, h.TLSKey); err != nil {
				l.problem("http.tls_cert", "tls_pair", fault.Args{"error": err.Error()})
			}
		}
		if strings.HasPrefix(h.PublicURL, "http://") {
			l.problem("http.public_url", "https_expected", nil)
		}
	case !isLoopback(host) && !strings.HasPrefix(h.PublicURL, "https://"):
		// Passwords would cross the network for all to read.
		l.problem("http.addr", "no_tls", nil)
	}
	for _, s := range h.TrustedProxies {
		if _, err := parsePrefix(s); err != nil {
			l.problem("http.trusted_proxies", "prefix", fault.Args{"value": s})
		}
	}
}

// checkProxies finds what works and punishes everybody: behind a proxy that is not named
// all people come from one address, and are made to wait for each other's wrong passwords.
func (l *loader) checkProxies() {
	if l.cfg.HTTP.Unnamed() {
		l.problem("http.trusted_proxies", "proxies", nil)
	}
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// parsePrefix reads a network, or one address.
func parsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

func (l *loader) checkBlob(b *Blob) {
	if b.S3.Endpoint == "" {
		if b.Dir == "" {
			l.problem("blob.dir", "empty", nil)
		}
		return
	}
	if _, set := l.from["blob.dir"]; set && b.Dir != "" {
		l.problem("blob.dir", "not_both", fault.Args{"other": "blob.s3.endpoint"})
	}
	b.Dir = ""
	l.secret("blob.s3.secret_key", &b.S3.SecretKey, b.S3.SecretKeyFile)
	for key, value := range map[string]string{
		"blob.s3.bucket": b.S3.Bucket, "blob.s3.access_key": b.S3.AccessKey, "blob.s3.secret_key": b.S3.SecretKey.Reveal(),
	} {
		if value == "" {
			l.problem(key, "empty", nil)
		}
	}
	slices.SortFunc(l.problems, func(a, b Problem) int { return strings.Compare(a.Key, b.Key) })
}

func (l *loader) checkUpload(u Upload) {
	if u.Dir == "" {
		l.problem("upload.dir", "empty", nil)
	}
	l.between("upload.max_bytes", u.MaxBytes, 1<<20, 2<<30)
	l.between("upload.max_open", u.MaxOpen, u.MaxBytes, 1<<50)
	if u.Keep < time.Hour {
		l.problem("upload.keep", "too_short", fault.Args{"min": "1h"})
	}
	network, address, _ := strings.Cut(u.Scanner, ":")
	host, port, err := net.SplitHostPort(address)
	tcp := network == "tcp" && err == nil && host != "" && port != ""
	if u.Scanner != "" && !tcp && !(network == "unix" && strings.HasPrefix(address, "/")) {
		l.problem("upload.scanner", "scanner", fault.Args{"value": u.Scanner})
	}
}

func (l *loader) checkMail(m *Mail) {
	if m.Host == "" {
		if m.Dir == "" {
			l.problem("mail.dir", "empty", nil)
		}
		return
	}
	if _, set := l.from["mail.dir"]; set && m.Dir != "" {
		l.problem("mail.dir", "not_both", fault.Args{"other": "mail.host"})
	}
	m.Dir = ""
	l.oneOf("mail.tls", m.TLS, policies)
	l.between("mail.port", m.Port, 0, 65535)
	if _, err := mailaddress.Parse(m.From); err != nil || strings.HasSuffix(m.From, ".localdomain") {
		l.problem("mail.from", "mail_from", fault.Args{"value": m.From})
	}
	l.secret("mail.password", &m.Password, m.PasswordFile)
	if m.User != "" && m.Password == "" {
		l.problem("mail.user", "needs", fault.Args{"other": "mail.password_file"})
	}
	if m.TLS == "none" && m.User != "" && !isLoopback(m.Host) {
		l.problem("mail.tls", "mail_plain", nil)
	}
}

// secret reads a secret from its file, where it is kept out of the configuration.
func (l *loader) secret(key string, value *Secret, file string) {
	if file == "" {
		return
	}
	if *value != "" {
		l.problem(key, "not_both", fault.Args{"other": key + "_file"})
		return
	}
	if !l.readable(key+"_file", file) {
		return
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		l.problem(key+"_file", "file.unreadable", fault.Args{"error": err.Error()})
		return
	}
	*value = Secret(strings.TrimSpace(string(raw)))
}

func (l *loader) readable(key, path string) bool {
	f, err := os.Open(path)
	if err != nil {
		l.problem(key, "file.cannot_open", fault.Args{"path": path, "error": err.Error()})
		return false
	}
	return f.Close() == nil
}
