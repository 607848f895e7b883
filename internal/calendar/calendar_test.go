package calendar_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/calendar"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

func builtIn(t testing.TB) *calendar.Calendar {
	t.Helper()
	c, err := calendar.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDays(t *testing.T) {
	t.Parallel()
	c := builtIn(t)
	tests := []struct {
		on          string
		works       bool
		code        string
		provisional bool
		unconfirmed bool
	}{
		{on: "2026-02-13", works: true, code: "working_day"},
		{on: "2026-02-14", code: "weekend"},
		{on: "2026-02-16", code: "holiday:tet"},
		{on: "2026-02-20", code: "holiday:tet"},
		{on: "2026-02-23", works: true, code: "working_day"},
		{on: "2026-04-27", code: "holiday:hung_kings"},
		{on: "2026-01-02", code: "exchanged_day_off", unconfirmed: true},
		{on: "2026-01-10", works: true, code: "exchanged_saturday", unconfirmed: true},
		{on: "2026-11-24", works: true, code: "working_day", unconfirmed: true},
		{on: "2024-05-04", works: true, code: "exchanged_saturday"},
		{on: "2024-04-29", code: "exchanged_day_off"},
		{on: "2023-05-02", code: "holiday:hung_kings"},
		{on: "2021-02-12", code: "holiday:tet", provisional: true},
		{on: "2027-02-05", code: "holiday:tet", provisional: true},
		{on: "2027-02-06", code: "weekend", provisional: true},
		{on: "2027-03-01", works: true, code: "working_day", provisional: true},
		{on: "2050-01-24", code: "holiday:tet", provisional: true},
		{on: "1999-12-31", code: "day_off", provisional: true, unconfirmed: true},
		{on: "2100-01-04", code: "day_off", provisional: true, unconfirmed: true},
	}
	for _, tt := range tests {
		d := c.Day(clock.MustDate(tt.on))
		if d.Works != tt.works || d.Code() != tt.code || d.Provisional != tt.provisional || d.Unconfirmed != tt.unconfirmed {
			t.Errorf("%s: works %v, %s, provisional %v, unconfirmed %v", tt.on, d.Works, d.Code(), d.Provisional, d.Unconfirmed)
		}
		if d.Works != (len(d.Spans) > 0) {
			t.Errorf("%s works: %v, with %v", tt.on, d.Works, d.Spans)
		}
	}
	if d := c.Day(clock.MustDate("2027-02-06")); d.Name != "tet" {
		t.Errorf("the Saturday within Tết is named %q", d.Name)
	}
}

// Whoever works a Saturday has a day off for it, and the other way round.
func TestExchangedDaysAreTwo(t *testing.T) {
	t.Parallel()
	c := builtIn(t)
	seen := 0
	for y := 2022; y <= 2026; y++ {
		for _, d := range c.Year(y) {
			if d.Why != calendar.ExchangedSaturday && d.Why != calendar.ExchangedDayOff {
				continue
			}
			seen++
			if other := c.Day(d.For); other.For != d.Date || other.Works == d.Works {
				t.Errorf("%s is exchanged with %s, which is exchanged with %s", d.Date, d.For, other.For)
			}
		}
	}
	if seen != 8 {
		t.Errorf("%d exchanged days, want 8", seen)
	}
}

func change(kind calendar.ChangeKind, on string) calendar.Change {
	ch := calendar.Change{Kind: kind, Basis: "QĐ 1/QĐ-UBND (dữ liệu mẫu)"}
	if on != "" {
		ch.Date = clock.MustDate(on)
	}
	return ch
}

func TestApply(t *testing.T) {
	t.Parallel()
	hours := change(calendar.ChangeHours, "2026-12-01")
	hours.Spans = []calendar.Span{{From: 8 * 60, To: 12 * 60}, {From: 13 * 60, To: 17 * 60}}
	overlap := hours
	overlap.Spans = []calendar.Span{{From: 8 * 60, To: 12 * 60}, {From: 11 * 60, To: 17 * 60}}
	halfOnly := hours
	halfOnly.Spans = []calendar.Span{{From: 8 * 60, To: 11 * 60}}
	official := calendar.Change{Kind: calendar.ChangeOfficial, Year: 2027, Basis: "TB 1/TB (dữ liệu mẫu)"}
	noBasis := change(calendar.ChangeOff, "2026-12-07")
	noBasis.Basis = " "
	tests := []struct {
		name    string
		changes []calendar.Change
		on      string
		works   bool
		code    string
		spans   int
		wantErr string
	}{
		{name: "a day off", changes: []calendar.Change{change(calendar.ChangeOff, "2026-12-07")}, on: "2026-12-07", code: "day_off"},
		{
			name: "an afternoon off", changes: []calendar.Change{change(calendar.ChangeAfternoonOff, "2026-12-31")},
			on: "2026-12-31", works: true, code: "short_day", spans: 1,
		},
		{
			name: "a Saturday", changes: []calendar.Change{change(calendar.ChangeWork, "2026-12-12")},
			on: "2026-12-12", works: true, code: "exchanged_saturday", spans: 2,
		},
		{
			name: "a Saturday taken back", changes: []calendar.Change{change(calendar.ChangeWork, "2026-12-12"), change(calendar.ChangeOff, "2026-12-12")},
			on: "2026-12-12", code: "weekend",
		},
		{name: "hours", changes: []calendar.Change{hours}, on: "2026-12-02", works: true, code: "working_day", spans: 2},
		{
			name: "a mistake mended", changes: []calendar.Change{change(calendar.ChangeOff, "2026-11-24"), change(calendar.ChangeRestore, "2026-11-24")},
			on: "2026-11-24", works: true, code: "working_day", spans: 2,
		},
		{name: "official", changes: []calendar.Change{official}, on: "2027-03-01", works: true, code: "working_day", spans: 2},
		{name: "off already", changes: []calendar.Change{change(calendar.ChangeRestore, "2026-12-06")}, wantErr: "calendar.change.nothing"},
		{name: "official already", changes: []calendar.Change{{Kind: calendar.ChangeOfficial, Year: 2026, Basis: "x"}}, wantErr: "calendar.change.nothing"},
		{name: "a Monday made up for", changes: []calendar.Change{change(calendar.ChangeWork, "2026-12-07")}, wantErr: "calendar.change.not_weekend"},
		{name: "half of a Sunday", changes: []calendar.Change{change(calendar.ChangeMorningOff, "2026-12-06")}, wantErr: "calendar.change.is_off"},
		{name: "no document", changes: []calendar.Change{noBasis}, wantErr: "calendar.change.basis"},
		{name: "no day", changes: []calendar.Change{change(calendar.ChangeOff, "")}, wantErr: "calendar.change.date"},
		{name: "a day beyond", changes: []calendar.Change{change(calendar.ChangeOff, "2100-01-04")}, wantErr: "calendar.change.date"},
		{name: "a year beyond", changes: []calendar.Change{{Kind: calendar.ChangeOfficial, Year: 2100, Basis: "x"}}, wantErr: "calendar.change.year"},
		{name: "unknown", changes: []calendar.Change{change("party", "2026-12-07")}, wantErr: "calendar.change.kind"},
		{name: "hours that overlap", changes: []calendar.Change{overlap}, wantErr: "calendar.hours.order"},
		{name: "hours of a half", changes: []calendar.Change{halfOnly}, wantErr: "calendar.hours.halves"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := builtIn(t)
			c, err := before, error(nil)
			for _, ch := range tt.changes {
				if c, err = c.Apply(ch); err != nil {
					break
				}
			}
			if tt.wantErr != "" {
				if f := fault.As(err); f == nil || f.Key != tt.wantErr || f.Kind != fault.Invalid || f.Field == "" {
					t.Fatalf("Apply = %v, want %s at a field", err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			d := c.Day(clock.MustDate(tt.on))
			if d.Works != tt.works || d.Code() != tt.code || len(d.Spans) != tt.spans {
				t.Errorf("%s: works %v, %s, %v", tt.on, d.Works, d.Code(), d.Spans)
			}
			if c.Version() != len(tt.changes) || before.Version() != 0 {
				t.Errorf("version %d, and %d of the one before", c.Version(), before.Version())
			}
			again, err := before.ApplyAll(c.Changes())
			if err != nil || len(calendar.Differences(c, again)) != 0 {
				t.Errorf("all changes at once: %v, %d differences", err, len(calendar.Differences(c, again)))
			}
		})
	}
}

func TestDifferencesAreThoseDays(t *testing.T) {
	t.Parallel()
	before := builtIn(t)
	after, err := before.Apply(change(calendar.ChangeOff, "2026-12-07"))
	if err != nil {
		t.Fatal(err)
	}
	got := calendar.Differences(before, after)
	if len(got) != 1 || got[0].After.Date.String() != "2026-12-07" || !got[0].Moves() {
		t.Errorf("got %v", got)
	}
	confirmed, err := before.Apply(change(calendar.ChangeConfirm, "2026-08-22"))
	if err != nil {
		t.Fatal(err)
	}
	if got := calendar.Differences(before, confirmed); len(got) != 1 || got[0].Moves() || got[0].After.Unconfirmed {
		t.Errorf("a day that is confirmed: %v", got)
	}
}

// someCalendar has days off, half days, worked Saturdays and other hours.
func someCalendar(t *rapid.T) *calendar.Calendar {
	c, err := calendar.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	for range rapid.IntRange(0, 6).Draw(t, "changes") {
		ch := calendar.Change{
			Kind: rapid.SampledFrom([]calendar.ChangeKind{
				calendar.ChangeOff, calendar.ChangeMorningOff, calendar.ChangeAfternoonOff, calendar.ChangeWork, calendar.ChangeHours,
			}).Draw(t, "kind"),
			Date: clock.MustDate("2026-02-01").AddDays(rapid.IntRange(0, 60).Draw(t, "day")), Basis: "QĐ 1",
		}
		if ch.Kind == calendar.ChangeHours {
			a := calendar.TimeOfDay(rapid.IntRange(7*60, 8*60).Draw(t, "opens"))
			z := calendar.TimeOfDay(rapid.IntRange(16*60, 17*60).Draw(t, "closes"))
			ch.Spans = []calendar.Span{{From: a, To: 11 * 60}, {From: 13 * 60, To: z}}
		}
		if next, err := c.Apply(ch); err == nil {
			c = next
		}
	}
	return c
}

// Counting agrees with walking from minute to minute.
func TestCountingAgreesWithWalking(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := someCalendar(t)
		from, ok := c.Of(clock.MustDate("2026-02-01").Start())
		if !ok {
			t.Fatal("not known")
		}
		a := from + calendar.Second(rapid.IntRange(0, 60*24*60).Draw(t, "a")*60)
		b := a + calendar.Second(rapid.IntRange(0, 6*24*60).Draw(t, "minutes")*60)
		walked := int64(0)
		d := c.Day(calendar.DateOf(a.Day()))
		for s := a; s < b; s += 60 {
			if s%86400 == 0 {
				d = c.Day(calendar.DateOf(s.Day()))
			}
			minute := calendar.TimeOfDay(int64(s) % 86400 / 60)
			if slices.ContainsFunc(d.Spans, func(p calendar.Span) bool { return p.From <= minute && minute < p.To }) {
				walked += 60
			}
		}
		if got := c.Between(a, b); got != walked {
			t.Fatalf("between %s and %s: %d seconds, walked %d", a.Moment(), b.Moment(), got, walked)
		}
		back, ok := c.Back(b)
		if !ok || back > b || c.Worked(back) != c.Worked(b) || c.Worked(back-1) == c.Worked(b) {
			t.Fatalf("Back(%s) = %s", b.Moment(), back.Moment())
		}
		on, ok := c.Forward(a)
		if !ok || on < a || c.Between(a, on) != 0 || c.Between(on, on+60) == 0 {
			t.Fatalf("Forward(%s) = %s", a.Moment(), on.Moment())
		}
	})
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"07:30": "07:30", "7:30": "07:30", "24:00": "24:00"} {
		if got, err := calendar.ParseTime(in); err != nil || got.String() != want {
			t.Errorf("ParseTime(%q) = %s, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "7", "7:3", "24:01", "12:60", "-1:00", "+7:30", "07:30:00", "bảy giờ", "１５:00"} {
		if got, err := calendar.ParseTime(in); fault.Of(err) != fault.Invalid {
			t.Errorf("ParseTime(%q) = %s, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "07:30", "11:30-07:30", "07:30-07:30", "a-b"} {
		if got, err := calendar.ParseSpan(in); fault.Of(err) != fault.Invalid {
			t.Errorf("ParseSpan(%q) = %s, %v", in, got, err)
		}
	}
}

func FuzzParseSpan(f *testing.F) {
	for _, s := range []string{"07:30-11:30", "7:30 – 11:30", "24:00-24:00", "-", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		span, err := calendar.ParseSpan(s)
		if err != nil {
			return
		}
		again, err := calendar.ParseSpan(span.String())
		if err != nil || again != span || span.From >= span.To {
			t.Errorf("%q is %v, which is %v, %v", s, span, again, err)
		}
	})
}

func BenchmarkBuild(b *testing.B) {
	c := builtIn(b)
	ch := change(calendar.ChangeOff, "2026-12-07")
	for b.Loop() {
		if _, err := c.ApplyAll([]calendar.Change{ch}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBetween(b *testing.B) {
	c := builtIn(b)
	from, _ := c.Of(time.Date(2026, 2, 13, 15, 30, 0, 0, clock.Zone))
	for b.Loop() {
		c.Between(from, from+40*86400)
	}
}
