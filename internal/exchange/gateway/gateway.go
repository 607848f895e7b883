package gateway

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/journal"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

// Store is what a gateway keeps.
type Store interface {
	exchange.LogStore
	exchange.GatewayStore
	// BeforeReading takes what is called before the log is read: it returns when what was
	// written before is in the table, or an error that says why it cannot be.
	BeforeReading(wait func(ctx context.Context) error)
	exchange.LocalStore
}

// Settings make a gateway. What has no comment saying otherwise must be there.
type Settings struct {
	ID      string   // "H55-1"
	Member  xroad.ID // who runs it
	Version string   // told to peers and to the hub; may be empty
	Dir     string   // key files are looked at by the doctor; large bodies pass through Dir/spool

	Signer       crypto.Signer
	Certificates [][]byte // DER, of Signer's key, newest first
	Authorities  [][]byte // DER, the centre's authorities as they were when the gateway joined

	Store          Store
	Configurations func(ctx context.Context) (exchange.Signed, error) // asks the hub
	// Show shows the hub a configuration of its own that is newer than what it gives, as after its restore; nil: nobody is shown any.
	Show func(ctx context.Context, s exchange.Signed, serial int64) error
	// HubAhead says how far the hub's clock is ahead of this machine's; ok is false while that is not known. May be nil.
	HubAhead   func() (off time.Duration, ok bool)
	Stamp      func(ctx context.Context, data []byte) (token []byte, at time.Time, err error) // nil: nothing is stamped
	CheckStamp func(token, data []byte, authorities [][]byte) (time.Time, error)              // used by the doctor; may be nil

	// Alone says that this process may still write the message log; asked before each record. nil: it always may.
	Alone func(ctx context.Context) error
	// Looking is for a gateway that only is looked at, and will not run: nothing is made.
	Looking bool

	Clock clock.Clock
	Log   *slog.Logger

	Style        xroad.Style    // of error codes; the older one when empty
	MaxBody      int64          // 100 MiB when zero
	MaxSpool     int64          // bytes of all large bodies on disk at once, of which one member has a quarter; 4 GiB when zero
	MaxCalls     int            // running at once on each side; 1024 when zero
	CallTimeout  time.Duration  // of a whole call; 2 minutes when zero
	DrainFor     time.Duration  // what is under way may take so long when the gateway stops; 15 seconds when zero
	KeepBodies   time.Duration  // 0 keeps none
	Sealer       *pki.Sealer    // needed to keep bodies
	TrustedLocal []netip.Prefix // who may use the local port; none is anybody who reaches it
	Door         Door           // who may speak there, and as whom

	Journal    journal.Options
	MaxWaiting int64                      // records that may wait in the journal for the table before calls are refused; 200,000 when zero
	WentBack   func(restored, lost int64) // told when the database had lost records that it had acknowledged; may be nil

	HeadEvery    time.Duration // 10 seconds when zero
	RefreshEvery time.Duration // 60 seconds when zero
	StampEvery   time.Duration // 10 seconds when zero: how soon a failed stamp is tried again
	// 1 second when zero: how long a link may be silent before the peer is asked for a sign, which has three times as long to come
	PingAfter time.Duration
}

func (s *Settings) defaults() {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&s.CallTimeout, 2*time.Minute)
	def(&s.DrainFor, drainFor)
	def(&s.HeadEvery, 10*time.Second)
	def(&s.RefreshEvery, time.Minute)
	def(&s.StampEvery, 10*time.Second)
	def(&s.PingAfter, time.Second)
	if s.MaxBody == 0 {
		s.MaxBody = 100 << 20
	}
	if s.MaxSpool == 0 {
		s.MaxSpool = 4 << 30
	}
	if s.MaxCalls == 0 {
		s.MaxCalls = 1024
	}
	if s.KeepBodies > 0 && s.KeepBodies < 24*time.Hour && s.Journal.Keep == 0 {
		s.Journal.Keep = s.KeepBodies // the journal has the bodies too
	}
	if s.MaxWaiting == 0 {
		s.MaxWaiting = maxWaiting
	}
	if s.Style == "" {
		s.Style = xroad.StyleOld
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
}

// Gateway is a gateway. Open makes it; it takes calls while Run runs.
type Gateway struct {
	set   Settings
	spool string // folder
	room  *room  // what bodies may take there, and of memory

	drain    time.Duration
	stopping context.Context //nolint:containedctx // ends when calls under way have to be given up
	giveUp   context.CancelCauseFunc

	identity atomic.Pointer[identity]
	next     atomic.Pointer[identity] // a certificate that waits until peers know it
	roots    atomic.Pointer[[][]byte] // the centre's authorities as they were at the last join
	view     atomic.Pointer[view]
	offersMu sync.Mutex // while they are read: what was read first may not replace what was read later
	offers   atomic.Pointer[offers]
	looked   atomic.Int64 // when their mark was looked at last, in nanoseconds of Unix

	handlersMu sync.RWMutex
	handlers   map[xroad.ID]http.Handler

	log     *logWriter
	replay  *replayGuard
	quotas  quotas
	peers   peers
	service *http.Transport // to services
	calls   chan struct{}   // running, on the consumer's side
	serves  chan struct{}   // running, on the provider's side
	refresh refresher
	stamps  stamps
	metrics metrics
	locals  locals

	serviceWays serviceWays
}

