package populationnode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/session"
	"dean06/internal/population"
)

// bindings gives the register the bindings that the sessions keep.
type bindings struct{ n *Node }

// Bound is the number that an account is bound to: of whoever is signed in, what their
// session says.
func (b bindings) Bound(ctx context.Context, account string) (citizen.Number, error) {
	text := ""
	if id, ok := session.From(ctx); ok && id.Account == account {
		text = id.Bound
	}
	if text == "" {
		kept, err := b.n.base.Sessions.BoundTo(ctx, account)
		if fault.Of(err) == fault.NotFound {
			return citizen.Number{}, nil
		}
		if err != nil {
			return citizen.Number{}, fmt.Errorf("whom %s is bound to: %w", account, err)
		}
		text = kept.Number
	}
	return citizen.ParseNumber(text)
}

// errNotJoined leaves what is to be sent in the outbox until there is an exchange.
var errNotJoined = errors.New("the node takes no part in an exchange")

// publish publishes a change that the register put into the outbox.
func (n *Node) publish(ctx context.Context, m outbox.Message) error {
	if n.needs.Publisher == nil {
		return errNotJoined
	}
	var change population.Change
	if err := json.Unmarshal(m.Payload, &change); err != nil {
		return jobs.Permanent(fmt.Errorf("read a change: %w", err))
	}
	news, err := n.register.Fields.News(change)
	if err != nil {
		return jobs.Permanent(err)
	}
	if m.Payload, err = json.Marshal(news); err != nil {
		return jobs.Permanent(fmt.Errorf("write news: %w", err))
	}
	return n.needs.Publisher.Publish(ctx, m)
}
