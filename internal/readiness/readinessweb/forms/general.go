package forms

import (
	"math"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// general is what the form is: its code, day, titles, and whom it asks to write to.
var general = section{name: "general", ask: func(q *visit, t *readiness.Template) []question {
	both := func(name string, at *readiness.Text, rows int, hint string) question {
		return q.both(ui.Field{Name: name, Label: q.label(name), Rows: rows, Hint: hint}, at)
	}
	var contact []ui.Option
	var ticked []string
	for _, l := range readiness.ContactLabels() {
		contact = append(contact, ui.Option{Value: l.Key, Label: q.in(l.Label)})
	}
	for _, l := range t.Contact {
		ticked = append(ticked, l.Key)
	}
	ask := q.ticks(ui.Field{Name: "contact", Label: q.label("contact"), Hint: q.p.T("forms.hint.contact"), Options: contact}, &ticked)
	kinds := q.lines(
		ui.Field{Name: "kinds", Label: q.label("kinds"), Hint: q.p.T("forms.hint.pairs"), Rows: 3}, textLines(t.Subject.Kinds), 2,
		func(lines [][]string) error { t.SetSubjectKinds(texts(lines)); return nil },
	)
	return []question{
		both("title", &t.Title, 3, ""),
		q.text(ui.Field{Name: "code", Label: q.label("code"), Hint: q.p.T("forms.hint.code"), Width: 20}, &t.ID),
		q.whole(ui.Field{Name: "version", Label: q.label("version"), Hint: q.p.T("forms.hint.version")}, &t.Version),
		q.day(ui.Field{Name: "from", Label: q.label("from"), Hint: q.p.T("forms.hint.from")}, &t.From),
		q.area(ui.Field{Name: "source", Label: q.label("source"), Hint: q.p.T("forms.hint.source"), Rows: 2, Optional: true}, &t.Source),
		both("part1", &t.Part1, 2, ""),
		{ask.show, func(form web.Form) error { err := ask.take(form); t.SetContact(ticked); return err }},
		both("part2", &t.Part2, 2, ""),
		words(heading(q.p.T("forms.general.repeated"), q.p.T("forms.general.repeated.text"))),
		both("one", &t.Subject.One, 0, q.p.T("forms.hint.one")),
		both("many", &t.Subject.Many, 0, ""),
		kinds,
	}
}}

func texts(lines [][]string) []readiness.Text {
	out := make([]readiness.Text, len(lines))
	for i, l := range lines {
		out[i] = readiness.Text{Vi: part(l, 0), En: part(l, 1)}
	}
	return out
}

// summary is how answers are summed up.
var summary = section{name: "summary", ask: func(q *visit, t *readiness.Template) []question {
	rule, share := t.Rule(), 0
	if t.Summary.Share > 0 {
		share = int(math.Round(t.Summary.Share * 100))
	}
	choice := q.radios(ui.Field{Name: "rule", Label: q.label("rule"), Options: []ui.Option{
		{Value: readiness.ComponentMet1, Label: q.p.T("forms.rule.all"), Hint: q.p.T("forms.rule.all.hint")},
		{Value: readiness.ComponentShare1, Label: q.p.T("forms.rule.share"), Hint: q.p.T("forms.rule.share.hint")},
	}}, &rule)
	percent := q.whole(ui.Field{Name: "share", Label: q.label("share"), Hint: q.p.T("forms.hint.share"), Suffix: "%"}, &share)
	return []question{
		words(paragraph(q.p.T("forms.rule.text"))),
		choice,
		{percent.show, func(form web.Form) error {
			if err := take(form, []question{choice, percent}); err != nil {
				return err
			}
			if rule != readiness.ComponentShare1 {
				if rule != t.Rule() {
					t.Summary = readiness.Summary{Rule: rule}
				}
				return nil
			}
			if share < 1 || share > 100 {
				return fault.New(fault.Invalid, "forms.share", nil).At("share")
			}
			t.Summary = readiness.Summary{Rule: rule, Share: float64(share) / 100}
			return nil
		}},
	}
}}

// parts are whether parts 3 and 4 are asked, and their words.
var parts = section{name: "parts", ask: func(q *visit, t *readiness.Template) []question {
	asks3, asks4 := len(t.Proposals) > 0, t.HasPart4()
	both := func(name string, at *readiness.Text, rows int) question {
		return q.both(ui.Field{Name: name, Label: q.label(name), Rows: rows}, at)
	}
	return []question{
		q.tick(ui.Field{Name: "asks3", Label: q.label("asks3")}, q.p.T("forms.parts.asks3"), &asks3),
		both("part3", &t.Part3, 2),
		both("part3_intro", &t.Part3Intro, 4),
		q.lines(
			ui.Field{Name: "proposals", Label: q.label("proposals"), Hint: q.p.T("forms.hint.pairs"), Rows: 6}, textLines(t.Proposals), 2,
			func(lines [][]string) error { t.SetProposals(texts(lines)); return nil },
		),
		q.tick(ui.Field{Name: "asks4", Label: q.label("asks4")}, q.p.T("forms.parts.asks4"), &asks4),
		both("part4", &t.Part4, 2),
		both("difficulty", &t.Difficulty, 2),
		both("recommendation", &t.Recommend, 2),
		{templNothing, func(web.Form) error { t.AskParts(asks3, asks4); return nil }},
	}
}}

// components are what the form is summed up by.
var components = section{
	name: "components",
	ask: func(q *visit, t *readiness.Template) []question {
		return []question{q.lines(
			ui.Field{Name: "lines", Label: q.label("components"), Hint: q.p.T("forms.hint.components"), Rows: 5}, "", 4,
			func(lines [][]string) error {
				for _, l := range lines {
					t.AddComponent(readiness.Text{Vi: part(l, 0), En: part(l, 1)}, readiness.Text{Vi: part(l, 2), En: part(l, 3)})
				}
				return nil
			},
		)}
	},
	list: &list{
		columns: func(q *visit) []ui.Column {
			return []ui.Column{{Label: q.label("component")}, {Label: q.label("short")}, {Label: q.label("rows"), Numeric: true}}
		},
		entries: func(q *visit, t *readiness.Template) []entry {
			count := map[string]int{}
			for _, r := range t.Rows {
				if r.Answered() {
					count[r.Component]++
				}
			}
			var out []entry
			for _, c := range t.Components {
				out = append(out, entry{key: c.Key, name: orElse(q.in(c.Label), q.p.T("forms.unnamed")), cells: []ui.Cell{
					{Text: q.in(c.Short)}, {Text: q.p.Value(count[c.Key])},
				}})
			}
			return out
		},
		move: func(t *readiness.Template, key string, by int) {
			readiness.Move(t.Components, indexOf(t.Components, key, componentKey), by)
		},
		remove: (*readiness.Template).RemoveComponent,
		ask: func(q *visit, t *readiness.Template, key string) ([]question, bool) {
			i := indexOf(t.Components, key, componentKey)
			if i < 0 {
				return nil, false
			}
			c := &t.Components[i]
			return []question{
				q.both(ui.Field{Name: "label", Label: q.label("component"), Rows: 2}, &c.Label),
				q.both(ui.Field{Name: "short", Label: q.label("short"), Hint: q.p.T("forms.hint.short")}, &c.Short),
			}, true
		},
	},
}

func componentKey(c readiness.Component) string { return c.Key }

func indexOf[T any](all []T, key string, of func(T) string) int {
	for i, v := range all {
		if of(v) == key {
			return i
		}
	}
	return -1
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
