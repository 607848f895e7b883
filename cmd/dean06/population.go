package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"dean06/internal/app"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/population"
	"dean06/internal/population/people"
	"dean06/internal/population/populationnode"
)

type populationCmd struct {
	Generate populationGenerateCmd `cmd:"" help:"Invent a country: a file of persons that the register loads."`
	Load     populationLoadCmd     `cmd:"" help:"Load a file of persons into the register, and report the rows that cannot go in."`
	Request  populationRequestCmd  `cmd:"" name:"request-export" help:"Ask that the register may leave as a file; auditors approve."`
	Export   populationExportCmd   `cmd:"" help:"Write the register as a file of persons, by a request that was approved."`
}

type populationGenerateCmd struct {
	N    int    `name:"n" default:"1000000" help:"How many persons."`
	Seed int64  `default:"1" help:"The same seed gives the same country."`
	Out  string `type:"path" help:"File to write; standard output when left out."`
}

// Run writes the file.
func (c populationGenerateCmd) Run(s streams) error {
	if c.N < 1 || c.N > 100_000_000 {
		return usageError{fmt.Errorf("--n is %d, want 1 to 100,000,000", c.N)}
	}
	return toFile(s.out, c.Out, func(w io.Writer) error { return people.WriteCSV(w, c.N, c.Seed, people.Options{}) })
}

// toFile writes a file, or to standard output.
func toFile(out io.Writer, name string, f func(io.Writer) error) error {
	file := out
	if name != "" {
		created, err := os.Create(name)
		if err != nil {
			return err
		}
		defer created.Close()
		file = created
	}
	w := bufio.NewWriterSize(file, 1<<20)
	if err := f(w); err != nil {
		return err
	}
	return w.Flush()
}

// register is the flags that name a register.
type register struct {
	DB   string `name:"db" placeholder:"URL" default:"sqlite:${demo_dir}/authority.db" help:"The register's database: sqlite:PATH or postgres://user@host/name."`
	Dir  string `type:"path" placeholder:"DIR" help:"Folder of the register's key, as population.dir; by default beside an SQLite database."`
	Lang string `enum:"vi,en" default:"vi" help:"Language of messages: vi or en."`
}

func (r register) config() config.Config {
	c := config.Default(app.Shape.Sections...)
	c.DB.URL = config.Secret(r.DB)
	config.In[populationnode.Config](c).Dir = r.Dir
	if r.Dir == "" {
		config.In[populationnode.Config](c).Dir = filepath.Join(filepath.Dir(app.SQLitePath(r.DB)), "authority", "register")
	}
	return c
}

type populationLoadCmd struct {
	register
	File string `arg:"" type:"existingfile" help:"The file (CSV); docs/population.md says what it holds."`
	JSON bool   `name:"json" help:"Print the report for programs."`
}

// Run loads the file.
func (c populationLoadCmd) Run(ctx context.Context, s streams) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	r, closer, err := app.OpenRegister(ctx, c.config())
	if err != nil {
		return err
	}
	defer closer.Close()
	report, err := r.Load(ctx, f, population.LoadOptions{Actor: actor.AtCommandLine(), Name: filepath.Base(c.File)})
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(s.out, report)
	} else {
		err = c.print(s.out, report)
	}
	if err == nil && report.Loaded < report.Rows {
		return errNotAll
	}
	return err
}

// print writes what became of a file of persons, for a person to read.
func (c populationLoadCmd) print(w io.Writer, r population.LoadReport) error {
	catalogue, err := app.Catalogue()
	if err != nil {
		return err
	}
	p := catalogue.In(i18n.Lang(c.Lang))
	fmt.Fprintln(w, p.T("cli.population.loaded", map[string]any{"loaded": r.Loaded, "rows": r.Rows}))
	for _, b := range r.Bad {
		fmt.Fprintln(w, p.T("cli.population.bad", map[string]any{"line": b.Line, "column": b.Column, "reason": p.T(b.Key, b.Args)}))
	}
	return nil
}

type populationRequestCmd struct {
	register
	Purpose string `required:"" help:"Why; it stands in the log that each person sees."`
}

// Run asks, and prints the id of the request.
func (c populationRequestCmd) Run(ctx context.Context, s streams) error {
	r, closer, err := app.OpenRegister(ctx, c.config())
	if err != nil {
		return err
	}
	defer closer.Close()
	id, err := r.RequestExport(ctx, actor.AtCommandLine(), population.ExportRequest{Purpose: c.Purpose})
	if err == nil {
		_, err = fmt.Fprintln(s.out, id)
	}
	return err
}

type populationExportCmd struct {
	register
	Request string `required:"" placeholder:"ID" help:"The request that was approved."`
	Out     string `type:"path" help:"File to write; standard output when left out."`
}

// Run writes the file.
func (c populationExportCmd) Run(ctx context.Context, s streams) error {
	if err := node.MustBeThere(c.DB); err != nil {
		return err
	}
	r, closer, err := app.OpenRegister(ctx, c.config())
	if err != nil {
		return err
	}
	defer closer.Close()
	return toFile(s.out, c.Out, func(w io.Writer) error {
		_, err := r.Export(ctx, actor.AtCommandLine(), c.Request, w)
		return err
	})
}
