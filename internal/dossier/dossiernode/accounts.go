package dossiernode

import (
	"context"

	"dean06/internal/dossier"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/session"
)

// accounts opens and binds accounts of the node for citizens at a desk.
type accounts struct{ sessions *session.Service }

// Open makes an account that is bound from its first moment.
func (a accounts) Open(ctx context.Context, by actor.Actor, in dossier.NewAccount) (dossier.OpenedAccount, error) {
	out, err := a.sessions.OpenBound(ctx, by, session.Draft{
		Login: in.Login, Name: in.Name, Email: in.Email, Roles: []string{dossier.Citizen},
	}, in.Number, in.Proof)
	if err != nil {
		return dossier.OpenedAccount{}, err
	}
	return dossier.OpenedAccount{Account: out.Account.ID, Login: out.Account.Login, Password: out.Password}, nil
}

// Bind binds one that there is.
func (a accounts) Bind(ctx context.Context, by actor.Actor, login, number, proof string) (dossier.OpenedAccount, error) {
	bound, err := a.sessions.BindLogin(ctx, by, login, number, proof)
	if err != nil {
		return dossier.OpenedAccount{}, err
	}
	return dossier.OpenedAccount{Account: bound.ID, Login: bound.Login}, nil
}
