package exchange

import (
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

// LocalService is a service that a gateway offers for one of its subsystems.
type LocalService struct {
	ID       xroad.ID
	Name     string
	Type     string // "OPENAPI" or "REST"
	URL      string // where it answers; "" for one that this program serves itself
	OpenAPI  []byte // JSON or YAML as its owner gave it; nil for REST
	Timeout  time.Duration
	Disabled bool
	Notice   string // why it is disabled, told to callers
	// OwnFields says that the service itself keeps to HeaderFields. Of any other
	// service that answers in JSON the gateway takes out what a right does not grant.
	OwnFields bool
	// TLS says how an https address is made sure of, and who this gateway is to it.
	TLS ServiceTLS
}

// ServiceTLS is how a gateway makes sure of a service. The zero one trusts the
// authorities of the machine and shows no certificate.
type ServiceTLS struct {
	CA         string `json:"ca,omitempty"`          // PEM of the authorities that count, instead of the machine's
	ServerName string `json:"server_name,omitempty"` // that its certificate must have, instead of the address's
	// Certificate is the PEM file of the certificate that the gateway shows, and Key that of
	// its key; OwnCertificate shows the one by which the gateway takes part in the exchange.
	Certificate string `json:"certificate,omitempty"`
	Key         string `json:"key,omitempty"`
}

// OwnCertificate in ServiceTLS.Certificate is the gateway's own.
const OwnCertificate = "gateway"

// IsZero says that nothing is set.
func (t ServiceTLS) IsZero() bool { return t == ServiceTLS{} }

// maxCA is how many bytes the authorities of a service may have.
const maxCA = 256 << 10

// check says what is wrong, field by field ("ca", "server_name", "certificate", "key_file").
func (t ServiceTLS) check(address string, bad func(field, key string)) {
	if !t.IsZero() && !strings.HasPrefix(address, "https://") {
		bad("url", "tls.plain")
	}
	if list, err := pki.ReadCertificates([]byte(t.CA)); t.CA != "" && (err != nil || len(list) == 0 || len(t.CA) > maxCA) {
		bad("ca", "tls.ca")
	}
	if t.ServerName != "" && (len(t.ServerName) > 253 || strings.ContainsAny(t.ServerName, " /:@?#")) {
		bad("server_name", "tls.name")
	}
	switch {
	case t.Certificate == "" && t.Key != "":
		bad("certificate", "tls.certificate")
	case t.Certificate == OwnCertificate && t.Key != "", t.Certificate != "" && t.Certificate != OwnCertificate && t.Key == "":
		bad("key_file", "tls.key")
	}
	for _, path := range []string{t.Certificate, t.Key} {
		if path != "" && path != OwnCertificate && (!filepath.IsAbs(path) || len(path) > 500) {
			bad("certificate", "tls.path")
			return
		}
	}
}

// maxNotice is how many bytes a notice to callers may have.
const maxNotice = 1000

// Check says what is wrong with the form of a service, field by field ("name", "url",
// "timeout", "type", "openapi", "notice").
func (s LocalService) Check() error {
	var wrong fault.List
	bad := func(field, key string) {
		wrong = append(wrong, fault.New(fault.Invalid, "exchange.service."+key, nil).At(field))
	}
	if n := len([]rune(s.Name)); n == 0 || n > maxName {
		bad("name", "name")
	}
	if s.URL != "" && !reachable(s.URL) {
		bad("url", "url")
	}
	s.TLS.check(s.URL, bad)
	// What the program answers itself needs no other time than a call has.
	if (s.URL != "" || s.Timeout != 0) && (s.Timeout < time.Second || s.Timeout > 10*time.Minute) {
		bad("timeout", "timeout")
	}
	switch {
	case s.Type != "REST" && s.Type != "OPENAPI":
		bad("type", "type")
	case s.Type == "OPENAPI" && s.OpenAPI == nil:
		wrong = append(wrong, fault.New(fault.Invalid, "exchange.openapi.missing", nil).At("openapi"))
	case s.Type == "OPENAPI":
		if _, _, err := ReadOpenAPI(s.OpenAPI); err != nil {
			wrong = append(wrong, fault.As(err))
		}
	}
	if s.Disabled && (strings.TrimSpace(s.Notice) == "" || len(s.Notice) > maxNotice) {
		bad("notice", "notice")
	}
	return wrong.Err()
}

// reachable says whether a service can be called under an address.
func reachable(address string) bool {
	u, err := url.Parse(address)
	return err == nil && len(address) <= 500 && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") &&
		u.User == nil && u.Fragment == "" && u.RawQuery == ""
}
