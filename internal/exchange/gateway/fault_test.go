package gateway_test

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

func (n *node) status(t testing.TB) exchange.Status {
	t.Helper()
	s, err := n.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (n *node) wants(t testing.TB, want xroad.Code) answered {
	t.Helper()
	a := n.call(t, http.MethodGet, matchPath, nil)
	if a.code() != string(want) {
		t.Errorf("got %d %s %s, want %q", a.StatusCode, a.code(), a.body, want)
	}
	return a
}

// last is the newest record of a gateway.
func (n *node) last(t testing.TB) exchange.Record {
	t.Helper()
	list := n.records(t)
	if len(list) == 0 {
		t.Fatalf("%s has no records", n.id)
	}
	return list[len(list)-1]
}

func TestHubAwayForAWeek(t *testing.T) {
	t.Parallel()
	c, province, authority := pair(t)
	c.setAway(errAway, nil)
	for day := 1; day <= 7; day++ {
		c.clock.set(time.Duration(day) * 24 * time.Hour)
		province.wants(t, "")
	}
	province.restart(t)
	authority.restart(t)
	authority.Provide(match, echo)
	province.wants(t, "")
	if s := province.status(t); s.Freshness != exchange.Stale || s.FetchFault == "" || s.Serial == 0 {
		t.Errorf("status %+v, want stale, and why", s)
	}
	c.clock.set(11 * 24 * time.Hour)
	province.wants(t, xroad.ConfigurationOutdated)
	c.setAway(nil, nil)
	c.publish(func(*exchange.Configuration) {})
	c.spread()
	province.wants(t, "")
	if s := province.status(t); s.Freshness != exchange.Fresh || s.FetchFault != "" {
		t.Errorf("status %+v, want fresh", s)
	}
}

func TestConfigurationIsHeldAgainstTheOneBefore(t *testing.T) {
	t.Parallel()
	c, province, _ := pair(t)
	old := c.cfg
	c.publish(func(*exchange.Configuration) {})
	c.spread()
	now := c.cfg
	c.mu.Lock()
	c.cfg = old
	c.mu.Unlock()
	if err := province.Refresh(t.Context()); err == nil {
		t.Error("an older configuration was taken")
	}
	c.mu.Lock()
	c.cfg = now
	c.signer = newKey(t) // not the key of the certificate
	c.mu.Unlock()
	c.publish(func(*exchange.Configuration) {})
	if err := province.Refresh(t.Context()); err == nil {
		t.Error("a configuration with a wrong signature was taken")
	}
	if got := province.status(t).Serial; got != now.Serial {
		t.Errorf("serial = %d, want %d", got, now.Serial)
	}
	province.wants(t, "")
}

func TestTSADownThenPaid(t *testing.T) {
	t.Parallel()
	c, province, _ := pair(t)
	c.setAway(nil, errAway)
	province.wants(t, "")
	eventually(t, "the debt is shown", func() bool {
		s := province.status(t)
		return s.Unstamped > 0 && s.StampFault != "" && !s.OldestDebt.IsZero()
	})
	province.wants(t, "")
	c.setAway(nil, nil)
	eventually(t, "the debt is paid", func() bool {
		s := province.status(t)
		h, ok, err := province.store.LastHead(t.Context())
		return err == nil && ok && h.Size == 4 && len(h.Token) > 0 && s.Unstamped == 0 && s.StampFault == ""
	})
}

func TestPeerDownAndBack(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	province.wants(t, "")
	authority.stop()
	province.wants(t, xroad.NetworkError)
	if r := province.last(t); r.Fault != xroad.NetworkError || r.Commitment.Kind != exchange.Response {
		t.Errorf("last record %+v, want the failure", r)
	}
	if s := province.status(t); len(s.Peers) != 1 || s.Peers[0].Fault == "" || s.Peers[0].LastOK.IsZero() {
		t.Errorf("peers %+v", s.Peers)
	}
	authority.restart(t)
	authority.Provide(match, echo)
	province.wants(t, "")
	if s := province.status(t); s.Peers[0].Fault != "" {
		t.Errorf("peers %+v", s.Peers)
	}
}

func TestSecondGatewayOfASubsystem(t *testing.T) {
	t.Parallel()
	c, province, first := pair(t)
	second := c.join("G01-2", dancu, nil)
	second.offer(t, exchange.LocalService{ID: match, OwnFields: true}, echo)
	second.give(t, exchange.Right{Subject: tthc, Service: match})
	first.stop()
	for range 3 {
		province.wants(t, "")
	}
	if got := len(second.records(t)); got != 6 {
		t.Errorf("%d records at the second gateway, want 6", got)
	}
}

// cutter is a wire that can be cut.
type cutter struct {
	ln    net.Listener
	to    string
	conns chan net.Conn
}

func newCutter(t testing.TB) *cutter {
	c := &cutter{ln: listen(t), conns: make(chan net.Conn, 100)}
	t.Cleanup(func() { c.ln.Close() })
	return c
}

func (c *cutter) run() {
	for {
		in, err := c.ln.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", c.to)
		if err != nil {
			in.Close()
			continue
		}
		c.conns <- in
		for _, p := range [][2]net.Conn{{in, out}, {out, in}} {
			go func() {
				buf := make([]byte, 32<<10)
				for {
					n, err := p[0].Read(buf)
					if _, e := p[1].Write(buf[:n]); err != nil || e != nil {
						p[0].Close()
						p[1].Close()
						return
					}
				}
			}()
		}
	}
}

func (c *cutter) cut() {
	for {
		select {
		case conn := <-c.conns:
			conn.Close()
		default:
			return
		}
	}
}

func TestNetworkCutInTheMiddle(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	w := newCutter(t)
	authority := c.join("G01-1", dancu, func(n *node) { n.address = w.ln.Addr().String() })
	w.to = authority.peerAddr
	go w.run()
	province := c.join("H55-1", tthc, nil)
	var calls atomic.Int32
	authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 1 {
			w.cut()
			<-r.Context().Done()
		}
	}))
	authority.give(t, exchange.Right{Subject: tthc, Service: match})
	province.wants(t, xroad.NetworkError)
	if r := province.last(t); r.Fault != xroad.NetworkError {
		t.Errorf("consumer's last record %+v", r)
	}
	eventually(t, "the provider has its own record", func() bool {
		return slices.ContainsFunc(authority.records(t), func(r exchange.Record) bool { return r.Fault == xroad.ServiceFailed })
	})
	if n := calls.Load(); n != 1 {
		t.Errorf("the service was called %d times, want once", n)
	}
	province.wants(t, "")
}

