package exchangenode

import (
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/gateway"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// GatewayConfig is the section "gateway": the node's gateway to the exchange.
type GatewayConfig struct {
	Dir          string        `toml:"dir"`           // key, certificate and what joining left; the gateway runs once a join is there
	LocalAddr    string        `toml:"local_addr"`    // for the agency's own systems
	PeerAddr     string        `toml:"peer_addr"`     // for other gateways
	LocalPlain   []string      `toml:"local_plain"`   // subsystems that need no certificate on LocalAddr, from this machine; "*" all
	LocalHosts   []string      `toml:"local_hosts"`   // other names of LocalAddr
	Own          string        `toml:"own_subsystem"` // under which the node's own modules call; the role's when empty
	Monitoring   []string      `toml:"monitoring"`    // subsystems that may read operational monitoring; "loopback" any program of this machine
	Address      string        `toml:"address"`       // host:port under which other gateways reach PeerAddr
	TSA          string        `toml:"tsa"`           // URL of a time-stamping authority (RFC 3161); the hub's own when empty
	ErrorStyle   string        `toml:"error_style"`   // of X-Road 7.7 or 7.8
	MaxBody      int           `toml:"max_body"`      // bytes
	MaxSpool     int           `toml:"max_spool"`     // bytes of all large bodies at once; one member has a quarter
	KeepBodies   time.Duration `toml:"keep_bodies"`   // 0: bodies are not kept
	KeepLog      time.Duration `toml:"keep_log"`      // how long records stay in the database; then they go to archive files
	ArchiveKeep  time.Duration `toml:"archive_keep"`  // how long those files are kept; 0: for ever
	ContractURLs []string      `toml:"contract_urls"` // other addresses under which old systems know the population contract
	// Approver is the subsystem of the node whose people give the second look where this
	// node's cannot; the hub's when empty. ApproverAccount names one of them by login.
	Approver        string `toml:"approver"`
	ApproverAccount string `toml:"approver_account"`
	PKCS11          PKCS11 `toml:"pkcs11"`
}

// PKCS11 is a token that holds the gateway's key instead of a file.
type PKCS11 struct {
	Module  string        `toml:"module"` // path of the library; empty for a key in a file
	Token   string        `toml:"token"`
	Label   string        `toml:"label"`
	PIN     config.Secret `toml:"pin"`
	PINFile string        `toml:"pin_file"`
}

// HubConfig is the section "hub": the centre of the exchange.
type HubConfig struct {
	Instance     string        `toml:"instance"`
	Member       string        `toml:"member"`       // code of the agency that runs it
	Dir          string        `toml:"dir"`          // keys of the certificate authority and of the time-stamping authority, events
	Certificates time.Duration `toml:"certificates"` // how long a gateway's certificate is valid
	StaleAfter   time.Duration `toml:"stale_after"`
	ValidFor     time.Duration `toml:"valid_for"`
	Security     string        `toml:"security"` // the subsystem whose node says how secure systems are; empty: nobody does
	Cluster      Cluster       `toml:"cluster"`
}

// Cluster joins the event stores of several hub machines.
type Cluster struct {
	Name     string   `toml:"name"` // empty: one machine
	Server   string   `toml:"server"`
	Listen   string   `toml:"listen"`
	Routes   []string `toml:"routes"`
	Replicas int      `toml:"replicas"`
}

// GatewaySection and HubSection are the parts of the configuration.
var (
	GatewaySection = config.Section{
		Name: "gateway",
		New: func() any {
			return &GatewayConfig{
				Dir: "var/gateway", LocalAddr: "127.0.0.1:8007", LocalPlain: []string{gateway.AnySubsystem}, PeerAddr: "127.0.0.1:8008",
				ErrorStyle: "7.7", MaxBody: 100 << 20, MaxSpool: 4 << 30,
				KeepLog: 30 * 24 * time.Hour,
			}
		},
		Check: func(v any, c *config.Check) { checkGateway(v.(*GatewayConfig), c) },
		Try:   func(v any, c *config.Check) { tryGateway(v.(*GatewayConfig), c) },
	}
	HubSection = config.Section{
		Name: "hub",
		New: func() any {
			return &HubConfig{
				Instance: "VN", Dir: "var/hub", Certificates: 90 * 24 * time.Hour, StaleAfter: 24 * time.Hour, ValidFor: 10 * 24 * time.Hour,
				Cluster: Cluster{Replicas: 1},
			}
		},
		Check: func(v any, c *config.Check) { checkHub(v.(*HubConfig), c) },
		Try: func(v any, c *config.Check) {
			if c.Role() == "hub" {
				c.Folder("hub.dir", v.(*HubConfig).Dir)
			}
		},
	}
)

// tryGateway tries folder and addresses: once the node has joined, those too that it
// needs of others and that others need of it.
func tryGateway(g *GatewayConfig, c *config.Check) {
	c.Folder("gateway.dir", g.Dir)
	saved, err := exchangeapi.Load(g.Dir)
	if err != nil {
		return // no gateway runs here yet
	}
	c.Listen("gateway.local_addr", g.LocalAddr)
	c.Listen("gateway.peer_addr", g.PeerAddr)
	c.Dial("gateway.address", saved.Address, true)
	c.Reach("gateway.dir", saved.Hub)
	c.Reach("gateway.tsa", g.TSA)
}

func checkGateway(g *GatewayConfig, c *config.Check) {
	checkLocal(g, c)
	c.Address("gateway.peer_addr", g.PeerAddr)
	if g.Address != "" {
		c.Address("gateway.address", g.Address)
	}
	if g.Dir == "" {
		c.Problem("gateway.dir", "empty", nil)
	}
	c.URL("gateway.tsa", g.TSA)
	for _, u := range g.ContractURLs {
		c.URL("gateway.contract_urls", u)
	}
	c.OneOf("gateway.error_style", g.ErrorStyle, []string{"7.7", "7.8"})
	c.Between("gateway.max_body", g.MaxBody, 1<<20, 1<<31)
	c.Between("gateway.max_spool", g.MaxSpool, 1<<20, 1<<40) // four of the largest bodies always fit
	if g.KeepBodies < 0 {
		c.Problem("gateway.keep_bodies", "too_short", fault.Args{"min": "0s"})
	}
	if least := max(24*time.Hour, g.KeepBodies); g.KeepLog < least {
		c.Problem("gateway.keep_log", "too_short", fault.Args{"min": least.String()})
	}
	if g.ArchiveKeep != 0 && g.ArchiveKeep < g.KeepLog {
		c.Problem("gateway.archive_keep", "less_than", fault.Args{"other": "gateway.keep_log"})
	}
	if _, err := xroad.ParseID(g.Approver, 4, 4); g.Approver != "" && err != nil {
		c.Subsystem("gateway.approver", g.Approver)
	}
	if g.PKCS11.Module == "" {
		return
	}
	c.Secret("gateway.pkcs11.pin", &g.PKCS11.PIN, g.PKCS11.PINFile)
	if c.Readable("gateway.pkcs11.module", g.PKCS11.Module) && (g.PKCS11.Token == "" || g.PKCS11.Label == "") {
		c.Problem("gateway.pkcs11.module", "needs", fault.Args{"other": "gateway.pkcs11.token, gateway.pkcs11.label"})
	}
}

// checkLocal checks the port for the agency's own systems: what is asked there without
// a certificate is not encrypted either.
func checkLocal(g *GatewayConfig, c *config.Check) {
	if len(g.LocalPlain) > 0 {
		c.Loopback("gateway.local_addr", g.LocalAddr)
	} else {
		c.Address("gateway.local_addr", g.LocalAddr)
	}
	codes := func(key string, list []string, also string) {
		for _, code := range list {
			if code != also && !exchange.IsSubsystemCode(code) {
				c.SubsystemCode(key, code)
			}
		}
	}
	codes("gateway.local_plain", g.LocalPlain, gateway.AnySubsystem)
	codes("gateway.monitoring", g.Monitoring, gateway.AnyLocal)
	if g.Own != "" {
		codes("gateway.own_subsystem", []string{g.Own}, "")
	}
	for _, name := range g.LocalHosts {
		c.Host("gateway.local_hosts", name)
	}
}

func checkHub(h *HubConfig, c *config.Check) {
	if c.Role() == "hub" && (h.Member == "" || h.Instance == "" || h.Dir == "") {
		c.Problem("hub.member", "empty", nil)
	}
	if h.Certificates < 24*time.Hour {
		c.Problem("hub.certificates", "too_short", fault.Args{"min": "24h"})
	}
	if h.StaleAfter < time.Hour {
		c.Problem("hub.stale_after", "too_short", fault.Args{"min": "1h"})
	}
	if h.ValidFor <= h.StaleAfter {
		c.Problem("hub.valid_for", "less_than", fault.Args{"other": "hub.stale_after"})
	}
	if _, err := xroad.ParseID(h.Security, 4, 4); h.Security != "" && err != nil {
		c.Subsystem("hub.security", h.Security)
	}
	c.Between("hub.cluster.replicas", h.Cluster.Replicas, 1, 5)
}
