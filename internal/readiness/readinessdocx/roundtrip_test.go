package readinessdocx_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessdocx"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func write(t testing.TB, tpl *readiness.Template, ret *readiness.Return, opts readinessdocx.Options) []byte {
	t.Helper()
	raw, err := readinessdocx.Write(tpl, ret, opts)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func read(t testing.TB, tpl *readiness.Template, raw []byte) (readiness.Return, []readiness.Problem) {
	t.Helper()
	ret, problems, err := readinessdocx.Read(tpl, "a.docx", bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return ret, problems
}

// sameAnswers compares returns as a round through paper must leave them: who it
// is from and for follows from elsewhere, and readings say where on which paper.
var sameAnswers = cmp.Options{
	cmpopts.EquateEmpty(),
	cmpopts.EquateComparable(clock.Date{}),
	cmpopts.IgnoreFields(readiness.Return{}, "Campaign", "Agency", "Template", "Seen"),
	cmpopts.IgnoreFields(readiness.Answer{}, "Readings"),
}

func TestWriteThenReadTheRounds(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	files, err := filepath.Glob(root + "demo/appendix-488/round-2023/*.docx")
	if err != nil || len(files) == 0 {
		t.Fatal("no returns", err)
	}
	for _, file := range files[:20] {
		want, _ := readFile(t, tpl, file)
		raw := write(t, tpl, &want, readinessdocx.Options{})
		got, problems := read(t, tpl, raw)
		if diff := cmp.Diff(want, got, sameAnswers); diff != "" || len(problems) != 0 {
			t.Errorf("%s (-want +got): %s%v", file, diff, problems)
		}
		// The paper alone says the same.
		got, problems = read(t, tpl, withoutHidden(t, raw))
		if diff := cmp.Diff(want, got, sameAnswers); diff != "" || len(problems) != 0 {
			t.Errorf("%s by the paper alone (-want +got): %s%v", file, diff, problems)
		}
	}
}

func TestBlankForm(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	for _, lang := range []string{"vi", "en"} {
		raw := write(t, tpl, nil, readinessdocx.Options{Heading: "ỦY BAN NHÂN DÂN TỈNH MẪU", Kind: "province", Lang: lang})
		if dir := os.Getenv("KEEP"); dir != "" {
			_ = os.WriteFile(filepath.Join(dir, "blank-"+lang+".docx"), raw, 0o644)
		}
		got, problems := read(t, tpl, raw)
		if len(problems) != 1 || problems[0].Reason != "readiness.problem.nothing_answered" {
			t.Errorf("%s: problems %+v", lang, problems)
		}
		got.Template = ""
		for _, p := range got.Proposals {
			if p.Text != "" {
				t.Errorf("proposal %+v", p)
			}
		}
		got.Proposals = nil
		if diff := cmp.Diff(readiness.Return{Heading: "ỦY BAN NHÂN DÂN TỈNH MẪU"}, got, sameAnswers); diff != "" {
			t.Errorf("%s: the blank form says something (-want +got):\n%s", lang, diff)
		}
	}
}

// Another program that saves our form drops what it hides and rewrites every
// control; the answers stay.
func TestSavedByAnotherProgram(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	want, _ := readFile(t, tpl, "testdata/tinh-thai-nguyen.docx")
	got, problems := readFile(t, tpl, "testdata/resaved-by-libreoffice.docx")
	if diff := cmp.Diff(want, got, sameAnswers); diff != "" || len(problems) != 0 {
		t.Errorf("(-want +got):\n%s%v", diff, problems)
	}
}

// odd are texts that break careless writers and readers.
var odd = []string{
	"=1+1", "+84", "-x", "@a", "<b>đậm</b>", "😀 emoji", "hai\ndòng", "\n", " ", "Ví dụ: thử", "Đã đáp ứng", "Không có", "…", "a;b", "{number}",
	"1. Thông tin về cán bộ đầu mối", "b) Đề xuất, kiến nghị:", "tab\tgiữa", "e\u0302\u0301", "\x00\x0b", "64/187",
	"tháng 6/2023", "Hệ thống thông tin giải quyết thủ tục hành chính",
	"CSDL A\nCSDL B", "- gạch", "Quyết định số 12/QĐ-UBND ngày 1/2/2023", "Chọn một trong các phương án:", "STT", "1", "2",
	"5.1", "Nơi nhận:", "]]>", "&amp;",
}

func anyText(label string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		switch rapid.IntRange(0, 3).Draw(t, label) {
		case 0:
			return ""
		case 1:
			return rapid.SampledFrom(odd).Draw(t, label)
		case 2:
			return rapid.String().Draw(t, label)
		}
		return rapid.StringMatching(`[A-Za-zĐđàáâăêôơưạ ,.;:/()0-9\n-]{0,60}`).Draw(t, label)
	})
}

