package identity

import (
	"context"
	"errors"
	"time"

	"dean06/internal/platform/fault"
)

// What stores fail with.
var (
	ErrUnknown = fault.New(fault.NotFound, "identity.unknown", nil) // it is not there
	ErrChanged = fault.New(fault.Conflict, "identity.changed", nil) // it is not as it was read
	ErrAgain   = fault.New(fault.Conflict, "identity.again", nil)   // it was used before
	// ErrNoEntry is a mistake of the caller: an account does not change by itself.
	ErrNoEntry = errors.New("an account was saved without an entry that tells of it")
)

// Store keeps identities. identitysql keeps them in a database, identitytest in memory.
type Store interface {
	Reader
	Sweep
	// InTx runs f in one transaction, and again when the engine asks for it, so f must
	// have no effect but through tx.
	InTx(ctx context.Context, f func(tx Tx) error) error
}

// Reader reads. What is not there is ErrUnknown unless it says otherwise.
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
	// DelegationsOver are those whose term ended by a moment and that are not noted as ended.
	DelegationsOver(ctx context.Context, at time.Time, limit int) ([]Delegation, error)
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
	// Grants are those of an account, a client or a session; those that hold at a moment when
	// one is given. The youngest first.
	Grants(ctx context.Context, f GrantFilter) ([]Grant, error)
	// Entries are those of an account, the youngest first; before is the Seq of the last one of
	// the page before, 0 for the first page.
	Entries(ctx context.Context, account string, before int64, limit int) ([]Entry, error)
	Recovery(ctx context.Context, id string) (Recovery, error)
	Recoveries(ctx context.Context, account string) ([]Recovery, error)
	Challenge(ctx context.Context, id string) (Challenge, error)
	// Ring is what the provider signs with, sealed, and its version; nil and 0 before there is one.
	Ring(ctx context.Context) (sealed []byte, version int64, err error)
	// Counts are how many accounts there are by kind, level and state; no names.
	Counts(ctx context.Context) ([]Count, error)
	// Places are how many accounts of citizens there are by commune, level and state.
	Places(ctx context.Context) ([]PlaceCount, error)
}

// GrantFilter narrows Grants; empty members say nothing.
type GrantFilter struct {
	Account, Client, Session string
	For                      string    // account acted for
	At                       time.Time // zero: those that are over too
}

// Count is a line of the authority's statistics.
type Count struct {
	Kind  Kind
	Level Level
	State State
	N     int
}

// PlaceCount is a line of the statistics by place; Commune is the id of a unit, "" for one
// that is not known.
type PlaceCount struct {
	Commune string
	Level   Level
	State   State
	N       int
}

// Tx writes. What it changes must be as it was read: it fails with ErrChanged when a version
// moved. Versions are given as they were read, 0 for what is new; the store counts on. Times
// are kept to the microsecond.
type Tx interface {
	Reader
	// SaveAccount fails with ErrChanged when another account has the holder, too. An entry of
	// the account comes after it.
	SaveAccount(ctx context.Context, a Account) error
	// SavePlace keeps in which commune the holder of an account lives; "" forgets it.
	SavePlace(ctx context.Context, account, commune string) error
	AddProofing(ctx context.Context, p Proofing) error
	SaveSecrets(ctx context.Context, s Secrets) error
	// SaveDevice, SaveSession and SaveConsent fail with ErrChanged when it was closed or ended
	// meanwhile, or is another account's: who read it before does not wake it.
	SaveDevice(ctx context.Context, d Device) error
	SaveSession(ctx context.Context, s Session) error
	SaveDelegation(ctx context.Context, d Delegation) error
	SaveClient(ctx context.Context, c Client) error
	SaveConsent(ctx context.Context, c Consent) error
	AddRequest(ctx context.Context, r Request) error
	// MoveRequest writes a request that was in a state; it fails with ErrChanged when it is not
	// any more: of two that use one code, one does.
	MoveRequest(ctx context.Context, r Request, from RequestState) error
	AddGrant(ctx context.Context, g Grant) error
	// MoveGrant writes a grant whose valid refresh token was refresh ("" for none); it fails
	// with ErrChanged when it is not any more, or when the grant has ended.
	MoveGrant(ctx context.Context, g Grant, refresh string) error
	// AddEntry appends to the chain; it fills in Seq, State, Before and Hash. Other writers
	// wait from here to the end of the transaction, so it comes last.
	AddEntry(ctx context.Context, e Entry) error
	// SaveRing writes it over the version that was read; it fails with ErrChanged.
	SaveRing(ctx context.Context, sealed []byte, version int64) error
	SaveRecovery(ctx context.Context, r Recovery) error
	SaveChallenge(ctx context.Context, c Challenge) error
	// Once notes that something was used; it fails with ErrAgain when it was before, until
	// that time (later, where it was not swept): proofs, assertions.
	Once(ctx context.Context, key string, until time.Time) error
	// Count counts a failure under a key and gives how many there are in the key's window,
	// which begins with its first failure and is within long; after it the count begins anew.
	// However many failures there are, a key takes one row.
	Count(ctx context.Context, key string, at time.Time, within time.Duration) (int, error)
	// Failures are how many were counted in the key's window, if the last was not before since.
	Failures(ctx context.Context, key string, since time.Time) (n int, last time.Time, err error)
	Forgive(ctx context.Context, key string) error
}

// Sweep takes away what nobody needs any more.
type Sweep interface {
	// Sweep takes away at most limit of what ended before a moment, and says how many: requests,
	// challenges, what Once noted, windows of Count; sessions, grants and recoveries once they
	// have been over for KeepEnded. What the holder's log tells of them stays.
	Sweep(ctx context.Context, before time.Time, limit int) (n int, err error)
}

// KeepEnded is how long what ended is kept: so long its reuse is still recognised.
const KeepEnded = 30 * 24 * time.Hour
