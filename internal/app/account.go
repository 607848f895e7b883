package app

import (
	"context"
	"slices"
	"strings"

	"dean06/internal/exchange"
	acting "dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/session"
	"dean06/internal/population"
	"dean06/internal/readiness"
)

// CreateAccount adds an account from the command line, as the operating system's
// user: one of the first two administrators. It gives the one-time password.
//
// It fails with Invalid for a role or agency that there is not, and for a focal
// point of no agency.
func CreateAccount(ctx context.Context, n *Node, d session.Draft) (string, error) {
	for _, role := range d.Roles {
		if !slices.Contains(allRoles(), role) {
			return "", fault.New(fault.Invalid, "app.account.role_unknown", fault.Args{"role": role, "roles": strings.Join(allRoles(), ", ")})
		}
		if role == string(readiness.FocalPoint) && d.Agency == "" {
			return "", fault.New(fault.Invalid, "app.account.agency_needed", nil)
		}
	}
	if d.Agency != "" {
		if !n.Agencies.Knows(d.Agency) {
			return "", fault.New(fault.Invalid, "app.account.agency_unknown", fault.Args{"agency": d.Agency})
		}
	}
	d.Active = true
	made, err := session.New(n.DB, n.Clock, session.Options{}).Create(acting.With(ctx, acting.AtCommandLine()), d)
	return made.Password, err
}

// allRoles are those of all nodes: which of them a database is of, it does not say.
func allRoles() []string {
	return append(roleNames(), exchange.Operator, population.Registrar, population.Citizen)
}

func roleNames() []string {
	var names []string
	for _, r := range readiness.Roles {
		names = append(names, string(r))
	}
	return names
}

// asAdministrator lets the program itself do what only administrators may.
func asAdministrator(ctx context.Context) context.Context {
	return session.With(ctx, session.Identity{Actor: acting.OfSystem(string(readiness.Administrator))})
}
