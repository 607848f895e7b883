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

// StandingOf says how something stands on a day. The rules, of which the first that fits
// holds: done, in time or late; withdrawn; reported, which waits for another person;
// overdue the day after its due date, blocked or not; blocked; at risk within RiskDays of
// the due date, or when half of the time is gone and nothing has begun; else on track.
func StandingOf(s State, late bool, from, due, day clock.Date) Standing {
	switch s {
	case Done:
		if late {
			return StandDoneLate
		}
		return StandDone
	case Withdrawn:
		return StandWithdrawn
	case Reported:
		return StandWaiting
	case Given, Doing, Blocked:
	}
	switch {
	case !due.IsZero() && due.Before(day):
		return StandOverdue
	case s == Blocked:
		return StandBlocked
	case due.IsZero():
		return StandOnTrack
	case isNear(due, day), s == Given && from.DaysUntil(day) > day.DaysUntil(due):
		return StandAtRisk
	}
	return StandOnTrack
}

func isNear(due, day clock.Date) bool { return day.DaysUntil(due) <= RiskDays }

// Judge says how something stands on a day, and why.
func Judge(s State, late bool, from, due, day clock.Date) Judged {
	j := Judged{Standing: StandingOf(s, late, from, due, day), Args: fault.Args{"due": due}}
	if !due.IsZero() {
		left := day.DaysUntil(due)
		j.Args["days"], j.Args["limit"] = max(left, -left), RiskDays
	}
	why := string(j.Standing)
	switch {
	case j.Standing == StandAtRisk && isNear(due, day):
		why = "soon"
	case j.Standing == StandAtRisk:
		why = "not_begun"
	case j.Standing == StandOnTrack && due.IsZero():
		why = "no_due"
	}
	j.Key = "programme.reason." + why
	return j
}

// Stands is how a unit task stands on a day.
func (u *UnitTask) Stands(day clock.Date) Judged { return Judge(u.State, u.Late(), u.From, u.Due, day) }
