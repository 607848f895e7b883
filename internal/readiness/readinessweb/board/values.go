package board

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/chart"
	"dean06/internal/readiness"
)

// valuesPage is what the numbers, days and choices of the form's own columns come to.
func valuesPage(v *view, _ *http.Request) (string, bodyFunc, error) {
	return v.t("board.title.values"), func(ctx context.Context) (templ.Component, error) {
		sums, err := v.sums(ctx)
		return values(v, sums), err
	}, nil
}

// ofComponent are the totals of one component.
func ofComponent(a readiness.Aggregate, component string) []readiness.ValueTotal {
	return slices.DeleteFunc(slices.Clone(a.Values), func(t readiness.ValueTotal) bool { return t.Row.Component != component })
}

// valuesTable is a line for each row and column, which opens on the agencies behind it.
func (v *view) valuesTable(caption string, totals []readiness.ValueTotal) chart.Table {
	t := chart.Table{Caption: caption, Headers: []string{
		v.t("board.values.what"), v.t("board.values.result"), v.t("board.values.given"), v.t("board.values.missing"),
	}, Numeric: []bool{false, false, true, true}}
	for _, total := range totals {
		name := v.in(total.Row.Label)
		if total.Row.Number != "" {
			name = total.Row.Number + ". " + name
		}
		if len(v.Template.AskedOwn(total.Row)) > 1 {
			name += " – " + v.in(total.Column.Label)
		}
		given, missing := chart.Cell{Text: v.p.Int(int64(len(total.Given)))}, chart.Cell{Text: v.p.Int(int64(len(total.Missing)))}
		if len(total.Given) > 0 {
			given.Href = v.entries("value", total.Key())
		}
		if len(total.Missing) > 0 {
			missing.Href = v.entries("novalue", total.Key())
		}
		key, args := total.Words()
		t.Rows = append(t.Rows, []chart.Cell{{Text: name}, {Text: v.t(key, args)}, given, missing})
	}
	return t
}

// findValue gives the entries behind a total, or those who gave none.
func (v *view) findValue(a readiness.Aggregate, list, key string) (string, []readiness.Entry, bool) {
	for _, t := range a.Values {
		if t.Key() != key {
			continue
		}
		name := map[string]any{"row": t.Row.Number, "name": v.in(t.Row.Label)}
		if list == "value" {
			found := slices.Clone(t.Given)
			for i := range found {
				found[i].Text = v.in(found[i].Value)
			}
			return v.t("board.entries.value", name), found, true
		}
		var found []readiness.Entry
		for _, s := range v.named(t.Missing) {
			found = append(found, readiness.Entry{Agency: s.Agency, Name: s.Name, Row: t.Row.Number, Field: "row." + strings.TrimSpace(t.Row.Number)})
		}
		return v.t("board.entries.novalue", name), found, true
	}
	return "", nil, false
}
