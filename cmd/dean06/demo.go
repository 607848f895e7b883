package main

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"dean06/internal/app"
	"dean06/internal/platform/i18n"
)

type demoCmd struct {
	Addr  string `default:"127.0.0.1:8006" help:"Address of the board's pages."`
	Data  string `default:"${demo_dir}" type:"path" help:"Folder for the demo's data."`
	Fresh bool   `help:"Begin again with fresh data."`
	Lang  string `enum:"vi,en" default:"vi" help:"Language of what is printed: vi or en."`
}

// Run starts the demo and says where it is.
func (c demoCmd) Run(ctx context.Context, s streams) error {
	started := time.Now() //nolint:forbidigo // how long the start took
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("%w\nAnother program has this address; try: dean06 demo --addr 127.0.0.1:8016", err)
	}
	demo, err := app.OpenDemo(ctx, c.Data, c.Fresh)
	if err != nil {
		_ = ln.Close()
		return err
	}
	defer demo.Close()
	p := demo.Board.Messages.In(i18n.Lang(c.Lang))
	data, err := filepath.Abs(c.Data)
	if err != nil {
		data = c.Data
	}
	fmt.Fprintln(s.out, p.T("cli.demo.ready", map[string]any{
		"url": "http://" + ln.Addr().String(), "data": data,
		"seconds": p.Float(time.Since(started).Seconds(), 1),
	}))
	for _, a := range app.DemoAccounts {
		fmt.Fprintf(s.out, "  %-12s %-18s %s\n", a.Login, app.DemoPassword, p.T("app.role."+a.Roles[0]))
	}
	fmt.Fprintln(s.out, p.T("cli.demo.stop"))
	return demo.Serve(ctx, ln)
}
