package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"sync"

	"dean06/data"
	"dean06/internal/app"
	"dean06/internal/identity"
	"dean06/internal/identity/identityweb"
	"dean06/internal/platform/i18n"
)

// numbers are the personal numbers of the demo's officials, by name.
var numbers = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for number, p := range persons(data.DemoOfficials) {
		out[p["name"]] = number
	}
	return out
})

// persons are the people of a file of persons by number, each by column.
func persons(file []byte) map[string]map[string]string {
	out := map[string]map[string]string{}
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil || len(rows) == 0 {
		return out
	}
	for _, r := range rows[1:] {
		one := map[string]string{}
		for i, column := range rows[0] {
			one[column] = r[i]
		}
		out[one["number"]] = one
	}
	return out
}

// identities gives everybody of the demo an electronic identity, and lets every node ask the
// authority who signs in.
func (c *Country) identities(ctx context.Context) error {
	at := c.Node("authority").Modules.Identity
	if err := at.DemoHolders(ctx, c.holders(), hashed); err != nil {
		return err
	}
	for _, n := range c.Nodes {
		name := identity.Text{Vi: n.title(i18n.Vi), En: n.title(i18n.En)}
		if err := at.DemoClient(ctx, n.member, name, n.Node.Door().Registration()); err != nil {
			return fmt.Errorf("register %s: %w", n.Key, err)
		}
	}
	return nil
}

// title is what the node's pages call themselves.
func (n *Node) title(lang i18n.Lang) string {
	p := n.Node.Messages.In(lang)
	if n.role == app.Agency {
		return p.T("node.name.agency.of", map[string]any{"agency": n.Modules.Org.NameOf(n.member)})
	}
	return p.T("node.name." + n.role)
}

// holders are the people of all nodes, each once, with what they are where.
func (c *Country) holders() []identityweb.DemoHolder {
	var out []identityweb.DemoHolder
	place := map[string]int{}
	for _, n := range c.Nodes {
		for _, a := range n.Accounts {
			if a.Bound == "" {
				continue
			}
			i, ok := place[a.Bound]
			if !ok {
				i = len(out)
				place[a.Bound] = i
				out = append(out, identityweb.DemoHolder{Number: a.Bound, Password: Password, Name: a.Name})
			}
			what := identity.Text{Vi: a.Label, En: n.Node.Messages.In(i18n.En).T("role." + a.Roles[0])}
			if what.Vi == "" {
				what.Vi = n.Node.Messages.In(i18n.Vi).T("role." + a.Roles[0])
			}
			out[i].At = append(out[i].At, identityweb.DemoPlace{Client: n.Key, What: what})
		}
	}
	return out
}
