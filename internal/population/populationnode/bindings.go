package populationnode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"dean06/internal/citizen"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/session"
	"dean06/internal/population"
)

// bindings gives the register the bindings that the accounts' keeper keeps.
type bindings struct{ n *Node }

// Bound is the number that an account is bound to: of whoever is signed in, what the
// session says.
func (b bindings) Bound(ctx context.Context, account string) (citizen.Number, error) {
	text := ""
	if id, ok := session.From(ctx); ok && id.Account == account {
		text = id.Bound
	}
	if text == "" && b.n.needs.Bindings != nil {
		var err error
		if text, err = b.n.needs.Bindings.Bound(ctx, account); err != nil {
			return citizen.Number{}, err
		}
	}
	if text == "" {
		return citizen.Number{}, nil
	}
	return citizen.ParseNumber(text)
}

var errNoBindings = errors.New("nobody keeps bindings on this node")

// Bind binds an account, and tells its holder and the auditors.
func (b bindings) Bind(ctx context.Context, one population.Binding) error {
	keeper := b.n.needs.Bindings
	if keeper == nil {
		return errNoBindings
	}
	if err := keeper.Bind(ctx, one.By, one.Account, one.Number.Reveal(), one.How, one.Proof); err != nil {
		return err
	}
	return b.tell(ctx, one)
}

func (b bindings) tell(ctx context.Context, one population.Binding) error {
	if b.n.base.Approvals == nil {
		return nil
	}
	told := []string{one.Account}
	auditors, err := b.n.needs.Bindings.Holding(ctx, b.n.base.DB, population.Auditor)
	if err != nil {
		return fmt.Errorf("tell of the binding of %s: %w", one.Account, err)
	}
	for _, a := range auditors {
		told = append(told, a.ID)
	}
	notice := approval.Notice{
		Key: "population.told.bound." + one.How, Urgent: true,
		Args: map[string]any{"by": one.By.Name, "account": b.n.base.Sessions.NameOf(ctx, one.Account, b.n.base.Clock.Now())},
	}
	if err := b.n.base.Approvals.Tell(ctx, b.n.base.DB, notice, told...); err != nil {
		return fmt.Errorf("tell of the binding of %s: %w", one.Account, err)
	}
	return nil
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
