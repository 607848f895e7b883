package deadline_test

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/calendar"
	"dean06/internal/deadline"
	"dean06/internal/platform/clock"
)

// someCalendar is the one that the program brings, with days off, half days, worked
// Saturdays and other hours as an administrator may enter them.
func someCalendar(t *rapid.T) *calendar.Calendar {
	c, err := calendar.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	var changes []calendar.Change
	for range rapid.IntRange(0, 4).Draw(t, "changes") {
		ch := calendar.Change{
			Kind: rapid.SampledFrom([]calendar.ChangeKind{
				calendar.ChangeOff, calendar.ChangeMorningOff, calendar.ChangeAfternoonOff, calendar.ChangeWork, calendar.ChangeHours,
			}).Draw(t, "kind"),
			Date: clock.MustDate("2026-02-02").AddDays(rapid.IntRange(0, 40).Draw(t, "changed")), Basis: "QĐ 1",
		}
		day := c.Day(ch.Date)
		switch {
		case ch.Kind == calendar.ChangeHours:
			ch.Spans = []calendar.Span{{From: 8 * 60, To: 11*60 + 30}, {From: 13 * 60, To: 16*60 + 30}}
		case ch.Kind == calendar.ChangeWork && day.Why != calendar.Weekend, ch.Kind != calendar.ChangeWork && !day.Works:
			continue
		}
		changes = append(changes, ch)
	}
	if c, err = c.ApplyAll(changes); err != nil {
		t.Fatal(err)
	}
	return c
}

var start = clock.MustDate("2026-02-02").Start()

func someMoment(t *rapid.T, name string) time.Time {
	return start.Add(time.Duration(rapid.IntRange(0, 35*24*4).Draw(t, name)) * 15 * time.Minute)
}

func someRule(t *rapid.T, units ...deadline.Unit) deadline.Rule {
	if len(units) == 0 {
		units = deadline.Units
	}
	r := deadline.Rule{
		Limit:   deadline.Limit{Value: rapid.IntRange(1, 12).Draw(t, "value"), Unit: rapid.SampledFrom(units).Draw(t, "unit")},
		SameDay: rapid.IntRange(0, 5).Draw(t, "same day") == 0, CountReception: rapid.Bool().Draw(t, "count reception"),
	}
	if r.Limit.Unit == deadline.Month {
		r.Limit.Value = rapid.IntRange(1, 3).Draw(t, "months")
	}
	if rapid.Bool().Draw(t, "another hour") {
		r.Cutoff = calendar.TimeOfDay(rapid.IntRange(0, 24*60).Draw(t, "cutoff")).String()
	}
	return r
}

func somePauses(t *rapid.T) []deadline.Pause {
	var out []deadline.Pause
	for range rapid.IntRange(0, 3).Draw(t, "pauses") {
		from := someMoment(t, "from")
		p := deadline.Pause{From: from, To: from.Add(time.Duration(rapid.IntRange(0, 8*24*4).Draw(t, "long")) * 15 * time.Minute)}
		p.Why = rapid.SampledFrom([]string{"", deadline.Fee, deadline.Supplement}).Draw(t, "why")
		out = append(out, p)
	}
	return out
}

func compute(t *rapid.T, c *calendar.Calendar, in deadline.Case) deadline.Result {
	r, err := deadline.Compute(c, in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Never due on a day off or outside working hours, nor before the dossier was received.
func TestDueInWorkingTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := someCalendar(t)
		in := deadline.Case{Rule: someRule(t), Received: someMoment(t, "received"), Pauses: somePauses(t)}
		if rapid.Bool().Draw(t, "extended") {
			in.Extension = &deadline.Extension{At: in.Received, Until: clock.DayOf(someMoment(t, "until"))}
		}
		r := compute(t, c, in)
		due := r.Due.In(clock.Zone)
		day := c.Day(clock.DayOf(due))
		minutes := due.Sub(clock.DayOf(due).Start()).Minutes()
		if !slices.ContainsFunc(day.Spans, func(s calendar.Span) bool { return float64(s.From) < minutes && minutes <= float64(s.To) }) {
			t.Fatalf("due %s, a day with %v", due, day.Spans)
		}
		if !due.After(in.Received) && !due.Equal(in.Received) || due.Before(r.CountedFrom) {
			t.Fatalf("due %s, received %s, counted from %s", due, in.Received, r.CountedFrom)
		}
	})
}

