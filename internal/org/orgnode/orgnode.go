// Package orgnode brings agencies and administrative units to a node, and with them
// the offices and positions of the node's own agency: tables, reference data, pages,
// commands. It decides nothing: that is the root's.
package orgnode

import (
	"context"
	"embed"
	"io/fs"

	"dean06/data"
	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/org/orgweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the names of the module's part in the navigation and the audit log.
var Messages, _ = fs.Sub(messages, "messages")

// roleBoard is the role of the node that shows the country's agencies and units.
const roleBoard = "board"

// Node is the module on one node. Every node has it.
type Node struct {
	agencies *org.Agencies // once open
	register *org.Register
}

// New makes it.
func New() *Node { return &Node{} }

// Module is what it brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name:        "org",
		Messages:    []fs.FS{org.Messages, orgweb.Messages, Messages},
		Migrate:     migrate,
		Permissions: org.Permissions.Lines(),
		Actions:     orgsql.Actions,
		Commands:    []node.Command{command},
		Open:        n.open,
	}
}

func migrate(ctx context.Context, db *sqldb.DB) error {
	return orgsql.New(db, nil).Migrate(ctx)
}

func (n *Node) open(ctx context.Context, b *node.Base) (*node.Part, error) {
	store := orgsql.New(b.DB, b.Clock)
	if err := store.Seed(ctx, data.FS); err != nil {
		return nil, err
	}
	var err error
	if n.agencies, err = org.NewAgencies(ctx, store, b.Clock); err != nil {
		return nil, err
	}
	n.register = org.NewRegister(store, n.agencies)
	part := &node.Part{Self: n}
	if b.Role == roleBoard {
		pages := orgweb.New(orgweb.Shell{Register: n.register, Names: b.Sessions, Clock: b.Clock, Frame: b.Frame})
		part.Routes, part.Home, part.Nav = pages.Routes(), home, nav
	}
	return part, nil
}

// home of the board's administrator is the list of agencies.
func home(a actor.Actor) string {
	if org.Permissions.Can(a, org.EditCountry) == nil {
		return orgweb.Path
	}
	return ""
}

func nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	if org.Permissions.Can(a, org.ReadCountry) != nil {
		return nil
	}
	return []ui.NavItem{{Label: p.T("nav.org"), Href: orgweb.Path}}
}

// Agencies are the agencies of the country, for other modules. It works once the
// module is open.
func (n *Node) Agencies() *org.Agencies { return n.agencies }

// NameOf is what an agency is called today, or was called last; the code itself when
// there never was one.
func (n *Node) NameOf(code string) string { return n.agencies.NameOf(code) }

// Choices are the agencies that an account may belong to, and that may take part in
// the exchange: those of today, and those that are gone, whose rounds are kept and
// whose systems still run under their old codes.
func (n *Node) Choices(context.Context) ([]node.Agency, error) {
	var out []node.Agency
	for _, a := range n.agencies.Ever() {
		out = append(out, node.Agency{Code: a.Code, Name: a.Name})
	}
	return out, nil
}