// TestDatabaseFull: calls go on while the journal takes them, and are refused before the
// service acts once it has taken as much as it may.
func TestDatabaseFull(t *testing.T) {
	t.Parallel()
	for _, side := range []string{"consumer", "provider"} {
		t.Run(side, func(t *testing.T) {
			t.Parallel()
			_, province, authority := pairOf(t, func(n *node) { n.settings.MaxWaiting = 400 })
			var calls atomic.Int32
			authority.Provide(match, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
			full, want := province, xroad.ConsumerLogFailed
			if side == "provider" {
				full, want = authority, xroad.ProviderLogFailed
			}
			province.wants(t, "")
			pages(t, full.db, "1")
			eventually(t, "the table takes nothing", func() bool {
				province.wants(t, "")
				return full.status(t).WaitingFault != ""
			})
			eventually(t, "the journal takes no more", func() bool {
				return province.call(t, http.MethodGet, matchPath, nil).code() == string(want)
			})
			before := calls.Load()
			for range 3 {
				province.wants(t, want)
			}
			if got := calls.Load(); got != before {
				t.Errorf("the service was called %d times without a log", got-before)
			}
			if s := full.status(t); s.LogFault == "" || s.LogWaiting < 400 {
				t.Errorf("status %+v, want the fault shown, and what waits", s)
			}
			pages(t, full.db, "1000000")
			eventually(t, "calls go on by themselves", func() bool {
				return province.call(t, http.MethodGet, matchPath, nil).code() == ""
			})
			if got := len(full.records(t)); int64(got) != full.status(t).LogSize || got < 2*int(before) {
				t.Errorf("%d records in the table, %d written, %d calls", got, full.status(t).LogSize, before)
			}
			if s := full.status(t); s.LogFault != "" || s.WaitingFault != "" || s.LogWaiting != 0 {
				t.Errorf("status %+v after there is space again", s)
			}
			full.check(t)
		})
	}
}

// pages bounds the database; the least is as many as it has.
func pages(t testing.TB, db *sqldb.DB, n string) {
	t.Helper()
	if _, err := sqldb.Exec(t.Context(), db, `PRAGMA max_page_count = `+n); err != nil {
		t.Fatal(err)
	}
}

// check computes the gateway's log anew.
func (n *node) check(t testing.TB) {
	t.Helper()
	archive, ok := n.store.(exchange.Archive)
	if !ok {
		t.Fatalf("%T is no archive", n.store)
	}
	if _, err := exchange.CheckLog(t.Context(), archive, exchange.LogChecks{}); err != nil {
		t.Errorf("log of %s: %v", n.id, err)
	}
}

func TestClockOff(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		c := newCountry(t)
		authority := c.join("G01-1", dancu, nil)
		province := c.join("H55-1", tthc, func(n *node) { n.clock = &watch{} })
		authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, echo)
		authority.give(t, exchange.Right{Subject: tthc, Service: match})
		province.wants(t, "")
		province.clock.set(off)
		if a := province.wants(t, xroad.ClockSkew); !strings.Contains(a.message(), "10m") && !strings.Contains(a.message(), "9m5") {
			t.Errorf("message %q, want the difference", a.message())
		}
		if r := authority.last(t); r.Fault != xroad.ClockSkew {
			t.Errorf("provider's last record %+v", r)
		}
		province.clock.set(time.Minute)
		province.wants(t, "")
	}
}

