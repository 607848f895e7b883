package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"dean06/internal/platform/clock"
)

type orgCmd struct {
	At      orgAtCmd      `cmd:"" help:"How many provinces, districts and communes there were on a day."`
	Lineage orgLineageCmd `cmd:"" help:"What became of a unit or agency between two days."`
}

type orgAtCmd struct {
	database
	Date string `arg:"" help:"The day, 2025-07-01."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run prints the counts of a day.
func (c orgAtCmd) Run(ctx context.Context, s streams) error {
	day, err := date(c.Date)
	if err != nil {
		return err
	}
	n, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer n.Close()
	counts, err := n.Counts(ctx, day)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, counts)
	}
	p := c.printer(n)
	_, err = fmt.Fprintln(s.out, p.T("cli.org.at", map[string]any{
		"date": day, "provinces": counts.Provinces,
		"districts": counts.Districts, "communes": counts.Communes,
	}))
	return err
}

type orgLineageCmd struct {
	database
	Code string `arg:"" help:"Code of a unit or agency: 06, H03, G14, 05869."`
	From string `required:"" help:"The first day."`
	To   string `required:"" help:"The last day."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run prints the lineage.
func (c orgLineageCmd) Run(ctx context.Context, s streams) error {
	from, err := date(c.From)
	if err != nil {
		return err
	}
	to, err := date(c.To)
	if err != nil {
		return err
	}
	n, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer n.Close()
	lineage, err := n.Lineage(ctx, c.Code, from, to)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, lineage)
	}
	p := c.printer(n)
	for _, u := range lineage.Units {
		fmt.Fprintf(s.out, "%s\t%s\t%s\n", u.Code, u.Name, p.T("org.relation."+string(u.Relation)))
	}
	for _, e := range lineage.Events {
		fmt.Fprintf(s.out, "%s\t%s\t%s\n", p.Date(e.On), p.T("org.event."+string(e.Kind)), e.Basis)
	}
	return nil
}

// date reads a day from the command line; "" is no day.
func date(s string) (clock.Date, error) {
	if s == "" {
		return clock.Date{}, nil
	}
	d, err := clock.ParseDate(s)
	if err != nil {
		return d, usageError{err}
	}
	return d, nil
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
