package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sync/errgroup"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/population"
	"dean06/internal/population/populationnode"
	"dean06/internal/xroad"
)

// Country is the demo country: five nodes in one process, each with its own
// database, keys and ports. What one wants from another travels through the two
// gateways, as it does between machines.
type Country struct {
	Nodes    []*CountryNode
	people   int
	noRounds bool
	group    *errgroup.Group
	stop     context.CancelFunc
}

// CountryNode is one node of the demo country.
type CountryNode struct {
	Key      string // "board", "authority", "hub", "thainguyen", "bhxh": part of the keys of its texts, and its folder
	Pages    string // URL
	Local    string // URL, for the agency's own systems
	Peer     string // host:port, for other gateways
	Accounts []session.SeedAccount

	role               role
	member, subsystem  string
	name               string // of the subsystem
	config             config.Config
	house              *house
	pages, local, peer net.Listener
}

// Members of the demo's exchange. The board and the hub are both run by the Ministry
// of Science and Technology, which took over the coordinating ministry in 2025.
const (
	demoInstance = "VN"
	demoClass    = "GOV"
	demoPeople   = 20_000
	// countryMemory is how much the demo country's data may take before collecting harder.
	countryMemory = 160 << 20
)

func countryNodes() []*CountryNode {
	return []*CountryNode{
		{Key: "board", role: roleBoard, member: "G06", subsystem: "BANG", name: "Bảng theo dõi Đề án 06", Accounts: DemoAccounts},
		{Key: "authority", role: roleAuthority, member: "G01", subsystem: registerSubsystem, name: "Cơ sở dữ liệu quốc gia về dân cư", Accounts: []session.SeedAccount{
			demoAccount("canbo", "Vũ Thị Hộ Tịch", "G01", population.Registrar),
			demoCitizen("001090000001", "Nguyễn Văn Thử"),
			demoAccount("kiemtoan", "Phạm Văn Kiểm Toán", "G01", population.Auditor),
			demoAccount("quantri", "Hoàng Thị Quản Trị", "G01", population.Administrator),
		}},
		{Key: "hub", role: roleHub, member: "G06", subsystem: hubSubsystem, name: "Trục kết nối, chia sẻ dữ liệu", Accounts: []session.SeedAccount{
			demoAccount("vanhanh", "Đỗ Văn Vận Hành", "G06", exchange.Operator),
			demoAccount("kiemtoan", "Phạm Văn Kiểm Toán", "G06", exchange.Auditor),
			demoAccount("quantri", "Hoàng Thị Quản Trị", "G06", exchange.Administrator),
		}},
		{Key: "thainguyen", role: roleAgency, member: "H55", subsystem: "TTHC", name: "Hệ thống giải quyết thủ tục hành chính", Accounts: []session.SeedAccount{
			demoAccount("quantri", "Hoàng Thị Quản Trị", "H55", exchange.Administrator),
			demoAccount("kiemtoan", "Phạm Văn Kiểm Toán", "H55", exchange.Auditor),
		}},
		{Key: "bhxh", role: roleAgency, member: "G24", subsystem: "BHXH", name: "Hệ thống bảo hiểm xã hội", Accounts: []session.SeedAccount{
			demoAccount("quantri", "Hoàng Thị Quản Trị", "G24", exchange.Administrator),
			demoAccount("kiemtoan", "Phạm Văn Kiểm Toán", "G24", exchange.Auditor),
		}},
	}
}

func (n *CountryNode) memberID() xroad.ID {
	return xroad.ID{Instance: demoInstance, Class: demoClass, Member: n.member}
}

func (n *CountryNode) subsystemID() xroad.ID {
	id := n.memberID()
	id.Subsystem = n.subsystem
	return id
}

// gatewayID is how the exchange calls the node's gateway.
func (n *CountryNode) gatewayID() string { return n.member + "-" + n.subsystem }

