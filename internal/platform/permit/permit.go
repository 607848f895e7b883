// Package permit is the form of a module's table of who may do what. The module
// states the table once, in its root; every method that reads or writes asks it,
// whatever its caller: page, API, command or job. docs/permissions.md is made
// from the tables, and a test walks every page and command against them.
package permit

import (
	"slices"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// Table says who may do what in one module. A is the module's own type of actions.
type Table[A ~string] struct {
	Module string // prefix of the message keys: "population"
	Rows   []Row[A]
}

// Row is one action.
type Row[A ~string] struct {
	Action A
	// Roles may do it, to everything of the module.
	Roles []string
	// Own may do it to what is theirs: their agency's, their own data. What is whose,
	// the module's rule says; Can lets nobody through by it.
	Own []string
	// EverybodyOwn is Own for everybody who is signed in.
	EverybodyOwn bool
	// Everybody who is signed in may do it.
	Everybody bool
	// Command lets whoever may open the database do it at the command line.
	Command bool
	// Purpose says that a reason must be given, which is logged.
	Purpose bool
	// Second says that it takes effect only when a second person has approved it.
	Second bool
}

// Can fails with Unsigned ("<module>.denied.unsigned") when nobody acts, and with
// Denied ("<module>.denied.<action>") when no row lets the actor do it.
func (t Table[A]) Can(a actor.Actor, action A) error {
	if a.Nobody() {
		return fault.New(fault.Unsigned, t.Module+".denied.unsigned", nil)
	}
	if r, ok := t.Row(action); ok && (r.Everybody || a.Has(r.Roles...) || r.Command && a.Via == actor.Command) {
		return nil
	}
	return fault.New(fault.Denied, t.Module+".denied."+string(action), nil)
}

// CanOwn is Can for an action on something that is the actor's own when own is true.
func (t Table[A]) CanOwn(a actor.Actor, action A, own bool) error {
	err := t.Can(a, action)
	if err == nil || a.Nobody() || !own {
		return err
	}
	if r, ok := t.Row(action); ok && (r.EverybodyOwn || a.Has(r.Own...)) {
		return nil
	}
	return err
}

// Row gives the row of an action.
func (t Table[A]) Row(action A) (Row[A], bool) {
	i := slices.IndexFunc(t.Rows, func(r Row[A]) bool { return r.Action == action })
	if i < 0 {
		return Row[A]{}, false
	}
	return t.Rows[i], true
}

// Lines are the rows without the module's own type, for what prints all tables.
func (t Table[A]) Lines() []Line {
	out := make([]Line, len(t.Rows))
	for i, r := range t.Rows {
		out[i] = Line{Module: t.Module, Row: Row[string]{
			Action: string(r.Action), Roles: r.Roles, Own: r.Own, EverybodyOwn: r.EverybodyOwn, Everybody: r.Everybody,
			Command: r.Command, Purpose: r.Purpose, Second: r.Second,
		}}
	}
	return out
}

// Line is a row of the table of all modules. "<module>.may.<action>" is its name for people.
type Line struct {
	Module string
	Row[string]
}

// Name is how routes and commands name the action: "population.record".
func (l Line) Name() string { return l.Module + "." + l.Action }
