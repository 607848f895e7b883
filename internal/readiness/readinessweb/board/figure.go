package board

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"dean06/internal/platform/chart"
	"dean06/internal/readiness"
)

// figurePage is the agencies behind one figure.
func figurePage(v *view, r *http.Request) (string, bodyFunc, error) {
	group, key := r.PathValue("group"), r.PathValue("key")
	if !slices.Contains(append(v.groups(), "ministries", "provinces"), group) || !slices.Contains(v.keys(), key) {
		return "", nil, notFound()
	}
	v.under("matrix")
	title := v.t("board.title.figure", map[string]any{"figure": v.figureName(key), "group": v.groupName(group)})
	return title, func(context.Context) (templ.Component, error) {
		return figure(v, group, key), nil
	}, nil
}

// part is the agencies of a figure that have one status.
type part struct {
	id   string
	name string
	rows []readiness.Statement
}

// parts divides a group by the status of a figure; who has not answered is last.
func (v *view) parts(group, key string) []part {
	var out []part
	rows := v.of(group)
	for _, st := range statuses {
		p := part{id: string(st), name: v.t("board.part." + string(st))}
		for _, s := range rows {
			if s.Answered() && s.Status(key) == st {
				p.rows = append(p.rows, s)
			}
		}
		out = append(out, p)
	}
	p := part{id: noAnswer, name: v.t("board.part.none")}
	for _, s := range rows {
		if !s.Answered() {
			p.rows = append(p.rows, s)
		}
	}
	return append(out, p)
}

// partTable lists agencies with the version that counts and since when.
func (v *view) partTable(p part) chart.Table {
	t := chart.Table{
		Caption: v.t("board.part.count", map[string]any{"name": p.name, "n": len(p.rows)}),
		Headers: []string{v.t("board.agency"), v.t("board.code"), v.t("board.met"), v.t("board.version"), v.t("board.counted_since")},
		Numeric: []bool{false, false, true, true, false},
	}
	for _, s := range p.rows {
		row := []chart.Cell{{Text: s.Name, Href: v.at("agency/" + s.Agency)}, {Text: s.Agency}, {Text: v.metOf(s)}, {Text: "–"}, {Text: "–"}}
		if s.Answered() {
			row[3].Text, row[4].Text = v.p.Int(int64(s.Version)), v.p.Time(s.KnownAt)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// figureTable is all agencies of a figure with their status, for the file.
func (v *view) figureTable(group, key string) chart.Table {
	t := chart.Table{
		Caption: v.figureName(key),
		Headers: []string{v.t("board.agency"), v.t("board.code"), v.t("board.status"), v.t("board.version"), v.t("board.counted_since")},
	}
	for _, p := range v.parts(group, key) {
		for _, r := range v.partTable(p).Rows {
			t.Rows = append(t.Rows, []chart.Cell{r[0], r[1], {Text: p.name}, r[3], r[4]})
		}
	}
	return t
}
