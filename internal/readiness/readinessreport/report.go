package readinessreport

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"strings"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/readiness"
)

// Word writes the report as a Word document.
func Word(p *i18n.Printer, in Input) ([]byte, error) { return out(p, in, paper.Word) }

// PDF writes the report as PDF.
func PDF(p *i18n.Printer, in Input) ([]byte, error) { return out(p, in, paper.PDF) }

func out(p *i18n.Printer, in Input, write func(*i18n.Printer, paper.Document) ([]byte, error)) ([]byte, error) {
	doc, err := Report(p, in)
	if err != nil {
		return nil, fmt.Errorf("report on campaign %s: %w", in.Round.Campaign.ID, err)
	}
	return write(p, doc)
}

// Report lays the report to the Prime Minister out. It fails when an outline of
// the map cannot be read.
func Report(p *i18n.Printer, in Input) (paper.Document, error) {
	in = in.dated()
	r := reporter{p: p, in: in}
	c := in.Round.Campaign
	doc := paper.Document{
		Title:  p.T("report.title", map[string]any{"number": c.Number}),
		Parent: in.Parent, Agency: c.Issuer.In(lang(p)), Number: in.Number, Symbol: in.Symbol,
		Place: c.Place.In(lang(p)), Date: in.Date,
		Kind:      p.T("report.kind"),
		Abstract:  p.T("report.abstract", map[string]any{"number": c.Number, "date": c.Issued, "subject": subjectOf(c, lang(p))}),
		To:        []string{p.T("report.to")},
		CopiesTo:  in.CopiesTo,
		Signature: paper.Signature{Title: in.Signatory.Position.In(lang(p)), Name: in.Signatory.Name},
	}
	if len(doc.CopiesTo) == 0 {
		doc.CopiesTo = strings.Split(p.T("report.copies"), "|")
	}
	if in.Proof != "" {
		doc.Proof = paper.Proof{URL: in.Proof, Text: p.T("report.proof")}
	}
	// Appendices come first: the body refers to them by their numbers.
	if err := r.appendices(); err != nil {
		return paper.Document{}, err
	}
	r.opening()
	r.general()
	r.components()
	r.values()
	if in.Template.AsksFact(readiness.AskCause) {
		r.causes()
	}
	if len(in.Template.Proposals) > 0 || in.Template.HasPart4() {
		r.proposals()
	}
	r.asks()
	r.add(paper.Text(p.T("report.closing")))
	doc.Body, doc.Appendices = r.body, r.apps
	return doc, nil
}

// reporter collects the body and the appendices.
type reporter struct {
	p     *i18n.Printer
	in    Input
	body  []paper.Block
	apps  []paper.Appendix
	label map[string]string // "matrix" → "Phụ lục I"
	table int               // number of the last table
	fig   int               // number of the last figure

	chapters int // so far
}

type args = map[string]any

// t is a text of the report. {they} in it are the agencies that were asked.
func (r *reporter) t(key string, a args) string {
	with := args{"they": r.they()}
	maps.Copy(with, a)
	return r.p.T("report."+key, with)
}

// they names the agencies that the letter asked: "các bộ, ngành, địa phương".
func (r *reporter) they() string {
	key := "all"
	if g := r.in.groups(); len(g) == 1 {
		key = g[0].key
	}
	return r.p.T("report.they." + key)
}

func (r *reporter) add(b ...paper.Block)     { r.body = append(r.body, b...) }
func (r *reporter) text(key string, a args)  { r.add(paper.Rich(r.t(key, a))) }
func (r *reporter) head(level int, s string) { r.add(paper.Heading{Level: level, Text: s}) }
func (r *reporter) ref(key string) string    { return r.label[key] }
func (r *reporter) caption(text string) string {
	r.table++
	return r.t("table", args{"n": r.table, "text": text})
}

func (r *reporter) figCaption(text string) string {
	r.fig++
	return r.t("figure", args{"n": r.fig, "text": text + " " + r.days()})
}

// chapter begins a part of the body; a form that asks for less has fewer.
func (r *reporter) chapter(key string) {
	r.head(1, roman[r.chapters]+". "+strings.ToUpper(r.t(key, nil)))
	r.chapters++
}

// days says of when a figure is: every table and figure carries it.
func (r *reporter) days() string {
	f := r.in.Round.Figures
	return r.t("days", args{"known": f.KnownOn, "true": f.TrueOn})
}

