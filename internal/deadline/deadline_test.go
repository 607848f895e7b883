package deadline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/calendar"
	"dean06/internal/deadline"
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

func at(t testing.TB, s string) time.Time {
	t.Helper()
	m, err := deadline.ParseMoment(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// caseOf reads "received | limit | pause pause …"; the limit may have words before it.
func caseOf(t testing.TB, text string) deadline.Case {
	t.Helper()
	parts := strings.Split(text, "|")
	in := deadline.Case{Received: at(t, parts[0])}
	for word := range strings.FieldsSeq(parts[1]) {
		switch {
		case word == "same_day":
			in.Rule.SameDay = true
		case word == "count_reception":
			in.Rule.CountReception = true
		case word == "restart":
			in.Rule.Restart = true
		case strings.Contains(word, ":"):
			in.Rule.Cutoff = word
		case in.Rule.Limit.Value == 0:
			l, err := deadline.ParseLimit(word + " hour")
			if err != nil {
				t.Fatal(err)
			}
			in.Rule.Limit = l
		default:
			in.Rule.Limit.Unit = deadline.Unit(word)
		}
	}
	if len(parts) > 2 {
		for text := range strings.FieldsSeq(parts[2]) {
			p, err := deadline.ParsePause(text)
			if err != nil {
				t.Fatal(err)
			}
			in.Pauses = append(in.Pauses, p)
			if p.Why == deadline.Supplement && !p.Open() {
				in.Restarted = p.To
			}
		}
	}
	return in
}

const written = "2006-01-02 15:04"

func TestDue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, due, from string
		provisional         bool
	}{
		// 13/02/2026 is the Friday before Tết, which is off from 16 to 20.
		{name: "after 15:00 before Tết", in: "2026-02-13 15:30|3 working_day", due: "2026-02-26 17:00", from: "2026-02-23 07:30"},
		{name: "before 15:00", in: "2026-02-13 14:59|3 working_day", due: "2026-02-25 17:00", from: "2026-02-13 14:59"},
		{name: "15:00 is not after 15:00", in: "2026-02-13 15:00|3 working_day", due: "2026-02-25 17:00", from: "2026-02-13 15:00"},
		{name: "a second after", in: "2026-02-13 15:00:01|3 working_day", due: "2026-02-26 17:00", from: "2026-02-23 07:30"},
		{name: "another hour", in: "2026-02-13 15:30|3 working_day 16:00", due: "2026-02-25 17:00", from: "2026-02-13 15:30"},
		{name: "an hour after closing", in: "2026-02-13 17:30|3 working_day 23:00", due: "2026-02-26 17:00", from: "2026-02-23 07:30"},
		{name: "on a day off", in: "2026-02-15 09:00|3 working_day", due: "2026-02-26 17:00", from: "2026-02-23 07:30"},
		{name: "in Tết", in: "2026-02-18 09:00|1 working_day", due: "2026-02-24 17:00", from: "2026-02-23 07:30"},
		{name: "before opening", in: "2026-02-23 05:00|1 working_day", due: "2026-02-24 17:00", from: "2026-02-23 05:00"},
		{name: "reception counts", in: "2026-02-23 09:00|count_reception 1 working_day", due: "2026-02-23 17:00", from: "2026-02-23 09:00"},
		{name: "an exchanged Saturday", in: "2024-05-03 09:00|1 working_day", due: "2024-05-04 17:00", from: "2024-05-03 09:00"},
		{name: "received on it", in: "2024-05-04 09:00|1 working_day", due: "2024-05-06 17:00", from: "2024-05-04 09:00"},
		{name: "the day exchanged for it", in: "2024-04-26 09:00|1 working_day", due: "2024-05-02 17:00", from: "2024-04-26 09:00"},
		{name: "same day", in: "2026-02-24 09:00|same_day", due: "2026-02-24 17:00", from: "2026-02-24 09:00"},
		{name: "same day, too late", in: "2026-02-24 15:10|same_day", due: "2026-02-25 17:00", from: "2026-02-25 07:30"},
		{name: "same day takes the place of the limit", in: "2026-02-24 09:00|same_day 5 working_day", due: "2026-02-24 17:00", from: "2026-02-24 09:00"},

		{name: "hours", in: "2026-02-24 09:00|4 hour", due: "2026-02-24 14:30", from: "2026-02-24 09:00"},
		{name: "hours from the break at noon", in: "2026-02-24 12:00|4 hour", due: "2026-02-24 17:00", from: "2026-02-24 12:00"},
		{name: "hours over night", in: "2026-02-24 14:00|8 hour", due: "2026-02-25 14:00", from: "2026-02-24 14:00"},
		{name: "hours after 15:00", in: "2026-02-13 15:30|2 hour", due: "2026-02-23 09:30", from: "2026-02-23 07:30"},
		{name: "hours that end at closing", in: "2026-02-24 07:00|8 hour", due: "2026-02-24 17:00", from: "2026-02-24 07:00"},

		{name: "days", in: "2026-02-24 09:00|2 day", due: "2026-02-26 17:00", from: "2026-02-24 09:00"},
		{name: "days that end on a Saturday", in: "2026-02-24 09:00|4 day", due: "2026-03-02 17:00", from: "2026-02-24 09:00"},
		{name: "days that end in Tết", in: "2026-02-10 09:00|7 day", due: "2026-02-23 17:00", from: "2026-02-10 09:00"},
		{name: "a month", in: "2026-03-05 09:00|1 month", due: "2026-04-06 17:00", from: "2026-03-05 09:00"},
		{name: "a month that has no such day", in: "2026-03-31 09:00|1 month", due: "2026-05-04 17:00", from: "2026-03-31 09:00"},
		{name: "a month to February", in: "2026-01-30 09:00|1 month", due: "2026-03-02 17:00", from: "2026-01-30 09:00"},
		{name: "a leap year", in: "2024-01-31 09:00|1 month", due: "2024-02-29 17:00", from: "2024-01-31 09:00"},
		{name: "months with the first day", in: "2026-03-02 09:00|count_reception 1 month", due: "2026-04-01 17:00", from: "2026-03-02 09:00"},

		{
			name: "a pause of two days and an hour", in: "2026-02-13 15:30|3 working_day|2026-02-24T09:00/2026-02-26T10:00",
			due: "2026-03-03 08:30", from: "2026-02-23 07:30",
		},
		{
			name: "a pause of two days", in: "2026-02-13 15:30|3 working_day|2026-02-24T09:00/2026-02-26T09:00",
			due: "2026-03-02 17:00", from: "2026-02-23 07:30",
		},
		{
			name: "a pause over Tết that took no work", in: "2026-02-10 09:00|5 working_day|2026-02-13T17:00/2026-02-23T07:30",
			due: "2026-02-24 17:00", from: "2026-02-10 09:00",
		},
		{
			name: "a pause at noon", in: "2026-02-24 09:00|1 working_day|2026-02-25T11:30/2026-02-25T13:00",
			due: "2026-02-25 17:00", from: "2026-02-24 09:00",
		},
		{
			name: "a pause that begins after the end", in: "2026-02-24 09:00|1 working_day|2026-02-25T17:00/",
			due: "2026-02-25 17:00", from: "2026-02-24 09:00",
		},
		{
			name: "pauses that overlap", in: "2026-02-24 09:00|1 working_day|2026-02-25T08:00/2026-02-25T10:00 2026-02-25T09:00/2026-02-25T11:00",
			due: "2026-02-26 10:30", from: "2026-02-24 09:00",
		},
		{
			name: "a pause that begins when the limit moved", in: "2026-02-24 09:00|8 hour|2026-02-25T07:30/2026-02-25T08:30",
			due: "2026-02-25 10:00", from: "2026-02-24 09:00",
		},
		{
			name: "hours with a pause", in: "2026-02-24 09:00|4 hour|2026-02-24T10:00/2026-02-24T11:00",
			due: "2026-02-24 15:30", from: "2026-02-24 09:00",
		},
		{
			name: "days with a pause", in: "2026-02-24 09:00|10 day|2026-02-25T09:00/2026-02-27T09:00",
			due: "2026-03-09 17:00", from: "2026-02-24 09:00", // day 12 is Sunday 8 March
		},
		{
			name: "days with a pause within a day", in: "2026-02-24 09:00|2 day|2026-02-25T08:00/2026-02-25T16:00",
			due: "2026-02-26 17:00", from: "2026-02-24 09:00",
		},
		{
			name: "days with a pause over a weekend that took no work", in: "2026-02-24 09:00|6 day|2026-02-27T17:00/2026-03-02T07:30",
			due: "2026-03-02 17:00", from: "2026-02-24 09:00",
		},
		{
			name: "days whose end moved into a pause", in: "2026-02-24 09:00|4 day|2026-03-02T09:00/2026-03-04T10:00",
			due: "2026-03-04 17:00", from: "2026-02-24 09:00",
		},
		{
			name: "same day with a pause", in: "2026-02-24 09:00|same_day|2026-02-24T14:00/2026-02-24T16:00",
			due: "2026-02-25 09:30", from: "2026-02-24 09:00",
		},
		{
			name: "a supplement begins anew", in: "2026-02-24 09:00|restart 3 working_day|supplement:2026-02-25T09:00/2026-03-03T10:00",
			due: "2026-03-06 17:00", from: "2026-03-03 10:00",
		},
		{
			name: "a supplement at half past three", in: "2026-02-24 09:00|restart 3 working_day|supplement:2026-02-25T09:00/2026-03-03T15:30",
			due: "2026-03-09 17:00", from: "2026-03-04 07:30",
		},
		{
			name: "a supplement of the same day", in: "2026-02-24 09:00|restart same_day|supplement:2026-02-24T10:00/2026-02-26T09:00",
			due: "2026-02-26 17:00", from: "2026-02-26 09:00",
		},
		{
			name: "a supplement that only pauses", in: "2026-02-24 09:00|3 working_day|supplement:2026-02-25T07:30/2026-02-26T07:30",
			due: "2026-03-02 17:00", from: "2026-02-24 09:00",
		},
		{
			name: "a supplement, then a fee", in: "2026-02-24 09:00|restart 1 working_day|supplement:2026-02-25T09:00/2026-02-26T09:00 fee:2026-02-27T07:30/2026-02-27T08:30",
			due: "2026-03-02 08:30", from: "2026-02-26 09:00",
		},

		{name: "a year without a list", in: "2027-03-01 09:00|3 working_day", due: "2027-03-04 17:00", from: "2027-03-01 09:00", provisional: true},
		{name: "into a year without a list", in: "2026-12-30 09:00|3 working_day", due: "2027-01-05 17:00", from: "2026-12-30 09:00", provisional: true},
		{name: "before the years with a list", in: "2021-02-10 09:00|1 working_day", due: "2021-02-18 17:00", from: "2021-02-10 09:00", provisional: true},
		{name: "beyond the table of the moon", in: "2036-01-25 09:00|1 working_day", due: "2036-02-04 17:00", from: "2036-01-25 09:00", provisional: true},
		{name: "across years", in: "2021-12-31 09:00|14 month", due: "2023-02-28 17:00", from: "2021-12-31 09:00", provisional: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := deadline.Compute(builtIn(t), caseOf(t, tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if due := got.Due.Format(written); due != tt.due {
				t.Errorf("due %s, want %s", due, tt.due)
			}
			if from := got.CountedFrom.Format(written); from != tt.from {
				t.Errorf("counted from %s, want %s", from, tt.from)
			}
			if got.Provisional != tt.provisional {
				t.Errorf("provisional %v, want %v", got.Provisional, tt.provisional)
			}
		})
	}
}

func TestWhileAPauseIsOpen(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, since string
		left            deadline.Left
	}{
		{
			name: "working days", in: "2026-02-13 15:30|3 working_day|2026-02-25T09:00/",
			since: "2026-02-25 09:00", left: deadline.Left{Days: 1, Time: 6*time.Hour + 30*time.Minute},
		},
		{name: "hours", in: "2026-02-24 09:00|8 hour|2026-02-24T10:00/", since: "2026-02-24 10:00", left: deadline.Left{Time: 7 * time.Hour}},
		{name: "days", in: "2026-02-24 09:00|10 day|2026-02-27T10:00/", since: "2026-02-27 10:00", left: deadline.Left{Days: 8}},
		{name: "days whose end moved", in: "2026-02-24 09:00|4 day|2026-03-02T10:00/", since: "2026-03-02 10:00"},
		{
			name: "a second supplement", in: "2026-02-24 09:00|restart 3 working_day|supplement:2026-02-25T09:00/2026-03-03T10:00 supplement:2026-03-04T07:30/",
			since: "2026-03-04 07:30", left: deadline.Left{Days: 3},
		},
		{name: "from a Sunday", in: "2026-02-24 09:00|9 working_day|2026-03-01T10:00/", since: "2026-03-02 07:30", left: deadline.Left{Days: 6}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := deadline.Explain(builtIn(t), caseOf(t, tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if !got.Open() || !got.Due.IsZero() || got.PausedSince.Format(written) != tt.since || got.Left != tt.left {
				t.Errorf("open %v since %s with %+v left, want since %s with %+v", got.Open(), got.PausedSince, got.Left, tt.since, tt.left)
			}
		})
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{
			name: "before Tết", in: "2026-02-13 15:30|3 working_day",
			want: `2026-02-13 - after_cutoff
2026-02-14 - weekend
2026-02-15 - weekend
2026-02-16 - holiday:tet
2026-02-17 - holiday:tet
2026-02-18 - holiday:tet
2026-02-19 - holiday:tet
2026-02-20 - holiday:tet
2026-02-21 - weekend
2026-02-22 - weekend
2026-02-23 - reception
2026-02-24 + working_day
2026-02-25 + working_day
2026-02-26 + working_day
`,
		},
		{
			name: "a pause", in: "2026-02-23 08:00|3 working_day|2026-02-24T09:00/2026-02-26T10:00",
			want: `2026-02-23 - reception
2026-02-24 - partly_paused
2026-02-25 - paused
2026-02-26 - partly_paused
2026-02-27 + working_day
2026-02-28 - weekend
2026-03-01 - weekend
2026-03-02 + working_day
2026-03-03 + working_day
`,
		},
		{
			name: "days", in: "2026-02-26 08:00|3 day",
			want: `2026-02-26 - reception
2026-02-27 + calendar_day
2026-02-28 + calendar_day
2026-03-01 + calendar_day
2026-03-02 - moved
`,
		},
		{
			name: "days over a pause", in: "2026-02-26 08:00|3 day|2026-02-27T08:00/2026-03-02T09:00",
			want: `2026-02-26 - reception
2026-02-27 - partly_paused
2026-02-28 - paused
2026-03-01 - paused
2026-03-02 + partly_paused
2026-03-03 + calendar_day
2026-03-04 + calendar_day
`,
		},
		{name: "same day", in: "2026-02-26 08:00|same_day", want: "2026-02-26 + reception\n"},
		{name: "hours", in: "2026-02-26 14:00|4 hour", want: "2026-02-26 + reception\n2026-02-27 + working_day\n"},
		{
			name: "a Saturday that works", in: "2024-05-03 08:00|2 working_day",
			want: "2024-05-03 - reception\n2024-05-04 + exchanged_saturday\n2024-05-05 - weekend\n2024-05-06 + working_day\n",
		},
		{
			name: "anew", in: "2026-02-24 09:00|restart 1 working_day|supplement:2026-02-25T09:00/2026-02-26T10:00",
			want: "2026-02-24 - before_restart\n2026-02-25 - before_restart\n2026-02-26 - reception\n2026-02-27 + working_day\n",
		},
		{
			name: "open", in: "2026-02-24 09:00|5 working_day|2026-02-26T09:00/",
			want: "2026-02-24 - reception\n2026-02-25 + working_day\n2026-02-26 - partly_paused\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := deadline.Explain(builtIn(t), caseOf(t, tt.in))
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, d := range got.Days {
				sign := " - "
				if d.Counts {
					sign = " + "
				}
				b.WriteString(d.Date.String() + sign + string(d.Why) + "\n")
			}
			if diff := cmp.Diff(tt.want, b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExplainNamesWhatIsNotConfirmed(t *testing.T) {
	t.Parallel()
	got, err := deadline.Explain(builtIn(t), caseOf(t, "2026-11-20 09:00|5 working_day"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2026-11-24"}, texts(got.Unconfirmed)); diff != "" || got.Provisional {
		t.Errorf("provisional %v, unconfirmed %s", got.Provisional, diff)
	}
}

func texts(days []clock.Date) []string {
	var out []string
	for _, d := range days {
		out = append(out, d.String())
	}
	return out
}

func TestRefused(t *testing.T) {
	t.Parallel()
	valid := caseOf(t, "2026-02-24 09:00|3 working_day")
	tests := []struct {
		name string
		make func(*deadline.Case)
		want string
	}{
		{name: "no limit", make: func(c *deadline.Case) { c.Rule.Limit = deadline.Limit{} }, want: "deadline.limit"},
		{name: "a limit of nothing", make: func(c *deadline.Case) { c.Rule.Limit.Value = 0 }, want: "deadline.limit.range"},
		{name: "a limit of too much", make: func(c *deadline.Case) { c.Rule.Limit.Value = 2501 }, want: "deadline.limit.range"},
		{name: "a unit that is none", make: func(c *deadline.Case) { c.Rule.Limit.Unit = "OTHER" }, want: "deadline.limit"},
		{name: "an hour that is none", make: func(c *deadline.Case) { c.Rule.Cutoff = "3 pm" }, want: "calendar.time"},
		{name: "an unknown pause", make: func(c *deadline.Case) { c.Rule.Pause = []string{"rain"} }, want: "deadline.pause.kind"},
		{name: "a pause backwards", make: func(c *deadline.Case) {
			c.Pauses = []deadline.Pause{{From: c.Received, To: c.Received.Add(-time.Hour)}}
		}, want: "deadline.pause.order"},
		{name: "no reception", make: func(c *deadline.Case) { c.Received = time.Time{} }, want: "deadline.beyond"},
		{name: "too late for the calendar", make: func(c *deadline.Case) { c.Received = at(t, "2099-12-30 09:00") }, want: "deadline.beyond"},
		{name: "months too late for the calendar", make: func(c *deadline.Case) {
			c.Received, c.Rule.Limit = at(t, "2099-01-30 09:00"), deadline.Limit{Value: 120, Unit: deadline.Month}
		}, want: "deadline.beyond"},
		{name: "hours too late for the calendar", make: func(c *deadline.Case) {
			c.Received, c.Rule.Limit = at(t, "2099-12-01 09:00"), deadline.Limit{Value: 20000, Unit: deadline.Hour}
		}, want: "deadline.beyond"},
		{name: "the last evening of the calendar", make: func(c *deadline.Case) { c.Received = at(t, "2099-12-31 23:00") }, want: "deadline.beyond"},
		{name: "a pause beyond the calendar", make: func(c *deadline.Case) {
			c.Pauses = []deadline.Pause{{From: c.Received, To: at(t, "2200-01-01 09:00")}}
		}, want: "deadline.beyond"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := valid
			tt.make(&in)
			_, err := deadline.Explain(builtIn(t), in)
			if f := fault.As(err); f == nil || f.Kind != fault.Invalid || f.Key != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
