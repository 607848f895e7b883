package identity

import (
	"log/slog"
	"time"
)

// Device is something that a holder signs in with, by a key of its own that never leaves it
// (WebAuthn). An account has as many as its holder wants.
type Device struct {
	ID      string
	Account string
	Name    string // as the holder calls it
	// Key is the id of its key, Credential the key itself with its counter, as the library
	// writes them (JSON).
	Key        []byte
	Credential []byte
	Agent      string // the browser with which it was added
	AddedAt    time.Time
	UsedAt     time.Time // zero: never
	// ClosedAt is when it was removed or reported lost; zero while it opens the account.
	ClosedAt time.Time
	ClosedBy string // "holder", "desk", "recovery", "authority"
}

// Open says that the device opens its account.
func (d Device) Open() bool { return d.ClosedAt.IsZero() }

// Secrets are what else a holder shows. Of a password and of recovery codes only slow
// hashes are kept; the seed of one-time codes is sealed with a key from outside of the
// database.
type Secrets struct {
	Account    string
	Password   string    // argon2id in PHC form; "" for none
	PasswordAt time.Time // since when
	CodeSeed   []byte    // sealed; nil for none
	CodeOn     bool      // false while it awaits its first code
	CodeStep   int64     // the last step that was used: a code is taken once
	// Recovery are the recovery codes that are left: of each the first two characters, by which
	// it is found, and the hash of the whole in PHC form ("k7 $argon2id$…").
	Recovery []string
	// Trustees are the people of trust whom the holder named for the day when all else is lost.
	Trustees []Trustee
	Version  int64
}

// Trustee is somebody who may vouch for a holder, with another one.
type Trustee struct {
	Account string    `json:"account"`
	Since   time.Time `json:"since"`
}

// LogValue keeps everything out of logs.
func (s Secrets) LogValue() slog.Value { return slog.StringValue(s.Account) }

// Method is a way in which a holder showed to be the holder, as tokens name it (RFC 8176).
type Method string

// The methods.
const (
	ByPassword Method = "pwd"
	ByCode     Method = "otp" // of an application, or sent to a confirmed address
	ByKey      Method = "hwk" // a device's key
	ByQR       Method = "qr"  // shown here, confirmed by the key of another device
	ByRecovery Method = "rcv" // a recovery code, in the place of one-time code or key
)

// Session is a sign-in at the authority, which other services' sign-ins rest on.
type Session struct {
	ID        string // the "sid" of tokens
	Token     string // SHA-256 of the cookie, hex
	Account   string
	Methods   []Method
	Level     Level  // how sure the sign-in is, whatever the account's level
	Device    string // id; "" for none
	Address   string
	Agent     string
	CreatedAt time.Time
	AuthAt    time.Time // when the holder last showed something
	SeenAt    time.Time
	ExpiresAt time.Time
	EndedAt   time.Time // zero while it goes on
}

// Open says that the sign-in goes on at a moment.
func (s Session) Open(at time.Time) bool { return s.EndedAt.IsZero() && at.Before(s.ExpiresAt) }

// Reaches is as what a sign-in of an account counts: the lower of both. An organisation has
// no level of its own.
func (s Session) Reaches(a Account) Level {
	if a.Holder.Kind == Organisation {
		return s.Level
	}
	return min(s.Level, a.Level)
}

// Surely is how sure the sign-in is: a key that its holder unlocked, or a password with
// something else, stands for the level of the account; one thing alone for less.
func Surely(methods []Method) Level {
	has := map[Method]bool{}
	for _, m := range methods {
		has[m] = true
	}
	switch {
	case has[ByKey], has[ByQR], has[ByPassword] && (has[ByCode] || has[ByRecovery]):
		return Two
	case has[ByPassword], has[ByCode], has[ByRecovery]:
		return One
	}
	return NoLevel
}
