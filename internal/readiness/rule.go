package readiness

import (
	"fmt"
	"slices"
	"strings"
)

// Status is what a component amounts to for one agency.
type Status string

// The statuses of a component.
const (
	Met          Status = "met"
	PartiallyMet Status = "partially_met"
	NotMet       Status = "not_met"
	Unknown      Status = "unknown" // nothing was answered, or nothing that can be relied on
)

// ComponentMet1 is the first version of the rule that turns answers into
// statuses. The letters do not print the ministry's own rule.
//
//   - An answer is given when its option is known and its reading is sure; in a column
//     of the form's own, when its value is one of the column's kind.
//   - A component is met when every applicable answer is given and met (a level
//     dossier when approved), and every required row has at least one answer;
//     in row 5 that holds for each system.
//   - It is unknown when no answer is given, not met when those given are all
//     at the foot of their list (not met; dossier not submitted), and partly
//     met otherwise.
//   - Answers in rows that are not judged only have to be there.
//   - An agency meets 100 % when every component is met.
const ComponentMet1 = "component-met/1"

// ComponentShare1 is ComponentMet1 but for one thing: a component is met when all its
// answers are given and the template's share of them is met (Summary.Share).
const ComponentShare1 = "component-share/1"

// Rules lists the rules that Evaluate knows.
var Rules = []string{ComponentMet1, ComponentShare1}

// Verdict is what a return amounts to under a rule.
type Verdict struct {
	Rule       string            `json:"rule"`
	Components map[string]Status `json:"components"` // by component key
	AllMet     bool              `json:"all_met"`
}

// Evaluate applies a rule to the return of an agency of a kind. An error means
// that there is no such rule.
func Evaluate(rule string, tpl *Template, ret Return, kind string) (Verdict, error) {
	if !slices.Contains(Rules, rule) {
		return Verdict{}, fmt.Errorf("evaluate return of %s: there is no rule %q, only %s", ret.Agency, rule, strings.Join(Rules, ", "))
	}
	v := Verdict{Rule: rule, Components: make(map[string]Status, len(tpl.Components)), AllMet: len(tpl.Components) > 0}
	by := map[string][]Answer{}
	for _, a := range Applicable(tpl, ret, kind) {
		row, _ := tpl.Row(a.Key)
		by[row.Component] = append(by[row.Component], a)
	}
	for _, c := range tpl.Components {
		s := componentStatus(rule, tpl, c.Key, by[c.Key], kind)
		v.Components[c.Key] = s
		v.AllMet = v.AllMet && s == Met
	}
	return v, nil
}

// Applicable lists the answers to rows that the template has and that are for
// this kind of agency, in the order of the return. A row of the form that was
// left wholly empty is no answer.
func Applicable(tpl *Template, ret Return, kind string) []Answer {
	out := make([]Answer, 0, len(ret.Answers))
	for _, a := range ret.Answers {
		if row, ok := tpl.Row(a.Key); ok && row.Answered() && row.IsFor(FormKind(kind)) && !a.Empty() {
			out = append(out, a)
		}
	}
	return out
}

// Empty says that nothing at all was answered in the row.
func (a Answer) Empty() bool {
	return a.SystemID == "" && a.System == "" && a.Unit == "" && a.Compliance == "" && a.Stage == "" &&
		a.StageOther == "" && a.ExpectedMonth == "" && a.Note == "" && len(a.Causes) == 0 && len(a.Unmet) == 0 &&
		a.Counts == nil && a.Decision == nil && len(a.Values) == 0 && len(a.Readings) == 0
}

// AnswerStatus is what one answer amounts to: Unknown when it is blank, not in
// the option list, or read without being sure, and when the row is not judged.
func AnswerStatus(tpl *Template, a Answer) Status {
	row, ok := tpl.Row(a.Key)
	if !ok {
		return Unknown
	}
	sure := func(column string) bool {
		r, read := a.Readings[column]
		return !read || r.IsSure()
	}
	var all []Status
	if row.Options != "" {
		s := Unknown
		if o, ok := tpl.Option(row.Options, a.Compliance); ok && sure(ColCompliance) {
			s = o.Status()
		}
		all = append(all, s)
	}
	for _, j := range row.Judged {
		s := Unknown
		if sure(j.Column) {
			s = j.status(tpl, a.Values[j.Column])
		}
		all = append(all, s)
	}
	return worst(all)
}

