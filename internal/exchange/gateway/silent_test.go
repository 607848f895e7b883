package gateway_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/events"
	"dean06/internal/exchange/eventsql"
	"dean06/internal/exchange/gateway"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/xroad"
)

// swallower is a wire that can fall silent, as behind a firewall that has forgotten a
// connection: nothing is closed, and nothing arrives any more.
type swallower struct {
	ln     net.Listener
	to     string
	silent atomic.Bool // of new connections too

	mu    sync.Mutex
	conns []*atomic.Bool // those that are dead
}

func newSwallower(t testing.TB) *swallower {
	t.Helper()
	s := &swallower{ln: listen(t)}
	t.Cleanup(func() { s.ln.Close() })
	return s
}

func (s *swallower) run() {
	for {
		in, err := s.ln.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", s.to)
		if err != nil {
			in.Close()
			continue
		}
		dead := &atomic.Bool{}
		dead.Store(s.silent.Load())
		s.mu.Lock()
		s.conns = append(s.conns, dead)
		s.mu.Unlock()
		for _, p := range [][2]net.Conn{{in, out}, {out, in}} {
			go func() {
				buf := make([]byte, 32<<10)
				for {
					n, err := p[0].Read(buf)
					if err != nil {
						p[0].Close()
						if !dead.Load() {
							p[1].Close()
						}
						return
					}
					if !dead.Load() {
						_, _ = p[1].Write(buf[:n])
					}
				}
			}()
		}
	}
}

// cut silences what there is; new connections go through.
func (s *swallower) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, dead := range s.conns {
		dead.Store(true)
	}
}

func TestSilentLink(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	w := newSwallower(t)
	authority := c.join("G01-1", dancu, func(n *node) { n.address = w.ln.Addr().String() })
	w.to = authority.peerAddr
	go w.run()
	province := c.join("H55-1", tthc, func(n *node) {
		n.settings.PingAfter, n.settings.CallTimeout = time.Second, time.Hour
	})
	var calls atomic.Int32
	release := make(chan struct{})
	authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if calls.Add(1) == 1 {
			w.cut()
			<-release
		}
	}))
	authority.give(t, exchange.Right{Subject: tthc, Service: match})
	if a := province.wants(t, xroad.NetworkError); !strings.Contains(a.message(), "not known") {
		t.Errorf("message %q, want that nobody knows whether the service did it", a.message())
	}
	close(release)
	province.wants(t, "")
	if n := calls.Load(); n != 2 {
		t.Errorf("the service was called %d times, want 2", n)
	}
}

// caller is a node's way into the exchange.
type caller struct{ g *gateway.Gateway }

// Do makes a signed call.
func (c caller) Do(r *http.Request) (*http.Response, error) { return c.g.Call(r.Context(), r) }

// TestEventsAfterASilentCut lets the wire to the hub fall silent while a call waits for
// events. Waiting would last an hour; the next event comes all the same.
func TestEventsAfterASilentCut(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	truc := xroad.MustID("VN/GOV/G06/TRUC")
	c.cfg.Members = append(c.cfg.Members, exchange.Member{ID: truc.MemberID(), Name: "Trục", Subsystems: []exchange.Subsystem{{ID: truc}}})
	service := truc.Of(events.Service)
	hub, err := events.Open(t.Context(), t.TempDir(), events.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hub.Close() })
	w := newSwallower(t)
	centre := c.join("G06-1", truc, func(n *node) { n.address = w.ln.Addr().String() })
	w.to = centre.peerAddr
	go w.run()
	centre.offer(t, exchange.LocalService{ID: service, OwnFields: true}, hub.Handler())
	quick := func(n *node) { n.settings.PingAfter, n.settings.CallTimeout = time.Second, time.Hour }
	owner, asker := c.join("G01-1", dancu, quick), c.join("H55-1", tthc, quick)
	for _, who := range []xroad.ID{dancu, tthc} {
		centre.give(t, exchange.Right{Subject: who, Service: service})
	}
	got := make(chan int, 100)
	system := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var it struct{ Event struct{ N int } }
		_ = json.NewDecoder(r.Body).Decode(&it)
		got <- it.Event.N
	}))
	t.Cleanup(system.Close)
	db := sqldbtest.OpenSQLite(t)
	targets := eventsql.New(db, c.clock)
	if err := targets.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	pusher := &events.Pusher{Client: events.Client{Caller: caller{asker.Gateway}, Hub: service}, Targets: targets, Wait: time.Hour}
	try := func(n *node, as xroad.ID, method, path, body string) (int, []byte) {
		local := events.Local{Client: events.Client{Caller: caller{n.Gateway}, Hub: service}, Targets: targets, Changed: pusher.Changed}
		r := httptest.NewRequestWithContext(t.Context(), method, "/r1/"+dancu.String()+"/"+path, strings.NewReader(body))
		r.Header.Set(events.HeaderClient, as.String())
		rec := httptest.NewRecorder()
		local.Over(http.NotFoundHandler()).ServeHTTP(rec, r)
		answer, _ := io.ReadAll(rec.Body)
		return rec.Code, answer
	}
	say := func(n *node, as xroad.ID, method, path, body string) []byte {
		t.Helper()
		code, answer := try(n, as, method, path, body)
		if code/100 != 2 {
			t.Fatalf("%s %s: %d %s", method, path, code, answer)
		}
		return answer
	}
	publish := func(i int) { // as a publisher does: again under the same id until it is taken
		t.Helper()
		eventually(t, "an event is taken", func() bool {
			code, _ := try(owner, dancu, "POST", "pub/v1/birth", fmt.Sprintf(`{"id":"e%d","eventType":"birth","event":{"n":%d}}`, i, i))
			return code/100 == 2
		})
	}
	comes := func(want int) {
		t.Helper()
		select {
		case n := <-got:
			if n != want {
				t.Fatalf("event %d, want %d", n, want)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("event %d does not come", want)
		}
	}
	say(owner, dancu, "POST", "api/v1/eventType", `{"eventType":"birth","schema":{"type":"object"}}`)
	var sub struct{ ID string }
	if err := json.Unmarshal(
		say(asker, tthc, "POST", "api/v1/subs/birth", `{"eventType":"birth","delivery":"PUSH","url":"`+system.URL+`"}`), &sub,
	); err != nil {
		t.Fatal(err)
	}
	say(owner, dancu, "PATCH", "api/v1/eventType/birth/subs/"+sub.ID, `{"state":"ALLOWED"}`)
	go func() { _ = pusher.Run(t.Context()) }()
	publish(1)
	comes(1)
	w.cut()
	publish(2)
	comes(2)
}
