package exchangenode

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/exchange/gateway"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

// OneStop is the subsystem under which the modules of an agency's node call.
const OneStop = "MOTCUA"

// ownByRole are the subsystems that the nodes of a role are themselves.
var ownByRole = map[string]string{"board": "BANG", "authority": "DANCU", "hub": HubSubsystem, "agency": OneStop}

// ownCode is the subsystem under which the node's own modules call.
func ownCode(c *GatewayConfig, role string) string {
	if c.Own != "" {
		return c.Own
	}
	return ownByRole[role]
}

// inside are the codes of the subsystems that this process is itself: that of its
// modules' calls, and those of the services that they answer.
func (g *Gateway) inside() []string {
	var out []string
	if own := ownCode(g.cfg, g.base.Config.Node.Role); own != "" {
		out = append(out, own)
	}
	for _, s := range g.services {
		if !slices.Contains(out, s.Subsystem) {
			out = append(out, s.Subsystem)
		}
	}
	return out
}

// Own is the subsystem under which the node's own modules call. ok is false when the
// gateway does not speak for it (yet), or has not joined.
func (g *Gateway) Own() (id xroad.ID, ok bool) {
	member, ok := g.Member()
	if !ok {
		return xroad.ID{}, false
	}
	member.Subsystem = ownCode(g.cfg, g.base.Config.Node.Role)
	for known := range g.spokenFor() {
		if known == member {
			return member, true
		}
	}
	return member, false
}

// self is who the node is when it calls: its own subsystem, or, on a node that
// joined before that was asked for, the first for which its gateway speaks.
func (g *Gateway) self(j *joined) xroad.ID {
	id := j.Saved().Member
	d := j.Directory()
	if d == nil {
		return id
	}
	gw, _ := d.Gateway(j.Saved().Gateway)
	own := id
	own.Subsystem = ownCode(g.cfg, g.base.Config.Node.Role)
	switch {
	case slices.Contains(gw.Subsystems, own):
		return own
	case len(gw.Subsystems) > 0:
		return gw.Subsystems[0]
	}
	return id
}

// outside are the subsystems as which the agency's own systems may speak.
func (g *Gateway) outside(context.Context) []xroad.ID {
	var out []xroad.ID
	for id := range g.Subsystems() {
		out = append(out, id)
	}
	return out
}

// door says who may come in by the port for local systems.
func (g *Gateway) door() gateway.Door {
	port := &portCertificate{dir: g.cfg.Dir, hosts: portHosts(g.cfg), clock: g.base.Clock}
	return gateway.Door{
		Own: ownCode(g.cfg, g.base.Config.Node.Role), Inside: g.inside(), Plain: g.cfg.LocalPlain, Hosts: g.cfg.LocalHosts,
		Monitoring: g.cfg.Monitoring, Certificate: port.get,
		Looked: func(ctx context.Context, l gateway.MonitoringLook) error {
			d := map[string]string{"limit": strconv.FormatInt(l.Limit, 10)}
			for name, t := range map[string]time.Time{"from": l.From, "until": l.Until} {
				if !t.IsZero() {
					d[name] = t.UTC().Format(time.RFC3339)
				}
			}
			return g.store.LogMonitoring(ctx, l.By, l.Address, d)
		},
	}
}

// Files in gateway.dir: the authority that the local port and its systems have of this
// gateway. It is nobody else's and signs nothing that the exchange knows.
const (
	localCAFile = "local-ca.pem"
	localCAKey  = "local-ca.key"
)

const (
	localCAYears = 20
	localLife    = 90 * 24 * time.Hour // of a certificate that it issues
	afterClock   = time.Hour           // certificates count from so long before, as clocks differ
)

