package session

import (
	"context"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/permit"
)

// Administrator is the role that keeps the accounts of a node. It opens nothing else.
const Administrator = "administrator"

// Action is something that people do with accounts.
type Action string

// The actions. "session.may.…" are their names for people.
const (
	SeeAccounts   Action = "accounts"
	CreateAccount Action = "account.create"
	ChangeAccount Action = "account.change"
	ResetPassword Action = "account.reset"
	SeeTokens     Action = "tokens" // and end them
	CreateToken   Action = "token.create"
)

// Permissions say who may do what with the accounts of a node. One's own account is
// everybody's who is signed in. Second: for what Guarded names.
var Permissions = permit.Table[Action]{Module: "session", Rows: []permit.Row[Action]{
	{Action: SeeAccounts, Roles: []string{Administrator}},
	{Action: CreateAccount, Roles: []string{Administrator}, Command: true, Second: true},
	{Action: ChangeAccount, Roles: []string{Administrator}, Second: true},
	{Action: ResetPassword, Roles: []string{Administrator}, Second: true},
	{Action: SeeTokens, Roles: []string{Administrator}},
	{Action: CreateToken, Roles: []string{Administrator}, Second: true},
}}

// Audited are the codes that accounts leave in the audit log. "act.…" are their names.
var Audited = []string{
	"session.sign_in", "session.sign_in_failed", "session.end", "session.end_others",
	"account.create", "account.update", "account.roles", "account.change_password", "account.reset_password", "account.second_half",
	"account.totp_on", "account.totp_off", "account.recovery_codes", "account.bind", "account.unbind", "token.create", "token.revoke",
}

// may gives who acts when the table lets them. It fails with Unsigned or Denied.
func (s *Service) may(ctx context.Context, action Action) (actor.Actor, error) {
	if st, _ := ctx.Value(ctxKey{}).(state); st.err != nil {
		return actor.Actor{}, st.err
	}
	by := actor.From(ctx)
	return by, Permissions.Can(by, action)
}

// May says whether who acts may do something, for pages that show a form first. It
// fails with Unsigned or Denied.
func (s *Service) May(ctx context.Context, action Action) error {
	_, err := s.may(ctx, action)
	return err
}

// mayOwn is may for what everybody does with their own account.
func (s *Service) mayOwn(ctx context.Context, account string, action Action) error {
	if by := actor.From(ctx); !by.Nobody() && by.Account == account {
		return nil
	}
	_, err := s.may(ctx, action)
	return err
}

// Role is what accounts must know of a role that they hold.
type Role struct {
	Code string
	// Personal says that it opens personal data or gives rights.
	Personal bool
	// ReadsLog says that its holders read the audit log and are told of every grant.
	ReadsLog bool
	// Bound says that it means nothing without a person's number bound to the account.
	Bound bool
	// Second says that its holders must show a second factor when they sign in.
	Second bool
}

// Guarded are the roles of a list that are given and taken only with a second person:
// what opens personal data, what watches over it, and what keeps the accounts. A role
// that no module has named is one of them.
func (s *Service) Guarded(roles []string) []string {
	var out []string
	for _, code := range roles {
		r, known := s.role(code)
		if code == Administrator || r.Personal || r.ReadsLog || !known && len(s.opts.Roles) > 0 {
			out = append(out, code)
		}
	}
	return out
}

func (s *Service) role(code string) (Role, bool) {
	for _, r := range s.opts.Roles {
		if r.Code == code {
			return r, true
		}
	}
	return Role{}, false
}

// NeedsBinding says that one of the roles means nothing without a bound number.
func (s *Service) NeedsBinding(roles []string) bool {
	for _, code := range roles {
		if r, _ := s.role(code); r.Bound {
			return true
		}
	}
	return false
}

// watchers are the roles that read the audit log.
func (s *Service) watchers() []string {
	var out []string
	for _, r := range s.opts.Roles {
		if r.ReadsLog {
			out = append(out, r.Code)
		}
	}
	return out
}
