package readiness

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Change is one difference between two returns, in words that can stand side
// by side on a page.
type Change struct {
	Field  string // see FieldOf
	Row    string // numbered row, when the change is in an answer
	Column string
	System string // the system's name, when the answer is about one
	Label  Text   // what the field is called
	Before Text   // empty when there was nothing
	After  Text   // empty when there is nothing any more
}

// Diff compares two returns answer by answer. Systems are the same when they
// have the same name, or else the same id: two papers of one agency may number
// their systems differently.
func Diff(tpl *Template, before, after Return) []Change {
	after = alignSystems(before, after)
	was, is := split(before), split(after)
	var out []Change
	for _, id := range unionOrder(was, is) {
		p := described{tpl, id, was.parts[id], is.parts[id]}
		for _, column := range columnsOf(id.group, p.before, p.after) {
			// That a whole row came or went is said by what stands in it.
			technical := column == "key" || column == "system" || column == ColNumber && (p.before == nil || p.after == nil)
			if !technical && !sameValue(p.before[column].value, p.after[column].value) {
				out = append(out, p.change(column))
			}
		}
	}
	return out
}

// partID names a part of a return that is edited as one: the contact, a
// system, an answer, a proposal.
type partID struct{ group, id string }

// The groups of parts.
const (
	groupHead     = "head"
	groupContact  = "contact"
	groupSystem   = "system"
	groupAnswer   = "answer"
	groupProposal = "proposal"
	groupLists    = "lists"
)

// cell is the value in one column of a part, with the reading behind it.
type cell struct {
	value   any
	reading *Reading
}

// parted is a return taken apart: Merge works on the parts and puts them
// together again.
type parted struct {
	order []partID
	parts map[partID]map[string]cell
}

// columnsOf lists the columns of a part: those that all have, and for an answer those of
// the form's own that one of the parts at hand has.
func columnsOf(group string, parts ...map[string]cell) []string {
	if group == groupAnswer {
		return append(slices.Clone(answerCells), ownCells(parts)...)
	}
	switch group {
	case groupHead:
		return []string{"heading", "letter"}
	case groupContact:
		return []string{"full_name", "organisation", "position", "phone", "email"}
	case groupSystem:
		return []string{"name", "kind", "unit", "aliases"}
	case groupProposal:
		return []string{"text"}
	case groupLists:
		return []string{"difficulties", "recommendations", "extra"}
	}
	return nil
}

var answerCells = []string{
	ColNumber, "key", "system", ColComponent, ColUnit, ColCompliance, ColStage, ColNote, "causes", "unmet", "counts",
	"decision",
}

// ownCells are the columns of the form's own among the cells of answers.
func ownCells(parts []map[string]cell) []string {
	var out []string
	for _, cells := range parts {
		for column := range cells {
			if !slices.Contains(answerCells, column) && !slices.Contains(out, column) {
				out = append(out, column)
			}
		}
	}
	slices.Sort(out)
	return out
}

// stageCell is what the stage column holds.
type stageCell struct {
	Stage, Other string
	Month        Month
	Precision    Precision
}

// split takes a return apart.
func split(r Return) parted {
	p := parted{parts: map[partID]map[string]cell{}}
	add := func(group, id string, cells map[string]cell) {
		// A part that stands twice in a faulty return is kept twice.
		key := partID{group, id}
		for n := 2; p.parts[key] != nil; n++ {
			key.id = fmt.Sprintf("%s#%d", id, n)
		}
		p.order = append(p.order, key)
		p.parts[key] = cells
	}
	v := func(x any) cell { return cell{value: x} }
	add(groupHead, "", map[string]cell{"heading": v(r.Heading), "letter": v(r.Letter)})
	c := r.Contact
	add(groupContact, "", map[string]cell{
		"full_name": v(c.FullName), "organisation": v(c.Organisation),
		"position": v(c.Position), "phone": v(c.Phone), "email": v(c.Email),
	})
	for _, s := range r.Systems {
		add(groupSystem, s.ID, map[string]cell{"name": v(s.Name), "kind": v(s.Kind), "unit": v(s.Unit), "aliases": v(s.Aliases)})
	}
	for _, a := range r.Answers {
		add(groupAnswer, answerID(a), splitAnswer(a))
	}
	for _, o := range r.Proposals {
		add(groupProposal, o.Group, map[string]cell{"text": v(o.Text)})
	}
	add(groupLists, "", map[string]cell{"difficulties": v(r.Difficulties), "recommendations": v(r.Recommendations), "extra": v(r.Extra)})
	return p
}

func splitAnswer(a Answer) map[string]cell {
	cells := map[string]cell{
		ColNumber: {value: a.Row}, "key": {value: a.Key}, "system": {value: a.SystemID},
		ColComponent: {value: a.System}, ColUnit: {value: a.Unit}, ColCompliance: {value: a.Compliance},
		ColStage: {value: stageCell{a.Stage, a.StageOther, a.ExpectedMonth, a.Precision}},
		ColNote:  {value: a.Note}, "causes": {value: a.Causes}, "unmet": {value: a.Unmet},
		"counts": {value: a.Counts}, "decision": {value: a.Decision},
	}
	for column, value := range a.Values {
		cells[column] = cell{value: value}
	}
	for column, r := range a.Readings {
		c := cells[column]
		c.reading = &r
		cells[column] = c
	}
	return cells
}

