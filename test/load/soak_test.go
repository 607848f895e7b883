package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"dean06/internal/bench"
)

// TestSoak runs the shortest soak that kills a node.
func TestSoak(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := &load{table: table{out: &out}}
	if err := l.inFolder(func() error { return l.soak(t.Context(), 0.08, 20, 2*time.Second, true) }); err != nil {
		t.Fatalf("%v: %s", err, &out)
	}
	var got bench.Soaked
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Accepted < 20 || len(got.Kills) == 0 || len(got.Nodes) != 3 || got.Nodes[1].Records < 2*got.Accepted || got.Nodes[2].Records < 2*got.Accepted {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(l.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder is left: %v", err)
	}
}

// TestSoakFails: what is wrong ends it with an error, printed either way.
func TestSoakFails(t *testing.T) {
	t.Parallel()
	for _, asJSON := range []bool{false, true} {
		var out strings.Builder
		if err := printSoak(&out, bench.Soaked{Wrong: []string{"1 of 9 accepted answers"}}, asJSON); !errors.Is(err, errSoak) {
			t.Errorf("%v, want it to fail", err)
		}
		if !strings.Contains(out.String(), "1 of 9 accepted answers") {
			t.Errorf("it says %s", &out)
		}
		if err := printSoak(&out, bench.Soaked{}, asJSON); err != nil {
			t.Errorf("nothing is wrong, and it fails: %v", err)
		}
	}
}
