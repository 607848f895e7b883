package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"dean06/internal/app"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/readiness"
)

type readinessCmd struct {
	Import  importCmd  `cmd:"" help:"Take in returns: Word and Excel files, folders and zips of them."`
	Show    showCmd    `cmd:"" help:"Print one agency's return as it is stored."`
	Figures figuresCmd `cmd:"" help:"Print who meets what, as numbers."`
	Report  reportCmd  `cmd:"" help:"Write the report to the Prime Minister."`
	Export  exportCmd  `cmd:"" help:"Write the form of one agency, filled in or blank."`
}

type campaign struct {
	database
	Campaign string `required:"" help:"The letter: 488, 1877."`
}

type importCmd struct {
	campaign
	Paths []string `arg:"" name:"file" help:"Files, folders, zips."`
	JSON  bool     `name:"json" help:"Print one JSON line a file."`
}

// fileResult is the line that import prints for a file.
type fileResult struct {
	File     string          `json:"file"`
	Agency   *string         `json:"agency"`
	Status   string          `json:"status"`
	Problems []problemResult `json:"problems"`
	// Notes are worth knowing and change nothing.
	Notes []problemResult `json:"notes,omitempty"`
}

type problemResult struct {
	Row    string `json:"row"`
	Column string `json:"column"`
	Text   string `json:"text"`
	Reason string `json:"reason"`
}

// Run takes in the files. It ends with exit code 1 when not all were accepted.
func (c importCmd) Run(ctx context.Context, s streams) error {
	n, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer n.Close()
	p := c.printer(n)
	accepted, all := 0, 0
	batch := readiness.Batch{Campaign: c.Campaign, Total: readiness.Count(c.Paths)}
	_, err = n.Register.Import(ctx, actor.AtCommandLine(), batch, readiness.Collect(c.Paths), func(i readiness.BatchItem) {
		all++
		if i.Status == readiness.ItemAccepted {
			accepted++
		}
		r := result(p, i)
		if c.JSON {
			_ = printJSON(s.out, r)
			return
		}
		fmt.Fprintf(s.out, "%s\t%s\t%s\n", p.T("cli.item."+r.Status), i.Agency, r.File)
		for _, q := range r.Problems {
			fmt.Fprintf(s.out, "\t%s\n", strings.TrimSpace(strings.Join([]string{q.Row, q.Column, q.Reason}, " ")))
		}
	})
	if err != nil {
		return err
	}
	if accepted < all || all == 0 {
		return errNotAll
	}
	return nil
}

func result(p *i18n.Printer, i readiness.BatchItem) fileResult {
	r := fileResult{File: i.File.Name, Status: string(i.Status), Problems: []problemResult{}}
	if i.Agency != "" {
		r.Agency = &i.Agency
	}
	for _, q := range i.Problems {
		line := problemResult{Row: q.Row, Column: q.Column, Text: q.Text, Reason: p.T(q.Reason, q.Args)}
		if q.Severity == readiness.Notes {
			r.Notes = append(r.Notes, line)
			continue
		}
		r.Problems = append(r.Problems, line)
	}
	return r
}

