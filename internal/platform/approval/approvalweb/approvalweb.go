// Package approvalweb is the pages of what needs a second person: what waits for
// somebody's decision, one request, roles that are taken in an emergency, and notices. All rules are
// in package approval; a page that cannot do something says who can.
package approvalweb

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// Pages are the pages of one node.
type Pages struct {
	Service *approval.Service
	Frame   web.FrameFunc
	// NodeName names a node by its subsystem in the exchange; nil shows the identifier.
	NodeName func(ctx context.Context, subsystem string) string
}

const (
	listPath      = "/approvals"
	emergencyPath = "/approvals/emergency"
	pageSize      = 30
)

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	const decide, take, tick, notices = "approval.decide", "approval.break_glass", "approval.tick_off", "approval.notices"
	return []web.Route{
		{Pattern: "GET " + listPath, Handler: p.list, May: decide},
		{Pattern: "GET /approvals/{id}", Handler: p.request, May: decide},
		{Pattern: "POST /approvals/{id}/approve", Handler: p.approve, May: decide},
		{Pattern: "POST /approvals/{id}/refuse", Handler: p.refuse, May: decide},
		{Pattern: "POST /approvals/{id}/withdraw", Handler: p.withdraw, May: decide},
		{Pattern: "GET " + emergencyPath, Handler: p.emergencies, May: take},
		{Pattern: "GET /approvals/emergency/new", Handler: p.newEmergency, May: take},
		{Pattern: "POST /approvals/emergency/new", Handler: p.newEmergencyPost, May: take},
		{Pattern: "GET /approvals/emergency/{id}", Handler: p.emergency, May: take},
		{Pattern: "POST /approvals/emergency/{id}/end", Handler: p.endEmergency, May: take},
		{Pattern: "POST /approvals/emergency/{id}/prolong", Handler: p.prolong, May: take},
		{Pattern: "POST /approvals/emergency/{id}/read", Handler: p.tickOff, May: tick},
		{Pattern: "GET " + ui.NoticesPath, Handler: p.notices, May: notices},
		{Pattern: "POST /notices/read", Handler: p.noticesRead, May: notices},
	}
}

// Nav is the link to what waits for decisions, for whoever is signed in.
func Nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	if a.Nobody() || a.Via == actor.Token {
		return nil
	}
	return []ui.NavItem{{Label: p.T("approval.page.nav"), Href: listPath}}
}

// Around puts into a frame what every page shows: in red, the role that the reader took in an
// emergency and until when; and how many notices they have not read.
func Around(ctx context.Context, s *approval.Service, p *i18n.Printer, now time.Time, f *ui.Frame) error {
	who := actor.From(ctx)
	if who.Nobody() || who.Via == actor.Token {
		return nil
	}
	held, err := s.Grants(ctx, approval.GrantFilter{Account: who.Account, At: now})
	if err != nil {
		return err
	}
	for _, g := range held {
		f.Alerts = append(f.Alerts, ui.Link{
			Label: p.T("approval.page.alert", fault.Args{"role": p.T("role." + g.Role), "until": g.Until}), Href: emergencyPath + "/" + g.ID,
		})
	}
	f.Viewer.Notices, err = s.Unread(ctx, who.Account)
	return err
}

func (p *Pages) page(r *http.Request, key string) ui.Page {
	return p.Frame(r).Page(t(r.Context(), key))
}

func t(ctx context.Context, key string, args ...map[string]any) string {
	return i18n.T(ctx, "approval.page."+key, args...)
}

// signed is who reads the page. It fails with Unsigned.
func signed(r *http.Request) (actor.Actor, error) {
	who := actor.From(r.Context())
	if who.Nobody() {
		return who, fault.New(fault.Unsigned, "approval.denied.unsigned", nil)
	}
	return who, nil
}

// node is the name of another node.
func (p *Pages) node(ctx context.Context, subsystem string) string {
	if p.NodeName != nil {
		if name := p.NodeName(ctx, subsystem); name != "" {
			return name
		}
	}
	return subsystem
}

// name is what somebody is called today, with the agency; of another node, as they were then.
func (p *Pages) name(ctx context.Context, a actor.Actor) string {
	name := p.Service.NameOf(ctx, a)
	if node, _, remote := strings.Cut(a.Account, "#"); remote && a.Via == actor.Exchange {
		return name + " · " + p.node(ctx, node)
	}
	if a.Agency != "" {
		return name + " · " + a.Agency
	}
	return name
}

