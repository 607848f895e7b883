package populationnode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/population"
	"dean06/internal/population/people"
)

// command is "dean06 population …". A command that looks up or lists persons takes
// --purpose, which is logged for each of them; the export has it in its request.
func command() node.Command {
	return node.Command{
		Name: "population", Help: "The population register.", Value: &commands{},
		May: map[string]string{
			"generate": "anyone", "load": "population.load", "request-export": "population.request_export", "export": "population.export",
			"archive": "population.archive", "check-archive": "population.verify", "search": "population.look_up", "match": "population.look_up",
		},
	}
}

type commands struct {
	Generate      generateCommand      `cmd:"" help:"Invent a country: a file of persons that the register loads."`
	Load          loadCommand          `cmd:"" help:"Load a file of persons into the register, and report the rows that cannot go in."`
	RequestExport requestExportCommand `cmd:"" help:"Ask that the register may leave as a file; auditors approve."`
	Export        exportCommand        `cmd:"" help:"Write the register as a file of persons, by a request that was approved."`
	Search        searchCommand        `cmd:"" help:"Find people as people speak of them; logged, with why."`
	Match         matchCommand         `cmd:"" help:"Say field by field whether what is claimed about a number is so; logged, with why."`
	Archive       archiveCommand       `cmd:"" help:"Archive old look-ups to sealed files, remove files by their term, or list them."`
	CheckArchive  checkArchiveCommand  `cmd:"" help:"Check archive files of look-ups: each by itself, and the row of them."`
}

// roleAuthority is the role of the node that has the register.
const roleAuthority = "authority"

type generateCommand struct {
	N    int    `name:"n" default:"1000000" help:"How many persons."`
	Seed int64  `default:"1" help:"The same seed gives the same country."`
	Out  string `type:"path" help:"File to write; standard output when left out."`
}

// Run writes the file.
func (c generateCommand) Run(_ context.Context, p node.Program) error {
	if c.N < 1 || c.N > 100_000_000 {
		return node.UsageError{Err: fmt.Errorf("--n is %d, want 1 to 100,000,000", c.N)}
	}
	return p.ToFile(c.Out, func(w io.Writer) error { return people.WriteCSV(w, c.N, c.Seed, people.Options{}) })
}

// database is the flags that name a register.
type database struct {
	DB  string `name:"db" placeholder:"URL" default:"sqlite:${demo_dir}/authority.db" help:"The register's database: sqlite:PATH or postgres://user@host/name."`
	Dir string `type:"path" placeholder:"DIR" help:"Folder of the register's key, as population.dir; by default beside an SQLite database, else var/population."`
	node.Lang
	mayMake bool
}

func (d database) open(ctx context.Context, p node.Program) (*Node, *node.Node, error) {
	c := config.Default(p.Shape.Sections...)
	c.Node.Role, c.DB.URL = roleAuthority, config.Secret(d.DB)
	section := config.In[Config](c)
	section.Dir = d.keyFolder(section.Dir)
	n, err := p.Open(ctx, roleAuthority, node.Settings{Config: c, MayMake: d.mayMake}, "population")
	if err != nil {
		return nil, nil, err
	}
	self, _ := node.Find[*Node](n)
	return self, n, nil
}

// keyFolder is the folder of the register's key; otherwise is that of a database which is
// no file, and beside which there is nothing.
func (d database) keyFolder(otherwise string) string {
	path, isFile := node.SQLitePath(d.DB)
	switch {
	case d.Dir != "":
		return d.Dir
	case isFile:
		return filepath.Join(filepath.Dir(path), "authority", "register")
	}
	return otherwise
}

type loadCommand struct {
	database
	File string `arg:"" type:"path" help:"The file (CSV); docs/population.md says what it holds."`
	JSON bool   `name:"json" help:"Print the report for programs."`
}

// file opens the file. A program that waits for a report gets one beside the error, too.
func (c loadCommand) file() (*os.File, error) {
	name := fault.Args{"file": c.File}
	info, err := os.Stat(c.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.NotFound, "cli.population.no_file", name)
	case err == nil && info.IsDir():
		return nil, fault.New(fault.Invalid, "cli.population.folder", name)
	case err != nil:
		return nil, err
	}
	return os.Open(c.File)
}

