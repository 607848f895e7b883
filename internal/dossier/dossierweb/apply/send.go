package apply

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/eform/eformweb"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadweb"
	"dean06/internal/platform/web"
)

// maxPapers bounds a form with files that are sent without a script.
const maxPapers = 64 << 20

// papersView is the page with the papers.
type papersView struct {
	ui.Page
	ID      string
	Version int
	Plain   string
	Needs   []needView
}

// needView is one paper: what meets it, or how to bring it.
type needView struct {
	ID, Name, Hint string
	Met            []metView
	Asked          bool
	ByDesk         bool
	Field          ui.Field
	Why            []string // of a supplement
	Or             string   // other papers of which one is enough
}

type metView struct {
	How, Name, Href string
	Remove          string // file that can be taken away; "" when the state has it
	Warnings        []string
}

func (p *Pages) papers(w http.ResponseWriter, r *http.Request) error {
	return p.papersOf(w, r, http.StatusOK, nil)
}

func (p *Pages) papersOf(w http.ResponseWriter, r *http.Request, status int, errs fault.List) error {
	f, _, err := p.load(r)
	if err != nil {
		return err
	}
	ctx, d := r.Context(), f.Draft
	v := papersView{Page: p.page(r, t(ctx, "papers.title")), ID: d.ID, Version: d.Version, Plain: f.Package.Plain.In(dossierweb.Lang(ctx))}
	v.Errors, v.Back = errs, at(d.ID, "")
	for _, n := range f.Needs {
		if d.Supplies != "" && !slices.ContainsFunc(f.Asked, func(l dossier.Asked) bool { return l.Paper == n.Paper.ID }) {
			continue
		}
		v.Needs = append(v.Needs, p.need(ctx, f, n, errs))
	}
	return web.Render(w, r, status, papersPage(v))
}

func (p *Pages) need(ctx context.Context, f dossier.Filling, n dossier.Need, errs fault.List) needView {
	lang := dossierweb.Lang(ctx)
	one := needView{ID: n.Paper.ID, Name: n.Paper.Name.In(lang), Hint: n.Paper.Hint.In(lang), Asked: n.Asked, ByDesk: n.ByDesk}
	for _, m := range n.Met {
		met := metView{How: dossierweb.How(ctx, m), Name: m.Name}
		if m.File != "" && m.How != dossier.ByDossier {
			met.Href, met.Remove = at(f.Draft.ID, "/papers/"+m.File), m.File
		}
		for _, warning := range m.Warnings {
			met.Warnings = append(met.Warnings, i18n.T(ctx, upload.Warning(warning).Key()))
		}
		one.Met = append(one.Met, met)
	}
	var or []string
	for _, id := range n.Paper.OneOf {
		or = append(or, strings.ToLower(dossierweb.PaperName(ctx, f.Package, id)))
	}
	if len(or) > 0 && n.Asked {
		one.Or = t(ctx, "papers.or", map[string]any{"papers": strings.Join(or, ", ")})
	}
	for _, l := range f.Asked {
		if l.Paper == n.Paper.ID {
			one.Asked = true
			one.Why = append(one.Why, dossierweb.Joined(dossierweb.ReasonText(ctx, f.Package, l.Reason), l.Note))
		}
	}
	name := "paper-" + n.Paper.ID
	one.Field = ui.Field{
		Name: name, Label: t(ctx, "papers.choose"), Accept: upload.Papers.Accept(), Multiple: true, Errors: errs.Moved("papers."+n.Paper.ID, name),
	}
	if p.Attrs != nil {
		one.Field.Attrs = p.Attrs(i18n.From(ctx), dossierweb.UploadFor(f.Draft.ID, n.Paper.ID), upload.Papers)
	}
	return one
}

func (p *Pages) papersPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	f, _, err := p.load(r)
	if err != nil {
		return err
	}
	f.Draft, err = p.takePapers(r, f, form)
	if errs := web.FormErrors(err); len(errs) > 0 {
		return p.papersOf(w, r, web.Status(errs), errs)
	}
	if err != nil {
		return err
	}
	if form.Text("remove") != "" || form.Text("add") != "" {
		return web.Redirect(w, r, at(f.Draft.ID, "/papers"))
	}
	fresh, _, err := p.load(r)
	if err != nil {
		return err
	}
	if fresh.Draft.Supplies != "" {
		return web.Redirect(w, r, supplement(fresh, papersPath))
	}
	var missing fault.List
	for _, n := range fresh.Needs {
		if n.Asked {
			missing = append(missing, fault.New(fault.Invalid, "dossier.paper.missing", fault.Args{
				"paper": n.Paper.Name.In(dossierweb.Lang(r.Context())),
			}).At("paper-"+n.Paper.ID))
		}
	}
	if len(missing) > 0 {
		return p.papersOf(w, r, http.StatusUnprocessableEntity, missing)
	}
	return web.Redirect(w, r, p.afterForm(fresh, "papers"))
}

