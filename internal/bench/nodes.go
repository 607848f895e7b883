package bench

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/exchange/centre/centresql"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangesql"
	acting "dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

// benchNode is a node of a benchmark: a process of its own, configured as an agency's
// would be.
type benchNode struct {
	role, member, subsystem string

	dir                string
	db                 string
	pages, local, peer string // host:port
	cmd                *exec.Cmd
	said               bytes.Buffer // what the process wrote
	ended              chan error
}

func (n *benchNode) subsystemID() xroad.ID {
	return xroad.ID{Instance: instance, Class: class, Member: n.member, Subsystem: n.subsystem}
}

func (n *benchNode) pid() int { return n.cmd.Process.Pid }

// benchCountry is the nodes of a benchmark.
type benchCountry struct {
	dir, program, postgres string
	nodes                  []*benchNode
	schemas                []string // made on PostgreSQL
}

// add makes a node's folder, ports, database and configuration.
func (c *benchCountry) add(ctx context.Context, n *benchNode) error {
	n.dir = filepath.Join(c.dir, n.member+"-"+n.subsystem)
	for _, to := range []*string{&n.pages, &n.local, &n.peer} {
		var err error
		if *to, err = freePort(ctx); err != nil {
			return err
		}
	}
	n.db = "sqlite:" + filepath.Join(n.dir, "node.db")
	if c.postgres != "" {
		schema := "bench_" + strings.ReplaceAll(sqldb.NewID(), "-", "")
		if err := c.sql(ctx, "CREATE SCHEMA "+schema); err != nil {
			return err
		}
		c.schemas = append(c.schemas, schema)
		u, err := url.Parse(c.postgres)
		if err != nil {
			return err
		}
		q := u.Query()
		q.Set("search_path", schema)
		u.RawQuery = q.Encode()
		n.db = u.String()
	}
	c.nodes = append(c.nodes, n)
	if err := os.MkdirAll(n.dir, 0o700); err != nil {
		return err
	}
	text := fmt.Sprintf("[node]\nrole = %q\n[http]\naddr = %q\n[db]\nurl = %q\n[blob]\ndir = %q\n[mail]\ndir = %q\n[gateway]\ndir = %q\nlocal_addr = %q\npeer_addr = %q\n[hub]\nmember = %q\ndir = %q\n[population]\ndir = %q\n",
		n.role, n.pages, n.db, n.in("papers"), n.in("mail"), n.in("gateway"), n.local, n.peer, n.member, n.in("hub"), n.in("register"))
	return os.WriteFile(n.in("dean06.toml"), []byte(text), 0o600)
}

func (n *benchNode) in(name string) string { return filepath.Join(n.dir, name) }

func freePort(ctx context.Context) (string, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

func (c *benchCountry) sql(ctx context.Context, query string) error {
	db, err := sql.Open("pgx", c.postgres)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, query)
	return err
}

// start runs a node and waits until its pages answer.
func (c *benchCountry) start(ctx context.Context, n *benchNode) error {
	n.cmd = exec.CommandContext(ctx, c.program, "serve", "--config", n.in("dean06.toml")) //nolint:gosec // this program itself
	n.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "DEAN06_") })
	n.cmd.Stdout, n.cmd.Stderr = &n.said, &n.said
	n.cmd.Cancel = func() error { return n.cmd.Process.Signal(syscall.SIGTERM) }
	n.cmd.WaitDelay = 20 * time.Second
	if err := n.cmd.Start(); err != nil {
		return err
	}
	n.ended = make(chan error, 1)
	go func() { n.ended <- n.cmd.Wait() }()
	return n.await(ctx, func() bool {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.pages+"/sign-in", nil)
		if err != nil {
			return false
		}
		resp, err := probe.Do(req)
		if err != nil {
			return false
		}
		return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	})
}

