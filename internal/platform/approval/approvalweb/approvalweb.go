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

// Shell is what the pages need from the node around them.
type Shell struct {
	Service *approval.Service
	Frame   web.FrameFunc
	// NodeName names a node by its subsystem in the exchange; nil shows the identifier.
	NodeName func(ctx context.Context, subsystem string) string
	// AgencyName names an agency by its code; nil shows the code.
	AgencyName func(code string) string
}

// Pages are the pages of one node.
type Pages struct{ Shell }

// New makes them.
func New(s Shell) *Pages { return &Pages{s} }

// Path is where one finds what waits for one's decision.
const Path = "/approvals"

const (
	emergencyPath = "/approvals/emergency"
	pageSize      = 30
)

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	const decide, take, tick, notices = "approval.decide", "approval.break_glass", "approval.tick_off", "approval.notices"
	return []web.Route{
		{Pattern: "GET " + Path, Handler: p.list, May: decide},
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

// Around puts into a frame what every page shows: in red, the role that the reader took in an
// emergency and until when; and how many notices they have not read.
func Around(ctx context.Context, s *approval.Service, p *i18n.Printer, now time.Time, f *ui.Frame) error {
	who := actor.From(ctx)
	if who.Nobody() || who.Via == actor.Token {
		return nil
	}
	held, unread, err := s.Around(ctx, who.Account, now)
	f.Viewer.Notices = unread
	if err != nil || held == 0 {
		return err
	}
	grants, err := s.Grants(ctx, approval.GrantFilter{Account: who.Account, At: now})
	for _, g := range grants {
		f.Alerts = append(f.Alerts, ui.Link{
			Label: p.T("approval.page.alert", fault.Args{"role": p.T("role." + g.Role), "until": g.Until}), Href: emergencyPath + "/" + g.ID,
		})
	}
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
	switch {
	case a.Agency == "":
		return name
	case p.AgencyName == nil:
		return name + " · " + a.Agency
	}
	return name + " · " + p.AgencyName(a.Agency)
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
	Waiting []ui.Task
	Mine    []ui.Task
	Others  []ui.Task
	Pages   ui.Pages
	May     []string // roles that could be taken in an emergency
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
	others, err := p.Service.SeeAll(ctx, who, approval.Filter{Below: form.Text("below"), Limit: pageSize + 1})
	if err != nil {
		return err
	}
	view := listView{Page: p.page(r, "title")}
	if form.Text("below") != "" {
		view.Pages.Previous = Path
	}
	if len(others) > pageSize {
		others = others[:pageSize]
		view.Pages.Next = Path + "?below=" + others[pageSize-1].ID
	}
	others = slices.DeleteFunc(others, func(o approval.Request) bool {
		above := func(r approval.Request) bool { return r.ID == o.ID }
		return slices.ContainsFunc(waiting, above) || slices.ContainsFunc(mine, above)
	})
	if view.May, err = p.Service.Emergencies(ctx, who); err != nil {
		return err
	}
	view.Waiting, view.Mine, view.Others = p.tasks(ctx, waiting), p.tasks(ctx, mine), p.tasks(ctx, others)
	return web.Render(w, r, http.StatusOK, listPage(view))
}

// tasks is a list of requests.
func (p *Pages) tasks(ctx context.Context, list []approval.Request) []ui.Task {
	pr := i18n.From(ctx)
	var out []ui.Task
	for _, r := range list {
		key := "line"
		if r.State == approval.Open {
			key = "line.open"
		}
		out = append(out, ui.Task{
			Title: r.Says().In(pr), Href: r.Href(), Tone: tones[r.State], State: pr.T("approval.state." + string(r.State)),
			Hint: t(ctx, key, fault.Args{"name": p.name(ctx, r.By), "at": r.At, "until": r.Until}),
		})
	}
	return out
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
