package readinessnode

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/readiness"
)

// command is "dean06 readiness …". Whoever runs it acts as the user of the machine.
func command() node.Command {
	return node.Command{
		Name: "readiness", Help: "The register of who meets the requirements.", Value: &commands{},
		May: map[string]string{
			"import": readiness.ImportReturn.Name(), "show": readiness.ReadReturn.Name(), "figures": readiness.ReadFigures.Name(),
			"report": readiness.ReadReport.Name(), "export": readiness.ReadReturn.Name(),
		},
	}
}

type commands struct {
	Import  importCommand  `cmd:"" help:"Take in returns: Word and Excel files, folders and zips of them."`
	Show    showCommand    `cmd:"" help:"Print one agency's return as it is stored."`
	Figures figuresCommand `cmd:"" help:"Print who meets what, as numbers."`
	Report  reportCommand  `cmd:"" help:"Write the report to the Prime Minister."`
	Export  exportCommand  `cmd:"" help:"Write the form of one agency, filled in or blank."`
}

// campaign is the flags that all commands have.
type campaign struct {
	node.Database
	Campaign string `required:"" help:"The letter: 488, 1877."`
}

// open gives the register, with what it needs of the country.
func (c campaign) open(ctx context.Context, p node.Program) (*Node, *node.Node, error) {
	return open(ctx, p, c.Settings(p))
}

func open(ctx context.Context, p node.Program, s node.Settings) (*Node, *node.Node, error) {
	n, err := p.Open(ctx, roleBoard, s, "org", "readiness")
	if err != nil {
		return nil, nil, err
	}
	self, _ := node.Find[*Node](n)
	return self, n, nil
}

func (c campaign) save(p node.Program, out string, content []byte) error {
	if err := node.WriteFile(out, content); err != nil {
		return err
	}
	_, err := fmt.Fprintln(p.Out, c.Printer(p).T("cli.wrote", map[string]any{"file": filepath.Clean(out), "size": len(content)}))
	return err
}

type importCommand struct {
	campaign
	Paths []string `arg:"" name:"file" help:"Files, folders, zips."`
	JSON  bool     `name:"json" help:"Print one JSON line a file."`
}

