package forms

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

type listView struct {
	ui.Page
	May    bool
	Drafts ui.Table
	List   ui.Table
	Wrong  []string // what is wrong in a file, a line each
}

func (p *Pages) may(r *http.Request) bool {
	return readiness.Can(p.Actor(r), readiness.ManageCampaign, "") == nil
}

// list lists the published forms, and the drafts for who makes forms.
func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	v, err := p.listView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, listPage(v))
}

func (p *Pages) listView(r *http.Request) (listView, error) {
	if err := readiness.Can(p.Actor(r), readiness.ReadBoard, ""); err != nil {
		return listView{}, err
	}
	pr := i18n.From(r.Context())
	all, err := p.Register.Templates(r.Context(), p.Actor(r))
	if err != nil {
		return listView{}, err
	}
	gone, err := p.Register.Withdrawals(r.Context(), p.Actor(r))
	if err != nil {
		return listView{}, err
	}
	v := listView{Page: p.Page(r, "forms.title"), May: p.may(r)}
	v.List = ui.Table{ID: "templates", Caption: pr.T("forms.list.published"), Stack: true, Columns: []ui.Column{
		{Label: pr.T("forms.list.name")},
		{Label: pr.T("forms.list.ref")},
		{Label: pr.T("forms.list.from")},
		{Label: pr.T("forms.list.components"), Numeric: true},
		{Label: pr.T("forms.list.rows"), Numeric: true},
		{Label: pr.T("forms.list.state")},
	}}
	for _, t := range all {
		state := ui.Cell{Text: pr.T("forms.list.used")}
		if g, ok := gone[t.Ref()]; ok {
			state = ui.Cell{Body: ui.Tag(ui.Caution, pr.T("forms.list.withdrawn", map[string]any{"date": clock.DayOf(g.At)}))}
		}
		v.List.Rows = append(v.List.Rows, ui.Row{Cells: []ui.Cell{
			{Text: t.Title.In(string(pr.Lang)), Href: "/office/templates/" + t.Ref()},
			{Text: t.Ref()},
			{Text: pr.Date(t.From)},
			{Text: pr.Value(len(t.Components))},
			{Text: pr.Value(len(t.Rows))},
			state,
		}})
	}
	if !v.May {
		return v, nil
	}
	drafts, err := p.Register.FormDrafts(r.Context(), p.Actor(r))
	v.Drafts = p.draftTable(r.Context(), drafts)
	return v, err
}

func (p *Pages) draftTable(ctx context.Context, drafts []readiness.FormDraft) ui.Table {
	pr := i18n.From(ctx)
	t := ui.Table{ID: "drafts", Caption: pr.T("forms.list.drafts"), Stack: true, Columns: []ui.Column{
		{Label: pr.T("forms.list.name")},
		{Label: pr.T("forms.list.rows"), Numeric: true},
		{Label: pr.T("forms.list.saved")},
		{Label: pr.T("forms.list.by")},
		{Label: pr.T("forms.list.state")},
	}}
	for _, d := range drafts {
		state := pr.T("forms.right")
		if n := len(d.Template.Faults()); n > 0 {
			state = pr.T("forms.wrong", map[string]any{"n": n})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: called(pr, d.Template), Href: "/office/forms/" + d.ID},
			{Text: pr.Value(len(d.Template.Rows))},
			{Text: pr.Time(d.At)},
			{Text: p.By(ctx, d.By, d.At)},
			{Text: state},
		}})
	}
	return t
}

// load publishes the form of a file at once.
func (p *Pages) load(w http.ResponseWriter, r *http.Request) error {
	if err := readiness.Can(p.Actor(r), readiness.ManageCampaign, ""); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.listView(r)
	if err != nil {
		return err
	}
	var t *readiness.Template
	raw, err := theFile(form)
	if err == nil {
		t, err = p.Register.AddTemplate(r.Context(), p.Actor(r), raw)
	}
	if err == nil {
		return web.RedirectWith(w, r, "/office/templates/"+t.Ref(), "forms.loaded", fault.Args{"template": t.Ref()})
	}
	v.Errors, v.Wrong = wrongLines(r, err)
	return web.Retry(w, r, err, listPage(v))
}

// wrongLines are the lines of a file that are wrong; the summary only leads to them.
func wrongLines(r *http.Request, err error) (fault.List, []string) {
	var list fault.List
	if !errors.As(err, &list) {
		return web.FormErrors(err), nil
	}
	var lines []string
	for _, f := range list {
		lines = append(lines, i18n.T(r.Context(), f.Key, f.Args))
	}
	return fault.List{fault.New(fault.Invalid, "forms.file_wrong", fault.Args{"n": len(lines)}).At("file")}, lines
}

// theFile is the content of the one file of the form.
func theFile(form web.Form) ([]byte, error) {
	files := form.Files("file")
	if len(files) == 0 {
		return nil, fault.New(fault.Invalid, "forms.no_file", nil).At("file")
	}
	f, err := files[0].Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

type versionView struct {
	ui.Page
	Template  *readiness.Template
	May       bool
	Path      string
	Withdrawn *readiness.Withdrawal
	By        string // who withdrew it
	Reason    string // as typed
	Kinds     []ui.NavItem
	Files     []ui.Link
	Form      templ.Component
}

// version shows a published form as a kind of agency gets it.
func (p *Pages) version(w http.ResponseWriter, r *http.Request) error {
	v, err := p.versionView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, versionPage(v))
}

