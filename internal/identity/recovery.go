package identity

import "time"

// RecoveryHow is in which way somebody gets back in without their old devices.
type RecoveryHow string

// The ways. "identity.recovery.…" are their names. None asks for facts that others know too.
const (
	AtDesk       RecoveryHow = "desk"  // an officer sees card and holder
	WithCode     RecoveryHow = "code"  // a recovery code
	WithTrustees RecoveryHow = "trust" // two people who were named before, after a day
)

// RecoveryWait is how long devices and addresses are told before people of trust open an
// account.
const RecoveryWait = 24 * time.Hour

// Recovery is a way back that was begun. Who began it holds a token; the holder can stop it
// from any device until it is done.
type Recovery struct {
	ID       string
	Account  string
	How      RecoveryHow
	Token    string   // SHA-256, hex, of the token of who began it
	Vouched  []string // accounts of the people of trust who said yes
	AskedAt  time.Time
	ReadyAt  time.Time // when it may be done
	DoneAt   time.Time
	StopAt   time.Time // stopped, by the holder or because it was given up
	StopWhy  string
	Address  string
	Agent    string
	Version  int64
	Trustees []string // accounts that were named when it was asked for
}

// ChallengeKind is what a challenge is answered for.
type ChallengeKind string

// The kinds.
const (
	ForQR   ChallengeKind = "qr"   // shown here, confirmed there
	ForCode ChallengeKind = "code" // a one-time code that was sent to a confirmed address
)

// Challenge is something that waits for one answer, for a short time.
type Challenge struct {
	ID      string
	Kind    ChallengeKind
	Account string // "" when nobody is known yet
	Session string
	Request string // id of the authorization request that it is for
	Browser string // hash of the cookie of the browser that began it
	Data    []byte // what the answer is held against (JSON)
	Secret  string // slow hash of a code that was sent
	Tries   int
	// Answer is what was answered, once: the account that confirmed a QR.
	Answer    string
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
	Version   int64
}
