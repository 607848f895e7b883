package forms

import (
	"slices"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// rows are what part 2 asks.
var rows = section{
	name: "rows",
	ask: func(q *visit, t *readiness.Template) []question {
		if len(t.Components) == 0 {
			return []question{words(paragraph(q.p.T("forms.rows.no_components")))}
		}
		like := readiness.Row{Kind: readiness.Single, Component: t.Components[len(t.Components)-1].Key, Required: true}
		if n := len(t.Rows); n > 0 {
			like.Component = t.Rows[n-1].Component
		}
		out := []question{q.area(ui.Field{
			Name: "lines", Label: q.label("lines"), Hint: q.p.T("forms.hint.lines"), Rows: 8,
		}, new(string))}
		out = append(out, q.row(t, &like)...)
		return append(out, q.lines(ui.Field{Name: "lines"}, "", 3, func(lines [][]string) error {
			var add []readiness.RowWords
			for i, l := range lines {
				w, err := rowWords(l, i+1)
				if err != nil {
					return err
				}
				add = append(add, w)
			}
			return t.AddRows(like, add)
		}).hidden())
	},
	list: &list{
		columns: func(q *visit) []ui.Column {
			return []ui.Column{{Label: q.label("row")}, {Label: q.label("component")}, {Label: q.label("asks")}, {Label: q.label("judged")}}
		},
		entries: func(q *visit, t *readiness.Template) []entry {
			var out []entry
			for _, r := range t.Rows {
				c, _ := t.Component(r.Component)
				out = append(out, entry{
					key: r.Key, name: strings.TrimSpace(r.Number + ". " + orElse(q.in(r.Label), q.p.T("forms.unnamed"))),
					cells: []ui.Cell{{Text: q.in(c.Short)}, {Text: q.asksFor(t, r)}, {Text: q.judgedBy(t, r)}},
				})
			}
			return out
		},
		move: func(t *readiness.Template, key string, by int) {
			readiness.Move(t.Rows, indexOf(t.Rows, key, rowKey), by)
		},
		remove:   (*readiness.Template).RemoveRow,
		renumber: (*readiness.Template).Renumber,
		ask: func(q *visit, t *readiness.Template, key string) ([]question, bool) {
			r, ok := t.Row(key)
			if !ok {
				return nil, false
			}
			out := []question{
				q.text(ui.Field{Name: "number", Label: q.label("number"), Hint: q.p.T("forms.hint.number"), Width: 5}, &r.Number),
				q.both(ui.Field{Name: "label", Label: q.label("row"), Rows: 3}, &r.Label),
			}
			out = append(out, q.row(t, &r)...)
			more := []struct {
				name string
				at   *readiness.Text
			}{{"hint", &r.Hint}, {"note_hint", &r.NoteHint}, {"example", &r.Example}}
			out = append(out, words(heading(q.p.T("forms.rows.more"), "")))
			for _, m := range more {
				out = append(out, q.both(ui.Field{Name: m.name, Label: q.label(m.name), Rows: 2, Optional: true}, m.at))
			}
			return append(out, question{templNothing, func(web.Form) error { t.SetRow(key, r); return nil }}), true
		},
	},
}

func rowKey(r readiness.Row) string { return r.Key }

// hidden is a question whose field another one shows.
func (a question) hidden() question { return question{templNothing, a.take} }

// rowWords reads a line of rows to add: number, Vietnamese, English. Without a number
// the rows are counted on.
func rowWords(l []string, n int) (readiness.RowWords, error) {
	if len(l) < 3 {
		l = append([]string{""}, l...)
	}
	w := readiness.RowWords{Number: part(l, 0), Label: readiness.Text{Vi: part(l, 1), En: part(l, 2)}}
	if w.Label.Vi == "" {
		return w, fault.New(fault.Invalid, "forms.line_empty", fault.Args{"n": n}).At("lines")
	}
	return w, nil
}

// asksFor says in words what a row asks for.
func (q *visit) asksFor(t *readiness.Template, r readiness.Row) string {
	if !r.Answered() {
		return q.p.T("forms.row_kind." + string(r.Kind))
	}
	var out []string
	for _, c := range t.Columns {
		if c.Key != readiness.ColNumber && c.Key != readiness.ColComponent && t.AsksFor(r, c.Key) {
			out = append(out, q.in(c.Label))
		}
	}
	return strings.Join(out, ", ")
}

// judgedBy says in words when a row is met.
func (q *visit) judgedBy(t *readiness.Template, r readiness.Row) string {
	var out []string
	if r.Options != "" {
		out = append(out, q.p.T("forms.judged.list"))
	}
	for _, j := range r.Judged {
		c, _ := t.Column(j.Column)
		out = append(out, q.in(c.Label)+": "+q.judgeWords(c, j))
	}
	if len(out) == 0 && r.Answered() {
		return q.p.T("forms.judged.not")
	}
	return strings.Join(out, "; ")
}

func (q *visit) judgeWords(c readiness.Column, j readiness.Judge) string {
	var out []string
	add := func(key string, v any) { out = append(out, q.p.T("forms.bound."+key, map[string]any{"value": v})) }
	for _, b := range []struct {
		key string
		at  *float64
	}{{"least", j.AtLeast}, {"most", j.AtMost}} {
		if b.at != nil {
			add(b.key, *b.at)
		}
	}
	if !j.NotBefore.IsZero() {
		add("from", j.NotBefore)
	}
	if !j.NotAfter.IsZero() {
		add("until", j.NotAfter)
	}
	switch {
	case len(out) > 0:
	case c.Kind == readiness.YesNoColumn && j.Is == readiness.No:
		return q.p.T("forms.judged.no")
	case c.Kind == readiness.YesNoColumn:
		return q.p.T("forms.judged.yes")
	case c.Kind == readiness.CountsColumn:
		return "100 %"
	case c.Kind == readiness.ChoiceColumn:
		return q.p.T("forms.judged.level")
	case c.Kind == readiness.DateColumn:
		return q.p.T("forms.judged.given")
	}
	return strings.Join(out, ", ")
}

// row are the fields that rows are alike in.
func (q *visit) row(t *readiness.Template, r *readiness.Row) []question {
	var comps, kinds, groups []ui.Option
	for _, c := range t.Components {
		comps = append(comps, ui.Option{Value: c.Key, Label: q.in(c.Label)})
	}
	for _, k := range []readiness.RowKind{readiness.Single, readiness.Heading, readiness.Repeat, readiness.Group, readiness.Item} {
		kinds = append(kinds, ui.Option{Value: string(k), Label: q.p.T("forms.row_kind." + string(k))})
	}
	for _, g := range t.Rows {
		if g.Kind == readiness.Group {
			groups = append(groups, ui.Option{Value: g.Key, Label: g.Number + ". " + q.in(g.Label)})
		}
	}
	kind, parent := string(r.Kind), r.Parent
	out := []question{
		q.choose(ui.Field{Name: "component", Label: q.label("component"), Options: comps}, &r.Component),
		q.choose(ui.Field{Name: "kind", Label: q.label("row_kind"), Options: kinds}, &kind),
	}
	if len(groups) > 0 {
		out = append(out, q.choose(ui.Field{
			Name: "parent", Label: q.label("parent"), Hint: q.p.T("forms.hint.parent"), Options: append([]ui.Option{{Label: "–"}}, groups...),
		}, &parent))
	}
	out = append(
		out, question{templNothing, func(web.Form) error {
			was := r.Kind
			if r.Kind = readiness.RowKind(kind); r.Kind == readiness.Item || was == readiness.Item {
				r.Parent = parent
			}
			return nil
		}},
		q.asked(t, r),
		q.tick(ui.Field{Name: "required", Label: q.label("required")}, q.p.T("forms.rows.required"), &r.Required),
	)
	out = append(out, q.compliance(t, r)...)
	for _, c := range t.OwnColumns() {
		if c.Kind != readiness.TextColumn {
			out = append(out, q.judge(c, r))
		}
	}
	who := []ui.Option{
		{Value: readiness.Ministry, Label: q.p.T("readiness.kind." + readiness.Ministry)},
		{Value: readiness.Province, Label: q.p.T("readiness.kind." + readiness.Province)},
	}
	return append(out, q.ticks(ui.Field{Name: "for", Label: q.label("for"), Hint: q.p.T("forms.hint.for"), Options: who}, &r.For))
}

// asked is which columns a row asks for.
func (q *visit) asked(t *readiness.Template, r *readiness.Row) question {
	var options []ui.Option
	for _, c := range t.Columns {
		if c.Own() || c.Key == readiness.ColUnit || c.Key == readiness.ColNote {
			options = append(options, ui.Option{Value: c.Key, Label: q.in(c.Label)})
		}
	}
	var gone []string // columns that were removed since: a person unticks them by saving
	for _, key := range r.Columns {
		if _, ok := t.Column(key); !ok {
			gone = append(gone, key)
		}
	}
	f := ui.Field{Name: "columns", Label: q.label("asks"), Hint: q.p.T("forms.hint.asks"), Options: options}
	if len(gone) > 0 {
		f.Hint = q.p.T("forms.hint.asks_gone")
	}
	if len(options) == 0 {
		return words(paragraph(q.p.T("forms.rows.no_columns")))
	}
	return q.ticks(f, &r.Columns)
}

// compliance are the fields for the columns that letter 488 has: how far, the stage, and
// what the note must say.
func (q *visit) compliance(t *readiness.Template, r *readiness.Row) []question {
	has := func(key string) bool { _, ok := t.Column(key); return ok }
	var out []question
	if has(readiness.ColCompliance) {
		out = append(out, q.choose(ui.Field{Name: "list", Label: q.label("row_list"), Options: q.listOptions(t)}, &r.Options))
	}
	if has(readiness.ColStage) {
		out = append(out, q.tick(ui.Field{Name: "stage", Label: q.label("stage")}, q.p.T("forms.rows.stage"), &r.Stage))
	}
	if !has(readiness.ColCompliance) || !has(readiness.ColNote) {
		return out
	}
	var asks []string
	var options []ui.Option
	for _, a := range r.Asks {
		asks = append(asks, string(a))
	}
	for _, a := range []readiness.Ask{
		readiness.AskCause, readiness.AskUnmet, readiness.AskUnits, readiness.AskDevices, readiness.AskDecision,
	} {
		options = append(options, ui.Option{Value: string(a), Label: q.p.T("forms.ask." + string(a))})
	}
	list := q.ticks(ui.Field{Name: "note_asks", Label: q.label("note_asks"), Options: options}, &asks)
	return append(out, question{list.show, func(form web.Form) error {
		err := list.take(form)
		r.Asks = nil
		for _, a := range asks {
			r.Asks = append(r.Asks, readiness.Ask(a))
		}
		return err
	}})
}

// judge is from which value of a column on a row is met. What is left empty does not judge.
func (q *visit) judge(c readiness.Column, r *readiness.Row) question {
	j, judged := r.Judge(c.Key)
	field := func(name string) string { return "judge." + c.Key + "." + name }
	var inner []question
	given := func() bool {
		return j.AtLeast != nil || j.AtMost != nil || j.PartlyAtLeast != nil || j.PartlyAtMost != nil
	}
	switch c.Kind {
	case readiness.NumberColumn, readiness.CountsColumn:
		suffix := q.in(c.Unit)
		if c.Kind == readiness.CountsColumn {
			suffix = "%"
			if judged && !given() {
				j.AtLeast = new(100.0)
			}
		}
		for _, b := range []struct {
			name string
			at   **float64
		}{{"at_least", &j.AtLeast}, {"at_most", &j.AtMost}, {"partly_at_least", &j.PartlyAtLeast}, {"partly_at_most", &j.PartlyAtMost}} {
			inner = append(inner, q.number(ui.Field{Name: field(b.name), Label: q.label(b.name), Optional: true, Suffix: suffix}, b.at))
		}
	case readiness.YesNoColumn:
		is := ""
		if judged {
			is = orElse(j.Is, readiness.Yes)
		}
		choice := q.choose(ui.Field{Name: field("is"), Label: q.label("is"), Options: []ui.Option{
			{Label: q.p.T("forms.judged.not")},
			{Value: readiness.Yes, Label: q.p.T("forms.judged.yes")},
			{Value: readiness.No, Label: q.p.T("forms.judged.no")},
		}}, &is)
		inner = append(inner, question{choice.show, func(form web.Form) error {
			err := choice.take(form)
			judged, j.Is = is != "", ""
			if is == readiness.No {
				j.Is = is
			}
			return err
		}})
		given = func() bool { return false }
	case readiness.DateColumn:
		inner = append(
			inner, q.tick(ui.Field{Name: field("on"), Label: q.label("judge_on")}, q.p.T("forms.judged.given"), &judged),
			q.day(ui.Field{Name: field("not_before"), Label: q.label("not_before"), Optional: true}, &j.NotBefore),
			q.day(ui.Field{Name: field("not_after"), Label: q.label("not_after"), Optional: true}, &j.NotAfter),
		)
		given = func() bool { return judged || !j.NotBefore.IsZero() || !j.NotAfter.IsZero() }
	case readiness.ChoiceColumn, readiness.TextColumn:
		inner = append(inner, q.tick(ui.Field{Name: field("on"), Label: q.label("judge_on")}, q.p.T("forms.judged.level"), &judged))
		given = func() bool { return false }
	}
	numbers := c.Kind == readiness.NumberColumn || c.Kind == readiness.CountsColumn
	title := q.p.T("forms.rows.judge", map[string]any{"column": q.in(c.Label)})
	return question{folded(title, shown(inner)), func(form web.Form) error {
		if err := take(form, inner); err != nil {
			return err
		}
		r.Judged = slices.DeleteFunc(slices.Clone(r.Judged), func(o readiness.Judge) bool { return o.Column == c.Key })
		if given() || judged && !numbers {
			r.Judged = append(r.Judged, j)
		}
		return nil
	}}
}
