package deadline

import (
	"strings"
	"time"

	"dean06/internal/calendar"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

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
