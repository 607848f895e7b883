package eform

import (
	"maps"
	"strings"
	"time"
)

// computations by name: what stands behind the colon is a question.
var computations = map[string]struct {
	question bool
	run      func(v Value, facts Facts) Value
}{
	"day_in_words": {true, func(v Value, _ Facts) Value { return Value{Text: DayInWords(v.Text)} }},
	"copy":         {true, func(v Value, _ Facts) Value { return v.Clone() }},
	"today":        {false, func(_ Value, facts Facts) Value { return Value{Text: facts.Today.String()} }},
}

// KnownComputation says that a computation is one that there is, and which question it
// reads; "" when it reads none.
func KnownComputation(compute string) (question string, ok bool) {
	name, arg, has := strings.Cut(compute, ":")
	c, known := computations[name]
	return arg, known && has == c.question && (!has || arg != "")
}

// Computed fills what the program computes of other answers; what cannot be computed is
// taken away.
func (f *Form) Computed(a Answers, facts Facts, at time.Time) Answers {
	out := maps.Clone(a)
	if out == nil {
		out = Answers{}
	}
	for _, q := range f.Fields(a, facts) {
		if q.Question.Compute == "" || q.Has && q.Answer.Source != System {
			continue
		}
		arg, ok := KnownComputation(q.Question.Compute)
		if !ok {
			continue
		}
		name, _, _ := strings.Cut(q.Question.Compute, ":")
		var from Value
		if arg != "" {
			from, ok = rowView{newState(f, a, facts), q.Section, q.Row}.Value(arg)
		}
		value := Value{}
		if ok {
			value = computations[name].run(from, facts)
		}
		switch {
		case value.IsZero():
			delete(out, q.Path)
		case !q.Has || !q.Answer.Value.Same(value):
			out[q.Path] = Answer{Value: value, Source: System, At: at}
		}
	}
	return out
}
