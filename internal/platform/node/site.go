package node

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/alarm"
	"dean06/internal/platform/alarm/alarmweb"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/approval/approvalweb"
	"dean06/internal/platform/audit/auditweb"
	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/jobs/jobsweb"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgerweb"
	"dean06/internal/platform/permit"
	"dean06/internal/platform/session"
	"dean06/internal/platform/session/sessionweb"
	"dean06/internal/platform/signon"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/styleguide"
	"dean06/internal/platform/web"
)

// Handler is everything that the node answers on its pages' address.
func (n *Node) Handler() http.Handler {
	rt := web.NewRouter(web.Config{
		Full: sqldb.IsFull,
		Log:  n.Log, Messages: n.Messages, Frame: n.frame, Metrics: n.metrics,
		Within: []web.Middleware{n.Sessions.Load}, Secure: n.Secure,
		Leads: n.leads(),
		Known: func(ctx context.Context) bool { return !actor.From(ctx).Nobody() },
	})
	for _, h := range n.Handlers() {
		rt.Handle(h.Pattern, h.Handler)
	}
	rt.Mount(n.Routes()...)
	return n.noteRelays(rt.Handler())
}

// Handlers are what answers beside the pages: the node's own and its modules'.
func (n *Node) Handlers() []Handler {
	out := []Handler{
		{Pattern: "GET /healthz", Handler: web.Alive(), May: "anyone"},
		{Pattern: "GET /readyz", Handler: web.Ready(n.ready), May: "anyone"},
		{Pattern: "GET /metrics", Handler: n.metrics.Handler(), May: "anyone"},
	}
	if n.door != nil {
		out = append(out,
			Handler{Pattern: "POST " + signon.LogoutPath, Handler: n.door.Logout(), May: "anyone"},
			Handler{Pattern: "GET " + signon.KeysPath, Handler: n.door.Keys(), May: "anyone"},
		)
	}
	for _, p := range n.parts {
		out = append(out, p.Handlers...)
	}
	return out
}

// leads are where forms may lead beside the node itself: signing out ends at the provider.
func (n *Node) leads() []string {
	if n.door == nil {
		return nil
	}
	return []string{n.door.Origin()}
}

// Routes are the node's pages: its own and its modules'.
func (n *Node) Routes() []web.Route {
	out := []web.Route{
		{Pattern: "GET /{$}", Handler: n.home, May: "anyone"},
		{Pattern: "GET " + workPath, Handler: n.work, May: "signed in"},
	}
	out = append(out, n.accountPages().Routes()...)
	if n.door != nil {
		out = append(out, n.door.Routes()...)
	}
	out = append(out, n.logPages().Routes()...)
	out = append(out, approvalweb.New(approvalweb.Shell{
		Service: n.Approvals, Frame: n.frame, NodeName: n.nodeName, AgencyName: n.Agencies.NameOf,
	}).Routes()...)
	out = append(out, alarmweb.New(alarmweb.Shell{Service: n.Alarms, Frame: n.frame, Names: n.Sessions}).Routes()...)
	out = append(out, ledgerweb.New(ledgerweb.Shell{DB: n.DB, Chains: n.Chains, Frame: n.frame, Table: n.logTable()}).Routes()...)
	out = append(out, jobsweb.New(jobsweb.Shell{Desk: jobs.Desk{DB: n.DB}, Frame: n.frame}).Routes()...)
	for _, p := range n.parts {
		out = append(out, p.Routes...)
	}
	return append(out, styleguide.Routes(n.frame)...)
}

func (n *Node) roles() []Role { return Roles(append(n.modules, Module{Roles: n.more})) }

// Permissions are the rows of the tables that hold on this node.
func (n *Node) Permissions() []permit.Line { return Permissions(n.modules) }

// home leads each to where their work is.
func (n *Node) home(w http.ResponseWriter, r *http.Request) error {
	a := actor.From(r.Context())
	if a.Nobody() {
		for _, p := range n.parts {
			if p.Front != "" {
				return web.Redirect(w, r, p.Front)
			}
		}
		return web.Redirect(w, r, ui.SignInPath)
	}
	for _, p := range n.parts {
		if p.Home == nil {
			continue
		}
		if to := p.Home(a); to != "" {
			return web.Redirect(w, r, to)
		}
	}
	if n.readsLog(a) {
		return web.Redirect(w, r, "/audit")
	}
	return web.Redirect(w, r, ui.AccountPath)
}

// accountPages are the pages of signing in and of accounts.
func (n *Node) accountPages() *sessionweb.Pages {
	p := &sessionweb.Pages{Service: n.Sessions, Frame: n.frame, Agencies: n.agencyChoices, AgencyName: n.Agencies.NameOf}
	if n.door != nil {
		p.Identity = n.door
	}
	for _, r := range n.roles() {
		p.Roles = append(p.Roles, sessionweb.Choice{Code: r.Code, Key: roleKey(r.Code)})
	}
	for _, m := range n.modules {
		for _, scope := range m.Scopes {
			p.Scopes = append(p.Scopes, sessionweb.Choice{Code: scope, Key: "api.scope." + scope})
		}
	}
	for _, a := range n.shown {
		if a.Password == "" {
			continue
		}
		p.Demo = append(p.Demo, sessionweb.DemoAccount{Login: a.Login, Password: a.Password, RoleKey: roleKey(a.Roles[0]), Label: a.Label})
	}
	return p
}

func roleKey(code string) string { return "role." + code }

func (n *Node) agencyChoices(ctx context.Context) ([]sessionweb.Agency, error) {
	list, err := n.Agencies.Choices(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]sessionweb.Agency, len(list))
	for i, a := range list {
		out[i] = sessionweb.Agency{Code: a.Code, Name: a.Name}
	}
	return out, nil
}

