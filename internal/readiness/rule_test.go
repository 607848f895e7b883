package readiness_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dean06/internal/readiness"
)

// metReturn is a return that meets everything, with n systems.
func metReturn(n int) readiness.Return {
	r := readiness.Return{
		Campaign: "488", Agency: "H55", Template: "488/1",
		Contact: readiness.Contact{FullName: "Nguyễn Văn Mẫu", Phone: "000 000 0000", Email: "mau@tinh.example.vn"},
	}
	add := func(row, key, system, compliance string) {
		r.Answers = append(r.Answers, readiness.Answer{
			Row: row, Key: key, SystemID: system, System: system, Unit: "Sở TTTT", Compliance: compliance,
		})
	}
	for i := range n {
		s := string(rune('1' + i))
		r.Systems = append(r.Systems, readiness.System{ID: "s" + s, Name: "Hệ thống " + s, Kind: readiness.SystemOther})
		add("1."+s, "1.n", "s"+s, "met")
	}
	add("2", "2", "", "met")
	add("3", "3", "", "met")
	add("4.1", "4.1", "", "met")
	for i := range n {
		s := string(rune('1' + i))
		add("5."+s+"-a", "5.n-a", "s"+s, "approved")
		add("5."+s+"-b", "5.n-b", "s"+s, "met")
	}
	return r
}

// change gives the return with the answer in a row changed by f.
func change(r readiness.Return, row string, f func(*readiness.Answer)) readiness.Return {
	r = r.Clone()
	for i := range r.Answers {
		if r.Answers[i].Row == row {
			f(&r.Answers[i])
		}
	}
	return r
}

// drop gives the return without the answers in some rows.
func drop(r readiness.Return, rows ...string) readiness.Return {
	r = r.Clone()
	var kept []readiness.Answer
	for _, a := range r.Answers {
		gone := false
		for _, row := range rows {
			gone = gone || a.Row == row
		}
		if !gone {
			kept = append(kept, a)
		}
	}
	r.Answers = kept
	return r
}

func set(compliance string) func(*readiness.Answer) {
	return func(a *readiness.Answer) { a.Compliance = compliance }
}

