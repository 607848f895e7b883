package org

import (
	"context"
	"slices"
	"time"

	"dean06/internal/platform/clock"
)

// Roster is what other modules ask about positions, on their own behalf: who acts where,
// and with which roles. What people read goes through Positions.
type Roster struct {
	store PositionStore
}

// NewRoster makes it.
func NewRoster(store PositionStore) *Roster { return &Roster{store} }

// RolesOf are the roles that an account has at a moment through the positions that it
// holds or stands in, as known then: they end with the position.
func (r *Roster) RolesOf(ctx context.Context, account string, at time.Time) ([]string, error) {
	held, err := r.HeldBy(ctx, account, at)
	if err != nil {
		return nil, err
	}
	var roles []string
	for _, h := range held {
		roles = append(roles, h.Position.Roles...)
	}
	slices.Sort(roles)
	return slices.Compact(roles), nil
}

// HeldBy lists the positions that an account holds or stands in at a moment, as known then.
func (r *Roster) HeldBy(ctx context.Context, account string, at time.Time) ([]Held, error) {
	return r.HeldOn(ctx, account, Moment{On: clock.DayOf(at), Known: at})
}

// HeldOn lists the positions that an account held or stood in on a day, as known at a moment.
func (r *Roster) HeldOn(ctx context.Context, account string, m Moment) ([]Held, error) {
	if account == "" {
		return nil, nil
	}
	books, err := r.store.OfAccount(ctx, account)
	if err != nil {
		return nil, err
	}
	var out []Held
	for _, b := range books {
		out = append(out, b.KnownAt(m.Known).HeldBy(account, m.On)...)
	}
	return out, nil
}

// Holder is who held a position on a day, as known at a moment; false when nobody did.
func (r *Roster) Holder(ctx context.Context, position string, m Moment) (Appointment, bool, error) {
	return r.ask(ctx, position, m, Book.HolderOn)
}

// Acting is who acted in a position on a day, as known at a moment: the stand-in before
// the holder; false when nobody did.
func (r *Roster) Acting(ctx context.Context, position string, m Moment) (Appointment, bool, error) {
	return r.ask(ctx, position, m, Book.ActingOn)
}

func (r *Roster) ask(ctx context.Context, position string, m Moment,
	question func(Book, string, clock.Date) (Appointment, bool),
) (Appointment, bool, error) {
	agency, err := r.store.AgencyOf(ctx, position)
	if err != nil {
		return Appointment{}, false, err
	}
	b, err := r.store.Book(ctx, agency)
	if err != nil {
		return Appointment{}, false, err
	}
	a, ok := question(b.KnownAt(m.Known), position, m.On)
	return a, ok, nil
}

// Doing lists the positions of a duty and who acts in them. commune narrows it to the
// positions for that commune of the day, and for those that went into it: a policeman of
// a commune that was merged is found by the one that followed. "" is every commune.
// It fails with NotFound when there was no such commune on the day.
func (r *Roster) Doing(ctx context.Context, duty Duty, commune string, m Moment) ([]Held, error) {
	var areas map[string]bool
	if commune != "" {
		var err error
		if areas, err = r.store.Origins(ctx, commune, m.On); err != nil {
			return nil, err
		}
	}
	books, err := r.store.OfDuty(ctx, duty)
	if err != nil {
		return nil, err
	}
	var out []Held
	for _, b := range books {
		out = append(out, b.KnownAt(m.Known).DoingOn(duty, areas, m.On)...)
	}
	return out, nil
}
