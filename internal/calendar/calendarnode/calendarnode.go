// Package calendarnode brings the calendar of working time to a node: its table, its pages,
// and what other modules ask of it. It decides nothing: that is the root's.
package calendarnode

import (
	"context"
	"embed"
	"io/fs"

	"dean06/internal/calendar"
	"dean06/internal/calendar/calendarsql"
	"dean06/internal/calendar/calendarweb"
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

// Needs is what the calendar needs of other modules.
type Needs struct {
	// Changed is told in the transaction of a change that the calendar has a new version:
	// what was computed by an older one is to be computed again. nil tells nobody.
	Changed func(ctx context.Context, tx *sqldb.Tx, version int) error
	// Moved gives the deadlines that changes moved, the latest first, at most so many.
	Moved func(ctx context.Context, limit int) ([]calendarweb.Moved, error)
}

// Node is the calendar on one node.
type Node struct {
	needs  Needs
	keeper *calendar.Keeper // once open
}

// New makes it.
func New(needs Needs) *Node { return &Node{needs: needs} }

// Module is what the calendar brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name:        "calendar",
		Messages:    []fs.FS{calendar.Messages, calendarweb.Messages, Messages},
		Migrate:     calendarsql.Migrate,
		Permissions: calendar.Permissions.Lines(),
		Actions:     calendarsql.Actions,
		Open:        n.open,
	}
}

func (n *Node) open(_ context.Context, b *node.Base) (*node.Part, error) {
	n.keeper = calendar.NewKeeper(calendarsql.New(b.DB, n.needs.Changed), b.Clock)
	pages := calendarweb.New(calendarweb.Shell{Keeper: n.keeper, Names: b.Sessions, Clock: b.Clock, Frame: b.Frame, Moved: n.needs.Moved})
	return &node.Part{Self: n, Routes: pages.Routes(), Nav: n.nav}, nil
}

// Calendar is the calendar of the node as it is now. It asks the database whether it was
// changed: who computes many deadlines asks once.
func (n *Node) Calendar(ctx context.Context) (*calendar.Calendar, error) {
	return n.keeper.Calendar(ctx)
}

// Current is the same for who computes often: it asks the database at most once a second.
func (n *Node) Current() *calendar.Calendar { return n.keeper.Current() }

func (n *Node) nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	if calendar.Permissions.Can(a, calendar.Look) != nil {
		return nil
	}
	return []ui.NavItem{{Label: p.T("nav.calendar"), Href: calendarweb.Path}}
}
