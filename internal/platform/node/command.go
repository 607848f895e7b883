package node

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/private"
	"dean06/internal/platform/sqldb"
)

// Program is what a command of a module runs in. It is the second argument of the
// command's Run; the first is a context.
type Program struct {
	Out, Err io.Writer
	Messages *i18n.Catalogue
	Shape    config.Shape
	// Open opens a node as a role has it. Only the modules that are named are opened,
	// with those that every node has; none named opens all of the role. A database that is
	// a file and not there is refused, unless the settings let it be made.
	Open func(ctx context.Context, role string, s Settings, only ...string) (*Node, error)
	// Chains are the logs that nodes keep, of all modules: a database has some of them. It
	// fails with Conflict when a newer program has written there.
	Chains func(ctx context.Context, db *sqldb.DB) ([]ledger.Chain, error)
	// Demo is the configuration of a node of the demo in a folder.
	Demo func(dir, node string) config.Config
}

// ErrNotAll ends a command with exit code 1 without another message: what went wrong
// has been printed line by line.
var ErrNotAll = errors.New("not all succeeded")

// UsageError is a mistake in how a command was called; it ends with exit code 2.
type UsageError struct{ Err error }

// Error says what the mistake is.
func (e UsageError) Error() string { return e.Err.Error() }

// Unwrap gives the mistake.
func (e UsageError) Unwrap() error { return e.Err }

// Lang is the flag of the language of messages.
type Lang struct {
	Lang string `enum:"vi,en" default:"vi" help:"Language of messages: vi or en."`
}

// Printer writes messages in the language that was asked for.
func (l Lang) Printer(p Program) *i18n.Printer { return p.Messages.In(i18n.Lang(l.Lang)) }

// Database is the flags that name a node's database.
type Database struct {
	DB   string `name:"db" placeholder:"URL" help:"sqlite:PATH or postgres://user@host/name." default:"${default_db}"`
	Blob string `name:"blob" placeholder:"DIR" help:"Folder for the files that are taken in; by default beside an SQLite database, else var/papers."`
	Lang
}

// Settings open the database as it is, without a configuration file.
func (d Database) Settings(p Program) Settings {
	c := config.Default(p.Shape.Sections...)
	c.DB.URL = config.Secret(d.DB)
	c.Blob.Dir = d.Papers()
	c.Upload.Dir = filepath.Join(filepath.Dir(c.Blob.Dir), "uploads")
	c.Session.Dir = filepath.Join(filepath.Dir(c.Blob.Dir), "session")
	return Settings{Config: c}
}

// Reading are the settings of a command that writes nothing.
func (d Database) Reading(p Program) Settings {
	s := d.Settings(p)
	s.ReadOnly = true
	return s
}

// Papers is the folder of the files that are taken in.
func (d Database) Papers() string {
	if d.Blob != "" {
		return d.Blob
	}
	if path, ok := SQLitePath(d.DB); ok {
		return filepath.Join(filepath.Dir(path), "papers")
	}
	return filepath.Join("var", "papers")
}

// SQLitePath is the file of a database's URL; false when it is no SQLite database.
func SQLitePath(url string) (string, bool) { return sqldb.SQLitePath(url) }

// MustBeThere fails when a database is a file that is not there.
func MustBeThere(url string) error { return sqldb.MustBeThere(url) }

// Begins says on Err that a command which may make its database is about to do so: a
// typing error in the address shows at once.
func (p Program) Begins(pr *i18n.Printer, url string) {
	if path, ok := SQLitePath(url); ok && MustBeThere(url) != nil {
		fmt.Fprintln(p.Err, pr.T("database.begun", map[string]any{"file": path}))
	}
}

// ConfigFile is the flag that names the configuration.
type ConfigFile struct {
	Config string `default:"dean06.toml" type:"path" help:"The configuration file; see docs/config.example.toml."`
	Lang
}

// Load reads the configuration, with flags by key over it, and prints what is wrong.
func (f ConfigFile) Load(p Program, flags map[string]string) (config.Config, error) {
	cfg, problems := config.Load(p.Shape, f.Config, os.Environ(), flags)
	if len(problems) == 0 {
		return cfg, nil
	}
	pr := f.Printer(p)
	for _, q := range problems {
		fmt.Fprintln(p.Err, q.Text(pr))
	}
	return cfg, ErrNotAll
}

// LoadOrDefault takes the defaults when there is no configuration file and none was
// asked for.
func (f ConfigFile) LoadOrDefault(p Program, flags map[string]string) (config.Config, error) {
	if _, err := os.Stat(f.Config); errors.Is(err, os.ErrNotExist) && filepath.Base(f.Config) == "dean06.toml" {
		f.Config = "" // of this copy: the defaults hold
	}
	return f.Load(p, flags)
}

// Describe writes an error for a person: faults in words, one a line.
func Describe(p *i18n.Printer, err error) string {
	var list fault.List
	if errors.As(err, &list) {
		lines := make([]string, len(list))
		for i, f := range list {
			lines[i] = p.T(f.Key, f.Args)
		}
		return strings.Join(lines, "\n")
	}
	if f := fault.As(err); f != nil {
		return p.T(f.Key, f.Args)
	}
	return err.Error()
}

// PrintJSON writes a value as a line of JSON.
func (p Program) PrintJSON(v any) error {
	e := json.NewEncoder(p.Out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// WriteFile puts a file in place whole, for its owner alone: a reader never sees half
// of it.
func WriteFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".dean06-*") // 0600
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
	return os.Rename(f.Name(), path)
}

// ToFile writes to a file that is its owner's alone, or to standard output when no name
// is given. The file is opened when there is something to write: what is refused leaves
// the one that is there.
func (p Program) ToFile(name string, write func(io.Writer) error) (err error) {
	out := p.Out
	if name != "" {
		file := &lateFile{name: name}
		defer func() { err = errors.Join(err, file.close()) }()
		out = file
	}
	w := bufio.NewWriterSize(out, 1<<20)
	if err := write(w); err != nil {
		return err
	}
	return w.Flush()
}

// lateFile is a file that is opened by the first write.
type lateFile struct {
	name string
	file *os.File
}

// Write opens the file when it is the first.
func (f *lateFile) Write(b []byte) (int, error) {
	if f.file == nil {
		var err error
		if f.file, err = private.Create(f.name); err != nil {
			return 0, err
		}
	}
	return f.file.Write(b)
}

func (f *lateFile) close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}
