package paper

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/skip2/go-qrcode"

	"dean06/internal/platform/chart"
	"dean06/internal/platform/docx"
	"dean06/internal/platform/i18n"
)

const ptPerMM = 72 / 25.4

// Word writes the document as a Word document that can be edited further.
func Word(p *i18n.Printer, d Document) ([]byte, error) {
	lang := "vi-VN"
	if p.Lang == i18n.En {
		lang = "en-GB"
	}
	w := &docxWriter{
		p: p, doc: d,
		out: docx.New(docx.Options{
			Title: d.Title, Lang: lang, Size: bodySize, PageNumbers: true, Landscape: d.Landscape, Margins: margins(d.Landscape),
		}),
	}
	w.width = textWidth(d.Landscape)
	if d.headed() {
		w.head()
	}
	w.blocks(d.Body, len(d.CopiesTo) > 0 || d.Signature.Title != "")
	w.close()
	for _, a := range d.Appendices {
		w.out.Section(docx.Section{Landscape: a.Landscape, Margins: margins(a.Landscape)})
		w.width = textWidth(a.Landscape)
		w.centred(a.Label, docx.Run{Bold: true, Size: 14})
		w.centred(strings.ToUpper(a.Name), docx.Run{Bold: true, Size: 13})
		w.centred(a.Note, docx.Run{Italic: true, Size: 13})
		w.centred(strings.Repeat("\u00a0", 30), docx.Run{Underline: true, Size: 6})
		w.blocks(a.Body, false)
	}
	if w.err != nil {
		return nil, w.err
	}
	raw, err := w.out.Bytes()
	if err != nil {
		return nil, fmt.Errorf("write word document %q: %w", d.Title, err)
	}
	return raw, nil
}

func margins(landscape bool) docx.Margins {
	if landscape {
		return docx.Margins{Top: marginTop, Right: marginRight, Bottom: marginBottom, Left: 20}
	}
	return docx.Margins{Top: marginTop, Right: marginRight, Bottom: marginBottom, Left: marginLeft}
}

// textWidth is the width between the margins in points.
func textWidth(landscape bool) float64 {
	if landscape {
		return (297 - 20 - marginRight) * ptPerMM
	}
	return (210 - marginLeft - marginRight) * ptPerMM
}

type docxWriter struct {
	p     *i18n.Printer
	doc   Document
	out   *docx.Document
	width float64
	err   error
}

func (w *docxWriter) centred(text string, look docx.Run) {
	if text == "" {
		return
	}
	look.Text = text
	w.out.Paragraph(docx.Para{Align: docx.Center, Runs: []docx.Run{look}})
}

// lines makes centred paragraphs without space between them.
func lines(look docx.Run, text string) []docx.Para {
	var out []docx.Para
	for l := range strings.SplitSeq(text, "\n") {
		look.Text = l
		out = append(out, docx.Para{Align: docx.Center, Runs: []docx.Run{look}})
	}
	return out
}

