package app

import (
	"context"
	"crypto"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/exchange/gateway"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/tsa"
	"dean06/internal/xroad"
)

// Version of the program, told to other gateways and to the hub.
const Version = "0.3"

// gatewayPart is a node's gateway. It is there before the node has joined the
// exchange, and begins to work when a join has left what it needs in its folder.
type gatewayPart struct {
	base  *Base
	cfg   exchangenode.GatewayConfig
	log   *slog.Logger
	store *exchangesql.Store
	desk  *exchange.Desk

	joined atomic.Pointer[joined]
	// ready is called once the gateway can take calls, before it does.
	ready []func(ctx context.Context, j *joined) error
	// local puts what else answers on the port for the agency's own systems around it.
	local func(j *joined, own http.Handler) http.Handler
	// beside is what runs as long as the gateway does.
	beside []func(ctx context.Context, j *joined) error
}

// joined is a gateway that takes part.
type joined struct {
	*gateway.Gateway
	saved  exchangeapi.Saved
	client *exchangeapi.Client
	key    crypto.Signer
}

// How often a gateway looks after itself.
const (
	joinEvery   = 2 * time.Second // for what a join left
	reportEvery = time.Minute
	renewEvery  = time.Hour
	drainFor    = 5 * time.Second // what is under way may take so long when the node stops
)

func openGateway(ctx context.Context, b *Base, c exchangenode.GatewayConfig, log *slog.Logger) (*gatewayPart, error) {
	if err := exchangesql.Migrate(ctx, b.DB); err != nil {
		return nil, err
	}
	g := &gatewayPart{base: b, cfg: c, log: log, store: exchangesql.New(b.DB, b.Clock)}
	g.desk = exchange.NewDesk(exchange.DeskParts{
		Store: g.store, Log: g.store, Clock: b.Clock, NewID: newID, Stamp: tsa.Verify, Fields: g.fieldCodes,
		Running: func() exchange.Running {
			if j := g.joined.Load(); j != nil {
				return running{j, g}
			}
			return nil
		},
	})
	return g, nil
}

// signer is the gateway's key, in a file or in a token.
func signer(c exchangenode.GatewayConfig) (crypto.Signer, io.Closer, error) {
	if c.PKCS11.Module == "" {
		key, err := pki.FileKey(filepath.Join(c.Dir, exchangeapi.KeyFile))
		return key, io.NopCloser(nil), err
	}
	return pki.OpenHSM(pki.HSM{Module: c.PKCS11.Module, Token: c.PKCS11.Token, PIN: c.PKCS11.PIN.Reveal(), Label: c.PKCS11.Label})
}

