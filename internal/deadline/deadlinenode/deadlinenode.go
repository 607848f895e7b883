// Package deadlinenode brings the command that computes a deadline. It decides nothing:
// that is the root's.
package deadlinenode

import (
	"context"
	"embed"
	"io/fs"

	"dean06/internal/calendar"
	"dean06/internal/deadline"
	"dean06/internal/platform/node"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the words of the command.
var Messages, _ = fs.Sub(messages, "messages")

// Needs is what the module needs of others.
type Needs struct {
	// Calendar is the working time of the node as it is now.
	Calendar func(ctx context.Context) (*calendar.Calendar, error)
}

// Node is the module on one node.
type Node struct{ needs Needs }

// New makes it.
func New(needs Needs) *Node { return &Node{needs} }

// Module is what it brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name: "deadline", Messages: []fs.FS{deadline.Messages, Messages},
		Commands: []node.Command{{
			Name: "deadline", Help: "By when a dossier must be decided, and why.", Value: &command{}, May: map[string]string{"": "calendar.look"},
		}},
		Open: func(context.Context, *node.Base) (*node.Part, error) { return &node.Part{Self: n}, nil },
	}
}