func TestComponentMet(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	full := metReturn(2)
	unsure := readiness.Reading{Raw: "đáp ứng?", Confidence: 0.5}
	for name, c := range map[string]struct {
		ret       readiness.Return
		kind      string
		component string
		want      readiness.Status
		all       bool
	}{
		"everything met":   {full, readiness.Province, "security", readiness.Met, true},
		"one link not met": {change(full, "1.2", set("not_met")), readiness.Province, "network", readiness.PartiallyMet, false},
		"one link partly met": {
			change(full, "1.2", set("partially_met")), readiness.Province, "network", readiness.PartiallyMet, false,
		},
		"one link blank": {change(full, "1.2", set("")), readiness.Province, "network", readiness.PartiallyMet, false},
		"all links not met": {
			change(change(full, "1.1", set("not_met")), "1.2", set("not_met")), readiness.Province, "network", readiness.NotMet,
			false,
		},
		"all links blank": {
			change(change(full, "1.1", set("")), "1.2", set("")), readiness.Province, "network", readiness.Unknown, false,
		},
		"no link at all":  {drop(full, "1.1", "1.2"), readiness.Province, "network", readiness.Unknown, false},
		"not in the list": {change(full, "2", set("maybe")), readiness.Province, "procedure_system", readiness.Unknown, false},
		"partly met alone": {
			change(full, "3", set("partially_met")), readiness.Province, "onestop_equipment", readiness.PartiallyMet, false,
		},
		"not met alone": {change(full, "3", set("not_met")), readiness.Province, "onestop_equipment", readiness.NotMet, false},
		"dossier submitted": {
			change(full, "5.1-a", set("submitted")), readiness.Province, "security", readiness.PartiallyMet, false,
		},
		"dossier not submitted": {
			change(full, "5.1-a", set("not_submitted")), readiness.Province, "security", readiness.PartiallyMet, false,
		},
		"dossier of one system missing": {drop(full, "5.2-a"), readiness.Province, "security", readiness.PartiallyMet, false},
		"nothing of security met": {
			change(change(drop(full, "5.2-a", "5.2-b"), "5.1-a", set("not_submitted")), "5.1-b", set("not_met")), readiness.Province,
			"security", readiness.NotMet, false,
		},
		"a dossier is not answered so": {change(full, "5.1-a", set("met")), readiness.Province, "security", readiness.PartiallyMet, false},
		"read without being sure": {
			change(full, "2", func(a *readiness.Answer) { a.Readings = map[string]readiness.Reading{"compliance": unsure} }),
			readiness.Province, "procedure_system", readiness.Unknown, false,
		},
		"an unsure unit does not matter": {
			change(full, "2", func(a *readiness.Answer) { a.Readings = map[string]readiness.Reading{"unit": unsure} }),
			readiness.Province, "procedure_system", readiness.Met, true,
		},
		"a person settled it": {change(full, "2", func(a *readiness.Answer) {
			r := unsure
			r.ResolvedBy = "acc"
			a.Readings = map[string]readiness.Reading{"compliance": r}
		}), readiness.Province, "procedure_system", readiness.Met, true},
		"a ministry's database": {
			with(full, readiness.Answer{Row: "4.2", Key: "4.2", System: "CSDL", Compliance: "not_met"}), readiness.Ministry,
			"connection", readiness.PartiallyMet, false,
		},
		"a Government agency's database": {
			with(full, readiness.Answer{Row: "4.2", Key: "4.2", System: "CSDL", Compliance: "not_met"}), readiness.GovernmentAgency,
			"connection", readiness.PartiallyMet, false,
		},
		"a province has no row 4.2": {
			with(full, readiness.Answer{Row: "4.2", Key: "4.2", System: "CSDL", Compliance: "not_met"}), readiness.Province,
			"connection", readiness.Met, true,
		},
		"a commune answers as a locality": {
			with(full, readiness.Answer{Row: "4.2", Key: "4.2", System: "CSDL", Compliance: "not_met"}), readiness.Commune,
			"connection", readiness.Met, true,
		},
		"an empty row is no answer": {
			with(full, readiness.Answer{Row: "4.3", Key: "4.3"}), readiness.Province, "connection", readiness.Met, true,
		},
		"a named system without an answer": {
			with(full, readiness.Answer{Row: "4.3", Key: "4.3", System: "HTTT"}), readiness.Province, "connection",
			readiness.PartiallyMet, false,
		},
		"a row of another form": {
			with(full, readiness.Answer{Row: "9", Key: "9", Compliance: "not_met"}), readiness.Province, "connection", readiness.Met,
			true,
		},
		"only 4.3 answered": {
			with(drop(full, "4.1"), readiness.Answer{Row: "4.3", Key: "4.3", System: "HTTT", Compliance: "met"}), readiness.Province,
			"connection", readiness.PartiallyMet, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := readiness.Evaluate(readiness.ComponentMet1, tpl, c.ret, c.kind)
			if err != nil {
				t.Fatal(err)
			}
			if got := v.Components[c.component]; got != c.want {
				t.Errorf("%s is %s, want %s", c.component, got, c.want)
			}
			if v.AllMet != c.all {
				t.Errorf("all met is %v, want %v", v.AllMet, c.all)
			}
		})
	}
}

func with(r readiness.Return, a readiness.Answer) readiness.Return {
	r = r.Clone()
	r.Answers = append(r.Answers, a)
	return r
}

