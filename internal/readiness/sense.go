package readiness

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"dean06/internal/platform/clock"
)

// Sense is the rules by which an answer is held against itself: its choice against its
// stage, its time, its note and its numbers. They are data, in versions, each with its
// reason. A rule that speaks changes no value: it sends the answer to a person, with
// what was read.
type Sense struct {
	ID      string     `json:"id"`
	Version int        `json:"version"`
	From    clock.Date `json:"from"`
	Source  string     `json:"source"`
	// Shorthand is how officials shorten words in notes: "đ/ư" for "đáp ứng".
	Shorthand map[string]string `json:"shorthand"`
	// Harmless are phrases that no rule sees, although words in them would make it
	// speak: "không có vướng mắc".
	Harmless []string    `json:"harmless"`
	Rules    []SenseRule `json:"rules"`

	shorthand []phrase
	expanded  []phrase
	harmless  []phrase
	hints     sync.Map // what a form prints → its phrases
}

// SenseRule is one rule. It has one test; those of Status, Options and Stage narrow the
// answers that it is for.
type SenseRule struct {
	Key    string `json:"key"`
	Column string `json:"column"` // whose text it tests
	// At is the column at which a person is asked; Column when it is left out. What does
	// not fit a choice is asked at the choice.
	At      string   `json:"at,omitempty"`
	Status  []Status `json:"status,omitempty"`  // of answers that amount to one of these; none: all
	Options []string `json:"options,omitempty"` // of rows with one of these lists; none: all
	Stage   []string `json:"stage,omitempty"`   // of answers in one of these stages; none: all

	// The tests.
	Says    []string     `json:"says,omitempty"`    // the text has one of these phrases
	Unless  []string     `json:"unless,omitempty"`  // phrases that this rule does not see
	Signs   []string     `json:"signs,omitempty"`   // the text has one of these signs
	Percent bool         `json:"percent,omitempty"` // the text has a percentage other than 100
	Months  *MonthLimits `json:"months,omitempty"`  // the expected month is outside
	Counts  CountTest    `json:"counts,omitempty"`
	Facts   FactTest     `json:"facts,omitempty"`
	Staged  bool         `json:"staged,omitempty"` // it is enough to be in one of the stages

	Reason Text `json:"reason"`

	says, unless []phrase
}

// MonthLimits bound an expected month by its distance from the day of the letter, in
// months; a missing bound is none.
type MonthLimits struct {
	From *int `json:"from,omitempty"`
	To   *int `json:"to,omitempty"`
}

// CountTest names what is wrong with the counts of an answer.
type CountTest string

// The tests of counts.
const (
	CountsLeft     CountTest = "left"      // something is still missing
	CountsNoneLeft CountTest = "none_left" // nothing is missing
	CountsDiffer   CountTest = "differ"    // the words of the note give other numbers
)

// FactTest names something that an answer has besides its choice.
type FactTest string

// The tests of facts.
const (
	FactUnmet    FactTest = "unmet"    // a list of what is not met
	FactDecision FactTest = "decision" // the number of an approving decision
)

// LoadSense reads the rules and checks them. An error names every line that is wrong.
func LoadSense(raw []byte) (*Sense, error) {
	var s Sense
	err := loadList(raw, "sense", func(say func(near, format string, args ...any)) { s.check(say) }, &s)
	if err != nil {
		return nil, err
	}
	return &s, nil
}

