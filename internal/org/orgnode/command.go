package orgnode

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/node"
)

// command is "dean06 org …".
func command() node.Command {
	return node.Command{
		Name: "org", Help: "Agencies and administrative units through time.", Value: &commands{},
		May: map[string]string{"at": "org.read", "lineage": "org.read"},
	}
}

type commands struct {
	At      atCommand      `cmd:"" help:"How many provinces, districts and communes there were on a day."`
	Lineage lineageCommand `cmd:"" help:"What became of a unit or agency between two days."`
}

// open gives the register of agencies and units, whatever the role of the node. Without
// a database it is the one that the program brings, which is the same until somebody
// edits it; a file is not made for that.
func open(ctx context.Context, p node.Program, d node.Database) (*org.Register, *node.Node, error) {
	s := d.Reading(p)
	if path, ok := node.SQLitePath(d.DB); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			s.ReadOnly, s.Memory = false, true
		}
	}
	n, err := p.Open(ctx, roleBoard, s, "org")
	if err != nil {
		return nil, nil, err
	}
	self, _ := node.Find[*Node](n)
	return self.register, n, nil
}

type atCommand struct {
	node.Database
	Date string `arg:"" help:"The day, 2025-07-01."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run prints the counts of a day.
func (c atCommand) Run(ctx context.Context, p node.Program) error {
	day, err := dayOf(c.Date)
	if err != nil {
		return err
	}
	register, n, err := open(ctx, p, c.Database)
	if err != nil {
		return err
	}
	defer n.Close()
	counts, err := register.Counts(ctx, actor.AtCommandLine(), org.Moment{On: day})
	if err != nil {
		return err
	}
	if c.JSON {
		return p.PrintJSON(counts)
	}
	_, err = fmt.Fprintln(p.Out, c.Printer(p).T("cli.org.at", map[string]any{
		"date": day, "provinces": counts.Provinces, "districts": counts.Districts, "communes": counts.Communes,
	}))
	return err
}

type lineageCommand struct {
	node.Database
	Code string `arg:"" help:"Code of a unit or agency: 06, H03, G14, 05869."`
	From string `required:"" help:"The first day."`
	To   string `help:"The last day; today when it is left out."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run prints the lineage.
func (c lineageCommand) Run(ctx context.Context, p node.Program) error {
	from, err := dayOf(c.From)
	if err != nil {
		return err
	}
	var to clock.Date
	if c.To != "" {
		if to, err = dayOf(c.To); err != nil {
			return err
		}
	}
	register, n, err := open(ctx, p, c.Database)
	if err != nil {
		return err
	}
	defer n.Close()
	if to.IsZero() {
		to = register.Today()
	}
	lineage, err := register.Lineage(ctx, actor.AtCommandLine(), c.Code, from, to)
	if err != nil {
		return err
	}
	if c.JSON {
		return p.PrintJSON(lineage)
	}
	pr := c.Printer(p)
	for _, u := range lineage.Units {
		fmt.Fprintf(p.Out, "%s\t%s\t%s\n", u.Code, u.Name, pr.T("org.relation."+string(u.Relation)))
	}
	for _, e := range lineage.Events {
		fmt.Fprintf(p.Out, "%s\t%s\t%s\n", pr.Date(e.On), pr.T("org.event."+string(e.Kind)), e.Basis)
	}
	return nil
}

// dayOf reads a day from the command line.
func dayOf(s string) (clock.Date, error) {
	d, err := clock.ParseDate(s)
	if err != nil {
		return d, node.UsageError{Err: err}
	}
	return d, nil
}
