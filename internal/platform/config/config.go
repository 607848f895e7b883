// Package config is how a node is told what it is: one TOML file, changed by the
// environment (DEAN06_HTTP_ADDR for http.addr), changed by flags.
//
// Load reads all three, and says of everything that is wrong where it stands and
// how to mend it, all at once. It starts nothing and connects to nothing.
package config

import (
	"embed"
	"io/fs"
	"log/slog"
	"net/netip"
	"strconv"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// Config is the configuration of any node. docs/config.example.toml explains each setting.
type Config struct {
	Node    Node    `toml:"node"`
	HTTP    HTTP    `toml:"http"`
	DB      DB      `toml:"db"`
	Blob    Blob    `toml:"blob"`
	Upload  Upload  `toml:"upload"`
	Mail    Mail    `toml:"mail"`
	SignIn  SignIn  `toml:"sign_in"`
	Session Session `toml:"session"`
	Log     Log     `toml:"log"`
	Jobs    Jobs    `toml:"jobs"`
	// Sections are those that modules bring, by name; In finds one by its type.
	Sections map[string]any `toml:"-"`
}

// Node says whose system this is.
type Node struct {
	Name   string `toml:"name"`
	Owner  string `toml:"owner"`
	Role   string `toml:"role"`
	Accent string `toml:"accent"` // the role's when empty
}

// HTTP says where pages are served.
type HTTP struct {
	Addr           string   `toml:"addr"`
	PublicURL      string   `toml:"public_url"`
	TLSCert        string   `toml:"tls_cert"`
	TLSKey         string   `toml:"tls_key"`
	TrustedProxies []string `toml:"trusted_proxies"`
}

// DB says where the database is.
type DB struct {
	URL Secret `toml:"url"` // may hold a password
	// Wait is how long a server that is away is waited for when the node starts.
	Wait time.Duration `toml:"wait"`
}

// Blob says where files are kept: in a folder, or in an S3-compatible store.
type Blob struct {
	Dir string `toml:"dir"`
	S3  S3     `toml:"s3"`
}

// S3 is an S3-compatible store.
type S3 struct {
	Endpoint      string `toml:"endpoint"`
	Bucket        string `toml:"bucket"`
	Region        string `toml:"region"`
	Prefix        string `toml:"prefix"`
	AccessKey     string `toml:"access_key"`
	SecretKey     Secret `toml:"secret_key"`
	SecretKeyFile string `toml:"secret_key_file"`
	Plain         bool   `toml:"plain"`
}

// Upload says how files come in that people send in pieces.
type Upload struct {
	Dir      string        `toml:"dir"`       // for what is not finished
	MaxBytes int           `toml:"max_bytes"` // of one file
	MaxOpen  int           `toml:"max_open"`  // of all that is not finished
	Keep     time.Duration `toml:"keep"`
	Scanner  string        `toml:"scanner"`
}

// Mail says how letters leave: into a folder, or through a server.
type Mail struct {
	Dir          string `toml:"dir"`
	Host         string `toml:"host"`
	Port         int    `toml:"port"`
	TLS          string `toml:"tls"`
	User         string `toml:"user"`
	Password     Secret `toml:"password"`
	PasswordFile string `toml:"password_file"`
	From         string `toml:"from"`
	FromName     string `toml:"from_name"`
}

// Session holds the limits of a sign-in.
type Session struct {
	Idle     time.Duration `toml:"idle"`
	Absolute time.Duration `toml:"absolute"`
	// SecondFactor are the roles whose holders show a second factor; UsualRoles stands for those
	// that modules name.
	SecondFactor []string `toml:"second_factor"`
	Dir          string   `toml:"dir"` // for the key that seals second factors
}

// UsualRoles is the word of session.second_factor for the roles that modules name.
const UsualRoles = "usual"

// SignIn says where people sign in with their electronic identity.
type SignIn struct {
	Issuer string `toml:"issuer"`    // of the provider (OpenID Connect)
	Client string `toml:"client_id"` // what this node is called there
	Dir    string `toml:"dir"`       // for the key by which the provider knows the node
}

// Log says what is written to standard error, and how.
type Log struct {
	Level  string `toml:"level"`
	Format string `toml:"format"`
}

// Jobs says how much is done in the background at once.
type Jobs struct {
	Workers int `toml:"workers"`
}

// Default is the configuration of a board on this machine, with the sections of
// these modules.
func Default(sections ...Section) Config {
	c := Config{
		Node:   Node{Name: "dean06", Role: "board"},
		HTTP:   HTTP{Addr: "127.0.0.1:8006"},
		DB:     DB{URL: "sqlite:var/board.db", Wait: 10 * time.Minute},
		Blob:   Blob{Dir: "var/blobs"},
		Upload: Upload{Dir: "var/uploads", MaxBytes: 50 << 20, MaxOpen: 4 << 30, Keep: 24 * time.Hour},
		Mail:   Mail{Dir: "var/mail", TLS: "required", From: "dean06@localhost.localdomain"},
		SignIn: SignIn{Dir: "var/sign-in"},
		Session: Session{
			Idle: 30 * time.Minute, Absolute: 12 * time.Hour, SecondFactor: []string{UsualRoles}, Dir: "var/session",
		},
		Log:      Log{Level: "info", Format: "text"},
		Jobs:     Jobs{Workers: 4},
		Sections: map[string]any{},
	}
	for _, s := range sections {
		c.Sections[s.Name] = s.New()
	}
	return c
}

// Secret is a text that is not printed; Reveal gives it.
type Secret string

const masked = "•••"

// String covers the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return masked
}

// GoString covers the secret in %#v.
func (s Secret) GoString() string { return `"` + s.String() + `"` }

// LogValue covers the secret in logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText covers the secret in JSON and TOML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal gives the secret.
func (s Secret) Reveal() string { return string(s) }

// Secure says that the node is reached over TLS, its own or a proxy's.
func (h HTTP) Secure() bool {
	return h.TLSCert != "" || len(h.PublicURL) > 8 && h.PublicURL[:8] == "https://"
}

// Unnamed says that there is a proxy, which does TLS, and that it is not named: then all people
// come from one address.
func (h HTTP) Unnamed() bool { return h.TLSCert == "" && h.Secure() && len(h.TrustedProxies) == 0 }

// Proxies are the trusted proxies; Load has checked them.
func (h HTTP) Proxies() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range h.TrustedProxies {
		if p, err := parsePrefix(s); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// SlogLevel is the level in slog's terms.
func (l Log) SlogLevel() slog.Level {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.Level))
	return level
}

// Problem is one thing that is wrong.
type Problem struct {
	Source string // "dean06.toml", "DEAN06_HTTP_ADDR", "--http.addr"; empty for a default
	Line   int    // in the file, from 1; 0 when it is no line
	Key    string // such as "http.addr"
	Fault  *fault.Error
	// Warning is worth mending, and stops nothing.
	Warning bool
}

// Text is the problem as one line: where, what, and how to mend it.
func (p Problem) Text(pr *i18n.Printer) string {
	where := p.Source
	if p.Line > 0 {
		where += ":" + strconv.Itoa(p.Line)
	}
	if p.Key != "" {
		if where != "" {
			where += ": "
		}
		where += p.Key
	}
	return where + ": " + pr.T(p.Fault.Key, p.Fault.Args)
}
