package deadline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"dean06/internal/calendar"
	"dean06/internal/deadline"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

func TestExtend(t *testing.T) {
	t.Parallel()
	c := builtIn(t)
	in := caseOf(t, "2026-02-24 09:00|3 working_day") // due Friday 27 February
	whole := deadline.Extension{
		At: at(t, "2026-02-26 16:00"), Until: clock.MustDate("2026-03-04"), Reason: "chờ xác minh", Apology: true,
	}
	tests := []struct {
		name string
		make func(*deadline.Case, *deadline.Extension)
		kind fault.Kind
		want string // due, or the fault
	}{
		{name: "a day before", make: func(*deadline.Case, *deadline.Extension) {}, want: "2026-03-04 17:00"},
		{name: "to a Saturday", make: func(_ *deadline.Case, x *deadline.Extension) { x.Until = clock.MustDate("2026-03-07") }, want: "2026-03-09 17:00"},
		{
			name: "a pause afterwards moves it too",
			make: func(c *deadline.Case, _ *deadline.Extension) {
				p, err := deadline.ParsePause("2026-02-27T09:00/2026-03-02T09:00")
				if err != nil {
					t.Fatal(err)
				}
				c.Pauses = append(c.Pauses, p)
			},
			want: "2026-03-09 17:00", // five days after Monday instead of Friday: a Saturday
		},
		{
			name: "on the due day", make: func(_ *deadline.Case, x *deadline.Extension) { x.At = at(t, "2026-02-27 08:00") },
			kind: fault.Invalid, want: "deadline.extension.late",
		},
		{
			name: "afterwards", make: func(_ *deadline.Case, x *deadline.Extension) { x.At = at(t, "2026-03-27 08:00") },
			kind: fault.Invalid, want: "deadline.extension.late",
		},
		{
			name: "before reception", make: func(_ *deadline.Case, x *deadline.Extension) { x.At = at(t, "2026-02-23 08:00") },
			kind: fault.Invalid, want: "deadline.extension.early",
		},
		{
			name: "to no later day", make: func(_ *deadline.Case, x *deadline.Extension) { x.Until = clock.MustDate("2026-02-27") },
			kind: fault.Invalid, want: "deadline.extension.until",
		},
		{
			name: "to no day", make: func(_ *deadline.Case, x *deadline.Extension) { x.Until = clock.Date{} },
			kind: fault.Invalid, want: "deadline.extension.until",
		},
		{
			name: "without reason", make: func(_ *deadline.Case, x *deadline.Extension) { x.Reason = " " },
			kind: fault.Invalid, want: "deadline.extension.reason",
		},
		{
			name: "without apology", make: func(_ *deadline.Case, x *deadline.Extension) { x.Apology = false },
			kind: fault.Invalid, want: "deadline.extension.apology",
		},
		{
			name: "a second", make: func(c *deadline.Case, x *deadline.Extension) { c.Extension = x },
			kind: fault.Conflict, want: "deadline.extension.second",
		},
		{
			name: "while the clock stands still",
			make: func(c *deadline.Case, _ *deadline.Extension) {
				c.Pauses = []deadline.Pause{{From: at(t, "2026-02-25 09:00"), Why: deadline.Supplement}}
			},
			kind: fault.Invalid, want: "deadline.extension.open",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in, x := in, whole
			tt.make(&in, &x)
			later := in.Pauses
			if tt.kind == "" {
				in.Pauses = nil // what comes after the extension is not known when it is asked for
			}
			got, err := deadline.Extend(c, in, x)
			if tt.kind != "" {
				if f := fault.As(err); f == nil || f.Key != tt.want || f.Kind != tt.kind {
					t.Fatalf("got %v, want %s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got.Pauses = later
			r, err := deadline.Compute(c, got)
			if err != nil || r.Due.Format(written) != tt.want {
				t.Errorf("due %s, %v, want %s", r.Due, err, tt.want)
			}
		})
	}
}

// An extension of the limit before a supplement does not outlive it.
func TestExtensionEndsWithItsLimit(t *testing.T) {
	t.Parallel()
	in := caseOf(t, "2026-02-24 09:00|restart 3 working_day|supplement:2026-02-27T09:00/2026-03-03T10:00")
	in.Extension = &deadline.Extension{At: at(t, "2026-02-26 16:00"), Until: clock.MustDate("2026-03-31")}
	r, err := deadline.Compute(builtIn(t), in)
	if err != nil || r.Due.Format(written) != "2026-03-06 17:00" || !r.Restarted {
		t.Errorf("due %s, %v", r.Due, err)
	}
}

func TestStanding(t *testing.T) {
	t.Parallel()
	c := builtIn(t)
	r, err := deadline.Compute(c, caseOf(t, "2026-02-24 09:00|5 working_day")) // due Tuesday 3 March
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		now   string
		want  deadline.Standing
		level deadline.Level
	}{
		{"2026-02-24 10:00", deadline.Standing{State: deadline.OnTime, Left: 45*time.Hour + 30*time.Minute}, deadline.Nobody},
		{"2026-02-27 17:00", deadline.Standing{State: deadline.OnTime, Left: 16 * time.Hour}, deadline.Nobody},
		{"2026-03-02 17:00", deadline.Standing{State: deadline.DueSoon, Left: 8 * time.Hour}, deadline.Officer},
		{"2026-03-03 17:00", deadline.Standing{State: deadline.DueSoon}, deadline.Officer},
		{"2026-03-03 17:00:01", deadline.Standing{State: deadline.Overdue}, deadline.Supervisor},
		{"2026-03-04 09:30", deadline.Standing{State: deadline.Overdue, Over: 2 * time.Hour, OverDays: 1}, deadline.Supervisor},
		{"2026-03-05 17:00", deadline.Standing{State: deadline.Overdue, Over: 16 * time.Hour, OverDays: 2}, deadline.Leader},
	}
	for _, tt := range tests {
		now := at(t, tt.now)
		got := r.At(c, now, deadline.DefaultWarning)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.now, diff)
		}
		if level := r.Escalate(c, now, deadline.DefaultEscalation); level != tt.level {
			t.Errorf("%s: level %d, want %d", tt.now, level, tt.level)
		}
	}
}