// takePapers takes the files of each paper, or takes one away.
func (p *Pages) takePapers(r *http.Request, f dossier.Filling, form web.Form) (dossier.Draft, error) {
	ctx, who, d := r.Context(), p.Actor(r), f.Draft
	if paper, file, ok := strings.Cut(form.Text("remove"), " "); ok {
		return p.Service.RemovePaper(ctx, who, d.ID, d.Version, paper, file)
	}
	var wrong fault.List
	for _, n := range f.Needs {
		id := n.Paper.ID
		files, err := uploadweb.Files(ctx, p.Uploads, who.Account, form, "paper-"+id, upload.New{For: dossierweb.UploadFor(d.ID, id), Policy: upload.Papers})
		if errs := web.FormErrors(err); len(errs) > 0 {
			wrong = append(wrong, errs...)
		} else if err != nil {
			return d, err
		}
		for _, file := range files {
			in := dossier.Attached{Requirement: id, How: dossier.ByUpload, File: file.SHA256, Name: file.Name, Size: file.Size, Type: file.Type.Media()}
			for _, warning := range file.Warnings {
				in.Warnings = append(in.Warnings, string(warning))
			}
			if d, err = p.Service.AttachPaper(ctx, who, d.ID, d.Version, in); err != nil {
				return d, err
			}
		}
	}
	return d, wrong.Err()
}

func (p *Pages) draftPaper(w http.ResponseWriter, r *http.Request) error {
	m, f, err := p.Service.OpenDraftPaper(r.Context(), p.Actor(r), r.PathValue("id"), r.PathValue("file"))
	if err != nil {
		return err
	}
	defer f.Close()
	return web.SendPaper(w, f, m.Type, m.Name)
}

// contactView asks how the applicant is reached, and which agency decides where several may.
type contactView struct {
	ui.Page
	ID           string
	Version      int
	Plain        string
	Phone, Email ui.Field
	Agency       ui.Field // without options: there is one
}

func (p *Pages) contact(w http.ResponseWriter, r *http.Request) error {
	return p.contactOf(w, r, http.StatusOK, nil, nil)
}

func (p *Pages) contactOf(w http.ResponseWriter, r *http.Request, status int, form *web.Form, errs fault.List) error {
	f, _, err := p.load(r)
	if err != nil {
		return err
	}
	ctx, d := r.Context(), f.Draft
	v := contactView{Page: p.page(r, t(ctx, "contact.title")), ID: d.ID, Version: d.Version, Plain: f.Package.Plain.In(dossierweb.Lang(ctx))}
	v.Errors, v.Back = errs, at(d.ID, "")
	v.Phone = ui.Field{Name: "phone", Label: t(ctx, "contact.phone"), Type: "tel", Autocomplete: "tel", Width: 20, Value: d.Applicant.Phone, Errors: errs}
	v.Email = ui.Field{Name: "email", Label: t(ctx, "contact.email"), Type: "email", Autocomplete: "email", Value: d.Applicant.Email, Errors: errs}
	v.Agency = ui.Field{Name: "competent", Label: t(ctx, "contact.agency"), Hint: t(ctx, "contact.agency.hint"), Value: d.Competent, Errors: errs}
	if len(f.Deciders) > 1 {
		for _, a := range f.Deciders {
			v.Agency.Options = append(v.Agency.Options, ui.Option{Value: a.Agency, Label: a.Name, Hint: dossierweb.FieldName(ctx, f.Package, a.By)})
		}
	}
	if form != nil {
		v.Phone.Value, v.Email.Value, v.Agency.Value = form.Text("phone"), form.Text("email"), form.Text("competent")
	}
	return web.Render(w, r, status, contactPage(v))
}

func (p *Pages) contactPost(w http.ResponseWriter, r *http.Request) error {
	form, version, err := dossierweb.Posted(r)
	if err != nil {
		return err
	}
	ctx, id := r.Context(), r.PathValue("id")
	c := dossier.Choice{Applicant: &dossier.Party{Phone: form.Text("phone"), Email: form.Text("email")}}
	if form.Has("competent") || form.Has("choose") {
		agency := form.Text("competent")
		c.Competent = &agency
	}
	_, err = p.Service.Choose(ctx, p.Actor(r), id, version, c)
	if errs := web.FormErrors(err); len(errs) > 0 {
		return p.contactOf(w, r, web.Status(errs), &form, errs)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, at(id, "/check"))
}

// checkView is everything before it is sent.
type checkView struct {
	ui.Page
	ID      string
	Version int
	Key     string
	Plain   string
	Whom    []ui.Fact
	Groups  []eformweb.Group
	Papers  []ui.Fact
	Contact []ui.Fact
	Fees    []string
	Notice  string
	Tick    ui.Field
	Asked   []ui.Fact // of a supplement
	Supply  bool
	Promise string
}

