package programme_test

import (
	"context"
	"math/rand/v2"
	"strconv"
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/programme"
)

// TestFilesAreAccountedFor: every row of a file has an outcome; double rows are not taken
// twice, and what is refused holds up no other.
func TestFilesAreAccountedFor(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	ctx := t.Context()
	row := func(n int, more map[string]string) programme.Line {
		cells := map[string]string{
			"title": "Vướng mắc mới", "owner": "h55", "state": "Chờ trả lời", "since": "30/11/2026", "to": "G12", "question": "Nguồn nào?",
		}
		for k, v := range more {
			cells[k] = v
		}
		return programme.Line{Number: n, Cells: cells}
	}
	lines := []programme.Line{
		row(3, nil),
		row(4, map[string]string{"title": "VƯỚNG MẮC MỚI"}),                                                 // the same again
		row(5, map[string]string{"title": "Của người khác", "owner": "H04"}),                                // another's
		row(6, map[string]string{"title": "Sai ngày", "since": "31/02/2026"}),                               // no day
		row(7, map[string]string{"title": "Sai cơ quan", "to": "H99"}),                                      // nobody
		row(8, map[string]string{"title": "Sai trạng thái", "state": "đốt"}),                                // no state
		row(9, map[string]string{"id": "difficulty-002", "version": "1"}),                                   // not theirs to see
		row(10, map[string]string{"title": "'; DROP TABLE programme_doc; --", "question": "<script>"}),      // a text like any other
		row(11, map[string]string{"id": "law-001", "version": "1", "title": "Sổ khác"}),                     // of another register
		row(12, map[string]string{"title": "Tiếng Anh", "state": "answered", "due": "2026-12-31"}),          // by its code
		row(13, map[string]string{"id": "difficulty-001", "version": "9", "title": "Cũ"}),                   // on what there never was
		row(14, map[string]string{"id": "difficulty-001", "version": "1", "title": "Cũ"}),                   // the same row again
		row(15, map[string]string{"id": "difficulty-001", "version": "một", "title": "Cũ", "owner": "H55"}), // and again
	}
	got, err := h.TakeRecords(ctx, thaiNguyen, "difficulty", lines)
	if err != nil || len(got) != len(lines) {
		t.Fatalf("%d of %d rows, %v", len(got), len(lines), err)
	}
	want := []programme.Outcome{
		programme.Taken, programme.Twice, programme.Wrong, programme.Wrong, programme.Wrong, programme.Wrong, programme.Wrong, programme.Taken,
		programme.Wrong, programme.Taken, programme.Wrong, programme.Twice, programme.Twice,
	}
	for i := range got {
		if got[i].Outcome != want[i] || (want[i] == programme.Wrong) != (len(got[i].Reasons()) > 0) {
			t.Errorf("row %d: %s %v, want %s", got[i].Number, got[i].Outcome, got[i].Why, want[i])
		}
	}
	again, err := h.TakeRecords(ctx, thaiNguyen, "difficulty", lines[:1])
	if err != nil || again[0].Outcome != programme.Twice {
		t.Errorf("the same file again: %+v, %v", again, err)
	}
	rows, err := h.Records(ctx, thaiNguyen, "difficulty", programme.RecordFilter{Text: "drop table"})
	if err != nil || len(rows) != 1 {
		t.Errorf("%+v, %v", rows, err)
	}
	for who, want := range map[string]fault.Kind{"leader": fault.Denied, "stranger": fault.Denied, "nobody": fault.Unsigned} {
		_, err := h.TakeRecords(ctx, map[string]actor.Actor{"leader": leader, "stranger": stranger, "nobody": nobody}[who], "difficulty", lines)
		if err == nil || fault.Of(err) != want {
			t.Errorf("%s: %v", who, err)
		}
	}
	if _, err := h.TakeRecords(ctx, coordinator, "difficulty", make([]programme.Line, programme.MostLines+1)); fault.Of(err) != fault.Invalid {
		t.Errorf("too many: %v", err)
	}
}

func TestUnitTasksFromAFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	mine, other := h.find(t, "dp-c9", "H55", ""), h.find(t, "dp-c9", "H04", "")
	line := func(n int, u programme.UnitTask, more map[string]string) programme.Line {
		cells := map[string]string{"id": u.ID, "version": strconv.Itoa(u.Version), "task": "DP.C9"}
		for k, v := range more {
			cells[k] = v
		}
		return programme.Line{Number: n, Cells: cells}
	}
	acts := []programme.Choice{{Code: "report", Name: programme.Words{Vi: "Báo hoàn thành", En: "Report as done"}}}
	got, err := h.TakeUnits(t.Context(), thaiNguyen, []programme.Line{
		line(3, mine, nil),
		line(4, mine, map[string]string{"act": "báo hoàn thành", "figure": "1.204 máy"}),
		line(5, mine, map[string]string{"act": "báo hoàn thành", "figure": "1.204 máy"}),
		line(6, other, map[string]string{"act": "report", "figure": "1.204 máy"}),
		line(7, programme.UnitTask{ID: "không có"}, map[string]string{"act": "report", "figure": "1.204 máy"}),
		line(8, programme.UnitTask{ID: "khác"}, map[string]string{"act": "accept"}),
	}, acts)
	if err != nil {
		t.Fatal(err)
	}
	want := []programme.Outcome{programme.Same, programme.Taken, programme.Twice, programme.Wrong, programme.Wrong, programme.Wrong}
	for i := range got {
		if got[i].Outcome != want[i] {
			t.Errorf("row %d: %s %v, want %s", got[i].Number, got[i].Outcome, got[i].Why, want[i])
		}
	}
	if u := h.find(t, "dp-c9", "H55", ""); u.State != programme.Reported {
		t.Errorf("%+v", u)
	}
	if u := h.find(t, "dp-c9", "H04", ""); u.State == programme.Reported {
		t.Error("another's task was reported")
	}
}

// TestTasksFromAFile: new ones are made and given, those that there are changed or left.
func TestTasksFromAFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	row := func(n int, more map[string]string) programme.Line {
		cells := map[string]string{
			"code": "TEP.1", "title": "Nhiệm vụ từ tệp", "directive": "06/QĐ-TTg", "scope": "specific", "level": "province", "from": "01/12/2026",
			"due": "30/06/2027",
		}
		for k, v := range more {
			cells[k] = v
		}
		return programme.Line{Number: n, Cells: cells}
	}
	lines := []programme.Line{
		row(3, map[string]string{"give": "*"}), row(4, nil), row(5, map[string]string{"code": "TEP.2", "directive": "99/QĐ"}),
		row(6, map[string]string{"code": "TEP.3", "due": "01/01/2020"}), row(7, map[string]string{"code": "TEP.4", "give": "h55, h03"}),
		row(8, map[string]string{"code": "TEP.5", "give": "H55,H04"}), row(9, map[string]string{"code": "TEP.6", "give": "H55"}),
	}
	got, err := h.TakeTasks(t.Context(), coordinator, lines, programme.TaskChoices{})
	if err != nil {
		t.Fatal(err)
	}
	want := []programme.Outcome{
		programme.Taken, programme.Twice, programme.Wrong, programme.Wrong, programme.Wrong, programme.Wrong, programme.Taken,
	}
	for i := range got {
		if got[i].Outcome != want[i] {
			t.Errorf("row %d: %s %v, want %s", got[i].Number, got[i].Outcome, got[i].Why, want[i])
		}
	}
	list, _, err := h.Tasks(t.Context(), leader, programme.TaskFilter{Text: "tep.1"})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d, %v", len(list), err)
	}
	if n, _ := h.CountUnits(t.Context(), leader, programme.Filter{Tasks: []string{list[0].ID}}); n != 34 {
		t.Errorf("given to %d", n)
	}
	if list, _, err := h.Tasks(t.Context(), leader, programme.TaskFilter{Text: "tep."}); err != nil || len(list) != 2 {
		t.Errorf("%d tasks were made, %v", len(list), err) // what is refused leaves nothing behind
	}
	again, err := h.TakeTasks(t.Context(), coordinator, []programme.Line{row(3, nil)}, programme.TaskChoices{})
	if err != nil || again[0].Outcome != programme.Same {
		t.Errorf("again: %+v, %v", again, err)
	}
	if _, err := h.TakeTasks(t.Context(), thaiNguyen, lines, programme.TaskChoices{}); fault.Of(err) != fault.Denied {
		t.Errorf("an agency: %v", err)
	}
}

// TestForecast: what is missing is counted place by place.
func TestForecast(t *testing.T) {
	t.Parallel()
	need := func(owner, item, units, have string) programme.Record {
		return programme.Record{Kind: "need", Owner: owner, State: "reported", Fields: map[string]string{"item": item, "units": units, "have": have}}
	}
	b := programme.NewBook(day("2026-12-01"), 1, nil, nil, []programme.Record{
		{Kind: "norm", State: "in_force", Fields: map[string]string{"item": "computer", "per_unit": "3"}},
		{Kind: "norm", State: "ended", Fields: map[string]string{"item": "printer", "per_unit": "9"}},
		need("a", "computer", "1", "1"), need("b", "computer", "2", "10"), need("c", "printer", "1", "0"),
	}, nil)
	got := b.Forecast()
	if len(got) != 1 || got[0] != (programme.Shortage{Item: "computer", Needed: 9, Have: 11, Missing: 2}) {
		t.Errorf("%+v", got)
	}
}