func (p *Pages) versionView(r *http.Request) (versionView, error) {
	if err := readiness.Can(p.Actor(r), readiness.ReadBoard, ""); err != nil {
		return versionView{}, err
	}
	t, err := p.Register.Template(r.Context(), p.Actor(r), ref(r))
	if err != nil {
		return versionView{}, err
	}
	gone, err := p.Register.Withdrawals(r.Context(), p.Actor(r))
	if err != nil {
		return versionView{}, err
	}
	pr := i18n.From(r.Context())
	v := versionView{
		Page: p.page(r, "forms.version.title", map[string]any{"template": called(pr, t)}), Template: t, May: p.may(r),
		Path: "/office/templates/" + t.Ref(),
	}
	if g, ok := gone[t.Ref()]; ok {
		v.Withdrawn, v.By = &g, p.By(r.Context(), g.By, g.At)
	}
	v.Kinds, v.Files, v.Form = shownBlank(pr, t, kindOf(r), v.Path, v.Path+"/")
	v.Files = append(v.Files, ui.Link{Label: pr.T("forms.file.json"), Href: v.Path + "/form.json"})
	return v, nil
}

func ref(r *http.Request) string { return r.PathValue("id") + "/" + r.PathValue("version") }

// kindOf is the kind of agency for which a form is shown.
func kindOf(r *http.Request) string {
	if kind := r.URL.Query().Get("kind"); kind == readiness.Ministry {
		return kind
	}
	return readiness.Province
}

// blank is a form as a kind of agency gets it, filled in by nobody.
func blank(pr *i18n.Printer, t *readiness.Template, kind string) readiness.View {
	agency := readiness.Agency{Code: kind, Kind: kind, Name: pr.T("forms.agency")}
	return readiness.View{Template: t, Agency: agency, Campaign: readiness.Campaign{ID: t.ID, Number: t.ID, Issued: t.From}}
}

// shownBlank shows a form as a kind of agency gets it, with links to the other kind and
// to the files.
func shownBlank(pr *i18n.Printer, t *readiness.Template, kind, path, files string) ([]ui.NavItem, []ui.Link, templ.Component) {
	var kinds []ui.NavItem
	var links []ui.Link
	for _, k := range []string{readiness.Ministry, readiness.Province} {
		kinds = append(kinds, ui.NavItem{Label: pr.T("readiness.kind." + k), Href: path + "?kind=" + k, Current: k == kind})
	}
	for _, format := range []string{"docx", "xlsx", "pdf"} {
		links = append(links, ui.Link{Label: pr.T("forms.file." + format), Href: files + "blank." + format + "?kind=" + kind})
	}
	return kinds, links, readinessweb.Appendix(blank(pr, t, kind), readiness.Return{}, readinessweb.AppendixOptions{})
}

// file makes a file of a form: blank for agencies, or the form itself.
func (p *Pages) file(r *http.Request, t *readiness.Template) (readinessweb.File, error) {
	if r.PathValue("file") == "form.json" {
		content, err := readiness.FormFile(t)
		return readinessweb.File{Name: readiness.FormFileName(t), MediaType: "application/json", Content: content}, err
	}
	format, ok := strings.CutPrefix(r.PathValue("file"), "blank.")
	if !ok {
		return readinessweb.File{}, errNoPage
	}
	pr := i18n.From(r.Context())
	view := blank(pr, t, kindOf(r))
	view.Agency.Name = ""
	return p.Exports.Return(r.Context(), view, nil, format, string(pr.Lang))
}

func (p *Pages) versionFile(w http.ResponseWriter, r *http.Request) error {
	if err := readiness.Can(p.Actor(r), readiness.ReadBoard, ""); err != nil {
		return err
	}
	t, err := p.Register.Template(r.Context(), p.Actor(r), ref(r))
	if err != nil {
		return err
	}
	f, err := p.file(r, t)
	if err != nil {
		return err
	}
	return f.Send(w)
}

// withdraw keeps rounds from being begun with a form.
func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	if err := readiness.Can(p.Actor(r), readiness.ManageCampaign, ""); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.Register.WithdrawForm(r.Context(), p.Actor(r), ref(r), form.Text("reason")); err != nil {
		v, lost := p.versionView(r)
		if lost != nil {
			return lost
		}
		v.Errors, v.Reason = web.FormErrors(err), form.Text("reason")
		return web.Retry(w, r, err, versionPage(v))
	}
	return web.RedirectWith(w, r, "/office/templates/"+ref(r), "forms.withdrawn", nil)
}

func (p *Pages) restore(w http.ResponseWriter, r *http.Request) error {
	if err := readiness.Can(p.Actor(r), readiness.ManageCampaign, ""); err != nil {
		return err
	}
	if err := p.Register.RestoreForm(r.Context(), p.Actor(r), ref(r)); err != nil {
		return err
	}
	return web.RedirectWith(w, r, "/office/templates/"+ref(r), "forms.restored", nil)
}
