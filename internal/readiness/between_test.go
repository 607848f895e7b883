package readiness_test

import (
	"testing"

	"dean06/internal/readiness"

	"github.com/google/go-cmp/cmp"
)

// TestBetween: only answers that are known in both rounds are compared, and silence is no
// step back.
func TestBetween(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	answer := func(agency string, network readiness.Status) readiness.Statement {
		v := readiness.Verdict{Components: map[string]readiness.Status{"network": network}, AllMet: network == readiness.Met}
		return readiness.Statement{Agency: agency, Recipient: true, Version: 1, Verdict: v}
	}
	silent := func(agency string) readiness.Statement { return readiness.Statement{Agency: agency, Recipient: true} }
	merged := answer("M", readiness.Met)
	merged.From = []readiness.Statement{answer("M1", readiness.Met), silent("M2")}
	before := []readiness.Statement{
		answer("A", readiness.NotMet), answer("B", readiness.Met), answer("C", readiness.Met), answer("D", readiness.Met), silent("E"),
		silent("F"), answer("G", readiness.Met), merged, answer("X", readiness.Met),
	}
	now := []readiness.Statement{
		answer("A", readiness.Met), answer("B", readiness.PartiallyMet), answer("C", readiness.Met), silent("D"),
		answer("E", readiness.Met), silent("F"), answer("G", readiness.Unknown), answer("M", readiness.NotMet),
	}
	codes := func(list []readiness.Turn) (out string) {
		for _, m := range list {
			out += m.Is.Agency
		}
		return out
	}
	for _, figure := range []string{"network", readiness.AllFive} {
		c := readiness.Between(figure, before, now)
		got := []string{codes(c.Both), codes(c.Gained), codes(c.Fell), codes(c.OnlyBefore), codes(c.OnlyNow), codes(c.Neither)}
		if d := cmp.Diff([]string{"ABC", "A", "B", "DGX", "EM", "F"}, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", figure, d)
		}
		if c.Was != 2 || c.Is != 2 {
			t.Errorf("%s: %v before, %v now", figure, c.Was, c.Is)
		}
	}
	if fell, compared := readiness.Fell(tpl, before, now); fell != 1 || compared != 3 {
		t.Errorf("%d of %d fell", fell, compared)
	}
	if s := answer("A", readiness.Met); s.Status("security") != readiness.Unknown || s.Known("security") {
		t.Error("a component without an answer is settled")
	}
}
