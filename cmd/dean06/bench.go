package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"

	"dean06/internal/bench"
	"dean06/internal/platform/node"
)

type benchCmd struct {
	Exchange   benchExchangeCmd   `cmd:"" help:"Calls through two gateways, each a process of its own, signed, verified and logged on both sides."`
	Population benchPopulationCmd `cmd:"" help:"The population register, filled with invented people."`
	Identity   benchIdentityCmd   `cmd:"" help:"Sign-ins at the authority's node, a process of its own, by sessions that exist and by passwords."`
	Cleaning   benchCleaningCmd   `cmd:"" help:"A dirty file held against the people of a register: how fast, how much is found and how much is wrong."`
	Programme  benchProgrammeCmd  `cmd:"" help:"Tasks of every ministry, province, district and commune, and people who list, filter and roll them up."`
	Dossier    benchDossierCmd    `cmd:"" help:"Dossiers in all states, and people who file, open, decide, list and search."`
}

// measured is what all have.
type measured struct {
	Seconds float64 `default:"5" help:"How long each measurement takes."`
	JSON    bool    `name:"json" help:"Print one JSON object instead of a table."`
	node.Lang
}

func (m measured) duration() time.Duration { return time.Duration(m.Seconds * float64(time.Second)) }

// step says on the error stream what is being measured.
func (m measured) step(p node.Program) func(string) {
	return func(section string) { fmt.Fprintln(p.Err, section, "…") }
}

func (m measured) print(p node.Program, b bench.Result) error {
	if m.JSON {
		e := json.NewEncoder(p.Out)
		e.SetIndent("", "  ")
		return e.Encode(b)
	}
	return b.Print(p.Out, m.Printer(p))
}

type benchExchangeCmd struct {
	measured
	Callers  []int  `default:"1,32,256" help:"How many call at the same time."`
	Body     int    `default:"1024" help:"Bytes of a question, and of an answer."`
	People   int    `default:"200000" help:"People in the register that batches of 1,000 are matched against; 0 leaves it out."`
	Postgres string `help:"Keep the nodes' data on this PostgreSQL instead of SQLite: postgres://…; each node gets a schema, dropped afterwards."`
}

// Run measures the exchange.
func (c benchExchangeCmd) Run(ctx context.Context, p node.Program) error {
	program, err := itself()
	if err != nil {
		return err
	}
	b, err := bench.Exchange{
		Program: program, Callers: c.Callers, For: c.duration(), Body: c.Body, People: c.People, Postgres: c.Postgres, Step: c.step(p),
	}.Run(ctx)
	if err != nil {
		return err
	}
	return c.print(p, b)
}

// itself is this program, to be started beside it.
func itself() (string, error) {
	if program, err := exec.LookPath(os.Args[0]); err == nil {
		return program, nil
	}
	return os.Executable()
}

type benchIdentityCmd struct {
	measured
	DB      string `name:"db" help:"An empty database: postgres://… or sqlite:PATH. A temporary one of SQLite when it is left out."`
	Callers []int  `default:"1,32,256" help:"How many sign in at the same time."`
}

// Run measures sign-ins.
func (c benchIdentityCmd) Run(ctx context.Context, p node.Program) error {
	program, err := itself()
	if err != nil {
		return err
	}
	b, err := bench.Identity{Program: program, DB: c.DB, Callers: c.Callers, For: c.duration(), Step: c.step(p)}.Run(ctx)
	if err != nil {
		return err
	}
	return c.print(p, b)
}

type benchPopulationCmd struct {
	measured
	N       int    `default:"100000" help:"How many people."`
	DB      string `name:"db" help:"An empty database: postgres://… or sqlite:PATH. A temporary one of SQLite when it is left out."`
	Lookups int    `default:"100000" help:"Look-ups in the log behind the page on which citizens see who asked; ten million show how it grows."`
	Callers []int  `default:"1,64" help:"How many ask at the same time."`
}

// Run measures the register.
func (c benchPopulationCmd) Run(ctx context.Context, p node.Program) error {
	b, err := bench.Population{
		N: c.N, DB: c.DB, Lookups: c.Lookups, For: c.duration(), Callers: c.Callers, Step: c.step(p),
	}.Run(ctx)
	if err != nil {
		return err
	}
	return c.print(p, b)
}

type benchDossierCmd struct {
	measured
	N     int     `default:"100000" help:"How many dossiers."`
	DB    string  `name:"db" help:"An empty database: postgres://… or sqlite:PATH. A temporary one of SQLite when it is left out."`
	Users int     `default:"100" help:"How many people at the same time."`
	Pause float64 `default:"5" help:"Seconds between two acts of one of them, on average."`
}

// Run measures dossiers.
func (c benchDossierCmd) Run(ctx context.Context, p node.Program) error {
	b, err := bench.Dossier{
		N: c.N, DB: c.DB, Users: c.Users, Pause: time.Duration(c.Pause * float64(time.Second)), For: c.duration(), Step: c.step(p),
	}.Run(ctx)
	if err != nil {
		return err
	}
	return c.print(p, b)
}

type benchCleaningCmd struct {
	N      int    `default:"300000" help:"How many rows the dirty file has."`
	People int    `default:"1000000" help:"How many people the register has."`
	Seed   int64  `default:"1" help:"The same seed gives the same files."`
	Errors string `default:"vaccination" help:"How rows go wrong: vaccination, light, heavy, or a file (JSON)."`
	JSON   bool   `name:"json" help:"Print one JSON object instead of a table."`
	node.Lang
}

// Run measures data cleaning.
func (c benchCleaningCmd) Run(ctx context.Context, p node.Program) error {
	program, err := itself()
	if err != nil {
		return err
	}
	m := measured{JSON: c.JSON, Lang: c.Lang}
	b, err := bench.Cleaning{Program: program, Rows: c.N, People: c.People, Seed: c.Seed, Profile: c.Errors, Step: m.step(p)}.Run(ctx)
	if err != nil {
		return err
	}
	return m.print(p, b)
}

type benchProgrammeCmd struct {
	measured
	Tasks    int    `default:"40" help:"How many tasks each of the 11,389 agencies has."`
	Users    int    `default:"50" help:"How many read at the same time."`
	Postgres string `help:"Keep the data on this PostgreSQL instead of SQLite: postgres://…; a schema is made and dropped."`
}

// Run measures the programme.
func (c benchProgrammeCmd) Run(ctx context.Context, p node.Program) error {
	program, err := itself()
	if err != nil {
		return err
	}
	b, err := bench.Programme{
		Ground: bench.Ground{Postgres: c.Postgres}, Program: program, Tasks: c.Tasks, Users: c.Users, For: c.duration(), Step: c.step(p),
	}.Run(ctx)
	if err != nil {
		return err
	}
	return c.print(p, b)
}
