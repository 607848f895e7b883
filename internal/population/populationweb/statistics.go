package populationweb

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

// statisticsView is the people in counts.
type statisticsView struct {
	ui.Page
	Sentence  string
	AsOf      string
	Figures   []ui.Figure
	Pyramid   templ.Component
	Provinces templ.Component
	Geography []ui.Option
	Old       bool // in the provinces before July 2025
	Events    ui.Table
	Lookups   ui.Table
}

func (p *Pages) statistics(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	s, err := p.Register.Statistics(r.Context(), who(r.Context()))
	if err != nil {
		return err
	}
	words := p.words(r.Context())
	v := statisticsView{Page: p.page(r, words.Printer.T("people.statistics.title")), Old: form.Text("provinces") == "63"}
	v.Sentence = words.Printer.T("people.statistics.sentence", map[string]any{"living": s.Living, "households": s.Households})
	v.AsOf = words.Printer.T("people.statistics.as_of", map[string]any{"at": words.Time(s.AsOf)})
	for _, f := range []struct {
		key string
		n   int
	}{{"living", s.Living}, {"households", s.Households}, {"dead", s.Dead}, {"missing", s.Missing}} {
		v.Figures = append(v.Figures, ui.Figure{Label: words.Printer.T("people.statistics." + f.key), Value: words.Int(int64(f.n))})
	}
	v.Pyramid = words.pyramid(s.Ages)
	v.Provinces = words.provinces(s, v.Old)
	v.Events, v.Lookups = words.eventTable(s.Events), words.lookupCounts(s.Lookups)
	return web.Render(w, r, http.StatusOK, statisticsPage(v))
}

// pyramid draws ages as bars from the middle: men to the left, women to the right.
func (w words) pyramid(ages []population.AgeCount) templ.Component {
	t := ui.Table{ID: "ages", Caption: w.Printer.T("people.statistics.ages"), Dense: true}
	for _, key := range []string{"age", "men", "women"} {
		t.Columns = append(t.Columns, ui.Column{Label: w.Printer.T("people.statistics." + key), Numeric: key != "age"})
	}
	d := pyramidDrawing{
		Title: w.Printer.T("people.statistics.ages"), Men: w.Printer.T("people.statistics.men"), Women: w.Printer.T("people.statistics.women"),
	}
	most := 1
	for _, a := range ages {
		most = max(most, a.Male, a.Female)
	}
	for i, a := range slices.Backward(ages) {
		label := w.Printer.T("people.statistics.band", map[string]any{"from": a.From, "to": a.To})
		if i == len(ages)-1 && a.To == 0 || a.To > 120 {
			label = w.Printer.T("people.statistics.band.last", map[string]any{"from": a.From})
		}
		d.Bands = append(d.Bands, band{
			Label: label, Y: 30 + len(d.Bands)*20, Men: a.Male * 360 / most, Women: a.Female * 360 / most,
			Tip: w.Printer.T("people.statistics.tip", map[string]any{"band": label, "men": a.Male, "women": a.Female}),
		})
	}
	for _, a := range ages {
		label := w.Printer.T("people.statistics.band", map[string]any{"from": a.From, "to": a.To})
		if a.To == 0 || a.To > 120 {
			label = w.Printer.T("people.statistics.band.last", map[string]any{"from": a.From})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: label}, {Text: w.Int(int64(a.Male))}, {Text: w.Int(int64(a.Female))}}})
	}
	d.Height = 40 + len(d.Bands)*20
	return ui.Chart(d.Title, w.Printer.T("people.statistics.ages.note"), pyramidSVG(d), ui.DataTable(t), "")
}

type pyramidDrawing struct {
	Title, Men, Women string
	Height            int
	Bands             []band
}

type band struct {
	Label, Tip    string
	Y, Men, Women int
}

