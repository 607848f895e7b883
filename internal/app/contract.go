package app

import (
	"context"
	"iter"
	"log/slog"
	"net/http"

	"dean06/internal/contract/contractnode"
	"dean06/internal/contract/contractsql"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
	"dean06/internal/xroad"
)

// contractPart is the contract that an agency's older systems speak, on its gateway's
// port for local systems: their questions go on through the exchange.
type contractPart struct {
	base *Base
	cfg  exchangenode.GatewayConfig
	log  *slog.Logger
	part *node.Part

	gateway *gatewayPart
	frame   web.FrameFunc // once the site is mounted
}

func openContract(ctx context.Context, b *Base, c exchangenode.GatewayConfig, g *gatewayPart, log *slog.Logger) (*contractPart, error) {
	if err := contractsql.Migrate(ctx, b.DB); err != nil {
		return nil, err
	}
	p := &contractPart{base: b, cfg: c, gateway: g, log: log}
	var err error
	p.part, err = contractnode.New(contractnode.Needs{Gateway: p, Procedure: procedure.Name}).Module().Open(ctx, &node.Base{
		DB: b.DB, Clock: b.Clock, Messages: b.Messages, Log: log, Agencies: contractAgencies{b},
		Frame: func(r *http.Request) ui.Frame { return p.frame(r) },
	})
	return p, err
}

type contractAgencies struct{ *Base }

// NameOf names an agency.
func (a contractAgencies) NameOf(code string) string { return a.Agencies.NameOf(code) }

// Choices gives none.
func (contractAgencies) Choices(context.Context) ([]node.Agency, error) { return nil, nil }

// Dir is the gateway's folder.
func (c *contractPart) Dir() string { return c.cfg.Dir }

// ContractURLs are other addresses of the contract.
func (c *contractPart) ContractURLs() []string { return c.cfg.ContractURLs }

// Instance is the exchange's name.
func (c *contractPart) Instance() string {
	if j := c.gateway.joined.Load(); j != nil {
		return j.saved.Instance
	}
	return ""
}

// Call asks through the gateway.
func (c *contractPart) Call(ctx context.Context, r *http.Request) (*http.Response, error) {
	j := c.gateway.joined.Load()
	if j == nil {
		return nil, fault.New(fault.Unavailable, "app.gateway.not_joined", nil)
	}
	return j.Call(ctx, r)
}

// Subsystems are those for which the gateway speaks.
func (c *contractPart) Subsystems() iter.Seq2[xroad.ID, string] {
	return func(yield func(xroad.ID, string) bool) {
		d := c.gateway.directory()
		if d == nil {
			return
		}
		g, _ := d.Gateway(c.gateway.joined.Load().saved.Gateway)
		for _, id := range g.Subsystems {
			name := ""
			if s, ok := d.Subsystem(id); ok {
				name = s.Name
			}
			if !yield(id, name) {
				return
			}
		}
	}
}

// local answers the contract's paths and leaves all others to own.
func (c *contractPart) local(_ *joined, own http.Handler) http.Handler {
	for _, face := range c.part.Faces {
		own = face(own)
	}
	return own
}

func (c *contractPart) seedDemo(ctx context.Context, subsystem xroad.ID) error {
	return c.part.Demo(ctx, node.Demo{Subsystem: subsystem.String()})
}

func (c *contractPart) mount(s *Site, rt *web.Router) {
	c.frame = s.frame
	rt.Mount(c.part.Routes...)
}

func (c *contractPart) home(id session.Identity) string { return c.part.Home(id.Actor) }

func (c *contractPart) nav(p *i18n.Printer, id session.Identity) []ui.NavItem {
	return c.part.Nav(p, id.Actor)
}

func (c *contractPart) access() access { return access{actions: contractsql.Actions} }

func (c *contractPart) work(*Site) work { return work{} }
