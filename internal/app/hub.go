package app

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/exchange/centre/centresql"
	"dean06/internal/exchange/events"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/exchange/exchangeweb"
	acting "dean06/internal/platform/actor"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/tsa"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

// hubPart is the centre of the exchange, on the hub: who takes part, the
// configuration that says so, a time-stamping authority, and events.
type hubPart struct {
	base   *Base
	centre *centre.Centre
	stamps http.Handler
	events *events.Hub
	// welcomed is the serial of the configuration whose subsystems may speak of events.
	welcomed  int64
	welcoming sync.Mutex
}

// tendEvery is how often the centre looks whether a new configuration is due.
const tendEvery = time.Minute

// stampPath is where the hub's time-stamping authority answers.
const stampPath = "/tsa"

func openHub(ctx context.Context, b *Base, c exchangenode.HubConfig, log *slog.Logger) (*hubPart, error) {
	if err := centresql.Migrate(ctx, b.DB); err != nil {
		return nil, err
	}
	ca, err := pki.FileKey(filepath.Join(c.Dir, "ca.key"))
	if err != nil {
		return nil, err
	}
	signer, err := pki.FileKey(filepath.Join(c.Dir, "configuration.key"))
	if err != nil {
		return nil, err
	}
	stamper, err := pki.FileKey(filepath.Join(c.Dir, "timestamp.key"))
	if err != nil {
		return nil, err
	}
	h := &hubPart{base: b, centre: centre.New(centre.Parts{
		Store: centresql.New(b.DB), Clock: b.Clock, NewID: sqldb.NewID, Instance: c.Instance, CA: ca, Signer: signer,
		Life:     centre.Life{Certificate: c.Certificates, Stale: c.StaleAfter, Valid: c.ValidFor},
		Agencies: b.members,
	})}
	if err := h.centre.Begin(ctx); err != nil {
		return nil, fmt.Errorf("begin the exchange: %w", err)
	}
	if err := h.found(ctx, c); err != nil {
		return nil, fmt.Errorf("the hub's own membership: %w", err)
	}
	der, err := h.centre.TimestampCertificate(ctx, stamper.Public())
	if err != nil {
		return nil, fmt.Errorf("certificate for time stamps: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	h.stamps = tsa.NewServer(stamper, cert, nil, b.Clock)
	h.events, err = events.Open(ctx, filepath.Join(c.Dir, "events"), events.Settings{
		Clock: b.Clock, Log: log,
		Cluster: events.Cluster{Name: c.Cluster.Name, Server: c.Cluster.Server, Listen: c.Cluster.Listen, Routes: c.Cluster.Routes, Replicas: c.Cluster.Replicas},
	})
	return h, err
}

// found makes the agency that runs the hub a member, with the service for events.
func (h *hubPart) found(ctx context.Context, c exchangenode.HubConfig) error {
	member := xroad.ID{Instance: c.Instance, Class: "GOV", Member: c.Member}
	subsystem := member
	subsystem.Subsystem = hubSubsystem
	for _, e := range []exchange.Entry{
		{Kind: exchange.MemberEntry, Key: member.String(), Member: member, Name: h.base.Agencies.NameOf(c.Member)},
		{Kind: exchange.SubsystemEntry, Key: subsystem.String(), Member: member, Name: "Trục kết nối, chia sẻ dữ liệu"},
		{Kind: exchange.ServiceOffered, Key: subsystem.Of(events.Service).String(), Member: member, Name: "Sự kiện", Type: "REST"},
	} {
		if err := h.enter(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// enter adds an entry to the centre's register unless it is there.
func (h *hubPart) enter(ctx context.Context, e exchange.Entry) error {
	e.State = exchange.Active
	return h.centre.Ensure(ctx, acting.OfSystem(exchange.Operator), e)
}

// members are the agencies that may take part: those of today, and those that were
// merged, whose systems still run under their old codes.
func (b *Base) members() []centre.Agency {
	var out []centre.Agency
	for _, a := range b.Agencies.Ever() {
		out = append(out, centre.Agency{Code: a.Code, Name: a.Name})
	}
	return out
}

func (h *hubPart) mount(s *Site, rt *web.Router) {
	rt.Mount(exchangeapi.New(h.centre, h.base.Clock).Routes()...)
	rt.Handle("POST "+stampPath, h.stamps)
	rt.Mount(exchangeweb.NewHub(exchangeweb.HubShell{Centre: h.centre, Frame: s.frame, Actor: exchangeActor, URL: s.settings.URL}).Routes()...)
}

// exchangeActor is who acts in a request, as the exchange knows them.
func exchangeActor(r *http.Request) acting.Actor {
	id, ok := session.From(r.Context())
	if !ok {
		return acting.Actor{}
	}
	return id.Actor
}

func (h *hubPart) home(id session.Identity) string {
	if id.Has(exchange.Operator, exchange.Auditor) {
		return "/exchange"
	}
	return ""
}

func (h *hubPart) nav(p *i18n.Printer, id session.Identity) []ui.NavItem {
	if !id.Has(exchange.Operator, exchange.Auditor) {
		return nil
	}
	return []ui.NavItem{{Label: p.T("app.nav.exchange"), Href: "/exchange"}}
}

func (h *hubPart) access() access {
	return access{roles: []string{exchange.Operator, exchange.Auditor, exchange.Administrator}, readers: []string{exchange.Auditor}, actions: centre.Actions}
}

func (h *hubPart) work(*Site) work { return work{} }

// run keeps the configuration fresh and the events in bounds until ctx ends.
func (h *hubPart) run(ctx context.Context, log *slog.Logger) error {
	defer h.events.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { _ = h.events.Run(ctx) })
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	for {
		if err := h.centre.Tend(ctx); err != nil && ctx.Err() == nil {
			log.Error("tend the exchange", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
