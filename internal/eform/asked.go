package eform

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Asked is a question that is to be answered now, with its answer when it has one.
type Asked struct {
	Path     string // "mother.name", "members.1.name"
	Section  *Section
	Question *Question
	Row      int // of a section that is answered several times; 0 otherwise
	Nth      int // which of its rows that is, from 1; 0 otherwise
	Answer   Answer
	Has      bool // it was answered, or left empty on purpose
	Required bool
}

// Given says that something is said.
func (q Asked) Given() bool { return q.Has && q.Answer.Given() }

// Arrived says that the answer came without typing.
func (q Asked) Arrived() bool {
	return q.Given() && (q.Answer.Source == Register || q.Answer.Source == Card || q.Answer.Source == System)
}

// Asked lists the questions that a person answers now, in order: those whose conditions
// are true by what has been said until now. What the program or the officer who decides
// fills in is not among them.
func (f *Form) Asked(a Answers, facts Facts) []Asked {
	return slices.DeleteFunc(f.Fields(a, facts), func(q Asked) bool { return q.Question.FilledBy != "" })
}

// Fields lists all fields that the form has now, those too that no person answers.
func (f *Form) Fields(a Answers, facts Facts) []Asked {
	s := newState(f, a, facts)
	var out []Asked
	for i := range f.Sections {
		sec := &f.Sections[i]
		if s.section(i) != True {
			continue
		}
		for nth, row := range s.rowsOf(sec) {
			for j := range sec.Questions {
				q := &sec.Questions[j]
				path := PathOf(sec, q, row)
				if s.asked(i, j, row) != True {
					continue
				}
				one := Asked{Path: path, Section: sec, Question: q, Row: row}
				if row > 0 {
					one.Nth = nth + 1
				}
				one.Answer, one.Has = a[path]
				one.Required = q.Required.Holds(rowView{s, sec, row})
				out = append(out, one)
			}
		}
	}
	return out
}

// Effective are the answers that count: those of the fields that the form has now. The
// others are kept by whoever keeps the draft, and are not sent.
func (f *Form) Effective(a Answers, facts Facts) Answers {
	out := Answers{}
	for _, q := range f.Fields(a, facts) {
		if q.Has {
			out[q.Path] = q.Answer
		}
	}
	s := newState(f, a, facts)
	for i := range f.Sections {
		sec := &f.Sections[i]
		if sec.Repeat == nil || s.section(i) != True {
			continue
		}
		if list, ok := a[sec.ID]; ok {
			out[sec.ID] = list
		} else if rows := s.rowsOf(sec); len(rows) > 0 {
			out[sec.ID] = Answer{Value: Value{Text: writeRows(rows)}, Source: System}
		}
	}
	return out
}

// View is the form as conditions see it: answers of questions that are not asked do not
// count.
func (f *Form) View(a Answers, facts Facts) View { return rowView{s: newState(f, a, facts)} }

// Find is the question at a path; ok is false when the form has none there. The row need
// not be there yet.
func (f *Form) Find(path string) (sec *Section, q *Question, row int, ok bool) {
	for i := range f.Sections {
		sec = &f.Sections[i]
		for j := range sec.Questions {
			q = &sec.Questions[j]
			if sec.Repeat == nil {
				if q.ID == path {
					return sec, q, 0, true
				}
				continue
			}
			rest, in := strings.CutPrefix(path, sec.ID+".")
			number, below, parted := strings.Cut(rest, ".")
			if !in || !parted || below != inRow(sec, q) {
				continue
			}
			if row, good := rowNumber(number); good {
				return sec, q, row, true
			}
		}
	}
	return nil, nil, 0, false
}

// PathOf is the path of a question's answer; row counts in a section that is answered
// several times.
func PathOf(sec *Section, q *Question, row int) string {
	if sec.Repeat == nil {
		return q.ID
	}
	return sec.ID + "." + strconv.Itoa(row) + "." + inRow(sec, q)
}

// inRow is the id of a question below its row: its id may or may not begin with that of
// the section.
func inRow(sec *Section, q *Question) string { return strings.TrimPrefix(q.ID, sec.ID+".") }

// mostRows bounds the numbers of rows, whatever a form allows.
const mostRows = 999

func rowNumber(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1 && n <= mostRows && strconv.Itoa(n) == s
}

// NoRows is the answer of a section that could be answered several times and is not once.
const NoRows = "none"