func (w words) provinces(s population.Statistics, old bool) templ.Component {
	counts, on := s.Provinces, clock.Date{}
	if old {
		counts, on = s.Provinces63, population.LastOldDay
	}
	counts = slices.Clone(counts)
	slices.SortStableFunc(counts, func(a, b population.PlaceCount) int { return b.Count - a.Count })
	in := chart.BarsInput{
		Head:      chart.Head{ID: "provinces", Title: w.Printer.T("people.statistics.provinces")},
		LabelHead: w.Printer.T("people.statistics.province"), ValueHead: w.Printer.T("people.statistics.living"),
	}
	t := ui.Table{
		ID: "provinces-table", Caption: in.Title, Dense: true,
		Columns: []ui.Column{{Label: in.LabelHead}, {Label: in.ValueHead, Numeric: true}},
	}
	for _, c := range counts {
		name := c.Code
		if u, ok := w.pages.Units.Province(c.Code, on); ok {
			name = u.Name
		}
		if c.Code == "" {
			name = w.Printer.T("people.statistics.nowhere")
		}
		in.Bars = append(in.Bars, chart.Bar{Label: shortProvince(name), Segments: []chart.Segment{{Value: float64(c.Count)}}})
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: name}, {Text: w.Int(int64(c.Count))}}})
	}
	if len(in.Bars) == 0 {
		return ui.Empty(w.Printer.T("people.statistics.none"), ui.Link{})
	}
	return ui.Chart(in.Title, "", templ.Raw(chart.Bars(w.Printer, in).SVG()), ui.DataTable(t), "")
}

// shortProvince is a province without the word for what it is.
func shortProvince(name string) string {
	for _, word := range []string{"Tỉnh ", "Thành phố "} {
		if s, ok := strings.CutPrefix(name, word); ok {
			return s
		}
	}
	return name
}

// eventTable is life events by month, the newest first.
func (w words) eventTable(events []population.EventCount) ui.Table {
	t := ui.Table{
		ID: "events", Caption: w.Printer.T("people.statistics.events"), Dense: true,
		Empty: ui.Empty(w.Printer.T("people.statistics.events.none"), ui.Link{}),
	}
	var kinds []population.Kind
	var months []string
	counts := map[string]int{}
	for _, k := range append([]population.Kind{population.Registration}, population.Kinds...) {
		if slices.ContainsFunc(events, func(e population.EventCount) bool { return e.Kind == k }) {
			kinds = append(kinds, k)
		}
	}
	for _, e := range events {
		if !slices.Contains(months, e.Month) {
			months = append(months, e.Month)
		}
		counts[e.Month+string(e.Kind)] += e.Count
	}
	slices.Sort(months)
	slices.Reverse(months)
	t.Columns = []ui.Column{{Label: w.Printer.T("people.statistics.month")}}
	for _, k := range kinds {
		t.Columns = append(t.Columns, ui.Column{Label: w.Printer.T("people.kind." + string(k)), Numeric: true})
	}
	for _, month := range months {
		year, m, _ := strings.Cut(month, "-")
		row := ui.Row{Cells: []ui.Cell{{Text: m + "/" + year}}}
		for _, k := range kinds {
			row.Cells = append(row.Cells, ui.Cell{Text: w.Int(int64(counts[month+string(k)]))})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// lookupCounts is look-ups by day, the newest first.
func (w words) lookupCounts(counts []population.LookupCount) ui.Table {
	t := ui.Table{
		ID: "lookups", Caption: w.Printer.T("people.statistics.lookups"), Dense: true,
		Empty: ui.Empty(w.Printer.T("people.statistics.lookups.none"), ui.Link{}),
	}
	for _, key := range []string{"day", "calls", "persons", "refused"} {
		t.Columns = append(t.Columns, ui.Column{Label: w.Printer.T("people.statistics." + key), Numeric: key != "day"})
	}
	byDay := func(a, b population.LookupCount) int { return strings.Compare(a.Day, b.Day) }
	for _, c := range slices.Backward(slices.SortedFunc(slices.Values(counts), byDay)) {
		day := c.Day
		if d, err := clock.ParseDate(c.Day); err == nil {
			day = w.Date(d)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: day}, {Text: w.Int(int64(c.Calls))}, {Text: w.Int(int64(c.Persons))}, {Text: w.Int(int64(c.Refused))},
		}})
	}
	return t
}
