package securityweb

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadweb"
	"dean06/internal/platform/web"
	"dean06/internal/security"
)

// decideBlocks is the form of whoever appraises or approves a dossier; for others it says
// whose turn it is.
func (p *Pages) decideBlocks(r *http.Request, s security.View, d security.Dossier, in typed) []templ.Component {
	if d.State != security.Submitted && d.State != security.Appraised {
		return in.kept(r, "note", "number")
	}
	t, by := say(r), session.Actor(r)
	if err := p.Desk.Turn(r.Context(), by, d); err != nil {
		out := in.kept(r, "note", "number")
		if why := whyNot(r, fault.As(err), "", "security.dossier.own", "security.dossier.own_appraisal"); why != "" {
			out = append(out, ui.Para(why))
		}
		return out
	}
	fields := []templ.Component{hidden(d.Version)}
	at := href(s.Agency, s.ID, "dossiers", d.ID, "decide")
	note := ui.Textarea(in.fill(ui.Field{Name: "note", Label: t("note"), Hint: t("note." + string(d.State)), Rows: 3}))
	back := ui.Action{Label: t("decide.return"), Look: ui.Secondary, Name: "do", Value: "return"}
	out := []templ.Component{ui.Subheading(t("decide." + string(d.State)))}
	if d.State == security.Submitted {
		return append(out, ui.Form(at, append(fields, note), ui.Action{Label: t("decide.appraise"), Name: "do", Value: "appraise"}, back))
	}
	out = append(out, ui.Form(at, append(
		fields,
		ui.Text(in.fill(ui.Field{Name: "number", Label: t("decision.number.label"), Hint: t("decision.number.hint"), Width: 20})),
		ui.DateInput(in.fillDate(date(ui.Field{Name: "day", Label: t("decision.day")}, p.today()))),
		ui.DateInput(in.fillDate(ui.Field{Name: "until", Label: t("decision.until"), Hint: t("decision.until.hint"), Optional: true})),
		ui.Upload(in.fill(ui.Field{Name: "file", Label: t("decision.file"), Hint: t("decision.file.hint"), Accept: ".pdf,.docx,.png,.jpg"})),
	), ui.Action{Label: t("decide.approve"), Name: "do", Value: "approve"}))
	again := []templ.Component{ui.Form(at, append(slices.Clone(fields), note), back)}
	if in.Text("do") == "return" { // what is wrong stands open
		return append(append(out, ui.Subheading(t("decide.return"))), again...)
	}
	return append(out, ui.Fold(t("decide.return"), again...))
}

func (p *Pages) decidePost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, by, id := r.Context(), session.Actor(r), r.PathValue("dossier")
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
		return p.showDossier(w, r, typed{f, errs, true})
	})
}

// decisionOf reads the decision and keeps its file, once that was looked at.
func (p *Pages) decisionOf(r *http.Request, f web.Form) (dec security.Decision, err error) {
	dec.Number = f.Text("number")
	if dec.Day, err = f.Date("day"); err != nil {
		return dec, err
	}
	if dec.Until, err = f.Date("until"); err != nil {
		return dec, err
	}
	files, err := uploadweb.Files(r.Context(), p.Uploads, actor.From(r.Context()).Account, f, "file", upload.New{
		For: "security/decision", Policy: upload.Policy{Max: maxFile, Types: []upload.Type{upload.PDF, upload.DOCX, upload.JPEG, upload.PNG}},
	})
	if err != nil || len(files) == 0 {
		return dec, err // the desk says that it is missing, with whatever else is
	}
	dec.File = security.File{Name: files[0].Name, SHA256: files[0].SHA256, Size: files[0].Size}
	return dec, nil
}
