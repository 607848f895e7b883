package app

import (
	"context"
	"fmt"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/readiness/readinessnode"
	"dean06/internal/security"
	"dean06/internal/xroad"
)

// declared is the register of systems that security asks: what agencies declare in their
// returns.
type declared struct{ returns *readinessnode.Node }

// SystemsOf are those of an agency.
func (d declared) SystemsOf(ctx context.Context, agency string) ([]security.System, error) {
	list, err := d.returns.Register().Declared(ctx, readinessnode.System(), agency)
	out := make([]security.System, len(list))
	for i, s := range list {
		out[i] = security.System{Agency: agency, ID: s.ID, Name: s.Name, Kind: s.Kind, Unit: s.Unit}
	}
	return out, err
}

// cleared tells the hub who passes where a right demands security.
func cleared(g *exchangenode.Gateway) func(context.Context, time.Time, []security.Clearance) error {
	return func(ctx context.Context, at time.Time, list []security.Clearance) error {
		said := exchange.Security{At: at, Clearances: make([]exchange.Clearance, len(list))}
		for i, c := range list {
			id, err := xroad.ParseID(c.Subsystem, 4, 4)
			if err != nil {
				return fmt.Errorf("clearance of %s: %w", c.Subsystem, err)
			}
			said.Clearances[i] = exchange.Clearance{ID: id, System: c.Name, Until: c.Until, Why: exchange.Obstacle(c.Why), Detail: c.Detail}
		}
		return g.Clear(ctx, said)
	}
}