// TestOnePersonWithTwoAccounts: does not accept what their other account reported.
func TestOnePersonWithTwoAccounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	h.SamePerson = func(_ context.Context, a, b string) (bool, error) { return a == "thamtra" && b == "tn", nil }
	u := h.find(t, "dp-c9", "H55", "")
	u, err := h.Act(t.Context(), thaiNguyen, u.ID, u.Version, programme.Change{Act: programme.Report, Evidence: shown})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Act(t.Context(), reviewer, u.ID, u.Version, programme.Change{Act: programme.Accept}); fault.Of(err) != fault.Denied {
		t.Errorf("%v", err)
	}
	if _, err := h.Act(t.Context(), coordinator, u.ID, u.Version, programme.Change{Act: programme.Accept}); err != nil {
		t.Error(err)
	}
}

// TestEveryRowHasOneOutcome hands in anything, twice: each row is taken, the same, double or
// refused with words, and the second time nothing is taken again.
func TestEveryRowHasOneOutcome(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	r := rand.New(rand.NewPCG(14, 3))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	unread := fault.New(fault.Invalid, "programme.workbook.formula", fault.Args{"cell": "B3"})
	var lines, units []programme.Line
	own, err := h.UnitTasks(t.Context(), thaiNguyen, programme.Filter{}, programme.Cursor{}, 50)
	if err != nil || len(own) == 0 {
		t.Fatal(own, err)
	}
	foreign := h.find(t, "dp-c9", "H04", "")
	for i := range 300 {
		l := programme.Line{Number: 3 + i, Cells: map[string]string{
			"id": pick("", "", "", "", "", "", "difficulty-001", "difficulty-002", "law-001", "nichts"), "version": pick("", "1", "2", "-1", "x", "1.0"),
			"title": pick("", "Vướng mắc", "vướng  mắc", "Khác", "Mới "+strconv.Itoa(i)), "owner": pick("H55", "H55", "h55", "H04", "X"),
			"state": pick("open", "Chờ trả lời", "đốt"), "since": pick("30/11/2026", "2026-11-30", "2026-11-30", "31/02/2026", "44895"),
			"to": pick("G12", "G12", "G12", "H99"), "question": "Nguồn nào?", "due": pick("31/12/2026", "31/12/2026", "31/12/2026", "mai"),
		}}
		u := own[r.IntN(len(own))]
		did := programme.Line{Number: 3 + i, Cells: map[string]string{
			"id": pick(u.ID, u.ID, u.ID, foreign.ID, "", "nichts"), "version": pick(strconv.Itoa(u.Version), "1", "x", ""),
			"act": pick("", "", "progress", "report", "accept", "burn", "ask_time"), "percent": pick("", "50", "50%", "150", "năm mươi"),
			"figure": pick("", "1.204 hồ sơ"), "link": pick("", "javascript:alert(1)"), "reason": pick("", "chờ kinh phí"), "new_due": pick("", "31/12/2030", "mai"),
		}}
		if r.IntN(9) == 0 {
			l.Why, did.Why = unread, unread
		}
		lines, units = append(lines, l), append(units, did)
	}
	for _, hand := range []func() ([]programme.Account, int, error){
		func() ([]programme.Account, int, error) {
			out, err := h.TakeRecords(t.Context(), thaiNguyen, "difficulty", lines)
			return out, len(lines), err
		},
		func() ([]programme.Account, int, error) {
			out, err := h.TakeUnits(t.Context(), thaiNguyen, units, nil)
			return out, len(units), err
		},
	} {
		for again := range 2 {
			out, n, err := hand()
			if err != nil || len(out) != n {
				t.Fatalf("%d of %d rows, %v", len(out), n, err)
			}
			sum := 0
			counts := programme.Tally(out)
			for _, o := range programme.Outcomes {
				sum += counts[o]
			}
			for i := range out {
				if out[i].Number != 3+i || (out[i].Outcome == programme.Wrong) != (len(out[i].Reasons()) > 0) {
					t.Errorf("row %d: %+v", 3+i, out[i])
				}
			}
			if sum != n || (counts[programme.Taken] > 0) != (again == 0) {
				t.Errorf("time %d: %v of %d", again+1, counts, n)
			}
		}
	}
}
