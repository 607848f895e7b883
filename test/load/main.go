//go:build unix

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"time"
)

// bench is one run of the program.
type bench struct {
	table
	dir      string
	runs     int
	units    int // workbooks at most; 0: all
	users    int
	period   time.Duration
	rounds   int
	postgres string
	program  string // the built dean06
	profiled bool
	seconds  float64 // of each measurement of the exchange and the register
	people   string  // sizes of the register
	lookups  int     // in the register's log
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// part is a measurement that can be run by itself.
type part struct {
	name string
	do   func(*bench, context.Context) error
}

var parts = []part{
	{"files", (*bench).files},
	{"word", (*bench).word},
	{"workbooks", (*bench).workbooks},
	{"program", (*bench).size},
	{"demo", (*bench).demo},
	{"start", (*bench).start},
	{"report", (*bench).report},
	{"board", (*bench).board},
	{"exchange", (*bench).exchange},
	{"population", (*bench).population},
}

func run(ctx context.Context, args []string) error {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = p.name
	}
	if len(args) == 2 && args[0] == "floor" { // this program again, as the peer of the board
		return floor(ctx, args[1])
	}
	b := &bench{table: table{out: os.Stdout}, postgres: os.Getenv("TEST_POSTGRES")}
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	only := f.String("only", "", "measure only these, joined by commas: "+strings.Join(names, ", "))
	f.IntVar(&b.runs, "runs", 5, "runs of each")
	f.IntVar(&b.units, "units", 0, "workbooks at most; 0 for all of 2022")
	f.IntVar(&b.users, "users", 100, "users at once on the board")
	f.IntVar(&b.rounds, "rounds", 40, "quarterly rounds behind the board")
	f.DurationVar(&b.period, "period", 15*time.Second, "how long the users read")
	f.Float64Var(&b.seconds, "seconds", 5, "how long each measurement of the exchange and of the register takes")
	f.StringVar(&b.people, "people", "100000,1000000", "how many people are in the register, one size after the other")
	f.IntVar(&b.lookups, "lookups", 1_000_000, "look-ups in the register's log")
	profile := f.String("profile", "", "write what the processor did to this file; the board is then served by this process")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *profile != "" {
		b.profiled = true
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
	var err error
	if b.dir, err = os.MkdirTemp("", "dean06-load-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	fmt.Println(machine())
	if err := b.server(ctx); err != nil {
		return err
	}
	for _, p := range parts {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), p.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, p.name, "…")
		if err := p.do(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	b.print()
	fmt.Println("\n" + load())
	return nil
}

func machine() string {
	cpu := field("/proc/cpuinfo", "model name")
	if mhz := field("/proc/cpuinfo", "cpu MHz"); mhz != "" {
		cpu += ", " + mhz + " MHz"
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return fmt.Sprintf("%s\n%s (%d cores), %s memory, %s/%s %s, %s\n%s\n", time.Now().UTC().Format("2006-01-02 15:04 MST"),
		cpu, runtime.NumCPU(), field("/proc/meminfo", "MemTotal"), runtime.GOOS, runtime.GOARCH, strings.TrimSpace(string(kernel)), runtime.Version(), load())
}

func load() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "load average unknown"
	}
	parts := strings.Fields(string(raw))
	return "load average " + strings.Join(parts[:3], " ")
}
