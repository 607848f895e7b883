package programmenode

import (
	"context"
	"fmt"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/node"
	"dean06/internal/programme"
	"dean06/internal/programme/programmeweb"
)

// command is "dean06 programme …". Whoever runs it acts as the user of the machine.
func command() node.Command {
	return node.Command{
		Name: "programme", Help: "The tasks of Project 06, the registers beside them, and their figures.", Value: &commands{},
		May: map[string]string{"figures": programme.Read.Name()},
	}
}

type commands struct {
	Figures figuresCommand `cmd:"" help:"Print the figures of a day as they were known then, beside what was published."`
}

type figuresCommand struct {
	DB   string `name:"db" placeholder:"URL" help:"sqlite:PATH or postgres://user@host/name; the demo's data in memory when it is left out."`
	AsOf string `help:"The day, 2022-08-09; today when it is left out."`
	Rows string `placeholder:"KEY" help:"List the rows behind one figure."`
	JSON bool   `name:"json" help:"Print JSON."`
	node.Lang
}

// Run prints the figures. Without a database they are the demo's, in memory.
func (c figuresCommand) Run(ctx context.Context, p node.Program) error {
	memory := c.DB == ""
	s := node.Database{DB: c.DB}.Settings(p)
	if memory {
		s.Config.DB.URL, s.Memory = "sqlite:memory", true
	}
	n, err := p.Open(ctx, roleBoard, s, "org", "readiness", "programme")
	if err != nil {
		return err
	}
	defer n.Close()
	self, _ := node.Find[*Node](n)
	if memory {
		if err := self.seed(ctx); err != nil {
			return err
		}
	}
	day := self.service.Today()
	if c.AsOf != "" {
		if day, err = clock.ParseDate(c.AsOf); err != nil {
			return node.UsageError{Err: err}
		}
	}
	pr := c.Printer(p)
	if c.Rows != "" {
		return c.behind(ctx, p, self, day)
	}
	list, err := self.service.Figures(ctx, actor.AtCommandLine(), day, c.Lang.Lang)
	if err != nil {
		return err
	}
	if c.JSON {
		return p.PrintJSON(map[string]any{"as_of": day, "figures": list})
	}
	for _, f := range list {
		fmt.Fprintf(p.Out, "%s\t%s\t%s\n", f.Key, f.Name.In(c.Lang.Lang), programmeweb.SayValue(pr, &f))
	}
	return nil
}

func (c figuresCommand) behind(ctx context.Context, p node.Program, self *Node, day clock.Date) error {
	f, rows, err := self.service.Behind(ctx, actor.AtCommandLine(), c.Rows, day, c.Lang.Lang)
	if err != nil {
		return err
	}
	if c.JSON {
		return p.PrintJSON(map[string]any{"figure": f, "rows": rows})
	}
	pr := c.Printer(p)
	for _, r := range rows {
		state := r.State
		if r.Kind == programme.FromUnits {
			state = pr.T("programme.state." + r.State)
		} else if k, ok := self.service.Kinds.Kind(r.Kind); ok {
			found, _ := k.State(r.State)
			state = found.Name.In(c.Lang.Lang)
		}
		fmt.Fprintf(p.Out, "%s\t%s\t%s\t%s\n", r.ID, r.Title, r.Owner, state)
	}
	return nil
}
