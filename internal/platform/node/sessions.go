package node

import (
	"dean06/internal/platform/alarm"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
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
	n.Alarms = alarm.New(n.DB, n.Clock, n.Approvals, alarm.Options{Keepers: keepersOf(n.roles()), Readers: n.readers()})
}

// joinSessions hands over what accounts and approvals need of each other and of the
// modules, once these are open.
func (n *Node) joinSessions() {
	n.Approvals.Join(func(o *approval.Options) {
		o.Accounts, o.SamePerson, o.Changed = n.Sessions, n.Sessions.SamePerson, n.Sessions.Forget
	})
	needs := session.Needs{Approvals: n.Approvals}
	for _, p := range n.parts {
		if p.RolesOf != nil {
			needs.RolesOf = p.RolesOf
		}
	}
	n.Sessions.Join(needs)
}