func (r *reporter) opening() {
	c := r.in.Round.Campaign
	r.text("opening", args{"issued": c.Issued, "issuer": c.Issuer.In(lang(r.p)), "number": c.Number, "subject": subjectOf(c, lang(r.p))})
}

// subjectOf is what a letter is about, as it stands within a sentence.
func subjectOf(c readiness.Campaign, lang string) string {
	return lowerFirst(strings.TrimSpace(strings.TrimPrefix(c.Subject.In(lang), "V/v")))
}

func lowerFirst(s string) string {
	letters := []rune(s)
	if len(letters) > 1 && strings.ToUpper(string(letters[1])) != string(letters[1]) {
		return strings.ToLower(string(letters[0])) + string(letters[1:])
	}
	return s
}

func (r *reporter) general() {
	in, p := r.in, r.p
	f := in.Round.Figures
	r.chapter("general")
	r.head(2, r.t("general.answered", nil))
	m, l := f.Ministries, f.Provinces
	r.text("general.answered.text", args{"known": f.KnownOn, "due": in.Round.Campaign.Due, "who": r.each(func(g group) string {
		b := f.Block(g.key)
		return r.t("part."+g.key, args{"n": len(b.Answered), "of": len(b.Recipients)})
	})})
	if missing := append(in.Round.names(p, m.Missing), in.Round.names(p, l.Missing)...); len(missing) > 0 {
		r.text("general.missing", args{"n": len(missing), "names": strings.Join(missing, "; ")})
	} else {
		r.text("general.missing.none", nil)
	}
	for _, kind := range readiness.Kinds {
		if b := f.Others[kind]; len(b.Answered) > 0 {
			r.text("general.others", args{"n": len(b.Answered), "names": strings.Join(in.Round.names(p, b.Answered), "; ")})
		}
	}
	r.head(2, r.t("general.whole", nil))
	for _, g := range r.in.groups() {
		all := in.Round.figure(g, readiness.AllFive)
		r.text("general.whole."+g.key, args{
			"n": len(all.Met), "of": len(all.Of), "percent": percent(p, len(all.Met), len(all.Of)),
			"parts": len(in.Template.Components),
		})
		r.who(g, all)
		r.changed(g, readiness.AllFive)
	}
	rule := "component-met"
	if in.Template.Rule() == readiness.ComponentShare1 {
		rule = "component-share"
	} else if in.Template.AsksFact(readiness.AskDecision) {
		rule = "component-met.dossier"
	}
	r.text("general.basis", args{
		"known": f.KnownOn, "true": f.TrueOn, "geography": f.Geography,
		"rule": r.t("general.rule."+rule, args{"share": p.Float(in.Template.Summary.Share*100, -1)}),
	})
	if in.Round.combined() {
		r.text("general.combined."+string(cmp.Or(f.Combine, readiness.CombineAll)), args{"ref": r.ref("matrix")})
	}
}

// each joins what is said of each group: "5/20 ministries and 13/63 localities".
func (r *reporter) each(say func(g group) string) string {
	var parts []string
	for _, g := range r.in.groups() {
		parts = append(parts, say(g))
	}
	return strings.Join(parts, " "+r.t("and", nil)+" ")
}

// who names the agencies behind a figure.
func (r *reporter) who(g group, f readiness.Figure) {
	if len(f.Met) == 0 {
		return
	}
	r.text("who."+g.key, args{"names": strings.Join(r.in.Round.names(r.p, f.Met), "; ")})
}

// changed says, of those that answered both rounds, how many met a figure before, who came
// and who fell back, and who is missing from the comparison.
func (r *reporter) changed(g group, key string) {
	c, known := r.in.change(g, key)
	if !known {
		return
	}
	a := args{
		"number": r.in.Previous.Campaign.Number, "both": len(c.Both), "was": whole64(c.Was), "is": whole64(c.Is),
		"gained": len(c.Gained), "lost": len(c.Fell),
	}
	switch {
	case len(c.Both) == 0:
		r.text("changed.nobody", a)
	case len(c.Gained)+len(c.Fell) == 0:
		r.text("changed.same", a)
	case len(c.Fell) == 0: // that none fell back is not said of one figure alone
		r.text("changed.up", a)
	case len(c.Gained) == 0:
		r.text("changed.down", a)
	default:
		r.text("changed", a)
	}
	if len(c.Fell) > 0 {
		r.text("changed.lost", args{"names": strings.Join(turned(r.p, c.Fell), "; ")})
	}
	if out := append(c.OnlyBefore, c.OnlyNow...); len(out) > 0 {
		r.text("changed.missing", args{"n": len(out), "names": strings.Join(turned(r.p, out), "; ")})
	}
}

