package programmeweb

import (
	"context"
	"net/url"

	"github.com/a-h/templ"

	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/programme"
)

// mostBars is how many bars a picture has; its table has no more.
const mostBars = 25

// picture draws the rows of a register as its kind says; nothing when there is nothing to draw.
func (p *Pages) picture(ctx context.Context, k *programme.Kind, rows []programme.Record) templ.Component {
	say, lang := i18n.From(ctx), langOf(ctx)
	head := chart.Head{ID: "picture", Title: k.Picture.Title.In(lang), Desc: k.About.In(lang)}
	if k.Picture.Line {
		moments := k.Moments(rows, p.Service.Today())
		if len(moments) == 0 {
			return nil
		}
		in := chart.SlipInput{Head: head}
		month := func(d clock.Date) int { return chart.Month(d.Year(), int(d.Month())) }
		for _, m := range moments[:min(len(moments), mostBars)] {
			in.Items = append(in.Items, chart.Slip{
				Name: m.Title, Declared: month(m.Set), Now: month(m.Now), Done: m.Done, Href: Path + "/rows/" + m.ID,
			})
		}
		return drawn(chart.SlipChart(say, in), omitted(ctx, len(moments)))
	}
	bars := k.Bars(rows)
	if len(rows) == 0 || len(bars) == 0 {
		return nil
	}
	in := chart.BarsInput{Head: head, LabelHead: p.barsBy(ctx, k), ValueHead: t(ctx, "row.n")}
	series := map[string]int{}
	if k.Picture.States {
		in.Series = seriesOf(k, lang, series)
	}
	for _, b := range bars[:min(len(bars), mostBars)] {
		bar := chart.Bar{Label: p.barName(ctx, k, b.Key), Href: barPath(k, b.Key, ""), Of: float64(b.Of)}
		if len(series) == 0 {
			bar.Segments = []chart.Segment{{Value: float64(b.N), Href: bar.Href}}
		}
		for _, s := range k.States {
			if b.States[s.Code] > 0 && len(series) > 0 {
				bar.Segments = append(bar.Segments, chart.Segment{
					Series: series[s.Code], Value: float64(b.States[s.Code]), Href: barPath(k, b.Key, s.Code),
				})
			}
		}
		in.Bars = append(in.Bars, bar)
	}
	return drawn(chart.Bars(say, in), omitted(ctx, len(bars)))
}

func omitted(ctx context.Context, n int) string {
	if n <= mostBars {
		return ""
	}
	return t(ctx, "picture.omitted", map[string]any{"n": n - mostBars})
}

// drawn is a drawing with its table.
func drawn(c *chart.Chart, note string) templ.Component {
	table := ui.Table{ID: c.ID + "-table", Caption: c.Table.Caption, Quiet: true, Dense: true, Stack: len(c.Table.Headers) > 3}
	for i, h := range c.Table.Headers {
		table.Columns = append(table.Columns, ui.Column{Label: h, Numeric: c.Table.Numeric[i]})
	}
	for _, r := range c.Table.Rows {
		row := ui.Row{}
		for _, cell := range r {
			row.Cells = append(row.Cells, ui.Cell{Text: cell.Text, Href: cell.Href})
		}
		table.Rows = append(table.Rows, row)
	}
	return ui.Chart(c.Title, note, templ.Raw(c.HTML()), ui.DataTable(table), "")
}

// The colours of states, as series of a chart: what is over in quiet ones, what is not in
// others.
var (
	overColours = []int{3, 6}
	openColours = []int{4, 5, 2, 1}
)

// seriesOf gives every state of a register a series, and names them.
func seriesOf(k *programme.Kind, lang string, of map[string]int) []string {
	names := make([]string, 6)
	over, open := 0, 0
	for _, s := range k.States {
		var n int
		if s.Final {
			n = overColours[min(over, len(overColours)-1)]
			over++
		} else {
			n = openColours[min(open, len(openColours)-1)]
			open++
		}
		of[s.Code] = n
		names[n-1] = s.Name.In(lang)
	}
	return names
}

// barsBy is by what the bars are, in words.
func (p *Pages) barsBy(ctx context.Context, k *programme.Kind) string {
	switch f, ok := k.Field(k.Picture.By); {
	case ok:
		return f.Name.In(langOf(ctx))
	case k.Picture.By == "owner":
		return k.Owner.In(langOf(ctx))
	}
	return k.One.In(langOf(ctx))
}

func (p *Pages) barName(ctx context.Context, k *programme.Kind, key string) string {
	switch f, ok := k.Field(k.Picture.By); {
	case key == "":
		return t(ctx, "picture.none")
	case len(k.Picture.Yes) > 0:
		yes, _ := k.Field(key)
		return yes.Name.In(langOf(ctx))
	case ok && f.Type == programme.PlacesField, k.Picture.By == "owner":
		return p.Agency(key)
	case ok:
		return p.value(ctx, f, key)
	}
	return key
}

// barPath opens the rows of a bar, where the list can be narrowed to them.
func barPath(k *programme.Kind, key, state string) string {
	q := url.Values{}
	f, ok := k.Field(k.Picture.By)
	switch {
	case key == "":
		return ""
	case k.Picture.By == "owner":
		q.Set("owner", key)
	case ok && (f.Type == programme.ChoiceField || f.Type == programme.AgencyField || f.Type == programme.PlacesField):
		q.Set("f-"+f.Key, key)
	default:
		return ""
	}
	if state != "" {
		q.Set("state", state)
	}
	return Path + "/registers/" + k.Code + "?" + q.Encode()
}
