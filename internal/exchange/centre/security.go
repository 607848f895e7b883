package centre

import (
	"context"
	"slices"
	"strconv"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// Clear takes what the node of the ministry in charge says of the security of systems, and
// publishes it when it lets others pass than before. Only a gateway that speaks for the
// subsystem that the operator named may say it (Denied), and nothing that is older than
// what was said last (Conflict): who sends an earlier message again changes nothing.
func (c *Centre) Clear(ctx context.Context, by actor.Actor, s exchange.Security) error {
	gateway, err := gatewayOf(by)
	if err != nil {
		return err
	}
	if err := s.Check(c.at.Clock.Now()); err != nil {
		return err
	}
	return c.turn(ctx, by, func(t *turn) error {
		g, ok, err := t.Entry(ctx, exchange.GatewayEntry, gateway)
		if err != nil {
			return err
		}
		if !ok || g.State != exchange.Active || c.at.Security.IsZero() || !slices.Contains(g.Subsystems, c.at.Security) {
			return fault.New(fault.Denied, "exchange.security.stranger", fault.Args{"gateway": gateway, "subsystem": c.at.Security.String()})
		}
		old, ok, err := t.Security(ctx)
		if err != nil {
			return err
		}
		same := ok && s.Same(old)
		if ok && !s.At.After(old.At) {
			if same && s.At.Equal(old.At) {
				return nil
			}
			return fault.New(fault.Conflict, "exchange.security.old", fault.Args{"at": old.At})
		}
		if err := t.SaveSecurity(ctx, s); err != nil || same {
			return err // that it was said again goes out with the next configuration
		}
		t.did("security.take", "security", gateway, map[string]string{"n": strconv.Itoa(len(s.Clearances))})
		t.publish = true
		return nil
	})
}

// secured puts what was said into a configuration: of subsystems that take part, as the
// others are nobody's.
func secured(ctx context.Context, t *turn, conf *exchange.Configuration) error {
	s, ok, err := t.Security(ctx)
	if err != nil || !ok {
		return err
	}
	takes := map[xroad.ID]bool{}
	for _, m := range conf.Members {
		for _, x := range m.Subsystems {
			takes[x.ID] = true
		}
	}
	s.Clearances = slices.DeleteFunc(s.Clearances, func(x exchange.Clearance) bool { return !takes[x.ID] })
	conf.Security = &s
	return nil
}
