package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"dean06/internal/app"
	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
)

// settings is where the configuration comes from.
type settings struct {
	Config string `default:"dean06.toml" type:"path" help:"The configuration file; see docs/config.example.toml."`
	Lang   string `enum:"vi,en" default:"vi" help:"Language of messages: vi or en."`
}

type serveCmd struct {
	settings
	Addr string `help:"Instead of http.addr."`
	DB   string `name:"db" help:"Instead of db.url."`
}

// Run serves until it is told to stop.
func (c serveCmd) Run(ctx context.Context, s streams) error {
	flags := map[string]string{}
	if c.Addr != "" {
		flags["http.addr"] = c.Addr
	}
	if c.DB != "" {
		flags["db.url"] = c.DB
	}
	cfg, err := c.load(s, flags)
	if err != nil {
		return err
	}
	log := slog.New(logHandler(cfg.Log, s.err))
	slog.SetDefault(log)
	return app.Run(ctx, cfg, log)
}

// logHandler writes lines of the level and in the format that are set.
func logHandler(c config.Log, w io.Writer) slog.Handler {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // checked when the configuration was loaded
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.NewJSONHandler(w, o)
	}
	return slog.NewTextHandler(w, o)
}

type configCmd struct {
	Check configCheckCmd `cmd:"" help:"Say what is wrong in the configuration, where, and how to mend it."`
}

type configCheckCmd struct{ settings }

// Run checks the configuration.
func (c configCheckCmd) Run(s streams) error {
	if _, err := c.load(s, nil); err != nil {
		return err
	}
	catalogue, err := app.Catalogue()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, catalogue.In(i18n.Lang(c.Lang)).T("cli.config.ok", map[string]any{"file": c.Config}))
	return err
}

func (c settings) load(s streams, flags map[string]string) (config.Config, error) {
	cfg, problems := config.Load(app.Shape, c.Config, os.Environ(), flags)
	if len(problems) == 0 {
		return cfg, nil
	}
	catalogue, err := app.Catalogue()
	if err != nil {
		return cfg, err
	}
	p := catalogue.In(i18n.Lang(c.Lang))
	for _, q := range problems {
		fmt.Fprintln(s.err, q.Text(p))
	}
	return cfg, errNotAll
}
