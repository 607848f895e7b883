package exchange

import (
	"time"

	"dean06/internal/xroad"
)

// Freshness is how a configuration stands at a moment.
type Freshness string

// The states of freshness.
const (
	Fresh   Freshness = "fresh"
	Stale   Freshness = "stale"   // an alarm; traffic goes on
	Expired Freshness = "expired" // nothing new is begun
)

// FreshAt says how the configuration stands at a moment.
func (c Configuration) FreshAt(t time.Time) Freshness {
	switch {
	case !t.Before(c.ValidUntil):
		return Expired
	case !t.Before(c.StaleAfter):
		return Stale
	}
	return Fresh
}

// Status is how a running gateway is.
type Status struct {
	Gateway string // "H55-1"
	Member  xroad.ID
	Address string
	Version string
	At      time.Time

	Serial     int64 // of the configuration; 0 while there is none
	IssuedAt   time.Time
	FetchedAt  time.Time
	StaleAfter time.Time
	ValidUntil time.Time
	Freshness  Freshness // empty while there is none
	FetchFault string    // of the last try, in English, for the operator; empty when it went well

	// HubSerial is the number that the centre gave last, when it is behind Serial, as
	// after a restore from a backup; 0 when it is not.
	HubSerial int64
	HubAhead  time.Duration // how far the centre's clock is ahead of this machine's; 0 when that is not known

	Certificate      []byte // DER, with which the gateway signs and speaks TLS
	NextCertificate  []byte // DER, of one that waits until the others know it; nil for none
	PortCertificate  []byte // DER, of the port for local systems; nil when that speaks plain HTTP
	Limits           Limits
	CertificateUntil time.Time
	CertificateSince time.Time // when the gateway began to use it
	Suspended        bool
	Revoked          bool // the certificate is, by the centre
	Unknown          bool // the configuration does not have it

	LogSize      int64  // 0 until the log was opened
	LogOpened    bool   // once since the start
	LogFault     string // why the log cannot be written now; empty when it can
	LogWaiting   int64  // records that are safe in the journal and not in the table yet
	WaitingFault string // why the table does not take them; empty when it does
	LogRestored  int64  // records that the database had lost and got again from the journal, since the start
	LogLost      int64  // records that it had lost and that the journal did not have either
	LastHead     time.Time
	// Witnessed is what the centre holds of this node's logs, as it said last at
	// WitnessedAt, which is zero while it has said nothing.
	Witnessed    []SeenHead
	WitnessedAt  time.Time
	Unstamped    int       // heads that wait for a time stamp
	OldestDebt   time.Time // of them; zero without any
	LastStamp    time.Time
	StampFault   string
	Queue        int // messages that wait to be written to the log
	QueueLimit   int
	CallsRunning int

	Peers []Peer
}

// Limits are what a gateway takes at most, as its configuration says.
type Limits struct {
	Body  int64 // bytes
	Spool int64 // bytes of all large bodies at once, of which one member has a quarter
	Calls int   // at once, on each side
	Call  time.Duration
}

// Peer is another gateway as this one has met it.
type Peer struct {
	Gateway string
	Member  xroad.ID
	Address string
	LastOK  time.Time // zero when it was never reached
	LastTry time.Time
	Fault   string // of the last try, in English; empty when it went well
}
