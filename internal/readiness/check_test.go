package readiness_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/readiness"
)

func num(n int) *int { return &n }

// said writes problems as "severity row column reason".
func said(problems []readiness.Problem) []string {
	out := []string{}
	for _, p := range problems {
		out = append(out, fmt.Sprintf("%s %s %s %s", p.Severity, p.Row, p.Column, p.Reason[len("readiness.problem."):]))
	}
	return out
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	// full has what a return needs so that nothing is to be said of it.
	full := metReturn(1)
	full = change(full, "5.1-a", func(a *readiness.Answer) { a.Decision = &readiness.LetterRef{Number: "12/QĐ-STTTT"} })
	row := func(number string, f func(*readiness.Answer)) readiness.Return { return change(full, number, f) }
	partly := func(a *readiness.Answer) {
		a.Compliance, a.Note, a.Causes, a.Unmet = "partially_met", "Chưa có kinh phí.", []string{"Chưa có kinh phí."}, []string{"Số hoá hồ sơ"}
		a.Stage, a.ExpectedMonth = "tendering", "2023-06"
	}
	contact := func(f func(*readiness.Contact)) readiness.Return {
		r := full.Clone()
		f(&r.Contact)
		return r
	}
	for name, c := range map[string]struct {
		ret  readiness.Return
		kind string
		want []string
	}{
		"nothing to say": {full, readiness.Province, []string{}},
		"no name": {
			contact(func(c *readiness.Contact) { c.FullName = "  " }), readiness.Province, []string{"reviews   contact_blank"},
		},
		"cannot be reached": {
			contact(func(c *readiness.Contact) { c.Phone, c.Email = "", "" }), readiness.Province,
			[]string{"reviews   contact_unreachable"},
		},
		"no e-mail but a telephone": {contact(func(c *readiness.Contact) { c.Email = "" }), readiness.Province, []string{}},
		"e-mail without a domain": {
			contact(func(c *readiness.Contact) { c.Email = "mau@tinh" }), readiness.Province, []string{"reviews   email_invalid"},
		},
		"no e-mail at all": {
			contact(func(c *readiness.Contact) { c.Email = "không có" }), readiness.Province, []string{"reviews   email_invalid"},
		},
		"e-mail with a name": {
			contact(func(c *readiness.Contact) { c.Email = "Mẫu <mau@tinh.example.vn>" }), readiness.Province,
			[]string{"reviews   email_invalid"},
		},
		"two e-mails":  {contact(func(c *readiness.Contact) { c.Email = "a@b.vn; c@d.vn" }), readiness.Province, []string{}},
		"blank answer": {row("2", set("")), readiness.Province, []string{"reviews 2 compliance answer_blank"}},
		"row left out": {drop(full, "3"), readiness.Province, []string{"reviews 3 compliance row_missing"}},
		"no system at all": {
			drop(full, "1.1", "5.1-a", "5.1-b"), readiness.Province,
			[]string{"reviews 1.1 compliance row_missing", "reviews 5.1-a compliance row_missing", "reviews 5.1-b compliance row_missing"},
		},
		"half of a system": {drop(full, "5.1-b"), readiness.Province, []string{"reviews 5.1-b compliance row_missing"}},
		"no such option":   {row("2", set("maybe")), readiness.Province, []string{"reviews 2 compliance option_unknown"}},
		"no such stage": {
			row("2", func(a *readiness.Answer) { a.Stage = "soon" }), readiness.Province, []string{"reviews 2 stage stage_unknown"},
		},
		"other stage, not said": {
			row("2", func(a *readiness.Answer) { a.Stage = "other" }), readiness.Province,
			[]string{"notes 2 stage stage_other_blank"},
		},
		"no such month": {
			row("2", func(a *readiness.Answer) { a.ExpectedMonth = "2023-13" }), readiness.Province,
			[]string{"reviews 2 stage month_invalid"},
		},
		"procured and met": {row("2", func(a *readiness.Answer) { a.Stage = "procured" }), readiness.Province, []string{}},
		"procured and partly met": {
			row("2", func(a *readiness.Answer) { partly(a); a.Stage = "procured" }), readiness.Province, []string{},
		},
		"partly met and all said": {row("2", partly), readiness.Province, []string{}},
		"partly met and nothing said": {
			row("2", set("partially_met")), readiness.Province,
			[]string{"notes 2 note cause_missing", "notes 2 note unmet_missing", "notes 2 stage stage_missing", "notes 2 stage expected_missing"},
		},
		"the note is the cause": {row("2", func(a *readiness.Answer) { partly(a); a.Causes = nil }), readiness.Province, []string{}},
		"not met needs no list": {
			row("2", func(a *readiness.Answer) { partly(a); a.Compliance, a.Unmet = "not_met", nil }), readiness.Province, []string{},
		},
		"a dossier asks for no cause": {row("5.1-a", set("submitted")), readiness.Province, []string{}},
		"approved without a decision": {
			row("5.1-a", func(a *readiness.Answer) { a.Decision = nil }), readiness.Province,
			[]string{"notes 5.1-a note decision_missing"},
		},
		"partly equipped without counts": {row("3", partly), readiness.Province, []string{"notes 3 note counts_missing"}},
		"counts that fit": {
			row("3", func(a *readiness.Answer) { partly(a); a.Counts = counts(64, 187, 1240, 1875) }), readiness.Province, []string{},
		},
		"more units unmet than all": {
			row("3", func(a *readiness.Answer) { partly(a); a.Counts = counts(188, 187, 1240, 1875) }), readiness.Province,
			[]string{"reviews 3 note units_exceed"},
		},
		"more devices than needed": {
			row("3", func(a *readiness.Answer) { partly(a); a.Counts = counts(64, 187, 1876, 1875) }), readiness.Province,
			[]string{"notes 3 note devices_exceed"},
		},
		"negative": {
			row("3", func(a *readiness.Answer) { partly(a); a.Counts = counts(-1, 187, 1, 2) }), readiness.Province,
			[]string{"reviews 3 note count_negative"},
		},
		"one count only": {
			row("3", func(a *readiness.Answer) { partly(a); a.Counts = &readiness.Counts{UnitsTotal: num(3)} }), readiness.Province,
			[]string{},
		},
		"a province's database": {
			with(full, readiness.Answer{Row: "4.2", Key: "4.2", System: "CSDL", Compliance: "met"}), readiness.Province,
			[]string{"notes 4.2 component row_not_for_agency"},
		},
		"a ministry's database": {
			with(full, readiness.Answer{Row: "4.2", Key: "4.2", System: "CSDL", Compliance: "met"}), readiness.Ministry, []string{},
		},
		"a database without a name": {
			with(full, readiness.Answer{Row: "4.2", Key: "4.2", Unit: "Cục CNTT", Compliance: "met"}), readiness.Ministry,
			[]string{"notes 4.2 component system_unnamed"},
		},
		"an empty row": {with(full, readiness.Answer{Row: "4.3", Key: "4.3"}), readiness.Ministry, []string{}},
		"a row of another form": {
			with(full, readiness.Answer{Row: "9", Key: "9", Compliance: "met"}), readiness.Province,
			[]string{"reviews 9 number row_unknown"},
		},
		"an answer to a heading": {
			with(full, readiness.Answer{Row: "4", Key: "4", Compliance: "met"}), readiness.Province,
			[]string{"reviews 4 number row_unknown"},
		},
		"the same row twice": {
			with(full, readiness.Answer{Row: "2", Key: "2", Compliance: "met"}), readiness.Province,
			[]string{"reviews 2 number row_twice"},
		},
		"two systems in 4.3": {with(with(full, readiness.Answer{Row: "4.3", Key: "4.3", SystemID: "s1", System: "A", Compliance: "met"}),
			readiness.Answer{
				Row: "4.3", Key: "4.3", SystemID: "s2", System: "B", Compliance: "met",
			}), readiness.Province, []string{"reviews 4.3 component system_unknown"}},
		"a link without security": {
			with(withSystem(full, "s2"), readiness.Answer{Row: "1.2", Key: "1.n", SystemID: "s2", System: "B", Compliance: "met"}),
			readiness.Province,
			[]string{"notes 1.2 component system_without"},
		},
		"security without a link": {
			with(drop(withSystem(full, "s2"), "1.1"), readiness.Answer{Row: "1.1", Key: "1.n", SystemID: "s2", System: "B", Compliance: "met"}),
			readiness.Province,
			[]string{"notes 1.1 component system_without", "notes 5.1-a component system_without"},
		},
		"an unsure reading": {row("2", func(a *readiness.Answer) {
			a.Readings = map[string]readiness.Reading{"compliance": {Raw: "đ.ứng", Confidence: 0.4, Reason: "readiness.problem.no_option"}}
		}), readiness.Province, []string{"reviews 2 compliance no_option"}},
		"a reading that was settled": {row("2", func(a *readiness.Answer) {
			a.Readings = map[string]readiness.Reading{"compliance": {Raw: "đ.ứng", Confidence: 0.4, ResolvedBy: "acc"}}
		}), readiness.Province, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := readiness.Check(tpl, c.ret, c.kind)
			if d := cmp.Diff(c.want, said(problems)); d != "" {
				t.Error(d)
			}
			for _, p := range problems {
				if p.Field == "" {
					t.Errorf("%s does not say to which field it belongs", p.Reason)
				}
			}
		})
	}
}

