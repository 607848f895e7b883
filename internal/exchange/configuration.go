package exchange

import (
	"encoding/json"
	"fmt"
	"time"

	"dean06/internal/xroad"
)

// Configuration is what the centre tells every gateway, signed: who is a member,
// which gateway speaks for which subsystems, what services there are, and which
// certificates count. A gateway that holds a valid one needs the centre for nothing
// else.
type Configuration struct {
	Instance   string    `json:"instance"`
	Serial     int64     `json:"serial"` // grows with each; a lower one is refused
	IssuedAt   time.Time `json:"issued_at"`
	StaleAfter time.Time `json:"stale_after"` // from then on an alarm is shown, and traffic goes on
	ValidUntil time.Time `json:"valid_until"` // from then on nothing new is begun
	// Authorities are the certificates (DER) of the centre's own CA; the first
	// issues now, the others still count.
	Authorities [][]byte       `json:"authorities"`
	Timestamps  [][]byte       `json:"timestamps"` // certificates (DER) of time-stamping authorities that count
	Members     []Member       `json:"members"`
	Gateways    []Gateway      `json:"gateways"`
	Services    []ServiceEntry `json:"services"`
	Groups      []Group        `json:"groups"`
	Revoked     []Revocation   `json:"revoked"`
	Security    *Security      `json:"security,omitempty"` // nil while nobody has said anything
}

// Member is an agency that takes part.
type Member struct {
	ID         xroad.ID    `json:"id"`
	Name       string      `json:"name"`
	Subsystems []Subsystem `json:"subsystems"`
}

// Subsystem is one system of a member.
type Subsystem struct {
	ID   xroad.ID `json:"id"`
	Name string   `json:"name"`
}

// Gateway is an installation through which subsystems take part.
type Gateway struct {
	ID           string     `json:"id"`      // "H55-1"
	Member       xroad.ID   `json:"member"`  // who runs it
	Address      string     `json:"address"` // host:port where other gateways reach it
	Subsystems   []xroad.ID `json:"subsystems"`
	Certificates [][]byte   `json:"certificates"` // DER, all that count, newest first
	Suspended    bool       `json:"suspended"`
}

// ServiceEntry is a service in the catalogue.
type ServiceEntry struct {
	ID        xroad.ID   `json:"id"`
	Name      string     `json:"name"`
	Type      string     `json:"type"` // "OPENAPI" or "REST"
	Endpoints []Endpoint `json:"endpoints"`
}

// Endpoint is a method and path of a service; the path is a glob.
type Endpoint struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

// Group is subsystems that are given rights together.
type Group struct {
	Code    string     `json:"code"`
	Name    string     `json:"name"`
	Members []xroad.ID `json:"members"`
}

// Revocation ends a certificate before its time.
type Revocation struct {
	Fingerprint string    `json:"fingerprint"`
	At          time.Time `json:"at"`
	Reason      string    `json:"reason"`
}

// Signed is a configuration as it travels: the exact bytes, the signature over
// their SHA-256 (ECDSA P-256, ASN.1) and the certificate of the key that signed,
// issued by the centre's CA.
type Signed struct {
	Body        []byte `json:"body"`
	Signature   []byte `json:"signature"`
	Certificate []byte `json:"certificate"`
}

// Read reads what was signed, without asking whether it may be believed: Verify does.
func (s Signed) Read() (Configuration, error) {
	var c Configuration
	if err := json.Unmarshal(s.Body, &c); err != nil {
		return Configuration{}, fmt.Errorf("read the configuration of the exchange: %w", err)
	}
	return c, nil
}
