package board

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/ui"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

// matrixPage is every agency by every component.
func matrixPage(v *view, _ *http.Request) (string, bodyFunc, error) {
	title := v.t("board.title.matrix")
	if err := v.checkChoices(); err != nil {
		return title, nil, err
	}
	return title, func(context.Context) (templ.Component, error) {
		rows := v.matrixRows()
		return matrix(v, rows), nil
	}, nil
}

// matrixRows are the agencies that the filter leaves, sorted as asked.
func (v *view) matrixRows() []readiness.Statement {
	rows := v.of(v.ask.group)
	rows = slices.DeleteFunc(rows, func(s readiness.Statement) bool { return !v.wanted(s) })
	key, down := strings.CutPrefix(v.ask.sort, "-")
	value := func(s readiness.Statement) int { return met(s) }
	switch {
	case key == "" || key == "name":
		if down {
			slices.Reverse(rows)
		}
		return v.byGroup(rows)
	case key != "met":
		value = func(s readiness.Statement) int { return len(statuses) - slices.Index(statuses, s.Status(key)) }
	}
	slices.SortStableFunc(rows, func(a, b readiness.Statement) int {
		if down {
			return value(b) - value(a)
		}
		return value(a) - value(b)
	})
	return rows
}

// byGroup puts the groups one under another, the ministries first.
func (v *view) byGroup(rows []readiness.Statement) []readiness.Statement {
	groups := v.groups()
	slices.SortStableFunc(rows, func(a, b readiness.Statement) int {
		return slices.Index(groups, groupOf(a)) - slices.Index(groups, groupOf(b))
	})
	return rows
}

// noAnswer is the filter for those of whom nothing counts.
const noAnswer = "none"

// wanted says that the filter by status leaves an agency: some component, or
// the chosen one, has the status.
func (v *view) wanted(s readiness.Statement) bool {
	want := v.ask.status
	switch {
	case want == "":
		return true
	case want == noAnswer:
		return !s.Answered()
	case want == readiness.AllFive:
		return s.Meets(readiness.AllFive)
	case !s.Answered():
		return false
	case v.ask.component != "":
		return string(s.Status(v.ask.component)) == want
	}
	for _, c := range v.Template.Components {
		if string(s.Status(c.Key)) == want {
			return true
		}
	}
	return false
}

// matrixAt is the address of the matrix with one choice changed.
func (v *view) matrixAt(key, value string) string {
	q := []string{"group", v.ask.group, "status", v.ask.status, "component", v.ask.component, "sort", v.ask.sort}
	for i := 0; i < len(q); i += 2 {
		if q[i] == key {
			q[i+1] = value
		}
	}
	return v.at("matrix", q...)
}

// sorted makes the head of a column that sorts.
func (v *view) sorted(c ui.Column, key, first string) ui.Column {
	next := first
	switch v.ask.sort {
	case key:
		c.Sorted, next = ui.Ascending, "-"+key
	case "-" + key:
		c.Sorted, next = ui.Descending, key
	}
	if key == "name" && v.ask.sort == "" {
		c.Sorted, next = ui.Ascending, "-name"
	}
	c.Sort = v.matrixAt("sort", next)
	return c
}

func (v *view) matrixGrid(rows []readiness.Statement) ui.Table {
	t := ui.Table{
		ID: "matrix", Caption: v.t("board.matrix.caption", map[string]any{"n": len(rows)}), Dense: true, Tight: true, Quiet: true,
		Empty: ui.Empty(v.t("board.matrix.empty"), ui.Link{Label: v.t("board.matrix.all"), Href: v.at("matrix")}),
	}
	t.Columns = append(t.Columns, v.sorted(ui.Column{Label: v.t("board.agency")}, "name", "name"))
	for _, c := range v.Template.Components {
		t.Columns = append(t.Columns, v.sorted(ui.Column{Label: v.in(c.Short), Centred: true}, c.Key, "-"+c.Key))
	}
	t.Columns = append(t.Columns, v.sorted(ui.Column{Label: v.t("board.met"), Numeric: true}, "met", "-met"))
	for _, s := range rows {
		href := v.at("agency/" + s.Agency)
		row := ui.Row{Cells: []ui.Cell{{Text: placeName(s.Name), Href: href}}}
		for _, c := range v.Template.Components {
			if !s.Answered() {
				row.Cells = append(row.Cells, ui.Cell{Body: noAnswerCell()})
				continue
			}
			row.Cells = append(row.Cells, ui.Cell{
				Body: ui.StatusCell(readinessweb.StatusOf(s.Status(c.Key)), "", placeName(s.Name)+", "+v.in(c.Short)),
			})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: append(row.Cells, ui.Cell{Text: v.metOf(s)})})
	}
	return t
}

// metOf is how many components of all an agency meets: "3/5".
func (v *view) metOf(s readiness.Statement) string {
	if !s.Answered() {
		return "–"
	}
	return v.p.Int(int64(met(s))) + "/" + v.p.Int(int64(len(v.Template.Components)))
}

func (v *view) matrixFilter() ui.Filter {
	f := ui.Filter{Action: v.at("matrix"), Clear: v.at("matrix", "sort", v.ask.sort)}
	if v.ask.group != "" {
		f.Chosen = append(f.Chosen, ui.Link{Label: v.groupName(v.ask.group), Href: v.matrixAt("group", "")})
	}
	if v.ask.component != "" {
		f.Chosen = append(f.Chosen, ui.Link{Label: v.figureName(v.ask.component), Href: v.matrixAt("component", "")})
	}
	if v.ask.status != "" {
		f.Chosen = append(f.Chosen, ui.Link{Label: v.statusFilterName(v.ask.status), Href: v.matrixAt("status", "")})
	}
	return f
}

func (v *view) statusFilterName(status string) string {
	switch status {
	case noAnswer:
		return v.t("board.no_answer")
	case readiness.AllFive:
		return v.figureName(readiness.AllFive)
	}
	return v.t("readiness.status." + status)
}

func (v *view) groupField() ui.Field {
	f := ui.Field{Name: "group", Label: v.t("board.group"), Value: v.ask.group, Options: []ui.Option{{Label: v.t("board.every")}}}
	for _, g := range v.groups() {
		f.Options = append(f.Options, ui.Option{Value: g, Label: v.groupName(g)})
	}
	return f
}

func (v *view) componentField(all string) ui.Field {
	f := ui.Field{Name: "component", Label: v.t("board.component"), Value: v.ask.component, Options: []ui.Option{{Label: all}}}
	for _, c := range v.Template.Components {
		f.Options = append(f.Options, ui.Option{Value: c.Key, Label: v.in(c.Short)})
	}
	return f
}

func (v *view) statusField() ui.Field {
	f := ui.Field{Name: "status", Label: v.t("board.status"), Value: v.ask.status, Options: []ui.Option{{Label: v.t("board.every")}}}
	for _, s := range []string{readiness.AllFive, "met", "partially_met", "not_met", "unknown", noAnswer} {
		f.Options = append(f.Options, ui.Option{Value: s, Label: v.statusFilterName(s)})
	}
	return f
}

// checkChoices checks what the address chooses among what there is.
func (v *view) checkChoices() error {
	if g := v.ask.group; g != "" && !slices.Contains(v.groups(), g) {
		return notFound()
	}
	if c := v.ask.component; c != "" && !slices.Contains(v.keys(), c) {
		return notFound()
	}
	return nil
}