func TestExpiredCertificate(t *testing.T) {
	t.Parallel()
	for _, who := range []string{"H55-1", "G01-1"} {
		c := newCountry(t)
		join := func(id string, sub xroad.ID) *node {
			return c.join(id, sub, func(n *node) {
				if id != who {
					return
				}
				now := c.clock.Now()
				n.cert = c.issue(pki.Leaf{Public: n.key.Public(), Name: id, From: now.Add(-time.Minute), Until: now.Add(time.Hour), Use: pki.Gateway})
				n.settings.Certificates = [][]byte{n.cert}
			})
		}
		authority, province := join("G01-1", dancu), join("H55-1", tthc)
		authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, echo)
		authority.give(t, exchange.Right{Subject: tthc, Service: match})
		province.wants(t, "")
		c.clock.set(2 * time.Hour)
		late := authority
		want := xroad.PeerCertificate
		if who == "H55-1" {
			late, want = province, xroad.ConsumerSuspended
		}
		province.wants(t, want)

		// A renewed certificate is taken up without a restart.
		now := c.clock.Now()
		renewed := c.issue(pki.Leaf{
			Public: late.key.Public(), Name: who, From: now.Add(-time.Minute), Until: now.AddDate(0, 0, 90), Use: pki.Gateway,
		})
		c.publish(func(cfg *exchange.Configuration) {
			for i := range cfg.Gateways {
				if cfg.Gateways[i].ID == who {
					cfg.Gateways[i].Certificates = append([][]byte{renewed}, cfg.Gateways[i].Certificates...)
				}
			}
		})
		if err := late.ReplaceCertificate(late.key, renewed); err != nil {
			t.Fatal(err)
		}
		c.spread()
		eventually(t, "calls go on with the renewed certificate", func() bool {
			return province.call(t, http.MethodGet, matchPath, nil).code() == ""
		})
		if got, want := late.status(t).CertificateUntil, now.AddDate(0, 0, 90).Truncate(time.Second); !got.Equal(want) {
			t.Errorf("certificate until %s, want %s", got, want)
		}
	}
}

func TestRevokedAndSuspended(t *testing.T) {
	t.Parallel()
	revoke := func(n *node) func(cfg *exchange.Configuration) {
		return func(cfg *exchange.Configuration) {
			cfg.Revoked = append(cfg.Revoked, exchange.Revocation{Fingerprint: exchange.Fingerprint(n.cert), At: cfg.IssuedAt, Reason: "lost"})
		}
	}
	suspend := func(n *node) func(cfg *exchange.Configuration) {
		return func(cfg *exchange.Configuration) {
			for i := range cfg.Gateways {
				cfg.Gateways[i].Suspended = cfg.Gateways[i].ID == n.id
			}
		}
	}
	for name, act := range map[string]func(*node) func(*exchange.Configuration){"revoked": revoke, "suspended": suspend} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slow := func(n *node) { n.settings.RefreshEvery = time.Hour }
			c := newCountry(t)
			authority, province := c.join("G01-1", dancu, slow), c.join("H55-1", tthc, slow)
			authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, echo)
			authority.give(t, exchange.Right{Subject: tthc, Service: match})
			province.wants(t, "")
			c.publish(act(province))
			if err := authority.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if a := province.wants(t, xroad.ProviderCertificate); !strings.Contains(a.message(), name) {
				t.Errorf("the provider says %q, want why", a.message())
			}
			if err := province.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			province.wants(t, xroad.ConsumerSuspended)
		})
	}
	t.Run("provider revoked", func(t *testing.T) {
		t.Parallel()
		c, province, authority := pair(t)
		province.wants(t, "")
		c.publish(revoke(authority))
		c.spread()
		province.wants(t, xroad.PeerCertificate)
	})
}

func TestTamperedLogIsNamed(t *testing.T) {
	t.Parallel()
	_, province, _ := pair(t)
	for range 3 {
		province.wants(t, "")
	}
	eventually(t, "there is a head over all", func() bool {
		h, ok, err := province.store.LastHead(t.Context())
		return err == nil && ok && h.Size == 6
	})
	province.check(t)
	_, err := sqldb.Exec(
		t.Context(), province.db, `UPDATE gateway_record SET entry = (SELECT entry FROM gateway_record WHERE seq = 1) WHERE seq = 3`,
	)
	if err != nil {
		t.Fatal(err)
	}
	_, err = exchange.CheckLog(t.Context(), province.store.(*exchangesql.Store), exchange.LogChecks{})
	if f := fault.As(err); f == nil || f.Kind != fault.Conflict || fmt.Sprint(f.Args["seq"]) != "3" {
		t.Errorf("check of the log = %v, want Conflict about record 3", err)
	}
}
