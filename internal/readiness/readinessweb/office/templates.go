package office

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

type templatesView struct {
	ui.Page
	May   bool
	List  ui.Table
	Wrong []string // what is wrong in a file, a line each
}

func (p *Pages) templates(w http.ResponseWriter, r *http.Request) error {
	v, err := p.templatesView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, templatesPage(v))
}

func (p *Pages) templatesView(r *http.Request) (templatesView, error) {
	if err := p.may(r, readiness.ReadBoard); err != nil {
		return templatesView{}, err
	}
	pr := i18n.From(r.Context())
	list, err := p.Register.Templates(r.Context(), p.Actor(r))
	if err != nil {
		return templatesView{}, err
	}
	v := templatesView{Page: p.page(r, "office.templates.title"), May: p.can(r, readiness.ManageCampaign)}
	v.List = ui.Table{ID: "templates", Caption: pr.T("office.templates.title"), Quiet: true, Columns: []ui.Column{
		{Label: pr.T("office.templates.ref")},
		{Label: pr.T("office.templates.name")},
		{Label: pr.T("office.templates.from")},
		{Label: pr.T("office.templates.components"), Numeric: true},
		{Label: pr.T("office.templates.rows"), Numeric: true},
	}}
	for _, t := range list {
		v.List.Rows = append(v.List.Rows, ui.Row{Cells: []ui.Cell{
			{Text: t.Ref(), Href: "/office/templates/" + t.Ref()},
			{Text: t.Title.In(lang(r))},
			{Text: pr.Date(t.From)},
			{Text: str(len(t.Components))},
			{Text: str(len(t.Rows))},
		}})
	}
	return v, nil
}

func (p *Pages) templatesPost(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ManageCampaign); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.templatesView(r)
	if err != nil {
		return err
	}
	t, err := p.addTemplate(r, form)
	if err == nil {
		return web.RedirectWith(w, r, "/office/templates/"+t.Ref(), "office.templates.added", fault.Args{"template": t.Ref()})
	}
	v.Errors = web.FormErrors(err)
	var wrong fault.List
	if errors.As(err, &wrong) {
		// The lines are shown as a list: the summary only leads there.
		for _, f := range wrong {
			v.Wrong = append(v.Wrong, i18n.T(r.Context(), f.Key, f.Args))
		}
		v.Errors = fault.List{fault.New(fault.Invalid, "office.templates.wrong", fault.Args{"n": len(v.Wrong)}).At("file")}
	}
	return web.Retry(w, r, err, templatesPage(v))
}

func (p *Pages) addTemplate(r *http.Request, form web.Form) (*readiness.Template, error) {
	files := form.Files("file")
	if len(files) == 0 {
		return nil, fault.New(fault.Invalid, "office.templates.no_file", nil).At("file")
	}
	f, err := files[0].Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return p.Register.AddTemplate(r.Context(), p.Actor(r), raw)
}

type templateView struct {
	ui.Page
	Template *readiness.Template
	Kind     string
	Kinds    []ui.NavItem
	Files    []ui.Link
	Form     templ.Component
}

func (p *Pages) template(w http.ResponseWriter, r *http.Request) error {
	view, kind, err := p.blank(r)
	if err != nil {
		return err
	}
	pr, path := i18n.From(r.Context()), "/office/templates/"+view.Template.Ref()
	v := templateView{
		Page: p.page(r, "office.template.title", map[string]any{"template": view.Template.Ref()}), Template: view.Template,
		Kind: kind,
	}
	v.Crumbs = []ui.Link{{Label: pr.T("office.templates.title"), Href: "/office/templates"}}
	for _, k := range []string{readiness.Ministry, readiness.Province} {
		v.Kinds = append(v.Kinds, ui.NavItem{Label: pr.T("readiness.kind." + k), Href: path + "?kind=" + k, Current: k == kind})
	}
	for _, format := range []string{"docx", "xlsx", "pdf"} {
		v.Files = append(v.Files, ui.Link{Label: pr.T("office.template.file." + format), Href: path + "/blank." + format + "?kind=" + kind})
	}
	v.Form = readinessweb.Appendix(view, readiness.Return{}, readinessweb.AppendixOptions{})
	return web.Render(w, r, http.StatusOK, templatePage(v))
}

// blank is a form as a kind of agency gets it, filled in by nobody.
func (p *Pages) blank(r *http.Request) (readiness.View, string, error) {
	if err := p.may(r, readiness.ReadBoard); err != nil {
		return readiness.View{}, "", err
	}
	t, err := p.Register.Template(r.Context(), p.Actor(r), r.PathValue("id")+"/"+r.PathValue("version"))
	if err != nil {
		return readiness.View{}, "", err
	}
	kind := r.URL.Query().Get("kind")
	if kind != readiness.Ministry {
		kind = readiness.Province
	}
	agency := readiness.Agency{Code: kind, Kind: kind, Name: i18n.T(r.Context(), "office.template.agency")}
	return readiness.View{Template: t, Agency: agency, Campaign: readiness.Campaign{ID: t.ID, Number: t.ID, Issued: t.From}}, kind, nil
}

func (p *Pages) templateFile(w http.ResponseWriter, r *http.Request) error {
	view, _, err := p.blank(r)
	if err != nil {
		return err
	}
	format, ok := strings.CutPrefix(r.PathValue("file"), "blank.")
	if !ok {
		return errNoPage
	}
	view.Agency.Name = ""
	f, err := p.Exports.Return(r.Context(), view, nil, format, lang(r))
	if err != nil {
		return err
	}
	return f.Send(w)
}