// openLocalCA opens the gateway's authority for its local systems, and makes it when
// there is none.
func openLocalCA(dir string, now time.Time) (pki.Authority, error) {
	key, err := pki.FileKey(filepath.Join(dir, localCAKey))
	if err != nil {
		return pki.Authority{}, err
	}
	path := filepath.Join(dir, localCAFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		der, err := pki.NewAuthority(key, "dean06 local systems", now, localCAYears)
		if err != nil {
			return pki.Authority{}, err
		}
		if err := placeFile(path, pki.WriteCertificates(der)); err != nil {
			return pki.Authority{}, err
		}
		text, err = os.ReadFile(path) // perhaps of another process that was a moment faster
		if err != nil {
			return pki.Authority{}, err
		}
	} else if err != nil {
		return pki.Authority{}, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return pki.Authority{}, fmt.Errorf("%s holds no certificate", path)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !pki.SamePublic(cert.PublicKey, key.Public()) {
		return pki.Authority{}, fmt.Errorf("%s is not of the key in %s", path, localCAKey)
	}
	return pki.Authority{Certificate: cert, Key: key}, nil
}

// placeFile puts a new file in place whole, unless one is there.
func placeFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// issueLocal gives a certificate (DER) to a system that holds a key.
func issueLocal(ca pki.Authority, subsystem xroad.ID, public any, now time.Time) ([]byte, error) {
	return ca.Issue(pki.Leaf{
		Public: public, Name: subsystem.String(), From: now.Add(-afterClock), Until: now.Add(localLife), Use: pki.LocalSystem,
	})
}

// portHosts are the names by which local systems know the port.
func portHosts(c *GatewayConfig) []string {
	out := append([]string{"localhost", "127.0.0.1", "::1"}, c.LocalHosts...)
	if host, _, err := net.SplitHostPort(c.LocalAddr); err == nil {
		if ip := net.ParseIP(host); ip != nil && !ip.IsUnspecified() && !slices.Contains(out, host) {
			out = append(out, host)
		}
	}
	return out
}

// portCertificate is the local port's own certificate. It is made when it is first
// wanted, and anew when a third of its life is left: nobody has to see to it, and no
// connection is broken.
type portCertificate struct {
	dir   string // gateway.dir
	hosts []string
	clock clock.Clock

	mu  sync.Mutex
	now *tls.Certificate
	of  string // the authority's file, as it looked from outside
}

func (p *portCertificate) get() (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	of := ""
	if info, err := os.Stat(filepath.Join(p.dir, localCAFile)); err == nil {
		of = info.ModTime().String()
	}
	if p.now != nil && p.of == of && !exchange.RenewalDue(p.now.Leaf.NotBefore, p.now.Leaf.NotAfter, now) && now.After(p.now.Leaf.NotBefore) {
		return p.now, nil
	}
	ca, err := openLocalCA(p.dir, now)
	if err != nil {
		return nil, err
	}
	key, err := pki.FileKey(filepath.Join(p.dir, "local.key"))
	if err != nil {
		return nil, err
	}
	der, err := ca.Issue(pki.Leaf{
		Public: key.Public(), Name: "dean06 gateway", Hosts: p.hosts, From: now.Add(-afterClock), Until: now.Add(localLife), Use: pki.LocalPort,
	})
	if err != nil {
		return nil, fmt.Errorf("certificate of the local port: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	p.of = of
	p.now = &tls.Certificate{Certificate: [][]byte{der, ca.Certificate.Raw}, PrivateKey: key, Leaf: leaf}
	return p.now, nil
}

// outsideOf are the subsystems of a gateway on disk as which its agency's systems may speak.
func outsideOf(ctx context.Context, store *exchangesql.Store, saved exchangeapi.Saved, own string) ([]xroad.ID, error) {
	signed, _, ok, err := store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		signed = saved.Configuration
	}
	conf, err := signed.Read()
	if err != nil {
		return nil, err
	}
	services, err := store.Services(ctx)
	if err != nil {
		return nil, err
	}
	inside := map[string]bool{own: true}
	for _, s := range services {
		if s.URL == "" {
			inside[s.ID.Subsystem] = true
		}
	}
	var out []xroad.ID
	for _, gw := range conf.Gateways {
		if gw.ID != saved.Gateway {
			continue
		}
		for _, id := range gw.Subsystems {
			if !inside[id.Subsystem] {
				out = append(out, id)
			}
		}
	}
	return out, nil
}
