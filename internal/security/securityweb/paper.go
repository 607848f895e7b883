package securityweb

import (
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"dean06/internal/platform/blob"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/security"
)

// decision gives the file of a decision.
func (p *Pages) decision(w http.ResponseWriter, r *http.Request) error {
	_, d, err := p.dossierOf(r)
	if err != nil {
		return err
	}
	file := d.Decision.File
	content, err := p.Files.Open(r.Context(), blob.Ref{SHA256: file.SHA256, Size: file.Size})
	if err != nil {
		return fault.New(fault.NotFound, "security.dossier.no_file", nil).Because(err)
	}
	defer func() { _ = content.Close() }()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
	_, err = io.Copy(w, content)
	return err
}

// word gives a dossier as Word, in the language of official papers.
func (p *Pages) word(w http.ResponseWriter, r *http.Request) error {
	s, d, err := p.dossierOf(r)
	if err != nil {
		return err
	}
	pr := i18n.From(r.Context()).In(i18n.Vi)
	t := wordsOf(pr)
	doc := paper.Document{
		Title: t("word.title", fault.Args{"system": s.Name}), Agency: p.Agency(d.Agency), Kind: t("word.kind"),
		Abstract:  t("word.abstract", fault.Args{"n": int(d.Level), "system": s.Name}),
		Signature: paper.Signature{Title: t("word.signature")}, Date: p.today(),
	}
	facts := [][]string{
		{t("system"), s.Name},
		{t("unit"), s.Unit},
		{t("word.owner"), p.Agency(d.Agency)},
		{t("level"), t("level.by", fault.Args{"n": int(d.Level), "rules": d.Rules})},
		{t("subsystems"), strings.Join(subsystemsOf(s, d), "\n")},
		{t("people"), pr.Int(people(s))},
		{t("ground"), t("ground." + string(d.Ground))},
		{t("state"), t("state." + string(d.State))},
	}
	if d.Decision.Number != "" {
		facts = append(facts, []string{t("decision.number"), t("decision.of", fault.Args{"number": d.Decision.Number, "day": pr.Date(d.Decision.Day)})})
	}
	table := paper.Table{Widths: []float64{35, 65}, Size: 12}
	for _, f := range facts {
		table.Rows = append(table.Rows, []paper.Cell{{Text: f[0], Bold: true}, {Text: f[1]}})
	}
	doc.Body = append(doc.Body, table)
	for i, part := range security.PartsOf(d.Level) {
		doc.Body = append(doc.Body, paper.Heading{Level: 1, Text: strconv.Itoa(i+1) + ". " + t("part."+string(part))})
		text := d.Parts[part]
		if text == "" && d.State == security.Draft {
			text = p.drafted(r, s, part)
		}
		if text == "" {
			text = t("word.empty")
		}
		for line := range strings.SplitSeq(text, "\n") {
			doc.Body = append(doc.Body, paper.Text(line))
		}
	}
	asked := s.Standard.Asked(d.Level)
	rows := make([][]string, len(asked))
	for i, c := range asked {
		st := s.Record.Controls[c.Code]
		rows[i] = []string{strconv.Itoa(i + 1), controlText(pr, c), complianceText(t, st), st.Owner, st.Evidence}
	}
	head := []string{t("number"), t("control"), t("compliance"), t("control.owner"), t("control.evidence")}
	doc.Appendices = []paper.Appendix{{
		Label: t("word.appendix"), Name: t("word.controls", fault.Args{"standard": s.Standard.Code, "n": int(d.Level)}),
		Note: t("word.controls.note", fault.Args{"day": pr.Date(p.today())}),
		Body: []paper.Block{tableOf([]float64{6, 40, 16, 16, 22}, head, rows)},
	}}
	return p.sendWord(w, pr, doc, "ho-so-cap-do-"+d.Agency+"-"+d.System+".docx")
}

func (p *Pages) sendWord(w http.ResponseWriter, pr *i18n.Printer, doc paper.Document, name string) error {
	raw, err := paper.Word(pr, doc)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, err = w.Write(raw)
	return err
}
