package populationnode

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/node"
	"dean06/internal/population"
	"dean06/internal/population/people"
)

// demoSeed makes the same country at every start.
const demoSeed = 6

// demoMother is one of the families of Thái Nguyên, demoOfficial one of the officials.
var (
	demoMother   = citizen.MustNumber("019194000102")
	demoOfficial = citizen.MustNumber("019077000201")
)

// demo fills the register with invented people, as far as it lacks them.
func (n *Node) demo(ctx context.Context, d node.Demo) error {
	program := actor.OfSystem(population.Administrator)
	all, err := n.register.Statistics(ctx, program)
	if err != nil {
		return err
	}
	have := all.Living + all.Dead + all.Missing
	if have < d.People {
		if err := n.demoCountry(ctx, program, have, d.People); err != nil {
			return err
		}
	}
	if err := n.demoFile(ctx, program, "thai-nguyen.csv", data.DemoFamilies, demoMother); err != nil {
		return err
	}
	return n.demoFile(ctx, program, "officials.csv", data.DemoOfficials, demoOfficial)
}

// demoCountry loads invented people of the whole country.
func (n *Node) demoCountry(ctx context.Context, program actor.Actor, have, want int) error {
	r, w := io.Pipe()
	go func() { w.CloseWithError(people.WriteCSV(w, want, demoSeed, people.Options{})) }()
	defer r.Close()
	report, err := n.register.Load(ctx, r, population.LoadOptions{Actor: program, Name: "demo.csv"})
	if err != nil {
		return fmt.Errorf("load the demo's people: %w", err)
	}
	if report.Loaded+have < want {
		return fmt.Errorf("load the demo's people: %d of %d went in: %+v", report.Loaded, want, report.BadRows[:min(3, len(report.BadRows))])
	}
	return nil
}

// demoFile loads people whom the demo knows by name, unless the one of them is there.
func (n *Node) demoFile(ctx context.Context, program actor.Actor, name string, file []byte, one citizen.Number) error {
	there, err := n.store.Persons(ctx, []citizen.Number{one}, []population.Field{population.FieldName})
	if err != nil || len(there) > 0 {
		return err
	}
	report, err := n.register.Load(ctx, bytes.NewReader(file), population.LoadOptions{Actor: program, Name: name})
	if err != nil {
		return fmt.Errorf("load the demo's %s: %w", name, err)
	}
	if report.Loaded != report.Lines {
		return fmt.Errorf("load the demo's %s: %d of %d went in: %+v", name, report.Loaded, report.Lines, report.BadRows)
	}
	return nil
}