func TestStepDue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, budget, began, want string
	}{
		{
			name: "from reception it runs when the limit does", in: "2026-02-24 09:00|3 working_day",
			budget: "1 working_day", began: "2026-02-24 09:00", want: "2026-02-25 17:00",
		},
		{
			name: "from the middle of a day", in: "2026-02-24 09:00|3 working_day",
			budget: "1 working_day", began: "2026-02-25 11:30", want: "2026-02-26 11:30",
		},
		{name: "hours", in: "2026-02-24 09:00|3 working_day", budget: "4 hour", began: "2026-02-25 16:00", want: "2026-02-26 10:30"},
		{
			name: "never after the limit", in: "2026-02-24 09:00|1 working_day",
			budget: "3 working_day", began: "2026-02-24 10:00", want: "2026-02-25 17:00",
		},
		{name: "days", in: "2026-02-24 09:00|20 day", budget: "2 day", began: "2026-02-26 09:00", want: "2026-03-02 17:00"},
		{
			name: "with the same pauses", in: "2026-02-24 09:00|5 working_day|2026-02-25T13:00/2026-02-26T13:00",
			budget: "1 working_day", began: "2026-02-25 07:30", want: "2026-02-26 17:00",
		},
		{
			name: "while the clock stands still", in: "2026-02-24 09:00|5 working_day|2026-02-25T13:00/",
			budget: "1 working_day", began: "2026-02-25 07:30",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			budget, err := deadline.ParseLimit(tt.budget)
			if err != nil {
				t.Fatal(err)
			}
			got, open, err := deadline.StepDue(builtIn(t), caseOf(t, tt.in), budget, at(t, tt.began))
			if err != nil || open != (tt.want == "") || !open && got.Format(written) != tt.want {
				t.Errorf("due %s, open %v, %v, want %s", got, open, err, tt.want)
			}
		})
	}
}

