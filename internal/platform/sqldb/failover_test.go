package sqldb

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/internal/platform/fault"
)

// postgres opens a schema of the test's own.
func postgres(t *testing.T, o Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), schemaURL(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE IF NOT EXISTS thing (id BIGINT PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	return db
}

func count(t *testing.T, db *DB) int {
	t.Helper()
	n, err := One[int](t.Context(), db, `SELECT COUNT(*) FROM thing`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// end ends the connection that a transaction is on, as a server that goes away does.
func end(t *testing.T, db *DB, tx *Tx) {
	t.Helper()
	pid, err := One[int](t.Context(), tx, `SELECT pg_backend_pid()`)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(t.Context(), db.URL(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := One[bool](t.Context(), other, `SELECT pg_terminate_backend($1, 5000)`, pid); err != nil {
		t.Fatal(err)
	}
}

func TestServerGoesAwayBeforeTheCommit(t *testing.T) {
	t.Parallel()
	db := postgres(t, Options{})
	runs := 0
	err := db.InTx(t.Context(), func(tx *Tx) error {
		if runs++; runs == 1 {
			end(t, db, tx)
		}
		_, err := Exec(t.Context(), tx, `INSERT INTO thing (id) VALUES (1)`)
		return err
	})
	if err != nil || runs != 2 || count(t, db) != 1 {
		t.Errorf("%v after %d runs, %d rows; want 1 row after 2", err, runs, count(t, db))
	}
}

func TestServerGoesAwayDuringTheCommit(t *testing.T) {
	t.Parallel()
	db := postgres(t, Options{})
	runs := 0
	err := db.InTx(t.Context(), func(tx *Tx) error {
		runs++
		if _, err := Exec(t.Context(), tx, `INSERT INTO thing (id) VALUES (1)`); err != nil {
			return err
		}
		end(t, db, tx)
		return nil
	})
	if !errors.Is(err, fault.As(err)) || fault.As(err).Key != "database.unsure" || runs != 1 {
		t.Errorf("%v after %d runs, want that it is not known", err, runs)
	}
	if n := count(t, db); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestCommitThatNoStandbyConfirmed(t *testing.T) {
	t.Parallel()
	db := postgres(t, Options{})
	// What PostgreSQL says when the wait for the standby is cut off, from a place where we can say it too.
	const warn = `DO $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication due to user request'
		USING DETAIL = 'The transaction has already committed locally, but might not have been replicated to the standby.'; END $$`
	err := db.InTx(t.Context(), func(tx *Tx) error {
		_, err := Exec(t.Context(), tx, warn)
		return err
	})
	if !errors.Is(err, ErrNotReplicated) {
		t.Errorf("transaction: %v", err)
	}
	if _, err := Exec(t.Context(), db, warn); !errors.Is(err, ErrNotReplicated) {
		t.Errorf("statement: %v", err)
	}
	if _, err := Exec(t.Context(), db, `INSERT INTO thing (id) VALUES (1)`); err != nil {
		t.Errorf("the next on the same connection: %v", err)
	}
	if _, err := Exec(t.Context(), db, `DO $$ BEGIN RAISE WARNING 'another'; END $$`); err != nil {
		t.Errorf("another warning: %v", err)
	}
}

// A caller that gives up does not hold a place in the pool.
func TestGivenUpQuestionsFreeThePool(t *testing.T) {
	t.Parallel()
	db := postgres(t, Options{})
	db.write.SetMaxOpenConns(2)
	begun := time.Now()
	for range 4 {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if _, err := One[string](ctx, db, `SELECT CAST(pg_sleep(30) AS TEXT)`); err == nil {
			t.Error("it slept")
		}
		cancel()
	}
	count(t, db)
	if took := time.Since(begun); took > 25*time.Second { // each of them sleeps for 30
		t.Errorf("the pool was free after %v", took)
	}
}

func TestAddressesThatWouldAnswerWrongly(t *testing.T) {
	t.Parallel()
	for dsn, key := range map[string]string{
		"postgres://a@h/b?default_query_exec_mode=describe_exec": "database.describe_exec",
		"postgres://a@h1,h2/b":                                           "database.hosts",
		"postgres://a@h1,h2/b?target_session_attrs=any":                  "database.hosts",
		"postgres://a@h1,h2/b?target_session_attrs=read-write":           "",
		"postgres://a@h1:1,h1:2/b?target_session_attrs=primary":          "",
		"postgres://a@h/b?sslmode=prefer":                                "",
		"postgres://a@h/b?sslmode=nonsense":                              "database.address",
		"postgres://a@h/b?default_query_exec_mode=cache_describe&x=read": "",
	} {
		_, err := settings(dsn, slog.New(slog.DiscardHandler))
		if got := keyIn(err); got != key {
			t.Errorf("%s: %q, want %q", dsn, got, key)
		}
	}
}

func keyIn(err error) string {
	if f := fault.As(err); f != nil {
		return f.Key
	}
	return ""
}

func TestUnknownDatabaseIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(schemaURL(t))
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/no_such_database"
	if _, err = Open(t.Context(), u.String(), Options{Wait: time.Hour}); keyIn(err) != "database.unknown" {
		t.Error(err)
	}
}

// A server that is not there yet is waited for; one that nobody waits for any more is not.
func TestWaitsForAServer(t *testing.T) {
	t.Parallel()
	dsn := schemaURL(t)
	gate := newGate(t, dsn)
	addr := gate.URL(dsn)
	gate.close()
	if _, err := Open(t.Context(), addr, Options{}); err == nil || !isAway(err) {
		t.Errorf("without waiting: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var said saying
	said.on = cancel
	if _, err := Open(ctx, addr, Options{Wait: time.Hour, Log: slog.New(slog.NewTextHandler(&said, nil))}); !errors.Is(err, context.Canceled) {
		t.Errorf("told to stop: %v", err)
	}
	said = saying{on: func() { gate.open(t) }}
	db, err := Open(t.Context(), addr, Options{Wait: time.Hour, Log: slog.New(slog.NewTextHandler(&said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if !strings.Contains(said.text, "waiting") {
		t.Errorf("said %q", said.text)
	}
}

// saying is a log that does something when a line comes.
type saying struct {
	on   func()
	text string
}

func (s *saying) Write(b []byte) (int, error) {
	if s.text == "" {
		s.on()
	}
	s.text += string(b)
	return len(b), nil
}

// What gives a connection a number of its own stands between: statements are then not
// kept on connections, and settings that would be lost are refused.
func TestPoolerIsFound(t *testing.T) {
	t.Parallel()
	dsn := schemaURL(t)
	gate := newGate(t, dsn)
	gate.pools = true
	u, err := url.Parse(gate.URL(dsn))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), u.String(), Options{}); keyIn(err) != "database.pooler_setting" {
		t.Errorf("search_path: %v", err)
	}
	q := u.Query()
	q.Del("search_path")
	q.Set("default_query_exec_mode", "cache_statement")
	u.RawQuery = q.Encode()
	if _, err := Open(t.Context(), u.String(), Options{}); keyIn(err) != "database.pooler_mode" {
		t.Errorf("cache_statement: %v", err)
	}
	q.Del("default_query_exec_mode")
	u.RawQuery = q.Encode()
	var said saying
	said.on = func() {}
	db, err := Open(t.Context(), u.String(), Options{Log: slog.New(slog.NewTextHandler(&said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if n, err := One[int](t.Context(), db, `SELECT CAST($1 AS INT)`, 7); err != nil || n != 7 || !strings.Contains(said.text, "cache_describe") {
		t.Errorf("%d, %v, said %q", n, err, said.text)
	}
}

// gate is a way to the server that can be closed, and that can stand in for a pooler.
type gate struct {
	to, at string
	ln     net.Listener
	pools  bool
}

func newGate(t *testing.T, dsn string) *gate {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{to: u.Host, at: "127.0.0.1:0"}
	g.open(t)
	g.at = g.ln.Addr().String()
	t.Cleanup(g.close)
	return g
}

// URL is an address through the gate.
func (g *gate) URL(dsn string) string {
	u, _ := url.Parse(dsn)
	u.Host = g.at
	q := u.Query()
	q.Set("sslmode", "disable")
	u.RawQuery = q.Encode()
	return u.String()
}

func (g *gate) close() { _ = g.ln.Close() }

func (g *gate) open(t *testing.T) {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", g.at)
	if err != nil {
		t.Error(err)
		return
	}
	g.ln = ln
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go g.carry(c)
		}
	}()
}

func (g *gate) carry(c net.Conn) {
	defer c.Close()
	s, err := net.Dial("tcp", g.to)
	if err != nil {
		return
	}
	defer s.Close()
	go func() {
		_, _ = io.Copy(s, c)
		_ = s.Close()
	}()
	for g.pools { // until the server has said its number
		head := make([]byte, 5)
		if _, err := io.ReadFull(s, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(s, body); err != nil {
			return
		}
		if head[0] == 'K' {
			binary.BigEndian.PutUint32(body, 4711)
		}
		if _, err := c.Write(slices.Concat(head, body)); err != nil {
			return
		}
		if head[0] == 'K' {
			break
		}
	}
	_, _ = io.Copy(c, s)
}

func TestUnfitServers(t *testing.T) {
	t.Parallel()
	db := postgres(t, Options{})
	if got := db.Unfit(t.Context()); len(got) != 0 {
		t.Errorf("the server of the tests: %v", got)
	}
	u, err := url.Parse(db.URL())
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", "no_such_schema")
	u.RawQuery = q.Encode()
	nowhere, err := Open(t.Context(), u.String(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer nowhere.Close()
	if got := nowhere.Unfit(t.Context()); len(got) != 1 || keyIn(got[0]) != "database.create" {
		t.Errorf("where nothing can be made: %v", got)
	}
}
