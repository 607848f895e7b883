package exchange

import (
	"time"

	"dean06/internal/platform/clock"
)

// Bounded says that the quota bounds at all.
func (q Quota) Bounded() bool { return q.Calls > 0 }

// Cost is what a call about so many persons takes of the quota: 0 of one that does not
// bound, and never less than 1 of one that does.
func (q Quota) Cost(persons int64) int64 {
	switch {
	case !q.Bounded():
		return 0
	case q.Of == OfPersons:
		return max(1, persons)
	}
	return 1
}

// Left says whether so much more is left after used.
func (q Quota) Left(used, cost int64) bool { return !q.Bounded() || cost <= q.Calls-used }

// noun is what is counted, for a text in English.
func (q Quota) noun() string {
	if q.Of == OfPersons {
		return "persons"
	}
	return "calls"
}

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

// Next is when the period after the one that at is in begins; zero without a quota.
func (q Quota) Next(at time.Time) time.Time {
	if !q.Bounded() {
		return time.Time{}
	}
	return q.next(Window(q, at))
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
