package readiness

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Slot is a place of the form that takes an answer: a row, for a system where
// the row is asked for each.
type Slot struct {
	Row    Row
	System System // zero where the row is about none in particular
	Answer Answer // what is there; a new one with its row and system when nothing is
	Given  bool   // the return holds an answer here, be it blank
}

// Slots lists what a component asks of a return: each row for each system that
// it is about, and whatever was answered beyond that.
func Slots(tpl *Template, ret Return, kind, component string) []Slot {
	s := slotter{tpl: tpl, ret: ret}
	for _, row := range tpl.Rows {
		if row.Component != component || !row.IsFor(FormKind(kind)) {
			continue
		}
		switch row.Kind {
		case Single:
			s.single(row)
		case Repeat:
			s.repeat(row)
		case Group:
			s.group(row)
		}
	}
	return s.slots
}

type slotter struct {
	tpl   *Template
	ret   Return
	slots []Slot
}

func (s *slotter) system(id string) System {
	for _, x := range s.ret.Systems {
		if x.ID == id {
			return x
		}
	}
	return System{}
}

func (s *slotter) single(row Row) {
	given := false
	for _, a := range s.ret.Answers {
		if a.Key == row.Key {
			given = true
			s.slots = append(s.slots, Slot{Row: row, System: s.system(a.SystemID), Answer: a, Given: true})
		}
	}
	if given {
		return
	}
	slot := Slot{Row: row, Answer: Answer{Row: row.Numbered(1), Key: row.Key}}
	for _, x := range s.ret.Systems {
		if row.System != "" && x.Kind == row.System {
			slot.System = x
			slot.Answer.SystemID, slot.Answer.Unit = x.ID, x.Unit
			break
		}
	}
	s.slots = append(s.slots, slot)
}

func (s *slotter) repeat(row Row) {
	taken := map[string]bool{}
	next := 1
	for _, a := range s.ret.Answers {
		if a.Key == row.Key {
			taken[a.SystemID] = true
			next = max(next, ordinal(a.Row)+1)
			s.slots = append(s.slots, Slot{Row: row, System: s.system(a.SystemID), Answer: a, Given: true})
		}
	}
	for _, x := range s.ret.Systems {
		if !taken[x.ID] && asked(row, x) {
			s.slots = append(s.slots, Slot{Row: row, System: x, Answer: newAnswer(row, next, x)})
			next++
		}
	}
}

func (s *slotter) group(row Row) {
	items := s.tpl.Items(row.Key)
	type at struct{ number, system string }
	var groups []at
	next := 1
	for _, a := range s.ret.Answers {
		if item, ok := s.tpl.Row(a.Key); !ok || item.Parent != row.Key {
			continue
		}
		g := at{groupNumber(a.Row), a.SystemID}
		next = max(next, ordinal(g.number)+1)
		if !slices.ContainsFunc(groups, func(o at) bool { return o.number == g.number }) {
			groups = append(groups, g)
		}
	}
	for _, x := range s.ret.Systems {
		if !slices.ContainsFunc(groups, func(o at) bool { return o.system == x.ID }) {
			groups = append(groups, at{row.Numbered(next), x.ID})
			next++
		}
	}
	for _, g := range groups {
		for _, item := range items {
			s.item(item, g.number, s.system(g.system))
		}
	}
}

func (s *slotter) item(item Row, number string, x System) {
	_, suffix, _ := strings.Cut(item.Key, "-")
	row := number + "-" + suffix
	for _, a := range s.ret.Answers {
		if a.Key == item.Key && a.Row == row {
			s.slots = append(s.slots, Slot{Row: item, System: x, Answer: a, Given: true})
			return
		}
	}
	s.slots = append(s.slots, Slot{Row: item, System: x, Answer: Answer{Row: row, Key: item.Key, SystemID: x.ID, System: x.Name}})
}

// asked says that a repeated row is about a system.
func asked(row Row, x System) bool { return row.System == "" || row.System == x.Kind }

func newAnswer(row Row, n int, x System) Answer {
	return Answer{Row: row.Numbered(n), Key: row.Key, SystemID: x.ID, System: x.Name, Unit: x.Unit}
}

// ordinal is the number of the system in a numbered row: 2 of "1.2", 3 of "5.3-a".
func ordinal(row string) int {
	g := groupNumber(row)
	n, _ := strconv.Atoi(g[strings.LastIndexByte(g, '.')+1:])
	return n
}

var systemKinds = []string{SystemProcedure, SystemDatabase, SystemOther}

// AllSystemKinds lists the kinds of things that repeated rows of the form tell apart: those
// of its own subject, or of information systems.
func (t *Template) AllSystemKinds() []string {
	if len(t.Subject.Kinds) == 0 {
		return slices.Clone(systemKinds)
	}
	out := make([]string, len(t.Subject.Kinds))
	for i, k := range t.Subject.Kinds {
		out[i] = k.Key
	}
	return out
}

