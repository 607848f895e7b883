package identity

import (
	"context"
	"time"

	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/password"
	"dean06/internal/platform/throttle"
)

// Service is what people, services and the program do with identities. Each method asks
// first whether whoever acts may (Permissions), and writes in one transaction with the entry
// that tells of it.
type Service struct {
	Parts
}

// Parts are what a service is made of.
type Parts struct {
	Store    Store
	Register Register
	Teller   Teller
	Sealer   Sealer
	Goodbyes Goodbyes
	Keys     Keys
	Gate     *password.Gate // nil: one of the usual cost
	Throttle throttle.Rules
	Clock    clock.Clock
	NewID    func() string // makes time-ordered ids
	Settings Settings
	// Territory is the units of the country, by which accounts are counted; nil knows none.
	Territory func() *org.Territory
}

// NewService makes a service.
func NewService(p Parts) *Service {
	if p.Gate == nil {
		p.Gate = password.NewGate(password.Usual)
	}
	return &Service{p}
}

// Settings are what the authority sets.
type Settings struct {
	Issuer   string // "https://…", without a slash at the end
	Idle     time.Duration
	Absolute time.Duration
	// Texts says that telephones can be sent short texts; else only mail reaches people.
	Texts bool
	// DemoSeed is the seed of one-time codes that everybody of the demo shares; "" outside of
	// one. Whoever knows it makes the codes of those accounts, and of no others.
	DemoSeed string
}

// Teller tells holders of what happened: by mail, and to their telephone by an adapter.
type Teller interface {
	// Tell writes to an address in the transaction at hand. text is a message's key.
	Tell(ctx context.Context, tx Tx, to Address, text string, args map[string]string) error
}

// Address is where somebody can be told something.
type Address struct {
	Kind Field // FieldEmail, FieldPhone
	To   string
	Lang string
}

// Goodbyes carries word to clients that a sign-in ended (OpenID Connect Back-Channel Logout).
type Goodbyes interface {
	// Put leaves it with the transaction at hand; it is delivered afterwards, at least once.
	Put(ctx context.Context, tx Tx, g Goodbye) error
}

// Goodbye is word to one client.
type Goodbye struct {
	Client  string `json:"client"`
	Account string `json:"account"` // whose sign-in the client knows
	Session string `json:"session"`
}

// Sealer seals secrets with a key from outside of the database.
type Sealer interface {
	Seal(plain, about []byte) ([]byte, error)
	Open(sealed, about []byte) ([]byte, error)
}
