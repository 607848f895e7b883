package org

import (
	"context"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
)

// Store keeps agencies and administrative units with both their times; orgsql does it
// in a database.
type Store interface {
	AgencyStore
	Counts(ctx context.Context, m Moment) (Counts, error)
	Unit(ctx context.Context, code string, m Moment) (Version, error)
	Units(ctx context.Context, m Moment, levels ...Level) ([]Version, error)
	Children(ctx context.Context, code string, m Moment) ([]Version, error)
	SearchUnits(ctx context.Context, text string, m Moment, limit int) ([]Version, error)
	Lineage(ctx context.Context, code string, from, to clock.Date) (Lineage, error)
	History(ctx context.Context, id string) ([]Recorded, error)
	Events(ctx context.Context, before string, limit int) ([]Event, error)
	Event(ctx context.Context, id string) (Event, error)
	Preview(ctx context.Context, e Edit) (Change, error)
	Apply(ctx context.Context, e Edit) (Event, error)
}

// Names tells how somebody was called at a moment: what is stored is an account's id,
// or, in entries of earlier years, its login.
type Names interface {
	NameOf(ctx context.Context, stored string, at time.Time) string
}

// Register is what people do with agencies and administrative units. Each method asks
// Permissions first: it fails with Unsigned or Denied before it reads anything.
type Register struct {
	store    Store
	agencies *Agencies
}

// NewRegister makes the register. What is recorded through it, agencies takes in.
func NewRegister(store Store, agencies *Agencies) *Register { return &Register{store, agencies} }

// Can says whether somebody may do something, for a page that offers it.
func (r *Register) Can(who actor.Actor, action Action) error { return Permissions.Can(who, action) }

// Today is the day by the register's clock.
func (r *Register) Today() clock.Date { return r.agencies.today() }

// Directory is the ministries and provinces through time, as known now.
func (r *Register) Directory(who actor.Actor) (*Directory, error) {
	return r.agencies.Directory(), Permissions.Can(who, ReadCountry)
}

// Counts says how many units of each level there were.
func (r *Register) Counts(ctx context.Context, who actor.Actor, m Moment) (Counts, error) {
	if err := Permissions.Can(who, ReadCountry); err != nil {
		return Counts{}, err
	}
	return r.store.Counts(ctx, m)
}

// Unit is the unit that had the code. It fails with NotFound when there was none.
func (r *Register) Unit(ctx context.Context, who actor.Actor, code string, m Moment) (Version, error) {
	if err := Permissions.Can(who, ReadCountry); err != nil {
		return Version{}, err
	}
	return r.store.Unit(ctx, code, m)
}

// Units lists the units of the levels, or of all levels, by code.
func (r *Register) Units(ctx context.Context, who actor.Actor, m Moment, levels ...Level) ([]Version, error) {
	if err := Permissions.Can(who, ReadCountry); err != nil {
		return nil, err
	}
	return r.store.Units(ctx, m, levels...)
}

// Children lists the units right under the one that had the code. It fails with
// NotFound when there was none.
func (r *Register) Children(ctx context.Context, who actor.Actor, code string, m Moment) ([]Version, error) {
	if err := Permissions.Can(who, ReadCountry); err != nil {
		return nil, err
	}
	return r.store.Children(ctx, code, m)
}

// SearchUnits finds territory by its name, however it is typed.
func (r *Register) SearchUnits(ctx context.Context, who actor.Actor, text string, m Moment, limit int) ([]Version, error) {
	if err := Permissions.Can(who, ReadCountry); err != nil {
		return nil, err
	}
	return r.store.SearchUnits(ctx, text, m, limit)
}

// Lineage says what the unit or agency that had the code on the day from is on the day
// to. It fails with NotFound when there was none.
func (r *Register) Lineage(ctx context.Context, who actor.Actor, code string, from, to clock.Date) (Lineage, error) {
	if err := Permissions.Can(who, ReadCountry); err != nil {
		return Lineage{}, err
	}
	return r.store.Lineage(ctx, code, from, to)
}

// History lists every version of a unit that was ever recorded.
func (r *Register) History(ctx context.Context, who actor.Actor, id string) ([]Recorded, error) {
	if err := Permissions.Can(who, ReadCountry); err != nil {
		return nil, err
	}
	return r.store.History(ctx, id)
}

// Events lists what was recorded, the last first, from before the event with the id.
func (r *Register) Events(ctx context.Context, who actor.Actor, before string, limit int) ([]Event, error) {
	if err := Permissions.Can(who, ReadCountry); err != nil {
		return nil, err
	}
	return r.store.Events(ctx, before, limit)
}

// Event is one event. It fails with NotFound.
func (r *Register) Event(ctx context.Context, who actor.Actor, id string) (Event, error) {
	if err := Permissions.Can(who, ReadCountry); err != nil {
		return Event{}, err
	}
	return r.store.Event(ctx, id)
}

// Preview says what an edit would record, and records nothing. It fails as Plan does.
func (r *Register) Preview(ctx context.Context, who actor.Actor, e Edit) (Change, error) {
	if err := Permissions.Can(who, EditCountry); err != nil {
		return Change{}, err
	}
	return r.store.Preview(ctx, e)
}

// Apply records an edit and lets every module know of it. It fails as Plan does, and
// with Conflict when somebody else changed the same unit meanwhile.
func (r *Register) Apply(ctx context.Context, who actor.Actor, e Edit) (Event, error) {
	if err := Permissions.Can(who, EditCountry); err != nil {
		return Event{}, err
	}
	e.By = who.Account
	done, err := r.store.Apply(actor.With(ctx, who), e)
	if err != nil {
		return done, err
	}
	return done, r.agencies.Reload(ctx)
}
