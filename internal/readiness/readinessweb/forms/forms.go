// Package forms is the pages on which the coordinator makes the forms of letters: drafts
// that are begun, copied or loaded, edited by parts, previewed, tried and published, and
// versions that are withdrawn. What a form may be is decided in package readiness.
package forms

import (
	"embed"
	"io/fs"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of these pages.
var Messages, _ = fs.Sub(messages, "messages")

// Filler is the web form of agencies: with it a form is tried.
type Filler interface {
	// Trial reads what was typed into a form (nil: nothing yet), and shows the fields of
	// all its parts. The faults are what could not be understood.
	Trial(r *http.Request, v readiness.View, typed *web.Form) (readiness.Return, templ.Component, fault.List)
}

// Pages are the pages of forms.
type Pages struct {
	readinessweb.Shell
	// Page begins a page of the office.
	Page func(r *http.Request, title string, args ...map[string]any) ui.Page
	// Filler is the form as an agency fills it in.
	Filler Filler
}

// maxForm is enough for a form's file, and for the longest of its parts.
const maxForm = 4 << 20

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	const one = "/office/forms/{draft}"
	board, manage := readiness.ReadBoard.Name(), readiness.ManageCampaign.Name()
	return []web.Route{
		{Pattern: "GET /office/templates", Handler: p.list, May: board},
		{Pattern: "POST /office/templates", Handler: p.load, MaxBody: maxForm, May: manage},
		{Pattern: "GET /office/templates/{id}/{version}", Handler: p.version, May: board},
		{Pattern: "GET /office/templates/{id}/{version}/{file}", Handler: p.versionFile, May: board},
		{Pattern: "POST /office/templates/{id}/{version}/withdraw", Handler: p.withdraw, May: manage},
		{Pattern: "POST /office/templates/{id}/{version}/restore", Handler: p.restore, May: manage},

		{Pattern: "GET /office/forms/new", Handler: p.new, May: manage},
		{Pattern: "POST /office/forms/new", Handler: p.newPost, MaxBody: maxForm, May: manage},
		{Pattern: "GET " + one, Handler: p.on(p.overview), May: manage},
		{Pattern: "POST " + one, Handler: p.on(p.overviewPost), May: manage},
		{Pattern: "GET " + one + "/preview", Handler: p.on(p.preview), May: manage},
		{Pattern: "GET " + one + "/file/{file}", Handler: p.on(p.draftFile), May: manage},
		{Pattern: "GET " + one + "/try", Handler: p.on(p.try), May: manage},
		{Pattern: "POST " + one + "/try", Handler: p.on(p.tryPost), MaxBody: readiness.MaxFile + maxForm, May: manage},
		{Pattern: "GET " + one + "/{section}", Handler: p.on(p.section), May: manage},
		{Pattern: "POST " + one + "/{section}", Handler: p.on(p.sectionPost), MaxBody: maxForm, May: manage},
		{Pattern: "GET " + one + "/{section}/{key}", Handler: p.on(p.entry), May: manage},
		{Pattern: "POST " + one + "/{section}/{key}", Handler: p.on(p.entryPost), MaxBody: maxForm, May: manage},
	}
}

// visit is a request about a draft.
type visit struct {
	*http.Request
	w     http.ResponseWriter
	p     *i18n.Printer
	draft readiness.FormDraft

	posted *web.Form // what was typed, when the page is shown again
	errs   fault.List
}

// on loads the draft that a request is about.
func (p *Pages) on(handle func(*visit) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, err := p.Register.FormDraft(r.Context(), p.Actor(r), r.PathValue("draft"))
		if err != nil {
			return err
		}
		return handle(&visit{Request: r, w: w, p: i18n.From(r.Context()), draft: d})
	}
}

// tpl is the form that is being made.
func (q *visit) tpl() *readiness.Template { return q.draft.Template }

// at is the address of a page of the draft.
func (q *visit) at(path string) string { return "/office/forms/" + url.PathEscape(q.draft.ID) + path }

// in gives a text of the form in the reader's language.
func (q *visit) in(t readiness.Text) string { return t.In(string(q.p.Lang)) }

// called is the draft's title, or what stands for one.
func (q *visit) called() string { return called(q.p, q.tpl()) }

func called(p *i18n.Printer, t *readiness.Template) string {
	title := t.Title.In(string(p.Lang))
	if title == "" {
		title = p.T("forms.untitled")
	}
	return p.T("forms.called", map[string]any{"title": title, "n": t.Version})
}

// page begins a page of forms, below the list of forms.
func (p *Pages) page(r *http.Request, title string, args ...map[string]any) ui.Page {
	page := p.Page(r, title, args...)
	page.Crumbs = []ui.Link{{Label: i18n.T(r.Context(), "forms.title"), Href: "/office/templates"}}
	for i := range page.Sub {
		page.Sub[i].Current = page.Sub[i].Href == "/office/templates"
	}
	return page
}

// draftPage begins a page about a draft, below its overview.
func (p *Pages) draftPage(q *visit, title string, args ...map[string]any) ui.Page {
	page := p.page(q.Request, title, args...)
	page.Crumbs = append(page.Crumbs, ui.Link{Label: q.called(), Href: q.at("")})
	page.Title += " – " + q.called()
	page.Errors = q.errs
	return page
}

// again shows a page once more with what was typed, when err is something that whoever
// typed it can mend. A draft that somebody else saved is shown as it is now.
func (p *Pages) again(q *visit, form web.Form, err error, show func(status int) error) error {
	q.errs, q.posted = web.FormErrors(err), &form
	if q.errs == nil {
		return err
	}
	d, lost := p.Register.FormDraft(q.Context(), p.Actor(q.Request), q.draft.ID)
	if lost != nil {
		return lost
	}
	q.draft = d
	return show(web.Status(err))
}

var errNoPage = fault.New(fault.NotFound, "web.not_found", nil)

// revision is that of the draft from which a page was made.
func revision(form web.Form) int {
	n, _, _ := form.Int("revision")
	return n
}
