package procedureweb

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/eform"
	"dean06/internal/platform/chart"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/procedure"
)

// packageParts is what a package consists of, as tables.
type packageParts struct {
	Process        *chart.Chart
	Steps          ui.Table
	Sections       []ui.Table
	Papers, Cases  ui.Table
	Limits, Fees   ui.Table
	Reasons, Bases ui.Table
}

func partsOf(pr *i18n.Printer, p *procedure.Package) *packageParts {
	v := &packageParts{Process: drawing(pr, p)}
	table := func(id, caption string, keys ...string) ui.Table {
		return ui.Table{ID: id, Caption: pr.T(caption), Quiet: true, Stack: true, Columns: columns(pr, keys...)}
	}
	v.Steps = table("steps", "procedureweb.process", "procedureweb.step", "procedureweb.step.holder", "procedureweb.step.budget", "procedureweb.step.ways")
	for i, s := range p.Process.Steps {
		v.Steps.Rows = append(v.Steps.Rows, row(numbered(i, inLang(pr, s.Name)), holder(pr, s.Holder), budget(pr, s), ways(pr, p, s)))
	}
	for _, s := range p.Form.Sections {
		t := table("section-"+strings.ReplaceAll(s.ID, ".", "-"), "procedureweb.form",
			"procedureweb.form.field", "procedureweb.form.meaning", "procedureweb.form.source")
		t.Caption, t.Quiet = inLang(pr, s.Title), false
		for _, q := range s.Questions {
			t.Rows = append(t.Rows, row(inLang(pr, q.Label), meaning(pr, q), source(pr, q)))
		}
		v.Sections = append(v.Sections, t)
	}
	v.Cases = table("cases", "procedureweb.cases", "procedureweb.case", "procedureweb.case.hint")
	for _, c := range p.Cases {
		v.Cases.Rows = append(v.Cases.Rows, row(inLang(pr, c.Name), inLang(pr, c.Hint)))
	}
	v.Papers = table("papers", "procedureweb.papers", "procedureweb.paper", "procedureweb.paper.proved", "procedureweb.basis", "procedureweb.sure")
	v.Papers.Empty = ui.Empty(pr.T("procedureweb.papers.none"), ui.Link{})
	for _, q := range p.Papers {
		v.Papers.Rows = append(v.Papers.Rows, row(inLang(pr, q.Name), proved(pr, q), q.Basis, sure(pr, q.Sure)))
	}
	v.Limits = table("limits", "procedureweb.limits", "procedureweb.limit", "procedureweb.limit.length", "procedureweb.basis", "procedureweb.sure")
	for _, l := range p.Limits {
		v.Limits.Rows = append(v.Limits.Rows, row(inLang(pr, l.Name), length(pr, l.Rule.Limit), l.Basis, sure(pr, l.Sure)))
	}
	v.Fees = table("fees", "procedureweb.fees", "procedureweb.fee", "procedureweb.fee.amount", "procedureweb.basis", "procedureweb.sure")
	v.Fees.Empty = ui.Empty(pr.T("procedureweb.fees.none"), ui.Link{})
	for _, f := range p.Fees {
		v.Fees.Rows = append(v.Fees.Rows, row(inLang(pr, f.Name), amount(pr, f), f.Basis, sure(pr, f.Sure)))
	}
	v.Reasons = table("reasons", "procedureweb.reasons", "procedureweb.reason", "procedureweb.reason.for")
	for _, x := range p.Reasons {
		v.Reasons.Rows = append(v.Reasons.Rows, row(inLang(pr, x.Text), words(pr, "procedureweb.occasion.", x.For)))
	}
	v.Bases = table("bases", "procedureweb.bases", "procedureweb.base.code", "procedureweb.base.name")
	for _, b := range p.Decided {
		v.Bases.Rows = append(v.Bases.Rows, row(b.Code, b.Name))
	}
	return v
}

func row(texts ...string) ui.Row {
	r := ui.Row{Cells: make([]ui.Cell, len(texts))}
	for i, t := range texts {
		r.Cells[i] = ui.Cell{Text: t}
	}
	return r
}

func numbered(i int, text string) string { return strconv.Itoa(i+1) + ". " + text }

func holder(pr *i18n.Printer, h procedure.Holder) string {
	if h.System {
		return pr.T("procedureweb.holder.system")
	}
	return pr.T("procedureweb.duty."+h.Duty) + ", " + pr.T("procedureweb.at."+h.At)
}

