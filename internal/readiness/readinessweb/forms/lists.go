package forms

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// lists are what one may choose from. A list has no name but its choices.
var lists = section{
	name: "lists",
	ask: func(q *visit, t *readiness.Template) []question {
		return []question{q.lines(
			ui.Field{Name: "lines", Label: q.label("options"), Hint: q.p.T("forms.hint.options"), Rows: 5}, "", 2,
			func(lines [][]string) error {
				if len(lines) < 2 {
					return fault.New(fault.Invalid, "forms.options_few", nil).At("lines")
				}
				var options []readiness.Option
				for _, l := range texts(lines) {
					options = append(options, readiness.Option{Text: l})
				}
				t.AddList(options)
				return nil
			},
		)}
	},
	list: &list{
		then: true,
		columns: func(q *visit) []ui.Column {
			return []ui.Column{{Label: q.label("list")}, {Label: q.label("levels")}, {Label: q.label("used")}}
		},
		entries: func(q *visit, t *readiness.Template) []entry {
			var out []entry
			for _, key := range slices.Sorted(maps.Keys(t.Options)) {
				var levels []string
				for _, o := range t.Options[key] {
					levels = append(levels, q.in(o.Text)+": "+strings.ToLower(q.level(o)))
				}
				out = append(out, entry{key: key, name: q.in(t.ListName(key)), cells: []ui.Cell{
					{Body: ui.Lines(strings.Join(levels, "\n"))}, {Text: q.usedBy(t, key)},
				}})
			}
			return out
		},
		remove: (*readiness.Template).RemoveList,
		ask: func(q *visit, t *readiness.Template, key string) ([]question, bool) {
			if _, ok := t.Options[key]; !ok {
				return nil, false
			}
			var out []question
			for i := range t.Options[key] {
				out = append(out, q.option(t, key, i)...)
			}
			return append(out, words(heading(q.p.T("forms.lists.more"), "")), q.lines(
				ui.Field{Name: "lines", Label: q.label("options"), Hint: q.p.T("forms.hint.pairs"), Rows: 3}, "", 2,
				func(lines [][]string) error {
					for _, l := range texts(lines) {
						t.AddOption(key, readiness.Option{Text: l})
					}
					return nil
				},
			), question{templNothing, func(form web.Form) error { return arrange(form, t, key) }}), true
		},
	},
}

// level says in words what choosing an option amounts to.
func (q *visit) level(o readiness.Option) string {
	if o.Level == "" && !o.Met {
		return q.p.T("forms.level.none")
	}
	return q.p.T("readiness.status." + string(o.Status()))
}

// usedBy names the columns that choose from a list.
func (q *visit) usedBy(t *readiness.Template, list string) string {
	var out []string
	for _, c := range t.Columns {
		by := c.Options == list || c.Key == readiness.ColStage && list == readiness.StageList
		by = by || c.Key == readiness.ColCompliance && slices.ContainsFunc(t.Rows, func(r readiness.Row) bool { return r.Options == list })
		if by {
			out = append(out, q.in(c.Label))
		}
	}
	return strings.Join(out, ", ")
}

// option are the fields of a choice.
func (q *visit) option(t *readiness.Template, list string, i int) []question {
	o := &t.Options[list][i]
	field := func(name string) string { return "o." + o.Key + "." + name }
	level, aliases := string(o.Level), strings.Join(o.Aliases, "\n")
	if o.Met {
		level = string(readiness.Met)
	}
	levels := []ui.Option{{Label: q.p.T("forms.level.none")}}
	for _, s := range []readiness.Status{readiness.Met, readiness.PartiallyMet, readiness.NotMet} {
		levels = append(levels, ui.Option{Value: string(s), Label: q.p.T("readiness.status." + string(s))})
	}
	place := i + 1
	choice := q.choose(ui.Field{Name: field("level"), Label: q.label("level"), Options: levels}, &level)
	also := q.area(ui.Field{
		Name: field("aliases"), Label: q.label("aliases"), Hint: q.p.T("forms.hint.aliases"), Rows: 3, Optional: true,
	}, &aliases)
	return []question{
		words(heading(q.p.T("forms.lists.choice", map[string]any{"n": i + 1}), "")),
		q.both(ui.Field{Name: field("vi"), Label: q.label("option")}, &o.Text),
		{choice.show, func(form web.Form) error {
			was := level
			err := choice.take(form)
			if level != was {
				o.Level, o.Met = readiness.Status(level), false
			}
			return err
		}},
		{also.show, func(form web.Form) error {
			err := also.take(form)
			o.Aliases = nil
			for l := range strings.SplitSeq(aliases, "\n") {
				if l = strings.TrimSpace(l); l != "" {
					o.Aliases = append(o.Aliases, l)
				}
			}
			return err
		}},
		q.tick(ui.Field{Name: field("free"), Label: q.label("free")}, q.p.T("forms.lists.free"), &o.Free),
		{show: ui.Text(q.field(ui.Field{
			Name: field("place"), Label: q.label("place"), Hint: q.p.T("forms.hint.place"), Width: 2, InputMode: "numeric",
		}, q.p.Value(place)))},
	}
}

// arrange puts the choices of a list in the order of their places, and drops those whose
// place is 0.
func arrange(form web.Form, t *readiness.Template, list string) error {
	place := map[string]int{}
	for i, o := range t.Options[list] {
		name := "o." + o.Key + ".place"
		place[o.Key] = 2 * (i + 1)
		if !form.Has(name) {
			continue
		}
		n, given, err := form.Int(name)
		switch {
		case err != nil:
			return err
		case !given || n == 0:
			place[o.Key] = 0
		case n != i+1 && n < i+1: // before who stands there
			place[o.Key] = 2*n - 1
		case n != i+1:
			place[o.Key] = 2*n + 1
		}
	}
	t.Options[list] = slices.DeleteFunc(t.Options[list], func(o readiness.Option) bool { return place[o.Key] == 0 })
	slices.SortStableFunc(t.Options[list], func(a, b readiness.Option) int { return cmp.Compare(place[a.Key], place[b.Key]) })
	return nil
}
