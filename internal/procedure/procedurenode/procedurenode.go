// Package procedurenode brings administrative procedures to an agency's node: the national
// catalogue and the commands that ask it. It decides nothing: that is the root's.
package procedurenode

import (
	"context"
	"embed"
	"io/fs"

	"dean06/internal/platform/node"
	"dean06/internal/procedure"
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
type Node struct{}

// New makes it.
func New() *Node { return &Node{} }

// Module is what it brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name:     name,
		Messages: []fs.FS{procedure.Messages, Messages},
		Commands: []node.Command{command()},
		Open:     n.open,
	}
}

func (n *Node) open(context.Context, *node.Base) (*node.Part, error) {
	return &node.Part{Self: n}, nil
}

// Catalogue is the catalogue of procedures in force on the node, for other modules.
func (n *Node) Catalogue() *procedure.Catalogue { return procedure.Builtin() }
