package exchange

import (
	"slices"

	"dean06/internal/platform/fault"
)

// The roles that mean something to the exchange.
const (
	Operator      = "operator"      // runs the centre
	Administrator = "administrator" // owns a gateway
	Auditor       = "auditor"       // reads
)

// Actor is who acts.
type Actor struct {
	Account string // an account, or "gateway:H55-1"
	Name    string
	Roles   []string
}

// Doing is something that a person may want to do with the exchange.
type Doing string

// What a person may want to do.
const (
	ReadExchange Doing = "read"
	RunCentre    Doing = "centre" // decide on members, certificates and applications
	OwnGateway   Doing = "owner"  // offer services and give rights
)

var allowed = map[string][]Doing{
	Operator:      {ReadExchange, RunCentre},
	Administrator: {ReadExchange, OwnGateway},
	Auditor:       {ReadExchange},
}

// May fails with Unsigned when nobody is signed in, and with Denied
// ("exchange.denied.…") when no role of the actor allows it.
func (a Actor) May(do Doing) error {
	if a.Account == "" {
		return fault.New(fault.Unsigned, "exchange.denied.unsigned", nil)
	}
	for _, r := range a.Roles {
		if slices.Contains(allowed[r], do) {
			return nil
		}
	}
	return fault.New(fault.Denied, "exchange.denied."+string(do), nil)
}
