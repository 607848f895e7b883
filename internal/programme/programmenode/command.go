package programmenode

import (
	"context"
	"errors"
	"fmt"
	"strings"

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
	pr := c.Printer(p)
	var day clock.Date
	if c.AsOf != "" {
		var err error
		if day, err = clock.ParseDate(c.AsOf); err != nil {
			return node.UsageError{Err: errors.New(pr.T("programme.cli.day", map[string]any{"text": c.AsOf}))}
		}
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
	if today := self.service.Today(); day.IsZero() || day.After(today) { // of tomorrow nobody knows more
		day = today
	}
	if c.Rows != "" {
		return c.behind(ctx, p, self, day)
	}
	list, err := self.service.Figures(ctx, actor.AtCommandLine(), day, pr)
	if err != nil {
		return err
	}
	if c.JSON {
		return p.PrintJSON(map[string]any{"as_of": day, "figures": list})
	}
	for _, f := range list {
		line := []string{f.Key, f.Name.In(c.Lang.Lang), programmeweb.SayValue(pr, &f)}
		if f.Note != "" {
			line = append(line, f.Note)
		}
		fmt.Fprintln(p.Out, strings.Join(line, "\t"))
	}
	return nil
}

func (c figuresCommand) behind(ctx context.Context, p node.Program, self *Node, day clock.Date) error {
	pr := c.Printer(p)
	f, rows, err := self.service.Behind(ctx, actor.AtCommandLine(), c.Rows, day, pr)
	if err != nil {
		return err
	}
	if c.JSON {
		return p.PrintJSON(map[string]any{"figure": f, "rows": rows})
	}
	for _, r := range rows {
		fmt.Fprintf(p.Out, "%s\t%s\t%s\t%s\n", r.ID, r.Title, r.Owner, programmeweb.SayState(pr, self.service.Kinds, &r))
	}
	if len(rows) == 0 {
		fmt.Fprintln(p.Out, f.Note)
	}
	return nil
}
