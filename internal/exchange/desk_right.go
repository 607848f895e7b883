package exchange

import (
	"context"
	"fmt"
	"slices"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// Rights lists the rights that hold or will hold, by service; the ended ones too, with ended.
func (d *Desk) Rights(ctx context.Context, by actor.Actor, ended bool) ([]Right, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return nil, err
	}
	return d.at.Store.Rights(ctx, ended)
}

// Right finds one, an ended one too. It fails with NotFound.
func (d *Desk) Right(ctx context.Context, by actor.Actor, id string) (Right, error) {
	list, err := d.Rights(ctx, by, true)
	if err != nil {
		return Right{}, err
	}
	i := slices.IndexFunc(list, func(r Right) bool { return r.ID == id })
	if i < 0 {
		return Right{}, errNoRight
	}
	return list[i], nil
}

// Used says how often a right was used in the present period of its quota.
func (d *Desk) Used(ctx context.Context, by actor.Actor, r Right) (int64, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return 0, err
	}
	return d.at.Log.Used(ctx, r.ID, Window(r.Quota, d.at.Clock.Now()))
}

// Wishes are the rights that wait for a second person, the youngest first.
func (d *Desk) Wishes(ctx context.Context, by actor.Actor) ([]Wish, error) {
	if err := Permissions.Can(by, ActRead); err != nil || d.at.Second == nil {
		return nil, err
	}
	return d.at.Second.Wishes(ctx)
}

// Give gives a right in place of the one that it replaces ("" for none). What lets
// nobody do more than before, and what the program itself gives, holds at once, and the
// wish is zero. Everything else waits for a second person. The same ID again changes
// nothing. It fails with a fault.List as CheckRight does, with NotFound when there is no
// such service or right, and with Conflict when the subject has the same right, or waits
// for it.
func (d *Desk) Give(ctx context.Context, by actor.Actor, r Right, replaces string) (Right, Wish, error) {
	ctx, err := enter(ctx, by, ActGive)
	if err != nil {
		return r, Wish{}, err
	}
	if err := CheckRight(r, d.fieldsOf(r)...); err != nil {
		return r, Wish{}, err
	}
	// The program also gives rights to what is no service that one calls: to hear of events.
	if by.Via != actor.System {
		if _, there, err := d.service(ctx, r.Service); err != nil || !there {
			return r, Wish{}, errNoService.Because(err)
		}
	}
	if r.ID == "" || len(r.ID) > 64 {
		r.ID = d.at.NewID()
	}
	if old, wish, err := d.again(ctx, by, r.ID); err != nil || old.ID != "" {
		return old, wish, err
	}
	r.GivenBy, r.GivenAt = by.Account, d.at.Clock.Now()
	narrower := false
	if replaces != "" {
		old, err := d.Right(ctx, by, replaces)
		if err != nil {
			return r, Wish{}, err
		}
		narrower = old.EndedAt.IsZero() && r.Within(old)
	}
	if !narrower && by.Via != actor.System {
		wish, err := d.wish(ctx, by, r, replaces)
		return r, wish, err
	}
	if replaces != "" {
		err = d.at.Store.ReplaceRight(ctx, replaces, r)
	} else {
		err = d.at.Store.GiveRight(ctx, r)
	}
	if err != nil {
		return r, Wish{}, err
	}
	return r, Wish{}, d.reload(ctx)
}

// fieldsOf are the codes that a right may name.
func (d *Desk) fieldsOf(r Right) []string {
	if d.at.Fields == nil {
		return nil
	}
	return d.at.Fields(r.Service)
}

// again finds the right, or the wish for it, that was asked for with that ID before:
// somebody clicked twice.
func (d *Desk) again(ctx context.Context, by actor.Actor, id string) (Right, Wish, error) {
	r, err := d.Right(ctx, by, id)
	if err == nil || fault.Of(err) != fault.NotFound {
		return r, Wish{}, err
	}
	wishes, err := d.Wishes(ctx, by)
	if err != nil {
		return Right{}, Wish{}, err
	}
	i := slices.IndexFunc(wishes, func(w Wish) bool { return w.Right.ID == id })
	if i < 0 {
		return Right{}, Wish{}, nil
	}
	return wishes[i].Right, wishes[i], nil
}

func (d *Desk) wish(ctx context.Context, by actor.Actor, r Right, replaces string) (Wish, error) {
	if d.at.Second == nil {
		return Wish{}, fault.New(fault.Unavailable, "exchange.right.alone", nil)
	}
	wish, err := d.at.Second.Ask(ctx, by, r, replaces)
	if err != nil && fault.As(err) == nil {
		err = fmt.Errorf("ask for a right to %s: %w", r.Service, err)
	}
	return wish, err
}

// Grant gives a right of the program's own, unless the subject has one to that service.
func (d *Desk) Grant(ctx context.Context, by actor.Actor, r Right) error {
	have, err := d.Rights(ctx, by, false)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(have, func(h Right) bool { return h.Service == r.Service && h.Subject == r.Subject && h.Group == r.Group }) {
		return nil
	}
	if _, _, err := d.Give(ctx, by, r, ""); err != nil {
		return fmt.Errorf("grant %s to %s%s: %w", r.Service, r.Subject, r.Group, err)
	}
	return nil
}

// End ends a right; that it has ended already is fine. It fails with NotFound.
func (d *Desk) End(ctx context.Context, by actor.Actor, id string) error {
	ctx, err := enter(ctx, by, ActEnd)
	if err != nil {
		return err
	}
	if err := d.at.Store.EndRight(ctx, id, by.Account, d.at.Clock.Now()); err != nil && fault.Of(err) != fault.Conflict {
		return err
	}
	return d.reload(ctx)
}
