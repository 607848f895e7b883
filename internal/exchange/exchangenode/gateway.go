package exchangenode

import (
	"context"
	"crypto"
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"dean06/internal/exchange"
	"dean06/internal/exchange/eventsql"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/exchange/exchangeweb"
	"dean06/internal/exchange/gateway"
	"dean06/internal/exchange/rights"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/archive"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/node"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/tsa"
	"dean06/internal/platform/ui"
	"dean06/internal/xroad"
)

// Version of the program, told to other gateways and to the hub.
const Version = "0.4"

// GatewayNeeds is what the gateway needs of other modules.
type GatewayNeeds struct {
	// Procedure names an administrative procedure by its code; "" when it knows none.
	Procedure func(ctx context.Context, code string) string
	// Fields are what a service of a subsystem can answer: what a right can grant.
	Fields func(subsystem, service string) []Field
}

// Field is something that a service can answer. Key is the message with its name.
type Field struct{ Code, Key string }

// Gateway is a node's gateway: the module, and what other modules need of it. It is
// there before the node has joined the exchange, and begins to work when a join has
// left what it needs in its folder.
type Gateway struct {
	needs  GatewayNeeds
	base   *node.Base
	cfg    *GatewayConfig
	log    *slog.Logger
	store  *exchangesql.Store
	desk   *exchange.Desk
	wishes rights.Requests

	keeping keeping // of the node's logs

	targets  *eventsql.Store
	services []node.Service
	feeds    []Feed
	faces    []func(http.Handler) http.Handler
	joined   atomic.Pointer[joined]
	teller   exchangeapi.Teller // of the heads of this node's logs to the hub
	logs     []exchangeapi.Log
	ready    []func(ctx context.Context, j *joined) error // called once it can take calls, before it does
	beside   []func(ctx context.Context, j *joined) error // run as long as it does
	// members are all subsystems of the exchange, with the serial of the configuration
	// that says so; the hub's centre knows them before any gateway does.
	members func(ctx context.Context) (ids []xroad.ID, serial int64, err error)
	// After is closed when the gateway may look for what a join left; nil: from the
	// beginning.
	After <-chan struct{}
	// Ports makes the two listeners once the node has joined; where the configuration
	// says when it is nil.
	Ports func(ctx context.Context) (local, peer net.Listener, err error)
}

// NewGateway makes the gateway of a node.
func NewGateway(needs GatewayNeeds) *Gateway { return &Gateway{needs: needs} }

// Module is what the gateway brings to its node.
func (g *Gateway) Module() node.Module {
	return node.Module{
		Name: "exchange", Config: []config.Section{GatewaySection},
		Messages: []fs.FS{Messages, exchange.Messages, gateway.Messages, exchangeapi.Messages, exchangeweb.Messages, archive.Messages},
		Migrate: func(ctx context.Context, db *sqldb.DB) error {
			return errors.Join(exchangesql.Migrate(ctx, db), eventsql.New(db, nil).Migrate(ctx))
		},
		Chains:      func(db *sqldb.DB) []ledger.Chain { return []ledger.Chain{exchangesql.Chain(db)} },
		Roles:       []node.Role{{Code: exchange.Administrator}, {Code: exchange.Auditor, ReadsLog: true}},
		Permissions: exchange.Permissions.Lines(),
		Actions:     slices.Concat(exchange.Actions, archive.Actions),
		Commands:    gatewayCommands(),
		Open:        g.open,
	}
}

func (g *Gateway) open(_ context.Context, b *node.Base) (*node.Part, error) {
	g.base, g.cfg, g.log = b, config.In[GatewayConfig](b.Config), b.Log
	g.store, g.targets = exchangesql.New(b.DB, b.Clock), eventsql.New(b.DB, b.Clock)
	for _, c := range b.Chains {
		g.logs = append(g.logs, c)
	}
	g.openDesk()
	if g.members == nil {
		g.members = g.knownMembers
	}
	g.openEvents()
	g.beside = append(g.beside, g.keepLogs)
	return &node.Part{
		Self: g, Routes: g.pages(),
		Home: func(a actor.Actor) string {
			if a.Has(exchange.Administrator) || a.Has(exchange.Auditor) && g.joined.Load() != nil {
				return "/gateway"
			}
			return ""
		},
		Nav: func(p *i18n.Printer, a actor.Actor) []ui.NavItem {
			if g.joined.Load() == nil || exchange.Permissions.Can(a, exchange.ActRead) != nil {
				return nil
			}
			return []ui.NavItem{{Label: p.T("nav.gateway"), Href: "/gateway"}}
		},
		Approvals: []approval.Kind{g.wishes.Kind(), g.wishes.GroupKind(), restores{g}.kind()},
		Jobs: map[string]jobs.Handler{
			reportJob: func(ctx context.Context, _ *jobs.Task) error {
				g.Show(ctx)
				return nil
			},
			ledger.CheckJob:  g.verifyLogs,
			rights.ReloadJob: func(ctx context.Context, _ *jobs.Task) error { return g.ReloadRights(ctx) },
			archiveJob:       g.archive,
		},
		Periodic: []jobs.Periodic{{Kind: archiveJob, Slot: jobs.Daily(2, 20)}, {Kind: ledger.CheckJob, Slot: jobs.Daily(2, 30)}},
		Alone: func() string {
			if _, err := exchangeapi.Load(g.cfg.Dir); err != nil {
				return "" // it has not joined: run asks when it has
			}
			return writesMessages
		},
		Run:      []func(context.Context) error{g.run},
		Doctor:   g.Examine,
		Folders:  []string{g.cfg.Dir},
		Metrics:  []prometheus.Collector{metrics{g}},
		Opened:   g.opened,
		NodeName: g.nameOf,
		Close:    g.closeLogs,
	}, nil
}

