package exchangenode

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/xroad"
)

// TestPortCertificate: the local port's certificate is the same until a third of its
// life is left, then a new one by the same authority; keys are their owner's alone.
func TestPortCertificate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	p := &portCertificate{dir: t.TempDir(), hosts: []string{"localhost", "127.0.0.1", "gateway.example.vn"}}
	at := func(days int) *x509.Certificate {
		t.Helper()
		p.clock = clock.Fixed(now.AddDate(0, 0, days))
		got, err := p.get()
		if err != nil {
			t.Fatal(err)
		}
		ca, err := openLocalCA(p.dir, p.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AddCert(ca.Certificate)
		for _, name := range p.hosts {
			if _, err := got.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name, CurrentTime: p.clock.Now()}); err != nil {
				t.Errorf("day %d, %s: %v", days, name, err)
			}
		}
		return got.Leaf
	}
	at(0)
	first, later, renewed := at(1), at(50), at(65)
	if !first.Equal(later) || first.Equal(renewed) || !renewed.NotAfter.After(first.NotAfter) {
		t.Errorf("ends %s, %s, %s", first.NotAfter, later.NotAfter, renewed.NotAfter)
	}
	for _, name := range []string{localCAKey, "local.key", localCAFile} {
		info, err := os.Stat(filepath.Join(p.dir, name))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v, want its owner's alone", name, info, err)
		}
	}
}

// TestIssueCertificate: what the command makes counts at once, is renewed when it is due
// or was removed, keeps its key, and is for systems that are not the node itself.
func TestIssueCertificate(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		store := exchangesql.New(db, clock.System{})
		if err := errors.Join(audit.Migrate(ctx, db), exchangesql.Migrate(ctx, db)); err != nil {
			t.Fatal(err)
		}
		tthc := xroad.MustID("VN/GOV/H55/TTHC")
		d := &localDesk{
			config: &GatewayConfig{Dir: t.TempDir(), LocalAddr: "127.0.0.1:8007"}, systems: []xroad.ID{tthc}, by: actor.AtCommandLine(),
		}
		d.Desk = exchange.NewDesk(exchange.DeskParts{
			Store: store, Log: store, Local: store, Clock: clock.System{}, NewID: sqldb.NewID,
			Outside: func(context.Context) []xroad.ID { return d.systems },
		})
		c := certificateCommand{Subsystem: "TTHC", Out: filepath.Join(t.TempDir(), "out")}
		said := ""
		issue := func(renew bool) {
			t.Helper()
			c.Renew = renew
			if err := c.issue(ctx, d, tthc, func(key string, _ fault.Args) error { said = key; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		read := func(name string) []byte {
			t.Helper()
			b, err := os.ReadFile(filepath.Join(c.Out, name))
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		counting := func() int {
			t.Helper()
			list, err := d.LocalSystems(ctx, d.by)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		issue(false)
		key, certificate := read("TTHC.key"), read("TTHC.pem")
		if said != "cli.gateway.certificate.made" || counting() != 1 {
			t.Fatalf("%s, %d count", said, counting())
		}
		if issue(true); said != "cli.gateway.certificate.good" || !bytes.Equal(read("TTHC.pem"), certificate) || counting() != 1 {
			t.Errorf("not due: %s, %d count", said, counting())
		}
		der, err := exchange.ReadLocalPEM(certificate)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.RemoveLocalSystem(ctx, d.by, exchange.Fingerprint(der)); err != nil {
			t.Fatal(err)
		}
		if issue(true); said != "cli.gateway.certificate.made" || bytes.Equal(read("TTHC.pem"), certificate) || !bytes.Equal(read("TTHC.key"), key) {
			t.Errorf("removed: %s, a new certificate %v", said, !bytes.Equal(read("TTHC.pem"), certificate))
		}
		err = c.issue(ctx, d, xroad.MustID("VN/GOV/H55/MOTCUA"), func(string, fault.Args) error { return nil })
		if fault.Of(err) != fault.Invalid || counting() != 1 {
			t.Errorf("for the node itself: %v", err)
		}
		acts, err := audit.Find(ctx, db, audit.Filter{})
		if err != nil || len(acts) != 3 {
			t.Errorf("%d acts in the audit log, %v, want 3", len(acts), err)
		}
	})
}
