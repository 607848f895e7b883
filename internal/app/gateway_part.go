package app

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeweb"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/tsa"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population/populationnode"
	"dean06/internal/procedure"
	"dean06/internal/xroad"
)

// gatewayActions are what a gateway's owner leaves in the audit log.
var gatewayActions = []string{
	"exchange.right.give", "exchange.right.end", "exchange.service.save", "exchange.group.save",
}

// errNoGateway says that the gateway's pages have nothing to show yet.
var errNoGateway = fault.New(fault.Unavailable, "app.gateway.not_joined", nil)

func (g *gatewayPart) mount(s *Site, rt *web.Router) {
	shell := exchangeweb.GatewayShell{
		Store: g.store, Log: g.store, Clock: g.base.Clock, NewID: newID, Frame: s.frame, Actor: exchangeActor,
		Status: func(ctx context.Context) (exchange.Status, error) {
			j := g.joined.Load()
			if j == nil {
				return exchange.Status{}, errNoGateway
			}
			return j.Status(ctx)
		},
		Doctor: func(ctx context.Context) []exchange.Finding {
			if j := g.joined.Load(); j != nil {
				return j.Doctor(ctx)
			}
			return []exchange.Finding{{Check: "configuration", Level: exchange.Failing, Key: errNoGateway.Key}}
		},
		Directory: g.directory,
		Reload: func(ctx context.Context) error {
			if j := g.joined.Load(); j != nil {
				return j.ReloadRights(ctx)
			}
			return nil
		},
		Apply: func(ctx context.Context, a exchange.Application) (exchange.Application, error) {
			j := g.joined.Load()
			if j == nil {
				return a, errNoGateway
			}
			return j.client.Apply(ctx, j.saved.Identity(j.key), a)
		},
		Proof: func(ctx context.Context, seq int64) (exchange.Proof, error) {
			dir := g.directory()
			if dir == nil {
				return exchange.Proof{}, errNoGateway
			}
			return exchange.Export(ctx, g.store, dir, seq)
		},
		Check: func(p exchange.Proof) ([]exchange.Finding, error) {
			return p.Verify(exchange.Checks{Stamp: tsa.Verify}, nil, nil)
		},
		Fields: g.fields, Procedure: procedure.Name,
	}
	rt.Mount(exchangeweb.NewGateway(shell).Routes()...)
	s.metrics.Registry.MustRegister(&gatewayMetrics{g})
}

// directory is the configuration in use; nil before the node has joined.
func (g *gatewayPart) directory() *exchange.Directory {
	j := g.joined.Load()
	if j == nil {
		return nil
	}
	conf, ok := configurationOf(j, g.store)
	if !ok {
		return nil
	}
	return exchange.Index(conf)
}

// owner is the agency whose gateway it is; "" before the node has joined.
func (g *gatewayPart) owner() string {
	j := g.joined.Load()
	if j == nil {
		return ""
	}
	return g.base.Agencies.NameOf(j.saved.Member.Member)
}

// fields are what the register's services can answer.
func (g *gatewayPart) fields(service xroad.ID) []exchangeweb.Field {
	var out []exchangeweb.Field
	for _, f := range (&populationnode.Node{}).Fields(service.Subsystem, service.Service) {
		out = append(out, exchangeweb.Field(f))
	}
	return out
}

func (g *gatewayPart) home(id session.Identity) string {
	if id.Has(exchange.Administrator) {
		return "/gateway"
	}
	return ""
}

func (g *gatewayPart) nav(p *i18n.Printer, id session.Identity) []ui.NavItem {
	if g.joined.Load() == nil || !id.Has(exchange.Administrator, exchange.Auditor) {
		return nil
	}
	return []ui.NavItem{{Label: p.T("app.nav.gateway"), Href: "/gateway"}}
}

func (g *gatewayPart) access() access {
	return access{roles: []string{exchange.Administrator, exchange.Auditor}, readers: []string{exchange.Auditor}, actions: gatewayActions}
}

func (g *gatewayPart) work(*Site) work { return work{} }

// gatewayMetrics are the gateway's figures, once it has joined.
type gatewayMetrics struct{ part *gatewayPart }

// Describe says nothing beforehand: the gateway's collectors come with the join.
func (m *gatewayMetrics) Describe(chan<- *prometheus.Desc) {}

// Collect gives the figures of the gateway.
func (m *gatewayMetrics) Collect(out chan<- prometheus.Metric) {
	j := m.part.joined.Load()
	if j == nil {
		return
	}
	for _, c := range j.Metrics() {
		c.Collect(out)
	}
}