// told is what went wrong as the page shows it above itself; nil when it is no fault of
// the reader's and belongs on an error page.
func told(err error) fault.List {
	if list := web.FormErrors(err); list != nil {
		return list
	}
	if f := fault.As(err); f != nil && (f.Kind == fault.Denied || f.Kind == fault.NotFound || f.Kind == fault.Unavailable) {
		return fault.List{f}
	}
	return nil
}

type listView struct {
	ui.Page
	Waiting ui.Table
	Mine    ui.Table
	Done    ui.Table
	Pages   ui.Pages
	May     []string // roles that could be taken in an emergency
	All     bool     // the reader sees those of others too
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who, err := signed(r)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	waiting, err := p.Service.Waiting(ctx, who)
	if err != nil {
		return err
	}
	mine, err := p.Service.Find(ctx, approval.Filter{By: who.Account, State: approval.Open})
	if err != nil {
		return err
	}
	done, err := p.Service.SeeAll(ctx, who, approval.Filter{Below: form.Text("below"), Limit: pageSize + 1})
	if err != nil {
		return err
	}
	view := listView{Page: p.page(r, "title")}
	if form.Text("below") != "" {
		view.Pages.Previous = listPath
	}
	if len(done) > pageSize {
		done = done[:pageSize]
		view.Pages.Next = listPath + "?below=" + done[pageSize-1].ID
	}
	if view.May, err = p.Service.Emergencies(ctx, who); err != nil {
		return err
	}
	view.Waiting = p.table(ctx, "waiting", waiting)
	view.Mine = p.table(ctx, "mine", mine)
	view.Done = p.table(ctx, "done", done)
	return web.Render(w, r, http.StatusOK, listPage(view))
}

// table is a list of requests. key names it, and what stands there when it is empty.
func (p *Pages) table(ctx context.Context, key string, list []approval.Request) ui.Table {
	pr := i18n.From(ctx)
	table := ui.Table{
		ID: key, Caption: t(ctx, key), Empty: ui.Empty(t(ctx, key+".none"), ui.Link{}),
		Columns: []ui.Column{
			{Label: t(ctx, "what")}, {Label: t(ctx, "by")}, {Label: t(ctx, "at")}, {Label: t(ctx, "until")}, {Label: t(ctx, "state")},
		},
	}
	for _, r := range list {
		by := p.name(ctx, r.By)
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: r.Says().In(pr), Href: r.Href()}, {Text: by}, {Text: pr.Time(r.At)}, {Text: pr.Time(r.Until)}, {Body: stateTag(r)},
		}})
	}
	return table
}

var tones = map[approval.State]ui.Tone{
	approval.Open: ui.Caution, approval.Approved: ui.Good, approval.Refused: ui.Bad, approval.Taken: ui.Neutral, approval.Expired: ui.Neutral,
}

type noticesView struct {
	ui.Page
	Items  []noticeItem
	Unread int
	Pages  ui.Pages
}

type noticeItem struct {
	approval.Notice
	Text string
}

func (p *Pages) notices(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who, err := signed(r)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	list, err := p.Service.Notices(ctx, who.Account, form.Text("below"), pageSize+1)
	if err != nil {
		return err
	}
	view := noticesView{Page: p.page(r, "notices")}
	if form.Text("below") != "" {
		view.Pages.Previous = ui.NoticesPath
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		view.Pages.Next = ui.NoticesPath + "?below=" + list[pageSize-1].ID
	}
	for _, n := range list {
		view.Items = append(view.Items, noticeItem{n, n.Text(i18n.From(ctx))})
	}
	if view.Unread, err = p.Service.Unread(ctx, who.Account); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, noticesPage(view))
}

// noticesRead marks one notice, or all, as read.
func (p *Pages) noticesRead(w http.ResponseWriter, r *http.Request) error {
	who, err := signed(r)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.Service.MarkRead(r.Context(), who.Account, form.Values("id")...); err != nil {
		return err
	}
	return web.Redirect(w, r, ui.NoticesPath)
}

// roles are the names of roles, for sentences.
func roles(ctx context.Context, codes []string) string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = i18n.T(ctx, "role."+c)
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), ", ")
}