type showCmd struct {
	campaign
	Agency  string `required:"" help:"Code of the agency: H55, G03."`
	Version int    `help:"A version; by default the newest."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// Run prints the return.
func (c showCmd) Run(ctx context.Context, s streams) error {
	n, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer n.Close()
	v, out, err := n.Register.Stored(ctx, actor.AtCommandLine(), c.Campaign, c.Agency, c.Version)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, out)
	}
	p := c.printer(n)
	fmt.Fprintf(s.out, "%s (%s): %s\n", out.Name, v.Agency.Code, p.T("readiness.state."+string(out.State)))
	for _, a := range out.Answers {
		row, _ := v.Template.Row(a.Key)
		option, _ := v.Template.Option(row.Options, a.Compliance)
		fmt.Fprintf(s.out, "%s\t%s\t%s\t%s\n", a.Row, a.System, option.In(c.Lang), a.Note)
	}
	return nil
}

type figuresCmd struct {
	campaign
	AsOf      string `help:"As known at the end of this day (of this machine's time zone); by default now."`
	ValidAt   string `help:"As true on this day; by default the letter's day."`
	Geography string `help:"In the units of this day; by default those of the letter."`
	Combine   string `enum:"all,any,weighted" default:"all" help:"How merged units are counted: all, any, weighted."`
	JSON      bool   `name:"json" help:"Print JSON."`
}

// Run prints the figures.
func (c figuresCmd) Run(ctx context.Context, s streams) error {
	q := readiness.Question{Campaign: c.Campaign, Combine: readiness.CombineRule(c.Combine)}
	var err error
	for _, d := range []struct {
		text string
		day  *clock.Date
	}{{c.AsOf, &q.KnownOn}, {c.ValidAt, &q.TrueOn}, {c.Geography, &q.Geography}} {
		if *d.day, err = date(d.text); err != nil {
			return err
		}
	}
	q.KnownBefore = endOfDay(q.KnownOn)
	n, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer n.Close()
	f, err := n.Register.Figures(ctx, actor.AtCommandLine(), q)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, f)
	}
	_, form, err := n.Register.Letter(ctx, actor.AtCommandLine(), c.Campaign)
	if err != nil {
		return err
	}
	p := c.printer(n)
	for _, name := range []string{"ministries", "provinces"} {
		b := f.Block(name)
		for _, fig := range b.Figures {
			label := p.T("cli.figures.all_five")
			if component, ok := form.Component(fig.Key); ok {
				label = component.Short.In(c.Lang)
			}
			fmt.Fprintf(s.out, "%s\t%s\t%d/%d\n", p.T("cli.figures."+name), label, len(fig.Met), len(fig.Of))
		}
	}
	return nil
}

// endOfDay is the first moment after a day on this machine: the day that the
// person at its keyboard means.
func endOfDay(d clock.Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return time.Date(d.Year(), d.Month(), d.Day()+1, 0, 0, 0, 0, time.Local)
}

type reportCmd struct {
	figuresQuestion
	Format string `enum:"docx,pdf,xlsx" required:"" help:"docx, pdf or xlsx."`
	Out    string `required:"" type:"path" help:"The file to write."`
}

// figuresQuestion is the days of a report.
type figuresQuestion struct {
	campaign
	AsOf      string `help:"As known at the end of this day."`
	ValidAt   string `help:"As true on this day."`
	Geography string `help:"In the units of this day."`
}

// Run writes the report.
func (c reportCmd) Run(ctx context.Context, s streams) error {
	q := readiness.Question{Campaign: c.Campaign}
	var err error
	if q.KnownOn, err = date(c.AsOf); err != nil {
		return err
	}
	if q.TrueOn, err = date(c.ValidAt); err != nil {
		return err
	}
	if q.Geography, err = date(c.Geography); err != nil {
		return err
	}
	q.KnownBefore = endOfDay(q.KnownOn)
	n, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer n.Close()
	f, err := n.Readiness.Exports().Report(ctx, actor.AtCommandLine(), q, c.Format, c.Lang)
	if err != nil {
		return err
	}
	return c.save(s, n, c.Out, f.Content)
}

func (c campaign) save(s streams, n *app.Node, out string, content []byte) error {
	if err := write(out, content); err != nil {
		return err
	}
	p := c.printer(n)
	_, err := fmt.Fprintln(s.out, p.T("cli.wrote", map[string]any{"file": filepath.Clean(out), "size": len(content)}))
	return err
}

type exportCmd struct {
	campaign
	Agency string `required:"" help:"Code of the agency: H55, G03."`
	Format string `enum:"docx,xlsx,pdf" required:"" help:"docx, xlsx or pdf."`
	Blank  bool   `help:"The blank form."`
	Out    string `required:"" type:"path" help:"The file to write."`
}

// Run writes the form.
func (c exportCmd) Run(ctx context.Context, s streams) error {
	n, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer n.Close()
	f, err := n.Readiness.ExportReturn(ctx, actor.AtCommandLine(), c.Campaign, c.Agency, c.Format, c.Lang, c.Blank)
	if err != nil {
		return err
	}
	return c.save(s, n, c.Out, f.Content)
}
