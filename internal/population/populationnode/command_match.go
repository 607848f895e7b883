package populationnode

import (
	"context"
	"fmt"
	"io"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/population"
)

type matchCommand struct {
	database
	purpose
	Number string  `required:"" placeholder:"DIGITS" help:"The personal number (12 digits), or the number of an old card (9)."`
	Name   *string `placeholder:"NAME" help:"The name that is claimed, with or without accents."`
	Birth  *string `placeholder:"DAY" help:"The birth that is claimed: 1990-01-01, 01/01/1990, 1990-01 or 1990."`
	JSON   bool    `name:"json" help:"Print the answer for programs."`
}

// Run compares, and prints field by field whether it fits. That nobody is found is an
// answer.
func (c matchCommand) Run(ctx context.Context, p node.Program) error {
	texts := c.Printer(p)
	claim, err := c.claim(texts)
	if err != nil {
		return err
	}
	in, err := c.inquiry(p, texts)
	if err != nil {
		return err
	}
	in.Service, in.Granted = population.ServiceMatch, []population.Field{population.AllFields}
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	verdicts, err := self.register.Match(ctx, in, []population.Claim{claim})
	if err != nil {
		return err
	}
	if c.JSON {
		return p.PrintJSON(verdicts[0])
	}
	return printVerdict(p.Out, texts, verdicts[0])
}

// claim reads the flags. What is wrong with one is a mistake in how the command was
// called, and names the flag.
func (c matchCommand) claim(texts *i18n.Printer) (population.Claim, error) {
	var claim population.Claim
	var err error
	wrong := func(flag string, err error) error {
		f := fault.As(err)
		return node.UsageError{Err: fmt.Errorf("--%s: %s", flag, texts.T(f.Key, f.Args))}
	}
	number := strings.NewReplacer(" ", "", ".", "").Replace(citizen.Spell(c.Number)) // as people group digits
	if len(number) == 9 {
		claim.OldNumber, err = citizen.ParseOldNumber(number)
	} else {
		claim.Number, err = citizen.ParseNumber(number)
	}
	if err != nil {
		return claim, wrong("number", err)
	}
	if c.Name != nil {
		if claim.Name, err = citizen.ParseName(*c.Name); err != nil {
			return claim, wrong("name", err)
		}
	}
	if c.Birth != nil {
		if claim.Birth, err = citizen.ParseDay(*c.Birth); err != nil {
			return claim, wrong("birth", err)
		}
	}
	if !claim.Proves() {
		return claim, wrong("name", fault.New(fault.Invalid, "cli.population.match.unproven", nil))
	}
	return claim, nil
}

// printVerdict writes what fits, for a person to read.
func printVerdict(out io.Writer, texts *i18n.Printer, v population.Verdict) error {
	lines := []string{texts.T("cli.population.match.nobody")}
	if v.Found {
		lines[0] = texts.T("cli.population.match.found")
		for _, f := range population.Fields {
			fits, claimed := v.Fields[f]
			switch name := texts.T("people.field." + string(f)); {
			case !claimed:
			case fits:
				lines = append(lines, texts.T("cli.population.match.fits", map[string]any{"field": name}))
			default:
				lines = append(lines, texts.T("cli.population.match.not", map[string]any{"field": name}))
			}
		}
	}
	_, err := fmt.Fprintln(out, strings.Join(lines, "\n"))
	return err
}
