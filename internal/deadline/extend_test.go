package deadline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"dean06/internal/deadline"
	"dean06/internal/platform/clock"
)

// What an extension promises is kept; who may give one, and until when, is the dossier's rule.
func TestExtension(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		until, pause, want string
	}{
		"a day before":                {until: "2026-03-04", want: "2026-03-04 17:00"},
		"to a Saturday":               {until: "2026-03-07", want: "2026-03-09 17:00"},
		"a pause afterwards moves it": {until: "2026-03-04", pause: "2026-02-27T09:00/2026-03-02T09:00", want: "2026-03-09 17:00"}, // to a Saturday
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := caseOf(t, "2026-02-24 09:00|3 working_day") // due Friday 27 February
			in.Extension = &deadline.Extension{At: at(t, "2026-02-26 16:00"), Until: clock.MustDate(c.until)}
			if c.pause != "" {
				p, err := deadline.ParsePause(c.pause)
				if err != nil {
					t.Fatal(err)
				}
				in.Pauses = append(in.Pauses, p)
			}
			if r, err := deadline.Compute(builtIn(t), in); err != nil || r.Due.Format(written) != c.want {
				t.Errorf("due %s, %v, want %s", r.Due, err, c.want)
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
