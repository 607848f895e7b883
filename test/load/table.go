package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"dean06/internal/bench"
	"dean06/internal/platform/measure"
)

// row is one line of the table.
type row struct {
	what, target string
	value        string           // instead of runs
	runs         *measure.Runs    // whole runs
	figures      *measure.Figures // single operations, for percentiles
	cpu          float64          // of one operation, in milliseconds
	note         string
}

// of is a row of what was measured.
func of(s bench.Section, what, target, note string) row {
	return row{what: what, target: target, runs: s.Runs, figures: s.Calls, cpu: s.Values["cpu_ms"], note: note}
}

// table prints rows as they come, in Markdown.
type table struct {
	out  io.Writer
	rows []row
}

func (t *table) add(r row) {
	t.rows = append(t.rows, r)
	fmt.Fprintf(os.Stderr, "  %s: %s\n", r.what, r.median())
}

func (t *table) print() {
	fmt.Fprintln(t.out, "| what | target | median (min–max, runs) | one: p50 / p95 / p99 | CPU for one | note |")
	fmt.Fprintln(t.out, "|---|---|---|---|---|---|")
	for _, r := range t.rows {
		fmt.Fprintf(t.out, "| %s | %s | %s | %s | %s | %s |\n", r.what, r.target, r.median(), r.percentiles(), r.cost(), r.note)
	}
}

func (r row) median() string {
	if r.value != "" || r.runs == nil {
		return r.value
	}
	return fmt.Sprintf("**%s** (%s–%s, %d)", ms(r.runs.Median), ms(r.runs.Min), ms(r.runs.Max), r.runs.Count)
}

func (r row) percentiles() string {
	f := r.figures
	if f == nil || f.Calls == 0 {
		return ""
	}
	return fmt.Sprintf("%s / %s / %s", ms(f.P50), ms(f.P95), ms(f.P99))
}

func (r row) cost() string {
	if r.cpu == 0 {
		return ""
	}
	return ms(r.cpu)
}

// ms writes milliseconds with three figures.
func ms(x float64) string {
	d := time.Duration(x * float64(time.Millisecond))
	switch {
	case d >= time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= 100*time.Millisecond:
		return fmt.Sprintf("%.0f ms", x)
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", x)
	case d >= time.Millisecond:
		return fmt.Sprintf("%.2f ms", x)
	}
	return fmt.Sprintf("%.0f µs", x*1000)
}

func megabytes(x float64) string { return fmt.Sprintf("%.1f MB", x) }

func bold(s string) string { return "**" + s + "**" }

func rate(f *measure.Figures) string { return bold(fmt.Sprintf("%.0f/s", f.PerSecond)) }

func failed(f *measure.Figures) string {
	if f.Errors == 0 {
		return ""
	}
	return fmt.Sprintf("; %d errors: %s", f.Errors, f.FirstErr)
}
