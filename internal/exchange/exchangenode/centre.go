package exchangenode

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/exchange/centre/centresql"
	"dean06/internal/exchange/events"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangeweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/tsa"
	"dean06/internal/platform/ui"
	"dean06/internal/xroad"
)

// CentreNeeds is what the centre needs of other modules.
type CentreNeeds struct {
	Gateway *Gateway // the hub's own
	// Members are the agencies that may take part.
	Members func() []centre.Agency
	// Agency is what an agency is called.
	Agency func(code string) string
}

// Centre is the centre of the exchange, on the hub: who takes part, the configuration
// that says so, a time-stamping authority, and events.
type Centre struct {
	keys   map[string]*ecdsa.PrivateKey // by name; nil where the file is not there, in a hub that is only looked at
	needs  CentreNeeds
	base   *node.Base
	centre *centre.Centre
	stamps http.Handler
	events *events.Hub
	bell   chan struct{} // rung when an alarm of a gateway's log was opened or closed
}

// tendEvery is how often the centre looks whether a new configuration is due.
const tendEvery = time.Minute

// stampPath is where the hub's time-stamping authority answers.
const stampPath = "/tsa"

// NewCentre makes the centre of a hub.
func NewCentre(needs CentreNeeds) *Centre { return &Centre{needs: needs} }

// Register is the register of who takes part.
func (h *Centre) Register() *centre.Centre { return h.centre }

// Module is what the centre brings to its node.
func (h *Centre) Module() node.Module {
	return node.Module{
		Name: "centre", Config: []config.Section{HubSection},
		Messages: []fs.FS{centre.Messages},
		Migrate:  centresql.Migrate,
		Roles: []node.Role{
			{Code: exchange.Operator, Keeps: true, Second: true, Deputy: true, Emergency: []string{exchange.Administrator}},
			{Code: exchange.Auditor, ReadsLog: true},
		},
		Permissions: centre.Permissions.Lines(),
		Actions:     centre.Actions,
		Open:        h.open,
	}
}