// whole64 is a sum of shares to one decimal.
func whole64(x float64) float64 { return math.Round(x*10) / 10 }

// components is the table of all figures and what it comes to; who stands behind each
// number, and at which stage they are, is in an appendix.
func (r *reporter) components() {
	in, p := r.in, r.p
	r.chapter("components")
	r.add(r.summary())
	for _, g := range r.in.groups() {
		least, most := r.extremes(g)
		if least.Key == "" || len(in.Round.figure(g, least.Key).Met) == len(in.Round.figure(g, most.Key).Met) {
			continue
		}
		f, top := in.Round.figure(g, least.Key), in.Round.figure(g, most.Key)
		r.text("components.text."+g.key, args{
			"least": lowerFirst(least.Short.In(lang(p))), "n": len(f.Met), "of": len(f.Of), "percent": percent(p, len(f.Met), len(f.Of)),
			"most": lowerFirst(most.Short.In(lang(p))), "mn": len(top.Met), "mp": percent(p, len(top.Met), len(top.Of)),
		})
	}
	r.fell()
	for _, c := range in.Template.Components {
		r.counts(c)
	}
	r.progress()
	key := "components.ref"
	if in.Template.AsksStage() {
		key = "components.ref.stages"
	}
	r.text(key, args{"ref": r.ref("details"), "matrix": r.ref("matrix")})
}

// extremes are the components that fewest and most of a group meet.
func (r *reporter) extremes(g group) (least, most readiness.Component) {
	fewest, largest := 0, -1
	for _, c := range r.in.Template.Components {
		f := r.in.Round.figure(g, c.Key)
		if len(f.Of) == 0 {
			continue
		}
		if least.Key == "" || len(f.Met) < fewest {
			least, fewest = c, len(f.Met)
		}
		if len(f.Met) > largest {
			most, largest = c, len(f.Met)
		}
	}
	return least, most
}

// fell says how many fell back in some component; that none did is said only then.
func (r *reporter) fell() {
	if r.in.Previous == nil {
		return
	}
	n, compared := readiness.Fell(r.in.Template, r.in.Previous.Statements, r.in.Round.Statements)
	switch {
	case compared == 0:
	case n == 0:
		r.text("components.kept", args{"n": compared})
	default:
		r.text("components.fell", args{"n": n, "of": compared, "ref": r.ref("details")})
	}
}

// details are the figures one by one: drawings, who meets each component, who no longer
// does, and how far the purchases are.
func (r *reporter) details() []paper.Block {
	in, p := r.in, r.p
	body := r.body
	r.body = nil
	for _, g := range r.in.groups() {
		if len(in.Round.Figures.Block(g.key).Answered) > 0 {
			c := in.bars(p, g)
			r.add(paper.Figure{Chart: c, Caption: r.figCaption(c.Title)})
		}
	}
	for i, c := range in.Template.Components {
		r.head(2, fmt.Sprintf("%d. %s", i+1, c.Label.In(lang(p))))
		r.text("component.text", args{"who": r.each(func(g group) string {
			f := in.Round.figure(g, c.Key)
			return r.t("part.percent."+g.key, args{"n": len(f.Met), "of": len(f.Of), "percent": percent(p, len(f.Met), len(f.Of))})
		})})
		for _, g := range in.groups() {
			r.who(g, in.Round.figure(g, c.Key))
		}
		for _, g := range r.in.groups() {
			if ch, known := in.change(g, c.Key); known && len(ch.Fell) > 0 {
				r.text("component.lost."+g.key, args{"names": strings.Join(turned(p, ch.Fell), "; ")})
			}
		}
		r.stages(c)
	}
	r.drawings()
	out := r.body
	r.body = body
	return out
}

