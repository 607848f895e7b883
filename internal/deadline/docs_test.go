package deadline_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"dean06/internal/deadline"
)

// The examples of docs/deadlines.md are so.
func TestExamplesOfTheDocument(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/deadlines.md")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile(`(?m)^\| (\d{4}-\S+ \S+) \| (\d+ \w+) \|([^|]*)\| (\d{4}-\S+ \S+) \|$`)
	found := example.FindAllStringSubmatch(string(raw), -1)
	if len(found) < 9 {
		t.Fatalf("%d examples found: does the pattern still fit?", len(found))
	}
	for _, m := range found {
		in := caseOf(t, strings.Join(m[1:4], "|"))
		r, err := deadline.Compute(builtIn(t), in)
		if err != nil || r.Due.Format(written) != m[4] {
			t.Errorf("%s: due %s, %v", m[0], r.Due.Format(written), err)
		}
	}
	// Each word for a day is explained.
	for _, why := range []deadline.Why{
		deadline.Reception, deadline.AfterCutoff, deadline.BeforeRestart, deadline.InCalendar, deadline.Paused, deadline.PartlyPaused, deadline.MovedOn,
	} {
		if !strings.Contains(string(raw), "`"+string(why)+"`") {
			t.Errorf("%s is not explained", why)
		}
	}
}
