package forms

import (
	"slices"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// columns are those of part 2.
var columns = section{
	name: "columns",
	ask: func(q *visit, t *readiness.Template) []question {
		var c readiness.Column
		kind := ""
		label := q.both(ui.Field{Name: "label", Label: q.label("column")}, &c.Label)
		of := q.choose(ui.Field{Name: "kind", Label: q.label("kind"), Options: q.kindOptions(t)}, &kind)
		return []question{label, {of.show, func(form web.Form) error {
			if err := of.take(form); err != nil {
				return err
			}
			if c.Label.Vi == "" {
				return fault.New(fault.Invalid, "forms.label", nil).At("label")
			}
			if shared, ok := strings.CutPrefix(kind, "shared:"); ok && slices.Contains(t.Missing(), shared) {
				c.Key = shared
			} else if c.Kind = readiness.ColumnKind(kind); !slices.Contains(readiness.ColumnKinds, c.Kind) {
				return fault.New(fault.Invalid, "forms.kind", nil).At("kind")
			}
			t.AddColumn(c)
			return nil
		}}}
	},
	list: &list{
		then: true,
		columns: func(q *visit) []ui.Column {
			return []ui.Column{{Label: q.label("column")}, {Label: q.label("kind")}, {Label: q.label("bounds")}, {Label: q.label("rows"), Numeric: true}}
		},
		entries: func(q *visit, t *readiness.Template) []entry {
			var out []entry
			for _, c := range t.Columns {
				n := 0
				for _, r := range t.Rows {
					if t.AsksFor(r, c.Key) {
						n++
					}
				}
				out = append(out, entry{
					key: c.Key, name: orElse(q.in(c.Label), q.p.T("forms.unnamed")),
					fixed: c.Key == readiness.ColNumber || c.Key == readiness.ColComponent,
					cells: []ui.Cell{{Text: q.kind(c)}, {Text: q.bounds(t, c)}, {Text: q.p.Value(n)}},
				})
			}
			return out
		},
		move: func(t *readiness.Template, key string, by int) {
			readiness.Move(t.Columns, indexOf(t.Columns, key, columnKey), by)
		},
		remove: (*readiness.Template).RemoveColumn,
		ask: func(q *visit, t *readiness.Template, key string) ([]question, bool) {
			i := indexOf(t.Columns, key, columnKey)
			if i < 0 {
				return nil, false
			}
			return q.column(t, &t.Columns[i]), true
		},
	},
}

func columnKey(c readiness.Column) string { return c.Key }

// kind says in words what a column holds.
func (q *visit) kind(c readiness.Column) string {
	if !c.Own() {
		return q.p.T("forms.shared." + c.Key)
	}
	if !slices.Contains(readiness.ColumnKinds, c.Kind) {
		return q.p.T("forms.kind.unknown")
	}
	return q.p.T("forms.kind." + string(c.Kind))
}

// kindOptions are what a new column may be.
func (q *visit) kindOptions(t *readiness.Template) []ui.Option {
	out := q.ownKinds()
	for _, key := range t.Missing() {
		out = append(out, ui.Option{Value: "shared:" + key, Label: q.p.T("forms.shared." + key)})
	}
	return out
}

func (q *visit) ownKinds() []ui.Option {
	var out []ui.Option
	for _, k := range readiness.ColumnKinds {
		out = append(out, ui.Option{Value: string(k), Label: q.p.T("forms.kind." + string(k))})
	}
	return out
}

// bounds says in words what a column takes.
func (q *visit) bounds(t *readiness.Template, c readiness.Column) string {
	var out []string
	add := func(key string, v any) { out = append(out, q.p.T("forms.bound."+key, map[string]any{"value": v})) }
	if c.Options != "" {
		out = append(out, q.in(t.ListName(c.Options)))
	}
	if c.Min != nil {
		add("least", *c.Min)
	}
	if c.Max != nil {
		add("most", *c.Max)
	}
	if !c.From.IsZero() {
		add("from", c.From)
	}
	if !c.Until.IsZero() {
		add("until", c.Until)
	}
	if u := q.in(c.Unit); u != "" {
		out = append(out, u)
	}
	return strings.Join(out, "; ")
}

// column are the fields of a column: those of its kind.
func (q *visit) column(t *readiness.Template, c *readiness.Column) []question {
	out := []question{q.both(ui.Field{Name: "label", Label: q.label("column"), Rows: 2}, &c.Label)}
	if !c.Own() {
		return append(out, words(paragraph(q.p.T("forms.columns.shared", map[string]any{"kind": q.kind(*c)}))))
	}
	kind := string(c.Kind)
	of := q.choose(ui.Field{Name: "kind", Label: q.label("kind"), Options: q.ownKinds()}, &kind)
	change := question{of.show, func(form web.Form) error {
		if err := of.take(form); err != nil {
			return err
		}
		if k := readiness.ColumnKind(kind); k != c.Kind && slices.Contains(readiness.ColumnKinds, k) {
			t.SetKind(c.Key, k)
		}
		return nil
	}}
	out = append(out, words(of.show)) // taken last: another kind ends what bound the old one
	switch c.Kind {
	case readiness.NumberColumn:
		out = append(
			out,
			q.both(ui.Field{Name: "unit", Label: q.label("unit"), Hint: q.p.T("forms.hint.unit"), Width: 20}, &c.Unit),
			q.whole(ui.Field{Name: "decimals", Label: q.label("decimals"), Hint: q.p.T("forms.hint.decimals")}, &c.Decimals),
			q.number(ui.Field{Name: "min", Label: q.label("min"), Optional: true}, &c.Min),
			q.number(ui.Field{Name: "max", Label: q.label("max"), Optional: true}, &c.Max),
		)
	case readiness.CountsColumn:
		out = append(out, q.both(ui.Field{Name: "unit", Label: q.label("unit"), Hint: q.p.T("forms.hint.unit"), Width: 20}, &c.Unit))
	case readiness.DateColumn:
		out = append(out, q.optionalDay("from", &c.From), q.optionalDay("until", &c.Until))
	case readiness.ChoiceColumn:
		out = append(out, q.choose(ui.Field{
			Name: "options", Label: q.label("list"), Hint: q.p.T("forms.hint.list"), Options: q.listOptions(t),
		}, &c.Options))
	case readiness.TextColumn, readiness.YesNoColumn:
	}
	return append(out, change.hidden())
}

func (q *visit) optionalDay(name string, at *clock.Date) question {
	return q.day(ui.Field{Name: name, Label: q.label("day_" + name), Optional: true}, at)
}

// listOptions are the option lists to choose from.
func (q *visit) listOptions(t *readiness.Template) []ui.Option {
	out := []ui.Option{{Label: q.p.T("forms.no_list")}}
	for _, e := range lists.list.entries(q, t) {
		out = append(out, ui.Option{Value: e.key, Label: e.name})
	}
	return out
}
