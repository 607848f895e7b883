package population_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// asked are the kinds of the questions that an event waits for.
func asked(t *testing.T, err error) string {
	t.Helper()
	var open population.Questions
	if !errors.As(err, &open) {
		if err != nil {
			t.Fatalf("%v is no question", err)
		}
		return ""
	}
	if f := fault.As(err); f == nil || f.Kind != fault.Conflict || f.Key != "population.event.questions" {
		t.Fatalf("fault of questions = %v", f)
	}
	var kinds []string
	for _, q := range open {
		kinds = append(kinds, string(q.Kind))
	}
	slices.Sort(kinds)
	return strings.Join(slices.Compact(kinds), " ")
}

// answer gives one reason to all that an event waits for.
func answer(e population.Event, err error, reason string) population.Event {
	var open population.Questions
	if errors.As(err, &open) {
		e.Answers = map[string]string{}
		for _, q := range open {
			e.Answers[q.Code] = reason
		}
	}
	return e
}

func bornTo(m, f citizen.Number, name, on string, sex citizen.Sex) event {
	return event{Kind: population.Birth, On: citizen.MustDay(on), Basis: "Giấy khai sinh", Facts: person{
		Name: name, Sex: sex, Birthplace: population.Place{Province: "01", Commune: "00097"}, Mother: kin{Number: m}, Father: kin{Number: f},
	}}
}

func TestBirthIsAsked(t *testing.T) {
	t.Parallel()
	var none citizen.Number
	first := bornTo(wife, thu, "Nguyễn Gia Bảo", "2026-11-01", citizen.Male)
	tests := []struct {
		name string
		e    event
		want string
	}{
		{"the same", first, "birth_again"},
		{"without accents, words swapped", bornTo(wife, thu, "Bao Gia Nguyen", "2026-11-01", citizen.Male), "birth_again"},
		{"a letter off", bornTo(wife, thu, "Nguyễn Gia Bão h", "2026-11-01", citizen.Male), "birth_again"},
		{"some days later", bornTo(wife, thu, "Nguyễn Gia Bảo", "2026-11-09", citizen.Male), "birth_again"},
		{"a year before", bornTo(wife, thu, "Nguyễn Gia Bảo", "2025-10-01", citizen.Male), "birth_again"},
		{"the other sex, one name", bornTo(wife, thu, "Nguyễn Gia Bảo", "2026-11-01", citizen.Female), "birth_again"},
		{"the father alone", bornTo(none, thu, "Nguyễn Gia Bảo", "2026-11-01", citizen.Male), "birth_again"},
		{"another mother typed", bornTo(mother, thu, "Nguyễn Gia Bảo", "2026-11-01", citizen.Male), "birth_again"},
		{"no parents, one place", bornTo(none, none, "Nguyễn Gia Bảo", "2026-11-01", citizen.Male), "birth_again"},
		{"no parents, another day", bornTo(none, none, "Nguyễn Gia Bảo", "2026-11-02", citizen.Male), ""},
		{"a twin", bornTo(wife, thu, "Nguyễn Khánh Linh", "2026-11-02", citizen.Female), ""},
		{"too near", bornTo(wife, thu, "Nguyễn Khánh Linh", "2026-09-01", citizen.Female), "births_near"},
		{"three days are no twin", bornTo(wife, thu, "Nguyễn Khánh Linh", "2026-10-29", citizen.Female), "births_near"},
		{"long enough before", bornTo(wife, thu, "Nguyễn Khánh Linh", "2026-05-01", citizen.Female), ""},
		{"another mother, another name", bornTo(mother, none, "Trần Gia Hân", "2026-10-01", citizen.Female), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, m := village()
			record(t, r, first)
			events := len(m.events)
			would, err := r.Preview(t.Context(), clerk, tt.e)
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.Record(t.Context(), clerk, tt.e)
			if got := asked(t, err); got != tt.want || len(would.Questions) == 0 != (tt.want == "") {
				t.Fatalf("asked %q, want %q; preview asks %v", got, tt.want, would.Questions)
			}
			if tt.want == "" {
				return
			}
			if len(m.events) != events {
				t.Fatal("recorded without an answer")
			}
			// The code of the preview answers the question when it is recorded.
			done := record(t, r, answer(tt.e, error(would.Questions), "Là trẻ khác, đã xem giấy chứng sinh số 12"))
			for code, reason := range done.Event.Answers {
				if string(population.KindOf(code)) != tt.want || !strings.Contains(reason, "số 12") {
					t.Errorf("kept %q: %q", code, reason)
				}
			}
			if len(done.Event.Answers) != len(would.Questions) {
				t.Errorf("answers kept = %v", done.Event.Answers)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	r, _ := village()
	first := record(t, r, bornTo(wife, thu, "Nguyễn Gia Bảo", "2026-11-01", citizen.Male))
	again := bornTo(wife, thu, "Nguyễn Gia Bảo", "2026-11-01", citizen.Male)
	_, err := r.Record(t.Context(), clerk, again)
	var open population.Questions
	if !errors.As(err, &open) || len(open) != 1 {
		t.Fatalf("open = %v, %v", open, err)
	}
	q := open[0]
	if n := open.About(); len(n) != 1 || n[0] != first.Event.Number {
		t.Errorf("about = %v", n)
	}
	if f := q.Facts[0]; f.As != "child" || f.Person.Name != "Nguyễn Gia Bảo" || f.Past == nil || f.Past.ID != first.Event.ID ||
		f.Person.Permanent != (population.Place{}) {
		t.Errorf("facts = %+v", f)
	}
	for reason, want := range map[string]string{
		"":                                "open",
		"   \t ":                          "open",
		"ok":                              "answers." + q.Code + ":question.reason",
		"..........":                      "answers." + q.Code + ":question.reason",
		"hai dòng\nhai dòng":              "answers." + q.Code + ":question.reason",
		"có ký tự ẩn\u200b ở đây":         "answers." + q.Code + ":question.reason",
		strings.Repeat("dài ", 126):       "answers." + q.Code + ":question.reason",
		strings.Repeat("dài ", 124) + ".": "",
	} {
		e := again
		e.Answers = map[string]string{q.Code: reason, "birth_again.0000000000000000": "không ai hỏi câu này cả"}
		var got string
		would, err := r.Preview(t.Context(), clerk, e)
		switch {
		case err != nil:
			got = faults(err)
		case would.Questions[0].Answer == "":
			got = "open"
		case len(would.Event.Answers) != 1:
			got = "kept what was not asked"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", reason, got, want)
		}
	}
	// Another register's key makes other codes, and what is asked is asked again once the facts are others.
	record(t, r, event{Kind: population.NameChange, Number: first.Event.Number, Facts: person{Name: "Nguyễn Gia Bao"}})
	e := again
	e.Answers = map[string]string{q.Code: "Là trẻ khác, đã xem giấy chứng sinh"}
	_, err = r.Record(t.Context(), clerk, e)
	if got := asked(t, err); got != "birth_again" {
		t.Errorf("after the facts changed: %q", got)
	}
}
