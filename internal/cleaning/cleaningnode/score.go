package cleaningnode

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"dean06/internal/cleaning"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/node"
)

// The commands that part the work among processes, on one machine or many: learn once,
// score each part, join.

type learnCommand struct {
	reading
	Bound float64 `default:"0.0001" help:"The estimated error below which rows are settled without a person."`
	peopleFlags
	WeightsOut string `required:"" type:"path" placeholder:"FILE" help:"File to write the weights to."`
	RowsOut    string `type:"path" placeholder:"FILE" help:"File to write the rows to, one on a line, for clean score."`
	holding
}

// Run learns.
func (c learnCommand) Run(ctx context.Context, p node.Program) (err error) {
	o, err := deciding{Bound: c.Bound}.options()
	if err != nil {
		return err
	}
	reg, err := c.open(ctx, p, c.reading)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reg.close()) }()
	in := linkCommand{reading: c.reading, holding: c.holding, peopleFlags: c.peopleFlags, Out: c.WeightsOut}
	pair, err := in.read(cleaning.NewTimer(clock.System{}.Now), reg)
	defer pair.close()
	if err != nil {
		return err
	}
	if err := reg.log(ctx, nil); err != nil { // that it was; weights tell of nobody
		return err
	}
	k := pair.world.Learn(pair.rows, pair.persons, pair.file.layout, pair.people.layout, pair.kinds, o.Bound)
	if c.RowsOut != "" {
		if err := p.ToFile(c.RowsOut, func(w io.Writer) error { _, err := pair.file.source.WriteRows(w); return err }); err != nil {
			return err
		}
	}
	return p.ToFile(c.WeightsOut, k.Write)
}

// weighing is how weights that were learned before are given.
type weighing struct {
	Weights string `required:"" type:"path" placeholder:"FILE" help:"The weights, as clean learn wrote them."`
}

func readWeights(name string) (cleaning.Weights, error) {
	f, err := os.Open(name)
	if err != nil {
		return cleaning.Weights{}, fault.New(fault.NotFound, "cleaning.file.none", fault.Args{"file": name}).Because(err)
	}
	defer f.Close()
	return cleaning.ReadWeights(f)
}

type scoreCommand struct {
	weighing
	Against string `required:"" type:"path" placeholder:"PEOPLE" help:"The people on which the weights were learned."`
	holding
	node.Lang
}

// Run decides the rows of standard input.
func (c scoreCommand) Run(_ context.Context, p node.Program) error {
	k, err := readWeights(c.Weights)
	if err != nil {
		return err
	}
	var disk *cleaning.Disk
	defer func() { _ = disk.Close() }() // its files have gone already
	people := func() (*cleaning.World, *cleaning.Table, error) {
		s, err := cleaning.OpenSource(c.Against)
		if err != nil {
			return nil, nil, err
		}
		w, err := world(k.Day)
		if err != nil {
			return nil, nil, err
		}
		disk = c.disk(s.Size(), "")
		w.Disk = disk
		t, err := k.ReadPeople(w, s)
		return w, t, err
	}
	s := cleaning.Scorer{Weights: k, People: people, Texts: c.Printer(p)}
	return s.Score(bufio.NewReaderSize(os.Stdin, 1<<20), p.Out)
}

type joinCommand struct {
	weighing
	Parts    []string `arg:"" type:"path" help:"What clean score wrote: files, or folders with files called part-*."`
	OneToOne bool     `help:"A person has one row; the later ones are duplicates."`
	Out      string   `type:"path" help:"File to write; standard output when left out."`
	node.Lang
}

// Run joins parts.
func (c joinCommand) Run(_ context.Context, p node.Program) error {
	k, err := readWeights(c.Weights)
	if err != nil {
		return err
	}
	var names []string
	for _, name := range c.Parts {
		info, err := os.Stat(name)
		if err != nil {
			return fault.New(fault.NotFound, "cleaning.file.none", fault.Args{"file": name}).Because(err)
		}
		if !info.IsDir() {
			names = append(names, name)
			continue
		}
		found, err := filepath.Glob(filepath.Join(name, "part-*"))
		if err != nil {
			return err
		}
		names = append(names, found...)
	}
	j := cleaning.Join{
		Weights: k, OneToOne: c.OneToOne, Texts: c.Printer(p),
		World: func() (*cleaning.World, error) { return world(k.Day) },
	}
	return p.ToFile(c.Out, func(w io.Writer) error {
		return asNamed(c.Out, w, func(w io.Writer) error { return j.Write(names, w) })
	})
}