// anyReturn makes a valid return: answers to rows of the form, options of its
// lists, systems that are declared.
func anyReturn(tpl *readiness.Template) *rapid.Generator[readiness.Return] {
	return rapid.Custom(func(t *rapid.T) readiness.Return {
		text := anyText("text")
		ret := readiness.Return{Heading: text.Draw(t, "heading"), Contact: readiness.Contact{
			FullName: text.Draw(t, "name"), Organisation: text.Draw(t, "org"), Position: text.Draw(
				t, "position",
			), Phone: text.Draw(t, "phone"), Email: text.Draw(t, "email"),
		}}
		ret.Letter = anyLetter(t)
		for i := range rapid.IntRange(0, 4).Draw(t, "systems") {
			ret.Systems = append(ret.Systems, readiness.System{
				ID: fmt.Sprintf("s%d", i+1), Name: text.Draw(t, "system"), Unit: text.Draw(t, "unit"),
				Kind: rapid.SampledFrom([]string{readiness.SystemProcedure, readiness.SystemDatabase, readiness.SystemOther}).Draw(t, "kind"),
			})
		}
		for _, row := range tpl.Rows {
			switch row.Kind {
			case readiness.Single:
				if rapid.Bool().Draw(t, "given") {
					ret.Answers = append(ret.Answers, anyAnswer(t, tpl, row, 1, ret.Systems))
				}
			case readiness.Repeat:
				for n := range rapid.IntRange(0, 3).Draw(t, "repeats") {
					ret.Answers = append(ret.Answers, anyAnswer(t, tpl, row, n+1, ret.Systems))
				}
			case readiness.Group:
				for n := range rapid.IntRange(0, 2).Draw(t, "groups") {
					for _, item := range tpl.Items(row.Key) {
						ret.Answers = append(ret.Answers, anyAnswer(t, tpl, item, n+1, ret.Systems))
					}
				}
			}
		}
		for _, g := range tpl.Proposals {
			if rapid.Bool().Draw(t, "proposed") {
				ret.Proposals = append(ret.Proposals, readiness.Proposal{Group: g.Key, Text: text.Draw(t, "proposal")})
			}
		}
		ret.Difficulties = rapid.SliceOfN(text, 0, 3).Draw(t, "difficulties")
		ret.Recommendations = rapid.SliceOfN(text, 0, 3).Draw(t, "recommendations")
		for range rapid.IntRange(0, 2).Draw(t, "extras") {
			ret.Extra = append(ret.Extra, readiness.Extra{Text: text.Draw(t, "extra")})
		}
		return ret
	})
}

func anyLetter(t *rapid.T) readiness.LetterRef {
	if rapid.Bool().Draw(t, "no letter") {
		return readiness.LetterRef{}
	}
	return readiness.LetterRef{
		Number: rapid.SampledFrom([]string{"812/UBND-CNN&XD", "12/QĐ-TTg", "5", ""}).Draw(t, "number"),
		Date:   clock.NewDate(2023, 2, rapid.IntRange(1, 28).Draw(t, "day")),
	}
}

func anyAnswer(t *rapid.T, tpl *readiness.Template, row readiness.Row, n int, systems []readiness.System) readiness.Answer {
	text := anyText("text")
	a := readiness.Answer{Row: row.Numbered(n), Key: row.Key, Unit: text.Draw(t, "unit"), Note: text.Draw(t, "note")}
	if len(systems) > 0 && row.Kind != readiness.Single {
		s := rapid.SampledFrom(systems).Draw(t, "of")
		a.SystemID, a.System = s.ID, s.Name
	}
	option := func(list string) string {
		keys := []string{""}
		for _, o := range tpl.Options[list] {
			keys = append(keys, o.Key)
		}
		return rapid.SampledFrom(keys).Draw(t, list)
	}
	a.Compliance = option(row.Options)
	if row.Stage {
		if a.Stage = option(readiness.StageList); a.Stage == "other" {
			a.StageOther = text.Draw(t, "other")
		}
		if rapid.Bool().Draw(t, "expected") {
			a.ExpectedMonth = readiness.Month(fmt.Sprintf(
				"%d-%02d", rapid.IntRange(2020, 2030).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"),
			))
			a.Precision = rapid.SampledFrom([]readiness.Precision{
				readiness.ByDay, readiness.ByMonth, readiness.ByQuarter, readiness.ByHalf, readiness.ByYear,
			}).Draw(t, "precision")
		}
	}
	asks := func(ask readiness.Ask) bool { return slices.Contains(row.Asks, ask) && rapid.Bool().Draw(t, "asked") }
	if asks(readiness.AskCause) {
		a.Causes = rapid.SliceOfN(text, 0, 2).Draw(t, "causes")
	}
	if asks(readiness.AskUnmet) {
		a.Unmet = rapid.SliceOfN(text, 0, 2).Draw(t, "unmet")
	}
	count := func() *int {
		if rapid.Bool().Draw(t, "counted") {
			n := rapid.IntRange(0, 20000).Draw(t, "count")
			return &n
		}
		return nil
	}
	if asks(readiness.AskUnits) {
		a.Counts = &readiness.Counts{UnitsUnmet: count(), UnitsTotal: count(), DevicesHave: count(), DevicesNeed: count()}
	}
	if asks(readiness.AskDecision) {
		ref := anyLetter(t)
		a.Decision = &ref
	}
	return a
}

// TestWriteThenRead: whatever a valid return holds, printing and reading it
// again gives the same answers.
func TestWriteThenRead(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	rapid.Check(t, func(rt *rapid.T) {
		want := anyReturn(tpl).Draw(rt, "return")
		raw := write(t, tpl, &want, readinessdocx.Options{})
		got, _ := read(t, tpl, raw)
		if diff := cmp.Diff(want, got, sameAnswers); diff != "" {
			rt.Fatalf("(-want +got):\n%s", diff)
		}
	})
}
