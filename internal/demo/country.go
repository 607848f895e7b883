package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"dean06/internal/app"
	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/identity/identitynode"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/xroad"
)

// People is how many people the demo's register holds.
const People = 20_000

// Country is the demo country.
type Country struct {
	Nodes   []*Node
	options Options
	group   *errgroup.Group
	stop    context.CancelFunc
	stopHub context.CancelFunc
}

// Options say where the demo country lives.
type Options struct {
	Dir string
	// Addr is where the board's pages are; the other ports follow: pages at P+10x, the
	// gateway for local systems at P+10x+1, between gateways at P+10x+2. Port 0 takes
	// any free ones.
	Addr   string
	Fresh  bool // removes what the demo left in Dir before, and nothing else
	People int  // in the register; People when zero
	// NoRounds leaves the board without the two rounds of returns, which take the most
	// time to read in.
	NoRounds bool

	// NoDossiers leaves the province without its forty dossiers.
	NoDossiers bool
	// NoCleaning leaves the register without the two files that agencies hand in.
	NoCleaning bool

	alone string // key of a node that has one administrator, in tests
}

// Start opens the five nodes, lets them join the exchange, and returns when all take
// calls. It runs until ctx ends or Stop.
func Start(ctx context.Context, o Options) (*Country, error) {
	if o.People == 0 {
		o.People = People
	}
	c := &Country{Nodes: nodes(), options: o}
	if n := c.Node(o.alone); n != nil {
		n.Accounts = slices.DeleteFunc(n.Accounts, func(a session.SeedAccount) bool { return a.Login == secondAdministrator })
	}
	if o.Fresh {
		names := []string{filepath.Join(o.Dir, "papers"), filepath.Join(o.Dir, "mail")}
		for _, n := range c.Nodes {
			names = append(names, filepath.Join(o.Dir, n.Key+".db"), filepath.Join(o.Dir, n.Key))
		}
		if err := forget(names...); err != nil {
			return nil, err
		}
	}
	if err := c.listen(ctx, o.Addr); err != nil {
		return nil, errors.Join(err, c.close())
	}
	if err := c.start(ctx); err != nil {
		if c.stop != nil {
			c.stop()
			_ = c.group.Wait()
		}
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// Wait waits until the country ends, and closes its databases.
func (c *Country) Wait() error { return errors.Join(c.group.Wait(), c.close()) }

// Stop ends it.
func (c *Country) Stop() { c.stop() }

// Node is the node of a key.
func (c *Country) Node(key string) *Node {
	for _, n := range c.Nodes {
		if n.Key == key {
			return n
		}
	}
	return nil
}

// forget removes databases and folders of the demo.
func forget(names ...string) error {
	for _, name := range names {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.RemoveAll(name + suffix); err != nil {
				return fmt.Errorf("begin the demo again: %w", err)
			}
		}
	}
	return nil
}

func (c *Country) close() error {
	var all error
	for _, n := range c.Nodes {
		for _, l := range []net.Listener{n.pages, n.local, n.peer} {
			if l != nil {
				_ = l.Close() // mostly closed already
			}
		}
		if n.Node != nil {
			all = errors.Join(all, n.Node.Close())
		}
	}
	return all
}

func (c *Country) listen(ctx context.Context, addr string) error {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	first, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	for i, n := range c.Nodes {
		for j, to := range []*net.Listener{&n.pages, &n.local, &n.peer} {
			port := first + 10*i + j
			if first == 0 {
				port = 0 // any free one
			}
			if *to, err = new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port))); err != nil {
				return err
			}
		}
		n.Pages, n.Local, n.Peer = "http://"+n.pages.Addr().String(), "http://"+n.local.Addr().String(), n.peer.Addr().String()
	}
	return nil
}

// start opens and connects the nodes, the hub first: the others join it.
func (c *Country) start(ctx context.Context) error {
	if err := c.seed(ctx); err != nil {
		return err
	}
	joined := make(chan struct{}) // what an earlier start left is of other addresses
	open, openCtx := errgroup.WithContext(ctx)
	for _, n := range c.Nodes {
		open.Go(func() error {
			if err := n.open(openCtx, c.options, c.Node("authority").Named(), joined); err != nil {
				return fmt.Errorf("%s: %w", n.Key, err)
			}
			return nil
		})
	}
	if err := open.Wait(); err != nil {
		return err
	}
	if err := c.identities(ctx); err != nil {
		return err
	}
	debug.FreeOSMemory() // what loading took is not needed again
	ctx, c.stop = context.WithCancel(ctx)
	c.group, ctx = errgroup.WithContext(ctx)
	hub := c.Node("hub")
	hubCtx, stopHub := context.WithCancel(ctx)
	c.stopHub = stopHub
	c.group.Go(func() error { return hub.Node.Serve(hubCtx, hub.pages) })
	if err := c.join(ctx, hub); err != nil {
		return fmt.Errorf("join the exchange: %w", err)
	}
	close(joined)
	for _, n := range c.Nodes {
		if n != hub {
			c.group.Go(func() error { return n.Node.Serve(ctx, n.pages) })
		}
	}
	return c.settle(ctx)
}

