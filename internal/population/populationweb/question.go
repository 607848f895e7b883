package populationweb

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

// How the answers to questions are named in the form of an event.
const (
	answerBefore = "answer-" // and the question's code: a reason
	leftBefore   = "left-"   // and a person: what they are to the next head
	headField    = "head"    // who is the next head
)

// askedView is a question with what the register holds, and where it is answered.
type askedView struct {
	ID, Text string
	Facts    []askedFact
	Field    ui.Field
	Choose   inputKind // asArea: a reason; asSelect, asRadios: a choice
}

// askedFact is what the register holds of one person.
type askedFact struct {
	Title string
	Facts []ui.Fact
}

// questions are those of a preview.
func (p *Pages) questions(w words, v *eventView, open population.Questions) {
	v.Asked = nil
	for i := range open {
		q := &open[i]
		one := askedView{ID: "question-" + q.Code, Text: w.Printer.T(q.Kind.Text())}
		for _, f := range q.Facts {
			one.Facts = append(one.Facts, w.askedFact(f))
		}
		one.Field = ui.Field{Errors: v.Errors}
		switch {
		case q.Kind == population.HeadNext:
			one.Choose = asRadios
			one.Field.Name, one.Field.Label, one.Field.Small = headField, w.Printer.T("people.question.head"), true
			for _, f := range q.Facts {
				one.Field.Options = append(one.Field.Options, ui.Option{Value: p.handles.of(f.Number), Label: f.Person.Name})
			}
			one.Field.Value, one.Facts = v.Form.Text(headField), nil
			for i, f := range q.Facts {
				one.Field.Options[i].Hint = w.Printer.T("people.question.member", map[string]any{
					"relation": w.relation(f.Person.Relation), "birth": w.day(f.Person.Birth),
				})
			}
		case !q.Of.IsZero():
			one.Choose = asSelect
			one.Field.Name, one.Field.Options = leftBefore+p.handles.of(q.Of), w.relationOptions()
			one.Field.Label = w.Printer.T("people.ask.relation.of", map[string]any{"name": q.Facts[0].Person.Name})
			one.Field.Value = v.Form.Text(one.Field.Name)
		default:
			one.Choose = asArea
			one.Field.Name, one.Field.Label = answerBefore+q.Code, w.Printer.T("people.question.reason")
			one.Field.Hint = w.Printer.T("people.question.reason.hint")
			one.Field.Rows, one.Field.MaxLength = 3, population.MaxAnswer
			one.Field.Value = v.Form.Text(one.Field.Name)
		}
		v.Asked = append(v.Asked, one)
	}
}

// askedFact says who and what; numbers are masked, as everywhere at the desk.
func (w words) askedFact(f population.Fact) askedFact {
	out := askedFact{Title: w.Printer.T("people.question.as." + f.As)}
	if f.Person.Name != "" {
		out.Title = w.Printer.T("people.question.as.named", map[string]any{"as": out.Title, "name": f.Person.Name})
	}
	for _, field := range f.Fields {
		if field == population.FieldName {
			continue
		}
		if value := w.value(&f.Person, field); value != "" {
			out.Facts = append(out.Facts, ui.Fact{Key: sentence(w.field(field)), Value: value})
		}
	}
	if f.Past != nil {
		value := w.Printer.T("people.question.past.event", map[string]any{
			"kind": w.Printer.T("people.kind." + string(f.Past.Kind)), "on": w.day(f.Past.On),
		})
		if f.Past.Basis != "" {
			value += "\n" + w.Printer.T("people.event.basis.is", map[string]any{"basis": f.Past.Basis})
		}
		out.Facts = append(out.Facts, ui.Fact{Key: w.Printer.T("people.question.past"), Value: value})
	}
	return out
}

// answers reads what was answered.
func (p *Pages) answers(v *eventView, e *population.Event) {
	say := func(handle, relation string) {
		n, err := p.handles.number(handle)
		if err != nil || relation == "" {
			return
		}
		if e.Relations == nil {
			e.Relations = map[citizen.Number]string{}
		}
		e.Relations[n] = relation
	}
	for _, name := range v.Form.Names() {
		if code, ok := strings.CutPrefix(name, answerBefore); ok {
			if e.Answers == nil {
				e.Answers = map[string]string{}
			}
			e.Answers[code] = citizen.Spell(v.Form.Text(name))
		}
		if handle, ok := strings.CutPrefix(name, leftBefore); ok {
			say(handle, v.Form.Text(name))
		}
	}
	say(v.Form.Text(headField), population.HeadOfHousehold)
}

// unanswered shows the preview again with the questions that have no answer yet, or none
// that can be read; false when the error is about something else.
func (p *Pages) unanswered(w http.ResponseWriter, r *http.Request, v *eventView, m matter, e population.Event, err error) (bool, error) {
	var open population.Questions
	faults, _ := err.(fault.List) //nolint:errorlint // the register gives the list itself
	read := len(faults) > 0 && !slices.ContainsFunc(faults, func(f *fault.Error) bool { return !strings.HasPrefix(f.Field, "answers.") })
	if !errors.As(err, &open) && !read {
		return false, nil
	}
	would, err := p.Register.Preview(r.Context(), p.inquiry(r, m), e)
	if err != nil {
		return true, p.refused(w, r, *v, m, err)
	}
	v.Errors = nil
	for _, f := range faults {
		v.Errors = append(v.Errors, f.At(answerBefore+strings.TrimPrefix(f.Field, "answers.")))
	}
	if err := p.preview(r, v, m, would); err != nil {
		return true, err
	}
	for i, q := range would.Questions {
		if q.Answer == "" {
			v.Errors = append(v.Errors, fault.New(fault.Invalid, "people.question.answer", nil).At(v.Asked[i].Field.Name))
		}
	}
	p.questions(p.words(r.Context()), v, would.Questions) // with what is wrong
	return true, web.Render(w, r, http.StatusUnprocessableEntity, previewPage(*v))
}

// answered are the questions that an event was asked and why it was written all the same.
func (w words) answered(e population.Event) []ui.Fact {
	var out []ui.Fact
	for _, code := range slices.Sorted(maps.Keys(e.Answers)) {
		out = append(out, ui.Fact{Key: w.Printer.T(population.KindOf(code).Text()), Value: e.Answers[code]})
	}
	return out
}
