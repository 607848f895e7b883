package programme

import (
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Standing is how a unit task stands on a day. It follows from its state and its days by
// Judge, and is stored nowhere: tomorrow it may be another.
type Standing string

// The standings.
const (
	StandDone      Standing = "done"
	StandDoneLate  Standing = "done_late"
	StandWaiting   Standing = "waiting" // reported, and not accepted yet
	StandOverdue   Standing = "overdue"
	StandBlocked   Standing = "blocked"
	StandAtRisk    Standing = "at_risk"
	StandOnTrack   Standing = "on_track"
	StandWithdrawn Standing = "withdrawn"
)

// Standings lists them, what wants attention first.
var Standings = []Standing{StandOverdue, StandBlocked, StandAtRisk, StandWaiting, StandOnTrack, StandDoneLate, StandDone, StandWithdrawn}

// RiskDays is how many days before its due date a task that is not reported is at risk.
const RiskDays = 14

// Judged is a standing with the reason that people read.
type Judged struct {
	Standing Standing
	Key      string
	Args     fault.Args
}

// Judge says how something stands on a day. The rules, of which the first that fits holds:
// done, in time or late; withdrawn; reported, which waits for another person; overdue the
// day after its due date, blocked or not; blocked; at risk within RiskDays of the due date,
// or when half of the time is gone and nothing has begun; else on track.
func Judge(s State, late bool, from, due, day clock.Date) Judged {
	args := fault.Args{"due": due}
	says := func(st Standing, key string) Judged { return Judged{st, "programme.reason." + key, args} }
	switch s {
	case Done:
		if late {
			return says(StandDoneLate, "done_late")
		}
		return says(StandDone, "done")
	case Withdrawn:
		return says(StandWithdrawn, "withdrawn")
	case Reported:
		return says(StandWaiting, "waiting")
	case Given, Doing, Blocked:
	}
	if due.IsZero() {
		if s == Blocked {
			return says(StandBlocked, "blocked")
		}
		return says(StandOnTrack, "no_due")
	}
	left := day.DaysUntil(due)
	args["days"] = max(left, -left)
	switch {
	case left < 0:
		return says(StandOverdue, "overdue")
	case s == Blocked:
		return says(StandBlocked, "blocked")
	case left <= RiskDays:
		args["limit"] = RiskDays
		return says(StandAtRisk, "soon")
	case s == Given && from.DaysUntil(day) > left:
		return says(StandAtRisk, "not_begun")
	}
	return says(StandOnTrack, "on_track")
}

// Stands is how a unit task stands on a day.
func (u *UnitTask) Stands(day clock.Date) Judged { return Judge(u.State, u.Late(), u.From, u.Due, day) }
