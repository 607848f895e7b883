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
	"dean06/internal/platform/i18n"
)

// Exit codes that scripts rely on.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// commands is the whole command line; its tags are the help text.
type commands struct {
	Demo       demoCmd       `cmd:"" help:"Start the demo: a small country of five nodes, on this machine only."`
	Serve      serveCmd      `cmd:"" help:"Run a node as its configuration says."`
	Config     configCmd     `cmd:"" help:"Work with the configuration file."`
	Gateway    gatewayCmd    `cmd:"" help:"The node's gateway to the data exchange."`
	Doctor     doctorCmd     `cmd:"" help:"Ask everything that the gateway needs whether it works, and say what to mend."`
	Proof      proofCmd      `cmd:"" help:"Prove what was said through the exchange."`
	Population populationCmd `cmd:"" help:"The population register."`
	Org        orgCmd        `cmd:"" help:"Agencies and administrative units through time."`
	Readiness  readinessCmd  `cmd:"" help:"The register of who meets the requirements."`
	Audit      auditCmd      `cmd:"" help:"The log of who did what."`
	Account    accountCmd    `cmd:"" help:"Accounts of people."`
	Bench      benchCmd      `cmd:"" help:"Measure the exchange and the register on this machine."`
	Backup     backupCmd     `cmd:"" help:"Copy an SQLite database while it is in use."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// streams is where a command writes.
type streams struct {
	out, err io.Writer
}

// errNotAll ends a command with exit code 1 without another message: what went
// wrong has been printed line by line.
var errNotAll = errors.New("not all succeeded")

func run(args []string, out, errw io.Writer) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("dean06"),
		kong.Description("Software for Đề án 06. `dean06 demo` shows it; see README.md for the rest."),
		kong.Writers(out, errw), kong.UsageOnError(), kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"default_db": "sqlite:" + demoDir + "/board.db", "demo_dir": demoDir})
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
	err = k.Run(streams{out, errw})
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errNotAll):
		return exitFailed
	}
	var usage usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(errw, "dean06: %s\n", describe(err, args))
		return exitUsage
	}
	fmt.Fprintf(errw, "dean06: %s\n", describe(err, args))
	return exitFailed
}

// usageError is a mistake in how the command was called.
type usageError struct{ error }

// Unwrap gives the mistake.
func (e usageError) Unwrap() error { return e.error }

// describe writes an error in the language that the command line asks for.
func describe(err error, args []string) string {
	catalogue, loadErr := app.Catalogue()
	if loadErr != nil {
		return err.Error()
	}
	lang := i18n.Vi
	for i, a := range args {
		if a == "--lang=en" || a == "--lang" && i+1 < len(args) && args[i+1] == "en" {
			lang = i18n.En
		}
	}
	return app.Describe(catalogue.In(lang), err)
}
