package populationnode

import (
	"context"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/population"
)

// purpose is the flag that says why somebody is looked up.
type purpose struct {
	Purpose string `placeholder:"TEXT" help:"Why: a word of the desk, a procedure's code, or your own words; each person who is shown reads it."`
}

// inquiry is a question at the command line, of whoever runs the command. Without a
// purpose the log says that none was given, and so does the terminal.
func (u purpose) inquiry(p node.Program, texts *i18n.Printer) (population.Inquiry, error) {
	why := population.PurposeUnstated
	switch said := strings.Join(strings.Fields(u.Purpose), " "); {
	case said == "":
		if _, err := fmt.Fprintln(p.Err, texts.T("cli.population.purpose.none")); err != nil {
			return population.Inquiry{}, err
		}
	case utf8.RuneCountInString(said) > population.MaxReason:
		return population.Inquiry{}, node.UsageError{Err: fmt.Errorf("--purpose has more than %d characters", population.MaxReason)}
	default:
		why = population.PurposeInWords(said)
	}
	return population.Inquiry{By: actor.AtCommandLine(), Purpose: why}, nil
}

type searchCommand struct {
	database
	purpose
	Text []string `arg:"" help:"What is known: a name, with or without accents; a number; a day or year of birth; a commune, district or province."`
	JSON bool     `name:"json" help:"Print the answer for programs."`
}

// searchAnswer is the answer for programs.
type searchAnswer struct {
	People        []personFound `json:"people"`
	NotUnderstood []string      `json:"not_understood"`
	Understood    understood    `json:"understood"`
	More          bool          `json:"more"`
	Without       []string      `json:"without,omitempty"`
}

type personFound struct {
	Number citizen.Number  `json:"number"`
	Name   string          `json:"name"`
	Birth  citizen.Day     `json:"birth"`
	Sex    citizen.Sex     `json:"sex"`
	Life   population.Life `json:"life"`
}

type understood struct {
	Name      string            `json:"name,omitempty"`
	Number    citizen.Number    `json:"number,omitzero"`
	OldNumber citizen.OldNumber `json:"old_number,omitzero"`
	Birth     citizen.Day       `json:"birth,omitzero"`
	Sex       citizen.Sex       `json:"sex,omitzero"`
	Place     string            `json:"place,omitempty"`
}

// Run searches, and prints whom it found. A text that names nobody finds nobody.
func (c searchCommand) Run(ctx context.Context, p node.Program) error {
	texts := c.Printer(p)
	in, err := c.inquiry(p, texts)
	if err != nil {
		return err
	}
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	text := strings.Join(c.Text, " ")
	found, err := self.register.Search(ctx, in, population.Query{Text: text})
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid && f.Field == "text" {
		if strings.TrimSpace(text) != "" {
			found.NotUnderstood = []string{citizen.Spell(text)}
		}
		if _, err := fmt.Fprintln(p.Err, texts.T(f.Key, f.Args)); err != nil {
			return err
		}
		err = nil
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return p.PrintJSON(answerOf(found))
	}
	return printFound(p.Out, texts, found)
}

func answerOf(found population.Found) searchAnswer {
	u := found.Understood
	out := searchAnswer{
		People: make([]personFound, 0, len(found.People)), NotUnderstood: append([]string{}, found.NotUnderstood...), More: found.More,
		Understood: understood{Name: u.Name, Number: u.Number, OldNumber: u.OldNumber, Birth: u.Birth, Sex: u.Sex, Place: u.Place},
		Without:    found.Without,
	}
	for _, h := range found.People {
		out.People = append(out.People, personFound{Number: h.Number, Name: h.Name, Birth: h.Birth, Sex: h.Sex, Life: h.Life})
	}
	return out
}

// printFound writes whom a search found, for a person to read.
func printFound(w io.Writer, texts *i18n.Printer, found population.Found) error {
	var lines []string
	for _, h := range found.People {
		lines = append(lines, fmt.Sprintf("%s  %s  %s", h.Number.Reveal(), h.Birth, h.Name))
	}
	if len(found.People) == 0 {
		lines = append(lines, texts.T("cli.population.search.none"))
	}
	if found.More {
		lines = append(lines, texts.T("cli.population.search.more"))
	}
	if len(found.NotUnderstood) > 0 {
		lines = append(lines, texts.T("cli.population.search.lost", map[string]any{"parts": "“" + strings.Join(found.NotUnderstood, "”, “") + "”"}))
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}
