package readiness_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"dean06/internal/platform/i18n"
	"dean06/internal/readiness"

	"pgregory.net/rapid"
)

var decorations = []func(string) string{
	strings.ToUpper,
	strings.ToLower,
	func(s string) string { return s + "." },
	func(s string) string { return "- " + s + ";" },
	func(s string) string { return "  " + s + "\u00a0" },
	func(s string) string { return "Chọn một trong các phương án: " + s },
	func(s string) string { return "☒ " + s },
	func(s string) string { return "(x) " + s },
	func(s string) string { return "[X] " + s },
	readiness.Fold,
}

// Every wording of every option is found however it is dressed.
func TestEveryWordingIsFound(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SampledFrom([]string{readiness.ComplianceList, readiness.DossierList, readiness.StageList}).Draw(t, "list")
		o := rapid.SampledFrom(tpl.Options[list]).Draw(t, "option")
		if o.Free {
			return
		}
		text := rapid.SampledFrom(append([]string{o.Vi, o.En}, o.Aliases...)).Draw(t, "wording")
		written := rapid.SampledFrom(decorations).Draw(t, "dress")(text)
		if got := readiness.ReadOption(tpl, list, readiness.LinesOf(written)); got.Key != o.Key || got.Confidence < readiness.Sure {
			t.Fatalf("%q: got %+v, want %s", written, got, o.Key)
		}
	})
}

// A month written in any of the usual ways reads as that month.
func TestEveryMonthIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		y, m := rapid.IntRange(2015, 2035).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month")
		form := rapid.SampledFrom([]string{
			"tháng %[2]d/%[1]d", "T%02[2]d/%[1]d", "%[2]d/%[1]d", "%02[2]d-%[1]d", "tháng %[2]d năm %[1]d", "15/%[2]d/%[1]d",
			"ngày 1 tháng %[2]d năm %[1]d", "%[1]d-%02[2]d",
		}).Draw(t, "form")
		text := fmt.Sprintf("dự kiến hoàn thành, đưa vào khai thác chính thức "+form, y, m)
		want := readiness.Month(fmt.Sprintf("%d-%02d", y, m))
		if got := readiness.ReadMonth(text); got.Month != want || got.Confidence < readiness.Sure {
			t.Fatalf("%q: got %+v, want %s", text, got, want)
		}
	})
}

// Counts read the same with any separator of thousands.
func TestEveryCountIsRead(t *testing.T) {
	t.Parallel()
	row, _ := appendix488(t).Row("3")
	thousands := func(n int, sep string) string {
		if n < 1000 {
			return fmt.Sprint(n)
		}
		return fmt.Sprintf("%d%s%03d", n/1000, sep, n%1000)
	}
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.IntRange(1, 999_999).Draw(t, "whole")
		part := rapid.IntRange(0, whole).Draw(t, "part")
		sep := rapid.SampledFrom([]string{"", ".", ",", " "}).Draw(t, "sep")
		text := fmt.Sprintf(
			"Chưa có kinh phí; số cơ quan chưa đáp ứng: %s/%s; số lượng thiết bị đã có: %s/%s.", thousands(part, sep),
			thousands(whole, sep), thousands(part, sep), thousands(whole, sep),
		)
		got := readiness.ReadNote(row, readiness.LinesOf(text))
		if c := got.Counts; c == nil || *c.UnitsUnmet != part || *c.UnitsTotal != whole || *c.DevicesHave != part ||
			*c.DevicesNeed != whole || (got.Reason != "") != readiness.HasTwoReadings(text) {
			t.Fatalf("%q: got %+v", text, got)
		}
	})
}

// FuzzReading holds all parsers to what must be true of any text.
func FuzzReading(f *testing.F) {
	tpl := appendix488(f)
	for _, s := range []string{
		"Đã đáp ứng", "Khác: a; dự kiến 13/2023", "☒ a ☐ b", "64/187; 1.240/1.875 thiết bị", "QĐ 58/QĐ-STTTT ngày 31/2/2022",
		"Yêu cầu chưa đáp ứng: a, b.", "Ví dụ:", "6 tháng đầu năm 2023 - quý II",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		lines := readiness.LinesOf(s)
		for list, options := range tpl.Options {
			got := readiness.ReadOption(tpl, list, lines)
			known := got.Key == ""
			for _, o := range options {
				known = known || o.Key == got.Key
			}
			if !known || (got.Confidence >= readiness.Sure) != (got.Reason == "") || got.Confidence >= readiness.Sure && got.Key == "" {
				t.Errorf("ReadOption(%s, %q) = %+v", list, s, got)
			}
		}
		if m := readiness.ReadMonth(s); m.Month != "" && !monthForm(string(m.Month)) || m.Confidence >= readiness.Sure && m.Month == "" {
			t.Errorf("ReadMonth(%q) = %+v", s, m)
		}
		stage := readiness.ReadStage(tpl, lines)
		if stage.Confidence >= readiness.Sure && stage.Reason != "" {
			t.Errorf("ReadStage(%q) = %+v", s, stage)
		}
		for _, row := range tpl.Rows {
			if !row.Answered() {
				continue
			}
			note := readiness.ReadNote(row, lines)
			if c := note.Counts; c != nil && c.UnitsUnmet != nil && c.UnitsTotal != nil && *c.UnitsUnmet > *c.UnitsTotal && note.Reason == "" {
				t.Errorf("ReadNote(%s, %q) is sure of %+v", row.Key, s, c)
			}
			for _, text := range append(append([]string{note.Note}, note.Causes...), note.Unmet...) {
				if utf8.ValidString(s) && !utf8.ValidString(text) {
					t.Errorf("ReadNote(%s, %q) gives broken text %q", row.Key, s, text)
				}
			}
		}
		n := readiness.FindLetter(s).Number
		if readiness.NormalNumber(n) != n {
			t.Errorf("NormalNumber(%q) = %q, not settled", n, readiness.NormalNumber(n))
		}
		ret := readiness.Return{Answers: []readiness.Answer{{Key: "1.n", System: s}, {Key: "5.n-a", System: s + " "}, {Key: "2"}}}
		readiness.DeclareSystems(tpl, &ret)
		if ret.Answers[0].SystemID != ret.Answers[1].SystemID {
			t.Errorf("%q is two systems", s)
		}
	})
}

func monthForm(s string) bool {
	return len(s) == 7 && s[4] == '-' && s[5:] >= "01" && s[5:] <= "12"
}

// Every reason has its message, so that no key is ever shown to people.
func TestReasonsHaveMessages(t *testing.T) {
	t.Parallel()
	messages, err := i18n.Load(readiness.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		readiness.ReasonBlank, readiness.ReasonUntouched, readiness.ReasonTwo, readiness.ReasonExample, readiness.ReasonFree,
		readiness.ReasonMore,
		readiness.ReasonMarkedOnly, readiness.ReasonOtherBlank, readiness.ReasonNoYear, readiness.ReasonShortYear, readiness.ReasonImpossible,
		readiness.ReasonManyDates, readiness.ReasonVagueDate, readiness.ReasonNoDate, readiness.ReasonCountLabel,
		readiness.ReasonCountOrder, readiness.ReasonManyNumbers,
	} {
		if !messages.Has(key) {
			t.Errorf("no message for %s", key)
		}
	}
}
