package deadline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

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
