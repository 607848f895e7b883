package app

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/exchange"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
	"dean06/internal/population/populationapi"
	"dean06/internal/population/populationnode"
	"dean06/internal/population/populationsql"
	"dean06/internal/population/populationweb"
	"dean06/internal/procedure"
)

// authorityPart is the population register, on the authority's node.
type authorityPart struct {
	base     *Base
	store    *populationsql.Store
	register *population.Register
	units    population.Units
	api      *populationapi.API
	handle   []byte
	deliver  jobs.Handler // of what the register put into the outbox
	loads    *fileLoads
	// publish brings the event types and allowances at the hub up to date at once.
	publish func(ctx context.Context) error
}

// roleCitizen is somebody who sees their own data and who looked at it. Their login is
// their personal number.
const roleCitizen = "citizen"

// registerSubsystem is the subsystem under which the register offers its services.
const registerSubsystem = "DANCU"

func openAuthority(ctx context.Context, b *Base, c populationnode.Config, files blob.Store, log *slog.Logger) (*authorityPart, error) {
	if err := populationsql.Migrate(ctx, b.DB); err != nil {
		return nil, err
	}
	key, err := pki.FileKey(filepath.Join(c.Dir, "register.key"))
	if err != nil {
		return nil, err
	}
	secret, err := key.Bytes()
	if err != nil {
		return nil, err
	}
	derive := func(use string) []byte {
		out, err := hkdf.Key(sha256.New, secret, nil, "dean06 population "+use, 32)
		if err != nil {
			panic(err) // lengths are constants
		}
		return out
	}
	a := &authorityPart{base: b, handle: derive("handles")}
	if a.units, err = population.NewUnits(data.FS); err != nil {
		return nil, fmt.Errorf("read the administrative units: %w", err)
	}
	a.store = populationsql.New(b.DB, populationsql.Outbox)
	a.register = population.New(population.Parts{
		Store: a.store, Units: a.units, Clock: b.Clock, NewID: sqldb.NewID,
		Slot: population.Slot{Index: c.Slot, Of: c.Slots}, NumberKey: derive("numbers"),
	})
	a.loads = &fileLoads{DB: b.DB, Blobs: files, Load: a.register.Load}
	a.api = populationapi.New(populationapi.Parts{
		Register: a.register, Texts: b.Messages, Clock: b.Clock, Log: log, CursorKey: derive("cursors"),
		Agency: func(code string) string { return b.Agencies.NameOf(code) },
	})
	return a, nil
}

// provide offers the register's services through the node's gateway, and says what
// they are where the owner gives rights.
func (a *authorityPart) provide(ctx context.Context, g *gatewayPart, j *joined) error {
	p := a.base.Messages.In(i18n.Vi)
	for _, s := range a.api.Services() {
		id := j.saved.Member
		id.Subsystem, id.Service = registerSubsystem, s.Code
		j.Provide(id, s.Handler)
		if err := g.offer(ctx, exchange.LocalService{
			ID: id, Name: p.T("populationapi.service." + s.Code), Type: "OPENAPI", OpenAPI: s.OpenAPI, OwnFields: true,
		}); err != nil {
			return err
		}
	}
	return j.ReloadRights(ctx)
}

func (a *authorityPart) mount(s *Site, rt *web.Router) {
	rt.Mount(populationweb.New(populationweb.Shell{
		Register: a.register, Loads: a.loads, Units: a.units, Clock: a.base.Clock, Frame: s.frame, NewID: sqldb.NewID, Citizen: citizenOf,
		Agency:    func(_ context.Context, code string) string { return a.base.Agencies.NameOf(code) },
		Procedure: procedure.Name, HandleKey: a.handle, Secure: s.settings.Secure,
	}).Routes()...)
}

// citizenOf is the citizen who is signed in and bound to their number by proof.
func citizenOf(r *http.Request) (citizen.Number, bool) {
	id, ok := session.From(r.Context())
	if !ok || !id.Has(roleCitizen) {
		return citizen.Number{}, false
	}
	n, err := citizen.ParseNumber(id.Bound)
	return n, err == nil
}

func (a *authorityPart) home(id session.Identity) string {
	switch {
	case id.Has(roleCitizen):
		return "/my-data/lookups"
	case id.Has(string(population.Registrar)):
		return "/people"
	case id.Has(string(population.Auditor)):
		return "/people/audit"
	}
	return ""
}

func (a *authorityPart) nav(p *i18n.Printer, id session.Identity) []ui.NavItem {
	var out []ui.NavItem
	add := func(may bool, key, href string) {
		if may {
			out = append(out, ui.NavItem{Label: p.T("app.nav." + key), Href: href})
		}
	}
	registrar, auditor, administrator := id.Has(string(population.Registrar)), id.Has(string(population.Auditor)), id.Has(string(population.Administrator))
	add(id.Has(roleCitizen), "lookups", "/my-data/lookups")
	add(id.Has(roleCitizen), "me", "/my-data")
	add(registrar, "people", "/people")
	add(auditor, "curiosity", "/people/audit")
	add(auditor, "objections", "/people/audit/objections")
	add(administrator, "loads", "/people/loads")
	add(registrar || auditor || administrator, "statistics", "/people/statistics")
	return out
}

func (a *authorityPart) access() access {
	return access{
		roles:   []string{string(population.Registrar), string(population.Auditor), string(population.Administrator), roleCitizen},
		readers: []string{string(population.Auditor)},
		actions: authorityActions,
	}
}

// authorityActions are what the register leaves in the audit log.
var authorityActions = []string{"population.record", "population.load", "population.export", "population.objection.answer"}

func (a *authorityPart) work(*Site) work {
	return work{handlers: map[string]jobs.Handler{
		populationsql.ListJob: populationsql.ListHandler(a.register), outbox.Kind(populationsql.Topic): a.deliver, loadKind: a.loads.Handle,
	}}
}
