package procedurenode

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"dean06/internal/platform/node"
	"dean06/internal/procedure"
)

// command is "dean06 procedure …".
func command() node.Command {
	return node.Command{
		Name: name, Help: "Administrative procedures: the national catalogue and packages.", Value: &commands{},
		May: map[string]string{"search": "anyone", "lint": "anyone", "coverage": "anyone"},
	}
}

type commands struct {
	Search   searchCommand   `cmd:"" help:"Find procedures from everyday words, without accents and with typing errors."`
	Lint     lintCommand     `cmd:"" help:"Say what is wrong with a package of a procedure, with file and line."`
	Coverage coverageCommand `cmd:"" help:"Count how far a procedure's form is filled from the population register."`
}

// source is the flags of a command that needs no database.
type source struct {
	DB string `name:"db" placeholder:"URL" help:"Ask what a node has in force: sqlite:PATH or postgres://user@host/name. Without it: what the program brings."`
	node.Lang
}

// catalogue is the one in force in the database that is named, else the built-in one.
func (s source) catalogue(ctx context.Context, p node.Program) (*procedure.Catalogue, error) {
	if s.DB == "" {
		return procedure.Builtin(), nil
	}
	n, err := p.Open(ctx, roleAgency, node.Database{DB: s.DB, Lang: s.Lang}.Reading(p), name)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	self, _ := node.Find[*Node](n)
	return self.Catalogue(ctx)
}

type searchCommand struct {
	source
	Text  []string `arg:"" help:"What somebody says: lam khai sinh cho con."`
	Limit int      `default:"10" help:"How many at most, 1 to 100."`
	JSON  bool     `name:"json" help:"Print JSON."`
}

// found is what the search prints.
type found struct {
	Procedures []foundProcedure `json:"procedures"`
}

type foundProcedure struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Agency string `json:"agency"`
}

const mostFound = 100

// Run prints what is found; nothing found is an empty list.
func (c searchCommand) Run(ctx context.Context, p node.Program) error {
	text := strings.TrimSpace(strings.Join(c.Text, " "))
	pr := c.Printer(p)
	if text == "" {
		return node.UsageError{Err: errors.New(pr.T("cli.procedure.text"))}
	}
	if c.Limit < 1 || c.Limit > mostFound {
		return node.UsageError{Err: errors.New(pr.T("cli.procedure.limit", map[string]any{"most": mostFound}))}
	}
	list, err := c.catalogue(ctx, p)
	if err != nil {
		return err
	}
	out := found{Procedures: []foundProcedure{}}
	for _, h := range list.Search(text, c.Limit) {
		out.Procedures = append(out.Procedures, foundProcedure{Code: h.Code, Name: h.Name, Agency: h.Agency.Name})
	}
	if c.JSON {
		return p.PrintJSON(out)
	}
	if len(out.Procedures) == 0 {
		fmt.Fprintln(p.Err, pr.T("cli.procedure.nothing"))
	}
	for _, h := range out.Procedures {
		fmt.Fprintf(p.Out, "%s\t%s\t%s\n", h.Code, h.Name, h.Agency)
	}
	return nil
}
