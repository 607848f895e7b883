package identity

import (
	"context"
	"time"
)

// Store keeps identities. identitysql keeps them in a database, identitytest in memory.
type Store interface {
	Reader
	// InTx runs f in one transaction, and again when the engine asks for it, so f must
	// have no effect but through tx.
	InTx(ctx context.Context, f func(tx Tx) error) error
}

// Reader reads. What is not there is NotFound ("identity.unknown") unless it says otherwise.
type Reader interface {
	Account(ctx context.Context, id string) (Account, error)
	// ByHolder is the account of a holder; ok is false when there is none.
	ByHolder(ctx context.Context, h Holder) (a Account, ok bool, err error)
	Proofings(ctx context.Context, account string) ([]Proofing, error)
	// Secrets of an account; the zero value with its id when there are none.
	Secrets(ctx context.Context, account string) (Secrets, error)
	Device(ctx context.Context, id string) (Device, error)
	DeviceByKey(ctx context.Context, key []byte) (Device, error)
	// Devices are all of an account, closed ones too, the youngest first.
	Devices(ctx context.Context, account string) ([]Device, error)
	// Session and SessionByToken give ended ones too.
	Session(ctx context.Context, id string) (Session, error)
	SessionByToken(ctx context.Context, token string) (Session, error)
	// Sessions are those of an account that go on at a moment, the youngest first.
	Sessions(ctx context.Context, account string, at time.Time) ([]Session, error)
	Delegation(ctx context.Context, id string) (Delegation, error)
	// ActingFor are those by which an account acts, ActedFor by which others act for it; ended
	// ones too, the youngest first.
	ActingFor(ctx context.Context, by string) ([]Delegation, error)
	ActedFor(ctx context.Context, account string) ([]Delegation, error)
	Client(ctx context.Context, id string) (Client, error)
	// Clients are those of an owner; "" all. By name.
	Clients(ctx context.Context, owner string) ([]Client, error)
	Consents(ctx context.Context, account string) ([]Consent, error)
	Request(ctx context.Context, id string) (Request, error)
	RequestByURI(ctx context.Context, hash string) (Request, error)
	RequestByCode(ctx context.Context, hash string) (Request, error)
	Grant(ctx context.Context, id string) (Grant, error)
	// GrantByRefresh finds it by the valid refresh token or the one before.
	GrantByRefresh(ctx context.Context, hash string) (Grant, error)
	// Grants are those of an account that hold at a moment, with or without a client, or of a
	// session.
	Grants(ctx context.Context, f GrantFilter) ([]Grant, error)
	// Entries are those of an account, the youngest first; before is the Seq of the last one of
	// the page before, 0 for the first page.
	Entries(ctx context.Context, account string, before int64, limit int) ([]Entry, error)
	Recovery(ctx context.Context, id string) (Recovery, error)
	Recoveries(ctx context.Context, account string) ([]Recovery, error)
	Challenge(ctx context.Context, id string) (Challenge, error)
	// Counts are how many accounts there are by kind, level and state; no names.
	Counts(ctx context.Context) ([]Count, error)
}

// GrantFilter narrows Grants; empty members say nothing.
type GrantFilter struct {
	Account, Client, Session string
	At                       time.Time // zero: ended ones too
}

// Count is a line of the authority's statistics.
type Count struct {
	Kind  Kind
	Level Level
	State State
	N     int
}

// Tx writes. What it changes must be as it was read: it fails with Conflict
// ("identity.changed") when a version moved.
type Tx interface {
	Reader
	SaveAccount(ctx context.Context, a Account) error // Version as read; 0 for a new one
	AddProofing(ctx context.Context, p Proofing) error
	SaveSecrets(ctx context.Context, s Secrets) error
	SaveDevice(ctx context.Context, d Device) error
	SaveSession(ctx context.Context, s Session) error
	SaveDelegation(ctx context.Context, d Delegation) error
	SaveClient(ctx context.Context, c Client) error
	SaveConsent(ctx context.Context, c Consent) error
	AddRequest(ctx context.Context, r Request) error
	// MoveRequest writes a request that was in a state; it fails with Conflict when it is not
	// any more: of two that use one code, one does.
	MoveRequest(ctx context.Context, r Request, from RequestState) error
	AddGrant(ctx context.Context, g Grant) error
	// MoveGrant writes a grant whose valid refresh token was refresh ("" for none); it fails
	// with Conflict when it is not any more.
	MoveGrant(ctx context.Context, g Grant, refresh string) error
	// AddEntry appends to the chain; it fills in Seq, Before and Hash.
	AddEntry(ctx context.Context, e Entry) error
	SaveRecovery(ctx context.Context, r Recovery) error
	SaveChallenge(ctx context.Context, c Challenge) error
	// Once notes that something was used; it fails with Conflict ("identity.again") when it was
	// before, until that time: proofs, assertions.
	Once(ctx context.Context, key string, until time.Time) error
	// Count counts a failure under a key and gives how many there are within the time; Forgive
	// forgets them.
	Count(ctx context.Context, key string, at time.Time, within time.Duration) (int, error)
	Failures(ctx context.Context, key string, since time.Time) (n int, last time.Time, err error)
	Forgive(ctx context.Context, key string) error
}

// Sweep is what is taken away once nobody needs it any more: requests, challenges, what Once
// noted.
type Sweep interface {
	Sweep(ctx context.Context, before time.Time, limit int) (n int, err error)
}
