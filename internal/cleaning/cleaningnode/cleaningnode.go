// Package cleaningnode brings the commands of data cleaning. It decides nothing: that is
// the root's.
package cleaningnode

import (
	"context"
	"embed"
	"io/fs"

	"dean06/internal/cleaning"
	"dean06/internal/platform/node"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the words of the commands.
var Messages, _ = fs.Sub(messages, "messages")

// Node is the module on one node.
type Node struct{}

// New makes it.
func New() *Node { return &Node{} }

// Module is what it brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name: "cleaning", Messages: []fs.FS{cleaning.Messages, Messages},
		Commands: []node.Command{{
			Name: "clean", Help: "Data cleaning: hold a file against the people of the register.", Value: &commands{},
			May: map[string]string{
				"link": "anyone", "dedupe": "anyone", "evaluate": "anyone", "generate": "anyone", "explain": "anyone",
				"learn": "anyone", "score": "anyone", "join": "anyone",
			},
		}},
		Open: func(context.Context, *node.Base) (*node.Part, error) { return &node.Part{Self: n}, nil },
	}
}
