package readinessreport

import (
	"strings"

	"dean06/internal/platform/chart"
	"dean06/internal/platform/paper"
	"dean06/internal/readiness"
)

var roman = []string{"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"}

// appendix adds an appendix under a key by which the body refers to it.
func (r *reporter) appendix(key string, landscape bool, body ...paper.Block) {
	if r.label == nil {
		r.label = map[string]string{}
	}
	r.label[key] = r.t("appendix", args{"n": roman[len(r.apps)]})
	r.apps = append(r.apps, paper.Appendix{
		Label: r.label[key], Name: r.t("appendix."+key, nil), Landscape: landscape, Body: body,
		Note: r.t("appendix.note", args{"number": r.in.Number, "symbol": r.in.Symbol, "days": r.days()}),
	})
	if r.in.Number == "" {
		r.apps[len(r.apps)-1].Note = r.days()
	}
}

func (r *reporter) appendices() error {
	in := r.in
	legend := chart.Legend(
		r.p, chart.Head{ID: "legend", Title: r.t("figure.legend", nil)}, chart.Met, chart.Partial, chart.NotMet, chart.Unknown,
	)
	r.appendix("matrix", false, paper.Figure{Chart: legend}, r.matrix())
	r.appendix("details", false, r.details()...)
	if len(in.Aggregate.Values) > 0 {
		r.appendix("values", false, r.valueTable())
	}
	if t, ok := r.late(); ok {
		r.appendix("late", false, t)
	}
	tiles, shapes, err := in.maps(r.p)
	if err != nil {
		return err
	}
	if tiles != nil {
		body := []paper.Block{paper.Figure{Chart: tiles, Caption: tiles.Title, High: .8}}
		if shapes != nil {
			body = append(body, paper.Break{}, paper.Figure{Chart: shapes, Caption: shapes.Title, High: .93})
		}
		r.appendix("maps", false, body...)
	}
	if len(in.Aggregate.Slips) > 0 {
		r.appendix("slips", false, paper.Figure{Chart: in.slips(r.p, 20), High: .5}, r.slipTable())
	}
	if len(in.Aggregate.Causes) > 0 {
		body := []paper.Block{r.causeTable()}
		if len(in.Aggregate.Unmet) > 0 {
			body = append(body, r.unmet())
		}
		r.appendix("causes", true, body...)
	}
	if t, ok := r.proposalTable(); ok {
		r.appendix("proposals", true, t)
	}
	if len(in.Aggregate.Difficulties)+len(in.Aggregate.Recommendations) > 0 {
		r.appendix(
			"difficulties", true, r.verbatim("table.difficulties", in.Aggregate.Difficulties),
			r.verbatim("table.recommendations", in.Aggregate.Recommendations),
		)
	}
	if len(in.Claims) > 0 {
		r.appendix("claims", true, r.claimTable())
	}
	return nil
}

func (r *reporter) matrix() paper.Table {
	in, p := r.in, r.p
	t := paper.Table{Widths: []float64{1.2, 4.4}, Size: 10}
	heads := []string{r.t("head.number", nil), r.t("head.agency", nil)}
	for _, c := range in.Template.Components {
		heads = append(heads, c.Short.In(lang(p)))
		t.Widths = append(t.Widths, 1.6)
	}
	heads = append(heads, r.t("head.whole", nil), r.t("head.recorded", nil))
	t.Widths = append(t.Widths, 1.6, 2.1)
	t.Head = paper.HeadCells(heads...)
	letter := 'A'
	section := func(name string, statements []readiness.Statement) {
		if len(statements) == 0 {
			return
		}
		name = string(letter) + ". " + name
		letter++
		t.Rows = append(t.Rows, []paper.Cell{{Text: name, Bold: true, Span: len(heads), Shade: true}})
		for i, s := range statements {
			row := []paper.Cell{{Text: p.Int(int64(i + 1)), Center: true}, {Text: nameOf(p, s)}}
			for _, c := range in.Template.Components {
				row = append(row, paper.Cell{Status: component(s, c.Key)})
			}
			recorded := r.t("not.answered", nil)
			if s.Answered() {
				recorded = p.Date(dayOf(s))
			}
			row = append(row, paper.Cell{Status: whole(s)}, paper.Cell{Text: recorded, Center: true})
			t.Rows = append(t.Rows, row)
		}
	}
	for _, g := range in.groups() {
		section(r.t("section."+g.key, nil), g.of(p, in.Round))
	}
	section(r.t("section.others", nil), in.Round.others(p))
	return t
}

func (r *reporter) late() (paper.Table, bool) {
	p := r.p
	t := paper.Table{Widths: []float64{1, 5, 3, 2, 2}, Size: 11}
	t.Head = paper.HeadCells(
		r.t("head.number", nil), r.t("head.agency", nil), r.t("head.state", nil), r.t("head.late", nil),
		r.t("head.problems", nil),
	)
	for _, c := range r.in.Chased {
		if !readiness.Outstanding(c.State) && !c.Incomplete && c.CameLate == 0 {
			continue
		}
		late, problems := "–", "–"
		if n := max(c.Late, c.CameLate); n > 0 {
			late = p.Int(int64(n))
		}
		if c.Problems > 0 {
			problems = p.Int(int64(c.Problems))
		}
		t.Rows = append(t.Rows, []paper.Cell{
			{Text: p.Int(int64(len(t.Rows) + 1)), Center: true},
			{Text: c.Agency.Name},
			{Text: r.t("state."+string(c.State), nil)},
			{Text: late, Center: true},
			{Text: problems, Center: true},
		})
	}
	return t, len(t.Rows) > 0
}

