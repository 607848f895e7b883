package board

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/chart"
	"dean06/internal/platform/ui"
	"dean06/internal/readiness"
)

// causeViews are the parts of the page of what agencies wrote, as far as the form asks for
// them.
func (v *view) causeViews() []string {
	t := v.Template
	var out []string
	for _, part := range []struct {
		name  string
		asked bool
	}{
		{"causes", t.AsksFact(readiness.AskCause)},
		{"unmet", t.AsksFact(readiness.AskUnmet)},
		{"counts", t.AsksFact(readiness.AskUnits) || t.AsksFact(readiness.AskDevices)},
		{"proposals", len(t.Proposals) > 0},
		{"difficulties", t.Difficulty.Vi != ""},
		{"recommendations", t.Recommend.Vi != ""},
	} {
		if part.asked {
			out = append(out, part.name)
		}
	}
	return out
}

// causesPage is what agencies wrote: why, what is missing, how many, what they propose.
func causesPage(v *view, _ *http.Request) (string, bodyFunc, error) {
	causeViews := v.causeViews()
	if v.ask.view == "" && len(causeViews) > 0 {
		v.ask.view = causeViews[0]
	}
	if !slices.Contains(causeViews, v.ask.view) {
		return "", nil, notFound()
	}
	return v.t("board.title." + v.ask.view), func(ctx context.Context) (templ.Component, error) {
		sums, err := v.sums(ctx)
		return causes(v, sums), err
	}, nil
}

// causeNav leads between the parts of the page.
func (v *view) causeNav() []ui.NavItem {
	var out []ui.NavItem
	for _, name := range v.causeViews() {
		out = append(out, ui.NavItem{Label: v.t("board.causes." + name), Href: v.at("causes", "view", name), Current: name == v.ask.view})
	}
	return out
}

func (v *view) causesChart(a readiness.Aggregate) *chart.Chart {
	in := chart.BarsInput{
		Head:      chart.Head{ID: "causes", Title: v.t("board.causes.chart"), Desc: v.t("board.causes.text")},
		LabelHead: v.t("board.cause"), ValueHead: v.t("board.answers"),
	}
	for _, b := range a.Causes {
		in.Bars = append(in.Bars, v.bar(v.in(b.Label), len(b.Entries), v.entries("cause", b.Key)))
	}
	return chart.Bars(v.p, in)
}

// bucketTable is classes with their number of entries and of agencies.
func (v *view) bucketTable(caption, head, list string, buckets []readiness.Bucket) chart.Table {
	t := chart.Table{
		Caption: v.t(caption), Headers: []string{v.t(head), v.t("board.times"), v.t("board.number")},
		Numeric: []bool{false, true, true},
	}
	for _, b := range buckets {
		count := chart.Cell{Text: v.p.Int(int64(len(b.Entries)))}
		if len(b.Entries) > 0 {
			count.Href = v.entries(list, b.Key)
		}
		t.Rows = append(t.Rows, []chart.Cell{{Text: v.in(b.Label)}, count, {Text: v.p.Int(int64(agenciesIn(b.Entries)))}})
	}
	return t
}

func agenciesIn(entries []readiness.Entry) int {
	seen := map[string]bool{}
	for _, e := range entries {
		seen[e.Agency] = true
	}
	return len(seen)
}

// countsTable is the sums of row 3, with who did not give both numbers.
func (v *view) countsTable(a readiness.Aggregate) chart.Table {
	t := chart.Table{Caption: v.t("board.counts"), Headers: []string{
		v.t("board.counts.what"), v.t("board.counts.part"), v.t("board.counts.whole"),
		v.t("board.percent"), v.t("board.counts.given"), v.t("board.counts.missing"),
	}, Numeric: []bool{false, true, true, true, true, true}}
	for _, c := range []struct {
		key string
		of  readiness.Total
	}{{"units", a.Units}, {"devices", a.Devices}} {
		if c.key == "units" && !v.Template.AsksFact(readiness.AskUnits) || c.key == "devices" && !v.Template.AsksFact(readiness.AskDevices) {
			continue
		}
		missing := chart.Cell{Text: v.p.Int(int64(len(c.of.Missing)))}
		if len(c.of.Missing) > 0 {
			missing.Href = "#missing-" + c.key
		}
		t.Rows = append(t.Rows, []chart.Cell{
			{Text: v.t("board.counts." + c.key)},
			{Text: v.p.Int(int64(c.of.Part)), Href: v.entries(c.key, "")},
			{Text: v.p.Int(int64(c.of.Whole))},
			{Text: v.share(float64(c.of.Part), c.of.Whole)},
			{Text: v.p.Int(int64(agenciesIn(c.of.Given)))},
			missing,
		})
	}
	return t
}

// named gives the statements of agencies by code, by name.
func (v *view) named(codes []string) []readiness.Statement {
	return slices.DeleteFunc(v.byGroup(v.of("")), func(s readiness.Statement) bool { return !slices.Contains(codes, s.Agency) })
}

