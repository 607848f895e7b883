package centre

import (
	"context"
	"slices"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/xroad"
)

// Register is the whole of what the centre keeps, for its pages.
type Register struct {
	At           time.Time
	Entries      []exchange.Entry
	Applications []exchange.Application // that wait
	Certificates []Certificate          // that have not expired, newest first
	Reports      map[string]exchange.Report
	Alarms       []Witness // that are open, newest first
	Held         []Held
	Last         Published
}

// Register reads all that its operator looks at.
func (c *Centre) Register(ctx context.Context, by actor.Actor) (r Register, err error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return r, err
	}
	r.At = c.at.Clock.Now()
	if r.Entries, err = c.at.Store.Entries(ctx, ""); err != nil {
		return r, err
	}
	if r.Applications, err = c.at.Store.Applications(ctx, exchange.Pending, maxPending); err != nil {
		return r, err
	}
	if r.Certificates, err = c.at.Store.Certificates(ctx, r.At); err != nil {
		return r, err
	}
	reports, err := c.at.Store.Reports(ctx)
	if err != nil {
		return r, err
	}
	r.Reports = make(map[string]exchange.Report, len(reports))
	for _, rep := range reports {
		r.Reports[rep.Gateway] = rep
	}
	if r.Alarms, err = c.at.Store.Witnessed(ctx, "", true, 100); err != nil {
		return r, err
	}
	if r.Held, err = c.at.Store.Held(ctx, ""); err != nil {
		return r, err
	}
	r.Last, _, err = c.at.Store.Newest(ctx)
	return r, err
}

// Of lists the entries of a kind that belong to a member (any when zero).
func (r Register) Of(kind exchange.EntryKind, member xroad.ID) []exchange.Entry {
	return slices.DeleteFunc(slices.Clone(r.Entries), func(e exchange.Entry) bool {
		return e.Kind != kind || !member.IsZero() && e.Member != member
	})
}

// Find finds one entry.
func (r Register) Find(kind exchange.EntryKind, key string) (exchange.Entry, bool) {
	i := slices.IndexFunc(r.Entries, func(e exchange.Entry) bool { return e.Kind == kind && e.Key == key })
	if i < 0 {
		return exchange.Entry{}, false
	}
	return r.Entries[i], true
}

// CertificatesOf lists those of a gateway, newest first.
func (r Register) CertificatesOf(gateway string) []Certificate {
	return slices.DeleteFunc(slices.Clone(r.Certificates), func(c Certificate) bool { return c.Use != useGateway || c.Gateway != gateway })
}

// silence is after how long without a report a gateway counts as away.
const silence = 5 * time.Minute

// Condition says how a gateway stands, as its operator would put it.
type Condition string

// The conditions of a gateway.
const (
	GatewayFine      Condition = "fine"
	GatewayDebt      Condition = "debt"     // works, and waits for time stamps or an old configuration
	GatewayAway      Condition = "away"     // has not reported for a while
	GatewayExpiring  Condition = "expiring" // its certificate runs out and it has not renewed it
	GatewayExpired   Condition = "expired"
	GatewaySuspended Condition = "suspended"
	GatewayWithdrawn Condition = "withdrawn"
	GatewayAlarm     Condition = "alarm" // its log does not fit what was seen of it
)

// Condition is that of a gateway, the gravest first.
func (r Register) Condition(e exchange.Entry) Condition {
	switch e.State {
	case exchange.Withdrawn:
		return GatewayWithdrawn
	case exchange.Suspended:
		return GatewaySuspended
	}
	if slices.ContainsFunc(r.Alarms, func(w Witness) bool { return w.Gateway == e.Key }) {
		return GatewayAlarm
	}
	counting := slices.DeleteFunc(r.CertificatesOf(e.Key), func(c Certificate) bool { return !c.RevokedAt.IsZero() })
	if len(counting) == 0 {
		return GatewayExpired
	}
	rep, ok := r.Reports[e.Key]
	if !ok || r.At.Sub(rep.At) > silence {
		return GatewayAway
	}
	if left := counting[0].Until.Sub(r.At); left < counting[0].Until.Sub(counting[0].From)/4 {
		return GatewayExpiring
	}
	if rep.Unstamped > 0 && r.At.Sub(rep.OldestDebt) > time.Hour || rep.LogFault != "" {
		return GatewayDebt
	}
	return GatewayFine
}
