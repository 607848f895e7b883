package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/disk"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/private"
	"dean06/internal/xroad"
)

const (
	doctorTimeout  = 10 * time.Second
	askedAtOnce    = 8
	clockTolerance = 30 * time.Second // from here on a clock is worth a look
	checkFor       = 30 * time.Second
	soon           = 14 * 24 * time.Hour // before a certificate ends somebody has to see to it
)

// Doctor asks everything that the gateway needs whether it works, and says in words
// what is to be mended. It writes nothing to the message log, so that it works beside
// a gateway that runs.
func (g *Gateway) Doctor(ctx context.Context) []health.Finding { return g.Examine(ctx, health.Full) }

// Examine is Doctor as far as it is asked to: no other node is called by itself.
func (g *Gateway) Examine(ctx context.Context, depth health.Depth) []health.Finding {
	many := func(name string, from health.Depth, ask func(ctx context.Context) []health.Finding) health.Check {
		return health.Check{Name: name, From: from, Ask: func(ctx context.Context, _ health.Depth) []health.Finding { return ask(ctx) }}
	}
	var asked error
	if depth == health.Full {
		asked = g.Refresh(ctx) // all that follows is held against the newest configuration
	}
	return health.Gather(
		ctx, depth, checkFor,
		health.One("configuration", health.Vital, func(context.Context) health.Finding { return g.askConfiguration(asked) }),
		health.One("certificate", health.Vital, func(context.Context) health.Finding { return g.askCertificate() }),
		health.One("log", health.Vital, g.askLog),
		health.One("timestamp", health.Full, g.askStamp),
		many("configuration", health.Regular, func(context.Context) []health.Finding { return g.askHub() }),
		many("peer", health.Full, g.askPeers),
		many("service", health.Regular, g.askServices),
		many("local", health.Regular, g.askLocal),
		many("security", health.Regular, func(context.Context) []health.Finding { return g.askSecurity() }),
		health.One("key", health.Regular, func(context.Context) health.Finding { return g.askFiles() }),
	)
}

func found(check string, level health.Level, key string, args map[string]any) health.Finding {
	f := health.Finding{Check: check, Level: level, Key: "gateway.doctor." + key, Args: args}
	switch check {
	case "service":
		f.Subject = fmt.Sprint(args["service"])
	case "peer":
		f.Subject = fmt.Sprint(args["gateway"])
	case "configuration", "certificate", "log":
		f.Stops = level == health.Failing && !goesOn[key]
	}
	return f
}

// goesOn are failures in spite of which calls go on.
var goesOn = map[string]bool{"configuration.ahead": true, "log.waiting": true, "log.lost": true, "log.unreadable": true}

// askConfiguration looks at the configuration in use; err is what asking the centre for
// a newer one came to.
func (g *Gateway) askConfiguration(err error) health.Finding {
	const check = "configuration"
	v := g.view.Load()
	if f := fault.As(err); f != nil && f.Kind == fault.Denied {
		return health.Finding{Check: check, Level: health.Failing, Key: f.Key, Args: f.Args, Stops: true}
	}
	reason := ""
	if err != nil {
		reason = err.Error()
	}
	if v == nil {
		return found(check, health.Failing, "configuration.none", map[string]any{"reason": reason})
	}
	args := map[string]any{"serial": v.cfg.Serial, "until": v.cfg.ValidUntil, "since": v.fetchedAt, "reason": reason}
	switch fresh := v.cfg.FreshAt(g.now()); {
	case fresh == exchange.Expired:
		return found(check, health.Failing, "configuration.expired", args)
	case err != nil:
		return found(check, health.Warning, "configuration.away", args)
	case fresh == exchange.Stale:
		return found(check, health.Warning, "configuration.stale", args)
	}
	if self, ok := v.Gateway(g.set.ID); !ok {
		return found(check, health.Failing, "configuration.absent", map[string]any{"gateway": g.set.ID})
	} else if self.Suspended {
		return found(check, health.Failing, "configuration.suspended", map[string]any{"gateway": g.set.ID})
	}
	return found(check, health.Fine, "configuration.fine", args)
}

// factsFor is how old what the ministry said of systems may be before somebody should look:
// it says it every minute, and a configuration carries it within the hour.
const factsFor = 24 * time.Hour

// askSecurity looks at what is known of the security of systems, where a right demands it.
func (g *Gateway) askSecurity() []health.Finding {
	const check = "security"
	v, o := g.view.Load(), g.offers.Load()
	if v == nil || o == nil {
		return nil
	}
	demanded, loose := 0, []string{}
	for service, list := range o.rights {
		for _, r := range list {
			if !r.Security {
				continue
			}
			demanded++
			if slices.ContainsFunc(list, func(x exchange.Right) bool { return x.Loosens(r, g.groupsFor(o), g.now()) }) {
				loose = append(loose, service.String())
			}
		}
	}
	if demanded == 0 {
		return nil
	}
	s := v.cfg.Security
	if s == nil {
		return []health.Finding{found(check, health.Failing, "security.none", map[string]any{"rights": demanded})}
	}
	args := map[string]any{"rights": demanded, "since": s.At, "systems": len(s.Clearances)}
	if g.now().Sub(s.At) > factsFor {
		return []health.Finding{found(check, health.Warning, "security.stale", args)}
	}
	if len(loose) > 0 {
		slices.Sort(loose)
		args["services"] = strings.Join(slices.Compact(loose), ", ")
		return []health.Finding{found(check, health.Warning, "security.beside", args)}
	}
	return []health.Finding{found(check, health.Fine, "security.fine", args)}
}

