package app

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
	"dean06/internal/population/contractsql"
	"dean06/internal/population/contractweb"
	"dean06/internal/population/populationsoap"
	"dean06/internal/procedure"
	"dean06/internal/xroad"
)

// contractPart is the contract that an agency's older systems speak, on its gateway's
// port for local systems: their questions go on through the exchange.
type contractPart struct {
	base    *Base
	cfg     exchangenode.GatewayConfig
	log     *slog.Logger
	store   *contractsql.Store
	gateway *gatewayPart
}

func openContract(ctx context.Context, b *Base, c exchangenode.GatewayConfig, g *gatewayPart, log *slog.Logger) (*contractPart, error) {
	if err := contractsql.Migrate(ctx, b.DB); err != nil {
		return nil, err
	}
	sealer, err := pki.FileSealer(filepath.Join(c.Dir, "contract.key"))
	if err != nil {
		return nil, err
	}
	return &contractPart{base: b, cfg: c, gateway: g, log: log, store: contractsql.New(b.DB, sealer)}, nil
}

// local answers the contract's paths and leaves all others to own.
func (c *contractPart) local(j *joined, own http.Handler) http.Handler {
	contract := populationsoap.New(populationsoap.Parts{
		Clients: c.store, Exchange: j, Register: registerOf(j), Clock: c.base.Clock, NewID: newID, Texts: c.base.Messages, Logger: c.log,
		PublicURLs: c.cfg.ContractURLs,
	})
	// No ServeMux: it would answer an unclean path with a redirect, and paths of calls
	// go on as they came.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, populationsoap.Prefix) {
			contract.ServeHTTP(w, r)
			return
		}
		own.ServeHTTP(w, r)
	})
}

// registerOf is the subsystem of the population register in an exchange.
func registerOf(j *joined) string {
	return xroad.ID{Instance: j.saved.Instance, Class: "GOV", Member: "G01", Subsystem: registerSubsystem}.String()
}

func (c *contractPart) seedDemo(ctx context.Context, subsystem xroad.ID) error {
	return c.store.SeedDemo(ctx, subsystem.String(), c.base.Clock.Now())
}

func (c *contractPart) mount(s *Site, rt *web.Router) {
	rt.Mount(contractweb.New(contractweb.Shell{
		Store: c.store, Clock: c.base.Clock, Frame: s.frame, Subsystems: c.subsystems, Procedure: procedure.Name, Operations: populationsoap.Operations(),
		Agency: func(_ context.Context, code string) string { return c.base.Agencies.NameOf(code) },
	}).Routes()...)
}

// subsystems are those for which the gateway speaks.
func (c *contractPart) subsystems() []ui.Option {
	d := c.gateway.directory()
	if d == nil {
		return nil
	}
	g, _ := d.Gateway(c.gateway.joined.Load().saved.Gateway)
	var out []ui.Option
	for _, id := range g.Subsystems {
		label := id.String()
		if s, ok := d.Subsystem(id); ok {
			label = s.Name
		}
		out = append(out, ui.Option{Value: id.String(), Label: label})
	}
	return out
}

func (c *contractPart) home(id session.Identity) string {
	if id.Has(exchange.Auditor) {
		return "/gateway"
	}
	return ""
}

func (c *contractPart) nav(p *i18n.Printer, id session.Identity) []ui.NavItem {
	if c.gateway.joined.Load() == nil || !id.Has(string(population.Administrator), string(population.Auditor)) {
		return nil
	}
	return []ui.NavItem{{Label: p.T("app.nav.contract"), Href: contractweb.Path}}
}

func (c *contractPart) access() access { return access{actions: contractActions} }

// contractActions are what the contract's owner leaves in the audit log.
var contractActions = []string{"contract.system.save", "contract.officer.save"}

func (c *contractPart) work(*Site) work { return work{} }