// seed gives nodes that have no database yet one with the country's units, read in
// once and copied.
func (c *Country) seed(ctx context.Context) error {
	var missing []string
	for _, n := range c.Nodes {
		file := filepath.Join(c.options.Dir, n.Key+".db")
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			missing = append(missing, file)
		}
	}
	if len(missing) < 2 {
		return nil
	}
	first := filepath.Join(c.options.Dir, "units.db")
	if err := forget(first); err != nil { // of a start that was cut off
		return err
	}
	s := node.Settings{Config: Config(c.options.Dir, "units"), Relaxed: true, Log: slog.New(slog.DiscardHandler)}
	n, _, err := app.Open(ctx, app.Agency, s, "org")
	if err != nil {
		return err
	}
	if err := n.Close(); err != nil {
		return err
	}
	raw, err := os.ReadFile(first)
	if err != nil {
		return err
	}
	for _, file := range missing {
		if err := os.WriteFile(file+".new", raw, 0o600); err != nil {
			return err
		}
		if err := os.Rename(file+".new", file); err != nil {
			return err
		}
	}
	return forget(first)
}

// Named is the address of a node's pages by the name of this machine: keys of devices belong
// to a name, and are refused for a bare address (WebAuthn, section 5.1.2).
func (n *Node) Named() string { return strings.Replace(n.Pages, "127.0.0.1", "localhost", 1) }

// open opens a node and fills it with its modules' demo data.
func (n *Node) open(ctx context.Context, o Options, issuer string, joined <-chan struct{}) (err error) {
	n.config = Config(o.Dir, n.Key)
	config.In[exchangenode.HubConfig](n.config).Member = n.member
	n.config.HTTP.PublicURL = n.Named()
	n.config.SignIn = config.SignIn{Issuer: issuer, Client: n.Key, Dir: filepath.Join(o.Dir, n.Key, "sign-in")}
	config.In[identitynode.Config](n.config).Issuer = issuer
	if n.Node, n.Modules, err = app.Open(ctx, n.role, node.Settings{
		Config: n.config, Relaxed: true, Serving: true, Demo: n.Accounts, Log: slog.New(slog.DiscardHandler),
		Files: node.Folder(n.config.Blob.Dir, true), Mail: mailbox(o.Dir),
	}); err != nil {
		return err
	}
	n.Modules.Gateway.After = joined
	n.Modules.Gateway.Ports = func(context.Context) (net.Listener, net.Listener, error) { return n.local, n.peer, nil }
	if err := n.Node.Sessions.Seed(ctx, n.Accounts...); err != nil { // who holds positions has an account
		return err
	}
	for _, p := range n.Node.Parts() {
		if p.Demo == nil {
			continue
		}
		if err := p.Demo(ctx, node.Demo{Dir: o.Dir, People: o.People, Rounds: !o.NoRounds, Subsystem: n.SubsystemID().String()}); err != nil {
			return err
		}
	}
	return nil
}

func mailbox(dir string) mail.Sender {
	return mail.Folder{Dir: filepath.Join(dir, "mail"), From: mail.Address{Name: "dean06", Addr: "dean06@dean06.example.vn"}}
}

// joinedAs says whether a node's gateway speaks for all of its subsystems; one that
// joined before there were two does not.
func joinedAs(r centre.Register, n *Node) bool {
	e, ok := r.Find(exchange.GatewayEntry, n.gatewayID())
	return ok && !slices.ContainsFunc(n.subsystems(), func(id xroad.ID) bool { return !slices.Contains(e.Subsystems, id) })
}

// join makes the nodes members, as the hub's operator would, and lets each join with
// a token of its own over the network.
func (c *Country) join(ctx context.Context, hub *Node) error {
	registry := hub.Modules.Centre
	known, err := registry.Register().Register(ctx, actor.OfSystem(exchange.Operator))
	if err != nil {
		return err
	}
	for _, n := range c.Nodes {
		dir := config.In[exchangenode.GatewayConfig](n.config).Dir
		saved, err := exchangeapi.Load(dir)
		if err == nil && saved.Hub == hub.Pages && saved.Address == n.Peer {
			if joinedAs(known, n) { // before, at these addresses
				continue
			}
		}
		if err != nil && fault.Of(err) != fault.NotFound {
			return err
		}
		member, subsystem := n.memberID(), n.SubsystemID()
		entries := []exchange.Entry{
			{Kind: exchange.MemberEntry, Key: member.String(), Member: member, Name: hub.Modules.Org.NameOf(n.member)},
			{Kind: exchange.SubsystemEntry, Key: subsystem.String(), Member: member, Name: n.name},
		}
		if n.own != "" {
			entries = append(entries, exchange.Entry{Kind: exchange.SubsystemEntry, Key: n.OwnID().String(), Member: member, Name: ownName})
		}
		for range n.also {
			entries = append(entries, exchange.Entry{Kind: exchange.SubsystemEntry, Key: n.HealthID().String(), Member: member, Name: healthName})
		}
		p := n.Node.Messages.In(i18n.Vi)
		for _, s := range n.Modules.Gateway.Services() {
			if s.Subsystem == n.subsystem {
				entries = append(entries, exchange.Entry{
					Kind: exchange.ServiceOffered, Key: subsystem.Of(s.Code).String(), Member: member, Name: p.T(s.NameKey), Type: s.Type,
					OpenAPI: s.OpenAPI,
				})
			}
		}
		for _, e := range entries {
			if err := registry.Ensure(ctx, e); err != nil {
				return err
			}
		}
		token, _, err := registry.Register().Invite(ctx, actor.OfSystem(exchange.Operator), centre.Invitation{
			Member: member, Gateway: n.gatewayID(), Subsystems: n.subsystems(),
		})
		if err != nil {
			return err
		}
		client := exchangeapi.Client{URL: hub.Pages, Clock: clock.System{}}
		if _, err := client.Join(ctx, dir, token.Text(), n.Peer, nil, nil); err != nil {
			return fmt.Errorf("%s: %w", n.Key, err)
		}
	}
	return nil
}
