// Package fill is where an agency fills in its own return: the task list, a
// page for each part of the form, the check before it is handed in, and what
// became of it. It decides nothing about returns; the register does.
package fill

import (
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
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

// Pages are the pages of an agency's returns.
type Pages struct{ shell readinessweb.Shell }

// New makes the pages.
func New(shell readinessweb.Shell) *Pages { return &Pages{shell} }

// Routes lists the pages.
func (p *Pages) Routes() []web.Route {
	const one = "/returns/{campaign}/{agency}"
	on := func(method, path string, action readiness.Action, handle func(*visit) error) web.Route {
		return web.Route{Pattern: method + " " + one + path, Handler: p.on(action, handle), May: action.Name()}
	}
	upload := on("POST", "/upload", readiness.EditDraft, p.upload)
	upload.MaxBody = readiness.MaxFile + 1<<20
	attach := on("POST", "/attachments", readiness.EditDraft, p.attach)
	if p.shell.Uploads != nil {
		attach.MaxBody = p.shell.Uploads.Most() + 1<<20
	}
	return append(p.entryRoutes(), []web.Route{
		{Pattern: "GET /returns", Handler: p.list, May: readiness.ReadReturn.Name()},
		{Pattern: "POST /returns/approval", Handler: p.settle, May: readiness.SetApproval.Name()},
		on("GET", "", readiness.ReadReturn, p.show),
		on("POST", "/start", readiness.EditDraft, p.start),
		on("GET", "/review", readiness.EditDraft, p.review),
		on("POST", "/review", readiness.EditDraft, p.confirm),
		on("GET", "/part/{part}", readiness.EditDraft, p.part),
		on("POST", "/part/{part}", readiness.EditDraft, p.save),
		on("GET", "/upload", readiness.EditDraft, p.uploadForm),
		upload,
		on("GET", "/check", readiness.SubmitReturn, p.check),
		on("POST", "/submit", readiness.SubmitReturn, p.submit),
		on("GET", "/done", readiness.ReadReturn, p.done),
		on("GET", "/withdraw", readiness.WithdrawReturn, p.withdrawForm),
		on("POST", "/withdraw", readiness.WithdrawReturn, p.withdraw),
		on("GET", "/receipt/{version}", readiness.ReadReturn, p.receipt),
		on("GET", "/receipt/{version}/{file}", readiness.ReadReturn, p.receiptFile),
		on("GET", "/original/{version}", readiness.ReadContact, p.original),
		on("GET", "/team", readiness.EditDraft, p.team),
		on("POST", "/team", readiness.EditDraft, p.share),
		on("POST", "/reply", readiness.EditDraft, p.reply),
		on("POST", "/ask", readiness.SubmitReturn, p.ask),
		on("GET", "/approval", readiness.ApproveReturn, p.approval),
		on("POST", "/approval", readiness.ApproveReturn, p.judge),
		on("GET", "/attachments", readiness.ReadReturn, p.attachments),
		attach,
		on("GET", "/attachment/{id}", readiness.ReadReturn, p.attachment),
		on("GET", "/compare", readiness.ReadReturn, p.compare),
		on("GET", "/{file}", readiness.ReadReturn, p.file),
	}...)
}

// visit is a request about one agency's return.
type visit struct {
	*http.Request
	w     http.ResponseWriter
	shell readinessweb.Shell
	who   actor.Actor
	view  readiness.View
	p     *i18n.Printer
	now   clock.Date

	ret      readiness.Return // what the agency goes on writing
	revision int

	paper *readiness.BatchItem // what the coordinator enters the return from; nil on the agency's own
	trial bool                 // whoever makes the form tries it: there is no return, and nothing is kept
}

// on loads the return that a request is about, for somebody who may do the action.
func (p *Pages) on(action readiness.Action, handle func(*visit) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, agency := p.shell.Actor(r), r.PathValue("agency")
		if err := readiness.Can(who, action, agency); err != nil {
			return err
		}
		v, err := p.shell.Register.Look(r.Context(), who, r.PathValue("campaign"), agency)
		if err != nil {
			return err
		}
		if action != readiness.ReadReturn && action != readiness.ReadContact {
			if err := v.Campaign.Live(); err != nil { // what was handed in can still be read
				return err
			}
		}
		q := &visit{Request: r, w: w, shell: p.shell, who: who, view: v, p: i18n.From(r.Context()), now: clock.DayOf(p.shell.Clock.Now())}
		q.ret, q.revision = v.Record.Working()
		return handle(q)
	}
}

