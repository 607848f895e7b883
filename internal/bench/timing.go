package bench

import (
	"context"
	"maps"
	"os"
	"sync/atomic"
	"time"

	"dean06/internal/platform/measure"
)

// timing is operations of this process that are timed: whole runs of them, or each by
// itself.
type timing struct {
	runs, each []time.Duration
	count      int           // operations in all
	cpu        time.Duration // of all, user and system
}

// run times a whole run of so many operations.
func (t *timing) run(count int, f func() error) error {
	return t.costing(count, func() error {
		took := measure.Stopwatch()
		err := f()
		t.runs = append(t.runs, took())
		return err
	})
}

// oneByOne times each operation by itself.
func (t *timing) oneByOne(count int, f func(i int) error) error {
	return t.costing(count, func() error {
		for i := range count {
			took := measure.Stopwatch()
			if err := f(i); err != nil {
				return err
			}
			t.each = append(t.each, took())
		}
		return nil
	})
}

// costing adds what this process took for so many operations. The kernel counts it in
// hundredths of a second, so it is asked once for all.
func (t *timing) costing(count int, f func() error) error {
	before := own().CPU
	err := f()
	t.cpu += own().CPU - before
	t.count += count
	return err
}

// section is what was timed, with further values.
func (t *timing) section(name string, values map[string]float64) Section {
	s := Section{Name: name, Values: map[string]float64{}}
	maps.Copy(s.Values, values)
	if len(t.runs) > 0 {
		r := measure.RunsOf(t.runs)
		s.Runs = &r
	}
	if len(t.each) > 0 {
		var all time.Duration
		for _, d := range t.each {
			all += d
		}
		f := measure.Of(t.each, all)
		s.Calls = &f
	}
	if t.count > 0 && t.cpu > 0 {
		s.Values["cpu_ms"] = measure.Milliseconds(t.cpu / time.Duration(t.count))
	}
	return s
}

// costs tells what a process took so far.
type costs func() measure.Process

// own is what this process took.
func own() measure.Process { return measure.ProcessOf(os.Getpid()) }

// drive makes calls, and says what they cost this process, the client, and those beside
// it by their names.
func drive(
	ctx context.Context, name string, l measure.Load, beside map[string]costs, do func(ctx context.Context, caller, n int) error,
) Section {
	all := map[string]costs{"client": own}
	maps.Copy(all, beside)
	before := map[string]measure.Process{}
	for k, cost := range all {
		before[k] = cost()
	}
	var made atomic.Int64 // in the warming-up too
	f := l.Run(ctx, func(ctx context.Context, caller, n int) error {
		made.Add(1)
		return do(ctx, caller, n)
	})
	s := Section{Name: name, Calls: &f, Values: map[string]float64{}}
	for k, cost := range all {
		after := cost()
		s.Values["cpu_ms_"+k] = measure.Milliseconds((after.CPU - before[k].CPU) / time.Duration(max(1, made.Load())))
		if k == "client" {
			continue
		}
		s.Values["rss_mb_"+k] = megabytes(after.RSS)
		s.Values["own_mb_"+k] = megabytes(after.Own)
		s.Values["peak_mb_"+k] = megabytes(after.Peak)
	}
	return s
}

func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }

// perSecond is a rate, whole.
func perSecond(n int, took time.Duration) float64 {
	return float64(int64(float64(n) / max(took.Seconds(), 1e-9)))
}
