package readiness

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"dean06/internal/platform/clock"
)

// Check holds a return against its form: everything that is missing, wrong or
// worth knowing, from the top of the form to its end. It never says Rejects: a
// return can always be kept.
//
// The header of the stage column asks for the stage only where a component is
// not met, but the form's own examples give "Hoàn thành mua sắm" beside "Đã đáp
// ứng" and "Đáp ứng một phần": a stage is never wrong by the answer beside it.
func Check(tpl *Template, ret Return, kind string) []Problem {
	c := &checker{tpl: tpl, ret: ret, kind: FormKind(kind), seen: map[string]bool{}}
	c.contact()
	for _, a := range ret.Answers {
		c.answer(a)
	}
	c.missing(kind)
	c.systems()
	return c.problems
}

// Open counts the problems that keep a return from being accepted.
func Open(problems []Problem) int {
	n := 0
	for _, p := range problems {
		if p.Severity != Notes {
			n++
		}
	}
	return n
}

type checker struct {
	tpl      *Template
	ret      Return
	kind     string // "ministry" or "province"
	problems []Problem
	seen     map[string]bool // AnswerField of each answer
}

func (c *checker) say(p Problem) {
	p.Reason = "readiness.problem." + p.Reason
	one, _ := c.tpl.Things()
	p.Args = map[string]any{"row": p.Row, "text": p.Text, "one": one}
	c.problems = append(c.problems, p)
}

// at is a problem in a column of an answer.
func (c *checker) at(s Severity, a Answer, column, reason, text string) {
	c.say(Problem{Severity: s, Row: a.Row, Column: column, Reason: reason, Text: text, Field: AnswerField(c.tpl, a, column)})
}

func (c *checker) contact() {
	who := c.ret.Contact
	if strings.TrimSpace(who.FullName) == "" {
		c.say(Problem{Severity: Reviews, Reason: "contact_blank", Field: FieldOf("contact", "full_name")})
	}
	if strings.TrimSpace(who.Phone) == "" && strings.TrimSpace(who.Email) == "" {
		c.say(Problem{Severity: Reviews, Reason: "contact_unreachable", Field: FieldOf("contact", "phone")})
	}
	if who.Email != "" && !validEmails(who.Email) {
		c.say(Problem{Severity: Reviews, Reason: "email_invalid", Text: who.Email, Field: FieldOf("contact", "email")})
	}
}

// validEmails takes one address, or several set apart by a comma or semicolon.
func validEmails(s string) bool {
	n := 0
	for one := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ';' }) {
		one = strings.TrimSpace(one)
		a, err := mail.ParseAddress(one)
		if err != nil || a.Address != one {
			return false
		}
		_, domain, _ := strings.Cut(one, "@")
		if !strings.Contains(strings.Trim(domain, "."), ".") {
			return false
		}
		n++
	}
	return n > 0
}

func (c *checker) answer(a Answer) {
	row, ok := c.tpl.Row(a.Key)
	if !ok || !row.Answered() {
		c.say(Problem{Severity: Reviews, Row: a.Row, Column: ColNumber, Reason: "row_unknown", Text: a.Row, Field: FieldOf("row", a.Row)})
		return
	}
	if a.Empty() {
		return
	}
	if slot := AnswerField(c.tpl, a); c.seen[slot] {
		c.at(Reviews, a, ColNumber, "row_twice", a.System)
	} else {
		c.seen[slot] = true
	}
	c.readings(a)
	if !row.IsFor(c.kind) {
		c.at(Notes, a, ColComponent, "row_not_for_agency", a.System)
		return
	}
	if row.Options != "" {
		c.compliance(row, a)
	}
	c.values(row, a)
	if row.Stage {
		c.stage(a)
	}
	c.counts(row, a)
	if slices.Contains(row.Asks, AskDecision) && AnswerStatus(c.tpl, a) == Met && (a.Decision == nil || a.Decision.Number == "") {
		c.at(Notes, a, ColNote, "decision_missing", a.Note)
	}
	if row.Kind != Single && a.System == "" && a.SystemID == "" {
		c.at(Notes, a, ColComponent, "system_unnamed", "")
	}
}

