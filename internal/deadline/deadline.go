package deadline

import (
	"cmp"
	"math"
	"math/big"
	"slices"
	"time"

	"dean06/internal/calendar"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Pause is a stretch in which a dossier's clock stands still.
type Pause struct {
	Why  string // Supplement, Fee; "": it stops the clock under every rule
	From time.Time
	To   time.Time // zero: it goes on
}

// Open says that the pause goes on.
func (p Pause) Open() bool { return p.To.IsZero() }

func (p Pause) check() error {
	if !p.Open() && p.To.Before(p.From) {
		return fault.New(fault.Invalid, "deadline.pause.order", fault.Args{"from": p.From, "to": p.To})
	}
	return nil
}

// Extension is that the result was promised anew.
type Extension struct {
	At    time.Time  // when it was asked for
	Until clock.Date // the day that is promised now
}

// Case is what is stored of a dossier for its deadline.
type Case struct {
	Rule     Rule
	Received time.Time
	Pauses   []Pause
	// Restarted is when a supplement was complete; zero: never. It matters where the rule
	// begins anew then.
	Restarted time.Time
	Extension *Extension
}

// Result is what a Case comes to by a calendar.
type Result struct {
	Due time.Time // zero while a pause is open
	// CountedFrom is the moment at which the dossier counts as received.
	CountedFrom time.Time
	// PausedSince is when the open pause began, zero when there is none. Left is what is
	// left of the limit then.
	PausedSince time.Time
	Left        Left
	// Provisional says that a year that the deadline touches has no published days off.
	Provisional bool
	// Restarted says that a supplement began the limit anew.
	Restarted bool

	begins calendar.Second // of counting
	due    calendar.Second
}

// Open says that there is no due moment while a pause is open.
func (r Result) Open() bool { return r.Due.IsZero() }

// Left is what is left of a limit: whole days in the limit's unit, and working time.
type Left struct {
	Days int           `json:"days"`
	Time time.Duration `json:"time"`
}

// stop is a pause in the calendar's seconds, its ends in working time.
type stop struct{ from, to calendar.Second }

const forever = calendar.Second(math.MaxInt64)

// Compute gives the deadline. It fails with Invalid when the rule or a pause is none, or
// the calendar does not reach so far.
func Compute(c *calendar.Calendar, in Case) (Result, error) {
	r, _, err := compute(c, in)
	return r, err
}

func compute(c *calendar.Calendar, in Case) (Result, *counter, error) {
	var r Result
	if err := in.Rule.Check(); err != nil {
		return r, nil, err
	}
	first, ok := c.Of(in.Received)
	if !ok {
		return r, nil, beyond()
	}
	k := &counter{Calendar: c}
	if err := k.takePauses(in); err != nil {
		return r, nil, err
	}
	received := in.Received
	if in.Rule.Restart && in.Restarted.After(in.Received) {
		received, r.Restarted, k.restarted = in.Restarted, true, true
		k.forget(received)
	}
	arrival, ok := k.arrive(in.Rule, received)
	if !ok {
		return r, nil, beyond()
	}
	k.arrival = arrival
	r.CountedFrom = arrival.Moment()
	if !k.count(in.Rule, arrival) {
		return r, nil, beyond()
	}
	if x := in.Extension; x != nil && !k.open && !(r.Restarted && x.At.Before(received)) {
		if ok, err := k.extend(in, *x); err != nil || !ok {
			return r, nil, cmp.Or(err, beyond())
		}
	}
	r.begins, r.due = k.begins, k.due
	end := k.due
	if k.open {
		end = k.since
		r.PausedSince, r.Left = k.since.Moment(), k.left
	} else {
		r.Due = k.due.Moment()
	}
	r.Provisional = anyProvisional(c, first.Day(), max(end, arrival).Day())
	return r, k, nil
}

// anyProvisional looks at one day of each year from day a to day b.
func anyProvisional(c *calendar.Calendar, a, b int) bool {
	for n := a; n < b; n += 365 {
		if c.Provisional(n) {
			return true
		}
	}
	return c.Provisional(b)
}

func beyond() error {
	return fault.New(fault.Invalid, "deadline.beyond", fault.Args{"from": calendar.First, "to": calendar.Last}).At("received")
}

// counter counts one deadline.
type counter struct {
	*calendar.Calendar

	stops   []stop // in order, apart
	arrival calendar.Second
	begins  calendar.Second
	due     calendar.Second
	last    int // day on which the limit ended, before it moved
	open    bool
	since   calendar.Second
	left    Left
	stages  []stage

	restarted bool
}

// stage is a limit that was counted: the rule's, then the extension's.
type stage struct {
	unit       Unit
	from, due  calendar.Second
	first, end int // days of the calendar that were counted, for units that count them
}

// done notes a limit that was counted.
func (k *counter) done(unit Unit, from calendar.Second) {
	s := stage{unit: unit, from: from, due: k.due, first: from.Day(), end: k.last}
	if k.open {
		s.due, s.end = k.since, k.since.Day()
	}
	k.stages = append(k.stages, s)
}

// takePauses takes the pauses that stop the clock: those that touch are one, and the ends
// of each are drawn into working time.
func (k *counter) takePauses(in Case) error {
	for _, p := range in.Pauses {
		if err := p.check(); err != nil {
			return err
		}
		if !in.Rule.Stops(p.Why) {
			continue
		}
		s := stop{to: forever}
		var ok bool
		if s.from, ok = k.Of(p.From); !ok {
			return beyond()
		}
		if !p.Open() {
			if s.to, ok = k.Of(p.To); !ok {
				return beyond()
			}
		}
		k.stops = append(k.stops, s)
	}
	if len(k.stops) == 0 {
		return nil
	}
	slices.SortFunc(k.stops, func(a, b stop) int { return cmp.Compare(a.from, b.from) })
	joined := k.stops[:1]
	for _, s := range k.stops[1:] {
		if end := &joined[len(joined)-1]; s.from <= end.to {
			end.to = max(end.to, s.to)
			continue
		}
		joined = append(joined, s)
	}
	k.stops = joined[:0]
	for _, s := range joined {
		var ok bool
		if s.from, ok = k.Forward(s.from); !ok {
			return beyond()
		}
		if s.to != forever {
			if s.to, ok = k.Back(s.to); !ok || s.to <= s.from {
				continue // nobody would have worked
			}
		}
		k.stops = append(k.stops, s)
	}
	return nil
}

// forget lets go of what stood still before a moment.
func (k *counter) forget(t time.Time) {
	at, ok := k.Of(t)
	if !ok {
		return
	}
	if at, ok = k.Forward(at); !ok {
		return
	}
	k.stops = slices.DeleteFunc(k.stops, func(s stop) bool { return s.to <= at })
	for i := range k.stops {
		k.stops[i].from = max(k.stops[i].from, at)
	}
}

// arrive is when a dossier counts as received.
func (k *counter) arrive(r Rule, received time.Time) (calendar.Second, bool) {
	s, ok := k.Of(received)
	if !ok {
		return 0, false
	}
	n := s.Day()
	if k.Works(n) {
		cutoff, err := r.cutoff()
		if err != nil {
			return 0, false // Check has refused it
		}
		until := min(calendar.Second(n)*86400+calendar.Second(cutoff)*60, k.Closes(n))
		if s <= until {
			return s, true
		}
	}
	n, ok = k.NextWorking(n + 1)
	return k.Opens(n), ok
}

// count counts the limit of a rule.
func (k *counter) count(r Rule, arrival calendar.Second) bool {
	l, n := r.Limit, arrival.Day()
	if r.SameDay {
		k.begins = k.Opens(n)
		defer k.done(WorkingDay, k.begins)
		return k.workingDays(whole(k.WorkingBefore(n)), 1)
	}
	first := n + 1
	if r.CountReception {
		first = n
	}
	if k.begins = arrival; l.Unit != Hour {
		k.begins = k.firstOpening(first)
	}
	switch l.Unit {
	case Hour:
		defer k.done(Hour, arrival)
		return k.hours(arrival, int64(l.Value)*3600)
	case WorkingDay:
		defer k.done(WorkingDay, k.begins)
		return k.workingDays(whole(k.WorkingBefore(first)), l.Value)
	}
	defer k.done(Day, calendar.Second(first)*86400)
	return k.days(first, inDays(first, l))
}

// inDays is a limit in days of the calendar, of which a day is the first.
func inDays(first int, l Limit) int {
	if l.Unit != Month {
		return l.Value
	}
	from := calendar.DateOf(first - 1)
	return from.DaysUntil(sameDate(from, l.Value))
}

func (k *counter) firstOpening(n int) calendar.Second {
	n, ok := k.NextWorking(n)
	if !ok {
		return calendar.Second(k.Days()) * 86400
	}
	return k.Opens(n)
}

// extend counts on from the due moment: as many days of the calendar as lie between the
// day that was promised before and the one that is promised now. So a pause that comes
// later moves that one too, and a change of the calendar leaves it where it is.
func (k *counter) extend(in Case, x Extension) (bool, error) {
	until, ok := k.DayNumber(x.Until)
	if !ok {
		return false, nil
	}
	then := in
	then.Extension = nil
	then.Pauses = slices.DeleteFunc(slices.Clone(in.Pauses), func(p Pause) bool { return p.From.After(x.At) })
	promised, _, err := compute(k.Calendar, then)
	if err != nil || promised.Open() || promised.due.Day() >= until {
		return err == nil, err
	}
	first := k.due.Day() + 1
	defer k.done(Day, calendar.Second(first)*86400)
	return k.days(first, until-promised.due.Day()), nil
}

// sameDate is the day with the same number some months later, or that month's last.
func sameDate(d clock.Date, months int) clock.Date {
	month := clock.NewDate(d.Year(), d.Month()+time.Month(months), 1)
	last := clock.NewDate(month.Year(), month.Month()+1, 0)
	return clock.NewDate(month.Year(), month.Month(), min(d.Day(), last.Day()))
}

// hours ends the limit when so many seconds have been worked from a moment on.
func (k *counter) hours(at calendar.Second, seconds int64) bool {
	for _, s := range k.stops {
		if s.to <= at {
			continue
		}
		if s.from > at {
			worked := k.Between(at, s.from)
			if seconds <= worked {
				break
			}
			seconds -= worked
		}
		if s.to == forever {
			k.open, k.since, k.left = true, max(s.from, at), Left{Time: time.Duration(seconds) * time.Second}
			return true
		}
		at = s.to
	}
	var ok bool
	k.due, ok = k.At(k.Worked(at) + seconds)
	k.last = k.due.Day()
	return ok
}

// whole is a number of days as a share.
func whole(days int) *big.Rat { return new(big.Rat).SetInt64(int64(days)) }

// share is how many working days have passed until a moment, the day's own by its part.
func (k *counter) share(s calendar.Second) *big.Rat {
	at := whole(k.WorkingBefore(s.Day()))
	if length := k.Length(s.Day()); length > 0 {
		at.Add(at, big.NewRat(k.Within(s), length))
	}
	return at
}

// moment is when a share of working days has passed: to the second, and at a closing
// rather than at the opening after it.
func (k *counter) moment(share *big.Rat) (calendar.Second, bool) {
	days := new(big.Int).Quo(share.Num(), share.Denom())
	rest := new(big.Rat).Sub(share, new(big.Rat).SetInt(days))
	n, ok := k.Working(int(days.Int64()))
	if rest.Sign() == 0 {
		if n, ok = k.Working(int(days.Int64()) - 1); !ok {
			return 0, false
		}
		return k.Closes(n), true
	}
	if !ok {
		return 0, false
	}
	rest.Mul(rest, new(big.Rat).SetInt64(k.Length(n)))
	seconds := new(big.Int).Quo(rest.Num(), rest.Denom()).Int64()
	if !rest.IsInt() {
		seconds++
	}
	return k.Into(n, seconds), true
}

// workingDays ends the limit when so many working days have passed from a share on.
func (k *counter) workingDays(at *big.Rat, value int) bool {
	if len(k.stops) == 0 && at.IsInt() { // nearly always
		n, ok := k.Working(int(at.Num().Int64()) + value - 1)
		if !ok {
			return false
		}
		k.due, k.last = k.Closes(n), n
		return true
	}
	left := whole(value)
	for _, s := range k.stops {
		from, to := k.share(s.from), at
		if s.to != forever {
			if to = k.share(s.to); to.Cmp(at) <= 0 {
				continue
			}
		}
		if from.Cmp(at) > 0 {
			passed := new(big.Rat).Sub(from, at)
			if left.Cmp(passed) <= 0 {
				break
			}
			left.Sub(left, passed)
			at = from
		}
		if s.to == forever {
			return k.stay(at, left)
		}
		at = to
	}
	var ok bool
	k.due, ok = k.moment(new(big.Rat).Add(at, left))
	k.last = k.due.Day()
	return ok
}

// stay ends nowhere: the clock stands still.
func (k *counter) stay(at, left *big.Rat) bool {
	k.open = true
	since := k.stops[len(k.stops)-1].from
	k.since = max(since, k.begins)
	days := new(big.Int).Quo(left.Num(), left.Denom())
	rest := new(big.Rat).Sub(left, new(big.Rat).SetInt(days))
	n, ok := k.NextWorking(k.since.Day())
	if ok {
		rest.Mul(rest, new(big.Rat).SetInt64(k.Length(n)))
	}
	seconds, _ := rest.Float64()
	k.left = Left{Days: int(days.Int64()), Time: time.Duration(math.Round(seconds)) * time.Second}
	return true
}

// days ends the limit on the n-th day of the calendar from a day on whose midnight is
// not in a pause, or on the first day after it that works.
func (k *counter) days(first, n int) bool {
	at := first
	for _, s := range k.stops {
		from, to := s.from.Day(), s.to.Day() // the days from "from" until before "to" do not count
		if s.to != forever && to <= at {
			continue
		}
		if from > at && n <= from-at {
			break
		}
		n -= max(0, from-at)
		at = max(at, from)
		if s.to == forever {
			k.open, k.since, k.left = true, max(s.from, k.begins), Left{Days: n}
			return true
		}
		at = max(at, to)
	}
	k.last = at + n - 1
	if k.last >= k.Days() {
		return false
	}
	due := k.last
	for {
		var ok bool
		if due, ok = k.NextWorking(due); !ok {
			return false
		}
		i := slices.IndexFunc(k.stops, func(s stop) bool { return s.from.Day() <= due && (s.to == forever || due < s.to.Day()) })
		if i < 0 {
			break
		}
		if k.stops[i].to == forever {
			k.open, k.since, k.left = true, k.stops[i].from, Left{}
			return true
		}
		due = k.stops[i].to.Day()
	}
	k.due = k.Closes(due)
	return true
}
