package readiness_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/readiness"
)

// survey is a form that has nothing of letter 488: numbers, days, yes or no, counts.
func survey(t testing.TB) *readiness.Template {
	t.Helper()
	tpl, err := readiness.LoadTemplate(surveyJSON(t))
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

func surveyJSON(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/survey.json")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestReadValue(t *testing.T) {
	t.Parallel()
	tpl := survey(t)
	for _, c := range []struct {
		column, text, value string
		sure                bool
	}{
		{"amount", "25", "25", true},
		{"amount", "25 giường", "25", true},
		{"amount", "12,5", "12.5", true},
		{"amount", "12.5", "12.5", true},
		{"amount", "0", "0", true},
		{"amount", "12.345.678", "12345678", false}, // beyond the form's bound
		{"amount", "1.234", "1234", false},          // two readings
		{"amount", "khoảng 25", "25", false},
		{"amount", "25?", "25", false},
		{"amount", "80 %", "80", false},
		{"amount", "25 giường, trong đó 3 giường hỏng", "", false},
		{"amount", "-5", "-5", false},
		{"amount", "nhiều", "", false},
		{"amount", "1.5.2", "", false},
		{"day", "05/06/2024", "2024-06-05", true},
		{"day", "ngày 5 tháng 6 năm 2024", "2024-06-05", true},
		{"day", "2024-06-05", "2024-06-05", true},
		{"day", "5/6/24", "2024-06-05", false},
		{"day", "06/21/2023", "", false},
		{"day", "31/6/2023", "", false},
		{"day", "5/6/1975", "1975-06-05", false},
		{"day", "tháng 6/2024", "", false},
		{"has", "Có", "yes", true},
		{"has", "chưa có", "no", true},
		{"has", "không", "no", true},
		{"has", "☒ Có ☐ Không", "yes", true},
		{"has", "Có?", "yes", false},
		{"has", "Có, nhưng yếu", "yes", false},
		{"has", "Có\nKhông", "", false},
		{"grade", "Hạng hai", "b", true},
		{"grade", "hang hai", "b", true},
		{"grade", "Hạng bốn", "", false},
		{"equipped", "64/187", "64/187", true},
		{"equipped", "64 trên tổng số 187", "64/187", true},
		{"equipped", "187/64", "187/64", false},
		{"equipped", "khoảng 64/187", "", false},
	} {
		col, ok := tpl.Column(c.column)
		if !ok {
			t.Fatalf("no column %s", c.column)
		}
		got := readiness.ReadValue(tpl, col, readiness.LinesOf(c.text))
		isSure := got.Confidence >= readiness.Sure && got.Reason == ""
		if isSure != c.sure || c.value != "" && got.Text != c.value {
			t.Errorf("%s %q: got %+v, want %q, sure %v", c.column, c.text, got, c.value, c.sure)
		}
	}
}

// What a form prints for a value is read as that value again.
func TestShownValuesAreReadAgain(t *testing.T) {
	t.Parallel()
	tpl := survey(t)
	for column, values := range map[string][]string{
		"amount": {"0", "7", "1234", "99999", "12.5"}, "day": {"1990-01-01", "2026-11-30"}, "has": {"yes", "no"},
		"grade": {"a", "b", "c"}, "equipped": {"0/0", "64/187", "1240/1875"},
	} {
		col, _ := tpl.Column(column)
		for _, v := range values {
			for _, text := range []string{readiness.ShowValue(tpl, col, v).Vi, readiness.ShowValue(tpl, col, v).En} {
				if got := readiness.ReadValue(tpl, col, readiness.LinesOf(text)); got.Text != v || got.Reason != "" {
					t.Errorf("%s %q is printed as %q and read as %+v", column, v, text, got)
				}
			}
		}
	}
}

func TestJudgedByValues(t *testing.T) {
	t.Parallel()
	tpl := survey(t)
	answer := func(key, column, value string) readiness.Answer {
		return readiness.Answer{Row: key, Key: key, Values: map[string]string{column: value}}
	}
	for _, c := range []struct {
		answer readiness.Answer
		want   readiness.Status
	}{
		{answer("1", "amount", "10"), readiness.Met},
		{answer("1", "amount", "5"), readiness.PartiallyMet},
		{answer("1", "amount", "4.5"), readiness.NotMet},
		{answer("1", "amount", "x"), readiness.Unknown},
		{answer("1", "note", "x"), readiness.Unknown},
		{answer("3", "has", "yes"), readiness.Met},
		{answer("3", "has", "no"), readiness.NotMet},
		{answer("2", "day", "2024-01-01"), readiness.Unknown}, // informs only
		{readiness.Answer{Row: "4", Key: "4", Values: map[string]string{"grade": "a", "equipped": "5/5"}}, readiness.Met},
		{readiness.Answer{Row: "4", Key: "4", Values: map[string]string{"grade": "a", "equipped": "1/5"}}, readiness.PartiallyMet},
		{readiness.Answer{Row: "4", Key: "4", Values: map[string]string{"grade": "c", "equipped": "0/5"}}, readiness.NotMet},
		{readiness.Answer{Row: "4", Key: "4", Values: map[string]string{"grade": "a"}}, readiness.Unknown},
	} {
		if got := readiness.AnswerStatus(tpl, c.answer); got != c.want {
			t.Errorf("%+v: got %s, want %s", c.answer.Values, got, c.want)
		}
	}
}

func TestSummaryRules(t *testing.T) {
	t.Parallel()
	tpl := survey(t)
	full := readiness.Return{Answers: []readiness.Answer{
		{Row: "1", Key: "1", Values: map[string]string{"amount": "12"}},
		{Row: "3", Key: "3", Values: map[string]string{"has": "yes"}},
		{Row: "4", Key: "4", Values: map[string]string{"grade": "c", "equipped": "0/9"}},
	}}
	verdict := func(ret readiness.Return) map[string]readiness.Status {
		v, err := readiness.Evaluate(tpl.Rule(), tpl, ret, readiness.Province)
		if err != nil {
			t.Fatal(err)
		}
		return v.Components
	}
	if got := verdict(full); got["beds"] != readiness.Met || got["it"] != readiness.PartiallyMet {
		t.Errorf("component-met/1: %v", got)
	}
	tpl.Summary = readiness.Summary{Rule: readiness.ComponentShare1, Share: 0.5}
	if got := verdict(full); got["it"] != readiness.Met {
		t.Errorf("half of the answers met, a share of 0.5: %v", got)
	}
	full.Answers = full.Answers[:1]
	if got := verdict(full); got["it"] != readiness.Unknown {
		t.Errorf("nothing answered counts as something: %v", got)
	}
}

// A column that could not be kept is refused, and each fault names its line in both languages.
func TestTemplateFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, key string }{
		"no kind":            {`"kind": "date", `, ``, "column_kind"},
		"unknown kind":       {`"kind": "date", `, `"kind": "dates", `, "column_kind"},
		"reserved":           {`"key": "has"`, `"key": "system"`, "column_key"},
		"options missing":    {`"options": "grades"`, `"options": "grade"`, "column_options"},
		"bounds":             {`"min": 0, "max": 100000`, `"min": 9, "max": 1`, "column_bounds"},
		"judged in no way":   {`"judged": [{"column": "has"}]`, `"judged": [{"column": "has", "at_least": 3}]`, "judge"},
		"judged, not asked":  {`"judged": [{"column": "has"}]`, `"judged": [{"column": "amount", "at_least": 3}]`, "judge"},
		"row without column": {`"columns": ["day"]`, `"columns": ["days"]`, "row_column"},
		"two wordings":       {`"vi": "Hạng ba"`, `"vi": "hạng hai"`, "option_words"},
		"level":              {`"level": "not_met"`, `"level": "none"`, "level"},
		"empty component":    {`"component": "it"`, `"component": "beds"`, "component_empty"},
		"no title":           {`"en": "Survey of clinics"`, `"en": ""`, "both"},
		"type":               {`"width": 600`, `"width": "600"`, "type"},
		"a component's name": {`{"key": "beds"`, `{"key": "contact"`, "component"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := strings.ReplaceAll(string(surveyJSON(t)), c.old, c.new)
			_, err := readiness.LoadTemplate([]byte(raw))
			var list fault.List
			if !errors.As(err, &list) || !slices.ContainsFunc(list, func(f *fault.Error) bool { return strings.HasSuffix(f.Key, ".wrong."+c.key) }) {
				t.Fatalf("got %v, want %s", err, c.key)
			}
			for _, f := range list {
				if where, _ := f.Args["where"].(readiness.Text); !strings.HasPrefix(where.Vi, "Dòng ") || !strings.HasPrefix(where.En, "Line ") {
					t.Errorf("%s does not name its line: %v", f.Key, f.Args)
				}
			}
		})
	}
}

