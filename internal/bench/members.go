package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

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

// member is an agency with its node: a process of its own, configured as an agency's
// would be.
type member struct {
	role, code, subsystem string
	security              string // of a hub: the subsystem that says how secure systems are

	dir                string
	db                 string
	pages, local, peer string // host:port
	*process                  // once it runs
}

func (n *member) subsystemID() xroad.ID {
	return xroad.ID{Instance: instance, Class: class, Member: n.code, Subsystem: n.subsystem}
}

// country is the members of a benchmark.
type country struct {
	dir, program, postgres string
	members                []*member
	leave                  []func(context.Context) error // databases
}

// add makes a node's folder, ports, database and configuration.
func (c *country) add(ctx context.Context, n *member) error {
	n.dir = filepath.Join(c.dir, n.code+"-"+n.subsystem)
	for _, to := range []*string{&n.pages, &n.local, &n.peer} {
		var err error
		if *to, err = freeAddress(ctx); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(n.dir, 0o700); err != nil {
		return err
	}
	address, drop, err := Ground{Dir: n.dir, Postgres: c.postgres}.Database(ctx)
	if err != nil {
		return err
	}
	n.db = address
	c.leave = append(c.leave, drop)
	c.members = append(c.members, n)
	return os.WriteFile(n.in("dean06.toml"), []byte(n.config()), 0o600)
}

// config is the node's configuration.
func (n *member) config() string {
	return fmt.Sprintf(`[node]
role = %q
[http]
addr = %q
[db]
url = %q
[blob]
dir = %q
[mail]
dir = %q
[gateway]
dir = %q
local_addr = %q
peer_addr = %q
[hub]
member = %q
security = %q
dir = %q
[population]
dir = %q
[identity]
dir = %q
`, n.role, n.pages, n.db, n.in("papers"), n.in("mail"), n.in("gateway"), n.local, n.peer, n.code, n.security, n.in("hub"), n.in("register"), n.in("identity"))
}

func (n *member) in(name string) string { return filepath.Join(n.dir, name) }

// start runs a node and waits until its pages answer.
func (c *country) start(ctx context.Context, n *member) error {
	s, err := serve(ctx, n.dir, c.program, n.pages, "serve", "--config", n.in("dean06.toml"))
	if s != nil {
		n.process = s.process
	}
	return err
}

// close ends all and removes what they left.
func (c *country) close(ctx context.Context) error {
	var all error
	for _, n := range c.members {
		if n.process != nil {
			all = errors.Join(all, n.stop())
		}
	}
	for _, drop := range c.leave {
		all = errors.Join(all, drop(ctx))
	}
	return errors.Join(all, os.RemoveAll(c.dir))
}

// join makes them members at the hub, which runs, and lets each join with a token
// of its own over the network.
func (c *country) join(ctx context.Context, hub *member, members ...*member) (err error) {
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
	for _, n := range members {
		parts.Agencies = func() []centre.Agency {
			return []centre.Agency{{Code: n.code, Name: n.code}}
		}
		registry := centre.New(parts)
		operator := acting.OfSystem(exchange.Operator)
		subsystem := n.subsystemID()
		member := subsystem.MemberID()
		for _, e := range []exchange.Entry{
			{Kind: exchange.MemberEntry, Key: member.String(), Member: member, Name: n.code, State: exchange.Active},
			{Kind: exchange.SubsystemEntry, Key: subsystem.String(), Member: member, Name: n.subsystem, State: exchange.Active},
		} {
			if err := registry.Enter(ctx, operator, e); err != nil {
				return err
			}
		}
		token, _, err := registry.Invite(ctx, operator, centre.Invitation{
			Member: member, Gateway: n.code + "-" + n.subsystem, Subsystems: []xroad.ID{subsystem},
		})
		if err != nil {
			return err
		}
		client := exchangeapi.Client{URL: "http://" + hub.pages, Clock: clock.System{}}
		if _, err := client.Join(ctx, n.in("gateway"), token.Text(), n.peer, nil, nil); err != nil {
			return fmt.Errorf("join of %s: %w", n.code, err)
		}
	}
	return nil
}

// open opens a node's gateway's store beside the node itself.
func (n *member) open(ctx context.Context) (*sqldb.DB, *exchangesql.Store, error) {
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
func (n *member) offer(ctx context.Context, service, address string, to xroad.ID, change ...func(*exchange.Right)) (err error) {
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
	right := exchange.Right{
		ID: sqldb.NewID(), Subject: to, Service: id, LegalBasis: "Nghị định 47/2020/NĐ-CP",
		From: clock.DayOf(now).AddDays(-1), Fields: []string{"*"},
		GivenBy: "system:bench", GivenAt: now,
	}
	for _, f := range change {
		f(&right)
	}
	return store.GiveRight(ctx, right)
}
