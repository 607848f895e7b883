package node

import (
	"net/url"
	"path/filepath"

	"dean06/internal/platform/alarm"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/oauth"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/session"
	"dean06/internal/platform/signon"
)

// openSessions makes who signs in and who approves, which need each other.
func (n *Node) openSessions() {
	c := n.Config
	o := session.Options{
		Node: n.jar(), Secure: n.Secure, Idle: c.Session.Idle, Absolute: c.Session.Absolute, Proxies: c.HTTP.Proxies(),
	}
	o.Sealer = n.factorKey()
	var remote []string
	for _, r := range n.roles() {
		o.Roles = append(o.Roles, session.Role{
			Code: r.Code, Personal: r.Personal, ReadsLog: r.ReadsLog, Bound: r.Bound, Second: n.asksSecond(r),
		})
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

// jar tells the cookies of this node from those of others on the same host: browsers keep
// cookies by host, whatever the port (RFC 6265, section 8.5).
func (n *Node) jar() string {
	u, err := url.Parse(n.URL)
	if err != nil || u.Port() == "" {
		return n.Config.Node.Role
	}
	return n.Config.Node.Role + "-" + u.Port()
}

// openDoor makes the way in with an electronic identity, where one is set.
func (n *Node) openDoor() error {
	c := n.Config.SignIn
	if c.Issuer == "" || n.ReadOnly {
		return nil
	}
	private, err := pki.FileKey(filepath.Join(c.Dir, "client.key"))
	if err != nil {
		return err
	}
	key, err := oauth.KeyOf(oauth.ES256, private)
	if err != nil {
		return err
	}
	sealer, err := pki.FileSealer(filepath.Join(c.Dir, "begun.key"))
	if err != nil {
		return err
	}
	n.door = signon.New(signon.Options{
		Issuer: c.Issuer, Client: c.Client, URL: n.URL, Node: n.jar(), Secure: n.Secure, Key: key, Sealer: sealer, Clock: n.Clock,
		Claims: []string{"name", "identity_number", "account_kind"},
	}, n.Sessions)
	return nil
}

// joinSessions hands over what accounts and approvals need of each other and of the
// modules, once these are open.
func (n *Node) joinSessions() {
	n.Approvals.Join(func(o *approval.Options) {
		o.Accounts, o.SamePerson, o.Changed = n.Sessions, n.Sessions.SamePerson, n.Sessions.Forget
	})
	needs := session.Needs{Approvals: n.Approvals, NamesOf: n.namesOf}
	for _, p := range n.parts {
		if p.RolesOf != nil {
			needs.RolesOf = p.RolesOf
		}
	}
	n.Sessions.Join(needs)
}
