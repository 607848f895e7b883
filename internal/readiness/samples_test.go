package readiness_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessdocx"
)

const samples = "../../data/demo/appendix-488/"

// sample is all returns of a round as the Word reader gives them, by file name.
func sample(t *testing.T, year string) map[string]readiness.Return {
	t.Helper()
	out, err := rounds[year]()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Each round is read once for all tests.
var rounds = map[string]func() (map[string]readiness.Return, error){
	"2022": sync.OnceValues(func() (map[string]readiness.Return, error) { return readRound("2022") }),
	"2023": sync.OnceValues(func() (map[string]readiness.Return, error) { return readRound("2023") }),
}

func readRound(year string) (map[string]readiness.Return, error) {
	form, err := os.ReadFile("../../data/readiness/template-488.v1.json")
	if err != nil {
		return nil, err
	}
	tpl, err := readiness.LoadTemplate(form)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(samples + "round-" + year + "/*.docx")
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no returns of %s: %w", year, err)
	}
	out := map[string]readiness.Return{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		ret, problems, err := readinessdocx.Read(tpl, filepath.Base(file), bytes.NewReader(raw), int64(len(raw)))
		if err != nil || len(problems) > 0 {
			return nil, fmt.Errorf("%s: %w %v", file, err, problems)
		}
		out[filepath.Base(file)] = ret
	}
	return out, nil
}

func kindOfFile(name string) string {
	if strings.HasPrefix(name, "ubnd-") {
		return readiness.Province
	}
	return readiness.Ministry
}

// TestFiguresOfBothRounds: the rule gives the published figures to the digit,
// and a return in which every row is answered has no open problem.
func TestFiguresOfBothRounds(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	raw, err := os.ReadFile(samples + "expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]struct {
		Ministries map[string]int `json:"ministries"`
		Provinces  map[string]int `json:"provinces"`
	}
	if err := json.Unmarshal(raw, &expected); err != nil {
		t.Fatal(err)
	}
	for year, want := range expected {
		t.Run(year, func(t *testing.T) {
			t.Parallel()
			var statements []readiness.Statement
			for name, ret := range sample(t, year) {
				kind := kindOfFile(name)
				for _, p := range readiness.Check(tpl, ret, kind) {
					if p.Severity != readiness.Notes {
						t.Errorf("%s: %s %s %q", name, p.Reason, p.Row, p.Text)
					}
				}
				v, err := readiness.Evaluate(readiness.ComponentMet1, tpl, ret, kind)
				if err != nil {
					t.Fatal(err)
				}
				statements = append(statements, readiness.Statement{Agency: name, Kind: kind, Recipient: true, Version: 1, Verdict: v})
			}
			out, err := json.Marshal(readiness.Tally(readiness.Question{}, readiness.ComponentMet1, tpl, statements))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]map[string]int{}
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(map[string]map[string]int{"ministries": want.Ministries, "provinces": want.Provinces}, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestAggregateOfBothRounds: every answer not met of the second round has its
// cause in a class, its stage in the funnel, and its slip where it was promised before.
func TestAggregateOfBothRounds(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	first, second := sample(t, "2022"), sample(t, "2023")
	var reported []readiness.Reported
	for name, ret := range second {
		r := readiness.Reported{Agency: readiness.Agency{Code: name, Kind: kindOfFile(name)}, Return: ret}
		if before, ok := first[name]; ok {
			r.Previous = &before
		}
		reported = append(reported, r)
	}
	a := readiness.Add(tpl, causes(t), "2023-06", reported)
	notMet := 0
	for _, r := range reported {
		for _, x := range readiness.Applicable(tpl, r.Return, r.Agency.Kind) {
			row, _ := tpl.Row(x.Key)
			if s := readiness.AnswerStatus(tpl, x); row.Stage && (s == readiness.NotMet || s == readiness.PartiallyMet) {
				notMet++
			}
		}
	}
	staged := 0
	for _, f := range a.Stages {
		for _, b := range f.Stages {
			staged += len(b.Entries)
		}
	}
	dated := len(a.Undated)
	for _, b := range a.Months {
		dated += len(b.Entries)
	}
	if staged != notMet || dated != notMet || notMet == 0 {
		t.Errorf("%d answers not met, %d in the funnel, %d by month", notMet, staged, dated)
	}
	caused := 0
	for _, b := range a.Causes {
		if b.Key == readiness.OtherCause {
			t.Errorf("no class for %q", b.Entries[0].Text)
		}
		caused += len(b.Entries)
	}
	if caused == 0 || len(a.Slips) == 0 || a.Units.Whole == 0 || a.Devices.Whole == 0 {
		t.Errorf("%d causes, %d slips, %d units, %d devices", caused, len(a.Slips), a.Units.Whole, a.Devices.Whole)
	}
}
