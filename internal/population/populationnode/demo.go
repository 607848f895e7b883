package populationnode

import (
	"context"
	"fmt"
	"io"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/node"
	"dean06/internal/population"
	"dean06/internal/population/people"
)

// demoSeed makes the same country at every start.
const demoSeed = 6

// demo fills the register with invented people, as far as it lacks them.
func (n *Node) demo(ctx context.Context, d node.Demo) error {
	program := actor.OfSystem(population.Administrator)
	all, err := n.register.Statistics(ctx, program)
	if err != nil {
		return err
	}
	have := all.Living + all.Dead + all.Missing
	if have >= d.People {
		return nil
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(people.WriteCSV(w, d.People, demoSeed, people.Options{})) }()
	defer r.Close()
	report, err := n.register.Load(ctx, r, population.LoadOptions{Actor: program, Name: "demo.csv"})
	if err != nil {
		return fmt.Errorf("load the demo's people: %w", err)
	}
	if report.Loaded+have < d.People {
		return fmt.Errorf("load the demo's people: %d of %d went in: %+v", report.Loaded, d.People, report.BadRows[:min(3, len(report.BadRows))])
	}
	return nil
}
