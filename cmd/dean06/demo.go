package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"dean06/internal/app"
	"dean06/internal/platform/i18n"
)

type demoCmd struct {
	Addr  string `default:"127.0.0.1:8006" help:"Address of the board's pages; the other nodes follow at ports 10 apart."`
	Data  string `default:"${demo_dir}" type:"path" help:"Folder for the demo's data."`
	Fresh bool   `help:"Begin again with fresh data."`
	Lang  string `enum:"vi,en" default:"vi" help:"Language of what is printed: vi or en."`
}

// Run starts the demo and says where it is.
func (c demoCmd) Run(ctx context.Context, s streams) error {
	started := time.Now() //nolint:forbidigo // how long the start took
	country, err := app.StartCountry(ctx, app.CountryOptions{Dir: c.Data, Addr: c.Addr, Fresh: c.Fresh})
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
	catalogue, err := app.Catalogue()
	if err != nil {
		return err
	}
	p := catalogue.In(i18n.Lang(c.Lang))
	data, err := filepath.Abs(c.Data)
	if err != nil {
		data = c.Data
	}
	fmt.Fprintln(s.out, p.T("cli.demo.ready", map[string]any{
		"url": country.Nodes[0].Pages, "data": data,
		"seconds": p.Float(time.Since(started).Seconds(), 1),
	}))
	for _, n := range country.Nodes {
		fmt.Fprintln(s.out, p.T("cli.demo.node", map[string]any{"name": p.T("app.country." + n.Key), "pages": n.Pages, "local": n.Local, "peer": n.Peer}))
		for _, a := range n.Accounts {
			fmt.Fprintf(s.out, "  %-14s %-18s %s\n", a.Login, app.DemoPassword, p.T("app.role."+a.Roles[0]))
		}
	}
	fmt.Fprintln(s.out, p.T("cli.demo.stop"))
	return country.Wait()
}
