package exchangenode

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/gateway"
	"dean06/internal/platform/alarm"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/tsa"
)

const (
	lookEvery = time.Second // at the files of the gateway's folder
	// waitFor is how long files may contradict each other, as they do while somebody copies
	// them one after another, before it is an alarm.
	waitFor = 5 * time.Second
	// turnFor is how long a call waits while a gateway that became another one begins.
	turnFor = 2 * drainFor

	bodiesFile = "bodies.key"
	filesAlarm = "gateway.files"
)

// errAnew ends a gateway whose folder now holds another one.
var errAnew = errors.New("the folder holds another gateway")

// watched are the files that are taken up while the gateway runs.
var watched = []string{exchangeapi.SavedFile, exchangeapi.KeyFile, bodiesFile}

// digest is of what a file held; the zero digest is of one that is not there.
type digest [sha256.Size]byte

// stamp is what a file looks like from outside, so that it is read only when it changed.
type stamp struct {
	at   time.Time
	size int64
	sum  digest
}

// prints are those of all watched files. A file that looks as it did is not read again.
func (g *Gateway) prints(before map[string]stamp) map[string]stamp {
	now := map[string]stamp{}
	for _, name := range watched {
		path := filepath.Join(g.cfg.Dir, name)
		info, err := os.Stat(path)
		if err != nil {
			now[name] = stamp{}
			continue
		}
		s := stamp{at: info.ModTime(), size: info.Size()}
		// Who writes twice within the clock's grain leaves the same moment: what is fresh is read.
		old, ok := before[name]
		age := time.Since(s.at)
		if ok && old.at.Equal(s.at) && old.size == s.size && age > 2*lookEvery {
			s.sum = old.sum
		} else if content, err := os.ReadFile(path); err == nil { //nolint:gosec // in the gateway's own folder
			s.sum = sha256.Sum256(content)
		}
		now[name] = s
	}
	return now
}

func same(a, b map[string]stamp) bool {
	return !slices.ContainsFunc(watched, func(name string) bool { return a[name].sum != b[name].sum })
}

// watch takes up what changes in the gateway's folder until ctx ends. It fails with
// errAnew when it is another gateway from now on.
func (g *Gateway) watch(ctx context.Context, j *joined) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	taken, seen := j.files, j.files
	var since time.Time // when what is there now was first found not to be taken up
	wrong := false      // and there is an alarm about it
	fine := func() {
		since = time.Time{}
		if wrong {
			wrong = false
			g.filesAre(ctx, nil)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := g.prints(seen)
		if !same(now, seen) {
			since = time.Time{}
		}
		if seen = now; same(now, taken) {
			fine()
			continue
		}
		err := g.takeUp(ctx, j, now, taken)
		switch {
		case errors.Is(err, errAnew):
			g.log.Info("the folder holds another gateway, which begins now", "dir", g.cfg.Dir, "was", j.Saved().Gateway)
			return err
		case ctx.Err() != nil:
			return nil
		case err == nil:
			taken = now
			fine()
		case since.IsZero():
			since = g.base.Clock.Now()
			g.log.Warn("changed files of the gateway are not taken up yet", "dir", g.cfg.Dir, "error", err)
		case g.base.Clock.Now().Sub(since) > waitFor:
			wrong = true
			g.filesAre(ctx, err)
		}
	}
}

// filesAre raises or ends the alarm about the files.
func (g *Gateway) filesAre(ctx context.Context, wrong error) {
	if g.base.Alarms == nil {
		return
	}
	var err error
	if wrong == nil {
		err = g.base.Alarms.Clear(ctx, filesAlarm, "")
	} else {
		a := alarm.Alarm{
			Kind: filesAlarm, Level: health.Failing, Key: "exchange.gateway.files", Args: fault.Args{"dir": g.cfg.Dir, "reason": wrong.Error()},
		}
		if f := fault.As(wrong); f != nil {
			a.Key, a.Args = f.Key, f.Args // it says itself what to mend
		}
		err = g.base.Alarms.Raise(ctx, a)
	}
	if err != nil && ctx.Err() == nil {
		g.log.Error("alarm about the gateway's files", "error", err)
	}
}

// takeUp takes up what has changed. It fails with errAnew when it can't be taken up by
// the gateway that runs, and with why as long as the files do not fit together.
func (g *Gateway) takeUp(ctx context.Context, j *joined, now, before map[string]stamp) error {
	saved, key, err := g.read()
	if err != nil {
		return err
	}
	was := j.Saved()
	if saved.Gateway != was.Gateway || saved.Member != was.Member || saved.Hub != was.Hub || now[bodiesFile].sum != before[bodiesFile].sum {
		return errAnew
	}
	news, err := j.Membership.Adopt(saved, key, func(key crypto.Signer, s exchangeapi.Saved) error {
		return j.Gateway.Adopt(ctx, key, s.DER(), s.Authorities())
	})
	if err == nil && news {
		g.log.Info("the gateway took up a certificate that a join left", "gateway", saved.Gateway)
		g.report(ctx, j) // so that nobody thinks it away
	}
	return err
}

