package app

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"dean06/internal/platform/audit/auditweb"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/session"
	"dean06/internal/platform/session/sessionweb"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/styleguide"
	"dean06/internal/platform/web"
)

//go:embed messages
var messages embed.FS

// Messages are the words of the node itself: its name, navigation and commands.
var Messages, _ = fs.Sub(messages, "messages")

// SiteSettings say how a node is served.
type SiteSettings struct {
	Name    string // "" takes the role's own name in each language
	Owner   string // "" takes the role's own
	URL     string // the address that people use, for letters; "" for none
	Secure  bool   // reached over TLS
	Mail    mail.Sender
	Workers int  // jobs at once
	Demo    bool // the strip that says so, and the style guide
	Session session.Options
	Trusted []string // other origins that may post here
	Log     *slog.Logger

	accounts []session.SeedAccount // of the demo, to be shown where one signs in
}

// Site is a node's pages and remote calls.
type Site struct {
	base     *Base
	role     role
	parts    []part
	settings SiteSettings
	Sessions *session.Service
	metrics  *web.Metrics
	owner    func() string // the agency whose gateway it is; "" before it has joined
}

// role is what a node is; a part of the keys of its texts, and its colour.
type role string

const (
	roleBoard     role = "board"
	roleAuthority role = "authority"
	roleHub       role = "hub"
	roleAgency    role = "agency"
)

var accentOf = map[role]ui.Accent{roleBoard: ui.Board, roleAuthority: ui.Authority, roleHub: ui.Hub, roleAgency: ui.Agency}

// part is a module on a node: what it adds to the site and does in the background.
type part interface {
	// mount adds its pages and remote calls.
	mount(s *Site, rt *web.Router)
	// home is where somebody's work is; "" when it is not here.
	home(id session.Identity) string
	// nav is its share of the navigation.
	nav(p *i18n.Printer, id session.Identity) []ui.NavItem
	// access is who may do what on the pages that all nodes have.
	access() access
	// work is its jobs.
	work(s *Site) work
}

// access is what a part gives to the pages of accounts and of the audit log.
type access struct {
	roles   []string
	scopes  []string
	readers []string // of the audit log
	actions []string // that the audit log may hold
}

// work is the jobs of a part.
type work struct {
	handlers map[string]jobs.Handler
	periodic []jobs.Periodic
}

// NewSite makes the site of a board.
func NewSite(n *Node, s SiteSettings) *Site {
	return newSite(n.Base, roleBoard, s, &boardPart{node: n})
}

func newSite(b *Base, r role, s SiteSettings, parts ...part) *Site {
	if s.Log == nil {
		s.Log = slog.Default()
	}
	s.Session.Secure = s.Secure
	if s.Session.Node == "" {
		s.Session.Node = string(r)
	}
	site := &Site{base: b, role: r, parts: parts, settings: s, Sessions: session.New(b.DB, b.Clock, s.Session), metrics: web.NewMetrics()}
	site.metrics.Registry.MustRegister(jobs.Metrics(b.DB))
	return site
}

// Handler is everything the node answers.
func (s *Site) Handler() http.Handler {
	rt := web.NewRouter(web.Config{
		Log: s.settings.Log, Messages: s.base.Messages, Frame: s.frame, Metrics: s.metrics,
		Within: []web.Middleware{s.Sessions.Load}, Secure: s.settings.Secure, Trusted: s.settings.Trusted,
	})
	rt.Handle("GET /healthz", web.Alive())
	rt.Handle("GET /readyz", web.Ready(s.base.DB.Ping))
	rt.Handle("GET /metrics", s.metrics.Handler())
	rt.Mount(web.Route{Pattern: "GET /{$}", Handler: s.home})
	rt.Mount(s.accounts().Routes()...)
	rt.Mount(s.log().Routes()...)
	for _, p := range s.parts {
		p.mount(s, rt)
	}
	rt.Mount(styleguide.Routes(s.frame)...)
	return rt.Handler()
}

// home leads each to where their work is.
func (s *Site) home(w http.ResponseWriter, r *http.Request) error {
	id, ok := session.From(r.Context())
	if !ok {
		return web.Redirect(w, r, ui.SignInPath)
	}
	for _, p := range s.parts {
		if to := p.home(id); to != "" {
			return web.Redirect(w, r, to)
		}
	}
	if id.Has(s.access().readers...) {
		return web.Redirect(w, r, "/audit")
	}
	return web.Redirect(w, r, ui.AccountPath)
}