// await waits until the node is ready. It fails when the process ends before.
func (n *benchNode) await(ctx context.Context, ready func() bool) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(2 * time.Minute)
	for !ready() {
		select {
		case <-tick.C:
		case err := <-n.ended:
			n.ended <- err
			return fmt.Errorf("node %s has ended: %w: %s", n.member, errors.Join(err), n.said.String())
		case <-timeout:
			return fmt.Errorf("node %s does not answer: %s", n.member, n.said.String())
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// stop ends the process of a node in good order.
func (n *benchNode) stop() error {
	if n.ended == nil {
		return nil
	}
	_ = n.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	err := <-n.ended
	n.ended <- err
	if err != nil {
		return fmt.Errorf("node %s: %w: %s", n.member, err, n.said.String())
	}
	return nil
}

// close ends all and removes what they left.
func (c *benchCountry) close(ctx context.Context) error {
	var all error
	for _, n := range c.nodes {
		all = errors.Join(all, n.stop())
	}
	for _, s := range c.schemas {
		all = errors.Join(all, c.sql(ctx, "DROP SCHEMA "+s+" CASCADE"))
	}
	return errors.Join(all, os.RemoveAll(c.dir))
}

// join makes the nodes members at the hub, which runs, and lets each join with a token
// of its own over the network.
func (c *benchCountry) join(ctx context.Context, hub *benchNode, nodes ...*benchNode) (err error) {
	db, err := sqldb.Open(ctx, hub.db, sqldb.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	parts := centre.Parts{Store: centresql.New(db), Clock: clock.System{}, NewID: sqldb.NewID, Instance: instance}
	if parts.CA, err = pki.FileKey(hub.in("hub/ca.key")); err != nil {
		return err
	}
	if parts.Signer, err = pki.FileKey(hub.in("hub/configuration.key")); err != nil {
		return err
	}
	for _, n := range nodes {
		parts.Agencies = func() []centre.Agency {
			return []centre.Agency{{Code: n.member, Name: n.member}}
		}
		registry := centre.New(parts)
		operator := acting.OfSystem(exchange.Operator)
		subsystem := n.subsystemID()
		member := subsystem.MemberID()
		for _, e := range []exchange.Entry{
			{Kind: exchange.MemberEntry, Key: member.String(), Member: member, Name: n.member, State: exchange.Active},
			{Kind: exchange.SubsystemEntry, Key: subsystem.String(), Member: member, Name: n.subsystem, State: exchange.Active},
		} {
			if err := registry.Enter(ctx, operator, e); err != nil {
				return err
			}
		}
		token, _, err := registry.Invite(
			ctx, operator, centre.Invitation{Member: member, Gateway: n.member + "-" + n.subsystem, Subsystems: []xroad.ID{subsystem}},
		)
		if err != nil {
			return err
		}
		client := exchangeapi.Client{URL: "http://" + hub.pages, Clock: clock.System{}}
		if _, err := client.Join(ctx, n.in("gateway"), token.Text(), n.peer, nil, nil); err != nil {
			return fmt.Errorf("join of %s: %w", n.member, err)
		}
	}
	return nil
}

// open opens a node's gateway's store beside the node itself.
func (n *benchNode) open(ctx context.Context) (*sqldb.DB, *exchangesql.Store, error) {
	db, err := sqldb.Open(ctx, n.db, sqldb.Options{})
	if err != nil {
		return nil, nil, err
	}
	if err := errors.Join(audit.Migrate(ctx, db), exchangesql.Migrate(ctx, db)); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, exchangesql.New(db, clock.System{}), nil
}

// offer lets another node's subsystem call a service, as its owner would: one at a URL,
// or one that the node serves itself.
func (n *benchNode) offer(ctx context.Context, service, address string, to xroad.ID) (err error) {
	db, store, err := n.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	id := n.subsystemID().Of(service)
	if address != "" {
		if err := store.SaveService(ctx, exchange.LocalService{ID: id, Name: service, Type: "REST", URL: address, OwnFields: true}); err != nil {
			return err
		}
	}
	now := clock.System{}.Now()
	return store.GiveRight(ctx, exchange.Right{
		ID: sqldb.NewID(), Subject: to, Service: id, LegalBasis: "Nghị định 47/2020/NĐ-CP", From: clock.DayOf(now).AddDays(-1),
		Fields:  []string{"*"},
		GivenBy: "system:bench", GivenAt: now,
	})
}

// probe asks whether a node answers.
var probe = &http.Client{Timeout: 5 * time.Second}