// read reads what a join left, and the key. It makes none: whoever replaces files takes
// the old one away first.
func (g *Gateway) read() (exchangeapi.Saved, crypto.Signer, error) {
	saved, err := exchangeapi.Load(g.cfg.Dir)
	if err != nil {
		return saved, nil, err
	}
	if g.cfg.PKCS11.Module == "" {
		if _, err := os.Stat(filepath.Join(g.cfg.Dir, exchangeapi.KeyFile)); err != nil {
			return saved, nil, err
		}
	}
	key, _, err := signer(g.cfg)
	if err != nil {
		return saved, nil, err
	}
	return saved, key, saved.Fits(key)
}

// lookAt makes the gateway for who only looks at it: nothing is made, offered or kept.
// It fails with NotFound before a join.
func (g *Gateway) lookAt(ctx context.Context) (*joined, error) {
	saved, key, err := g.read()
	if err != nil {
		return nil, err
	}
	j := &joined{Membership: exchangeapi.NewMembership(saved, g.cfg.Dir, key, g.base.Clock), teller: &g.teller, examine: g.base.Examine}
	j.Gateway, err = gateway.Open(ctx, gateway.Settings{
		ID: saved.Gateway, Member: saved.Member, Version: Version, Dir: g.cfg.Dir, Looking: true,
		Signer: key, Certificates: [][]byte{saved.DER()}, Authorities: saved.Authorities(),
		Store: g.store, Configurations: j.Configuration, HubAhead: j.Ahead, Stamp: g.stamp(j), CheckStamp: tsa.Verify,
		Clock: g.base.Clock, Log: quiet,
	})
	return j, err
}

// live is what answers on the two ports.
type live struct {
	local, peer http.Handler
	tls         *tls.Config
}

// gate holds calls back while one gateway has ended and the next has not begun.
type gate struct {
	mu     sync.Mutex
	now    *live
	opened chan struct{} // closed when now is there
}

func (g *gate) open(l *live) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = l
	if g.opened != nil {
		close(g.opened)
		g.opened = nil
	}
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = nil
	if g.opened == nil {
		g.opened = make(chan struct{})
	}
}

// through gives what answers now, or soon; nil when there is nothing.
func (g *gate) through(ctx context.Context) *live {
	g.mu.Lock()
	now, opened := g.now, g.opened
	g.mu.Unlock()
	if now != nil || opened == nil {
		return now
	}
	ctx, cancel := context.WithTimeout(ctx, turnFor)
	defer cancel()
	select {
	case <-opened:
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

// handler answers with what the gateway of the moment has on a port.
func (g *gate) handler(port func(*live) http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l := g.through(r.Context())
		if l == nil {
			w.Header().Set("Retry-After", "5")
			http.Error(w, "the gateway begins anew; nothing was done, try again", http.StatusServiceUnavailable)
			return
		}
		port(l).ServeHTTP(w, r)
	})
}

// config is the TLS of the port where gateways meet, of the gateway of the moment.
func (g *gate) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		NextProtos: []string{"h2"},
		GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
			if l := g.through(h.Context()); l != nil {
				return l.tls, nil
			}
			return nil, errors.New("the gateway begins anew")
		},
	}
}

// generations lets the gateway work, and the one after it when the folder holds another,
// until ctx ends.
func (g *Gateway) generations(ctx context.Context, gate *gate, j *joined) error {
	for {
		gate.open(g.liveOf(j))
		work, inner := errgroup.WithContext(ctx)
		work.Go(func() error { return j.Run(inner) })
		work.Go(func() error { g.look(inner, j); return nil })
		work.Go(func() error {
			err := g.watch(inner, j)
			if err != nil {
				gate.close()
			}
			return err
		})
		for _, f := range slices.Concat(g.beside, j.beside) {
			work.Go(func() error { return f(inner, j) })
		}
		err := work.Wait()
		if !errors.Is(err, errAnew) {
			return err
		}
		if j, err = g.await(ctx); j == nil {
			return err
		}
	}
}

// liveOf is what a gateway answers on its ports.
func (g *Gateway) liveOf(j *joined) *live {
	return &live{local: j.Local(g.faces...), peer: j.Peer(), tls: j.TLS()}
}
