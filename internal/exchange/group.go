package exchange

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// Everybody is the code of the group that the program keeps itself: all subsystems of
// the exchange.
const Everybody = "members"

// CheckGroup says what is wrong with a gateway's own group, field by field: "key", "name"
// or "members". A group may be empty: its rights let nobody through then. It fails with a
// fault.List.
func CheckGroup(g Group) error {
	var wrong fault.List
	bad := func(field, key string) { wrong = append(wrong, fault.New(fault.Invalid, key, nil).At(field)) }
	if len(g.Code) > 40 || !plainPart.MatchString(g.Code) {
		bad("key", "exchange.entry.key.group")
	}
	if n := utf8.RuneCountInString(g.Name); n == 0 || n > maxName {
		bad("name", "exchange.entry.name")
	}
	for i, id := range g.Members {
		if id.Subsystem == "" || id.Service != "" || slices.Contains(g.Members[:i], id) {
			bad("members", "exchange.group.members")
			break
		}
	}
	return wrong.Err()
}

// Joins are those that are in g and were not in old.
func (g Group) Joins(old Group) []xroad.ID {
	return slices.DeleteFunc(slices.Clone(g.Members), func(id xroad.ID) bool { return slices.Contains(old.Members, id) })
}

// GroupWish is a group that somebody wants to be wider and that waits for a second person.
type GroupWish struct {
	ID    string // of the request
	Group Group  // as it should become
	Was   []xroad.ID
	By    actor.Actor
	At    time.Time
	Until time.Time // it is gone then
	Href  string    // the page where it is decided
}

// SecondForGroups is the second person without whom nobody joins a group that has rights.
type SecondForGroups interface {
	// AskGroup asks for a group to become g, which was old, and why. It fails with Invalid
	// (field "reason") without a reason.
	AskGroup(ctx context.Context, by actor.Actor, g, old Group, reason string) (GroupWish, error)
	// GroupWishes are those that wait, the youngest first.
	GroupWishes(ctx context.Context) ([]GroupWish, error)
}

// Groups are the gateway's own groups of subsystems.
func (d *Desk) Groups(ctx context.Context, by actor.Actor) ([]Group, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return nil, err
	}
	return d.at.Store.Groups(ctx)
}

// Group finds one by its code. It fails with NotFound.
func (d *Desk) Group(ctx context.Context, by actor.Actor, code string) (Group, error) {
	list, err := d.Groups(ctx, by)
	if err != nil {
		return Group{}, err
	}
	i := slices.IndexFunc(list, func(g Group) bool { return g.Code == code })
	if i < 0 {
		return Group{}, fault.New(fault.NotFound, "exchange.group.not_found", fault.Args{"code": Clip(code)})
	}
	return list[i], nil
}

// GroupWishes are the changes of groups that wait for a second person.
func (d *Desk) GroupWishes(ctx context.Context, by actor.Actor) ([]GroupWish, error) {
	if err := Permissions.Can(by, ActRead); err != nil || d.at.Groups == nil {
		return nil, err
	}
	return d.at.Groups.GroupWishes(ctx)
}

// SetGroup says who is in a group that the program keeps, as the centre's configuration
// says. It widens the rights that name the group, so only the program does it.
func (d *Desk) SetGroup(ctx context.Context, by actor.Actor, g Group) error {
	ctx, err := enter(ctx, by, ActGroup)
	if err != nil {
		return err
	}
	if by.Via != actor.System {
		return fault.New(fault.Denied, "exchange.denied.group", nil)
	}
	have, err := d.at.Store.Groups(ctx)
	same := func(o Group) bool { return o.Code == g.Code && o.Name == g.Name && slices.Equal(o.Members, g.Members) }
	if err != nil || slices.ContainsFunc(have, same) {
		return err
	}
	if err := d.at.Store.SaveGroup(ctx, g); err != nil {
		return err
	}
	return d.reload(ctx)
}

