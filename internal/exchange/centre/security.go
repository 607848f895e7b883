package centre

import (
	"context"
	"slices"
	"strconv"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/xroad"
)

// Clear takes what the node of the ministry in charge says of the security of systems, and
// publishes it when it lets others pass than before. Only a gateway that speaks for the
// subsystem that the operator named may say it (Denied), and nothing that is older than
// what was said last (Conflict): who sends an earlier message again changes nothing. From a
// node whose audit log went back it takes only what closes: what it says may be what it
// knew when its backup was made.
func (c *Centre) Clear(ctx context.Context, by actor.Actor, s exchange.Security) error {
	gateway, err := gatewayOf(by)
	if err != nil {
		return err
	}
	if err := s.Check(c.at.Clock.Now()); err != nil {
		return err
	}
	return c.turn(ctx, by, func(t *turn) error {
		tells, err := c.tells(ctx, t, gateway)
		if err != nil {
			return err
		}
		if !tells {
			return fault.New(fault.Denied, "exchange.security.stranger", fault.Args{"gateway": gateway, "subsystem": c.at.Security.String()})
		}
		old, ok, err := t.Security(ctx)
		if err != nil {
			return err
		}
		if ok {
			back, err := wentBack(ctx, t, gateway)
			if err != nil {
				return err
			}
			if back {
				s = s.Stricter(old)
			}
		}
		same := ok && s.Same(old)
		// What was said by clocks that ran ahead and were set right since would else shut the
		// board's mouth until that moment comes.
		if ok && !ahead(old, t.now) && !s.At.After(old.At) {
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

// wentBack says that the audit log of a gateway's node does not go on from what was seen of it,
// as when its database was restored from a backup, until two of its people acknowledge that.
func wentBack(ctx context.Context, t *turn, gateway string) (bool, error) {
	open, err := t.Witnessed(ctx, gateway, true, maxOpen)
	if err != nil || slices.ContainsFunc(open, func(w Witness) bool { return w.Head.Chain == ledger.Audit }) {
		return true, err
	}
	held, err := t.Held(ctx, gateway)
	return slices.ContainsFunc(held, func(h Held) bool { return h.Head.Chain == ledger.Audit && !h.Pending.IsZero() }), err
}

// tells says that a gateway speaks for the subsystem that the operator named, and that
// neither it nor that subsystem nor its member is suspended.
func (c *Centre) tells(ctx context.Context, t *turn, gateway string) (bool, error) {
	if c.at.Security.IsZero() {
		return false, nil
	}
	for _, x := range []struct {
		kind exchange.EntryKind
		key  string
	}{
		{exchange.MemberEntry, c.at.Security.MemberID().String()}, {exchange.SubsystemEntry, c.at.Security.String()}, {exchange.GatewayEntry, gateway},
	} {
		e, ok, err := t.Entry(ctx, x.kind, x.key)
		if err != nil || !ok || e.State != exchange.Active {
			return false, err
		}
		if x.kind == exchange.GatewayEntry && !slices.Contains(e.Subsystems, c.at.Security) {
			return false, nil
		}
	}
	return true, nil
}

// ahead says that something was said at a moment that has not come yet, by more than clocks
// may differ.
func ahead(s exchange.Security, now time.Time) bool { return s.Check(now) != nil }

// remembered takes what a configuration that the centre forgot with its database says of
// security, when that was said later: what was closed meanwhile does not open again because
// of a backup.
func remembered(ctx context.Context, t *turn, shown exchange.Configuration) error {
	s := shown.Security
	if s == nil || ahead(*s, t.now) {
		return nil
	}
	old, ok, err := t.Security(ctx)
	if err != nil || ok && !s.At.After(old.At) {
		return err
	}
	return t.SaveSecurity(ctx, *s)
}

// secured puts what was said into a configuration: of subsystems that take part, as the
// others are nobody's. While the operator names nobody who says it nothing of it counts.
func (c *Centre) secured(ctx context.Context, t *turn, conf *exchange.Configuration) error {
	if c.at.Security.IsZero() {
		return nil
	}
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
