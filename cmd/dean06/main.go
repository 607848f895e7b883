// Command dean06 runs the nodes of Đề án 06: the coordinator's board, the data
// exchange with its hub and gateways, and the population register.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"dean06/internal/app"
	"dean06/internal/bench"
	"dean06/internal/demo"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
)

// Exit codes that scripts rely on.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// commands are those of the program itself; modules add their own.
type commands struct {
	Demo    demoCmd    `cmd:"" help:"Start the demo: a small country of five nodes, on this machine only."`
	Serve   serveCmd   `cmd:"" help:"Run a node as its configuration says."`
	Config  configCmd  `cmd:"" help:"Work with the configuration file."`
	Audit   auditCmd   `cmd:"" help:"The log of who did what."`
	Account accountCmd `cmd:"" help:"Accounts of people."`
	Jobs    jobsCmd    `cmd:"" help:"Background work that failed: see it, run it again, give it up."`
	Bench   benchCmd   `cmd:"" help:"Measure the exchange and the register on this machine."`
	Backup  backupCmd  `cmd:"" help:"Copy an SQLite database while it is in use."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// demoDir is where the demo keeps its data, below the working folder.
const demoDir = "var/demo"

func main() {
	keepPrivate()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errw io.Writer) int {
	var c commands
	exited := -1
	program, err := theProgram(out, errw)
	if err != nil {
		fmt.Fprintln(errw, err)
		return exitFailed
	}
	parser, err := newParser(&c, kong.Writers(out, errw), kong.Exit(func(code int) { exited = code }))
	if err != nil {
		fmt.Fprintln(errw, err)
		return exitUsage
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		fmt.Fprintf(errw, "dean06: %v\n", err)
		fmt.Fprintln(errw, "dean06: try: dean06 --help")
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k.BindTo(ctx, (*context.Context)(nil))
	err = k.Run(program)
	var usage node.UsageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, node.ErrNotAll):
		return exitFailed
	case errors.As(err, &usage):
		fmt.Fprintf(errw, "dean06: %s\n", describe(program, err, args))
		return exitUsage
	}
	fmt.Fprintf(errw, "dean06: %s\n", describe(program, err, args))
	return exitFailed
}

// newParser reads the commands of the program and of all modules.
func newParser(c *commands, more ...kong.Option) (*kong.Kong, error) {
	options := append([]kong.Option{
		kong.Name("dean06"), kong.Description("Software for Đề án 06. `dean06 demo` shows it; see README.md for the rest."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"default_db": "sqlite:" + demoDir + "/board.db", "demo_dir": demoDir},
	}, more...)
	for _, m := range app.Every() {
		for _, add := range m.Commands {
			options = append(options, kong.DynamicCommand(add.Name, add.Help, "", add.Value))
		}
	}
	return kong.New(c, options...)
}

// theProgram is what commands run in.
func theProgram(out, errw io.Writer) (node.Program, error) {
	catalogue, err := node.Catalogue(app.Every(), demo.Messages, bench.Messages)
	if err != nil {
		return node.Program{}, err
	}
	return node.Program{
		Out: out, Err: errw, Messages: catalogue, Shape: app.Shape(), Demo: demo.Config, Chains: app.Chains,
		Open: func(ctx context.Context, role string, s node.Settings, only ...string) (*node.Node, error) {
			if !s.MayMake && !s.Memory {
				if err := sqldb.MustBeThere(s.Config.DB.URL.Reveal()); err != nil {
					return nil, err
				}
			}
			n, _, err := app.Open(ctx, role, s, only...)
			return n, err
		},
	}, nil
}

// describe writes an error in the language that the command line asks for.
func describe(p node.Program, err error, args []string) string {
	lang := i18n.Vi
	for i, a := range args {
		if a == "--lang=en" || a == "--lang" && i+1 < len(args) && args[i+1] == "en" {
			lang = i18n.En
		}
	}
	return node.Describe(p.Messages.In(lang), err)
}
