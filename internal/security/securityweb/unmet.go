package securityweb

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/platform/sheet"
	"dean06/internal/platform/ui"
	"dean06/internal/security"
)

// unmet is the list that row 5 of the Appendix asks for: what is not met, by system.
func (p *Pages) unmet(w http.ResponseWriter, r *http.Request) error {
	return p.showUnmet(w, r, typed{})
}

// lacking are the systems of an agency, with those that it inherited, of which the questions
// are answered, and how many beside them are not.
func (p *Pages) lacking(r *http.Request) (list []security.View, unasked int, err error) {
	all, err := p.lookAt(r, r.PathValue("agency"))
	list = slices.DeleteFunc(slices.Clone(all), func(s security.View) bool { return !s.Record.Asked })
	return list, len(all) - len(list), err
}

func (p *Pages) showUnmet(w http.ResponseWriter, r *http.Request, in typed) error {
	code := r.PathValue("agency")
	list, unasked, err := p.lacking(r)
	if err != nil {
		return err
	}
	t, pr := say(r), i18n.From(r.Context())
	v := p.listView(r, code, t("unmet.title"))
	v.Errors = in.errs
	n, all := 0, 0
	for _, s := range list {
		n += len(s.Lacking)
		all += len(s.Standard.Asked(s.Level()))
	}
	switch {
	case len(list) == 0:
		v.Add(ui.Empty(t("unmet.none"), ui.Link{Label: t("nav.systems"), Href: href(code)}))
	case n == 0:
		v.Stat = t("unmet.stat.all", fault.Args{"all": all, "systems": len(list)})
	default:
		v.Stat = t("unmet.stat", fault.Args{"n": n, "all": all, "systems": len(list)})
	}
	if len(list) > 0 {
		v.Add(ui.Para(t("unmet.lead")))
		if unasked > 0 {
			v.Add(ui.Para(t("unmet.unasked", fault.Args{"n": unasked})))
		}
		v.Add(ui.Buttons(
			ui.Action{Label: t("unmet.word"), Look: ui.Secondary, Href: href(code, "unmet.docx")},
			ui.Action{Label: t("unmet.csv"), Look: ui.Secondary, Href: href(code, "unmet.csv")},
		))
	}
	for i, s := range list {
		v.Add(ui.Subheading(p.titled(s, code)), ui.Para(t("controls.stat", fault.Args{"n": len(s.Lacking), "all": len(s.Standard.Asked(s.Level()))})))
		if len(s.Lacking) == 0 {
			continue
		}
		table := ui.Table{
			ID: "unmet-" + strconv.Itoa(i+1), Caption: p.titled(s, code), Quiet: true, Dense: true, Stack: true,
			Columns: []ui.Column{{Label: t("control")}, {Label: t("group")}, {Label: t("compliance")}, {Label: t("control.owner")}},
		}
		var lines []string
		for _, c := range s.Lacking {
			st := s.Record.Controls[c.Code]
			table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
				{Text: controlText(pr, c), Href: href(s.Agency, s.ID, "controls", c.Code)},
				{Text: groupText(pr, s.Standard, c.Group)},
				{Body: complianceMark(t, st)},
				{Text: st.Owner},
			}})
			lines = append(lines, "– "+controlText(pr, c))
		}
		v.Add(ui.DataTable(table), ui.Fold(t("unmet.copy"), ui.Textarea(ui.Field{
			Name: "text-" + strconv.Itoa(i+1), Label: t("unmet.copy.label", fault.Args{"system": p.titled(s, code)}), Value: strings.Join(lines, "\n"),
			Rows: min(12, len(lines)+1), ReadOnly: true,
		})))
	}
	if may(r, security.ActWrite, code) && len(list) > 0 && p.Fill != nil {
		v.Add(ui.Subheading(t("fill.title")), ui.Para(t("fill.lead")), ui.Form(href(code, "return"), nil, ui.Action{Label: t("fill.send")}))
	}
	return show(w, r, v, in)
}

// unmetRows are the requirements that are not met of a system, in words, with their numbers.
func unmetRows(pr *i18n.Printer, s security.View) [][]string {
	t := wordsOf(pr)
	rows := make([][]string, len(s.Lacking))
	for i, c := range s.Lacking {
		st := s.Record.Controls[c.Code]
		rows[i] = []string{strconv.Itoa(i + 1), controlText(pr, c), groupText(pr, s.Standard, c.Group), complianceText(t, st), st.Owner}
	}
	return rows
}

// unmetHead are the titles of the columns of unmetRows.
func unmetHead(t words) []string {
	return []string{t("number"), t("control"), t("group"), t("compliance"), t("control.owner")}
}

// unmetWord gives the list as Word, in the language of official papers.
func (p *Pages) unmetWord(w http.ResponseWriter, r *http.Request) error {
	code := r.PathValue("agency")
	list, unasked, err := p.lacking(r)
	if err != nil {
		return err
	}
	pr := i18n.From(r.Context()).In(i18n.Vi)
	t := wordsOf(pr)
	doc := paper.Document{
		Title: t("unmet.title"), Agency: p.Agency(code), Kind: t("unmet.kind"), Abstract: t("unmet.abstract"), Date: p.today(),
		Signature: paper.Signature{Title: t("word.signature")},
	}
	for _, s := range list {
		doc.Body = append(doc.Body, paper.Heading{Level: 2, Text: p.titled(s, code)}, paper.Text(t("unmet.of", fault.Args{
			"n": len(s.Lacking), "all": len(s.Standard.Asked(s.Level())), "standard": s.Standard.Code, "level": int(s.Level()),
		})))
		if len(s.Lacking) > 0 {
			doc.Body = append(doc.Body, tableOf([]float64{6, 44, 24, 14, 12}, unmetHead(t), unmetRows(pr, s)))
		}
	}
	if unasked > 0 {
		doc.Body = append(doc.Body, paper.Text(t("unmet.unasked", fault.Args{"n": unasked})))
	}
	return p.sendWord(w, pr, doc, "yeu-cau-chua-dap-ung-"+code+".docx")
}

// unmetCSV gives the list for a spreadsheet.
func (p *Pages) unmetCSV(w http.ResponseWriter, r *http.Request) error {
	code := r.PathValue("agency")
	list, _, err := p.lacking(r)
	if err != nil {
		return err
	}
	pr := i18n.From(r.Context())
	t := wordsOf(pr)
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "yeu-cau-chua-dap-ung-" + code + ".csv"}))
	out, err := sheet.NewCSV(w)
	if err != nil {
		return err
	}
	if err := out.Write(append([]string{t("system")}, unmetHead(t)...)...); err != nil {
		return err
	}
	for _, s := range list {
		for _, row := range unmetRows(pr, s) {
			if err := out.Write(append([]string{p.titled(s, code)}, row...)...); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// tableOf is a table of a paper out of texts.
func tableOf(widths []float64, head []string, rows [][]string) paper.Table {
	cells := func(texts []string, bold bool) []paper.Cell {
		out := make([]paper.Cell, len(texts))
		for i, text := range texts {
			out[i] = paper.Cell{Text: text, Bold: bold, Center: bold}
		}
		return out
	}
	table := paper.Table{Widths: widths, Head: cells(head, true)}
	for _, row := range rows {
		table.Rows = append(table.Rows, cells(row, false))
	}
	return table
}
