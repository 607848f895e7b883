package securityweb

import (
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/blob"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/security"
)

func sortEvents(list []ui.Event) {
	slices.SortStableFunc(list, func(a, b ui.Event) int { return b.At.Compare(a.At) })
}

// decide is the dossier before whoever appraises or approves it.
func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	return p.showDecide(w, r, typed{})
}

func (p *Pages) showDecide(w http.ResponseWriter, r *http.Request, in typed) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	d := s.Open
	if d == nil || d.State == security.Draft {
		return web.Redirect(w, r, href(s.Agency, s.ID))
	}
	t := say(r)
	v := p.view(r, t("decide.title"), p.crumbs(r, s)...)
	v.Lead, v.Errors = s.Name, in.errs
	v.Add(ui.Para(p.turn(r, *d)), ui.Para(t("level.says", fault.Args{"n": int(s.Proposal.Level), "rules": s.Proposal.Rules})), ui.Bullets(reasons(r, s.Proposal)))
	facts := []ui.Fact{
		{Key: t("level"), Value: t("level.proposed", fault.Args{"n": int(d.Level)})},
		{Key: t("subsystems"), Value: strings.Join(d.Subsystems, "\n")},
	}
	for _, part := range security.PartsOf(d.Level) {
		facts = append(facts, ui.Fact{Key: t("part." + string(part)), Value: d.Parts[part]})
	}
	v.Add(ui.SummaryList(facts))
	fields := []templ.Component{hidden(d.Version), ui.Hidden("dossier", d.ID)}
	note := ui.Textarea(in.fill(ui.Field{Name: "note", Label: t("note"), Hint: t("note." + string(d.State)), Rows: 3}))
	back := ui.Action{Label: t("decide.return"), Look: ui.Secondary, Name: "do", Value: "return"}
	if d.State == security.Submitted {
		v.Add(ui.Form(href(s.Agency, s.ID, "decide"), append(fields, note), ui.Action{Label: t("decide.appraise"), Name: "do", Value: "appraise"}, back))
	} else {
		v.Add(ui.Form(href(s.Agency, s.ID, "decide"), append(fields,
			ui.Text(in.fill(ui.Field{Name: "number", Label: t("decision.number"), Hint: t("decision.number.hint"), Width: 20})),
			ui.DateInput(in.fillDate(date(ui.Field{Name: "day", Label: t("decision.day")}, p.today()))),
			ui.DateInput(in.fillDate(ui.Field{Name: "until", Label: t("decision.until"), Hint: t("decision.until.hint"), Optional: true})),
			ui.Upload(in.fill(ui.Field{Name: "file", Label: t("decision.file"), Hint: t("decision.file.hint"), Accept: ".pdf,.docx,.png,.jpg"})),
		), ui.Action{Label: t("decide.approve"), Name: "do", Value: "approve"}))
		v.Add(ui.Fold(t("decide.return"), ui.Form(href(s.Agency, s.ID, "decide"), append(slices.Clone(fields), note), back)))
	}
	if in.errs != nil {
		return web.Retry(w, r, in.errs, ui.Stack(v))
	}
	return web.Render(w, r, http.StatusOK, ui.Stack(v))
}

func (p *Pages) decidePost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, by, id := r.Context(), session.Actor(r), f.Text("dossier")
	done := "secure.done.return"
	switch f.Text("do") {
	case "appraise":
		done = "secure.done.appraise"
		err = p.Desk.Appraise(ctx, by, id, version(f), f.Text("note"))
	case "approve":
		done = "secure.done.approve"
		var dec security.Decision
		if dec, err = p.decisionOf(r, f); err == nil {
			err = p.Desk.Approve(ctx, by, id, version(f), dec)
		}
	default:
		err = p.Desk.Return(ctx, by, id, version(f), f.Text("note"))
	}
	return after(w, r, err, href(r.PathValue("agency"), r.PathValue("system")), done, func(errs fault.List) error {
		return p.showDecide(w, r, typed{f, errs, true})
	})
}

// decisionOf reads the decision and keeps its file.
func (p *Pages) decisionOf(r *http.Request, f web.Form) (dec security.Decision, err error) {
	dec.Number = f.Text("number")
	if dec.Day, err = f.Date("day"); err != nil {
		return dec, err
	}
	if dec.Until, err = f.Date("until"); err != nil {
		return dec, err
	}
	uploads := f.Files("file")
	if len(uploads) == 0 {
		return dec, nil // the desk says that it is missing, with whatever else is
	}
	file, err := uploads[0].Open()
	if err != nil {
		return dec, err
	}
	defer func() { _ = file.Close() }()
	ref, err := p.Files.Put(r.Context(), file, maxFile)
	dec.File = security.File{Name: uploads[0].Filename, SHA256: ref.SHA256, Size: ref.Size}
	return dec, err
}

// dossierOf is the dossier of an address, of the system of the address.
func (p *Pages) dossierOf(r *http.Request) (security.View, security.Dossier, error) {
	s, err := p.one(r)
	if err != nil {
		return s, security.Dossier{}, err
	}
	i := slices.IndexFunc(s.Dossiers, func(d security.Dossier) bool { return d.ID == r.PathValue("dossier") })
	if i < 0 {
		return s, security.Dossier{}, fault.New(fault.NotFound, "security.dossier.unknown", nil)
	}
	return s, s.Dossiers[i], nil
}

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
	t := func(key string, a ...map[string]any) string { return pr.T("secure."+key, a...) }
	doc := paper.Document{
		Title: t("word.title", fault.Args{"system": s.Name}), Agency: p.Agency(d.Agency), Kind: t("word.kind"),
		Abstract:  t("word.abstract", fault.Args{"n": int(d.Level), "system": s.Name}),
		Signature: paper.Signature{Title: t("word.signature")}, Date: p.today(),
	}
	for i, part := range security.PartsOf(d.Level) {
		doc.Body = append(doc.Body, paper.Heading{Level: 1, Text: strconv.Itoa(i+1) + ". " + t("part."+string(part))})
		for line := range strings.SplitSeq(d.Parts[part], "\n") {
			doc.Body = append(doc.Body, paper.Text(line))
		}
	}
	raw, err := paper.Word(pr, doc)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "ho-so-cap-do-" + d.Agency + "-" + d.System + ".docx"}))
	_, err = w.Write(raw)
	return err
}
