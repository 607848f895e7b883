// Package approval is the second person: what one account asks for takes effect
// only when another has approved it. A request is a row with what is to happen; the
// module that owns the matter says who may decide and makes it happen, in the
// transaction of the decision.
//
// Nobody decides on their own request, nor on one that gives themselves something.
// A node whose accounts cannot decide sends the request to another node.
package approval

import (
	"context"
	"encoding/json"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// State is where a request stands. "approval.state.…" is its name for people.
type State string

// The states.
const (
	Open     State = "open"
	Approved State = "approved"
	Refused  State = "refused"
	Taken    State = "withdrawn" // by the one who asked
	Expired  State = "expired"
)

// Request is what one person asks and another decides.
type Request struct {
	ID      string
	Kind    string // code of a Kind: "account.roles", "exchange.right", "population.export"
	Subject string // the record that it is about: an account's id, a service's identifier
	// Benefits is the account that gets something by it; they may neither ask for it
	// nor approve it. "" when it is nobody's gain.
	Benefits string
	// Says is what is asked, in words: a message with its arguments, without personal data.
	SaysKey  string
	SaysArgs fault.Args
	Reason   string
	Payload  json.RawMessage // for Kind.Apply
	By       actor.Actor
	At       time.Time
	Until    time.Time // open requests expire then
	State    State
	Decider  actor.Actor // zero while open
	Decided  time.Time
	Why      string // of a refusal
	// Origin is the node that asks, when it is another: the identifier of its
	// subsystem in the exchange.
	Origin string
}

// Kind is a kind of request.
type Kind struct {
	Code string // "approval.kind.…" is its name for people
	// Deciders are the roles whose holders may decide.
	Deciders []string
	// Apply makes it happen, in the transaction of the decision, which may run twice.
	Apply func(ctx context.Context, tx *sqldb.Tx, r Request) error
	// Told are the accounts that hear of it when it has happened, beside the one who
	// asked, the one who gains and the readers of the audit log.
	Told func(ctx context.Context, r Request) ([]string, error)
}

// Service keeps the requests of one node.
type Service struct{}
