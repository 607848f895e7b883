package node

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/internal/platform/config"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// hand is a clock that is moved by hand.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) Now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.at }

func (h *hand) pass(d time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.at = h.at.Add(d) }

// small is a node with a module that can be made to fail.
type small struct {
	*Node
	clock *hand
	mu    sync.Mutex
	finds []health.Finding
	ask   func()
}

func (s *small) find(list ...health.Finding) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finds = list
}

func newSmall(t *testing.T, db *sqldb.DB) *small {
	t.Helper()
	dir := t.TempDir()
	c := config.Default()
	c.Node.Role, c.DB.URL = "board", "sqlite:"+config.Secret(filepath.Join(dir, "test.db"))
	c.Blob.Dir, c.Mail.Dir, c.Session.Dir = filepath.Join(dir, "files"), filepath.Join(dir, "mail"), filepath.Join(dir, "session")
	s := &small{clock: &hand{at: time.Now().UTC().Truncate(time.Microsecond)}}
	part := &Part{Doctor: func(context.Context, health.Depth) []health.Finding {
		if s.ask != nil {
			s.ask()
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.finds
	}}
	m := Module{Name: "small", Open: func(context.Context, *Base) (*Part, error) { return part, nil }}
	var err error
	if s.Node, err = prepare([]Module{m}, Settings{Config: c, Clock: s.clock, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	s.DB = db
	if err := s.open(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	now := s.clock.Now()
	s.served.Store(&now)
	return s
}

// bad are the checks that fail.
func bad(list []health.Finding) (out []string) {
	for _, f := range list {
		if f.Level == health.Failing {
			out = append(out, f.Key)
		}
	}
	return out
}

func (s *small) wants(t *testing.T, what string, depth health.Depth, keys ...string) {
	t.Helper()
	if got := bad(s.Examine(t.Context(), depth)); !slices.Equal(got, keys) {
		t.Errorf("%s: %v fail, want %v", what, got, keys)
	}
}

// readyz asks the page.
func (s *small) readyz(t *testing.T) (int, string) {
	t.Helper()
	s.looked.mu.Lock()
	s.looked.at = time.Time{} // what was found a moment ago counts for two seconds
	s.looked.mu.Unlock()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz?lang=en", nil))
	return w.Code, w.Body.String()
}

// Each thing that a node needs is tried: what does not work is found, and makes /readyz
// say so; when it works again, that is found too.
func TestWhatDoesNotWorkIsFound(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSmall(t, db)
		s.wants(t, "a node that is well", health.Full)
		if code, body := s.readyz(t); code != http.StatusOK || body != "ok\n" {
			t.Errorf("readyz of a node that is well: %d %q", code, body)
		}

		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		was := s.Config.Blob.Dir
		s.Config.Blob.Dir = filepath.Join(file, "below") // a folder that cannot be written, for root neither
		s.wants(t, "a folder that cannot be written", health.Vital, "node.doctor.disk.unwritable")
		if code, body := s.readyz(t); code != http.StatusServiceUnavailable || !strings.Contains(body, "disk: a folder") || strings.Contains(body, file) {
			t.Errorf("readyz: %d %q", code, body)
		}
		s.Config.Blob.Dir = was

		certFile, keyFile := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
		writePair(t, certFile, keyFile, 7)
		s.Config.HTTP.TLSCert, s.Config.HTTP.TLSKey = certFile, keyFile
		s.wants(t, "a certificate that counts", health.Vital)
		s.clock.pass(2 * time.Hour)
		s.wants(t, "an expired certificate", health.Vital, "jobs.health.nobody", "node.doctor.pages.expired")
		s.Config.HTTP.TLSCert, s.Config.HTTP.TLSKey = "", ""

		// The queue: nobody was heard of for two hours.
		if code, body := s.readyz(t); code != http.StatusServiceUnavailable || !strings.Contains(body, "jobs: ") {
			t.Errorf("readyz with a dead queue: %d %q", code, body)
		}
		ran, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = (&jobs.Runner{DB: db, Clock: s.clock, Poll: 10 * time.Millisecond, Handlers: map[string]jobs.Handler{
				"fails": func(context.Context, *jobs.Task) error { return jobs.Permanent(context.Canceled) },
			}}).Run(ran)
		}()
		await(t, "a runner", func() bool { return len(bad(s.Examine(t.Context(), health.Vital))) == 0 })
		if _, err := jobs.Enqueue(t.Context(), db, "nobody.knows", struct{}{}, jobs.Options{RunAt: s.clock.Now().Add(-time.Hour)}); err != nil {
			t.Fatal(err)
		}
		s.wants(t, "work that nobody does", health.Vital, "jobs.health.late")
		if _, err := jobs.Enqueue(t.Context(), db, "fails", struct{}{}, jobs.Options{RunAt: s.clock.Now().Add(-time.Hour)}); err != nil {
			t.Fatal(err)
		}
		await(t, "a job that failed", func() bool { return slices.Contains(bad(s.Examine(t.Context(), health.Vital)), "jobs.health.dead") })
		stop()
		<-done

		if err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.ExecContext(t.Context(), `ALTER TABLE job_beat RENAME TO gone`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if got := bad(s.Examine(t.Context(), health.Vital)); !slices.Contains(got, "node.doctor.database.unwritable") {
			t.Errorf("a database that takes no row: %v", got)
		}
	})
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s did not come", what)
}

// A database that is away is the cause that is named, and the rest is looked at all the same.
func TestADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	db := sqldbtest.OpenSQLite(t)
	s := newSmall(t, db)
	closed, err := sqldb.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "other.db"), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	s.DB = closed
	list := s.Examine(t.Context(), health.Full)
	if got := bad(list); len(got) < 2 || got[0] != "node.doctor.database.away" {
		t.Errorf("found %v, want the database first", got)
	}
	if !slices.ContainsFunc(list, func(f health.Finding) bool { return f.Check == "disk" && f.Level != health.Failing }) {
		t.Errorf("the folders were not looked at: %+v", list)
	}
}

