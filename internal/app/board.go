package app

import (
	"context"
	"net/http"

	"dean06/internal/org/orgweb"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/session"
	"dean06/internal/platform/session/sessionweb"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessapi"
	"dean06/internal/readiness/readinessweb"
	"dean06/internal/readiness/readinessweb/board"
	"dean06/internal/readiness/readinessweb/fill"
	"dean06/internal/readiness/readinessweb/office"
)

// boardPart is the register of who meets the requirements, on the board.
type boardPart struct{ node *Node }

// boardActions are what the register leaves in the audit log, in the order in
// which they are chosen.
var boardActions = []string{
	"readiness.edit_draft", "readiness.submit_return",
	"readiness.withdraw_return", "readiness.import_return", "readiness.resolve_reading", "readiness.send_back", "readiness.accept_return",
	"readiness.reopen_return", "readiness.read_contact", "readiness.manage_campaign", "readiness.remind", "org.created", "org.renamed", "org.moved",
	"org.merged", "org.split", "org.abolished",
}

func (b *boardPart) mount(s *Site, rt *web.Router) {
	shell := readinessweb.Shell{
		Register: b.node.Register, Clock: b.node.Clock, Frame: s.frame, Actor: boardActor,
		Exports: exports{b.node, s.settings.URL}, Papers: b.node.Papers, Work: imports{b.node, s.settings.URL}, Country: country{b.node.Agencies},
	}
	rt.Mount(orgweb.New(orgweb.Shell{
		Register: b.node.Country, Names: s.Sessions, Clock: b.node.Clock, Frame: s.frame,
	}).Routes()...)
	rt.Mount(board.New(shell).Routes()...)
	rt.Mount(fill.New(shell).Routes()...)
	rt.Mount(office.New(shell).Routes()...)
	api := readinessapi.New(b.node.Register, programme, s.settings.Log)
	api.Mount(rt.Handle)
	rt.Mount(api.Routes(s.frame)...)
}

func (b *boardPart) home(id session.Identity) string {
	switch {
	case id.Has(string(readiness.Coordinator), string(readiness.Reviewer)):
		return "/office"
	case id.Has(string(readiness.Leader)):
		return "/board"
	case id.Has(string(readiness.FocalPoint)):
		return "/returns"
	case id.Has(string(readiness.Auditor)):
		return "/audit"
	case id.Has(string(readiness.Administrator)):
		return "/org"
	}
	return ""
}

func (b *boardPart) nav(p *i18n.Printer, id session.Identity) []ui.NavItem {
	var out []ui.NavItem
	a := actorOf(id)
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
	return out
}

func (b *boardPart) access() access {
	a := access{roles: roleNames(), scopes: readinessapi.Scopes, actions: boardActions}
	for _, role := range readiness.Roles {
		if readiness.Can(readiness.Actor{Account: "role", Roles: []readiness.Role{role}}, readiness.ReadAudit, "") == nil {
			a.readers = append(a.readers, string(role))
		}
	}
	return a
}

func (b *boardPart) work(s *Site) work {
	return work{
		handlers: map[string]jobs.Handler{
			importKind: b.node.doImport,
			remindKind: func(ctx context.Context, _ *jobs.Task) error { return imports{b.node, s.settings.URL}.remindDue(ctx) },
		},
		periodic: []jobs.Periodic{{Kind: remindKind, Slot: jobs.Daily(8, 0)}},
	}
}

// actor is who acts in a request, as the register knows it.
func boardActor(r *http.Request) readiness.Actor {
	id, ok := session.From(r.Context())
	if !ok {
		return readiness.Actor{}
	}
	return actorOf(id)
}

func actorOf(id session.Identity) readiness.Actor {
	a := readiness.Actor{Account: id.Login, Name: id.Name, Agency: id.Agency}
	if a.Account == "" {
		a.Account = id.Account // a programme's token has no login
	}
	for _, role := range id.Roles {
		a.Roles = append(a.Roles, readiness.Role(role))
	}
	return a
}

// programme is who acts in a call of the API. A token acts as the focal point of
// its agency, there and nowhere else: what else it needs is a scope.
func programme(ctx context.Context) readiness.Actor {
	id, ok := session.From(ctx)
	if !ok {
		return readiness.Actor{}
	}
	a := actorOf(id)
	if id.Via == "token" {
		a.Roles = []readiness.Role{readiness.FocalPoint}
	}
	return a
}

// agencyChoices lists the agencies that an account may act for: those of today,
// and those that are gone, whose rounds are still kept.
func (s *Site) agencyChoices(context.Context) ([]sessionweb.Agency, error) {
	var out []sessionweb.Agency
	for _, a := range s.base.Agencies.Ever() {
		out = append(out, sessionweb.Agency{Code: a.Code, Name: a.Name})
	}
	return out, nil
}
