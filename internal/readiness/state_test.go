package readiness_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dean06/internal/platform/fault"
	"dean06/internal/readiness"
)

func TestTransitions(t *testing.T) {
	t.Parallel()
	type step struct {
		from readiness.State
		by   readiness.Event
	}
	legal := map[step]readiness.State{
		{"not_started", "submit"}:  "submitted",
		{"draft", "submit"}:        "submitted",
		{"sent_back", "submit"}:    "submitted",
		{"withdrawn", "submit"}:    "submitted",
		{"submitted", "send_back"}: "sent_back",
		{"submitted", "accept"}:    "accepted",
		{"submitted", "withdraw"}:  "withdrawn",
		{"submitted", "replace"}:   "submitted",
		{"accepted", "replace"}:    "submitted",
		{"accepted", "reopen"}:     "submitted",
	}
	events := []readiness.Event{"submit", "replace", "send_back", "accept", "reopen", "withdraw"}
	for _, s := range readiness.States {
		for _, e := range events {
			got, err := readiness.Next(s, e)
			want, ok := legal[step{s, e}]
			switch {
			case ok && (err != nil || got != want):
				t.Errorf("%s + %s gives %s, %v; want %s", s, e, got, err, want)
			case !ok && fault.Of(err) != fault.Conflict:
				t.Errorf("%s + %s gives %s, %v; want a conflict", s, e, got, err)
			}
		}
	}
}

var day1 = time.Date(2023, 2, 20, 3, 0, 0, 0, time.UTC)

func TestFromDraftToAccepted(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return day1.AddDate(0, 0, n) }
	first, second := metReturn(1), metReturn(2)
	r := readiness.Record{Campaign: "488", Agency: "H55"}
	do := func(next readiness.Record, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		r = next
	}
	wantState := func(s readiness.State) {
		t.Helper()
		if got := r.State(); got != s {
			t.Fatalf("state %s, want %s", got, s)
		}
	}
	wantState("not_started")
	do(r.Save(first, 0, "a", day(0)))
	wantState("draft")
	do(r.Submit(first, readiness.ByWeb, "a", day(1)))
	wantState("submitted")
	if _, err := r.Save(first, 0, "a", day(1)); fault.Of(err) != fault.Conflict {
		t.Errorf("saved a draft of what is with the coordinator: %v", err)
	}
	if _, err := r.SendBack([]readiness.Comment{{}}, "c", day(2)); fault.Of(err) != fault.Invalid {
		t.Errorf("sent back without a word: %v", err)
	}
	do(r.SendBack([]readiness.Comment{{Field: "row.2.compliance", Text: "Hãy ghi rõ"}}, "c", day(2)))
	wantState("sent_back")
	do(r.Save(second, 0, "a", day(3)))
	wantState("sent_back")
	if r.Draft.Base != 1 {
		t.Errorf("the draft is based on version %d, want 1", r.Draft.Base)
	}
	if _, err := r.Save(second, 0, "b", day(3)); fault.Of(err) != fault.Conflict {
		t.Errorf("overwrote what another had saved: %v", err)
	}
	do(r.Submit(second, readiness.ByWeb, "a", day(4)))
	if _, err := r.Accept([]readiness.Problem{{Severity: readiness.Reviews}}, "c", day(5)); fault.Of(err) != fault.Conflict {
		t.Errorf("accepted with an open problem: %v", err)
	}
	do(r.Accept([]readiness.Problem{{Severity: readiness.Notes}}, "c", day(5)))
	wantState("accepted")
	if _, err := r.Withdraw("", "a", day(6)); fault.Of(err) != fault.Conflict {
		t.Errorf("withdrew what was accepted: %v", err)
	}
	if got := r.VersionState(1, time.Time{}); got != readiness.Replaced {
		t.Errorf("version 1 is %s, want replaced", got)
	}
	if got := r.VersionState(1, day(3)); got != readiness.SentBack {
		t.Errorf("version 1 was %s on the third day, want sent back", got)
	}
	// What counted, as known on each day.
	for n, want := range []int{0, 0, 0, 0, 0, 2, 2} {
		v, _, ok := r.Counted(day(n))
		if ok != (want > 0) || v.Number != want {
			t.Errorf("day %d: version %d counts, want %d", n, v.Number, want)
		}
	}
	do(r.Reopen("Số liệu chưa khớp", "c", day(7)))
	wantState("submitted")
	if _, _, ok := r.Counted(time.Time{}); ok {
		t.Error("a reopened return still counts")
	}
	if v, since, _ := r.Counted(day(6)); v.Number != 2 || !since.Equal(day(5)) {
		t.Error("what was known on day 6 was changed by what happened on day 7")
	}
	if _, err := r.Replace(first, readiness.ByWord, "c", day(8), ""); fault.Of(err) != fault.Invalid {
		t.Errorf("replaced without a reason: %v", err)
	}
	do(r.Replace(first, readiness.ByWord, "c", day(8), "Bản giấy mới"))
	if len(r.Versions) != 3 || r.State() != readiness.Submitted {
		t.Errorf("%d versions, %s", len(r.Versions), r.State())
	}
}