// CountryOptions say where the demo country lives.
type CountryOptions struct {
	Dir string
	// Addr is where the board's pages are; the other ports follow: pages at P+10x, the
	// gateway for local systems at P+10x+1, between gateways at P+10x+2. Port 0 takes
	// any free ones.
	Addr   string
	Fresh  bool // removes what the demo left in Dir before, and nothing else
	People int  // in the register; demoPeople when zero
	// NoRounds leaves the board without the two rounds of returns, which take the most
	// time to read in.
	NoRounds bool
}

// StartCountry opens the five nodes, lets them join the exchange, and returns when
// all take calls. It runs until ctx ends or Stop.
func StartCountry(ctx context.Context, o CountryOptions) (*Country, error) {
	limitMemory(countryMemory)
	c := &Country{Nodes: countryNodes(), people: o.People, noRounds: o.NoRounds}
	if c.people == 0 {
		c.people = demoPeople
	}
	dir := o.Dir
	if o.Fresh {
		names := []string{filepath.Join(dir, "papers"), filepath.Join(dir, "mail")}
		for _, n := range c.Nodes {
			names = append(names, filepath.Join(dir, n.Key+".db"), filepath.Join(dir, n.Key))
		}
		if err := forget(names...); err != nil {
			return nil, err
		}
	}
	if err := c.listen(ctx, o.Addr); err != nil {
		return nil, errors.Join(err, c.close())
	}
	if err := c.start(ctx, dir); err != nil {
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

func (c *Country) close() error {
	var all error
	for _, n := range c.Nodes {
		for _, l := range []net.Listener{n.pages, n.local, n.peer} {
			if l != nil {
				_ = l.Close() // mostly closed already
			}
		}
		if n.house != nil {
			all = errors.Join(all, n.house.Close())
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
func (c *Country) start(ctx context.Context, dir string) error {
	if err := c.seed(ctx, dir); err != nil {
		return err
	}
	open, openCtx := errgroup.WithContext(ctx)
	for _, n := range c.Nodes {
		open.Go(func() error {
			if err := n.open(openCtx, dir, c); err != nil {
				return fmt.Errorf("%s: %w", n.Key, err)
			}
			return nil
		})
	}
	if err := open.Wait(); err != nil {
		return err
	}
	ctx, c.stop = context.WithCancel(ctx)
	c.group, ctx = errgroup.WithContext(ctx)
	hub := c.Node("hub")
	c.group.Go(func() error { return hub.house.site.Serve(ctx, hub.pages) })
	c.group.Go(func() error { return hub.house.hub.run(ctx, hub.house.log) })
	if err := c.join(ctx, hub); err != nil {
		return fmt.Errorf("join the exchange: %w", err)
	}
	for _, n := range c.Nodes {
		if n != hub {
			c.group.Go(func() error { return n.house.site.Serve(ctx, n.pages) })
		}
		listen := func(context.Context) (net.Listener, net.Listener, error) { return n.local, n.peer, nil }
		c.group.Go(func() error { return n.house.gateway.serve(ctx, listen) })
	}
	return c.settle(ctx)
}

// seed gives nodes that have no database yet one with the country's units, read in
// once and copied.
func (c *Country) seed(ctx context.Context, dir string) error {
	var missing []string
	for _, n := range c.Nodes {
		file := filepath.Join(dir, n.Key+".db")
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			missing = append(missing, file)
		}
	}
	if len(missing) < 2 {
		return nil
	}
	first := filepath.Join(dir, "units.db")
	if err := forget(first); err != nil { // of a start that was cut off
		return err
	}
	b, err := openBase(ctx, Settings{DB: "sqlite:" + first, Relaxed: true})
	if err != nil {
		return err
	}
	if err := b.Close(); err != nil {
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

// Node is the node of a key.
func (c *Country) Node(key string) *CountryNode {
	for _, n := range c.Nodes {
		if n.Key == key {
			return n
		}
	}
	return nil
}

// DemoConfig is the configuration of a node of the demo in a folder.
func DemoConfig(dir, key string) config.Config {
	c := config.Default(Shape.Sections...)
	c.DB.URL = config.Secret("sqlite:" + filepath.Join(dir, key+".db"))
	config.In[exchangenode.GatewayConfig](c).Dir = filepath.Join(dir, key, "gateway")
	config.In[exchangenode.HubConfig](c).Dir = filepath.Join(dir, key, "centre")
	config.In[populationnode.Config](c).Dir = filepath.Join(dir, key, "register")
	c.Blob.Dir = filepath.Join(dir, key, "files")
	c.Jobs.Workers = 2
	return c
}

func (n *CountryNode) open(ctx context.Context, dir string, c *Country) error {
	n.config = DemoConfig(dir, n.Key)
	n.config.Node.Role = string(n.role)
	config.In[exchangenode.HubConfig](n.config).Member = n.member
	n.config.HTTP.PublicURL = n.Pages
	f := furnish{relaxed: true, demo: true, accounts: n.Accounts, mail: demoMail(dir), log: slog.New(slog.DiscardHandler)}
	if n.role == roleBoard {
		f.papers = relaxedPapersIn(filepath.Join(dir, "papers"))
	}
	if n.role == roleBoard && !c.noRounds {
		// The rounds are taken in at their own time; then the board is opened as it is now.
		b, err := openDemoBoard(ctx, dir)
		if err != nil {
			return err
		}
		if err := b.Close(); err != nil {
			return err
		}
	}
	h, err := openHouse(ctx, n.config, f)
	if err != nil {
		return err
	}
	n.house = h
	if n.role == roleAuthority {
		if err := h.authority.part.Demo(ctx, node.Demo{Dir: dir, People: c.people}); err != nil {
			return err
		}
	}
	if n.role == roleAgency {
		if err := h.contract.seedDemo(ctx, n.subsystemID()); err != nil {
			return err
		}
	}
	return h.site.Sessions.Seed(ctx, n.Accounts...)
}

// join makes the nodes members, as the hub's operator would, and lets each join with
// a token of its own over the network.
func (c *Country) join(ctx context.Context, hub *CountryNode) error {
	registry := hub.house.hub.centre
	operator := exchange.Actor{Account: "system:demo", Name: "dean06", Roles: []string{exchange.Operator}}
	enter := func(e exchange.Entry) error {
		if _, ok, err := registry.Store.Entry(ctx, e.Kind, e.Key); ok || err != nil {
			return err
		}
		e.State = exchange.Active
		return registry.Enter(ctx, operator, e)
	}
	for _, n := range c.Nodes {
		saved, err := exchangeapi.Load(config.In[exchangenode.GatewayConfig](n.config).Dir)
		if err == nil && saved.Hub == hub.Pages && saved.Address == n.Peer {
			continue // joined before, at these addresses
		}
		if err != nil && fault.Of(err) != fault.NotFound {
			return err
		}
		member := n.memberID()
		if err := enter(exchange.Entry{Kind: exchange.MemberEntry, Key: member.String(), Member: member, Name: hub.house.base.Agencies.NameOf(n.member)}); err != nil {
			return err
		}
		subsystem := n.subsystemID()
		if err := enter(exchange.Entry{Kind: exchange.SubsystemEntry, Key: subsystem.String(), Member: member, Name: n.name}); err != nil {
			return err
		}
		if n.role == roleAuthority {
			for _, s := range n.house.authority.part.Services {
				if err := enter(exchange.Entry{
					Kind: exchange.ServiceOffered, Key: subsystem.Of(s.Code).String(), Member: member,
					Name: n.house.base.Messages.In(i18n.Vi).T(s.NameKey), Type: "OPENAPI", OpenAPI: s.OpenAPI,
				}); err != nil {
					return err
				}
			}
		}
		token, _, err := registry.Invite(ctx, operator, centre.Invitation{Member: member, Gateway: n.gatewayID(), Subsystems: []xroad.ID{subsystem}})
		if err != nil {
			return err
		}
		client := exchangeapi.Client{URL: hub.Pages, Clock: systemClock}
		if _, err := client.Join(ctx, config.In[exchangenode.GatewayConfig](n.config).Dir, token.Text(), n.Peer, nil, nil); err != nil {
			return fmt.Errorf("%s: %w", n.Key, err)
		}
	}
	return nil
}
