package office

import (
	"context"
	"strconv"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// fields gathers the fields of an act, each with what was posted.
type fields struct {
	ctx   context.Context
	form  *web.Form
	errs  fault.List
	query func(string) string
	out   []control
}

func (f *fields) field(name, key string) ui.Field {
	out := ui.Field{Name: name, Label: t(f.ctx, "field."+key), Errors: f.errs, Autocomplete: "off"}
	if f.form != nil {
		out.Value = f.form.Text(name)
	}
	return out
}

func (f *fields) add(kind string, field ui.Field) { f.out = append(f.out, control{kind, field}) }

func (f *fields) text(name, key string, width int) {
	field := f.field(name, key)
	field.Width = width
	f.add("text", field)
}

// receiver asks who is given something, and says who may be.
func (f *fields) receiver(d dossier.Dossier) {
	field := f.field("receiver", "receiver")
	field.Hint, field.Width = dossierweb.Receivers(f.ctx, d), 30
	f.add("text", field)
}

func (f *fields) area(name, key string) {
	field := f.field(name, key)
	field.Rows = 4
	f.add("area", field)
}

// remark is a note that may stay empty.
func (f *fields) remark() {
	field := f.field("note", "note")
	field.Rows, field.Optional = 4, true
	f.add("area", field)
}

func (f *fields) radios(name, key string, options []ui.Option) {
	field := f.field(name, key)
	field.Options = options
	if field.Value == "" && len(options) > 0 && len(options) == 1 {
		field.Value = options[0].Value
	}
	f.add("radios", field)
}

func (f *fields) checkboxes(name, key string, options []ui.Option) {
	f.add("checkboxes", f.boxes(name, key, options))
}

func (f *fields) boxes(name, key string, options []ui.Option) ui.Field {
	field := f.field(name, key)
	field.Options, field.Small = options, true
	field.Errors = f.errs.Moved("asked", name)
	if f.form != nil {
		field.Values = f.form.Values(name)
	}
	return field
}

func (f *fields) choose(name, key string, options []ui.Option) {
	f.add("select", f.choice(name, key, options))
}

func (f *fields) choice(name, key string, options []ui.Option) ui.Field {
	field := f.field(name, key)
	field.Options = append([]ui.Option{{Label: t(f.ctx, "choose")}}, options...)
	return field
}

// handedOver asks which originals stay here, a line for each and how many.
func (f *fields) handedOver() []ui.Field {
	var out []ui.Field
	for i := range 3 {
		n := strconv.Itoa(i)
		name, count := f.field("original-"+n, "original"), f.field("count-"+n, "count")
		count.Width, count.InputMode = 3, "numeric"
		out = append(out, name, count)
	}
	return out
}

func (f *fields) date(name, key string) {
	field := f.field(name, key)
	if f.form != nil {
		field.Day, field.Month, field.Year = f.form.DateParts(name)
	}
	f.add("date", field)
}

// letting asks the supervisor why something passes that the rule stops.
func (f *fields) letting(v dossier.View, verb dossier.Verb) {
	for _, a := range v.Allowed {
		if a.Verb == verb && a.Letting != "" {
			field := f.field("letting", "letting")
			field.Hint = dossierweb.Why(f.ctx, dossier.Allowed{Why: a.Letting, Args: a.Args})
			field.Rows = 3
			f.add("area", field)
		}
	}
}

// checklist has a line for each paper, with the reason of a mark that was made before, and
// some for parts of the form.
func (f *fields) checklist(v dossier.View) []askLine {
	why := append([]ui.Option{{Label: t(f.ctx, "ask.fine")}}, reasons(f.ctx, v.Package, "supplement")...)
	var out []askLine
	for _, n := range v.Needs {
		l := askLine{Title: n.Paper.Name.In(dossierweb.Lang(f.ctx)), Reason: f.field("reason-"+n.Paper.ID, "reason"), Note: f.more("note-" + n.Paper.ID)}
		if f.form == nil {
			for _, m := range n.Met {
				if m.Check == "bad" {
					l.Reason.Value = m.Reason
				}
			}
		}
		l.Reason.Options = why
		out = append(out, l)
	}
	parts := []ui.Option{{Label: t(f.ctx, "choose")}}
	for _, q := range v.Package.Form.Fields(v.Dossier.Answers, dossier.FactsOf(v.Dossier)) {
		if q.Question.FilledBy == "" {
			parts = append(parts, ui.Option{Value: q.Path, Label: dossierweb.FieldName(f.ctx, v.Package, q.Path)})
		}
	}
	for i := range lines {
		n := strconv.Itoa(i)
		l := askLine{About: f.field("field-"+n, "ask.part"), Reason: f.field("field-reason-"+n, "reason"), Note: f.more("field-note-" + n)}
		l.About.Options, l.Reason.Options = parts, why
		l.Folded = i >= fewLines && l.About.Value+l.Reason.Value+l.Note.Value == ""
		out = append(out, l)
	}
	if len(out) > 0 { // what is wrong with the list as a whole stands at its first line
		out[0].Reason.Errors = f.errs.Moved("asked", out[0].Reason.Name)
	}
	return out
}

// more is what is said beside a coded reason.
func (f *fields) more(name string) ui.Field {
	field := f.field(name, "ask.note")
	field.Optional = true
	return field
}

// questions are what the register asks before it records.
func (f *fields) questions(v dossier.View) {
	for i, q := range questions(v) {
		name := "effect-" + strconv.Itoa(i)
		field := f.field(name, "effect")
		field.Label = q.Text
		for _, fact := range q.Facts {
			if field.Hint != "" {
				field.Hint += "; "
			}
			field.Hint += fact
		}
		field.Errors = f.errs.Moved("effect."+q.Code, name)
		if len(q.Choice) == 0 {
			field.Rows = 3
			f.add("area", field)
			continue
		}
		for _, c := range q.Choice {
			field.Options = append(field.Options, ui.Option{Value: c, Label: c})
		}
		f.add("radios", field)
	}
}

func (f *fields) originals(v dossier.View) {
	var options []ui.Option
	for _, o := range v.Dossier.Originals {
		if o.BackAt.IsZero() {
			options = append(options, ui.Option{Value: o.Name, Label: t(f.ctx, "original.line", map[string]any{"name": o.Name, "count": o.Count})})
		}
	}
	f.radios("original", "original.which", options)
}

func (f *fields) results(v dossier.View) {
	var options []ui.Option
	for _, r := range v.Dossier.Results {
		if r.Kind == dossier.PaperResult && r.Stands() {
			options = append(options, ui.Option{Value: r.ID, Label: dossierweb.IssuedName(f.ctx, v.Package, r, v.Dossier.Code)})
		}
	}
	f.radios("result", "result", options)
}

// hidden carries a value of the address, such as which paper is marked.
func (f *fields) hidden(form *web.Form, name string) string {
	value := f.query(name)
	if form != nil {
		value = form.Text(name)
	}
	f.add("hidden", ui.Field{Name: name, Value: value})
	return value
}
