package readiness

import (
	"fmt"
	"strings"

	"dean06/internal/platform/clock"
)

// described is a part of a return before and after, to be put into words.
type described struct {
	tpl           *Template
	id            partID
	before, after map[string]cell
}

// cells are those of the part as it is, or as it was when it is gone.
func (d described) cells() map[string]cell {
	if d.after != nil {
		return d.after
	}
	return d.before
}

// change puts the difference in one column into words; the column "" is the whole part.
func (d described) change(column string) Change {
	c := Change{Field: d.field(column), Column: column, Label: d.label(column)}
	if d.id.group == groupAnswer {
		a := joinAnswer(d.cells())
		c.Row, c.System = a.Row, a.System
	}
	if column == "" {
		c.Before, c.After = d.whole(d.before), d.whole(d.after)
		return c
	}
	c.Before, c.After = d.words(column, d.before[column].value), d.words(column, d.after[column].value)
	return c
}

func (d described) field(column string) string {
	switch d.id.group {
	case groupAnswer:
		if column == "" {
			return AnswerField(d.tpl, joinAnswer(d.cells()))
		}
		return AnswerField(d.tpl, joinAnswer(d.cells()), column)
	case groupLists, groupHead:
		return column
	case groupContact:
		return FieldOf(d.id.group, column)
	}
	if column == "" {
		return FieldOf(d.id.group, d.id.id)
	}
	return FieldOf(d.id.group, d.id.id, column)
}

// label names what a change is about: the row of the form, the contact field,
// the proposal group.
func (d described) label(column string) Text {
	switch d.id.group {
	case groupAnswer:
		row, _ := d.tpl.Row(as[string](d.cells()["key"]))
		return row.Label
	case groupContact:
		return labelled(d.tpl.Contact, column)
	case groupProposal:
		return labelled(d.tpl.Proposals, d.id.id)
	case groupSystem:
		name := as[string](d.cells()["name"])
		return Text{Vi: name, En: name}
	case groupLists:
		switch column {
		case "difficulties":
			return d.tpl.Difficulty
		case "recommendations":
			return d.tpl.Recommend
		}
	}
	return Text{}
}

// whole writes a part: its filled columns, a line each.
func (d described) whole(cells map[string]cell) Text {
	var vi, en []string
	for _, column := range columnsOf(d.id.group, cells) {
		if column == ColNumber || column == "key" || column == "system" {
			continue
		}
		if t := d.words(column, cells[column].value); t.Vi != "" {
			vi, en = append(vi, t.Vi), append(en, t.En)
		}
	}
	return Text{Vi: strings.Join(vi, "\n"), En: strings.Join(en, "\n")}
}

func labelled(list []Labelled, key string) Text {
	for _, l := range list {
		if l.Key == key {
			return l.Label
		}
	}
	return Text{}
}

// words writes a value as the form would.
func (d described) words(column string, v any) Text {
	both := func(s string) Text { return Text{Vi: s, En: s} }
	if nothing(v) {
		return Text{}
	}
	switch x := v.(type) {
	case string:
		if column == ColCompliance {
			row, _ := d.tpl.Row(as[string](d.cells()["key"]))
			if o, ok := d.tpl.Option(row.Options, x); ok {
				return o.Text
			}
		}
		if c, ok := d.tpl.Column(column); ok && c.Own() && d.id.group == groupAnswer {
			return ShowValue(d.tpl, c, x)
		}
		return both(x)
	case []string:
		return both(strings.Join(x, "\n"))
	case []Extra:
		lines := make([]string, len(x))
		for i, e := range x {
			lines[i] = e.Text
		}
		return both(strings.Join(lines, "\n"))
	case stageCell:
		return stageWords(d.tpl, x)
	case LetterRef:
		return both(strings.TrimSpace(x.Number + " " + shownDay(x.Date)))
	case *LetterRef:
		return both(strings.TrimSpace(x.Number + " " + shownDay(x.Date)))
	case *Counts:
		return both(strings.Trim(pair(x.UnitsUnmet, x.UnitsTotal)+"; "+pair(x.DevicesHave, x.DevicesNeed), "; "))
	}
	return both(fmt.Sprint(v))
}

func stageWords(tpl *Template, s stageCell) Text {
	o, ok := tpl.Option(StageList, s.Stage)
	t := o.Text
	if !ok {
		t = Text{Vi: s.Stage, En: s.Stage}
	}
	if s.Other != "" {
		t = Text{Vi: s.Other, En: s.Other}
	}
	if s.Month != "" {
		m := s.Month.shown()
		t.Vi, t.En = strings.TrimPrefix(t.Vi+"; "+m, "; "), strings.TrimPrefix(t.En+"; "+m, "; ")
	}
	return t
}

// shownDay writes a day as letters do.
func shownDay(d clock.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d/%02d/%04d", d.Day(), int(d.Month()), d.Year())
}

// pair writes two counts of the form; nothing when neither is given.
func pair(a, b *int) string {
	if a == nil && b == nil {
		return ""
	}
	one := func(n *int) string {
		if n == nil {
			return "–"
		}
		return fmt.Sprint(*n)
	}
	return one(a) + "/" + one(b)
}
