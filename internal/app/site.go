package app

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/styleguide"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

//go:embed messages
var messages embed.FS

// Messages are the words of the node itself: its name, navigation and commands.
var Messages, _ = fs.Sub(messages, "messages")

// SiteSettings say how a node is served.
type SiteSettings struct {
	Name    string // "" takes the board's own name in each language
	URL     string // the address that people use, for letters; "" for none
	Secure  bool   // reached over TLS
	Mail    mail.Sender
	Workers int  // jobs at once
	Demo    bool // the strip that says so, and the style guide
	Session session.Options
	Trusted []string // other origins that may post here
	Log     *slog.Logger
}

// Site is a node's pages and remote calls.
type Site struct {
	node     *Node
	settings SiteSettings
	Sessions *session.Service
	metrics  *web.Metrics
}

// NewSite makes the site of a node.
func NewSite(n *Node, s SiteSettings) *Site {
	if s.Log == nil {
		s.Log = slog.Default()
	}
	s.Session.Secure = s.Secure
	if s.Session.Node == "" {
		s.Session.Node = "board"
	}
	site := &Site{node: n, settings: s, Sessions: session.New(n.DB, n.Clock, s.Session), metrics: web.NewMetrics()}
	site.metrics.Registry.MustRegister(jobs.Metrics(n.DB))
	return site
}

// Handler is everything the node answers.
func (s *Site) Handler() http.Handler {
	rt := web.NewRouter(web.Config{
		Log: s.settings.Log, Messages: s.node.Messages, Frame: s.frame, Metrics: s.metrics,
		Within: []web.Middleware{s.Sessions.Load}, Secure: s.settings.Secure, Trusted: s.settings.Trusted,
	})
	rt.Handle("GET /healthz", web.Alive())
	rt.Handle("GET /readyz", web.Ready(s.node.DB.Ping))
	rt.Handle("GET /metrics", s.metrics.Handler())
	rt.Mount(web.Route{Pattern: "GET /{$}", Handler: s.home})
	s.mount(rt)
	rt.Mount(styleguide.Routes(s.frame)...)
	return rt.Handler()
}

// home leads each to where their work is.
func (s *Site) home(w http.ResponseWriter, r *http.Request) error {
	id, ok := session.From(r.Context())
	switch {
	case !ok:
		return web.Redirect(w, r, ui.SignInPath)
	case id.Has(string(readiness.Coordinator), string(readiness.Reviewer)):
		return web.Redirect(w, r, "/office")
	case id.Has(string(readiness.Leader)):
		return web.Redirect(w, r, "/board")
	case id.Has(string(readiness.FocalPoint)):
		return web.Redirect(w, r, "/returns")
	case id.Has(string(readiness.Auditor)):
		return web.Redirect(w, r, "/audit")
	case id.Has(string(readiness.Administrator)):
		return web.Redirect(w, r, "/org")
	}
	return web.Redirect(w, r, ui.AccountPath)
}

// actor is who acts in a request, as the register knows it.
func actor(r *http.Request) readiness.Actor {
	id, ok := session.From(r.Context())
	if !ok {
		return readiness.Actor{}
	}
	return actorOf(id)
}

func actorOf(id session.Identity) readiness.Actor {
	a := readiness.Actor{Account: id.Login, Name: id.Name, Agency: id.AgencyCode}
	if a.Account == "" {
		a.Account = id.AccountID // a programme's token has no login
	}
	for _, role := range id.Roles {
		a.Roles = append(a.Roles, readiness.Role(role))
	}
	return a
}

// frame is the layout around the pages of a request.
func (s *Site) frame(r *http.Request) ui.Frame {
	p := i18n.From(r.Context())
	node := ui.Node{Name: s.settings.Name, Owner: p.T("app.owner"), Accent: ui.Board}
	if node.Name == "" {
		node.Name = p.T("app.name")
	}
	node.Links = []ui.Link{{Label: p.T("app.nav.api"), Href: "/api"}}
	if s.settings.Demo {
		node.Notice = p.T("app.demo")
		node.Links = append(node.Links, ui.Link{Label: p.T("app.nav.ui"), Href: "/ui"})
	}
	f := ui.Frame{Node: node, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
	id, ok := session.From(r.Context())
	if !ok {
		return f
	}
	f.Viewer = ui.Viewer{Name: id.Name, SignedIn: true}
	var roles []string
	for _, role := range id.Roles {
		roles = append(roles, p.T("app.role."+role))
	}
	f.Viewer.RoleLabel = strings.Join(roles, ", ")
	if id.AgencyCode != "" {
		f.Viewer.AgencyName = s.agencyName(id.AgencyCode)
	}
	f.Nav = nav(p, actor(r))
	return f
}

// agencyName is what an agency is called today, or was called before it was merged.
func (s *Site) agencyName(code string) string {
	for _, day := range agencyDays(s.node.Clock) {
		if a, ok := s.node.Agencies.Agency(code, day); ok {
			return a.Name
		}
	}
	return code
}

// agencyDays are today and the day of the oldest letter, whose agencies still
// have accounts for the rounds that they answered.
func agencyDays(c clock.Clock) []clock.Date {
	return []clock.Date{clock.DayOf(c.Now()), clock.MustDate("2023-02-15")}
}

// nav lists the parts of the site that somebody may use.
func nav(p *i18n.Printer, a readiness.Actor) []ui.NavItem {
	var out []ui.NavItem
	add := func(may bool, key, href string) {
		if may {
			out = append(out, ui.NavItem{Label: p.T("app.nav." + key), Href: href})
		}
	}
	may := func(action readiness.Action) bool { return readiness.Can(a, action, "") == nil }
	add(a.Is(readiness.FocalPoint), "returns", "/returns")
	add(may(readiness.ResolveReading), "office", "/office")
	add(may(readiness.ReadBoard), "board", "/board")
	add(true, "org", "/org")
	add(may(readiness.ReadAudit), "audit", "/audit")
	add(may(readiness.ManageAccounts), "accounts", "/accounts")
	return out
}

// shell is what the readiness pages need.
func (s *Site) shell() readinessweb.Shell {
	return readinessweb.Shell{
		Register: s.node.Register, Clock: s.node.Clock, Frame: s.frame, Actor: actor,
		Exports: exports{s.node, s.settings.URL}, Papers: s.node.Papers, Work: work{s.node, s.settings.URL}, Country: country{s.node.Agencies},
	}
}

const pruneKind = "session.prune"

// Jobs runs what the site's pages left to be done, until ctx ends.
func (s *Site) Jobs(ctx context.Context) error {
	r := &jobs.Runner{
		DB: s.node.DB, Log: s.settings.Log, Clock: s.node.Clock, Workers: s.settings.Workers, Handlers: s.node.handlers(),
		Periodic: []jobs.Periodic{{Kind: remindKind, Slot: jobs.Daily(8, 0)}, {Kind: pruneKind, Slot: jobs.Daily(3, 0)}},
	}
	r.Handlers[pruneKind] = func(ctx context.Context, _ *jobs.Task) error { return s.Sessions.Prune(ctx) }
	r.Handlers[remindKind] = func(ctx context.Context, _ *jobs.Task) error { return work{s.node, s.settings.URL}.remindDue(ctx) }
	if s.settings.Mail != nil {
		kind, deliver := mail.Handler(s.settings.Mail)
		r.Handlers[kind] = deliver
	}
	return r.Run(ctx)
}
