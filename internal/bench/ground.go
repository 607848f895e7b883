package bench

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"dean06/internal/app"
	"dean06/internal/platform/config"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
)

// Ground is where a benchmark puts what it needs.
type Ground struct {
	Dir      string // a folder for what is not kept
	Postgres string // a server on which each database is a schema of its own; "" is SQLite
}

// Engine names the database.
func (g Ground) Engine() string {
	if g.Postgres == "" {
		return "SQLite"
	}
	return "PostgreSQL"
}

// Database makes an empty database; drop removes it.
func (g Ground) Database(ctx context.Context) (address string, drop func(context.Context) error, err error) {
	if g.Postgres != "" {
		return schema(ctx, g.Postgres)
	}
	dir, err := os.MkdirTemp(g.Dir, "db-")
	if err != nil {
		return "", nil, err
	}
	return "sqlite:" + filepath.Join(dir, "node.db"), func(context.Context) error { return os.RemoveAll(dir) }, nil
}

// schema makes a schema on PostgreSQL and gives the URL that leads into it.
func schema(ctx context.Context, postgres string) (address string, drop func(context.Context) error, err error) {
	u, err := url.Parse(postgres)
	if err != nil {
		return "", nil, err
	}
	name := "bench_" + strings.ReplaceAll(sqldb.NewID(), "-", "")
	if err := execute(ctx, postgres, "CREATE SCHEMA "+name); err != nil {
		return "", nil, err
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String(), func(ctx context.Context) error { return execute(ctx, postgres, "DROP SCHEMA "+name+" CASCADE") }, nil
}

func execute(ctx context.Context, postgres, query string) error {
	db, err := sql.Open("pgx", postgres)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, query)
	return errors.Join(err, db.Close())
}

// config is that of a board on an empty database.
func (g Ground) config(ctx context.Context) (c config.Config, leave func(context.Context) error, err error) {
	address, drop, err := g.Database(ctx)
	if err != nil {
		return c, nil, err
	}
	dir, err := os.MkdirTemp(g.Dir, "files-")
	if err != nil {
		return c, nil, errors.Join(err, drop(ctx))
	}
	c = config.Default(app.Shape().Sections...)
	c.DB.URL, c.Blob.Dir, c.Mail.Dir = config.Secret(address), filepath.Join(dir, "papers"), filepath.Join(dir, "mail")
	return c, func(ctx context.Context) error { return errors.Join(drop(ctx), os.RemoveAll(dir)) }, nil
}

// onBoard runs f on a fresh board, everything flushed as in production.
func (g Ground) onBoard(ctx context.Context, f func(b *app.Modules) error) (err error) {
	c, leave, err := g.config(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leave(context.WithoutCancel(ctx))) }()
	n, house, err := app.Open(ctx, app.Board, node.Settings{Config: c, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return errors.Join(f(house), n.Close())
}