func (r *reporter) slipTable() paper.Table {
	p := r.p
	t := paper.Table{Widths: []float64{1, 4, 1.1, 4.8, 2, 1.5}, Size: 10.5}
	t.Head = paper.HeadCells(
		r.t("head.number", nil), r.t("head.agency", nil), r.t("head.row", nil), r.t("head.system", nil),
		r.t("head.declared", nil), r.t("head.months", nil),
	)
	for i, e := range r.in.Aggregate.Slips {
		t.Rows = append(t.Rows, []paper.Cell{
			{Text: p.Int(int64(i + 1)), Center: true},
			{Text: e.Name},
			{Text: e.Row, Center: true},
			{Text: r.systemOf(e)},
			{Text: month(p, e.Month), Center: true},
			{Text: p.Int(int64(e.N)), Center: true},
		})
	}
	return t
}

// systemOf is the system of an entry, or the component when the row is about none.
func (r *reporter) systemOf(e readiness.Entry) string {
	if e.System != "" {
		return e.System
	}
	for _, row := range r.in.Template.Rows {
		if row.Key == e.Row {
			if c, ok := r.in.Template.Component(row.Component); ok {
				return c.Label.In(lang(r.p))
			}
		}
	}
	return ""
}

func (r *reporter) causeTable() paper.Table {
	t := paper.Table{Widths: []float64{.7, 3.2, .9, 4, 6.2}, Size: 10.5}
	t.Head = paper.HeadCells(
		r.t("head.number", nil), r.t("head.agency", nil), r.t("head.row", nil), r.t("head.system", nil), r.t("head.text", nil),
	)
	for _, b := range r.in.Aggregate.Causes {
		t.Rows = append(t.Rows, []paper.Cell{{
			Text: r.t("bucket", args{"name": b.Label.In(lang(r.p)), "n": len(b.Entries)}), Bold: true, Span: 5, Shade: true,
		}})
		for i, e := range b.Entries {
			t.Rows = append(t.Rows, []paper.Cell{
				{Text: r.p.Int(int64(i + 1)), Center: true},
				{Text: e.Name},
				{Text: e.Row, Center: true},
				{Text: r.systemOf(e)},
				{Text: e.Text},
			})
		}
	}
	return t
}

func (r *reporter) proposalTable() (paper.Table, bool) {
	t := paper.Table{Widths: []float64{.7, 4, 10}}
	t.Head = paper.HeadCells(r.t("head.number", nil), r.t("head.agency", nil), r.t("head.proposal", nil))
	any := false
	for _, b := range r.in.Aggregate.Proposals {
		if len(b.Entries) == 0 {
			continue
		}
		any = true
		t.Rows = append(t.Rows, []paper.Cell{{
			Text: r.t("bucket", args{"name": b.Label.In(lang(r.p)), "n": len(b.Entries)}), Bold: true, Span: 3, Shade: true,
		}})
		for i, e := range b.Entries {
			t.Rows = append(t.Rows, []paper.Cell{{Text: r.p.Int(int64(i + 1)), Center: true}, {Text: e.Name}, {Text: e.Text}})
		}
	}
	return t, any
}

// verbatim lists what agencies wrote, all of one agency in one row.
func (r *reporter) verbatim(caption string, entries []readiness.Entry) paper.Table {
	t := paper.Table{Caption: r.t(caption, nil), Widths: []float64{.7, 4, 10}}
	t.Head = paper.HeadCells(r.t("head.number", nil), r.t("head.agency", nil), r.t("head.text", nil))
	for i := 0; i < len(entries); {
		var texts []string
		j := i
		for ; j < len(entries) && entries[j].Agency == entries[i].Agency; j++ {
			texts = append(texts, "- "+strings.TrimPrefix(entries[j].Text, "- "))
		}
		t.Rows = append(t.Rows, []paper.Cell{
			{Text: r.p.Int(int64(len(t.Rows) + 1)), Center: true}, {Text: entries[i].Name}, {Text: strings.Join(texts, "\n")},
		})
		i = j
	}
	return t
}

func (r *reporter) claimTable() paper.Table {
	t := paper.Table{Widths: []float64{.7, 5, 3, 2, 1.6, 1.6, 1.6}, Size: 10.5}
	t.Head = paper.HeadCells(
		r.t("head.number", nil), r.t("head.claim", nil), r.t("head.source", nil), r.t("head.asof", nil), r.t("head.claimed", nil),
		r.t("head.recomputed", nil), r.t("head.difference", nil),
	)
	for i, c := range r.in.Claims {
		t.Rows = append(t.Rows, []paper.Cell{
			{Text: r.p.Int(int64(i + 1)), Center: true},
			{Text: c.Text},
			{Text: c.Source},
			{Text: c.AsOf},
			{Text: c.Claimed, Center: true},
			{Text: c.Recomputed, Center: true},
			{Text: c.Difference, Center: true, Bold: !c.Equal},
		})
	}
	return t
}