// Things names what repeated rows are about, one and several of them.
func (t *Template) Things() (one, many Text) {
	if t.Subject.One.Vi != "" {
		return t.Subject.One, t.Subject.Many
	}
	return Text{Vi: "hệ thống", En: "system"}, Text{Vi: "các hệ thống thông tin", En: "information systems"}
}

// SystemKinds lists the kinds of systems that the form asks an agency of a kind
// about. A form whose repeated rows are for things of every kind asks about all.
func SystemKinds(tpl *Template, kind string) []string {
	var out []string
	if len(tpl.Subject.Kinds) > 0 {
		return tpl.AllSystemKinds()
	}
	for _, k := range tpl.AllSystemKinds() {
		if slices.ContainsFunc(tpl.Rows, func(r Row) bool { return r.System == k && r.IsFor(FormKind(kind)) }) {
			out = append(out, k)
		}
	}
	return out
}

// SetSystems declares the systems of a return anew. The answers follow: a new
// system gets its blank answers in every row that asks for it, one that is gone
// takes its answers with it, and a name, unit or kind that changed changes in
// the answers too.
func SetSystems(tpl *Template, ret Return, kind string, systems []System) Return {
	was := map[string]System{}
	for _, x := range ret.Systems {
		was[x.ID] = x
	}
	is := map[string]System{}
	for _, x := range systems {
		is[x.ID] = x
	}
	var answers []Answer
	for _, a := range ret.Answers {
		before, declared := was[a.SystemID]
		after, kept := is[a.SystemID]
		row, _ := tpl.Row(a.Key)
		switch {
		case !declared:
		case !kept && row.Kind != Single:
			continue
		case !kept:
			a.SystemID, a.System = "", ""
		default:
			if before.Name != after.Name && a.System != "" {
				a.System = after.Name
			}
			if before.Unit != after.Unit && a.Unit == before.Unit {
				a.Unit = after.Unit
			}
			if before.Kind != after.Kind {
				a = moved(tpl, a, row, after)
			}
		}
		answers = append(answers, a)
	}
	ret.Systems, ret.Answers = systems, answers
	for _, x := range systems {
		if _, old := was[x.ID]; !old {
			ret.Answers = append(ret.Answers, blanks(tpl, ret, kind, x)...)
		}
	}
	Arrange(tpl, &ret)
	return ret
}

// moved puts an answer of a system whose kind changed into the row of its kind.
func moved(tpl *Template, a Answer, row Row, x System) Answer {
	if row.Kind != Repeat || row.System == "" || row.System == x.Kind {
		return a
	}
	for _, to := range tpl.Rows {
		if to.Kind == Repeat && to.System == x.Kind {
			a.Key, a.Row = to.Key, to.Numbered(1)
		}
	}
	return a
}

// blanks are the answers that a new system is asked for.
func blanks(tpl *Template, ret Return, kind string, x System) []Answer {
	var out []Answer
	for _, c := range tpl.Components {
		for _, s := range Slots(tpl, ret, kind, c.Key) {
			if !s.Given && s.System.ID == x.ID && x.ID != "" {
				out = append(out, s.Answer)
			}
		}
	}
	return out
}

// Arrange puts the answers into the order of the form and numbers the rows that
// repeat for each system one after the other, without gaps.
func Arrange(tpl *Template, ret *Return) {
	slices.SortStableFunc(ret.Answers, func(a, b Answer) int {
		x, inGroup := place(tpl, a.Key)
		y, _ := place(tpl, b.Key)
		if c := cmp.Or(x-y, ordinal(a.Row)-ordinal(b.Row)); c != 0 || !inGroup {
			return c
		}
		return cmp.Or(strings.Compare(a.SystemID, b.SystemID), strings.Compare(a.Key, b.Key))
	})
	type slot struct{ key, was, system string }
	numbers, next := map[slot]int{}, map[string]int{}
	for i := range ret.Answers {
		a := &ret.Answers[i]
		row, ok := tpl.Row(a.Key)
		if !ok || row.Numbered(1) == row.Key {
			continue
		}
		counter := a.Key
		if row.Kind == Item {
			counter = row.Parent
		}
		s := slot{counter, groupNumber(a.Row), a.SystemID}
		if row.Kind == Repeat {
			s.was += "#" + strconv.Itoa(i) // each answer its own number
		}
		if numbers[s] == 0 {
			next[counter]++
			numbers[s] = next[counter]
		}
		a.Row = row.Numbered(numbers[s])
	}
}

// place is where a row stands in the form; an item stands where its group does,
// what the form does not have at its end.
func place(tpl *Template, key string) (at int, inGroup bool) {
	for i, r := range tpl.Rows {
		switch {
		case r.Key != key:
		case r.Kind == Item:
			at, _ = place(tpl, r.Parent)
			return at, true
		default:
			return i, false
		}
	}
	return len(tpl.Rows), false
}