// access joins what the parts give.
func (s *Site) access() access {
	var all access
	add := func(list *[]string, more []string) {
		for _, v := range more {
			if !slices.Contains(*list, v) {
				*list = append(*list, v)
			}
		}
	}
	for _, p := range s.parts {
		a := p.access()
		add(&all.roles, a.roles)
		add(&all.scopes, a.scopes)
		add(&all.readers, a.readers)
		add(&all.actions, a.actions)
	}
	return all
}

// accounts are the pages of signing in and of accounts.
func (s *Site) accounts() *sessionweb.Pages {
	p := &sessionweb.Pages{Service: s.Sessions, Frame: s.frame, Agencies: s.agencyChoices}
	all := s.access()
	for _, r := range all.roles {
		p.Roles = append(p.Roles, sessionweb.Choice{Code: r, Key: "app.role." + r})
	}
	for _, scope := range all.scopes {
		p.Scopes = append(p.Scopes, sessionweb.Choice{Code: scope, Key: "api.scope." + scope})
	}
	for _, a := range s.settings.accounts {
		p.Demo = append(p.Demo, sessionweb.DemoAccount{Login: a.Login, Password: DemoPassword, RoleKey: "app.role." + a.Roles[0]})
	}
	return p
}

// sessionActions are what accounts leave in the audit log of any node.
var sessionActions = []string{
	"session.sign_in", "session.sign_in_failed", "session.end", "session.end_others", "account.create", "account.update", "account.change_password",
	"account.reset_password", "account.totp_on", "account.totp_off", "token.create", "token.revoke",
}

// log is the pages of the audit log.
func (s *Site) log() *auditweb.Pages {
	all := s.access()
	p := &auditweb.Pages{DB: s.base.DB, Frame: s.frame, Readers: all.readers, FoundBy: s.Sessions.FoundBy}
	for _, code := range slices.Concat(sessionActions, all.actions) {
		p.Actions = append(p.Actions, auditweb.Action{Code: code, Key: "app.audit." + code})
	}
	return p
}

// frame is the layout around the pages of a request.
func (s *Site) frame(r *http.Request) ui.Frame {
	p := i18n.From(r.Context())
	node := ui.Node{Name: s.settings.Name, Owner: s.settings.Owner, Accent: accentOf[s.role]}
	if node.Name == "" && s.role == roleAgency && s.owner != nil && s.owner() != "" {
		node.Name, node.Owner = p.T("app.name.agency.of", map[string]any{"agency": s.owner()}), s.owner()
	}
	if node.Name == "" {
		node.Name = p.T("app.name." + string(s.role))
	}
	if node.Owner == "" {
		node.Owner = p.T("app.owner." + string(s.role))
	}
	if s.role == roleBoard {
		node.Links = []ui.Link{{Label: p.T("app.nav.api"), Href: "/api"}}
	}
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
	if id.Agency != "" {
		f.Viewer.AgencyName = s.base.Agencies.NameOf(id.Agency)
	}
	f.Nav = s.nav(p, id)
	return f
}

// nav lists the parts of the site that somebody may use.
func (s *Site) nav(p *i18n.Printer, id session.Identity) []ui.NavItem {
	var out []ui.NavItem
	for _, part := range s.parts {
		out = append(out, part.nav(p, id)...)
	}
	if id.Has(s.access().readers...) {
		out = append(out, ui.NavItem{Label: p.T("app.nav.audit"), Href: "/audit"})
	}
	if id.Has(session.Administrator) {
		out = append(out, ui.NavItem{Label: p.T("app.nav.accounts"), Href: "/accounts"})
	}
	return out
}

const pruneKind = "session.prune"

// Jobs runs what the site's pages left to be done, until ctx ends.
func (s *Site) Jobs(ctx context.Context) error {
	r := &jobs.Runner{
		DB: s.base.DB, Log: s.settings.Log, Clock: s.base.Clock, Workers: s.settings.Workers, Handlers: map[string]jobs.Handler{},
		Periodic: []jobs.Periodic{{Kind: pruneKind, Slot: jobs.Daily(3, 0)}},
	}
	r.Handlers[pruneKind] = func(ctx context.Context, _ *jobs.Task) error { return s.Sessions.Prune(ctx) }
	if s.settings.Mail != nil {
		kind, deliver := mail.Handler(s.settings.Mail)
		r.Handlers[kind] = deliver
	}
	for _, p := range s.parts {
		w := p.work(s)
		maps.Copy(r.Handlers, w.handlers)
		r.Periodic = append(r.Periodic, w.periodic...)
	}
	return r.Run(ctx)
}