// A module's check that panics or hangs is a finding, and leaves the others alone.
func TestAChecksFaultIsItsOwn(t *testing.T) {
	t.Parallel()
	s := newSmall(t, sqldbtest.OpenSQLite(t))
	s.ask = func() { panic("oh") }
	s.wants(t, "a panic", health.Full, "node.doctor.broken")
	hold := make(chan struct{})
	defer close(hold)
	found := health.Gather(t.Context(), health.Full, 20*time.Millisecond,
		health.Check{Name: "hangs", Ask: func(context.Context, health.Depth) []health.Finding { <-hold; return nil }},
		health.One("works", health.Vital, func(context.Context) health.Finding { return health.Finding{Level: health.Fine} }),
	)
	if len(found) != 2 || found[0].Key != "node.doctor.slow" || found[1].Level != health.Fine {
		t.Errorf("found %+v", found)
	}
}

// What fails becomes an alarm, which ends when it is gone; what is no stop of this node
// has to fail twice. /readyz says how many are open.
func TestFindingsBecomeAlarms(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSmall(t, db)
		open := func() (out []string) {
			t.Helper()
			list, err := s.Alarms.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range list {
				out = append(out, a.Kind+" "+a.Subject)
			}
			slices.Sort(out)
			return out
		}
		var before map[alarmKey]bool
		round := func() {
			t.Helper()
			var err error
			if before, err = s.keepAlarms(t.Context(), s.Examine(t.Context(), health.Regular), before); err != nil {
				t.Fatal(err)
			}
		}
		away := health.Finding{Check: "service", Subject: "a", Level: health.Failing, Key: "node.ready.other"}
		full := health.Finding{Check: "log", Level: health.Failing, Key: "node.ready.log", Stops: true}
		s.find(away, full)
		round()
		if got := open(); !slices.Equal(got, []string{"doctor.log "}) {
			t.Errorf("after one look: %q", got)
		}
		round()
		if got := open(); !slices.Equal(got, []string{"doctor.log ", "doctor.service a"}) {
			t.Errorf("after two: %q", got)
		}
		s.find(away)
		round()
		if got := open(); !slices.Equal(got, []string{"doctor.service a"}) {
			t.Errorf("after the log could be written: %q", got)
		}
		if code, body := s.readyz(t); code != http.StatusOK || body != "ok\nopen alarms: 1\n" {
			t.Errorf("readyz: %d %q", code, body)
		}
		s.find()
		round()
		if got := open(); len(got) != 0 {
			t.Errorf("after all was well: %q", got)
		}
	})
}

// Asked often, /readyz looks once; asked while it hangs, it says so in time.
func TestReadyIsBounded(t *testing.T) {
	t.Parallel()
	s := newSmall(t, sqldbtest.OpenSQLite(t))
	asked := 0
	s.ask = func() { asked++ }
	h := s.Handler()
	for range 20 {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/readyz", nil))
	}
	if asked != 1 {
		t.Errorf("looked %d times for 20 questions", asked)
	}
}

// A command reaches the node that runs through its socket, and no other node.
func TestACommandReachesTheNodeThatRuns(t *testing.T) {
	t.Parallel()
	s := newSmall(t, sqldbtest.OpenSQLite(t))
	if _, err := AskRunning(t.Context(), s.Config, i18n.En); err != ErrNotRunning { //nolint:errorlint // exactly this
		t.Fatalf("before it runs: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.serveSocket(ctx) }()
	var found []Found
	await(t, "the node", func() (ok bool) {
		var err error
		found, err = AskRunning(t.Context(), s.Config, i18n.En)
		return err == nil
	})
	if len(found) < 3 || found[0].Check != "database" || found[0].Level != health.Fine || !strings.Contains(found[0].Text, "read and written") {
		t.Errorf("found %+v", found)
	}
	info, err := os.Stat(socketFile(s.Config))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v %v, want it for its user alone", info.Mode(), err)
	}
	other := s.Config
	other.DB.URL = "sqlite:/another.db"
	if _, err := AskRunning(t.Context(), other, i18n.En); err != ErrNotRunning { //nolint:errorlint // exactly this
		t.Errorf("another node's question: %v", err)
	}
	if _, err := listenSocket(t.Context(), socketFile(s.Config)); err == nil {
		t.Error("a second node takes the socket of the first")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(socketFile(s.Config)); err == nil {
		t.Error("the socket is left behind")
	}
	long := s.Config
	long.Blob.Dir = filepath.Join(t.TempDir(), strings.Repeat("x", 120), "files")
	s.Config = long
	ctx, stop = context.WithCancel(t.Context())
	go func() { done <- s.serveSocket(ctx) }()
	await(t, "the node in a deep folder", func() bool { _, err := AskRunning(t.Context(), long, i18n.Vi); return err == nil })
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
