package centre

import (
	"context"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/xroad"
)

// Store keeps the centre's register. centresql keeps it in a database.
type Store interface {
	Reader
	// InTx runs f in one transaction, and again when the engine asks for it, so
	// f must have no effect but through tx.
	InTx(ctx context.Context, f func(tx Tx) error) error
}

// Reader reads the centre's register.
type Reader interface {
	// Entries lists the entries of a kind (all when empty), without OpenAPI.
	Entries(ctx context.Context, kind exchange.EntryKind) ([]exchange.Entry, error)
	// Entry reads one; ok is false when there is none.
	Entry(ctx context.Context, kind exchange.EntryKind, key string) (e exchange.Entry, ok bool, err error)
	// Applications lists those in a state, oldest first, without OpenAPI.
	Applications(ctx context.Context, state exchange.ApplicationState, limit int) ([]exchange.Application, error)
	Application(ctx context.Context, id string) (a exchange.Application, ok bool, err error)
	// Tokens lists the newest.
	Tokens(ctx context.Context, limit int) ([]Token, error)
	Token(ctx context.Context, id string) (t Token, ok bool, err error)
	// Certificates lists those that have not expired at a moment, newest first.
	Certificates(ctx context.Context, at time.Time) ([]Certificate, error)
	Certificate(ctx context.Context, fingerprint string) (c Certificate, ok bool, err error)
	// CAs lists the certificates of the centre's own CA, newest first.
	CAs(ctx context.Context) ([][]byte, error)
	// Newest gives the configuration that was published last.
	Newest(ctx context.Context) (p Published, ok bool, err error)
	// History lists what was published below a serial (0: from the newest),
	// newest first, without Signed.
	History(ctx context.Context, below int64, limit int) ([]Published, error)
	// Security gives what was said last of the security of systems; ok is false before.
	Security(ctx context.Context) (s exchange.Security, ok bool, err error)
	// Reports lists the last report of each gateway.
	Reports(ctx context.Context) ([]exchange.Report, error)
	// Witnessed lists heads of a gateway's logs, newest first; only those that
	// raised an alarm that is open when asked, and of all gateways when gateway is empty.
	Witnessed(ctx context.Context, gateway string, alarms bool, limit int) ([]Witness, error)
	// Held lists the heads that a gateway's logs may not fall short of, by chain; of all
	// gateways when gateway is empty.
	Held(ctx context.Context, gateway string) ([]Held, error)
	// Restores lists those of a gateway, newest first, one for each chain.
	Restores(ctx context.Context, gateway string, limit int) ([]Restored, error)
}

// Tx is a transaction on the centre's register.
type Tx interface {
	Reader
	// Turn waits until no other transaction that took its turn is open, and gives
	// the next serial of a configuration.
	Turn(ctx context.Context) (serial int64, err error)
	// PassSerial lets the next turns begin after a serial; it never goes back.
	PassSerial(ctx context.Context, serial int64) error
	// SaveEntry writes an entry with Version increased. It fails with Conflict
	// ("exchange.entry.changed") when the stored one has not e.Version (0: none).
	SaveEntry(ctx context.Context, e exchange.Entry) error
	SaveApplication(ctx context.Context, a exchange.Application) error
	SaveToken(ctx context.Context, t Token) error
	SaveCertificate(ctx context.Context, c Certificate) error
	SaveCA(ctx context.Context, der []byte, at time.Time) error
	// SavePublished adds a configuration, and forgets those that only renewed an
	// earlier one and have run out.
	SavePublished(ctx context.Context, p Published) error
	// LastReport gives the last report of a gateway, and holds it until the end of the
	// transaction: reports of one gateway are taken one after the other.
	LastReport(ctx context.Context, gateway string) (r exchange.Report, ok bool, err error)
	SaveReport(ctx context.Context, r exchange.Report) error
	// SaveSecurity puts what was said in the place of what was said before.
	SaveSecurity(ctx context.Context, s exchange.Security) error
	SaveWitness(ctx context.Context, w Witness) error
	// CloseAlarms closes those of a chain that are open, of one kind or all (""), and says
	// how many.
	CloseAlarms(ctx context.Context, gateway, chain, alarm, by string, at time.Time) (int64, error)
	SaveHeld(ctx context.Context, h Held) error
	// SaveRestore adds one of one chain.
	SaveRestore(ctx context.Context, r Restored) error
	// Note writes a line of the audit log.
	Note(ctx context.Context, a Act) error
}

// Act is who did what to which entry, for the audit log.
type Act struct {
	By      actor.Actor
	Action  string // such as "gateway.suspend"
	Subject string // the kind
	Key     string
	At      time.Time
	Details map[string]string // identifiers and counts
}

// Token lets one gateway of one member join, once.
type Token struct {
	ID          string
	Member      xroad.ID
	Gateway     string
	Subsystems  []xroad.ID
	Public      []byte // Ed25519; its seed is the secret, which is not kept
	Authority   string // fingerprint of the CA that the joiner will trust
	CreatedBy   string
	CreatedAt   time.Time
	ExpiresAt   time.Time
	UsedAt      time.Time
	Certificate string // fingerprint of what it was used for
	WithdrawnAt time.Time
}

// TokenState says what can be done with a token.
type TokenState string

// The states of a token.
const (
	TokenOpen      TokenState = "open"
	TokenUsed      TokenState = "used"
	TokenExpired   TokenState = "expired"
	TokenWithdrawn TokenState = "withdrawn"
)

// State is the token's at a moment.
func (t Token) State(at time.Time) TokenState {
	switch {
	case !t.WithdrawnAt.IsZero():
		return TokenWithdrawn
	case !t.UsedAt.IsZero():
		return TokenUsed
	case !at.Before(t.ExpiresAt):
		return TokenExpired
	}
	return TokenOpen
}

// Certificate is one that the centre's CA issued.
type Certificate struct {
	Fingerprint string
	Use         string // "gateway", "configuration" or "timestamp"
	Gateway     string
	Key         string // SHA-256 of the public key, in hex
	DER         []byte
	From, Until time.Time
	Token       string // with which it was asked for; empty for a renewal
	CreatedAt   time.Time
	RevokedAt   time.Time
	Reason      string
}

// Published is one configuration that was published.
type Published struct {
	exchange.Signed
	Serial     int64
	IssuedAt   time.Time
	StaleAfter time.Time
	ValidUntil time.Time
	Cause      string // the action that led to it; "renewed" for none
	Key        string // of the entry it was about
	By         string // who acted: the account's id; of those before 2027 the name
}

// Witness is a head of one of a gateway's logs as the centre was shown it.
type Witness struct {
	ID      string
	Gateway string
	Line    int64
	Head    exchange.Head // with the name of its chain
	Proved  bool          // that it goes on from the head before
	SeenAt  time.Time
	Alarm   string // message key of what does not fit an earlier head; empty when all fits
	// ClosedAt and ClosedBy say when an alarm ended, and by which restore; "" for one that
	// ended because what was missing came.
	ClosedAt time.Time
	ClosedBy string
}

// Held is the head that a log may never again fall short of.
type Held struct {
	Gateway string
	Line    int64 // how many lawful restores there were
	Head    exchange.Head
	Proved  bool
	SeenAt  time.Time
	Pending time.Time // since when heads come that are not shown to go on from it; zero when none
	Kept    time.Time // when one was last kept among the witnesses
}

// Restored is a restore that people acknowledged, of one chain.
type Restored struct {
	exchange.Restore
	Line int64 // that it began
	At   time.Time
}
