package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"dean06/internal/demo"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
)

// demoMemory is how much the demo country's data may take before collecting harder: it
// shares its reader's own machine.
const demoMemory = 104 << 20

type demoCmd struct {
	Addr  string `default:"127.0.0.1:8006" help:"Address of the board's pages; the other nodes follow at ports 10 apart."`
	Data  string `default:"${demo_dir}" type:"path" help:"Folder for the demo's data."`
	Fresh bool   `help:"Begin again with fresh data."`
	Lang  string `enum:"vi,en" default:"vi" help:"Language of what is printed: vi or en."`
}

// Run starts the demo and says where it is.
func (c demoCmd) Run(ctx context.Context, p node.Program) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(demoMemory)
	}
	started := time.Now() //nolint:forbidigo // how long the start took
	country, err := demo.Start(ctx, demo.Options{Dir: c.Data, Addr: c.Addr, Fresh: c.Fresh})
	if err != nil && ctx.Err() != nil {
		return nil //nolint:nilerr // it was told to stop while it started
	}
	if err != nil {
		var busy *net.OpError
		if errors.As(err, &busy) {
			return fmt.Errorf("%w\nAnother program has this address; try: dean06 demo --addr 127.0.0.1:8106", err)
		}
		return err
	}
	pr := p.Messages.In(i18n.Lang(c.Lang))
	data, err := filepath.Abs(c.Data)
	if err != nil {
		data = c.Data
	}
	fmt.Fprintln(p.Out, pr.T("cli.demo.ready", map[string]any{
		"url": country.Nodes[0].Pages, "data": data,
		"seconds": pr.Float(time.Since(started).Seconds(), 1),
	}))
	for _, n := range country.Nodes {
		fmt.Fprintln(
			p.Out,
			pr.T("cli.demo.node", map[string]any{"name": pr.T("demo.node." + n.Key), "pages": n.Pages, "named": n.Named(), "local": n.Local, "peer": n.Peer}),
		)
		for _, a := range n.Accounts {
			what := a.Label
			if what == "" {
				what = pr.T("role." + a.Roles[0])
			}
			login := a.Login
			if a.Password == "" {
				login = "–"
			}
			fmt.Fprintf(p.Out, "  %-14s %-13s %-18s %s\n", login, a.Bound, demo.Password, what)
		}
	}
	fmt.Fprintln(p.Out, pr.T("cli.demo.stop"))
	return country.Wait()
}
