// Package procedurenode brings administrative procedures to an agency's node: the national
// catalogue and the commands that ask it. It decides nothing: that is the root's.
package procedurenode

import (
	"context"
	"embed"
	"io/fs"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/procedure"
	"dean06/internal/procedure/proceduresql"
	"dean06/internal/procedure/procedureweb"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are what the module's commands say.
var Messages, _ = fs.Sub(messages, "messages")

// name of the module, by which commands open it alone; roleAgency is the role that has it.
const (
	name       = "procedure"
	roleAgency = "agency"
)

// Node is the module on one node.
type Node struct {
	editions *procedure.Editions // once open
	shelf    *procedure.Shelf
}

// New makes it.
func New() *Node { return &Node{} }

// Module is what it brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name:        name,
		Messages:    []fs.FS{procedure.Messages, procedureweb.Messages, Messages},
		Migrate:     proceduresql.Migrate,
		Permissions: procedure.Permissions.Lines(),
		Actions:     proceduresql.Actions,
		Commands:    []node.Command{command()},
		Open:        n.open,
	}
}

func (n *Node) open(_ context.Context, b *node.Base) (*node.Part, error) {
	store := proceduresql.New(b.DB)
	n.editions = procedure.NewEditions(store, b.Clock, sqldb.NewID)
	asks := &second{db: b.DB, approvals: b.Approvals}
	n.shelf = procedure.NewShelf(store, asks, b.Clock, sqldb.NewID)
	asks.shelf = n.shelf
	pages := procedureweb.New(procedureweb.Shell{Editions: n.editions, Shelf: n.shelf, Names: b.Sessions, Frame: b.Frame, Clock: b.Clock})
	return &node.Part{Self: n, Routes: pages.Routes(), Nav: n.nav, Approvals: []approval.Kind{asks.kind()}}, nil
}

// Packages are those of the node: of the program, and those that were signed off here. It
// works once the module is open.
func (n *Node) Packages() *procedure.Shelf { return n.shelf }

func (n *Node) nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	if procedure.Permissions.Can(a, procedure.KeepCatalogues) != nil {
		return nil // others come to procedures by what they do with them
	}
	return []ui.NavItem{
		{Label: p.T("nav.catalogue"), Href: procedureweb.CataloguePath},
		{Label: p.T("nav.packages"), Href: procedureweb.PackagesPath},
	}
}

// Catalogue is the catalogue of procedures in force on the node, for other modules. It works
// once the module is open.
func (n *Node) Catalogue(ctx context.Context) (*procedure.Catalogue, error) {
	return n.editions.InForce(ctx)
}

// Name is what a procedure is called in the catalogue in force, for other modules; what is
// not in it is called as the program's own catalogue has it. "" when neither has it.
func (n *Node) Name(ctx context.Context, code string) string {
	if n.editions != nil { // the module may be left out of what is open
		if c, err := n.editions.InForce(ctx); err == nil {
			if p, ok := c.At(code); ok {
				return p.Name
			}
		}
	}
	return procedure.Name(ctx, code)
}
