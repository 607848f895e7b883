package health

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"dean06/internal/platform/fault"
)

// Check is one part of an examination.
type Check struct {
	Name string
	From Depth // from which depth on it is asked
	Ask  func(ctx context.Context, depth Depth) []Finding
}

// One is a check that finds one thing.
func One(name string, from Depth, ask func(ctx context.Context) Finding) Check {
	return Check{name, from, func(ctx context.Context, _ Depth) []Finding { return []Finding{ask(ctx)} }}
}

// late is how long a check may need to notice that its time is over.
const late = time.Second

// Gather asks all checks of a depth at once, each for as long as within, and gives what
// they found in the order of the checks. One that panics or does not end is a finding of its own; the
// others go on.
func Gather(ctx context.Context, depth Depth, within time.Duration, checks ...Check) []Finding {
	found := make([][]Finding, len(checks))
	var wg sync.WaitGroup
	for i, c := range checks {
		if c.From <= depth {
			wg.Go(func() { found[i] = c.ask(ctx, depth, within) })
		}
	}
	wg.Wait()
	var list []Finding
	for _, f := range found {
		list = append(list, f...)
	}
	return list
}

func (c Check) ask(ctx context.Context, depth Depth, within time.Duration) []Finding {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	done := make(chan []Finding, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				slog.Error("a check of the node panicked", "check", c.Name, "panic", p, "stack", string(debug.Stack()))
				done <- c.failed("node.doctor.broken", fault.Args{"check": c.Name, "reason": fmt.Sprint(p)})
			}
		}()
		done <- c.Ask(ctx, depth)
	}()
	select {
	case list := <-done:
		return list
	case <-ctx.Done():
	}
	grace := time.NewTimer(late)
	defer grace.Stop()
	select {
	case list := <-done:
		return list
	case <-grace.C:
		return c.failed("node.doctor.slow", fault.Args{"check": c.Name, "seconds": int(within.Seconds())})
	}
}

func (c Check) failed(key string, args fault.Args) []Finding {
	return []Finding{{Check: c.Name, Subject: key, Level: Failing, Key: key, Args: args, Stops: c.From == Vital}}
}