// Later received, longer limit, longer pause: never sooner due. Of months, only without
// pauses: the 28th of February ends the month of three days, of which a pause may have
// moved one.
func TestDueIsMonotone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := someCalendar(t)
		in := deadline.Case{Rule: someRule(t), Received: someMoment(t, "received"), Pauses: somePauses(t)}
		if in.Rule.Limit.Unit == deadline.Month && !in.Rule.SameDay {
			in.Pauses = nil
		}
		r := compute(t, c, in)

		later := in
		later.Received = in.Received.Add(time.Duration(rapid.IntRange(0, 10*24*4).Draw(t, "later")) * 15 * time.Minute)
		if l := compute(t, c, later); l.Due.Before(r.Due) {
			t.Fatalf("received %s due %s, received %s due %s", in.Received, r.Due, later.Received, l.Due)
		}
		longer := in
		longer.Rule.Limit.Value++
		if l := compute(t, c, longer); l.Due.Before(r.Due) {
			t.Fatalf("%s due %s, %s due %s", in.Rule.Limit, r.Due, longer.Rule.Limit, l.Due)
		}
		paused := in
		paused.Pauses = append(slices.Clone(in.Pauses), somePauses(t)...)
		if l := compute(t, c, paused); l.Due.Before(r.Due) {
			t.Fatalf("with %v due %s, with %v due %s", in.Pauses, r.Due, paused.Pauses, l.Due)
		}
	})
}

// A pause within the time that is counted moves the due moment by as much as it took: by
// its hours of work, by its share of working days.
func TestPauseIsNeutral(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := someCalendar(t)
		in := deadline.Case{Rule: someRule(t, deadline.Hour, deadline.WorkingDay), Received: someMoment(t, "received")}
		in.Rule.SameDay, in.Rule.CountReception = false, false
		before := compute(t, c, in)
		begins := in.Received
		if in.Rule.Limit.Unit == deadline.WorkingDay {
			begins = clock.DayOf(before.CountedFrom).End()
		}
		begins = maxTime(begins, before.CountedFrom)
		span := before.Due.Sub(begins) / time.Minute
		if span <= 0 {
			return
		}
		from := begins.Add(time.Duration(rapid.IntRange(0, int(span)-1).Draw(t, "pause from")) * time.Minute)
		p := deadline.Pause{From: from, To: from.Add(time.Duration(rapid.IntRange(0, 15*24*60).Draw(t, "pause")) * time.Minute)}
		if !from.Before(before.Due) {
			return
		}
		in.Pauses = []deadline.Pause{p}
		after := compute(t, c, in)

		took, moved := worked(c, in.Rule.Limit.Unit, p.From, p.To), worked(c, in.Rule.Limit.Unit, before.Due, after.Due)
		// To the second that a moment is cut to.
		if diff := new(big.Rat).Abs(new(big.Rat).Sub(took, moved)); diff.Cmp(big.NewRat(1, 3600)) > 0 {
			t.Fatalf("the pause from %s to %s took %s, due moved from %s to %s: %s", p.From, p.To, took.FloatString(4),
				before.Due, after.Due, moved.FloatString(4))
		}
		if took.Sign() == 0 && !after.Due.Equal(before.Due) {
			t.Fatalf("a pause without work, from %s to %s, moved due from %s to %s", p.From, p.To, before.Due, after.Due)
		}
	})
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// worked is the hours of work, or the share of working days, between two moments, added
// up day by day.
func worked(c *calendar.Calendar, unit deadline.Unit, from, to time.Time) *big.Rat {
	sum := new(big.Rat)
	for d := clock.DayOf(from); !d.Start().After(to); d = d.AddDays(1) {
		all, part := int64(0), int64(0)
		for _, s := range c.Day(d).Spans {
			a, b := d.Start().Add(time.Duration(s.From)*time.Minute), d.Start().Add(time.Duration(s.To)*time.Minute)
			all += int64(b.Sub(a) / time.Second)
			if e := maxTime(a, from); e.Before(b) && e.Before(to) {
				end := b
				if to.Before(b) {
					end = to
				}
				part += int64(end.Sub(e) / time.Second)
			}
		}
		switch {
		case all == 0:
		case unit == deadline.Hour:
			sum.Add(sum, big.NewRat(part, 3600))
		default:
			sum.Add(sum, big.NewRat(part, all))
		}
	}
	return sum
}

