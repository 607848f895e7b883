// Package programmereport writes the monthly letter to the Government on how the tasks of
// Project 06 stand, as Word and PDF.
package programmereport

import (
	"embed"
	"fmt"
	"io/fs"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/programme"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the words of the letter.
var Messages, _ = fs.Sub(messages, "messages")

// In is what a letter is made of.
type In struct {
	From    string // name of the coordinating agency
	Day     clock.Date
	Main    programme.Figure // of which the first sentence speaks
	Figures []programme.Figure
	Levels  []programme.Part // how the unit tasks stand, by level
	Late    []programme.Part // agencies with what is overdue, the most first
	Rows    []Line           // registers with what is owed after its day
	Say     func(f *programme.Figure) string
	Agency  func(code string) string
	URL     string // of the page that proves it; "" for none
}

// Line is a register with a number.
type Line struct {
	Name string
	N    int
}

// mostLate bounds the agencies that are named.
const mostLate = 15

// Letter is the letter.
func Letter(p *i18n.Printer, in In) paper.Document {
	t := func(key string, args map[string]any) string { return p.T("programme.letter."+key, args) }
	d := paper.Document{
		Title: t("title", nil), Agency: in.From, Symbol: "ĐA06", Place: t("place", nil), Subject: t("subject", map[string]any{"day": in.Day}),
		To: []string{t("to.government", nil), t("to", nil)}, Signature: paper.Signature{Title: t("signs", nil), Note: t("unsigned", nil)},
		CopiesTo: []string{t("copies.above", nil), t("copies", nil)},
	}
	if in.URL != "" {
		d.Proof = paper.Proof{URL: in.URL, Text: t("proof", map[string]any{"day": in.Day})}
	}
	add := func(key string, args map[string]any) { d.Body = append(d.Body, paper.Text(t(key, args))) }
	if in.Main.Value == nil {
		add("opening.none", map[string]any{"day": in.Day})
	} else {
		add("opening", map[string]any{"day": in.Day, "value": in.Say(&in.Main)})
		if in.Main.Note != "" {
			d.Body = append(d.Body, paper.Text(in.Main.Note))
		}
	}
	if all := programme.Total(in.Levels); all.All() > 0 {
		add("stands", map[string]any{
			"all": all.All(), "done": all.Done, "overdue": all.Overdue, "blocked": all.Blocked, "at_risk": all.AtRisk, "waiting": all.Waiting,
		})
		d.Body = append(d.Body, levels(p, in.Levels))
	}
	if len(in.Figures) > 0 {
		d.Body = append(d.Body, figures(p, in))
	}
	number := func(n int) paper.Cell { return paper.Cell{Text: p.Int(int64(n)), Right: true} }
	if len(in.Late) > 0 {
		late := paper.Table{Caption: t("late", nil), Widths: []float64{8, 2}, Head: paper.HeadCells(t("agency", nil), t("overdue", nil))}
		for i, l := range in.Late {
			if i == mostLate {
				break
			}
			late.Rows = append(late.Rows, []paper.Cell{{Text: in.Agency(l.Key)}, number(l.Overdue)})
		}
		d.Body = append(d.Body, late)
		if more := len(in.Late) - mostLate; more > 0 {
			add("late.more", map[string]any{"n": more})
		}
	}
	if len(in.Rows) > 0 {
		rows := paper.Table{Caption: t("rows", nil), Widths: []float64{8, 2}, Head: paper.HeadCells(t("register", nil), t("overdue", nil))}
		for _, l := range in.Rows {
			rows.Rows = append(rows.Rows, []paper.Cell{{Text: l.Name}, number(l.N)})
		}
		d.Body = append(d.Body, rows)
	}
	add("closing", nil)
	return d
}

// levels is how the unit tasks stand, by level.
func levels(p *i18n.Printer, list []programme.Part) paper.Table {
	t := func(key string) string { return p.T("programme.letter." + key) }
	out := paper.Table{
		Caption: t("levels"), Widths: []float64{4, 1.5, 1.5, 1.5, 1.5, 1.5},
		Head: paper.HeadCells(t("level"), t("all"), t("done"), t("overdue"), t("blocked"), t("at_risk")),
	}
	for _, l := range list {
		row := []paper.Cell{{Text: t("level." + l.Key)}}
		for _, n := range []int{l.All(), l.Done, l.Overdue, l.Blocked, l.AtRisk} {
			row = append(row, paper.Cell{Text: p.Int(int64(n)), Right: true})
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

func figures(p *i18n.Printer, in In) paper.Table {
	t := func(key string) string { return p.T("programme.letter." + key) }
	out := paper.Table{Caption: t("figures"), Widths: []float64{5, 2, 5}, Head: paper.HeadCells(t("figure"), t("value"), t("note"))}
	for i := range in.Figures {
		f := &in.Figures[i]
		out.Rows = append(out.Rows, []paper.Cell{{Text: f.Name.In(string(p.Lang))}, {Text: in.Say(f), Right: true}, {Text: f.Note}})
	}
	return out
}

// Written is the letter as a file: docx or pdf. It fails with NotFound for another.
func Written(p *i18n.Printer, in In, format string) ([]byte, error) {
	switch format {
	case "docx":
		return paper.Word(p, Letter(p, in))
	case "pdf":
		return paper.PDF(p, Letter(p, in))
	}
	return nil, fault.New(fault.NotFound, "programme.unknown", nil).Because(fmt.Errorf("a letter is docx or pdf, not %q", format))
}
