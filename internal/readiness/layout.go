package readiness

import (
	"iter"
	"slices"
	"strings"
)

// InOrder walks part 2 as it is printed: a heading once, another row as often as times
// says, a group so often with its items after it each time. The number counts from 1.
// Word, Excel and PDF are all drawn, and Excel is read, in this order.
func (t *Template) InOrder(times func(Row) int) iter.Seq2[Row, int] {
	return func(yield func(Row, int) bool) {
		for _, row := range t.Rows {
			n := 1
			switch row.Kind {
			case Item: // comes with its group
				continue
			case Single, Repeat, Group:
				n = times(row)
			case Heading:
			}
			for i := 1; i <= n; i++ {
				if !yield(row, i) {
					return
				}
				if row.Kind != Group {
					continue
				}
				for _, item := range t.Items(row.Key) {
					if !yield(item, i) {
						return
					}
				}
			}
		}
	}
}

// FormRow is a row of part 2 with the answer that stands in it.
type FormRow struct {
	Row
	Printed string // what stands in the column of numbers: "1.2", "5.1", "a"
	System  string // the name of the system that the answer, or the group, is about
	// Answer is the answer's place in the return, for a group that of the first of its
	// answers; -1 when there is none.
	Answer int
}

// FormRows lays a return out in the order of the form: a row for each answer, and a
// blank one for each row of the form without. Answers to rows that the form does not
// have stand at its end, for nothing is left out. Without a return all rows are blank.
func (t *Template) FormRows(ret *Return) []FormRow {
	if ret == nil {
		ret = &Return{}
	}
	of := map[string][]int{} // answers by the key of their row
	for i, a := range ret.Answers {
		of[a.Key] = append(of[a.Key], i)
	}
	groups := map[string][]string{} // "5.n" to "5.1", "5.2"
	for _, a := range ret.Answers {
		if row, ok := t.Row(a.Key); ok && row.Kind == Item && !slices.Contains(groups[row.Parent], ofGroup(a)) {
			groups[row.Parent] = append(groups[row.Parent], ofGroup(a))
		}
	}
	times := func(row Row) int {
		if row.Kind == Group {
			return max(1, len(groups[row.Key]))
		}
		return max(1, len(of[row.Key]))
	}
	var out []FormRow
	used := make([]bool, len(ret.Answers))
	answered := func(row Row, printed string, i int) {
		used[i] = true
		out = append(out, FormRow{Row: row, Printed: printed, System: ret.systemOf(ret.Answers[i]), Answer: i})
	}
	group, number := -1, ""
	for row, n := range t.InOrder(times) {
		blank := FormRow{Row: row, Printed: strings.ReplaceAll(row.Number, "n", "1"), Answer: -1}
		switch {
		case row.Kind == Group:
			if all := groups[row.Key]; len(all) > 0 {
				blank.Printed = all[n-1]
			}
			group, number = len(out), blank.Printed
			out = append(out, blank)
		case row.Kind == Item:
			found := false
			for _, i := range of[row.Key] {
				if ofGroup(ret.Answers[i]) != number {
					continue
				}
				found = true
				answered(row, row.Number, i)
				if out[group].System == "" {
					out[group].System = out[len(out)-1].System
				}
				if out[group].Answer < 0 {
					out[group].Answer = i
				}
			}
			if !found {
				out = append(out, blank)
			}
		case row.Kind != Heading && len(of[row.Key]) > 0:
			i := of[row.Key][n-1]
			answered(row, ret.Answers[i].Row, i)
		default:
			out = append(out, blank)
		}
	}
	for i, a := range ret.Answers {
		if used[i] {
			continue
		}
		row, ok := t.Row(a.Key)
		if !ok {
			row = Row{Key: a.Key, Kind: Repeat, Number: a.Row, Options: ComplianceList, Stage: true}
		}
		answered(row, a.Row, i)
	}
	return out
}

// ofGroup is the number of the group that an answer to an item belongs to: "5.1" of "5.1-a".
func ofGroup(a Answer) string {
	number, _, _ := strings.Cut(a.Row, "-")
	return number
}

// systemOf is the system of an answer as it is written there, or else as it is declared.
func (r *Return) systemOf(a Answer) string {
	if a.System != "" || a.SystemID == "" {
		return a.System
	}
	i := slices.IndexFunc(r.Systems, func(s System) bool { return s.ID == a.SystemID })
	if i < 0 {
		return ""
	}
	return r.Systems[i].Name
}

// Proposed is what a return proposes for a group of part 3. It is given also when the
// return says that there is nothing.
func (r *Return) Proposed(group string) (text string, given bool) {
	var texts []string
	for _, p := range r.Proposals {
		if p.Group != group {
			continue
		}
		given = true
		if p.Text != "" {
			texts = append(texts, p.Text)
		}
	}
	return strings.Join(texts, "\n"), given
}

// The lists of part 4, by key. The last holds what no field of the form took.
const (
	DifficultyList     = "difficulty"
	RecommendationList = "recommendation"
	ExtraList          = "extra"
)

// FormList is a list of part 4.
type FormList struct {
	Key   string
	Label Text // of ExtraList, for which the form has no words, empty
	Items []string
}

// HasPart4 says that the form asks for difficulties or recommendations.
func (t *Template) HasPart4() bool { return t.Difficulty.Vi != "" || t.Recommend.Vi != "" }

// FormLists gives the lists of part 4 in the order of the form.
func (t *Template) FormLists(ret *Return) []FormList {
	if ret == nil {
		ret = &Return{}
	}
	extra := make([]string, len(ret.Extra))
	for i, e := range ret.Extra {
		extra[i] = e.Text
	}
	var out []FormList
	if t.Difficulty.Vi != "" || len(ret.Difficulties) > 0 {
		out = append(out, FormList{DifficultyList, t.Difficulty, ret.Difficulties})
	}
	if t.Recommend.Vi != "" || len(ret.Recommendations) > 0 {
		out = append(out, FormList{RecommendationList, t.Recommend, ret.Recommendations})
	}
	return append(out, FormList{ExtraList, Text{}, extra})
}