// summary is the table of all figures.
func (r *reporter) summary() paper.Table {
	in, p := r.in, r.p
	t := paper.Table{
		Caption: r.caption(r.t("table.summary", nil) + " " + r.days()),
		Widths:  []float64{1.1, 4.2},
	}
	heads := []string{r.t("head.number", nil), r.t("head.component", nil)}
	for _, g := range in.groups() {
		heads = append(heads, r.t("head."+g.key, nil), r.t("head.percent", nil), r.t("head.change", nil))
		t.Widths = append(t.Widths, 1.95, 1.4, 1.55)
	}
	t.Head = paper.HeadCells(heads...)
	line := func(number, label, key string, bold bool) {
		row := []paper.Cell{{Text: number, Center: true}, {Text: label, Bold: bold}}
		for _, g := range r.in.groups() {
			f := in.Round.figure(g, key)
			delta := r.delta(g, key)
			row = append(row, paper.Cell{Text: p.Int(int64(len(f.Met))) + "/" + p.Int(int64(len(f.Of))), Center: true, Bold: bold},
				paper.Cell{Text: percent(p, len(f.Met), len(f.Of)), Center: true, Bold: bold}, paper.Cell{Text: delta, Center: true, Bold: bold})
		}
		t.Rows = append(t.Rows, row)
	}
	for i, c := range in.Template.Components {
		line(p.Int(int64(i+1)), c.Label.In(lang(p)), c.Key, false)
	}
	line("", r.t("head.all", args{"n": len(in.Template.Components)}), readiness.AllFive, true)
	return t
}

// delta is how many more meet a figure, of those that answered both rounds.
func (r *reporter) delta(g group, key string) string {
	c, known := r.in.change(g, key)
	if !known || len(c.Both) == 0 {
		return "–"
	}
	return signed(r.p, len(c.Gained)-len(c.Fell))
}

func signed(p *i18n.Printer, n int) string {
	switch {
	case n > 0:
		return "+" + p.Int(int64(n))
	case n < 0:
		return "−" + p.Int(int64(-n))
	}
	return "0"
}

// stages says how far the purchases of a component are.
func (r *reporter) stages(c readiness.Component) {
	for _, f := range r.in.Aggregate.Stages {
		if f.Component != c.Key {
			continue
		}
		var parts []string
		n := 0
		for _, s := range f.Stages {
			if len(s.Entries) == 0 {
				continue
			}
			n += len(s.Entries)
			label := s.Label.In(lang(r.p))
			if s.Key == "" {
				label = r.t("stage.none", nil)
			}
			parts = append(parts, r.t("stage.part", args{"n": len(s.Entries), "stage": lowerFirst(label)}))
		}
		if n > 0 {
			r.text("stages", args{"n": n, "parts": strings.Join(parts, "; ")})
		}
	}
}

// counts writes the totals of units and devices under the component that asks for them.
func (r *reporter) counts(c readiness.Component) {
	for _, row := range r.in.Template.Rows {
		if row.Component != c.Key {
			continue
		}
		for _, ask := range row.Asks {
			total, key := r.in.Aggregate.Units, "units"
			if ask == readiness.AskDevices {
				total, key = r.in.Aggregate.Devices, "devices"
			} else if ask != readiness.AskUnits {
				continue
			}
			if len(total.Given) > 0 {
				text := r.t("counts."+key, args{
					"part": total.Part, "whole": total.Whole, "percent": percent(r.p, total.Part, total.Whole), "given": len(total.Given),
				})
				if n := len(total.Missing); n > 0 {
					text += " " + r.t("counts.missing", args{"missing": n})
				}
				r.add(paper.Rich(text))
			}
		}
	}
}

// progress says by when what is missing is expected, and what slipped.
func (r *reporter) progress() {
	in, p := r.in, r.p
	dated := 0
	for _, m := range in.Aggregate.Months {
		dated += len(m.Entries)
	}
	if dated+len(in.Aggregate.Undated) > 0 {
		last := "–"
		if n := len(in.Aggregate.Months); n > 0 {
			last = month(p, readiness.Month(in.Aggregate.Months[n-1].Key))
		}
		key := "months"
		if len(in.Aggregate.Undated) == 0 {
			key = "months.all"
		}
		r.text(key, args{"n": dated + len(in.Aggregate.Undated), "dated": dated, "undated": len(in.Aggregate.Undated), "last": last})
	}
	if n := len(in.Aggregate.Slips); n > 0 {
		worst := in.Aggregate.Slips[0]
		r.text("slips", args{"n": n, "agencies": agencies(in.Aggregate.Slips), "name": worst.Name, "months": worst.N, "ref": r.ref("slips")})
	}
}

// values says what the numbers, days and choices of the form's own columns come to; who
// declared what is in the workbook.
func (r *reporter) values() {
	if len(r.in.Aggregate.Values) == 0 {
		return
	}
	r.chapter("values")
	r.text("values.text", args{"ref": r.ref("values")})
	for _, c := range r.in.Template.Components {
		n, missing := 0, map[string]bool{}
		for _, t := range r.in.Aggregate.Values {
			if t.Row.Component == c.Key {
				n += len(t.Given)
				for _, a := range t.Missing {
					missing[a] = true
				}
			}
		}
		r.text("values.component", args{"component": c.Label.In(lang(r.p)), "n": n, "missing": len(missing)})
	}
}

