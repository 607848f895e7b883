package gateway_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/exchange/gateway"
	"dean06/internal/exchange/journal"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

const childFile = "GATEWAY_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		if err := runChild(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child is what a gateway in a process of its own is told.
type child struct {
	ID, Dir, Address string
	Member           xroad.ID
	Key, Cert        []byte
	Authorities      [][]byte
	Configuration    exchange.Signed
}

// runChild is a gateway until it is killed.
func runChild(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var c child
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(c.Key)
	if err != nil {
		return err
	}
	ctx := context.Background()
	db, err := sqldb.Open(ctx, "sqlite:"+filepath.Join(c.Dir, "log.db"), sqldb.Options{})
	if err != nil {
		return err
	}
	if err := audit.Migrate(ctx, db); err != nil {
		return err
	}
	if err := exchangesql.Migrate(ctx, db); err != nil {
		return err
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return fmt.Errorf("key is %T", parsed)
	}
	g, err := gateway.Open(ctx, gateway.Settings{
		ID: c.ID, Member: c.Member, Dir: c.Dir, Signer: key, Certificates: [][]byte{c.Cert}, Authorities: c.Authorities,
		Store: exchangesql.New(db, clock.System{}), Clock: clock.System{}, HeadEvery: 20 * time.Millisecond,
		Configurations: func(context.Context) (exchange.Signed, error) { return c.Configuration, nil },
		Door:           gateway.Door{Plain: []string{gateway.AnySubsystem}},
	})
	if err != nil {
		return err
	}
	go func() { _ = g.Run(ctx) }()
	g.Provide(match, echo)
	ln, err := listenAt(c.Address)
	if err != nil {
		return err
	}
	go func() { _ = g.PeerServer().Serve(tls.NewListener(ln, g.TLS())) }()
	local, err := listenAt("127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + local.Addr().String())
	return g.LocalServer(g.Local()).Serve(local)
}

// begin starts the child and gives the address of its local port.
func begin(t *testing.T, path string) (cmd *exec.Cmd, local string) {
	t.Helper()
	cmd = exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childFile+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the gateway did not start: %v", err)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return cmd, strings.TrimSpace(line)
}

// TestKilledUnderLoad kills a gateway with -9 while calls go through it, on either
// side, starts it again, and holds the logs of both sides against what clients saw.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	for _, side := range []exchange.Side{exchange.Consumer, exchange.Provider} {
		t.Run(string(side), func(t *testing.T) {
			t.Parallel()
			killUnderLoad(t, side)
		})
	}
}

func killUnderLoad(t *testing.T, side exchange.Side) {
	c := newCountry(t)
	ln := listen(t)
	address := ln.Addr().String()
	ln.Close()
	lost := &node{id: "H55-1", key: newKey(t), clock: c.clock}
	mine, own := dancu, tthc
	if side == exchange.Provider {
		lost.id, mine, own = "G01-1", tthc, dancu
	}
	lost.cert = c.leaf(lost.key, lost.id)
	c.publish(func(cfg *exchange.Configuration) {
		cfg.Gateways = append(
			cfg.Gateways,
			exchange.Gateway{ID: lost.id, Member: own.MemberID(), Address: address, Subsystems: []xroad.ID{own}, Certificates: [][]byte{lost.cert}},
		)
	})
	near := c.join(map[xroad.ID]string{dancu: "G01-1", tthc: "H55-1"}[mine], mine, nil)
	dir := t.TempDir()
	db, err := sqldb.Open(t.Context(), "sqlite:"+filepath.Join(dir, "log.db"), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := audit.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := exchangesql.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	provider := near.store
	if side == exchange.Provider {
		provider = exchangesql.New(db, c.clock)
	}
	right := exchange.Right{
		ID: "r1", Subject: tthc, Service: match, LegalBasis: "x", From: clock.MustDate("2020-01-01"), Fields: []string{"*"}, GivenBy: "an",
		GivenAt: c.clock.Now(),
	}
	if err := provider.SaveService(t.Context(), exchange.LocalService{ID: match, Type: "REST", OwnFields: true}); err != nil {
		t.Fatal(err)
	}
	if err := provider.GiveRight(t.Context(), right); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	near.Provide(match, echo)
	near.reload(t)
	path := writeChild(t, c, lost, own, dir, address)

	var mu sync.Mutex
	answered := map[string]bool{}
	load := func(n *node, until func() bool) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for !until() {
					a, err := n.try(t.Context(), http.MethodPost, matchPath, []byte("{}"))
					if err == nil && a.StatusCode == http.StatusOK {
						mu.Lock()
						answered[a.Header.Get("X-Road-Request-Id")] = true
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
	}
	count := func() int { mu.Lock(); defer mu.Unlock(); return len(answered) }
	for round := 1; round <= 2; round++ {
		cmd, local := begin(t, path)
		asker := near
		if side == exchange.Consumer {
			asker = &node{local: local}
		}
		goal := count() + 60
		var dead sync.WaitGroup
		killed := make(chan struct{})
		dead.Go(func() {
			for tries := 0; count() < goal && tries < 6000; tries++ {
				time.Sleep(10 * time.Millisecond)
			}
			if got := count(); got < goal {
				t.Errorf("%d calls were answered within a minute, want %d", got, goal)
			}
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			close(killed)
		})
		load(asker, func() bool {
			select {
			case <-killed:
				return true
			default:
				return false
			}
		})
		dead.Wait()
	}
	near.stop()
	db, err = sqldb.Open(t.Context(), "sqlite:"+filepath.Join(dir, "log.db"), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	lost.store = exchangesql.New(db, c.clock)
	for _, n := range []*node{near, lost} {
		n.check(t)
		halves := map[string]int{}
		for _, r := range n.records(t) {
			halves[r.Commitment.RequestID]++
		}
		for _, r := range waiting(t, n.store, map[*node]string{near: near.settings.Dir, lost: dir}[n]) {
			halves[r.Commitment.RequestID]++
		}
		for id := range answered {
			if halves[id] < 2 {
				t.Errorf("%s has %d records of call %s, which was answered", n.id, halves[id], id)
			}
		}
	}
	t.Logf("%d calls were answered, twice the gateway was killed", len(answered))
}

// waiting is what a stopped gateway's journal has and the table has not.
func waiting(t *testing.T, store gateway.Store, dir string) (list []exchange.Record) {
	t.Helper()
	f, err := store.Frontier(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := journal.From(filepath.Join(dir, "journal"), f.Size)
	if err != nil {
		t.Fatal(err)
	}
	if !journal.Same(c.Frontier(), f) {
		t.Error("the table is not what the journal has")
	}
	for {
		e, err := c.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e.Records...)
	}
}

func writeChild(t *testing.T, c *country, n *node, own xroad.ID, dir, address string) string {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(n.key)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := c.configuration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(child{
		ID: n.id, Dir: dir, Address: address, Member: own.MemberID(), Key: key, Cert: n.cert, Authorities: c.cfg.Authorities,
		Configuration: signed,
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "child.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