func (s *Sense) check(say func(near, format string, args ...any)) {
	if s.ID == "" || s.Version < 1 || s.From.IsZero() || s.Source == "" {
		say("id", "id, version (from 1), from (a day) and source are needed")
	}
	for _, short := range slices.Sorted(maps.Keys(s.Shorthand)) {
		long := s.Shorthand[short]
		if len(phraseOf(short)) == 0 || len(phraseOf(long)) == 0 {
			say(short, "shorthand %q stands for nothing", short)
		}
		s.shorthand, s.expanded = append(s.shorthand, phraseOf(short)), append(s.expanded, phraseOf(long))
	}
	phrases := func(key string, list []string) []phrase {
		out := make([]phrase, len(list))
		for i, p := range list {
			if out[i] = phraseOf(p); len(out[i]) == 0 {
				say(key, "%q: phrase %q has no word", key, p)
			}
		}
		return out
	}
	s.harmless = phrases("harmless", s.Harmless)
	// The longest first, so that none is left of "không có khó khăn, vướng mắc".
	slices.SortStableFunc(s.harmless, func(a, b phrase) int { return len(b) - len(a) })
	seen := map[string]bool{}
	for i := range s.Rules {
		r := &s.Rules[i]
		if r.Key == "" || seen[r.Key] {
			say(r.Key, "rule %q has no key, or stands twice", r.Key)
		}
		seen[r.Key] = true
		if r.Reason.Vi == "" || r.Reason.En == "" {
			say(r.Key, "rule %q needs its reason in vi and en", r.Key)
		}
		if !slices.Contains(answerColumns, r.Column) || !slices.Contains(answerColumns, r.at()) {
			say(r.Key, "rule %q names column %q at %q: want a column of answers", r.Key, r.Column, r.at())
		}
		if n := r.tests(); n != 1 {
			say(r.Key, "rule %q has %d tests: want one of says, signs, percent, months, counts, facts, staged", r.Key, n)
		}
		if r.Staged && len(r.Stage) == 0 {
			say(r.Key, "rule %q names no stage", r.Key)
		}
		for _, st := range r.Status {
			if !slices.Contains([]Status{Met, PartiallyMet, NotMet}, st) {
				say(r.Key, "rule %q is for answers that are %q: want met, partially_met or not_met", r.Key, st)
			}
		}
		if !slices.Contains([]CountTest{"", CountsLeft, CountsNoneLeft, CountsDiffer}, r.Counts) {
			say(r.Key, "rule %q tests counts for %q: want left, none_left or differ", r.Key, r.Counts)
		}
		if !slices.Contains([]FactTest{"", FactUnmet, FactDecision}, r.Facts) {
			say(r.Key, "rule %q tests for %q: want unmet or decision", r.Key, r.Facts)
		}
		r.says, r.unless = phrases(r.Key, r.Says), phrases(r.Key, r.Unless)
	}
	if len(s.Rules) == 0 {
		say("rules", "there is no rule")
	}
}

func (r *SenseRule) at() string { return cmp.Or(r.At, r.Column) }

func (r *SenseRule) tests() int {
	n := 0
	for _, has := range []bool{len(r.Says) > 0, len(r.Signs) > 0, r.Percent, r.Months != nil, r.Counts != "", r.Facts != "", r.Staged} {
		if has {
			n++
		}
	}
	return n
}

// ReasonSense is the key of the message of a rule of sense; the rule's own reason is its
// argument "why".
const ReasonSense = "readiness.problem.sense"

// Check holds the answers of a return against themselves, from the top of the form to
// its end: one problem for each column at which a rule speaks. What a person has settled
// is not said again. day is that of the letter that the return answers.
func (s *Sense) Check(tpl *Template, ret Return, kind string, day clock.Date) []Problem {
	if s == nil {
		return nil
	}
	if !ret.Letter.Date.IsZero() && !ret.Letter.Date.Before(day) {
		day = ret.Letter.Date
	}
	var out []Problem
	for _, a := range Applicable(tpl, ret, kind) {
		row, _ := tpl.Row(a.Key)
		for _, column := range answerColumns {
			if a.Readings[column].ResolvedBy != "" {
				continue
			}
			if why, text := s.speaks(tpl, row, a, column, day); why != (Text{}) {
				out = append(out, Problem{
					Severity: Reviews, Row: a.Row, Column: column, Text: text, Reason: ReasonSense, Field: AnswerField(tpl, a, column),
					Args: map[string]any{"row": a.Row, "text": text, "why": why},
				})
			}
		}
	}
	return out
}

var answerColumns = []string{ColComponent, ColUnit, ColCompliance, ColStage, ColNote}