func (p *Pages) check(w http.ResponseWriter, r *http.Request) error {
	return p.checkOf(w, r, http.StatusOK, nil)
}

func (p *Pages) checkOf(w http.ResponseWriter, r *http.Request, status int, errs fault.List) error {
	f, _, err := p.load(r)
	if err != nil {
		return err
	}
	ctx, d := r.Context(), f.Draft
	lang := dossierweb.Lang(ctx)
	facts := p.Service.Facts(d)
	v := checkView{
		Page: p.page(r, t(ctx, "check.title")), ID: d.ID, Version: d.Version, Key: d.ID, Plain: f.Package.Plain.In(lang), Supply: d.Supplies != "",
	}
	if v.Supply {
		v.Title = t(ctx, "check.supply")
	}
	v.Errors, v.Back = pointed(errs), at(d.ID, "/contact")
	links := linksOf(d)
	if v.Supply {
		links = eformweb.Links{}
		v.Back = at(d.ID, "")
	}
	v.Whom = whomFacts(r, d)
	v.Groups = eformweb.Summary(ctx, &f.Package.Form, d.Answers, facts, errs, links)
	for _, n := range f.Needs {
		v.Papers = append(v.Papers, p.paperFact(ctx, d, n, v.Supply))
	}
	v.Asked = append(v.Asked, askedFacts(ctx, f.Package, f.Asked)...)
	change := []ui.Link{{Label: i18n.T(ctx, "ui.change"), Href: at(d.ID, "/contact")}}
	v.Contact = []ui.Fact{{Key: t(ctx, "contact.title"), Value: dossierweb.Joined(d.Applicant.Phone, d.Applicant.Email), Actions: change}}
	for _, a := range f.Deciders {
		if a.Agency == d.Competent || len(f.Deciders) == 1 {
			v.Contact = append(v.Contact, ui.Fact{Key: t(ctx, "contact.agency"), Value: a.Name})
			break
		}
	}
	for _, item := range f.Fees {
		v.Fees = append(v.Fees, p.feeLine(ctx, f, item))
	}
	v.Notice = f.Package.Notice.In(lang)
	v.Tick = ui.Field{Name: "notice", Label: t(ctx, "check.notice"), Options: []ui.Option{{Value: "yes", Label: t(ctx, "check.read")}}, Errors: errs}
	v.Promise = p.promise(ctx, f.Package, p.Clock.Now())
	return web.Render(w, r, status, checkPage(v))
}

// pointed leads from the error summary to where something is mended.
func pointed(errs fault.List) fault.List {
	out := make(fault.List, len(errs))
	for i, e := range errs {
		if out[i] = e; strings.HasPrefix(e.Field, "papers.") {
			out[i] = e.At("papers")
		}
	}
	return out
}

func (p *Pages) paperFact(ctx context.Context, d dossier.Draft, n dossier.Need, fixed bool) ui.Fact {
	one := ui.Fact{Key: n.Paper.Name.In(dossierweb.Lang(ctx))}
	var how []string
	for _, m := range n.Met {
		how = append(how, dossierweb.Joined(dossierweb.How(ctx, m), m.Name))
	}
	switch {
	case len(how) > 0:
		one.Value = strings.Join(how, "\n")
	case n.Asked:
		one.Value = t(ctx, "papers.missing")
	case n.ByDesk:
		one.Value = t(ctx, "papers.show")
	default:
		one.Value = t(ctx, "papers.not_needed")
	}
	if !fixed && (n.Asked || slices.ContainsFunc(n.Met, func(m dossier.Paper) bool { return m.How == dossier.ByUpload })) {
		one.Actions = []ui.Link{{Label: i18n.T(ctx, "ui.change"), Href: at(d.ID, "/papers")}}
	}
	return one
}

func (p *Pages) feeLine(ctx context.Context, f dossier.Filling, item dossier.FeeItem) string {
	for _, fee := range f.Package.Fees {
		if fee.ID == item.ID {
			args := map[string]any{"name": fee.Name.In(dossierweb.Lang(ctx)), "amount": i18n.From(ctx).Int(item.Amount)}
			if item.Unknown {
				return t(ctx, "fee.unknown", args)
			}
			return t(ctx, "fee.amount", args)
		}
	}
	return item.ID
}

func (p *Pages) send(w http.ResponseWriter, r *http.Request) error {
	form, version, err := dossierweb.Posted(r)
	if err != nil {
		return err
	}
	d, err := p.Service.Submit(r.Context(), p.Actor(r), r.PathValue("id"), dossier.Filing{
		Version: version, Key: form.Text("key"), Notice: form.Text("notice") == "yes",
	})
	if errs := web.FormErrors(err); len(errs) > 0 {
		return p.checkOf(w, r, web.Status(errs), errs)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, of(d.Code, "/sent"))
}

// fileField is the control with which a file is chosen.
func fileField(f ui.Field) templ.Component { return ui.Upload(f) }
