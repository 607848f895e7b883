package populationnode

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/archive"
	"dean06/internal/platform/archive/archivecli"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/node"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/tsa"
	"dean06/internal/population"
	"dean06/internal/population/populationsql"
)

// archiveJob archives old look-ups every night.
const archiveJob = "population.archive"

// What a look-up says is personal: the files are sealed with a key beside the register's.
func lookupSeal(dir string) (*pki.Sealer, error) {
	return pki.FileSealer(filepath.Join(dir, "archive.key"))
}

func (n *Node) keeper(dir string, seal *pki.Sealer, gateway string) *archive.Keeper {
	return &archive.Keeper{
		Log:   populationsql.Lookups{DB: n.base.DB, Trust: n.trust, Now: n.base.Clock.Now},
		Index: populationsql.LookupIndex(n.base.DB), Dir: filepath.Join(dir, "archive"), Owner: func() string { return gateway },
		Clock: n.base.Clock, Seal: seal,
	}
}

// trust is who vouches for the gateway's certificate, as the exchange knows it.
func (n *Node) trust(ctx context.Context) (archive.Trust, error) {
	if n.needs.Trust == nil {
		return archive.Trust{Stamp: tsa.Verify}, nil
	}
	return n.needs.Trust(ctx)
}

// archive archives look-ups that are older than before, and removes files by their term.
func (n *Node) archive(ctx context.Context, before time.Time) (done archive.Done, err error) {
	c := config.In[Config](n.base.Config)
	joined, ok, err := ledgersql.New(n.base.DB).Node(ctx)
	if err != nil || !ok {
		return done, err // nobody has signed anything yet
	}
	seal, err := lookupSeal(c.Dir)
	if err != nil {
		return done, err
	}
	k := n.keeper(c.Dir, seal, joined.Gateway)
	if done, err = k.Archive(ctx, before); err != nil || c.ArchiveKeep == 0 {
		return done, err
	}
	gone, err := k.Drop(ctx, n.base.Clock.Now().Add(-c.ArchiveKeep))
	done.Dropped = gone.Dropped
	return done, err
}

// archiveOld is the nightly job.
func (n *Node) archiveOld(ctx context.Context, _ *jobs.Task) error {
	before := n.base.Clock.Now().Add(-config.In[Config](n.base.Config).KeepLookups)
	done, err := n.archive(actor.With(ctx, actor.OfSystem()), before)
	if len(done.Made)+len(done.Dropped) > 0 || done.Removed > 0 {
		n.base.Log.Info("the log of look-ups was archived", "files", len(done.Made), "records", done.Removed, "dropped", len(done.Dropped))
	}
	return err
}

type archiveCommand struct {
	node.ConfigFile
	Before string `placeholder:"DAY" help:"Archive what was before this day, instead of before population.keep_lookups; thirty days stay in the database."`
	List   bool   `help:"Only list the files."`
	JSON   bool   `name:"json" help:"Print for programs."`
}

// Run archives, or lists.
func (c archiveCommand) Run(ctx context.Context, p node.Program) error {
	if err := population.Permissions.Can(actor.AtCommandLine(), population.Archive); err != nil {
		return err
	}
	cfg, err := c.LoadOrDefault(p, nil)
	if err != nil {
		return err
	}
	before := clock.System{}.Now().Add(-config.In[Config](cfg).KeepLookups)
	if c.Before != "" {
		day, err := clock.ParseDate(c.Before)
		if err != nil {
			return node.UsageError{Err: fmt.Errorf("--before %q: want a day such as 2026-11-01", c.Before)}
		}
		before = day.Start()
	}
	opened, err := p.Open(ctx, roleAuthority, node.Settings{Config: cfg}, "population", "exchange")
	if err != nil {
		return err
	}
	defer opened.Close()
	self, ok := node.Find[*Node](opened)
	if !ok {
		return errors.New("the node has no register")
	}
	if c.List {
		list, err := populationsql.LookupIndex(opened.DB).Segments(ctx)
		if err != nil {
			return err
		}
		return archivecli.SayList(p, c.Printer(p), list, c.JSON)
	}
	done, err := self.archive(actor.With(ctx, actor.AtCommandLine()), before)
	if err != nil {
		return err
	}
	return archivecli.SayDone(p, c.Printer(p), done, c.JSON)
}

type checkArchiveCommand struct {
	Path        string `arg:"" type:"path" help:"An archive file of look-ups, or a folder of them."`
	Dir         string `required:"" type:"path" help:"Folder of the register's keys, as population.dir."`
	DB          string `name:"db" placeholder:"URL" help:"The register's database: its notes are held against the files."`
	Authorities string `type:"existingfile" help:"Certificates (PEM) of the exchange's authorities that one trusts; else those of the files."`
	JSON        bool   `name:"json" help:"Print for programs."`
	node.Lang
}

// Run checks the files, and fails when anything does not fit.
func (c checkArchiveCommand) Run(ctx context.Context, p node.Program) error {
	if err := population.Permissions.Can(actor.AtCommandLine(), population.Verify); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.Dir, "archive.key")); err != nil { // a check makes no key
		return fault.New(fault.NotFound, "archive.key.missing", fault.Args{"dir": c.Dir}).Because(err)
	}
	seal, err := lookupSeal(c.Dir)
	if err != nil {
		return err
	}
	trust := archive.Trust{Stamp: tsa.Verify}
	if c.Authorities != "" {
		text, err := os.ReadFile(c.Authorities)
		if err != nil {
			return err
		}
		if trust.Authorities, err = pki.ReadCertificates(text); err != nil {
			return err
		}
		trust.Timestamps = trust.Authorities
	}
	check := archivecli.Check{
		Path: c.Path, JSON: c.JSON,
		Reading: func(chain string) (func(context.Context, *archive.Reader) (archive.Content, error), *pki.Sealer, bool) {
			read := func(ctx context.Context, r *archive.Reader) (archive.Content, error) {
				return populationsql.ReadLookups(ctx, trust, r)
			}
			return read, seal, chain == ledger.Lookups
		},
	}
	if c.DB != "" {
		db, err := sqldb.Open(ctx, c.DB, sqldb.Options{ReadOnly: true})
		if err != nil {
			return err
		}
		defer db.Close()
		begin, err := populationsql.LookupIndex(db).Begin(ctx)
		if err != nil {
			return err
		}
		check.Index, check.Begin = populationsql.LookupIndex(db), begin.Size
	}
	return check.Run(ctx, p, c.Printer(p))
}