func TestClockThatRunsBehind(t *testing.T) {
	t.Parallel()
	r, err := readiness.Record{}.Submit(metReturn(1), readiness.ByWeb, "a", day1)
	if err != nil {
		t.Fatal(err)
	}
	r, err = r.Accept(nil, "c", day1.Add(-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if v, _, ok := r.Counted(day1); !ok || v.Number != 1 {
		t.Error("an acceptance by a clock that runs behind got lost")
	}
}

// TestNoWalkLosesAVersion walks at random through everything that can be done.
func TestNoWalkLosesAVersion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := readiness.Record{}
		at := day1
		var seen []readiness.Version
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			at = at.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * time.Hour)
			before := r
			beforeSteps := slices.Clone(r.Steps)
			var err error
			switch rapid.SampledFrom([]string{"save", "submit", "replace", "send_back", "accept", "reopen", "withdraw"}).Draw(t, "do") {
			case "save":
				r, err = r.Save(metReturn(1), revision(r), "a", at)
			case "submit":
				r, err = r.Submit(metReturn(rapid.IntRange(0, 2).Draw(t, "systems")), readiness.ByWeb, "a", at)
			case "replace":
				r, err = r.Replace(metReturn(1), readiness.ByWord, "c", at, "lý do")
			case "send_back":
				r, err = r.SendBack([]readiness.Comment{{Text: "góp ý"}}, "c", at)
			case "accept":
				r, err = r.Accept(nil, "c", at)
			case "reopen":
				r, err = r.Reopen("lý do", "c", at)
			case "withdraw":
				r, err = r.Withdraw("", "a", at)
			}
			if err != nil {
				if fault.Of(err) != fault.Conflict {
					t.Fatalf("refused with %v, want a conflict", err)
				}
				if d := cmp.Diff(before, r, sameDay); d != "" {
					t.Fatal("a refused step changed the record", d)
				}
				continue
			}
			if len(r.Versions) < len(seen) {
				t.Fatal("a version got lost")
			}
			if d := cmp.Diff(seen, append([]readiness.Version(nil), r.Versions[:len(seen)]...), sameDay); d != "" {
				t.Fatal("a version was changed", d)
			}
			if d := cmp.Diff(beforeSteps, before.Steps); d != "" {
				t.Fatal("the record before the step was changed", d)
			}
			seen = slices.Clone(r.Versions)
			if !slices.Contains(readiness.States, r.State()) {
				t.Fatalf("state %s is none", r.State())
			}
			for i, v := range r.Versions {
				if v.Number != i+1 {
					t.Fatalf("version %d has number %d", i+1, v.Number)
				}
			}
			v, _, ok := r.Counted(time.Time{})
			if r.State() == readiness.Accepted && (!ok || v.Number != len(r.Versions)) {
				t.Fatalf("accepted, but version %d counts (%v)", v.Number, ok)
			}
			// An accepted version counts on until the one in its place is accepted.
			accepted := func(st readiness.Step) bool { return st.Version == v.Number && st.Event == readiness.EventAccept }
			if ok && !slices.ContainsFunc(r.Steps, accepted) {
				t.Fatalf("version %d counts, but was never accepted", v.Number)
			}
		}
	})
}

func revision(r readiness.Record) int {
	if r.Draft == nil {
		return 0
	}
	return r.Draft.Revision
}
