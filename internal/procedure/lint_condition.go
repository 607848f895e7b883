package procedure

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"dean06/internal/eform"
	"dean06/internal/platform/fault"
)

// condition looks at a condition. in is the repeated section in which it stands, nil outside.
func (l *linter) condition(at string, c *eform.Condition, in *eform.Section) {
	if c == nil {
		return
	}
	shapes := 0
	for _, has := range []bool{len(c.All) > 0, len(c.Any) > 0, c.Not != nil, c.Always, c.Question != "", c.Fact != ""} {
		if has {
			shapes++
		}
	}
	asks := 0 // what is asked of the question or fact
	for _, has := range []bool{c.Is != "", len(c.In) > 0, c.Known != nil, c.Over != nil} {
		if has {
			asks++
		}
	}
	if about := c.Question != "" || c.Fact != ""; shapes != 1 || about && asks != 1 || !about && asks > 0 || c.Question != "" && c.Over != nil {
		l.fault(at, "condition_shape", nil)
		return
	}
	for i := range c.All {
		l.condition(fmt.Sprintf("%s.all[%d]", at, i), &c.All[i], in)
	}
	for i := range c.Any {
		l.condition(fmt.Sprintf("%s.any[%d]", at, i), &c.Any[i], in)
	}
	l.condition(at+".not", c.Not, in)
	switch {
	case c.Question != "":
		l.ofQuestion(at, c, in)
	case c.Fact != "":
		l.ofFact(at, c)
	}
	if never(c) {
		l.fault(at, "never", nil)
	}
}

func (l *linter) ofQuestion(at string, c *eform.Condition, in *eform.Section) {
	f, ok := l.fields[c.Question]
	if !ok {
		l.fault(at+".question", "condition_question", fault.Args{"question": c.Question})
		return
	}
	if f.section.Repeat != nil && f.section != in {
		l.fault(at+".question", "repeated_outside", fault.Args{"question": c.Question, "section": f.section.ID})
	}
	values, paths := c.In, make([]string, len(c.In))
	for i := range paths {
		paths[i] = fmt.Sprintf("%s.in[%d]", at, i)
	}
	if c.Is != "" {
		values, paths = []string{c.Is}, []string{at + ".is"}
	}
	for i, v := range values {
		if !answers(f.Question, v) {
			l.fault(paths[i], "condition_value", fault.Args{"question": c.Question, "value": v, "known": valuesOf(f.Question)})
		}
	}
	if len(values) > 0 && slices.Contains([]eform.Kind{eform.KindAddress, eform.KindCard, eform.KindFile}, f.Kind) {
		l.fault(at+".question", "condition_kind", fault.Args{"question": c.Question, "kind": string(f.Kind)})
	}
}

// answers says whether a value can be the answer to a question, as far as its kind says.
func answers(q *eform.Question, value string) bool {
	switch q.Kind {
	case eform.KindChoice:
		return slices.ContainsFunc(q.Options, func(o eform.Option) bool { return o.Value == value })
	case eform.KindYes:
		return value == "yes" || value == "no"
	case eform.KindCode:
		list, ok := eform.ListOf(q.List)
		if !ok {
			return true // another rule's
		}
		_, ok = list.Find(value)
		return ok
	}
	return true
}

// valuesOf are what a question can be answered with, to be read.
func valuesOf(q *eform.Question) string {
	switch q.Kind {
	case eform.KindChoice:
		var all []string
		for _, o := range q.Options {
			all = append(all, o.Value)
		}
		return strings.Join(all, ", ")
	case eform.KindYes:
		return "yes, no"
	}
	return q.List
}

func (l *linter) ofFact(at string, c *eform.Condition) {
	name, arg, _ := strings.Cut(c.Fact, ":")
	known := []string(nil)
	switch {
	case c.Fact == "case":
		for _, k := range l.p.Cases {
			known = append(known, k.ID)
		}
	case c.Fact == "channel":
		known = l.p.Channels
	case c.Fact == Authorised:
		known = []string{"yes", "no"}
	case name == "days_since" || name == "years_since":
		if f, ok := l.fields[arg]; !ok {
			l.fault(at+".fact", "condition_question", fault.Args{"question": arg})
		} else if f.Kind != eform.KindDate && f.Kind != eform.KindPartial {
			l.fault(at+".fact", "condition_kind", fault.Args{"question": arg, "kind": string(f.Kind)})
		}
		if c.Over == nil && c.Known == nil {
			l.fault(at, "condition_shape", nil)
		}
		return
	default:
		l.fault(at+".fact", "unknown_fact", fault.Args{"fact": c.Fact})
		return
	}
	for _, v := range append(slices.Clone(c.In), c.Is) {
		if v != "" && !slices.Contains(known, v) {
			l.fault(at, "condition_value", fault.Args{"question": c.Fact, "value": v, "known": strings.Join(known, ", ")})
		}
	}
}

// never says that a condition can hold for no answers: it contradicts itself.
func never(c *eform.Condition) bool {
	if c.Not != nil && c.Not.Always {
		return true
	}
	for i := range c.All {
		for k := range i {
			if excludes(&c.All[i], &c.All[k]) {
				return true
			}
		}
	}
	return false
}

// excludes says that two conditions can not hold at once: they want different answers to one
// question, or one is the other's opposite.
func excludes(a, b *eform.Condition) bool {
	switch {
	case a == nil || b == nil:
		return false
	case a.Not != nil && reflect.DeepEqual(a.Not, b), b.Not != nil && reflect.DeepEqual(b.Not, a):
		return true
	case len(a.All) > 0:
		return slices.ContainsFunc(a.All, func(c eform.Condition) bool { return excludes(&c, b) })
	case len(b.All) > 0:
		return excludes(b, a)
	case len(a.Any) > 0:
		return !slices.ContainsFunc(a.Any, func(c eform.Condition) bool { return !excludes(&c, b) })
	case len(b.Any) > 0:
		return excludes(b, a)
	}
	if a.Question != b.Question || a.Fact != b.Fact || a.Question+a.Fact == "" {
		return false
	}
	if a.Known != nil && b.Known != nil {
		return *a.Known != *b.Known
	}
	wants := func(c *eform.Condition) []string {
		if c.Is != "" {
			return []string{c.Is}
		}
		return c.In
	}
	if silent := func(c *eform.Condition) bool { return c.Known != nil && !*c.Known }; silent(a) || silent(b) {
		return len(wants(a))+len(wants(b)) > 0
	}
	x, y := wants(a), wants(b)
	return len(x) > 0 && len(y) > 0 && !slices.ContainsFunc(x, func(v string) bool { return slices.Contains(y, v) })
}

// questionsOf are the questions on which a condition hangs.
func questionsOf(c *eform.Condition) []string {
	if c == nil {
		return nil
	}
	var all []string
	for i := range c.All {
		all = append(all, questionsOf(&c.All[i])...)
	}
	for i := range c.Any {
		all = append(all, questionsOf(&c.Any[i])...)
	}
	all = append(all, questionsOf(c.Not)...)
	if c.Question != "" {
		all = append(all, c.Question)
	}
	if _, q, ok := strings.Cut(c.Fact, ":"); ok {
		all = append(all, q)
	}
	return all
}
