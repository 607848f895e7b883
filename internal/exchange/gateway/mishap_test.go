package gateway_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/gateway"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/xroad"
)

// TestTwoProcesses starts a gateway a second time on the same database.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		c := newCountry(t)
		authority := c.join("G01-1", dancu, nil)
		province := c.join("H55-1", tthc, func(n *node) { n.db = db })
		authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, echo)
		authority.give(t, exchange.Right{Subject: tthc, Service: match})
		province.wants(t, "") // it has the journal, which is opened beside the start: else the second could be the first
		second, err := gateway.Open(t.Context(), province.settings)
		if err != nil {
			t.Fatal(err)
		}
		ran := make(chan error, 1)
		go func() { ran <- second.Run(t.Context()) }()
		province.wants(t, "")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, matchPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Road-Client", tthc.String())
		resp, err := second.Call(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("X-Road-Error"); got != string(xroad.ConsumerLogFailed) {
			t.Errorf("the second process answers %d %q, want that it cannot log", resp.StatusCode, got)
		}
		select {
		case err := <-ran:
			if err == nil || !strings.Contains(err.Error(), "another gateway process") {
				t.Errorf("the second process ends with %v, want why", err)
			}
		case <-time.After(30 * time.Second):
			t.Fatal("the second process goes on")
		}
		province.wants(t, "")
		province.check(t)
		if got := len(authority.requests(t)); got != 3 {
			t.Errorf("%d requests reached the authority, want 3", got)
		}
	})
}

// TestNoRoomForBodies takes the folder of large bodies away, as a full disk does.
func TestNoRoomForBodies(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	large := bytes.Repeat([]byte("x"), 300<<10)
	ask := func(want xroad.Code, body []byte) {
		t.Helper()
		a := province.call(t, http.MethodPost, matchPath, body)
		if a.code() != string(want) || want != "" && !strings.Contains(a.message(), "no room") {
			t.Errorf("%d bytes: %d %q, want %q", len(body), a.StatusCode, a.message(), want)
		}
	}
	for _, tt := range []struct {
		n    *node
		want xroad.Code
	}{{province, xroad.ConsumerInternal}, {authority, xroad.ServiceFailed}} {
		spool := filepath.Join(tt.n.settings.Dir, "spool")
		if err := os.Remove(spool); err != nil {
			t.Fatal(err)
		}
		ask(tt.want, large)
		ask("", []byte("small"))
		if err := os.Mkdir(spool, 0o700); err != nil {
			t.Fatal(err)
		}
		ask("", large)
	}
	// The answer alone is large.
	authority.Provide(match, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(large) }))
	spool := filepath.Join(province.settings.Dir, "spool")
	if err := os.Remove(spool); err != nil {
		t.Fatal(err)
	}
	ask(xroad.ConsumerInternal, nil)
	province.check(t)
	authority.check(t)
}

// TestClockSetBack has both clocks an hour ahead and then set right: a message of
// before is known again, though memory has passed over it.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	c, province, authority := pair(t)
	old := province.forge(t, nil)
	if a, err := old.deliver(t, province, authority); err != nil || a.code() != "" {
		t.Fatalf("%v %s", err, a.body)
	}
	for _, off := range []time.Duration{30 * time.Minute, time.Hour, 90 * time.Minute} {
		c.clock.set(off)
		province.wants(t, "")
	}
	c.clock.set(0)
	if a, err := old.deliver(t, province, authority); err != nil || a.code() != string(xroad.Replayed) {
		t.Errorf("the message of before: %v %s, want %s", err, a.body, xroad.Replayed)
	}
	for range 2 {
		province.wants(t, "")
	}
	province.check(t)
	authority.check(t)
}

// TestConfigurationOfAnotherCentre has the hub's address answer with a configuration
// that hangs together, is newer, and is signed by somebody else's CA.
func TestConfigurationOfAnotherCentre(t *testing.T) {
	t.Parallel()
	other := newCountry(t)
	for range 20 {
		other.publish(func(*exchange.Configuration) {})
	}
	c := newCountry(t)
	authority := c.join("G01-1", dancu, nil)
	var lies bool
	province := c.join("H55-1", tthc, func(n *node) {
		n.settings.RefreshEvery = time.Hour
		n.settings.Configurations = func(ctx context.Context) (exchange.Signed, error) {
			if lies {
				return other.configuration(ctx)
			}
			return c.configuration(ctx)
		}
	})
	authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, echo)
	authority.give(t, exchange.Right{Subject: tthc, Service: match})
	province.wants(t, "")
	before := province.status(t).Serial
	province.stop()
	lies = true
	province.restart(t)
	if err := province.Refresh(t.Context()); err == nil {
		t.Error("a configuration of another centre was taken")
	}
	if s := province.status(t); s.Serial != before || s.FetchFault == "" {
		t.Errorf("serial %d, fault %q; want %d and why", s.Serial, s.FetchFault, before)
	}
	province.wants(t, "")
}

