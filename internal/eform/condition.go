package eform

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
)

// Truth is how far something is so. Of a question without an answer nothing is true and
// nothing is false: silence is no "no".
type Truth int8

// The truths, in this order: the lesser of two is what both of them give together.
const (
	False Truth = iota - 1
	Unsaid
	True
)

// Not turns a truth round; what is not said stays so.
func (t Truth) Not() Truth { return -t }

func truth(yes bool) Truth {
	if yes {
		return True
	}
	return False
}

// View is what a condition is asked of.
type View interface {
	// Value is the answer to a question; ok is false when there is none that counts.
	Value(question string) (v Value, ok bool)
	// Fact is a fact that is no question: "case", "channel", "days_since:child.birth".
	Fact(name string) (text string, ok bool)
}

// Holds says that a condition is true. One that is not there, or that hangs on what nobody
// has said yet, is not.
func (c *Condition) Holds(v View) bool { return c != nil && c.Truth(v) == True }

// Truth is how far a condition is so.
func (c *Condition) Truth(v View) Truth {
	switch {
	case c == nil:
		return Unsaid
	case c.Always:
		return True
	case len(c.All) > 0:
		out := True
		for i := range c.All {
			out = min(out, c.All[i].Truth(v))
		}
		return out
	case len(c.Any) > 0:
		out := False
		for i := range c.Any {
			out = max(out, c.Any[i].Truth(v))
		}
		return out
	case c.Not != nil:
		return c.Not.Truth(v).Not()
	case c.Fact != "":
		text, ok := v.Fact(c.Fact)
		if c.Known != nil {
			return truth(ok == *c.Known)
		}
		if !ok {
			return Unsaid
		}
		return c.of(text)
	case c.Question != "":
		if several, ok := v.(rowsView); ok {
			if values, is := several.values(c.Question); is {
				return c.anyRow(values)
			}
		}
		value, ok := v.Value(c.Question)
		return c.ofValue(value, ok)
	}
	return Unsaid
}

// rowsView is a view that knows sections that are answered several times.
type rowsView interface {
	// values are the answers of all rows to a question of such a section, a zero one where
	// a row has none; ok is false for any other question.
	values(question string) (all []Value, ok bool)
}

// anyRow asks of a section that is answered several times whether one of them says so.
func (c *Condition) anyRow(values []Value) Truth {
	out := False
	if len(values) == 0 {
		return c.ofValue(Value{}, false)
	}
	for _, v := range values {
		out = max(out, c.ofValue(v, !v.IsZero()))
	}
	return out
}

func (c *Condition) ofValue(v Value, ok bool) Truth {
	ok = ok && !v.IsZero()
	if c.Known != nil {
		return truth(ok == *c.Known)
	}
	if !ok {
		return Unsaid
	}
	if v.Place != nil && v.Text == "" {
		is := func(code string) bool {
			return code != "" && (code == v.Place.Commune || code == v.Place.Province || code == v.Place.Country)
		}
		return truth(is(c.Is) || slices.ContainsFunc(c.In, is))
	}
	return c.of(v.Text)
}

// of compares a text. Over compares whole numbers, or the two ends of a span "59..61".
func (c *Condition) of(text string) Truth {
	if c.Over == nil {
		if c.Is == "" && len(c.In) == 0 {
			return Unsaid
		}
		return truth(text == c.Is && c.Is != "" || slices.Contains(c.In, text))
	}
	least, most, span := strings.Cut(text, "..")
	if !span {
		most = least
	}
	from, err := strconv.Atoi(least)
	to, err2 := strconv.Atoi(most)
	switch {
	case err != nil || err2 != nil:
		return Unsaid
	case from > *c.Over:
		return True
	case to <= *c.Over:
		return False
	}
	return Unsaid
}

// Questions lists the questions that a condition hangs on, those behind facts too.
func (c *Condition) Questions() []string {
	if c == nil {
		return nil
	}
	var out []string
	for i := range c.All {
		out = append(out, c.All[i].Questions()...)
	}
	for i := range c.Any {
		out = append(out, c.Any[i].Questions()...)
	}
	out = append(out, c.Not.Questions()...)
	if _, q, ok := strings.Cut(c.Fact, ":"); ok {
		out = append(out, q)
	}
	if c.Question != "" {
		out = append(out, c.Question)
	}
	return out
}

// Facts are what is known around a form: on which day and by which way it is filled.
type Facts struct {
	Case    string     // of the procedure; "" while it is not chosen
	Channel string     // desk, online, post
	Today   clock.Date // the day on which it is filled, or was sent
	Units   Units      // the administrative units; nil: addresses are not looked up
	More    map[string]string
}

// factOf gives a fact. Of "days_since:Q" and "years_since:Q" it is the number, or the two
// ends of it when the day of the answer is known in part: "31..61".
func factOf(f Facts, name string, answer func(question string) (Value, bool)) (string, bool) {
	switch name {
	case "case":
		return f.Case, f.Case != ""
	case "channel":
		return f.Channel, f.Channel != ""
	}
	if text, ok := f.More[name]; ok {
		return text, text != ""
	}
	what, question, ok := strings.Cut(name, ":")
	if !ok || f.Today.IsZero() {
		return "", false
	}
	value, said := answer(question)
	if !said {
		return "", false
	}
	day, err := citizen.ParseDay(value.Text)
	if err != nil || day == 0 {
		return "", false
	}
	var least, most int
	switch first, last := firstOf(day), lastOf(day); what {
	case "days_since":
		least, most = last.DaysUntil(f.Today), first.DaysUntil(f.Today)
	case "years_since":
		least, most = citizen.YearsBetween(last, f.Today), citizen.YearsBetween(first, f.Today)
	default:
		return "", false
	}
	if least == most {
		return strconv.Itoa(least), true
	}
	return strconv.Itoa(least) + ".." + strconv.Itoa(most), true
}

// firstOf and lastOf are the ends of what a day of which a part is unknown can be.
func firstOf(d citizen.Day) clock.Date {
	return clock.NewDate(d.Year(), time.Month(max(1, d.Month())), max(1, d.DayOfMonth()))
}

func lastOf(d citizen.Day) clock.Date {
	switch {
	case d.Whole():
		return d.Date()
	case d.Month() != 0:
		return clock.NewDate(d.Year(), time.Month(d.Month())+1, 0)
	}
	return clock.NewDate(d.Year(), time.December, 31)
}