func counts(unmet, total, have, need int) *readiness.Counts {
	return &readiness.Counts{UnitsUnmet: &unmet, UnitsTotal: &total, DevicesHave: &have, DevicesNeed: &need}
}

func withSystem(r readiness.Return, id string) readiness.Return {
	r = r.Clone()
	r.Systems = append(r.Systems, readiness.System{ID: id, Name: id})
	return r
}

func TestTasks(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	states := func(r readiness.Return) map[string]readiness.TaskState {
		out := map[string]readiness.TaskState{}
		for _, task := range readiness.Tasks(tpl, r, readiness.Province) {
			out[task.Key] = task.State
		}
		return out
	}
	full := metReturn(2)
	saved := full.Clone()
	saved.Proposals, saved.Difficulties = []readiness.Proposal{}, []string{}
	listed := readiness.Return{
		Systems: full.Systems, Answers: []readiness.Answer{{Row: "1.1", Key: "1.n", SystemID: "s1", System: "Hệ thống 1"}},
	}
	const no, some, yes = readiness.TaskNotStarted, readiness.TaskInProgress, readiness.TaskComplete
	for name, c := range map[string]struct {
		ret  readiness.Return
		want []readiness.TaskState // contact, systems, the components, proposals, difficulties
	}{
		"empty":                       {readiness.Return{}, []readiness.TaskState{no, no, no, no, no, no, no, no, no}},
		"all but the optional parts":  {full, []readiness.TaskState{yes, yes, yes, yes, yes, yes, yes, no, no}},
		"saved with nothing in parts": {saved, []readiness.TaskState{yes, yes, yes, yes, yes, yes, yes, yes, yes}},
		"systems only":                {listed, []readiness.TaskState{no, yes, no, no, no, no, no, no, no}},
		"one link blank":              {change(full, "1.2", set("")), []readiness.TaskState{yes, yes, some, yes, yes, yes, yes, no, no}},
		"half of a system's security": {drop(full, "5.2-b"), []readiness.TaskState{yes, yes, yes, yes, yes, yes, some, no, no}},
		"wrong e-mail":                {wrongEmail(full), []readiness.TaskState{some, yes, yes, yes, yes, yes, yes, no, no}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keys := append(append([]string{"contact", "systems"}, components...), "proposals", "difficulties")
			want := map[string]readiness.TaskState{}
			for i, k := range keys {
				want[k] = c.want[i]
			}
			if d := cmp.Diff(want, states(c.ret)); d != "" {
				t.Error(d)
			}
		})
	}
	if !readiness.Ready(readiness.Tasks(tpl, full, readiness.Province)) ||
		readiness.Ready(readiness.Tasks(tpl, drop(full, "2"), readiness.Province)) {
		t.Error("a return is ready when all that is not optional is complete")
	}
}

func wrongEmail(r readiness.Return) readiness.Return {
	r.Contact.Email = "mau"
	return r
}

func TestEveryProblemHasATask(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	tasks := readiness.Tasks(tpl, drop(wrongEmail(metReturn(2)), "1.2", "2", "5.1-b"), readiness.Province)
	n := 0
	for _, task := range tasks {
		n += len(task.Problems)
	}
	if want := len(readiness.Check(tpl, drop(wrongEmail(metReturn(2)), "1.2", "2", "5.1-b"), readiness.Province)); n != want {
		t.Errorf("the tasks hold %d problems, want %d", n, want)
	}
}