func (g *Gateway) askCertificate() health.Finding {
	const check = "certificate"
	id, now := g.identity.Load(), g.now()
	args := map[string]any{"until": id.cert.NotAfter, "gateway": g.set.ID}
	v := g.view.Load()
	switch {
	case now.After(id.cert.NotAfter):
		return found(check, health.Failing, "certificate.expired", args)
	case now.Before(id.cert.NotBefore):
		return found(check, health.Failing, "certificate.early", map[string]any{"from": id.cert.NotBefore})
	case v == nil:
		return found(check, health.Warning, "certificate.unknown", args)
	}
	_, err := v.Counts(id.fingerprint, now)
	life := id.cert.NotAfter.Sub(id.cert.NotBefore)
	switch {
	case errors.Is(err, exchange.ErrRevoked):
		return found(check, health.Failing, "certificate.revoked", args)
	case errors.Is(err, exchange.ErrUnknownKey):
		return found(check, health.Failing, "certificate.unknown", args)
	case id.cert.NotAfter.Sub(now) < life/6: // it is renewed when a third is left
		return found(check, health.Warning, "certificate.soon", args)
	}
	return found(check, health.Fine, "certificate.fine", args)
}

func (g *Gateway) askLog(ctx context.Context) health.Finding {
	const check = "log"
	if err := g.tryLog(ctx); disk.IsFull(err) {
		return found(check, health.Failing, "log.full", map[string]any{"dir": g.set.Dir})
	} else if err != nil {
		return found(check, health.Failing, "log.unwritable", map[string]any{"reason": err.Error()})
	}
	f, err := g.set.Store.Frontier(ctx)
	if err != nil {
		return found(check, health.Failing, "log.unreadable", map[string]any{"reason": err.Error()})
	}
	if text, _ := g.log.state(); text != "" {
		return found(check, health.Failing, "log.unwritable", map[string]any{"reason": text})
	}
	st := &g.log.mover
	if lost := st.lost.Load(); lost > 0 {
		return found(check, health.Failing, "log.lost", map[string]any{"lost": lost})
	}
	if reason := st.reason(); reason != "" {
		return found(check, health.Failing, "log.waiting", map[string]any{"records": g.log.size.Load() - st.moved.Load(), "reason": reason})
	}
	if restored := st.restored.Load(); restored > 0 {
		return found(check, health.Warning, "log.restored", map[string]any{"restored": restored})
	}
	return found(check, health.Fine, "log.fine", map[string]any{"records": f.Size})
}

// tryLog writes where the message log is written before a call goes on its way.
func (g *Gateway) tryLog(ctx context.Context) error {
	dir := g.journalDir()
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		dir = g.set.Dir // it is made there
	}
	if g.set.Looking && !private.Mine(dir) {
		return nil // who looks at another one's gateway cannot know
	}
	return disk.Try(dir)
}

// askStamp asks for a real time stamp, and looks at what is owed.
func (g *Gateway) askStamp(ctx context.Context) health.Finding {
	const check = "timestamp"
	owed, err := g.set.Store.Unstamped(ctx, maxDebtCounted)
	if err != nil {
		return found(check, health.Failing, "log.unreadable", map[string]any{"reason": err.Error()})
	}
	args := map[string]any{"owed": len(owed)}
	if len(owed) > 0 {
		args["since"] = owed[0].At
	}
	if g.set.Stamp == nil {
		return found(check, health.Warning, "timestamp.none", args)
	}
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	data := []byte("dean06 doctor " + rand.Text())
	token, at, err := g.set.Stamp(ctx, data)
	if err == nil && g.set.CheckStamp != nil {
		var authorities [][]byte
		if v := g.view.Load(); v != nil {
			authorities = slices.Concat(v.cfg.Authorities, v.cfg.Timestamps)
		}
		at, err = g.set.CheckStamp(token, data, authorities)
	}
	if err != nil {
		args["reason"] = err.Error()
		if len(owed) > 0 {
			return found(check, health.Warning, "timestamp.owed", args)
		}
		return found(check, health.Warning, "timestamp.away", args)
	}
	if d := at.Sub(g.now()).Abs(); d > clockTolerance {
		return found("clock", health.Warning, "clock.stamp", map[string]any{"seconds": int64(d.Seconds())})
	}
	return found(check, health.Fine, "timestamp.fine", args)
}

