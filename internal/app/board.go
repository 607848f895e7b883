package app

import (
	"context"

	"dean06/internal/org/orgweb"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/session/sessionweb"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessapi"
	"dean06/internal/readiness/readinesssql"
)

// boardPart is the register of who meets the requirements, on the board.
type boardPart struct{ node *Node }

func (b *boardPart) mount(s *Site, rt *web.Router) {
	b.node.board.Log, b.node.board.URL, b.node.frame = s.settings.Log, s.settings.URL, s.frame
	rt.Mount(orgweb.New(orgweb.Shell{
		Register: b.node.Country, Names: s.Sessions, Clock: b.node.Clock, Frame: s.frame,
	}).Routes()...)
	rt.Mount(b.node.part.Routes...)
	for _, h := range b.node.part.Handlers {
		rt.Handle(h.Pattern, h.Handler)
	}
}

func (b *boardPart) home(id session.Identity) string {
	if to := b.node.part.Home(id.Actor); to != "" {
		return to
	}
	if id.Has(readiness.Administrator) {
		return "/org"
	}
	return ""
}

func (b *boardPart) nav(p *i18n.Printer, id session.Identity) []ui.NavItem {
	return append(b.node.part.Nav(p, id.Actor), ui.NavItem{Label: p.T("app.nav.org"), Href: "/org"})
}

func (b *boardPart) access() access {
	actions := append([]string{}, readinesssql.Actions...)
	for _, act := range []string{"created", "renamed", "moved", "merged", "split", "abolished"} {
		actions = append(actions, "org."+act)
	}
	return access{roles: readiness.Roles, scopes: readinessapi.Scopes, actions: actions, readers: []string{readiness.Auditor}}
}

func (b *boardPart) work(*Site) work {
	return work{handlers: b.node.part.Jobs, periodic: b.node.part.Periodic}
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
