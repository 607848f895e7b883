package programme

import (
	"context"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
)

// DocKind is what is kept as a whole, version after version.
type DocKind string

// The kinds of what is kept so.
const (
	DirectiveDoc DocKind = "directive"
	TaskDoc      DocKind = "task"
	RecordDoc    DocKind = "record"
)

// Doc is a directive, a task or a row of a register, as it was from a day on.
type Doc struct {
	Kind    DocKind
	ID      string
	Version int
	Day     clock.Date // on which it was recorded
	At      time.Time
	By      actor.Actor
	// One of them is there.
	Directive *Directive
	Task      *Task
	Record    *Record
}

// Delta is a change of a cell, recorded on a day.
type Delta struct {
	Day clock.Date
	Cell
}

// CellOf is the cell in which a unit task counts.
func (u *UnitTask) CellOf(n int) Cell {
	return Cell{Task: u.Task, Level: u.Level, Origin: u.Origin, State: u.State, Late: u.Late(), From: u.From, Due: u.Due, N: n}
}

// Deltas says what a change of a unit task does to the cells. before is nil for a new one.
func Deltas(before, after *UnitTask, day clock.Date) []Delta {
	if before == nil {
		return []Delta{{day, after.CellOf(1)}}
	}
	was, is := before.CellOf(-1), after.CellOf(1)
	if is.N = -1; was == is {
		return nil
	}
	is.N = 1
	return []Delta{{day, was}, {day, is}}
}

// Filter narrows a list of unit tasks. What is empty lets all pass.
type Filter struct {
	Tasks    []string
	Agencies []string
	Origins  []string
	Level    Level
	States   []State
	Standing Standing   // on Day
	Day      clock.Date // today
	Month    string     // of the due date: "2022-08"
}

// Cursor is the last unit task of a page; the zero one is before the first.
type Cursor struct {
	Due clock.Date
	ID  string
}

// AgencyCount is how the unit tasks of one agency stand.
type AgencyCount struct {
	Agency string
	Count
}

// Store keeps the programme; programmesql does it in a database.
type Store interface {
	// Revision grows with every change.
	Revision(ctx context.Context) (int64, error)
	// Book reads all that was known by the end of a day, or now when it is zero.
	Book(ctx context.Context, known clock.Date) (*Book, error)
	// Save adds a version. It fails with Conflict when there is one with its number.
	Save(ctx context.Context, d Doc) error
	// History lists the versions of something, the last first.
	History(ctx context.Context, kind DocKind, id string) ([]Doc, error)
	// Give adds unit tasks and leaves out those that are there; it says how many it added.
	Give(ctx context.Context, list []UnitTask, by actor.Actor, at time.Time) (int, error)
	// Given lists the agencies that have a task for a period.
	Given(ctx context.Context, task, period string) ([]string, error)
	// UnitTask gives one. It fails with NotFound.
	UnitTask(ctx context.Context, id string) (UnitTask, error)
	// Find gives the one of a task, an agency and a period. It fails with NotFound.
	Find(ctx context.Context, task, agency, period string) (UnitTask, error)
	// UnitTasks lists them by due date, those without one last.
	UnitTasks(ctx context.Context, f Filter, after Cursor, limit int) ([]UnitTask, error)
	// UnitTasksOf lists those that count in one of a few cells, in the same order.
	UnitTasksOf(ctx context.Context, cells []Cell, after Cursor, limit int) ([]UnitTask, error)
	// Counts counts those of agencies on a day.
	Counts(ctx context.Context, agencies []string, day clock.Date) ([]AgencyCount, error)
	// CountsBelow counts those of the local agencies of provinces, by where they come from.
	CountsBelow(ctx context.Context, origins []string, day clock.Date) ([]AgencyCount, error)
	// Change does something to a unit task while others wait, and keeps the event.
	Change(ctx context.Context, id string, do func(UnitTask) (UnitTask, Event, error)) (UnitTask, error)
	// Settle adds versions and does to the unit tasks of tasks that are not done what follows
	// of them: all of it, or nothing. do is given the unit task with what was done to it last,
	// and gives an event without a version when nothing follows. It says how many changed, and
	// fails with Conflict when there is a version already.
	Settle(
		ctx context.Context, docs []Doc, tasks []string, by actor.Actor, at time.Time, do func(UnitTask, Event) (UnitTask, Event, error),
	) (int, error)
	// Events lists what was done to a unit task, the last first.
	Events(ctx context.Context, id string) ([]Event, error)
}
