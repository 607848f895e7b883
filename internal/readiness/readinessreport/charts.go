package readinessreport

import (
	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/readiness"
)

// bars shows how many agencies of a group meet each component.
func (in Input) bars(p *i18n.Printer, g group) *chart.Chart {
	b := chart.BarsInput{
		Head: chart.Head{
			ID: "components-" + g.key, Title: p.T("report.figure.components." + g.key), Desc: p.T("report.figure.components.desc"),
		},
		LabelHead: p.T("report.head.component"),
	}
	for _, c := range in.Template.Components {
		count := map[chart.Status]int{}
		total := 0
		for _, s := range g.of(p, in.Round) {
			if s.Answered() {
				count[component(s, c.Key)]++
				total++
			}
		}
		bar := chart.Bar{Label: c.Short.In(lang(p)), Of: float64(total)}
		for _, s := range chart.Statuses {
			bar.Segments = append(bar.Segments, chart.Segment{Status: s, Value: float64(count[s])})
		}
		b.Bars = append(b.Bars, bar)
	}
	return chart.Bars(p, b)
}

// funnel shows at which stage the purchases of all components are.
func (in Input) funnel(p *i18n.Printer) *chart.Chart {
	b := chart.BarsInput{
		Head:      chart.Head{ID: "stages", Title: p.T("report.figure.stages"), Desc: p.T("report.figure.stages.desc")},
		LabelHead: p.T("report.head.stage"), ValueHead: p.T("report.head.answers"),
	}
	for i, label := range in.stageLabels(p) {
		n := 0
		for _, f := range in.Aggregate.Stages {
			n += len(f.Stages[i].Entries)
		}
		b.Bars = append(b.Bars, chart.Bar{Label: label, Segments: []chart.Segment{{Value: float64(n)}}})
	}
	return chart.Bars(p, b)
}

// stageLabels are the names of the stages in the order of the aggregate.
func (in Input) stageLabels(p *i18n.Printer) []string {
	if len(in.Aggregate.Stages) == 0 {
		return nil
	}
	var out []string
	for _, s := range in.Aggregate.Stages[0].Stages {
		label := s.Label.In(lang(p))
		if s.Key == "" {
			label = p.T("report.stage.none")
		}
		out = append(out, label)
	}
	return out
}

// months shows by when what is missing is expected.
func (in Input) months(p *i18n.Printer) *chart.Chart {
	b := chart.BarsInput{
		Head:      chart.Head{ID: "months", Title: p.T("report.figure.months"), Desc: p.T("report.figure.months.desc")},
		LabelHead: p.T("report.head.month"), ValueHead: p.T("report.head.answers"),
	}
	for _, m := range in.Aggregate.Months {
		b.Bars = append(b.Bars, chart.Bar{Label: month(p, readiness.Month(m.Key)), Segments: []chart.Segment{{Value: float64(len(m.Entries))}}})
	}
	if n := len(in.Aggregate.Undated); n > 0 {
		b.Bars = append(b.Bars, chart.Bar{Label: p.T("report.month.none"), Segments: []chart.Segment{{Value: float64(n)}}})
	}
	return chart.Bars(p, b)
}

// slope shows the change of each component since the round before, of those that answered
// both.
func (in Input) slope(p *i18n.Printer, g group) *chart.Chart {
	label := func(r *Round) string {
		return p.T("report.round", map[string]any{"number": r.Campaign.ID, "date": r.Campaign.Issued})
	}
	s := chart.SlopeInput{
		Head: chart.Head{ID: "slope-" + g.key, Title: p.T("report.figure.change." + g.key), Desc: p.T("report.figure.change.desc")},
		From: label(in.Previous), To: label(&in.Round),
	}
	for _, c := range in.Template.Components {
		ch, _ := in.change(g, c.Key)
		s.Most = max(s.Most, float64(len(ch.Both)))
		s.Lines = append(s.Lines, chart.Slope{Name: c.Short.In(lang(p)), From: ch.Was, To: ch.Is})
	}
	return chart.SlopeChart(p, s)
}

// slips shows the promises that slipped most.
func (in Input) slips(p *i18n.Printer, most int) *chart.Chart {
	s := chart.SlipInput{Head: chart.Head{ID: "slips", Title: p.T("report.figure.slips"), Desc: p.T("report.figure.slips.desc")}}
	for _, e := range in.Aggregate.Slips[:min(most, len(in.Aggregate.Slips))] {
		declared := ordinal(e.Month)
		s.Items = append(s.Items, chart.Slip{Name: e.Name + ", " + e.Row, Declared: declared, Now: declared + e.N})
	}
	return chart.SlipChart(p, s)
}

// maps draws the provinces by what they amount to: tiles, and outlines when
// there are any.
func (in Input) maps(p *i18n.Printer) (tiles, shapes *chart.Chart, err error) {
	if len(in.Map.Places) == 0 {
		return nil, nil, nil
	}
	by := map[string]readiness.Statement{}
	for _, s := range in.Round.Statements {
		by[s.Agency] = s
	}
	title := p.T("report.figure.map", map[string]any{"n": len(in.Map.Places)})
	t := chart.TileMapInput{Head: chart.Head{ID: "tiles", Title: title, Desc: p.T("report.figure.map.desc")}, Tiles: in.Map.Islands}
	m := chart.ShapeMapInput{
		Head: chart.Head{ID: "map", Title: title, Desc: p.T("report.figure.map.desc")}, Width: in.Map.Width,
		Height: in.Map.Height, Archipelagos: in.Map.Archipelagos,
	}
	for _, place := range in.Map.Places {
		status, value := chart.None, ""
		if s, ok := by[place.Agency]; ok {
			status = whole(s)
			if s.Answered() {
				value = metOf(p, s)
			}
		}
		t.Tiles = append(t.Tiles, chart.Tile{Code: place.Code, Name: place.Name, Col: place.Col, Row: place.Row, Status: status, Value: value})
		if place.Path != "" {
			m.Shapes = append(m.Shapes, chart.Province{Code: place.Code, Name: place.Name, Path: place.Path, Status: status, Note: value})
		}
	}
	tiles = chart.TileMap(p, t)
	if len(m.Shapes) > 0 {
		shapes, err = chart.ShapeMap(p, m)
	}
	return tiles, shapes, err
}

// ordinal counts months as charts do; 0 when there is none.
func ordinal(m readiness.Month) int {
	d, err := clock.ParseDate(string(m) + "-01")
	if err != nil {
		return 0
	}
	return chart.Month(d.Year(), int(d.Month()))
}

// month is a month as people write it: 06/2023.
func month(p *i18n.Printer, m readiness.Month) string {
	d, err := clock.ParseDate(string(m) + "-01")
	if err != nil {
		return string(m)
	}
	if p.Lang == i18n.En {
		return d.Start().Format("January 2006")
	}
	return d.Start().Format("01/2006")
}
