package eform

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Check says everything that is wrong with the answers of a form, each at its path: what is
// missing, what cannot be, what contradicts, and what the form does not ask. It is empty
// when the form can be sent. What a person reads names the question ({question}).
func (f *Form) Check(a Answers, facts Facts) fault.List {
	var out fault.List
	wrong := func(path string, q *Question, w *fault.Error) {
		args := fault.Args{}
		maps.Copy(args, w.Args)
		if q != nil {
			args["question"] = f.called(path, q, a)
		}
		w = w.At(path)
		w.Args = args
		out = append(out, w)
	}
	f.unknown(a, wrong)
	s := newState(f, a, facts)
	for i := range f.Sections {
		if sec := &f.Sections[i]; sec.Repeat != nil && s.section(i) == True {
			if w := sec.counts(Rows(sec, a)); w != nil {
				wrong(sec.ID, nil, w)
			}
		}
	}
	for _, q := range f.Asked(a, facts) {
		if !q.Given() {
			if q.Required {
				wrong(q.Path, q.Question, invalid(missingKey(q), nil))
			}
			continue
		}
		if w := f.answer(s, q, facts); w != nil {
			wrong(q.Path, q.Question, w)
		}
	}
	return out
}

// called is a question with whose it is: "Người cha – Năm sinh", "Người cùng chuyển 2 – Họ
// tên".
func (f *Form) called(path string, q *Question, a Answers) Text {
	sec, _, row, ok := f.Find(path)
	if !ok {
		return q.Label
	}
	title := sec.Title
	if row > 0 {
		nth := " " + strconv.Itoa(slices.Index(Rows(sec, a), row)+1)
		title = Text{Vi: sec.Repeat.One.In("vi") + nth, En: sec.Repeat.One.In("en") + nth}
	}
	with := func(lang string) string {
		if title.In(lang) == "" {
			return q.Label.In(lang)
		}
		return title.In(lang) + " – " + q.Label.In(lang)
	}
	return Text{Vi: with("vi"), En: with("en")}
}

// missingKey says what to do where an answer is missing, as it is answered.
func missingKey(q Asked) string {
	if len(q.Answer.Offered) > 1 {
		return "eform.missing.choice"
	}
	switch q.Question.Kind {
	case KindChoice, KindCode, KindYes:
		return "eform.missing.choice"
	case KindDate, KindPartial:
		return "eform.missing.day"
	case KindAddress:
		return "eform.missing.address"
	case KindFile:
		return "eform.missing.file"
	}
	return "eform.missing.text"
}

// unknown refuses what the form does not know, and what came from where it cannot.
func (f *Form) unknown(a Answers, wrong func(string, *Question, *fault.Error)) {
	for _, path := range slices.Sorted(maps.Keys(a)) {
		answer := a[path]
		if sec := f.section(path); sec != nil && sec.Repeat != nil {
			if text := answer.Value.Text; writeRows(parseRows(text)) != text {
				wrong(path, nil, invalid("eform.wrong.rows", nil))
			}
			continue
		}
		sec, q, row, ok := f.Find(path)
		switch {
		case !ok:
			wrong(path, nil, invalid("eform.wrong.unknown", fault.Args{"path": path}))
		case sec.Repeat != nil && !slices.Contains(Rows(sec, a), row) && !answer.Value.IsZero():
			wrong(path, nil, invalid("eform.wrong.row", fault.Args{"row": row}))
		case !slices.Contains(sources, answer.Source):
			wrong(path, q, invalid("eform.wrong.source", nil))
		case q.FilledBy != "" && answer.Source == Typed:
			wrong(path, q, invalid("eform.wrong.not_asked", nil))
		case answer.Locked && answer.Source == Typed:
			wrong(path, q, invalid("eform.wrong.locked", nil))
		}
	}
}

var sources = []Source{Typed, Register, Card, System, Stated, Officer}

func (f *Form) section(id string) *Section {
	for i := range f.Sections {
		if f.Sections[i].ID == id {
			return &f.Sections[i]
		}
	}
	return nil
}

// counts checks how many rows there are.
func (sec *Section) counts(rows []int) *fault.Error {
	switch r := sec.Repeat; {
	case r.Max > 0 && len(rows) > r.Max:
		return invalid("eform.rows.most", fault.Args{"n": len(rows), "most": r.Max, "one": r.One})
	case len(rows) < r.Min:
		return invalid("eform.rows.least", fault.Args{"n": len(rows), "least": r.Min, "one": r.One})
	}
	return nil
}

// answer checks one answer. What the register said, also as one of what it offered, is not
// judged by its form: nobody here can mend it, and it says itself from where it is.
func (f *Form) answer(s *state, q Asked, facts Facts) *fault.Error {
	v := q.Answer.Value
	view := rowView{s, q.Section, q.Row}
	if q.Answer.Source != Register && !q.Answer.Offers(v) {
		normal, wrong := q.Question.Normal(v, facts)
		if wrong != nil {
			return wrong
		}
		if normal.IsZero() {
			if q.Required {
				return invalid(missingKey(q), nil)
			}
			return nil
		}
		v = normal
		if q.Question.Kind == KindChoice {
			for _, o := range q.Question.Options {
				if o.Value == v.Text && o.When != nil && !o.When.Holds(view) {
					return invalid("eform.wrong.option_now", nil)
				}
			}
		}
	}
	if q.chooses() && q.Answer.Source == Typed {
		return invalid("eform.wrong.offered", nil)
	}
	for _, check := range q.Question.Checks {
		if wrong := cross(f, check, v, view, facts); wrong != nil {
			return wrong
		}
	}
	return nil
}

