// Package measure drives load against something and says what it took: calls a
// second, percentiles, and what a process cost meanwhile. It is for `dean06 bench`
// and test/load; it judges nothing.
package measure

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"dean06/internal/platform/clock"
)

// Load is callers who each make one call after another.
type Load struct {
	Callers int
	Warm    time.Duration // first, and not counted
	For     time.Duration
	// Pause is how long a caller rests between two calls, on average; the next comes after
	// half of it to half more. None is no rest.
	Pause time.Duration
	// Apart is the time within which they begin, one after another as people do.
	Apart time.Duration
}

// Figures are what a load took. Times are in milliseconds.
type Figures struct {
	Callers   int     `json:"callers"`
	Calls     int     `json:"calls"`
	Errors    int     `json:"errors"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P95       float64 `json:"p95_ms"`
	P99       float64 `json:"p99_ms"`
	Max       float64 `json:"max_ms"`
	FirstErr  string  `json:"first_error,omitempty"`
}

// Run makes calls until the time is over. do is told which caller it is and the
// how-manyth call of that caller; calls that fail are counted apart.
func (l Load) Run(ctx context.Context, do func(ctx context.Context, caller, n int) error) Figures {
	type result struct {
		times  []time.Duration
		errors int
		first  error
	}
	results := make([]result, l.Callers)
	begin := now().Add(l.Warm)
	end := begin.Add(l.For)
	var wg sync.WaitGroup
	for c := range l.Callers {
		wg.Go(func() {
			r := &results[c]
			dice := rand.New(rand.NewPCG(uint64(c), 6)) //nolint:gosec // no secret: the same each time
			rest(ctx, dice, 0, l.Apart)
			for n := 0; ctx.Err() == nil; n++ {
				if n > 0 {
					rest(ctx, dice, l.Pause/2, l.Pause)
				}
				start := now()
				if !start.Before(end) {
					return
				}
				err := do(ctx, c, n)
				if start.Before(begin) {
					continue
				}
				if err != nil {
					r.errors++
					if r.first == nil {
						r.first = err
					}
					continue
				}
				r.times = append(r.times, now().Sub(start))
			}
		})
	}
	wg.Wait()
	var all []time.Duration
	f := Figures{Callers: l.Callers, Seconds: now().Sub(begin).Seconds()}
	for _, r := range results {
		all = append(all, r.times...)
		f.Errors += r.errors
		if r.first != nil && f.FirstErr == "" {
			f.FirstErr = r.first.Error()
		}
	}
	f.fill(all)
	return f
}

// rest waits for at least some time and up to so much more.
func rest(ctx context.Context, dice *rand.Rand, least, more time.Duration) {
	if more <= 0 {
		return
	}
	t := time.NewTimer(least + time.Duration(dice.Int64N(int64(more))))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// Runs are whole runs of something. Times are in milliseconds.
type Runs struct {
	Count  int     `json:"count"`
	Median float64 `json:"median_ms"`
	Min    float64 `json:"min_ms"`
	Max    float64 `json:"max_ms"`
}

// RunsOf gives the middle and the ends of at least one run.
func RunsOf(times []time.Duration) Runs {
	s := slices.Sorted(slices.Values(times))
	return Runs{Count: len(s), Median: Milliseconds(Percentile(s, 50)), Min: Milliseconds(s[0]), Max: Milliseconds(s[len(s)-1])}
}

// Percentile of sorted values: the smallest that p of a hundred do not exceed.
func Percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

// Of gives the figures of single operations that one caller made in all.
func Of(times []time.Duration, took time.Duration) Figures {
	f := Figures{Callers: 1, Seconds: took.Seconds()}
	f.fill(times)
	return f
}

func (f *Figures) fill(times []time.Duration) {
	f.Calls = len(times)
	if len(times) == 0 {
		return
	}
	slices.Sort(times)
	if f.Seconds > 0 {
		f.PerSecond = round(float64(len(times))/f.Seconds, 1)
	}
	f.Seconds = round(f.Seconds, 2)
	at := func(p int) float64 { return Milliseconds(Percentile(times, p)) }
	f.P50, f.P95, f.P99, f.Max = at(50), at(95), at(99), Milliseconds(times[len(times)-1])
}

// Milliseconds writes a duration with three digits after the point.
func Milliseconds(d time.Duration) float64 { return round(float64(d)/1e6, 3) }

func round(x float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(x*p) / p
}

func now() time.Time { return clock.System{}.Now() }

// Stopwatch takes the time since it was made.
func Stopwatch() func() time.Duration {
	start := now()
	return func() time.Duration { return now().Sub(start) }
}

// Process is what a process has cost so far.
type Process struct {
	CPU  time.Duration // user and system
	RSS  int64         // resident now, bytes: with the pages of the program's own file, which processes share
	Own  int64         // of that, what is not a file's
	Peak int64         // resident at most, bytes
}

// ProcessOf reads /proc; all is zero where there is none.
func ProcessOf(pid int) Process {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	var p Process
	if raw, err := os.ReadFile(filepath.Join(dir, "stat")); err == nil {
		// The name in brackets may hold anything; the fields after it do not.
		rest := string(raw[strings.LastIndexByte(string(raw), ')')+1:])
		if f := strings.Fields(rest); len(f) > 13 {
			user, _ := strconv.ParseInt(f[11], 10, 64)
			system, _ := strconv.ParseInt(f[12], 10, 64)
			p.CPU = time.Duration(user+system) * (time.Second / 100) // USER_HZ is 100 on Linux
		}
	}
	p.RSS, p.Own, p.Peak = kilobytes(dir, "VmRSS")*1024, kilobytes(dir, "RssAnon")*1024, kilobytes(dir, "VmHWM")*1024
	return p
}

func kilobytes(dir, key string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSuffix(line(filepath.Join(dir, "status"), key), " kB"), 10, 64)
	return n
}

// Tree is what processes and those that they started cost together.
func Tree(pids ...int) Process {
	var all Process
	for _, pid := range families(pids) {
		p := ProcessOf(pid)
		all.CPU += p.CPU
		all.RSS += p.RSS
		all.Own += p.Own
		all.Peak += p.Peak
	}
	return all
}

// families are processes and their children, as Linux tells them.
func families(pids []int) []int {
	all := slices.Clone(pids)
	for i := 0; i < len(all); i++ {
		pid := strconv.Itoa(all[i])
		raw, err := os.ReadFile(filepath.Join("/proc", pid, "task", pid, "children"))
		if err != nil {
			continue // it has ended, or there is no /proc
		}
		for s := range strings.FieldsSeq(string(raw)) {
			if child, err := strconv.Atoi(s); err == nil {
				all = append(all, child)
			}
		}
	}
	return all
}