func budget(pr *i18n.Printer, s procedure.Step) string {
	if s.Budget == nil {
		return pr.T("procedureweb.step.no_budget")
	}
	return length(pr, *s.Budget)
}

// ways are the ways out of a step, by the numbers of those to which they lead.
func ways(pr *i18n.Printer, p *procedure.Package, s procedure.Step) string {
	if s.End {
		return pr.T("procedureweb.step.end")
	}
	var out []string
	for _, w := range s.Next {
		out = append(out, pr.T("procedureweb.way", map[string]any{"action": pr.T("procedureweb.verb." + w.On), "step": stepOf(p, w.To) + 1}))
	}
	return strings.Join(out, "; ")
}

func stepOf(p *procedure.Package, id string) int {
	for i, s := range p.Process.Steps {
		if s.ID == id {
			return i
		}
	}
	return -1
}

// drawing is the process as a picture, for a phone as for a desk.
func drawing(pr *i18n.Printer, p *procedure.Package) *chart.Chart {
	in := chart.FlowInput{Width: 340, Head: chart.Head{
		ID: "process", Title: pr.T("procedureweb.process.steps"), Desc: pr.T("procedureweb.process.desc", map[string]any{"n": len(p.Process.Steps)}),
	}}
	for i, s := range p.Process.Steps {
		step := chart.FlowStep{Title: inLang(pr, s.Name), Lines: []string{holder(pr, s.Holder)}, End: s.End}
		if s.Budget != nil {
			step.Lines = append(step.Lines, pr.T("procedureweb.step.within", map[string]any{"length": length(pr, *s.Budget)}))
		}
		for _, w := range s.Next {
			to := stepOf(p, w.To)
			if to < 0 {
				continue
			}
			says := pr.T("procedureweb.verb." + w.On)
			in.Ways = append(in.Ways, chart.FlowWay{From: i, To: to, Says: says})
			if to != i+1 {
				step.Lines = append(step.Lines, pr.T("procedureweb.way", map[string]any{"action": says, "step": to + 1}))
			}
		}
		in.Steps = append(in.Steps, step)
	}
	return chart.Flow(pr, in)
}

func meaning(pr *i18n.Printer, q eform.Question) string {
	m, ok := procedure.Meanings().Of(q.Meaning)
	if !ok {
		return pr.T("procedureweb.package.not_said")
	}
	return pr.T("procedureweb.form.fact", map[string]any{"fact": inLang(pr, m.Name), "owner": inLang(pr, m.Owner.Name)})
}

// source is who fills a field in.
func source(pr *i18n.Printer, q eform.Question) string {
	m, _ := procedure.Meanings().Of(q.Meaning)
	switch {
	case q.FilledBy == "officer":
		return pr.T("procedureweb.form.officer")
	case m.InRegister() || len(q.Follows) > 0:
		return pr.T("procedureweb.form.register")
	case q.FilledBy == "system":
		return pr.T("procedureweb.form.system")
	}
	return pr.T("procedureweb.form.asked")
}

func proved(pr *i18n.Printer, p procedure.Paper) string {
	var by []string
	for _, x := range p.Proved {
		if word := pr.T("procedureweb.proved." + x.By); len(by) == 0 || by[len(by)-1] != word {
			by = append(by, word)
		}
	}
	if len(by) == 0 {
		return pr.T("procedureweb.proved.nobody")
	}
	return strings.Join(by, "; ")
}

func sure(pr *i18n.Printer, word string) string {
	if word == "" {
		return pr.T("procedureweb.package.not_said")
	}
	return pr.T("procedureweb.sure." + strings.ReplaceAll(word, "-", "_"))
}

func amount(pr *i18n.Printer, f procedure.Fee) string {
	switch {
	case f.Amount == nil:
		return pr.T("procedureweb.fee.unknown")
	case *f.Amount == 0:
		return pr.T("procedureweb.fee.free")
	case f.Per != "":
		return pr.T("procedureweb.fee.each", map[string]any{"n": *f.Amount})
	}
	return pr.T("procedureweb.cost", map[string]any{"n": *f.Amount})
}

func stateTag(pr *i18n.Printer, d procedure.Draft) templ.Component {
	switch {
	case d.Signed():
		return ui.Tag(ui.Good, pr.T("procedureweb.package.state.signed"))
	case d.Faults > 0:
		return ui.Tag(ui.Bad, pr.T("procedureweb.package.state.faults", map[string]any{"n": d.Faults}))
	}
	return ui.Tag(ui.Neutral, pr.T("procedureweb.package.state.draft"))
}
