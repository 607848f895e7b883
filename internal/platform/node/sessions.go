package node

import (
	"context"

	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
)

// openSessions makes who signs in and who approves, which need each other.
func (n *Node) openSessions() {
	c := n.Config
	o := session.Options{
		Node: c.Node.Role, Secure: n.Secure, Idle: c.Session.Idle, Absolute: c.Session.Absolute, Proxies: c.HTTP.Proxies(),
	}
	var remote []string
	for _, r := range n.roles() {
		o.Roles = append(o.Roles, session.Role{Code: r.Code, Personal: r.Personal, ReadsLog: r.ReadsLog, Bound: r.Bound})
		if r.Deputy {
			remote = append(remote, r.Code)
		}
	}
	for _, m := range n.modules {
		o.PersonalScopes = append(o.PersonalScopes, m.PersonalScopes...)
	}
	n.Sessions = session.New(n.DB, n.Clock, o)
	n.Approvals = approval.New(n.DB, n.Clock, approval.Options{
		Readers: n.readers(), Remote: remote, Messages: n.Messages, URL: n.URL, Name: n.named(n.Messages.In(i18n.Vi)).Name,
	})
}

// joinSessions hands over what accounts and approvals need of each other and of the
// modules, once these are open.
func (n *Node) joinSessions() {
	n.Approvals.Join(func(o *approval.Options) { o.Accounts, o.SamePerson = accounts{n.Sessions}, n.Sessions.SamePerson })
	needs := session.Needs{
		Approvals: n.Approvals, Granted: n.Approvals.Granted,
		Pending: func(ctx context.Context, account string) ([]approval.Request, error) {
			return n.Approvals.Find(ctx, approval.Filter{About: account, State: approval.Open})
		},
		Tell: func(ctx context.Context, q sqldb.Queryer, key string, args fault.Args, accounts ...string) error {
			return n.Approvals.Tell(ctx, q, approval.Notice{Key: key, Args: args}, accounts...)
		},
	}
	for _, p := range n.parts {
		if p.RolesOf != nil {
			needs.RolesOf = p.RolesOf
		}
	}
	n.Sessions.Join(needs)
}

// accounts are the node's accounts as approvals know them.
type accounts struct{ sessions *session.Service }

// Holding are the active accounts that hold one of the roles.
func (a accounts) Holding(ctx context.Context, q sqldb.Queryer, roles ...string) ([]approval.Account, error) {
	list, err := a.sessions.Holding(ctx, q, roles...)
	if err != nil {
		return nil, err
	}
	out := make([]approval.Account, len(list))
	for i, one := range list {
		out[i] = approved(one)
	}
	return out, nil
}

// ByID is an account, active or not. It fails with NotFound.
func (a accounts) ByID(ctx context.Context, q sqldb.Queryer, id string) (approval.Account, error) {
	one, err := a.sessions.ByID(ctx, q, id)
	return approved(one), err
}

func approved(a session.Account) approval.Account {
	return approval.Account{ID: a.ID, Login: a.Login, Name: a.Name, Email: a.Email, Agency: a.Agency, Roles: a.Roles.V, Active: a.Active}
}
