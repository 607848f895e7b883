//go:build unix

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"dean06/data"
	"dean06/internal/app"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/readiness"
)

// engines are the databases to measure on.
func (b *bench) engines() []string {
	if b.postgres == "" {
		return []string{"SQLite"}
	}
	return []string{"SQLite", "PostgreSQL"}
}

// server says which PostgreSQL is measured, and whether it flushes.
func (b *bench) server(ctx context.Context) error {
	if b.postgres == "" {
		fmt.Print("without PostgreSQL: set TEST_POSTGRES=postgres://user@host/database to measure it too\n\n")
		return nil
	}
	db, err := sql.Open("pgx", b.postgres)
	if err != nil {
		return err
	}
	defer db.Close()
	var version, fsync string
	err = errors.Join(db.QueryRowContext(ctx, "SHOW server_version").Scan(&version), db.QueryRowContext(ctx, "SHOW fsync").Scan(&fsync))
	fmt.Printf("PostgreSQL %s, fsync %s\n\n", version, fsync)
	return err
}

// place makes an empty database and folder; leave removes them.
func (b *bench) place(ctx context.Context, engine string) (s app.Settings, leave func() error, err error) {
	dir, err := os.MkdirTemp(b.dir, "node-")
	if err != nil {
		return s, nil, err
	}
	s.Papers = app.PapersIn(filepath.Join(dir, "papers"))
	if engine == "SQLite" {
		s.DB = "sqlite:" + filepath.Join(dir, "board.db")
		return s, func() error { return os.RemoveAll(dir) }, nil
	}
	admin, err := sql.Open("pgx", b.postgres)
	if err != nil {
		return s, nil, err
	}
	schema := "load_" + strings.ReplaceAll(sqldb.NewID(), "-", "")
	if _, err := admin.ExecContext(ctx, "CREATE SCHEMA "+schema); err != nil {
		return s, nil, fmt.Errorf("TEST_POSTGRES: %w", err)
	}
	u, err := url.Parse(b.postgres)
	if err != nil {
		return s, nil, err
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	s.DB = u.String()
	return s, func() error {
		defer admin.Close()
		if _, err := admin.ExecContext(ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			return err
		}
		return os.RemoveAll(dir)
	}, nil
}

// with runs f on a fresh node, everything flushed as in production.
func (b *bench) with(ctx context.Context, engine string, f func(n *app.Node) error) error {
	s, leave, err := b.place(ctx, engine)
	if err != nil {
		return err
	}
	n, err := app.Open(ctx, s)
	if err != nil {
		return err
	}
	if err := f(n); err != nil {
		return err
	}
	if err := n.Close(); err != nil {
		return err
	}
	return leave()
}

// samples are the Word returns of a round.
func samples(round string) ([]readiness.File, error) {
	names, err := fs.Glob(data.Demo, "demo/appendix-488/round-"+round+"/*.docx")
	if err != nil {
		return nil, err
	}
	var out []readiness.File
	for _, name := range names {
		raw, err := data.Demo.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out = append(out, readiness.File{Name: path.Base(name), Size: int64(len(raw)), Content: raw})
	}
	return out, nil
}

// take imports files as one batch, all of which must be accepted.
func take(ctx context.Context, n *app.Node, campaign string, files []readiness.File) error {
	accepted := 0
	var first readiness.BatchItem
	_, err := n.Register.Import(ctx, app.System, readiness.Batch{Campaign: campaign, Total: len(files)},
		func(yield func(readiness.File) bool) {
			for _, f := range files {
				if !yield(f) {
					return
				}
			}
		}, func(i readiness.BatchItem) {
			if i.Status == readiness.ItemAccepted {
				accepted++
			} else if first.ID == "" {
				first = i
			}
		})
	if err == nil && accepted != len(files) {
		err = fmt.Errorf("%d of %d files accepted; %s is %s: %+v", accepted, len(files), first.File.Name, first.Status, first.Problems)
	}
	return err
}

// settable is a clock that stands where it was set and goes on by a second
// each time it is read.
type settable struct {
	mu sync.Mutex
	at time.Time
}

func (c *settable) set(d clock.Date) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = d.End().Add(-16 * time.Hour)
}

// Now is a second later than when it was asked before.
func (c *settable) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Second)
	return c.at.UTC()
}

// isProvince tells the samples of provinces, which are named after their committees.
func isProvince(file string) bool { return strings.HasPrefix(file, "ubnd-") }
