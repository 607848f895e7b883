package cleaningnode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"dean06/data"
	"dean06/internal/cleaning"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
)

type commands struct {
	Link     linkCommand     `cmd:"" help:"Say for each row of a file who of the people it is."`
	Dedupe   dedupeCommand   `cmd:"" help:"Find the rows of a file that are of one person."`
	Evaluate evaluateCommand `cmd:"" help:"Hold a result against the truth: precision and recall."`
	Generate generateCommand `cmd:"" help:"Make a dirty file of which it is known whose rows it has."`
	Explain  explainCommand  `cmd:"" help:"Say for one row what weighs for and against each candidate."`
	Learn    learnCommand    `cmd:"" help:"Learn the weights of a file, for clean score."`
	Score    scoreCommand    `cmd:"" help:"Decide the rows of standard input by weights learned before: a part of a file."`
	Join     joinCommand     `cmd:"" help:"Put the parts that clean score wrote together to the result."`
}

// reading is what all commands that read a file share.
type reading struct {
	File    string `arg:"" type:"path" help:"The file: CSV (comma, semicolon, tab; UTF-8, UTF-16, windows-1258, TCVN3, VNI), Excel or Parquet."`
	Mapping string `type:"path" placeholder:"FILE" help:"What the columns hold (JSON); recognised when it is left out. See docs/cleaning.md."`
	Save    string `name:"save-mapping" type:"path" placeholder:"FILE" help:"File to write what the columns were taken for to, as --mapping reads it."`
	node.Lang
}

// opened is a file with what its columns hold.
type opened struct {
	source *cleaning.Source
	layout cleaning.Layout
}

func (r reading) mapping() (*cleaning.Mapping, error) {
	if r.Mapping == "" {
		return nil, nil
	}
	f, err := os.Open(r.Mapping)
	if err != nil {
		return nil, fault.New(fault.NotFound, "cleaning.file.none", fault.Args{"file": r.Mapping}).Because(err)
	}
	defer f.Close()
	m, err := cleaning.ReadMapping(f)
	return &m, err
}

func open(path string, m *cleaning.Mapping, people bool) (opened, error) {
	s, err := cleaning.OpenSource(path)
	if err != nil {
		return opened{}, err
	}
	l, err := cleaning.LayoutOf(s, m, people)
	return opened{s, l}, err
}

func today() clock.Date { return clock.DayOf(clock.System{}.Now()) }

func world(today clock.Date) (*cleaning.World, error) {
	places, err := cleaning.ReadGazetteer(data.FS, today)
	if err != nil {
		return nil, err
	}
	return cleaning.NewWorld(places, today), nil
}

// deciding is how rows are decided.
type deciding struct {
	Bound    float64 `default:"0.0001" help:"The estimated error below which rows are settled without a person: of all of them; of none ten times as much."`
	OneToOne bool    `help:"A person has one row; the later ones are duplicates."`
}

func (d deciding) options() (cleaning.Options, error) {
	if d.Bound <= 0 || d.Bound > .5 {
		return cleaning.Options{}, node.UsageError{Err: fmt.Errorf("--bound is %v, want above 0 and at most 0.5", d.Bound)}
	}
	return cleaning.Options{Bound: d.Bound, OneToOne: d.OneToOne}, nil
}

type linkCommand struct {
	reading
	deciding
	holding
	peopleFlags
	Weights string `type:"path" placeholder:"FILE" help:"Weights that clean learn wrote; learned on the file itself when left out."`
	Out     string `type:"path" help:"File to write; standard output when left out."`
	JSON    bool   `name:"json" help:"Print the report for programs."`
}

