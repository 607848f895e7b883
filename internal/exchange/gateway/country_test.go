package gateway_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/exchange/gateway"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/xroad"
)

var (
	tthc  = xroad.MustID("VN/GOV/H55/TTHC")
	bhxh  = xroad.MustID("VN/GOV/G24/BHXH")
	dancu = xroad.MustID("VN/GOV/G01/DANCU")
	match = dancu.Of("match")
)

// watch is a clock that can be set.
type watch struct {
	mu  sync.Mutex
	off time.Duration
}

func (w *watch) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return clock.System{}.Now().Add(w.off)
}

func (w *watch) set(off time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.off = off
}

// country is a centre that can be away and gateways of members, over real sockets.
type country struct {
	t     testing.TB
	clock *watch // of the centre, and of gateways that have none of their own

	ca      pki.Authority
	signer  *ecdsa.PrivateKey
	signDER []byte

	mu       sync.Mutex
	cfg      exchange.Configuration
	hubAway  error
	tsaAway  error
	stamped  int
	gateways map[string]*node
}

// node is a running gateway with what stands around it.
type node struct {
	*gateway.Gateway
	id       string
	key      *ecdsa.PrivateKey
	cert     []byte
	db       *sqldb.DB
	store    gateway.Store
	settings gateway.Settings
	clock    *watch
	local    string // URL
	peerAddr string
	address  string                          // in the configuration; peerAddr when empty
	wrap     func(http.Handler) http.Handler // around the port where gateways meet; may be nil
	stop     func()
	quit     func() // tells the gateway to stop; its ports stay
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newCountry(t testing.TB) *country {
	t.Helper()
	c := &country{t: t, clock: &watch{}, gateways: map[string]*node{}}
	key := newKey(t)
	now := c.clock.Now()
	der, err := pki.NewAuthority(key, "Centre", now, 10)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	c.ca = pki.Authority{Certificate: cert, Key: key}
	c.signer = newKey(t)
	c.signDER = c.issue(pki.Leaf{
		Public: c.signer.Public(), Name: "configuration", From: now.Add(-time.Minute), Until: now.AddDate(1, 0, 0), Use: pki.ConfigurationSigner,
	})
	c.cfg = exchange.Configuration{
		Instance: "VN", Authorities: [][]byte{der},
		Members: []exchange.Member{
			{ID: tthc.MemberID(), Name: "Tỉnh Thái Nguyên", Subsystems: []exchange.Subsystem{{ID: tthc, Name: "Một cửa"}}},
			{ID: bhxh.MemberID(), Name: "Bảo hiểm xã hội", Subsystems: []exchange.Subsystem{{ID: bhxh, Name: "BHXH"}}},
			{ID: dancu.MemberID(), Name: "Bộ Công an", Subsystems: []exchange.Subsystem{{ID: dancu, Name: "Dân cư"}}},
		},
	}
	return c
}

func (c *country) issue(l pki.Leaf) []byte {
	c.t.Helper()
	der, err := c.ca.Issue(l)
	if err != nil {
		c.t.Fatal(err)
	}
	return der
}

// leaf is the certificate of a gateway.
func (c *country) leaf(key *ecdsa.PrivateKey, id string) []byte {
	now := c.clock.Now()
	return c.issue(pki.Leaf{Public: key.Public(), Name: id, From: now.Add(-time.Hour), Until: now.AddDate(0, 0, 90), Use: pki.Gateway})
}

// publish signs the next configuration after a change.
func (c *country) publish(change func(cfg *exchange.Configuration)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.cfg)
	c.cfg.Serial++
	now := c.clock.Now()
	c.cfg.IssuedAt, c.cfg.StaleAfter, c.cfg.ValidUntil = now, now.Add(24*time.Hour), now.AddDate(0, 0, 10)
}

func (c *country) configuration(context.Context) (exchange.Signed, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hubAway != nil {
		return exchange.Signed{}, c.hubAway
	}
	return exchange.Sign(c.cfg, c.signer, c.signDER)
}