// speaks gathers the reasons of the rules that speak at a column, and what they saw.
func (s *Sense) speaks(tpl *Template, row Row, a Answer, column string, day clock.Date) (why Text, text string) {
	status := chosenStatus(tpl, row, a)
	var vi, en, seen []string
	add := func(to *[]string, what string) {
		if what != "" && !slices.Contains(*to, what) {
			*to = append(*to, what)
		}
	}
	for i := range s.Rules {
		r := &s.Rules[i]
		switch {
		case r.at() != column,
			len(r.Status) > 0 && !slices.Contains(r.Status, status),
			len(r.Options) > 0 && !slices.Contains(r.Options, row.Options),
			len(r.Stage) > 0 && !slices.Contains(r.Stage, a.Stage),
			!s.holds(r, row, a, day):
			continue
		}
		add(&vi, r.Reason.Vi)
		add(&en, r.Reason.En)
		add(&seen, textOf(tpl, row, a, r.Column))
	}
	return Text{Vi: strings.Join(vi, "; "), En: strings.Join(en, "; ")}, strings.Join(seen, " / ")
}

// chosenStatus is what the choice itself amounts to, sure or not.
func chosenStatus(tpl *Template, row Row, a Answer) Status {
	if _, ok := tpl.Option(row.Options, a.Compliance); !ok {
		return Unknown
	}
	return AnswerStatus(tpl, Answer{Key: a.Key, Compliance: a.Compliance})
}

func (s *Sense) holds(r *SenseRule, row Row, a Answer, day clock.Date) bool {
	switch {
	case r.Staged:
		return true
	case len(r.Says) > 0:
		text := s.words(row, ownWords(a, r.Column))
		text.without(r.unless)
		return text.has(r.says)
	case len(r.Signs) > 0:
		return hasSign(ownWords(a, r.Column), r.Signs)
	case r.Percent:
		return hasPercent(ownWords(a, r.Column))
	case r.Months != nil:
		return r.Months.outside(day, a.ExpectedMonth)
	case r.Counts != "":
		return r.Counts.holds(row, a)
	case r.Facts == FactUnmet:
		return len(a.Unmet) > 0
	case r.Facts == FactDecision:
		return a.Decision != nil && a.Decision.Number != ""
	}
	return false
}

// ownWords is all that the agency wrote in a column.
func ownWords(a Answer, column string) string {
	raw := a.Readings[column].Raw
	switch column {
	case ColComponent:
		return join(a.System, raw)
	case ColUnit:
		return join(a.Unit, raw)
	case ColStage:
		return join(a.StageOther, raw)
	case ColNote:
		parts := []string{a.Note}
		for _, p := range slices.Concat(a.Causes, a.Unmet) {
			if !strings.Contains(a.Note, p) {
				parts = append(parts, p)
			}
		}
		return join(parts...)
	}
	return raw
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "\n")
}

// textOf is what a person is shown of a column: what stood there, or what was chosen.
func textOf(tpl *Template, row Row, a Answer, column string) string {
	if text := a.Readings[column].Raw; text != "" && column != ColNote {
		return text
	}
	switch column {
	case ColCompliance:
		o, _ := tpl.Option(row.Options, a.Compliance)
		return o.Vi
	case ColStage:
		o, _ := tpl.Option(StageList, a.Stage)
		return strings.Trim(o.Vi+"; "+a.ExpectedMonth.shown(), "; ")
	}
	return ownWords(a, column)
}

func (l MonthLimits) outside(day clock.Date, m Month) bool {
	if day.IsZero() || !m.Valid() {
		return false
	}
	n := MonthOf(day).Until(m)
	return l.From != nil && n < *l.From || l.To != nil && n > *l.To
}

func (t CountTest) holds(row Row, a Answer) bool {
	n := a.Counts
	if n == nil {
		return false
	}
	unitsLeft := n.UnitsUnmet != nil && *n.UnitsUnmet > 0
	devicesLeft := n.DevicesHave != nil && n.DevicesNeed != nil && *n.DevicesHave < *n.DevicesNeed
	switch t {
	case CountsLeft:
		return unitsLeft || devicesLeft
	case CountsNoneLeft:
		told := n.UnitsUnmet != nil || n.DevicesHave != nil && n.DevicesNeed != nil
		return told && !unitsLeft && !devicesLeft
	case CountsDiffer:
		said := ReadNote(row, LinesOf(a.Note)).Counts
		if said == nil {
			return false
		}
		differ := func(x, y *int) bool { return x != nil && y != nil && *x != *y }
		return differ(said.UnitsUnmet, n.UnitsUnmet) || differ(said.UnitsTotal, n.UnitsTotal) ||
			differ(said.DevicesHave, n.DevicesHave) || differ(said.DevicesNeed, n.DevicesNeed)
	}
	return false
}