// MakeGroup adds a group of the owner's own. Nothing has a right by it yet, so that it
// holds at once. It fails with a fault.List that names the fields, and with Conflict when
// there is one of that code, here or at the hub.
func (d *Desk) MakeGroup(ctx context.Context, by actor.Actor, g Group) error {
	_, err := d.Group(ctx, by, g.Code)
	if err == nil {
		return fault.New(fault.Conflict, "exchange.group.exists", fault.Args{"code": g.Code}).At("key")
	}
	if fault.Of(err) != fault.NotFound {
		return err
	}
	_, err = d.ChangeGroup(ctx, by, g, "")
	return err
}

// ChangeGroup says who is in a group of the owner's own. What lets nobody do more than
// before holds at once, and the wish is zero: a group that no right names, and one that
// somebody leaves. To join a group that has rights waits for a second person, who reads
// the reason. It fails with a fault.List that names the fields, with Denied for the program's own group and
// with Conflict when a change of it waits.
func (d *Desk) ChangeGroup(ctx context.Context, by actor.Actor, g Group, reason string) (GroupWish, error) {
	ctx, err := enter(ctx, by, ActGroup)
	if err != nil {
		return GroupWish{}, err
	}
	if g.Code == Everybody {
		return GroupWish{}, fault.New(fault.Denied, "exchange.group.program", nil)
	}
	if err := CheckGroup(g); err != nil {
		return GroupWish{}, err
	}
	old, err := d.Group(ctx, by, g.Code)
	if err != nil && fault.Of(err) != fault.NotFound {
		return GroupWish{}, err
	}
	joins := g.Joins(old)
	if err := d.known(g, joins, old.Code == ""); err != nil {
		return GroupWish{}, err
	}
	open, err := d.GroupWishes(ctx, by)
	if err != nil {
		return GroupWish{}, err
	}
	if slices.ContainsFunc(open, func(w GroupWish) bool { return w.Group.Code == g.Code }) {
		return GroupWish{}, fault.New(fault.Conflict, "exchange.group.asked", fault.Args{"code": g.Code})
	}
	named := false
	if len(joins) > 0 {
		if named, err = d.hasRights(ctx, by, g.Code); err != nil {
			return GroupWish{}, err
		}
	}
	if named {
		if d.at.Groups == nil {
			return GroupWish{}, fault.New(fault.Unavailable, "exchange.right.alone", nil)
		}
		return d.at.Groups.AskGroup(ctx, by, g, old, reason)
	}
	if old.Code != "" && old.Name == g.Name && slices.Equal(old.Members, g.Members) {
		return GroupWish{}, nil
	}
	if err := d.at.Store.SaveGroup(ctx, g); err != nil {
		return GroupWish{}, err
	}
	return GroupWish{}, d.reload(ctx)
}

// known holds a group against the configuration: who joins must be there, and a new code
// must not hide one of the hub's groups.
func (d *Desk) known(g Group, joins []xroad.ID, fresh bool) error {
	dir := d.Directory()
	if dir == nil {
		return errNotJoined
	}
	if _, hub := dir.Groups()[g.Code]; hub && fresh {
		return fault.New(fault.Conflict, "exchange.group.hub", fault.Args{"code": g.Code}).At("key")
	}
	for _, id := range joins {
		if _, ok := dir.Subsystem(id); !ok {
			return fault.New(fault.Invalid, "exchange.group.members", nil).At("members")
		}
	}
	return nil
}

// hasRights says that a right, or one that waits, names a group.
func (d *Desk) hasRights(ctx context.Context, by actor.Actor, code string) (bool, error) {
	rights, err := d.Rights(ctx, by, false)
	if err != nil {
		return false, err
	}
	wishes, err := d.Wishes(ctx, by)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(rights, func(r Right) bool { return r.Group == code }) ||
		slices.ContainsFunc(wishes, func(w Wish) bool { return w.Right.Group == code }), nil
}
