package app

import (
	"context"
	"errors"
	"log/slog"
	"net"

	"golang.org/x/sync/errgroup"

	"dean06/internal/exchange/exchangenode"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/session"
	"dean06/internal/readiness"
)

// house is one node, made and connected: what it stands on, its site, its gateway,
// and the parts that its role starts.
type house struct {
	base      *Base
	site      *Site
	gateway   *gatewayPart
	board     *Node          // on the board
	hub       *hubPart       // on the hub
	authority *authorityPart // on the authority's node
	contract  *contractPart  // where an agency's older systems ask
	log       *slog.Logger
}

// furnish is what a house is made with beside its configuration.
type furnish struct {
	clock    clock.Clock
	relaxed  bool
	papers   readiness.Papers // nil: where the configuration says
	mail     mail.Sender      // nil: where the configuration says
	accounts []session.SeedAccount
	demo     bool
	log      *slog.Logger
}

func openHouse(ctx context.Context, c config.Config, f furnish) (*house, error) {
	s := Settings{DB: c.DB.URL.Reveal(), Papers: f.papers, Clock: f.clock, Relaxed: f.relaxed}
	h := &house{log: f.log}
	var err error
	if role(c.Node.Role) == roleBoard {
		if s.Papers == nil {
			var store blob.Store
			if store, err = blobStore(c.Blob); err != nil {
				return nil, err
			}
			s.Papers = Papers(store)
		}
		if h.board, err = Open(ctx, s); err != nil {
			return nil, err
		}
		h.base = h.board.Base
	} else if h.base, err = openBase(ctx, s); err != nil {
		return nil, err
	}
	if err := h.open(ctx, c, f); err != nil {
		return nil, errors.Join(err, h.base.Close())
	}
	return h, nil
}

func (h *house) open(ctx context.Context, c config.Config, f furnish) (err error) {
	if h.gateway, err = openGateway(ctx, h.base, *config.In[exchangenode.GatewayConfig](c), f.log); err != nil {
		return err
	}
	var parts []part
	switch role(c.Node.Role) {
	case roleBoard:
		parts = append(parts, &boardPart{node: h.board})
	case roleAuthority:
		var files blob.Store
		if files, err = blobStore(c.Blob); err != nil {
			return err
		}
		if h.authority, err = openAuthority(ctx, h.base, c, files, f.log); err != nil {
			return err
		}
		parts = append(parts, h.authority)
		h.gateway.ready = append(h.gateway.ready, func(ctx context.Context, j *joined) error { return h.authority.provide(ctx, h.gateway, j) })
		h.authority.feed(h.gateway)
	case roleHub:
		if h.hub, err = openHub(ctx, h.base, *config.In[exchangenode.HubConfig](c), f.log); err != nil {
			return err
		}
		parts = append(parts, h.hub)
		h.gateway.ready = append(h.gateway.ready, func(ctx context.Context, j *joined) error { return h.hub.provide(ctx, h.gateway, j) })
		h.gateway.beside = append(h.gateway.beside, func(ctx context.Context, j *joined) error { return h.hub.welcomeAll(ctx, h.gateway, j) })
	case roleAgency:
		if h.contract, err = openContract(ctx, h.base, *config.In[exchangenode.GatewayConfig](c), h.gateway, f.log); err != nil {
			return err
		}
		h.gateway.local = h.contract.local
	}
	if err := h.gateway.hearing(ctx); err != nil {
		return err
	}
	parts = append(parts, h.gateway)
	if h.contract != nil {
		parts = append(parts, h.contract)
	}
	if f.mail == nil {
		f.mail = sender(c.Mail)
	}
	proxies, err := prefixes(c.HTTP.TrustedProxies)
	if err != nil {
		return err
	}
	h.site = newSite(h.base, role(c.Node.Role), SiteSettings{
		Name: nodeName(c.Node), Owner: c.Node.Owner, URL: c.HTTP.PublicURL, Secure: c.HTTP.Secure(), Mail: f.mail,
		Workers: c.Jobs.Workers, Demo: f.demo, accounts: f.accounts, Log: f.log,
		Session: session.Options{Node: c.Node.Role, Idle: c.Session.Idle, Absolute: c.Session.Absolute, Proxies: proxies},
	}, parts...)
	h.site.owner = h.gateway.owner
	return nil
}

// nodeName is the name that was set; the default one gives way to the role's own.
func nodeName(n config.Node) string {
	if n.Name == config.Default(Shape.Sections...).Node.Name {
		return ""
	}
	return n.Name
}

// serve runs the node until ctx ends.
func (h *house) serve(ctx context.Context, pages net.Listener, listen func(context.Context) (local, peer net.Listener, err error)) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return h.site.Serve(ctx, pages) })
	g.Go(func() error { return h.gateway.serve(ctx, listen) })
	if h.hub != nil {
		g.Go(func() error { return h.hub.run(ctx, h.log) })
	}
	return g.Wait()
}

// Close closes the node's database.
func (h *house) Close() error { return h.base.Close() }

// ports listens where the configuration says.
func ports(c exchangenode.GatewayConfig) func(context.Context) (local, peer net.Listener, err error) {
	return func(ctx context.Context) (net.Listener, net.Listener, error) {
		local, err := new(net.ListenConfig).Listen(ctx, "tcp", c.LocalAddr)
		if err != nil {
			return nil, nil, errListen("gateway.local_addr", err)
		}
		peer, err := new(net.ListenConfig).Listen(ctx, "tcp", c.PeerAddr)
		if err != nil {
			_ = local.Close()
			return nil, nil, errListen("gateway.peer_addr", err)
		}
		return local, peer, nil
	}
}