func TestOwnValuesAreCompared(t *testing.T) {
	t.Parallel()
	tpl := survey(t)
	one := func(amount, has string) readiness.Return {
		return readiness.Return{Answers: []readiness.Answer{
			{Row: "1", Key: "1", Values: map[string]string{"amount": amount}}, {Row: "3", Key: "3", Values: map[string]string{"has": has}},
		}}
	}
	changes := readiness.Diff(tpl, one("10", "no"), one("12", "no"))
	if len(changes) != 1 || changes[0].Column != "amount" || changes[0].Before.Vi != "10" || changes[0].After.Vi != "12" {
		t.Errorf("changes %+v", changes)
	}
	merged, conflicts := readiness.Merge(tpl, one("10", "no"), one("12", "no"), one("10", "yes"), nil)
	if len(conflicts) != 0 || merged.Answers[0].Values["amount"] != "12" || merged.Answers[1].Values["has"] != "yes" {
		t.Errorf("merged %+v, conflicts %+v", merged.Answers, conflicts)
	}
	if _, conflicts = readiness.Merge(tpl, one("10", "no"), one("12", "no"), one("11", "no"), nil); len(conflicts) != 1 || conflicts[0].Theirs.Vi != "11" {
		t.Errorf("two people, one field: %+v", conflicts)
	}
	cleared := one("10", "no")
	cleared.Answers[0].Values = nil
	if merged, _ := readiness.Merge(tpl, one("10", "no"), cleared, one("10", "no"), nil); len(merged.Answers[0].Values) != 0 {
		t.Errorf("what one emptied came back: %+v", merged.Answers[0])
	}
	carried := readiness.NextRound(tpl, tpl, "2", one("10", "maybe"), clock.NewDate(2026, 12, 1))
	if carried.Draft.Answers[0].Values["amount"] != "10" || len(carried.Left) != 1 || carried.Left[0].Values["has"] != "maybe" {
		t.Errorf("carried %+v, left %+v", carried.Draft.Answers, carried.Left)
	}
}