// Run links.
func (c linkCommand) Run(ctx context.Context, p node.Program) (err error) {
	texts := c.Printer(p)
	timer := cleaning.NewTimer(clock.System{}.Now)
	o, err := c.options()
	if err != nil {
		return err
	}
	out, err := beginResult(p, texts, c.Out)
	if err != nil {
		return err
	}
	defer out.end()
	reg, err := c.open(ctx, p, c.reading)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reg.close()) }()
	if reg != nil {
		if err := out.goesOn(&reg.run); err != nil {
			return err
		}
	}
	o.Checkpoint = out.checkpoint()
	in, err := c.read(timer, reg)
	defer in.close()
	if err != nil {
		return err
	}
	l, err := in.link(timer, o)
	if err != nil {
		return err
	}
	out.resumed(o.Checkpoint)
	write := func(w io.Writer) error { return l.Write(w, in.file.source, in.file.layout, texts) }
	if err := reg.log(ctx, l.Matched()); err != nil { // before anybody reads who it is
		return err
	}
	if err := out.write(p, write); err != nil {
		return err
	}
	if err := out.done(); err != nil {
		return err
	}
	timer.Step("write")
	return report(p, c.Out, c.JSON, l, in.file, timer, texts)
}

func (in *pair) link(timer *cleaning.Timer, o cleaning.Options) (*cleaning.Linked, error) {
	o.Weights = in.weights
	if o.Weights != nil {
		if err := o.Weights.Fit(in.world, in.persons); err != nil {
			return nil, err
		}
	}
	runtime.GC()
	return in.world.Link(in.rows, in.persons, in.kinds, o, timer), nil
}

// pair is a file and the people that it is held against, read.
type pair struct {
	world         *cleaning.World
	weights       *cleaning.Weights // nil: to be learned
	file, people  opened
	rows, persons *cleaning.Table
	kinds         []cleaning.Kind
}

// close lets go of people on disk.
func (in *pair) close() {
	if in.world != nil {
		_ = in.world.Disk.Close() // its files have gone already
	}
}

func (c linkCommand) read(timer *cleaning.Timer, reg *register) (in pair, err error) {
	m, err := c.mapping()
	if err != nil {
		return in, err
	}
	day := today()
	if c.Weights != "" {
		k, err := readWeights(c.Weights)
		if err != nil {
			return in, err
		}
		in.weights, day = &k, k.Day
	}
	if in.file, err = open(c.File, m, false); err != nil {
		return in, err
	}
	if in.people, err = c.people(m, reg); err != nil {
		return in, err
	}
	if err := c.saveMapping(in.file.layout, in.people.layout); err != nil {
		return in, err
	}
	if in.weights != nil {
		if err := in.weights.SameColumns(in.file.source.Header); err != nil {
			return in, err
		}
		in.file.layout, in.people.layout = in.weights.File, in.weights.Persons
	}
	if in.kinds, err = cleaning.TextKinds(in.file.layout, in.people.layout); err != nil {
		return in, err
	}
	if in.world, err = world(day); err != nil {
		return in, err
	}
	in.world.Disk = c.disk(in.people.source.Size(), c.Out)
	timer.Step("open")
	if in.rows, err = in.world.Read(in.file.source, in.file.layout); err != nil {
		return in, err
	}
	timer.Step("read_file")
	in.persons, err = in.world.ReadPeople(in.people.source, in.people.layout)
	timer.Step("read_people")
	return in, err
}

// people opens the file of people, or the register's own.
func (f peopleFlags) people(m *cleaning.Mapping, reg *register) (opened, error) {
	if reg == nil {
		return open(f.Against, m, true)
	}
	s, err := reg.source()
	if err != nil {
		return opened{}, fmt.Errorf("read the register: %w", err)
	}
	l, err := cleaning.LayoutOf(s, nil, true)
	return opened{s, l}, err
}

// saveMapping writes down what the columns were taken for.
func (r reading) saveMapping(file, people cleaning.Layout) error {
	if r.Save == "" {
		return nil
	}
	b, err := json.MarshalIndent(cleaning.MappingOf(file, people), "", "  ")
	if err != nil {
		return err
	}
	if err := node.WriteFile(r.Save, append(b, '\n')); err != nil {
		return fault.New(fault.Invalid, "cli.clean.out", fault.Args{"file": r.Save}).Because(err)
	}
	return nil
}

// asNamed writes a result as the name of its file says.
func asNamed(name string, out io.Writer, write func(io.Writer) error) error {
	if strings.EqualFold(filepath.Ext(name), ".parquet") {
		return cleaning.WriteParquet(out, write)
	}
	return write(out)
}