// opened takes what the other modules offer, and what stands on the local port.
func (g *Gateway) opened(parts []*node.Part) error {
	for _, p := range parts {
		g.services = append(g.services, p.Services...)
		g.faces = append(g.faces, p.Faces...)
	}
	return nil
}

// joined is a gateway that takes part.
type joined struct {
	*gateway.Gateway
	*exchangeapi.Membership
	teller *exchangeapi.Teller

	files  map[string]stamp                             // of the folder, before it was read
	beside []func(ctx context.Context, j *joined) error // run as long as this one does
	// examine looks at the node that the gateway belongs to.
	examine func(ctx context.Context, depth health.Depth) []health.Finding
}

// How often a gateway looks after itself.
const (
	joinEvery   = time.Second // for what a join left
	reportEvery = time.Minute
	newsEvery   = 15 * time.Second // for heads that the hub has not been shown: what it has not seen can go back unseen
	renewEvery  = time.Hour
	drainFor    = 15 * time.Second // what is under way may take so long when the node stops
)

// writesMessages is the lease of the one process that writes the message log of a database.
const writesMessages = "messages"

// signer is the gateway's key, in a file or in a token.
func signer(c *GatewayConfig) (crypto.Signer, io.Closer, error) {
	if c.PKCS11.Module == "" {
		key, err := pki.FileKey(filepath.Join(c.Dir, exchangeapi.KeyFile))
		return key, io.NopCloser(nil), err
	}
	return pki.OpenHSM(pki.HSM{Module: c.PKCS11.Module, Token: c.PKCS11.Token, PIN: c.PKCS11.PIN.Reveal(), Label: c.PKCS11.Label})
}

