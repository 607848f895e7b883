package fill

import (
	"maps"
	"slices"
	"unicode"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/readiness"
)

// ownColumns are the form's own columns that a row asks for, and those in which something
// stands all the same.
func ownColumns(v partView, s readiness.Slot) []readiness.Column {
	return slices.DeleteFunc(v.view.Template.OwnColumns(), func(c readiness.Column) bool {
		return !v.view.Template.AsksFor(s.Row, c.Key) && s.Answer.Values[c.Key] == "" && s.Answer.Readings[c.Key].Raw == ""
	})
}

// ownLabel is the name of a column with what it counts.
func ownLabel(v partView, s readiness.Slot, c readiness.Column) string {
	if unit := v.in(c.Unit); unit != "" {
		return v.in(c.Label) + " (" + unit + ")"
	}
	return v.in(c.Label)
}

func ownHint(v partView, c readiness.Column) string {
	switch c.Kind {
	case readiness.NumberColumn:
		if c.Decimals > 0 {
			return v.p.T("fill.own.decimal")
		}
	case readiness.DateColumn:
		return v.p.T("fill.date.hint")
	case readiness.CountsColumn:
		return v.p.T("fill.own.counts")
	case readiness.TextColumn, readiness.YesNoColumn, readiness.ChoiceColumn:
	}
	return ""
}

func ownWidth(c readiness.Column) int {
	if c.Kind == readiness.TextColumn {
		return 0
	}
	return 10
}

func ownOptions(v partView, c readiness.Column) []ui.Option {
	var out []ui.Option
	for _, o := range v.view.Template.Choices(c) {
		out = append(out, ui.Option{Value: o.Key, Label: v.in(o.Text)})
	}
	return out
}

// things adds to the arguments of a message what repeated rows are about.
func (q *visit) things(args map[string]any) map[string]any {
	if args == nil {
		args = map[string]any{}
	}
	one, many := q.view.Template.Things()
	args["one"], args["many"] = one, many
	args["One"], args["Many"] = capital(one), capital(many)
	return args
}

// thing is a text about what repeated rows are for.
func (q *visit) thing(key string, args map[string]any) string { return q.p.T(key, q.things(args)) }

func capital(t readiness.Text) readiness.Text {
	up := func(s string) string {
		r := []rune(s)
		if len(r) > 0 {
			r[0] = unicode.ToUpper(r[0])
		}
		return string(r)
	}
	return readiness.Text{Vi: up(t.Vi), En: up(t.En)}
}

// repeatHint is what the form itself says of the things that are to be declared: the hint
// of the first heading over repeated rows.
func (v partView) repeatHint() string {
	for _, r := range v.view.Template.Rows {
		if r.Kind != readiness.Repeat && r.Kind != readiness.Group {
			continue
		}
		if above, ok := v.view.Template.Row(r.Parent); ok && v.in(above.Hint) != "" {
			return v.in(above.Hint)
		}
	}
	return ""
}

// values takes what was typed in the form's own columns. What cannot be understood is a
// fault; what is understood and looks wrong is kept, and the check of the return says so.
func (in *input) values(was readiness.Answer, field string) map[string]string {
	tpl := in.view.Template
	out := maps.Clone(was.Values)
	for _, c := range tpl.OwnColumns() {
		name := field + "." + c.Key
		if !in.form.Has(name) {
			continue
		}
		text := in.form.Text(name)
		if text == readiness.TypedValue(tpl, c, was, string(in.p.Lang)) {
			continue
		}
		value, reason := readiness.TakeValue(tpl, c, text)
		if reason != "" {
			in.faults = append(in.faults, fault.New(fault.Invalid, reason, fault.Args{"row": was.Row, "text": text}).At(name))
			continue
		}
		if value == "" {
			delete(out, c.Key)
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[c.Key] = value
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