// open makes the gateway from what a join left. It fails with NotFound before one.
func (g *gatewayPart) open(ctx context.Context) (*joined, error) {
	saved, err := exchangeapi.Load(g.cfg.Dir)
	if err != nil {
		return nil, err
	}
	key, _, err := signer(g.cfg)
	if err != nil {
		return nil, err
	}
	j := &joined{saved: saved, client: &exchangeapi.Client{URL: saved.Hub, Clock: g.base.Clock}, key: key}
	sealer, err := pki.FileSealer(filepath.Join(g.cfg.Dir, "bodies.key"))
	if err != nil {
		return nil, err
	}
	j.Gateway, err = gateway.Open(ctx, gateway.Settings{
		ID: saved.Gateway, Member: saved.Member, Version: Version, Dir: g.cfg.Dir,
		Signer: key, Certificates: [][]byte{saved.DER()}, Authorities: saved.Authorities(),
		Store: g.store, Configurations: j.client.Configuration, Stamp: g.stamp(j), CheckStamp: tsa.Verify,
		Clock: g.base.Clock, Log: g.log, Style: xroad.Style(g.cfg.ErrorStyle), MaxBody: int64(g.cfg.MaxBody),
		KeepBodies: g.cfg.KeepBodies, Sealer: sealer,
	})
	if err != nil {
		return nil, err
	}
	for _, f := range g.ready {
		if err := f(ctx, j); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// stamp asks the time-stamping authority, the hub's when no other is set, and
// believes what the configuration of the moment lets count.
func (g *gatewayPart) stamp(j *joined) func(ctx context.Context, data []byte) ([]byte, time.Time, error) {
	url := g.cfg.TSA
	if url == "" {
		url = j.saved.Hub + stampPath
	}
	caller := &http.Client{Timeout: 15 * time.Second}
	return func(ctx context.Context, data []byte) ([]byte, time.Time, error) {
		trusted := j.saved.Authorities()
		if c, ok := configurationOf(j, g.store); ok {
			trusted = slices.Concat(c.Authorities, c.Timestamps)
		}
		return tsa.Client{URL: url, HTTP: caller, Authorities: trusted}.Stamp(ctx, data)
	}
}

// serve waits until the node has joined, then takes calls on two ports, for the
// agency's own systems and for other gateways, until ctx ends.
func (g *gatewayPart) serve(ctx context.Context, listen func(context.Context) (local, peer net.Listener, err error)) error {
	j, err := g.await(ctx)
	if j == nil {
		return err
	}
	local, peer, err := listen(ctx)
	if err != nil {
		return err
	}
	own := j.Local()
	if g.local != nil {
		own = g.local(j, own)
	}
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { return j.Run(ctx) })
	work.Go(func() error { return serveGateway(ctx, j.LocalServer(own), local) })
	work.Go(func() error { return serveGateway(ctx, j.PeerServer(), tls.NewListener(peer, j.TLS())) })
	work.Go(func() error { g.look(ctx, j); return nil })
	for _, f := range g.beside {
		work.Go(func() error { return f(ctx, j) })
	}
	return work.Wait()
}

// serveGateway serves until ctx ends and lets what is under way finish.
func serveGateway(ctx context.Context, s *http.Server, ln net.Listener) error {
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
func (g *gatewayPart) await(ctx context.Context) (*joined, error) {
	tick := time.NewTicker(joinEvery)
	defer tick.Stop()
	for {
		j, err := g.open(ctx)
		switch {
		case err == nil:
			g.joined.Store(j)
			g.log.Info("the gateway takes part in the exchange", "gateway", j.saved.Gateway)
			return j, nil
		case ctx.Err() != nil:
			return nil, nil
		case fault.Of(err) != fault.NotFound:
			return nil, fmt.Errorf("open the gateway in %s: %w", g.cfg.Dir, err)
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-tick.C:
		}
	}
}

// look reports to the hub and renews the certificate, until ctx ends.
func (g *gatewayPart) look(ctx context.Context, j *joined) {
	report, renew := time.NewTicker(reportEvery), time.NewTicker(renewEvery)
	defer report.Stop()
	defer renew.Stop()
	g.renew(ctx, j)
	g.report(ctx, j) // so that nobody thinks it away
	for {
		select {
		case <-ctx.Done():
			return
		case <-renew.C:
			g.renew(ctx, j)
		case <-report.C:
			g.report(ctx, j)
		}
	}
}

func (g *gatewayPart) renew(ctx context.Context, j *joined) {
	saved, renewed, err := j.client.Renew(ctx, g.cfg.Dir, j.saved, j.key)
	if err != nil {
		if ctx.Err() == nil {
			g.log.Warn("renew the gateway's certificate", "error", err)
		}
		return
	}
	if !renewed {
		return
	}
	j.saved = saved
	if err := j.ReplaceCertificate(j.key, saved.DER()); err != nil {
		g.log.Error("take the gateway's new certificate", "error", err)
	}
}

func (g *gatewayPart) report(ctx context.Context, j *joined) {
	st, err := j.Status(ctx)
	if err != nil {
		g.log.Warn("the gateway's state", "error", err)
		return
	}
	r := exchange.Report{
		At: g.base.Clock.Now(), Version: Version, Serial: st.Serial, LogSize: st.LogSize, Unstamped: st.Unstamped, OldestDebt: st.OldestDebt, LogFault: st.LogFault,
	}
	if head, ok, err := g.store.LastHead(ctx); err == nil && ok {
		r.Head = &head
	}
	if err := j.client.Report(ctx, j.saved.Identity(j.key), r); err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		g.log.Debug("report to the hub", "error", err)
	}
}
