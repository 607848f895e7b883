package approval

import (
	"context"
	"slices"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/permit"
)

// Action is something that may be done with requests and emergencies.
type Action string

// The actions. Whoever may do them is narrowed further by rules: who decides on a request
// says its kind, who may take a role says the module that owns it.
const (
	ActDecide      Action = "decide"
	ActRead        Action = "read"
	ActEmergency   Action = "break_glass"
	ActEmergencies Action = "emergencies"
	ActTickOff     Action = "tick_off"
	ActNotices     Action = "notices"
)

// Table is who may do what. Readers of the log and administrators read everything; the
// others what concerns them.
func Table(admins, readers []string) permit.Table[Action] {
	return permit.Table[Action]{Module: "approval", Rows: []permit.Row[Action]{
		{Action: ActRead, Roles: slices.Concat(admins, readers)},
		{Action: ActDecide, Everybody: true},
		{Action: ActEmergency, Everybody: true, Purpose: true},
		{Action: ActEmergencies, Roles: slices.Concat(admins, readers)},
		{Action: ActTickOff, Roles: readers},
		{Action: ActNotices, Everybody: true},
	}}
}

// Permissions are the table as nodes have it by default.
var Permissions = Table([]string{"administrator"}, []string{"auditor"})

// Actions are what this package leaves in the audit log.
var Actions = []string{
	"approval.ask", "approval.approve", "approval.refuse", "approval.withdraw", "approval.expire", "approval.applied", "approval.sent",
	"approval.break_glass", "approval.break_glass.end", "approval.break_glass.read",
}

func (s *Service) table() permit.Table[Action] { return Table(s.opts.Admins, s.opts.Readers) }

// See reads a request for somebody: the one who asked, the one who gains, whoever may decide or
// did, readers of the log and administrators. It fails with Unsigned, Denied and NotFound.
func (s *Service) See(ctx context.Context, who actor.Actor, id string) (Request, error) {
	if who.Nobody() {
		return Request{}, errUnsigned
	}
	r, err := s.Get(ctx, id)
	if err != nil {
		return Request{}, err
	}
	if slices.Contains(append(r.others(), r.Decider.Account), who.Account) || who.Has(s.kind(r).Deciders...) {
		return r, nil
	}
	if err := s.table().Can(who, ActRead); err != nil {
		return Request{}, err
	}
	return r, nil
}

// SeeGrant reads an emergency for somebody: the one who took the role, readers of the log and
// administrators. It fails with Unsigned, Denied and NotFound.
func (s *Service) SeeGrant(ctx context.Context, who actor.Actor, id string) (Grant, error) {
	if who.Nobody() {
		return Grant{}, errUnsigned
	}
	g, err := s.Grant(ctx, id)
	if err != nil || g.By.Account == who.Account {
		return g, err
	}
	if err := s.table().Can(who, ActEmergencies); err != nil {
		return Grant{}, err
	}
	return g, nil
}

// SeeGrants reads the emergencies for somebody: all for readers of the log and
// administrators, their own for everybody else.
func (s *Service) SeeGrants(ctx context.Context, who actor.Actor, f GrantFilter) ([]Grant, error) {
	if who.Nobody() {
		return nil, errUnsigned
	}
	if s.table().Can(who, ActEmergencies) != nil {
		f.Account = who.Account
	}
	return s.Grants(ctx, f)
}

// SeeAll finds requests for somebody: all for readers of the log and administrators,
// those that concern them for everybody else.
func (s *Service) SeeAll(ctx context.Context, who actor.Actor, f Filter) ([]Request, error) {
	if who.Nobody() {
		return nil, errUnsigned
	}
	if s.table().Can(who, ActRead) != nil {
		f.For = who.Account
	}
	return s.Find(ctx, f)
}

// MayDecide says whether somebody's roles ever let them decide, read or take something here, for
// a navigation that leads nobody to an empty page. It fails with Unsigned and Denied.
func (s *Service) MayDecide(who actor.Actor) error {
	if err := person(who); err != nil {
		return err
	}
	roles := slices.Concat(s.opts.Admins, s.opts.Readers, s.opts.Remote)
	for _, k := range s.kinds {
		roles = append(roles, k.Deciders...)
	}
	for _, e := range s.roles {
		roles = append(roles, e.By...)
	}
	if !who.Has(roles...) {
		return errRole
	}
	return nil
}
