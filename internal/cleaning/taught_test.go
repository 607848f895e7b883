package cleaning

import (
	"fmt"
	"math"
	"testing"

	"dean06/internal/citizen"
)

// pairRow is a judged row whose pair is at a level of names.
func pairRow(n int, machine Outcome, control bool, says Decided, name string) Row {
	number := citizen.NumberOf(1, 1990, citizen.Male, n)
	r := Row{At: n, Decided: says, Found: Found{Machine: machine, Control: control, Candidates: []Explained{
		{Number: citizen.NumberOf(2, 1990, citizen.Male, n).Reveal(), Steps: []Step{{What: "name", Level: "other"}}},
		{Number: number.Reveal(), Steps: []Step{
			{What: "name", Level: name}, {What: "birth", Level: "equal"}, {What: "phone", Level: "x"}, {What: "sex", Level: "no"},
		}},
	}}}
	if says == Same {
		r.Person = number
	}
	return r
}

// TestTeach holds that each judgement counts as many rows as it was drawn from, that what
// people said is nobody teaches nothing, and that few teach nothing.
func TestTeach(t *testing.T) {
	t.Parallel()
	report := &Report{Accepted: 1000, NotFoundAlike: 50, Outcomes: map[Outcome]int{Several: 20}}
	var rows []Row
	for i := range 20 { // of 20 hard rows all were judged: half are the person
		says := []Decided{Same, Other}[i%2]
		rows = append(rows, pairRow(i, Several, false, says, "typo"))
	}
	for i := range 10 { // 10 of 1,000
		rows = append(rows, pairRow(100+i, Verified, true, Same, "same"))
	}
	if few := teach("x", rows[:30-1], report); few != nil { // 19 pairs
		t.Errorf("%+v", few)
	}
	rows = append(rows, pairRow(200, Corrected, true, Unsure, "part"))
	got := teach("x", rows, report)
	if got == nil || got.Pairs != 20 {
		t.Fatalf("%+v", got)
	}
	same, typo, equal := got.m[byName][nameSame], got.m[byName][nameTypo], got.m[byBirth][birthEqual]
	if math.Abs(same-20*1000./1010) > 1e-9 || math.Abs(typo-20*10./1010) > 1e-9 || math.Abs(equal-20) > 1e-9 || got.m[byName][nameOther] != 0 {
		t.Errorf("same %v, typo %v, birth %v", same, typo, equal)
	}
}

// TestStepLevels holds that each level that is shown is known again.
func TestStepLevels(t *testing.T) {
	t.Parallel()
	for c, names := range levelNames {
		for l, name := range names {
			gotC, gotL, ok := (Step{What: comparisonNames[c], Level: name}).level()
			if first := l; ok != (l > 0) || ok && (gotC != c || name != names[gotL] || gotL > level(first)) {
				t.Errorf("%s %q is %d %d %v", comparisonNames[c], name, gotC, gotL, ok)
			}
		}
	}
	if c, l, ok := (Step{What: "text_2", Level: "close"}).level(); !ok || c != byTexts+1 || l != textClose {
		t.Errorf("%d %d %v", c, l, ok)
	}
	for _, s := range []Step{{"text_0", "close", 0, 0, 0}, {"text_99", "close", 0, 0, 0}, {"text_x", "close", 0, 0, 0}, {"name", "", 0, 0, 0}, {"", "", 0, 0, 0}} {
		if _, _, ok := s.level(); ok {
			t.Errorf("%+v is a level", s)
		}
	}
}

// TestTaughtWeighs holds that what people said moves the weights of a small file to it, hardly
// those of a large one, and that nothing else changes them.
func TestTaughtWeighs(t *testing.T) {
	t.Parallel()
	weighed := func(rows int, by *Taught) (typo, sex float64) {
		w := world(t)
		text, _ := dirty(t, rows, "light", 3)
		file, register := source(t, text), source(t, country())
		a, b, _ := bothRead(t, w, file, register)
		l := w.Link(a, b, nil, Options{Taught: by}, nil)
		return l.m.w.m[byName][nameTypo], l.m.w.m[bySex][sexOther]
	}
	by := &Taught{Pairs: 200} // a file of bad typists
	by.m[byName][nameTypo], by.m[byName][nameSame] = 100, 100
	var moved []float64
	for _, n := range []int{100, 3000} {
		before, sex := weighed(n, nil)
		after, sexAfter := weighed(n, by)
		if after <= before || math.Abs(sex-sexAfter) > .01 {
			t.Errorf("%d rows: typo %v → %v, sex %v → %v", n, before, after, sex, sexAfter)
		}
		moved = append(moved, after-before)
	}
	if moved[0] < .1 || moved[1] > .1 {
		t.Errorf("moved by %s", fmt.Sprint(moved))
	}
}