// logPages are the pages of the audit log.
func (n *Node) logPages() *auditweb.Pages {
	p := &auditweb.Pages{DB: n.DB, Frame: n.frame, Readers: n.readers(), FoundBy: n.Sessions.FoundBy}
	for _, code := range n.Acts() {
		p.Actions = append(p.Actions, auditweb.Action{Code: code, Key: "act." + code})
	}
	for _, key := range n.Messages.Keys() {
		if code, ok := strings.CutPrefix(key, "act.of."); ok {
			p.Subjects = append(p.Subjects, auditweb.Action{Code: code, Key: key})
		}
	}
	return p
}

// Acts are the codes that the node's audit log may hold. "act.…" are their names.
func (n *Node) Acts() []string {
	out := slices.Concat(session.Audited, approval.Actions, alarm.Actions, jobs.Actions)
	for _, m := range n.modules {
		for _, code := range m.Actions {
			if !slices.Contains(out, code) {
				out = append(out, code)
			}
		}
	}
	return out
}

// frame is the layout around the pages of a request.
func (n *Node) frame(r *http.Request) ui.Frame {
	p := i18n.From(r.Context())
	f := ui.Frame{Node: n.named(p), Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
	id, ok := session.From(r.Context())
	if !ok {
		return f
	}
	f.Viewer = ui.Viewer{Name: id.Name, SignedIn: true}
	if id.For != nil {
		f.Viewer.Name = p.T("node.acting", map[string]any{"name": id.Name, "for": id.For.Name})
	}
	var roles []string
	for _, role := range id.Roles {
		roles = append(roles, p.T(roleKey(role)))
	}
	f.Viewer.RoleLabel = strings.Join(roles, ", ")
	if id.Agency != "" {
		f.Viewer.AgencyName = n.Agencies.NameOf(id.Agency)
	}
	f.Nav = n.nav(p, id.Actor)
	if err := approvalweb.Around(r.Context(), n.Approvals, p, n.Clock.Now(), &f); err != nil {
		n.Log.Error("what every page shows of approvals", "error", err) // the page itself is worth more
	}
	if err := alarmweb.Around(r.Context(), n.Alarms, p, &f); err != nil {
		n.Log.Error("what every page shows of alarms", "error", err)
	}
	return f
}

// named is whose system it is: as set, else by its role.
func (n *Node) named(p *i18n.Printer) ui.Node {
	c := n.Config.Node
	out := ui.Node{Name: c.Name, Owner: c.Owner, Accent: ui.Accent(c.Accent)}
	if out.Accent == "" {
		out.Accent = ui.Accent(n.Role)
	}
	if out.Name == unnamed {
		out.Name = ""
	}
	if out.Name == "" && n.owner != nil && n.owner() != "" {
		out.Name, out.Owner = p.T("node.name."+n.Role+".of", map[string]any{"agency": n.owner()}), n.owner()
	}
	if out.Name == "" {
		out.Name = p.T("node.name." + n.Role)
	}
	if out.Owner == "" {
		out.Owner = p.T("node.owner." + n.Role)
	}
	for _, part := range n.parts {
		for _, l := range part.Footer {
			out.Links = append(out.Links, ui.Link{Label: p.T(l.Key), Href: l.Href})
		}
	}
	if n.Demo {
		out.Notice = p.T("node.demo")
		if n.Role == "board" { // only there are figures that were published
			out.Notice = p.T("node.demo.board")
		}
		out.Links = append(out.Links, ui.Link{Label: p.T("nav.ui"), Href: "/ui"})
	}
	return out
}

// unnamed is the name that nobody set.
var unnamed = config.Default().Node.Name

// nav lists the parts of the site that somebody may use.
func (n *Node) nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	var out []ui.NavItem
	for _, part := range n.parts {
		if part.Nav != nil {
			out = append(out, part.Nav(p, a)...)
		}
	}
	add := func(may error, key, href string) {
		if may == nil {
			out = append(out, ui.NavItem{Label: p.T("nav." + key), Href: href})
		}
	}
	add(n.Approvals.MayDecide(a), "approvals", approvalweb.Path)
	add(n.Alarms.May(a, alarm.ActRead), "alarms", alarm.Path)
	if n.readsLog(a) {
		add(nil, "audit", "/audit")
	}
	if n.logTable().Can(a, ledger.ActCheck) == nil {
		out = append(out, ui.NavItem{Label: p.T("nav.logs"), Href: ledger.PagePath})
	}
	add(session.Permissions.Can(a, session.SeeAccounts), "accounts", "/accounts")
	add(jobs.Permissions.Can(a, jobs.Look), "jobs", jobsweb.Path)
	return out
}

// readers are the roles that read the audit log.
func (n *Node) readers() []string { return readersOf(n.roles()) }

func readersOf(roles []Role) []string {
	var out []string
	for _, r := range roles {
		if r.ReadsLog {
			out = append(out, r.Code)
		}
	}
	return out
}

// logTable is who may check the node's logs.
func (n *Node) logTable() permit.Table[ledger.Action] {
	return ledger.Permissions(keepersOf(n.roles()), n.readers())
}

// keepersOf are the roles that look after alarms.
func keepersOf(roles []Role) []string {
	var out []string
	for _, r := range roles {
		if r.Keeps {
			out = append(out, r.Code)
		}
	}
	return out
}

func (n *Node) readsLog(a actor.Actor) bool { return a.Has(n.readers()...) }

// nodeName names another node by its system in the exchange, when a module knows it.
func (n *Node) nodeName(_ context.Context, subsystem string) string {
	for _, p := range n.parts {
		if p.NodeName != nil {
			return p.NodeName(subsystem)
		}
	}
	return subsystem
}
