package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"dean06/internal/app"
	"dean06/internal/platform/i18n"
)

// database is the flag that names the database, and what follows from it.
type database struct {
	DB   string `name:"db" placeholder:"URL" help:"sqlite:PATH or postgres://user@host/name." default:"${default_db}"`
	Blob string `name:"blob" placeholder:"DIR" help:"Folder for the files that are taken in; by default beside an SQLite database, else var/papers."`
	Lang string `enum:"vi,en" default:"vi" help:"Language of messages: vi or en."`
}

// demoDir is where the demo keeps its data, below the working folder.
const demoDir = "var/demo"

// open opens the node on the database.
func (d database) open(ctx context.Context) (*app.Node, error) {
	return app.Open(ctx, app.Settings{DB: d.DB, Papers: app.PapersIn(d.papers())})
}

func (d database) papers() string {
	if d.Blob != "" {
		return d.Blob
	}
	if path, ok := strings.CutPrefix(d.DB, "sqlite:"); ok {
		return filepath.Join(filepath.Dir(path), "papers")
	}
	return filepath.Join("var", "papers")
}

func (d database) printer(n *app.Node) *i18n.Printer { return n.Messages.In(i18n.Lang(d.Lang)) }

// write puts a file in place whole: a reader never sees half of it.
func write(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".dean06-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(content); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
