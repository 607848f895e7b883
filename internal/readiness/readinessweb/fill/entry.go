package fill

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// The coordinator enters a return for an agency on the same pages, beside the agency's
// paper that no program can read. What is typed is kept with the paper and changes no
// return until somebody takes it in.

// entryRoutes are the pages of an entry.
func (p *Pages) entryRoutes() []web.Route {
	const one = "/office/items/{item}/enter"
	may := readiness.EnterReturn.Name()
	return []web.Route{
		{Pattern: "GET " + one, Handler: p.onPaper(p.entry), May: may},
		{Pattern: "GET " + one + "/part/{part}", Handler: p.onPaper(p.part), May: may},
		{Pattern: "POST " + one + "/part/{part}", Handler: p.onPaper(p.save), May: may},
	}
}

// onPaper loads what was entered beside a paper.
func (p *Pages) onPaper(handle func(*visit) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		who := p.shell.Actor(r)
		e, err := p.shell.Register.Entry(r.Context(), who, r.PathValue("item"))
		if fault.Of(err) == fault.Conflict { // settled, or nobody has said whose it is
			f := fault.As(err)
			return web.RedirectWith(w, r, "/office/items/"+r.PathValue("item"), f.Key, f.Args)
		}
		if err != nil {
			return err
		}
		q := &visit{
			Request: r, w: w, shell: p.shell, who: who, view: e.View, p: i18n.From(r.Context()), now: clock.DayOf(p.shell.Clock.Now()),
			paper: &e.Item,
		}
		q.ret, q.revision = e.View.Record.Working()
		return handle(q)
	}
}

// edit keeps what was typed: in the agency's draft, or beside the paper.
func (q *visit) edit(e readiness.Edit) (readiness.Edited, error) {
	if q.paper == nil {
		return q.shell.Register.Edit(q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code, e)
	}
	done, err := q.shell.Register.Enter(q.Context(), q.who, q.paper.ID, e.Revision, e.Apply)
	return readiness.Edited{Record: done.View.Record}, err
}

type entryView struct {
	ui.Page
	*visit
	Tasks []ui.Task
}

// entry lists the parts of the form, to be typed beside the paper.
func (p *Pages) entry(q *visit) error {
	v := entryView{Page: p.page(q, q.p.T("fill.entry.title")), visit: q}
	show := showView{Page: v.Page, visit: q, Tasks: q.tasks()}
	parts := []int{1, 2, 3, 4}
	for _, part := range parts {
		v.Tasks = slices.Concat(v.Tasks, show.taskLines(part))
	}
	return web.Render(q.w, q.Request, http.StatusOK, entryPage(v))
}

// picture says that the paper can stand on the page itself.
func (q *visit) picture() bool {
	return slices.Contains([]string{".png", ".jpg", ".jpeg"}, strings.ToLower(filepath.Ext(q.paper.File.Name)))
}