// Run loads the file.
func (c loadCommand) Run(ctx context.Context, p node.Program) error {
	f, err := c.file()
	if err != nil {
		if c.JSON {
			err = errors.Join(err, p.PrintJSON(population.LoadReport{BadRows: []population.BadRow{}, Warnings: []population.Warning{}}))
		}
		return err
	}
	defer f.Close()
	p.Begins(c.Printer(p), c.DB)
	c.mayMake = true // a register begins with a load
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	report, failed := self.register.Load(ctx, f, population.LoadOptions{Actor: actor.AtCommandLine(), Name: filepath.Base(c.File)})
	if failed != nil && fault.Of(failed) == fault.Denied {
		return failed
	}
	if c.JSON {
		err = p.PrintJSON(inWords(c.Printer(p), report))
	} else {
		err = printReport(p.Out, c.Printer(p), report)
	}
	switch {
	case failed != nil:
		return errors.Join(failed, err)
	case err == nil && report.Loaded < report.Lines:
		return node.ErrNotAll
	}
	return err
}

// inWords is a report with its messages.
func inWords(p *i18n.Printer, r population.LoadReport) population.LoadReport {
	r.BadRows, r.Warnings = slices.Clone(r.BadRows), slices.Clone(r.Warnings)
	for i, b := range r.BadRows {
		r.BadRows[i].Reason = p.T(b.Key, b.Args)
	}
	for i, w := range r.Warnings {
		r.Warnings[i].Text = p.T(w.Key)
	}
	return r
}

// printReport writes what became of a file of persons, for a person to read.
func printReport(out io.Writer, p *i18n.Printer, r population.LoadReport) error {
	var b strings.Builder
	say := func(key string, args map[string]any) { b.WriteString(p.T(key, args) + "\n") }
	say("cli.population.loaded", map[string]any{"loaded": r.Loaded, "lines": r.Lines, "bad": r.Bad, "rest": r.NotRead})
	for _, bad := range r.BadRows {
		reason := p.T(bad.Key, bad.Args)
		if bad.Column == "" {
			say("cli.population.bad_line", map[string]any{"line": bad.Line, "reason": reason})
		} else {
			say("cli.population.bad", map[string]any{"line": bad.Line, "column": bad.Column, "reason": reason})
		}
	}
	if more := r.Bad - len(r.BadRows); more > 0 {
		say("cli.population.bad_more", map[string]any{"n": more})
	}
	for _, w := range r.Warnings {
		say("cli.population.warning", map[string]any{"n": w.Count, "text": p.T(w.Key), "lines": w.In()})
	}
	_, err := io.WriteString(out, b.String())
	return err
}

type requestExportCommand struct {
	database
	Purpose  string `required:"" help:"Why; it stands in the log that each person sees."`
	Province string `help:"Code of a province, old or new; all when left out."`
	Until    string `placeholder:"DAY" help:"The last day for the export, 2026-12-31; a week from now when left out."`
}

// Run asks, and prints the id of the request.
func (c requestExportCommand) Run(ctx context.Context, p node.Program) error {
	q := population.ExportRequest{Purpose: c.Purpose, Province: c.Province}
	if c.Until != "" {
		var err error
		if q.Until, err = clock.ParseDate(c.Until); err != nil {
			return node.UsageError{Err: err}
		}
	}
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	id, err := self.register.RequestExport(ctx, actor.AtCommandLine(), q)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.Out, c.Printer(p).T("cli.population.asked", map[string]any{"request": id}))
	return err
}

type exportCommand struct {
	database
	Request string `required:"" placeholder:"ID" help:"The request that was approved (population request-export, or the page)."`
	Out     string `type:"path" help:"File to write; standard output when left out."`
}

// Run writes the file.
func (c exportCommand) Run(ctx context.Context, p node.Program) error {
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	return p.ToFile(c.Out, func(w io.Writer) error {
		_, err := self.register.Export(ctx, actor.AtCommandLine(), c.Request, w)
		return err
	})
}
