// Package cleaningreport writes what goes back with a cleaned file: the letter with its
// figures, and the rows as a workbook.
package cleaningreport

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"

	"dean06/internal/cleaning"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the words of the letter.
var Messages, _ = fs.Sub(messages, "messages")

// In is what a letter is made of.
type In struct {
	Standing cleaning.Standing
	From, To string // names of the agencies
	Today    clock.Date
	URL      string // of the page that proves it; "" for none
}

// Letter is the letter that goes with a cleaned file: what was asked, what became of the
// rows, how sure it is, and what proves the file. It names nobody.
func Letter(p *i18n.Printer, in In) paper.Document {
	b, s := in.Standing.Batch, in.Standing
	t := func(key string, args map[string]any) string { return p.T("cleaning.letter."+key, args) }
	d := paper.Document{
		Title: t("title", nil), Agency: in.From, Symbol: "DLDC", Place: t("place", nil), Subject: t("subject", map[string]any{"file": b.Name}),
		To: []string{in.To}, Signature: paper.Signature{Title: t("signs", nil), Note: t("unsigned", nil)}, CopiesTo: []string{t("above", nil), t("copies", nil)},
	}
	if in.URL != "" {
		d.Proof = paper.Proof{URL: in.URL, Text: t("proof", map[string]any{"code": b.Code()})}
	}
	add := func(key string, args map[string]any) { d.Body = append(d.Body, paper.Text(t(key, args))) }
	add("asked", map[string]any{"file": b.Name, "day": p.Date(clock.DayOf(b.At)), "basis": b.Basis, "purpose": b.Purpose, "as_of": p.Time(b.AsOf)})
	table := paper.Table{Caption: t("figures", nil), Widths: []float64{5, 2, 2}, Head: paper.HeadCells(t("outcome", nil), t("rows", nil), t("share", nil))}
	all := 0
	for _, n := range s.Outcomes {
		all += n
	}
	for _, o := range cleaning.Outcomes {
		n := s.Outcomes[o]
		if n == 0 && o == cleaning.Duplicate { // which no file of a node has
			continue
		}
		table.Rows = append(table.Rows, []paper.Cell{
			{Text: capital(p.T("cleaning.outcome." + string(o)))},
			{Text: p.Int(int64(n)), Right: true},
			{Text: p.Float(100*float64(n)/float64(max(all, 1)), 1) + "%", Right: true},
		})
	}
	table.Rows = append(table.Rows, []paper.Cell{{Text: t("all", nil), Bold: true}, {Text: p.Int(int64(all)), Right: true, Bold: true}, {}})
	d.Body = append(d.Body, table)
	if r := b.Report; r != nil {
		add("sure", map[string]any{
			"error": p.Float(1e4*r.Estimated.Error, 2), "from": p.Float(1e4*r.Estimated.ErrorInterval[0], 2), "to": p.Float(1e4*r.Estimated.ErrorInterval[1], 2),
			"recall": p.Float(100*r.Estimated.Recall, 1), "bad": r.Bad,
		})
	}
	if m := s.Measured; m.Control > 0 {
		add("measured", map[string]any{
			"n": m.Control, "right": m.Right, "from": p.Float(100*m.Precision[0], 1), "to": p.Float(100*m.Precision[1], 1), "reviewers": m.Reviewers,
		})
	}
	if r := s.Measured.Recall; r != nil {
		add("recall", map[string]any{"from": p.Float(100*r.From, 1), "to": p.Float(100*r.To, 1), "open": r.Open})
	}
	if len(b.Papers) > 0 { // their signatures are files of their own: nobody types one off a letter
		files := paper.Table{Caption: t("files", nil), Widths: []float64{1.5, 2.7, 14.5}, Head: paper.HeadCells(t("format", nil), t("size", nil), "SHA-256")}
		for _, f := range b.Papers {
			files.Rows = append(files.Rows, []paper.Cell{
				{Text: strings.ToUpper(f.Format)}, {Text: t("bytes", map[string]any{"bytes": p.Int(f.File.Size)}), Right: true}, {Text: f.File.SHA256},
			})
		}
		d.Body = append(d.Body, files)
		add("signed", nil)
	}
	add("alive", nil)
	add("until", map[string]any{"until": p.Date(b.Until)})
	return d
}

// capital writes the first letter of a cell large, as papers do.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// Written is the letter as a file: docx or pdf.
func Written(p *i18n.Printer, in In, format string) ([]byte, error) {
	switch format {
	case "docx":
		return paper.Word(p, Letter(p, in))
	case "pdf":
		return paper.PDF(p, Letter(p, in))
	}
	return nil, fmt.Errorf("a letter is docx or pdf, not %q", format)
}