const (
	// Calls under way have drainFor to end; what is left lastWord before that is told why
	// it gets no answer, while there is still a connection to tell it on.
	drainFor  = 15 * time.Second
	lastWord  = 2 * time.Second
	drainTick = 20 * time.Millisecond
)

// Open makes a gateway from what is stored. A hub that is away does not stop it.
func Open(ctx context.Context, s Settings) (*Gateway, error) {
	s.defaults()
	g := &Gateway{
		set: s, spool: filepath.Join(s.Dir, "spool"), handlers: map[xroad.ID]http.Handler{},
		calls: make(chan struct{}, s.MaxCalls), serves: make(chan struct{}, s.MaxCalls), drain: s.DrainFor,
		refresh: refresher{soon: make(chan struct{}, 1)},
	}
	if s.Looking { // answers of others are read, and nothing is made in the gateway's own folder
		g.spool = filepath.Join(os.TempDir(), fmt.Sprintf("dean06-look-%d", os.Geteuid()))
	}
	g.stopping, g.giveUp = context.WithCancelCause(context.Background())
	var err error
	if g.room, err = openRoom(g.spool, s.MaxSpool, s.MaxBody, time.Now()); err != nil { //nolint:forbidigo // held against the times of files
		return nil, err
	}
	g.roots.Store(&s.Authorities)
	g.log = newLogWriter(g)
	g.metrics = newMetrics(g)
	g.peers.init(g)
	g.service = newServiceTransport()
	g.replay = newReplayGuard(s.Clock.Now())
	since := s.Clock.Now().Add(-remembered)
	ids, err := s.Store.RequestIDs(ctx, since)
	if err != nil {
		return nil, fmt.Errorf("read the last request ids: %w", err)
	}
	waiting, err := g.pendingRequests(ctx, since)
	if err != nil {
		return nil, err
	}
	g.replay.meet(s.Clock.Now(), ids...)
	for _, id := range waiting {
		g.replay.meet(s.Clock.Now(), id) // the table may have it meanwhile
	}
	s.Store.BeforeReading(g.log.mover.catchUp)
	if err := g.ReloadRights(ctx); err != nil {
		return nil, err
	}
	if err := g.openIdentity(); err != nil {
		return nil, err
	}
	return g, g.openConfiguration(ctx)
}

// Run works until ctx ends, and returns when what was begun is written: calls that
// are under way have drainFor to end, as the servers before them should give them.
// It fails when another process writes to the same message log.
func (g *Gateway) Run(ctx context.Context) error {
	writing, stop := context.WithCancel(context.WithoutCancel(ctx))
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	var wg sync.WaitGroup
	wg.Go(func() { end(g.log.run(writing)) })
	wg.Go(func() {
		defer stop()
		<-ctx.Done()
		for tries := 0; len(g.calls)+len(g.serves) > 0 && tries < int(g.drain/drainTick); tries++ {
			if tries == int((g.drain-time.Duration(float64(g.drain)*float64(lastWord)/float64(drainFor)))/drainTick) {
				g.giveUp(errStopping)
			}
			time.Sleep(drainTick)
		}
	})
	wg.Go(func() { g.runRefresh(ctx) })
	wg.Go(func() { g.runStamps(ctx) })
	wg.Go(func() { g.runBodies(ctx) })
	wg.Wait()
	g.peers.close()
	g.service.CloseIdleConnections()
	g.serviceWays.close()
	if err := context.Cause(ctx); errors.Is(err, errTwo) {
		return err
	}
	return nil
}

// errStopping ends calls that are still under way when the gateway has to stop.
var errStopping = errors.New("the gateway stops")

// until ends ctx with errStopping when the gateway can wait no longer.
func (g *Gateway) until(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(g.stopping, func() { cancel(errStopping) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// Provide lets h answer for a service in this process. The request that it gets has
// the path below the service, and the headers of exchange.
func (g *Gateway) Provide(service xroad.ID, h http.Handler) {
	g.handlersMu.Lock()
	defer g.handlersMu.Unlock()
	g.handlers[service] = h
}

func (g *Gateway) handler(service xroad.ID) http.Handler {
	g.handlersMu.RLock()
	defer g.handlersMu.RUnlock()
	return g.handlers[service]
}

// enter takes a place among the running calls.
func enter(ctx context.Context, places chan struct{}) bool {
	select {
	case places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (g *Gateway) now() time.Time { return g.set.Clock.Now() }
