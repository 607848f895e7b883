package org

import (
	"context"
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

// closed is a store that nobody gets to: each question of it is a failed test.
type closed struct {
	AgencyStore
	asked int
}

func (c *closed) Counts(context.Context, Moment) (Counts, error) { c.asked++; return Counts{}, nil }
func (c *closed) Unit(context.Context, string, Moment) (Version, error) {
	c.asked++
	return Version{}, nil
}

func (c *closed) Units(context.Context, Moment, ...Level) ([]Version, error) {
	c.asked++
	return nil, nil
}

func (c *closed) Children(context.Context, string, Moment) ([]Version, error) {
	c.asked++
	return nil, nil
}

func (c *closed) SearchUnits(context.Context, string, Moment, int) ([]Version, error) {
	c.asked++
	return nil, nil
}

func (c *closed) Lineage(context.Context, string, clock.Date, clock.Date) (Lineage, error) {
	c.asked++
	return Lineage{}, nil
}

func (c *closed) History(context.Context, string) ([]Recorded, error) { c.asked++; return nil, nil }

func (c *closed) Events(context.Context, string, int) ([]Event, error) { c.asked++; return nil, nil }

func (c *closed) Event(context.Context, string) (Event, error) { c.asked++; return Event{}, nil }

func (c *closed) Preview(context.Context, Edit) (Change, error) { c.asked++; return Change{}, nil }

func (c *closed) Apply(_ context.Context, e Edit) (Event, error) {
	c.asked++
	return Event{RecordedBy: e.By}, nil
}

func TestEveryMethodAsksWhoMay(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	agencies, _ := newCountry(t, "2026-11-21")
	store := &closed{AgencyStore: agencies.store}
	r := NewRegister(store, agencies)
	reads := map[string]func(actor.Actor) error{
		"directory": func(a actor.Actor) error { _, err := r.Directory(a); return err },
		"counts":    func(a actor.Actor) error { _, err := r.Counts(ctx, a, Moment{}); return err },
		"unit":      func(a actor.Actor) error { _, err := r.Unit(ctx, a, "19", Moment{}); return err },
		"units":     func(a actor.Actor) error { _, err := r.Units(ctx, a, Moment{}); return err },
		"children":  func(a actor.Actor) error { _, err := r.Children(ctx, a, "19", Moment{}); return err },
		"search":    func(a actor.Actor) error { _, err := r.SearchUnits(ctx, a, "x", Moment{}, 1); return err },
		"lineage":   func(a actor.Actor) error { _, err := r.Lineage(ctx, a, "19", clock.Date{}, clock.Date{}); return err },
		"history":   func(a actor.Actor) error { _, err := r.History(ctx, a, "x"); return err },
		"events":    func(a actor.Actor) error { _, err := r.Events(ctx, a, "", 1); return err },
		"event":     func(a actor.Actor) error { _, err := r.Event(ctx, a, "x"); return err },
	}
	edits := map[string]func(actor.Actor) error{
		"preview": func(a actor.Actor) error { _, err := r.Preview(ctx, a, Edit{}); return err },
		"apply":   func(a actor.Actor) error { _, err := r.Apply(ctx, a, Edit{}); return err },
	}
	leader := actor.Actor{Account: "l", Roles: []string{"leader"}}
	keeper := actor.Actor{Account: "k", Roles: []string{Administrator}}
	for name, call := range reads {
		for _, tt := range []struct {
			who  actor.Actor
			want fault.Kind
		}{{actor.Actor{}, fault.Unsigned}, {leader, ""}, {keeper, ""}, {actor.AtCommandLine(), ""}} {
			if got := kindOfFault(call(tt.who)); got != tt.want {
				t.Errorf("%s by %+v: %q, want %q", name, tt.who, got, tt.want)
			}
		}
	}
	asked := store.asked
	for name, call := range edits {
		for _, tt := range []struct {
			who  actor.Actor
			want fault.Kind
		}{{actor.Actor{}, fault.Unsigned}, {leader, fault.Denied}, {actor.AtCommandLine(), fault.Denied}} {
			if got := kindOfFault(call(tt.who)); got != tt.want {
				t.Errorf("%s by %+v: %q, want %q", name, tt.who, got, tt.want)
			}
		}
	}
	if store.asked != asked {
		t.Error("the store was asked for those who may not")
	}
	if done, err := r.Apply(ctx, keeper, Edit{By: "somebody else"}); err != nil || done.RecordedBy != "k" {
		t.Errorf("recorded by %q, %v", done.RecordedBy, err)
	}
}

func kindOfFault(err error) fault.Kind {
	if err == nil {
		return ""
	}
	return fault.Of(err)
}

func TestEveryActionHasItsWords(t *testing.T) {
	t.Parallel()
	cat, err := i18n.Load(Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range Permissions.Lines() {
		for _, key := range []string{"org.may." + line.Action, "org.denied." + line.Action, "org.denied.unsigned"} {
			if !cat.Has(key) {
				t.Errorf("no message %s", key)
			}
		}
	}
	for _, d := range Duties {
		if !cat.Has("org.duty." + string(d)) {
			t.Errorf("no message for the duty %s", d)
		}
	}
}