// valueTable is a line for each row and column of the form's own.
func (r *reporter) valueTable() paper.Table {
	t := paper.Table{Widths: []float64{1, 6, 6, 1.5, 1.5}, Size: 10.5}
	t.Head = paper.HeadCells(
		r.t("head.row", nil), r.t("head.question", nil), r.t("head.result", nil), r.t("head.given", nil), r.t("head.notgiven", nil),
	)
	last := ""
	for _, v := range r.in.Aggregate.Values {
		if v.Row.Component != last {
			last = v.Row.Component
			c, _ := r.in.Template.Component(last)
			t.Rows = append(t.Rows, []paper.Cell{{Text: c.Label.In(lang(r.p)), Bold: true, Span: 5, Shade: true}})
		}
		key, words := v.Words()
		t.Rows = append(t.Rows, []paper.Cell{
			{Text: v.Row.Number, Center: true},
			{Text: r.valueName(v)},
			{Text: r.p.T(key, words)},
			{Text: r.p.Int(int64(len(v.Given))), Center: true},
			{Text: r.p.Int(int64(len(v.Missing))), Center: true},
		})
	}
	return t
}

// valueName is what a total is called: the row, and the column where the row asks several.
func (r *reporter) valueName(v readiness.ValueTotal) string {
	name := v.Row.Label.In(lang(r.p))
	if len(r.in.Template.AskedOwn(v.Row)) > 1 {
		name += " – " + v.Column.Label.In(lang(r.p))
	}
	return name
}

// drawings show stages, months and the change since the round before.
func (r *reporter) drawings() {
	in, p := r.in, r.p
	if !in.Template.AsksStage() && in.Previous == nil {
		return
	}
	r.head(2, fmt.Sprintf("%d. %s", len(in.Template.Components)+1, r.t("progress", nil)))
	if len(in.Aggregate.Stages) > 0 {
		c := in.funnel(p)
		r.add(paper.Figure{Chart: c, Caption: r.figCaption(c.Title)})
	}
	if len(in.Aggregate.Months)+len(in.Aggregate.Undated) > 0 {
		c := in.months(p)
		r.add(paper.Figure{Chart: c, Caption: r.figCaption(c.Title)})
	}
	if in.Previous != nil {
		for _, g := range r.in.groups() {
			c := in.slope(p, g)
			r.add(paper.Figure{Chart: c, Caption: r.figCaption(c.Title), High: .4})
		}
	}
}

// agencies counts the agencies behind entries.
func agencies(entries []readiness.Entry) int {
	seen := map[string]bool{}
	for _, e := range entries {
		seen[e.Agency] = true
	}
	return len(seen)
}

// agencyNames lists the agencies behind entries by name.
func agencyNames(p *i18n.Printer, entries []readiness.Entry) []string {
	seen := map[string]bool{}
	var out []string
	for _, e := range entries {
		if !seen[e.Agency] {
			seen[e.Agency] = true
			out = append(out, short(p, e.Name))
		}
	}
	i18n.SortBy(out, func(s string) string { return s })
	return out
}

func (r *reporter) causes() {
	in := r.in
	r.chapter("causes")
	if len(in.Aggregate.Causes) == 0 {
		r.text("causes.none", nil)
		return
	}
	r.text("causes.text", args{"ref": r.ref("causes")})
	t := paper.Table{Caption: r.caption(r.t("table.causes", nil) + " " + r.days()), Widths: []float64{1, 8, 2.5, 2.5}}
	t.Head = paper.HeadCells(r.t("head.number", nil), r.t("head.cause", nil), r.t("head.answers", nil), r.t("head.agencies", nil))
	for i, b := range in.Aggregate.Causes {
		t.Rows = append(t.Rows, r.bucketRow(i, b)[:4])
	}
	r.add(t)
}

