package exchangenode

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/node"
)

// ofNode is the flags that name a node: by its configuration, or one of the demo.
type ofNode struct {
	node.ConfigFile
	Demo string `placeholder:"NODE" help:"A node of the running demo instead: board, authority, hub, thainguyen or bhxh."`
	Data string `default:"${demo_dir}" type:"path" help:"Folder of the demo's data."`
}

func (o ofNode) load(p node.Program) (config.Config, error) {
	if o.Demo != "" {
		return p.Demo(o.Data, o.Demo), nil
	}
	return o.LoadOrDefault(p, nil)
}

type doctorCommand struct {
	ofNode
	JSON bool `name:"json" help:"Print what was found as JSON."`
}

// doctorFor is how long one check may take.
const doctorFor = 30 * time.Second

// report is what the command prints as JSON.
type report struct {
	Running  bool         `json:"running"`
	Level    health.Level `json:"level"`
	Findings []node.Found `json:"findings"`
}

// Run asks the node that runs, or looks at one that does not, and says in words what to
// mend. It ends with 1 when something does not work.
func (c doctorCommand) Run(ctx context.Context, p node.Program) error {
	if err := exchange.Permissions.Can(actor.AtCommandLine(), exchange.ActRead); err != nil {
		return err
	}
	cfg, err := c.load(p)
	if err != nil {
		return err
	}
	pr := c.Printer(p)
	r := report{Running: true}
	if r.Findings, err = node.AskRunning(ctx, cfg, pr.Lang); err != nil {
		r.Running = !errors.Is(err, node.ErrNotRunning)
		first := health.Finding{Check: "node", Level: health.Warning, Key: "node.doctor.stopped"}
		if r.Running {
			first = health.Finding{Check: "node", Level: health.Failing, Key: "node.doctor.silent", Args: fault.Args{"reason": err.Error()}}
		}
		r.Findings = node.InWords(pr, append([]health.Finding{first}, look(ctx, p, cfg)...))
	} else {
		running := health.Finding{Check: "node", Level: health.Fine, Key: "node.doctor.running"}
		r.Findings = append(node.InWords(pr, []health.Finding{running}), r.Findings...)
	}
	return c.print(p, r)
}

func (c doctorCommand) print(p node.Program, r report) error {
	var levels []health.Finding
	for _, f := range r.Findings {
		levels = append(levels, health.Finding{Level: f.Level})
	}
	r.Level = health.Worst(levels)
	if c.JSON {
		if err := p.PrintJSON(r); err != nil {
			return err
		}
	} else {
		for _, f := range r.Findings {
			if _, err := fmt.Fprintf(p.Out, "%s %s\n", health.Signs[f.Level], f.Text); err != nil {
				return err
			}
		}
	}
	if r.Level == health.Failing {
		return node.ErrNotAll
	}
	return nil
}

// look examines a node that does not run. Nothing is written to its database. What cannot be opened is a
// finding, and the rest is looked at all the same.
func look(ctx context.Context, p node.Program, cfg config.Config) []health.Finding {
	s := node.Settings{Config: cfg, Log: quiet, ReadOnly: true}
	n, err := p.Open(ctx, cfg.Node.Role, s)
	if err != nil {
		// A module that cannot be opened for looking leaves the others.
		if some, e := p.Open(ctx, cfg.Node.Role, s, "exchange"); e == nil {
			n, err = some, nil
		}
	}
	if err == nil {
		defer n.Close()
		return n.Examine(ctx, health.Full)
	}
	g := config.In[GatewayConfig](cfg)
	own := []string{g.Dir}
	if cfg.Node.Role == "hub" {
		own = append(own, config.In[HubConfig](cfg).Dir)
	}
	return health.Gather(
		ctx, health.Full, doctorFor,
		health.One("database", health.Vital, func(context.Context) health.Finding { return node.DatabaseAway(cfg, err) }),
		health.Check{Name: "disk", Ask: func(context.Context, health.Depth) []health.Finding {
			return node.AskFolders(append(node.PlatformFolders(cfg), own...), true)
		}},
		health.Check{Name: "pages", Ask: func(context.Context, health.Depth) []health.Finding {
			return node.AskPages(cfg.HTTP, clock.System{}.Now())
		}},
		health.Check{Name: "mail", Ask: func(ctx context.Context, _ health.Depth) []health.Finding { return node.AskMail(ctx, cfg.Mail) }},
		health.Check{Name: "private", Ask: func(context.Context, health.Depth) []health.Finding {
			return node.AskPrivate(cfg, own)
		}},
		health.Check{Name: "membership", Ask: func(ctx context.Context, _ health.Depth) []health.Finding {
			return askMembership(ctx, g.Dir)
		}},
	)
}

// askMembership looks at what a join left, and asks the hub what it is worth: what can be
// known of a gateway without its database.
func askMembership(ctx context.Context, dir string) []health.Finding {
	find := func(level health.Level, key string, args fault.Args) []health.Finding {
		return []health.Finding{{Check: "certificate", Level: level, Key: key, Args: args}}
	}
	now := clock.System{}.Now()
	saved, err := exchangeapi.Load(dir)
	switch f := fault.As(err); {
	case fault.Of(err) == fault.NotFound:
		return find(health.Warning, "exchange.gateway.not_joined", nil)
	case f != nil:
		return find(health.Failing, f.Key, f.Args)
	case err != nil:
		return find(health.Failing, "exchange.gateway.unread", fault.Args{"dir": dir, "reason": err.Error()})
	}
	leaf, err := saved.Leaf()
	if err != nil {
		return find(health.Failing, "exchange.gateway.unread", fault.Args{"dir": dir, "reason": err.Error()})
	}
	args := fault.Args{"gateway": saved.Gateway, "until": leaf.NotAfter}
	if now.After(leaf.NotAfter) {
		return find(health.Failing, "gateway.doctor.certificate.expired", args)
	}
	signed, err := (&exchangeapi.Client{URL: saved.Hub}).Configuration(ctx)
	if f := fault.As(err); f != nil {
		return find(health.Warning, f.Key, f.Args)
	}
	conf, err := exchange.Open(signed, saved.Authorities(), now)
	if err != nil {
		return find(health.Warning, "gateway.doctor.configuration.none", fault.Args{"reason": err.Error()})
	}
	_, err = exchange.Index(conf).Counts(exchange.Fingerprint(saved.DER()), now)
	switch {
	case errors.Is(err, exchange.ErrSuspended):
		return find(health.Failing, "gateway.doctor.configuration.suspended", args)
	case errors.Is(err, exchange.ErrRevoked):
		return find(health.Failing, "gateway.doctor.certificate.revoked", args)
	case err != nil:
		return find(health.Failing, "gateway.doctor.certificate.unknown", args)
	}
	return find(health.Fine, "gateway.doctor.certificate.fine", args)
}