// readings repeats what the reader of the paper was not sure of until a person
// has decided.
func (c *checker) readings(a Answer) {
	for _, column := range append([]string{ColNumber}, c.tpl.answerColumns()...) {
		r, ok := a.Readings[column]
		if !ok || r.IsSure() {
			continue
		}
		p := Problem{
			Severity: Reviews, Row: a.Row, Column: column, Text: r.Raw, Reason: r.Reason, Field: AnswerField(c.tpl, a, column),
			Args: map[string]any{"row": a.Row, "text": r.Raw},
		}
		if p.Reason == "" {
			p.Reason = "readiness.problem.reading_unsure"
		}
		c.problems = append(c.problems, p)
	}
}

func (c *checker) compliance(row Row, a Answer) {
	if r, read := a.Readings[ColCompliance]; read && !r.IsSure() {
		return // said by readings
	}
	if a.Compliance == "" {
		c.at(Reviews, a, ColCompliance, "answer_blank", "")
		return
	}
	if _, ok := c.tpl.Option(row.Options, a.Compliance); !ok {
		c.at(Reviews, a, ColCompliance, "option_unknown", a.Compliance)
		return
	}
	s := AnswerStatus(c.tpl, a)
	if s == Met {
		return
	}
	asks := func(what Ask) bool { return slices.Contains(row.Asks, what) }
	if asks(AskCause) && len(a.Causes) == 0 && strings.TrimSpace(a.Note) == "" {
		c.at(Notes, a, ColNote, "cause_missing", "")
	}
	if asks(AskUnmet) && s == PartiallyMet && len(a.Unmet) == 0 {
		c.at(Notes, a, ColNote, "unmet_missing", a.Note)
	}
	if row.Stage && a.Stage == "" && a.StageOther == "" {
		c.at(Notes, a, ColStage, "stage_missing", "")
	}
	if row.Stage && a.ExpectedMonth == "" {
		c.at(Notes, a, ColStage, "expected_missing", "")
	}
}

// values checks the form's own columns.
func (c *checker) values(row Row, a Answer) {
	for _, col := range c.tpl.OwnColumns() {
		value := a.Values[col.Key]
		if r, read := a.Readings[col.Key]; read && !r.IsSure() {
			continue // said by readings
		}
		asked := c.tpl.AsksFor(row, col.Key)
		switch reason := CheckValue(c.tpl, col, value); {
		case value == "" && asked && row.Required && col.Kind != TextColumn:
			c.at(Reviews, a, col.Key, "value_blank", col.Label.Vi)
		case value == "":
		case !asked:
			c.at(Notes, a, col.Key, "value_not_asked", value)
		case reason != "":
			c.problems = append(c.problems, Problem{
				Severity: Reviews, Row: a.Row, Column: col.Key, Text: value, Reason: reason, Field: AnswerField(c.tpl, a, col.Key),
				Args: map[string]any{"row": a.Row, "text": ShowValue(c.tpl, col, value)},
			})
		}
	}
	for column, value := range a.Values {
		if _, ok := c.tpl.Column(column); !ok {
			c.at(Reviews, a, column, "value_no_column", value)
		}
	}
}

func (c *checker) stage(a Answer) {
	if r, read := a.Readings[ColStage]; read && !r.IsSure() {
		return
	}
	o, ok := c.tpl.Option(StageList, a.Stage)
	switch {
	case a.Stage != "" && !ok:
		c.at(Reviews, a, ColStage, "stage_unknown", a.Stage)
	case ok && o.Free && strings.TrimSpace(a.StageOther) == "":
		c.at(Notes, a, ColStage, "stage_other_blank", "")
	}
	if a.ExpectedMonth == "" {
		return
	}
	if !a.ExpectedMonth.Valid() {
		c.at(Reviews, a, ColStage, "month_invalid", string(a.ExpectedMonth))
	}
}

