package deadline

import (
	"math/big"
	"strings"
	"time"

	"dean06/internal/calendar"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// State is how a dossier stands to its deadline at a moment.
type State string

// The states.
const (
	OnTime  State = "on_time"
	DueSoon State = "due_soon"
	Overdue State = "overdue"
	Still   State = "paused" // the clock stands still, and there is no due moment
)

// Warning says when a deadline is due soon: when less than a share of its working time is
// left, or less than some working time. What is zero warns of nothing.
type Warning struct {
	Share float64       `yaml:"share" json:"share,omitempty"` // 0.2: the last fifth
	Left  time.Duration `yaml:"left" json:"left,omitempty"`   // of working time
}

// DefaultWarning warns in the last fifth, and in the last four hours of work.
var DefaultWarning = Warning{Share: 0.2, Left: 4 * time.Hour}

// Standing is a State with how much working time is left or has passed since.
type Standing struct {
	State State
	// Left is the working time until due; of an overdue deadline 0.
	Left time.Duration
	// Over is the working time since due, OverDays the days of the calendar: both are 0
	// before. A deadline is overdue from the second after it was due.
	Over     time.Duration
	OverDays int
}

// At is how a result stands at a moment.
func (r Result) At(c *calendar.Calendar, now time.Time, w Warning) Standing {
	if r.Open() {
		return Standing{State: Still}
	}
	if now.After(r.Due) {
		s := Standing{State: Overdue, OverDays: clock.DayOf(r.Due).DaysUntil(clock.DayOf(now))}
		if at, ok := c.Of(now); ok {
			s.Over = time.Duration(c.Between(r.due, at)) * time.Second
		}
		return s
	}
	at, ok := c.Of(now)
	if !ok {
		return Standing{State: OnTime}
	}
	left := time.Duration(c.Between(at, r.due)) * time.Second
	all := time.Duration(c.Between(r.begins, r.due)) * time.Second
	s := Standing{State: OnTime, Left: left}
	if left <= w.Left || float64(left) <= w.Share*float64(all) {
		s.State = DueSoon
	}
	return s
}

// Level is who is to be told of a deadline.
type Level int

// The levels, each with those before it.
const (
	Nobody     Level = iota
	Officer          // who has the dossier: it is due soon
	Supervisor       // it is overdue
	Leader           // it has been overdue for long
)

// Escalation says after how much overdue working time the leader is told.
type Escalation struct {
	Warning Warning       `yaml:"warning" json:"warning"`
	Leader  time.Duration `yaml:"leader" json:"leader"`
}

// DefaultEscalation tells the leader after two working days of eight hours.
var DefaultEscalation = Escalation{Warning: DefaultWarning, Leader: 16 * time.Hour}

// Escalate is who is to be told of a result at a moment. Who has been told already, the
// caller keeps.
func (r Result) Escalate(c *calendar.Calendar, now time.Time, e Escalation) Level {
	switch s := r.At(c, now, e.Warning); {
	case s.State == DueSoon:
		return Officer
	case s.State == Overdue && s.Over >= e.Leader:
		return Leader
	case s.State == Overdue:
		return Supervisor
	}
	return Nobody
}

// Extend gives the case with an extension. It fails with Conflict for a second one and
// with Invalid when it is asked for too late (Nghị định 61/2018, Điều 19 khoản 9: at least
// one day before the due day), while the clock stands still, or without reason and apology.
func Extend(c *calendar.Calendar, in Case, x Extension) (Case, error) {
	if in.Extension != nil {
		return in, fault.New(fault.Conflict, "deadline.extension.second", nil)
	}
	var list fault.List
	if strings.TrimSpace(x.Reason) == "" {
		list = append(list, fault.New(fault.Invalid, "deadline.extension.reason", nil).At("reason"))
	}
	if !x.Apology {
		list = append(list, fault.New(fault.Invalid, "deadline.extension.apology", nil).At("apology"))
	}
	if err := list.Err(); err != nil {
		return in, err
	}
	if x.At.Before(in.Received) {
		return in, fault.New(fault.Invalid, "deadline.extension.early", nil).At("at")
	}
	r, err := Compute(c, in)
	switch {
	case err != nil:
		return in, err
	case r.Open():
		return in, fault.New(fault.Invalid, "deadline.extension.open", nil)
	}
	due := clock.DayOf(r.Due)
	if !clock.DayOf(x.At).Before(due) {
		return in, fault.New(fault.Invalid, "deadline.extension.late", fault.Args{"date": due}).At("at")
	}
	if !x.Until.After(due) {
		return in, fault.New(fault.Invalid, "deadline.extension.until", fault.Args{"date": due}).At("until")
	}
	in.Extension = &x
	if _, err := Compute(c, in); err != nil {
		return in, err
	}
	return in, nil
}

// StepDue is by when a step must be done that began at a moment and has a budget: its
// time runs from then, or from when the limit's does, with the same pauses, and ends with
// the limit at the latest. Open says that the clock stands still.
func StepDue(c *calendar.Calendar, in Case, budget Limit, began time.Time) (due time.Time, open bool, err error) {
	if err := budget.Check(); err != nil {
		return time.Time{}, false, err
	}
	whole, k, err := compute(c, in)
	if err != nil {
		return time.Time{}, false, err
	}
	from, ok := c.Of(began)
	if !ok {
		return time.Time{}, false, beyond()
	}
	step := &counter{Calendar: c, stops: k.stops, arrival: k.arrival, begins: max(from, k.begins)}
	switch first := step.begins.Day(); budget.Unit {
	case Hour:
		ok = step.hours(step.begins, int64(budget.Value)*3600)
	case WorkingDay:
		ok = step.workingDays(step.share(step.begins), budget.Value)
	default: // the day on which the step began is not counted
		ok = step.days(first+1, inDays(first+1, budget))
	}
	switch {
	case !ok:
		return time.Time{}, false, beyond()
	case step.open:
		return time.Time{}, true, nil
	case !whole.Open() && k.due < step.due:
		return whole.Due, false, nil
	}
	return step.due.Moment(), false, nil
}

// Item is a case with the name by which its owner knows it.
type Item struct {
	ID   string
	Case Case
}

// Move is a deadline that a change of the calendar moved.
type Move struct {
	ID            string
	Before, After Result
}

// Moved are the items whose deadline two calendars have differently, in their order: the
// due moment, whether there is one, from when it is counted, or whether it is provisional.
// Unreached are those that one of the calendars cannot compute.
func Moved(before, after *calendar.Calendar, items []Item) (moves []Move, unreached []string) {
	for _, it := range items {
		a, errA := Compute(before, it.Case)
		b, errB := Compute(after, it.Case)
		if errA != nil || errB != nil {
			unreached = append(unreached, it.ID)
			continue
		}
		if !a.Due.Equal(b.Due) || !a.CountedFrom.Equal(b.CountedFrom) || a.Provisional != b.Provisional || a.Left != b.Left {
			moves = append(moves, Move{ID: it.ID, Before: a, After: b})
		}
	}
	return moves, unreached
}

// Later is the moment so much working time after another, or before it when the limit is
// negative: hours of work and working days to the second, days and months by the calendar
// at the same time of day. Where the calendar ends it stops.
func Later(c *calendar.Calendar, from time.Time, l Limit) time.Time {
	at, ok := c.Of(from)
	if !ok {
		return from
	}
	k := &counter{Calendar: c}
	var to calendar.Second
	switch l.Unit {
	case Hour:
		to, ok = c.At(c.Worked(at) + int64(l.Value)*3600)
	case WorkingDay:
		to, ok = k.moment(new(big.Rat).Add(k.share(at), whole(l.Value)))
	default:
		return from.In(clock.Zone).AddDate(0, 0, inDays(at.Day()+1, l))
	}
	switch {
	case ok:
		return to.Moment()
	case l.Value < 0:
		return calendar.First.Start()
	}
	return calendar.Last.End()
}
