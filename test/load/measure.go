//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"dean06/internal/platform/measure"
)

// row is one line of the table.
type row struct {
	what, target string
	runs         []time.Duration  // whole runs
	ops          []time.Duration  // single operations, for percentiles
	count        int              // operations in all runs together
	cpu          time.Duration    // of all runs together, user and system
	value        string           // instead of times
	figures      *measure.Figures // instead of operations, for percentiles
	note         string
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
	if r.value != "" || len(r.runs) == 0 {
		return r.value
	}
	s := slices.Sorted(slices.Values(r.runs))
	return fmt.Sprintf("**%s** (%s–%s, %d)", show(percentile(s, 50)), show(s[0]), show(s[len(s)-1]), len(s))
}

func (r row) percentiles() string {
	if f := r.figures; f != nil {
		return fmt.Sprintf("%s / %s / %s", ms(f.P50), ms(f.P95), ms(f.P99))
	}
	if len(r.ops) == 0 {
		return ""
	}
	s := slices.Sorted(slices.Values(r.ops))
	return fmt.Sprintf("%s / %s / %s", show(percentile(s, 50)), show(percentile(s, 95)), show(percentile(s, 99)))
}

func (r row) cost() string {
	if r.count == 0 || r.cpu == 0 {
		return ""
	}
	return show(r.cpu / time.Duration(r.count))
}

// ms writes milliseconds.
func ms(x float64) string { return show(time.Duration(x * float64(time.Millisecond))) }

// percentile of sorted values: the smallest that p of a hundred do not exceed.
func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

// show writes a duration with three figures.
func show(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= 100*time.Millisecond:
		return fmt.Sprintf("%.0f ms", float64(d)/1e6)
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/1e6)
	case d >= time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.0f µs", float64(d)/1e3)
}

func megabytes(n int64) string { return fmt.Sprintf("**%.1f MB**", float64(n)/1e6) }

// stopwatch takes time and processor time of this process.
type stopwatch struct {
	at  time.Time
	cpu time.Duration
}

func start() stopwatch { return stopwatch{time.Now(), cpuOf(syscall.RUSAGE_SELF)} }

func (s stopwatch) stop() (wall, cpu time.Duration) {
	return time.Since(s.at), cpuOf(syscall.RUSAGE_SELF) - s.cpu
}

func cpuOf(who int) time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(who, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// field is the value of a line "key: value" in a file of /proc; "" elsewhere.
func field(file, key string) string {
	raw, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(raw)) {
		k, v, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