func (w *docxWriter) head() {
	d, p := w.doc, w.p
	var l, r []docx.Para
	if d.Parent != "" {
		l = append(l, lines(docx.Run{Size: 12}, strings.ToUpper(d.Parent))...)
	}
	l = append(l, lines(docx.Run{Size: 12, Bold: true}, strings.ToUpper(d.Agency))...)
	l = append(l, lines(docx.Run{Size: 4, Underline: true}, strings.Repeat("\u00a0", 50))...)
	l = append(l, lines(docx.Run{Size: 3}, "\u00a0")...)
	l = append(l, lines(docx.Run{Size: 13}, d.number(p))...)
	if d.Subject != "" {
		l = append(l, lines(docx.Run{Size: 12}, d.Subject)...)
	}
	r = append(r, lines(docx.Run{Size: 12, Bold: true}, p.T("paper.nation"))...)
	r = append(r, lines(docx.Run{Size: 13, Bold: true, Underline: true}, p.T("paper.motto"))...)
	r = append(r, lines(docx.Run{Size: 4}, "\u00a0")...)
	r = append(r, lines(docx.Run{Size: 13, Italic: true}, d.placeAndDate(p))...)
	w.out.Table(docx.Table{
		Plain: true, Widths: []float64{w.width * .42, w.width * .58},
		Rows: []docx.Row{{Whole: true, Cells: []docx.Cell{{Paras: l}, {Paras: r}}}},
	})
	if d.Kind != "" {
		w.out.Paragraph(docx.Para{
			Align: docx.Center, Before: 14, KeepNext: true, Runs: []docx.Run{{Text: strings.ToUpper(d.Kind), Bold: true, Size: 14}},
		})
		w.centred(d.Abstract, docx.Run{Bold: true, Size: 14})
		w.centred(strings.Repeat("\u00a0", 50), docx.Run{Size: 6, Underline: true})
	}
	switch {
	case len(d.To) == 1:
		w.out.Paragraph(docx.Para{Align: docx.Center, Before: 10, After: 8, Runs: []docx.Run{docx.T(p.T("paper.to") + " " + d.To[0])}})
	case len(d.To) > 1:
		const in = 70
		w.out.Paragraph(docx.Para{Indent: in, Before: 10, Runs: []docx.Run{docx.T(p.T("paper.to"))}})
		for _, l := range listed(d.To) {
			w.out.Paragraph(docx.Para{Indent: in + 24, Runs: []docx.Run{docx.T(l)}})
		}
	}
}

func (w *docxWriter) close() {
	d := w.doc
	if len(d.CopiesTo) > 0 || d.Signature.Title != "" {
		var l, r []docx.Para
		if len(d.CopiesTo) > 0 {
			l = append(l, docx.P(docx.Run{Text: w.p.T("paper.copies"), Bold: true, Italic: true, Size: 12}))
			for _, c := range listed(d.CopiesTo) {
				l = append(l, docx.P(docx.Run{Text: c, Size: 11}))
			}
		}
		if d.Signature.Title != "" {
			r = lines(docx.Run{Bold: true, Size: 13}, strings.ToUpper(d.Signature.Title))
			r = append(r, docx.P(docx.Run{Text: "\u00a0", Size: 14}))
			note := cmp.Or(d.Signature.Note, "\u00a0")
			r = append(r, lines(docx.Run{Size: 12, Italic: true}, note)...)
			r = append(r, lines(docx.Run{Size: 14}, "\u00a0\n\u00a0")...)
			if d.Signature.Name != "" {
				r = append(r, lines(docx.Run{Bold: true, Size: 14}, d.Signature.Name)...)
			}
		}
		w.out.Paragraph(docx.Para{KeepNext: true, Runs: []docx.Run{{Text: "\u00a0", Size: 6}}})
		for _, column := range [][]docx.Para{l, r} { // the code never stands on a page alone
			for i := range column {
				column[i].KeepNext = d.Proof.URL != ""
			}
		}
		w.out.Table(docx.Table{
			Plain: true, Widths: []float64{w.width / 2, w.width / 2},
			Rows: []docx.Row{{Whole: true, Cells: []docx.Cell{{Paras: l}, {Paras: r}}}},
		})
	}
	if d.Proof.URL == "" {
		return
	}
	q, err := qrcode.Encode(d.Proof.URL, qrcode.Medium, 320)
	if err != nil {
		w.err = fmt.Errorf("encode address for QR: %w", err)
		return
	}
	w.out.Image(docx.Image{PNG: q, Width: 24, Alt: d.Proof.URL})
	w.centred(d.Proof.Text, docx.Run{Italic: true, Size: 11})
	w.centred(d.Proof.URL, docx.Run{Size: 11})
}

