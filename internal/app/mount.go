package app

import (
	"context"

	"dean06/internal/org/orgweb"
	"dean06/internal/platform/session"
	"dean06/internal/platform/session/sessionweb"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessapi"
	"dean06/internal/readiness/readinessweb/board"
	"dean06/internal/readiness/readinessweb/fill"
	"dean06/internal/readiness/readinessweb/office"
)

// mount adds the pages of each module.
func (s *Site) mount(rt *web.Router) {
	rt.Mount(s.accounts().Routes()...)
	rt.Mount(s.log().Routes()...)
	rt.Mount(orgweb.New(orgweb.Shell{
		Store: s.node.Org, Directory: s.node.Agencies.dir.Load, Clock: s.node.Clock, Frame: s.frame,
		Editors: []string{string(readiness.Administrator)}, OnChange: s.node.Agencies.reload,
	}).Routes()...)
	rt.Mount(board.New(s.shell()).Routes()...)
	rt.Mount(fill.New(s.shell()).Routes()...)
	rt.Mount(office.New(s.shell()).Routes()...)
	api := readinessapi.New(s.node.Register, programme, s.settings.Log)
	api.Mount(rt.Handle)
	rt.Mount(api.Routes(s.frame)...)
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

// accounts are the pages of signing in and of accounts.
func (s *Site) accounts() *sessionweb.Pages {
	p := &sessionweb.Pages{Service: s.Sessions, Frame: s.frame, Agencies: s.agencyChoices}
	for _, r := range readiness.Roles {
		p.Roles = append(p.Roles, sessionweb.Choice{Code: string(r), Key: "app.role." + string(r)})
	}
	for _, scope := range readinessapi.Scopes {
		p.Scopes = append(p.Scopes, sessionweb.Choice{Code: scope, Key: "api.scope." + scope})
	}
	if s.settings.Demo {
		for _, a := range DemoAccounts {
			p.Demo = append(p.Demo, sessionweb.DemoAccount{Login: a.Login, Password: DemoPassword, RoleKey: "app.role." + a.Roles[0]})
		}
	}
	return p
}

// agencyChoices lists the agencies that an account may act for: those of today,
// and those of the letters' time, whose rounds are still kept.
func (s *Site) agencyChoices(context.Context) ([]sessionweb.Agency, error) {
	var out []sessionweb.Agency
	seen := map[string]bool{}
	for _, day := range agencyDays(s.node.Clock) {
		for _, a := range s.node.Agencies.Of(readiness.Kinds[:3], day) {
			if !seen[a.Code] {
				seen[a.Code] = true
				out = append(out, sessionweb.Agency{Code: a.Code, Name: a.Name})
			}
		}
	}
	return out, nil
}
