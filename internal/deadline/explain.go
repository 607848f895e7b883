package deadline

import (
	"math/big"

	"dean06/internal/calendar"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
)

// Why says why a day counts or not: one of the words below, or calendar.Day's own
// ("working_day", "weekend", "holiday:tet", "exchanged_saturday" …). Programs read them.
type Why string

// The words of this package.
const (
	Reception     Why = "reception"      // the dossier counts as received on this day
	AfterCutoff   Why = "after_cutoff"   // it came on this day, too late to count as received
	BeforeRestart Why = "before_restart" // counted before the limit began anew
	InCalendar    Why = "calendar_day"   // counts, whether it works or not
	Paused        Why = "paused"
	PartlyPaused  Why = "partly_paused"
	MovedOn       Why = "moved" // the last day was off
)

// DayCount is a day between reception and due, and what it does. It counts when on it one more
// whole unit of the limit is full; of an hour limit, when hours were counted on it.
type DayCount struct {
	Date   clock.Date `json:"date"`
	Counts bool       `json:"counts"`
	Why    Why        `json:"why"`
}

// Explanation is a result with its days.
type Explanation struct {
	Result
	Days []DayCount
	// Unconfirmed are the days between that the calendar has without a document.
	Unconfirmed []clock.Date
}

// Explain is Compute with the days from reception until due, or until the open pause.
func Explain(c *calendar.Calendar, in Case) (Explanation, error) {
	r, k, err := compute(c, in)
	if err != nil {
		return Explanation{}, err
	}
	out := Explanation{Result: r}
	first, _ := c.Of(in.Received) // compute has looked
	last := k.due.Day()
	if k.open {
		last = k.since.Day()
	}
	full := new(big.Rat)
	for n := first.Day(); n <= max(last, k.arrival.Day()); n++ {
		d := k.explain(n, first.Day(), full)
		out.Days = append(out.Days, d)
		if c.Day(d.Date).Unconfirmed {
			out.Unconfirmed = append(out.Unconfirmed, d.Date)
		}
	}
	return out, nil
}

// explain is day n. full is how much of the limit the days before have filled.
func (k *counter) explain(n, received int, full *big.Rat) DayCount {
	of := k.Day(calendar.DateOf(n))
	d := DayCount{Date: of.Date, Why: Why(of.Code())}
	arrived := k.arrival.Day()
	switch {
	case n < arrived && of.Works && n == received && !k.restarted:
		d.Why = AfterCutoff
		return d
	case n < arrived && of.Works:
		d.Why = BeforeRestart
		return d
	case n < arrived:
		return d
	}
	touched, whole := k.stopped(n)
	for _, s := range k.stages {
		counts, moved := k.counts(s, n, full)
		d.Counts = d.Counts || counts
		if moved && !d.Counts {
			d.Why = MovedOn
		}
		if counts && s.unit == Day {
			d.Why = InCalendar
		}
	}
	switch {
	case n == arrived:
		d.Why = Reception
	case whole && !d.Counts:
		d.Why = Paused
	case touched:
		d.Why = PartlyPaused
	}
	return d
}

// counts says whether a day fills one more unit of a stage, or stands between its last
// day and the day to which that moved.
func (k *counter) counts(s stage, n int, full *big.Rat) (counts, moved bool) {
	if s.unit == Day {
		if n > s.end {
			return false, n <= s.due.Day()
		}
		return n >= s.first && !k.overMidnight(n), false
	}
	worked := k.counted(s, n)
	if s.unit == Hour || worked == 0 {
		return worked > 0, false
	}
	before := new(big.Int).Quo(full.Num(), full.Denom())
	full.Add(full, big.NewRat(worked, k.Length(n)))
	return new(big.Int).Quo(full.Num(), full.Denom()).Cmp(before) > 0, false
}

// counted is the seconds of day n that were counted.
func (k *counter) counted(s stage, n int) int64 {
	from, to := max(s.from, k.Opens(n)), min(s.due, k.Closes(n))
	seconds := k.Between(from, to)
	for _, p := range k.stops {
		seconds -= k.Between(max(from, p.from), min(to, p.to))
	}
	return seconds
}

// overMidnight says that the clock stood still at the end of day n.
func (k *counter) overMidnight(n int) bool {
	for _, p := range k.stops {
		if p.from.Day() <= n && n < p.to.Day() {
			return true
		}
	}
	return false
}

// stopped says whether a pause touches day n, and whether it takes all of it.
func (k *counter) stopped(n int) (touched, whole bool) {
	opens, closes := k.Opens(n), k.Closes(n)
	if opens == closes {
		over := k.overMidnight(n) && k.overMidnight(n-1)
		return false, over && k.stages[0].unit == Day
	}
	still := int64(0)
	for _, p := range k.stops {
		still += k.Between(max(opens, p.from), min(closes, p.to))
	}
	return still > 0, still == k.Length(n)
}

// Text is the reason in words.
func (w Why) Text(p *i18n.Printer) string {
	switch w {
	case Reception, AfterCutoff, BeforeRestart, InCalendar, Paused, PartlyPaused, MovedOn:
		return p.T("deadline.why." + string(w))
	}
	return calendar.Words(p, string(w))
}
