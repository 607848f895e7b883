package exchangenode

import (
	"context"
	"encoding/hex"
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
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
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
		return c.list(ctx, p, store)
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
	return c.say(p, d)
}

// segmentJSON is a file as programs read it.
type segmentJSON struct {
	File    string     `json:"file"`
	Chain   string     `json:"chain"`
	From    int64      `json:"from"`
	Until   int64      `json:"until"` // the record after the last
	FirstAt time.Time  `json:"first_at"`
	LastAt  time.Time  `json:"last_at"`
	Bytes   int64      `json:"bytes"`
	SHA256  string     `json:"sha256"`
	Dropped *time.Time `json:"dropped_at,omitempty"`
}

func segmentsJSON(list []archive.Segment) []segmentJSON {
	out := make([]segmentJSON, len(list))
	for i, s := range list {
		out[i] = segmentJSON{s.File, s.Chain, s.From, s.Until, s.FirstAt, s.LastAt, s.Bytes, hex.EncodeToString(s.SHA256[:]), nil}
		if !s.DroppedAt.IsZero() {
			out[i].Dropped = &s.DroppedAt
		}
	}
	return out
}

func (c logArchiveCommand) say(p node.Program, d archive.Done) error {
	if c.JSON {
		return p.PrintJSON(map[string]any{"made": segmentsJSON(d.Made), "removed": d.Removed, "dropped": segmentsJSON(d.Dropped)})
	}
	pr := c.Printer(p)
	for _, s := range d.Made {
		if _, err := fmt.Fprintln(p.Out, pr.T("cli.archive.made", segmentArgs(s))); err != nil {
			return err
		}
	}
	for _, s := range d.Dropped {
		if _, err := fmt.Fprintln(p.Out, pr.T("cli.archive.dropped", segmentArgs(s))); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(p.Out, pr.T("cli.archive.done", map[string]any{"files": len(d.Made), "records": d.Removed}))
	return err
}

func segmentArgs(s archive.Segment) map[string]any {
	return map[string]any{
		"file": s.File, "from": s.From, "until": s.Until - 1, "first": s.FirstAt, "last": s.LastAt, "bytes": s.Bytes, "at": s.DroppedAt,
	}
}

func (c logArchiveCommand) list(ctx context.Context, p node.Program, store *exchangesql.Store) error {
	list, err := store.Index().Segments(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return p.PrintJSON(segmentsJSON(list))
	}
	pr := c.Printer(p)
	if len(list) == 0 {
		_, err := fmt.Fprintln(p.Out, pr.T("cli.archive.none", nil))
		return err
	}
	for _, s := range list {
		key := "cli.archive.file"
		if !s.DroppedAt.IsZero() {
			key = "cli.archive.gone"
		}
		if _, err := fmt.Fprintln(p.Out, pr.T(key, segmentArgs(s))); err != nil {
			return err
		}
	}
	return nil
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
	info, err := os.Stat(c.Path)
	if err != nil {
		return fault.New(fault.NotFound, "archive.file.missing", fault.Args{"file": c.Path}).Because(err)
	}
	paths := []string{c.Path}
	if info.IsDir() {
		if paths, err = archive.Files(c.Path); err != nil {
			return err
		}
	}
	var store *exchangesql.Store
	if c.DB != "" {
		log := logFlag{DB: c.DB}
		var db *sqldb.DB
		if store, db, err = log.open(ctx); err != nil {
			return err
		}
		defer db.Close()
	}
	trust, err := c.trust(ctx, store)
	if err != nil {
		return err
	}
	list, err := archive.CheckRow(ctx, paths, func(chain string) (func(context.Context, *archive.Reader) (archive.Content, error), *pki.Sealer, bool) {
		read := func(ctx context.Context, r *archive.Reader) (archive.Content, error) { return exchange.ReadMessages(ctx, trust, r) }
		return read, nil, chain == exchange.MessageChain
	})
	if err != nil {
		return err
	}
	var wrong *fault.Error
	if store != nil && info.IsDir() {
		begin, err := store.Begin(ctx)
		if err == nil {
			_, err = archive.CheckIndex(ctx, store.Index(), begin.Size, c.Path)
		}
		if wrong = fault.As(err); err != nil && wrong == nil {
			return err
		}
	}
	return c.say(p, list, wrong)
}

// fileJSON is what was found of a file, as programs read it.
type fileJSON struct {
	archive.Checked
	From    int64  `json:"from"`
	Until   int64  `json:"until"` // the record after the last
	Heads   int64  `json:"heads"`
	Stamped int64  `json:"stamped"`
	OK      bool   `json:"ok"`
	Trusted bool   `json:"trusted"` // by authorities that the reader brought
	Wrong   string `json:"wrong,omitempty"`
}

func (c checkArchiveCommand) say(p node.Program, list []archive.Checked, index *fault.Error) error {
	pr := c.Printer(p)
	good := index == nil
	files := make([]fileJSON, len(list))
	unknown := false
	for i, f := range list {
		x := f.Content
		files[i] = fileJSON{Checked: f, From: x.From, Until: x.Until, Heads: x.Heads, Stamped: x.Stamped, OK: f.Error == nil, Trusted: !x.Unknown}
		if f.Error != nil {
			good = false
			files[i].Wrong = pr.T(f.Error.Key, f.Error.Args)
		}
		unknown = unknown || x.Unknown && f.Error == nil
	}
	if c.JSON {
		out := map[string]any{"ok": good, "files": files}
		if index != nil {
			out["wrong"] = pr.T(index.Key, index.Args)
		}
		if err := p.PrintJSON(out); err != nil {
			return err
		}
	} else if err := c.print(p, pr, files, index, unknown); err != nil {
		return err
	}
	if !good {
		return node.ErrNotAll
	}
	return nil
}

func (c checkArchiveCommand) print(p node.Program, pr *i18n.Printer, files []fileJSON, index *fault.Error, unknown bool) error {
	var lines []string
	if len(files) == 0 {
		lines = append(lines, "! "+pr.T("cli.archive.none", nil))
	}
	for i, f := range files {
		if !f.OK {
			lines = append(lines, "✕ "+f.Wrong)
			continue
		}
		if i == 0 && f.From > 0 {
			lines = append(lines, "! "+pr.T("cli.archive.begins", map[string]any{"from": f.From}))
		}
		lines = append(lines, "✓ "+pr.T("cli.archive.checked", map[string]any{
			"file": f.File, "from": f.From, "until": f.Until - 1, "first": f.Content.FirstAt, "last": f.Content.LastAt, "heads": f.Stamped,
		}))
	}
	if index != nil {
		lines = append(lines, "✕ "+pr.T(index.Key, index.Args))
	}
	if unknown {
		lines = append(lines, "! "+pr.T("exchange.proof.own_authorities", nil))
	}
	_, err := fmt.Fprintln(p.Out, strings.Join(lines, "\n"))
	return err
}
