package forms

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// question is a field of a page: how it is shown, and how what was typed gets into the
// form whose part it was made of. One definition does for both.
type question struct {
	show templ.Component
	take func(f web.Form) error
}

// take puts what was typed into the form that the questions were made of.
func take(form web.Form, questions []question) error {
	var wrong fault.List
	for _, a := range questions {
		if a.take == nil {
			continue
		}
		err := a.take(form)
		if f := fault.As(err); f != nil {
			wrong = append(wrong, f)
		} else if err != nil {
			return err
		}
	}
	return wrong.Err()
}

func shown(questions []question) []templ.Component {
	out := make([]templ.Component, len(questions))
	for i, a := range questions {
		out[i] = a.show
	}
	return out
}

// label gives a field its words: forms.field.NAME, and a hint when there is one.
func (q *visit) label(key string) string { return q.p.T("forms.field." + key) }

// field is a field with what was typed in it, or else what is saved.
func (q *visit) field(f ui.Field, saved string) ui.Field {
	f.Value, f.Errors = saved, q.errs
	if q.posted != nil && q.posted.Has(f.Name) {
		f.Value = q.posted.Text(f.Name)
	}
	return f
}

func (q *visit) text(f ui.Field, at *string) question {
	return question{ui.Text(q.field(f, *at)), into(f.Name, at)}
}

func (q *visit) area(f ui.Field, at *string) question {
	return question{ui.Textarea(q.field(f, *at)), into(f.Name, at)}
}

func (q *visit) choose(f ui.Field, at *string) question {
	return question{ui.Select(q.field(f, *at)), into(f.Name, at)}
}

func (q *visit) radios(f ui.Field, at *string) question {
	return question{ui.Radios(q.field(f, *at)), into(f.Name, at)}
}

func into(name string, at *string) func(web.Form) error {
	return func(form web.Form) error {
		if form.Has(name) {
			*at = form.Text(name)
		}
		return nil
	}
}

// both is a text in both languages, side by side in the order of the form's languages.
func (q *visit) both(f ui.Field, at *readiness.Text) question {
	vi, en := f, f
	en.Name = f.Name + "_en"
	vi.Label, en.Label = q.p.T("forms.vi", map[string]any{"field": f.Label}), q.p.T("forms.en", map[string]any{"field": f.Label})
	one := q.text
	if f.Rows > 0 {
		one = q.area
	}
	a, b := one(vi, &at.Vi), one(en, &at.En)
	return question{pair(a.show, b.show), func(form web.Form) error { return take(form, []question{a, b}) }}
}

// ticks are any number of choices. None ticked is nil.
func (q *visit) ticks(f ui.Field, at *[]string) question {
	f.Errors, f.Small, f.Values = q.errs, true, append([]string{}, *at...)
	if q.posted != nil {
		f.Values = q.posted.Values(f.Name)
	}
	return question{ui.Checkboxes(f), func(form web.Form) error {
		*at = slices.DeleteFunc(form.Values(f.Name), func(v string) bool {
			return !slices.ContainsFunc(f.Options, func(o ui.Option) bool { return o.Value == v })
		})
		if len(*at) == 0 {
			*at = nil
		}
		return nil
	}}
}

// tick is one box.
func (q *visit) tick(f ui.Field, text string, at *bool) question {
	var list []string
	if *at {
		list = []string{"1"}
	}
	f.Options = []ui.Option{{Value: "1", Label: text}}
	a := q.ticks(f, &list)
	return question{a.show, func(form web.Form) error {
		err := a.take(form)
		*at = len(list) > 0
		return err
	}}
}

func (q *visit) day(f ui.Field, at *clock.Date) question {
	f.Errors = q.errs
	if !at.IsZero() {
		f.Day, f.Month, f.Year = strconv.Itoa(at.Day()), strconv.Itoa(int(at.Month())), strconv.Itoa(at.Year())
	}
	if q.posted != nil && q.posted.Has(f.Name+"-day") {
		f.Day, f.Month, f.Year = q.posted.DateParts(f.Name)
	}
	return question{ui.DateInput(f), func(form web.Form) error {
		if !form.Has(f.Name + "-day") {
			return nil
		}
		d, err := form.Date(f.Name)
		if err == nil {
			*at = d
		}
		return err
	}}
}

func (q *visit) whole(f ui.Field, at *int) question {
	saved := ""
	if *at != 0 {
		saved = strconv.Itoa(*at)
	}
	f.InputMode, f.Width = "numeric", 4
	return question{ui.Text(q.field(f, saved)), func(form web.Form) error {
		n, _, err := form.Int(f.Name)
		if err == nil && form.Has(f.Name) {
			*at = n
		}
		return err
	}}
}

// number is a number with decimals, or none. 1.234 is asked about: two countries read it
// differently.
func (q *visit) number(f ui.Field, at **float64) question {
	saved := ""
	if *at != nil {
		saved = strings.ReplaceAll(strconv.FormatFloat(**at, 'f', -1, 64), ".", ",")
	}
	f.InputMode, f.Width = "decimal", 10
	return question{ui.Text(q.field(f, saved)), func(form web.Form) error {
		text := form.Text(f.Name)
		if text == "" {
			if form.Has(f.Name) {
				*at = nil
			}
			return nil
		}
		column := readiness.Column{Kind: readiness.NumberColumn, Decimals: 6}
		v := readiness.ReadValue(&readiness.Template{}, column, readiness.LinesOf(text))
		n, err := strconv.ParseFloat(v.Text, 64)
		if v.Reason != "" || err != nil {
			return fault.New(fault.Invalid, "forms.number", fault.Args{"text": text}).At(f.Name)
		}
		*at = &n
		return nil
	}}
}

// lines are entries, a line each, whose parts stand between bars or tabs: as one types
// them, or as they come from a table.
func (q *visit) lines(f ui.Field, saved string, most int, keep func([][]string) error) question {
	return question{ui.Textarea(q.field(f, saved)), func(form web.Form) error {
		if !form.Has(f.Name) {
			return nil
		}
		var out [][]string
		for i, line := range strings.Split(form.Text(f.Name), "\n") {
			if strings.TrimSpace(line) == "" {
				continue
			}
			parts := strings.Split(strings.ReplaceAll(line, "\t", "|"), "|")
			for j := range parts {
				parts[j] = strings.TrimSpace(parts[j])
			}
			if len(parts) > most {
				return fault.New(fault.Invalid, "forms.line_parts", fault.Args{"n": i + 1, "most": most}).At(f.Name)
			}
			out = append(out, parts)
		}
		return keep(out)
	}}
}

// part is the i-th part of a line, "" when it has none.
func part(line []string, i int) string {
	if i < len(line) {
		return line[i]
	}
	return ""
}

// textLines writes texts as the lines that they are typed in.
func textLines(list []readiness.Labelled) string {
	var out []string
	for _, l := range list {
		out = append(out, l.Label.Vi+" | "+l.Label.En)
	}
	return strings.Join(out, "\n")
}

// words is a question that only says something.
func words(c templ.Component) question { return question{show: c} }
