package readinessxlsx_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"dean06/internal/platform/clock"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessxlsx"
)

func appendix488(t testing.TB) *readiness.Template {
	t.Helper()
	raw, err := os.ReadFile("../../../data/readiness/template-488.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := readiness.LoadTemplate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

var options = readinessxlsx.Options{
	AgencyCode: "H55", AgencyName: "Ủy ban nhân dân tỉnh Mẫu",
	CampaignCode: "488", CampaignName: "Văn bản số 488/BTTTT-CĐSQG ngày 15/02/2023", Kind: "province", Lang: "vi",
}

func write(t testing.TB, tpl *readiness.Template, ret *readiness.Return, opts readinessxlsx.Options) []byte {
	t.Helper()
	raw, err := readinessxlsx.Write(tpl, ret, opts)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func read(t testing.TB, tpl *readiness.Template, raw []byte) (readiness.Return, []readiness.Problem) {
	t.Helper()
	ret, problems, err := readinessxlsx.Read(tpl, "mau.xlsx", bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return ret, problems
}

// same compares returns without what the reader adds about the paper.
var same = cmp.Options{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(readiness.Answer{}, "Readings"), cmpopts.EquateComparable(clock.Date{})}

func number(n int) *int { return &n }

// sample is a return with something in each field.
func sample() readiness.Return {
	portal := "Hệ thống thông tin giải quyết thủ tục hành chính tỉnh Mẫu"
	return readiness.Return{
		Campaign: "488", Agency: "H55", Template: "488/1", Heading: "ỦY BAN NHÂN DÂN TỈNH MẪU",
		Letter: readiness.LetterRef{Number: "812/UBND-CNN&XD", Date: clock.MustDate("2023-02-24")},
		Contact: readiness.Contact{
			FullName: "Nguyễn Văn Mẫu", Organisation: "Sở Thông tin và Truyền thông", Position: "Phó Trưởng phòng",
			Phone: "+84 900 000 000", Email: "mau@tinhmau.example.vn",
		},
		Systems: []readiness.System{
			{ID: "s1", Name: portal, Kind: readiness.SystemProcedure, Unit: "Văn phòng UBND", Aliases: []string{"Cổng dịch vụ công", "HTTT TTHC"}},
			{ID: "s2", Name: "CSDL đất đai", Kind: readiness.SystemOther, Unit: "Sở TNMT"},
		},
		Answers: []readiness.Answer{
			{
				Row: "1.1", Key: "1.n", SystemID: "s1", System: portal, Unit: "Sở TTTT", Compliance: "partially_met", Stage: "procuring",
				ExpectedMonth: "2023-06", Precision: readiness.ByMonth, Note: "Nguyên nhân: đường truyền đang nâng cấp.",
				Causes: []string{"đường truyền đang nâng cấp"},
			},
			{
				Row: "1.2", Key: "1.n", SystemID: "s2", System: "CSDL đất đai", Compliance: "not_met", Stage: "other",
				StageOther: "chờ hướng dẫn", ExpectedMonth: "2023-12", Precision: readiness.ByYear,
			},
			{
				Row: "2", Key: "2", Unit: "VP UBND", Compliance: "partially_met",
				Unmet: []string{"Số hoá hồ sơ", "kết nối Hệ thống định danh\nvà xác thực"},
			},
			{
				Row: "3", Key: "3", Compliance: "partially_met", Note: "=cmd|'/c calc'!A1",
				Counts: &readiness.Counts{UnitsUnmet: number(64), UnitsTotal: number(187), DevicesHave: number(1240), DevicesNeed: number(0)},
			},
			{Row: "4.1", Key: "4.1", SystemID: "s1", System: portal, Compliance: "met"},
			{
				Row: "4.3", Key: "4.3", SystemID: "s2", System: "CSDL đất đai", Compliance: "not_met", ExpectedMonth: "2023-09",
				Precision: readiness.ByQuarter,
			},
			{Row: "4.3", Key: "4.3", System: "@SUM(1)", Compliance: "met"},
			{
				Row: "5.1-a", Key: "5.n-a", SystemID: "s1", System: portal, Compliance: "approved",
				Decision: &readiness.LetterRef{Number: "1033/QĐ-STTTT", Date: clock.MustDate("2022-05-12")},
			},
			{Row: "5.1-b", Key: "5.n-b", SystemID: "s1", System: portal, Compliance: "met"},
			{Row: "5.2-b", Key: "5.n-b", SystemID: "s2", System: "CSDL đất đai", Compliance: "not_met", Unmet: []string{"IDS/IPS", "- WAF"}},
		},
		Proposals:       []readiness.Proposal{{Group: "network"}, {Group: "other", Text: "Bổ sung máy chủ\ndự phòng"}},
		Difficulties:    []string{"Thiếu kinh phí", "-1+1"},
		Recommendations: []string{"Sớm có hướng dẫn"},
		Extra:           []readiness.Extra{{Where: readiness.Place{Part: "2", Table: 1, Line: 4, Column: "note"}, Text: "Xem phụ lục kèm theo"}},
	}
}

func TestFilledWorkbookReadsBackTheSame(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	for _, lang := range []string{"vi", "en"} {
		for _, kind := range []string{"ministry", "province"} {
			want := sample()
			opts := options
			opts.Lang, opts.Kind = lang, kind
			got, problems := read(t, tpl, write(t, tpl, &want, opts))
			if diff := cmp.Diff(want, got, same); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", lang, kind, diff)
			}
			if len(problems) > 0 {
				t.Errorf("%s %s: %d problems, want none: %+v", lang, kind, len(problems), problems)
			}
		}
	}
}

// What Write hides is JSON with escapes. An accent right after an escape, as in
// the place of an extra text, must not be composed with the escape's last letter.
func TestHiddenTraceKeepsAccentsAfterEscapes(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	for _, odd := range []string{"<\u0302", ">\u0301", "&\u0303", "a\u2028\u0301", "\x01\u0308", "=\u0338"} {
		want := sample()
		odd = tidy(odd)
		want.Extra = []readiness.Extra{{Where: readiness.Place{Part: "2", Line: 3, Column: odd}, Text: "a"}}
		want.Systems[0].Name = odd
		for i := range want.Answers {
			if want.Answers[i].SystemID == "s1" {
				want.Answers[i].System = odd
			}
		}
		got, problems := read(t, tpl, write(t, tpl, &want, options))
		if diff := cmp.Diff(want, got, same); diff != "" || len(problems) > 0 {
			t.Errorf("%+q (-want +got):\n%s\nproblems %+v", odd, diff, problems)
		}
	}
}

// A name that came with its accents apart is still the system that was exported.
func TestSystemWithAccentsApartKeepsItsID(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	apart := norm.NFD.String("Cơ sở dữ liệu đất đai")
	ret := sample()
	ret.Systems[1].Name = apart
	for i := range ret.Answers {
		if ret.Answers[i].SystemID == "s2" {
			ret.Answers[i].System = apart
		}
	}
	got, _ := read(t, tpl, write(t, tpl, &ret, options))
	for i, a := range got.Answers {
		if want := ret.Answers[i]; a.SystemID != want.SystemID || a.System != want.System {
			t.Errorf("answer %s: system %q %q, want %q %q", a.Row, a.SystemID, a.System, want.SystemID, want.System)
		}
	}
}

func TestBlankWorkbookHasNoAnswers(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	got, problems := read(t, tpl, write(t, tpl, nil, options))
	want := readiness.Return{Campaign: "488", Agency: "H55", Template: "488/1"}
	if diff := cmp.Diff(want, got, same); diff != "" || len(problems) > 0 {
		t.Errorf("(-want +got):\n%s\nproblems %+v", diff, problems)
	}
}

// texts are what people and mischief write into cells, as the reader keeps
// them: composed and without blanks around.
func texts() *rapid.Generator[string] {
	odd := rapid.SampledFrom([]string{
		"", "=1+1", "=cmd|'/c calc'!A1", "+84 900", "-1", "@SUM(A1)", "\tx", "<b>&amp;</b>", "]]>", "_x000D_", "_x0041_", "_x",
		"a\nb", "- a\n- b",
		"Ví dụ: abc", "Đã đáp ứng", "Không", "06/2023", "12", "1.240/1.875", "'quoted", `"q"`, "😀 emoji",
		"Số hoá hồ sơ; kết nối", "\x01\x02", "x\u2028y", "TRUE", "#REF!", "1e5", "dean06:part2",
	})
	return rapid.Map(rapid.OneOf(odd, rapid.String(), rapid.StringN(0, 400, -1)), tidy)
}

func tidy(s string) string {
	s = string(bytes.ToValidUTF8([]byte(s), []byte("\ufffd")))
	s = string(bytes.ReplaceAll(bytes.ReplaceAll([]byte(s), []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n")))
	return norm.NFC.String(string(bytes.TrimSpace([]byte(s))))
}

func returns(tpl *readiness.Template, kind string) *rapid.Generator[readiness.Return] {
	return rapid.Custom(func(t *rapid.T) readiness.Return {
		text := func(what string) string { return texts().Draw(t, what) }
		filled := func(what string) string {
			return texts().Filter(func(s string) bool { return s != "" }).Draw(t, what)
		}
		list := func(what string) []string {
			return rapid.SliceOfN(rapid.Map(texts().Filter(func(s string) bool { return s != "" }), listItem), 0, 3).Draw(t, what)
		}
		day := func(what string) clock.Date {
			n := rapid.IntRange(-1, 20000).Draw(t, what)
			if n < 0 {
				return clock.Date{}
			}
			return clock.NewDate(1990, 1, 1+n)
		}
		ret := readiness.Return{
			Campaign: "488", Agency: "H55", Template: tpl.Ref(), Heading: text("heading"),
			Letter: readiness.LetterRef{Number: text("letter"), Date: day("letter day")},
			Contact: readiness.Contact{
				FullName: text("name"), Organisation: text("org"), Position: text("position"), Phone: text("phone"),
				Email: text("email"),
			},
		}
		for i := range rapid.IntRange(0, 15).Draw(t, "systems") {
			ret.Systems = append(ret.Systems, readiness.System{
				ID: fmt.Sprintf("s%d", i+1), Name: filled("system"), Unit: text("system unit"), Aliases: list("aliases"),
				Kind: rapid.SampledFrom([]string{readiness.SystemProcedure, readiness.SystemDatabase, readiness.SystemOther}).Draw(t, "kind"),
			})
		}
		choice := func(list string) string {
			n := rapid.IntRange(-1, len(tpl.Options[list])-1).Draw(t, list)
			if n < 0 {
				return ""
			}
			return tpl.Options[list][n].Key
		}
		count := func(what string) *int {
			if n := rapid.IntRange(-1, 999_999_999).Draw(t, what); n >= 0 {
				return &n
			}
			return nil
		}
		answer := func(r readiness.Row, n int, system readiness.System, written string) readiness.Answer {
			a := readiness.Answer{
				Row: r.Numbered(n), Key: r.Key, SystemID: system.ID, System: written, Unit: text("unit"),
				Compliance: choice(r.Options), Note: text("note"), Causes: list("causes"), Unmet: list("unmet"),
			}
			if r.Stage {
				a.Stage, a.StageOther = choice(readiness.StageList), text("other")
				if m := rapid.IntRange(0, 400).Draw(t, "month"); m > 0 {
					a.ExpectedMonth = readiness.Month(fmt.Sprintf("%04d-%02d", 2000+m/12, 1+m%12))
					a.Precision = rapid.SampledFrom([]readiness.Precision{
						"", readiness.ByDay, readiness.ByMonth, readiness.ByQuarter, readiness.ByHalf, readiness.ByYear,
					}).Draw(t, "precision")
				}
			}
			if c := (readiness.Counts{
				UnitsUnmet: count("a"), UnitsTotal: count("b"), DevicesHave: count("c"), DevicesNeed: count("d"),
			}); c != (readiness.Counts{}) && rapid.Bool().Draw(t, "counts") {
				a.Counts = &c
			}
			if d := (readiness.LetterRef{Number: text("decision"), Date: day("decision day")}); d != (readiness.LetterRef{}) &&
				rapid.Bool().Draw(t, "decided") {
				a.Decision = &d
			}
			return a
		}
		system := func() (readiness.System, string) {
			n := rapid.IntRange(-1, len(ret.Systems)-1).Draw(t, "which")
			if n < 0 {
				return readiness.System{}, text("unlisted system")
			}
			s := ret.Systems[n]
			return s, rapid.SampledFrom(append([]string{"", s.Name}, s.Aliases...)).Draw(t, "written")
		}
		add := func(a readiness.Answer) {
			if !a.Empty() {
				ret.Answers = append(ret.Answers, a)
			}
		}
		for _, r := range tpl.Rows {
			switch r.Kind {
			case readiness.Single:
				if rapid.IntRange(0, 5).Draw(t, "skip") > 0 {
					s, written := system()
					add(answer(r, 1, s, written))
				}
			case readiness.Repeat:
				for n := range rapid.IntRange(0, 9).Draw(t, "times") {
					s, written := system()
					add(answer(r, n+1, s, written))
				}
			case readiness.Group:
				for n := range rapid.IntRange(0, 9).Draw(t, "times") {
					s, written := system()
					for _, item := range tpl.Items(r.Key) {
						if rapid.IntRange(0, 4).Draw(t, "skip") > 0 {
							add(answer(item, n+1, s, written))
						}
					}
				}
			}
		}
		for _, g := range tpl.Proposals {
			for range rapid.IntRange(0, 2).Draw(t, "proposals") {
				p := readiness.Proposal{Group: g.Key, Text: text("proposal")}
				if f := readiness.Fold(p.Text); f == readiness.Fold(tpl.Nothing.Vi) || f == readiness.Fold(tpl.Nothing.En) {
					p.Text = ""
				}
				ret.Proposals = append(ret.Proposals, p)
			}
		}
		for range rapid.IntRange(0, 12).Draw(t, "difficulties") {
			ret.Difficulties = append(ret.Difficulties, filled("difficulty"))
		}
		for range rapid.IntRange(0, 3).Draw(t, "recommendations") {
			ret.Recommendations = append(ret.Recommendations, filled("recommendation"))
		}
		for range rapid.IntRange(0, 3).Draw(t, "extra") {
			ret.Extra = append(ret.Extra, readiness.Extra{
				Where: readiness.Place{Part: "2", Line: 3, Column: text("column")}, Text: filled("extra text"),
			})
		}
		return ret
	})
}

// listItem is an item as lists hold it: no line with blanks at its ends.
func listItem(s string) string {
	lines := bytes.Split([]byte(s), []byte("\n"))
	for i := range lines {
		lines[i] = bytes.TrimSpace(lines[i])
	}
	return tidy(string(bytes.Join(lines, []byte("\n"))))
}

func TestAnyReturnComesBackTheSame(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]string{"ministry", "province"}).Draw(t, "agency")
		want := returns(tpl, kind).Draw(t, "return")
		opts := options
		opts.Kind, opts.Lang = kind, rapid.SampledFrom([]string{"vi", "en"}).Draw(t, "lang")
		raw, err := readinessxlsx.Write(tpl, &want, opts)
		if err != nil {
			t.Fatal(err)
		}
		got, problems, err := readinessxlsx.Read(tpl, "mau.xlsx", bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, same); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		for _, p := range problems {
			// Some drawn texts are TCVN3, or signs of a symbol font, by chance.
			oldFont, sign := readiness.TraceOldFont, readiness.TraceUnknownSign
			if p.Severity != readiness.Notes && p.Reason != oldFont.Reason(p.Row) && p.Reason != sign.Reason(p.Row) {
				t.Fatalf("problem %+v", p)
			}
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	tpl, ret := appendix488(b), sample()
	b.ReportAllocs()
	var size int
	for b.Loop() {
		size = len(write(b, tpl, &ret, options))
	}
	b.ReportMetric(float64(size)/1024, "KiB/file")
}

func BenchmarkRead(b *testing.B) {
	tpl, ret := appendix488(b), sample()
	raw := write(b, tpl, &ret, options)
	b.ReportAllocs()
	for b.Loop() {
		read(b, tpl, raw)
	}
}
