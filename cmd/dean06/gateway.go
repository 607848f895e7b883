package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"dean06/internal/app"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/platform/config"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
)

type gatewayCmd struct {
	Join gatewayJoinCmd `cmd:"" help:"Join the exchange with the token that the hub's operator gave."`
}

type gatewayJoinCmd struct {
	settings
	Hub     string `required:"" placeholder:"URL" help:"Address of the hub."`
	Token   string `required:"" help:"The token; it works once."`
	Dir     string `type:"path" help:"Folder for key and certificate, instead of gateway.dir."`
	Address string `placeholder:"HOST:PORT" help:"Under which other gateways reach this one, instead of gateway.address."`
}

// Run joins. A node that runs on the same folder takes it up by itself.
func (c gatewayJoinCmd) Run(ctx context.Context, s streams) error {
	flags := map[string]string{}
	if c.Dir != "" {
		flags["gateway.dir"] = c.Dir
	}
	if c.Address != "" {
		flags["gateway.address"] = c.Address
	}
	cfg, err := c.loadOrDefault(s, flags)
	if err != nil {
		return err
	}
	saved, err := app.Join(ctx, *config.In[exchangenode.GatewayConfig](cfg), c.Hub, c.Token)
	if err != nil {
		return err
	}
	catalogue, err := app.Catalogue()
	if err != nil {
		return err
	}
	p := catalogue.In(i18n.Lang(c.Lang))
	if _, err := fmt.Fprintln(s.out, p.T("cli.gateway.joined", map[string]any{
		"gateway": saved.Gateway, "member": saved.Member.String(), "dir": config.In[exchangenode.GatewayConfig](cfg).Dir, "address": saved.Address,
	})); err != nil {
		return err
	}
	if _, err := os.Stat(c.Config); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := write(c.Config, agencyConfig(*config.In[exchangenode.GatewayConfig](cfg), saved.Address)); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, p.T("cli.gateway.config", map[string]any{"file": c.Config}))
	return err
}

// agencyConfig is the configuration of a new agency's node, so that joining is all
// that has to be typed before `dean06 serve`.
func agencyConfig(g exchangenode.GatewayConfig, address string) []byte {
	return fmt.Appendf(nil, `# Written by dean06 gateway join. docs/config.example.toml explains every setting.

[node]
role = "agency"

[db]
url = "sqlite:var/agency.db"

[gateway]
dir = %q
address = %q
`, g.Dir, address)
}

// loadOrDefault takes the defaults when there is no configuration file and none was
// asked for.
func (c settings) loadOrDefault(s streams, flags map[string]string) (config.Config, error) {
	if _, err := os.Stat(c.Config); errors.Is(err, os.ErrNotExist) && filepath.Base(c.Config) == "dean06.toml" {
		c.Config = "" // of this copy: the defaults hold
	}
	return c.load(s, flags)
}

type doctorCmd struct {
	settings
	Demo string `placeholder:"NODE" help:"A node of the running demo instead: board, authority, hub, thainguyen or bhxh."`
	Data string `default:"${demo_dir}" type:"path" help:"Folder of the demo's data."`
}

// Run asks everything that the node's gateway needs, and says in words what to mend.
func (c doctorCmd) Run(ctx context.Context, s streams) error {
	var cfg config.Config
	if c.Demo != "" {
		cfg = app.DemoConfig(c.Data, c.Demo)
	} else {
		var err error
		if cfg, err = c.loadOrDefault(s, nil); err != nil {
			return err
		}
	}
	found, err := app.Doctor(ctx, cfg)
	if err != nil {
		return err
	}
	return printFindings(s, c.Lang, found)
}

func printFindings(s streams, lang string, found []health.Finding) error {
	catalogue, err := app.Catalogue()
	if err != nil {
		return err
	}
	failing, err := app.WriteFindings(s.out, catalogue.In(i18n.Lang(lang)), found)
	if err == nil && failing {
		return errNotAll
	}
	return err
}