func TestCheckOfOwnColumns(t *testing.T) {
	t.Parallel()
	tpl := survey(t)
	reasons := func(answers ...readiness.Answer) []string {
		var out []string
		for _, p := range readiness.Check(tpl, readiness.Return{Answers: answers}, readiness.Province) {
			if p.Row != "" {
				out = append(out, p.Row+" "+strings.TrimPrefix(p.Reason, "readiness.problem."))
			}
		}
		slices.Sort(out)
		return out
	}
	got := reasons(
		readiness.Answer{Row: "1", Key: "1", Note: "x"},
		readiness.Answer{Row: "2", Key: "2", Values: map[string]string{"day": "1980-01-01", "has": "yes"}},
		readiness.Answer{Row: "4", Key: "4", Values: map[string]string{"grade": "z", "lost": "x"}},
	)
	want := []string{
		"1 value_blank", "2 value_not_asked", "2 value_out_of_range", "3 row_missing", "4 value_no_column", "4 value_unread",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A next version that numbers its rows anew carries each answer to the question that it
// answered, not to the one that has its number now.
func TestNextRoundAfterRenumbering(t *testing.T) {
	t.Parallel()
	before, after := survey(t), survey(t)
	after.Version = 2
	one, three := after.Rows[0], after.Rows[2]
	one.Key, one.Number, three.Key, three.Number = "3", "3", "1", "1"
	after.Rows[0], after.Rows[2] = three, one
	after.Rows = after.Rows[:3] // row 4 is gone
	last := readiness.Return{Answers: []readiness.Answer{
		{Row: "1", Key: "1", Values: map[string]string{"amount": "10"}},
		{Row: "3", Key: "3", Values: map[string]string{"has": "yes"}},
		{Row: "4", Key: "4", Values: map[string]string{"grade": "a"}},
	}}
	c := readiness.NextRound(before, after, "2", last, clock.NewDate(2026, 12, 1))
	got := map[string]string{}
	for _, a := range c.Draft.Answers {
		for _, v := range a.Values {
			got[a.Row] = v
		}
	}
	if len(c.Draft.Answers) != 2 || got["3"] != "10" || got["1"] != "yes" || len(c.Left) != 1 || c.Left[0].Key != "4" {
		t.Errorf("draft %+v, left %+v", c.Draft.Answers, c.Left)
	}
}

// Whatever stands in a cell: what is taken as sure is a value of the column, and is read
// again as itself from the paper on which it is printed.
func FuzzReadValue(f *testing.F) {
	for _, s := range []string{"25", "1.234", "12,5 giường", "☒ Có ☐ Không", "5/6/2024", "64 trên 187", "-0", "00012", "1e9", "٣", "½", "…………", "Hạng hai"} {
		f.Add(s)
	}
	tpl := survey(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range tpl.OwnColumns() {
			v := readiness.ReadValue(tpl, c, readiness.LinesOf(text))
			if v.Confidence < readiness.Sure || v.Reason != "" {
				continue
			}
			if why := readiness.CheckValue(tpl, c, v.Text); why != "" || v.Text == "" {
				t.Fatalf("%s: %q is surely %q, yet %s", c.Key, text, v.Text, why)
			}
			for _, shown := range []string{readiness.ShowValue(tpl, c, v.Text).Vi, readiness.ShowValue(tpl, c, v.Text).En} {
				if again := readiness.ReadValue(tpl, c, readiness.LinesOf(shown)); again.Text != v.Text {
					t.Fatalf("%s: %q is %q, printed as %q, read as %+v", c.Key, text, v.Text, shown, again)
				}
			}
		}
	})
}