func TestEmptyReturnMeetsNothing(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	got, err := readiness.Evaluate(readiness.ComponentMet1, tpl, readiness.Return{}, readiness.Province)
	if err != nil {
		t.Fatal(err)
	}
	want := readiness.Verdict{Rule: "component-met/1", Components: map[string]readiness.Status{
		"network": "unknown", "procedure_system": "unknown", "onestop_equipment": "unknown", "connection": "unknown", "security": "unknown",
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := readiness.Evaluate("component-met/9", tpl, readiness.Return{}, readiness.Province); err == nil {
		t.Error("a rule that does not exist was applied")
	}
}

// TestMakingAnAnswerWorseNeverHelps: whatever the return, no answer made worse
// turns a component that is not met into one that is.
func TestMakingAnAnswerWorseNeverHelps(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	rapid.Check(t, func(t *rapid.T) {
		ret := anyReturn(tpl).Draw(t, "return")
		if len(ret.Answers) == 0 {
			return
		}
		kind := rapid.SampledFrom(readiness.Kinds).Draw(t, "kind")
		before, _ := readiness.Evaluate(readiness.ComponentMet1, tpl, ret, kind)
		i := rapid.IntRange(0, len(ret.Answers)-1).Draw(t, "answer")
		worse := ret.Clone()
		worse.Answers[i].Compliance = rapid.SampledFrom([]string{"", "not_met", "not_submitted", "partially_met", "submitted"}).Draw(t, "worse")
		after, _ := readiness.Evaluate(readiness.ComponentMet1, tpl, worse, kind)
		for c, s := range after.Components {
			if s == readiness.Met && before.Components[c] != readiness.Met && readiness.AnswerStatus(tpl, ret.Answers[i]) != readiness.Unknown {
				t.Fatalf("%s became met by a worse answer in %s", c, ret.Answers[i].Row)
			}
		}
		if after.AllMet && !before.AllMet && readiness.AnswerStatus(tpl, ret.Answers[i]) != readiness.Unknown {
			t.Fatal("all met by a worse answer")
		}
	})
}

// anyReturn draws returns that a person could write, some of them faulty.
func anyReturn(tpl *readiness.Template) *rapid.Generator[readiness.Return] {
	return rapid.Custom(func(t *rapid.T) readiness.Return {
		r := metReturn(rapid.IntRange(0, 3).Draw(t, "systems"))
		r.Contact.FullName = rapid.SampledFrom([]string{"", "Nguyễn Văn Mẫu", "Trần Thị Mẫu"}).Draw(t, "name")
		for i := range r.Systems {
			r.Systems[i].Unit = rapid.SampledFrom([]string{"", "Sở TTTT", "Trung tâm CNTT"}).Draw(t, "unit")
		}
		var kept []readiness.Answer
		for _, a := range r.Answers {
			if rapid.IntRange(0, 9).Draw(t, "keep") == 0 {
				continue
			}
			row, _ := tpl.Row(a.Key)
			var keys []string
			for _, o := range tpl.Options[row.Options] {
				keys = append(keys, o.Key)
			}
			a.Compliance = rapid.SampledFrom(append(keys, "")).Draw(t, "compliance")
			if row.Stage {
				a.Stage = rapid.SampledFrom([]string{"", "tendering", "procured", "other"}).Draw(t, "stage")
				a.ExpectedMonth = rapid.SampledFrom([]readiness.Month{"", "2023-06", "2023-12"}).Draw(t, "month")
			}
			a.Note = rapid.SampledFrom([]string{"", "Chưa được bố trí kinh phí.", "Thiếu nhân lực"}).Draw(t, "note")
			if rapid.Bool().Draw(t, "counts") {
				n := rapid.IntRange(0, 9).Draw(t, "n")
				a.Counts = &readiness.Counts{UnitsUnmet: &n}
			}
			if rapid.Bool().Draw(t, "reading") {
				a.Readings = map[string]readiness.Reading{"note": {Raw: a.Note, Confidence: 1}}
			}
			kept = append(kept, a)
		}
		r.Answers = kept
		if rapid.Bool().Draw(t, "difficulty") {
			r.Difficulties = []string{"Khó khăn"}
		}
		if rapid.Bool().Draw(t, "proposal") {
			r.Proposals = []readiness.Proposal{{Group: "network", Text: "Xem xét bổ sung"}}
		}
		return r
	})
}