// begin makes the gateway from what a join left. It fails with NotFound before one.
func (g *Gateway) begin(ctx context.Context) (*joined, error) {
	files := g.prints(nil)
	saved, err := exchangeapi.Load(g.cfg.Dir)
	if err != nil {
		return nil, err
	}
	key, _, err := signer(g.cfg)
	if err != nil {
		return nil, err
	}
	j := &joined{
		Membership: exchangeapi.NewMembership(saved, g.cfg.Dir, key, g.base.Clock), teller: &g.teller, files: files, examine: g.base.Examine,
	}
	sealer, err := pki.FileSealer(filepath.Join(g.cfg.Dir, bodiesFile))
	if err != nil {
		return nil, err
	}
	j.Gateway, err = gateway.Open(ctx, gateway.Settings{
		ID: saved.Gateway, Member: saved.Member, Version: Version, Dir: g.cfg.Dir,
		Signer: key, Certificates: [][]byte{saved.DER()}, Authorities: saved.Authorities(),
		Store: g.store, Configurations: j.Configuration, Show: j.Show, HubAhead: j.Ahead, Stamp: g.stamp(j), CheckStamp: tsa.Verify,
		Clock: g.base.Clock, Log: g.log, Style: xroad.Style(g.cfg.ErrorStyle), MaxBody: int64(g.cfg.MaxBody), MaxSpool: int64(g.cfg.MaxSpool),
		KeepBodies: g.cfg.KeepBodies, Sealer: sealer, WentBack: g.wentBack, Alone: g.alone,
		Door: g.door(),
	})
	if err != nil {
		return nil, err
	}
	if err := g.provide(ctx, j); err != nil {
		return nil, err
	}
	g.carry(j)
	for _, f := range g.ready {
		if err := f(ctx, j); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// wentBack says that the database had lost records of the message log.
func (g *Gateway) wentBack(restored, lost int64) {
	key := "exchange.journal.restored"
	if lost > 0 {
		key = "exchange.journal.lost"
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	g.raiseLog(ctx, ledger.Messages, fault.New(fault.Conflict, key, fault.Args{"restored": restored, "lost": lost}))
}

// alone says that no other process writes the message log of this database.
func (g *Gateway) alone(ctx context.Context) error {
	l, err := g.base.Alone(ctx, writesMessages)
	if err != nil {
		return err
	}
	return l.Held(ctx)
}

// stamp asks the time-stamping authority, the hub's when no other is set, and
// believes what the configuration of the moment lets count.
func (g *Gateway) stamp(j *joined) func(ctx context.Context, data []byte) ([]byte, time.Time, error) {
	url := g.cfg.TSA
	if url == "" {
		url = j.Saved().Hub + stampPath
	}
	caller := &http.Client{Timeout: 15 * time.Second}
	return func(ctx context.Context, data []byte) ([]byte, time.Time, error) {
		trusted := j.Saved().Authorities()
		if c, ok := g.configuration(j); ok {
			trusted = slices.Concat(c.Authorities, c.Timestamps)
		}
		return tsa.Client{URL: url, HTTP: caller, Authorities: trusted}.Stamp(ctx, data)
	}
}

// configuration is the newest that this node holds. It was checked before it was kept.
func (g *Gateway) configuration(j *joined) (c exchange.Configuration, ok bool) {
	signed, _, ok, err := g.store.Configuration(context.Background())
	if err != nil || !ok {
		signed = j.Saved().Configuration
	}
	c, err = signed.Read()
	return c, err == nil
}

// run waits until the node has joined, then takes calls on two ports, for the
// agency's own systems and for other gateways, until ctx ends.
func (g *Gateway) run(ctx context.Context) error {
	if g.After != nil {
		select {
		case <-ctx.Done():
			return nil
		case <-g.After:
		}
	}
	j, err := g.await(ctx)
	if j == nil {
		return err
	}
	if _, err := g.base.Alone(ctx, writesMessages); err != nil {
		return err
	}
	ports := g.Ports
	if ports == nil {
		ports = g.listen
	}
	local, peer, err := ports(ctx)
	if err != nil {
		return err
	}
	if local, err = j.LocalListener(local); err != nil {
		return err
	}
	door := &gate{}
	door.open(g.liveOf(j))
	between := j.PeerServer()
	between.Handler = door.handler(func(l *live) http.Handler { return l.peer })
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { return g.generations(ctx, door, j) })
	work.Go(func() error {
		return serve(ctx, j.LocalServer(door.handler(func(l *live) http.Handler { return l.local })), local)
	})
	work.Go(func() error { return serve(ctx, between, tls.NewListener(peer, door.config())) })
	return work.Wait()
}

// listen listens where the configuration says.
func (g *Gateway) listen(ctx context.Context) (local, peer net.Listener, err error) {
	if local, err = node.ListenAt(ctx, "gateway.local_addr", g.cfg.LocalAddr); err != nil {
		return nil, nil, err
	}
	if peer, err = node.ListenAt(ctx, "gateway.peer_addr", g.cfg.PeerAddr); err != nil {
		_ = local.Close()
		return nil, nil, err
	}
	return local, peer, nil
}

// serve serves until ctx ends and lets what is under way finish.
func serve(ctx context.Context, s *http.Server, ln net.Listener) error {
	done := make(chan error, 1)
	go func() { done <- s.Serve(ln) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
	defer cancel()
	if err := s.Shutdown(late); err != nil {
		_ = s.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// await waits until a join has left what the gateway needs; nil when ctx ended.
func (g *Gateway) await(ctx context.Context) (*joined, error) {
	tick := time.NewTicker(joinEvery)
	defer tick.Stop()
	told := ""
	for {
		j, err := g.begin(ctx)
		switch {
		case err == nil:
			g.joined.Store(j)
			g.filesAre(ctx, nil)
			g.log.Info("the gateway takes part in the exchange", "gateway", j.Saved().Gateway)
			return j, nil
		case ctx.Err() != nil:
			return nil, nil
		case fault.Of(err) != fault.NotFound && err.Error() != told:
			told = err.Error()
			g.log.Error("the gateway does not begin; it is tried again", "dir", g.cfg.Dir, "error", err)
			g.filesAre(ctx, err)
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-tick.C:
		}
	}
}

// look reports to the hub and renews the certificate, until ctx ends.
func (g *Gateway) look(ctx context.Context, j *joined) {
	report, renew, news := time.NewTicker(reportEvery), time.NewTicker(renewEvery), time.NewTicker(newsEvery)
	defer report.Stop()
	defer news.Stop()
	defer renew.Stop()
	g.renew(ctx, j)
	g.settle(ctx, j)
	g.report(ctx, j) // so that nobody thinks it away
	for {
		select {
		case <-ctx.Done():
			return
		case <-renew.C:
			g.renew(ctx, j)
		case <-report.C:
			g.report(ctx, j)
		case <-news.C:
			if g.headsUntold(ctx) {
				g.report(ctx, j)
			}
		}
	}
}

// RenewNow asks the centre for the next certificate when it is due.
func (j *joined) RenewNow(ctx context.Context) (renewed bool, err error) {
	err = j.Renew(ctx, func(key crypto.Signer, der []byte) error {
		renewed = true
		return j.ReplaceCertificate(key, der)
	})
	return renewed, err
}

func (g *Gateway) renew(ctx context.Context, j *joined) {
	if err := j.Renew(ctx, j.ReplaceCertificate); err != nil && ctx.Err() == nil {
		g.log.Warn("renew the gateway's certificate", "error", err)
	}
}