func (c *checker) counts(row Row, a Answer) {
	if !slices.Contains(row.Asks, AskUnits) && !slices.Contains(row.Asks, AskDevices) {
		return
	}
	n := a.Counts
	if n == nil {
		if AnswerStatus(c.tpl, a) == PartiallyMet {
			c.at(Notes, a, ColNote, "counts_missing", a.Note)
		}
		return
	}
	for _, v := range []*int{n.UnitsUnmet, n.UnitsTotal, n.DevicesHave, n.DevicesNeed} {
		if v != nil && *v < 0 {
			c.at(Reviews, a, ColNote, "count_negative", a.Note)
			return
		}
	}
	if n.UnitsUnmet != nil && n.UnitsTotal != nil && *n.UnitsUnmet > *n.UnitsTotal {
		c.at(Reviews, a, ColNote, "units_exceed", a.Note)
	}
	// "tổng số thiết bị cần mua sắm" may be read as those still to buy: more in
	// place than needed is odd, not wrong.
	if n.DevicesHave != nil && n.DevicesNeed != nil && *n.DevicesHave > *n.DevicesNeed {
		c.at(Notes, a, ColNote, "devices_exceed", a.Note)
	}
}

// missing names the required rows without any answer.
func (c *checker) missing(kind string) {
	answers := Applicable(c.tpl, c.ret, kind)
	for _, comp := range c.tpl.Components {
		for _, row := range missingRows(c.tpl, comp.Key, answers, kind) {
			c.say(Problem{Severity: Reviews, Row: row, Column: ColCompliance, Reason: "row_missing", Field: FieldOf("row", row, ColCompliance)})
		}
	}
}

// systems compares the two lists of the same systems: those of the first
// component asked per system (row 1) and those of the group (row 5).
func (c *checker) systems() {
	known := map[string]bool{}
	for _, s := range c.ret.Systems {
		known[s.ID] = true
	}
	var network, security []Answer
	for _, a := range c.ret.Answers {
		row, ok := c.tpl.Row(a.Key)
		if !ok || a.SystemID == "" {
			continue
		}
		if !known[a.SystemID] {
			c.at(Reviews, a, ColComponent, "system_unknown", a.SystemID)
		}
		switch {
		case row.Kind == Item:
			security = append(security, a)
		case row.Kind == Repeat && row.Required:
			network = append(network, a)
		}
	}
	c.onlyIn(network, security)
	c.onlyIn(security, network)
}

// onlyIn notes the systems that stand in these answers and not in those, which are of
// another component.
func (c *checker) onlyIn(these, those []Answer) {
	said := map[string]bool{}
	for _, a := range these {
		same := func(b Answer) bool { return b.SystemID == a.SystemID }
		if len(those) == 0 || said[a.SystemID] || slices.ContainsFunc(those, same) {
			continue
		}
		said[a.SystemID] = true
		c.at(Notes, a, ColComponent, "system_without", a.System)
		row, _ := c.tpl.Row(those[0].Key)
		there, _ := c.tpl.Component(row.Component)
		c.problems[len(c.problems)-1].Args["there"] = there.Short
	}
}

var monthForm = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])$`)

// Valid says that the month is of the form 2023-06.
func (m Month) Valid() bool { return monthForm.MatchString(string(m)) }

// shown writes the month as both languages do: 06/2023.
func (m Month) shown() string {
	if !m.Valid() {
		return string(m)
	}
	return string(m[5:] + "/" + m[:4])
}

// MonthOf is the month of a day.
func MonthOf(d clock.Date) Month {
	if d.IsZero() {
		return ""
	}
	return Month(d.String()[:7])
}

// Until is the number of months from m to o; negative when o is earlier. Both
// must be valid.
func (m Month) Until(o Month) int { return o.ordinal() - m.ordinal() }

func (m Month) ordinal() int {
	d, err := clock.ParseDate(string(m) + "-01")
	if err != nil {
		return 0
	}
	return d.Year()*12 + int(d.Month())
}
