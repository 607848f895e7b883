package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"

	"golang.org/x/sync/errgroup"

	"dean06/internal/platform/blob"
	"dean06/internal/platform/config"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/session"
	"dean06/internal/platform/web"
)

// Run runs the node that the configuration describes until ctx ends.
func Run(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	store, err := blobStore(cfg.Blob)
	if err != nil {
		return err
	}
	n, err := Open(ctx, Settings{DB: cfg.DB.URL.Reveal(), Papers: Papers(store)})
	if err != nil {
		return err
	}
	defer n.Close()
	proxies, err := prefixes(cfg.HTTP.TrustedProxies)
	if err != nil {
		return err
	}
	site := NewSite(n, SiteSettings{
		Name: cfg.Node.Name, URL: cfg.HTTP.PublicURL, Secure: cfg.HTTP.Secure(), Mail: sender(cfg.Mail),
		Workers: cfg.Jobs.Workers, Log: log,
		Session: session.Options{Node: cfg.Node.Role, Idle: cfg.Session.Idle, Absolute: cfg.Session.Absolute, Proxies: proxies},
	})
	ln, err := listen(ctx, cfg.HTTP)
	if err != nil {
		return err
	}
	log.Info("serving", "addr", ln.Addr().String(), "role", cfg.Node.Role)
	return site.Serve(ctx, ln)
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

func listen(ctx context.Context, h config.HTTP) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", h.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w (set http.addr to a free address)", err)
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
