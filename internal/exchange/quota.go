package exchange

import (
	"time"

	"dean06/internal/platform/clock"
)

// Bounded says that the quota bounds at all.
func (q Quota) Bounded() bool { return q.Calls > 0 }

// Left says whether one more call is left after used.
func (q Quota) Left(used int64) bool { return !q.Bounded() || used < q.Calls }

// Window is the start of the quota's period that at is in; zero without a quota.
func Window(q Quota, at time.Time) time.Time {
	if !q.Bounded() {
		return time.Time{}
	}
	at = at.In(clock.Zone)
	switch q.Per {
	case Minute:
		return at.Truncate(time.Minute).UTC()
	case Hour: // the zone is off by whole hours
		return at.Truncate(time.Hour).UTC()
	case Month:
		return clock.NewDate(at.Year(), at.Month(), 1).Start().UTC()
	}
	return clock.DayOf(at).Start().UTC()
}

// next is when the period after window begins.
func (q Quota) next(window time.Time) time.Time {
	switch q.Per {
	case Minute:
		return window.Add(time.Minute)
	case Hour:
		return window.Add(time.Hour)
	case Month:
		return window.In(clock.Zone).AddDate(0, 1, 0)
	}
	return window.AddDate(0, 0, 1)
}