// entriesPage is the words behind one number, as the agencies wrote them.
func entriesPage(v *view, r *http.Request) (string, bodyFunc, error) {
	list := r.PathValue("list")
	sums, err := v.sums(r.Context())
	if err != nil {
		return "", nil, err
	}
	title, found, ok := v.find(sums, list, v.ask.key)
	if !ok {
		return "", nil, notFound()
	}
	v.under(entriesOn(list))
	return title, func(context.Context) (templ.Component, error) {
		return entries(v, list, v.entryTable(list, title, sortedByName(found))), nil
	}, nil
}

// entriesOn is the page that leads to a list of entries.
func entriesOn(list string) string {
	switch list {
	case "stage", "month", "undated", "slips":
		return "stages"
	case "value", "novalue":
		return "values"
	}
	return "causes"
}

// find gives the entries of a list under a key, with what they are called.
func (v *view) find(a readiness.Aggregate, list, key string) (title string, found []readiness.Entry, ok bool) {
	in := func(buckets []readiness.Bucket, what string) (string, []readiness.Entry, bool) {
		i := slices.IndexFunc(buckets, func(b readiness.Bucket) bool { return b.Key == key })
		if i < 0 {
			return "", nil, false
		}
		return v.t(what, map[string]any{"name": v.in(buckets[i].Label)}), buckets[i].Entries, true
	}
	switch list {
	case "stage":
		return v.findStage(a, key)
	case "value", "novalue":
		return v.findValue(a, list, key)
	case "month":
		_, found, ok = in(a.Months, "board.entries.month")
		return v.t("board.entries.month", map[string]any{"name": monthName(readiness.Month(key))}), found, ok
	case "cause":
		return in(a.Causes, "board.entries.cause")
	case "unmet":
		return in(a.Unmet, "board.entries.unmet")
	case "proposal":
		return in(a.Proposals, "board.entries.proposal")
	case "undated":
		return v.t("board.month.none"), a.Undated, true
	case "slips":
		return v.t("board.slips", map[string]any{"n": len(a.Slips)}), a.Slips, true
	case "difficulties":
		return v.t("board.title.difficulties"), a.Difficulties, true
	case "recommendations":
		return v.t("board.title.recommendations"), a.Recommendations, true
	case "units":
		return v.t("board.counts.units"), a.Units.Given, true
	case "devices":
		return v.t("board.counts.devices"), a.Devices.Given, true
	}
	return "", nil, false
}

func (v *view) findStage(a readiness.Aggregate, key string) (string, []readiness.Entry, bool) {
	component, stage, _ := strings.Cut(key, "/")
	for _, f := range a.Stages {
		if f.Component != component {
			continue
		}
		for _, b := range f.Stages {
			if b.Key == stage {
				return v.t("board.entries.stage", map[string]any{"component": v.figureName(component), "name": v.stageName(b)}), b.Entries, true
			}
		}
	}
	return "", nil, false
}

// entryHeads are the heads of columns that mean something else in some lists.
var entryHeads = map[string]string{
	"slips.month": "board.month.declared", "slips.n": "board.months.late", "units.n": "board.units.unmet",
	"devices.n": "board.devices.have",
}

// entryTable lists entries, each leading to where it stands.
func (v *view) entryTable(list, caption string, entries []readiness.Entry) chart.Table {
	has := func(f func(readiness.Entry) bool) bool { return slices.ContainsFunc(entries, f) }
	row := has(func(e readiness.Entry) bool { return e.Row != "" })
	text := has(func(e readiness.Entry) bool { return e.Text != "" })
	month := has(func(e readiness.Entry) bool { return e.Month.Valid() })
	n := has(func(e readiness.Entry) bool { return e.N != 0 })
	t := chart.Table{Caption: caption, Headers: []string{v.t("board.agency")}, Numeric: []bool{false}}
	head := func(show bool, key string, numeric bool) {
		if show {
			t.Headers = append(t.Headers, v.t(key))
			t.Numeric = append(t.Numeric, numeric)
		}
	}
	head(row, "board.row.head", false)
	head(row, "board.system", false)
	head(text, "board.text", false)
	head(month, cmp.Or(entryHeads[list+".month"], "board.month"), false)
	head(n, cmp.Or(entryHeads[list+".n"], "board.n"), true)
	for _, e := range entries {
		line := []chart.Cell{{Text: placeName(e.Name), Href: v.at("agency/"+e.Agency) + "#" + e.Field}}
		cell := func(show bool, s string) {
			if show {
				line = append(line, chart.Cell{Text: s})
			}
		}
		cell(row, e.Row)
		cell(row, e.System)
		cell(text, e.Text)
		cell(month, monthName(e.Month))
		cell(n, v.p.Int(int64(e.N)))
		t.Rows = append(t.Rows, line)
	}
	return t
}