// report prints what became of the file: for programs on standard output, unless the result
// went there.
func report(p node.Program, out string, asJSON bool, l *cleaning.Linked, file opened, timer *cleaning.Timer, texts *i18n.Printer) error {
	r := l.Report(file.source, file.layout, texts)
	r.Seconds = timer.Seconds()
	if out == "" {
		p.Out = p.Err
	}
	if asJSON {
		return p.PrintJSON(r)
	}
	var b strings.Builder
	say := func(key string, args map[string]any) { b.WriteString(texts.T(key, args) + "\n") }
	say("cli.clean.rows", map[string]any{"rows": r.Rows, "people": r.People})
	for _, o := range cleaning.Outcomes {
		say("cli.clean.outcome", map[string]any{"n": r.Outcomes[o], "outcome": texts.T("cleaning.outcome." + string(o))})
	}
	key := "cli.clean.estimate"
	if r.Estimated.InRegister == 0 { // held against itself
		key = "cli.clean.estimate_alike"
	}
	say(key, map[string]any{
		"error": fmt.Sprintf("%.2g", r.Estimated.Error), "from": fmt.Sprintf("%.2g", r.Estimated.ErrorInterval[0]),
		"to": fmt.Sprintf("%.2g", r.Estimated.ErrorInterval[1]), "recall": texts.Float(100*r.Estimated.Recall, 2),
	})
	for _, n := range r.Notes {
		say(n.Key, n.Args)
	}
	for _, name := range cleaning.Checks() {
		if n := r.Checks[name]; n > 0 {
			say("cli.clean.checked", map[string]any{"n": n, "check": texts.T("cleaning.checked." + name)})
		}
	}
	for _, bad := range r.BadRows {
		say("cli.clean.bad", map[string]any{"row": bad.Row, "line": bad.Line, "reason": bad.Reason})
	}
	if more := r.Bad - len(r.BadRows); more > 0 {
		say("cli.clean.bad_more", map[string]any{"n": more})
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

type dedupeCommand struct {
	reading
	Bound float64 `default:"0.0001" help:"Two rows are put together without a person when the estimated error is below this."`
	Out   string  `type:"path" help:"File to write; standard output when left out."`
	JSON  bool    `name:"json" help:"Print the report for programs."`
}

// Run finds duplicates.
func (c dedupeCommand) Run(_ context.Context, p node.Program) error {
	texts := c.Printer(p)
	timer := cleaning.NewTimer(clock.System{}.Now)
	o, err := deciding{Bound: c.Bound}.options()
	if err != nil {
		return err
	}
	out, err := beginResult(p, texts, c.Out)
	if err != nil {
		return err
	}
	defer out.end()
	m, err := c.mapping()
	if err != nil {
		return err
	}
	file, err := open(c.File, m, false)
	if err != nil {
		return err
	}
	if err := c.saveMapping(file.layout, file.layout); err != nil {
		return err
	}
	kinds, err := cleaning.TextKinds(file.layout, file.layout)
	if err != nil {
		return err
	}
	w, err := world(today())
	if err != nil {
		return err
	}
	rows, err := w.Read(file.source, file.layout)
	if err != nil {
		return err
	}
	timer.Step("read_file")
	l := w.Dedupe(rows, kinds, o)
	timer.Step("dedupe")
	if err := out.write(p, func(w io.Writer) error { return l.Write(w, file.source, file.layout, texts) }); err != nil {
		return err
	}
	if err := out.done(); err != nil {
		return err
	}
	timer.Step("write")
	return report(p, c.Out, c.JSON, l, file, timer, texts)
}

type evaluateCommand struct {
	Result string `arg:"" type:"path" help:"The result of link or dedupe."`
	Truth  string `required:"" type:"path" help:"The truth: row and number, or row and cluster."`
	JSON   bool   `name:"json" help:"Print the figures for programs."`
	node.Lang
}

// Run compares.
func (c evaluateCommand) Run(_ context.Context, p node.Program) error {
	texts := c.Printer(p)
	var files [2]*os.File
	for i, name := range []string{c.Result, c.Truth} {
		f, err := os.Open(name)
		if err != nil {
			return fault.New(fault.NotFound, "cleaning.file.none", fault.Args{"file": name}).Because(err)
		}
		defer f.Close()
		files[i] = f
	}
	e, err := cleaning.Evaluate(files[0], files[1])
	if err != nil {
		return err
	}
	if c.JSON {
		return p.PrintJSON(e)
	}
	_, err = fmt.Fprintln(p.Out, texts.T("cli.clean.evaluated", map[string]any{
		"rows": e.Rows, "accepted": e.Accepted, "wrong": e.Wrong, "matches": e.Matches,
		"precision": texts.Float(100*e.Precision, 4), "precision_from": texts.Float(100*e.Intervals.Precision[0], 4),
		"precision_to": texts.Float(100*e.Intervals.Precision[1], 4), "recall": texts.Float(100*e.Recall, 3),
		"recall_from": texts.Float(100*e.Intervals.Recall[0], 3), "recall_to": texts.Float(100*e.Intervals.Recall[1], 3),
		"f1": fmt.Sprintf("%.5f", e.F1),
	}))
	if s := e.Suggested; s != nil && err == nil {
		_, err = fmt.Fprintln(p.Out, texts.T("cli.clean.suggested", map[string]any{
			"precision": texts.Float(100*s.Precision, 3), "recall": texts.Float(100*s.Recall, 3), "f1": fmt.Sprintf("%.5f", s.F1),
		}))
	}
	return err
}

type generateCommand struct {
	N      int    `name:"n" default:"300000" help:"How many rows."`
	Errors string `default:"vaccination" placeholder:"PROFILE" help:"How rows go wrong: vaccination, light, heavy, or a file (JSON)."`
	Seed   uint64 `default:"1" help:"The same seed gives the same file."`
	People string `required:"" type:"path" help:"The people: the file of population generate."`
	Truth  string `required:"" type:"path" help:"File to write the truth to: the number of each row, empty for nobody."`
	Out    string `type:"path" help:"File to write; standard output when left out."`
	node.Lang
}

// Run writes the file and its truth.
func (c generateCommand) Run(_ context.Context, p node.Program) error {
	if c.N < 1 || c.N > 20_000_000 {
		return node.UsageError{Err: fmt.Errorf("--n is %d, want 1 to 20,000,000", c.N)}
	}
	profile, err := cleaning.ReadProfile(c.Errors)
	if err != nil {
		return err
	}
	people, err := cleaning.OpenSource(c.People)
	if err != nil {
		return err
	}
	w, err := world(today())
	if err != nil {
		return err
	}
	d := cleaning.Dirty{World: w, Profile: profile, Rows: c.N, Seed: c.Seed}
	return p.ToFile(c.Out, func(out io.Writer) error {
		return p.ToFile(c.Truth, func(truth io.Writer) error { return d.Write(people, out, truth) })
	})
}

type explainCommand struct {
	linkCommand `embed:""`
	Row         int    `required:"" help:"Which row, from 1 behind the header."`
	SVG         string `name:"svg" type:"path" placeholder:"FILE" help:"Draw what weighs for and against the best candidate, too."`
}

// Run explains one row.
func (c explainCommand) Run(ctx context.Context, p node.Program) (err error) {
	o, err := c.options()
	if err != nil {
		return err
	}
	reg, err := c.open(ctx, p, c.reading)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reg.close()) }()
	timer := cleaning.NewTimer(clock.System{}.Now)
	in, err := c.read(timer, reg)
	defer in.close()
	if err != nil {
		return err
	}
	l, err := in.link(timer, o)
	if err != nil {
		return err
	}
	e, err := l.Explain(c.Row - 1)
	if err != nil {
		return err
	}
	if err := reg.log(ctx, e.People()); err != nil { // all who are shown
		return err
	}
	cells, err := in.file.source.Row(c.Row)
	if err != nil {
		return err
	}
	e.Read = in.world.Meanings(in.file.layout, cells)
	if c.SVG != "" {
		if len(e.Candidates) == 0 {
			return fault.New(fault.NotFound, "cleaning.explain.nobody", fault.Args{"row": c.Row})
		}
		draw := func(w io.Writer) error {
			_, err := io.WriteString(w, e.Candidates[0].Picture(c.Printer(p)).StandaloneSVG())
			return err
		}
		if err := p.ToFile(c.SVG, draw); err != nil {
			return err
		}
	}
	if c.JSON {
		return p.PrintJSON(e)
	}
	_, err = io.WriteString(p.Out, e.Words(c.Printer(p)))
	return err
}
