package identity

import (
	"cmp"
	"slices"
	"time"
)

// RequestState is how far a request to sign in has come.
type RequestState string

// The states.
const (
	RequestPushed RequestState = "pushed" // by the client; no browser came yet
	RequestOpen   RequestState = "open"   // a browser is at it
	RequestCoded  RequestState = "coded"  // answered with a code
	RequestUsed   RequestState = "used"   // the code became tokens
	RequestOver   RequestState = "over"   // refused, or given up
)

// Request is an authorization request, from the push to the code's use. Its parameters do
// not change once a browser is at it.
type Request struct {
	ID     string
	Client string
	State  RequestState
	// URI is the hash of the request_uri of a pushed one, which opens it once; Browser that of
	// the cookie of the browser that is at it, so that no other one can go on with it; Code
	// that of the code. SHA-256, hex; "" for none.
	URI, Browser, Code string
	Params             map[string]string // as asked, each once; without login_hint
	Hint               []byte            // login_hint, sealed; nil for none
	Key                string            // JWK thumbprint to which the code is bound (RFC 9449, section 10); "" for none
	Session            string            // of the holder, once signed in
	Account            string
	For                string   // account acted for; "" for none
	Chosen             bool     // the holder said for whom
	Purposes           []string // that the holder agreed to on the page, once Decided
	ACR                Level    // as which the sign-in counts, once answered
	Decided            bool     // the page of consents was answered
	Refused            bool     // the holder gave up
	Grant              string   // id, once the code was used
	CreatedAt          time.Time
	OpenedAt           time.Time // when the browser came; zero before
	ExpiresAt          time.Time // of the code, once there is one
}

// Grant is what a client holds: the right to ask who signed in, and to go on asking with a
// refresh token.
type Grant struct {
	ID      string
	Client  string
	Account string
	For     string // account acted for; "" for none
	Session string // by which it was given; "" for a client's own
	Scope   []string
	Claims  []string // that may be told, by name
	Asked   string   // the claims parameter (OpenID Connect Core, 5.5); "" for none
	// Purposes are those for which the claims may be told.
	Purposes []string
	ACR      Level
	Methods  []Method
	AuthAt   time.Time
	Nonce    string
	Key      string // JWK thumbprint; "" for bearer tokens
	// Refresh is the hash of the refresh token that is valid, Before of the one before it:
	// when that comes again, somebody has a copy, and the grant ends (RFC 9700, 4.14.2).
	Refresh, Before string
	RotatedAt       time.Time
	CreatedAt       time.Time
	ExpiresAt       time.Time
	EndedAt         time.Time // zero while it holds
	EndedWhy        string    // "reused", "revoked", "signed_out", "withdrawn", "suspended"
}

// Open says that the grant holds at a moment.
func (g Grant) Open(at time.Time) bool { return g.EndedAt.IsZero() && at.Before(g.ExpiresAt) }

// Stays says that it goes on when the session has ended (OpenID Connect Core, 11).
func (g Grant) Stays() bool { return slices.Contains(g.Scope, "offline_access") }

// subject is the account that tokens speak of: the one acted for, if there is one.
func (g Grant) subject() string { return cmp.Or(g.For, g.Account) }
