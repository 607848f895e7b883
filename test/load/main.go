package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"dean06/internal/bench"
	"dean06/internal/platform/measure"
)

// load is one run of the program.
type load struct {
	table
	dir        string
	runs       int
	units      int // workbooks at most; 0: all
	users      int
	period     time.Duration
	rounds     int
	postgres   string
	built      string // the built dean06
	profiled   bool
	seconds    float64 // of each measurement of the exchange and the register
	people     string  // sizes of the register
	lookups    int     // in the register's log
	turns      int     // of sign-ins, ours and the peer's
	pairs      int     // of turns of calls with and without the gate
	dirtySizes string  // sizes of dirty files and their registers
	linkage    string  // the folder of public labelled sets
	python     string  // one that has Splink
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// part is a measurement that can be run by itself.
type part struct {
	name string
	do   func(*load, context.Context) error
}

var parts = []part{
	{"files", (*load).files},
	{"word", (*load).word},
	{"workbooks", (*load).workbooks},
	{"program", (*load).size},
	{"demo", (*load).demo},
	{"start", (*load).start},
	{"report", (*load).report},
	{"board", (*load).board},
	{"exchange", (*load).exchange},
	{"gate", (*load).gate},
	{"population", (*load).population},
	{"identity", (*load).identity},
	{"birth", (*load).birth},
	{"cleaning", (*load).cleaning},
}

func run(ctx context.Context, args []string) error {
	if len(args) == 3 && args[0] == staticPage { // this program again, as the peer of the board
		return bench.ServeStatic(ctx, args[1], args[2])
	}
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = p.name
	}
	l := &load{table: table{out: os.Stdout}, postgres: os.Getenv("TEST_POSTGRES")}
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	only := f.String("only", "", "measure only these, joined by commas: "+strings.Join(names, ", "))
	f.IntVar(&l.runs, "runs", 5, "runs of each")
	f.IntVar(&l.units, "units", 0, "workbooks at most; 0 for all of 2022")
	f.IntVar(&l.users, "users", 100, "users at once on the board")
	f.IntVar(&l.rounds, "rounds", 40, "quarterly rounds behind the board")
	f.DurationVar(&l.period, "period", 15*time.Second, "how long the users read")
	f.Float64Var(&l.seconds, "seconds", 5, "how long each measurement of the exchange and of the register takes")
	f.StringVar(&l.people, "people", "100000,1000000", "how many people are in the register, one size after the other")
	f.IntVar(&l.lookups, "lookups", 1_000_000, "look-ups in the register's log")
	f.IntVar(&l.turns, "turns", 3, "how often sign-ins are measured, in turn with those of a peer")
	f.IntVar(&l.pairs, "pairs", 20, "how often calls by a right that demands security are measured, in turn with the same without")
	f.StringVar(&l.dirtySizes, "files", "300000x1000000", "rows and people of data cleaning: ROWSxPEOPLE, joined by commas")
	f.StringVar(&l.linkage, "linkage", "", "folder of public labelled sets: febrl_dataset*.csv, splink_fake_1000.csv, splink_historical_50k.csv.gz")
	f.StringVar(&l.python, "python", "", "a Python that has Splink and DuckDB; installed from PyPI when left out")
	soak := f.Bool("soak", false, "instead of measuring: call through two gateways while nodes are killed, then hold the logs against what was accepted")
	minutes := f.Float64("minutes", 30, "how long the soak takes")
	rate := f.Int("rate", 100, "calls of the soak a second")
	every := f.Duration("kill", time.Minute, "how long between two kills of the soak")
	asJSON := f.Bool("json", false, "print what the soak found for programs")
	profile := f.String("profile", "", "write what the processor did to this file; the board is then served by this process")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *soak {
		return l.inFolder(func() error { return l.soak(ctx, *minutes, *rate, *every, *asJSON) })
	}
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	if *profile != "" {
		l.profiled = true
		out, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer out.Close()
		if err := pprof.StartCPUProfile(out); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	return l.measure(ctx, chosen)
}

// choose gives the parts of these names, joined by commas; all when there is none.
func choose(only string) ([]part, error) {
	if only == "" {
		return parts, nil
	}
	var out []part
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
		if i < 0 {
			return nil, fmt.Errorf("-only: there is no part %q", name)
		}
		out = append(out, parts[i])
	}
	return out, nil
}

// inFolder runs f with a folder that is gone afterwards.
func (l *load) inFolder(f func() error) (err error) {
	if l.dir, err = os.MkdirTemp("", "dean06-load-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(l.dir)) }()
	return f()
}

func (l *load) measure(ctx context.Context, chosen []part) error {
	return l.inFolder(func() error { return l.measured(ctx, chosen) })
}

func (l *load) measured(ctx context.Context, chosen []part) error {
	m := measure.ThisMachine()
	fmt.Printf("%s\n%s (%d cores), %s memory, %s, %s\nload average %s\n\n", m.At, m.CPU, m.Cores, m.Memory, m.System, m.Go, m.Load)
	if err := l.server(ctx); err != nil {
		return err
	}
	for _, p := range chosen {
		fmt.Fprintln(os.Stderr, p.name, "…")
		if err := p.do(l, ctx); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	l.print()
	fmt.Println("\nload average " + measure.LoadAverage())
	return nil
}

// server says which PostgreSQL is measured, and whether it flushes.
func (l *load) server(ctx context.Context) error {
	if l.postgres == "" {
		fmt.Print("without PostgreSQL: set TEST_POSTGRES=postgres://user@host/database to measure it too\n\n")
		return nil
	}
	db, err := sql.Open("pgx", l.postgres)
	if err != nil {
		return err
	}
	defer db.Close()
	var version, fsync string
	err = errors.Join(
		db.QueryRowContext(ctx, "SHOW server_version").Scan(&version),
		db.QueryRowContext(ctx, "SHOW fsync").Scan(&fsync),
	)
	fmt.Printf("PostgreSQL %s, fsync %s\n\n", version, fsync)
	return err
}

// grounds are the databases to measure on.
func (l *load) grounds() []bench.Ground {
	out := []bench.Ground{{Dir: l.dir}}
	if l.postgres != "" {
		out = append(out, bench.Ground{Dir: l.dir, Postgres: l.postgres})
	}
	return out
}

// program builds dean06 as the README says, once.
func (l *load) program(ctx context.Context) (string, error) {
	if l.built != "" {
		return l.built, nil
	}
	to := filepath.Join(l.dir, "dean06")
	if err := goBuild(ctx, to, "-trimpath", "-ldflags=-s -w"); err != nil {
		return "", err
	}
	l.built = to
	return to, nil
}

func goBuild(ctx context.Context, to string, flags ...string) error {
	cmd := exec.CommandContext(ctx, "go", slices.Concat([]string{"build", "-o", to}, flags, []string{"dean06/cmd/dean06"})...)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// size says how large the program is.
func (l *load) size(ctx context.Context) error {
	program, err := l.program(ctx)
	if err != nil {
		return err
	}
	whole := filepath.Join(l.dir, "whole")
	if err := goBuild(ctx, whole); err != nil {
		return err
	}
	for _, p := range []struct{ what, file, target string }{
		{"size of the program", program, "95 MB"}, {"size with debugging data (plain go build)", whole, ""},
	} {
		info, err := os.Stat(p.file)
		if err != nil {
			return err
		}
		l.add(row{what: p.what, target: p.target, value: bold(megabytes(float64(info.Size()) / 1e6))})
	}
	return nil
}
