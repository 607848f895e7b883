package app

import (
	"context"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeweb"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
	"dean06/internal/procedure"
	"dean06/internal/xroad"
)

func (g *gatewayPart) mount(s *Site, rt *web.Router) {
	shell := exchangeweb.GatewayShell{
		Desk: g.desk, Clock: g.base.Clock, NewID: newID, Frame: s.frame, Actor: exchangeActor, Fields: g.fields, Procedure: procedure.Name,
	}
	rt.Mount(exchangeweb.NewGateway(shell).Routes()...)
	s.metrics.Registry.MustRegister(&gatewayMetrics{g})
}

// running is a gateway that has joined, as its desk sees it.
type running struct {
	*joined
	part *gatewayPart
}

// Apply asks the centre.
func (r running) Apply(ctx context.Context, a exchange.Application) (exchange.Application, error) {
	return r.client.Apply(ctx, r.saved.Identity(r.key), a)
}

// Directory is the configuration in use.
func (r running) Directory() *exchange.Directory { return r.part.directory() }

// fieldCodes are the codes of what a service can answer.
func (g *gatewayPart) fieldCodes(service xroad.ID) []string {
	var out []string
	for _, f := range g.fields(service) {
		out = append(out, f.Code)
	}
	return out
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
	if service.Subsystem != registerSubsystem || slices.Contains([]string{"usage"}, service.Service) {
		return nil
	}
	var out []exchangeweb.Field
	for _, f := range population.Fields {
		out = append(out, exchangeweb.Field{Code: string(f), Key: f.Label()})
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
	return access{roles: []string{exchange.Administrator, exchange.Auditor}, readers: []string{exchange.Auditor}, actions: exchange.Actions}
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