// answerID is what makes two answers answers to the same question: the row of
// the template and the system.
func answerID(a Answer) string {
	switch {
	case a.SystemID != "":
		return a.Key + "@" + a.SystemID
	case a.System != "" && a.Key != a.Row:
		return a.Key + "@" + Fold(a.System)
	}
	return a.Key + "@" + a.Row
}

// join puts a return together from its parts; what no part holds comes from like.
func (p parted) join(like Return) Return {
	r := Return{Campaign: like.Campaign, Agency: like.Agency, Template: like.Template}
	for _, id := range p.order {
		cells := p.parts[id]
		switch id.group {
		case groupHead:
			r.Heading, r.Letter = as[string](cells["heading"]), as[LetterRef](cells["letter"])
		case groupContact:
			r.Contact = Contact{
				FullName: as[string](cells["full_name"]), Organisation: as[string](cells["organisation"]),
				Position: as[string](cells["position"]), Phone: as[string](cells["phone"]), Email: as[string](cells["email"]),
			}
		case groupSystem:
			sid, _, _ := strings.Cut(id.id, "#")
			r.Systems = append(r.Systems, System{
				ID: sid, Name: as[string](cells["name"]), Kind: as[string](cells["kind"]),
				Unit: as[string](cells["unit"]), Aliases: as[[]string](cells["aliases"]),
			})
		case groupAnswer:
			r.Answers = append(r.Answers, joinAnswer(cells))
		case groupProposal:
			group, _, _ := strings.Cut(id.id, "#")
			r.Proposals = append(r.Proposals, Proposal{Group: group, Text: as[string](cells["text"])})
		case groupLists:
			r.Difficulties, r.Recommendations = as[[]string](cells["difficulties"]), as[[]string](cells["recommendations"])
			r.Extra = as[[]Extra](cells["extra"])
		}
	}
	if r.Proposals == nil && like.Proposals != nil {
		r.Proposals = []Proposal{} // saved with nothing in it
	}
	return r
}

func joinAnswer(cells map[string]cell) Answer {
	s := as[stageCell](cells[ColStage])
	a := Answer{
		Row: as[string](cells[ColNumber]), Key: as[string](cells["key"]), SystemID: as[string](cells["system"]),
		System: as[string](cells[ColComponent]), Unit: as[string](cells[ColUnit]), Compliance: as[string](cells[ColCompliance]),
		Stage: s.Stage, StageOther: s.Other, ExpectedMonth: s.Month, Precision: s.Precision,
		Note: as[string](cells[ColNote]), Causes: as[[]string](cells["causes"]), Unmet: as[[]string](cells["unmet"]),
		Counts: as[*Counts](cells["counts"]), Decision: as[*LetterRef](cells["decision"]),
	}
	for column, c := range cells {
		if value := as[string](c); value != "" && !slices.Contains(answerCells, column) {
			if a.Values == nil {
				a.Values = map[string]string{}
			}
			a.Values[column] = value
		}
		if c.reading != nil {
			if a.Readings == nil {
				a.Readings = map[string]Reading{}
			}
			a.Readings[column] = *c.reading
		}
	}
	return a
}

func as[T any](c cell) T {
	v, _ := c.value.(T)
	return v
}

// sameValue compares values; nothing, an empty text and an empty list are the same.
func sameValue(a, b any) bool {
	return nothing(a) && nothing(b) || reflect.DeepEqual(a, b)
}

func nothing(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return r.IsZero() || r.Kind() == reflect.Slice && r.Len() == 0
}

// unionOrder lists the parts of both, those of the second in its order and
// each that only the first has after the one that it followed there.
func unionOrder(first, second parted) []partID {
	out := slices.Clone(second.order)
	for i, id := range first.order {
		if second.parts[id] != nil {
			continue
		}
		at := 0
		if i > 0 {
			at = slices.Index(out, first.order[i-1]) + 1
		}
		out = slices.Insert(out, at, id)
	}
	return out
}

// alignSystems gives the systems of r the ids that systems of the same name
// have in like, so that both can be compared. A system whose name like does not
// have keeps its id (it was renamed, or is new) unless that is given away.
func alignSystems(like, r Return) Return {
	byName := map[string]string{}
	for _, s := range like.Systems {
		byName[Fold(s.Name)] = s.ID
	}
	to, used := map[string]string{}, map[string]bool{}
	for _, s := range r.Systems {
		if id, ok := byName[Fold(s.Name)]; ok && !used[id] {
			to[s.ID] = id
			used[id] = true
		}
	}
	for _, s := range r.Systems {
		if to[s.ID] != "" {
			continue
		}
		id := s.ID
		for used[id] {
			id += "+"
		}
		to[s.ID] = id
		used[id] = true
	}
	r = r.Clone()
	for i := range r.Systems {
		r.Systems[i].ID = to[r.Systems[i].ID]
	}
	for i := range r.Answers {
		if id := to[r.Answers[i].SystemID]; id != "" {
			r.Answers[i].SystemID = id
		}
	}
	return r
}

// sameAnswer says that two answers say the same; the readings behind them do not matter.
func sameAnswer(a, b Answer) bool {
	ca, cb := splitAnswer(a), splitAnswer(b)
	return !slices.ContainsFunc(columnsOf(groupAnswer, ca, cb), func(column string) bool {
		return !sameValue(ca[column].value, cb[column].value)
	})
}
