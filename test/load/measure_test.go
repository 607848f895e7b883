//go:build unix

package main

import (
	"strings"
	"testing"
	"time"
)

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
			if got := percentile(tt.sorted, tt.p); got != tt.want {
				t.Errorf("percentile %d = %d, want %d", tt.p, got, tt.want)
			}
		})
	}
}

func TestTableShowsWhatWasMeasured(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	table := table{out: &out, rows: []row{
		{what: "import", target: "2 min", runs: []time.Duration{3 * time.Second, time.Second, 2 * time.Second}, cpu: time.Second, count: 100},
		{what: "size", value: megabytes(45_200_000)},
	}}
	table.print()
	for _, want := range []string{"| import | 2 min | **2.00 s** (1.00 s–3.00 s, 3) |  | 10.0 ms |  |", "| size |  | **45.2 MB** |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("table is\n%s\nwant a line with %q", &out, want)
		}
	}
}
