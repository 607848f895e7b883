// Package jobsweb shows the background work of a node to those who look after it:
// what waits, runs and failed, and lets them run it again or give it up.
package jobsweb

import (
	"context"
	"net/http"
	"net/url"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// Path is where the pages begin.
const Path = "/jobs"

const pageSize = 50

// Shell is what the pages need from the node around them.
type Shell struct {
	Desk  jobs.Desk
	Frame web.FrameFunc
}

// Pages are the pages.
type Pages struct{ Shell }

// New makes them.
func New(s Shell) *Pages { return &Pages{s} }

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + Path, Handler: p.list, May: "jobs.look"},
		{Pattern: "GET " + Path + "/{id}", Handler: p.one, May: "jobs.look"},
		{Pattern: "POST " + Path + "/{id}/retry", Handler: p.retry, May: "jobs.retry"},
		{Pattern: "POST " + Path + "/{id}/give-up", Handler: p.giveUp, May: "jobs.give_up"},
	}
}

type listView struct {
	ui.Page
	Table ui.Table
	Pages ui.Pages
}

// states are the tabs of the list: what failed comes first, as it needs somebody.
var states = []jobs.State{jobs.Dead, jobs.Running, jobs.Queued, jobs.Done, jobs.Cancelled}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	state := jobs.State(q.Get("state"))
	if state == "" {
		state = jobs.Dead
	}
	list, err := p.Desk.List(ctx, actor.From(ctx), jobs.Filter{State: state, Before: q.Get("before"), Limit: pageSize + 1})
	if err != nil {
		return err
	}
	pr := i18n.From(ctx)
	view := listView{Page: p.Frame(r).Page(pr.T("jobs.page.title"))}
	view.Wide = true
	for _, s := range states {
		view.Sub = append(view.Sub, ui.NavItem{Label: pr.T("jobs.state." + string(s)), Href: Path + "?state=" + string(s), Current: s == state})
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		view.Pages.Next = Path + "?" + url.Values{"state": {string(state)}, "before": {list[pageSize-1].ID}}.Encode()
	}
	if q.Get("before") != "" {
		view.Pages.Previous = Path + "?state=" + string(state)
	}
	view.Table = ui.Table{
		ID: "jobs", Stack: true, Caption: pr.T("jobs.page.title"), Quiet: true,
		Empty: ui.Empty(pr.T("jobs.page.none."+string(state)), ui.Link{}),
		Columns: []ui.Column{
			{Label: pr.T("jobs.page.kind")},
			{Label: pr.T("jobs.page.at")},
			{Label: pr.T("jobs.page.tries"), Numeric: true},
			{Label: pr.T("jobs.page.error")},
		},
	}
	for _, j := range list {
		view.Table.Rows = append(view.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: KindName(pr, j.Kind), Href: Path + "/" + j.ID}, {Text: pr.Time(j.CreatedAt)}, {Text: pr.Int(int64(j.Tries))}, {Text: j.Error},
		}})
	}
	return web.Render(w, r, http.StatusOK, listPage(view))
}

// KindName is what a kind of jobs is called: "job.<kind>", or the kind itself.
func KindName(p *i18n.Printer, kind string) string {
	if key := "job." + kind; p.Has(key) {
		return p.T(key)
	}
	return kind
}

type oneView struct {
	ui.Page
	ID    string
	Facts []ui.Fact
	Retry bool
	End   bool
}

func (p *Pages) one(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	j, err := p.Desk.Get(ctx, actor.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	pr := i18n.From(ctx)
	view := oneView{
		Page: p.Frame(r).Page(KindName(pr, j.Kind)), ID: j.ID,
		Retry: j.State == jobs.Dead || j.State == jobs.Cancelled, End: j.State == jobs.Dead || !j.Finished(),
	}
	view.Back = Path + "?state=" + string(j.State)
	add := func(key, value string) {
		if value != "" {
			view.Facts = append(view.Facts, ui.Fact{Key: pr.T("jobs.page." + key), Value: value})
		}
	}
	add("state", pr.T("jobs.state."+string(j.State)))
	add("at", pr.Time(j.CreatedAt))
	if !j.StartedAt.IsZero() {
		add("started", pr.Time(j.StartedAt))
	}
	if !j.FinishedAt.IsZero() {
		add("finished", pr.Time(j.FinishedAt))
	} else if j.State == jobs.Queued {
		add("next", pr.Time(j.RunAt))
	}
	add("tries", pr.Int(int64(j.Tries))+" / "+pr.Int(int64(j.MaxTries)))
	if j.Total > 0 {
		add("progress", pr.Int(int64(j.Done))+" / "+pr.Int(int64(j.Total)))
	}
	add("error", j.Error)
	add("id", j.ID)
	return web.Render(w, r, http.StatusOK, onePage(view))
}

func (p *Pages) retry(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, p.Desk.Retry, "jobs.page.retried")
}

func (p *Pages) giveUp(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, p.Desk.GiveUp, "jobs.page.gave_up")
}

func (p *Pages) act(w http.ResponseWriter, r *http.Request, do func(context.Context, actor.Actor, string) error, said string) error {
	id := r.PathValue("id")
	if err := do(r.Context(), actor.From(r.Context()), id); err != nil {
		return err
	}
	return web.RedirectWith(w, r, Path+"/"+id, said, fault.Args{})
}
