package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"dean06/internal/app"
	"dean06/internal/platform/config"
	"dean06/internal/platform/node"
)

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
	return app.Run(ctx, cfg, log)
}

// logHandler writes lines of the level and in the format that are set.
func logHandler(c config.Log, w io.Writer) slog.Handler {
	o := &slog.HandlerOptions{Level: c.SlogLevel()}
	if c.Format == "json" {
		return slog.NewJSONHandler(w, o)
	}
	return slog.NewTextHandler(w, o)
}

type configCmd struct {
	Check configCheckCmd `cmd:"" help:"Say what is wrong in the configuration, where, and how to mend it."`
}

type configCheckCmd struct{ node.ConfigFile }

// Run checks the configuration.
func (c configCheckCmd) Run(p node.Program) error {
	if _, err := c.Load(p, nil); err != nil {
		return err
	}
	_, err := fmt.Fprintln(p.Out, c.Printer(p).T("cli.config.ok", map[string]any{"file": c.Config}))
	return err
}
