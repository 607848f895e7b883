package main

import (
	"strings"
	"testing"

	"dean06/internal/platform/measure"
)

func TestTableShowsWhatWasMeasured(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	table := table{out: &out, rows: []row{
		{what: "import", target: "2 min", runs: &measure.Runs{Count: 3, Median: 2000, Min: 1000, Max: 3000}, cpu: 10},
		{what: "size", value: bold(megabytes(45.2))},
		{what: "calls", value: "**8/s**", figures: &measure.Figures{Calls: 3, P50: 0.25, P95: 2.5, P99: 125}},
	}}
	table.print()
	for _, want := range []string{
		"| import | 2 min | **2.00 s** (1.00 s–3.00 s, 3) |  | 10.0 ms |  |",
		"| size |  | **45.2 MB** |",
		"| calls |  | **8/s** | 250 µs / 2.50 ms / 125 ms |",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("table is\n%s\nwant a line with %q", &out, want)
		}
	}
}

func TestChooseNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	got, err := choose("board,files")
	if err != nil || len(got) != 2 || got[0].name != "board" || got[1].name != "files" {
		t.Errorf("choose gives %v, %v, want board and files", got, err)
	}
	if _, err := choose("bord"); err == nil {
		t.Error("a part that there is not is chosen")
	}
}
