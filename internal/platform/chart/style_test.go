package chart_test

import (
	"flag"
	"os"
	"testing"

	"dean06/internal/platform/chart"
)

var update = flag.Bool("update-style", false, "write the charts' part of the pages' stylesheet")

// TestPagesHaveTheStyle holds the stylesheet of pages against the paints.
// After -update-style, build the assets again.
func TestPagesHaveTheStyle(t *testing.T) {
	t.Parallel()
	const file = "../ui/assets/build/_chart.scss"
	want := "// Written by go test ./internal/platform/chart -update-style; see chart.CSS.\n" + chart.CSS
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("got another style in %s; run this test with -update-style", file)
	}
}