func componentStatus(rule string, tpl *Template, component string, answers []Answer, kind string) Status {
	count := map[Status]int{}
	judged := 0
	for _, a := range answers {
		if row, _ := tpl.Row(a.Key); row.IsJudged() {
			count[AnswerStatus(tpl, a)]++
			judged++
		}
	}
	whole := len(missingRows(tpl, component, answers, kind)) == 0
	given := judged - count[Unknown]
	enough := count[Met] == judged
	if rule == ComponentShare1 {
		enough = count[Unknown] == 0 && float64(count[Met]) >= tpl.Summary.Share*float64(judged)
	}
	switch {
	case len(answers) == 0, judged > 0 && given == 0:
		return Unknown
	case enough && whole:
		return Met
	case judged > 0 && count[NotMet] == given:
		return NotMet
	}
	return PartiallyMet
}

// missingRows lists the numbered rows ("2", "1.1", "5.2-b") of a component that
// an agency of this kind must answer and of which there is no answer at all.
func missingRows(tpl *Template, component string, answers []Answer, kind string) []string {
	var out []string
	for _, row := range tpl.Rows {
		if row.Component != component || !row.Required || !row.Answered() || !row.IsFor(FormKind(kind)) {
			continue
		}
		if row.Kind == Item {
			continue
		}
		if !slices.ContainsFunc(answers, func(a Answer) bool { return a.Key == row.Key }) {
			out = append(out, row.Numbered(1))
		}
	}
	for _, group := range tpl.Rows {
		if group.Component != component || group.Kind != Group || !group.IsFor(FormKind(kind)) {
			continue
		}
		out = append(out, missingItems(tpl, group, answers)...)
	}
	return out
}

// missingItems holds a group against itself: each system that has one of the
// items must have each required item, and a required group needs one system.
func missingItems(tpl *Template, group Row, answers []Answer) []string {
	items := tpl.Items(group.Key)
	var numbers []string // "5.1", "5.2"
	have := map[string]bool{}
	for _, a := range answers {
		if !slices.ContainsFunc(items, func(i Row) bool { return i.Key == a.Key }) {
			continue
		}
		have[a.Row] = true
		if n := groupNumber(a.Row); !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) == 0 && group.Required {
		numbers = []string{group.Numbered(1)}
	}
	var out []string
	for _, n := range numbers {
		for _, i := range items {
			_, suffix, _ := strings.Cut(i.Key, "-")
			if row := n + "-" + suffix; i.Required && !have[row] {
				out = append(out, row)
			}
		}
	}
	return out
}

// RowOf finds the template's row for a numbered row of a return: "1.2" is an
// answer in row "1.n", "5.2-b" one in "5.n-b".
func RowOf(tpl *Template, numbered string) (Row, bool) {
	if row, ok := tpl.Row(numbered); ok {
		return row, true
	}
	number, item, hasItem := strings.Cut(numbered, "-")
	dot := strings.LastIndexByte(number, '.')
	if dot < 0 {
		return Row{}, false
	}
	key := number[:dot] + ".n"
	if hasItem {
		key += "-" + item
	}
	return tpl.Row(key)
}

// AnswerField names the input of the web form for an answer. Rows that repeat
// without counting their systems (4.2, 4.3) share their number, so that their
// field also names the system: "row.4.3@s2.compliance".
func AnswerField(tpl *Template, a Answer, column ...string) string {
	number := a.Row
	if row, ok := tpl.Row(a.Key); ok && row.Kind == Repeat && row.Numbered(1) == row.Key && a.SystemID != "" {
		number += "@" + a.SystemID
	}
	return FieldOf("row", number, column...)
}

// groupNumber cuts the item off a numbered row: "5.1-a" is "5.1".
func groupNumber(row string) string {
	n, _, _ := strings.Cut(row, "-")
	return n
}
