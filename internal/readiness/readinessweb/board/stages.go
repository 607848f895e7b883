package board

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/chart"
	"dean06/internal/readiness"
)

// stagesPage is how far the purchases are, by when they are expected, and
// what has slipped since the round before.
func stagesPage(v *view, _ *http.Request) (string, bodyFunc, error) {
	return v.t("board.title.stages"), func(ctx context.Context) (templ.Component, error) {
		sums, err := v.sums(ctx)
		return stages(v, sums), err
	}, nil
}

// sums is what the returns add up to.
func (v *view) sums(ctx context.Context) (readiness.Aggregate, error) {
	return v.shell.Register.Aggregate(ctx, v.reader, v.ask.question())
}

// funnel is how far the purchases of one component are.
func (v *view) funnel(f readiness.Funnel) *chart.Chart {
	c, _ := v.Template.Component(f.Component)
	in := chart.BarsInput{
		Head:      chart.Head{ID: "stages-" + f.Component, Title: v.in(c.Short), Desc: v.t("board.stages.text")},
		LabelHead: v.t("board.stage"), ValueHead: v.t("board.answers"),
	}
	for _, b := range f.Stages {
		if b.Key == "" && len(b.Entries) == 0 {
			continue
		}
		in.Bars = append(in.Bars, v.bar(v.stageName(b), len(b.Entries), v.entries("stage", f.Component+"/"+b.Key)))
	}
	return chart.Bars(v.p, in)
}

func (v *view) stageName(b readiness.Bucket) string {
	if b.Key == "" {
		return v.t("board.stage.none")
	}
	return v.in(b.Label)
}

// bar is a plain bar that opens on what it counts.
func (v *view) bar(label string, n int, href string) chart.Bar {
	if n == 0 {
		href = ""
	}
	return chart.Bar{Label: label, Href: href, Segments: []chart.Segment{{Value: float64(n), Href: href}}}
}

// entries is the address of the words behind a number.
func (v *view) entries(list, key string) string { return v.at("entries/"+list, "key", key) }

// monthsChart is how much is expected by which month.
func (v *view) monthsChart(a readiness.Aggregate) *chart.Chart {
	in := chart.BarsInput{
		Head:      chart.Head{ID: "months", Title: v.t("board.months"), Desc: v.t("board.months.text")},
		LabelHead: v.t("board.month"), ValueHead: v.t("board.answers"),
	}
	for _, b := range a.Months {
		in.Bars = append(in.Bars, v.bar(monthName(readiness.Month(b.Key)), len(b.Entries), v.entries("month", b.Key)))
	}
	if len(a.Undated) > 0 {
		in.Bars = append(in.Bars, v.bar(v.t("board.month.none"), len(a.Undated), v.entries("undated", "")))
	}
	return chart.Bars(v.p, in)
}

// slipsShown is how many lines the drawing of slips has; the table has all.
const slipsShown = 24

// slipChart draws the answers that are later than was declared, the latest first.
func (v *view) slipChart(slips []readiness.Entry) *chart.Chart {
	in := chart.SlipInput{Head: chart.Head{
		ID: "slips", Title: v.t("board.slips", map[string]any{"n": len(slips)}), Desc: v.t("board.slips.text"),
	}}
	for _, e := range slips {
		declared := monthNumber(e.Month)
		in.Items = append(in.Items, chart.Slip{
			Name: v.rowName(e), Declared: declared, Now: declared + e.N, Href: v.at("agency/"+e.Agency) + "#" + e.Field,
		})
	}
	all := chart.SlipChart(v.p, in)
	if len(in.Items) > slipsShown {
		in.Items = in.Items[:slipsShown]
		table := all.Table
		all = chart.SlipChart(v.p, in)
		all.Table = table
	}
	return all
}

// rowName names an answer by agency, row and system.
func (v *view) rowName(e readiness.Entry) string {
	return strings.TrimSpace(placeName(e.Name) + ", " + v.t("board.row", map[string]any{"row": e.Row}))
}

// monthNumber counts months as charts do; 0 for none.
func monthNumber(m readiness.Month) int {
	year, month, ok := strings.Cut(string(m), "-")
	y, errY := strconv.Atoi(year)
	n, errM := strconv.Atoi(month)
	if !ok || errY != nil || errM != nil {
		return 0
	}
	return chart.Month(y, n)
}

// monthName writes a month as people do: 06/2023.
func monthName(m readiness.Month) string {
	n := monthNumber(m)
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%02d/%04d", n%12+1, n/12)
}

// slipNote says how much of the table the drawing shows.
func (v *view) slipNote(slips []readiness.Entry) string {
	if len(slips) <= slipsShown {
		return v.t("board.slips.text")
	}
	return v.t("board.slips.some", map[string]any{"n": slipsShown, "all": len(slips)})
}