// Cross checks by name: what stands behind the colon is a question, or a number.
var crossChecks = map[string]struct {
	question, number bool
	run              func(c crossing) *fault.Error
}{
	"not_after_today":  {run: notAfterToday},
	"not_before_today": {run: notBeforeToday},
	"before":           {question: true, run: before},
	"after":            {question: true, run: after},
	"not_before":       {question: true, run: notBefore},
	"not_after":        {question: true, run: notAfter},
	"age_at_least":     {number: true, run: ageAtLeast},
	"age_at_most":      {number: true, run: ageAtMost},
	"differs":          {question: true, run: differs},
	"fits_number":      {question: true, run: fitsNumber},
}

// crossing is a cross check at work.
type crossing struct {
	v     Value
	other Value // of the question behind the colon
	label Text
	n     int
	facts Facts
}

// KnownCheck says that a cross check is one that there is, and which question it names; ""
// when it names none.
func KnownCheck(check string) (question string, ok bool) {
	name, arg, has := strings.Cut(check, ":")
	c, known := crossChecks[name]
	switch {
	case !known, has != (c.question || c.number):
		return "", false
	case c.number:
		_, err := strconv.Atoi(arg)
		return "", err == nil
	}
	return arg, !has || arg != ""
}

// cross runs one check. Where the other answer is missing there is nothing to compare.
func cross(f *Form, check string, v Value, view rowView, facts Facts) *fault.Error {
	if _, ok := KnownCheck(check); !ok {
		return invalid("eform.wrong.kind", nil)
	}
	name, arg, _ := strings.Cut(check, ":")
	c := crossing{v: v, facts: facts}
	rule := crossChecks[name]
	switch {
	case rule.question:
		other, said := view.Value(arg)
		if !said {
			return nil
		}
		c.other, c.label = other, f.label(view, arg)
	case rule.number:
		c.n, _ = strconv.Atoi(arg)
	}
	return rule.run(c)
}

func (f *Form) label(view rowView, question string) Text {
	if at, ok := view.place(question); ok {
		return f.Sections[at[0]].Questions[at[1]].Label
	}
	return Text{}
}

// span is what a day can be; ok is false for what is no day.
func span(v Value) (first, last clock.Date, ok bool) {
	d, err := citizen.ParseDay(v.Text)
	if err != nil || d == 0 {
		return first, last, false
	}
	return firstOf(d), lastOf(d), true
}

func notAfterToday(c crossing) *fault.Error {
	if first, _, ok := span(c.v); ok && !c.facts.Today.IsZero() && first.After(c.facts.Today) {
		return invalid("eform.wrong.future", nil)
	}
	return nil
}

func notBeforeToday(c crossing) *fault.Error {
	if _, last, ok := span(c.v); ok && last.Before(c.facts.Today) {
		return invalid("eform.wrong.past", nil)
	}
	return nil
}

// compare asks of two days, each known in part perhaps, whether one can be as it must.
func (c crossing) compare(can func(first, last, otherFirst, otherLast clock.Date) bool, key string) *fault.Error {
	first, last, ok := span(c.v)
	of, ol, ok2 := span(c.other)
	if !ok || !ok2 || can(first, last, of, ol) {
		return nil
	}
	return invalid(key, fault.Args{"other": c.label})
}

func before(c crossing) *fault.Error {
	return c.compare(func(first, _, _, otherLast clock.Date) bool { return first.Before(otherLast) }, "eform.wrong.before")
}

func after(c crossing) *fault.Error {
	return c.compare(func(_, last, otherFirst, _ clock.Date) bool { return last.After(otherFirst) }, "eform.wrong.after")
}

func notBefore(c crossing) *fault.Error {
	return c.compare(func(_, last, otherFirst, _ clock.Date) bool { return !last.Before(otherFirst) }, "eform.wrong.not_before")
}

func notAfter(c crossing) *fault.Error {
	return c.compare(func(first, _, _, otherLast clock.Date) bool { return !first.After(otherLast) }, "eform.wrong.not_after")
}

func ageAtLeast(c crossing) *fault.Error {
	first, _, ok := span(c.v)
	if ok && !c.facts.Today.IsZero() && citizen.YearsBetween(first, c.facts.Today) < c.n {
		return invalid("eform.wrong.young", fault.Args{"least": c.n})
	}
	return nil
}

func ageAtMost(c crossing) *fault.Error {
	_, last, ok := span(c.v)
	if ok && !c.facts.Today.IsZero() && citizen.YearsBetween(last, c.facts.Today) > c.n {
		return invalid("eform.wrong.old", fault.Args{"most": c.n})
	}
	return nil
}

func differs(c crossing) *fault.Error {
	if c.v.Same(c.other) {
		return invalid("eform.wrong.same", fault.Args{"other": c.label})
	}
	return nil
}

// fitsNumber compares a day of birth with the year that a personal number names, or a sex
// with the one that it names.
func fitsNumber(c crossing) *fault.Error {
	n, _ := citizen.ParseNumber(c.other.Text) // its own question says what is wrong with it
	if n.IsZero() {
		return nil
	}
	if first, last, ok := span(c.v); ok && (n.Year() < first.Year() || n.Year() > last.Year()) {
		return invalid("eform.wrong.number_year", fault.Args{"other": c.label, "year": strconv.Itoa(n.Year())})
	}
	if s := n.Sex(); s != citizen.SexUnknown && len(c.v.Text) == 1 && c.v.Text != "0" && c.v.Text != strconv.Itoa(int(s)) {
		return invalid("eform.wrong.number_sex", fault.Args{"other": c.label})
	}
	return nil
}
