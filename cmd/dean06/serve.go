package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"

	"dean06/internal/app"
	"dean06/internal/platform/config"
	"dean06/internal/platform/node"
)

// gatewayMemory is how much a gateway may hold before collecting harder.
const gatewayMemory = 64 << 20

type serveCmd struct {
	node.ConfigFile
	Addr string `help:"Instead of http.addr."`
	DB   string `name:"db" help:"Instead of db.url."`
}

// Run serves until it is told to stop.
func (c serveCmd) Run(ctx context.Context, p node.Program) error {
	flags := map[string]string{}
	if c.Addr != "" {
		flags["http.addr"] = c.Addr
	}
	if c.DB != "" {
		flags["db.url"] = c.DB
	}
	cfg, err := c.Load(p, flags)
	if err != nil {
		return err
	}
	log := slog.New(logHandler(cfg.Log, p.Err))
	slog.SetDefault(log)
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" && cfg.Node.Role != app.Board {
		// Below 80 MB at 32 callers, the program's file included, once the kernel holds that
		// in ordinary pages; at 100 a call takes 0.04 ms less and the gateway 5 MB more.
		debug.SetGCPercent(60)
		debug.SetMemoryLimit(gatewayMemory)
	}
	return app.Run(ctx, cfg, log)
}

type configCmd struct {
	Check configCheckCmd `cmd:"" help:"Say what is wrong in the configuration, where, and how to mend it."`
}

type configCheckCmd struct {
	node.ConfigFile
	Offline bool `help:"Look at the file alone; connect to nothing, open nothing."`
}

// Run checks the configuration, and tries what it names. Everything that is wrong is
// printed; what only deserves a look does not make it fail.
func (c configCheckCmd) Run(ctx context.Context, p node.Program) error {
	try := node.Try(app.Every())
	if c.Offline {
		try = nil
	}
	pr := c.Printer(p)
	failed := false
	for _, q := range config.Try(ctx, p.Shape, c.Config, os.Environ(), nil, try) {
		text := q.Text(pr)
		if q.Warning {
			text = pr.T("cli.config.warning", map[string]any{"text": text})
		}
		failed = failed || !q.Warning
		fmt.Fprintln(p.Err, text)
	}
	if failed {
		return node.ErrNotAll
	}
	_, err := fmt.Fprintln(p.Out, pr.T("cli.config.ok", map[string]any{"file": c.Config}))
	return err
}