// Rows are the numbers of the rows of a repeated section, in order. Numbers are given once:
// a row that is taken away leaves the others theirs. When nobody has said how many there
// are, they are those that have answers, or as many as there must be.
func Rows(sec *Section, a Answers) []int {
	if sec.Repeat == nil {
		return []int{0}
	}
	if list, ok := a[sec.ID]; ok && list.Value.Text != "" {
		return parseRows(list.Value.Text)
	}
	found := map[int]bool{}
	for path, answer := range a {
		rest, in := strings.CutPrefix(path, sec.ID+".")
		number, _, parted := strings.Cut(rest, ".")
		if row, ok := rowNumber(number); in && parted && ok && !answer.Value.IsZero() {
			found[row] = true
		}
	}
	for n := 1; len(found) < sec.Repeat.Min && n <= mostRows; n++ {
		found[n] = true
	}
	return slices.Sorted(maps.Keys(found))
}

func parseRows(text string) []int {
	var out []int
	for word := range strings.FieldsSeq(text) {
		if row, ok := rowNumber(word); ok && !slices.Contains(out, row) {
			out = append(out, row)
		}
	}
	return out
}

func writeRows(rows []int) string {
	if len(rows) == 0 {
		return NoRows
	}
	words := make([]string, len(rows))
	for i, row := range rows {
		words[i] = strconv.Itoa(row)
	}
	return strings.Join(words, " ")
}

// state finds what is asked, each once.
type state struct {
	form     *Form
	answers  Answers
	facts    Facts
	byID     map[string][2]int // question → its section and its place there
	sections map[int]Truth
	known    map[string]Truth // by path
	rows     map[*Section][]int
}

func newState(f *Form, a Answers, facts Facts) *state {
	s := &state{
		form: f, answers: a, facts: facts, byID: map[string][2]int{}, sections: map[int]Truth{}, known: map[string]Truth{},
		rows: map[*Section][]int{},
	}
	for i := range f.Sections {
		for j := range f.Sections[i].Questions {
			if id := f.Sections[i].Questions[j].ID; id != "" {
				if _, twice := s.byID[id]; !twice {
					s.byID[id] = [2]int{i, j}
				}
			}
		}
	}
	return s
}

func (s *state) rowsOf(sec *Section) []int {
	if rows, ok := s.rows[sec]; ok {
		return rows
	}
	rows := Rows(sec, s.answers)
	s.rows[sec] = rows
	return rows
}

// section says whether a section is answered. While that is being found out it is not
// known, so that conditions that go round in a circle end.
func (s *state) section(i int) Truth {
	sec := &s.form.Sections[i]
	if sec.When == nil {
		return True
	}
	if t, ok := s.sections[i]; ok {
		return t
	}
	s.sections[i] = Unsaid
	t := sec.When.Truth(rowView{s: s})
	s.sections[i] = t
	return t
}

func (s *state) asked(i, j, row int) Truth {
	sec := &s.form.Sections[i]
	q := &sec.Questions[j]
	path := PathOf(sec, q, row)
	if t, ok := s.known[path]; ok {
		return t
	}
	s.known[path] = Unsaid
	t := s.section(i)
	if t == True && q.When != nil {
		t = q.When.Truth(rowView{s, sec, row})
	}
	s.known[path] = t
	return t
}

// answer is what was said at a question that is asked.
func (s *state) answer(at [2]int, row int) (Value, bool) {
	if s.asked(at[0], at[1], row) != True {
		return Value{}, false
	}
	sec := &s.form.Sections[at[0]]
	answer, ok := s.answers[PathOf(sec, &sec.Questions[at[1]], row)]
	return answer.Value, ok && !answer.Value.IsZero()
}

// rowView is what a condition sees that stands in a row of a section, or in none.
type rowView struct {
	s   *state
	sec *Section
	row int
}

// place finds a question: of the own row first.
func (v rowView) place(question string) (at [2]int, ok bool) {
	at, ok = v.s.byID[question]
	if !ok && v.sec != nil {
		at, ok = v.s.byID[v.sec.ID+"."+question]
	}
	return at, ok
}

// Value is the answer to a question that is asked.
func (v rowView) Value(question string) (Value, bool) {
	at, ok := v.place(question)
	if !ok {
		return Value{}, false
	}
	sec := &v.s.form.Sections[at[0]]
	switch {
	case sec.Repeat == nil:
		return v.s.answer(at, 0)
	case sec == v.sec:
		return v.s.answer(at, v.row)
	}
	return Value{}, false
}

func (v rowView) values(question string) ([]Value, bool) {
	at, ok := v.place(question)
	if !ok {
		return nil, false
	}
	sec := &v.s.form.Sections[at[0]]
	if sec.Repeat == nil || sec == v.sec {
		return nil, false
	}
	if v.s.section(at[0]) != True {
		return nil, true
	}
	var out []Value
	for _, row := range v.s.rowsOf(sec) {
		value, _ := v.s.answer(at, row)
		out = append(out, value)
	}
	return out, true
}

// Fact is a fact that is no question.
func (v rowView) Fact(name string) (string, bool) { return factOf(v.s.facts, name, v.Value) }
