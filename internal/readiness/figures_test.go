package readiness_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/clock"
	"dean06/internal/readiness"
)

var sameDay = cmp.Comparer(func(a, b clock.Date) bool { return a == b })

var components = []string{"network", "procedure_system", "onestop_equipment", "connection", "security"}

// statement is an agency that meets the components named.
func statement(code, kind string, recipient bool, met ...string) readiness.Statement {
	s := readiness.Statement{
		Agency: code, Name: code, Kind: kind, Recipient: recipient, Version: 1,
		Verdict: readiness.Verdict{Rule: readiness.ComponentMet1, Components: map[string]readiness.Status{}, AllMet: len(met) == len(components)},
	}
	for _, c := range components {
		s.Verdict.Components[c] = readiness.NotMet
	}
	for _, c := range met {
		s.Verdict.Components[c] = readiness.Met
	}
	return s
}

func missing(code, kind string) readiness.Statement {
	return readiness.Statement{Agency: code, Kind: kind, Recipient: true}
}

func TestTally(t *testing.T) {
	t.Parallel()
	statements := []readiness.Statement{
		statement("G03", readiness.Ministry, true, components...),
		statement("G02", readiness.Ministry, true, "network"),
		missing("G04", readiness.Ministry),
		statement("G24", readiness.GovernmentAgency, false, "network"),
		statement("G01", readiness.Ministry, false, components...),
		statement("H55", readiness.Province, true, "network", "security"),
	}
	f := readiness.Tally(readiness.Question{Campaign: "488"}, readiness.ComponentMet1, appendix488(t), statements)
	got, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"ministries":{"network":2,"procedure_system":1,"onestop_equipment":1,"connection":1,"security":1,"all_five":1,"respondents":2},` +
		`"provinces":{"network":1,"procedure_system":0,"onestop_equipment":0,"connection":0,"security":1,"all_five":0,"respondents":1},` +
		`"others":{"government_agency":{"network":1,"procedure_system":0,"onestop_equipment":0,"connection":0,"security":0,"all_five":0,` +
		`"respondents":1},` +
		`"ministry":{"network":1,"procedure_system":1,"onestop_equipment":1,"connection":1,"security":1,"all_five":1,"respondents":1}}}`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
	network, _ := f.Ministries.Figure("network")
	if d := cmp.Diff(readiness.Figure{Key: "network", Met: []string{"G02", "G03"}, Of: []string{"G02", "G03"}, Sum: 2}, network); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"G04"}, f.Ministries.Missing); d != "" {
		t.Error(d)
	}
}

func TestTallyOfNothing(t *testing.T) {
	t.Parallel()
	f := readiness.Tally(readiness.Question{}, readiness.ComponentMet1, appendix488(t), nil)
	got, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	zero := `{"network":0,"procedure_system":0,"onestop_equipment":0,"connection":0,"security":0,"all_five":0,"respondents":0}`
	if d := cmp.Diff(`{"ministries":`+zero+`,"provinces":`+zero+`}`, string(got)); d != "" {
		t.Error(d)
	}
}

type geography map[string][]readiness.Share

func (g geography) Successors(agency string) []readiness.Share {
	if s, ok := g[agency]; ok {
		return s
	}
	return []readiness.Share{{Agency: agency, Name: agency, Kind: readiness.Province}}
}

func TestCombine(t *testing.T) {
	t.Parallel()
	// H01 (weight 3) and H02 (weight 1) become M1; H03 splits into M2 and M3.
	geo := geography{
		"H01": {{Agency: "M1", Kind: readiness.Province, Weight: 3}},
		"H02": {{Agency: "M1", Kind: readiness.Province, Weight: 1}},
		"H03": {{Agency: "M2", Kind: readiness.Province, Weight: 6}, {Agency: "M3", Kind: readiness.Province, Weight: 4}},
		"H09": {},
	}
	both := []readiness.Statement{
		statement("H01", readiness.Province, true, components...),
		statement("H02", readiness.Province, true, "network"),
		statement("H03", readiness.Province, true, "network"),
		statement("H04", readiness.Province, true, "security"),
		statement("H09", readiness.Province, true, "security"),
	}
	silent := []readiness.Statement{both[0], missing("H02", readiness.Province)}
	for name, c := range map[string]struct {
		rule       readiness.CombineRule
		in         []readiness.Statement
		unit       string
		network    readiness.Status
		security   readiness.Status
		all        bool
		answered   bool
		shareOfSec float64
		from       int
	}{
		"all: one does not meet it":     {readiness.CombineAll, both, "M1", "met", "partially_met", false, true, 0, 2},
		"any: one does":                 {readiness.CombineAny, both, "M1", "met", "met", true, true, 0, 2},
		"weighted: three quarters":      {readiness.CombineWeighted, both, "M1", "met", "partially_met", false, true, 0.75, 2},
		"all: one did not answer":       {readiness.CombineAll, silent, "M1", "partially_met", "partially_met", false, true, 0, 2},
		"any: one did not answer":       {readiness.CombineAny, silent, "M1", "met", "met", true, true, 0, 2},
		"a split unit gives to each":    {readiness.CombineAll, both, "M3", "met", "not_met", false, true, 0, 1},
		"a unit that stayed":            {readiness.CombineAll, both, "H04", "not_met", "met", false, true, 0, 0},
		"abolished without a successor": {readiness.CombineAll, both, "H09", "not_met", "met", false, true, 0, 0},
		"nobody answered": {
			readiness.CombineAll,
			[]readiness.Statement{missing("H01", readiness.Province), missing("H02", readiness.Province)},
			"M1",
			"", "", false, false, 0, 2,
		},
		"weighted: the silent one counts": {readiness.CombineWeighted, silent, "M1", "partially_met", "partially_met", false, true, 0.75, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, s := range readiness.Combine(c.rule, c.in, geo) {
				if s.Agency != c.unit {
					continue
				}
				if got := s.Verdict.Components["network"]; got != c.network {
					t.Errorf("network %q, want %q", got, c.network)
				}
				if got := s.Verdict.Components["security"]; got != c.security {
					t.Errorf("security %q, want %q", got, c.security)
				}
				if s.Verdict.AllMet != c.all || s.Answered() != c.answered || len(s.From) != c.from || s.Share["security"] != c.shareOfSec {
					t.Errorf("all %v, answered %v, from %d, share %v", s.Verdict.AllMet, s.Answered(), len(s.From), s.Share["security"])
				}
				if !s.Recipient {
					t.Error("the unit that follows a recipient is none")
				}
				return
			}
			t.Errorf("%s is not there", c.unit)
		})
	}
}

func TestCombineLeavesTheStatementsAlone(t *testing.T) {
	t.Parallel()
	in := []readiness.Statement{statement("H01", readiness.Province, true, "network"), statement("H02", readiness.Province, true)}
	want := []readiness.Statement{statement("H01", readiness.Province, true, "network"), statement("H02", readiness.Province, true)}
	geo := geography{"H01": {{Agency: "H02", Kind: readiness.Province}}}
	out := readiness.Combine(readiness.CombineAll, in, geo)
	if len(out) != 1 || len(out[0].From) != 2 {
		t.Errorf("got %d statements", len(out))
	}
	if d := cmp.Diff(want, in, sameDay); d != "" {
		t.Error(d)
	}
	tpl := appendix488(t)
	f := readiness.Tally(readiness.Question{}, readiness.ComponentMet1, tpl, readiness.Combine(readiness.CombineWeighted, in, geo))
	if n, _ := f.Provinces.Figure("network"); n.Sum != 0.5 || len(n.Met) != 0 || len(n.Of) != 1 {
		t.Errorf("got %+v, want half a unit of one", n)
	}
}
