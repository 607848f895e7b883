package session

import (
	"context"
	"slices"

	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// tell tells the holder of an account, on their page and by mail, that something by which the
// account is opened was changed ("session.told.…"); at also are addresses beside theirs.
func (s *Service) tell(ctx context.Context, tx *sqldb.Tx, id, what string, args fault.Args, also ...string) error {
	if s.needs.Approvals == nil {
		return nil
	}
	a, err := account(ctx, tx, id)
	if err != nil {
		return err
	}
	all := fault.Args{"login": s.Shown(a), "at": s.clock.Now()}
	for k, v := range args {
		all[k] = v
	}
	return s.needs.Approvals.Tell(ctx, tx, approval.Notice{Key: "session.told." + what, Href: "/account", Args: all, Also: also}, id)
}

// tellToken tells who made a token, and who reads the log, that there is one more.
func (s *Service) tellToken(ctx context.Context, tx *sqldb.Tx, t Token) error {
	if s.needs.Approvals == nil {
		return nil
	}
	readers, err := s.holding(ctx, tx, s.watchers()...)
	if err != nil {
		return err
	}
	to := []string{t.CreatedBy}
	for _, a := range readers {
		if !slices.Contains(to, a.ID) {
			to = append(to, a.ID)
		}
	}
	scopes := make([]string, len(t.Scopes.V))
	for i, scope := range t.Scopes.V {
		scopes[i] = approval.Word("api.scope." + scope)
	}
	return s.needs.Approvals.Tell(ctx, tx, approval.Notice{Key: "session.told.token", Href: "/accounts/tokens", Args: fault.Args{
		"name": t.Name, "agency": t.Agency, "scopes": scopes, "at": s.clock.Now(),
	}}, to...)
}
