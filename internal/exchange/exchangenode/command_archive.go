package exchangenode

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/archive"
	"dean06/internal/platform/archive/archivecli"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/node"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/tsa"
)

// logCommand is "dean06 log …".
type logCommand struct {
	Verify       logVerifyCommand    `cmd:"" help:"Check that nothing was changed in, taken from or put back in any log of a node."`
	Archive      logArchiveCommand   `cmd:"" help:"Archive old records of the message log to files, remove files by their term, or list them."`
	CheckArchive checkArchiveCommand `cmd:"" help:"Check archive files: each by itself, and the row of them."`
}

type logArchiveCommand struct {
	node.ConfigFile
	DB     string `name:"db" placeholder:"URL" help:"The gateway's database, instead of that of the configuration."`
	Dir    string `type:"path" placeholder:"DIR" help:"Folder of the gateway, instead of gateway.dir; by default beside an SQLite database."`
	Before string `placeholder:"DAY" help:"Archive what came before this day (2026-11-01), instead of before gateway.keep_log."`
	Now    bool   `help:"Archive all that a time-stamped head covers; what is younger than ten minutes stays in the database, too."`
	List   bool   `help:"Only list the files."`
	JSON   bool   `name:"json" help:"Print for programs."`
}

// place is the database and the gateway's folder, with the configuration's terms.
func (c logArchiveCommand) place(p node.Program) (g GatewayConfig, db string, err error) {
	cfg := config.Default(p.Shape.Sections...)
	if c.DB == "" {
		if cfg, err = c.LoadOrDefault(p, nil); err != nil {
			return g, "", err
		}
	}
	g, db = *config.In[GatewayConfig](cfg), cfg.DB.URL.Reveal()
	if c.DB != "" {
		db, g.Dir = c.DB, gatewayDir(c.DB, g.Dir)
	}
	if c.Dir != "" {
		g.Dir = c.Dir
	}
	return g, db, nil
}

// gatewayDir is the folder of the gateway of a database that is a file: as the demo has
// it, beside it under its name.
func gatewayDir(db, otherwise string) string {
	path, ok := node.SQLitePath(db)
	if !ok {
		return otherwise
	}
	dir := filepath.Join(filepath.Dir(path), strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), "gateway")
	if _, err := os.Stat(dir); err != nil {
		return otherwise
	}
	return dir
}

// before is up to when is archived.
func (c logArchiveCommand) before(g GatewayConfig, now time.Time) (time.Time, error) {
	switch {
	case c.Now && c.Before != "":
		return now, node.UsageError{Err: errors.New("--now and --before exclude each other")}
	case c.Now:
		return now, nil
	case c.Before == "":
		return now.Add(-g.KeepLog), nil
	}
	day, err := clock.ParseDate(c.Before)
	if err != nil {
		return now, node.UsageError{Err: fmt.Errorf("--before %q: want a day such as 2026-11-01", c.Before)}
	}
	return day.Start(), nil
}

// Run archives, or lists.
func (c logArchiveCommand) Run(ctx context.Context, p node.Program) error {
	g, url, err := c.place(p)
	if err != nil {
		return err
	}
	now := clock.System{}.Now()
	before, err := c.before(g, now)
	if err != nil {
		return err
	}
	if err := node.MustBeThere(url); err != nil {
		return err
	}
	db, err := sqldb.Open(ctx, url, sqldb.Options{ReadOnly: c.List})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := exchangesql.Migrate(ctx, db); err != nil {
		return err
	}
	store := exchangesql.New(db, clock.System{})
	if c.List {
		list, err := store.Index().Segments(ctx)
		if err != nil {
			return err
		}
		return archivecli.SayList(p, c.Printer(p), list, c.JSON)
	}
	saved, err := exchangeapi.Load(g.Dir)
	if err != nil {
		return err
	}
	drop := time.Time{}
	if g.ArchiveKeep > 0 {
		drop = now.Add(-g.ArchiveKeep)
	}
	desk := exchange.NewDesk(exchange.DeskParts{Store: store, Log: filed(store, g.Dir), Clock: clock.System{}, NewID: sqldb.NewID})
	k := keeper(store, g.Dir, func() string { return saved.Gateway }, clock.System{})
	d, err := desk.Archive(ctx, actor.AtCommandLine(), k, before, drop)
	if err != nil {
		return err
	}
	return archivecli.SayDone(p, c.Printer(p), d, c.JSON)
}

type checkArchiveCommand struct {
	Path        string `arg:"" type:"path" help:"An archive file, or a folder of them."`
	DB          string `name:"db" placeholder:"URL" help:"The gateway's database: its notes are held against the files, its authorities believed."`
	Authorities string `type:"existingfile" help:"Certificates (PEM) of the exchange's authorities that one trusts; else those of --db, or of the files."`
	JSON        bool   `name:"json" help:"Print for programs."`
	node.Lang
}

// trust is whom the reader believes.
func (c checkArchiveCommand) trust(ctx context.Context, store *exchangesql.Store) (archive.Trust, error) {
	if c.Authorities != "" {
		raw, err := os.ReadFile(c.Authorities)
		if err != nil {
			return archive.Trust{}, err
		}
		list, err := pki.ReadCertificates(raw)
		return archive.Trust{Authorities: list, Timestamps: list, Stamp: tsa.Verify}, err
	}
	if store != nil {
		return trustIn(store)(ctx)
	}
	return archive.Trust{Stamp: tsa.Verify}, nil
}

// Run checks the files, and fails when anything does not fit.
func (c checkArchiveCommand) Run(ctx context.Context, p node.Program) error {
	var store *exchangesql.Store
	if c.DB != "" {
		log := logFlag{DB: c.DB}
		var db *sqldb.DB
		var err error
		if store, db, err = log.open(ctx); err != nil {
			return err
		}
		defer db.Close()
	}
	trust, err := c.trust(ctx, store)
	if err != nil {
		return err
	}
	check := archivecli.Check{
		Path: c.Path, JSON: c.JSON,
		Reading: func(chain string) (func(context.Context, *archive.Reader) (archive.Content, error), *pki.Sealer, bool) {
			read := func(ctx context.Context, r *archive.Reader) (archive.Content, error) {
				return exchange.ReadMessages(ctx, trust, r)
			}
			return read, nil, chain == exchange.MessageChain
		},
	}
	if store != nil {
		begin, err := store.Begin(ctx)
		if err != nil {
			return err
		}
		check.Index, check.Begin = store.Index(), begin.Size
	}
	return check.Run(ctx, p, c.Printer(p))
}
