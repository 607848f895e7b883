package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime/debug"

	"golang.org/x/sync/errgroup"

	"dean06/internal/exchange/exchangenode"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/config"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/web"
)

// gatewayMemory is how much a gateway may hold before collecting harder.
const gatewayMemory = 64 << 20

// Run runs the node that the configuration describes until ctx ends.
func Run(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" && role(cfg.Node.Role) != roleBoard {
		// What a call needs is soon gone again: with a small heap, collecting it at every
		// doubling takes a third of a gateway's processor. So it is collected later, and
		// above the limit sooner.
		debug.SetGCPercent(200)
		debug.SetMemoryLimit(gatewayMemory)
	}
	h, err := openHouse(ctx, cfg, furnish{log: log})
	if err != nil {
		return err
	}
	defer h.Close()
	debug.FreeOSMemory() // what opening took is not needed again
	ln, err := listen(ctx, cfg.HTTP)
	if err != nil {
		return err
	}
	log.Info("serving", "addr", ln.Addr().String(), "role", cfg.Node.Role)
	return h.serve(ctx, ln, ports(*config.In[exchangenode.GatewayConfig](cfg)))
}

// Serve answers on ln and does the node's jobs until ctx ends.
func (s *Site) Serve(ctx context.Context, ln net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return web.Serve(ctx, ln, s.Handler()) })
	g.Go(func() error {
		if err := s.Jobs(ctx); err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	})
	return g.Wait()
}

// errListen says which setting names the address that cannot be had.
func errListen(key string, err error) error {
	return fmt.Errorf("listen: %w (set %s to a free address)", err, key)
}

func listen(ctx context.Context, h config.HTTP) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", h.Addr)
	if err != nil {
		return nil, errListen("http.addr", err)
	}
	if h.TLSCert == "" {
		return ln, nil
	}
	cert, err := tls.LoadX509KeyPair(h.TLSCert, h.TLSKey)
	if err != nil {
		_ = ln.Close()
		return nil, fmt.Errorf("load certificate %s: %w", h.TLSCert, err)
	}
	return tls.NewListener(ln, &tls.Config{
		Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"},
	}), nil
}

func blobStore(c config.Blob) (blob.Store, error) {
	if c.S3.Endpoint == "" {
		return blob.NewDir(c.Dir)
	}
	return blob.NewS3(blob.S3Options{
		Endpoint: c.S3.Endpoint, Bucket: c.S3.Bucket, Region: c.S3.Region, Prefix: c.S3.Prefix,
		AccessKey: c.S3.AccessKey, SecretKey: c.S3.SecretKey.Reveal(), Plain: c.S3.Plain,
	})
}

func sender(c config.Mail) mail.Sender {
	from := mail.Address{Name: c.FromName, Addr: c.From}
	if c.Host == "" {
		return mail.Folder{Dir: c.Dir, From: from}
	}
	return mail.SMTP{Host: c.Host, Port: c.Port, User: c.User, Password: c.Password.Reveal(), TLS: mail.TLS(c.TLS), From: from}
}

func prefixes(list []string) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(list))
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			addr, addrErr := netip.ParseAddr(s)
			if addrErr != nil {
				return nil, fmt.Errorf("http.trusted_proxies: %w", err)
			}
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		out = append(out, p)
	}
	return out, nil
}
