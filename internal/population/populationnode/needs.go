package populationnode

import (
	"context"
	"slices"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/archive"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// Needs are what the register needs of others. Methods are called only after everything
// was opened, but for Units.
type Needs struct {
	// Procedure names an administrative procedure by its code; "" when it is not known.
	Procedure func(ctx context.Context, code string) string
	// Units are the provinces, districts and communes through time. They are asked when the
	// module is opened, after the one that has them.
	Units func(ctx context.Context) (population.Units, error)
	// Publisher publishes changes to who may hear of them; nil until there is an exchange.
	Publisher Publisher
	// Changed is told of people to whom something happened, in the transaction that records it;
	// nil tells nobody.
	Changed func(ctx context.Context, q sqldb.Queryer, people []citizen.Number) error
	// Trust says who vouches for the certificates with which the node's gateway signs the
	// log of look-ups; nil where there is no gateway.
	Trust func(ctx context.Context) (archive.Trust, error)
}

// Publisher publishes events of the register's subsystem through the exchange.
type Publisher interface {
	// Publish publishes a message whose payload is a population.News: to each who may hear
	// of it the fields that a right grants. It fails until the node has joined the
	// exchange; the message is tried again then.
	Publish(ctx context.Context, m outbox.Message) error
}

// Feed is what the register publishes.
type Feed struct {
	Subsystem string
	// Right is the service whose rights say who may hear of changes, and of which fields.
	Right string
	// Types are the kinds of events, Heard the fields that every subscriber hears.
	Types, Heard []string
}

// Feed tells the exchange what to publish for the register.
func (n *Node) Feed() Feed {
	return Feed{Subsystem: Subsystem, Right: population.ServiceFeed, Types: population.EventTypes(), Heard: population.Heard}
}

// Field is a field that a right to a service of the register can name.
type Field struct{ Code, Key string }

// Fields are the fields that a right to a service can name; none for a service that does
// not answer by fields, or is not the register's.
func (n *Node) Fields(subsystem, service string) []Field {
	if subsystem != Subsystem || !slices.Contains(withFields, service) {
		return nil
	}
	out := make([]Field, len(population.Fields))
	for i, f := range population.Fields {
		out[i] = Field{Code: string(f), Key: f.Label()}
	}
	if service == population.ServiceEvents { // which may be reported, and what questions may tell
		for i, k := range population.ReportKinds {
			f := population.Reporting(k)
			out = slices.Insert(out, i, Field{Code: string(f), Key: f.Label()})
		}
	}
	return out
}

// withFields are the services that answer no more than the fields of a right. To read
// who looked somebody up ("usage") no field is needed.
var withFields = []string{
	population.ServiceMatch, population.ServiceFacts, population.ServiceHousehold, population.ServiceResidence, population.ServiceMarital,
	population.ServiceLife, population.ServiceGuardian, "lists", population.ServiceFeed,
	population.ServiceEvents,
}

// Look is a look-up about somebody, in the words of who reads it.
type Look struct {
	At       time.Time
	Who, Why string
}

// looksTold is how many look-ups Looked tells.
const looksTold = 50

// Looked are the last look-ups about somebody whose number their electronic identity proves.
func (n *Node) Looked(ctx context.Context, a actor.Actor, number citizen.Number) ([]Look, error) {
	list, err := n.register.LookupsOf(ctx, a, number, "", looksTold)
	if err != nil {
		return nil, err
	}
	out := make([]Look, len(list))
	for i, l := range list {
		out[i].At = l.At
		out[i].Who, out[i].Why = n.pages.Told(ctx, l)
	}
	return out, nil
}

// Register is the register, for benchmarks and tests of the whole.
func (n *Node) Register() *population.Register { return n.register }

// Asked says that somebody has asked the register before.
func (n *Node) Asked(ctx context.Context) (bool, error) {
	first, err := n.register.Store.FirstLookup(ctx)
	return !first.IsZero(), err
}