// A pause cut in two is the same pause.
func TestPausesJoin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := someCalendar(t)
		in := deadline.Case{Rule: someRule(t), Received: someMoment(t, "received")}
		from := someMoment(t, "from")
		n := rapid.IntRange(1, 10*24*4).Draw(t, "long")
		cut := rapid.IntRange(0, n).Draw(t, "cut")
		to, middle := from.Add(time.Duration(n)*15*time.Minute), from.Add(time.Duration(cut)*15*time.Minute)
		in.Pauses = []deadline.Pause{{From: from, To: to}}
		whole := compute(t, c, in)
		in.Pauses = []deadline.Pause{{From: middle, To: to}, {From: from, To: middle}}
		if parts := compute(t, c, in); !parts.Due.Equal(whole.Due) {
			t.Fatalf("whole due %s, in parts %s", whole.Due, parts.Due)
		}
	})
}

// The engine agrees with a slow reference that walks from minute to minute.
func TestAgreesWithWalking(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := someCalendar(t)
		in := deadline.Case{Rule: someRule(t), Received: someMoment(t, "received"), Pauses: somePauses(t)}
		if in.Rule.Limit.Unit == deadline.Month {
			in.Rule.Limit.Value = 1
		}
		want, from := walk(c, in)
		r := compute(t, c, in)
		if d := r.Due.Sub(want); d > time.Minute || d < -time.Minute || !r.CountedFrom.Equal(from) {
			t.Fatalf("due %s counted from %s, walked to %s from %s", r.Due, r.CountedFrom, want, from)
		}
		e, err := deadline.Explain(c, in)
		if err != nil || !e.Due.Equal(r.Due) {
			t.Fatalf("explained: %v, %s", err, e.Due)
		}
		counted := 0
		for _, d := range e.Days {
			if d.Counts {
				counted++
			}
		}
		switch unit := in.Rule.Limit.Unit; {
		case in.Rule.SameDay && counted != 1, !in.Rule.SameDay && unit != deadline.Hour && unit != deadline.Month && counted != in.Rule.Limit.Value:
			t.Fatalf("%d days count of %s: %v", counted, in.Rule.Limit, e.Days)
		}
	})
}

