package dossier

import (
	"time"

	"dean06/internal/calendar"
	"dean06/internal/deadline"
)

// ByCalendar computes due moments by a calendar of working time, which may change.
func ByCalendar(now func() *calendar.Calendar) Clockwork { return clockwork{now} }

type clockwork struct{ calendar func() *calendar.Calendar }

// Due is when a dossier is due.
func (c clockwork) Due(d Dossier) (time.Time, bool, error) {
	r, err := deadline.Compute(c.calendar(), CaseOf(d))
	return r.Due, r.Provisional, err
}

// CaseOf is what is stored of a dossier for its deadline.
func CaseOf(d Dossier) deadline.Case {
	in := deadline.Case{Rule: d.Rule, Received: d.ReceivedAt, Restarted: d.RestartedAt}
	for _, p := range d.Pauses {
		in.Pauses = append(in.Pauses, deadline.Pause{Why: p.Why, From: p.From, To: p.To})
	}
	if x := d.Extended; x != nil {
		in.Extension = &deadline.Extension{At: x.At, Until: x.Until}
	}
	return in
}

// After is the end of a limit that begins at a moment.
func (c clockwork) After(from time.Time, l deadline.Limit) time.Time {
	rule := deadline.Rule{Limit: l}
	if l.Unit == deadline.Hour {
		rule.Cutoff = "23:59" // work of the same afternoon
	}
	r, err := deadline.Compute(c.calendar(), deadline.Case{Rule: rule, Received: from})
	if err != nil { // beyond the calendar: no limit that anybody keeps
		return from.AddDate(100, 0, 0)
	}
	return r.Due
}

// Before is so much working time before a moment: hours of work, or working days, of which
// the day of the moment is none.
func (c clockwork) Before(to time.Time, l deadline.Limit) time.Time {
	cal := c.calendar()
	s, ok := cal.Of(to)
	if !ok {
		return to
	}
	if l.Unit == deadline.Hour {
		worked := cal.Worked(s) - int64(l.Value)*3600
		if at, ok := cal.At(max(0, worked)); ok {
			return at.Moment()
		}
		return to
	}
	n := s.Day()
	for left := l.Value; left > 0 && n > 0; {
		n--
		if l.Unit != deadline.WorkingDay || cal.Works(n) {
			left--
		}
	}
	if !cal.Works(n) {
		return calendar.DateOf(n).Start()
	}
	return cal.Opens(n).Moment()
}

// recountStep computes again by when the step is to be done: from when it began, or from the
// end of the last pause in it.
func (a *applying) recountStep() {
	step, ok := a.p.Step(a.d.Step)
	if !ok || step.Budget == nil || a.d.StepDue.IsZero() {
		return
	}
	from := a.d.StepSince
	for _, p := range a.d.Pauses {
		if p.To.After(from) {
			from = p.To
		}
	}
	a.d.StepDue = a.scene.work.After(from, *step.Budget)
}
