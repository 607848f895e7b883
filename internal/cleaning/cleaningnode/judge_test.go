package cleaningnode

import (
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/platform/clock/clocktest"
	"dean06/internal/platform/fault"
)

// TestJudges: what was learned is learned once for all who wait, judges on while it is
// renewed, and a failure leaves the old one.
func TestJudges(t *testing.T) {
	t.Parallel()
	watch := &clocktest.Clock{}
	watch.Set("2026-11-30 10:00")
	var made atomic.Int32
	let, failing := make(chan struct{}), atomic.Bool{}
	j := &judges{now: watch.Now, log: slog.New(slog.DiscardHandler), make: func() (*cleaning.Judge, error) {
		made.Add(1)
		<-let
		if failing.Load() {
			return nil, errors.New("no room")
		}
		return &cleaning.Judge{AsOf: watch.Now()}, nil
	}}
	got := make(chan *cleaning.Judge)
	for range 3 {
		go func() {
			one, err := j.get(t.Context())
			if err != nil {
				t.Error(err)
			}
			got <- one
		}()
	}
	let <- struct{}{}
	first := <-got
	if a, b := <-got, <-got; first == nil || a != first || b != first || made.Load() != 1 {
		t.Fatalf("%p %p %p, made %d times", first, a, b, made.Load())
	}
	watch.Pass(25 * time.Hour)
	failing.Store(true)
	if one, err := j.get(t.Context()); err != nil || one != first {
		t.Errorf("%p, %v while it is renewed", one, err)
	}
	let <- struct{}{}
	failing.Store(false)
	for made.Load() < 3 { // the failed one is tried again
		if one, err := j.get(t.Context()); err != nil || one != first {
			t.Fatalf("%p, %v after it failed", one, err)
		}
		time.Sleep(time.Millisecond)
	}
	let <- struct{}{}
	for {
		one, err := j.get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if one != first {
			break
		}
		time.Sleep(time.Millisecond)
	}
	none := &judges{now: watch.Now, log: slog.New(slog.DiscardHandler), make: func() (*cleaning.Judge, error) { return nil, errors.New("no room") }}
	if _, err := none.get(t.Context()); fault.Of(err) != fault.Conflict {
		t.Errorf("%v, want a conflict", err)
	}
}
