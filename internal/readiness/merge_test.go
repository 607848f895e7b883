package readiness_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dean06/internal/platform/clock"
	"dean06/internal/readiness"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	base := metReturn(2)
	type row struct{ Field, Before, After string }
	for name, c := range map[string]struct {
		after readiness.Return
		want  []row
	}{
		"the same": {base, nil},
		"an answer": {change(base, "1.2", func(a *readiness.Answer) {
			a.Compliance, a.Stage, a.ExpectedMonth = "not_met", "tendering", "2023-12"
		}), []row{{"row.1.2.compliance", "Đã đáp ứng", "Chưa đáp ứng"}, {"row.1.2.stage", "", "Tổ chức đấu thầu; 12/2023"}}},
		"a dossier": {
			change(base, "5.1-a", set("submitted")),
			[]row{{"row.5.1-a.compliance", "Đã được cấp có thẩm quyền phê duyệt", "Đã trình cấp có thẩm quyền phê duyệt"}},
		},
		"counts": {
			change(base, "3", func(a *readiness.Answer) { a.Counts = counts(64, 187, 1240, 1875) }),
			[]row{{"row.3.counts", "", "64/187; 1240/1875"}},
		},
		"contact": {wrongEmail(base), []row{{"contact.email", "mau@tinh.example.vn", "mau"}}},
		"a reading alone says nothing": {change(base, "2", func(a *readiness.Answer) {
			a.Readings = map[string]readiness.Reading{"compliance": {Raw: "x", Confidence: 1}}
		}), nil},
		"a row less": {drop(base, "3"), []row{{"row.3.unit", "Sở TTTT", ""}, {"row.3.compliance", "Đã đáp ứng", ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []row
			for _, ch := range readiness.Diff(tpl, base, c.after) {
				got = append(got, row{ch.Field, ch.Before.Vi, ch.After.Vi})
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDiffKnowsSystemsByName(t *testing.T) {
	t.Parallel()
	before := metReturn(2)
	// Another paper lists the same two systems the other way round.
	after := before.Clone()
	swap := map[string]string{"s1": "s2", "s2": "s1"}
	for i := range after.Systems {
		after.Systems[i].ID = swap[after.Systems[i].ID]
	}
	for i, a := range after.Answers {
		if a.SystemID != "" {
			after.Answers[i].SystemID = swap[a.SystemID]
		}
	}
	if got := readiness.Diff(appendix488(t), before, after); len(got) != 0 {
		t.Errorf("the numbering of systems alone gives %d changes: %+v", len(got), got[0])
	}
}

func TestMergeByHand(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	base := metReturn(2)
	mine := change(change(base, "2", set("not_met")), "3", set("not_met"))
	theirs := change(change(base, "2", set("partially_met")), "1.1", set("not_met"))
	merged, conflicts := readiness.Merge(tpl, base, mine, theirs, nil)
	want := change(change(change(base, "2", set("not_met")), "3", set("not_met")), "1.1", set("not_met"))
	if d := cmp.Diff(want, merged, sameDay); d != "" {
		t.Error(d)
	}
	if len(conflicts) != 1 {
		t.Fatalf("%d conflicts, want 1", len(conflicts))
	}
	c := conflicts[0]
	if c.Field != "row.2.compliance" || c.Before.Vi != "Đã đáp ứng" || c.Mine.Vi != "Chưa đáp ứng" || c.Theirs.Vi != "Đáp ứng một phần" {
		t.Errorf("got %+v", c)
	}
	merged, conflicts = readiness.Merge(tpl, base, mine, theirs, map[string]readiness.Side{c.Field: readiness.Theirs})
	if len(conflicts) != 0 {
		t.Errorf("%d conflicts after the choice", len(conflicts))
	}
	if d := cmp.Diff(change(want, "2", set("partially_met")), merged, sameDay); d != "" {
		t.Error(d)
	}
}

func TestMergeRemovedAndChanged(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	base := metReturn(2)
	gone := drop(base, "1.2")
	edited := change(base, "1.2", set("not_met"))
	for name, c := range map[string]struct {
		mine, theirs readiness.Return
		side         readiness.Side
		chosen       readiness.Return
	}{
		"mine removed, theirs chosen": {gone, edited, readiness.Theirs, edited},
		"mine removed, mine chosen":   {gone, edited, readiness.Mine, gone},
		"theirs removed, mine chosen": {edited, gone, readiness.Mine, edited},
		"theirs removed, and chosen":  {edited, gone, readiness.Theirs, gone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			merged, conflicts := readiness.Merge(tpl, base, c.mine, c.theirs, nil)
			if len(conflicts) != 1 {
				t.Fatalf("%d conflicts, want 1", len(conflicts))
			}
			if d := cmp.Diff(edited, merged, sameDay); d != "" {
				t.Error("the part was not kept meanwhile", d)
			}
			merged, conflicts = readiness.Merge(tpl, base, c.mine, c.theirs, map[string]readiness.Side{conflicts[0].Field: c.side})
			if d := cmp.Diff(c.chosen, merged, sameDay); d != "" || len(conflicts) != 0 {
				t.Error(d, conflicts)
			}
		})
	}
	merged, conflicts := readiness.Merge(tpl, base, gone, base, nil)
	if d := cmp.Diff(gone, merged, sameDay); d != "" || len(conflicts) != 0 {
		t.Error("what one removed and the other left alone is not removed", d)
	}
}

func TestMergeProperties(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	gen := anyReturn(tpl)
	same := func(t *rapid.T, what string, want, got readiness.Return) {
		t.Helper()
		// As stored: an absent list and an empty one are told apart there.
		if d := cmp.Diff(asJSON(t, want), asJSON(t, got)); d != "" {
			t.Fatal(what, d)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		base, mine, theirs := gen.Draw(t, "base"), gen.Draw(t, "mine"), gen.Draw(t, "theirs")
		got, conflicts := readiness.Merge(tpl, base, mine, base, nil)
		if len(conflicts) > 0 {
			t.Fatal("a conflict with what did not change", conflicts)
		}
		if changes := readiness.Diff(tpl, mine, got); len(changes) > 0 {
			t.Fatal("mine is not taken", changes)
		}
		got, conflicts = readiness.Merge(tpl, base, base, theirs, nil)
		if len(conflicts) > 0 {
			t.Fatal("a conflict with what did not change", conflicts)
		}
		if changes := readiness.Diff(tpl, theirs, got); len(changes) > 0 {
			t.Fatal("theirs is not taken", changes)
		}
		got, conflicts = readiness.Merge(tpl, base, mine, mine, nil)
		if len(conflicts) > 0 {
			t.Fatal("a conflict between two that agree", conflicts)
		}
		same(t, "two that agree", mine, got)

		_, conflicts = readiness.Merge(tpl, base, mine, theirs, nil)
		_, mirrored := readiness.Merge(tpl, base, theirs, mine, nil)
		if d := cmp.Diff(fields(conflicts), fields(mirrored)); d != "" {
			t.Fatal("conflicts depend on whose turn it is", d)
		}
		for _, side := range []readiness.Side{readiness.Mine, readiness.Theirs} {
			chosen := map[string]readiness.Side{}
			for _, c := range conflicts {
				chosen[c.Field] = side
			}
			merged, left := readiness.Merge(tpl, base, mine, theirs, chosen)
			if len(left) > 0 {
				t.Fatal("conflicts are left after all were chosen", left)
			}
			// Each value comes from one of the three.
			for _, a := range merged.Answers {
				if !holds(mine, a.Row, a.Compliance) && !holds(theirs, a.Row, a.Compliance) && !holds(base, a.Row, a.Compliance) {
					t.Fatalf("row %s: %q is nobody's", a.Row, a.Compliance)
				}
			}
		}
	})
}

func holds(r readiness.Return, row, compliance string) bool {
	return slices.ContainsFunc(r.Answers, func(a readiness.Answer) bool { return a.Row == row && a.Compliance == compliance })
}

func fields(cs []readiness.Conflict) []string {
	set := map[string]bool{}
	for _, c := range cs {
		set[c.Field] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func asJSON(t *rapid.T, r readiness.Return) string {
	raw, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestNextRound(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	last := metReturn(2)
	last.Letter = readiness.LetterRef{Number: "1/CV"}
	last.Extra = []readiness.Extra{{Text: "Ghi thêm"}}
	last = change(last, "2", func(a *readiness.Answer) {
		a.Compliance, a.Stage, a.ExpectedMonth = "not_met", "tendering", "2023-03"
		a.Readings = map[string]readiness.Reading{"compliance": {Raw: "chưa"}}
	})
	last = change(last, "3", func(a *readiness.Answer) { a.Compliance, a.ExpectedMonth = "partially_met", "2023-12" })
	last = change(last, "1.1", func(a *readiness.Answer) { a.ExpectedMonth = "2022-12" }) // met: nothing to flag
	last = with(last, readiness.Answer{Row: "9", Key: "9", Compliance: "met"})
	last = with(last, readiness.Answer{Row: "4.3", Key: "4.3", System: "HTTT", Compliance: "almost"})
	c := readiness.NextRound(tpl, tpl, "1877", last, clock.MustDate("2023-05-22"))
	if c.Draft.Campaign != "1877" || c.Draft.Template != "488/1" || c.Draft.Agency != "H55" ||
		c.Draft.Letter != (readiness.LetterRef{}) || c.Draft.Extra != nil {
		t.Errorf("the draft's head is wrong: %+v", c.Draft.Letter)
	}
	for _, a := range c.Draft.Answers {
		if a.Readings != nil {
			t.Errorf("row %s keeps readings of the old paper", a.Row)
		}
		if a.Row == "4.3" && a.Compliance != "" {
			t.Error("an option that the form does not have was carried over")
		}
	}
	if d := cmp.Diff([]string{"notes 2 stage expected_passed"}, said(c.Flags)); d != "" {
		t.Error(d)
	}
	if len(c.Left) != 1 || c.Left[0].Row != "9" {
		t.Errorf("left: %+v", c.Left)
	}
	draft := with(change(c.Draft, "3", set("met")), readiness.Answer{Row: "1.3", Key: "1.n", SystemID: "s9", Compliance: "met"})
	marks := readiness.Marks(tpl, last, draft)
	want := map[string]readiness.Mark{
		"row.2": readiness.Unchanged, "row.3": readiness.Changed, "row.1.3": readiness.Added, "row.4.3": readiness.Changed,
		"row.1.1": readiness.Unchanged,
	}
	for field, m := range want {
		if marks[field] != m {
			t.Errorf("%s is %s, want %s", field, marks[field], m)
		}
	}
	if last.Answers[2].Readings == nil {
		t.Error("the last return was changed")
	}
}
