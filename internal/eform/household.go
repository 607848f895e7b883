package eform

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// ownersOfRows are the owners of whom repeated sections ask that the form has now, with
// these sections.
func (f *Form) ownersOfRows(a Answers, facts Facts, plan Plan) map[string][]*Section {
	out := map[string][]*Section{}
	s := newState(f, a, facts)
	for i := range f.Sections {
		sec := &f.Sections[i]
		if sec.Repeat == nil || s.section(i) != True {
			continue
		}
		for j := range sec.Questions {
			if m, ok := plan.meaning(&sec.Questions[j]); ok && len(m.Fields) > 0 && !slices.Contains(out[m.Owner], sec) {
				out[m.Owner] = append(out[m.Owner], sec)
			}
		}
	}
	return out
}

// household fills the rows of repeated sections with the others of the applicant's
// household: all of them while nobody has said who is in, so that one takes away and types
// nothing; else those whose numbers stand there.
func (f *Form) household(a Answers, facts Facts, plan Plan, known Known, at time.Time) Answers {
	view := f.View(a, facts)
	rowsOf := f.ownersOfRows(a, facts, plan)
	for _, p := range plan.People {
		member := slices.ContainsFunc(p.From, func(w Way) bool {
			return w.Kin == kinMember && w.Of == Applicant && (w.When == nil || w.When.Holds(view))
		})
		if !member {
			continue
		}
		for _, sec := range rowsOf[p.Owner] {
			a = f.fillRows(a, facts, plan, sec, known, at)
		}
	}
	return a
}

func (f *Form) fillRows(a Answers, facts Facts, plan Plan, sec *Section, known Known, at time.Time) Answers {
	_, said := a[sec.ID]
	untouched := !said && !slices.ContainsFunc(slices.Collect(maps.Keys(a)), func(path string) bool { return strings.HasPrefix(path, sec.ID+".") })
	if untouched {
		most := sec.Repeat.Max
		if most == 0 {
			most = mostRows
		}
		rows := make([]int, min(len(known.Members), most))
		for i := range rows {
			rows[i] = i + 1
		}
		if len(rows) == 0 {
			return a
		}
		trial := Answers{}
		maps.Copy(trial, a)
		trial[sec.ID] = rowList(rows, at) // taken out again: that these are all is for a person to say
		for i, row := range rows {
			trial = f.FillRow(trial, facts, plan, sec.ID, row, known.Members[i], at)
		}
		delete(trial, sec.ID)
		return trial
	}
	for _, q := range f.Fields(a, facts) {
		m, ok := plan.meaning(q.Question)
		if !ok || q.Section != sec || !slices.Contains(m.Fields, "number") || !q.Given() {
			continue
		}
		for _, member := range known.Members {
			if member.Number == q.Answer.Value.Text {
				a = f.FillRow(a, facts, plan, sec.ID, q.Row, member, at)
			}
		}
	}
	return a
}

// FillRow fills a row of a repeated section with what the register told of somebody, such
// as a member of the applicant's household.
func (f *Form) FillRow(a Answers, facts Facts, plan Plan, section string, row int, known Known, at time.Time) Answers {
	out := maps.Clone(a)
	if out == nil {
		out = Answers{}
	}
	for _, q := range f.Fields(a, facts) {
		if q.Section.ID != section || q.Row != row || row == 0 {
			continue
		}
		if m, ok := plan.meaning(q.Question); ok {
			put(out, q, m.Fields, known, at)
		}
	}
	return out
}
