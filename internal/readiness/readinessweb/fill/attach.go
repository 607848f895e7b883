package fill

import (
	"bytes"
	"net/http"
	"net/url"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadweb"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// attachView is the files that go with a return, by answer.
type attachView struct {
	ui.Page
	*visit
	Writing bool
	Lines   []attachLine
	Where   ui.Field
	File    ui.Field
}

type attachLine struct {
	About string
	Files []readiness.Attachment
}

// attached are the files of the version that the agency writes, or else of the newest.
func (q *visit) attached() []readiness.Attachment {
	if rec := q.view.Record; !readiness.Editable(rec.State()) || !q.may(readiness.ReadDraft) {
		return rec.Attached(len(rec.Versions))
	}
	return q.view.Record.Attaching()
}

func (q *visit) attachedTo(field string) []readiness.Attachment {
	var out []readiness.Attachment
	for _, a := range q.attached() {
		if a.Field == field {
			out = append(out, a)
		}
	}
	return out
}

func (q *visit) attachAt(field string) string {
	return q.at("/attachments?" + url.Values{"field": {field}}.Encode())
}

func (p *Pages) attachView(q *visit, field string, errs fault.List) attachView {
	v := attachView{Page: p.page(q, q.p.T("fill.attach.title")), visit: q}
	v.Errors = errs
	v.Writing = q.may(readiness.EditDraft) && readiness.Editable(q.state()) && q.live()
	v.Where = ui.Field{Name: "field", Label: q.p.T("fill.attach.at"), Value: field, Errors: errs}
	add := func(field, about string) {
		v.Where.Options = append(v.Where.Options, ui.Option{Value: field, Label: about})
		if files := q.attachedTo(field); len(files) > 0 {
			v.Lines = append(v.Lines, attachLine{about, files})
		}
	}
	add("", q.p.T("fill.attach.whole"))
	known := map[string]bool{"": true}
	for _, s := range readiness.AttachAt(q.view.Template, q.ret, q.kind()) {
		at := readiness.AnswerField(q.view.Template, s.Answer)
		known[at] = true
		name := q.in(s.Row.Label)
		if s.Answer.System != "" {
			name = s.Answer.System + " – " + name
		}
		add(at, s.Answer.Row+". "+name)
	}
	for _, a := range q.attached() { // of an answer that is no longer there
		if !known[a.Field] {
			v.Lines = append(v.Lines, attachLine{q.p.T("fill.attach.whole"), []readiness.Attachment{a}})
		}
	}
	policy := upload.Papers
	v.File = ui.Field{Name: "file", Label: q.p.T("fill.attach.file"), Accept: policy.Accept(), Multiple: true, Errors: errs}
	if q.shell.UploadAttrs != nil {
		v.File.Attrs = q.shell.UploadAttrs(q.p, readiness.UploadFor(q.view.Campaign.ID, q.view.Agency.Code), policy)
	}
	return v
}

func (p *Pages) attachments(q *visit) error {
	if q.view.Record.Draft == nil && len(q.view.Record.Versions) == 0 {
		return web.RedirectWith(q.w, q.Request, q.at(""), "fill.attach.not_begun", nil)
	}
	return web.Render(q.w, q.Request, http.StatusOK, attachPage(p.attachView(q, q.URL.Query().Get("field"), nil)))
}

// attach takes files for an answer, or leaves one out.
func (p *Pages) attach(q *visit) error {
	form, err := web.ReadForm(q.Request)
	if err != nil {
		return err
	}
	campaign, agency, field := q.view.Campaign.ID, q.view.Agency.Code, form.Text("field")
	if id := form.Text("remove"); id != "" {
		if _, err := p.shell.Register.Detach(q.Context(), q.who, campaign, agency, id); err != nil {
			return err
		}
		return web.RedirectWith(q.w, q.Request, q.at("/attachments"), "fill.attach.removed", nil)
	}
	files, err := uploadweb.Files(q.Context(), p.shell.Uploads, q.who.Account, form, "file", upload.New{
		For: readiness.UploadFor(campaign, agency), Policy: upload.Papers,
	})
	if err == nil && len(files) == 0 {
		err = fault.New(fault.Invalid, "fill.attach.none_chosen", nil).At("file")
	}
	taken := 0
	for _, f := range files { // those in order stay, whatever is wrong with the others
		in := readiness.Attachment{
			Field: field, File: readiness.FileRef{Name: f.Name, SHA256: f.SHA256, Size: f.Size}, Type: f.Type.Media(),
		}
		rec, wrong := p.shell.Register.Attach(q.Context(), q.who, campaign, agency, in)
		if wrong != nil {
			err = wrong
			break
		}
		q.view.Record = rec
		taken++
	}
	if err != nil {
		errs := web.FormErrors(err)
		if len(errs) == 0 {
			return err
		}
		return web.Retry(q.w, q.Request, err, attachPage(p.attachView(q, field, errs)))
	}
	return web.RedirectWith(q.w, q.Request, q.at("/attachments"), "fill.attach.done", fault.Args{"n": taken})
}

// attachment gives one of the files.
func (p *Pages) attachment(q *visit) error {
	a, content, err := p.shell.Register.Attachment(q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code, q.PathValue("id"))
	if err != nil {
		return err
	}
	return web.SendPaper(q.w, bytes.NewReader(content), a.Type, a.File.Name)
}
