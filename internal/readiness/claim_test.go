package readiness_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/readiness"
)

func claims(t testing.TB) []readiness.Claim {
	t.Helper()
	cs, err := readiness.LoadClaims(dataFile(t, "claims.json"))
	if err != nil {
		t.Fatal(err)
	}
	return cs
}

func TestPublishedClaims(t *testing.T) {
	t.Parallel()
	type ref struct {
		Campaign, Block, Figure string
		Value, Of               int
	}
	var got []ref
	for _, c := range claims(t) {
		if c.Figure != nil {
			got = append(got, ref{c.Figure.Campaign, c.Figure.Block, c.Figure.Figure, *c.Value, *c.Of})
		}
	}
	want := []ref{
		{"1877", "ministries", "all_five", 5, 20},
		{"1877", "provinces", "all_five", 13, 63},
		{"488", "ministries", "network", 6, 20},
		{"488", "provinces", "network", 37, 62},
		{"488", "ministries", "procedure_system", 5, 20},
		{"488", "provinces", "procedure_system", 29, 62},
		{"488", "ministries", "onestop_equipment", 3, 20},
		{"488", "provinces", "onestop_equipment", 16, 62},
		{"488", "ministries", "connection", 8, 20},
		{"488", "ministries", "security", 3, 20},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	figures := readiness.Tally(readiness.Question{Campaign: "488"}, readiness.ComponentMet1, appendix488(t), []readiness.Statement{
		statement("G02", readiness.Ministry, true, "network"), statement("G03", readiness.Ministry, true),
	})
	claim := func(campaign, figure string, value, of int) readiness.Claim {
		return readiness.Claim{Value: &value, Of: &of, Figure: &readiness.FigureRef{Campaign: campaign, Block: "ministries", Figure: figure}}
	}
	for name, c := range map[string]struct {
		claim                 readiness.Claim
		want                  readiness.Outcome
		difference, inRespond int
	}{
		"equal":             {claim("488", "network", 1, 2), readiness.Equal, 0, 0},
		"less than claimed": {claim("488", "network", 6, 2), readiness.Differs, -5, 0},
		"other respondents": {claim("488", "network", 1, 20), readiness.Differs, 0, -18},
		"all five":          {claim("488", "all_five", 0, 2), readiness.Equal, 0, 0},
		"another campaign":  {claim("1877", "network", 1, 2), readiness.NotRecomputable, 0, 0},
		"no such figure":    {claim("488", "speed", 1, 2), readiness.NotRecomputable, 0, 0},
		"no figure":         {readiness.Claim{Value: num(17)}, readiness.NotRecomputable, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readiness.Compare(c.claim, figures)
			if got.Outcome != c.want || got.Difference != c.difference || got.DifferenceOf != c.inRespond {
				t.Errorf("got %s, %d, %d", got.Outcome, got.Difference, got.DifferenceOf)
			}
		})
	}
	empty := readiness.Tally(readiness.Question{Campaign: "488"}, readiness.ComponentMet1, appendix488(t), nil)
	if got := readiness.Compare(claim("488", "network", 6, 20), empty); got.Outcome != readiness.NotRecomputable {
		t.Errorf("with no answer at all: %s", got.Outcome)
	}
	if bound, ok := readiness.Bound(figures.Ministries); !ok || bound != 0 {
		t.Errorf("bound %d, want 0", bound)
	}
}

// TestBound2022 is the check that only a register can do: at most 3 ministries
// and 16 provinces can have met all five late in 2022.
func TestBound2022(t *testing.T) {
	t.Parallel()
	cs := claims(t)
	for block, want := range map[string]int{"ministries": 3, "provinces": 16} {
		got, kept, err := readiness.CheckBound(cs, "488", block)
		if err != nil || got != want || !kept {
			t.Errorf("%s: bound %d, kept %v, %v; want %d", block, got, kept, err, want)
		}
	}
	if _, _, err := readiness.CheckBound(cs, "1877", "ministries"); err == nil {
		t.Error("a bound without a claim about a component")
	}
	five := 5
	over := append(cs, readiness.Claim{
		ID: "x", Value: &five, Figure: &readiness.FigureRef{Campaign: "488", Block: "ministries", Figure: readiness.AllFive},
	})
	if _, kept, _ := readiness.CheckBound(over, "488", "ministries"); kept {
		t.Error("5 met all five although only 3 met one of them")
	}
}

func TestLoadClaimsNamesTheLine(t *testing.T) {
	t.Parallel()
	raw := string(dataFile(t, "claims.json"))
	for name, c := range map[string]struct{ old, new, want string }{
		"twice":       {`"id": "all-five-provinces-2023"`, `"id": "all-five-ministries-2023"`, "stands twice"},
		"no value":    {`"value": 5, `, ``, "no value"},
		"no time":     {`"as_of": "2023-05-22", `, ``, "as_of or when"},
		"wrong block": {`"block": "ministries"`, `"block": "ministry"`, "ministries or provinces"},
		"unknown":     {`"value": 5`, `"valeu": 5`, "valeu"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := strings.Replace(raw, c.old, c.new, 1)
			if _, err := readiness.LoadClaims([]byte(broken)); broken == raw || err == nil || !strings.Contains(err.Error(), c.want) ||
				!strings.Contains(err.Error(), "line ") {
				t.Errorf("got %v, want a line number and %q", err, c.want)
			}
		})
	}
}
