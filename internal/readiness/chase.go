package readiness

import (
	"fmt"
	"slices"
	"time"

	"dean06/internal/platform/clock"
)

// ChaseStep is a reminder in the schedule of a campaign.
type ChaseStep struct {
	Days int  `json:"days"` // after the due day; negative: before it
	Name Text `json:"name"`
}

// Key names the step: "-7", "+1".
func (s ChaseStep) Key() string { return fmt.Sprintf("%+d", s.Days) }

// Day is the day of the step in a campaign that is due on a day.
func (s ChaseStep) Day(due clock.Date) clock.Date { return due.AddDays(s.Days) }

// Standing is where one recipient's return stands.
type Standing struct {
	Agency   Agency
	State    State
	Problems int // open problems of the newest version or draft
	// HandedIn is when the first version came in; zero: none has.
	HandedIn time.Time
	// Sent are the keys of the steps for which a reminder went out.
	Sent []string
	// Papers are the items of files that wait for a person and are, or may be, of the
	// agency: it is not silent, and not chased, as long as the office has not looked.
	Papers []string
}

// Chased is one recipient on the chase list.
type Chased struct {
	Standing
	Late       int // days after the due day; 0: not late, or handed in
	CameLate   int // by how many days after it the first version came in
	Incomplete bool
	// Due is the reminder that is due now and was not sent; nil when there is
	// none. When several days were missed, only the last step is due: nobody
	// gets seven reminders at once.
	Due *ChaseStep
	// Next is the step after that, if one is to come.
	Next *ChaseStep
}

// Key is the reminder's own name, the same however often the list is made: a
// reminder whose key was sent is not sent again.
func (c Chased) Key(campaign string) string {
	if c.Due == nil {
		return ""
	}
	return campaign + "/" + c.Agency.Code + "/" + c.Due.Key()
}

// LateBy is by how many days after the letter's due day something came in; 0 in time.
func (c Campaign) LateBy(at time.Time) int {
	if at.IsZero() {
		return 0
	}
	return max(0, c.Due.DaysUntil(clock.DayOf(at)))
}

// Outstanding says that the coordinator still waits for the agency.
func Outstanding(s State) bool { return s != Submitted && s != Accepted }

// Chase makes the list of recipients with what is due on a day, the latest
// first, then in the order given. One who has handed in is reminded no more.
func Chase(c Campaign, on clock.Date, standings []Standing) []Chased {
	out := make([]Chased, 0, len(standings))
	for _, s := range standings {
		ch := Chased{Standing: s, Incomplete: s.Problems > 0, CameLate: c.LateBy(s.HandedIn)}
		if Outstanding(s.State) && len(s.Papers) == 0 && c.Cancelled == nil {
			ch.Late = max(0, c.Due.DaysUntil(on))
			ch.Due, ch.Next = stepsAt(c, on, s.Sent)
		}
		out = append(out, ch)
	}
	slices.SortStableFunc(out, func(a, b Chased) int { return b.Late - a.Late })
	return out
}

func stepsAt(c Campaign, on clock.Date, sent []string) (due, next *ChaseStep) {
	if on.Before(c.Issued) {
		return nil, nil
	}
	for i := range c.Schedule {
		s := c.Schedule[i]
		if s.Day(c.Due).After(on) {
			next = &s
			break
		}
		due = &s
	}
	if due != nil && (slices.Contains(sent, due.Key()) || due.Day(c.Due).Before(c.Issued)) {
		due = nil
	}
	return due, next
}