// askPeers asks every other gateway for a signed echo.
func (g *Gateway) askPeers(ctx context.Context) []health.Finding {
	v := g.view.Load()
	if v == nil {
		return nil
	}
	others := slices.DeleteFunc(slices.Clone(v.cfg.Gateways), func(p exchange.Gateway) bool { return p.ID == g.set.ID || p.Suspended })
	list := make([][]health.Finding, len(others))
	places := make(chan struct{}, askedAtOnce)
	var wg sync.WaitGroup
	for i, p := range others {
		wg.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			list[i] = g.askPeer(ctx, p)
		})
	}
	wg.Wait()
	return slices.Concat(list...)
}

func (g *Gateway) askPeer(ctx context.Context, p exchange.Gateway) []health.Finding {
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	args := map[string]any{"gateway": p.ID, "address": p.Address}
	begun := g.now()
	said, e := g.askEcho(ctx, p)
	if e != nil {
		args["reason"] = e.Text
		switch e.Code {
		case xroad.NetworkError:
			return []health.Finding{found("peer", health.Failing, "peer.away", args)}
		case xroad.PeerCertificate, xroad.ProviderCertificate:
			return []health.Finding{found("peer", health.Failing, "peer.certificate", args)}
		case xroad.ClockSkew:
			return []health.Finding{found("clock", health.Failing, "clock.far", args)}
		}
		return []health.Finding{found("peer", health.Failing, "peer.refused", args)}
	}
	ended := g.now()
	args["milliseconds"] = ended.Sub(begun).Milliseconds()
	list := []health.Finding{found("peer", health.Fine, "peer.fine", args)}
	if d := max(said.At.Sub(ended), begun.Sub(said.At)); d > clockTolerance {
		list = append(list, found("clock", health.Warning, "clock.peer", map[string]any{"gateway": p.ID, "seconds": int64(d.Seconds())}))
	}
	if v := g.view.Load(); said.Serial < v.cfg.Serial && g.now().Sub(v.cfg.IssuedAt) > 10*time.Minute {
		list = append(
			list, found("peer", health.Warning, "peer.behind", map[string]any{"gateway": p.ID, "serial": said.Serial, "newest": v.cfg.Serial}),
		)
	}
	return list
}

// askServices looks whether the services that are offered here can be reached.
func (g *Gateway) askServices(ctx context.Context) (list []health.Finding) {
	g.handlersMu.RLock()
	elsewhere := len(g.handlers) == 0 // the node itself runs in another process
	g.handlersMu.RUnlock()
	for id, s := range g.offers.Load().services {
		args := map[string]any{"service": id.String(), "name": s.Name, "url": s.URL}
		switch {
		case s.Disabled:
			list = append(list, found("service", health.Warning, "service.disabled", args))
		case s.URL == "" && elsewhere:
			list = append(list, found("service", health.Fine, "service.elsewhere", args))
		case s.URL == "" && g.handler(id) == nil:
			list = append(list, found("service", health.Failing, "service.inside", args))
		case s.URL == "":
			list = append(list, found("service", health.Fine, "service.fine", args))
		default:
			until, err := g.TryService(ctx, s.LocalService)
			args["until"] = until
			switch {
			case err != nil:
				args["reason"] = err.Error()
				list = append(list, found("service", health.Failing, "service.away", args))
			case !until.IsZero() && until.Sub(g.now()) < soon:
				list = append(list, found("service", health.Warning, "service.soon", args))
			default:
				list = append(list, found("service", health.Fine, "service.fine", args))
			}
		}
	}
	slices.SortFunc(list, func(a, b health.Finding) int {
		return strings.Compare(fmt.Sprint(a.Args["service"]), fmt.Sprint(b.Args["service"]))
	})
	return list
}

// reach only connects: a request could do something.
func reach(ctx context.Context, address string) error {
	to, _, err := dialAddress(address)
	if err != nil {
		return err
	}
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", to)
	if err != nil {
		return err
	}
	return conn.Close()
}

// dialAddress is where to connect for a URL, and the name of the machine.
func dialAddress(address string) (to, host string, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", err
	}
	port := u.Port()
	if port == "" {
		port = u.Scheme // net knows http and https
	}
	return net.JoinHostPort(u.Hostname(), port), u.Hostname(), nil
}

// askFiles looks whether others may read the keys.
func (g *Gateway) askFiles() health.Finding {
	const check = "key"
	var open []string
	err := filepath.WalkDir(g.set.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := strings.ToLower(d.Name())
		if !strings.HasSuffix(name, ".key") && !strings.Contains(name, "seal") {
			return nil
		}
		if info, err := d.Info(); err == nil && info.Mode().Perm()&0o077 != 0 {
			open = append(open, path)
		}
		return nil
	})
	if info, e := os.Stat(g.set.Dir); e == nil && info.Mode().Perm()&0o022 != 0 {
		return found(check, health.Failing, "key.folder", map[string]any{"dir": g.set.Dir})
	}
	switch {
	case err != nil:
		return found(check, health.Warning, "key.unreadable", map[string]any{"dir": g.set.Dir, "reason": err.Error()})
	case len(open) > 0:
		return found(check, health.Failing, "key.open", map[string]any{"files": strings.Join(open, " ")})
	}
	return found(check, health.Fine, "key.fine", map[string]any{"dir": g.set.Dir})
}
