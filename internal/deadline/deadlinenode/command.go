package deadlinenode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"dean06/internal/calendar"
	"dean06/internal/deadline"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
)

// command is "dean06 deadline". Without --db it counts by the calendar that the program
// brings; with it, by the one that the node's administrators made of it.
type command struct {
	Received string   `required:"" help:"When the dossier was received: \"2026-02-13 15:30\", 2026-02-13T15:30 or RFC 3339."`
	Limit    string   `help:"The time limit: \"3 working_day\"; the unit is hour (of work), working_day, day or month."`
	Pause    []string `sep:"none" placeholder:"FROM/TO" help:"When the clock stood still; nothing after the stroke while it does. May be given several times."`
	SameDay  bool     `help:"The result is due on the day of reception; takes the place of --limit."`
	Cutoff   string   `placeholder:"HH:MM" help:"What comes later counts as received on the next working day; 15:00 when it is left out."`
	Rule     string   `placeholder:"FILE" help:"A rule as packages of procedures have it, in YAML; the other flags go before it."`
	JSON     bool     `name:"json" help:"Print the answer for programs."`
	DB       string   `name:"db" placeholder:"URL" help:"A node's database, for its own calendar: sqlite:PATH or postgres://user@host/name."`
	node.Lang
}

// answer is the answer for programs.
type answer struct {
	Due         *time.Time          `json:"due"` // null while a pause is open
	CountedFrom time.Time           `json:"counted_from"`
	Provisional bool                `json:"provisional"`
	Days        []deadline.DayCount `json:"days"`
}

// Run prints by when the dossier must be decided, and what each day between does.
func (c command) Run(ctx context.Context, p node.Program) error {
	texts := c.Printer(p)
	in, err := c.read(texts)
	if err != nil {
		return err
	}
	days, err := c.calendar(ctx, p)
	if err != nil {
		return err
	}
	e, err := deadline.Explain(days, in)
	if err != nil {
		return wrong(texts, "--received, --pause", err)
	}
	if err := remarks(p.Err, texts, e); err != nil {
		return err
	}
	if !c.JSON {
		return printed(p.Out, texts, e)
	}
	a := answer{CountedFrom: e.CountedFrom, Provisional: e.Provisional, Days: e.Days}
	if !e.Open() {
		a.Due = &e.Due
	}
	return p.PrintJSON(a)
}

// read takes the flags.
func (c command) read(texts *i18n.Printer) (deadline.Case, error) {
	var in deadline.Case
	var err error
	if in.Received, err = deadline.ParseMoment(c.Received); err != nil {
		return in, wrong(texts, "--received", err)
	}
	if c.Rule != "" {
		if in.Rule, err = readRule(c.Rule); err != nil {
			return in, wrong(texts, "--rule", err)
		}
	}
	if c.Limit != "" {
		if in.Rule.Limit, err = deadline.ParseLimit(c.Limit); err != nil {
			return in, wrong(texts, "--limit", err)
		}
	}
	in.Rule.SameDay = in.Rule.SameDay || c.SameDay
	if in.Rule.Limit == (deadline.Limit{}) && !in.Rule.SameDay {
		return in, wrong(texts, "--limit", fault.New(fault.Invalid, "cli.deadline.no_limit", nil))
	}
	if c.Cutoff != "" {
		if _, err := calendar.ParseTime(c.Cutoff); err != nil {
			return in, wrong(texts, "--cutoff", err)
		}
		in.Rule.Cutoff = c.Cutoff
	}
	for _, text := range c.Pause {
		pause, err := deadline.ParsePause(text)
		if err != nil {
			return in, wrong(texts, "--pause", err)
		}
		in.Pauses = append(in.Pauses, pause)
		if pause.Why == deadline.Supplement && pause.To.After(in.Restarted) {
			in.Restarted = pause.To
		}
	}
	return in, nil
}

// wrong is a mistake in a flag: it names the flag, in the language of the messages.
func wrong(texts *i18n.Printer, flag string, err error) error {
	return node.UsageError{Err: errors.New(flag + ": " + node.Describe(texts, err))}
}

const longestRule = 1 << 16

// readRule reads a rule from a file; what it does not know is a mistake.
func readRule(name string) (deadline.Rule, error) {
	var r deadline.Rule
	unread := func(err error) error {
		return fault.New(fault.Invalid, "cli.deadline.rule", fault.Args{"file": name, "why": err.Error()})
	}
	file, err := os.Open(name)
	if err != nil {
		return r, unread(err)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, longestRule))
	if err != nil {
		return r, unread(err)
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil && !errors.Is(err, io.EOF) {
		return r, unread(err)
	}
	if r.Limit == (deadline.Limit{}) && !r.SameDay {
		r.SameDay = true // the limit may come from its flag
		err = r.Check()
		r.SameDay = false
		return r, err
	}
	return r, r.Check()
}

// calendar is the one that the program brings, or that of a node.
func (c command) calendar(ctx context.Context, p node.Program) (*calendar.Calendar, error) {
	if c.DB == "" {
		return calendar.BuiltIn()
	}
	n, err := p.Open(ctx, "agency", node.Database{DB: c.DB, Lang: c.Lang}.Reading(p), "calendar", "deadline")
	if err != nil {
		return nil, err
	}
	defer n.Close()
	self, _ := node.Find[*Node](n)
	return self.needs.Calendar(ctx)
}

// remarks says what the answer alone does not.
func remarks(w io.Writer, texts *i18n.Printer, e deadline.Explanation) error {
	var lines []string
	if e.Open() {
		lines = append(lines, texts.T("cli.deadline.open", map[string]any{"since": texts.Time(e.PausedSince)}))
	}
	if e.Provisional {
		lines = append(lines, texts.T("cli.deadline.provisional"))
	}
	if len(e.Unconfirmed) > 0 {
		days := make([]string, len(e.Unconfirmed))
		for i, d := range e.Unconfirmed {
			days[i] = texts.Date(d)
		}
		lines = append(lines, texts.T("cli.deadline.unconfirmed", map[string]any{"days": strings.Join(days, ", ")}))
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// printed writes the answer for a person to read.
func printed(w io.Writer, texts *i18n.Printer, e deadline.Explanation) error {
	var b strings.Builder
	if !e.Open() {
		fmt.Fprintln(&b, texts.T("cli.deadline.due", map[string]any{"due": texts.Time(e.Due)}))
	}
	fmt.Fprintln(&b, texts.T("cli.deadline.from", map[string]any{"from": texts.Time(e.CountedFrom)}))
	for _, d := range e.Days {
		sign := "–"
		if d.Counts {
			sign = "✓"
		}
		fmt.Fprintf(&b, "%s  %s  %s\n", texts.Date(d.Date), sign, d.Why.Text(texts))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
