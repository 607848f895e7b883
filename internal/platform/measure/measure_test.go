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

func TestPercentile(t *testing.T) {
	t.Parallel()
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	tests := []struct {
		name   string
		sorted []time.Duration
		p      int
		want   time.Duration
	}{
		{"median of a hundred", hundred, 50, 50},
		{"p95 of a hundred", hundred, 95, 95},
		{"p99 of a hundred", hundred, 99, 99},
		{"median of three", hundred[:3], 50, 2},
		{"p99 of three", hundred[:3], 99, 3},
		{"one", hundred[:1], 50, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Percentile(tt.sorted, tt.p); got != tt.want {
				t.Errorf("percentile %d = %d, want %d", tt.p, got, tt.want)
			}
		})
	}
}

func TestRuns(t *testing.T) {
	t.Parallel()
	got := RunsOf([]time.Duration{3 * time.Second, time.Second, 2 * time.Second})
	if want := (Runs{Count: 3, Median: 2000, Min: 1000, Max: 3000}); got != want {
		t.Errorf("runs = %+v, want %+v", got, want)
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
