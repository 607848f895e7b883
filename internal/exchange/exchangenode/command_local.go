package exchangenode

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

// certificateCommand gives the agency's own systems what they need to speak on the
// gateway's local port.
type certificateCommand struct {
	ofNode
	Subsystem string `placeholder:"CODE" help:"The subsystem as which the system speaks, such as TTHC."`
	Out       string `type:"path" placeholder:"DIR" help:"Make key and certificate in this folder; the key stays there."`
	Renew     bool   `help:"With --out: only when a third or less of the certificate's days is left; the key stays the same."`
	Pin       string `type:"path" placeholder:"FILE" help:"Let the system's own certificate (PEM) count instead."`
	Remove    string `placeholder:"FINGERPRINT" help:"Take a certificate away for ever; it counts no longer within a second."`
	List      bool   `help:"List the certificates that count."`
}

// localDesk is what the command works on.
type localDesk struct {
	*exchange.Desk
	config  *GatewayConfig
	saved   exchangeapi.Saved
	systems []xroad.ID
	by      actor.Actor
}

// Run does the one thing that was asked for.
func (c certificateCommand) Run(ctx context.Context, p node.Program) error {
	pr := c.Printer(p)
	usage := func(key string) error { return node.UsageError{Err: errors.New(pr.T(key))} }
	asked := 0
	for _, yes := range []bool{c.Out != "", c.Pin != "", c.Remove != "", c.List} {
		if yes {
			asked++
		}
	}
	switch {
	case asked != 1:
		return usage("cli.gateway.certificate.one")
	case c.Subsystem == "" && (c.Out != "" || c.Pin != ""):
		return usage("cli.gateway.certificate.subsystem")
	case c.Renew && c.Out == "":
		return usage("cli.gateway.certificate.renew")
	}
	if err := exchange.Permissions.Can(actor.AtCommandLine(), exchange.ActLocal); err != nil {
		return err
	}
	cfg, err := c.load(p)
	if err != nil {
		return err
	}
	d, db, err := openLocalDesk(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	say := func(key string, args fault.Args) error {
		_, err := fmt.Fprintln(p.Out, pr.T(key, args))
		return err
	}
	switch {
	case c.List:
		return c.list(ctx, p, pr, d)
	case c.Remove != "":
		if err := d.RemoveLocalSystem(ctx, d.by, c.Remove); err != nil {
			return err
		}
		return say("cli.gateway.certificate.removed", fault.Args{"fingerprint": c.Remove})
	}
	id := d.saved.Member
	id.Subsystem = c.Subsystem
	if !slices.Contains(d.systems, id) && c.Subsystem == ownCode(d.config, cfg.Node.Role) {
		return fault.New(fault.Invalid, "cli.gateway.certificate.inside", fault.Args{"subsystem": id.String()})
	}
	if c.Pin != "" {
		text, err := os.ReadFile(c.Pin)
		if err != nil {
			return err
		}
		der, err := exchange.ReadLocalPEM(text)
		if err != nil {
			return err
		}
		got, err := d.AddLocalSystem(ctx, d.by, id, exchange.PinnedHere, der)
		if err != nil {
			return err
		}
		return say("cli.gateway.certificate.pinned", fault.Args{"fingerprint": got.Fingerprint, "subsystem": id.String(), "until": got.Until})
	}
	return c.issue(ctx, d, id, say)
}

func openLocalDesk(ctx context.Context, cfg config.Config) (*localDesk, *sqldb.DB, error) {
	d := &localDesk{config: config.In[GatewayConfig](cfg), by: actor.AtCommandLine()}
	var err error
	if d.saved, err = exchangeapi.Load(d.config.Dir); err != nil {
		return nil, nil, err
	}
	url := cfg.DB.URL.Reveal()
	if err := node.MustBeThere(url); err != nil {
		return nil, nil, err
	}
	db, err := sqldb.Open(ctx, url, sqldb.Options{})
	if err != nil {
		return nil, nil, err
	}
	store := exchangesql.New(db, clock.System{})
	err = errors.Join(audit.Migrate(ctx, db), exchangesql.Migrate(ctx, db))
	if err == nil {
		d.systems, err = outsideOf(ctx, store, d.saved, ownCode(d.config, cfg.Node.Role))
	}
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	d.Desk = exchange.NewDesk(exchange.DeskParts{
		Store: store, Log: store, Local: store, Clock: clock.System{}, NewID: sqldb.NewID,
		Outside: func(context.Context) []xroad.ID { return d.systems },
	})
	return d, db, nil
}

func (c certificateCommand) list(ctx context.Context, p node.Program, pr *i18n.Printer, d *localDesk) error {
	list, err := d.LocalSystems(ctx, d.by)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		_, err = fmt.Fprintln(p.Out, pr.T("cli.gateway.certificate.none"))
	}
	for _, one := range list {
		_, e := fmt.Fprintf(p.Out, "%s  %s  %s  %s\n", one.Fingerprint, one.Subsystem, one.Kind, one.Until.In(clock.Zone).Format("02/01/2006"))
		err = errors.Join(err, e)
	}
	return err
}

// issue makes key and certificate, or renews the certificate of the key that is there.
// The certificate is in its place before it counts, and counts before this says so.
func (c certificateCommand) issue(ctx context.Context, d *localDesk, id xroad.ID, say func(string, fault.Args) error) error {
	if !slices.Contains(d.systems, id) {
		return fault.New(fault.Invalid, "exchange.local.no_subsystem", nil)
	}
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return err
	}
	path := func(name string) string { return filepath.Join(c.Out, name) }
	args := fault.Args{
		"subsystem": id.String(), "key": path(c.Subsystem + ".key"), "certificate": path(c.Subsystem + ".pem"), "ca": path("gateway-ca.pem"),
		"address": "https://" + localName(d.config.LocalAddr),
	}
	now := clock.System{}.Now()
	counting, err := d.LocalSystems(ctx, d.by)
	if err != nil {
		return err
	}
	if old, err := readCertificate(path(c.Subsystem + ".pem")); err == nil && c.Renew && !exchange.RenewalDue(old.NotBefore, old.NotAfter, now) &&
		slices.ContainsFunc(counting, func(l exchange.LocalCertificate) bool { return bytes.Equal(l.DER, old.Raw) && l.Subsystem == id }) {
		args["until"] = old.NotAfter
		return say("cli.gateway.certificate.good", args)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	key, err := pki.FileKey(path(c.Subsystem + ".key"))
	if err != nil {
		return err
	}
	ca, err := openLocalCA(d.config.Dir, now)
	if err != nil {
		return err
	}
	der, err := issueLocal(ca, id, key.Public(), now)
	if err != nil {
		return err
	}
	got, err := d.AddLocalSystem(ctx, d.by, id, exchange.IssuedHere, der)
	if err != nil {
		return err
	}
	if err := errors.Join(
		node.WriteFile(path("gateway-ca.pem"), pki.WriteCertificates(ca.Certificate.Raw)),
		node.WriteFile(path(c.Subsystem+".pem"), pki.WriteCertificates(der)),
	); err != nil {
		return err
	}
	args["until"] = got.Until
	return say("cli.gateway.certificate.made", args)
}

// localName is an address under which the port's certificate is good on this machine.
func localName(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && (ip == nil || ip.IsLoopback() || ip.IsUnspecified()) {
		return net.JoinHostPort("localhost", port)
	}
	return addr
}

func readCertificate(path string) (*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fault.New(fault.Invalid, "exchange.local.certificate.bad", nil)
	}
	return x509.ParseCertificate(block.Bytes)
}
