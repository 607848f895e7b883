package measure

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"
)

func TestPercentiles(t *testing.T) {
	t.Parallel()
	var times []time.Duration
	for i := range 100 {
		times = append(times, time.Duration(100-i)*time.Millisecond)
	}
	got := Of(times, 10*time.Second)
	want := Figures{Callers: 1, Calls: 100, Seconds: 10, PerSecond: 10, P50: 50, P95: 95, P99: 99, Max: 100}
	if got != want {
		t.Errorf("figures = %+v, want %+v", got, want)
	}
	if got := Of(nil, time.Second); got.Calls != 0 || got.P99 != 0 {
		t.Errorf("figures of nothing = %+v", got)
	}
}

func TestErrorsAreCountedApart(t *testing.T) {
	t.Parallel()
	got := Load{Callers: 2, For: 20 * time.Millisecond}.Run(t.Context(), func(_ context.Context, caller, _ int) error {
		time.Sleep(time.Millisecond)
		if caller == 1 {
			return errors.New("no")
		}
		return nil
	})
	if got.Calls == 0 || got.Errors == 0 || got.FirstErr != "no" {
		t.Errorf("figures = %+v, want calls and errors", got)
	}
}

func TestThisProcess(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Log("there is no /proc here: all is zero")
		if got := ProcessOf(os.Getpid()); got != (Process{}) {
			t.Errorf("process = %+v, want nothing", got)
		}
		return
	}
	if got := Tree(os.Getpid()); got.RSS <= 0 || got.Peak < got.RSS {
		t.Errorf("process = %+v, want what it takes", got)
	}
}