// unmet lists the requirements that most agencies do not meet.
func (r *reporter) unmet() paper.Table {
	const most = 15
	list := r.in.Aggregate.Unmet[:min(most, len(r.in.Aggregate.Unmet))]
	u := paper.Table{
		Caption: r.t("table.unmet", args{"n": len(list)}), Widths: []float64{.7, 3.2, 1.3, 1.6, 8.2}, Size: 10.5,
	}
	u.Head = paper.HeadCells(
		r.t("head.number", nil), r.t("head.unmet", nil), r.t("head.answers", nil), r.t("head.agencies", nil), r.t("head.who", nil),
	)
	for i, b := range list {
		u.Rows = append(u.Rows, r.bucketRow(i, b))
	}
	return u
}

func (r *reporter) bucketRow(i int, b readiness.Bucket) []paper.Cell {
	return []paper.Cell{
		{Text: r.p.Int(int64(i + 1)), Center: true},
		{Text: b.Label.In(lang(r.p))},
		{Text: r.p.Int(int64(len(b.Entries))), Center: true},
		{Text: r.p.Int(int64(agencies(b.Entries))), Center: true},
		{Text: strings.Join(agencyNames(r.p, b.Entries), "; ")},
	}
}

func (r *reporter) proposals() {
	in := r.in
	r.chapter("proposals")
	n := 0
	for _, b := range in.Aggregate.Proposals {
		n += len(b.Entries)
	}
	if n+len(in.Aggregate.Difficulties)+len(in.Aggregate.Recommendations) == 0 {
		r.text("proposals.none", nil)
		return
	}
	r.text("proposals.text", args{
		"n": n, "difficulties": len(in.Aggregate.Difficulties), "dagencies": agencies(in.Aggregate.Difficulties),
		"recommendations": len(in.Aggregate.Recommendations), "ragencies": agencies(in.Aggregate.Recommendations),
	})
	if n > 0 {
		r.text("proposals.ref", args{"ref": r.ref("proposals")})
		for _, b := range in.Aggregate.Proposals {
			if len(b.Entries) > 0 {
				// Few are named here, many in the appendix only.
				key, names := "proposals.group", agencyNames(r.p, b.Entries)
				if len(names) > 20 {
					key = "proposals.many"
				}
				r.text(key, args{"group": b.Label.In(lang(r.p)), "n": len(b.Entries), "agencies": len(names), "names": strings.Join(names, "; ")})
			}
		}
	}
	if len(in.Aggregate.Difficulties)+len(in.Aggregate.Recommendations) > 0 {
		r.text("difficulties.ref", args{"ref": r.ref("difficulties")})
	}
}

// asks is what the Prime Minister is asked for. Without the ministry's own
// words it follows from the figures alone.
func (r *reporter) asks() {
	in := r.in
	c := in.Round.Campaign
	r.chapter("asks")
	r.text("asks.text", args{"issuer": c.Issuer.In(lang(r.p))})
	asks := in.Asks
	if len(asks) == 0 {
		unmet, missing := 0, 0
		for _, g := range r.in.groups() {
			b := in.Round.Figures.Block(g.key)
			all := in.Round.figure(g, readiness.AllFive)
			unmet += len(all.Of) - len(all.Met)
			missing += len(b.Missing)
		}
		if unmet > 0 {
			asks = append(asks, r.t("asks.unmet", args{"n": unmet, "ref": r.ref("matrix")}))
		}
		if missing > 0 {
			asks = append(asks, r.t("asks.missing", args{"n": missing, "ref": r.ref("late"), "number": c.Number}))
		}
		if len(in.Aggregate.Slips) > 0 {
			asks = append(asks, r.t("asks.slips", args{"ref": r.ref("slips")}))
		}
		for _, b := range in.topCauses() {
			key := args{"cause": lowerFirst(b.Label.In(lang(r.p))), "n": agencies(b.Entries), "answers": len(b.Entries), "ref": r.ref("causes")}
			if remedy := b.Remedy.In(lang(r.p)); remedy != "" {
				key["remedy"] = remedy
				asks = append(asks, r.t("asks.remedy", key))
				continue
			}
			asks = append(asks, r.t("asks.cause", key))
		}
		if len(asks) == 0 {
			asks = append(asks, r.t("asks.none", nil))
		}
	}
	for i, a := range asks {
		r.add(paper.Rich(fmt.Sprintf("%d. %s", i+1, a)))
	}
}

// topCauses are the named causes that most answers give, in the order of the table of
// causes and five at most; "other" is no cause to act on.
func (in Input) topCauses() []readiness.Bucket {
	var out []readiness.Bucket
	for _, b := range in.Aggregate.Causes {
		if b.Key != readiness.OtherCause {
			out = append(out, b)
		}
	}
	return out[:min(5, len(out))]
}