// walk goes from minute to minute. It knows nothing of sums, shares of the calendar or
// searches: only what a day's hours are.
func walk(c *calendar.Calendar, in deadline.Case) (due, from time.Time) {
	works := func(m time.Time) bool {
		minute := calendar.TimeOfDay(m.Sub(clock.DayOf(m).Start()) / time.Minute)
		return slices.ContainsFunc(c.Day(clock.DayOf(m)).Spans, func(s calendar.Span) bool { return s.From <= minute && minute < s.To })
	}
	closes := func(d clock.Date) time.Time {
		spans := c.Day(d).Spans
		return d.Start().Add(time.Duration(spans[len(spans)-1].To) * time.Minute)
	}
	opens := func(d clock.Date) time.Time {
		return d.Start().Add(time.Duration(c.Day(d).Spans[0].From) * time.Minute)
	}
	length := func(d clock.Date) int64 {
		n := int64(0)
		for _, s := range c.Day(d).Spans {
			n += int64(s.To - s.From)
		}
		return n
	}
	// The minutes in which the clock stands still: those of work within pauses.
	still := func(m time.Time) bool {
		return slices.ContainsFunc(in.Pauses, func(p deadline.Pause) bool { return !m.Before(p.From) && m.Before(p.To) })
	}
	// A midnight stands still when the work before and the work after it do, in one pause,
	// or in pauses that touch.
	overnight := func(d clock.Date) bool {
		a := d.End().Add(-time.Minute)
		for !works(a) {
			a = a.Add(-time.Minute)
		}
		b := d.End()
		for !works(b) {
			b = b.Add(time.Minute)
		}
		if !still(a) || !still(b) {
			return false
		}
		for m := a; m.Before(b); m = m.Add(time.Minute) {
			if !still(m) {
				return false
			}
		}
		return true
	}

	day := clock.DayOf(in.Received)
	cutoff := calendar.TimeOfDay(15 * 60)
	if in.Rule.Cutoff != "" {
		var err error
		if cutoff, err = calendar.ParseTime(in.Rule.Cutoff); err != nil {
			panic(err)
		}
	}
	from = in.Received
	if !c.Day(day).Works || in.Received.After(day.Start().Add(time.Duration(cutoff)*time.Minute)) || in.Received.After(closes(day)) {
		for day = day.AddDays(1); !c.Day(day).Works; {
			day = day.AddDays(1)
		}
		from = opens(day)
	}
	l := in.Rule.Limit
	first := day.AddDays(1)
	if in.Rule.CountReception || in.Rule.SameDay {
		first = day
	}
	switch {
	case in.Rule.SameDay:
		l = deadline.Limit{Value: 1, Unit: deadline.WorkingDay}
	case l.Unit == deadline.Month:
		before := first.AddDays(-1)
		end := clock.NewDate(before.Year(), before.Month()+time.Month(l.Value), before.Day())
		for end.Day() != before.Day() && end.Day() < 15 {
			end = end.AddDays(-1)
			if end.Day() > 15 {
				break
			}
		}
		l = deadline.Limit{Value: before.DaysUntil(end), Unit: deadline.Day}
	}
	switch l.Unit {
	case deadline.Hour:
		left := l.Value * 60
		m := from
		for ; left > 0; m = m.Add(time.Minute) {
			if works(m) && !still(m) {
				left--
			}
		}
		return m, from
	case deadline.WorkingDay:
		left := new(big.Rat).SetInt64(int64(l.Value))
		m := first.Start()
		for ; left.Sign() > 0; m = m.Add(time.Minute) {
			if works(m) && !still(m) {
				left.Sub(left, big.NewRat(1, length(clock.DayOf(m))))
			}
		}
		return m, from
	}
	d := first
	for left := l.Value; ; d = d.AddDays(1) {
		if !overnight(d) {
			left--
		}
		if left <= 0 && c.Day(d).Works && !overnight(d) {
			return closes(d), from
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"3 working_day", "2026-02-24T09:00/2026-02-26T10:00", "2026-02-13 15:30", "fee:2026-02-24T09:00/", "0 hour", "99999999999 day", "/", ":",
		"2026-02-13T15:30:00.5+07:00", "9999-12-31T23:59:00-11:00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if l, err := deadline.ParseLimit(s); err == nil {
			if again, err := deadline.ParseLimit(l.String()); err != nil || again != l || l.Check() != nil {
				t.Errorf("%q is the limit %s, which is %s, %v", s, l, again, err)
			}
		}
		m, err := deadline.ParseMoment(s)
		if err == nil {
			if again, err := deadline.ParseMoment(m.Format(time.RFC3339Nano)); err != nil || !again.Equal(m) {
				t.Errorf("%q is %s, which is %s, %v", s, m, again, err)
			}
		}
		p, err := deadline.ParsePause(s)
		if err != nil {
			return
		}
		c, err := calendar.BuiltIn()
		if err != nil {
			t.Fatal(err)
		}
		in := deadline.Case{
			Rule: deadline.Rule{Limit: deadline.Limit{Value: 3, Unit: deadline.WorkingDay}}, Received: p.From, Pauses: []deadline.Pause{p},
		}
		if r, err := deadline.Compute(c, in); err == nil && !r.Open() && r.Due.Before(in.Received) {
			t.Errorf("%q: due %s before it was received", s, r.Due)
		}
	})
}

// What many deadlines cost: the go command prints the nanoseconds of one.
func BenchmarkCompute(b *testing.B) {
	c := builtIn(b)
	for name, text := range map[string]string{
		"working days":       "2026-02-13 15:30|3 working_day",
		"hours":              "2026-02-13 15:30|24 hour",
		"days":               "2026-02-13 15:30|30 day",
		"months":             "2026-02-13 15:30|2 month",
		"with a pause":       "2026-02-13 15:30|3 working_day|2026-02-24T09:00/2026-02-26T10:00",
		"after a supplement": "2026-02-13 15:30|3 working_day|supplement:2026-02-24T09:00/2026-02-26T10:00",
	} {
		in := caseOf(b, text)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := deadline.Compute(c, in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deadlines/s")
		})
	}
}
