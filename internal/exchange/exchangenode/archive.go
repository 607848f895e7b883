package exchangenode

import (
	"context"
	"path/filepath"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/archive"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/tsa"
)

// archiveJob archives old records of the message log every night.
const archiveJob = "exchange.archive"

// archiveDir is where the archive files of a gateway are.
func archiveDir(dir string) string { return filepath.Join(dir, exchange.ArchiveFolder) }

// filed is the message log with what is in archive files.
func (g *Gateway) filed() exchange.Archive { return filed(g.store, g.cfg.Dir) }

func filed(store *exchangesql.Store, dir string) exchange.Archive {
	return exchange.WithFiles{Archive: store, Files: store.Index(), Dir: archiveDir(dir)}
}

// trustIn is whom a node believes: the authorities of the configuration that it holds.
func trustIn(store *exchangesql.Store) func(ctx context.Context) (archive.Trust, error) {
	return func(ctx context.Context) (archive.Trust, error) {
		t := archive.Trust{Stamp: tsa.Verify}
		dir, err := exchange.StoredDirectory(ctx, store)
		if err == nil && dir != nil {
			c := dir.Configuration()
			t.Authorities, t.Timestamps = c.Authorities, c.Timestamps
		}
		return t, err
	}
}

// Trust is whom the node believes about certificates and time stamps.
func (g *Gateway) Trust(ctx context.Context) (archive.Trust, error) { return trustIn(g.store)(ctx) }

// keeper archives the message log of a gateway.
func keeper(store *exchangesql.Store, dir string, gateway func() string, c clock.Clock) *archive.Keeper {
	return &archive.Keeper{
		Log:   exchange.MessageArchive{Store: store, Trust: trustIn(store), Now: c.Now},
		Index: store.Index(), Dir: archiveDir(dir), Owner: gateway, Clock: c,
	}
}

// archive is the nightly job.
func (g *Gateway) archive(ctx context.Context, _ *jobs.Task) error {
	j := g.joined.Load()
	if j == nil {
		return nil // nothing went through it
	}
	now, drop := g.base.Clock.Now(), time.Time{}
	if g.cfg.ArchiveKeep > 0 {
		drop = now.Add(-g.cfg.ArchiveKeep)
	}
	k := keeper(g.store, g.cfg.Dir, func() string { return j.Saved().Gateway }, g.base.Clock)
	d, err := g.desk.Archive(ctx, actor.OfSystem(exchange.Program), k, now.Add(-g.cfg.KeepLog), drop)
	if len(d.Made)+len(d.Dropped) > 0 || d.Removed > 0 {
		g.log.Info("the message log was archived", "files", len(d.Made), "records", d.Removed, "dropped", len(d.Dropped))
	}
	return err
}