// fileResult is the line that import prints for a file.
type fileResult struct {
	File   string  `json:"file"`
	Agency *string `json:"agency"`
	Status string  `json:"status"`
	// Waits says that a person must decide or read it.
	Waits    bool            `json:"waits"`
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
func (c importCommand) Run(ctx context.Context, p node.Program) error {
	p.Begins(c.Printer(p), c.DB)
	settings := c.Settings(p)
	settings.MayMake = true // a register begins with what is taken in
	self, n, err := open(ctx, p, settings)
	if err != nil {
		return err
	}
	defer n.Close()
	pr := c.Printer(p)
	accepted, all, waits := 0, 0, 0
	batch := readiness.Batch{Campaign: c.Campaign, Total: readiness.Count(c.Paths)}
	_, err = self.register.Import(ctx, actor.AtCommandLine(), batch, readiness.Collect(c.Paths), func(i readiness.BatchItem) {
		all++
		if i.Status == readiness.ItemAccepted {
			accepted++
		}
		if i.Open() {
			waits++
		}
		r := result(pr, i)
		if c.JSON {
			_ = p.PrintJSON(r)
			return
		}
		fmt.Fprintf(p.Out, "%s\t%s\t%s\n", pr.T("cli.item."+r.Status), i.Agency, r.File)
		for _, q := range r.Problems {
			fmt.Fprintf(p.Out, "\t%s\n", strings.TrimSpace(strings.Join([]string{q.Row, q.Column, q.Reason}, " ")))
		}
	})
	if err != nil {
		return err
	}
	if waits > 0 && !c.JSON {
		fmt.Fprintln(p.Out, pr.T("cli.import.waits", map[string]any{"n": waits, "total": all}))
	}
	if accepted < all || all == 0 {
		return node.ErrNotAll
	}
	return nil
}

func result(p *i18n.Printer, i readiness.BatchItem) fileResult {
	r := fileResult{File: i.File.Name, Status: string(i.Status), Waits: i.Open(), Problems: []problemResult{}}
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

type showCommand struct {
	campaign
	Agency  string `required:"" help:"Code of the agency: H55, G03."`
	Version int    `help:"A version; by default the newest."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// Run prints the return.
func (c showCommand) Run(ctx context.Context, p node.Program) error {
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	v, out, err := self.register.Stored(ctx, actor.AtCommandLine(), c.Campaign, c.Agency, c.Version)
	if err != nil {
		return err
	}
	if names := self.names(); names != nil {
		at := v.Record.Versions[out.Version-1].At
		out.Return = out.Return.Signed(func(by string) string { return names.NameOf(ctx, by, at) })
	}
	if c.JSON {
		return p.PrintJSON(out)
	}
	fmt.Fprintf(p.Out, "%s (%s): %s\n", out.Name, v.Agency.Code, c.Printer(p).T("readiness.state."+string(out.State)))
	for _, a := range out.Answers {
		row, _ := v.Template.Row(a.Key)
		option, _ := v.Template.Option(row.Options, a.Compliance)
		fmt.Fprintf(p.Out, "%s\t%s\t%s\t%s\n", a.Row, a.System, option.In(c.Lang.Lang), a.Note)
	}
	return nil
}

// days are the three days that figures are asked with.
type days struct {
	AsOf      string `help:"As known at the end of this day (of this machine's time zone); by default now."`
	ValidAt   string `help:"As true on this day; by default the letter's day."`
	Geography string `help:"In the units of this day; by default those of the letter."`
}

func (d days) question(campaign string) (readiness.Question, error) {
	q := readiness.Question{Campaign: campaign}
	for _, day := range []struct {
		text string
		into *clock.Date
	}{{d.AsOf, &q.KnownOn}, {d.ValidAt, &q.TrueOn}, {d.Geography, &q.Geography}} {
		if day.text == "" {
			continue
		}
		var err error
		if *day.into, err = clock.ParseDate(day.text); err != nil {
			return q, node.UsageError{Err: err}
		}
	}
	if !q.KnownOn.IsZero() {
		// The first moment after the day on this machine: the day that the person at
		// its keyboard means.
		q.KnownBefore = time.Date(q.KnownOn.Year(), q.KnownOn.Month(), q.KnownOn.Day()+1, 0, 0, 0, 0, time.Local)
	}
	return q, nil
}

type figuresCommand struct {
	campaign
	days
	Combine string `enum:"all,any,weighted" default:"all" help:"How merged units are counted: all, any, weighted."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// Run prints the figures.
func (c figuresCommand) Run(ctx context.Context, p node.Program) error {
	q, err := c.question(c.Campaign)
	if err != nil {
		return err
	}
	q.Combine = readiness.CombineRule(c.Combine)
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	f, err := self.register.Figures(ctx, actor.AtCommandLine(), q)
	if err != nil {
		return err
	}
	if c.JSON {
		return p.PrintJSON(f)
	}
	_, form, err := self.register.Letter(ctx, actor.AtCommandLine(), c.Campaign)
	if err != nil {
		return err
	}
	pr := c.Printer(p)
	for _, name := range []string{"ministries", "provinces"} {
		for _, fig := range f.Block(name).Figures {
			label := pr.T("cli.figures.all_five")
			if component, ok := form.Component(fig.Key); ok {
				label = component.Short.In(c.Lang.Lang)
			}
			fmt.Fprintf(p.Out, "%s\t%s\t%d/%d\n", pr.T("cli.figures."+name), label, len(fig.Met), len(fig.Of))
		}
	}
	return nil
}

type reportCommand struct {
	campaign
	days
	Format string `enum:"docx,pdf,xlsx" required:"" help:"docx, pdf or xlsx."`
	Out    string `required:"" type:"path" help:"The file to write."`
}

// Run writes the report.
func (c reportCommand) Run(ctx context.Context, p node.Program) error {
	q, err := c.question(c.Campaign)
	if err != nil {
		return err
	}
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	f, err := self.Exports().Report(ctx, actor.AtCommandLine(), q, c.Format, c.Lang.Lang)
	if err != nil {
		return err
	}
	return c.save(p, c.Out, f.Content)
}

type exportCommand struct {
	campaign
	Agency string `required:"" help:"Code of the agency: H55, G03."`
	Format string `enum:"docx,xlsx,pdf" required:"" help:"docx, xlsx or pdf."`
	Blank  bool   `help:"The blank form."`
	Out    string `required:"" type:"path" help:"The file to write."`
}

// Run writes the form.
func (c exportCommand) Run(ctx context.Context, p node.Program) error {
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	content, err := self.ExportReturn(ctx, actor.AtCommandLine(), c.Campaign, c.Agency, c.Format, c.Lang.Lang, c.Blank)
	if err != nil {
		return err
	}
	return c.save(p, c.Out, content.Content)
}
