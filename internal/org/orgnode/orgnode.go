// Package orgnode brings agencies and administrative units to a node, and with them
// the offices and positions of the node's own agency: tables, reference data, pages,
// commands. It decides nothing: that is the root's.
package orgnode

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"dean06/data"
	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/org/orgweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
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

// Needs is what the module needs of the node and of other modules. They are asked once
// everything is open.
type Needs struct {
	Owner Owner
	Roles Roles
}

// Owner knows whose node it is.
type Owner interface {
	// Agency is the code of the agency; "" while it is not known.
	Agency() string
}

// Roles knows the roles that accounts of the node may hold.
type Roles interface {
	Roles() []node.Role
}

// Node is the module on one node. Every node has it.
type Node struct {
	needs Needs

	// Once open:
	base      *node.Base
	agencies  *org.Agencies
	register  *org.Register
	store     *orgsql.Positions
	positions *org.Positions
	roster    *org.Roster
}

// New makes it.
func New(needs Needs) *Node { return &Node{needs: needs} }

// Module is what it brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name:        "org",
		Messages:    []fs.FS{org.Messages, orgweb.Messages, Messages},
		Migrate:     migrate,
		Roles:       []node.Role{{Code: org.Official}},
		Permissions: org.Permissions.Lines(),
		Actions:     orgsql.Actions,
		Commands:    []node.Command{command()},
		Open:        n.open,
	}
}

func migrate(ctx context.Context, db *sqldb.DB) error {
	return orgsql.New(db, nil).Migrate(ctx)
}

func (n *Node) open(ctx context.Context, b *node.Base) (*node.Part, error) {
	store := orgsql.New(b.DB, b.Clock)
	if !b.ReadOnly {
		if err := store.Seed(ctx, data.FS); err != nil {
			return nil, err
		}
	}
	var err error
	if n.agencies, err = org.NewAgencies(ctx, store, b.Clock); err != nil {
		return nil, err
	}
	n.base, n.register, n.store = b, org.NewRegister(store, n.agencies), store.Positions()
	n.roster = org.NewRoster(n.store)
	n.positions = org.NewPositions(org.PositionParts{
		Store: n.store, Agencies: n.agencies, Units: store, Accounts: accounts{b.Sessions}, Second: second{n}, Roles: n.roles,
		Clock: b.Clock, NewID: sqldb.NewID, Changed: b.Sessions.Forget,
	})
	pages := orgweb.NewPositions(orgweb.PositionShell{
		Positions: n.positions, Names: b.Sessions, Clock: b.Clock, Frame: b.Frame, Own: n.owner,
	})
	part := &node.Part{
		Self: n, Routes: pages.Routes(), Home: n.home, Nav: n.nav, Approvals: []approval.Kind{n.holderKind()},
		RolesOf: n.RolesOf, NamesOf: n.namesOf, Demo: n.demo,
	}
	if b.Role == roleBoard {
		country := orgweb.New(orgweb.Shell{Register: n.register, Names: b.Sessions, Clock: b.Clock, Frame: b.Frame})
		part.Routes = append(part.Routes, country.Routes()...)
	}
	return part, nil
}

func (n *Node) owner() string {
	if n.needs.Owner == nil {
		return ""
	}
	return n.needs.Owner.Agency()
}

// roles are those that a position of the node may carry.
func (n *Node) roles() []org.Role {
	if n.needs.Roles == nil {
		return nil
	}
	var out []org.Role
	for _, r := range n.needs.Roles.Roles() {
		if !r.Bound { // who is bound to a number acts for themselves, in no position
			out = append(out, org.Role{Code: r.Code, Personal: r.Personal})
		}
	}
	return out
}

// home of the board's administrator is the list of agencies; of an official, the
// positions of their agency.
func (n *Node) home(a actor.Actor) string {
	switch {
	case n.base.Role == roleBoard && org.Permissions.Can(a, org.EditCountry) == nil:
		return orgweb.Path
	case a.Has(org.Official) && len(a.Roles) == 1: // whose position has a role works where that is
		return orgweb.PositionsPath
	}
	return ""
}

func (n *Node) nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	var out []ui.NavItem
	if n.base.Role == roleBoard && org.Permissions.Can(a, org.ReadCountry) == nil {
		out = append(out, ui.NavItem{Label: p.T("nav.org"), Href: orgweb.Path})
	}
	if org.Permissions.Can(a, org.KeepPositions) == nil || a.Has(org.Official) {
		out = append(out, ui.NavItem{Label: p.T("nav.positions"), Href: orgweb.PositionsPath})
	}
	return out
}

// Agencies are the agencies of the country, for other modules. It works once the
// module is open.
func (n *Node) Agencies() *org.Agencies { return n.agencies }

// Territory loads the provinces, districts and communes through time, for other modules,
// and gives a function that tells them as they are known after the last edit.
func (n *Node) Territory(ctx context.Context) (func() *org.Territory, error) {
	if _, err := n.agencies.Territory(ctx); err != nil {
		return nil, err
	}
	return n.agencies.Ground, nil
}

// Lineage says what the unit or agency that had a code on a day is on another, for other
// modules; nothing of one that there was not.
func (n *Node) Lineage(ctx context.Context, code string, from, to clock.Date) (org.Lineage, error) {
	l, err := n.register.Lineage(ctx, actor.OfSystem(), code, from, to)
	if fault.Of(err) == fault.NotFound {
		return org.Lineage{Code: code, From: from, To: to}, nil
	}
	return l, err
}

// Clock is the node's.
func (n *Node) Clock() clock.Clock { return n.base.Clock }

// Roster is who acts in which position, for other modules. It works once the module is
// open.
func (n *Node) Roster() *org.Roster { return n.roster }

// Positions is what people do with offices and positions. It works once the module is
// open.
func (n *Node) Positions() *org.Positions { return n.positions }

// RolesOf are the roles that an account has at a moment through its positions: they end
// with the position.
func (n *Node) RolesOf(ctx context.Context, account string, at time.Time) ([]string, error) {
	return n.roster.RolesOf(ctx, account, at)
}

// namesOf are the names of the agencies and offices in which an account acts.
func (n *Node) namesOf(ctx context.Context, account string, at time.Time) ([]string, error) {
	held, err := n.roster.HeldBy(ctx, account, at)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, h := range held {
		out = append(out, n.agencies.NameOf(h.Agency), h.Office.Name, h.Position.Title)
	}
	return out, nil
}

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