// blocks writes blocks. The last paragraph stays with the signature that follows it.
func (w *docxWriter) blocks(blocks []Block, signed bool) {
	for i, b := range blocks {
		switch b := b.(type) {
		case Heading:
			style := [...]docx.Style{docx.Heading1, docx.Heading1, docx.Heading2, docx.Heading3}[min(max(b.Level, 0), 3)]
			first := indent * ptPerMM
			if b.Level == 0 {
				first = 0
			}
			w.out.Paragraph(docx.Para{Style: style, FirstLine: first, KeepNext: true, Runs: []docx.Run{docx.T(b.Text)}})
		case Para:
			para := docx.Para{Align: docx.Justify, FirstLine: indent * ptPerMM, KeepNext: signed && i == len(blocks)-1}
			if b.Flat || b.Center {
				para.FirstLine = 0
			}
			if b.Center {
				para.Align = docx.Center
			}
			for _, r := range b.Runs {
				para.Runs = append(para.Runs, docx.Run{Text: r.Text, Bold: r.Bold, Italic: r.Italic})
			}
			w.out.Paragraph(para)
		case Table:
			w.table(b)
		case Figure:
			w.figure(b)
		case Break:
			w.out.PageBreak()
		}
	}
}

func (w *docxWriter) table(t Table) {
	size := t.Size
	if size == 0 {
		size = 11
	}
	if t.Caption != "" {
		w.out.Paragraph(docx.Para{Align: docx.Center, KeepNext: true, Before: 6, Runs: []docx.Run{{Text: t.Caption, Bold: true, Size: 13}}})
	}
	out := docx.Table{Widths: scaled(t.Widths, w.width)}
	if len(t.Head) > 0 {
		out.HeaderRows = 1
		out.Rows = append(out.Rows, wordRow(t.Head, size))
	}
	for _, r := range t.Rows {
		out.Rows = append(out.Rows, wordRow(r, size))
	}
	if len(out.Rows) > 0 {
		w.out.Table(out)
		w.out.Paragraph(docx.Para{Runs: []docx.Run{{Text: "\u00a0", Size: 4}}})
	}
}

// signs are the statuses' signs as letters, for cells that Word draws.
var signs = map[chart.Status]string{chart.Met: "✓", chart.Partial: "◐", chart.NotMet: "✕", chart.Unknown: "?", chart.Contradicted: "≠"}

// longCell is from how many letters on a row may go over two pages: one that is higher than a
// page has to.
const longCell = 600

func wordRow(cells []Cell, size float64) docx.Row {
	row := docx.Row{Whole: true}
	for _, c := range cells {
		row.Whole = row.Whole && utf8.RuneCountInString(c.Text) < longCell
		look := docx.Run{Text: c.Text, Bold: c.Bold, Italic: c.Italic, Size: size}
		cell := docx.Cell{Span: c.Span}
		para := docx.Para{}
		switch {
		case c.Center || c.Status != "":
			para.Align = docx.Center
		case c.Right:
			para.Align = docx.Right
		}
		if c.Shade {
			cell.Shade, cell.Mid = "EEECE7", true
		}
		if c.Status != "" {
			cell.Shade, cell.Mid = strings.TrimPrefix(chart.PaintOf(chart.ClassOf(c.Status)).Fill, "#"), true
			look.Text, look.Color, look.Bold = signs[c.Status], "FFFFFF", true
		}
		para.Runs = []docx.Run{look}
		cell.Paras = []docx.Para{para}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

func (w *docxWriter) figure(f Figure) {
	if f.Chart == nil {
		return
	}
	png, err := Picture(f.Chart)
	if err != nil {
		w.err = err
		return
	}
	wide := w.width / ptPerMM
	if f.Width > 0 {
		wide *= f.Width
	}
	part := f.High
	if part == 0 {
		part = .85
	}
	high := 257.0
	if w.width > textWidth(false)+1 {
		high = 170
	}
	wide = min(wide, high*part/f.Chart.Height*f.Chart.Width)
	w.out.Image(docx.Image{PNG: png, Width: wide, Alt: f.Chart.Title + ". " + f.Chart.Desc})
	w.centred(f.Caption, docx.Run{Italic: true, Size: 12})
}