func (h *Centre) open(ctx context.Context, b *node.Base) (*node.Part, error) {
	c := config.In[HubConfig](b.Config)
	h.base, h.bell = b, make(chan struct{}, 1)
	part := &node.Part{Self: h, Folders: []string{c.Dir}, Doctor: h.examine}
	keys := map[string]*ecdsa.PrivateKey{}
	for _, name := range []string{"ca", "configuration", "timestamp"} {
		path := filepath.Join(c.Dir, name+".key")
		part.Keys = append(part.Keys, node.KeyFile{Path: path, Read: func(path string) error {
			_, err := pki.ReadKey(path)
			return err
		}})
		key, err := pki.ReadKey(path)
		if !b.ReadOnly { // made when it is not there
			key, err = pki.FileKey(path)
		}
		if err != nil && !b.ReadOnly {
			return nil, err
		}
		keys[name] = key // nil in one that is only looked at, which is said
	}
	h.keys = keys
	teller, _ := xroad.ParseID(c.Security, 4, 4) // zero when nobody tells; what is written was checked
	h.centre = centre.New(centre.Parts{
		Store: centresql.New(b.DB), Clock: b.Clock, NewID: sqldb.NewID, Instance: c.Instance, CA: keys["ca"], Signer: keys["configuration"],
		Life:     centre.Life{Certificate: c.Certificates, Stale: c.StaleAfter, Valid: c.ValidFor},
		Security: teller, Agencies: h.needs.Members, Rang: h.ring, Restored: h.restored,
	})
	if b.ReadOnly { // nothing is issued, published or kept: it is looked at as it is
		return part, nil
	}
	if err := h.centre.Begin(ctx); err != nil {
		return nil, fmt.Errorf("begin the exchange: %w", err)
	}
	if err := h.found(ctx, c); err != nil {
		return nil, fmt.Errorf("the hub's own membership: %w", err)
	}
	der, err := h.centre.TimestampCertificate(ctx, keys["timestamp"].Public())
	if err != nil {
		return nil, fmt.Errorf("certificate for time stamps: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	h.stamps = tsa.NewServer(keys["timestamp"], cert, nil, b.Clock)
	h.events, err = events.Open(ctx, filepath.Join(c.Dir, "events"), events.Settings{
		Clock: b.Clock, Log: b.Log,
		Cluster: events.Cluster{
			Name: c.Cluster.Name, Server: c.Cluster.Server, Listen: c.Cluster.Listen, Routes: c.Cluster.Routes, Replicas: c.Cluster.Replicas,
		},
	})
	if err != nil {
		return nil, err
	}
	h.needs.Gateway.members = h.members
	routes := exchangeapi.New(h.centre, b.Clock).Routes()
	routes = append(
		routes,
		exchangeweb.NewHub(exchangeweb.HubShell{
			Centre: h.centre, Frame: b.Frame, Actor: session.Actor, Names: b.Sessions, URL: b.URL,
		}).Routes()...,
	)
	return &node.Part{
		Self: h, Routes: routes, Folders: part.Folders, Keys: part.Keys, Doctor: part.Doctor,
		Handlers: []node.Handler{{Pattern: "POST " + stampPath, Handler: h.stamps, May: "anyone"}},
		Home: func(a actor.Actor) string {
			if a.Has(exchange.Operator, exchange.Auditor) {
				return "/exchange"
			}
			return ""
		},
		Nav: func(p *i18n.Printer, a actor.Actor) []ui.NavItem {
			if !a.Has(exchange.Operator, exchange.Auditor) {
				return nil
			}
			return []ui.NavItem{{Label: p.T("nav.exchange"), Href: "/exchange"}}
		},
		Services: []node.Service{
			{
				Subsystem: HubSubsystem, Code: events.Service, NameKey: "exchange.service.events", Type: "REST", Members: true,
				Handler: h.events.Handler(),
			},
			{
				Subsystem: HubSubsystem, Code: approvals, NameKey: "exchange.service.approvals", Type: "REST", Members: true,
				Handler: approval.Remote(b.Approvals, callerOf),
			},
		},
		Run:     []func(context.Context) error{h.tend, h.events.Run},
		Metrics: []prometheus.Collector{logMetrics{h}},
		Close:   func() error { h.events.Close(); return nil },
	}, nil
}

// found makes the agency that runs the hub a member, with the hub's services.
func (h *Centre) found(ctx context.Context, c *HubConfig) error {
	p := h.base.Messages.In(i18n.Vi) // a catalogue is read by officials
	member := xroad.ID{Instance: c.Instance, Class: "GOV", Member: c.Member}
	subsystem := member
	subsystem.Subsystem = HubSubsystem
	for _, e := range []exchange.Entry{
		{Kind: exchange.MemberEntry, Key: member.String(), Member: member, Name: h.needs.Agency(c.Member)},
		{Kind: exchange.SubsystemEntry, Key: subsystem.String(), Member: member, Name: p.T("exchange.hub")},
		{
			Kind: exchange.ServiceOffered, Key: subsystem.Of(events.Service).String(), Member: member, Name: p.T("exchange.service.events"),
			Type: "REST",
		},
		{
			Kind: exchange.ServiceOffered, Key: subsystem.Of(approvals).String(), Member: member, Name: p.T("exchange.service.approvals"),
			Type: "REST",
		},
	} {
		if err := h.Ensure(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// Ensure adds an entry to the centre's register unless it is there. It is how the
// program itself enters; people do it on pages.
func (h *Centre) Ensure(ctx context.Context, e exchange.Entry) error {
	e.State = exchange.Active
	return h.centre.Ensure(ctx, actor.OfSystem(exchange.Operator), e)
}

// members are all subsystems of the configuration that was published last.
func (h *Centre) members(ctx context.Context) ([]xroad.ID, int64, error) {
	published, err := h.centre.Configuration(ctx)
	if err != nil {
		return nil, 0, err
	}
	conf, err := published.Read()
	return subsystemsOf(conf), published.Serial, err
}

// tend keeps the configuration fresh until ctx ends.
func (h *Centre) tend(ctx context.Context) error {
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	for {
		if err := h.centre.Tend(ctx); err != nil && ctx.Err() == nil {
			h.base.Log.Error("tend the exchange", "error", err)
		}
		h.raise(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-h.bell:
		}
	}
}
