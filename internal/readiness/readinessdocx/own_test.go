package readinessdocx_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessdocx"
)

// clinics is a form with columns of its own: numbers, days, yes or no.
func clinics(t testing.TB) *readiness.Template {
	t.Helper()
	raw, err := os.ReadFile("../testdata/clinics.json")
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := readiness.LoadTemplate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

// anyValue makes a value that a column may have.
func anyValue(t *rapid.T, c readiness.Column) string {
	switch c.Kind {
	case readiness.NumberColumn:
		if rapid.Bool().Draw(t, "whole") {
			return strconv.Itoa(rapid.IntRange(0, 99_999).Draw(t, "number"))
		}
		return fmt.Sprintf("%d.%d", rapid.IntRange(0, 999).Draw(t, "whole"), rapid.IntRange(1, 9).Draw(t, "tenths"))
	case readiness.DateColumn:
		return fmt.Sprintf("%04d-%02d-%02d", rapid.IntRange(1990, 2026).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"),
			rapid.IntRange(1, 28).Draw(t, "day"))
	}
	return rapid.SampledFrom([]string{readiness.Yes, readiness.No}).Draw(t, "has")
}

func anySurvey(t *rapid.T, tpl *readiness.Template) readiness.Return {
	ret := readiness.Return{Heading: "UBND TỈNH THÁI NGUYÊN", Contact: readiness.Contact{FullName: "Nguyễn Văn Mẫu", Phone: "000 000 0123"}}
	for _, row := range tpl.Rows {
		if !row.Answered() || !rapid.Bool().Draw(t, "answered") {
			continue
		}
		a := readiness.Answer{Row: row.Key, Key: row.Key, Values: map[string]string{}}
		for _, c := range tpl.AskedOwn(row) {
			a.Values[c.Key] = anyValue(t, c)
		}
		if rapid.Bool().Draw(t, "noted") {
			a.Note = rapid.SampledFrom([]string{"theo báo cáo năm trước", "Đã nghiệm thu", "Chờ cấp phép lại"}).Draw(t, "note")
		}
		ret.Answers = append(ret.Answers, a)
	}
	return ret
}

// What stands in the form's own columns comes back from our own paper, and from the bare
// paper without anything hidden in it.
func TestOwnColumnsComeBack(t *testing.T) {
	t.Parallel()
	tpl := clinics(t)
	rapid.Check(t, func(rt *rapid.T) {
		want := anySurvey(rt, tpl)
		raw := write(t, tpl, &want, readinessdocx.Options{})
		for name, paper := range map[string][]byte{"our own": raw, "bare": withoutHidden(t, raw)} {
			got, problems := read(t, tpl, paper)
			if diff := cmp.Diff(want, got, sameAnswers); diff != "" {
				rt.Fatalf("%s (-want +got):\n%s", name, diff)
			}
			for _, p := range problems {
				if p.Severity == readiness.Reviews && p.Reason != "readiness.problem.nothing_answered" {
					rt.Fatalf("%s: %+v", name, p)
				}
			}
		}
	})
}

// The blank form asks for what each row asks for, and read again it says nothing.
func TestBlankSurvey(t *testing.T) {
	t.Parallel()
	tpl := clinics(t)
	ret, problems := read(t, tpl, write(t, tpl, nil, readinessdocx.Options{Heading: "UBND TỈNH THÁI NGUYÊN", Kind: readiness.Province}))
	if len(ret.Answers) != 0 || len(ret.Extra) != 0 {
		t.Errorf("answers %+v, extra %+v", ret.Answers, ret.Extra)
	}
	if len(problems) != 1 || problems[0].Reason != "readiness.problem.nothing_answered" {
		t.Errorf("problems %+v", problems)
	}
}

// What is not certain in an own column goes to a person, with what stood there.
func TestOwnColumnsInDoubt(t *testing.T) {
	t.Parallel()
	tpl := clinics(t)
	ret := readiness.Return{Heading: "UBND TỈNH THÁI NGUYÊN", Answers: []readiness.Answer{
		{Row: "1", Key: "1", Values: map[string]string{"amount": "98765"}},
		{Row: "5", Key: "5", Values: map[string]string{"has": "yes"}},
		{Row: "7", Key: "7", Values: map[string]string{"day": "2025-11-23"}},
	}}
	raw := write(t, tpl, &ret, readinessdocx.Options{})
	for name, c := range map[string]struct{ old, new, row, column string }{
		"a fraction or a thousand": {">98765<", ">1.234<", "1", "amount"},
		"about":                    {">98765<", ">khoảng 98765<", "1", "amount"},
		"beyond the bounds":        {">98765<", ">100001<", "1", "amount"},
		"no number":                {">98765<", ">nhiều<", "1", "amount"},
		"in doubt":                 {">Có<", ">Có?<", "5", "has"},
		"both":                     {">Có<", ">Có và không<", "5", "has"},
		"with more":                {">Có<", ">Có nhưng đang hỏng<", "5", "has"},
		"no such day":              {">23/11/2025<", ">31/11/2025<", "7", "day"},
		"month first":              {">23/11/2025<", ">11/23/2025<", "7", "day"},
		"two digits":               {">23/11/2025<", ">23/11/25<", "7", "day"},
		"long ago":                 {">23/11/2025<", ">23/11/1025<", "7", "day"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := repack(t, raw, func(part, text string) string {
				if part != "word/document.xml" {
					return text
				}
				if !strings.Contains(text, c.old) {
					t.Fatalf("nothing to replace: %s", c.old)
				}
				return strings.Replace(text, c.old, c.new, 1)
			})
			got, problems := read(t, tpl, changed)
			asked := slices.ContainsFunc(problems, func(p readiness.Problem) bool {
				return p.Severity == readiness.Reviews && p.Row == c.row && p.Column == c.column
			})
			if !asked {
				t.Errorf("nobody is asked about row %s: %+v", c.row, problems)
			}
			for _, a := range got.Answers {
				if a.Row == c.row && a.Readings[c.column].Raw != strings.Trim(c.new, "><") {
					t.Errorf("what stood there is lost: %+v", a)
				}
			}
		})
	}
}
