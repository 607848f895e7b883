package session

import (
	"context"
	"fmt"
	"strings"

	"dean06/internal/platform/approval"
	"dean06/internal/platform/sqldb"
)

// The accounts are what platform/approval asks who may decide.
var _ approval.Accounts = (*Service)(nil)

// Holding are the active accounts that hold one of the roles of their own: what comes
// with a position or in an emergency decides nothing.
func (s *Service) Holding(ctx context.Context, q sqldb.Queryer, roles ...string) ([]approval.Account, error) {
	list, err := s.holding(ctx, q, roles...)
	if err != nil {
		return nil, fmt.Errorf("accounts that hold %s: %w", strings.Join(roles, ", "), err)
	}
	out := make([]approval.Account, len(list))
	for i, a := range list {
		out[i] = asDecider(a)
	}
	return out, nil
}

// ByID is one account, active or not. It fails with NotFound.
func (s *Service) ByID(ctx context.Context, q sqldb.Queryer, id string) (approval.Account, error) {
	a, err := account(ctx, q, id)
	if err != nil {
		return approval.Account{}, fmt.Errorf("account %s: %w", id, err)
	}
	return asDecider(a), nil
}

func asDecider(a Account) approval.Account {
	return approval.Account{ID: a.ID, Login: a.Login, Name: a.Name, Email: a.Email, Agency: a.Agency, Roles: a.Roles.V, Active: a.Active}
}

// holding are the active accounts that hold one of the roles of their own.
func (s *Service) holding(ctx context.Context, q sqldb.Queryer, roles ...string) ([]Account, error) {
	if len(roles) == 0 {
		return nil, nil
	}
	var a sqldb.Args
	like := make([]string, len(roles))
	for i, r := range roles {
		like[i] = `roles LIKE ` + a.Add(`%"`+likeEscaper.Replace(r)+`"%`) + ` ESCAPE '!'`
	}
	return sqldb.All[Account](ctx, q,
		`SELECT `+accountColumns+` FROM account WHERE active AND (`+strings.Join(like, " OR ")+`) ORDER BY login`, a.Values()...)
}

// administrators counts the accounts that are or were administrators: one that was
// locked does not make room for another.
func (s *Service) administrators(ctx context.Context, q sqldb.Queryer) (int, error) {
	return sqldb.One[int](ctx, q, `SELECT COUNT(*) FROM account WHERE roles LIKE $1`, `%"`+Administrator+`"%`)
}

// firstAdministrators are how many a new node gets at the command line, so that from
// then on there is a second person.
const firstAdministrators = 2
