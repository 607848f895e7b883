package calendar

import (
	"sort"
	"time"

	"dean06/internal/platform/clock"
)

// The counting of working time. Moments are cut to seconds. What stands here is asked for
// a hundred thousand deadlines at once, so days are numbers and nothing is allocated.

const day = 86400

var epoch = First.Start().Unix()

// Second is a moment as the seconds since the first day of the calendar began.
type Second int64

// Of is the second in which a moment lies; false when the calendar does not know its day.
func (c *Calendar) Of(t time.Time) (Second, bool) {
	s := t.Unix() - epoch
	return Second(s), s >= 0 && s < int64(len(c.days))*day
}

// Moment is the second as a moment in Vietnam.
func (s Second) Moment() time.Time { return time.Unix(int64(s)+epoch, 0).In(clock.Zone) }

// Day is the number of the day in which the second lies.
func (s Second) Day() int { return int(s / day) }

// Of is the seconds since midnight.
func (s Second) sinceMidnight() int64 { return int64(s % day) }

// DayNumber numbers a day from First on; false when the calendar does not know it.
func (c *Calendar) DayNumber(d clock.Date) (int, bool) {
	n := First.DaysUntil(d)
	return n, n >= 0 && n < len(c.days)
}

// Days is how many days the calendar has.
func (c *Calendar) Days() int { return len(c.days) }

// DateOf is the day with a number.
func DateOf(n int) clock.Date { return First.AddDays(n) }

// Works says that day n works.
func (c *Calendar) Works(n int) bool { return c.days[n].plan > 0 }

// Provisional says that nobody has published the days off of day n's year.
func (c *Calendar) Provisional(n int) bool { return c.days[n].flags&flagProvisional != 0 }

// Opens is when day n opens, Closes when it closes; for a day off both are its midnight.
func (c *Calendar) Opens(n int) Second { return c.edge(n, true) }

// Closes is when day n closes.
func (c *Calendar) Closes(n int) Second { return c.edge(n, false) }

func (c *Calendar) edge(n int, opening bool) Second {
	s := Second(n) * day
	spans := c.plans[c.days[n].plan].spans
	switch {
	case len(spans) == 0:
		return s
	case opening:
		return s + Second(spans[0].From)*60
	}
	return s + Second(spans[len(spans)-1].To)*60
}

// WorkingBefore is how many days work before day n.
func (c *Calendar) WorkingBefore(n int) int {
	if n >= len(c.days) {
		return len(c.working)
	}
	return int(c.days[n].before)
}

// Working is the day that has k working days before it; false when the calendar ends before.
func (c *Calendar) Working(k int) (int, bool) {
	if k < 0 || k >= len(c.working) {
		return 0, false
	}
	return int(c.working[k]), true
}

// NextWorking is the first day from n on that works; false when the calendar ends before.
func (c *Calendar) NextWorking(n int) (int, bool) {
	if n >= len(c.days) {
		return 0, false
	}
	return c.Working(int(c.days[n].before))
}

// Length is the working seconds of day n.
func (c *Calendar) Length(n int) int64 { return int64(c.plans[c.days[n].plan].minutes) * 60 }

// Within is the working seconds of the day of s until s.
func (c *Calendar) Within(s Second) int64 {
	in := s.sinceMidnight()
	done := int64(0)
	for _, span := range c.plans[c.days[s.Day()].plan].spans {
		done += max(0, min(in, int64(span.To)*60)-int64(span.From)*60)
	}
	return done
}

// Worked is the working seconds from the beginning of the calendar until s.
func (c *Calendar) Worked(s Second) int64 {
	if s.Day() >= len(c.days) {
		return c.total()
	}
	return int64(c.days[s.Day()].minutes)*60 + c.Within(s)
}

func (c *Calendar) total() int64 {
	last := len(c.days) - 1
	return int64(c.days[last].minutes)*60 + c.Length(last)
}

// Between is the working time between two seconds; 0 when the second is not later.
func (c *Calendar) Between(a, b Second) int64 {
	if b <= a {
		return 0
	}
	return c.Worked(b) - c.Worked(a)
}

// At is the first second at which so many working seconds have passed since the calendar
// began: never in a pause of the day, never at an opening when it can be at the closing
// before. False when the calendar ends before.
func (c *Calendar) At(worked int64) (Second, bool) {
	if worked <= 0 || worked > c.total() {
		return 0, false
	}
	// The last working day before which less has passed.
	k := sort.Search(len(c.working), func(k int) bool { return int64(c.days[c.working[k]].minutes)*60 >= worked }) - 1
	n := int(c.working[k])
	return c.Into(n, worked-int64(c.days[n].minutes)*60), true
}

// Into is the moment of day n when so many of its seconds have been worked.
func (c *Calendar) Into(n int, worked int64) Second {
	s := Second(n) * day
	for _, span := range c.plans[c.days[n].plan].spans {
		length := int64(span.To-span.From) * 60
		if worked <= length {
			return s + Second(int64(span.From)*60+worked)
		}
		worked -= length
	}
	return c.Closes(n)
}

// Forward is the first second from s on that lies in working time; false when the
// calendar ends before.
func (c *Calendar) Forward(s Second) (Second, bool) {
	for n := s.Day(); ; {
		for _, span := range c.plans[c.days[n].plan].spans {
			from, to := Second(n)*day+Second(span.From)*60, Second(n)*day+Second(span.To)*60
			if s < to {
				return max(s, from), true
			}
		}
		next, ok := c.NextWorking(n + 1)
		if !ok {
			return 0, false
		}
		n = next
	}
}

// Back is the last second up to s at which work ends or goes on; false when the calendar
// begins after it.
func (c *Calendar) Back(s Second) (Second, bool) { return c.At(c.Worked(s)) }
