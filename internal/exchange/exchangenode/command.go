package exchangenode

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/config"
	"dean06/internal/platform/node"
)

// gatewayCommands are the commands of a node's gateway.
func gatewayCommands() []node.Command {
	return []node.Command{
		{
			Name: "gateway", Help: "The node's gateway to the data exchange.", Value: &gatewayCommand{},
			May: map[string]string{"join": "exchange.join", "certificate": "exchange.local"},
		},
		{
			Name: "doctor", Help: "Try everything that a node needs, the running one where it runs, and say what to mend.", Value: &doctorCommand{},
			May: map[string]string{"": "exchange.read"},
		},
		{
			Name: "log", Help: "The logs of a node: check them, archive them.", Value: &logCommand{},
			May: map[string]string{"archive": "exchange.archive", "check-archive": "anyone", "verify": "log.check"},
		},
		{
			Name: "proof", Help: "Prove what was said through the exchange.", Value: &proofCommand{},
			May: map[string]string{"export": "exchange.prove", "verify": "anyone", "log": "exchange.prove"},
		},
	}
}

type gatewayCommand struct {
	Join        joinCommand        `cmd:"" help:"Join the exchange with the token that the hub's operator gave."`
	Certificate certificateCommand `cmd:"" help:"Certificates by which the agency's own systems speak on the gateway's local port."`
}

type joinCommand struct {
	node.ConfigFile
	Hub     string `required:"" placeholder:"URL" help:"Address of the hub."`
	Token   string `required:"" help:"The token; it works once."`
	Dir     string `type:"path" help:"Folder for key and certificate, instead of gateway.dir."`
	Address string `placeholder:"HOST:PORT" help:"Under which other gateways reach this one, instead of gateway.address."`
}

// Run joins. A node that runs on the same folder takes it up by itself.
func (c joinCommand) Run(ctx context.Context, p node.Program) error {
	flags := map[string]string{}
	if c.Dir != "" {
		flags["gateway.dir"] = c.Dir
	}
	if c.Address != "" {
		flags["gateway.address"] = c.Address
	}
	cfg, err := c.LoadOrDefault(p, flags)
	if err != nil {
		return err
	}
	if err := exchange.Permissions.Can(actor.AtCommandLine(), exchange.ActJoin); err != nil {
		return err
	}
	g := config.In[GatewayConfig](cfg)
	saved, err := join(ctx, g, c.Hub, c.Token)
	if err != nil {
		return err
	}
	pr := c.Printer(p)
	if _, err := fmt.Fprintln(p.Out, pr.T("cli.gateway.joined", map[string]any{
		"gateway": saved.Gateway, "member": saved.Member.String(), "dir": g.Dir, "address": saved.Address,
	})); err != nil {
		return err
	}
	if _, err := os.Stat(c.Config); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := node.WriteFile(c.Config, AgencyFile(*g, saved)); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.Out, pr.T("cli.gateway.config", map[string]any{"file": c.Config}))
	return err
}

// join makes the gateway of a configuration a part of the exchange, with the token
// that the hub's operator gave. A node that runs on the same folder takes it up by itself.
func join(ctx context.Context, c *GatewayConfig, hub, token string) (exchangeapi.Saved, error) {
	key, closer, err := signer(c)
	if err != nil {
		return exchangeapi.Saved{}, err
	}
	defer closer.Close()
	address := c.Address
	if address == "" {
		address = c.PeerAddr
	}
	client := exchangeapi.Client{URL: hub}
	return client.Join(ctx, c.Dir, token, address, nil, key)
}

// AgencyFile is the configuration of a new agency's node, so that joining is all that
// has to be typed before `dean06 serve`.
func AgencyFile(g GatewayConfig, saved exchangeapi.Saved) []byte {
	var plain []string
	if conf, err := saved.Configuration.Read(); err == nil {
		for _, gw := range conf.Gateways {
			for _, id := range gw.Subsystems {
				if gw.ID == saved.Gateway && id.Subsystem != ownCode(&g, "agency") {
					plain = append(plain, strconv.Quote(id.Subsystem))
				}
			}
		}
	}
	return fmt.Appendf(nil, `# Written by dean06 gateway join. docs/config.example.toml explains every setting.

[node]
role = "agency"

[db]
url = "sqlite:var/agency.db"

[gateway]
dir = %q
address = %q
# These systems need no certificate when they ask from this machine: any program on it
# can call as them. Better: dean06 gateway certificate --subsystem CODE --out DIR, then [].
local_plain = [%s]
`, g.Dir, saved.Address, strings.Join(plain, ", "))
}
