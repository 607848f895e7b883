package exchangenode

import (
	"context"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeweb"
	"dean06/internal/exchange/rights"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/tsa"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

// openDesk makes where the gateway's owner works.
func (g *Gateway) openDesk() {
	g.wishes = rights.Requests{DB: g.base.DB, Store: g.store, Approvals: g.base.Approvals, Clock: g.base.Clock, Name: g.called}
	g.desk = exchange.NewDesk(exchange.DeskParts{
		Store: g.store, Log: g.filed(), Local: g.store, Outside: g.outside, Clock: g.base.Clock, NewID: sqldb.NewID, Second: g.wishes, Groups: g.wishes,
		Restores: restores{g}, Stamp: tsa.Verify,
		Running: func() exchange.Running {
			j := g.joined.Load()
			if j == nil {
				return nil // no gateway, and no interface that holds none
			}
			return j
		},
		Fields: func(service xroad.ID) []string {
			var out []string
			for _, f := range g.needs.Fields(service.Subsystem, service.Service) {
				out = append(out, f.Code)
			}
			return out
		},
	})
}

// pages are those of the gateway's owner.
func (g *Gateway) pages() []web.Route {
	return exchangeweb.NewGateway(exchangeweb.GatewayShell{
		Desk: g.desk, Clock: g.base.Clock, NewID: sqldb.NewID, Frame: g.base.Frame, Actor: session.Actor, Names: g.base.Sessions,
		Procedure: g.needs.Procedure, NameKey: g.nameKey,
		Fields: func(service xroad.ID) []exchangeweb.Field {
			var out []exchangeweb.Field
			for _, f := range g.needs.Fields(service.Subsystem, service.Service) {
				out = append(out, exchangeweb.Field(f))
			}
			return out
		},
	}).Routes()
}

// called names subsystems and services as the configuration does.
func (g *Gateway) called(id xroad.ID) string {
	d := g.Directory()
	if d == nil {
		return id.String()
	}
	s, ok := d.Subsystem(id.SubsystemID())
	if !ok {
		return id.String()
	}
	if id.Service == "" {
		return s.Name
	}
	if key := g.nameKey(id); key != "" {
		return s.Name + " · " + g.base.Messages.In(i18n.Vi).T(key) // requests are read by officials
	}
	if service, ok := d.Service(id); ok {
		return s.Name + " · " + service.Name
	}
	return s.Name + " · " + id.Service
}

// nameKey is the message with the name of a service that the node's modules answer, or
// under which they publish.
func (g *Gateway) nameKey(id xroad.ID) string {
	j := g.joined.Load()
	if j == nil || id.MemberID() != j.Saved().Member.MemberID() {
		return ""
	}
	for _, s := range g.services {
		if s.Subsystem == id.Subsystem && s.Code == id.Service {
			return s.NameKey
		}
	}
	if slices.ContainsFunc(g.feeds, func(f Feed) bool { return f.Subsystem == id.Subsystem && f.Right == id.Service }) {
		return "exchange.service.feed"
	}
	return ""
}

// Examine asks what the gateway needs whether it works.
func (g *Gateway) Examine(ctx context.Context, depth health.Depth) []health.Finding {
	if j := g.joined.Load(); j != nil {
		found := j.look(ctx, depth)
		if depth == health.Full { // at other times the daily check has raised its own alarms
			found = append(found, g.logFindings(ctx)...)
		}
		return found
	}
	f := health.Finding{Check: "configuration", Level: health.Warning, Key: "exchange.gateway.not_joined"}
	if g.base.ReadOnly { // nothing runs here: what a join left is looked at from outside
		j, err := g.lookAt(ctx)
		switch {
		case err == nil:
			return j.look(ctx, depth)
		case fault.Of(err) != fault.NotFound:
			f.Level, f.Key, f.Args = health.Failing, "exchange.gateway.unread", fault.Args{"dir": g.cfg.Dir, "reason": err.Error()}
			if known := fault.As(err); known != nil {
				f.Key, f.Args = known.Key, known.Args
			}
			return []health.Finding{f}
		}
	}
	if depth == health.Vital {
		return nil // a node may be without a gateway
	}
	return []health.Finding{f}
}

// metrics are the gateway's figures, once it has joined.
type metrics struct{ of *Gateway }

// Describe says nothing beforehand: the gateway's collectors come with the join.
func (m metrics) Describe(chan<- *prometheus.Desc) {}

// Collect gives the figures of the gateway.
func (m metrics) Collect(out chan<- prometheus.Metric) {
	j := m.of.joined.Load()
	if j == nil {
		return
	}
	for _, c := range j.Metrics() {
		c.Collect(out)
	}
	m.of.witnessed(out)
}
