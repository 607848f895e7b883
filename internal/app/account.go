package app

import (
	"context"

	"dean06/internal/platform/session"
	"dean06/internal/readiness"
)

// CreateAccount adds an account from the command line, where nobody is signed
// in: whoever may write to the database may do that. It gives the one-time password.
func CreateAccount(ctx context.Context, n *Node, d session.Draft) (string, error) {
	d.Active = true
	_, password, err := session.New(n.DB, n.Clock, session.Options{}).Create(asAdministrator(ctx), d)
	return password, err
}

// asAdministrator lets the program itself do what only administrators may.
func asAdministrator(ctx context.Context) context.Context {
	return session.With(ctx, session.Identity{AccountID: System.Account, Login: System.Account, Name: System.Name,
		Roles: []string{string(readiness.Administrator)}})
}