func (c *country) stamp(_ context.Context, data []byte) ([]byte, time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tsaAway != nil {
		return nil, time.Time{}, c.tsaAway
	}
	c.stamped++
	return append([]byte("token:"), data[:8]...), c.clock.Now(), nil
}

func (c *country) setAway(hub, tsa error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hubAway, c.tsaAway = hub, tsa
}

var errAway = errors.New("nobody answers")

// join adds a gateway and starts it. change may be nil.
func (c *country) join(id string, subsystem xroad.ID, change func(*node)) *node {
	c.t.Helper()
	n := &node{id: id, key: newKey(c.t), clock: c.clock}
	n.cert = c.leaf(n.key, id)
	n.settings = gateway.Settings{
		ID: id, Member: subsystem.MemberID(), Dir: c.t.TempDir(), Signer: n.key, Certificates: [][]byte{n.cert}, Authorities: c.cfg.Authorities,
		Configurations: c.configuration, Stamp: c.stamp,
		Log:       slog.New(slog.NewTextHandler(logTo{c.t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
		HeadEvery: pace * 50 * time.Millisecond, RefreshEvery: pace * 100 * time.Millisecond, StampEvery: pace * 50 * time.Millisecond,
		CallTimeout: pace * 20 * time.Second,
		Door: gateway.Door{
			Plain: []string{gateway.AnySubsystem}, Hosts: []string{"gateway", "elsewhere.example"}, Monitoring: []string{gateway.AnyLocal},
		},
	}
	if change != nil {
		change(n)
	}
	n.settings.Clock = n.clock
	if n.db == nil && n.settings.Store == nil {
		n.db = sqldbtest.OpenSQLite(c.t)
	}
	if n.settings.Store == nil {
		if err := errors.Join(audit.Migrate(c.t.Context(), n.db), exchangesql.Migrate(c.t.Context(), n.db)); err != nil {
			c.t.Fatal(err)
		}
		n.settings.Store = exchangesql.New(n.db, n.clock)
	}
	n.store = n.settings.Store
	ln := listen(c.t)
	n.peerAddr = ln.Addr().String()
	if n.address == "" {
		n.address = n.peerAddr
	}
	c.publish(func(cfg *exchange.Configuration) {
		cfg.Gateways = append(cfg.Gateways, exchange.Gateway{
			ID: id, Member: subsystem.MemberID(), Address: n.address, Subsystems: []xroad.ID{subsystem}, Certificates: [][]byte{n.cert},
		})
	})
	n.start(c.t, ln)
	c.gateways[id] = n
	c.spread()
	return n
}

// spread lets every gateway have the newest configuration.
func (c *country) spread() {
	c.t.Helper()
	for _, n := range c.gateways {
		if err := n.Refresh(c.t.Context()); err != nil {
			c.t.Fatalf("refresh of %s: %v", n.id, err)
		}
	}
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	ln, err := listenAt("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// start opens and serves the gateway on what is stored.
func (n *node) start(t testing.TB, ln net.Listener) {
	t.Helper()
	g, err := gateway.Open(t.Context(), n.settings)
	if err != nil {
		t.Fatal(err)
	}
	n.Gateway = g
	ctx, cancel := context.WithCancel(context.Background())
	peer, local := g.PeerServer(), httptest.NewServer(g.Local())
	n.local, n.quit = local.URL, cancel
	if n.wrap != nil {
		peer.Handler = n.wrap(peer.Handler)
	}
	var wg sync.WaitGroup
	wg.Go(func() { _ = peer.ServeTLS(ln, "", "") })
	wg.Go(func() { _ = g.Run(ctx) })
	var once sync.Once
	n.stop = func() {
		once.Do(func() {
			local.CloseClientConnections()
			local.Close()
			_ = peer.Close()
			cancel()
			wg.Wait()
		})
	}
	t.Cleanup(n.stop)
}

// restart stops the gateway and starts it again at the same address.
func (n *node) restart(t testing.TB) {
	t.Helper()
	n.stop()
	var ln net.Listener
	eventually(t, "the port is free again", func() bool {
		var err error
		ln, err = listenAt(n.peerAddr)
		return err == nil
	})
	n.start(t, ln)
}

// offer lets a handler answer for a service.
func (n *node) offer(t testing.TB, s exchange.LocalService, h http.Handler) {
	t.Helper()
	if s.Type == "" {
		s.Type = "REST"
	}
	if err := n.store.SaveService(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if h != nil {
		n.Provide(s.ID, h)
	}
	n.reload(t)
}

// give gives a right; what is not said is wide.
func (n *node) give(t testing.TB, r exchange.Right) exchange.Right {
	t.Helper()
	if r.ID == "" {
		r.ID = sqldb.NewID()
	}
	if r.LegalBasis == "" {
		r.LegalBasis = "Nghị định 107/2021/NĐ-CP"
	}
	if r.From.IsZero() {
		r.From = clock.MustDate("2020-01-01")
	}
	if r.Fields == nil {
		r.Fields = []string{"*"}
	}
	r.GivenBy, r.GivenAt = "an", n.clock.Now()
	if err := n.store.GiveRight(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	n.reload(t)
	return r
}

func (n *node) reload(t testing.TB) {
	t.Helper()
	if err := n.ReloadRights(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// echo answers with what it was told.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"method": r.Method, "uri": r.RequestURI, "header": r.Header, "body": string(body),
	})
})

// pair is a province and an authority with one service and the right to it.
func pair(t testing.TB) (c *country, province, authority *node) {
	t.Helper()
	return pairOf(t, nil)
}

func pairOf(t testing.TB, change func(*node)) (c *country, province, authority *node) {
	t.Helper()
	c = newCountry(t)
	authority = c.join("G01-1", dancu, change)
	province = c.join("H55-1", tthc, change)
	authority.offer(t, exchange.LocalService{ID: match, Name: "match", OwnFields: true}, echo)
	authority.give(t, exchange.Right{Subject: tthc, Service: match})
	return c, province, authority
}

// answered is what a client sees.
type answered struct {
	*http.Response
	body []byte
}

func (a answered) code() string { return a.Header.Get("X-Road-Error") }

// message is the text of a gateway's refusal.
func (a answered) message() string {
	var v struct{ Message string }
	_ = json.Unmarshal(a.body, &v)
	return v.Message
}

var client = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       time.Minute,
	Transport:     &http.Transport{MaxIdleConnsPerHost: 300, DisableCompression: true},
}

// call asks a gateway as a local system does.
func (n *node) call(t testing.TB, method, path string, body []byte, headers ...string) answered {
	t.Helper()
	a, err := n.try(t.Context(), method, path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (n *node) try(ctx context.Context, method, path string, body []byte, headers ...string) (answered, error) {
	var r io.Reader
	if body != nil {
		r = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, n.local+path, r)
	if err != nil {
		return answered{}, err
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	if req.Header.Get("X-Road-Client") == "" && !strings.HasPrefix(path, "/listClients") {
		req.Header.Set("X-Road-Client", tthc.String())
	}
	resp, err := client.Do(req)
	if err != nil {
		return answered{}, err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return answered{resp, got}, err
}

const matchPath = "/r1/VN/GOV/G01/DANCU/match"

// eventually waits for something that happens by itself.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !f() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 s: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// records reads the whole log of a gateway.
func (n *node) records(t testing.TB) []exchange.Record {
	t.Helper()
	list, err := n.store.Range(t.Context(), 0, 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// logTo shows a gateway's log only when it is asked for.
type logTo struct{ t testing.TB }

func (l logTo) Write(b []byte) (int, error) {
	if os.Getenv("SHOW_LOG") != "" {
		_, _ = os.Stderr.Write(b)
	}
	return len(b), nil
}

func listenAt(addr string) (net.Listener, error) {
	return net.Listen("tcp", addr)
}
