package board

import (
	"math"
	"strings"

	"dean06/internal/platform/chart"
	"dean06/internal/platform/ui"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

// Most of what the board shows is a chart.Table: the same rows are the table
// under a chart, a table of its own, and the file to download.

// dataTable shows a table on a page.
func dataTable(id string, t chart.Table, quiet bool) ui.Table {
	out := ui.Table{ID: id, Caption: t.Caption, Quiet: quiet, Dense: true, Stack: len(t.Headers) > 3}
	for i, h := range t.Headers {
		out.Columns = append(out.Columns, ui.Column{Label: h, Numeric: i < len(t.Numeric) && t.Numeric[i]})
	}
	for _, r := range t.Rows {
		row := ui.Row{}
		for _, c := range r {
			row.Cells = append(row.Cells, ui.Cell{Text: c.Text, Href: c.Href})
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// figuresGrid shows the figures; a phone leaves the shares out.
func (v *view) figuresGrid(id string) ui.Table {
	t := dataTable(id, v.figuresTable(), true)
	t.Stack = false
	for i := range t.Columns {
		t.Columns[i].Minor = i > 0 && i%2 == 0
	}
	return t
}

// share writes a part of a whole in per cent.
func (v *view) share(part float64, of int) string {
	if of == 0 {
		return "–"
	}
	return v.p.Float(part/float64(of)*100, 1) + "%"
}

// count writes the number of a figure: "13/63", under the weighted rule "12,5/34".
func (v *view) count(f readiness.Figure) string {
	return v.number(f) + "/" + v.p.Int(int64(len(f.Of)))
}

// number writes how many meet a figure; the weighted rule counts parts.
func (v *view) number(f readiness.Figure) string {
	if v.weighted() {
		return v.p.Float(math.Round(f.Sum*10)/10, -1)
	}
	return v.p.Int(int64(len(f.Met)))
}

func (v *view) weighted() bool { return v.Question.Combine == readiness.CombineWeighted }

// sentence is the one thing that matters: how many meet all components.
func (v *view) sentence() string {
	provinces, ministries := v.Figures.Provinces, v.Figures.Ministries
	if len(provinces.Answered)+len(ministries.Answered) == 0 {
		return v.t("board.sentence.none", map[string]any{"number": v.Campaign.Number})
	}
	var parts []string
	if len(provinces.Recipients) > 0 {
		parts = append(parts, v.who("provinces", readiness.AllFive))
	}
	if len(ministries.Recipients) > 0 {
		parts = append(parts, v.who("ministries", readiness.AllFive))
	}
	return v.t("board.sentence", map[string]any{"who": strings.Join(parts, " "+v.t("board.and")+" "), "all": v.all()})
}

// who says how many of a group meet a figure: "13 of 63 provinces".
func (v *view) who(group, key string) string {
	b := v.Figures.Block(group)
	f, _ := b.Figure(key)
	message := "board.sentence." + group
	switch {
	case group != "ministries" && group != "provinces":
		message = "board.sentence.group"
	case len(b.Missing) > 0:
		message += ".missing"
	}
	return v.t(message, map[string]any{"n": v.number(f), "of": len(f.Of), "group": v.groupName(group)})
}

// figureSentence says one figure of a group.
func (v *view) figureSentence(group, key string) string {
	f, _ := v.Figures.Block(group).Figure(key)
	message := "board.figure.sentence"
	if key == readiness.AllFive {
		message = "board.figure.sentence.all"
	}
	return v.t(message, map[string]any{
		"who": v.who(group, key), "figure": v.figureName(key), "all": v.all(), "share": v.share(f.Sum, len(f.Of)),
	})
}

// figuresTable is the figures of the groups, each opening on its rows.
func (v *view) figuresTable() chart.Table {
	t := chart.Table{Caption: v.t("board.figures"), Headers: []string{v.t("board.component")}, Numeric: []bool{false}}
	for _, g := range v.groups() {
		t.Headers = append(t.Headers, v.groupName(g), v.t("board.percent"))
		t.Numeric = append(t.Numeric, true, true)
	}
	for _, key := range v.keys() {
		row := []chart.Cell{{Text: v.figureName(key)}}
		for _, g := range v.groups() {
			f, _ := v.Figures.Block(g).Figure(key)
			row = append(row, chart.Cell{Text: v.count(f), Href: v.at("figure/" + g + "/" + key)}, chart.Cell{Text: v.share(f.Sum, len(f.Of))})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// figuresChart is the figures of one group as bars.
func (v *view) figuresChart(group string) *chart.Chart {
	in := chart.BarsInput{
		Head: chart.Head{
			ID: "figures-" + group, Title: v.t("board.figures.of", map[string]any{"group": v.groupName(group)}), Desc: v.sentence(),
		},
		LabelHead: v.t("board.component"), ValueHead: v.t("board.number"),
	}
	statements := v.of(group)
	for _, key := range v.keys() {
		href := v.at("figure/" + group + "/" + key)
		count := map[readiness.Status]int{}
		answered := 0
		for _, s := range statements {
			if s.Answered() {
				count[s.Status(key)]++
				answered++
			}
		}
		bar := chart.Bar{Label: v.figureName(key), Href: href, Of: float64(answered)}
		for _, st := range statuses {
			bar.Segments = append(bar.Segments, chart.Segment{Status: chart.Status(st), Value: float64(count[st]), Href: href + "#" + string(st)})
		}
		in.Bars = append(in.Bars, bar)
	}
	return chart.Bars(v.p, in)
}

// statuses lists the statuses from the best on.
var statuses = []readiness.Status{readiness.Met, readiness.PartiallyMet, readiness.NotMet, readiness.Unknown}

// matrixTable is the agencies by component, in words.
func (v *view) matrixTable(rows []readiness.Statement) chart.Table {
	t := chart.Table{Caption: v.t("board.matrix"), Headers: []string{v.t("board.agency"), v.t("board.code"), v.t("board.group")}}
	for _, c := range v.Template.Components {
		t.Headers = append(t.Headers, v.in(c.Short))
	}
	t.Headers = append(t.Headers, v.t("board.met"))
	t.Numeric = make([]bool, len(t.Headers))
	t.Numeric[len(t.Headers)-1] = true
	for _, s := range rows {
		row := []chart.Cell{{Text: s.Name, Href: v.at("agency/" + s.Agency)}, {Text: s.Agency}, {Text: v.groupName(groupOf(s))}}
		for _, c := range v.Template.Components {
			row = append(row, chart.Cell{Text: v.statusWord(s, c.Key)})
		}
		t.Rows = append(t.Rows, append(row, chart.Cell{Text: v.p.Int(int64(met(s)))}))
	}
	return t
}

func (v *view) statusWord(s readiness.Statement, key string) string {
	if !s.Answered() {
		return v.t("board.no_answer")
	}
	return readinessweb.StatusOf(s.Status(key)).Word(v.p)
}
