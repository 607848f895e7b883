package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"

	"golang.org/x/sync/errgroup"

	"dean06/internal/platform/config"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/web"
)

// Serve answers on pages, does the node's jobs and runs its modules until ctx ends.
func (n *Node) Serve(ctx context.Context, pages net.Listener) error {
	for _, p := range n.parts {
		if p.Alone == nil {
			continue
		}
		if name := p.Alone(); name != "" {
			if _, err := n.Alone(ctx, name); err != nil {
				return err
			}
		}
	}
	n.sayWay(ctx)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return n.leases.lost(ctx) })
	g.Go(func() error { return web.Serve(ctx, pages, n.Handler()) })
	g.Go(func() error {
		if err := n.Work(ctx); err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	})
	g.Go(func() error { n.watch(ctx); return nil })
	g.Go(func() error { return n.serveSocket(ctx) })
	for _, p := range n.parts {
		for _, run := range p.Run {
			g.Go(func() error { return run(ctx) })
		}
	}
	return g.Wait()
}

// pruneJob is the kind of the job that lets go of what sessions no longer need.
const pruneJob = "session.prune"

// Work does the jobs of the node and its modules until ctx ends.
func (n *Node) Work(ctx context.Context) error {
	now := n.Clock.Now()
	n.served.Store(&now)
	r := &jobs.Runner{
		DB: n.DB, Log: n.Log, Clock: n.Clock, Workers: n.Config.Jobs.Workers, Handlers: map[string]jobs.Handler{},
		Periodic: []jobs.Periodic{{Kind: pruneJob, Slot: jobs.Daily(3, 0)}},
	}
	r.Handlers[pruneJob] = func(ctx context.Context, _ *jobs.Task) error { return n.Sessions.Prune(ctx) }
	kind, deliver := mail.Handler(n.Mail)
	r.Handlers[kind] = deliver
	maps.Copy(r.Handlers, n.Approvals.Jobs())
	r.Periodic = append(r.Periodic, n.Approvals.Periodic()...)
	handlers, periodic := n.Uploads.Jobs()
	maps.Copy(r.Handlers, handlers)
	r.Periodic = append(r.Periodic, periodic...)
	for _, p := range n.parts {
		maps.Copy(r.Handlers, p.Jobs)
		r.Periodic = append(r.Periodic, p.Periodic...)
	}
	return r.Run(ctx)
}

// Listen listens where the configuration says, with its certificate when it has one.
func Listen(ctx context.Context, h config.HTTP) (net.Listener, error) {
	ln, err := ListenAt(ctx, "http.addr", h.Addr, h.Proxies()...)
	if err != nil || h.TLSCert == "" {
		return ln, err
	}
	p, err := openPair(h.TLSCert, h.TLSKey)
	if err != nil {
		_ = ln.Close()
		return nil, err
	}
	return tls.NewListener(ln, &tls.Config{
		GetCertificate: p.get, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
	}), nil
}

// ListenAt listens on an address, within the bounds of package web; trusted are proxies,
// which stand for many. When the address cannot be had, the error names the setting.
func ListenAt(ctx context.Context, key, addr string, trusted ...netip.Prefix) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w (set %s to a free address)", err, key)
	}
	return web.Bound(ln, web.Bounds{All: web.MostConnections, One: web.MostOfOne, Trusted: trusted}), nil
}