func TestLater(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from  string
		value int
		unit  deadline.Unit
		want  string
	}{
		{"2026-02-24 09:00", 4, deadline.Hour, "2026-02-24 14:30"},
		{"2026-02-24 09:00", -1, deadline.Hour, "2026-02-24 08:00"},
		{"2026-02-24 09:00", -4, deadline.Hour, "2026-02-23 14:30"},
		{"2026-02-13 09:00", 1, deadline.WorkingDay, "2026-02-23 09:00"},
		{"2026-02-23 09:00", -1, deadline.WorkingDay, "2026-02-13 09:00"},
		{"2026-02-24 17:00", -7, deadline.WorkingDay, "2026-02-06 17:00"},
		{"2026-02-24 09:00", 7, deadline.Day, "2026-03-03 09:00"},
		{"2026-01-31 09:00", 1, deadline.Month, "2026-02-28 09:00"},
		{"2026-03-31 09:00", -1, deadline.Month, "2026-02-28 09:00"},
		{"2099-12-30 09:00", 99, deadline.WorkingDay, "2100-01-01 00:00"},
		{"2000-01-04 09:00", -99, deadline.WorkingDay, "2000-01-01 00:00"},
	}
	for _, tt := range tests {
		got := deadline.Later(builtIn(t), at(t, tt.from), deadline.Limit{Value: tt.value, Unit: tt.unit})
		if got.Format(written) != tt.want {
			t.Errorf("%s and %d %s: %s, want %s", tt.from, tt.value, tt.unit, got.Format(written), tt.want)
		}
	}
}

// A change of the calendar says whom it moves, and only those.
func TestMoved(t *testing.T) {
	t.Parallel()
	before := builtIn(t)
	after, err := before.Apply(calendar.Change{Kind: calendar.ChangeOff, Date: clock.MustDate("2026-02-25"), Basis: "CV 1"})
	if err != nil {
		t.Fatal(err)
	}
	items := []deadline.Item{
		{ID: "over it", Case: caseOf(t, "2026-02-24 09:00|3 working_day")},
		{ID: "before it", Case: caseOf(t, "2026-02-10 09:00|1 working_day")},
		{ID: "in days", Case: caseOf(t, "2026-02-24 09:00|3 day")},
		{ID: "in days, on it", Case: caseOf(t, "2026-02-24 09:00|1 day")},
		{ID: "received on it", Case: caseOf(t, "2026-02-25 09:00|1 working_day")},
		{ID: "none", Case: deadline.Case{Received: at(t, "2026-02-24 09:00")}},
	}
	moves, unreached := deadline.Moved(before, after, items)
	var got []string
	for _, m := range moves {
		got = append(got, m.ID+" to "+m.After.Due.Format(written))
	}
	want := []string{"over it to 2026-03-02 17:00", "in days, on it to 2026-02-26 17:00", "received on it to 2026-02-27 17:00"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"none"}, unreached); diff != "" {
		t.Error(diff)
	}
}

func TestExceeds(t *testing.T) {
	t.Parallel()
	limits := func(texts ...string) []deadline.Limit {
		var out []deadline.Limit
		for _, s := range texts {
			l, err := deadline.ParseLimit(s)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, l)
		}
		return out
	}
	tests := []struct {
		name    string
		budgets []deadline.Limit
		limit   string
		minutes int
		want    bool
	}{
		{name: "as much", budgets: limits("1 working_day", "2 working_day"), limit: "3 working_day"},
		{name: "a day more", budgets: limits("2 working_day", "2 working_day"), limit: "3 working_day", minutes: 480, want: true},
		{name: "hours and days", budgets: limits("4 hour", "4 hour", "2 working_day"), limit: "3 working_day"},
		{name: "an hour more", budgets: limits("5 hour", "4 hour", "2 working_day"), limit: "3 working_day", minutes: 60, want: true},
		{name: "days in one working day", budgets: limits("7 day"), limit: "5 working_day"},
		{name: "a month in working days", budgets: limits("23 working_day"), limit: "1 month", minutes: 480, want: true},
		{name: "none", limit: "1 working_day"},
	}
	for _, tt := range tests {
		minutes, got := deadline.Exceeds(tt.budgets, limits(tt.limit)[0])
		if got != tt.want || minutes != tt.minutes {
			t.Errorf("%s: %d minutes, %v; want %d, %v", tt.name, minutes, got, tt.minutes, tt.want)
		}
	}
}

// A rule is data: what it leaves out is as the law has it.
func TestRuleInYAML(t *testing.T) {
	t.Parallel()
	var r deadline.Rule
	text := "limit: {value: 3, unit: working_day}\ncutoff: 16:30\npause: [fee]\nrestart: true\n"
	if err := yaml.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	want := deadline.Rule{Limit: deadline.Limit{Value: 3, Unit: deadline.WorkingDay}, Cutoff: "16:30", Pause: []string{"fee"}, Restart: true}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	if r.Stops(deadline.Supplement) || !r.Stops(deadline.Fee) || !r.Stops("") || !(deadline.Rule{}).Stops(deadline.Supplement) || (deadline.Rule{}).Stops("rain") {
		t.Error("what stops the clock")
	}
}