// may says whether the visitor may do an action on this return.
func (q *visit) may(a readiness.Action) bool {
	return readiness.Can(q.who, a, q.view.Agency.Code) == nil
}

// live says that the round was not cancelled.
func (q *visit) live() bool { return q.view.Campaign.Cancelled == nil }

// at is the address of a page of this return.
func (q *visit) at(path string) string {
	if q.trial {
		return "#trial-" + strings.TrimPrefix(path, "/part/")
	}
	if q.paper != nil {
		return "/office/items/" + url.PathEscape(q.paper.ID) + "/enter" + path
	}
	return "/returns/" + url.PathEscape(q.view.Campaign.ID) + "/" + url.PathEscape(q.view.Agency.Code) + path
}

// in gives a text of the form in the reader's language.
func (q *visit) in(t readiness.Text) string { return t.In(string(q.p.Lang)) }

// kind is the kind of the agency.
func (q *visit) kind() string { return q.view.Agency.Kind }

// state is where the return stands.
func (q *visit) state() readiness.State { return q.view.Record.State() }

// tasks lists what is to be done.
func (q *visit) tasks() []readiness.Task { return readiness.Tasks(q.view.Template, q.ret, q.kind()) }

// page starts a page about this return.
func (p *Pages) page(q *visit, title string) ui.Page {
	page := p.shell.Frame(q.Request).Page(title)
	if q.paper != nil {
		page.Crumbs = append(page.Crumbs, ui.Link{Label: q.paper.File.Name, Href: "/office/items/" + q.paper.ID})
		if q.PathValue("part") != "" {
			page.Crumbs = append(page.Crumbs, ui.Link{Label: q.p.T("fill.entry.title"), Href: q.at("")})
		}
		page.Title = title + " – " + q.view.Agency.Name
		return page
	}
	letter := q.p.T("fill.letter", fault.Args{"number": q.view.Campaign.Number})
	if q.may(readiness.EditDraft) || q.may(readiness.ApproveReturn) {
		page.Crumbs = append(page.Crumbs, ui.Link{Label: q.p.T("fill.list.title"), Href: "/returns"})
	}
	page.Crumbs = append(page.Crumbs, ui.Link{Label: letter, Href: q.at("")})
	page.Title = title + " – " + letter
	return page
}

// field is the address where a field of the form is edited.
func (q *visit) field(field string) string {
	part := readiness.TaskOf(q.view.Template, field)
	if part == "" {
		return ""
	}
	return q.at("/part/"+part) + "#" + field
}

// fieldFromReview is field, from where one comes back to the review.
func (q *visit) fieldFromReview(field string) string {
	return strings.Replace(q.field(field), "#", "?from=review#", 1)
}

// flags are answers that were promised for a month that has passed.
func (q *visit) flags() []readiness.Problem {
	return readiness.NextRound(q.view.Template, q.view.Template, q.view.Campaign.ID, q.ret, q.now).Flags
}

// open lists the problems of a return that keep it from being handed in, and
// those that are only worth knowing.
func open(problems []readiness.Problem) (must, notes []readiness.Problem) {
	for _, p := range problems {
		if p.Severity == readiness.Notes {
			notes = append(notes, p)
		} else {
			must = append(must, p)
		}
	}
	return must, notes
}

// taskLabel names a task: a component by its label in the form.
func taskLabel(q *visit, t readiness.Task) string {
	if t.Label.Vi != "" {
		return q.in(t.Label)
	}
	return q.thing("readiness.task."+t.Key, nil)
}