// TestUnreadableWords: what could not stand in a proof as it is is refused before
// anything is signed.
func TestUnreadableWords(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	for _, name := range []string{"X-Road-Id", "X-Road-UserId", "X-Road-Issue", "X-Dean06-Purpose"} {
		for _, value := range []string{"a\tb", "\xff\xfe", "a\u0085b", "\ufffd", strings.Repeat("ă", 128)} {
			if a := province.call(t, http.MethodGet, matchPath, nil, name, value); a.code() != string(xroad.BadRequest) ||
				!strings.Contains(strings.ToLower(a.message()), strings.ToLower(name)) {
				t.Errorf("%s: %q: %d %s", name, value, a.StatusCode, a.body)
			}
		}
		if a := province.call(t, http.MethodGet, matchPath, nil, name, "Nguyễn Thị Ánh 1"); a.StatusCode != http.StatusOK {
			t.Errorf("%s in Vietnamese: %d %s", name, a.StatusCode, a.body)
		}
	}
	for _, id := range []string{"a\tb", "\xff"} {
		f := province.forge(t, func(f *forgery) { f.c.MessageID = id })
		if a, err := f.deliver(t, province, authority); err != nil || a.StatusCode != http.StatusBadRequest {
			t.Errorf("a gateway sends id %q: %v %d %s", id, err, a.StatusCode, a.body)
		}
	}
	if got := len(province.records(t)); got != 8 {
		t.Errorf("%d records, want those of 4 calls", got)
	}
	archive, ok := province.store.(exchange.Archive)
	if !ok {
		t.Fatalf("%T is no archive", province.store)
	}
	eventually(t, "each call can be proven", func() bool {
		for _, r := range province.records(t) {
			p, err := exchange.Export(t.Context(), archive, exchange.Index(province.configuration(t)), r.Seq)
			if err != nil {
				return false
			}
			file, err := p.File()
			if err != nil {
				t.Fatal(err)
			}
			read, err := exchange.ReadProof(file)
			if err == nil {
				_, err = read.Verify(exchange.Checks{}, nil, nil)
			}
			if err != nil {
				t.Fatalf("proof of %d: %v", r.Seq, err)
			}
			for _, pr := range read.Records {
				if pr.Commitment.Kind == exchange.Response && pr.Commitment.Method != "" {
					t.Errorf("the response of %d claims a method that nothing proves", r.Seq)
				}
			}
		}
		return true
	})
}

// configuration is what the gateway holds.
func (n *node) configuration(t testing.TB) exchange.Configuration {
	t.Helper()
	s, at, ok, err := n.store.Configuration(t.Context())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	c, err := exchange.Open(s, n.settings.Authorities, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPostgres is a gateway's day on PostgreSQL: calls, a quota, a database that
// cannot be written to, a restart.
func TestPostgres(t *testing.T) {
	t.Parallel()
	db := sqldbtest.OpenPostgres(t)
	c := newCountry(t)
	authority := c.join("G01-1", dancu, func(n *node) { n.db, n.settings.MaxWaiting = db, 10 })
	province := c.join("H55-1", tthc, nil)
	authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, echo)
	r := authority.give(t, exchange.Right{Subject: tthc, Service: match, Quota: exchange.Quota{Calls: 7, Per: exchange.Month}})
	province.wants(t, "")
	records := len(authority.records(t))
	for _, query := range []string{
		`CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space left on device' ` +
			`USING ERRCODE = 'disk_full'; END $$`,
		`CREATE TRIGGER no_room BEFORE INSERT ON gateway_record FOR EACH STATEMENT EXECUTE FUNCTION no_room()`,
	} {
		if _, err := sqldb.Exec(t.Context(), db, query); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the journal takes no more", func() bool {
		return province.call(t, http.MethodGet, matchPath, nil).code() == string(xroad.ProviderLogFailed)
	})
	for range 2 {
		province.wants(t, xroad.ProviderLogFailed)
	}
	eventually(t, "the fault is shown", func() bool {
		s := authority.status(t)
		return s.LogFault != "" && s.WaitingFault != "" && s.LogWaiting == 10 && len(authority.records(t)) == records
	})
	if _, err := sqldb.Exec(t.Context(), db, `DROP TRIGGER no_room ON gateway_record`); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the table takes what waited", func() bool { return authority.status(t).LogWaiting == 0 })
	authority.restart(t)
	authority.Provide(match, echo)
	province.wants(t, "")
	province.wants(t, xroad.QuotaExceeded)
	if got, err := authority.store.Used(t.Context(), r.ID, exchange.Window(r.Quota, authority.clock.Now())); err != nil || got != 7 {
		t.Errorf("used = %d, %v, want 7: what was refused does not count", got, err)
	}
	authority.check(t)
	province.check(t)
}
