// Package approval is the second person: what one account asks for takes effect
// only when another has approved it. A request is a row with what is to happen; the
// module that owns the matter says who may decide and makes it happen, in the
// transaction of the decision.
//
// Nobody decides on their own request, nor on one that gives themselves something.
// A node whose accounts cannot decide sends the request to another node. In an
// emergency somebody may take a role alone: for a day at most, and everybody
// concerned is told at once.
//
// It gives roles no meaning and knows no account by itself: who holds which role is
// asked of Accounts, what a request does is a matter of its Kind.
package approval

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package and of its pages.
var Messages, _ = fs.Sub(messages, "messages")

// Migrate makes the tables.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "approval", files)
}

// State is where a request stands. "approval.state.…" is its name for people.
type State string

// The states. A request leaves Open once and for all.
const (
	Open     State = "open"
	Approved State = "approved"
	Refused  State = "refused"
	Taken    State = "withdrawn" // by the one who asked
	Expired  State = "expired"
)

// States lists them.
var States = []State{Open, Approved, Refused, Taken, Expired}

// Request is what one person asks and another decides.
type Request struct {
	ID      string
	Kind    string // code of a Kind: "account.roles", "exchange.right", "population.export"
	Subject string // the record that it is about: an account's id, a service's identifier
	// Benefits is the account that gets something by it; they may neither ask for it
	// nor approve it. "" when it is nobody's gain.
	Benefits string
	// Says is what is asked, in words: a message with its arguments (texts and numbers),
	// without personal data.
	SaysKey  string
	SaysArgs fault.Args
	Reason   string
	Payload  json.RawMessage // for Kind.Apply; it never leaves the node
	By       actor.Actor
	At       time.Time
	Until    time.Time // open requests expire then; 14 days after At when Ask is given none
	State    State
	// Needs is how many persons must approve: one beside the asker, two when it was
	// asked at the command line, where nobody knows who sits.
	Needs   int
	Votes   []Vote      // who approved so far, while more are needed
	Decider actor.Actor // zero while open
	Decided time.Time
	Why     string   // of a refusal
	Trouble *Trouble // why the last try to approve changed nothing; the request is still open
	// Origin is the node that asks, when it is another: the identifier of its
	// subsystem in the exchange. Words are what it asks, in its own words.
	Origin string
	Words  map[i18n.Lang]Words
	// SentTo is the node that decides, when it is another, and Trip how it got there.
	SentTo string
	Trip   Trip
}

// Vote is one approval of several that are needed.
type Vote struct {
	By actor.Actor `json:"by"`
	At time.Time   `json:"at"`
}

// Trouble is why something failed, as people read it.
type Trouble struct {
	Key  string     `json:"key"`
	Args fault.Args `json:"args,omitempty"`
	At   time.Time  `json:"at"`
}

// Words are the texts of a request in one language.
type Words struct {
	Kind string `json:"kind"`
	Says string `json:"says"`
	Node string `json:"node"` // the name of the node that asks
}

// Trip is the way of a request to another node.
type Trip struct {
	For     string    // the account there that is named; "" for any that may
	Arrived time.Time // zero until the other node has it
	Tried   time.Time // the last try, of sending or of asking for the decision
	Tries   int       // that failed since the last that went well
	Trouble string    // of the last try, for administrators
}

// Kind is a kind of request.
type Kind struct {
	Code string // "approval.kind.…" is its name for people
	// Deciders are the roles whose holders may decide.
	Deciders []string
	// Apart says that who decides can neither ask nor make an account that could: one
	// holder of the roles is then a second person.
	Apart bool
	// Apply makes it happen, in the transaction of the decision, which may run twice.
	// When it fails the request stays open and shows why. r.Decider is who approved.
	Apply func(ctx context.Context, tx *sqldb.Tx, r Request) error
	// Told are the accounts that hear of it when it has happened, beside the one who
	// asked, the one who gains and the readers of the audit log.
	Told func(ctx context.Context, r Request) ([]string, error)
	// Href is the page of what it is about; "" for none.
	Href func(r Request) string
	// Oneself lets somebody ask for their own gain. They still cannot decide.
	Oneself bool
	// Barred are the accounts that decide neither way on a request though they hold the role, as
	// they had a hand in what it is about; nor does another account of theirs. nil for none.
	Barred func(r Request) []string
}

// Account is what approval needs to know of an account.
type Account struct {
	ID, Login, Name, Email, Agency string
	Roles                          []string // its own, without what was taken in an emergency
	Active                         bool
}

// Has says that the account holds one of the roles.
func (a Account) Has(roles ...string) bool { return actor.Actor{Roles: a.Roles}.Has(roles...) }

// Accounts is what is asked of the accounts of the node; q is the transaction in which
// it is asked.
type Accounts interface {
	// Holding are the active accounts that hold one of the roles.
	Holding(ctx context.Context, q sqldb.Queryer, roles ...string) ([]Account, error)
	// ByID is an account, active or not. It fails with NotFound.
	ByID(ctx context.Context, q sqldb.Queryer, id string) (Account, error)
}
