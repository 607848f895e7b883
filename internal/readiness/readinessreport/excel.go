package readinessreport

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sheet"
	"dean06/internal/readiness"
)

// page is one sheet of the workbook. Values are texts and whole numbers;
// nothing in them becomes a formula.
type page struct {
	name   string
	heads  []string
	widths []float64 // of the columns, in characters
	rows   [][]any
}

// Excel writes the report's figures and lists as a workbook, one sheet for each
// subject, for those who go on calculating.
func Excel(p *i18n.Printer, in Input) ([]byte, error) {
	in = in.dated()
	r := reporter{p: p, in: in}
	f := excelize.NewFile()
	defer f.Close()
	styles, err := sheet.NewStyles(f)
	if err != nil {
		return nil, fmt.Errorf("report on campaign %s: %w", in.Round.Campaign.ID, err)
	}
	first := true
	for _, pg := range r.pages() {
		if len(pg.rows) == 0 {
			continue
		}
		if first {
			err = f.SetSheetName("Sheet1", pg.name)
		} else {
			_, err = f.NewSheet(pg.name)
		}
		first = false
		if err == nil {
			err = r.write(f, pg, styles)
		}
		if err != nil {
			return nil, fmt.Errorf("write sheet %s: %w", pg.name, err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, fmt.Errorf("write workbook on campaign %s: %w", in.Round.Campaign.ID, err)
	}
	return out.Bytes(), nil
}

func (r *reporter) write(f *excelize.File, pg page, styles sheet.Styles) error {
	if err := sheet.Print(f, pg.name, 1, 3, 0); err != nil {
		return err
	}
	w, err := f.NewStreamWriter(pg.name)
	if err != nil {
		return err
	}
	for i, width := range pg.widths {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 3, TopLeftCell: "A4", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	q := r.in.Round.Figures
	note := r.t("sheet.note", args{
		"number": r.in.Round.Campaign.Number, "known": q.KnownOn, "true": q.TrueOn, "geography": q.Geography,
	})
	if err := w.SetRow("A1", []any{excelize.Cell{StyleID: styles.Title, Value: pg.name}}); err != nil {
		return err
	}
	if err := w.SetRow("A2", []any{excelize.Cell{Value: note}}); err != nil {
		return err
	}
	heads := make([]any, len(pg.heads))
	for i, h := range pg.heads {
		heads[i] = excelize.Cell{StyleID: styles.Head, Value: h}
	}
	if err := w.SetRow("A3", heads); err != nil {
		return err
	}
	for i, row := range pg.rows {
		cells := make([]any, len(row))
		for j, v := range row {
			cells[j] = excelize.Cell{StyleID: styles.Answer, Value: v}
			if _, number := v.(int); number {
				cells[j] = excelize.Cell{StyleID: styles.Count, Value: v}
			}
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+4), cells); err != nil {
			return err
		}
	}
	return w.Flush()
}

func (r *reporter) pages() []page {
	out := []page{r.figuresPage(), r.matrixPage(), r.latePage()}
	agg, tpl := r.in.Aggregate, r.in.Template
	add := func(asked bool, p ...page) {
		if asked {
			out = append(out, p...)
		}
	}
	if len(agg.Values) > 0 {
		out = append(out, r.valuesPage(), r.valueEntriesPage())
	}
	add(tpl.AsksStage(), r.stagesPage(), r.monthsPage(), r.entriesPage("slips", agg.Slips))
	add(tpl.AsksFact(readiness.AskCause), r.bucketsPage("causes", "head.cause", agg.Causes))
	add(tpl.AsksFact(readiness.AskUnmet), r.bucketsPage("unmet", "head.unmet", agg.Unmet))
	add(len(tpl.Proposals) > 0, r.bucketsPage("proposals", "head.group", agg.Proposals))
	add(tpl.Difficulty.Vi != "", r.entriesPage("difficulties", agg.Difficulties))
	add(tpl.Recommend.Vi != "", r.entriesPage("recommendations", agg.Recommendations))
	add(true, r.claimsPage())
	return out
}

// valuesPage is what each row and column of the form's own comes to.
func (r *reporter) valuesPage() page {
	pg := r.page("values", []string{
		"head.component", "head.row", "head.question", "head.result", "head.given", "head.notgiven",
	}, 30, 8, 60, 60, 12, 12)
	for _, v := range r.in.Aggregate.Values {
		c, _ := r.in.Template.Component(v.Row.Component)
		key, words := v.Words()
		pg.rows = append(pg.rows, []any{
			c.Label.In(lang(r.p)), v.Row.Number, r.valueName(v), r.p.T(key, words), len(v.Given), len(v.Missing),
		})
	}
	return pg
}

// valueEntriesPage is every value, agency by agency.
func (r *reporter) valueEntriesPage() page {
	pg := r.page("answers", []string{
		"head.code", "head.agency", "head.row", "head.question", "head.system", "head.value",
	}, 10, 44, 8, 60, 40, 24)
	for _, v := range r.in.Aggregate.Values {
		for _, e := range v.Given {
			pg.rows = append(pg.rows, []any{e.Agency, e.Name, e.Row, r.valueName(v), e.System, e.Value.In(lang(r.p))})
		}
	}
	return pg
}

func (r *reporter) page(name string, heads []string, widths ...float64) page {
	pg := page{name: r.t("sheet."+name, nil), widths: widths}
	for _, h := range heads {
		pg.heads = append(pg.heads, r.t(h, nil))
	}
	return pg
}

func (r *reporter) figuresPage() page {
	pg := r.page(
		"figures", []string{"head.figure", "head.group", "head.met", "head.of", "head.percent", "head.change", "head.met.who"},
		46, 14, 12, 12, 12, 12, 100,
	)
	line := func(label, key string) {
		for _, g := range r.in.groups() {
			f := r.in.Round.figure(g, key)
			delta := r.delta(g, key)
			pg.rows = append(pg.rows, []any{
				label, r.t("group."+g.key, nil), len(f.Met), len(f.Of), percent(r.p, len(f.Met), len(f.Of)), delta,
				strings.Join(r.in.Round.names(r.p, f.Met), "; "),
			})
		}
	}
	for _, c := range r.in.Template.Components {
		line(c.Label.In(lang(r.p)), c.Key)
	}
	line(r.t("head.all", args{"n": len(r.in.Template.Components)}), readiness.AllFive)
	return pg
}

func (r *reporter) matrixPage() page {
	pg := r.page("matrix", []string{"head.code", "head.agency", "head.group"}, 10, 44, 14)
	for _, c := range r.in.Template.Components {
		pg.heads = append(pg.heads, c.Short.In(lang(r.p)))
		pg.widths = append(pg.widths, 18)
	}
	pg.heads = append(pg.heads, r.t("head.whole", nil), r.t("head.recorded", nil))
	pg.widths = append(pg.widths, 18, 14)
	add := func(group string, statements []readiness.Statement) {
		for _, s := range statements {
			row := []any{s.Agency, nameOf(r.p, s), r.t("group."+group, nil)}
			for _, c := range r.in.Template.Components {
				row = append(row, component(s, c.Key).Name(r.p))
			}
			recorded := r.t("not.answered", nil)
			if s.Answered() {
				recorded = r.p.Date(dayOf(s))
			}
			pg.rows = append(pg.rows, append(row, whole(s).Name(r.p), recorded))
		}
	}
	for _, g := range r.in.groups() {
		add(g.key, g.of(r.p, r.in.Round))
	}
	add("others", r.in.Round.others(r.p))
	return pg
}

func (r *reporter) latePage() page {
	pg := r.page("late", []string{"head.code", "head.agency", "head.state", "head.late", "head.problems"}, 10, 44, 26, 14, 14)
	for _, c := range r.in.Chased {
		if readiness.Outstanding(c.State) || c.Incomplete || c.CameLate > 0 {
			pg.rows = append(pg.rows, []any{c.Agency.Code, c.Agency.Name, r.t("state."+string(c.State), nil), max(c.Late, c.CameLate), c.Problems})
		}
	}
	return pg
}

func (r *reporter) stagesPage() page {
	pg := r.page("stages", []string{"head.component", "head.stage", "head.answers", "head.agencies", "head.who"}, 46, 60, 12, 12, 100)
	labels := r.in.stageLabels(r.p)
	for _, f := range r.in.Aggregate.Stages {
		c, _ := r.in.Template.Component(f.Component)
		for i, s := range f.Stages {
			pg.rows = append(pg.rows, []any{
				c.Label.In(lang(r.p)), labels[i], len(s.Entries), agencies(s.Entries),
				strings.Join(agencyNames(r.p, s.Entries), "; "),
			})
		}
	}
	return pg
}

func (r *reporter) monthsPage() page {
	pg := r.page("months", []string{"head.month", "head.answers", "head.agencies", "head.who"}, 18, 12, 12, 120)
	add := func(label string, entries []readiness.Entry) {
		if len(entries) > 0 {
			pg.rows = append(pg.rows, []any{label, len(entries), agencies(entries), strings.Join(agencyNames(r.p, entries), "; ")})
		}
	}
	for _, m := range r.in.Aggregate.Months {
		add(month(r.p, readiness.Month(m.Key)), m.Entries)
	}
	add(r.t("month.none", nil), r.in.Aggregate.Undated)
	return pg
}

// entriesPage lists entries one by one, with what each needs.
func (r *reporter) entriesPage(name string, entries []readiness.Entry) page {
	pg := r.page(name, []string{"head.code", "head.agency", "head.text"}, 10, 44, 120)
	if name == "slips" {
		pg = r.page(name, []string{"head.code", "head.agency", "head.row", "head.system", "head.declared", "head.months"}, 10, 44, 10, 60, 16, 12)
	}
	for _, e := range entries {
		row := []any{e.Agency, e.Name, e.Text}
		if name == "slips" {
			row = []any{e.Agency, e.Name, e.Row, r.systemOf(e), month(r.p, e.Month), e.N}
		}
		pg.rows = append(pg.rows, row)
	}
	return pg
}

func (r *reporter) bucketsPage(name, head string, buckets []readiness.Bucket) page {
	pg := r.page(name, []string{head, "head.code", "head.agency", "head.row", "head.system", "head.text"}, 44, 10, 44, 10, 50, 100)
	for _, b := range buckets {
		for _, e := range b.Entries {
			pg.rows = append(pg.rows, []any{b.Label.In(lang(r.p)), e.Agency, e.Name, e.Row, r.systemOf(e), e.Text})
		}
	}
	return pg
}

func (r *reporter) claimsPage() page {
	pg := r.page(
		"claims", []string{"head.claim", "head.source", "head.asof", "head.claimed", "head.recomputed", "head.difference"}, 60,
		50, 20, 14, 14, 14,
	)
	for _, c := range r.in.Claims {
		pg.rows = append(pg.rows, []any{c.Text, c.Source, c.AsOf, c.Claimed, c.Recomputed, c.Difference})
	}
	return pg
}
